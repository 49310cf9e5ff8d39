/* claim.c - batches put together again from the rows of the base, and told in parts. */
#include "client/laptop/claim.h"

#include <assert.h>
#include <stdlib.h>

#include "core/membership_batch.h"
#include "proto/batch_codec.h"

enum {
	/* A part is closed behind the batch that passes this; far below what a packet
	 * holds, so that a server never has more than one part in memory. */
	PART_BYTES = 96 * 1024,
	PART_BATCHES_MAX = 256,
	PART_ROWS_MAX = 1024
};

/* Rows on the wire: an id 32, a grave 18, a doa 35. */
_Static_assert(PART_ROWS_MAX * 35 <= ROWS_BYTES_MAX, "rows fit their bin");
_Static_assert(
    PART_BYTES + BATCH_WIRE_BYTES_MAX + PART_ROWS_MAX * (32 + 18 + 35) < PACKET_BYTES_MAX,
    "a part fits a packet");

/* The part that is being filled. */
struct claim {
	struct laptop *l;
	const struct membership *m;
	uint16_t space;
	claim_tell tell;
	void *ctx;
	struct claim_sum sum;
	struct arena *part; /* of the batches of this part */
	struct arena *one;  /* of the batch at hand */
	size_t bytes;
	struct recover told;
	struct span batches[PART_BATCHES_MAX];
	struct batch_id ids[PART_ROWS_MAX];
	struct grave_row graves[PART_ROWS_MAX];
	struct doa_row doa[PART_ROWS_MAX];
};

static status
out_of_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a claim");
}

static status
close_part(struct claim *c, bool is_end)
{
	status st;

	c->told.space = c->space;
	c->told.is_end = is_end;
	c->told.batches = c->batches;
	c->told.ids = c->ids;
	c->told.graves = c->graves;
	c->told.doa = c->doa;
	st = c->tell(c->ctx, &c->told);
	c->told = (struct recover){0};
	c->bytes = 0;
	arena_reset(c->part);
	return st;
}

static status
close_if_full(struct claim *c)
{
	const struct recover *r = &c->told;
	bool is_full = c->bytes > PART_BYTES || r->n_batches == PART_BATCHES_MAX ||
		       r->n_ids == PART_ROWS_MAX || r->n_graves == PART_ROWS_MAX ||
		       r->n_doa == PART_ROWS_MAX;

	return is_full ? close_part(c, false) : ST_OK;
}

/* ---- batches ---- */

enum { COLUMN_LSN, COLUMN_HEADER, COLUMN_SIGNATURE, COLUMN_HASHES };

static const char base_sql[] =
    "SELECT lsn, header, signature, hashes FROM r_batch WHERE space = ? ORDER BY lsn";

/* The batch of the row, all its ops as hashes; borrows from the row. */
static status
read_batch(struct laptop *l, struct query *row, struct arena *a, struct batch *b)
{
	struct span hashes = query_column_span(row, COLUMN_HASHES);
	status st =
	    batch_decode_header(query_column_span(row, COLUMN_HEADER), a, b, &l->trouble);

	if (st != ST_OK)
		return st;
	query_column_copy(
	    row, COLUMN_SIGNATURE, b->signature.bytes, sizeof b->signature.bytes);
	if (hashes.len != b->n_ops * sizeof(struct op_hash))
		return trouble_set(&l->trouble, ST_CORRUPT, "a batch lacks op hashes");
	b->ops = arena_zeros(a, b->n_ops, sizeof *b->ops);
	if (b->ops == NULL)
		return out_of_memory(l);
	for (size_t i = 0; i < b->n_ops; i++)
		memcpy(b->ops[i].hash.bytes, hashes.bytes + i * sizeof(struct op_hash),
		    sizeof(struct op_hash));
	return ST_OK;
}

/* Only the hash of what was signed is kept, so the id is computed anew. */
static status
name_batch(struct laptop *l, const struct membership *m, const struct batch *b,
    struct arena *a, struct batch_id *id)
{
	const struct batch_question question = {.batch = b, .is_history = true};
	struct batch_answer answer;
	struct span signed_string;
	status st;

	membership_judge(m, &question, &answer);
	if (!answer.has_context)
		return trouble_set(&l->trouble, ST_RETRY,
		    "a batch cites records that are not in the membership log");
	st = batch_signed_string(b, &answer.context, a, &signed_string, &l->trouble);
	if (st == ST_OK)
		batch_id_of(signed_string, &b->signature, &l->checks, id);
	return st;
}

/* Puts the ops that live here in their places. */
static status
add_live_ops(struct claim *c, int64_t lsn, struct batch *b, bool *any)
{
	struct query *q = query_of(
	    c->l->queries, "SELECT idx, wire FROM r_op WHERE space = ? AND lsn = ?");
	bool fits = true;
	status st;

	*any = false;
	query_int(q, c->space);
	query_int(q, lsn);
	while (fits && query_row(q)) {
		size_t index = (size_t)query_column_int(q, 0);

		fits = index < b->n_ops;
		if (!fits)
			break;
		b->ops[index].is_present = true;
		b->ops[index].wire = arena_copy(c->one, query_column_span(q, 1));
		fits = b->ops[index].wire.bytes != NULL;
		*any = true;
	}
	st = query_done(q, &c->l->trouble);
	return st == ST_OK && !fits ? trouble_set(&c->l->trouble, ST_CORRUPT,
					  "an op of the base has no place")
				    : st;
}

static status
tell_batch(struct claim *c, const struct batch *b)
{
	size_t len = batch_wire_bytes(b);
	uint8_t *wire = arena_alloc(c->part, len);
	struct writer w = writer_of(wire, len);

	if (wire == NULL)
		return out_of_memory(c->l);
	batch_write(b, &w);
	assert(!w.is_full && w.used == len);
	c->batches[c->told.n_batches++] = writer_done(&w);
	c->bytes += len;
	c->sum.n_batches++;
	return close_if_full(c);
}

static status
tell_id(struct claim *c, const struct batch_id *id)
{
	c->ids[c->told.n_ids++] = *id;
	c->sum.n_ids++;
	return close_if_full(c);
}

static status
tell_row(struct claim *c, struct query *row)
{
	struct batch b;
	struct batch_id id;
	bool any = false;
	status st;

	arena_reset(c->one);
	st = read_batch(c->l, row, c->one, &b);
	if (st == ST_OK)
		st = add_live_ops(c, query_column_int(row, COLUMN_LSN), &b, &any);
	if (st == ST_OK && any)
		return tell_batch(c, &b);
	if (st == ST_OK)
		st = name_batch(c->l, c->m, &b, c->one, &id);
	return st == ST_OK ? tell_id(c, &id) : st;
}

static status
tell_batches(struct claim *c)
{
	struct query *q = query_of(c->l->queries, base_sql);
	status st = ST_OK, end;

	query_int(q, c->space);
	while (st == ST_OK && query_row(q))
		st = tell_row(c, q);
	end = query_done(q, st == ST_OK ? &c->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- rows ---- */

static status
tell_names(struct claim *c)
{
	struct query *q =
	    query_of(c->l->queries, "SELECT id FROM r_known WHERE space = ?");
	status st = ST_OK, end;

	query_int(q, c->space);
	while (st == ST_OK && query_row(q)) {
		struct batch_id id;

		query_column_copy(q, 0, id.bytes, sizeof id.bytes);
		st = tell_id(c, &id);
	}
	end = query_done(q, st == ST_OK ? &c->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* Only graves that the server had: an erasure that waits here is pushed. */
static status
tell_graves(struct claim *c)
{
	struct query *q = query_of(c->l->queries,
	    "SELECT s.pos, g.subject FROM r_grave g JOIN r_scope s ON s.id = g.scope"
	    " WHERE s.space = ? AND s.pos IS NOT NULL AND g.in_base = 1");
	status st = ST_OK, end;

	query_int(q, c->space);
	while (st == ST_OK && query_row(q)) {
		struct grave_row *g = &c->graves[c->told.n_graves++];

		g->scope = (uint16_t)query_column_int(q, 0);
		query_column_copy(q, 1, g->subject.bytes, sizeof g->subject.bytes);
		c->sum.n_graves++;
		st = close_if_full(c);
	}
	end = query_done(q, st == ST_OK ? &c->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
tell_doa(struct claim *c)
{
	struct query *q = query_of(
	    c->l->queries, "SELECT batch, idx, scope, tag FROM r_doa WHERE space = ?");
	status st = ST_OK, end;

	query_int(q, c->space);
	while (st == ST_OK && query_row(q)) {
		struct doa_row *d = &c->doa[c->told.n_doa++];

		query_column_copy(q, 0, d->dot.batch.bytes, sizeof d->dot.batch.bytes);
		d->dot.index = (uint8_t)query_column_int(q, 1);
		d->scope = (uint16_t)query_column_int(q, 2);
		query_column_copy(q, 3, d->record.bytes, sizeof d->record.bytes);
		c->sum.n_doa++;
		st = close_if_full(c);
	}
	end = query_done(q, st == ST_OK ? &c->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- the whole ---- */

static status
tell_all(struct claim *c)
{
	status st = tell_batches(c);

	if (st == ST_OK)
		st = tell_names(c);
	if (st == ST_OK)
		st = tell_graves(c);
	if (st == ST_OK)
		st = tell_doa(c);
	return st == ST_OK ? close_part(c, true) : st;
}

status
claim_make(struct laptop *l, const struct membership *m, uint16_t space, claim_tell tell,
    void *ctx, struct claim_sum *sum)
{
	struct claim *c = calloc(1, sizeof *c);
	status st;

	if (c == NULL)
		return out_of_memory(l);
	c->l = l;
	c->m = m;
	c->space = space;
	c->tell = tell;
	c->ctx = ctx;
	c->part = arena_new(0);
	c->one = arena_new(0);
	st = c->part == NULL || c->one == NULL ? out_of_memory(l) : tell_all(c);
	if (sum != NULL)
		*sum = c->sum;
	arena_free(c->part);
	arena_free(c->one);
	free(c);
	return st;
}

/* ---- names kept ---- */

status
claim_remember(struct laptop *l, uint16_t space, const struct batch_id *id)
{
	struct query *q =
	    query_of(l->queries, "INSERT OR IGNORE INTO r_known VALUES(?, ?)");

	query_int(q, space);
	query_blob(q, id->bytes, sizeof id->bytes);
	return query_run(q, &l->trouble);
}

bool
claim_remembers(struct laptop *l, uint16_t space, const struct batch_id *id)
{
	struct query *q =
	    query_of(l->queries, "SELECT 1 FROM r_known WHERE space = ? AND id = ?");
	bool found;

	query_int(q, space);
	query_blob(q, id->bytes, sizeof id->bytes);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

status
claim_remember_base(struct laptop *l, const struct membership *m, uint16_t space)
{
	struct query *q = query_of(l->queries, base_sql);
	struct arena *a = arena_new(0);
	status st = a == NULL ? out_of_memory(l) : ST_OK;
	status end;

	query_int(q, space);
	while (st == ST_OK && query_row(q)) {
		struct batch b;
		struct batch_id id;

		arena_reset(a);
		st = read_batch(l, q, a, &b);
		if (st == ST_OK)
			st = name_batch(l, m, &b, a, &id);
		if (st == ST_OK)
			st = claim_remember(l, space, &id);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	arena_free(a);
	return st != ST_OK ? st : end;
}
