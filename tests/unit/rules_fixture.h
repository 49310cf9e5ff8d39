/* rules_fixture.h - typed rows written by SQL on a fixture's laptop, as a merge may leave
 * them, and the lines that `pnet findings` then prints. Included by one test each. */
#ifndef UNIT_RULES_FIXTURE_H
#define UNIT_RULES_FIXTURE_H

#include "unit/laptop_fixture.h"

/* Scopes of the fixture: local ids. */
enum { IN_ALL = 1, IN_OFFICE = 2, IN_COUNTRY = 3, IN_COORD = 4, IN_DE_OFFICE = 5 };

/* A record name made of a number, in SQL. */
#define R(n) "CAST(printf('%016d', " #n ") AS BLOB)"
#define HASH(n) "CAST(printf('%032d', " #n ") AS BLOB)"

static inline void
rules_sql(struct laptop_fixture *f, const char *sql)
{
	struct laptop *l = fixture_open(f);
	struct trouble t = {0};

	if (db_exec(l->db, sql, &t) != ST_OK)
		fail_msg("%s\n%s", t.text, sql);
	laptop_close(l);
}

/* A laptop that reads the office scopes of SK and DE, as the office does. */
static inline void
rules_start(struct laptop_fixture *f)
{
	struct laptop *l;

	fixture_start(f);
	l = fixture_open(f);
	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	fixture_exec(l, "INSERT INTO r_space(pos, code) VALUES(2, 'DE')");
	fixture_scope(l, 2, SCOPE_OFFICE, 1);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
	laptop_close(l);
	rules_sql(f, "INSERT INTO country(rid, record, scope, code, name, \"order\","
		     " retention_months) VALUES(1, " R(
			 1) ", 1, 'DE', 'Germany', 1, NULL),"
			    " (2, " R(2) ", 1, 'SK', 'Slovakia', 2, 12)");
}

/* The rows that records of these kinds have beside the typed ones. */
static inline void
rules_know(struct laptop_fixture *f)
{
	static const struct {
		unsigned kind;
		const char *table;
	} kinds[] = {{KIND_ACTIVITY, "activity"}, {KIND_REPORT, "report"},
	    {KIND_REPORT_SECTION, "report_section"}, {KIND_ADVOCACY, "advocacy"},
	    {KIND_ADVOCACY_SECTION, "advocacy_section"}, {KIND_MINUTES, "minutes"},
	    {KIND_PUBLICATION, "publication"},
	    {KIND_PUBLICATION_ITEM, "publication_item"}};
	char sql[200];

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		(void)snprintf(sql, sizeof sql,
		    "INSERT OR IGNORE INTO r_record(id, kind, name, scope)"
		    " SELECT rid, %u, record, scope FROM %s",
		    kinds[i].kind, kinds[i].table);
		rules_sql(f, sql);
	}
}

/* Everything but the two lines that a country without roundtable gives. */
static inline void
rules_finds_on(struct laptop_fixture *f, const char *today, const char *wanted)
{
	static char got[FIXTURE_OUT_BYTES];
	char *at = f->out;
	int code;

	(void)snprintf(f->today, sizeof f->today, "%s", today);
	rules_know(f);
	code = fixture_run(f, "--csv findings");
	if (code != 0 && code != 3)
		fail_msg("exit %d\n%s%s", code, f->out, f->err);
	got[0] = '\0';
	at = strchr(at, '\n'); /* the header */
	assert_non_null(at);
	for (at++; *at != '\0';) {
		size_t len = strcspn(at, "\n") + 1;

		if (strncmp(at, "V42,", 4) != 0)
			strncat(got, at, len);
		at += len;
	}
	assert_string_equal(got, wanted);
}

static inline void
rules_finds(struct laptop_fixture *f, const char *wanted)
{
	rules_finds_on(f, "2027-06-01", wanted);
}

#endif
