/* store_fixture.h - one store of each engine, serial and threaded, asked as if its calls
 * were plain functions: for the conformance suite. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "batch_fixture.h"
#include "store/store_memory.h"
#include "store/store_sqlite.h"

enum variant { MEMORY_SERIAL, MEMORY_THREAD, SQLITE_SERIAL, SQLITE_THREAD };

struct ground {
	enum variant variant;
	struct fx fx;
	struct store *store;
	uv_loop_t loop;
	char folder[64];
	char file[96];
	uint32_t log_len;
	/* answers of the last call */
	bool is_answered;
	enum store_result result;
	struct trouble trouble;
};

static inline bool
is_sqlite(const struct ground *g)
{
	return g->variant == SQLITE_SERIAL || g->variant == SQLITE_THREAD;
}

static inline bool
is_threaded(const struct ground *g)
{
	return g->variant == MEMORY_THREAD || g->variant == SQLITE_THREAD;
}

static inline status
ground_open(struct ground *g, struct trouble *t)
{
	const struct store_epoch epoch = {{1, 2, 3, 4, 5, 6, 7, 8}};
	uv_loop_t *loop = is_threaded(g) ? &g->loop : NULL;

	if (is_sqlite(g)) {
		struct store_sqlite_config config = {.path = g->file,
		    .may_create = true,
		    .epoch = epoch,
		    .checks = &g->fx.checks,
		    .loop = loop};

		return store_sqlite_open(&g->store, &config, t);
	}
	struct store_memory_config config = {
	    .epoch = epoch, .checks = &g->fx.checks, .loop = loop};

	return store_memory_open(&g->store, &config, t);
}

static inline void
on_store_closed(void *ctx)
{
	struct ground *g = ctx;

	g->store = NULL;
}

static inline void
ground_close(struct ground *g)
{
	if (g->store == NULL)
		return;
	store_close(g->store, on_store_closed, g);
	while (g->store != NULL)
		uv_run(&g->loop, UV_RUN_ONCE);
}

static inline void
ground_reopen(struct ground *g)
{
	struct trouble t = {0};

	ground_close(g);
	if (ground_open(g, &t) != ST_OK)
		fail_msg("%s", t.text);
}

static inline struct ground *
ground_new(enum variant variant)
{
	struct ground *g = calloc(1, sizeof *g);
	struct trouble t = {0};

	assert(g != NULL);
	g->variant = variant;
	g->fx = fx_new();
	uv_loop_init(&g->loop);
	snprintf(g->folder, sizeof g->folder, "/tmp/pnet-store-XXXXXX");
	if (mkdtemp(g->folder) == NULL)
		fail_msg("no folder");
	snprintf(g->file, sizeof g->file, "%s/de.db", g->folder);
	if (ground_open(g, &t) != ST_OK)
		fail_msg("%s", t.text);
	return g;
}

static inline int
ground_free(struct ground *g)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[128];

	ground_close(g);
	uv_run(&g->loop, UV_RUN_DEFAULT);
	uv_loop_close(&g->loop);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", g->file, ends[i]);
		unlink(path);
	}
	rmdir(g->folder);
	arena_free(g->fx.arena);
	free(g);
	return 0;
}

/* Lets the store work until the call is answered. */
static inline enum store_result
wait_for(struct ground *g)
{
	while (!g->is_answered) {
		if (is_threaded(g))
			uv_run(&g->loop, UV_RUN_ONCE);
		else
			store_pump(g->store);
	}
	return g->result;
}

static inline void
take_result(struct ground *g, enum store_result r, const struct trouble *t)
{
	g->is_answered = true;
	g->result = r;
	g->trouble = *t;
}

/* ---- calls ---- */

struct pushed {
	struct ground *g;
	struct merge_verdict verdict;
};

static inline void
on_pushed(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct pushed *p = ctx;

	if (v != NULL)
		p->verdict = *v;
	take_result(p->g, r, t);
}

static inline struct store_push
push_of(const struct ground *g, const struct fx_batch *b)
{
	return (struct store_push){
	    .batch = &b->batch, .id = b->id, .log_len = g->log_len};
}

static inline struct merge_verdict
push_now(struct ground *g, const struct fx_batch *b)
{
	struct pushed p = {.g = g};
	struct store_push push = push_of(g, b);

	g->is_answered = false;
	p.verdict.kind = MERGE_KIND_COUNT;
	store_accept(g->store, &push, on_pushed, &p);
	(void)wait_for(g);
	return p.verdict;
}

/* A page with what it points to copied into the fixture's arena. */
struct pulled {
	struct ground *g;
	struct store_page page;
};

static inline void *
copy_of(struct ground *g, const void *items, size_t bytes)
{
	return bytes == 0
		   ? NULL
		   : (void *)(uintptr_t)arena_copy(g->fx.arena, span_of(items, bytes))
			 .bytes;
}

static inline void
on_pulled(void *ctx, enum store_result r, const struct store_page *page,
    const struct trouble *t)
{
	struct pulled *p = ctx;
	struct ground *g = p->g;
	struct store_row *rows;

	take_result(g, r, t);
	if (page == NULL)
		return;
	p->page = *page;
	rows = copy_of(g, page->rows, page->n_rows * sizeof *rows);
	for (size_t i = 0; i < page->n_rows; i++) {
		struct batch *b = &rows[i].batch;

		b->header.bytes = copy_of(g, b->header.bytes, b->header.len);
		b->ops = copy_of(g, b->ops, b->n_ops * sizeof *b->ops);
		for (size_t k = 0; k < b->n_ops; k++)
			b->ops[k].wire.bytes =
			    copy_of(g, b->ops[k].wire.bytes, b->ops[k].wire.len);
	}
	p->page.rows = rows;
	p->page.refs = copy_of(g, page->refs, page->n_refs * sizeof *page->refs);
	p->page.graves = copy_of(g, page->graves, page->n_graves * sizeof *page->graves);
	p->page.doa = copy_of(g, page->doa, page->n_doa * sizeof *page->doa);
}

static inline struct store_page
pull_now(struct ground *g, const struct store_pull *pull)
{
	struct pulled p = {.g = g};

	g->is_answered = false;
	store_pull(g->store, pull, on_pulled, &p);
	(void)wait_for(g);
	return p.page;
}

/* Everything of the scopes 1 and 2 after a cursor, in one page. */
static inline struct store_page
pull_all(struct ground *g, uint64_t cursor)
{
	const struct store_pull_scope scopes[] = {{1, cursor}, {2, cursor}};
	const struct store_pull pull = {
	    .after = cursor, .n_scopes = 2, .scopes = scopes, .bytes_max = 1 << 20};

	return pull_now(g, &pull);
}

struct looked {
	struct ground *g;
	struct store_figures figures;
};

static inline void
on_seen(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct looked *l = ctx;

	if (f != NULL)
		l->figures = *f;
	take_result(l->g, r, t);
}

static inline struct store_figures
look_now(struct ground *g, uint64_t lsn)
{
	struct looked l = {.g = g};

	g->is_answered = false;
	store_look(g->store, lsn, on_seen, &l);
	(void)wait_for(g);
	return l.figures;
}

static inline void
on_done(void *ctx, enum store_result r, const struct trouble *t)
{
	take_result(ctx, r, t);
}

struct appended_now {
	struct ground *g;
	struct store_appended_now now;
};

static inline void
on_appended(void *ctx, enum store_result r, const struct store_appended_now *now,
    const struct trouble *t)
{
	struct appended_now *a = ctx;

	a->now = *now;
	take_result(a->g, r, t);
}

/* Appends a record of a few bytes made from `letter`; what else it brings is in a. */
static inline struct store_appended_now
append_now(struct ground *g, struct store_append a, char letter)
{
	struct appended_now done = {.g = g};
	char text[8];

	snprintf(text, sizeof text, "rec %c", letter);
	a.record = span_text(text);
	memset(a.id.bytes, letter, sizeof a.id.bytes);
	g->is_answered = false;
	store_append(g->store, &a, on_appended, &done);
	(void)wait_for(g);
	if (g->result == STORE_OK)
		g->log_len = done.now.head.len;
	return done.now;
}

/* ---- one test for each engine, serial and threaded ---- */

static inline int
ground_set_up(void **state, enum variant variant)
{
	*state = ground_new(variant);
	return 0;
}

#define GROUND(name, variant)                                                            \
	static inline int name(void **state)                                             \
	{                                                                                \
		return ground_set_up(state, variant);                                    \
	}

GROUND(set_up_memory_serial, MEMORY_SERIAL)
GROUND(set_up_memory_thread, MEMORY_THREAD)
GROUND(set_up_sqlite_serial, SQLITE_SERIAL)
GROUND(set_up_sqlite_thread, SQLITE_THREAD)

static inline int
ground_tear_down(void **state)
{
	return ground_free(*state);
}

#define EACH(f)                                                                          \
	{"memory, serial: " #f, f, set_up_memory_serial, ground_tear_down, NULL},        \
	    {"memory, thread: " #f, f, set_up_memory_thread, ground_tear_down, NULL},    \
	    {"sqlite, serial: " #f, f, set_up_sqlite_serial, ground_tear_down, NULL},    \
	{                                                                                \
		"sqlite, thread: " #f, f, set_up_sqlite_thread, ground_tear_down, NULL   \
	}

#endif
