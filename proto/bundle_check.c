/* bundle_check.c - what may stand in a bundle's sections (spec/bundle.md 3): records that
 * follow each other, lists in order, batches complete, states that agree with themselves.
 * Pure. */
#include "proto/box_list.h"
#include "proto/bundle_parts.h"
#include "proto/log_codec.h"

/* --- log --------------------------------------------------------------------- */

/* What one record of a section must be, seen from those before it. */
struct log_place {
	const struct bundle_head *head;
	const struct bundle_log *log;
	struct space_name space; /* of the first record */
	struct log_id prev;      /* id of the record before */
};

static bool
is_of_network(const struct bundle_head *head, const struct log_record *r)
{
	struct network_id network =
	    r->kind == LOG_GENESIS ? log_network_id(r) : r->network;

	return ID_EQUAL(&network, &head->network);
}

static status
check_record(
    struct log_place *at, size_t i, const struct log_record *r, struct trouble *t)
{
	struct space_name net = space_of("NET");
	const char *why = NULL;

	if (i == 0)
		at->space = r->space;
	if (!is_of_network(at->head, r))
		why = "is of another network";
	else if (r->seq != at->log->from + i)
		why = "has another position";
	else if (!space_equal(&r->space, &at->space) ||
		 (at->log->space == 0) != space_equal(&r->space, &net))
		why = "is of another space";
	else if (i > 0 && !ID_EQUAL(&r->prev, &at->prev))
		why = "does not follow the one before";
	if (why != NULL)
		return trouble_set(t, ST_MALFORMED, "bundle: record %zu of space %u %s",
		    i + at->log->from, at->log->space, why);
	at->prev = r->id;
	return ST_OK;
}

static status
check_log(const struct bundle_head *head, const struct bundle_log *log,
    struct arena *scratch, struct trouble *t)
{
	struct log_place at = {.head = head, .log = log};
	struct log_record r;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < log->n; i++) {
		arena_reset(scratch);
		st = log_record_read(log->records[i], scratch, &r, t);
		if (st == ST_OK)
			st = check_record(&at, i, &r, t);
	}
	return st;
}

static status
check_keys(const struct key_rows *rows, struct arena *scratch, struct trouble *t)
{
	struct box_list list;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < rows->n_lists; i++) {
		arena_reset(scratch);
		if (rows->lists[i].list.len > BOX_LIST_BYTES_MAX)
			return trouble_set(t, ST_LIMIT, "bundle: box list of %zu bytes",
			    rows->lists[i].list.len);
		st = box_list_read(rows->lists[i].list, scratch, &list, t);
	}
	return st;
}

/* --- state ------------------------------------------------------------------- */

static bool
has_grave(const struct bundle_state *s, const struct tag *subject)
{
	size_t low = 0;
	size_t high = s->n_graves;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(
		    subject->bytes, s->graves[middle].bytes, sizeof subject->bytes);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static bool
is_known(const struct bundle_state *s, const struct short_id *id)
{
	size_t low = 0;
	size_t high = s->n_ids;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(id->bytes, s->ids[middle].bytes, sizeof id->bytes);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* A live write has no grave; an erase that is there has made one. */
static status
check_state_batch(const struct bundle_state *s, const struct batch *b, struct trouble *t)
{
	bool is_live = false;

	if (b->space != s->space || b->scope != s->scope)
		return trouble_set(
		    t, ST_MALFORMED, "bundle: batch of another scope in a state");
	for (size_t i = 0; i < b->n_ops; i++) {
		const struct op *op = &b->ops[i];

		is_live = is_live || op->is_present;
		if (op->is_present && op->has_subject &&
		    has_grave(s, &op->subject) != (op->type == OP_ERASE))
			return trouble_set(t, ST_MALFORMED,
			    "bundle: graves and ops of a state do not agree");
	}
	if (!is_live)
		return trouble_set(
		    t, ST_MALFORMED, "bundle: batch without an op in a state");
	return ST_OK;
}

static status
check_state(const struct bundle_state *s, const struct checks *checks,
    struct arena *scratch, struct trouble *t)
{
	struct batch b;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < s->n_batches; i++) {
		arena_reset(scratch);
		st = batch_decode(
		    s->batches[i].wire, BATCH_PRUNED, checks, scratch, &b, t);
		if (st == ST_OK)
			st = check_state_batch(s, &b, t);
	}
	for (size_t i = 0; st == ST_OK && i < s->n_doa; i++)
		if (is_known(s, &s->doa[i].dot.batch))
			st = trouble_set(t, ST_MALFORMED,
			    "bundle: op of a known batch as not arrived");
	return st;
}

status
bundle_check_section(const struct bundle_head *head, const struct bundle_section *s,
    const struct checks *checks, struct arena *scratch, struct trouble *t)
{
	struct batch b;

	switch (s->kind) {
	case BUNDLE_LOG:
		return check_log(head, &s->log, scratch, t);
	case BUNDLE_KEYS:
		return check_keys(&s->keys.rows, scratch, t);
	case BUNDLE_BATCH:
		arena_reset(scratch);
		return batch_decode(s->batch, BATCH_COMPLETE, checks, scratch, &b, t);
	case BUNDLE_STATE:
		return check_state(&s->state, checks, scratch, t);
	}
	return ST_BUG;
}
