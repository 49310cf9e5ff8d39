/* hub.c - serial calls into the store, and the list that replays them. */
#include "hub.h"

#include "store/store_memory.h"
#include "store/store_sqlite.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HUB_CALLS_MAX = 4096, HUB_GRAVES_MAX = 64, HUB_SCOPES_MAX = 8 };

enum hub_call_kind { CALL_PUSH, CALL_RECOVER, CALL_RESTORE, CALL_TRIM };

struct hub_call {
	enum hub_call_kind kind;
	struct hub_push push;
	struct store_part part;
	size_t n_scopes;
	uint16_t scopes[HUB_SCOPES_MAX];
	struct store_epoch epoch; /* of a restore */
	size_t n_graves;          /* likewise */
	struct merge_grave *graves;
	uint64_t horizon;
};

struct hub {
	struct store *store;
	char path[512]; /* of the SQLite file; "" = in memory */
	size_t n_calls;
	struct hub_call calls[HUB_CALLS_MAX];
	bool has_backup;
	size_t backup; /* length of the list then */
	/* The list of graves that is kept outside the backups. */
	size_t n_graves;
	struct merge_grave graves[HUB_GRAVES_MAX];
};

/* --- stand-in for hashes --- */

static uint64_t
mix(uint64_t h, uint64_t n)
{
	h ^= n;
	h *= 0x9fb21c651e98df25u;
	return h ^ (h >> 29);
}

static uint64_t
mix_span(uint64_t h, struct span s)
{
	size_t at = 0;

	h = mix(h, s.len);
	for (; at + 8 <= s.len; at += 8)
		h = mix(h, get_u64(s.bytes + at));
	for (; at < s.len; at++)
		h = mix(h, s.bytes[at]);
	return h;
}

static void
spread(uint64_t h, uint8_t *out)
{
	for (uint64_t i = 0; i < 4; i++)
		put_u64(out + 8 * i, mix(mix(h, i + 1), 0x2545f4914f6cdd1du));
}

void
hub_hash(struct span s, uint8_t out[static 32])
{
	spread(mix_span(1, s), out);
}

static void
hash_parts(
    void *ctx, const char *label, const struct span *parts, size_t n, struct hash32 *out)
{
	uint64_t h = mix_span(2, span_text(label));

	(void)ctx;
	for (size_t i = 0; i < n; i++)
		h = mix_span(h, parts[i]);
	spread(h, out->bytes);
}

static bool
verify_all(void *ctx, const struct sign_pk *pk, struct span message,
    const struct signature *signature)
{
	(void)ctx;
	(void)pk;
	(void)message;
	(void)signature;
	return true;
}

const struct checks *
hub_checks(void)
{
	static const struct checks table = {NULL, hash_parts, verify_all};

	return &table;
}

/* --- answers --- */

struct answer {
	enum store_result result;
	bool is_there;
	struct merge_verdict verdict;
	struct merge_joined joined;
	struct store_figures figures;
	struct arena *arena;
	struct store_page *page;
};

static void
on_done(void *ctx, enum store_result r, const struct trouble *t)
{
	struct answer *a = ctx;

	(void)t;
	a->result = r;
	a->is_there = true;
}

static void
on_accepted(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct answer *a = ctx;

	on_done(ctx, r, t);
	if (v != NULL)
		a->verdict = *v;
}

static void
on_joined(
    void *ctx, enum store_result r, const struct merge_joined *j, const struct trouble *t)
{
	struct answer *a = ctx;

	on_done(ctx, r, t);
	if (j != NULL)
		a->joined = *j;
}

static void
on_seen(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct answer *a = ctx;

	on_done(ctx, r, t);
	if (f != NULL)
		a->figures = *f;
}

static void *
copy_of(struct arena *a, const void *from, size_t n, size_t size)
{
	void *to = arena_alloc(a, n * size);

	assert(to != NULL);
	if (n > 0)
		memcpy(to, from, n * size);
	return to;
}

/* Answers are borrowed for the callback only: the wires of the ops are copied too. */
static struct op *
copy_ops(struct arena *a, const struct batch *b)
{
	struct op *ops = copy_of(a, b->ops, b->n_ops, sizeof *ops);

	for (size_t i = 0; i < b->n_ops; i++)
		ops[i].wire =
		    ops[i].is_present ? arena_copy(a, ops[i].wire) : span_of(NULL, 0);
	return ops;
}

static void
on_pulled(void *ctx, enum store_result r, const struct store_page *page,
    const struct trouble *t)
{
	struct answer *a = ctx;
	struct store_row *rows;

	on_done(ctx, r, t);
	if (page == NULL)
		return;
	*a->page = *page;
	rows = copy_of(a->arena, page->rows, page->n_rows, sizeof *rows);
	for (size_t i = 0; i < page->n_rows; i++)
		rows[i].batch.ops = copy_ops(a->arena, &rows[i].batch);
	a->page->rows = rows;
	a->page->refs = copy_of(a->arena, page->refs, page->n_refs, sizeof *page->refs);
	a->page->graves =
	    copy_of(a->arena, page->graves, page->n_graves, sizeof *page->graves);
	a->page->doa = copy_of(a->arena, page->doa, page->n_doa, sizeof *page->doa);
}

static void
wait_for(struct hub *h, const struct answer *a)
{
	store_pump(h->store);
	assert(a->is_there);
}

/* --- calls that change --- */

static enum store_result
run(struct hub *h, const struct hub_call *c, struct answer *a)
{
	const struct store_push push = {.batch = c->push.batch,
	    .id = c->push.id,
	    .refusal = c->push.is_refused ? 7 : 0};

	switch (c->kind) {
	case CALL_PUSH:
		store_accept(h->store, &push, on_accepted, a);
		break;
	case CALL_RECOVER:
		store_stage(h->store, &c->part, on_done, a);
		wait_for(h, a);
		a->is_there = false;
		store_join(
		    h->store, c->part.device, c->n_scopes, c->scopes, on_joined, a);
		break;
	case CALL_RESTORE:
		store_restore(h->store, &c->epoch, c->n_graves, c->graves, on_done, a);
		break;
	case CALL_TRIM:
		store_trim(h->store, c->horizon, on_done, a);
		break;
	}
	wait_for(h, a);
	return a->result;
}

static enum store_result
run_and_note(struct hub *h, const struct hub_call *c, struct answer *a)
{
	assert(h->n_calls < HUB_CALLS_MAX);
	h->calls[h->n_calls++] = *c;
	return run(h, c, a);
}

static void
note_graves(struct hub *h, const struct batch *b)
{
	for (size_t i = 0; i < b->n_ops; i++) {
		if (b->ops[i].type != OP_ERASE)
			continue;
		assert(h->n_graves < HUB_GRAVES_MAX);
		h->graves[h->n_graves++] =
		    (struct merge_grave){b->scope, b->ops[i].subject};
	}
}

enum store_result
hub_push(struct hub *h, const struct hub_push *push, struct merge_verdict *out)
{
	const struct hub_call c = {.kind = CALL_PUSH, .push = *push};
	struct answer a = {0};
	enum store_result r = run_and_note(h, &c, &a);

	*out = a.verdict;
	if (r == STORE_OK && a.verdict.has_erase)
		note_graves(h, push->batch);
	return r;
}

enum store_result
hub_recover(struct hub *h, const struct store_part *part, size_t n_scopes,
    const uint16_t *scopes, struct merge_joined *out)
{
	struct hub_call c = {.kind = CALL_RECOVER, .part = *part, .n_scopes = n_scopes};
	struct answer a = {0};
	enum store_result r;

	assert(n_scopes <= HUB_SCOPES_MAX);
	memcpy(c.scopes, scopes, n_scopes * sizeof *scopes);
	r = run_and_note(h, &c, &a);
	*out = a.joined;
	return r;
}

enum store_result
hub_trim(struct hub *h, uint64_t horizon)
{
	const struct hub_call c = {.kind = CALL_TRIM, .horizon = horizon};
	struct answer a = {0};

	return run_and_note(h, &c, &a);
}

/* --- calls that look --- */

enum store_result
hub_pull(struct hub *h, const struct store_pull *pull, struct arena *arena,
    struct store_page *out)
{
	struct answer a = {.arena = arena, .page = out};

	store_pull(h->store, pull, on_pulled, &a);
	wait_for(h, &a);
	return a.result;
}

struct store_figures
hub_look(struct hub *h)
{
	struct answer a = {0};

	store_look(h->store, 0, on_seen, &a);
	wait_for(h, &a);
	assert(a.result == STORE_OK);
	return a.figures;
}

/* --- life --- */

static status
open_in_memory(struct hub *h)
{
	const struct store_memory_config config = {
	    .epoch = {{1}}, .checks = hub_checks(), .loop = NULL};

	return store_memory_open(&h->store, &config, NULL);
}

static status
open_on_sqlite(struct hub *h)
{
	const struct store_sqlite_config config = {
	    .path = h->path, .may_create = true, .epoch = {{1}}, .checks = hub_checks()};

	unlink(h->path);
	return store_sqlite_open(&h->store, &config, NULL);
}

static void
open_store(struct hub *h)
{
	store_close(h->store, NULL, NULL);
	h->store = NULL;
	if ((h->path[0] == '\0' ? open_in_memory(h) : open_on_sqlite(h)) != ST_OK)
		abort(); /* only without memory or disk */
}

struct hub *
hub_new(const char *folder)
{
	struct hub *h = calloc(1, sizeof *h);

	assert(h != NULL);
	if (folder != NULL)
		snprintf(
		    h->path, sizeof h->path, "%s/hub-%ld.db", folder, (long)getpid());
	return h;
}

static void
forget_calls(struct hub *h, size_t from)
{
	for (size_t i = from; i < h->n_calls; i++)
		free(h->calls[i].graves);
	h->n_calls = from;
}

void
hub_reset(struct hub *h)
{
	forget_calls(h, 0);
	h->has_backup = false;
	h->n_graves = 0;
	open_store(h);
}

void
hub_free(struct hub *h)
{
	if (h == NULL)
		return;
	forget_calls(h, 0);
	store_close(h->store, NULL, NULL);
	if (h->path[0] != '\0')
		unlink(h->path);
	free(h);
}

void
hub_backup(struct hub *h)
{
	h->has_backup = true;
	h->backup = h->n_calls;
}

bool
hub_rollback(struct hub *h, uint64_t epoch)
{
	struct hub_call c = {.kind = CALL_RESTORE, .n_graves = h->n_graves};
	struct answer a = {0};

	if (!h->has_backup)
		return false;
	forget_calls(h, h->backup);
	open_store(h);
	for (size_t i = 0; i < h->n_calls; i++) {
		struct answer again = {0};

		run(h, &h->calls[i], &again);
	}
	put_u64(c.epoch.bytes, epoch);
	c.graves = calloc(h->n_graves + 1, sizeof *c.graves);
	assert(c.graves != NULL);
	memcpy(c.graves, h->graves, h->n_graves * sizeof *c.graves);
	return run_and_note(h, &c, &a) == STORE_OK;
}
