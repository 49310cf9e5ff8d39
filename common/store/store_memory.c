/* store_memory.c - the store in memory: rows in arrays, no undo. A transaction that fails
 * half-way (only lack of memory can do that) leaves the store unusable and says so. */
#include "store/store_memory.h"

#include "store/store_copy.h"
#include "store/store_memory_rows.h"
#include "store/store_queue.h"

#include <assert.h>
#include <stdlib.h>

status
memory_grow(void **items, struct rows *rows, size_t row_bytes, struct trouble *t)
{
	size_t cap = rows->cap == 0 ? 16 : rows->cap * 2;
	void *grown;

	if (rows->n < rows->cap)
		return ST_OK;
	grown = realloc(*items, cap * row_bytes);
	if (grown == NULL)
		return trouble_set(t, ST_NO_MEMORY, "memory store");
	*items = grown;
	rows->cap = cap;
	return ST_OK;
}

status
memory_copy(struct span from, struct span *out, struct trouble *t)
{
	uint8_t *copy = malloc(from.len + 1); /* +1: never malloc(0) */

	if (copy == NULL)
		return trouble_set(t, ST_NO_MEMORY, "memory store");
	if (from.len > 0)
		memcpy(copy, from.bytes, from.len);
	*out = span_of(copy, from.len);
	return ST_OK;
}

static void
free_span(struct span s)
{
	free((void *)(uintptr_t)s.bytes);
}

/* ---- transactions ---- */

static status
begin(void *ctx, struct trouble *t)
{
	struct memory *m = ctx;

	if (m->is_dirty)
		return trouble_set(t, ST_CORRUPT, "a transaction died half-way");
	if (!m->has_fault || m->fault_after-- > 0) {
		m->is_working = true;
		return ST_OK;
	}
	m->has_fault = false;
	m->is_broken = m->fault == ST_IO;
	return trouble_set(t, m->fault, "the fault that was asked for");
}

static status
commit(void *ctx, struct trouble *t)
{
	struct memory *m = ctx;

	(void)t;
	m->is_working = false;
	return ST_OK;
}

static void
rollback(void *ctx)
{
	struct memory *m = ctx;

	m->is_dirty = m->is_dirty || m->is_working;
}

static status
checkpoint(void *ctx, struct trouble *t)
{
	(void)ctx;
	(void)t;
	return ST_OK;
}

static bool
is_broken(void *ctx)
{
	const struct memory *m = ctx;

	return m->is_broken;
}

static status
reopen(void *ctx, struct trouble *t)
{
	struct memory *m = ctx;

	(void)t;
	m->is_broken = false;
	return ST_OK;
}

static void
close_memory(void *ctx)
{
	struct memory *m = ctx;

	for (size_t i = 0; i < m->batches_n.n; i++) {
		for (size_t k = 0; k < m->batches[i].n_ops; k++)
			free_span(m->batches[i].ops[k].wire);
		free(m->batches[i].ops);
		free_span(m->batches[i].header);
	}
	for (size_t i = 0; i < m->log_n.n; i++)
		free_span(m->log[i].record);
	for (size_t i = 0; i < m->boxes_n.n; i++)
		free_span(m->boxes[i].box);
	for (size_t i = 0; i < m->lists_n.n; i++)
		free_span(m->lists[i].list);
	for (size_t i = 0; i < m->wraps_n.n; i++)
		free_span(m->wraps[i].wrap);
	for (size_t i = 0; i < m->stages_n.n; i++)
		arena_free(m->stages[i].arena);
	free(m->batches);
	free(m->dead);
	free(m->graves);
	free(m->doa);
	free(m->log);
	free(m->boxes);
	free(m->lists);
	free(m->wraps);
	free(m->authors);
	free(m->contacts);
	free(m->stages);
	free(m->slots);
	free(m);
}

/* ---- what is told ---- */

static status
log_head(void *ctx, struct store_log_head *out, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*out = (struct store_log_head){.len = (uint32_t)m->log_n.n};
	if (m->log_n.n > 0)
		out->id = m->log[m->log_n.n - 1].id;
	return ST_OK;
}

static status
epoch(void *ctx, struct store_epoch *out, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*out = m->epoch;
	return ST_OK;
}

static status
set_epoch(void *ctx, const struct store_epoch *e, struct trouble *t)
{
	struct memory *m = ctx;

	(void)t;
	m->epoch = *e;
	return ST_OK;
}

static status
figures(void *ctx, struct store_figures *out, struct trouble *t)
{
	const struct memory *m = ctx;

	out->epoch = m->epoch;
	out->head = m->batches_n.n;
	if (out->head > 0)
		out->chain = m->batches[out->head - 1].chain;
	for (size_t i = 0; i < m->batches_n.n; i++)
		for (size_t k = 0; k < m->batches[i].n_ops; k++)
			if (m->batches[i].ops[k].keep == KEEP_LIVE) {
				out->live_ops++;
				out->live_bytes += m->batches[i].ops[k].wire.len;
			}
	out->horizon = m->horizon;
	out->graves = m->graves_n.n;
	out->doa = m->doa_n.n;
	return log_head(ctx, &out->log, t);
}

static status
chain_at(void *ctx, uint64_t lsn, struct hash32 *out, struct trouble *t)
{
	const struct memory *m = ctx;

	if (lsn == 0 || lsn > m->batches_n.n)
		return trouble_set(t, ST_NOT_FOUND, "no such lsn");
	*out = m->batches[lsn - 1].chain;
	return ST_OK;
}

static status
next_in_scope(void *ctx, uint16_t scope, uint64_t after, uint64_t *lsn, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*lsn = 0;
	for (uint64_t i = after; i < m->batches_n.n && *lsn == 0; i++)
		if (m->batches[i].is_served && m->batches[i].scope == scope)
			*lsn = i + 1;
	return ST_OK;
}

static status
read_batch(
    void *ctx, uint64_t lsn, struct arena *a, struct store_row *out, struct trouble *t)
{
	const struct memory *m = ctx;
	const struct mem_batch *b = &m->batches[lsn - 1];

	*out = (struct store_row){.lsn = lsn, .id = b->id};
	out->batch.scope = b->scope;
	out->batch.header = b->header;
	out->batch.signature = b->signature;
	out->batch.n_ops = b->n_ops;
	out->batch.ops = arena_zeros(a, b->n_ops + 1, sizeof *out->batch.ops);
	if (out->batch.ops == NULL || !copy_span(a, &out->batch.header))
		return trouble_set(t, ST_NO_MEMORY, "batch");
	for (size_t i = 0; i < b->n_ops; i++) {
		struct op *op = &out->batch.ops[i];

		op->is_present = b->ops[i].keep != KEEP_HASH;
		op->hash = b->ops[i].hash;
		op->wire = b->ops[i].wire;
		if (op->is_present && !copy_span(a, &op->wire))
			return trouble_set(t, ST_NO_MEMORY, "batch");
	}
	return ST_OK;
}

static status
each_dead(
    void *ctx, uint64_t after_kill, visit_dead *visit, void *visit_ctx, struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < m->dead_n.n; i++)
		if (m->dead[i].kill_lsn > after_kill)
			st = visit(visit_ctx, m->dead[i].kill_lsn, m->dead[i].at,
			    m->batches[m->dead[i].at.lsn - 1].scope, t);
	return st;
}

static status
each_grave(void *ctx, visit_grave *visit, void *visit_ctx, struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < m->graves_n.n; i++)
		st = visit(visit_ctx, &m->graves[i].grave, m->graves[i].lsn, t);
	return st;
}

static status
each_doa(void *ctx, visit_doa *visit, void *visit_ctx, struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < m->doa_n.n; i++)
		st = visit(visit_ctx, &m->doa[i], t);
	return st;
}

static status
horizon(void *ctx, uint64_t *out, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*out = m->horizon;
	return ST_OK;
}

static status
trim(void *ctx, uint64_t to, struct trouble *t)
{
	struct memory *m = ctx;
	size_t kept = 0;

	(void)t;
	for (size_t i = 0; i < m->dead_n.n; i++)
		if (m->dead[i].kill_lsn > to)
			m->dead[kept++] = m->dead[i];
	m->dead_n.n = kept;
	m->horizon = to;
	return ST_OK;
}

/* ---- log and keys ---- */

static status
add_record(void *ctx, uint32_t seq, const struct log_id *id, struct span record,
    struct trouble *t)
{
	struct memory *m = ctx;
	struct store_log_record row = {seq, *id, {NULL, 0}};
	status st = MEMORY_GROW(m->log, m->log_n, t);

	if (st == ST_OK)
		st = memory_copy(record, &row.record, t);
	if (st == ST_OK)
		m->log[m->log_n.n++] = row;
	return st;
}

static status
read_record(void *ctx, uint32_t seq, struct arena *a, struct store_log_record *out,
    struct trouble *t)
{
	const struct memory *m = ctx;

	if (seq >= m->log_n.n)
		return trouble_set(t, ST_NOT_FOUND, "no record %u", (unsigned)seq);
	*out = m->log[seq];
	return copy_span(a, &out->record) ? ST_OK
					  : trouble_set(t, ST_NO_MEMORY, "record");
}

/* As the primary key of the box table: owner last, so that a walk is by position. */
static int
box_order(const struct store_box *a, const struct store_box *b)
{
	if (a->position != b->position)
		return a->position < b->position ? -1 : 1;
	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	return memcmp(a->owner.bytes, b->owner.bytes, sizeof a->owner.bytes);
}

static status
put_box(void *ctx, const struct store_box *b, struct trouble *t)
{
	struct memory *m = ctx;
	struct store_box row = *b;
	size_t i = 0;
	status st = MEMORY_GROW(m->boxes, m->boxes_n, t);

	if (st == ST_OK)
		st = memory_copy(b->box, &row.box, t);
	if (st != ST_OK)
		return st;
	while (i < m->boxes_n.n && box_order(&m->boxes[i], b) < 0)
		i++;
	if (i < m->boxes_n.n && box_order(&m->boxes[i], b) == 0) {
		free_span(m->boxes[i].box);
	} else {
		memmove(&m->boxes[i + 1], &m->boxes[i],
		    (m->boxes_n.n - i) * sizeof *m->boxes);
		m->boxes_n.n++;
	}
	m->boxes[i] = row;
	return ST_OK;
}

static status
drop_boxes(void *ctx, const struct box_pk *owner, struct trouble *t)
{
	struct memory *m = ctx;
	size_t kept = 0;

	(void)t;
	for (size_t i = 0; i < m->boxes_n.n; i++) {
		if (ID_EQUAL(&m->boxes[i].owner, owner))
			free_span(m->boxes[i].box);
		else
			m->boxes[kept++] = m->boxes[i];
	}
	m->boxes_n.n = kept;
	return ST_OK;
}

static bool
is_asked_for(const struct store_box *b, const struct box_pk *owner, uint32_t from)
{
	return ID_EQUAL(&b->owner, owner) && b->position >= from &&
	       (from == 0 || b->position != STORE_BOX_OWN);
}

static status
each_box(void *ctx, const struct box_pk *owner, uint32_t from, visit_box *visit,
    void *visit_ctx, struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < m->boxes_n.n; i++)
		if (is_asked_for(&m->boxes[i], owner, from))
			st = visit(visit_ctx, &m->boxes[i], t);
	return st;
}

static status
put_list(void *ctx, const struct store_box_list *l, struct trouble *t)
{
	struct memory *m = ctx;
	struct store_box_list row = *l;
	status st = MEMORY_GROW(m->lists, m->lists_n, t);

	if (st == ST_OK)
		st = memory_copy(l->list, &row.list, t);
	if (st == ST_OK)
		m->lists[m->lists_n.n++] = row;
	return st;
}

static status
read_list(void *ctx, uint16_t position, uint16_t scope, struct arena *a, struct span *out,
    struct trouble *t)
{
	const struct memory *m = ctx;

	*out = span_of(NULL, 0);
	for (size_t i = 0; i < m->lists_n.n; i++)
		if (m->lists[i].position == position && m->lists[i].scope == scope) {
			*out = arena_copy(a, m->lists[i].list);
			return out->bytes == NULL
				   ? trouble_set(t, ST_NO_MEMORY, "box list")
				   : ST_OK;
		}
	return ST_OK;
}

static status
put_wrap(void *ctx, const struct store_wrap *w, struct trouble *t)
{
	struct memory *m = ctx;
	struct store_wrap row = *w;
	status st = MEMORY_GROW(m->wraps, m->wraps_n, t);

	if (st == ST_OK)
		st = memory_copy(w->wrap, &row.wrap, t);
	if (st == ST_OK)
		m->wraps[m->wraps_n.n++] = row;
	return st;
}

static status
each_wrap(
    void *ctx, uint16_t scope, visit_wrap *visit, void *visit_ctx, struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < m->wraps_n.n; i++)
		if (m->wraps[i].scope == scope)
			st = visit(visit_ctx, &m->wraps[i], t);
	return st;
}

/* ---- devices ---- */

static bool
is_device(struct author a, struct author b)
{
	return a.home == b.home && a.device == b.device;
}

static status
each_author(void *ctx, const struct author *device, visit_author *visit, void *visit_ctx,
    struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < m->authors_n.n; i++) {
		const struct mem_author *row = &m->authors[i];

		if (device == NULL || is_device(row->device, *device))
			st = visit(visit_ctx, row->device, row->scope, row->lsn,
			    &m->batches[row->lsn - 1].id, t);
	}
	return st;
}

static status
put_contact(void *ctx, const struct store_contact *c, struct trouble *t)
{
	struct memory *m = ctx;
	status st;

	for (size_t i = 0; i < m->contacts_n.n; i++)
		if (is_device(m->contacts[i].device, c->device)) {
			m->contacts[i] = *c;
			return ST_OK;
		}
	st = MEMORY_GROW(m->contacts, m->contacts_n, t);
	if (st == ST_OK)
		m->contacts[m->contacts_n.n++] = *c;
	return st;
}

static status
each_contact(void *ctx, visit_contact *visit, void *visit_ctx, struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < m->contacts_n.n; i++)
		st = visit(visit_ctx, &m->contacts[i], t);
	return st;
}

/* Bytes of a header: home, device, scope; prev (SECURITY 9.4). */
enum { HEADER_WHO = 3, HEADER_WHO_BYTES = 6, HEADER_PREV = 35, HEADER_PREV_BYTES = 16 };

/* Does another batch before lsn follow the same one? */
static bool
is_followed_before(const struct memory *m, uint64_t lsn)
{
	const uint8_t *header = m->batches[lsn - 1].header.bytes;

	for (uint64_t i = 1; i < lsn; i++) {
		const struct mem_batch *b = &m->batches[i - 1];

		if (b->is_served &&
		    memcmp(b->header.bytes + HEADER_WHO, header + HEADER_WHO,
			HEADER_WHO_BYTES) == 0 &&
		    memcmp(b->header.bytes + HEADER_PREV, header + HEADER_PREV,
			HEADER_PREV_BYTES) == 0)
			return true;
	}
	return false;
}

static status
each_gap(void *ctx, size_t max, visit_gap *visit, void *visit_ctx, struct trouble *t)
{
	const struct memory *m = ctx;
	status st = ST_OK;

	for (uint64_t lsn = 1; st == ST_OK && max > 0 && lsn <= m->batches_n.n; lsn++) {
		const struct mem_batch *b = &m->batches[lsn - 1];
		struct store_gap g = {.lsn = lsn};

		if (!b->is_served)
			continue;
		memcpy(g.missing.bytes, b->header.bytes + HEADER_PREV, HEADER_PREV_BYTES);
		if (ID_IS_ZERO(&g.missing) || memory_look_up(m, &g.missing) != 0 ||
		    is_followed_before(m, lsn))
			continue;
		g.device.home = get_u16(b->header.bytes + HEADER_WHO);
		g.device.device = get_u16(b->header.bytes + HEADER_WHO + 2);
		g.scope = get_u16(b->header.bytes + HEADER_WHO + 4);
		st = visit(visit_ctx, &g, t);
		max--;
	}
	return st;
}

/* ---- life ---- */

static const struct store_engine calls = {
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .checkpoint = checkpoint,
    .is_broken = is_broken,
    .reopen = reopen,
    .close = close_memory,
    .figures = figures,
    .log_head = log_head,
    .epoch = epoch,
    .set_epoch = set_epoch,
    .chain_at = chain_at,
    .next_in_scope = next_in_scope,
    .read_batch = read_batch,
    .each_dead = each_dead,
    .each_grave = each_grave,
    .each_doa = each_doa,
    .horizon = horizon,
    .trim = trim,
    .add_record = add_record,
    .read_record = read_record,
    .put_box = put_box,
    .drop_boxes = drop_boxes,
    .each_box = each_box,
    .put_list = put_list,
    .read_list = read_list,
    .put_wrap = put_wrap,
    .each_wrap = each_wrap,
    .each_author = each_author,
    .put_contact = put_contact,
    .each_contact = each_contact,
    .each_gap = each_gap,
};

status
store_memory_open(
    struct store **out, const struct store_memory_config *config, struct trouble *t)
{
	struct store_engine e = calls;
	struct memory *m = calloc(1, sizeof *m);

	*out = NULL;
	if (m == NULL)
		return trouble_set(t, ST_NO_MEMORY, "memory store");
	m->checks = config->checks;
	m->epoch = config->epoch;
	e.ctx = m;
	e.checks = config->checks;
	memory_merge_calls(&e.merge, m);
	memory_stage_calls(&e);
	*out = store_new(&e, config->loop, t);
	return *out != NULL ? ST_OK : ST_NO_MEMORY;
}

void
store_memory_fail(struct store *s, unsigned after, status code)
{
	struct memory *m = store_engine_of(s)->ctx;

	m->has_fault = true;
	m->fault_after = after;
	m->fault = code;
}
