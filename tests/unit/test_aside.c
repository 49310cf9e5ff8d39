/* test_aside.c - words that were not sent when an access ended: what is sealed already
 * and what is only saved make one text, which is read meanwhile and stands there again
 * later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/laptop/aside.h"
#include "unit/laptop_fixture.h"

static int
start(void **state)
{
	static struct laptop_fixture f;

	fixture_start(&f);
	FIXTURE_OK(&f, "org add SK-C1 --set kind=youth_club --set name=Klub");
	FIXTURE_OK(&f, "practice new GP01 --set title=Art");
	FIXTURE_OK(
	    &f, "workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12");
	FIXTURE_OK(&f, "activity note SK-W9 add 1 --set text=Cold,cold");
	(void)fixture_seal(&f);
	FIXTURE_OK(&f, "activity note SK-W9 edit 1 --set text=Warm,warm");
	FIXTURE_OK(&f, "activity note SK-W9 edit 1 --set text=Warm,very-warm");
	*state = &f;
	return 0;
}

static int
stop(void **state)
{
	fixture_end(*state);
	return 0;
}

/* The scope of the notes, as its end leaves it, but for its keys and names. */
static void
set_aside(struct laptop *l)
{
	uint64_t n = 0;
	int64_t scope = 0;
	char sql[512];

	assert_int_equal(
	    db_number(l->db, "SELECT max(scope) FROM day_note", &scope, NULL), ST_OK);
	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	assert_int_equal(aside_keep(l, scope, &n), ST_OK);
	assert_true(n > 0);
	(void)snprintf(sql, sizeof sql,
	    "DELETE FROM r_dirty WHERE record IN (SELECT id FROM r_record WHERE scope ="
	    " %lld); DELETE FROM r_pending_op WHERE pending IN (SELECT id FROM "
	    "r_pending"
	    " WHERE scope = %lld); DELETE FROM r_pending WHERE scope = %lld;"
	    " UPDATE r_scope SET pos = 9 WHERE id = %lld",
	    (long long)scope, (long long)scope, (long long)scope, (long long)scope);
	fixture_exec(l, sql);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
}

static void
sealed_and_saved_words_are_one_text_and_come_back(void **state)
{
	struct laptop_fixture *f = *state;
	struct laptop *l = fixture_open(f);
	struct aside_text *texts;
	size_t n;

	set_aside(l);
	assert_int_equal(aside_texts(l, &texts, &n), ST_OK);
	assert_int_equal(n, 1);
	assert_string_equal(texts[0].place, "SK-W9");
	assert_string_equal(texts[0].kind, "day_note");
	assert_true(span_equal(texts[0].words, span_text("Warm,very-warm")));
	assert_int_equal(aside_return(l), ST_OK);
	assert_int_equal(aside_texts(l, &texts, &n), ST_OK);
	assert_int_equal(n, 0);
	laptop_close(l);
	FIXTURE_OK(f, "activity note SK-W9 show 1");
	assert_non_null(strstr(f->out, "Warm,very-warm"));
	assert_null(strstr(f->out, "Cold"));
	(void)fixture_seal(f);
	FIXTURE_OK(f, "activity note SK-W9 show 1");
	assert_non_null(strstr(f->out, "Warm,very-warm"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		sealed_and_saved_words_are_one_text_and_come_back, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
