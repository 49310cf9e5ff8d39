/* test_burial.c - erasing a person on a laptop without a network: what it hides, what it
 * seals together, and that a refused erasure gives everything back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/actions/erasing.h"
#include "unit/laptop_fixture.h"

static char code[32]; /* of Hana Mala */

static int
start(void **state)
{
	static struct laptop_fixture f;
	const char *at;

	fixture_start(&f);
	FIXTURE_OK(&f, "org add SK-C1 --set kind=youth_club --set name=Klub");
	FIXTURE_OK(&f, "practice new GP01 --set title=Art");
	FIXTURE_OK(
	    &f, "workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12");
	FIXTURE_OK(&f, "young add SK-W9 --given Hana --family Mala --birth-year 2011");
	at = strstr(f.out, "(Y-");
	assert_non_null(at);
	(void)snprintf(code, sizeof code, "%.*s", (int)strcspn(at + 1, ")"), at + 1);
	FIXTURE_OK(&f, "young add SK-W9 --given Jana --family Novak --birth-year 2011");
	FIXTURE_OK(&f, "attend SK-W9 1 --set Mala=late --set Novak=present");
	(void)fixture_seal(&f);
	*state = &f;
	return 0;
}

static int
stop(void **state)
{
	fixture_end(*state);
	return 0;
}

/* As the command does, but for the sync before and after it. */
static void
erase(struct laptop_fixture *f)
{
	struct laptop *l = fixture_open(f);
	const char *receipt = NULL;
	struct erasing x;
	struct edit *e;

	l->command = "erase";
	assert_int_equal(erasing_check_coordinator(l), ST_OK);
	assert_int_equal(erasing_find(l, NULL, code, &x), ST_OK);
	assert_int_equal(x.n_pids, 1);
	assert_int_equal(x.marks, 1);
	assert_int_equal(edit_begin(l, &e), ST_OK);
	assert_int_equal(
	    erasing_write(e, l, x.pids, 1,
		vocabulary_find(VOC_ERASURE, span_text("request")), &receipt),
	    ST_OK);
	assert_int_equal(edit_commit(e, NULL), ST_OK);
	assert_int_equal(erasing_bury(l, NULL), ST_OK);
	laptop_close(l);
}

static int64_t
number(struct laptop_fixture *f, const char *sql)
{
	struct laptop *l = fixture_open(f);
	int64_t n = -1;

	assert_int_equal(db_number(l->db, sql, &n, NULL), ST_OK);
	laptop_close(l);
	return n;
}

static void
an_erased_person_is_shown_no_more_and_the_others_are(void **state)
{
	struct laptop_fixture *f = *state;

	erase(f);
	FIXTURE_OK(f, "young list SK-W9");
	assert_null(strstr(f->out, "Mala"));
	FIXTURE_SAYS(f->out, "Jana Novak");
	FIXTURE_OK(f, "attend SK-W9 1");
	assert_null(strstr(f->out, "late"));
	FIXTURE_SAYS(f->out, "present");
}

static void
erase_and_compaction_are_one_batch_with_one_verdict(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t before = number(f, "SELECT count(*) FROM r_pending");

	erase(f);
	/* The record of the erasure in coord, and the one batch of the activity. */
	assert_int_equal(number(f, "SELECT count(*) FROM r_pending"), before + 2);
	/* Its one op of a record is the sheet. */
	assert_int_equal(
	    number(f, "SELECT count(*) FROM r_pending_op o JOIN r_record r ON"
		      " r.id = o.record WHERE pending = (SELECT max(id) FROM"
		      " r_pending) AND r.kind = 11"),
	    1);
	assert_int_equal(number(f, "SELECT count(*) FROM r_pending_op WHERE pending ="
				   " (SELECT max(id) FROM r_pending)"),
	    1);
}

static void
a_refused_erasure_gives_everything_back(void **state)
{
	struct laptop_fixture *f = *state;
	struct laptop *l;
	int64_t last;

	erase(f);
	last = number(f, "SELECT max(id) FROM r_pending");
	l = fixture_open(f);
	assert_int_equal(outbox_refuse(l, last, "VERDICT_ROLE"), ST_OK);
	laptop_close(l);
	assert_int_equal(number(f, "SELECT count(*) FROM r_grave"), 0);
	FIXTURE_OK(f, "young list SK-W9");
	FIXTURE_SAYS(f->out, "Hana Mala");
	FIXTURE_OK(f, "attend SK-W9 1");
	FIXTURE_SAYS(f->out, "late");
}

/* Two coordinators erase the same person without having met, and one was revoked. */
static void
a_refused_erasure_leaves_the_one_of_somebody_else(void **state)
{
	struct laptop_fixture *f = *state;
	struct laptop *l;
	int64_t last;

	erase(f);
	last = number(f, "SELECT max(id) FROM r_pending");
	l = fixture_open(f);
	fixture_exec(l,
	    "INSERT INTO r_pending(space, scope, batch, wire, is_carried, changes, marks,"
	    " state, reason, sealed_ms) SELECT space, scope, randomblob(32), wire, 1,"
	    " changes, marks, 0, NULL, sealed_ms FROM r_pending WHERE id ="
	    " (SELECT max(id) FROM r_pending)");
	assert_int_equal(outbox_refuse(l, last + 1, "VERDICT_REVOKED"), ST_OK);
	laptop_close(l);
	assert_int_equal(number(f, "SELECT count(*) FROM r_grave"), 1);
	FIXTURE_OK(f, "young list SK-W9");
	assert_null(strstr(f->out, "Hana Mala"));
}

static void
nothing_of_the_person_is_kept_for_undo(void **state)
{
	struct laptop_fixture *f = *state;

	assert_true(
	    number(f, "SELECT count(*) FROM r_step_cell c JOIN r_record r ON r.id ="
		      " c.record WHERE r.person IS NOT NULL") > 0);
	erase(f);
	assert_int_equal(number(f, "SELECT count(*) FROM r_step_cell c JOIN r_record r ON"
				   " r.id = c.record JOIN erasure e ON r.person ="
				   " substr(e.pid, 1, 8)"),
	    0);
	assert_int_equal(number(f, "SELECT count(*) FROM r_step_cell c JOIN erasure e ON"
				   " c.key = substr(e.pid, 1, 8)"),
	    0);
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "erased a person, for ever");
}

static void
a_second_erasure_finds_nobody(void **state)
{
	struct laptop_fixture *f = *state;
	struct laptop *l;
	struct erasing x;
	size_t n = 1;

	erase(f);
	l = fixture_open(f);
	assert_int_equal(erasing_find(l, NULL, code, &x), ST_NOT_FOUND);
	/* And nothing is left to do for it. */
	assert_int_equal(erasing_bury(l, &n), ST_OK);
	assert_int_equal(n, 0);
	laptop_close(l);
}

static void
sec_45_a_trainer_erases_nobody(void **state)
{
	struct laptop_fixture *f = *state;
	char line[120];

	fixture_become(f, &fixture_t2);
	(void)snprintf(
	    line, sizeof line, "erase %s --reason request --confirm %s", code, code);
	assert_int_equal(fixture_run(f, line), 77);
	assert_int_equal(number(f, "SELECT count(*) FROM r_grave"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		an_erased_person_is_shown_no_more_and_the_others_are, start, stop),
	    cmocka_unit_test_setup_teardown(
		erase_and_compaction_are_one_batch_with_one_verdict, start, stop),
	    cmocka_unit_test_setup_teardown(
		a_refused_erasure_gives_everything_back, start, stop),
	    cmocka_unit_test_setup_teardown(
		a_refused_erasure_leaves_the_one_of_somebody_else, start, stop),
	    cmocka_unit_test_setup_teardown(
		nothing_of_the_person_is_kept_for_undo, start, stop),
	    cmocka_unit_test_setup_teardown(a_second_erasure_finds_nobody, start, stop),
	    cmocka_unit_test_setup_teardown(sec_45_a_trainer_erases_nobody, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
