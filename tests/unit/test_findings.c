/* test_findings.c - each rule just below, at and above its limit; the lines of the sample
 * that follow from totals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
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

/* ---- young people ---- */

/* One row on a roll of five held days with all marks present. */
struct scene {
	struct roll roll;
	struct roll_row row;
	struct roll_day days[5];
	struct roll_mark marks[5];
	struct roll_rules rules;
	struct roll_view view;
};

static void
make_scene(struct scene *s)
{
	*s = (struct scene){
	    .row = {.person = {7},
		.birth_year = 2011,
		.gender = GENDER_F,
		.consent = CONSENT_GIVEN,
		.consent_by = CONSENT_BY_SELF,
		.given_name = span_text("Hana"),
		.family_name = span_text("Bieliková")},
	    .rules = {.age_min = 10,
		.age_max = 20,
		.consent_below_age = 15,
		.state = STATE_RUNNING},
	};
	for (unsigned i = 0; i < 5; i++) {
		s->days[i] =
		    (struct roll_day){.day_no = (uint8_t)(i + 1), .held = HELD_YES};
		s->marks[i] =
		    (struct roll_mark){(uint8_t)(i + 1), {7}, cell_of(MARK_PRESENT)};
	}
	s->roll = (struct roll){.start_year = 2026,
	    .days_planned = 5,
	    .n_days = 5,
	    .days = s->days,
	    .n_rows = 1,
	    .rows = &s->row,
	    .n_marks = 5,
	    .marks = s->marks};
}

/* How often the rule is found; every other rule must be silent unless also is given. */
static size_t
found(struct scene *s, unsigned rule, unsigned also)
{
	struct person_finding *findings;
	size_t n, count = 0;

	assert_int_equal(roll_make(&s->roll, arena, &s->view, NULL), ST_OK);
	assert_int_equal(
	    findings_roll(&s->roll, &s->view, &s->rules, arena, &findings, &n, NULL),
	    ST_OK);
	for (size_t i = 0; i < n; i++) {
		if (findings[i].rule == rule)
			count++;
		else
			assert_int_equal(findings[i].rule, also);
	}
	assert_int_equal(s->view.figures.rules[FIG_V10 + rule - 10], count);
	return count;
}

static void
a_clean_roll_has_no_findings(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	assert_int_equal(found(&s, 10, 0), 0);
}

static void
v10_age_is_6_to_30(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.rules = (struct roll_rules){.state = STATE_RUNNING};
	s.row.birth_year = 2026 - 5;
	assert_int_equal(found(&s, 10, 0), 1);
	s.row.birth_year = 2026 - 6;
	assert_int_equal(found(&s, 10, 0), 0);
	s.row.birth_year = 2026 - 30;
	assert_int_equal(found(&s, 10, 0), 0);
	s.row.birth_year = 2026 - 31;
	assert_int_equal(found(&s, 10, 0), 1);
}

static void
v11_birth_year_is_not_stated(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.row.birth_year = 0;
	assert_int_equal(found(&s, 11, 0), 1);
}

static void
v12_age_is_outside_the_practice(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.rules.consent_below_age = 0;
	s.row.birth_year = 2026 - 9;
	assert_int_equal(found(&s, 12, 0), 1);
	s.row.birth_year = 2026 - 10;
	assert_int_equal(found(&s, 12, 0), 0);
	s.row.birth_year = 2026 - 20;
	assert_int_equal(found(&s, 12, 0), 0);
	s.row.birth_year = 2026 - 21;
	assert_int_equal(found(&s, 12, 0), 1);
	s.rules.age_max = 0; /* no upper limit known */
	assert_int_equal(found(&s, 12, 0), 0);
}

static struct name_keys
keys(const char *given, const char *family, unsigned year)
{
	return (struct name_keys){text_fold_key(span_text(given), arena),
	    text_fold_key(span_text(family), arena), year};
}

static void
v13_names_that_differ_in_marks_case_or_order_are_near(void **state)
{
	static const struct {
		const char *given, *family;
		unsigned year;
		bool is_near;
	} cases[] = {
	    {"Hana", "Bieliková", 2011, true},
	    {"hana", "BIELIKOVA", 2011, true},
	    {"Bieliková", "Hana", 2011, true},
	    {"Hana", "Bieliková", 0, true},
	    {"Hana", "Bieliková", 2012, false},
	    {"Hanna", "Bieliková", 2011, false},
	    {"Hana", "Hana", 2011, false},
	};
	struct name_keys hana = keys("Hana", "Bieliková", 2011);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name_keys other =
		    keys(cases[i].given, cases[i].family, cases[i].year);

		assert_int_equal(findings_near(&hana, &other), cases[i].is_near);
		assert_int_equal(findings_near(&other, &hana), cases[i].is_near);
	}
}

static void
v13_a_pair_is_one_finding_until_it_is_joined(void **state)
{
	struct roll_row rows[2];
	struct scene s;

	(void)state;
	make_scene(&s);
	rows[0] = s.row;
	rows[1] = s.row;
	rows[1].person.n = 8;
	rows[1].family_name = span_text("Bielikova");
	rows[1].joined_day = 5;
	rows[1].left_day = 4; /* enrolled on no day, so that no mark is missing */
	s.roll.rows = rows;
	s.roll.n_rows = 2;
	assert_int_equal(found(&s, 13, 0), 1);
	rows[1].has_same_as = true;
	rows[1].same_as.n = 7;
	assert_int_equal(found(&s, 13, 0), 0);
}

static void
v14_consent_is_pending_from_day_1_on(void **state)
{
	static const struct {
		enum activity_state state;
		size_t n;
	} cases[] = {{STATE_PLANNED, 0}, {STATE_RUNNING, 1}, {STATE_HELD, 1},
	    {STATE_CLOSED, 1}, {STATE_CANCELLED, 0}};
	struct scene s;

	(void)state;
	make_scene(&s);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		s.rules.state = cases[i].state;
		s.row.consent = CONSENT_PENDING;
		assert_int_equal(found(&s, 14, 0), cases[i].n);
		s.row.consent = CONSENT_UNSET; /* not even asked */
		assert_int_equal(found(&s, 14, 0), cases[i].n);
		s.row.consent = CONSENT_GIVEN;
		assert_int_equal(found(&s, 14, 0), 0);
	}
}

static void
v15_consent_is_refused_or_withdrawn(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.row.consent = CONSENT_REFUSED;
	assert_int_equal(found(&s, 15, 0), 1);
	s.row.consent = CONSENT_WITHDRAWN;
	assert_int_equal(found(&s, 15, 0), 1);
}

static void
v16_a_guardian_consents_below_the_age_of_the_country(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.row.birth_year = 2026 - 14;
	assert_int_equal(found(&s, 16, 0), 1);
	s.row.birth_year = 2026 - 15;
	assert_int_equal(found(&s, 16, 0), 0);
	s.row.birth_year = 2026 - 14;
	s.row.consent_by = CONSENT_BY_GUARDIAN;
	assert_int_equal(found(&s, 16, 0), 0);
	s.row.consent_by = CONSENT_BY_UNSET;
	assert_int_equal(found(&s, 16, 0), 1);
	s.row.consent = CONSENT_PENDING;
	assert_int_equal(found(&s, 16, 14), 0);
}

static void
v17_marks_stand_where_none_may_be(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.row.joined_day = 2;
	assert_int_equal(found(&s, 17, 0), 1);
	s.row.left_day = 3;
	assert_int_equal(found(&s, 17, 0), 3);
	make_scene(&s);
	s.days[2].held = HELD_NO;
	assert_int_equal(found(&s, 17, 0), 1);
	s.marks[2].cell = cell_of(MARK_NONE); /* cleared: fine again */
	assert_int_equal(found(&s, 17, 0), 0);
}

static void
v18_a_mark_is_missing_on_a_held_day(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.marks[1].cell = cell_of(MARK_NONE);
	s.roll.n_marks = 4;
	assert_int_equal(found(&s, 18, 0), 2);
	s.days[4].held = HELD_OPEN; /* not decided and without any mark: not held */
	assert_int_equal(found(&s, 18, 0), 1);
}

static void
v19_a_mark_is_in_conflict(void **state)
{
	struct scene s;

	(void)state;
	make_scene(&s);
	s.marks[1].cell.values = 1 << MARK_LATE | 1 << MARK_EXCUSED;
	assert_int_equal(found(&s, 19, 0), 1);
}

static void
closing_is_blocked_by_v18_v19_v20_only(void **state)
{
	struct figures f = {.days_planned = 5, .days_held = 4};

	(void)state;
	assert_true(findings_closing(&f, YOUTH_WORKSHOP).may_close);
	f.rules[FIG_V14] = f.rules[FIG_V15] = f.rules[FIG_V13] = 3;
	assert_true(findings_closing(&f, YOUTH_WORKSHOP).may_close);
	f.days_held = 3;
	assert_true(findings_closing(&f, YOUTH_WORKSHOP).is_short);
	assert_false(findings_closing(&f, YOUTH_WORKSHOP).may_close);
	assert_true(findings_closing(&f, PEER_COACHING).may_close);
	f.days_held = 5;
	f.rules[FIG_V18] = 1;
	assert_false(findings_closing(&f, YOUTH_WORKSHOP).may_close);
	f.rules[FIG_V18] = 0;
	f.rules[FIG_V19] = 1;
	assert_false(findings_closing(&f, YOUTH_WORKSHOP).may_close);
}

/* ---- activities ---- */

/* A held workshop with its coaching: nothing to find. */
struct office {
	struct finding_activity at[2];
	struct roll_day days[5];
	struct finding_list list;
};

static void
make_office(struct office *o)
{
	*o = (struct office){.at = {{.code = span_text("SK-W9"),
					.type = YOUTH_WORKSHOP,
					.state = STATE_HELD,
					.start = 100},
				 {.code = span_text("SK-K9"),
				     .type = PEER_COACHING,
				     .state = STATE_HELD,
				     .start = 90}}};
	for (unsigned i = 0; i < 5; i++)
		o->days[i] = (struct roll_day){
		    .day_no = (uint8_t)(i + 1), .has_date = true, .date = 100 + i};
	o->at[0].days = o->days;
	o->at[0].n_days = 5;
	o->at[0].figures = (struct figures){
	    .days_planned = 5, .days_held = 5, .team_new = 1, .team_experienced = 1};
	o->at[1].figures = (struct figures){.days_planned = 2, .days_held = 2};
}

/* The single finding of the office; rule 0 if there is none. */
static struct finding
only(struct office *o)
{
	o->list = (struct finding_list){.arena = arena};
	findings_activities(o->at, 2, NULL, &o->list);
	assert_false(o->list.is_out_of_memory);
	assert_true(o->list.n <= 1);
	return o->list.n == 0 ? (struct finding){0} : o->list.at[0];
}

static void
v20_fewer_than_four_days_were_held(void **state)
{
	struct office o;

	(void)state;
	make_office(&o);
	o.at[0].figures.days_held = 4;
	assert_int_equal(only(&o).rule, 0);
	o.at[0].figures.days_held = 3;
	assert_int_equal(only(&o).rule, 20);
	assert_string_equal(
	    only(&o).message, "only 3 of 5 days held; workshop cannot be closed");
	assert_int_equal(only(&o).severity, SEVERITY_GATE);
	o.at[0].state = STATE_RUNNING; /* not yet over */
	assert_int_equal(only(&o).rule, 0);
}

static void
v21_days_are_not_consecutive(void **state)
{
	struct office o;

	(void)state;
	make_office(&o);
	o.days[4].date++;
	assert_int_equal(only(&o).rule, 21);
	o.days[4].date -= 2; /* two on one day */
	assert_int_equal(only(&o).rule, 21);
	o.days[4].has_date = false;
	assert_int_equal(only(&o).rule, 0);
}

static void
v22_the_team_lacks_a_new_or_an_experienced_one(void **state)
{
	struct office o;

	(void)state;
	make_office(&o);
	o.at[0].figures.team_experienced = 0;
	assert_int_equal(only(&o).rule, 22);
	assert_string_equal(only(&o).message, "no experienced co-facilitator");
	o.at[0].figures.team_experienced = 2;
	o.at[0].figures.team_new = 0;
	assert_string_equal(only(&o).message, "no new co-facilitator");
	o.at[0].state = STATE_CANCELLED;
	assert_int_equal(only(&o).rule, 0);
}

static void
v24_no_coaching_was_held_before(void **state)
{
	struct office o;

	(void)state;
	make_office(&o);
	o.at[1].figures.days_held = 1; /* one of two days */
	assert_int_equal(only(&o).rule, 24);
	o.at[0].state = STATE_PLANNED; /* while planned, a planned one is enough */
	assert_int_equal(only(&o).rule, 0);
	o.at[1].start = 100; /* not before */
	assert_int_equal(only(&o).rule, 24);
	make_office(&o);
	o.at[1].practice.bytes[0] = 1; /* another practice */
	assert_int_equal(only(&o).rule, 24);
	make_office(&o);
	o.at[1].org.bytes[0] = 1; /* another club */
	assert_int_equal(only(&o).rule, 24);
	make_office(&o);
	o.at[1].state = STATE_CANCELLED;
	o.at[1].figures.days_held = 0;
	o.at[0].state = STATE_PLANNED;
	assert_int_equal(only(&o).rule, 24);
}

static void
v24_a_coaching_prepares_one_workshop(void **state)
{
	struct office o;
	struct finding_activity all[3];

	(void)state;
	make_office(&o);
	all[0] = o.at[0];
	all[1] = o.at[1];
	all[2] = o.at[0];
	all[2].code = span_text("SK-W8");
	all[2].start = 95; /* between the coaching and SK-W9: that was its coaching */
	o.list = (struct finding_list){.arena = arena};
	findings_activities(all, 3, NULL, &o.list);
	assert_int_equal(o.list.n, 1);
	assert_int_equal(o.list.at[0].rule, 24);
	all[2].state = STATE_CANCELLED; /* it took no coaching */
	o.list = (struct finding_list){.arena = arena};
	findings_activities(all, 3, NULL, &o.list);
	assert_int_equal(o.list.n, 0);
}

static void
sums_count_only_the_states_that_they_speak_of(void **state)
{
	struct office o;

	(void)state;
	make_office(&o);
	o.at[0].figures.rules[FIG_V15] = 2;
	assert_int_equal(only(&o).rule, 0); /* held, not closed */
	o.at[0].state = STATE_CLOSED;
	assert_int_equal(only(&o).rule, 15);
	assert_int_equal(only(&o).count, 2);
	make_office(&o);
	o.at[0].figures.rules[FIG_V14] = 1;
	assert_int_equal(only(&o).rule, 14);
	make_office(&o);
	o.at[0].figures.rules[FIG_V13] = 3;
	assert_int_equal(only(&o).rule, 13);
	assert_int_equal(only(&o).count, 3);
	assert_string_equal(only(&o).message, "near duplicates in one club");
}

/* ---- the sample ---- */

static struct finding_activity
activity_of(const struct season *s, size_t a)
{
	struct span ref = season_cell(s->activities, a, "ref");
	struct span practice = season_cell(s->activities, a, "practice");
	struct span country = season_cell(s->activities, a, "country");
	struct roll *r = arena_zeros(arena, 1, sizeof *r);
	struct finding_activity out = {.code = ref,
	    .country_order = (uint32_t)season_find(s->countries, "code", country),
	    .type = (enum activity_type)vocabulary_find(
		VOC_ACTIVITY_TYPE, season_cell(s->activities, a, "type"))};
	struct roll_rules rules = {.consent_below_age = season_number(s->countries,
				       out.country_order, "guardian_consent_below_age")};
	struct person_finding *findings;
	struct roll_view v;
	size_t n;

	*r = season_roll(
	    s, arena_text(arena, "%.*s", (int)ref.len, (const char *)ref.bytes));
	assert_int_equal(roll_make(r, arena, &v, NULL), ST_OK);
	out.state = figures_state(&v.figures,
	    season_is(s->activities, a, "status", span_text("cancelled")),
	    season_is(s->activities, a, "status", span_text("closed")));
	rules.state = out.state;
	if (practice.len > 0) {
		size_t p = season_find(s->practices, "ref", practice);

		rules.age_min = season_number(s->practices, p, "age_min");
		rules.age_max = season_number(s->practices, p, "age_max");
		out.practice.bytes[0] = (uint8_t)(p + 1);
	}
	assert_int_equal(findings_roll(r, &v, &rules, arena, &findings, &n, NULL), ST_OK);
	out.org.bytes[0] = (uint8_t)(1 + season_find(s->organisations, "ref",
					     season_cell(s->activities, a, "org")));
	assert_true(date_parse(season_cell(s->activities, a, "start"), &out.start));
	out.figures = v.figures;
	out.days = r->days;
	out.n_days = r->n_days;
	return out;
}

/* The lines of expected/findings.csv that follow from activities: all but those of
 * reports, practices and papers. */
static void
findings_of_the_sample_come_out_as_expected(void **state)
{
	static const char want[] =
	    "rule,severity,subject,count,message\n"
	    "V14,warning,closed held and running workshops,8,consent still pending\n"
	    "V15,gate,closed workshops,3,consent refused but names stored\n"
	    "V12,warning,young people,1,age outside the range of the practice\n"
	    "V22,warning,PL-W2,1,no experienced co-facilitator\n"
	    "V24,warning,PL-W2,1,no held coaching before the workshop\n"
	    "V18,gate,PL-W3,2,marks missing on held days; workshop cannot be closed\n";
	struct finding_activity *activities;
	struct season season;
	struct finding_list list = {.arena = arena};
	char out[4096];
	struct writer w = writer_of(out, sizeof out);

	(void)state;
	season_load(&season, arena);
	activities = arena_zeros(arena, season.activities->n, sizeof *activities);
	for (size_t a = 0; a < season.activities->n; a++)
		activities[a] = activity_of(&season, a);
	findings_activities(activities, season.activities->n, NULL, &list);
	findings_sort(&list);
	findings_table(&w, &list);
	writer_u8(&w, '\0');
	assert_string_equal(out, want);
}

static void
every_line_of_the_expected_file_has_a_rule_with_its_words(void **state)
{
	struct season_file *f = season_read(arena, "expected/findings.csv");

	(void)state;
	for (size_t i = 0; i < f->n; i++) {
		struct span name = season_cell(f, i, "rule");
		const struct rule *rule =
		    rules_find((unsigned)(name.bytes[1] - '0') * 10 +
				  (unsigned)(name.bytes[2] - '0'));

		assert_non_null(rule);
		assert_true(season_is(
		    f, i, "severity", span_text(rules_severity_name(rule->severity))));
	}
	assert_null(rules_find(36));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_clean_roll_has_no_findings),
	    cmocka_unit_test(v10_age_is_6_to_30),
	    cmocka_unit_test(v11_birth_year_is_not_stated),
	    cmocka_unit_test(v12_age_is_outside_the_practice),
	    cmocka_unit_test(v13_names_that_differ_in_marks_case_or_order_are_near),
	    cmocka_unit_test(v13_a_pair_is_one_finding_until_it_is_joined),
	    cmocka_unit_test(v14_consent_is_pending_from_day_1_on),
	    cmocka_unit_test(v15_consent_is_refused_or_withdrawn),
	    cmocka_unit_test(v16_a_guardian_consents_below_the_age_of_the_country),
	    cmocka_unit_test(v17_marks_stand_where_none_may_be),
	    cmocka_unit_test(v18_a_mark_is_missing_on_a_held_day),
	    cmocka_unit_test(v19_a_mark_is_in_conflict),
	    cmocka_unit_test(closing_is_blocked_by_v18_v19_v20_only),
	    cmocka_unit_test(v20_fewer_than_four_days_were_held),
	    cmocka_unit_test(v21_days_are_not_consecutive),
	    cmocka_unit_test(v22_the_team_lacks_a_new_or_an_experienced_one),
	    cmocka_unit_test(v24_no_coaching_was_held_before),
	    cmocka_unit_test(v24_a_coaching_prepares_one_workshop),
	    cmocka_unit_test(sums_count_only_the_states_that_they_speak_of),
	    cmocka_unit_test(findings_of_the_sample_come_out_as_expected),
	    cmocka_unit_test(every_line_of_the_expected_file_has_a_rule_with_its_words),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
