/* carry_take.c - one bundle into the replica: logs first, since they say whose signatures
 * count, then keys, then batches. */
#include "client/sync/carry.h"
#include "proto/bundle.h"

enum { BATCHES_AT_ONCE = 256 };

static status
damaged(struct laptop *l, const char *name)
{
	status st = complain(l->complaint, PN_B01, "%s is cut or was changed", name);

	complain_data(l->complaint, "nothing of that file was taken");
	complain_next(l->complaint,
	    "pnet sync --via DIR    on the laptop that wrote it: it writes it again");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
foreign(struct laptop *l, const char *name)
{
	status st = complain(
	    l->complaint, PN_B02, "%s belongs to another network than this laptop", name);

	complain_data(l->complaint, "nothing of that file was taken");
	complain_next(l->complaint, "pnet network show    says which network this is");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
newer(struct laptop *l, const char *name)
{
	status st =
	    complain(l->complaint, PN_N05, "%s was written by a newer program", name);

	complain_data(l->complaint, "nothing of that file was taken");
	complain_next(l->complaint, "pnet --version    needs an update");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
open_bundle(struct laptop *l, const char *name, struct span file, struct bundle *b)
{
	status st = bundle_open(b, file, &l->checks, &l->trouble);

	if (st == ST_NO_MEMORY)
		return st;
	if (st == ST_VERSION)
		return newer(l, name);
	if (st != ST_OK)
		return damaged(l, name);
	return ID_EQUAL(&b->head.network, &l->self.network) ? ST_OK : foreign(l, name);
}

/* ---- sections ---- */

struct taking {
	struct laptop *l;
	struct logs logs;
	struct arena *a;
	struct carry_report *out;
	size_t n;
	struct span wires[BATCHES_AT_ONCE];
	bool has_settled; /* the rows that follow from the logs are in order */
};

static status
settle(struct taking *t)
{
	if (t->has_settled)
		return ST_OK;
	t->has_settled = true;
	return logs_settle(t->l, t->logs.m);
}

static status
flush(struct taking *t)
{
	size_t n = t->n;

	t->n = 0;
	return n == 0 ? ST_OK
		      : inbox_carry(t->l, &t->logs, t->wires, n, &t->out->received,
			    &t->out->batches);
}

/* Records that do not follow what is known here are of no use yet. */
static status
take_log(struct taking *t, const struct bundle_log *log)
{
	uint32_t len = membership_log_len(t->logs.m, log->space);

	t->has_settled = false;
	return log->from > len ? ST_OK
			       : logs_take(t->l, t->logs.m, log->space, log->from,
				     log->records, log->n, NULL);
}

static status
take_keys(struct taking *t, const struct bundle_keys *keys)
{
	const struct device_keys *device = keyring_device(t->l->keys);
	const struct box_pair pair = {device->pk.box, &device->box_sk};
	size_t n_new = 0;
	status st = settle(t);

	return st != ST_OK ? st
			   : logs_take_keys(t->l, t->logs.m, keys->space, &pair,
				 &keys->rows, &n_new);
}

static status
take_batch(struct taking *t, struct span wire)
{
	status st = settle(t);

	if (st == ST_OK && t->n == BATCHES_AT_ONCE)
		st = flush(t);
	t->wires[t->n++] = wire;
	return st;
}

/* A joined state is left alone, and the report says so (carry.h). */
static status
take_section(struct taking *t, const struct bundle_section *s)
{
	switch (s->kind) {
	case BUNDLE_LOG:
		return take_log(t, &s->log);
	case BUNDLE_KEYS:
		return take_keys(t, &s->keys);
	case BUNDLE_BATCH:
		return take_batch(t, s->batch);
	case BUNDLE_STATE:
		t->out->n_states++;
		return ST_OK;
	}
	return ST_OK;
}

static status
take_sections(struct taking *t, struct bundle *b)
{
	struct bundle_section section;
	status st = logs_whole(&t->logs) == NULL ? t->l->trouble.code : ST_OK;

	while (st == ST_OK && b->n_left > 0) {
		st = bundle_next(b, t->a, &section, &t->l->trouble);
		if (st == ST_OK)
			st = take_section(t, &section);
	}
	if (st == ST_OK)
		st = settle(t);
	return st != ST_OK ? st : flush(t);
}

static status
keep_clock(struct laptop *l)
{
	status st = laptop_set_meta_int(l, "hlc_seconds", (int64_t)l->clock.seconds);

	return st != ST_OK ? st : laptop_set_meta_int(l, "hlc_counter", l->clock.counter);
}

static status
take_whole(struct taking *t, struct bundle *b)
{
	struct laptop *l = t->l;
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = take_sections(t, b);
	if (st == ST_OK)
		st = keep_clock(l);
	if (st == ST_OK)
		st = inbox_conflicts(l, &t->out->received.conflicts);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* The laptop whose clock ours is furthest from, if by more than a day. A bundle may have
 * lain about for weeks: that ours is ahead is told after a month. */
static void
note_clock(struct laptop *l, const struct bundle_head *head, struct carry_report *out)
{
	const int64_t day_s = 86400;
	int64_t off = (int64_t)(l->now_ms / 1000) - (int64_t)head->time_s;

	if (off > -day_s && off < CARRY_KEEP_DAYS * day_s)
		return;
	if ((off < 0 ? -off : off) <=
	    (out->clock_off_s < 0 ? -out->clock_off_s : out->clock_off_s))
		return;
	out->clock_off_s = off;
	(void)snprintf(
	    out->clock_of, sizeof out->clock_of, "%s", author_member(l, head->writer));
}

status
carry_take(struct laptop *l, const char *name, struct span file, uint64_t *time_s,
    struct carry_report *out)
{
	const struct carry_report before = *out;
	struct taking t = {.l = l, .logs = {.l = l}, .a = arena_new(0), .out = out};
	struct bundle b;
	status st = t.a == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
				: open_bundle(l, name, file, &b);

	if (st == ST_OK)
		st = take_whole(&t, &b);
	if (st == ST_OK) {
		*time_s = b.head.time_s;
		note_clock(l, &b.head, out);
	} else {
		*out = before;
	}
	logs_forget(&t.logs);
	arena_free(t.a);
	return st;
}
