/* judge.c - what must hold, asked of the oracle. */
#include "world.h"

#include <assert.h>

/* --- one laptop's view --- */

/* State of what the laptop knows, minus what its dirty entries list, plus these. */
static void
expect(struct world *w, const struct client *c, size_t record,
    const struct batch_set *known, struct oracle_list *out)
{
	const struct world_record *wr = &w->records[record];
	const struct oracle_record r = {wr->scope, wr->tag, wr->person};
	struct oracle_list state = {0};

	oracle_state(w->oracle, known, &r, &state);
	out->n = 0;
	for (size_t i = 0; i < state.n; i++) {
		bool is_listed = false;

		for (size_t k = 0; k < c->r.n_dirty && !is_listed; k++)
			is_listed = oracle_list_has(
			    oracle_seen(w->oracle, c->r.dirty[k].entry), state.at[i]);
		if (!is_listed)
			oracle_list_add(out, state.at[i]);
	}
	for (size_t k = 0; k < c->r.n_dirty; k++) {
		int n = c->r.dirty[k].entry;

		if (c->r.dirty[k].record == record &&
		    !oracle_is_settled(w->oracle, known, n) &&
		    !oracle_is_erased(w->oracle, known, n))
			oracle_list_add(out, n);
	}
	oracle_list_free(&state);
}

static bool
read_cells(struct world *w, const struct record_view *v, struct oracle_list *out)
{
	out->n = 0;
	for (size_t i = 0; i < v->n_cells; i++) {
		for (size_t k = 0; k < v->cells[i].n; k++) {
			const struct record_entry *e = &v->cells[i].entries[k];
			int n = oracle_entry_number(w->oracle, e->entry->name);

			if (e->entry->value.hollow > 0)
				continue; /* the place of what was replaced */
			if (n == ORACLE_NONE || e->is_twin)
				return world_fail(
				    w, "a view shows an entry that nobody saved");
			if (!value_equal(
				&oracle_entry(w->oracle, n)->value, &e->entry->value))
				return world_fail(
				    w, "a view changed the value of entry %d", n);
			oracle_list_add(out, n);
		}
	}
	return true;
}

bool
judge_view(struct world *w, const struct client *c)
{
	struct oracle_list want = {0}, got = {0};
	struct batch_set known;
	bool is_good = true;

	replica_known(&c->r, &known);
	for (size_t i = 0; i < w->n_records && is_good; i++) {
		expect(w, c, i, &known, &want);
		is_good = read_cells(w, &world_view(w, c, i, 0)->view, &got);
		if (is_good && !oracle_list_equal(&want, &got))
			is_good = world_fail(w,
			    "laptop %zu shows %zu entries of record %zu, not the %zu of "
			    "State",
			    (size_t)(c - w->clients), got.n, i, want.n);
		w->counts.views_checked++;
	}
	oracle_list_free(&want);
	oracle_list_free(&got);
	return is_good;
}

/* --- the server --- */

static void
trace(struct world *w, uint64_t n)
{
	w->trace = (w->trace ^ n) * 0x9fb21c651e98df25u;
	w->trace ^= w->trace >> 31;
}

static bool
judge_row(struct world *w, const struct store_row *row, size_t *n_live)
{
	const struct short_id id = batch_short(&row->id);
	const int n = world_batch(w, &id);

	if (n == ORACLE_NONE || !w->server_known.has[n])
		return world_fail(w, "the server shows a batch that it did not take");
	for (size_t i = 0; i < row->batch.n_ops; i++) {
		const struct op *op = &row->batch.ops[i];
		const struct op *was = &w->sealed[n].batch.ops[i];
		bool is_live = oracle_is_live_marked(w->oracle, n, (uint8_t)i);

		if (was->type == OP_ERASE)
			continue;
		if (op->is_present != is_live)
			return world_fail(w,
			    "op %zu of batch %d is%s at the server, but%s in Live", i, n,
			    op->is_present ? "" : " not", is_live ? "" : " not");
		if (op->is_present && !span_equal(op->wire, was->wire))
			return world_fail(w, "op %zu of batch %d has other bytes", i, n);
		if (op->is_present)
			trace(w, get_u64(row->id.bytes) + i);
		*n_live += op->is_present;
	}
	return true;
}

static bool
judge_doa(struct world *w, const struct store_page *page)
{
	for (size_t i = 0; i < page->n_doa; i++) {
		int n = world_batch(w, &page->doa[i].dot.batch);

		if (n != ORACLE_NONE && w->server_known.has[n])
			return world_fail(
			    w, "doa names an op of batch %d, which is known", n);
	}
	return true;
}

bool
judge_count(struct world *w)
{
	const struct store_figures f = hub_look(w->hub);
	size_t want = oracle_live_count(w->oracle, &w->server_known);

	return f.live_ops == want ||
	       world_fail(w, "the server counts %zu live ops, Live has %zu",
		   (size_t)f.live_ops, want);
}

bool
judge_server(struct world *w)
{
	const struct store_pull_scope scopes[] = {{1, 0}, {2, 0}, {3, 0}};
	const struct store_pull pull = {
	    .n_scopes = 3, .scopes = scopes, .bytes_max = 1 << 28};
	const struct store_figures f = hub_look(w->hub);
	struct store_page page = {0};
	size_t n_live = 0, want = oracle_live_count(w->oracle, &w->server_known);
	enum store_result got = hub_pull(w->hub, &pull, w->brief, &page);

	if (got != STORE_OK || !page.is_last)
		return world_fail(
		    w, "a pull from zero answered %s", store_result_name(got));
	for (size_t i = 0; i < page.n_rows; i++) {
		if (!judge_row(w, &page.rows[i], &n_live))
			return false;
	}
	if (n_live != want || f.live_ops != want)
		return world_fail(w,
		    "the server has %zu live ops and counts %zu, Live has %zu", n_live,
		    (size_t)f.live_ops, want);
	return judge_doa(w, &page);
}

/* --- the end --- */

static void
hold_ops(struct world *w, struct oracle_list *held, struct base_op at)
{
	const struct body *b = w->sealed[at.batch].bodies[at.index];

	for (size_t i = 0; b != NULL && i < b->n_entries; i++)
		oracle_list_add(held, oracle_entry_number(w->oracle, b->entries[i].name));
}

static void
hold_client(struct world *w, const struct replica *r, struct oracle_list *held)
{
	for (size_t i = 0; i < r->n_base; i++)
		hold_ops(w, held, r->base[i]);
	for (size_t i = 0; i < r->n_dirty; i++)
		oracle_list_add(held, r->dirty[i].entry);
	for (size_t i = 0; i < r->n_pending; i++) {
		const struct sealed *s = &w->sealed[r->pending[i].batch];

		for (size_t k = 0; !s->is_refused && k < s->batch.n_ops; k++)
			hold_ops(w, held,
			    (struct base_op){0, r->pending[i].batch, (uint8_t)k});
	}
}

void
judge_hold(struct world *w, struct oracle_list *held)
{
	for (size_t i = 0; i < w->n_clients; i++)
		hold_client(w, &w->clients[i].r, held);
	oracle_mark(w->oracle, &w->server_known);
	for (size_t i = 0; i < w->n_sealed; i++) {
		for (size_t k = 0; k < w->sealed[i].batch.n_ops; k++) {
			if (oracle_is_live_marked(w->oracle, (int)i, (uint8_t)k))
				hold_ops(w, held,
				    (struct base_op){0, (uint16_t)i, (uint8_t)k});
		}
	}
}

static bool
is_same_base(const struct replica *a, const struct replica *b)
{
	if (a->n_base != b->n_base || a->n_graves != b->n_graves || a->n_doa != b->n_doa)
		return false;
	for (size_t i = 0; i < a->n_base; i++) {
		if (a->base[i].lsn != b->base[i].lsn ||
		    a->base[i].batch != b->base[i].batch ||
		    a->base[i].index != b->base[i].index)
			return false;
	}
	return true;
}

/* A new laptop that pulls from zero gets what all the others have. */
static bool
judge_rebuild(struct world *w)
{
	struct client *fresh = arena_zeros(w->kept, 1, sizeof *fresh);
	struct rng_seeded state;
	const struct rng r = rng_seeded(&state, 1);

	assert(fresh != NULL);
	fresh->device = 99;
	if (!pull_all(w, fresh, &r))
		return false;
	for (size_t i = 0; i < w->n_clients; i++) {
		if (!is_same_base(&fresh->r, &w->clients[i].r))
			return world_fail(
			    w, "laptop %zu differs from one built from zero", i);
	}
	return true;
}

static bool
judge_records(struct world *w)
{
	struct oracle_ideal sum = {0};

	for (size_t i = 0; i < w->n_records; i++) {
		const struct oracle_record r = {
		    w->records[i].scope, w->records[i].tag, w->records[i].person};

		if (!oracle_check_ideal(w->oracle, &w->server_known, &r, &sum))
			return world_fail(
			    w, "record %zu: %s", i, oracle_failure(w->oracle));
	}
	w->counts.entries_checked += sum.entries;
	w->counts.back_by_cap += sum.back;
	w->counts.loose_ends += sum.loose_end;
	return true;
}

/* No live op at the server holds anything of an erased person. */
static bool
judge_graves(struct world *w)
{
	oracle_mark(w->oracle, &w->server_known);
	for (size_t i = 0; i < w->n_sealed; i++) {
		const struct sealed *s = &w->sealed[i];

		for (size_t k = 0; k < s->batch.n_ops; k++) {
			if (!oracle_is_live_marked(w->oracle, (int)i, (uint8_t)k))
				continue;
			for (size_t e = 0; e < s->bodies[k]->n_entries; e++) {
				int n = oracle_entry_number(
				    w->oracle, s->bodies[k]->entries[e].name);

				if (oracle_is_erased(w->oracle, &w->server_known, n))
					return world_fail(w,
					    "op %zu of batch %zu keeps entry %d of the "
					    "erased",
					    k, i, n);
			}
		}
	}
	return true;
}

bool
judge_end(struct world *w, const struct oracle_list *held)
{
	if (!judge_server(w) || !judge_rebuild(w) || !judge_records(w) ||
	    !judge_graves(w))
		return false;
	for (size_t i = 0; i < w->n_clients; i++) {
		if (!judge_view(w, &w->clients[i]))
			return false;
	}
	for (size_t i = 0; i < held->n; i++) {
		if (!oracle_is_kept(w->oracle, &w->server_known, held->at[i]))
			return world_fail(
			    w, "entry %d was held and is lost", held->at[i]);
	}
	return true;
}
