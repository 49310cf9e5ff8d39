/* test_schema.c - the table of kinds and fields, values as text, checks, names by hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/date.h"
#include "core/schema.h"

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

static const struct field *
field_of(const char *kind, const char *field)
{
	const struct kind *k = schema_kind_named(span_text(kind));
	const struct field *f =
	    k == NULL ? NULL : schema_field_named(k, span_text(field));

	if (f == NULL) {
		fail_msg("no field %s.%s", kind, field);
		abort(); /* for compilers that do not know that fail_msg() does not return
			  */
	}
	return f;
}

static status
parse(const struct field *f, const char *text, struct value *v)
{
	return schema_value_parse(f, span_text(text), arena, v, NULL);
}

/* ---- the table ---- */

/* Ids are on the wire and in every stored record: this test fails if one ever changes. */
static void
ids_of_kinds_stay_what_they_were(void **state)
{
	static const struct {
		uint16_t id;
		const char *name;
	} kinds[] = {{1, "country"}, {2, "organisation"}, {3, "person"}, {4, "practice"},
	    {5, "activity"}, {6, "activity_day"}, {7, "team"}, {8, "young_person"},
	    {9, "enrolment"}, {10, "note"}, {11, "sheet"}, {12, "final_sheet"},
	    {13, "tally"}, {14, "reopen"}, {15, "provisional"}, {16, "country_tally"},
	    {17, "practice_section"}, {18, "decision"}, {19, "session"},
	    {20, "participation"}, {21, "adult_sheet"}, {22, "day_note"},
	    {23, "person_contact"}, {24, "roundtable"}, {25, "stakeholder"},
	    {26, "stakeholder_contact"}, {27, "stakeholder_view"}, {28, "contact_note"},
	    {29, "report"}, {30, "report_section"}, {31, "rating"}, {32, "signoff"},
	    {33, "advocacy"}, {34, "advocacy_section"}, {35, "minutes"},
	    {36, "submission"}, {37, "acceptance"}, {38, "paper"}, {39, "paper_section"},
	    {40, "publication"}, {41, "publication_item"}, {42, "erasure"},
	    {43, "snapshot"}};

	(void)state;
	assert_true(schema_kind_count() >= sizeof kinds / sizeof kinds[0]);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		assert_non_null(schema_kind(kinds[i].id));
		assert_string_equal(schema_kind(kinds[i].id)->name, kinds[i].name);
	}
	assert_null(schema_kind(0));
	assert_null(schema_kind(60000));
}

static void
every_row_of_the_table_makes_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		assert_ptr_equal(schema_kind(k->id), k);
		assert_ptr_equal(schema_kind_named(span_text(k->name)), k);
		assert_true(k->editors != 0 && k->n_fields > 0);
		assert_true(k->since >= 1 && k->since <= SCHEMA_VERSION);
		/* A subject is the pid, and personal records alone have one: the record
		 * of an erasure stays when its subject goes. */
		if (k->id != KIND_ERASURE)
			assert_int_equal(k->has_subject,
			    schema_field_named(k, span_text("pid")) != NULL);
		if (k->has_subject)
			assert_int_equal(k->retention, RETAIN_PERSONAL);
		if (k->naming == NAMED_AS_OTHER) {
			assert_non_null(schema_kind(k->named_by[0]));
			continue;
		}
		for (size_t n = 0; n < SCHEMA_NAMED_BY_MAX && k->named_by[n] != 0; n++)
			assert_true(schema_field(k, k->named_by[n])->is_required);
	}
}

static void
every_field_has_an_id_and_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		for (size_t n = 0; n < k->n_fields; n++) {
			const struct field *f = &k->fields[n];
			bool has_words = f->type == FIELD_VOCAB || f->type == FIELD_MARKS;

			assert_ptr_equal(schema_field(k, f->id), f);
			assert_ptr_equal(schema_field_named(k, span_text(f->name)), f);
			assert_int_equal(
			    has_words, f->type != FIELD_REF &&
					   vocabulary_size((enum vocabulary)f->of) > 0);
			if (f->type == FIELD_REF && f->of != KIND_NONE)
				assert_non_null(schema_kind(f->of));
			assert_non_null(schema_sql_type(f));
			assert_int_equal(
			    schema_default(f).n_ranks > 0, f->merge == DEFAULT_STRICTEST);
		}
	}
}

static void
young_people_are_written_by_their_team_alone(void **state)
{
	const struct kind *k = schema_kind(KIND_YOUNG_PERSON);

	(void)state;
	assert_false(schema_may_edit(k, EDIT_OFFICE));
	assert_true(schema_may_edit(k, EDIT_GUEST));
	assert_true(schema_may_edit(k, EDIT_OFFICE | EDIT_COORDINATOR));
	assert_int_equal(k->where, WHERE_ACTIVITY);
	assert_false(schema_may_edit(schema_kind(KIND_TALLY), EDIT_TRAINER | EDIT_GUEST));
	assert_int_equal(schema_kind(KIND_TALLY)->retention, RETAIN_AUDIT);
}

/* DOMAIN 2, column by column: where it lies, its class, who edits. */
static void
kinds_lie_where_the_domain_says(void **state)
{
	const unsigned tgn = EDIT_TRAINER | EDIT_GUEST | EDIT_COORDINATOR;
	const unsigned tn = EDIT_TRAINER | EDIT_COORDINATOR;
	const unsigned no = EDIT_COORDINATOR | EDIT_OFFICE;
	const struct {
		const char *name;
		enum where where;
		enum retention retention;
		unsigned editors;
		enum proviso proviso;
	} kinds[] = {
	    {"person_contact", WHERE_COUNTRY, RETAIN_ORDINARY, EDIT_COORDINATOR,
		PROVISO_ANY},
	    {"practice_section", WHERE_ALL, RETAIN_ORDINARY, tn,
		PROVISO_ORIGIN_OR_AUTHOR},
	    {"decision", WHERE_ALL, RETAIN_AUDIT, no, PROVISO_DECIDER},
	    {"session", WHERE_HOME, RETAIN_ORDINARY, no, PROVISO_ANY},
	    {"participation", WHERE_HOME, RETAIN_ORDINARY, tgn | EDIT_OFFICE,
		PROVISO_OFFICE_IN_ALL},
	    {"adult_sheet", WHERE_HOME, RETAIN_ORDINARY, tgn | EDIT_OFFICE,
		PROVISO_OFFICE_IN_ALL},
	    {"day_note", WHERE_ACTIVITY, RETAIN_PERSONAL, tgn, PROVISO_ANY},
	    {"roundtable", WHERE_OFFICE, RETAIN_ORDINARY, EDIT_COORDINATOR, PROVISO_ANY},
	    {"stakeholder", WHERE_OFFICE, RETAIN_ORDINARY, EDIT_COORDINATOR, PROVISO_ANY},
	    {"stakeholder_contact", WHERE_COUNTRY, RETAIN_ORDINARY, EDIT_COORDINATOR,
		PROVISO_ANY},
	    {"stakeholder_view", WHERE_COORD, RETAIN_ORDINARY, EDIT_COORDINATOR,
		PROVISO_ANY},
	    {"contact_note", WHERE_COORD, RETAIN_ORDINARY, EDIT_COORDINATOR, PROVISO_ANY},
	    {"report", WHERE_ALL, RETAIN_ORDINARY, tn, PROVISO_AUTHOR_OR_HOST},
	    {"report_section", WHERE_ALL, RETAIN_ORDINARY, tn, PROVISO_AUTHOR},
	    {"rating", WHERE_ALL, RETAIN_ORDINARY, tn, PROVISO_ITSELF},
	    {"signoff", WHERE_ALL, RETAIN_AUDIT, tn, PROVISO_ITSELF},
	    {"advocacy", WHERE_COUNTRY, RETAIN_ORDINARY, tn, PROVISO_ANY},
	    {"advocacy_section", WHERE_COUNTRY, RETAIN_ORDINARY, tn, PROVISO_ANY},
	    {"minutes", WHERE_COUNTRY, RETAIN_ORDINARY, tn, PROVISO_ANY},
	    {"submission", WHERE_OFFICE, RETAIN_ORDINARY, EDIT_COORDINATOR, PROVISO_ANY},
	    {"acceptance", WHERE_OFFICE, RETAIN_AUDIT, EDIT_OFFICE, PROVISO_ANY},
	    {"paper", WHERE_ALL, RETAIN_ORDINARY, EDIT_OFFICE, PROVISO_ANY},
	    {"paper_section", WHERE_ALL, RETAIN_ORDINARY, EDIT_OFFICE, PROVISO_ANY},
	    {"publication", WHERE_ALL, RETAIN_ORDINARY, EDIT_OFFICE, PROVISO_ANY},
	    {"publication_item", WHERE_ALL, RETAIN_ORDINARY, EDIT_OFFICE, PROVISO_ANY},
	    {"erasure", WHERE_COORD, RETAIN_AUDIT, EDIT_COORDINATOR, PROVISO_ANY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const struct kind *k = schema_kind_named(span_text(kinds[i].name));

		assert_non_null(k);
		assert_int_equal(k->where, kinds[i].where);
		assert_int_equal(k->retention, kinds[i].retention);
		assert_int_equal(k->editors, kinds[i].editors);
		assert_int_equal(k->proviso, kinds[i].proviso);
		assert_false(k->has_subject);
	}
}

/* What co-authors write in at once merges by characters (DOMAIN 5), what is pinned does
 * not. */
static void
texts_merge_and_copies_do_not(void **state)
{
	static const char *const texts[][2] = {{"practice_section", "text"},
	    {"report_section", "text"}, {"advocacy_section", "text"},
	    {"advocacy_section", "stays"}, {"minutes", "text"}, {"paper_section", "text"},
	    {"day_note", "text"}, {"contact_note", "text"}, {"note", "text"}};
	static const char *const copies[][2] = {{"decision", "text"}, {"signoff", "text"},
	    {"submission", "texts"}, {"acceptance", "text"},
	    {"publication_item", "text"}};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(
		    field_of(texts[i][0], texts[i][1])->type, FIELD_LONGTEXT);
	for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++)
		assert_int_equal(field_of(copies[i][0], copies[i][1])->type, FIELD_COPY);
}

static void
columns_of_the_sample_files_find_their_fields(void **state)
{
	const struct kind *young = schema_kind(KIND_YOUNG_PERSON);

	(void)state;
	assert_int_equal(schema_column(schema_kind(KIND_ACTIVITY), span_text("ref"))->id,
	    F_ACTIVITY_CODE);
	assert_int_equal(schema_column(young, span_text("consent_form_no"))->id,
	    F_YOUNG_PERSON_FORM_NO);
	assert_int_equal(
	    schema_column(schema_kind(KIND_ACTIVITY_DAY), span_text("day"))->id,
	    F_ACTIVITY_DAY_DAY_NO);
	assert_int_equal(
	    schema_column(schema_kind(KIND_RATING), span_text("document"))->id,
	    F_RATING_REPORT);
	assert_int_equal(
	    schema_column(schema_kind(KIND_STAKEHOLDER), span_text("ref"))->id,
	    F_STAKEHOLDER_CODE);
	assert_null(schema_column(young, span_text("religion")));
	assert_null(schema_column(young, span_text("")));
}

static void
strictest_consent_comes_first(void **state)
{
	struct default_rule rule = schema_default(field_of("young_person", "consent"));

	(void)state;
	assert_int_equal(rule.ranks[0], CONSENT_REFUSED);
	assert_int_equal(rule.ranks[rule.n_ranks - 1], CONSENT_GIVEN);
	rule = schema_default(field_of("young_person", "photo_consent"));
	assert_int_equal(rule.n_ranks, 3);
	assert_int_equal(rule.ranks[1], RANK_EMPTY);
}

/* ---- values ---- */

static void
values_read_back_as_they_were_written(void **state)
{
	static const struct {
		const char *kind, *field, *text, *back;
	} cases[] = {
	    {"activity", "start", "2027-04-12", "2027-04-12"},
	    {"activity", "code", "SK-W9", "SK-W9"},
	    {"activity", "type", "youth_workshop", "youth_workshop"},
	    {"activity", "org", "00112233445566778899aabbccddeeff",
		"00112233445566778899aabbccddeeff"},
	    {"practice", "themes", " dialogue;biography; dialogue;",
		"biography;dialogue"},
	    {"practice", "themes", " ; ", ""},
	    {"practice", "age_min", "13", "13"},
	    {"young_person", "given_name", " S\xcc\x8cimon ", "Šimon"},
	    {"young_person", "guardian_contact", "+49 000 000 001", "+49 000 000 001"},
	    {"sheet", "marks", "late", "late"},
	    {"note", "text", "two\nlines", "two\nlines"},
	    {"activity_day", "held", "", ""},
	    {"decision", "text", "two\nlines", "two\nlines"},
	    {"decision", "outcome", "not_proven", "not_proven"},
	    {"rating", "need", "4", "4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct field *f = field_of(cases[i].kind, cases[i].field);
		struct value v;
		struct span back;

		assert_int_equal(parse(f, cases[i].text, &v), ST_OK);
		back = schema_value_text(f, &v, arena);
		assert_true(span_equal(back, span_text(cases[i].back)));
	}
}

static void
wrong_values_are_refused_with_the_expected_form(void **state)
{
	static const struct {
		const char *kind, *field, *text, *says;
	} cases[] = {
	    {"activity", "start", "2027-02-30", "V2"},
	    {"activity", "code", "sk-w9", "A-Z"},
	    {"activity", "code", "ABCDEFGHIJKLMNOPQ", "1-16"},
	    {"practice", "origin_country", "ABCDE", "1-4"},
	    {"activity", "type", "picnic", "peer_coaching"},
	    {"activity", "org", "0011", "32 hex"},
	    {"activity", "org", "0011223344556677889ZAABBCCDDEEFF", "32 hex"},
	    {"activity_day", "day_no", "0", "1-31"},
	    {"activity_day", "day_no", "32", "1-31"},
	    {"activity_day", "day_no", "-1", "1-31"},
	    {"activity_day", "day_no", "99999999999999999999", "1-31"},
	    {"young_person", "given_name", "A\x01", "V4"},
	    {"young_person", "needs", "a\nb", "control"},
	    {"note", "text", "bell\x07", "control"},
	    {"signoff", "text", "bell\x07", "control"},
	    {"rating", "need", "5", "0-4"},
	    {"rating", "verdict", "perhaps", "not_transferable"},
	    {"roundtable", "platform", "old", "existing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct field *f = field_of(cases[i].kind, cases[i].field);
		struct trouble t = {0};
		struct value v;

		assert_int_not_equal(
		    schema_value_parse(f, span_text(cases[i].text), arena, &v, &t),
		    ST_OK);
		assert_non_null(strstr(t.text, cases[i].says));
		assert_non_null(strstr(t.text, cases[i].field));
	}
}

static void
text_of_exactly_the_limit_is_taken_and_one_more_is_not(void **state)
{
	const struct field *f = field_of("young_person", "form_no");
	char text[66];
	struct value v;

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(
	    schema_value_parse(f, span_of(text, 64), arena, &v, NULL), ST_OK);
	assert_int_equal(
	    schema_value_parse(f, span_of(text, 65), arena, &v, NULL), ST_LIMIT);
}

static void
a_word_of_a_newer_version_is_shown_as_its_number(void **state)
{
	const struct value v = {.type = VALUE_INT, .number = 77};

	(void)state;
	assert_true(span_equal(schema_value_text(field_of("activity", "type"), &v, arena),
	    span_text("#77")));
}

/* An export printed what lay behind a name in hex. */
static void
a_name_in_hex_ends_with_a_zero_byte(void **state)
{
	static const uint8_t bytes[16] = {0xab};
	const struct value v = {.type = VALUE_BYTES, .bytes = span_of(bytes, 16)};
	struct arena *a = arena_new(0);
	uint8_t *dirt;
	struct span text;

	(void)state;
	/* Memory of the arena that was used before. */
	dirt = arena_alloc(a, 256);
	memset(dirt, 0xff, 256);
	arena_reset(a);
	text = schema_value_text(field_of("activity", "org"), &v, a);
	assert_int_equal(text.len, 32);
	assert_int_equal(text.bytes[32], 0);
	arena_free(a);
}

/* ---- checks of a record ---- */

static void
a_record_without_a_required_value_has_a_problem(void **state)
{
	const struct kind *k = schema_kind(KIND_ORGANISATION);
	struct field_value values[2] = {
	    {F_ORGANISATION_CODE, {.type = VALUE_TEXT, .bytes = span_text("SK-C1")}},
	    {F_ORGANISATION_NAME, {.type = VALUE_TEXT, .bytes = span_text("Klub")}}};
	struct problem problems[4];

	(void)state;
	assert_int_equal(schema_check(k, values, 2, problems, 4), 0);
	values[1].value.type = VALUE_EMPTY;
	assert_int_equal(schema_check(k, values, 2, problems, 4), 1);
	assert_int_equal(problems[0].rule, 0);
	assert_int_equal(problems[0].field->id, F_ORGANISATION_NAME);
}

static void
problems_carry_the_number_of_their_rule(void **state)
{
	const struct kind *k = schema_kind(KIND_ACTIVITY_DAY);
	uint8_t id[16] = {1};
	struct field_value values[] = {
	    {F_ACTIVITY_DAY_ACTIVITY, {.type = VALUE_BYTES, .bytes = span_of(id, 16)}},
	    {F_ACTIVITY_DAY_DAY_NO, {.type = VALUE_INT, .number = 32}},
	    {F_ACTIVITY_DAY_DATE, {.type = VALUE_INT, .number = DATE_DAYS_MAX + 1U}},
	    {F_ACTIVITY_DAY_HELD, {.type = VALUE_INT, .number = 9}},
	    {F_ACTIVITY_DAY_TOPIC, {.type = VALUE_TEXT, .bytes = span_text("a\x01")}},
	    {999, {.type = VALUE_INT,
		      .number = 9}}, /* of a newer version: not our business */
	};
	struct problem problems[8];

	(void)state;
	assert_int_equal(
	    schema_check(k, values, sizeof values / sizeof values[0], problems, 8), 4);
	assert_int_equal(problems[0].rule, 3);
	assert_int_equal(problems[1].rule, 2);
	assert_int_equal(problems[2].rule, 1);
	assert_int_equal(problems[3].rule, 4);
	/* More problems than room: counted, not written. */
	assert_int_equal(
	    schema_check(k, values, sizeof values / sizeof values[0], problems, 1), 4);
}

static void
a_name_that_is_not_in_stored_form_is_v4(void **state)
{
	const struct kind *k = schema_kind(KIND_ORGANISATION);
	struct field_value values[2] = {
	    {F_ORGANISATION_CODE, {.type = VALUE_TEXT, .bytes = span_text("SK-C1")}},
	    {F_ORGANISATION_NAME, {.type = VALUE_TEXT, .bytes = span_text("S\xcc\x8c")}}};
	struct problem problem;

	(void)state;
	assert_int_equal(schema_check(k, values, 2, &problem, 1), 1);
	assert_int_equal(problem.rule, 4);
}

/* ---- names by hash ---- */

static void
hash_with_label(
    void *ctx, const char *label, const struct span *parts, size_t n, struct hash32 *out)
{
	crypto_generichash_state s;

	(void)ctx;
	crypto_generichash_init(&s, NULL, 0, sizeof out->bytes);
	crypto_generichash_update(&s, (const uint8_t *)label, strlen(label) + 1);
	for (size_t i = 0; i < n; i++)
		crypto_generichash_update(&s, parts[i].bytes, parts[i].len);
	crypto_generichash_final(&s, out->bytes, sizeof out->bytes);
}

static const struct checks checks = {NULL, hash_with_label, NULL};

static void
a_sheet_is_named_by_activity_and_day(void **state)
{
	/* BLAKE2b-256 of "pnet/rid/1\0" 000b 16 x 41 02, first 16 bytes. */
	uint8_t activity[16], bytes[11 + 2 + 16 + 1] = "pnet/rid/1";
	struct value values[2] = {{.type = VALUE_BYTES, .bytes = span_of(activity, 16)},
	    {.type = VALUE_INT, .number = 2}};
	struct record_id name, other;
	uint8_t want[32];

	(void)state;
	memset(activity, 0x41, sizeof activity);
	bytes[12] = KIND_SHEET;
	memset(bytes + 13, 0x41, 16);
	bytes[29] = 2;
	crypto_generichash(want, sizeof want, bytes, sizeof bytes, NULL, 0);
	assert_int_equal(
	    schema_record_name(schema_kind(KIND_SHEET), values, 2, &checks, &name, NULL),
	    ST_OK);
	assert_memory_equal(name.bytes, want, sizeof name.bytes);
	values[1].number = 3;
	assert_int_equal(
	    schema_record_name(schema_kind(KIND_SHEET), values, 2, &checks, &other, NULL),
	    ST_OK);
	assert_memory_not_equal(name.bytes, other.bytes, sizeof name.bytes);
}

static void
a_country_in_a_name_is_padded_to_four_bytes(void **state)
{
	uint8_t bytes[11 + 2 + 4] = "pnet/rid/1";
	struct value code = {.type = VALUE_TEXT, .bytes = span_text("SK")};
	struct record_id name;
	uint8_t want[32];

	(void)state;
	bytes[12] = KIND_COUNTRY_TALLY;
	memcpy(bytes + 13, "SK", 2);
	crypto_generichash(want, sizeof want, bytes, sizeof bytes, NULL, 0);
	assert_int_equal(schema_record_name(schema_kind(KIND_COUNTRY_TALLY), &code, 1,
			     &checks, &name, NULL),
	    ST_OK);
	assert_memory_equal(name.bytes, want, sizeof name.bytes);
}

/* Two laptops that rate as one member meet in one record. */
static void
a_rating_is_named_by_report_and_author(void **state)
{
	uint8_t report[16], bytes[11 + 2 + 16 + 16] = "pnet/rid/1";
	struct value values[2] = {{.type = VALUE_BYTES, .bytes = span_of(report, 16)},
	    {.type = VALUE_TEXT, .bytes = span_text("SK-T2")}};
	const struct kind *k = schema_kind(KIND_RATING);
	struct record_id name, other;
	uint8_t want[32];

	(void)state;
	memset(report, 0x41, sizeof report);
	bytes[12] = KIND_RATING;
	memset(bytes + 13, 0x41, 16);
	memcpy(bytes + 29, "SK-T2", 5);
	crypto_generichash(want, sizeof want, bytes, sizeof bytes, NULL, 0);
	assert_int_equal(schema_record_name(k, values, 2, &checks, &name, NULL), ST_OK);
	assert_memory_equal(name.bytes, want, sizeof name.bytes);
	values[1].bytes = span_text("SK-T3");
	assert_int_equal(schema_record_name(k, values, 2, &checks, &other, NULL), ST_OK);
	assert_memory_not_equal(name.bytes, other.bytes, sizeof name.bytes);
	values[1].bytes = span_text("SK-T2-OF-THE-EAST");
	assert_int_equal(
	    schema_record_name(k, values, 2, &checks, &other, NULL), ST_MALFORMED);
}

static void
a_record_is_not_named_by_values_of_the_wrong_shape(void **state)
{
	uint8_t activity[16] = {0};
	struct value values[2] = {{.type = VALUE_BYTES, .bytes = span_of(activity, 15)},
	    {.type = VALUE_INT, .number = 2}};
	const struct kind *k = schema_kind(KIND_SHEET);
	struct record_id name;

	(void)state;
	assert_int_equal(
	    schema_record_name(k, values, 2, &checks, &name, NULL), ST_MALFORMED);
	values[0].bytes.len = 16;
	assert_int_equal(
	    schema_record_name(k, values, 1, &checks, &name, NULL), ST_MALFORMED);
	values[1].number = 256;
	assert_int_equal(
	    schema_record_name(k, values, 2, &checks, &name, NULL), ST_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids_of_kinds_stay_what_they_were),
	    cmocka_unit_test(every_row_of_the_table_makes_sense),
	    cmocka_unit_test(every_field_has_an_id_and_a_name_of_its_own),
	    cmocka_unit_test(young_people_are_written_by_their_team_alone),
	    cmocka_unit_test(kinds_lie_where_the_domain_says),
	    cmocka_unit_test(texts_merge_and_copies_do_not),
	    cmocka_unit_test(columns_of_the_sample_files_find_their_fields),
	    cmocka_unit_test(strictest_consent_comes_first),
	    cmocka_unit_test(values_read_back_as_they_were_written),
	    cmocka_unit_test(wrong_values_are_refused_with_the_expected_form),
	    cmocka_unit_test(text_of_exactly_the_limit_is_taken_and_one_more_is_not),
	    cmocka_unit_test(a_word_of_a_newer_version_is_shown_as_its_number),
	    cmocka_unit_test(a_name_in_hex_ends_with_a_zero_byte),
	    cmocka_unit_test(a_record_without_a_required_value_has_a_problem),
	    cmocka_unit_test(problems_carry_the_number_of_their_rule),
	    cmocka_unit_test(a_name_that_is_not_in_stored_form_is_v4),
	    cmocka_unit_test(a_sheet_is_named_by_activity_and_day),
	    cmocka_unit_test(a_country_in_a_name_is_padded_to_four_bytes),
	    cmocka_unit_test(a_rating_is_named_by_report_and_author),
	    cmocka_unit_test(a_record_is_not_named_by_values_of_the_wrong_shape),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
