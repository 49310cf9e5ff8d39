/* test_csv.c - rows out of CSV text: delimiters, quotes, faults, line numbers, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/csv.h"

static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(0);
	return arena == NULL;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
open_text(struct csv *c, const char *text)
{
	struct csv_row header;

	assert_int_equal(csv_open(c, span_text(text), arena, &header, NULL), ST_OK);
	assert_int_equal(header.line, 1);
}

static bool
next_row(struct csv *c, struct csv_row *row)
{
	bool has_row;

	assert_int_equal(csv_next(c, arena, row, &has_row, NULL), ST_OK);
	return has_row;
}

static void
assert_cell(const struct csv_row *row, size_t n, const char *want)
{
	assert_true(n < row->n_cells);
	assert_int_equal(row->fault, CSV_OK);
	assert_true(span_equal(row->cells[n], span_text(want)));
}

static void
rows_end_with_lf_crlf_or_cr(void **state)
{
	struct csv_row row;
	struct csv c;

	(void)state;
	open_text(&c, "a,b\r\n1,2\r3,4\n5,");
	assert_true(next_row(&c, &row));
	assert_cell(&row, 1, "2");
	assert_int_equal(row.line, 2);
	assert_true(next_row(&c, &row));
	assert_cell(&row, 0, "3");
	assert_int_equal(row.line, 3);
	assert_true(next_row(&c, &row)); /* no line end at the end: still a row */
	assert_cell(&row, 0, "5");
	assert_cell(&row, 1, "");
	assert_int_equal(row.line, 4);
	assert_false(next_row(&c, &row));
	assert_false(next_row(&c, &row));
}

static void
the_header_decides_the_delimiter(void **state)
{
	static const char *const files[] = {"a;b\n1,2;3\n", "a\tb\n1,2\t3\n",
	    "sep=,\r\na;b\n1,2;3\n", "\"a,x\";b\n1,2;3\n"};
	struct csv_row row, header;
	struct csv c;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		assert_int_equal(
		    csv_open(&c, span_text(files[i]), arena, &header, NULL), ST_OK);
		assert_int_equal(header.n_cells, 2);
		assert_true(next_row(&c, &row));
		assert_cell(&row, 0, "1,2");
		assert_cell(&row, 1, "3");
	}
}

static void
quotes_hide_delimiters_breaks_and_doubled_quotes(void **state)
{
	struct csv_row row;
	struct csv c;

	(void)state;
	open_text(&c, "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",\"\"\nd\"e,f\n");
	assert_true(next_row(&c, &row));
	assert_cell(&row, 0, "x,y");
	assert_cell(&row, 1, "say \"hi\"");
	assert_true(next_row(&c, &row));
	assert_cell(&row, 0, "two\r\nlines");
	assert_cell(&row, 1, "");
	assert_int_equal(row.line, 3);
	assert_true(next_row(&c, &row)); /* a quote inside of a plain cell is a letter */
	assert_cell(&row, 0, "d\"e");
	assert_int_equal(row.line, 5); /* the row before had two lines */
}

static void
a_bad_row_does_not_stop_the_reading(void **state)
{
	static const enum csv_fault faults[] = {
	    CSV_CONTROL, CSV_CELLS, CSV_CELLS, CSV_AFTER_QUOTE, CSV_OK, CSV_QUOTE_OPEN};
	struct csv_row row;
	struct csv c;
	size_t n = 0;

	(void)state;
	open_text(
	    &c, "a,b\nbell\x07,1\nfew\nmany,1,2\n\"x\"y,1\n\n\nok,1\n\"open,1\nlast,2\n");
	while (next_row(&c, &row)) {
		assert_true(n < sizeof faults / sizeof faults[0]);
		assert_int_equal(row.fault, faults[n]);
		assert_non_null(csv_fault_text(row.fault));
		n++;
	}
	assert_int_equal(
	    n, sizeof faults / sizeof faults[0]); /* the last took the rest */
}

static void
a_nul_byte_is_a_fault_of_its_row(void **state)
{
	static const char text[] = "a,b\nx\0y,1\nz,2\n";
	struct csv_row row, header;
	struct csv c;

	(void)state;
	assert_int_equal(
	    csv_open(&c, span_of(text, sizeof text - 1), arena, &header, NULL), ST_OK);
	assert_true(next_row(&c, &row));
	assert_int_equal(row.fault, CSV_NUL);
	assert_true(next_row(&c, &row));
	assert_cell(&row, 0, "z");
}

static void
a_cell_of_exactly_the_limit_is_taken_and_one_more_is_not(void **state)
{
	char *text = malloc(CSV_CELL_BYTES_MAX + 100);
	struct csv_row row;
	struct csv c;

	(void)state;
	assert_non_null(text);
	for (int over = 0; over <= 1; over++) {
		for (int quoted = 0; quoted <= 1; quoted++) {
			size_t len = (size_t)CSV_CELL_BYTES_MAX + (size_t)over;
			char *at = text + sprintf(text, "a\n%s", quoted ? "\"" : "");

			memset(at, 'x', len);
			strcpy(at + len, quoted ? "\"\nok\n" : "\nok\n");
			open_text(&c, text);
			assert_true(next_row(&c, &row));
			assert_int_equal(row.fault, over ? CSV_CELL_LONG : CSV_OK);
			assert_true(next_row(&c, &row));
			assert_cell(&row, 0, "ok");
		}
	}
	free(text);
}

static void
a_file_without_a_usable_header_is_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {{"", "empty file"}, {"\n\r\n", "empty file"},
	    {"a,b,a\n", "duplicate column a"}, {"a,,b\n", "column 2"},
	    {"\"a,b\n", "never closed"}, {"sep=;\n", "empty file"}};
	struct csv_row header;
	struct csv c;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trouble t = {0};

		assert_int_equal(
		    csv_open(&c, span_text(cases[i].text), arena, &header, &t),
		    ST_MALFORMED);
		assert_non_null(strstr(t.text, cases[i].says));
	}
}

static void
more_rows_or_bytes_than_the_limits_are_refused(void **state)
{
	size_t len = (size_t)CSV_FILE_BYTES_MAX + 1;
	char *text = malloc(len);
	struct csv_row row;
	struct csv c;
	bool has_row = true;
	size_t n = 0;
	status st = ST_OK;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 == 0 ? 'x' : '\n';
	assert_int_equal(csv_open(&c, span_of(text, len), arena, &row, NULL), ST_LIMIT);
	assert_int_equal(csv_open(&c, span_of(text, len - 1), arena, &row, NULL), ST_OK);
	for (; st == ST_OK && has_row; n++)
		st = csv_next(&c, arena, &row, &has_row, NULL);
	assert_int_equal(st, ST_LIMIT);
	assert_int_equal(n, CSV_ROWS_MAX + 1);
	free(text);
}

static void
a_file_of_one_endless_line_is_one_bad_row(void **state)
{
	size_t len = CSV_FILE_BYTES_MAX;
	char *text = malloc(len);
	struct csv_row row;
	struct csv c;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	memcpy(text, "a\n", 2);
	assert_int_equal(csv_open(&c, span_of(text, len), arena, &row, NULL), ST_OK);
	assert_true(next_row(&c, &row));
	assert_int_equal(row.fault, CSV_CELL_LONG);
	len /= 8; /* many cells are slower than one long one */
	memset(text + 2, ',', len - 2);
	assert_int_equal(csv_open(&c, span_of(text, len), arena, &row, NULL), ST_OK);
	assert_true(next_row(&c, &row));
	assert_int_equal(row.fault, CSV_CELLS);
	assert_false(next_row(&c, &row));
	free(text);
}

/* Reading must end and stay inside whatever the bytes are. */
static void
every_beginning_of_a_file_can_be_read(void **state)
{
	static const char text[] =
	    "sep=;\r\na;b\r\n\"x\"\"y\";\"two\r\nlines\"\r\n;;\"z\"q\n\"open;\"\"";

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		struct csv_row row;
		struct csv c;
		bool has_row = true;

		if (csv_open(&c, span_of(text, len), arena, &row, NULL) != ST_OK)
			continue;
		for (size_t n = 0; has_row; n++) {
			assert_true(n < 10);
			assert_int_equal(
			    csv_next(&c, arena, &row, &has_row, NULL), ST_OK);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_end_with_lf_crlf_or_cr),
	    cmocka_unit_test(the_header_decides_the_delimiter),
	    cmocka_unit_test(quotes_hide_delimiters_breaks_and_doubled_quotes),
	    cmocka_unit_test(a_bad_row_does_not_stop_the_reading),
	    cmocka_unit_test(a_nul_byte_is_a_fault_of_its_row),
	    cmocka_unit_test(a_cell_of_exactly_the_limit_is_taken_and_one_more_is_not),
	    cmocka_unit_test(a_file_without_a_usable_header_is_refused),
	    cmocka_unit_test(more_rows_or_bytes_than_the_limits_are_refused),
	    cmocka_unit_test(a_file_of_one_endless_line_is_one_bad_row),
	    cmocka_unit_test(every_beginning_of_a_file_can_be_read),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
