/* whole_judge.c - what must hold when the faults are over: all laptops that read a scope
 * show the same, a new one too; nothing that was saved is missing; nobody has anything
 * left to say. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ram_disk.h"
#include "whole_deed.h"

enum { ROUNDS_MAX = 12, FIRST_TRAINER = 3, DUMP_SQL_BYTES = 8192 };

/* ---- healing ---- */

/* After a rollback a laptop may have to wait for another one that knows more. */
static void
heal_one(struct town *t, struct home *h, bool is_last_round)
{
	uint64_t before = town_heard(t);
	struct sync_report r;

	t->now_ms += 60000;
	if (!home_sync(h, &r)) {
		if (!t->was_rolled_back || is_last_round)
			town_fail(t, "laptop %td of %s cannot sync: %s / %s",
			    h - t->homes, h->member, h->complaint.why,
			    h->l == NULL ? "" : h->l->trouble.text);
		return;
	}
	if (is_last_round)
		town_say(t,
		    "laptop %td: sent %" PRIu64 " received %" PRIu64
		    " refused %zu log %zu complete %d",
		    h - t->homes, r.sent, r.received.changes, r.n_refused, r.n_log_new,
		    r.is_complete);
	if (r.is_complete && r.n_refused == 0 && town_heard(t) == before)
		h->settled_at = before;
}

/* Until each laptop's last sync was complete, told the server nothing, and nobody has
 * told it anything since. */
void
judge_heal(struct town *t)
{
	bool is_settled = false;

	pipe_deliver_late();
	pipe_set_page_bytes(0);
	for (size_t i = 0; i < t->n_homes; i++) {
		t->homes[i].skew_s = 0;
		t->homes[i].commits_left = 0;
		t->homes[i].settled_at = UINT64_MAX;
	}
	for (unsigned round = 0; !is_settled && !town_has_failed(t); round++) {
		if (round == ROUNDS_MAX)
			town_fail(t, "after %d rounds there is still something to say",
			    ROUNDS_MAX);
		/* The trainers first: what coordinators owe follows from it. */
		for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++) {
			struct home *h = &t->homes[(i + FIRST_TRAINER) % t->n_homes];

			if (home_is_in_play(h) && h->settled_at != town_heard(t))
				heal_one(t, h, round + 1 == ROUNDS_MAX);
		}
		is_settled = true;
		for (size_t i = 0; i < t->n_homes; i++)
			is_settled =
			    is_settled && (!home_is_in_play(&t->homes[i]) ||
					      t->homes[i].settled_at == town_heard(t));
	}
}

/* Those that were revoked get no word any more, and are told so. */
static void
judge_revoked(struct town *t)
{
	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++) {
		struct home *h = &t->homes[i];

		if (!h->is_revoked)
			continue;
		if (home_sync(h, NULL) && h->complaint.id == PN_NONE)
			town_fail(t, "laptop %zu of %s syncs though it was revoked", i,
			    h->member);
		else if (h->complaint.id != PN_K02)
			town_fail(t, "laptop %zu of %s was revoked and hears: %s", i,
			    h->member, h->complaint.why);
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

/* What was carried for somebody and refused for good (he was revoked) is kept. */
#define PENDING "r_pending WHERE state <> 2 OR is_carried = 0"

static void
judge_left_over(struct town *t, struct home *h)
{
	static const char *const tables[] = {"r_dirty", PENDING,
	    "r_pending_op WHERE pending IN (SELECT id FROM " PENDING ")", "r_stage",
	    /* Nobody forges here: who is told of a dropped value is told a lie. */
	    "r_unkept"};

	tell_quarantine(t, h);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		expect_none(t, h, tables[i]);
	/* Rights of a member whose only laptop was revoked wait for his new one. */
	expect_none(
	    t, h, t->counts.revocations == 0 ? "r_intent" : "r_intent WHERE kind <> 2");
}

/* ---- all show the same ---- */

enum {
	TEXTS_MAX = 256,
	VIEWS_MAX = 64,
	ALL_KINDS_EVERY = 16,
	ALL_WORDS_EVERY = 16,
	ERASED_WORDS_EVERY = 4,
	FRESH_EVERY = 5
};

/* What is asked of each laptop; rows come with the scope they are of, as (space, name).
 * The texts live as long as the program: statements are kept by their address. */
static struct {
	const char *sql;
	uint16_t kind; /* 0: always asked */
} texts[TEXTS_MAX];
static size_t n_texts;

static void
add_text(uint16_t kind, const char *sql)
{
	if (n_texts == TEXTS_MAX || (texts[n_texts].sql = strdup(sql)) == NULL)
		abort();
	texts[n_texts++].kind = kind;
}

static void
add_kind(const struct kind *k)
{
	char sql[DUMP_SQL_BYTES];
	int at = snprintf(
	    sql, sizeof sql, "SELECT s.space, s.name, '%s ' || hex(k.record)", k->name);

	for (size_t i = 0; i < k->n_fields; i++)
		if (k->fields[i].type != FIELD_MARKS)
			at += snprintf(sql + at, sizeof sql - (size_t)at,
			    " || ' ' || quote(k.\"%s\")", k->fields[i].name);
	(void)snprintf(sql + at, sizeof sql - (size_t)at,
	    " FROM %s k JOIN r_scope s ON s.id = k.scope ORDER BY k.record", k->name);
	add_text(k->id, sql);
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type != FIELD_MARKS)
			continue;
		(void)snprintf(sql, sizeof sql,
		    "SELECT s.space, s.name, '%s.%s ' || hex(k.record) || ' ' || m.person"
		    " || ' ' || m.value || ' ' || m.siblings FROM %s_%s m JOIN %s k"
		    " USING(rid) JOIN r_scope s ON s.id = k.scope"
		    " ORDER BY k.record, m.person",
		    k->name, k->fields[i].name, k->name, k->fields[i].name, k->name);
		add_text(k->id, sql);
	}
}

static void
add_texts(void)
{
	if (n_texts > 0)
		return;
	for (size_t i = 0; i < schema_kind_count(); i++)
		add_kind(schema_kind_at(i));
	add_text(0,
	    "SELECT s.space, s.name, 'conflict ' || hex(r.name) || ' ' || field ||"
	    " ' ' || hex(key) FROM r_conflict c JOIN r_record r ON r.id = c.record"
	    " JOIN r_scope s ON s.id = r.scope ORDER BY r.name, field, key");
	/* Base is the server's state: what it dropped is gone here too. */
	add_text(0,
	    "SELECT s.space, s.name, 'op ' || lsn || '.' || idx FROM r_op JOIN r_batch b"
	    " USING(space, lsn) JOIN r_scope s ON s.space = b.space AND s.pos = b.scope"
	    " ORDER BY lsn, idx");
}

/* What one laptop shows of one scope, a row a line. */
struct view_text {
	uint16_t space;
	struct scope_name scope;
	char *text; /* NULL: it reads the scope and shows nothing there */
	size_t len;
	FILE *out;
};

struct views {
	size_t n;
	struct view_text at[VIEWS_MAX];
};

static struct view_text *
view_of(struct views *v, uint16_t space, const struct scope_name *scope)
{
	struct view_text *x;

	for (size_t i = 0; i < v->n; i++)
		if (v->at[i].space == space && ID_EQUAL(&v->at[i].scope, scope))
			return &v->at[i];
	if (v->n == VIEWS_MAX)
		abort();
	x = &v->at[v->n++];
	*x = (struct view_text){.space = space, .scope = *scope};
	x->out = open_memstream(&x->text, &x->len);
	return x;
}

static bool
add_rows(struct home *h, const char *sql, struct views *v)
{
	struct query *q = query_of(h->l->queries, sql);
	struct scope_name scope;

	while (query_row(q)) {
		query_column_copy(q, 1, scope.bytes, sizeof scope.bytes);
		(void)fprintf(view_of(v, (uint16_t)query_column_int(q, 0), &scope)->out,
		    "%s\n", query_column_text(q, 2));
	}
	return query_done(q, NULL) == ST_OK;
}

static void
look(struct town *t, struct home *h, struct views *v)
{
	static const char *const kinds = "SELECT DISTINCT kind FROM r_record";
	uint64_t has[(UINT16_MAX + 1) / 64] = {1};
	bool ok = true;
	struct query *q = query_of(h->l->queries, kinds);

	v->n = 0;
	while (query_row(q))
		has[query_column_int(q, 0) / 64] |= UINT64_C(1)
						    << query_column_int(q, 0) % 64;
	(void)query_done(q, NULL);
	for (size_t i = 0; ok && i < n_texts; i++)
		if ((has[texts[i].kind / 64] >> texts[i].kind % 64 & 1) != 0 ||
		    t->number % ALL_KINDS_EVERY == 0)
			ok = add_rows(h, texts[i].sql, v);
	for (size_t i = 0; i < v->n; i++)
		(void)fclose(v->at[i].out);
	if (!ok)
		town_fail(t, "the tables of %s cannot be read", h->member);
}

static void
forget_views(struct views *v)
{
	for (size_t i = 0; i < v->n; i++)
		free(v->at[i].text);
	v->n = 0;
}

void
judge_warm(struct town *t)
{
	struct views v;

	add_texts();
	t->number = 0;
	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++) {
		if (home_open(&t->homes[i]) == NULL)
			return;
		look(t, &t->homes[i], &v);
		forget_views(&v);
	}
	for (size_t i = t->n_taken; i < t->n_spares && !town_has_failed(t); i++) {
		look(t, &t->spares[i], &v);
		forget_views(&v);
	}
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
judge_scope(
    struct town *t, struct views *v, uint16_t space, const struct scope_name *name)
{
	const struct home *first = NULL;
	struct view_text *of_first = NULL;

	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++) {
		struct home *h = &t->homes[i];
		struct view_text *x;
		struct scope_info scope;

		if (!home_is_in_play(h) || scope_find(h->l, space, name, &scope) != ST_OK)
			continue;
		x = view_of(&v[i], space, name);
		if (x->len == 0 && x->text == NULL)
			(void)fclose(x->out);
		if (first != NULL && strcmp(x->text, of_first->text) != 0)
			fail_different(t, first, h, of_first->text, x->text);
		first = first == NULL ? h : first;
		of_first = of_first == NULL ? x : of_first;
	}
}

static void
judge_views(struct town *t)
{
	static const enum scope_kind kinds[] = {SCOPE_OFFICE, SCOPE_COUNTRY, SCOPE_COORD};
	struct views *v = calloc(HOMES_MAX, sizeof *v);
	struct scope_name name = scope_of(SCOPE_ALL, NULL);

	if (v == NULL)
		abort();
	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++)
		if (home_is_in_play(&t->homes[i]))
			look(t, &t->homes[i], &v[i]);
	judge_scope(t, v, 0, &name);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		name = scope_of(kinds[i], NULL);
		judge_scope(t, v, t->sk, &name);
		judge_scope(t, v, t->cz, &name);
	}
	for (size_t i = 0; i < t->n_activities; i++) {
		name = scope_of(SCOPE_ACTIVITY, &t->activities[i]);
		judge_scope(t, v, t->sk, &name);
	}
	for (size_t i = 0; i < t->n_homes; i++)
		forget_views(&v[i]);
	free(v);
}

/* ---- nothing is missing ---- */

static bool
same_cell(const struct spot *a, const struct spot *b)
{
	return a->space == b->space && a->kind == b->kind && a->field == b->field &&
	       ID_EQUAL(&a->scope, &b->scope) && ID_EQUAL(&a->record, &b->record) &&
	       a->has_key == b->has_key && a->key == b->key;
}

/* What the history says of one saved value at the end. */
enum fate { SHOWN, GONE, EITHER };

/* Did somebody who saw it write there? What may be lost itself replaces nothing for sure,
 * nor does who writes on in a text; nobody notes more than so many names of one. */
static enum fate
fate_by_edits(const struct town *t, const struct token *k)
{
	enum fate fate = k->is_unsure || k->is_mark ? EITHER : SHOWN;

	for (size_t i = 0; i < t->n_tokens; i++) {
		const struct token *by = &t->tokens[i];

		for (size_t s = 0; s < by->n_seen; s++) {
			if (!entry_name_equal(by->seen[s], k->name) ||
			    !same_cell(&by->cell, &k->cell))
				continue;
			if (!by->is_unsure && !k->is_text)
				return GONE;
			fate = EITHER;
		}
		if (k->is_text && by->n_seen == SEEN_MAX &&
		    same_cell(&by->cell, &k->cell))
			fate = EITHER;
	}
	return fate;
}

/* Erasing reaches each activity in which there is a record of the person; marks without
 * any record are left to chance. */
static enum fate
fate_by_erasure(const struct town *t, const struct token *k)
{
	if (k->person == 0 || !town_is_erased(t, k->person))
		return SHOWN;
	for (size_t i = 0; i < t->n_erased_unsure; i++)
		if (t->erased[i] == k->person)
			return EITHER;
	for (size_t i = 0; i < t->n_tokens; i++) {
		const struct token *x = &t->tokens[i];

		if (x->person == k->person && !x->cell.has_key && !x->is_unsure &&
		    x->cell.space == k->cell.space &&
		    ID_EQUAL(&x->cell.scope, &k->cell.scope))
			return GONE;
	}
	return EITHER;
}

static enum fate
fate_of(const struct town *t, const struct token *k)
{
	enum fate by_edits = fate_by_edits(t, k), by_erasure = fate_by_erasure(t, k);

	if (by_edits == GONE || by_erasure == GONE)
		return GONE;
	return by_edits == SHOWN ? by_erasure : by_edits;
}

/* What a revoked laptop had not brought to the server may be lost with it. */
static void
settle_unsure(struct town *t)
{
	for (size_t i = 0; i < t->n_tokens; i++) {
		const struct home *h = &t->homes[t->tokens[i].home];

		if (h->is_revoked && i >= h->revoked_at)
			t->tokens[i].is_unsure = true;
	}
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
	enum fate fate = fate_of(t, k);
	bool is_there = false;

	for (size_t i = 0; cell != NULL && i < cell->n; i++)
		is_there = is_there ||
			   (cell->entries[i].entry->value.hollow == 0 &&
			       entry_name_equal(cell->entries[i].entry->name, k->name));
	if (fate != EITHER && is_there != (fate == SHOWN))
		town_fail(t,
		    "laptop %td (%s): entry %td of kind %u field %u, saved by laptop %zu,"
		    " is %s",
		    h - t->homes, h->member, k - t->tokens, k->cell.kind, k->cell.field,
		    k->home, fate == GONE ? "shown though it was replaced" : "missing");
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

		while (at < t->n_homes && (!home_is_in_play(&t->homes[at]) ||
					      scope_find(t->homes[at].l, k->cell.space,
						  &k->cell.scope, &scope) != ST_OK))
			at++;
		if (at < t->n_homes)
			judge_token(t, &t->homes[at], k, a);
		else if (!k->is_unsure) /* else its workshop may be lost with it */
			town_fail(t, "nobody reads the scope of an entry");
		arena_reset(a);
	}
	arena_free(a);
}

/* ---- nothing that is not so ---- */

/* Whoever comes back, seals again or carries is no copy (SECURITY 9.4). */
static void
judge_alarms(struct town *t, struct home *h)
{
	if (t->counts.copies + t->counts.restores == 0)
		expect_none(t, h, "r_clone");
}

/* ---- nothing where it must not be ---- */

/* The office and the other country's coordinator are in no team. */
static bool
may_read(const struct town *t, const struct home *h, const struct token *k)
{
	return k->cell.space != t->sk || k->person == 0 || h->space == t->sk ||
	       h->role == ROLE_TRAINER;
}

struct search {
	struct town *t;
	const struct home *h;
};

/* "SK-T1 word 12.": at stands on the blank before "word". */
static void
on_word(void *ctx, const char *at)
{
	const struct search *x = ctx;
	struct town *t = x->t;
	unsigned long n = strtoul(at + sizeof WORD - 1, NULL, 10);

	for (size_t i = 0; i < t->n_tokens; i++) {
		const struct token *k = &t->tokens[i];
		bool is_gone;

		if (k->word != n)
			continue;
		is_gone = fate_by_erasure(t, k) == GONE;
		if (is_gone || !may_read(t, x->h, k))
			town_fail(t, "laptop %td of %s holds word %lu of entry %zu, %s",
			    x->h - t->homes, x->h->member, n, i,
			    is_gone ? "who was erased" : "which it may not read");
	}
}

/* In the files of laptops, whatever table or free page it is in. */
static void
judge_words(struct town *t)
{
	if (t->number % (t->n_erased > 0 ? ERASED_WORDS_EVERY : ALL_WORDS_EVERY) != 0)
		return;
	for (size_t n = 0; n < t->n_homes && !town_has_failed(t); n++) {
		struct search x = {t, &t->homes[n]};

		if (home_is_in_play(x.h))
			ram_disk_search(x.h->dir, WORD, on_word, &x);
	}
}

/* ---- all of it ---- */

/* A new coordinator reads all of the country, from zero. */
static void
invite_fresh(struct town *t)
{
	/* Who lost his server, or waits for keys, has to come to terms with it first. */
	if (t->was_rolled_back)
		judge_heal(t);
	if (town_has_failed(t))
		return;
	if (t->number % FRESH_EVERY == 0)
		(void)town_invite(t, &t->homes[1], "SK-N9", ROLE_COORDINATOR, NULL);
	if (!town_has_failed(t))
		judge_heal(t);
}

void
judge_town(struct town *t)
{
	add_texts();
	settle_unsure(t);
	invite_fresh(t);
	judge_revoked(t);
	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++)
		if (home_is_in_play(&t->homes[i]) && home_open(&t->homes[i]) != NULL)
			judge_left_over(t, &t->homes[i]);
	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++)
		if (home_is_in_play(&t->homes[i]))
			judge_alarms(t, &t->homes[i]);
	if (!town_has_failed(t))
		judge_views(t);
	judge_tokens(t);
	judge_words(t);
	judge_live(t);
}
