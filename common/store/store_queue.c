/* store_queue.c - one writer thread per store, and its group commit. */
#include "store/store_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <uv.h>

enum {
	GROUP_REQUESTS_MAX = 256,     /* a commit's latency, bounded */
	GROUP_BYTES_MAX = 2 << 20,    /* answers that wait for the commit, in memory */
	WAITING_BYTES_MAX = 8 << 20,  /* then BUSY: peers push faster than the disk */
	ANSWERED_BYTES_MAX = 4 << 20, /* then the thread waits for the loop */
	NOTES_MAX = 4096
};

/* Contacts of devices since the last commit; at most one row a device. */
struct notes {
	size_t n;
	size_t cap;
	struct store_contact *at;
};

struct chain {
	struct request *first;
	struct request **end;
};

struct store {
	struct store_engine engine;
	uv_loop_t *loop; /* NULL: serial */
	uv_thread_t thread;
	uv_async_t wake;    /* tells the loop of answers */
	uv_cond_t has_work; /* or room for answers */
	uv_mutex_t lock;    /* guards the fields from here on to `worker only` */
	struct chain waiting;
	struct chain answered;
	size_t answered_bytes;
	bool is_closing;
	bool is_finished; /* the thread has closed the engine */
	struct notes notes;
	/* loop only */
	size_t n_waiting;     /* made and not answered */
	size_t waiting_bytes; /* of these */
	void (*closed)(void *ctx);
	void *closed_ctx;
};

static void
chain_init(struct chain *c)
{
	c->first = NULL;
	c->end = &c->first;
}

static void
chain_add(struct chain *c, struct request *r)
{
	r->next = NULL;
	*c->end = r;
	c->end = &r->next;
}

void *
list_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t item_bytes)
{
	size_t wanted = *cap == 0 ? 8 : *cap * 2;
	void *grown;

	if (n < *cap)
		return items;
	if (wanted > SIZE_MAX / item_bytes)
		return NULL;
	grown = arena_alloc(a, wanted * item_bytes);
	if (grown == NULL)
		return NULL;
	if (n > 0)
		memcpy(grown, items, n * item_bytes);
	*cap = wanted;
	return grown;
}

static enum store_result
result_of(status st)
{
	static const enum store_result results[ST_COUNT] = {
	    [ST_OK] = STORE_OK,
	    [ST_BUSY] = STORE_BUSY,
	    [ST_NO_MEMORY] = STORE_BUSY,
	    [ST_RETRY] = STORE_RETRY,
	    [ST_EPOCH] = STORE_EPOCH,
	    [ST_NOT_FOUND] = STORE_GONE,
	    [ST_CHANGED] = STORE_REFUSED,
	    [ST_FULL] = STORE_FULL,
	    [ST_LIMIT] = STORE_QUOTA,
	    [ST_CLOSED] = STORE_CLOSED,
	};

	assert(st < ST_COUNT);
	return st != ST_OK && results[st] == STORE_OK ? STORE_CORRUPT : results[st];
}

/* Answers of the store's rules, rather than failures: the transaction stays clean. */
static bool
is_answer(status st)
{
	return st == ST_OK || st == ST_NOT_FOUND || st == ST_EPOCH || st == ST_RETRY ||
	       st == ST_CHANGED;
}

/* ---- the work of one group ---- */

/* Notes that a failed commit takes along are lost; that was said (store.h). */
static status
write_notes(struct store *s, struct trouble *t)
{
	struct notes notes;
	status st = ST_OK;

	uv_mutex_lock(&s->lock);
	notes = s->notes;
	s->notes = (struct notes){0};
	uv_mutex_unlock(&s->lock);
	for (size_t i = 0; st == ST_OK && i < notes.n; i++)
		st = s->engine.put_contact(s->engine.ctx, &notes.at[i], t);
	free(notes.at);
	return st;
}

static void
mark_all(struct request *first, enum store_result result, const struct trouble *t)
{
	for (struct request *r = first; r != NULL; r = r->next) {
		r->result = result;
		r->trouble = *t;
	}
}

static void
checkpoint(struct store *s, struct request *first)
{
	struct trouble t = {0};
	status st = s->engine.checkpoint(s->engine.ctx, &t);

	/* A reader in the way: the verdict may go, the checkpoint is tried again. */
	s->engine.owes_checkpoint = st != ST_OK;
	if (st == ST_OK || st == ST_BUSY)
		return;
	for (struct request *r = first; r != NULL; r = r->next)
		if (r->has_erased) {
			r->result = STORE_UNKNOWN;
			r->trouble = t;
		}
}

/* What one transaction did. */
struct group {
	bool has_written;
	bool has_erased;
	struct trouble trouble;
};

static status
do_work(struct store *s, struct request *first, struct group *g)
{
	status st = ST_OK;

	for (struct request *r = first; st == ST_OK && r != NULL; r = r->next) {
		r->has_written = false;
		r->has_erased = false;
		r->trouble = (struct trouble){0};
		if (r->kind->needs_contacts) {
			st = write_notes(s, &g->trouble);
			g->has_written = true;
		}
		if (st == ST_OK)
			st = r->kind->work(&s->engine, r, &r->trouble);
		r->result = result_of(st);
		if (is_answer(st))
			st = ST_OK;
		else
			g->trouble = r->trouble;
		g->has_written = g->has_written || r->has_written;
		g->has_erased = g->has_erased || r->has_erased;
	}
	if (st == ST_OK && g->has_written)
		st = write_notes(s, &g->trouble);
	return st;
}

/* Makes the group durable, and keeps how long that took. */
static status
commit(struct store_engine *e, const struct group *g, struct trouble *t)
{
	uint64_t begun_ns = uv_hrtime();
	status st = e->commit(e->ctx, t);
	uint64_t us = (uv_hrtime() - begun_ns) / 1000;
	size_t step = 0;

	if (st != ST_OK || !g->has_written)
		return st;
	e->commits++;
	e->commit_us += us;
	while (step + 1 < STORE_TOOK_STEPS && us >= UINT64_C(2000) << step)
		step++;
	e->commit_took[step]++;
	return ST_OK;
}

/* One transaction over all of first's chain. False: it was undone and nothing is
 * decided; try them one by one. */
static bool
run_together(struct store *s, struct request *first)
{
	struct store_engine *e = &s->engine;
	struct group g = {.has_erased = s->engine.owes_checkpoint};
	status st = e->begin(e->ctx, &g.trouble);

	if (st == ST_OK)
		st = do_work(s, first, &g);
	if (st == ST_OK)
		st = commit(e, &g, &g.trouble);
	if (st == ST_OK) {
		if (g.has_erased)
			checkpoint(s, first);
		return true;
	}
	e->rollback(e->ctx);
	if (e->is_broken(e->ctx)) {
		mark_all(first, STORE_UNKNOWN, &g.trouble);
		return true;
	}
	if (first->next != NULL)
		return false;
	mark_all(first, result_of(st), &g.trouble);
	return true;
}

/* Alone, so that what one of them cannot have does not fail the others. */
static void
run_alone(struct store *s, struct request *first)
{
	struct request *next;

	for (struct request *r = first; r != NULL; r = next) {
		next = r->next;
		r->next = NULL;
		(void)run_together(s, r);
		r->next = next;
	}
}

/* A file whose sync failed was given up; it is opened anew through recovery. */
static status
reopen(struct store *s, struct trouble *t)
{
	if (!s->engine.is_broken(s->engine.ctx))
		return ST_OK;
	s->engine.reopened++;
	return s->engine.reopen(s->engine.ctx, t);
}

/* Upkeep of the file, which SQLite does in no transaction. */
static void
run_outside(struct store *s, struct request *r)
{
	struct store_engine *e = &s->engine;

	r->trouble = (struct trouble){0};
	r->result = result_of(r->kind->work(e, r, &r->trouble));
	if (e->is_broken(e->ctx))
		r->result = STORE_UNKNOWN;
}

static void
run_group(struct store *s, struct request *first)
{
	struct trouble t = {0};

	if (reopen(s, &t) != ST_OK) {
		mark_all(first, STORE_CORRUPT, &t);
		return;
	}
	if (first->kind->is_outside)
		run_outside(s, first);
	else if (!run_together(s, first))
		run_alone(s, first);
}

/* Cuts a group off the front of the queue. */
static struct request *
take_group(struct store *s)
{
	struct request *first = s->waiting.first;
	struct request *last = first;
	size_t bytes = 0;
	size_t n = 1;

	if (first == NULL)
		return NULL;
	for (;; last = last->next, n++) {
		bytes += last->bytes + last->answer_bytes;
		if (last->next == NULL || n >= GROUP_REQUESTS_MAX ||
		    bytes >= GROUP_BYTES_MAX || last->kind->is_outside ||
		    last->next->kind->is_outside)
			break;
	}
	s->waiting.first = last->next;
	if (last->next == NULL)
		s->waiting.end = &s->waiting.first;
	last->next = NULL;
	return first;
}

/* With the lock held; gives it back while the group is at work. */
static size_t
work_once(struct store *s)
{
	struct request *r = take_group(s);
	struct request *next;
	size_t n = 0;

	if (r == NULL)
		return 0;
	uv_mutex_unlock(&s->lock);
	run_group(s, r);
	uv_mutex_lock(&s->lock);
	for (; r != NULL; r = next, n++) {
		next = r->next;
		s->answered_bytes += arena_used(r->arena);
		chain_add(&s->answered, r);
	}
	return n;
}

static void
finish(struct store *s)
{
	struct store_engine *e = &s->engine;

	if (s->notes.n > 0 && !e->is_broken(e->ctx) && e->begin(e->ctx, NULL) == ST_OK) {
		if (write_notes(s, NULL) != ST_OK || e->commit(e->ctx, NULL) != ST_OK)
			e->rollback(e->ctx);
	}
	e->close(e->ctx);
}

static void
on_thread(void *arg)
{
	struct store *s = arg;

	uv_mutex_lock(&s->lock);
	while (!s->is_closing || s->waiting.first != NULL) {
		if (s->answered_bytes < ANSWERED_BYTES_MAX && work_once(s) > 0)
			uv_async_send(&s->wake);
		else
			uv_cond_wait(&s->has_work, &s->lock);
	}
	uv_mutex_unlock(&s->lock);
	finish(s);
	uv_mutex_lock(&s->lock);
	s->is_finished = true;
	uv_mutex_unlock(&s->lock);
	uv_async_send(&s->wake);
}

/* ---- answers, on the loop ---- */

static size_t
answer_all(struct store *s)
{
	struct request *r;
	struct request *next;
	size_t n = 0;

	uv_mutex_lock(&s->lock);
	r = s->answered.first;
	chain_init(&s->answered);
	s->answered_bytes = 0;
	uv_cond_signal(&s->has_work);
	uv_mutex_unlock(&s->lock);
	for (; r != NULL; r = next, n++) {
		next = r->next;
		s->n_waiting--;
		s->waiting_bytes -= r->bytes;
		r->kind->answer(r);
		arena_free(r->arena);
	}
	return n;
}

static void
free_store(struct store *s)
{
	void (*closed)(void *ctx) = s->closed;
	void *ctx = s->closed_ctx;

	assert(s->waiting.first == NULL && s->answered.first == NULL);
	uv_mutex_destroy(&s->lock);
	uv_cond_destroy(&s->has_work);
	free(s->notes.at);
	free(s);
	if (closed != NULL)
		closed(ctx);
}

static void
on_wake_closed(uv_handle_t *handle)
{
	free_store(handle->data);
}

static void
on_wake(uv_async_t *handle)
{
	struct store *s = handle->data;
	bool is_finished;

	(void)answer_all(s);
	uv_mutex_lock(&s->lock);
	is_finished = s->is_finished && s->answered.first == NULL;
	uv_mutex_unlock(&s->lock);
	if (is_finished && !uv_is_closing((uv_handle_t *)handle)) {
		uv_thread_join(&s->thread);
		uv_close((uv_handle_t *)handle, on_wake_closed);
	}
}

/* ---- life ---- */

/* Without a thread there is no store; s is freed once the loop has let go of wake. */
static status
start(struct store *s, struct trouble *t)
{
	int failed = uv_async_init(s->loop, &s->wake, on_wake);

	if (failed != 0) {
		free_store(s);
		return trouble_set(t, ST_NO_MEMORY, "store: %s", uv_strerror(failed));
	}
	s->wake.data = s;
	failed = uv_thread_create(&s->thread, on_thread, s);
	if (failed == 0)
		return ST_OK;
	uv_close((uv_handle_t *)&s->wake, on_wake_closed);
	return trouble_set(t, ST_NO_MEMORY, "store thread: %s", uv_strerror(failed));
}

struct store *
store_new(const struct store_engine *e, struct uv_loop_s *loop, struct trouble *t)
{
	struct store *s = calloc(1, sizeof *s);

	if (s == NULL) {
		trouble_set(t, ST_NO_MEMORY, "store");
		e->close(e->ctx);
		return NULL;
	}
	s->engine = *e;
	s->loop = loop;
	chain_init(&s->waiting);
	chain_init(&s->answered);
	uv_mutex_init(&s->lock);
	uv_cond_init(&s->has_work);
	if (loop != NULL && start(s, t) != ST_OK) {
		e->close(e->ctx);
		return NULL;
	}
	return s;
}

struct store_engine *
store_engine_of(struct store *s)
{
	return &s->engine;
}

/* The request with everything that it names, in an arena of its own; NULL when memory is
 * out. */
static struct request *
copy_request(const struct request *asked)
{
	struct arena *a = arena_new(0);
	struct request *r = NULL;

	if (a != NULL)
		r = arena_alloc(a, sizeof *r);
	if (r == NULL)
		goto out;
	*r = *asked;
	r->arena = a;
	r->next = NULL;
	if (r->kind->copy != NULL && !r->kind->copy(r))
		goto out;
	r->bytes = arena_used(a);
	return r;
out:
	arena_free(a);
	return NULL;
}

void
store_submit(struct store *s, struct request *asked)
{
	struct request *r = copy_request(asked);
	bool is_refused;

	if (r == NULL) {
		asked->result = STORE_BUSY;
		trouble_set(&asked->trouble, ST_NO_MEMORY, "store: out of memory");
		asked->kind->answer(asked);
		return;
	}
	s->n_waiting++;
	s->waiting_bytes += r->bytes;
	uv_mutex_lock(&s->lock);
	is_refused = s->is_closing || s->waiting_bytes > WAITING_BYTES_MAX;
	if (is_refused) {
		r->result = s->is_closing ? STORE_CLOSED : STORE_BUSY;
		trouble_set(&r->trouble, s->is_closing ? ST_CLOSED : ST_BUSY, "%s",
		    store_result_text(r->result));
	}
	chain_add(is_refused ? &s->answered : &s->waiting, r);
	uv_mutex_unlock(&s->lock);
	/* A thread at rest is told in the next round of the loop (answer_all): what one
	 * flight of a peer asks for is then one group, and one commit. */
	if (s->loop != NULL)
		uv_async_send(&s->wake);
}

size_t
store_pump(struct store *s)
{
	size_t n = 0;
	bool has_more = true;

	assert(s->loop == NULL);
	while (has_more) {
		uv_mutex_lock(&s->lock);
		has_more = work_once(s) > 0 || s->answered.first != NULL;
		uv_mutex_unlock(&s->lock);
		n += answer_all(s);
	}
	return n;
}

size_t
store_waiting(const struct store *s)
{
	return s->n_waiting;
}

/* Room for one more note, or NULL: a note may be lost. */
static struct store_contact *
new_note(struct notes *notes)
{
	size_t cap = notes->cap == 0 ? 16 : notes->cap * 2;
	struct store_contact *grown;

	if (notes->n < notes->cap)
		return &notes->at[notes->n++];
	if (cap > NOTES_MAX)
		return NULL;
	grown = realloc(notes->at, cap * sizeof *grown);
	if (grown == NULL)
		return NULL;
	notes->at = grown;
	notes->cap = cap;
	return &notes->at[notes->n++];
}

void
store_note_contact(
    struct store *s, struct author device, uint64_t time_ms, uint64_t cursor)
{
	struct store_contact *note = NULL;

	uv_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->notes.n && note == NULL; i++)
		if (s->notes.at[i].device.home == device.home &&
		    s->notes.at[i].device.device == device.device)
			note = &s->notes.at[i];
	if (note == NULL)
		note = new_note(&s->notes);
	if (note != NULL)
		*note = (struct store_contact){device, time_ms, cursor, 0};
	uv_mutex_unlock(&s->lock);
}

void
store_close(struct store *s, void (*done)(void *ctx), void *ctx)
{
	if (s == NULL) {
		if (done != NULL)
			done(ctx);
		return;
	}
	uv_mutex_lock(&s->lock);
	assert(!s->is_closing);
	s->is_closing = true;
	s->closed = done;
	s->closed_ctx = ctx;
	uv_cond_signal(&s->has_work);
	uv_mutex_unlock(&s->lock);
	if (s->loop != NULL)
		return; /* the thread finishes; on_wake does the rest */
	(void)store_pump(s);
	finish(s);
	free_store(s);
}
