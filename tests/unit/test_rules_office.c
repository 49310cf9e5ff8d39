/* test_rules_office.c - rules over what the office reads (V3, V5, V7, V9, V18 to V29 of
 * activities, V42, V43): a case below, at and above each limit, and every message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/rules_fixture.h"

static struct laptop_fixture fixture;

static int
begin(void **state)
{
	rules_start(&fixture);
	*state = &fixture;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

/* A held workshop of SK with its days, a team that the summer school knows, a session of
 * the experienced one and a coaching at the club: nothing to find. */
static void
a_clean_season(struct laptop_fixture *f)
{
	rules_sql(f, "INSERT INTO practice(rid, record, scope, code, title) VALUES"
		     " (10, " R(10) ", 1, 'GP01', 'Street art'), (11, " R(
			 11) ", 1, 'GP02', 'Radio');"
			     "INSERT INTO organisation(rid, record, scope, code, name) "
			     "VALUES"
			     " (20, " R(
				 20) ", 2, 'SK-C1', 'Klub'), (21, " R(21) ", 2, 'SK-C2', "
									  "'Skola');"
									  "INSERT INTO "
									  "activity(rid, "
									  "record, "
									  "scope, code, "
									  "type, org, "
									  "practice, "
									  "start) VALUES"
									  " (30, " R(
									      30) ", 1, "
										  "'SS-1'"
										  ", "
										  "'summe"
										  "r_"
										  "school"
										  "', "
										  "NULL, "
										  "NULL, "
										  "'2026-"
										  "07-06'"
										  "),"
										  " (31,"
										  " " R(31) ", 2, 'SK-K1', 'peer_coaching', " R(20) ", " R(10) ", '2027-04-08'),"
																	       " (32, " R(
																		   32) ", 2, 'SK-W1', 'youth_workshop', " R(20) ", " R(10) ", '2027-04-12');"
																									   "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
																									   " INSERT INTO activity_day(rid, record, scope, activity, day_no, date, held)"
																									   " SELECT 100 + i, " R(100 + i) ", 1, " R(30) ", i, date('2026-07-05', '+' || i || ' days'), 'yes' FROM n"
																															" UNION ALL SELECT 110 + i, " R(
																															    110 +
																															    i) ", 2, " R(31) ", i, date('2027-04-07', '+' || i || ' days'), 'yes' FROM n WHERE i < 3"
																																	     " UNION ALL SELECT 120 + i, " R(120 +
																																					     i) ", 2, " R(32) ", i, date('2027-04-11', '+' || i || ' days'), 'yes' FROM n;"
																																							      "INSERT INTO person(rid, record, scope, code, given_name, family_name) VALUES"
																																							      " (40, " R(40) ", 2, 'SK-T2', 'Tad', 'Varga');"
																																									     "INSERT INTO team(rid, record, scope, activity, person, code, experience, function) VALUES"
																																									     " (50, " R(50) ", 2, " R(32) ", " R(
																																										 40) ", 'SK-T2', 'new', 'facilitator'),"
																																										     " (51, " R(
																																											 51) ", 2, " R(32) ", " R(41) ", 'DE-T3', 'experienced', 'facilitator');"
																																														      "INSERT INTO session(rid, record, scope, activity, day_no, practice, led_by, held) VALUES"
																																														      " (60, " R(60) ", 1, " R(
																																															  30) ", 1, " R(10) ", 'DE-T3', 'yes');"
																																																	    "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 39)"
																																																	    " INSERT INTO participation(rid, record, scope, activity, who, joined_day)"
																																																	    " SELECT 200 + i, " R(
																																																		200 + i) ", 1, " R(30) ", " R(40 + i) ", 1 FROM n;"
																																																						      "INSERT INTO adult_sheet(rid, record, scope, activity, day_no) SELECT 300 + day_no,"
																																																						      " " R(
																																																							  300 +
																																																							  day_no) ", 1, activity, day_no FROM activity_day WHERE activity = " R(30));
}

/* The school's people are marked present on all days. The map key of a person is the
 * first 8 bytes of his record name: zeros as text here, which is one key for all; so
 * marks of adults have tests of their own, and here nobody takes part. */
static void
nobody_takes_part(struct laptop_fixture *f)
{
	rules_sql(f, "UPDATE activity_day SET held = 'no' WHERE activity = " R(30));
}

static void
v20_to_v29_are_silent_on_a_clean_season(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_finds(f, "");
}

static void
v3_a_day_lies_outside_the_days_of_the_type(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE session SET day_no = 5");
	rules_finds(f, "");
	rules_sql(f, "UPDATE session SET day_no = 6");
	rules_finds(f, "V3,warning,SS-1,1,day outside the days of the activity\n");
	rules_sql(f, "UPDATE session SET day_no = 0");
	rules_finds(f, "V3,warning,SS-1,1,day outside the days of the activity\n");
}

static void
v1_v2_v4_v5_single_values_are_listed_with_their_record(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE organisation SET kind = '#99' WHERE rid = 20");
	rules_sql(f, "UPDATE person SET given_name = ''");
	rules_sql(f, "UPDATE practice SET title = '=1+1' WHERE rid = 10");
	rules_sql(f, "INSERT INTO person_contact(rid, record, scope, phone) VALUES"
		     " (41, " R(40) ", 3, '+421 (2) 555-0101')");
	rules_sql(f, "UPDATE activity_day SET date = '2932897' WHERE rid = 101");
	rules_finds(f,
	    "V1,warning,SK-C1,1,value not in the vocabulary\n"
	    "V2,warning,SS-1,1,not a real date\n"
	    "V4,warning,SK-T2,1,\"name empty, too long, or with characters that a name"
	    " cannot have\"\n"
	    "V5,warning,GP01,1,text begins like a formula\n");
}

static void
v7_two_records_have_one_code(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE organisation SET code = 'SK-C1'");
	rules_finds(f, "V7,warning,SK-C1,2,one code used twice\n");
}

static void
v8_lists_entries_with_a_stamp_far_ahead(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_finds(f, "");
	rules_sql(f, "INSERT INTO r_ahead VALUES(32, 1, 0, 2, 7, 1924984800),"
		     " (32, 1, 1, 2, 7, 1924984800), (9999, 1, 0, 2, 7, 1924984800)");
	rules_finds(f,
	    "V8,info,SK-W1,2,edit time more than 24 h ahead of the server's time\n");
}

static void
v9_lists_what_was_set_aside(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f, "INSERT INTO r_quarantine VALUES(1, 7, 0,"
		     " 'its signer may not write that kind (V9)'),"
		     " (1, 8, 0, 'does not open')");
	rules_finds(f, "V9,warning,SK,1,\"written by somebody who may not write it; kept,"
		       " not shown\"\n");
}

static void
v20_v21_v22_v24_speak_of_the_workshop(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE activity_day SET held = 'no' WHERE rid = 125");
	rules_finds(f, "");
	rules_sql(f, "UPDATE activity_day SET held = 'no' WHERE rid = 124");
	rules_finds(
	    f, "V20,gate,SK-W1,1,only 3 of 5 days held; workshop cannot be closed\n");
	rules_sql(f, "UPDATE activity_day SET held = 'yes' WHERE activity = " R(32));
	rules_sql(f, "UPDATE activity_day SET date = '2027-04-19' WHERE rid = 125");
	rules_finds(f, "V21,warning,SK-W1,1,days not consecutive\n");
	rules_sql(f, "UPDATE activity_day SET date = '2027-04-16' WHERE rid = 125");
	rules_sql(f, "UPDATE team SET experience = NULL WHERE rid = 51");
	rules_finds(f, "V22,warning,SK-W1,1,no experienced co-facilitator\n");
	rules_sql(f, "UPDATE team SET experience = 'experienced' WHERE rid = 51");
	rules_sql(f, "UPDATE activity_day SET held = 'no' WHERE rid = 112");
	rules_finds(f, "V24,warning,SK-W1,1,no held coaching before the workshop\n");
}

static void
v23_the_experienced_one_never_led_the_practice(void **state)
{
	struct laptop_fixture *f = *state;
	static const char line[] =
	    "V23,warning,SK-W1,1,the experienced one never led this practice\n";

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE session SET held = 'no'");
	rules_finds(f, line);
	rules_sql(f, "UPDATE session SET held = 'yes', practice = " R(11));
	rules_finds(f, line);
	/* He coached on it. */
	rules_sql(f, "INSERT INTO team(rid, record, scope, activity, person, function)"
		     " VALUES(52, " R(52) ", 2, " R(31) ", " R(41) ", 'coach')");
	rules_finds(f, "");
	/* What a device cannot read it does not miss. */
	rules_sql(f, "DELETE FROM team WHERE rid = 52");
	rules_sql(f, "DELETE FROM r_scope WHERE id = 5");
	rules_finds(f, "");
}

static void
v25_the_new_one_was_at_no_summer_school(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE participation SET who = " R(99) " WHERE rid = 200");
	rules_finds(f, "V25,warning,SK-W1,1,the new one was at no summer school\n");
	/* On its team is there, too. */
	rules_sql(f, "INSERT INTO team(rid, record, scope, activity, person, function)"
		     " VALUES(52, " R(52) ", 1, " R(30) ", " R(40) ", 'trainer')");
	rules_finds(f, "");
	rules_sql(f, "UPDATE activity SET cancelled = 'yes' WHERE rid = 30");
	rules_finds(f, "V25,warning,SK-W1,1,the new one was at no summer school\n");
	/* A cancelled workshop needs nobody. */
	rules_sql(f, "UPDATE activity SET cancelled = 'yes' WHERE rid = 32;"
		     " UPDATE activity_day SET held = NULL WHERE activity = " R(32));
	rules_finds(f, "");
}

static void
v26_a_summer_school_has_40_to_50_people(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "DELETE FROM participation WHERE rid = 239");
	rules_finds(
	    f, "V26,warning,SS-1,39,summer school of 39 people; 40-50 are planned\n");
	/* The team counts, one person once. */
	rules_sql(f, "INSERT INTO team(rid, record, scope, activity, person) VALUES"
		     " (53, " R(53) ", 1, " R(30) ", " R(41) "),"
							     " (54, " R(54) ", 1, " R(
								 30) ", " R(98) ")");
	rules_finds(f, "");
	rules_sql(f, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n"
		     " WHERE i < 10) INSERT INTO participation(rid, record, scope,"
		     " activity, who) SELECT 500 + i, " R(500 + i) ", 1, " R(
			 30) ","
			     " " R(500 + i) " FROM n");
	rules_finds(f, "");
	rules_sql(f, "INSERT INTO participation(rid, record, scope, activity, who)"
		     " VALUES(511, " R(511) ", 1, " R(30) ", " R(511) ")");
	rules_finds(
	    f, "V26,warning,SS-1,51,summer school of 51 people; 40-50 are planned\n");
}

static void
v27_a_coaching_is_at_the_organisation_of_its_workshop(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE activity_day SET held = NULL WHERE activity = " R(31));
	rules_sql(f, "UPDATE activity_day SET held = NULL WHERE activity = " R(32));
	rules_sql(f, "INSERT INTO participation(rid, record, scope, activity, who)"
		     " VALUES(600, " R(600) ", 2, " R(31) ", " R(40) ")");
	rules_finds(f, "");
	rules_sql(f, "UPDATE activity SET org = " R(21) " WHERE rid = 31");
	rules_finds(f,
	    "V24,warning,SK-W1,1,no held coaching before the workshop\n"
	    "V27,warning,SK-K1,1,coaching not at the organisation of the workshop\n");
	rules_sql(f, "UPDATE activity SET cancelled = 'yes' WHERE rid = 31");
	rules_finds(f, "V24,warning,SK-W1,1,no held coaching before the workshop\n");
}

static void
v28_two_valid_tallies_differ(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f,
	    "INSERT INTO tally(rid, record, scope, activity, no, \"on\", days_planned,"
	    " days_held, enrolled, attended, completers, days) VALUES"
	    " (70, " R(70) ", 2, " R(
		32) ", 1, '2027-04-17', 5, 5, 9, 40, 8, '8 8 8 8 8'),"
		    " (71, " R(71) ", 2, " R(
			32) ", 1, '2027-04-17', 5, 5, 9, 40, 8, '8 8 8 8 8')");
	rules_finds(f, "");
	rules_sql(f, "UPDATE tally SET attended = 41 WHERE rid = 71");
	rules_finds(f, "V28,warning,SK-W1,2,two valid tallies differ\n");
	rules_sql(f, "INSERT INTO reopen(rid, record, scope, activity, tally) VALUES"
		     " (72, " R(72) ", 2, " R(32) ", " R(70) ")");
	rules_finds(f, "");
}

static void
v29_personal_data_is_stored_after_the_retention_time(void **state)
{
	struct laptop_fixture *f = *state;
	static const char line[] = "V29,warning,SK-W1,1,retention time is over and"
				   " personal data is still stored\n";

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f,
	    "INSERT INTO tally(rid, record, scope, activity, no, \"on\", days_planned,"
	    " days_held, days) VALUES(70, " R(70) ", 2, " R(
		32) ", 1, '2027-04-17', 5, 5,"
		    " '8 8 8 8 8');"
		    "INSERT INTO young_person(rid, record, scope, activity, pid, "
		    "given_name,"
		    " family_name) VALUES(80, " R(80) ", 2, " R(32) ", " R(
			81) ", 'Hana', 'B')");
	rules_finds_on(f, "2028-04-16", "");
	rules_finds_on(f, "2028-04-17", line);
	rules_finds_on(f, "2028-04-18", line);
	rules_sql(f, "UPDATE country SET retention_months = 13 WHERE code = 'SK'");
	rules_finds_on(f, "2028-04-18", "");
	rules_sql(f, "UPDATE country SET retention_months = NULL WHERE code = 'SK'");
	rules_finds_on(f, "2028-04-18", line); /* 12 where nothing is said */
}

static void
v42_v43_countries_have_a_roundtable_with_two_meetings(void **state)
{
	struct laptop_fixture *f = *state;

	assert_int_equal(fixture_run(f, "--csv findings"), 0);
	assert_string_equal(f->out, "rule,severity,subject,count,message\n"
				    "V42,warning,DE,1,country without roundtable\n"
				    "V42,warning,SK,1,country without roundtable\n");
	rules_sql(f, "INSERT INTO roundtable(rid, record, scope, code, name) VALUES"
		     " (90, " R(90) ", 2, 'SK-R1', 'Rada')");
	rules_finds(f, "V43,warning,SK-R1,0,fewer than two roundtable meetings\n");
	rules_sql(f,
	    "INSERT INTO activity(rid, record, scope, code, type, roundtable, start) "
	    "VALUES"
	    " (91, " R(91) ", 2, 'SK-RM1', 'roundtable_meeting', " R(
		90) ", '2026-09-11'),"
		    " (92, " R(
			92) ", 2, 'SK-RM2', 'roundtable_meeting', NULL, '2027-03-24')");
	rules_finds(f, "");
	rules_sql(f, "UPDATE activity SET cancelled = 'yes' WHERE rid = 92");
	rules_finds(f, "V43,warning,SK-R1,1,fewer than two roundtable meetings\n");
}

static void
the_office_counts_what_tallies_say_of_young_people(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "INSERT INTO provisional(rid, record, scope, activity, "
		     "days_planned, days_held,"
		     " days, v12, v14, v15, v18) VALUES(70, " R(70) ", 2, " R(
			 32) ", 5, 5,"
			     " '8 8 8 8 8', 1, 2, 3, 4)");
	rules_finds(f,
	    "V14,warning,closed held and running workshops,2,consent still pending\n"
	    "V12,warning,young people,1,age outside the range of the practice\n"
	    "V18,gate,SK-W1,4,marks missing on held days; workshop cannot be closed\n");
	/* A tally counts more than provisional figures. */
	rules_sql(f,
	    "INSERT INTO tally(rid, record, scope, activity, no, \"on\", days_planned,"
	    " days_held, days, v15) VALUES(71, " R(71) ", 2, " R(
		32) ", 1, '2027-04-17',"
		    " 5, 5, '8 8 8 8 8', 3)");
	rules_finds(f, "V15,gate,closed workshops,3,consent refused but names stored\n");
}

static void
v18_v19_v17_hold_for_adults_too(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f,
	    "INSERT INTO participation(rid, record, scope, activity, who, joined_day) "
	    "VALUES"
	    " (600, " R(600) ", 2, " R(
		31) ", x'00000000000000070000000000000000', 1);"
		    "INSERT INTO adult_sheet(rid, record, scope, activity, day_no) VALUES"
		    " (610, " R(610) ", 2, " R(31) ", 1), (611, " R(611) ", 2, " R(
			31) ", 2);"
			    "INSERT INTO adult_sheet_marks VALUES(610, 7, 'present', 1)");
	rules_finds(f, "V18,gate,SK-K1,1,marks missing on held days; activity cannot be"
		       " closed\n");
	rules_sql(f, "INSERT INTO adult_sheet_marks VALUES(611, 7, 'absent|late', 2)");
	rules_finds(f, "V19,gate,SK-K1,1,open conflicts in marks; activity cannot be"
		       " closed\n");
	rules_sql(f, "UPDATE adult_sheet_marks SET value = 'late', siblings = 1");
	rules_finds(f, "");
	rules_sql(f, "UPDATE participation SET joined_day = 2 WHERE rid = 600");
	rules_finds(f, "V17,warning,SK-K1,1,marks on days not held or not enrolled\n");
}

static void
one_subject_is_listed_alone(void **state)
{
	struct laptop_fixture *f = *state;

	a_clean_season(f);
	nobody_takes_part(f);
	rules_sql(f, "UPDATE organisation SET code = 'SK-C1'");
	rules_sql(f, "UPDATE activity_day SET held = 'no' WHERE rid IN (112, 124, 125)");
	FIXTURE_OK(f, "--csv findings sk-w1 --gate");
	assert_string_equal(f->out,
	    "rule,severity,subject,count,message\n"
	    "V20,gate,SK-W1,1,only 3 of 5 days held; workshop cannot be closed\n");
	FIXTURE_OK(f, "--csv findings GP01");
	assert_string_equal(f->out, "rule,severity,subject,count,message\n");
	assert_int_equal(fixture_run(f, "findings SK-W7"), 66);
	FIXTURE_SAYS(f->err, "no activity, practice or document SK-W7 is on this laptop");
	FIXTURE_OK(f, "findings");
	FIXTURE_SAYS(f->out, "pnet activity show SK-W1");
}

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RULE_TEST(v20_to_v29_are_silent_on_a_clean_season),
	    RULE_TEST(v3_a_day_lies_outside_the_days_of_the_type),
	    RULE_TEST(v1_v2_v4_v5_single_values_are_listed_with_their_record),
	    RULE_TEST(v7_two_records_have_one_code),
	    RULE_TEST(v8_lists_entries_with_a_stamp_far_ahead),
	    RULE_TEST(v9_lists_what_was_set_aside),
	    RULE_TEST(v20_v21_v22_v24_speak_of_the_workshop),
	    RULE_TEST(v23_the_experienced_one_never_led_the_practice),
	    RULE_TEST(v25_the_new_one_was_at_no_summer_school),
	    RULE_TEST(v26_a_summer_school_has_40_to_50_people),
	    RULE_TEST(v27_a_coaching_is_at_the_organisation_of_its_workshop),
	    RULE_TEST(v28_two_valid_tallies_differ),
	    RULE_TEST(v29_personal_data_is_stored_after_the_retention_time),
	    RULE_TEST(v42_v43_countries_have_a_roundtable_with_two_meetings),
	    RULE_TEST(the_office_counts_what_tallies_say_of_young_people),
	    RULE_TEST(v18_v19_v17_hold_for_adults_too),
	    RULE_TEST(one_subject_is_listed_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
