/* whole_live.c - what must live at the server, by the definition (DESIGN 4.1): each batch
 * that it takes is noted as it comes (linked with --wrap), and at the end Live is worked
 * out from nothing and held against the server's files and the bases of the laptops. No
 * code of core/merge.c or of a store takes part. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "whole_town.h"

/* An op of a batch that was taken. */
struct taken {
	uint16_t space, scope;
	uint64_t lsn;
	struct dot dot;
	bool is_erase, is_audit, has_subject, is_live;
	struct tag record, subject;
	size_t n_named;
	struct dot *named; /* that it replaces */
};

/* Of one batch that was pushed, until the verdict. */
struct offered {
	store_accepted *done;
	void *ctx;
	size_t n;
	struct taken ops[];
};

static struct {
	struct taken *ops;
	size_t n, cap;
} all;

/* ---- what the server takes ---- */

void __real_store_accept(
    struct store *s, const struct store_push *push, store_accepted *done, void *ctx);
void __wrap_store_accept(
    struct store *s, const struct store_push *push, store_accepted *done, void *ctx);

static void
keep(const struct offered *w, uint64_t lsn)
{
	if (all.n + w->n > all.cap) {
		all.cap = (all.n + w->n) * 2;
		all.ops = realloc(all.ops, all.cap * sizeof *all.ops);
		if (all.ops == NULL)
			abort();
	}
	for (size_t i = 0; i < w->n; i++) {
		all.ops[all.n] = w->ops[i];
		all.ops[all.n++].lsn = lsn;
	}
}

static void
on_verdict(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct offered *w = ctx;

	if (r == STORE_OK && (v->kind == MERGE_OK || v->kind == MERGE_ERASED))
		keep(w, v->lsn);
	else
		for (size_t i = 0; i < w->n; i++)
			free(w->ops[i].named);
	w->done(w->ctx, r, v, t);
	free(w);
}

static void
read_op(const struct store_push *push, size_t at, struct taken *out)
{
	const struct op *op = &push->batch->ops[at];

	*out = (struct taken){.space = push->batch->space,
	    .scope = push->batch->scope,
	    .dot.index = (uint8_t)at,
	    .is_erase = op->type == OP_ERASE,
	    .is_audit = op->retention == RETAIN_AUDIT,
	    .has_subject = op->has_subject,
	    .record = op->record,
	    .subject = op->subject,
	    .n_named = op->n_dots,
	    .named = malloc((op->n_dots + 1) * sizeof *out->named)};
	if (out->named == NULL)
		abort();
	memcpy(out->dot.batch.bytes, push->id.bytes, sizeof out->dot.batch.bytes);
	if (op->n_dots > 0)
		memcpy(out->named, op->dots, op->n_dots * sizeof *out->named);
}

void
__wrap_store_accept(
    struct store *s, const struct store_push *push, store_accepted *done, void *ctx)
{
	size_t n = push->batch->n_ops;
	struct offered *w = malloc(sizeof *w + n * sizeof w->ops[0]);

	if (w == NULL)
		abort();
	w->done = done;
	w->ctx = ctx;
	w->n = n;
	for (size_t i = 0; i < n; i++)
		read_op(push, i, &w->ops[i]);
	__real_store_accept(s, push, on_verdict, w);
}

void
live_begin(void)
{
	for (size_t i = 0; i < all.n; i++)
		free(all.ops[i].named);
	all.n = 0;
}

/* ---- the definition ---- */

static bool
is_same_place(const struct taken *a, const struct taken *b)
{
	return a->space == b->space && a->scope == b->scope;
}

static bool
is_named_by(const struct taken *x, const struct taken *by)
{
	if (x->is_audit || by->is_erase || !ID_EQUAL(&x->record, &by->record))
		return false;
	for (size_t i = 0; i < by->n_named; i++)
		if (ID_EQUAL(&by->named[i].batch, &x->dot.batch) &&
		    by->named[i].index == x->dot.index)
			return true;
	return false;
}

static bool
lives(const struct taken *x)
{
	if (x->is_erase)
		return false;
	for (size_t i = 0; i < all.n; i++) {
		const struct taken *by = &all.ops[i];

		if (!is_same_place(x, by))
			continue;
		if (is_named_by(x, by) || (by->is_erase && x->has_subject &&
					      ID_EQUAL(&x->subject, &by->subject)))
			return false;
	}
	return true;
}

static const struct taken *
find(uint16_t space, uint64_t lsn, uint8_t index)
{
	for (size_t i = 0; i < all.n; i++)
		if (all.ops[i].space == space && all.ops[i].lsn == lsn &&
		    all.ops[i].dot.index == index)
			return &all.ops[i];
	return NULL;
}

/* ---- what there is ---- */

struct rows {
	struct town *t;
	const char *whose;
	size_t n;
};

static void
judge_row(struct rows *r, uint16_t space, uint64_t lsn, uint8_t index)
{
	const struct taken *x = find(space, lsn, index);

	r->n++;
	if (x == NULL || !x->is_live)
		town_fail(r->t, "%s has op %llu.%u of space %u, which %s", r->whose,
		    (unsigned long long)lsn, index, space,
		    x == NULL ? "nobody sent" : "does not live");
}

/* Dropped ops leave a row of class 0 behind. */
static void
judge_file(struct town *t, const char *name, uint16_t space)
{
	static const char alone[] = "PRAGMA locking_mode=EXCLUSIVE";
	static const char live[] =
	    "SELECT key >> 8, key & 255 FROM op WHERE class BETWEEN 1 AND 3";
	struct rows r = {t, "the server", 0};
	char path[FOLDER_BYTES + 32];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	size_t n = 0;

	(void)snprintf(path, sizeof path, "%s/server/%s", t->dir, name);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, alone, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, live, -1, &q, NULL) != SQLITE_OK)
		town_fail(t, "%s cannot be read: %s", path, sqlite3_errmsg(db));
	while (q != NULL && sqlite3_step(q) == SQLITE_ROW)
		judge_row(&r, space, (uint64_t)sqlite3_column_int64(q, 0),
		    (uint8_t)sqlite3_column_int(q, 1));
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	for (size_t i = 0; i < all.n; i++)
		n += all.ops[i].is_live && all.ops[i].space == space;
	if (n != r.n)
		town_fail(t, "%zu ops live in %s, and the server has %zu", n, name, r.n);
}

/* Of the scopes that it reads. */
static void
judge_base(struct town *t, struct home *h)
{
	struct rows r = {t, h->member, 0};
	size_t n = 0;
	struct query *q = query_of(h->l->queries, "SELECT space, lsn, idx FROM r_op");

	while (query_row(q))
		judge_row(&r, (uint16_t)query_column_int(q, 0),
		    (uint64_t)query_column_int(q, 1), (uint8_t)query_column_int(q, 2));
	(void)query_done(q, NULL);
	q = query_of(
	    h->l->queries, "SELECT space, pos FROM r_scope WHERE pos IS NOT NULL");
	while (query_row(q))
		for (size_t i = 0; i < all.n; i++)
			n += all.ops[i].is_live &&
			     all.ops[i].space == query_column_int(q, 0) &&
			     all.ops[i].scope == query_column_int(q, 1);
	(void)query_done(q, NULL);
	if (n != r.n)
		town_fail(t, "%zu ops live in what laptop %td of %s reads; it has %zu", n,
		    h - t->homes, h->member, r.n);
}

void
judge_live(struct town *t)
{
	if (t->was_rolled_back || town_has_failed(t))
		return;
	for (size_t i = 0; i < all.n; i++)
		all.ops[i].is_live = lives(&all.ops[i]);
	for (size_t i = 0; i < t->n_homes && !town_has_failed(t); i++)
		if (home_is_in_play(&t->homes[i]))
			judge_base(t, &t->homes[i]);
	town_stop_server(t);
	judge_file(t, "NET", 0);
	judge_file(t, "SK", t->sk);
	judge_file(t, "CZ", t->cz);
}
