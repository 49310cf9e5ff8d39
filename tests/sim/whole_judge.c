/* whole_judge.c - what must hold when the faults are over: all laptops that read a scope
 * show the same, a new one too; nothing that was saved is missing; nobody has anything
 * left to say. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "whole_town.h"

enum { ROUNDS_MAX = 12, DUMP_SQL_BYTES = 8192 };

/* ---- healing ---- */

static bool
is_quiet(const struct sync_report *r)
{
	return r->is_complete && r->sent == 0 && r->stored == 0 &&
	       r->received.changes == 0 && r->n_refused == 0 && r->n_log_new == 0;
}

void
judge_heal(struct town *t)
{
	bool quiet = false;

	pipe_deliver_late();
	for (size_t i = 0; i < t->n_homes; i++)
		t->homes[i].skew_s = 0;
	for (unsigned round = 0; !quiet && !town_has_failed(t); round++) {
		quiet = true;
		if (round == ROUNDS_MAX)
			town_fail(t, "after %d rounds there is still something to say",
			    ROUNDS_MAX);
		for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++) {
			struct sync_report r;

			t->now_ms += 60000;
			if (!home_sync(&t->homes[i], &r))
				town_fail(t, "laptop %zu of %s cannot sync: %s / %s", i,
				    t->homes[i].member, t->homes[i].complaint.why,
				    t->homes[i].l == NULL ? ""
							  : t->homes[i].l->trouble.text);
			quiet = quiet && is_quiet(&r);
			if (round + 2 >= ROUNDS_MAX)
				town_say(t,
				    "round %u %s: sent %" PRIu64 " received %" PRIu64
				    " refused %zu log %zu complete %d",
				    round, t->homes[i].member, r.sent, r.received.changes,
				    r.n_refused, r.n_log_new, r.is_complete);
		}
	}
}

/* ---- nothing is left over ---- */

static void
expect_none(struct town *t, struct home *h, const char *table)
{
	char sql[200];
	int64_t n = -1;

	(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
	if (db_number(h->l->db, sql, &n, NULL) != ST_OK || n != 0)
		town_fail(t, "laptop %td of %s: %lld rows in %s", h - t->homes, h->member,
		    (long long)n, table);
}

static void
tell_quarantine(struct town *t, struct home *h)
{
	struct query *q = query_of(h->l->queries,
	    "SELECT q.space, q.lsn, q.idx, reason || ' epoch ' || coalesce(b.epoch,-1) "
	    "|| ' by ' || coalesce(b.home,-1) || '.' || coalesce(b.device, -1) || ' "
	    "scope ' || coalesce(b.scope,-1) || ' seed ' || coalesce((SELECT "
	    "group_concat(e.epoch||hex(e.seed)) FROM r_seed e JOIN r_scope s ON s.id = "
	    "e.scope WHERE s.space = b.space AND s.pos = b.scope),'-') || "
	    "coalesce((SELECT group_concat(epoch||':'||pos) FROM r_scope s WHERE s.space "
	    "= b.space AND s.pos=b.scope),'-') FROM r_quarantine q LEFT JOIN r_batch b "
	    "ON b.space=q.space and b.lsn=q.lsn");

	while (query_row(q))
		town_fail(t, "laptop %td of %s set op %lld/%lld/%lld aside: %s",
		    h - t->homes, h->member, (long long)query_column_int(q, 0),
		    (long long)query_column_int(q, 1), (long long)query_column_int(q, 2),
		    query_column_text(q, 3));
	(void)query_done(q, NULL);
}

static void
judge_left_over(struct town *t, struct home *h)
{
	static const char *const tables[] = {
	    "r_dirty", "r_pending", "r_pending_op", "r_stage", "r_intent"};

	tell_quarantine(t, h);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		expect_none(t, h, tables[i]);
}

/* ---- all show the same ---- */

/* Appends the first column of all rows; false if the statement is wrong. */
static bool
add_rows(const struct home *h, const char *sql, int64_t scope, FILE *out)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db_handle(h->l->db), sql, -1, &s, NULL);

	if (code != SQLITE_OK)
		return false;
	(void)sqlite3_bind_int64(s, 1, scope);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		(void)fprintf(out, "%s\n", (const char *)sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
	return code == SQLITE_DONE;
}

static bool
add_kind(const struct home *h, const struct kind *k, int64_t scope, FILE *out)
{
	char sql[DUMP_SQL_BYTES];
	int at = snprintf(sql, sizeof sql, "SELECT '%s ' || hex(record)", k->name);
	bool ok;

	for (size_t i = 0; i < k->n_fields; i++)
		if (k->fields[i].type != FIELD_MARKS)
			at += snprintf(sql + at, sizeof sql - (size_t)at,
			    " || ' ' || quote(\"%s\")", k->fields[i].name);
	(void)snprintf(sql + at, sizeof sql - (size_t)at,
	    " FROM %s WHERE scope = ? ORDER BY record", k->name);
	ok = add_rows(h, sql, scope, out);
	for (size_t i = 0; ok && i < k->n_fields; i++) {
		if (k->fields[i].type != FIELD_MARKS)
			continue;
		(void)snprintf(sql, sizeof sql,
		    "SELECT '%s.%s ' || hex(record) || ' ' || person || ' ' || value ||"
		    " ' ' || siblings FROM %s_%s JOIN %s USING(rid) WHERE scope = ?"
		    " ORDER BY record, person",
		    k->name, k->fields[i].name, k->name, k->fields[i].name, k->name);
		ok = add_rows(h, sql, scope, out);
	}
	return ok;
}

/* What a laptop shows of one scope, as text; the caller frees it. */
static char *
dump(struct town *t, const struct home *h, int64_t scope)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool ok = out != NULL;

	for (size_t i = 0; ok && i < schema_kind_count(); i++)
		ok = add_kind(h, schema_kind_at(i), scope, out);
	ok =
	    ok && add_rows(h,
		      "SELECT 'conflict ' || hex(name) || ' ' || field || ' ' || hex(key)"
		      " FROM r_conflict c JOIN r_record r ON r.id = c.record"
		      " WHERE scope = ? ORDER BY name, field, key",
		      scope, out);
	/* Base is the server's state: what it dropped is gone here too. */
	ok =
	    ok && add_rows(h,
		      "SELECT 'op ' || lsn || '.' || idx FROM r_op JOIN r_batch b"
		      " USING(space, lsn) JOIN r_scope s ON s.space = b.space AND s.pos ="
		      " b.scope WHERE s.id = ? ORDER BY lsn, idx",
		      scope, out);
	if (!ok)
		town_fail(t, "the tables of %s cannot be read", h->member);
	if (out != NULL)
		(void)fclose(out);
	return text;
}

/* The first line in which they differ. */
static void
fail_different(
    struct town *t, const struct home *a, const struct home *b, char *left, char *right)
{
	char *left_rest, *right_rest;
	const char *x = strtok_r(left, "\n", &left_rest);
	const char *y = strtok_r(right, "\n", &right_rest);

	while (x != NULL && y != NULL && strcmp(x, y) == 0) {
		x = strtok_r(NULL, "\n", &left_rest);
		y = strtok_r(NULL, "\n", &right_rest);
	}
	town_fail(t, "laptops %td (%s) and %td (%s) differ:\n  %.200s\n  %.200s",
	    a - t->homes, a->member, b - t->homes, b->member, x == NULL ? "nothing" : x,
	    y == NULL ? "nothing" : y);
}

static void
judge_scope(struct town *t, uint16_t space, const struct scope_name *name)
{
	const struct home *first = NULL;
	char *of_first = NULL;

	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++) {
		struct home *h = &t->homes[i];
		struct scope_info scope;
		char *text;

		if (scope_find(h->l, space, name, &scope) != ST_OK)
			continue;
		text = dump(t, h, scope.id);
		if (first == NULL) {
			first = h;
			of_first = text;
			continue;
		}
		if (!town_has_failed(t) && strcmp(text, of_first) != 0)
			fail_different(t, first, h, of_first, text);
		free(text);
	}
	free(of_first);
}

/* ---- nothing is missing ---- */

static bool
same_cell(const struct spot *a, const struct spot *b)
{
	return a->space == b->space && a->kind == b->kind && a->field == b->field &&
	       ID_EQUAL(&a->scope, &b->scope) && ID_EQUAL(&a->record, &b->record) &&
	       a->has_key == b->has_key && a->key == b->key;
}

/* Did somebody who saw it write there? */
static bool
is_replaced(const struct town *t, const struct token *k)
{
	for (size_t i = 0; i < t->n_tokens; i++) {
		const struct token *by = &t->tokens[i];

		for (size_t s = 0; s < by->n_seen; s++)
			if (entry_name_equal(by->seen[s], k->name) &&
			    same_cell(&by->cell, &k->cell))
				return true;
	}
	return false;
}

static const struct record_cell *
shown(struct home *h, const struct spot *c, struct arena *a, struct loaded *x)
{
	struct record_ref ref = {.kind = c->kind, .name = c->record};
	struct scope_info scope;
	int64_t rid = 0;

	if (scope_find(h->l, c->space, &c->scope, &scope) != ST_OK)
		return NULL;
	ref.scope = scope.id;
	if (record_find(h->l, &ref, &rid) != ST_OK || rid == 0 ||
	    record_load(h->l, rid, a, x) != ST_OK)
		return NULL;
	return record_cell_find(&x->view, c->field, c->has_key, c->key);
}

static void
judge_token(struct town *t, struct home *h, const struct token *k, struct arena *a)
{
	struct loaded x;
	const struct record_cell *cell = shown(h, &k->cell, a, &x);
	bool is_there = false, is_gone = is_replaced(t, k);

	for (size_t i = 0; cell != NULL && i < cell->n; i++)
		is_there = is_there ||
			   (cell->entries[i].entry->value.hollow == 0 &&
			       entry_name_equal(cell->entries[i].entry->name, k->name));
	if (is_there == is_gone)
		town_fail(t, "laptop %td (%s): an entry of kind %u field %u is %s",
		    h - t->homes, h->member, k->cell.kind, k->cell.field,
		    is_gone ? "shown though it was replaced" : "missing");
}

/* One laptop that reads the scope is enough: they are equal. */
static void
judge_tokens(struct town *t)
{
	struct arena *a = arena_new(0);

	for (size_t i = 0; i < t->n_tokens && !town_has_failed(t); i++) {
		const struct token *k = &t->tokens[i];
		struct scope_info scope;
		size_t at = 0;

		while (at < t->n_homes && scope_find(t->homes[at].l, k->cell.space,
					      &k->cell.scope, &scope) != ST_OK)
			at++;
		if (at == t->n_homes)
			town_fail(t, "nobody reads the scope of an entry");
		else
			judge_token(t, &t->homes[at], k, a);
		arena_reset(a);
	}
	arena_free(a);
}

/* ---- all of it ---- */

/* A new coordinator reads all of the country, from zero. */
static void
invite_fresh(struct town *t)
{
	struct home *fresh =
	    town_invite(t, &t->homes[1], "SK-N9", ROLE_COORDINATOR, NULL);

	for (unsigned i = 0; fresh != NULL && i < 2; i++)
		if (!home_sync(fresh, NULL))
			town_fail(
			    t, "the new laptop cannot sync: %s", fresh->complaint.why);
	judge_heal(t);
}

void
judge_town(struct town *t)
{
	struct scope_name all = scope_of(SCOPE_ALL, NULL);
	struct scope_name office = scope_of(SCOPE_OFFICE, NULL);
	struct scope_name coord = scope_of(SCOPE_COORD, NULL);
	struct scope_name country = scope_of(SCOPE_COUNTRY, NULL);

	invite_fresh(t);
	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++)
		if (home_open(&t->homes[i]) != NULL)
			judge_left_over(t, &t->homes[i]);
	judge_scope(t, 0, &all);
	judge_scope(t, t->sk, &office);
	judge_scope(t, t->sk, &country);
	judge_scope(t, t->sk, &coord);
	judge_scope(t, t->cz, &office);
	for (size_t i = 0; i < t->n_activities; i++) {
		struct scope_name activity = scope_of(SCOPE_ACTIVITY, &t->activities[i]);

		judge_scope(t, t->sk, &activity);
	}
	judge_tokens(t);
}
