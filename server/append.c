/* append.c - the queue of appends, and what has to fit before one is stored. */
#include "server/append.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/hash.h"
#include "crypto/keybox.h"
#include "proto/log_codec.h"
#include "server/cuts.h"

struct append_job {
	struct append_job *next;
	struct append_request request;
	append_done *done;
	void *ctx;
	struct arena *arena;
	struct log_record record;
	struct box_list *lists;
	struct space *space;
	bool is_past; /* a record that a restored server has lost */
	bool is_gift; /* only keys of a record that is there */
};

struct append_queue {
	struct host *host;
	struct append_job *first; /* at work */
	struct append_job *last;
	bool is_running;
};

struct append_queue *
append_queue_new(struct host *h)
{
	struct append_queue *q = calloc(1, sizeof *q);

	if (q != NULL)
		q->host = h;
	return q;
}

void
append_queue_free(struct append_queue *q)
{
	assert(q == NULL || q->first == NULL);
	free(q);
}

/* ---- checks ---- */

/* Set outcome and say no. */
static bool
refuse(struct append_outcome *o, enum append_result result, uint32_t detail)
{
	o->result = result;
	o->detail = detail;
	return false;
}

/* A record of NET while that knows no device: nobody can be known yet. */
static bool
founds(const struct host *h, const struct append_job *j)
{
	return log_record_is_net(&j->record) && membership_n_devices(h->m, 0) == 0;
}

static bool
may_append(const struct host *h, const struct append_job *j)
{
	return !j->request.is_stranger || j->record.kind == LOG_JOIN || founds(h, j);
}

static uint64_t
invite_key(const struct append_job *j)
{
	return (uint64_t)j->request.append.space << 16 | j->record.join.invite;
}

static bool
is_guess(const struct append_job *j)
{
	return j->request.is_stranger && j->record.kind == LOG_JOIN;
}

/* Who failed too often is told to come later, whatever he brings. */
static bool
may_guess(const struct host *h, const struct append_job *j)
{
	uint64_t now_ms = host_mono_ms(h);

	return !is_guess(j) ||
	       (guesses_may(h->guesses, GUESS_PREFIX, j->request.prefix, now_ms) &&
		   guesses_may(h->guesses, GUESS_INVITE, invite_key(j), now_ms));
}

static void
note_guess(struct host *h, const struct append_job *j)
{
	uint64_t now_ms = host_mono_ms(h);

	if (!is_guess(j))
		return;
	guesses_failed(h->guesses, GUESS_PREFIX, j->request.prefix, now_ms);
	guesses_failed(h->guesses, GUESS_INVITE, invite_key(j), now_ms);
}

/* The record is of the space that the message names. */
static bool
is_of_space(const struct host *h, const struct append_job *j)
{
	uint16_t space = 0;

	if (log_record_is_net(&j->record))
		return j->request.append.space == 0;
	return membership_space_find(h->m, &j->record.space, &space) &&
	       space == j->request.append.space;
}

/* While recovery is open, a device that the log knows may hand back records as they were
 * signed, whatever their time. It has no key boxes and wraps of theirs: those that nobody
 * has fetched are lost, and the rights are given again. A stranger cannot, so an invite
 * that has expired stays so; but where the whole server was lost somebody has to begin,
 * and an office's laptop is known as soon as its own JOIN is back. */
static bool
is_past(const struct host *h, const struct append_job *j)
{
	const struct append *a = &j->request.append;

	return h->how.config->is_recovery_open &&
	       (!j->request.is_stranger || founds(h, j)) && a->n_lists == 0 &&
	       a->n_boxes == 0 && a->n_wraps == 0;
}

static bool
read_lists(struct append_job *j, struct box_list **out)
{
	const struct append *a = &j->request.append;
	struct box_list *lists;

	if (a->n_lists != 0 && a->n_lists != log_record_lists(&j->record))
		return false;
	lists = arena_zeros(j->arena, a->n_lists + 1, sizeof *lists);
	if (lists == NULL)
		return false;
	for (size_t i = 0; i < a->n_lists; i++)
		if (box_list_read(a->lists[i], j->arena, &lists[i], NULL) != ST_OK)
			return false;
	*out = lists;
	return true;
}

/* Every entry of the lists has its box, in order, and no box is left over. */
static bool
boxes_fit(const struct append *a, const struct box_list *lists)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_lists; i++)
		for (size_t k = 0; k < lists[i].n; k++, n++) {
			struct sealed_box box;
			struct hash32 hash;

			if (n == a->n_boxes)
				return false;
			memcpy(box.bytes, a->boxes[n].bytes, sizeof box.bytes);
			hash = keybox_hash(&box);
			if (!ID_EQUAL(&hash, &lists[i].entries[k].box))
				return false;
		}
	return n == a->n_boxes;
}

static size_t
rotations_of(const struct log_record *r, const struct rotation **out)
{
	if (r->kind == LOG_ROTATE) {
		*out = &r->rotate;
		return 1;
	}
	*out = r->kind == LOG_REVOKE ? r->revoke.rotations : NULL;
	return r->kind == LOG_REVOKE ? r->revoke.n_rotations : 0;
}

static bool
wraps_fit(const struct append *a, const struct log_record *r)
{
	const struct rotation *rotations;
	size_t n = rotations_of(r, &rotations);

	if (n != a->n_wraps)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct hash32 hash;

		hash_256(NULL, &a->wraps[i], 1, &hash);
		if (!ID_EQUAL(&hash, &rotations[i].wrap))
			return false;
	}
	return true;
}

/* ---- keys of a record that is there ---- */

/* A restored server has the record again, from a laptop that had no key boxes of others;
 * its author has kept them. Or the answer to an append was lost. */
static bool
brings_keys(const struct append *a)
{
	return a->n_lists > 0 || a->n_wraps > 0;
}

/* The log hashes them, so it does not matter who brings them. */
static bool
keys_fit(const struct append_job *j, const struct box_list *lists)
{
	const struct append *a = &j->request.append;

	for (size_t i = 0; i < a->n_lists; i++)
		if (!ID_EQUAL(&lists[i].hash, log_record_list_hash(&j->record, i)))
			return false;
	return boxes_fit(a, lists) && (a->n_wraps == 0 || wraps_fit(a, &j->record));
}

/* NULL: it was revoked, or an invite that nobody can use any more. */
static const struct box_pk *
owner_of(struct host *h, struct author to)
{
	const struct member_device *d = membership_by_author(h->m, to);
	const struct member_invite *v = membership_invite(h->m, to.home, to.device);

	if (d != NULL)
		return d->is_revoked ? NULL : &d->keys.box;
	return v != NULL && membership_invite_is_live(h->m, v, host_now_s(h)) ? &v->box
									      : NULL;
}

static bool
is_fresh_renewal(const struct host *h, const struct append_job *j)
{
	return j->record.kind == LOG_RENEW &&
	       j->record.time_s + MEMBERSHIP_CLOCK_SLACK_S >= host_now_s(h);
}

static bool
decide(struct host *h, struct append_job *j, enum refusal why, struct append_outcome *o)
{
	uint32_t len = membership_log_len(h->m, j->request.append.space);

	switch ((int)why) {
	case REFUSAL_NONE:
		return true;
	case REFUSAL_KNOWN: /* the answer to an earlier append was lost */
		/* Two copies of a laptop may sign the same RENEW, and only one of them
		 * becomes what it says. */
		return refuse(o, is_fresh_renewal(h, j) ? APPEND_HEAD : APPEND_OK, len);
	case REFUSAL_FORK:
	case REFUSAL_GAP:
	case REFUSAL_HEAD:
		return refuse(o, APPEND_HEAD, len);
	default:
		return refuse(o, APPEND_REFUSED, (uint32_t)why);
	}
}

/* All that can be said without the store. */
static bool
check(struct host *h, struct append_job *j, struct box_list **lists,
    struct append_outcome *o)
{
	const struct append *a = &j->request.append;
	struct apply_how how = {
	    .mode = APPLY_APPEND, .checks = &h->how.checks, .now_s = host_now_s(h)};
	enum refusal why = REFUSAL_NONE;
	status st = log_record_read(a->record, j->arena, &j->record, NULL);

	if (st == ST_NO_MEMORY)
		return refuse(o, APPEND_AGAIN, 0);
	if (st != ST_OK || !is_of_space(h, j))
		return refuse(o, APPEND_REFUSED, REFUSAL_FORM);
	j->space = host_space(h, a->space);
	if (j->space == NULL)
		return refuse(o, APPEND_AGAIN, 0);
	if (!may_guess(h, j))
		return refuse(o, APPEND_AGAIN, 0);
	if (!may_append(h, j))
		return refuse(o, APPEND_REFUSED, REFUSAL_AUTHOR);
	j->is_past = is_past(h, j);
	if (j->is_past)
		how.mode = APPLY_RECEIVED;
	if (!read_lists(j, lists))
		return refuse(o, APPEND_REFUSED, REFUSAL_BOXES);
	how.n_lists = a->n_lists;
	how.lists = *lists;
	st = membership_check(h->m, &j->record, &how, &why, NULL);
	if (st == ST_NO_MEMORY)
		return refuse(o, APPEND_AGAIN, 0);
	j->is_gift = why == REFUSAL_KNOWN && !j->request.is_stranger && brings_keys(a);
	if (j->is_gift)
		return keys_fit(j, *lists) || refuse(o, APPEND_REFUSED, REFUSAL_BOXES);
	if (!decide(h, j, why, o))
		return false;
	if (!j->is_past && (!boxes_fit(a, *lists) || !wraps_fit(a, &j->record)))
		return refuse(o, APPEND_REFUSED, REFUSAL_BOXES);
	return true;
}

/* ---- what is stored beside the record ---- */

static const struct store_box *
boxes_of(struct host *h, struct append_job *j, const struct box_list *lists)
{
	const struct append *a = &j->request.append;
	struct store_box *boxes = arena_zeros(j->arena, a->n_boxes + 1, sizeof *boxes);
	size_t n = 0;

	for (size_t i = 0; boxes != NULL && i < a->n_lists; i++) {
		const struct box_recipient *to;
		size_t n_to = 0;

		if (membership_recipients(
			h->m, &j->record, i, j->arena, &to, &n_to, NULL) != ST_OK ||
		    n_to != lists[i].n)
			return NULL;
		for (size_t k = 0; k < n_to; k++, n++)
			boxes[n] = (struct store_box){
			    .owner = to[k].key,
			    .position = j->record.seq,
			    .space = lists[i].entries[k].space,
			    .scope = lists[i].entries[k].scope,
			    .epoch = lists[i].entries[k].epoch,
			    .box = a->boxes[n],
			};
	}
	return boxes;
}

/* As boxes_of(), of a record whose readers may be others by now. */
static const struct store_box *
boxes_given(struct host *h, struct append_job *j, size_t *n_out)
{
	const struct append *a = &j->request.append;
	struct store_box *boxes = arena_zeros(j->arena, a->n_boxes + 1, sizeof *boxes);
	size_t at = 0, n = 0;

	for (size_t i = 0; boxes != NULL && i < a->n_lists; i++)
		for (size_t k = 0; k < j->lists[i].n; k++, at++) {
			const struct box_entry *e = &j->lists[i].entries[k];
			const struct box_pk *owner = owner_of(h, e->to);

			if (owner != NULL)
				boxes[n++] = (struct store_box){*owner, j->record.seq,
				    e->space, e->scope, e->epoch, a->boxes[at]};
		}
	*n_out = n;
	return boxes;
}

/* SCOPE, ROTATE and each rotation of REVOKE have a list of one scope; that of INVITE and
 * GRANT covers several. */
static const struct store_box_list *
lists_of(struct append_job *j, const struct box_list *lists)
{
	const struct append *a = &j->request.append;
	struct store_box_list *out = arena_zeros(j->arena, a->n_lists + 1, sizeof *out);
	bool is_mixed = j->record.kind == LOG_INVITE || j->record.kind == LOG_GRANT;

	for (size_t i = 0; out != NULL && i < a->n_lists; i++) {
		bool has_scope = !is_mixed && lists[i].n > 0;

		out[i].position = j->record.seq;
		out[i].scope = has_scope ? lists[i].entries[0].scope : 0;
		out[i].list = a->lists[i];
	}
	return out;
}

static const struct store_wrap *
wraps_of(struct append_job *j)
{
	const struct append *a = &j->request.append;
	struct store_wrap *out = arena_zeros(j->arena, a->n_wraps + 1, sizeof *out);
	const struct rotation *rotations;

	(void)rotations_of(&j->record, &rotations);
	for (size_t i = 0; out != NULL && i < a->n_wraps; i++)
		out[i] = (struct store_wrap){
		    rotations[i].scope, rotations[i].epoch, a->wraps[i]};
	return out;
}

/* Keys that a REVOKE takes away: their boxes go in the same transaction. */
static size_t
drops_of(struct host *h, struct append_job *j, const struct box_pk **out)
{
	const struct log_record *r = &j->record;
	uint16_t space = j->request.append.space;
	struct box_pk *keys;
	size_t n = 0;

	if (r->kind != LOG_REVOKE)
		return 0;
	keys = arena_zeros(
	    j->arena, r->revoke.n_devices + r->revoke.n_invites + 1, sizeof *keys);
	if (keys == NULL)
		return 0;
	for (size_t i = 0; i < r->revoke.n_devices; i++) {
		const struct member_device *d = membership_by_author(
		    h->m, (struct author){space, r->revoke.devices[i]});

		if (d != NULL)
			keys[n++] = d->keys.box;
	}
	for (size_t i = 0; i < r->revoke.n_invites; i++) {
		const struct member_invite *v =
		    membership_invite(h->m, space, r->revoke.invites[i]);

		if (v != NULL)
			keys[n++] = v->box;
	}
	*out = keys;
	return n;
}

/* The cuts of this space, for the store to compare once more in its transaction. */
static size_t
cuts_of(struct append_job *j, const struct store_cut **out)
{
	const struct log_record *r = &j->record;
	uint16_t space = j->request.append.space;
	struct store_cut *cuts;
	size_t n = 0;

	/* The batches that the cuts of the past name come back after the log. */
	if (r->kind != LOG_REVOKE || r->revoke.n_cuts == 0 || j->is_past)
		return 0;
	cuts = arena_zeros(j->arena, r->revoke.n_cuts, sizeof *cuts);
	if (cuts == NULL)
		return 0;
	for (size_t i = 0; i < r->revoke.n_cuts; i++) {
		const struct cut *c = &r->revoke.cuts[i];

		if (c->space == space)
			cuts[n++] =
			    (struct store_cut){{space, c->device}, c->scope, c->last};
	}
	*out = cuts;
	return n;
}

/* ---- the queue ---- */

static void run(struct append_queue *q);

static void
finish(struct append_queue *q, const struct append_outcome *o)
{
	struct append_job *j = q->first;

	q->first = j->next;
	if (q->first == NULL)
		q->last = NULL;
	j->done(j->ctx, o);
	arena_free(j->arena);
	free(j);
}

/* Ends the job at work and begins the next. */
static void
finish_and_run(struct append_queue *q, const struct append_outcome *o)
{
	finish(q, o);
	q->is_running = false;
	run(q);
}

/* The store of a new country stands: only now its author may write there. */
static void
on_space_read(void *ctx)
{
	struct append_queue *q = ctx;
	uint16_t space = q->first->request.append.space;
	struct append_outcome o = {APPEND_OK, membership_log_len(q->host->m, space)};

	finish_and_run(q, &o);
}

/* The record is durable: now everybody may believe it. True if the answer has to wait. */
static bool
believe(struct host *h, struct append_job *j)
{
	struct apply_how how = {.mode = APPLY_STORED};

	if (membership_apply(h->m, &j->record, &how, NULL, NULL) != ST_OK) {
		host_read_log(j->space); /* out of memory just now: read it again */
		return false;
	}
	h->n.appends++;
	audit_record(
	    h->audit, host_now_s(h), host_space_text(j->space).text, j->record.seq);
	host_ring_later(j->space);
	if (j->record.kind == LOG_REVOKE)
		host_drop_revoked(h);
	return j->record.kind == LOG_SPACE &&
	       host_open_space(h, j->record.seq, on_space_read, h->appends);
}

static void
on_appended(void *ctx, enum store_result r, const struct store_appended_now *now,
    const struct trouble *t)
{
	struct append_queue *q = ctx;
	struct append_job *j = q->first;
	struct append_outcome o = {.result = APPEND_AGAIN};

	(void)t;
	if (r == STORE_OK && believe(q->host, j))
		return;
	if (r == STORE_OK || r == STORE_REFUSED) {
		o.result = r == STORE_OK ? APPEND_OK : APPEND_HEAD;
		o.detail = now->head.len;
	}
	if (r != STORE_OK)
		host_read_log(j->space); /* whatever the file says now */
	finish_and_run(q, &o);
}

/* Hands the record and all that belongs to it to the store. False: no memory. */
static bool
store_it(struct append_queue *q, struct append_job *j)
{
	struct store_append a = {0};

	a.head.len = j->record.seq;
	if (j->record.seq > 0)
		a.head.id = j->record.prev;
	a.id = j->record.id;
	a.record = j->request.append.record;
	a.n_boxes = j->request.append.n_boxes;
	a.boxes = boxes_of(q->host, j, j->lists);
	a.n_lists = j->request.append.n_lists;
	a.lists = lists_of(j, j->lists);
	a.n_wraps = j->request.append.n_wraps;
	a.wraps = wraps_of(j);
	a.n_drop = drops_of(q->host, j, &a.drop);
	a.n_cuts = cuts_of(j, &a.cuts);
	if (a.boxes == NULL || a.lists == NULL || a.wraps == NULL)
		return false;
	store_append(j->space->store, &a, on_appended, q);
	return true;
}

static void
on_given(void *ctx, enum store_result r, const struct trouble *t)
{
	struct append_queue *q = ctx;
	struct append_outcome o = {.result = r == STORE_OK ? APPEND_OK : APPEND_AGAIN};

	(void)t;
	o.detail = membership_log_len(q->host->m, q->first->request.append.space);
	finish_and_run(q, &o);
}

/* False: no memory. */
static bool
give_keys(struct append_queue *q, struct append_job *j)
{
	struct store_append a = {
	    .n_lists = j->request.append.n_lists, .n_wraps = j->request.append.n_wraps};

	a.boxes = boxes_given(q->host, j, &a.n_boxes);
	a.lists = lists_of(j, j->lists);
	a.wraps = wraps_of(j);
	if (a.boxes == NULL || a.lists == NULL || a.wraps == NULL)
		return false;
	store_put_keys(j->space->store, &a, on_given, q);
	return true;
}

/* Cuts that are not those of the stores: the author has to pull, and build it again. */
static void
on_cuts(void *ctx, bool fit)
{
	struct append_queue *q = ctx;
	struct append_job *j = q->first;
	struct append_outcome o = {.result = APPEND_AGAIN};

	if (fit && store_it(q, j))
		return;
	if (!fit) {
		o.result = APPEND_HEAD;
		o.detail = membership_log_len(q->host->m, j->request.append.space);
	}
	finish_and_run(q, &o);
}

static void
start(struct append_queue *q, struct append_job *j)
{
	struct append_outcome o = {.result = APPEND_AGAIN};

	if (check(q->host, j, &j->lists, &o)) {
		if (j->record.kind == LOG_REVOKE && !j->is_past && !j->is_gift) {
			cuts_check(
			    q->host, j->request.append.space, &j->record, on_cuts, q);
			return;
		}
		if (j->is_gift ? give_keys(q, j) : store_it(q, j))
			return;
	}
	if (o.result == APPEND_REFUSED)
		note_guess(q->host, j);
	finish(q, &o);
	q->is_running = false;
}

static void
run(struct append_queue *q)
{
	while (q->first != NULL && !q->is_running) {
		q->is_running = true;
		start(q, q->first);
	}
}

void
append_record(
    struct append_queue *q, const struct append_request *r, append_done *done, void *ctx)
{
	struct append_outcome again = {.result = APPEND_AGAIN};
	struct append_job *j = calloc(1, sizeof *j);

	if (j != NULL)
		j->arena = arena_new(0);
	if (j == NULL || j->arena == NULL) {
		free(j);
		done(ctx, &again);
		return;
	}
	j->request = *r;
	j->done = done;
	j->ctx = ctx;
	if (q->last != NULL)
		q->last->next = j;
	else
		q->first = j;
	q->last = j;
	run(q);
}
