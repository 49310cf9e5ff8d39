/* csv.c - rows out of CSV text, one at a time. Pure.
 *
 * A cell is first measured, then cut: unquoted cells and quoted ones without a doubled
 * quote are borrowed from the text, only a doubled quote needs a copy. */
#include "core/csv.h"

#include "base/text.h"

#include <assert.h>

static bool
at_end(const struct csv *c)
{
	return c->at >= c->text.len;
}

static uint8_t
peek(const struct csv *c)
{
	return c->text.bytes[c->at];
}

static bool
is_break(uint8_t byte)
{
	return byte == '\n' || byte == '\r';
}

/* Takes CR, LF or CR LF and counts one line. */
static void
take_break(struct csv *c)
{
	if (peek(c) == '\r' && c->at + 1 < c->text.len &&
	    c->text.bytes[c->at + 1] == '\n')
		c->at++;
	c->at++;
	c->line++;
}

/* ---- cells ---- */

/* Behind the opening quote: the raw cell up to the closing one. n_doubled counts the
 * doubled quotes in it. False if there is no closing quote; everything is taken then. */
static bool
take_quoted(struct csv *c, struct span *raw, size_t *n_doubled)
{
	size_t begin = c->at;

	*n_doubled = 0;
	while (!at_end(c)) {
		if (peek(c) != '"') {
			if (is_break(peek(c)))
				take_break(c);
			else
				c->at++;
		} else if (c->at + 1 < c->text.len && c->text.bytes[c->at + 1] == '"') {
			c->at += 2;
			++*n_doubled;
		} else {
			*raw = span_of(c->text.bytes + begin, c->at - begin);
			c->at++;
			return true;
		}
	}
	*raw = span_of(c->text.bytes + begin, c->at - begin);
	return false;
}

static struct span
undouble(struct span raw, size_t n_doubled, struct arena *a)
{
	uint8_t *out;
	size_t used = 0;

	if (n_doubled == 0)
		return raw;
	out = arena_alloc(a, raw.len - n_doubled);
	if (out == NULL)
		return span_of(NULL, 0);
	for (size_t i = 0; i < raw.len; i++) {
		out[used++] = raw.bytes[i];
		if (raw.bytes[i] == '"')
			i++; /* its twin */
	}
	assert(used == raw.len - n_doubled);
	return span_of(out, used);
}

/* Up to the delimiter or the end of the row. */
static struct span
take_plain(struct csv *c)
{
	size_t begin = c->at;

	while (!at_end(c) && peek(c) != c->delimiter && !is_break(peek(c)))
		c->at++;
	return span_of(c->text.bytes + begin, c->at - begin);
}

static enum csv_fault
cell_fault(struct span cell)
{
	if (cell.len > CSV_CELL_BYTES_MAX)
		return CSV_CELL_LONG;
	if (cell.len > 0 && memchr(cell.bytes, '\0', cell.len) != NULL)
		return CSV_NUL;
	return text_has_control(cell, "\t\r\n") ? CSV_CONTROL : CSV_OK;
}

/* One cell; the first fault found is its own. *out is only valid without one. */
static status
take_cell(struct csv *c, struct arena *a, struct span *out, enum csv_fault *fault)
{
	struct span raw;
	size_t n_doubled;

	*fault = CSV_OK;
	*out = span_of(NULL, 0);
	if (at_end(c) || peek(c) != '"') {
		*out = take_plain(c);
		*fault = cell_fault(*out);
		return ST_OK;
	}
	c->at++;
	if (!take_quoted(c, &raw, &n_doubled)) {
		*fault = CSV_QUOTE_OPEN;
		return ST_OK;
	}
	if (!at_end(c) && peek(c) != c->delimiter && !is_break(peek(c))) {
		(void)take_plain(c);
		*fault = CSV_AFTER_QUOTE;
		return ST_OK;
	}
	if (raw.len - n_doubled > CSV_CELL_BYTES_MAX) { /* before any copy is made */
		*fault = CSV_CELL_LONG;
		return ST_OK;
	}
	*out = undouble(raw, n_doubled, a);
	if (out->bytes == NULL && raw.len > 0)
		return ST_NO_MEMORY;
	*fault = cell_fault(*out);
	return ST_OK;
}

/* ---- rows ---- */

/* A whole row up to and with its line break. The cells go to room. */
static status
take_row(struct csv *c, struct arena *a, struct span room[static CSV_CELLS_MAX],
    struct csv_row *row, struct trouble *t)
{
	*row = (struct csv_row){.line = c->line, .cells = room};
	for (;;) {
		enum csv_fault fault;
		struct span cell;
		status st = take_cell(c, a, &cell, &fault);

		if (st != ST_OK)
			return trouble_set(t, st, "line %zu", row->line);
		if (row->fault == CSV_OK)
			row->fault = fault;
		if (row->n_cells < CSV_CELLS_MAX)
			room[row->n_cells++] = cell;
		else if (row->fault == CSV_OK)
			row->fault = CSV_CELLS;
		if (at_end(c))
			return ST_OK;
		if (is_break(peek(c))) {
			take_break(c);
			return ST_OK;
		}
		assert(peek(c) == c->delimiter);
		c->at++;
	}
}

/* Only line breaks between here and the next row: an empty line is no row. */
static void
skip_empty_lines(struct csv *c)
{
	while (!at_end(c) && is_break(peek(c)))
		take_break(c);
}

/* The cells of room, kept in the arena. */
static status
keep_cells(struct csv_row *row, struct arena *a, struct trouble *t)
{
	struct span *kept = arena_zeros(a, row->n_cells, sizeof *kept);

	if (kept == NULL)
		return trouble_set(t, ST_NO_MEMORY, "line %zu", row->line);
	memcpy(kept, row->cells, row->n_cells * sizeof *kept);
	row->cells = kept;
	return ST_OK;
}

status
csv_next(
    struct csv *c, struct arena *a, struct csv_row *row, bool *has_row, struct trouble *t)
{
	struct span room[CSV_CELLS_MAX];
	status st;

	*has_row = false;
	*row = (struct csv_row){0};
	skip_empty_lines(c);
	if (at_end(c))
		return ST_OK;
	if (c->n_rows == CSV_ROWS_MAX)
		return trouble_set(t, ST_LIMIT, "more than %d rows", CSV_ROWS_MAX);
	st = take_row(c, a, room, row, t);
	if (st != ST_OK)
		return st;
	if (row->fault == CSV_OK && row->n_cells != c->n_header)
		row->fault = CSV_CELLS;
	c->n_rows++;
	*has_row = true;
	return keep_cells(row, a, t);
}

/* ---- head ---- */

/* The delimiter that stands most often in the first line, outside of quotes. */
static uint8_t
guess_delimiter(struct span text, size_t at)
{
	static const uint8_t delimiters[] = {',', ';', '\t'};
	size_t counts[sizeof delimiters] = {0}, best = 0;
	bool quoted = false;

	for (; at < text.len && (quoted || !is_break(text.bytes[at])); at++) {
		if (text.bytes[at] == '"')
			quoted = !quoted;
		for (size_t i = 0; !quoted && i < sizeof delimiters; i++)
			counts[i] += text.bytes[at] == delimiters[i];
	}
	for (size_t i = 1; i < sizeof delimiters; i++) {
		if (counts[i] > counts[best])
			best = i;
	}
	return delimiters[best];
}

/* A line `sep=;` that a spreadsheet wrote for another spreadsheet. */
static void
skip_separator_line(struct csv *c)
{
	static const char begin[] = "sep=";
	const size_t len = sizeof begin; /* with the one delimiter */

	if (c->text.len > len && memcmp(c->text.bytes, begin, len - 1) == 0 &&
	    is_break(c->text.bytes[len])) {
		c->at = len;
		take_break(c);
	}
}

static status
check_header(const struct csv_row *header, struct trouble *t)
{
	if (header->fault != CSV_OK)
		return trouble_set(t, ST_MALFORMED, "the header line: %s",
		    csv_fault_text(header->fault));
	for (size_t i = 0; i < header->n_cells; i++) {
		if (header->cells[i].len == 0)
			return trouble_set(
			    t, ST_MALFORMED, "column %zu has no name", i + 1);
		for (size_t j = 0; j < i; j++) {
			if (span_equal(header->cells[i], header->cells[j]))
				return trouble_set(t, ST_MALFORMED,
				    "duplicate column %.*s",
				    (int)(header->cells[i].len < 64 ? header->cells[i].len
								    : 64),
				    (const char *)header->cells[i].bytes);
		}
	}
	return ST_OK;
}

status
csv_open(struct csv *c, struct span text, struct arena *a, struct csv_row *header,
    struct trouble *t)
{
	struct span room[CSV_CELLS_MAX];
	status st;

	*c = (struct csv){.text = text, .line = 1};
	*header = (struct csv_row){0};
	if (text.len > CSV_FILE_BYTES_MAX)
		return trouble_set(
		    t, ST_LIMIT, "the file is larger than %d bytes", CSV_FILE_BYTES_MAX);
	skip_separator_line(c);
	skip_empty_lines(c);
	if (at_end(c))
		return trouble_set(t, ST_MALFORMED, "empty file");
	c->delimiter = guess_delimiter(text, c->at);
	st = take_row(c, a, room, header, t);
	if (st != ST_OK)
		return st;
	st = keep_cells(header, a, t);
	if (st != ST_OK)
		return st;
	c->n_header = header->n_cells;
	return check_header(header, t);
}

const char *
csv_fault_text(enum csv_fault fault)
{
	static const char *const texts[] = {
	    "fine",
	    "a NUL byte",
	    "a control character",
	    "a cell is longer than 4096 bytes",
	    "not as many cells as the header has",
	    "text after a closing quote",
	    "a quote is never closed",
	};

	_Static_assert(sizeof texts / sizeof texts[0] == CSV_FAULT_COUNT, "a text each");
	return texts[fault];
}
