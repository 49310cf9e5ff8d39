/* undo_fixture.h - a workshop of five and all that its tables show, for the tests of
 * undo. Included by one test each. */
#ifndef UNIT_UNDO_FIXTURE_H
#define UNIT_UNDO_FIXTURE_H

#include "client/actions/rolls.h"
#include "unit/laptop_fixture.h"

enum { STATE_BYTES = 128 * 1024, N_YOUNG = 5 };

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

static inline int64_t
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

#endif
