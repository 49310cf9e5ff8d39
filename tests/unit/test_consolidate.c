/* test_consolidate.c - what a country lacks, on a laptop of the office with rows as a
 * merge may leave them. The season is tests/cli/70-consolidate.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/rules_fixture.h"

static const struct fixture_member office = {"OF-1", ROLE_OFFICE, 0, 3};

static struct laptop_fixture fixture;

static int
begin(void **state)
{
	struct laptop_fixture *f = &fixture;
	struct laptop *l;

	rules_start(f);
	l = fixture_open(f);
	fixture_device(l, &office);
	laptop_close(l);
	fixture_become(f, &office);
	(void)snprintf(f->today, sizeof f->today, "2027-02-10");
	*state = f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

/* Workshops SK-W1 to SK-W<n>, held, each with its five days. */
static void
hold_workshops(struct laptop_fixture *f, unsigned n)
{
	char sql[1024];

	(void)snprintf(sql, sizeof sql,
	    "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < "
	    "%u)"
	    " INSERT INTO activity(rid, record, scope, code, type, start) SELECT 1000 + "
	    "i,"
	    " CAST(printf('%%016d', 1000 + i) AS BLOB), 2, 'SK-W' || i, 'youth_workshop',"
	    " '2026-10-05' FROM n;"
	    "WITH RECURSIVE d(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM d WHERE i < 5)"
	    " INSERT INTO activity_day(rid, record, scope, activity, day_no, date, held)"
	    " SELECT a.rid * 10 + i, CAST(printf('%%016d', a.rid * 10 + i) AS BLOB), 2,"
	    " a.record, i, '2026-10-05', 'yes' FROM activity a, d",
	    n);
	rules_sql(f, sql);
}

static void
add_report(struct laptop_fixture *f, unsigned workshop, const char *submitted)
{
	char sql[512];

	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO report(rid, record, scope, code, activity, host_country, "
	    "submitted)"
	    " VALUES(%u, CAST(printf('%%016d', %u) AS BLOB), 1, 'SK-W%u-TR',"
	    " CAST(printf('%%016d', %u) AS BLOB), 'SK', %s)",
	    2000 + workshop, 2000 + workshop, workshop, 1000 + workshop, submitted);
	rules_sql(f, sql);
}

/* The line of a country as CSV, after its code. */
static void
lacks(struct laptop_fixture *f, const char *country, const char *wanted)
{
	char line[32];
	const char *at;

	(void)fixture_run(f, "--csv consolidate 2026");
	assert_non_null(strstr(f->err, "[!!] not frozen: "));
	(void)snprintf(line, sizeof line, "\n%s,", country);
	at = strstr(f->out, line);
	assert_non_null(at);
	at += strlen(line);
	if (strncmp(at, wanted, strlen(wanted)) != 0 || at[strlen(wanted)] != '\n')
		fail_msg("%s", f->out);
}

static void
a_country_without_anything_due_still_owes_its_advocacy_report(void **state)
{
	struct laptop_fixture *f = *state;

	lacks(f, "SK", "0,0,0,0,0,none,no,no advocacy report");
	rules_sql(f,
	    "INSERT INTO submission(rid, record, scope, document, kind, hash)"
	    " VALUES(171, " R(171) ", 2, " R(180) ", 'advocacy_report', " HASH(1) ")");
	lacks(f, "SK", "0,0,0,0,0,submitted,no,advocacy not accepted");
	rules_sql(f,
	    "INSERT INTO acceptance(rid, record, scope, hash, outcome, \"on\") VALUES"
	    " (172, " R(172) ", 2, " HASH(1) ", 'returned', '2027-01-20')");
	lacks(f, "SK", "0,0,0,0,0,returned,no,advocacy returned");
	rules_sql(f,
	    "INSERT INTO acceptance(rid, record, scope, hash, outcome, \"on\") VALUES"
	    " (173, " R(173) ", 2, " HASH(1) ", 'accepted', '2027-01-21')");
	lacks(f, "SK", "0,0,0,0,0,accepted,yes,");
	lacks(f, "DE", "0,0,0,0,0,none,no,no advocacy report");
}

static void
each_report_says_how_far_it_is(void **state)
{
	struct laptop_fixture *f = *state;

	hold_workshops(f, 3);
	add_report(f, 1, "NULL");
	lacks(f, "SK",
	    "0,3,0,0,3,none,no,\"SK-W1 not closed, SK-W2 not closed, SK-W3 not closed,"
	    " SK-W1-TR is a draft, SK-W2 no report, SK-W3 no report, no advocacy "
	    "report\"");
	/* A workshop that is planned or running, or of another year, is not due. */
	rules_sql(f,
	    "UPDATE activity_day SET held = NULL WHERE activity = " R(
		1002) ";"
		      "UPDATE activity SET start = '2025-12-31' WHERE code = 'SK-W3'");
	lacks(f, "SK",
	    "0,1,0,0,1,none,no,\"SK-W1 not closed, SK-W1-TR is a draft, no advocacy"
	    " report\"");
}

static void
what_many_lack_is_counted_and_not_listed_for_ever(void **state)
{
	struct laptop_fixture *f = *state;
	const char *at;

	hold_workshops(f, 300);
	(void)fixture_run(f, "--csv consolidate 2026");
	assert_non_null(strstr(f->err, "[!!] not frozen: "));
	at = strstr(f->out, "\nSK,0,300,0,0,300,none,no,\"SK-W1 not closed, SK-W10 not");
	assert_non_null(at);
	assert_non_null(strstr(at, " more not closed, SK-W1 no report, "));
	assert_non_null(strstr(at, " more reports, no advocacy report\""));
	assert_true(strcspn(at + 1, "\n") < 1400);
	assert_int_equal(fixture_run(f, "consolidate 2026 --freeze --allow-partial"), 0);
	assert_int_equal(fixture_run(f, "--csv indicators --snapshot 2026"), 0);
	assert_non_null(strstr(f->out, "\nALL (partial),0,0,0,0,0,0,,0,"));
}

static void
a_trial_freezes_nothing(void **state)
{
	struct laptop_fixture *f = *state;

	assert_int_equal(
	    fixture_run(f, "-n consolidate 2026 --freeze --allow-partial"), 0);
	assert_non_null(strstr(f->err, "[..] 2026 could be frozen as a part: snapshot "));
	assert_int_equal(fixture_run(f, "indicators --snapshot 2026"), 66);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_country_without_anything_due_still_owes_its_advocacy_report),
	    CASE(each_report_says_how_far_it_is),
	    CASE(what_many_lack_is_counted_and_not_listed_for_ever),
	    CASE(a_trial_freezes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
