/* test_schema_check.c - values of every type of field: which shapes are right, what is
 * read and refused, names by hash of what has not its shape, and too little memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/date.h"
#include "batch_fixture.h"
#include "core/schema.h"
#include "scant.h"

static const uint8_t zeros[33];

#define INT_OF(n)                                                                        \
	{                                                                                \
		.type = VALUE_INT, .number = (n)                                         \
	}
#define BYTES_OF(n)                                                                      \
	{                                                                                \
		.type = VALUE_BYTES, .bytes = { zeros, (n) }                             \
	}
#define WORDS_OF(kind, text)                                                             \
	{                                                                                \
		.type = (kind), .bytes = SPAN_LITERAL(text)                              \
	}
#define SPAN_LITERAL(text)                                                               \
	{                                                                                \
		(const uint8_t *)(text), sizeof(text) - 1                                \
	}

static const struct shape_case {
	enum field_type type;
	struct value value;
	bool is_right;
} shapes[] = {
    {FIELD_DATE, INT_OF(0), true},
    {FIELD_DATE, INT_OF(DATE_DAYS_MAX), true},
    {FIELD_DATE, INT_OF(DATE_DAYS_MAX + 1ULL), false},
    {FIELD_DATE, WORDS_OF(VALUE_TEXT, "2027-04-12"), false},
    {FIELD_VOCAB, INT_OF(1), true},
    {FIELD_VOCAB, INT_OF(0), false},
    {FIELD_VOCAB, INT_OF(99), false},
    {FIELD_VOCAB, BYTES_OF(1), false},
    {FIELD_MARKS, INT_OF(MARK_ABSENT), true},
    {FIELD_MARKS, INT_OF(MARK_COUNT), false},
    {FIELD_MARKS, WORDS_OF(VALUE_TEXT, "present"), false},
    {FIELD_INT, WORDS_OF(VALUE_TEXT, "1"), false},
    {FIELD_CODE, WORDS_OF(VALUE_TEXT, "SK-9"), true},
    {FIELD_CODE, WORDS_OF(VALUE_TEXT, "sk-9"), false},
    {FIELD_CODE, WORDS_OF(VALUE_TEXT, "SK 9"), false},
    {FIELD_CODE, WORDS_OF(VALUE_TEXT, "SK[9"), false},
    {FIELD_CODE, WORDS_OF(VALUE_TEXT, ""), false},
    {FIELD_CODE, WORDS_OF(VALUE_TEXT, "SK-W12345-123456-"), false},
    {FIELD_CODE, INT_OF(9), false},
    {FIELD_NAME, WORDS_OF(VALUE_TEXT, "Mia Nöth"), true},
    {FIELD_NAME, WORDS_OF(VALUE_TEXT, "Mia\nNöth"), false},
    {FIELD_NAME, WORDS_OF(VALUE_RUN, "Mia Nöth"), false},
    {FIELD_TEXT, WORDS_OF(VALUE_TEXT, "a word"), true},
    {FIELD_TEXT, WORDS_OF(VALUE_RUN, "a word"), false},
    {FIELD_TEXT, WORDS_OF(VALUE_TEXT, "two\nlines"), false},
    {FIELD_TEXT, WORDS_OF(VALUE_TEXT, "\xC3"), false},
    {FIELD_SET, WORDS_OF(VALUE_TEXT, "SK-T1"), true},
    {FIELD_SET, WORDS_OF(VALUE_SEEN, "SK-T1"), false},
    {FIELD_LONGTEXT, WORDS_OF(VALUE_TEXT, "two\nlines"), true},
    {FIELD_LONGTEXT, WORDS_OF(VALUE_RUN, "a\ttab"), true},
    {FIELD_LONGTEXT, WORDS_OF(VALUE_RUN, "a bell\a"), false},
    {FIELD_LONGTEXT, WORDS_OF(VALUE_BYTES, "bytes"), false},
    {FIELD_COPY, WORDS_OF(VALUE_TEXT, "two\nlines"), true},
    {FIELD_COPY, WORDS_OF(VALUE_RUN, "two\nlines"), false},
    {FIELD_REF, BYTES_OF(16), true},
    {FIELD_REF, BYTES_OF(15), false},
    {FIELD_REF, INT_OF(16), false},
    {FIELD_PERSON, BYTES_OF(16), true},
    {FIELD_PERSON, BYTES_OF(17), false},
    {FIELD_HASH, BYTES_OF(32), true},
    {FIELD_HASH, BYTES_OF(33), false},
    {FIELD_HASH, WORDS_OF(VALUE_TEXT, "0123456789abcdef0123456789abcdef"), false},
};

/* Problems of the record that has this value alone, required ones not counted. */
static size_t
problems_of(const struct kind *k, const struct field *f, const struct value *v)
{
	const struct field_value one = {f->id, *v};
	struct problem problems[SCHEMA_FIELDS_MAX];
	size_t n = schema_check(k, &one, 1, problems, SCHEMA_FIELDS_MAX), found = 0;

	for (size_t i = 0; i < n; i++)
		if (problems[i].field == f) {
			assert_non_null(problems[i].expected);
			found++;
		}
	return found;
}

static size_t
check_shape(const struct shape_case *s)
{
	size_t n = 0;

	for (size_t i = 0; i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		for (size_t j = 0; j < k->n_fields; j++) {
			const struct field *f = &k->fields[j];
			bool has_room = f->max == 0 || s->value.bytes.len <= f->max;

			if (f->type != s->type || (s->is_right && !has_room))
				continue;
			assert_int_equal(
			    problems_of(k, f, &s->value), s->is_right ? 0 : 1);
			n++;
		}
	}
	return n;
}

static void
each_type_of_field_takes_its_shapes_and_no_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		assert_true(check_shape(&shapes[i]) > 0);
}

static void
numbers_are_right_from_their_least_to_their_largest(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		for (size_t j = 0; j < k->n_fields; j++) {
			const struct field *f = &k->fields[j];
			struct value v = INT_OF(f->min);

			if (f->type != FIELD_INT)
				continue;
			assert_int_equal(problems_of(k, f, &v), 0);
			v.number = f->max;
			assert_int_equal(problems_of(k, f, &v), 0);
			v.number = f->max + 1;
			assert_int_equal(problems_of(k, f, &v), 1);
			v.number = f->min - 1;
			assert_int_equal(problems_of(k, f, &v), 1);
		}
	}
}

static void
a_text_over_its_bytes_is_a_problem(void **state)
{
	static uint8_t many[1 << 16];
	const struct kind *k = schema_kind(KIND_YOUNG_PERSON);
	const struct field *f = schema_field(k, F_YOUNG_PERSON_FORM_NO);
	struct value v = {.type = VALUE_TEXT, .bytes = span_of(many, f->max)};

	(void)state;
	memset(many, 'x', sizeof many);
	assert_int_equal(problems_of(k, f, &v), 0);
	v.bytes.len++;
	assert_int_equal(problems_of(k, f, &v), 1);
}

static void
fields_of_a_newer_version_are_no_problem_and_more_problems_than_room_are_counted(
    void **state)
{
	const struct kind *k = schema_kind(KIND_ACTIVITY_DAY);
	const struct field_value values[] = {
	    {F_ACTIVITY_DAY_DAY_NO, INT_OF(40)}, {60000, INT_OF(1)}};
	struct problem first;

	(void)state;
	assert_true(schema_check(k, values, 2, &first, 1) > 1);
	assert_int_equal(
	    schema_check(k, values, 2, NULL, 0), schema_check(k, values, 1, &first, 1));
}

/* ---- text and back ---- */

static const struct field *
field_of_type(enum field_type type)
{
	for (size_t i = 0; i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		for (size_t j = 0; j < k->n_fields; j++)
			if (k->fields[j].type == type)
				return &k->fields[j];
	}
	fail_msg("no field of type %d", (int)type);
	return NULL;
}

static const struct {
	enum field_type type;
	const char *text;
	const char *back; /* NULL: refused */
} texts[] = {
    {FIELD_TEXT, "\xC3", NULL},
    {FIELD_INT, "1:", NULL},
    {FIELD_INT, "1/", NULL},
    {FIELD_DATE, "2027-04-12", "2027-04-12"},
    {FIELD_REF, "00112233445566778899aabbccddeeff", "00112233445566778899aabbccddeeff"},
    {FIELD_REF, "00112233445566778899aabbccddeefg", NULL},
    {FIELD_REF, "/0112233445566778899aabbccddeeff", NULL},
    {FIELD_REF, "0:112233445566778899aabbccddeeff", NULL},
    {FIELD_SET, " b ; a;;b; ", "a;b"},
    {FIELD_SET, " ; ;", ""},
    {FIELD_SET, "\xC3", NULL},
};

static void
texts_are_read_into_their_stored_form_or_refused(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct field *f = field_of_type(texts[i].type);
		struct value v;
		status st = schema_value_parse(f, span_text(texts[i].text), a, &v, NULL);

		assert_int_equal(st == ST_OK, texts[i].back != NULL);
		if (st == ST_OK)
			assert_true(span_equal(
			    schema_value_text(f, &v, a), span_text(texts[i].back)));
	}
	arena_free(a);
}

static void
a_set_of_65_words_is_refused(void **state)
{
	struct arena *a = arena_new(0);
	char text[65 * 3 + 1];
	struct value v;

	(void)state;
	for (size_t i = 0; i < 65; i++)
		snprintf(
		    text + 3 * i, 4, "%c%c;", (char)('A' + i / 26), (char)('a' + i % 26));
	assert_int_equal(schema_value_parse(field_of_type(FIELD_SET),
			     span_of((uint8_t *)text, 64 * 3), a, &v, NULL),
	    ST_OK);
	assert_int_equal(
	    schema_value_parse(field_of_type(FIELD_SET), span_text(text), a, &v, NULL),
	    ST_LIMIT);
	arena_free(a);
}

static void
a_field_without_a_type_is_a_defect_that_is_told(void **state)
{
	const struct field none = {.name = "x", .type = FIELD_TYPE_COUNT};
	struct value v;

	(void)state;
	assert_int_equal(
	    schema_value_parse(&none, span_text("x"), NULL, &v, NULL), ST_BUG);
}

/* ---- names by hash ---- */

static void
a_record_is_not_named_by_values_without_their_shape(void **state)
{
	const struct checks checks = {.hash = fx_hash};

	(void)state;
	for (size_t i = 0; i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);
		struct value values[SCHEMA_NAMED_BY_MAX] = {{.type = VALUE_EMPTY}};
		struct record_id id;
		struct trouble t = {0};

		if (k->naming != NAMED_BY_HASH)
			continue;
		assert_int_equal(
		    schema_record_name(k, values, 0, &checks, &id, &t), ST_MALFORMED);
		assert_int_equal(
		    schema_record_name(k, values, 1, &checks, &id, &t), ST_MALFORMED);
		assert_non_null(strstr(t.text, k->singular));
		for (size_t n = 0; n < SCHEMA_NAMED_BY_MAX; n++)
			values[n] = (struct value)BYTES_OF(15);
		assert_int_equal(
		    schema_record_name(k, values, SCHEMA_NAMED_BY_MAX, &checks, &id, &t),
		    ST_MALFORMED);
		for (size_t n = 0; n < SCHEMA_NAMED_BY_MAX; n++)
			values[n] = (struct value)WORDS_OF(VALUE_TEXT, "no code");
		assert_int_equal(
		    schema_record_name(k, values, SCHEMA_NAMED_BY_MAX, &checks, &id, &t),
		    ST_MALFORMED);
	}
}

static void
a_number_above_255_names_no_record(void **state)
{
	const struct checks checks = {.hash = fx_hash};
	const struct kind *k = schema_kind(KIND_ACTIVITY_DAY);
	struct value values[] = {BYTES_OF(16), INT_OF(255)};
	struct record_id id;

	(void)state;
	assert_int_equal(k->naming, NAMED_BY_HASH);
	assert_int_equal(schema_record_name(k, values, 2, &checks, &id, NULL), ST_OK);
	values[1].number = 256;
	assert_int_equal(
	    schema_record_name(k, values, 2, &checks, &id, NULL), ST_MALFORMED);
}

/* ---- memory ---- */

struct read_and_shown {
	const struct field *field;
	const char *text;
};

static status
call_read_and_show(void *ctx, struct arena *a, struct trouble *t)
{
	const struct read_and_shown *r = ctx;
	struct value v;
	status st = schema_value_parse(r->field, span_text(r->text), a, &v, t);

	if (st == ST_OK && schema_value_text(r->field, &v, a).bytes == NULL)
		st = trouble_set(t, ST_NO_MEMORY, "value as text");
	return st;
}

static void
too_little_memory_is_told_by_each_type_that_needs_some(void **state)
{
	static const struct {
		enum field_type type;
		const char *text;
	} cases[] = {{FIELD_TEXT, "a word"}, {FIELD_NAME, "Mia Nöth"}, {FIELD_INT, "1"},
	    {FIELD_DATE, "2027-04-12"}, {FIELD_REF, "00112233445566778899aabbccddeeff"},
	    {FIELD_SET, "a;b;c"}, {FIELD_CODE, "SK"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct read_and_shown r = {field_of_type(cases[i].type), cases[i].text};

		scant_try(call_read_and_show, &r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_type_of_field_takes_its_shapes_and_no_others),
	    cmocka_unit_test(numbers_are_right_from_their_least_to_their_largest),
	    cmocka_unit_test(a_text_over_its_bytes_is_a_problem),
	    cmocka_unit_test(
		fields_of_a_newer_version_are_no_problem_and_more_problems_than_room_are_counted),
	    cmocka_unit_test(texts_are_read_into_their_stored_form_or_refused),
	    cmocka_unit_test(a_set_of_65_words_is_refused),
	    cmocka_unit_test(a_field_without_a_type_is_a_defect_that_is_told),
	    cmocka_unit_test(a_record_is_not_named_by_values_without_their_shape),
	    cmocka_unit_test(a_number_above_255_names_no_record),
	    cmocka_unit_test(too_little_memory_is_told_by_each_type_that_needs_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
