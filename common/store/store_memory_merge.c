/* store_memory_merge.c - the state calls of the merge over rows in memory. */
#include "store/store_memory_rows.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t
slot_of(const struct memory *m, const struct short_id *id)
{
	return get_u64(id->bytes) & (m->n_slots - 1);
}

static bool
has_short(const struct memory *m, uint64_t lsn, const struct short_id *id)
{
	return memcmp(m->batches[lsn - 1].id.bytes, id->bytes, sizeof id->bytes) == 0;
}

uint64_t
memory_look_up(const struct memory *m, const struct short_id *id)
{
	if (m->n_slots == 0)
		return 0;
	for (uint64_t i = slot_of(m, id); m->slots[i] != 0;
	     i = (i + 1) & (m->n_slots - 1))
		if (has_short(m, m->slots[i], id))
			return m->slots[i];
	return 0;
}

static void
put_slot(struct memory *m, uint64_t lsn)
{
	struct short_id id = batch_short(&m->batches[lsn - 1].id);
	uint64_t i = slot_of(m, &id);

	while (m->slots[i] != 0)
		i = (i + 1) & (m->n_slots - 1);
	m->slots[i] = lsn;
}

/* At most half full, so that a look-up is short. */
static status
make_slots(struct memory *m, struct trouble *t)
{
	size_t wanted = m->n_slots == 0 ? 64 : m->n_slots * 2;
	uint64_t *slots;

	if ((m->batches_n.n + 1) * 2 <= m->n_slots)
		return ST_OK;
	slots = calloc(wanted, sizeof *slots);
	if (slots == NULL)
		return trouble_set(t, ST_NO_MEMORY, "memory store");
	free(m->slots);
	m->slots = slots;
	m->n_slots = wanted;
	for (uint64_t lsn = 1; lsn <= m->batches_n.n; lsn++)
		put_slot(m, lsn);
	return ST_OK;
}

static struct mem_batch *
batch_at(const struct memory *m, uint64_t lsn)
{
	return lsn > 0 && lsn <= m->batches_n.n ? &m->batches[lsn - 1] : NULL;
}

static struct mem_op *
live_at(const struct memory *m, struct op_place at)
{
	struct mem_batch *b = batch_at(m, at.lsn);

	if (b == NULL || at.index >= b->n_ops || b->ops[at.index].keep != KEEP_LIVE)
		return NULL;
	return &b->ops[at.index];
}

static status
head(void *ctx, uint64_t *lsn, struct hash32 *chain, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*lsn = m->batches_n.n;
	*chain = (struct hash32){{0}};
	if (*lsn > 0)
		*chain = m->batches[*lsn - 1].chain;
	return ST_OK;
}

static status
find_batch(void *ctx, const struct short_id *short_id, uint64_t *lsn, struct batch_id *id,
    struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*lsn = memory_look_up(m, short_id);
	if (*lsn != 0)
		*id = m->batches[*lsn - 1].id;
	return ST_OK;
}

static int
author_order(const struct mem_author *row, struct author device, uint16_t scope)
{
	if (row->device.home != device.home)
		return row->device.home < device.home ? -1 : 1;
	if (row->device.device != device.device)
		return row->device.device < device.device ? -1 : 1;
	return (row->scope > scope) - (row->scope < scope);
}

static status
note_author(struct memory *m, const struct batch *b, uint64_t lsn, struct trouble *t)
{
	const struct author device = {b->home, b->device};
	size_t i = 0;
	status st;

	while (i < m->authors_n.n && author_order(&m->authors[i], device, b->scope) < 0)
		i++;
	if (i < m->authors_n.n && author_order(&m->authors[i], device, b->scope) == 0) {
		m->authors[i].lsn = lsn;
		return ST_OK;
	}
	st = MEMORY_GROW(m->authors, m->authors_n, t);
	if (st != ST_OK)
		return st;
	memmove(&m->authors[i + 1], &m->authors[i],
	    (m->authors_n.n - i) * sizeof *m->authors);
	m->authors_n.n++;
	m->authors[i] = (struct mem_author){device, b->scope, lsn};
	return ST_OK;
}

static status
add_batch(void *ctx, uint64_t lsn, const struct hash32 *chain, const struct batch_id *id,
    const struct batch *b, struct trouble *t)
{
	struct memory *m = ctx;
	struct mem_batch row = {.id = *id, .chain = *chain};
	status st = MEMORY_GROW(m->batches, m->batches_n, t);

	assert(lsn == m->batches_n.n + 1);
	if (st == ST_OK)
		st = make_slots(m, t);
	if (st != ST_OK)
		return st;
	if (b != NULL) {
		row.scope = b->scope;
		row.is_served = true;
		row.signature = b->signature;
		st = memory_copy(b->header, &row.header, t);
		if (st == ST_OK)
			row.ops = calloc(b->n_ops + 1, sizeof *row.ops);
		if (st == ST_OK && row.ops == NULL)
			st = trouble_set(t, ST_NO_MEMORY, "memory store");
		if (st == ST_OK)
			st = note_author(m, b, lsn, t);
		row.n_ops = b->n_ops;
	}
	if (st != ST_OK) {
		free((void *)(uintptr_t)row.header.bytes);
		free(row.ops);
		return st;
	}
	m->batches[m->batches_n.n++] = row;
	put_slot(m, lsn);
	return ST_OK;
}

static status
add_op(void *ctx, struct op_place at, uint16_t scope, const struct op *op, enum keep keep,
    struct trouble *t)
{
	struct memory *m = ctx;
	struct mem_op *row = &m->batches[at.lsn - 1].ops[at.index];

	*row = (struct mem_op){.keep = keep,
	    .live = {scope, op->record, op->retention},
	    .has_subject = op->has_subject,
	    .subject = op->subject,
	    .hash = op->hash};
	return keep == KEEP_HASH ? ST_OK : memory_copy(op->wire, &row->wire, t);
}

static status
find_live(
    void *ctx, struct op_place at, bool *is_live, struct live_op *out, struct trouble *t)
{
	const struct mem_op *op = live_at(ctx, at);

	(void)t;
	*is_live = op != NULL;
	if (op != NULL)
		*out = op->live;
	return ST_OK;
}

static status
next_live(void *ctx, struct op_place *at, bool *is_there, struct live_op *out,
    struct trouble *t)
{
	const struct mem_batch *b = batch_at(ctx, at->lsn);

	(void)t;
	*is_there = false;
	for (size_t i = at->index; b != NULL && i < b->n_ops && !*is_there; i++)
		if (b->ops[i].keep == KEEP_LIVE) {
			at->index = (uint8_t)i;
			*out = b->ops[i].live;
			*is_there = true;
		}
	return ST_OK;
}

static bool
has_subject(const struct mem_op *op, const struct merge_grave *g)
{
	return op->keep == KEEP_LIVE && op->has_subject && op->live.scope == g->scope &&
	       ID_EQUAL(&op->subject, &g->subject);
}

static status
find_subject(void *ctx, const struct merge_grave *g, bool *is_there, struct op_place *out,
    struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*is_there = false;
	for (uint64_t lsn = 1; lsn <= m->batches_n.n && !*is_there; lsn++) {
		const struct mem_batch *b = &m->batches[lsn - 1];

		for (size_t i = 0; i < b->n_ops && !*is_there; i++)
			if (has_subject(&b->ops[i], g)) {
				*out = (struct op_place){lsn, (uint8_t)i};
				*is_there = true;
			}
	}
	return ST_OK;
}

static status
drop_live(void *ctx, struct op_place at, struct trouble *t)
{
	struct mem_op *op = live_at(ctx, at);

	(void)t;
	assert(op != NULL);
	op->keep = KEEP_HASH;
	free((void *)(uintptr_t)op->wire.bytes);
	op->wire = span_of(NULL, 0);
	return ST_OK;
}

static status
prune_batch(void *ctx, uint64_t lsn, struct trouble *t)
{
	struct mem_batch *b = batch_at(ctx, lsn);

	(void)t;
	assert(b != NULL);
	for (size_t i = 0; i < b->n_ops; i++)
		if (b->ops[i].keep != KEEP_HASH)
			return ST_OK;
	free((void *)(uintptr_t)b->header.bytes);
	free(b->ops);
	b->header = span_of(NULL, 0);
	b->ops = NULL;
	b->n_ops = 0;
	b->is_served = false;
	return ST_OK;
}

static status
add_dead(void *ctx, uint64_t kill_lsn, struct op_place at, struct trouble *t)
{
	struct memory *m = ctx;
	status st = MEMORY_GROW(m->dead, m->dead_n, t);

	if (st == ST_OK)
		m->dead[m->dead_n.n++] = (struct mem_dead){kill_lsn, at};
	return st;
}

static bool
doa_equal(const struct merge_doa *a, const struct merge_doa *b)
{
	return a->scope == b->scope && dot_equal(&a->dot, &b->dot) &&
	       ID_EQUAL(&a->record, &b->record);
}

static status
has_doa_of(void *ctx, const struct short_id *batch, bool *has, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*has = false;
	for (size_t i = 0; i < m->doa_n.n && !*has; i++)
		*has = ID_EQUAL(&m->doa[i].dot.batch, batch);
	return ST_OK;
}

static status
has_doa(void *ctx, const struct merge_doa *d, bool *has, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*has = false;
	for (size_t i = 0; i < m->doa_n.n && !*has; i++)
		*has = doa_equal(&m->doa[i], d);
	return ST_OK;
}

static status
add_doa(void *ctx, const struct merge_doa *d, struct trouble *t)
{
	struct memory *m = ctx;
	bool has = false;
	status st = has_doa(ctx, d, &has, t);

	if (st == ST_OK && !has)
		st = MEMORY_GROW(m->doa, m->doa_n, t);
	if (st == ST_OK && !has)
		m->doa[m->doa_n.n++] = *d;
	return st;
}

static status
drop_doa_of(void *ctx, const struct short_id *batch, struct trouble *t)
{
	struct memory *m = ctx;
	size_t kept = 0;

	(void)t;
	for (size_t i = 0; i < m->doa_n.n; i++)
		if (!ID_EQUAL(&m->doa[i].dot.batch, batch))
			m->doa[kept++] = m->doa[i];
	m->doa_n.n = kept;
	return ST_OK;
}

static status
has_grave(void *ctx, const struct merge_grave *g, bool *has, struct trouble *t)
{
	const struct memory *m = ctx;

	(void)t;
	*has = false;
	for (size_t i = 0; i < m->graves_n.n && !*has; i++)
		*has = m->graves[i].grave.scope == g->scope &&
		       ID_EQUAL(&m->graves[i].grave.subject, &g->subject);
	return ST_OK;
}

static status
add_grave(void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t)
{
	struct memory *m = ctx;
	bool has = false;
	status st = has_grave(ctx, g, &has, t);

	if (st == ST_OK && !has)
		st = MEMORY_GROW(m->graves, m->graves_n, t);
	if (st == ST_OK && !has)
		m->graves[m->graves_n.n++] = (struct mem_grave){*g, lsn};
	return st;
}

void
memory_merge_calls(struct merge_state *s, struct memory *m)
{
	*s = (struct merge_state){
	    .ctx = m,
	    .head = head,
	    .find_batch = find_batch,
	    .add_batch = add_batch,
	    .add_op = add_op,
	    .find_live = find_live,
	    .next_live = next_live,
	    .find_subject = find_subject,
	    .drop_live = drop_live,
	    .prune_batch = prune_batch,
	    .add_dead = add_dead,
	    .has_doa_of = has_doa_of,
	    .has_doa = has_doa,
	    .add_doa = add_doa,
	    .drop_doa_of = drop_doa_of,
	    .has_grave = has_grave,
	    .add_grave = add_grave,
	};
}
