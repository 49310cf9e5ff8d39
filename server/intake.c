/* intake.c - verification of pushes, then the store. */
#include "server/intake.h"

#include <assert.h>
#include <stdlib.h>

#include "core/membership_batch.h"
#include "proto/batch_codec.h"

enum { TRIES_MAX = 3 }; /* the log grew between check and store */

/* One push while the store works on it. */
struct intake {
	struct host *host;
	struct intake_push push;
	intake_done *done;
	void *ctx;
	unsigned tries;
	bool has_looked; /* at what lives, for the quota */
};

static enum verdict
verdict_of_standing(enum batch_standing s)
{
	switch (s) {
	case STANDING_OK:
		return VERDICT_OK;
	case STANDING_DEVICE:
		return VERDICT_DEVICE;
	case STANDING_REVOKED:
		return VERDICT_REVOKED;
	case STANDING_RENEWED:
		return VERDICT_RENEWED;
	case STANDING_ROLE:
		return VERDICT_ROLE;
	case STANDING_EPOCH:
		return VERDICT_EPOCH;
	case STANDING_LOG:
		return VERDICT_LOG;
	case STANDING_FORK:
		return VERDICT_FORK;
	}
	return VERDICT_SHAPE;
}

/* What the checks found out. */
struct finding {
	enum verdict code; /* VERDICT_OK, or why it must be refused */
	uint16_t detail;
	bool has_id; /* the store can be asked whether it is known */
	struct batch batch;
	struct batch_id id;
};

static enum verdict
verdict_of_decoding(status st)
{
	if (st == ST_LIMIT)
		return VERDICT_SIZE;
	return st == ST_NO_MEMORY ? VERDICT_AGAIN : VERDICT_SHAPE;
}

static void
judge(struct host *h, const struct intake_push *push, struct finding *f)
{
	struct batch_question q = {.batch = &f->batch, .now_s = host_now_s(h)};
	struct batch_answer a;
	const struct member_device *author =
	    membership_by_author(h->m, (struct author){f->batch.home, f->batch.device});
	status st;

	q.is_carried = author != NULL && !ID_EQUAL(&author->id, &push->peer);
	membership_judge(h->m, &q, &a);
	f->code = verdict_of_standing(a.standing);
	f->detail = a.standing == STANDING_EPOCH ? a.present_epoch : 0;
	if (!a.has_context || a.device == NULL) {
		assert(f->code != VERDICT_OK);
		return;
	}
	st = batch_verify(&f->batch, &a.context, &a.device->keys.sign, &h->how.checks,
	    h->scratch, &f->id, NULL);
	f->has_id = st == ST_OK || st == ST_SIGNATURE;
	if (f->code == VERDICT_OK && st != ST_OK)
		f->code = st == ST_SIGNATURE ? VERDICT_SIGNATURE : VERDICT_AGAIN;
}

static void
check(struct host *h, const struct intake_push *push, struct finding *f)
{
	status st;

	if (push->wire.len > batch_bytes_max(batch_n_ops(push->wire))) {
		f->code = VERDICT_SIZE;
		return;
	}
	st = batch_decode(
	    push->wire, BATCH_COMPLETE, &h->how.checks, h->scratch, &f->batch, NULL);
	if (st != ST_OK)
		f->code = verdict_of_decoding(st);
	else if (f->batch.space != push->space)
		f->code = VERDICT_SHAPE;
	else
		judge(h, push, f);
}

static void
answer(struct host *h, intake_done *done, void *ctx, const struct intake_verdict *v)
{
	assert((size_t)v->code < VERDICTS_END);
	h->n.verdicts[v->code]++;
	if (v->code == VERDICT_KNOWN)
		h->n.pushes_known++;
	else if (v->code < VERDICT_FIRST_REFUSED)
		h->n.pushes_stored++;
	else
		h->n.pushes_refused++;
	done(ctx, v);
}

static enum verdict
verdict_of_merge(const struct merge_verdict *v)
{
	switch (v->kind) {
	case MERGE_OK:
		return VERDICT_OK;
	case MERGE_KNOWN:
		return VERDICT_KNOWN;
	case MERGE_ERASED:
		return VERDICT_ERASED;
	case MERGE_REFUSED:
		return (enum verdict)v->refusal;
	case MERGE_CLASH:
		return VERDICT_HASH;
	case MERGE_KIND_COUNT:
		break;
	}
	return VERDICT_AGAIN;
}

static void try_accept(struct intake *in);

static void
on_accepted(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct intake *in = ctx;
	struct intake_verdict out = {.code = VERDICT_AGAIN};
	struct space *s;

	(void)t;
	if (r == STORE_RETRY && ++in->tries < TRIES_MAX) {
		try_accept(in);
		return;
	}
	if (r == STORE_QUOTA)
		out.code = VERDICT_QUOTA;
	if (r == STORE_OK) {
		out.code = verdict_of_merge(v);
		out.detail = v->kind == MERGE_REFUSED ? v->detail : 0;
		out.lsn = out.code < VERDICT_FIRST_REFUSED ? v->lsn : 0;
		s = host_space(in->host, in->push.space);
		if (s != NULL && (v->kind == MERGE_OK || v->kind == MERGE_ERASED)) {
			host_ring_later(s);
			if (v->has_erase) {
				audit_erasure(in->host->audit, host_now_s(in->host),
				    host_space_text(s).text, v->lsn, &in->push.peer);
				host_keep_graves(s);
			}
		}
	}
	answer(in->host, in->done, in->ctx, &out);
	free(in);
}

/* What a push does to the room of its space. */
struct weight {
	uint64_t bytes;
	bool erases;   /* taken whatever the quota says: nobody stays for want of room */
	bool replaces; /* it may leave less behind than there was */
};

static struct weight
weigh(const struct batch *b)
{
	struct weight out = {0};

	for (size_t i = 0; i < b->n_ops; i++) {
		out.bytes += b->ops[i].wire.len;
		out.erases = out.erases || b->ops[i].type == OP_ERASE;
		out.replaces = out.replaces || b->ops[i].n_dots > 0;
	}
	return out;
}

static void
on_looked(void *ctx)
{
	struct intake *in = ctx;

	in->has_looked = true;
	try_accept(in);
}

/* False: ask again, once the store has said what lives. Above the quota only the store
 * can tell whether a push that replaces something leaves less behind than there was: it
 * gets the limits along. */
static bool
check_quota(
    struct intake *in, struct space *s, struct finding *f, struct store_push *push)
{
	struct weight w = weigh(&f->batch);
	struct host_quota most = host_quota(s);

	if (!w.erases) {
		if (host_has_room(s, f->batch.n_ops, w.bytes))
			return true;
		if (!in->has_looked && !host_is_exact(s)) {
			host_look_at(s, on_looked, in);
			return false;
		}
		if (!w.replaces) {
			f->code = VERDICT_QUOTA;
			return true;
		}
		push->live_ops_max = most.ops;
		push->live_bytes_max = most.bytes;
	}
	host_let_in(s, f->batch.n_ops, w.bytes);
	return true;
}

/* Checks and asks the store; answers at once where the store cannot be asked. */
static void
try_accept(struct intake *in)
{
	struct host *h = in->host;
	struct space *s = host_space(h, in->push.space);
	struct finding f = {.code = VERDICT_OK};
	struct intake_verdict out = {0};
	struct store_push push = {0};

	arena_reset(h->scratch);
	check(h, &in->push, &f);
	if (!f.has_id || s == NULL) {
		out.code = f.code == VERDICT_OK ? VERDICT_LOG : f.code;
		out.detail = f.detail;
		answer(h, in->done, in->ctx, &out);
		free(in);
		return;
	}
	if (f.code == VERDICT_OK && !check_quota(in, s, &f, &push))
		return;
	push.batch = &f.batch;
	push.id = f.id;
	push.refusal = f.code == VERDICT_OK ? 0 : (uint16_t)f.code;
	push.detail = f.detail;
	push.log_len = membership_log_len(h->m, in->push.space);
	store_accept(s->store, &push, on_accepted, in);
}

void
intake_accept(
    struct host *h, const struct intake_push *push, intake_done *done, void *ctx)
{
	struct intake_verdict again = {.code = VERDICT_AGAIN};
	struct intake *in = calloc(1, sizeof *in);

	if (in == NULL) {
		answer(h, done, ctx, &again);
		return;
	}
	*in = (struct intake){.host = h, .push = *push, .done = done, .ctx = ctx};
	try_accept(in);
}

status
intake_check_past(struct host *h, uint16_t space, struct span wire, struct arena *a,
    struct batch *out, struct batch_id *id, struct trouble *t)
{
	struct batch_question q = {
	    .batch = out, .now_s = host_now_s(h), .is_carried = true, .is_history = true};
	struct batch_answer answer;
	status st = batch_decode(wire, BATCH_PRUNED, &h->how.checks, a, out, t);

	if (st != ST_OK)
		return st;
	if (out->space != space)
		return trouble_set(t, ST_MALFORMED, "a batch of another space");
	membership_judge(h->m, &q, &answer);
	if (!answer.has_context || answer.standing == STANDING_LOG)
		return trouble_set(t, ST_RETRY, "a batch cites records that are missing");
	if (answer.standing != STANDING_OK)
		return trouble_set(t, ST_NOT_ALLOWED, "a batch of nobody we know");
	return batch_verify(
	    out, &answer.context, &answer.device->keys.sign, &h->how.checks, a, id, t);
}
