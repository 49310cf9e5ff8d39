/* test_undo.c - undo and redo on one laptop: what the tables show afterwards is what they
 * showed before, byte for byte; what somebody else wrote since stays. The oracle is a
 * stack of what the tables showed, and for others' values a list of what they wrote; it
 * knows nothing of steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/actions/rolls.h"
#include "unit/laptop_fixture.h"

enum {
	STATE_BYTES = 128 * 1024,
	N_ROUNDS = 3,
	N_TOGETHER = 6,
	N_ACTS = 40,
	N_DEEP = 40,
	N_YOUNG = 5
};

static struct laptop_fixture fixture;

static int
start(void **state)
{
	struct laptop_fixture *f = &fixture;
	char line[200];

	fixture_start(f);
	FIXTURE_OK(f, "org add SK-C1 --set kind=youth_club --set name=\"Klub mladych\"");
	FIXTURE_OK(f, "practice new GP01 --set title=\"Street art\"");
	FIXTURE_OK(
	    f, "workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12");
	for (int i = 0; i < N_YOUNG; i++) {
		(void)snprintf(line, sizeof line,
		    "young add SK-W9 --given Name%c --family Family%c --birth-year 2011"
		    " --gender f",
		    'A' + i, 'A' + i);
		FIXTURE_OK(f, line);
	}
	*state = f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

/* ---- what the tables show ---- */

static size_t
put_rows(struct laptop *l, const char *sql, char *out, size_t used)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db_handle(l->db), sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db_handle(l->db)));
	while (sqlite3_step(s) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			const unsigned char *text = sqlite3_column_text(s, i);
			size_t room = STATE_BYTES - used;

			used += (size_t)snprintf(out + used, room, "%s|",
			    text == NULL ? "-" : (const char *)text);
			assert_true(used < STATE_BYTES);
		}
		out[used++] = '\n';
	}
	(void)sqlite3_finalize(s);
	out[used] = '\0';
	return used;
}

static size_t
put_kind(struct laptop *l, const struct kind *k, char *out, size_t used)
{
	char sql[4096];
	int at = snprintf(sql, sizeof sql, "SELECT '%s', hex(record)", k->name);

	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type != FIELD_MARKS)
			at += snprintf(sql + at, sizeof sql - (size_t)at,
			    ", quote(\"%s\")", k->fields[i].name);
	}
	(void)snprintf(sql + at, sizeof sql - (size_t)at, " FROM %s ORDER BY 2", k->name);
	used = put_rows(l, sql, out, used);
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type != FIELD_MARKS)
			continue;
		(void)snprintf(sql, sizeof sql,
		    "SELECT '%s mark', hex(t.record), m.person, m.value, m.siblings FROM"
		    " %s_%s m JOIN %s t USING (rid) ORDER BY 2, 3",
		    k->name, k->name, k->fields[i].name, k->name);
		used = put_rows(l, sql, out, used);
	}
	return used;
}

/* All that people see, in a fixed order. */
static void
look(struct laptop_fixture *f, char *out)
{
	struct laptop *l = fixture_open(f);
	size_t used = 0;

	for (size_t i = 0; i < schema_kind_count(); i++)
		used = put_kind(l, schema_kind_at(i), out, used);
	(void)put_rows(l,
	    "SELECT 'conflict', record, field, hex(key) FROM r_conflict ORDER BY 2, 3, 4",
	    out, used);
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

static int64_t
unsent(struct laptop_fixture *f)
{
	return number(f, "SELECT coalesce(sum(is_change), 0) FROM r_dirty");
}

static void
same(const char *wanted, const char *found, const char *when)
{
	size_t at = 0;

	while (wanted[at] == found[at] && wanted[at] != '\0')
		at++;
	if (wanted[at] == found[at])
		return;
	while (at > 0 && wanted[at - 1] != '\n')
		at--;
	fail_msg("%s:\nwanted %.200s\nfound  %.200s", when, wanted + at, found + at);
}

static char before[STATE_BYTES], after[STATE_BYTES], now[STATE_BYTES];

/* ---- one step ---- */

static void
an_undone_mark_was_never_there(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t n = unsent(f);

	look(f, before);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	FIXTURE_SAYS(f->out, "    undo: pnet undo\n");
	look(f, after);
	FIXTURE_OK(f, "undo");
	FIXTURE_SAYS(f->out, "undone: 5 marks of SK-W9 day 2 (Tue 13 Apr)");
	FIXTURE_SAYS(f->out, "    redo: pnet redo\n");
	look(f, now);
	same(before, now, "undo");
	assert_int_equal(unsent(f), n);
	FIXTURE_OK(f, "undo --list --plain");
	FIXTURE_SAYS(f->out, "\tundone\t5 marks of SK-W9 day 2 (Tue 13 Apr)\n");
	FIXTURE_OK(f, "redo");
	look(f, now);
	same(after, now, "redo");
	FIXTURE_OK(f, "undo");
	/* The sheet is named anew, though its record is known by now. */
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	look(f, now);
	same(after, now, "the same again");
}

static void
a_correction_before_sealing_is_undone_to_what_it_corrected(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	look(f, before);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	FIXTURE_OK(f, "undo");
	look(f, now);
	same(before, now, "undo of the correction");
	FIXTURE_OK(f, "undo");
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 0);
	FIXTURE_OK(f, "redo");
	look(f, now);
	same(before, now, "redo of the first marks");
}

static void
what_was_sealed_is_undone_by_an_ordinary_edit(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 1 --rest present");
	look(f, before);
	FIXTURE_OK(f, "activity edit SK-W9 --set title=\"Another title\"");
	look(f, after);
	(void)fixture_seal(f);
	FIXTURE_OK(f, "undo");
	look(f, now);
	same(before, now, "undo");
	assert_int_equal(unsent(f), 1);
	(void)fixture_seal(f);
	FIXTURE_OK(f, "redo");
	look(f, now);
	same(after, now, "redo");
}

static void
a_new_change_ends_what_can_be_done_again(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent");
	FIXTURE_OK(f, "undo");
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	assert_int_equal(fixture_run(f, "redo"), 66);
	FIXTURE_SAYS(f->err, "nothing was undone since the last change");
	look(f, before);
	assert_int_equal(fixture_run(f, "undo 4711"), 66);
	assert_int_equal(fixture_run(f, "undo x"), 64);
	FIXTURE_OK(f, "undo --list --plain");
	FIXTURE_SAYS(f->out, "\tattend\tdone\t1 mark of SK-W9 day 2 (Tue 13 Apr)\n");
	look(f, now);
	same(before, now, "listing");
}

static void
a_made_person_goes_and_comes_back(void **state)
{
	struct laptop_fixture *f = *state;

	for (int is_sealed = 0; is_sealed < 2; is_sealed++) {
		look(f, before);
		FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bielikova"
			      " --birth-year 2011 --gender f --day 1 --mark present");
		look(f, after);
		if (is_sealed != 0)
			(void)fixture_seal(f);
		FIXTURE_OK(f, "undo");
		look(f, now);
		same(before, now, "undo");
		FIXTURE_OK(f, "young list SK-W9 --plain");
		assert_null(strstr(f->out, "Hana"));
		FIXTURE_OK(f, "redo");
		look(f, now);
		same(after, now, "redo");
		FIXTURE_OK(f, "undo");
	}
}

static void
a_trial_is_no_step(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t n = number(f, "SELECT count(*) FROM r_step");

	FIXTURE_OK(f, "-n attend SK-W9 2 --set 4=absent");
	assert_null(strstr(f->out, "undo"));
	assert_int_equal(number(f, "SELECT count(*) FROM r_step"), n);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent");
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent"); /* was so already */
	assert_int_equal(number(f, "SELECT count(*) FROM r_step"), n + 1);
	look(f, before);
	FIXTURE_OK(f, "-n undo");
	look(f, now);
	same(before, now, "a trial of undo");
}

/* ---- others ---- */

static void
what_others_changed_since_stays(void **state)
{
	struct laptop_fixture *f = *state;

	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	(void)fixture_seal(f);
	fixture_become(f, &fixture_t3);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=excused");
	{
		/* His laptop is another one: its steps are not here. */
		struct laptop *l = fixture_open(f);

		fixture_exec(
		    l, "DELETE FROM r_step WHERE id = (SELECT max(id) FROM r_step)");
		laptop_close(l);
	}
	(void)fixture_seal(f);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "undo");
	FIXTURE_SAYS(
	    f->err, "[!!] stays: SK-W9, 4 NameD FamilyD, day 2 is excused since");
	FIXTURE_SAYS(f->err, "DE-T3");
	FIXTURE_SAYS(f->out, "but for what was changed since");
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 1);
	assert_int_equal(
	    number(f, "SELECT count(*) FROM sheet_marks WHERE value = 'excused'"), 1);
	FIXTURE_OK(f, "redo");
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 5);
	assert_int_equal(
	    number(f, "SELECT count(*) FROM sheet_marks WHERE value = 'excused'"), 1);
}

static void
an_undo_of_which_nothing_stands_is_refused(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "activity edit SK-W9 --set title=One");
	(void)fixture_seal(f);
	FIXTURE_OK(f, "activity edit SK-W9 --set title=Two");
	{
		struct laptop *l = fixture_open(f);

		fixture_exec(
		    l, "DELETE FROM r_step WHERE id = (SELECT max(id) FROM r_step)");
		laptop_close(l);
	}
	look(f, before);
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "(PN-C02)");
	FIXTURE_SAYS(f->err, "title of activity SK-W9 is Two since");
	look(f, now);
	same(before, now, "refused");
}

static void
somebody_with_marks_of_others_stays_on_the_roster(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bielikova --birth-year 2011"
		      " --gender f");
	(void)fixture_seal(f);
	FIXTURE_OK(f, "attend SK-W9 1 --set hana=present");
	look(f, before);
	{
		struct laptop *l = fixture_open(f);

		fixture_exec(
		    l, "DELETE FROM r_step WHERE id = (SELECT max(id) FROM r_step)");
		laptop_close(l);
	}
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "marks were written for this person since");
	look(f, now);
	same(before, now, "refused");
}

static void
a_choice_is_undone_to_both_values_until_it_is_sent(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t at;

	(void)fixture_seal(f);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	at = fixture_seal(f);
	fixture_hide(f, at, true);
	fixture_become(f, &fixture_t3);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=excused");
	(void)fixture_seal(f);
	fixture_hide(f, at, false);
	look(f, before);
	FIXTURE_OK(f, "review --list");
	FIXTURE_OK(f, "review 1 --take 1");
	FIXTURE_SAYS(f->out, "undo: pnet undo");
	FIXTURE_OK(f, "undo");
	look(f, now);
	same(before, now, "undo of a choice");
	FIXTURE_OK(f, "redo");
	(void)fixture_seal(f);
	look(f, before);
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "two values stood there side by side");
	look(f, now);
	same(before, now, "refused");
}

/* Somebody wrote into a record that he saw, while its making was undone. */
static void
a_record_that_somebody_wrote_into_is_shown_with_its_name(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t at;

	FIXTURE_OK(f, "attend SK-W9 2 --set 1=present");
	at = fixture_seal(f);
	FIXTURE_OK(f, "undo");
	at = fixture_seal(f);
	fixture_hide(f, at, true);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 2=late");
	(void)fixture_seal(f);
	fixture_hide(f, at, false);
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks m JOIN sheet USING"
				   " (rid) WHERE day_no = 2 AND value = 'late'"),
	    1);
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 1);
	assert_int_equal(number(f, "SELECT count(*) FROM r_conflict"), 0);
}

/* Signatures and keys. */
static void
what_stands_for_good_is_not_undone(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "activity team SK-W9 add SK-T2 --new --name \"Tadeas Varga\"");
	assert_null(strstr(f->out, "undo"));
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "gave a member the keys of an activity");
	for (int day = 1; day <= 5; day++) {
		char line[80];

		(void)snprintf(line, sizeof line, "attend SK-W9 %d --rest present", day);
		FIXTURE_OK(f, line);
	}
	FIXTURE_OK(f, "close SK-W9");
	look(f, before);
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "pnet: this is not undone (PN-C01)");
	FIXTURE_SAYS(f->err, "(close) wrote a tally, which stands under its author's");
	FIXTURE_SAYS(f->err, "pnet reopen ACTIVITY --reason TEXT");
	look(f, now);
	same(before, now, "refused");
}

/* ---- history ---- */

static void
history_tells_who_wrote_what_over_what(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t at;

	(void)fixture_seal(f);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent");
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	at = fixture_seal(f);
	FIXTURE_OK(f, "history SK-W9 --by SK-T2");
	FIXTURE_SAYS(
	    f->out, "SK-T2 marked 4 NameD FamilyD absent on day 2 (Tue 13 Apr), ");
	FIXTURE_SAYS(f->out, "SK-T2 marked 4 NameD FamilyD late on day 2 (Tue 13 Apr), ");
	FIXTURE_SAYS(f->out, "; before: absent\n");
	assert_null(strstr(f->out, "SK-N1"));
	FIXTURE_OK(f, "attend SK-W9 2 --clear 4");
	FIXTURE_OK(f, "undo");
	FIXTURE_OK(f, "history SK-W9");
	FIXTURE_SAYS(f->out, "SK-N1 added young person 4 NameD FamilyD in SK-W9: ");
	FIXTURE_SAYS(f->out, "SK-N1 added activity SK-W9: ");
	FIXTURE_SAYS(
	    f->out, "cleared the mark of 4 NameD FamilyD on day 2 (Tue 13 Apr), ");
	FIXTURE_SAYS(f->out, "; before: late; undone since\n");
	FIXTURE_OK(f, "history named --plain");
	FIXTURE_SAYS(f->out, "\tmarks\tlate\tabsent\tstands\n");
	FIXTURE_SAYS(f->out, "\tmarks\tnothing\tlate\tundone\n");
	assert_null(strstr(f->out, "FamilyA"));
	FIXTURE_OK(f, "history SK-W9 --since 2999-01-01");
	assert_string_equal(f->out, "nothing was written there\n");
	assert_int_equal(fixture_run(f, "history nobody-of-that-name"), 66);
	assert_int_equal(fixture_run(f, "history SK-W9 --since never"), 65);
	(void)at;
}

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
	    TEST(an_undone_mark_was_never_there),
	    TEST(a_correction_before_sealing_is_undone_to_what_it_corrected),
	    TEST(what_was_sealed_is_undone_by_an_ordinary_edit),
	    TEST(a_new_change_ends_what_can_be_done_again),
	    TEST(a_made_person_goes_and_comes_back),
	    TEST(a_trial_is_no_step),
	    TEST(what_others_changed_since_stays),
	    TEST(an_undo_of_which_nothing_stands_is_refused),
	    TEST(somebody_with_marks_of_others_stays_on_the_roster),
	    TEST(a_choice_is_undone_to_both_values_until_it_is_sent),
	    TEST(a_record_that_somebody_wrote_into_is_shown_with_its_name),
	    TEST(what_stands_for_good_is_not_undone),
	    TEST(history_tells_who_wrote_what_over_what),
	    TEST(undo_and_redo_walk_along_what_was_seen),
	    TEST(no_undo_takes_away_what_somebody_else_wrote),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
