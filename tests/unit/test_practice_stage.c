/* test_practice_stage.c - stages of practices: the sample's, straight from its files, and
 * each step, need and order on its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/practice_stage.h"
#include "core/table.h"
#include "unit/season.h"

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

/* ---- the sample ---- */

static uint32_t
date_of(const struct season_file *f, size_t row, const char *column)
{
	uint32_t day;

	assert_true(date_parse(season_cell(f, row, column), &day));
	return day;
}

/* The last decision of a kind on a practice; SIZE_MAX if there is none. */
static size_t
last_decision(const struct season_file *f, struct span practice, const char *kind)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < f->n; i++) {
		if (season_is(f, i, "practice", practice) &&
		    season_is(f, i, "kind", span_text(kind)) &&
		    (found == SIZE_MAX || date_of(f, i, "on") >= date_of(f, found, "on")))
			found = i;
	}
	return found;
}

static bool
decided(const struct season_file *f, struct span practice, const char *kind,
    const char *outcome)
{
	size_t row = last_decision(f, practice, kind);

	return row != SIZE_MAX && season_is(f, row, "outcome", span_text(outcome));
}

/* Is there a row of the practice where one column says that? */
static bool
any(const struct season_file *f, struct span practice, const char *column,
    const char *value)
{
	for (size_t i = 0; i < f->n; i++) {
		if (season_is(f, i, "practice", practice) &&
		    season_is(f, i, column, span_text(value)))
			return true;
	}
	return false;
}

static void
workshops(const struct season_file *f, struct span practice, struct span origin,
    struct practice_facts *out)
{
	for (size_t i = 0; i < f->n; i++) {
		if (!season_is(f, i, "practice", practice) ||
		    !season_is(f, i, "type", span_text("youth_workshop")) ||
		    season_is(f, i, "status", span_text("cancelled")))
			continue;
		out->is_implementing = true;
		if (season_is(f, i, "status", span_text("closed")) &&
		    !season_is(f, i, "country", origin))
			out->is_implemented = true;
	}
}

static struct practice_facts
facts_of(const struct season_file *practices, size_t row)
{
	struct season_file *decisions = season_read(arena, "season/decisions.csv");
	struct season_file *documents = season_read(arena, "season/documents.csv");
	struct season_file *published = season_read(arena, "season/publications.csv");
	struct span code = season_cell(practices, row, "ref");
	struct practice_facts f = {
	    .is_selected = decided(decisions, code, "select", "selected"),
	    .is_rejected = decided(decisions, code, "select", "rejected"),
	    .is_withdrawn = decided(decisions, code, "withdraw", "withdrawn"),
	    .is_described = decided(decisions, code, "description", "accepted"),
	    .is_trained =
		any(season_read(arena, "season/sessions.csv"), code, "held", "yes"),
	    .verdict = decided(decisions, code, "transfer", "proven") ? VERDICT_PROVEN
		       : decided(decisions, code, "transfer", "not_proven")
			   ? VERDICT_NOT_PROVEN
			   : VERDICT_NONE};

	if (f.is_described)
		f.described_on = date_of(
		    decisions, last_decision(decisions, code, "description"), "on");
	workshops(season_read(arena, "season/activities.csv"), code,
	    season_cell(practices, row, "origin_country"), &f);
	for (size_t i = 0; i < documents->n; i++) {
		if (season_is(documents, i, "practice", code) &&
		    season_is(documents, i, "state", span_text("accepted")) &&
		    date_of(documents, i, "state_on") > f.reported_on)
			f.reported_on = date_of(documents, i, "state_on");
	}
	for (size_t i = 0; i < published->n; i++) {
		if (season_is(published, i, "practice", code) &&
		    season_is(published, i, "state", span_text("released")) &&
		    season_is(published, i, "part", span_text("A")))
			f.is_published = true;
	}
	return f;
}

static void
the_stages_of_the_sample_are_those_expected(void **state)
{
	struct season_file *practices = season_read(arena, "season/practices.csv");
	struct span wanted = sample_bytes(arena, "expected/practice_stages.csv");
	char buffer[8192];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	writer_span(&w, span_text("practice,title,stage,eligible_part_A,missing\n"));
	for (size_t i = 0; i < practices->n; i++) {
		struct practice_facts f = facts_of(practices, i);

		table_cell(&w, true, season_cell(practices, i, "ref"));
		table_cell(&w, false, season_cell(practices, i, "title"));
		table_cell(&w, false, span_text(practice_stage_name(practice_stage(&f))));
		table_cell(&w, false, span_text(practice_eligible(&f)));
		table_cell(&w, false, span_text(practice_missing(&f, arena)));
		table_end_row(&w);
	}
	assert_false(w.is_full);
	assert_int_equal(w.used, wanted.len);
	assert_memory_equal(buffer, wanted.bytes, wanted.len);
}

/* ---- step by step ---- */

static void
each_step_shows_the_latest_stage_that_is_reached(void **state)
{
	struct practice_facts f = {0};

	(void)state;
	assert_int_equal(practice_stage(&f), STAGE_COLLECTED);
	f.is_selected = true;
	assert_int_equal(practice_stage(&f), STAGE_SELECTED);
	f.is_described = true;
	f.described_on = 100;
	assert_int_equal(practice_stage(&f), STAGE_DESCRIBED);
	f.is_trained = true;
	assert_int_equal(practice_stage(&f), STAGE_TRAINED);
	f.is_implementing = true;
	assert_int_equal(practice_stage(&f), STAGE_IMPLEMENTING);
	f.is_implemented = true;
	assert_int_equal(practice_stage(&f), STAGE_IMPLEMENTED);
	f.reported_on = 200;
	assert_int_equal(practice_stage(&f), STAGE_ASSESSED);
	f.verdict = VERDICT_NOT_PROVEN;
	assert_int_equal(practice_stage(&f), STAGE_NOT_PROVEN);
	f.verdict = VERDICT_PROVEN;
	assert_int_equal(practice_stage(&f), STAGE_PROVEN);
	f.is_published = true;
	assert_int_equal(practice_stage(&f), STAGE_PUBLISHED);
	f.is_withdrawn = true;
	assert_int_equal(practice_stage(&f), STAGE_WITHDRAWN);
}

static void
a_rejected_practice_asks_for_nothing_more(void **state)
{
	struct practice_facts f = {.is_rejected = true, .is_trained = true};

	(void)state;
	assert_int_equal(practice_stage(&f), STAGE_REJECTED);
	assert_string_equal(practice_missing(&f, arena), "rejected");
	assert_string_equal(practice_eligible(&f), "");
	f.is_published = true; /* what is out cannot be called back */
	assert_int_equal(practice_stage(&f), STAGE_PUBLISHED);
}

static void
a_description_counts_as_revised_from_the_day_after_the_report(void **state)
{
	struct practice_facts f = {.is_described = true, .described_on = 199};

	(void)state;
	assert_true(practice_is_revised(&f)); /* no report: nothing to revise for */
	f.reported_on = 200;
	assert_false(practice_is_revised(&f));
	f.described_on = 200;
	assert_false(practice_is_revised(&f));
	f.described_on = 201;
	assert_true(practice_is_revised(&f));
	f.described_on = 0;
	f.verdict = VERDICT_NOT_PROVEN;
	assert_true(practice_is_revised(&f));
}

/* Takes away one thing after the other from a practice that has all. */
static void
each_need_of_part_a_blocks_alone(void **state)
{
	const struct practice_facts whole = {.is_selected = true,
	    .is_described = true,
	    .described_on = 201,
	    .is_trained = true,
	    .is_implementing = true,
	    .is_implemented = true,
	    .reported_on = 200,
	    .verdict = VERDICT_PROVEN};
	struct practice_facts f = whole;

	(void)state;
	assert_int_equal(practice_lacks_part_a(&f), 0);
	assert_string_equal(practice_eligible(&f), "yes");
	assert_string_equal(practice_missing(&f, arena), "");
	f.is_selected = false;
	assert_int_equal(practice_lacks_part_a(&f), 1 << NEED_SELECTED);
	assert_string_equal(practice_eligible(&f), "no");
	assert_string_equal(practice_missing(&f, arena), "");
	f = whole;
	f.is_implemented = false;
	assert_int_equal(practice_lacks_part_a(&f), 1 << NEED_IMPLEMENTED);
	f = whole;
	f.reported_on = 0;
	assert_int_equal(practice_lacks_part_a(&f), 1 << NEED_REPORT);
	f = whole;
	f.described_on = 200;
	assert_int_equal(practice_lacks_part_a(&f), 1 << NEED_REVISED);
	f = whole;
	f.verdict = VERDICT_NONE;
	assert_int_equal(practice_lacks_part_a(&f), 1 << NEED_PROVEN);
	f = whole;
	f.is_withdrawn = true;
	assert_int_equal(practice_lacks_part_a(&f), 1 << NEED_STANDING);
	f = whole;
	f.has_conflict = true;
	assert_int_equal(practice_lacks_part_a(&f), 1 << NEED_SETTLED);
}

static void
part_b_asks_for_selection_description_and_training(void **state)
{
	struct practice_facts f = {
	    .is_selected = true, .is_described = true, .is_trained = true};

	(void)state;
	assert_int_equal(practice_lacks_part_b(&f), 0);
	f.is_trained = false;
	assert_int_equal(practice_lacks_part_b(&f), 1 << NEED_TRAINED);
	f.is_described = false;
	assert_int_equal(
	    practice_lacks_part_b(&f), 1 << NEED_TRAINED | 1 << NEED_DESCRIBED);
	f = (struct practice_facts){.is_described = true, .is_trained = true};
	assert_int_equal(practice_lacks_part_b(&f), 1 << NEED_SELECTED);
	for (unsigned i = 0; i < NEED_COUNT; i++)
		assert_true(strlen(practice_need_text((enum practice_need)i)) > 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_stages_of_the_sample_are_those_expected),
	    cmocka_unit_test(each_step_shows_the_latest_stage_that_is_reached),
	    cmocka_unit_test(a_rejected_practice_asks_for_nothing_more),
	    cmocka_unit_test(
		a_description_counts_as_revised_from_the_day_after_the_report),
	    cmocka_unit_test(each_need_of_part_a_blocks_alone),
	    cmocka_unit_test(part_b_asks_for_selection_description_and_training),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
