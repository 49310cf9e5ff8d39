/* test_undo_random.c - random changes undone and redone. The oracle is a stack of what
 * the tables showed, and for others' values a list of what they wrote; it knows nothing
 * of steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/undo_fixture.h"

static char now[STATE_BYTES];

enum { N_ROUNDS = 3, N_TOGETHER = 6, N_ACTS = 40, N_DEEP = 40 };

/* ---- random ---- */

static uint64_t seed;

static unsigned
draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

static const char *const marks[] = {"present", "late", "excused", "absent"};

/* One command that may change something. */
static void
act(struct laptop_fixture *f)
{
	char line[200];

	switch (draw(7)) {
	case 0:
	case 1:
		(void)snprintf(line, sizeof line, "attend SK-W9 %u --set %u=%s",
		    1 + draw(3), 1 + draw(N_YOUNG), marks[draw(4)]);
		break;
	case 2:
		(void)snprintf(line, sizeof line, "attend SK-W9 %u --rest %s",
		    1 + draw(3), marks[draw(4)]);
		break;
	case 3:
		(void)snprintf(line, sizeof line, "attend SK-W9 %u --clear %u",
		    1 + draw(3), 1 + draw(N_YOUNG));
		break;
	case 4:
		(void)snprintf(line, sizeof line,
		    "activity edit SK-W9 --set title=T%u --set start=2027-04-1%u",
		    draw(5), draw(3));
		break;
	case 5:
		(void)snprintf(line, sizeof line,
		    "young edit SK-W9 %u --set needs=N%u --set consent=%s",
		    1 + draw(N_YOUNG), draw(4), draw(2) == 0 ? "given" : "refused");
		break;
	default:
		(void)snprintf(line, sizeof line,
		    "young add SK-W9 --given New%c --family F%c --birth-year 2011"
		    " --day %u --mark late",
		    'A' + (int)draw(20), 'A' + (int)draw(20), 1 + draw(3));
	}
	FIXTURE_OK(f, line);
}

struct past {
	char text[STATE_BYTES];
};

/* Nobody else writes: undo n times and what is seen is what was seen n steps before. */
static void
walk(struct laptop_fixture *f)
{
	static struct past stack[N_DEEP + 1];
	size_t at = 0, top = 0;

	look(f, stack[0].text);
	for (int i = 0; i < N_ACTS && at < N_DEEP; i++) {
		unsigned what = draw(10);
		int64_t steps = number(f, "SELECT coalesce(max(id), 0) FROM r_step");

		if (what < 4) {
			act(f);
			if (number(f, "SELECT max(id) FROM r_step") == steps)
				continue; /* it was so already */
			top = ++at;
			look(f, stack[at].text);
			continue;
		}
		if (what < 7 && at > 0) {
			FIXTURE_OK(f, "undo");
			at--;
		} else if (what < 9 && at < top) {
			FIXTURE_OK(f, "redo");
			at++;
		} else if (what == 9)
			(void)fixture_seal(f);
		else
			continue;
		look(f, now);
		same(stack[at].text, now, f->out);
	}
}

static void
undo_and_redo_walk_along_what_was_seen(void **state)
{
	const char *from = getenv("PNET_SEED");
	uint64_t first = from == NULL ? 1 : strtoull(from, NULL, 10);

	for (uint64_t n = first; n < first + N_ROUNDS; n++) {
		seed = n * 7919;
		print_message("seed %llu\n", (unsigned long long)n);
		walk(*state);
	}
}

/* ---- random, and somebody else writes ---- */

/* What the other wrote: a mark of a line on a day. */
struct other_mark {
	unsigned day, line;
	const char *mark;
};

/* The value that stands in a place of the day's sheet, siblings between bars. */
static void
shown_mark(struct laptop_fixture *f, unsigned day, unsigned line, char out[static 64])
{
	struct laptop *l = fixture_open(f);
	struct rolls r;
	sqlite3_stmt *s = NULL;
	struct person_id pid;

	assert_int_equal(rolls_open(l, "SK-W9", &r), ST_OK);
	pid = rolls_pid(&r, line - 1);
	assert_int_equal(sqlite3_prepare_v2(db_handle(l->db),
			     "SELECT m.value FROM sheet_marks m JOIN sheet USING (rid)"
			     " WHERE day_no = ? AND person = ?",
			     -1, &s, NULL),
	    SQLITE_OK);
	(void)sqlite3_bind_int(s, 1, (int)day);
	(void)sqlite3_bind_int64(s, 2, (int64_t)person_key_of(&pid).n);
	(void)snprintf(out, 64, "%s",
	    sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : "");
	(void)sqlite3_finalize(s);
	laptop_close(l);
}

/* The steps of the other's laptop are not here. */
static void
forget_steps_after(struct laptop_fixture *f, int64_t step)
{
	struct laptop *l = fixture_open(f);
	char sql[96];

	(void)snprintf(
	    sql, sizeof sql, "DELETE FROM r_step WHERE id > %lld", (long long)step);
	fixture_exec(l, sql);
	laptop_close(l);
}

/* We write and undo; the other writes without having seen the one or the other. When all
 * are together, each mark of his stands in its place, alone or beside another. */
static void
together(struct laptop_fixture *f)
{
	struct other_mark his[4];
	char line[100], shown[64];
	int64_t at, step;
	bool undoes_before = draw(2) == 0;
	unsigned day = 1 + draw(3);

	forget_steps_after(f, 0); /* or the roster would be undone in the end */
	fixture_become(f, &fixture_n1);
	(void)snprintf(line, sizeof line,
	    "attend SK-W9 %u --set 1=%s --set 2=%s --set 3=%s --set 4=%s", day,
	    marks[draw(4)], marks[draw(4)], marks[draw(4)], marks[draw(4)]);
	/* Where two values stand they are settled first: nothing of his is left to lose.
	 */
	if (fixture_run(f, line) != 0) {
		FIXTURE_OK(f, "review --list");
		while (fixture_run(f, "review 1 --take 1") == 0)
			FIXTURE_OK(f, "review --list");
		FIXTURE_OK(f, line);
	}
	at = fixture_seal(f);
	if (undoes_before) {
		(void)fixture_run(f, "undo");
		(void)fixture_seal(f);
	}
	step = number(f, "SELECT max(id) FROM r_step");
	if (draw(3) > 0)
		fixture_hide(f, at, true);
	fixture_become(f, &fixture_t2);
	for (size_t i = 0; i < 4; i++) {
		his[i] =
		    (struct other_mark){1 + draw(3), 1 + draw(N_YOUNG), marks[draw(4)]};
		(void)snprintf(line, sizeof line, "attend SK-W9 %u --set %u=%s",
		    his[i].day, his[i].line, his[i].mark);
		shown_mark(f, his[i].day, his[i].line, shown);
		/* Two values stand there: he has to settle them first. Or it stands there
		 * already: then he wrote nothing. */
		if (fixture_run(f, line) != 0 || strcmp(shown, his[i].mark) == 0)
			his[i].mark = NULL;
	}
	(void)fixture_seal(f);
	fixture_hide(f, at, false);
	forget_steps_after(f, step);
	fixture_become(f, &fixture_n1);
	for (unsigned i = 1 + draw(2); i > 0; i--) {
		(void)fixture_run(f, draw(2) == 0 ? "undo" : "redo");
		(void)fixture_seal(f);
	}
	for (size_t i = 0; i < 4; i++) {
		bool is_overwritten = false;

		for (size_t k = i + 1; k < 4; k++)
			is_overwritten =
			    is_overwritten ||
			    (his[k].mark != NULL && his[k].day == his[i].day &&
				his[k].line == his[i].line);
		if (his[i].mark == NULL || is_overwritten)
			continue;
		shown_mark(f, his[i].day, his[i].line, shown);
		if (strstr(shown, his[i].mark) == NULL)
			fail_msg("his mark %s of %u on day %u is lost: '%s'\n%s%s",
			    his[i].mark, his[i].line, his[i].day, shown, f->out, f->err);
	}
}

static void
no_undo_takes_away_what_somebody_else_wrote(void **state)
{
	const char *from = getenv("PNET_SEED");
	uint64_t first = from == NULL ? 1 : strtoull(from, NULL, 10);

	(void)fixture_seal(*state);
	for (uint64_t n = first; n < first + N_TOGETHER; n++) {
		seed = n * 104729;
		print_message("seed %llu\n", (unsigned long long)n);
		together(*state);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	    TEST(undo_and_redo_walk_along_what_was_seen),
	    TEST(no_undo_takes_away_what_somebody_else_wrote),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
