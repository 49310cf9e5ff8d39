/* act_seal.c - dirty entries, compactions and erasures become sealed batches; every
 * sealed batch is shown to the oracle, which judges it (oracle_check_sealed). */
#include "world.h"

#include <assert.h>
#include <stdlib.h>

enum { DRAFTS_MAX = 64, OP_OVERHEAD_BYTES = 40 };

/* A batch while it is being put together. */
struct draft {
	struct client *c;
	const struct rng *r;
	uint16_t scope;
	size_t n;
	struct op ops[DRAFTS_MAX];
	const struct body *bodies[DRAFTS_MAX];
	struct oracle_list dirty; /* entries that the ops must hold */
};

/* --- sizes and copies --- */

/* As the codec would have it, roughly: what matters is that it grows with the content. */
static size_t
body_size(const void *ctx, const struct body *body)
{
	size_t n = OP_OVERHEAD_BYTES;

	(void)ctx;
	for (size_t i = 0; i < body->n_entries; i++)
		n += 14 + body->entries[i].value.bytes.len;
	return n + 10 * body->n_gone;
}

static const struct body_measure measure = {body_size, NULL, NULL};

/* The body outlives the view that it was made from. */
static const struct body *
body_copy(struct arena *a, const struct body *from)
{
	struct body *b = arena_alloc(a, sizeof *b);

	assert(b != NULL);
	*b = *from;
	b->entries = arena_alloc(a, from->n_entries * sizeof *b->entries);
	b->gone = arena_alloc(a, from->n_gone * sizeof *b->gone);
	assert(b->entries != NULL && b->gone != NULL);
	for (size_t i = 0; i < from->n_entries; i++)
		b->entries[i] =
		    from->entries[i]; /* values lie in the kept arena already */
	for (size_t i = 0; i < from->n_gone; i++)
		b->gone[i] = from->gone[i];
	return b;
}

/* The sealed bytes: their length counts, and that they differ; contents stay in the
 * vault. No time is in them, so that names do not depend on clocks. */
static struct span
sealed_bytes(struct world *w, size_t len, uint64_t draw)
{
	uint8_t *at = arena_zeros(w->kept, 1, len);

	assert(at != NULL && len >= 8);
	put_u64(at, draw);
	return span_of(at, len);
}

/* --- planted bugs --- */

static bool
has_sibling(const struct body *b, size_t at)
{
	for (size_t i = 0; i < b->n_entries; i++) {
		if (i != at && b->entries[i].field == b->entries[at].field &&
		    b->entries[i].key == b->entries[at].key)
			return true;
	}
	return false;
}

static void
plant(const struct world *w, struct record_sealing *s)
{
	if (!s->is_whole)
		return;
	if (w->sabotage == SABOTAGE_FORGET_GONE)
		s->body.n_gone = 0;
	for (size_t i = 0; w->sabotage == SABOTAGE_DROP_SIBLING && i < s->body.n_entries;
	     i++) {
		if (has_sibling(&s->body, i)) {
			s->body.entries[i] = s->body.entries[--s->body.n_entries];
			return;
		}
	}
}

/* --- drafting --- */

static int
compare_dots(const struct dot *a, const struct dot *b)
{
	int order = memcmp(a->batch.bytes, b->batch.bytes, sizeof a->batch.bytes);

	return order != 0 ? order : a->index - b->index;
}

/* Same scope and record, never audit. */
static bool
may_supersede(const struct world *w, const struct world_record *wr, const struct dot *dot)
{
	int n = world_batch(w, &dot->batch);
	const struct op *op = &w->sealed[n].batch.ops[dot->index];

	return w->sealed[n].batch.scope == wr->scope && op->type == OP_WRITE &&
	       ID_EQUAL(&op->record, &wr->tag) && op->retention != RETAIN_AUDIT;
}

static bool
take_sealing(struct world *w, struct draft *d, const struct world_record *wr,
    const struct record_sealing *s)
{
	/* One more, for a forger's. */
	struct dot *dots = arena_alloc(w->kept, (s->n_dots + 1) * sizeof *dots);

	assert(dots != NULL && d->n < DRAFTS_MAX);
	for (size_t i = 0; i < s->n_dots; i++) {
		dots[i] = s->dots[i];
		if (!may_supersede(w, wr, &dots[i]))
			return world_fail(
			    w, "sealing lists an op that it may not supersede");
	}
	d->bodies[d->n] = body_copy(w->kept, &s->body);
	d->ops[d->n++] = (struct op){
	    .is_present = true,
	    .type = OP_WRITE,
	    .retention = wr->retention,
	    .record = wr->tag,
	    .has_subject = wr->has_person,
	    .subject = wr->has_person ? oracle_subject(wr->scope, wr->person)
				      : (struct tag){{0}},
	    .n_dots = s->n_dots,
	    .dots = dots,
	    .body = {NULL, body_size(NULL, &s->body)},
	};
	w->counts.names_cut += s->n_cut;
	if (s->is_whole)
		w->counts.whole_ops++;
	else
		w->counts.small_ops++;
	return true;
}

/* A forger lists an op of another record, or of class audit: that has no effect, whether
 * the victim comes before or after (SECURITY 9.5, 1). */
static void
forge(struct world *w, struct draft *d, const struct world_record *wr)
{
	struct op *op = &d->ops[d->n - 1];
	struct dot *dots = arena_alloc(w->kept, (op->n_dots + 1) * sizeof *dots);
	const struct sealed *victim;
	struct dot forged;
	size_t at = op->n_dots;

	if (w->is_calm || w->profile->forged == 0 || w->n_sealed == 0 ||
	    !world_is_hit(d->r, w->profile->forged))
		return;
	victim = &w->sealed[rng_below(d->r, w->n_sealed)];
	forged = (struct dot){
	    batch_short(&victim->id), (uint8_t)rng_below(d->r, victim->batch.n_ops)};
	if (may_supersede(w, wr, &forged) || op->n_dots == OP_DOTS_MAX)
		return;
	assert(dots != NULL);
	for (; at > 0 && compare_dots(&op->dots[at - 1], &forged) > 0; at--)
		dots[at] = op->dots[at - 1];
	dots[at] = forged;
	for (; at > 0; at--)
		dots[at - 1] = op->dots[at - 1];
	op->dots = dots;
	op->n_dots++;
	w->counts.forged++;
}

/* The dirty entries of the record leave the laptop's list: an op holds them, or a grave
 * in base covers them. */
static bool
take_dirty(struct world *w, struct draft *d, size_t record, bool is_sealed)
{
	struct replica *r = &d->c->r;
	size_t kept = 0;
	bool is_good = true;

	for (size_t i = 0; i < r->n_dirty; i++) {
		if (r->dirty[i].record != record) {
			r->dirty[kept++] = r->dirty[i];
			continue;
		}
		oracle_list_add(&d->dirty, r->dirty[i].entry);
		if (!is_sealed &&
		    !oracle_is_erased(w->oracle, &r->base_known, r->dirty[i].entry))
			is_good = world_fail(
			    w, "dirty entry %d goes unsealed", r->dirty[i].entry);
	}
	r->n_dirty = kept;
	return is_good;
}

static bool
draft_record(struct world *w, struct draft *d, size_t record)
{
	const struct world_view *v = world_view(w, d->c, record, 0);
	struct record_sealing s;
	status st =
	    record_seal(w->brief, &v->view, &w->profile->limits, &measure, &s, NULL);

	if (st != ST_OK)
		return world_fail(w, "sealing answered %s", status_name(st));
	if (s.is_needed) {
		plant(w, &s);
		if (!take_sealing(w, d, &w->records[record], &s))
			return false;
		forge(w, d, &w->records[record]);
	}
	return take_dirty(w, d, record, s.is_needed);
}

/* v is given, because several steps go by one view. */
static bool
draft_compaction(struct world *w, struct draft *d, size_t record,
    const struct record_view *v, size_t dots_skip)
{
	const struct compaction how = {rng_u64(d->r) | 1, dots_skip};
	struct record_sealing s;
	status st =
	    record_compact(w->brief, v, &w->profile->limits, &measure, &how, &s, NULL);

	if (w->records[record].retention == RETAIN_AUDIT)
		return st == ST_NOT_ALLOWED ||
		       world_fail(w, "an audit record was compacted");
	if (st != ST_OK)
		return world_fail(w, "compaction answered %s", status_name(st));
	if (!s.is_needed)
		return true;
	plant(w, &s);
	w->counts.compactions++;
	return take_sealing(w, d, &w->records[record], &s) &&
	       take_dirty(w, d, record, true);
}

static void
draft_erase(struct world *w, struct draft *d, uint64_t person)
{
	d->bodies[d->n] = NULL;
	d->ops[d->n++] = (struct op){
	    .is_present = true,
	    .type = OP_ERASE,
	    .has_subject = true,
	    .subject = oracle_subject(d->scope, person),
	};
	w->counts.erasures++;
}

/* --- finishing a batch --- */

static int
compare_short(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct short_id));
}

static void
fill_refs(struct world *w, struct batch *b)
{
	struct short_id *refs = NULL;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < b->n_ops; i++)
		n += b->ops[i].n_dots;
	refs = arena_alloc(w->kept, n * sizeof *refs);
	assert(refs != NULL);
	n = 0;
	for (size_t i = 0; i < b->n_ops; i++) {
		for (size_t k = 0; k < b->ops[i].n_dots; k++)
			refs[n++] = b->ops[i].dots[k].batch;
	}
	qsort(refs, n, sizeof *refs, compare_short);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || compare_short(&refs[kept - 1], &refs[i]) != 0)
			refs[kept++] = refs[i];
	}
	b->refs = refs;
	b->n_refs = kept;
}

static void
fill_subjects(struct world *w, struct batch *b)
{
	struct tag *subjects = arena_alloc(w->kept, b->n_ops * sizeof *subjects);
	size_t n = 0, kept = 0;

	assert(subjects != NULL);
	for (size_t i = 0; i < b->n_ops; i++) {
		if (b->ops[i].has_subject)
			subjects[n++] = b->ops[i].subject;
	}
	qsort(subjects, n, sizeof *subjects, compare_short);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || compare_short(&subjects[kept - 1], &subjects[i]) != 0)
			subjects[kept++] = subjects[i];
	}
	b->subjects = subjects;
	b->n_subjects = kept;
}

static void
fill_ops(struct world *w, struct draft *d, struct batch *b, const struct rng *r)
{
	b->n_ops = d->n;
	b->ops = arena_alloc(w->kept, d->n * sizeof *b->ops);
	assert(b->ops != NULL);
	for (size_t i = 0; i < d->n; i++) {
		uint64_t draw = rng_u64(r);

		b->ops[i] = d->ops[i];
		if (d->ops[i].type == OP_WRITE)
			b->ops[i].body = sealed_bytes(w, d->ops[i].body.len, draw);
		b->ops[i].wire = sealed_bytes(w, 24, draw);
		hub_hash(span_of(&draw, sizeof draw), b->ops[i].hash.bytes);
	}
}

/* Signs, names and stores the batch in the vault; the oracle hears of it. */
static int
enter(struct world *w, struct draft *d, const struct rng *r)
{
	struct sealed *s = &w->sealed[w->n_sealed];
	const struct body **bodies = arena_alloc(w->kept, d->n * sizeof *bodies);
	uint8_t header[BATCH_HEADER_BYTES] = {1};
	int n;

	assert(bodies != NULL && w->n_sealed < ORACLE_BATCHES_MAX);
	for (size_t i = 0; i < d->n; i++)
		bodies[i] = d->bodies[i];
	*s = (struct sealed){.bodies = bodies, .author = d->c->device};
	s->batch = (struct batch){
	    .space = 1, .home = 1, .device = d->c->device, .scope = d->scope, .epoch = 1};
	rng_fill(r, s->batch.nonce, sizeof s->batch.nonce);
	rng_fill(r, s->batch.signature.bytes, sizeof s->batch.signature.bytes);
	fill_ops(w, d, &s->batch, r);
	fill_refs(w, &s->batch);
	fill_subjects(w, &s->batch);
	memcpy(header + 15, s->batch.nonce, sizeof s->batch.nonce);
	s->batch.header = arena_copy(w->kept, span_of(header, sizeof header));
	hub_hash(span_of(s->batch.nonce, sizeof s->batch.nonce), s->id.bytes);
	n = oracle_issued(w->oracle, &s->id, &s->batch, s->bodies);
	if (n == ORACLE_NONE) {
		world_fail(w, "%s", oracle_failure(w->oracle));
		return n;
	}
	assert((size_t)n == w->n_sealed);
	w->n_sealed++;
	w->counts.seals++;
	return n;
}

/* A draft becomes a pending batch. An empty one is nothing. */
static bool
finish(struct world *w, struct draft *d, const struct rng *r)
{
	struct replica *rep = &d->c->r;
	struct batch_set known;
	bool is_good = true;
	int n;

	if (d->n > 0) {
		n = enter(w, d, r);
		if (n == ORACLE_NONE)
			return false;
		replica_known(rep, &known);
		is_good = oracle_check_sealed(w->oracle, n, &known, &rep->base_known,
			      &d->dirty, w->profile->limits.names_kept) ||
			  world_fail(w, "%s", oracle_failure(w->oracle));
		w->sealed[n].is_refused =
		    world_is_hit(r, w->is_calm ? 0 : w->profile->refused);
		w->sealed[n].is_old_epoch =
		    world_is_hit(r, w->is_calm ? 0 : w->profile->old_epoch);
		assert(rep->n_pending < REPLICA_PENDING_MAX);
		rep->pending[rep->n_pending++] = (struct pending_row){(uint16_t)n, 0};
		rep->own[n] = true;
		world_say(
		    w, "  seals batch %d with %zu ops in scope %u", n, d->n, d->scope);
	}
	d->n = 0;
	d->dirty.n = 0;
	return is_good;
}

static bool
has_room(const struct world *w, const struct client *c)
{
	return w->n_sealed < ORACLE_BATCHES_MAX - 64 &&
	       c->r.n_pending + 16 < REPLICA_PENDING_MAX;
}

/* --- events --- */

static bool
is_dirty(const struct replica *r, size_t record)
{
	for (size_t i = 0; i < r->n_dirty; i++) {
		if (r->dirty[i].record == record)
			return true;
	}
	return false;
}

static bool
seal_scope(struct world *w, struct client *c, uint16_t scope, const struct rng *r)
{
	struct draft d = {.c = c, .r = r, .scope = scope};
	bool is_good = true;

	for (size_t i = 0; i < w->n_records && is_good; i++) {
		if (w->records[i].scope != scope || !is_dirty(&c->r, i))
			continue;
		is_good = draft_record(w, &d, i);
		if (is_good && d.n == w->profile->batch_ops)
			is_good = finish(w, &d, r);
	}
	is_good = is_good && finish(w, &d, r);
	oracle_list_free(&d.dirty);
	return is_good;
}

bool
seal_all(struct world *w, struct client *c, const struct rng *r)
{
	for (uint16_t scope = 1; scope <= 3; scope++) {
		if (has_room(w, c) && !seal_scope(w, c, scope, r))
			return false;
	}
	return true;
}

bool
act_seal(struct world *w, struct client *c, const struct rng *r)
{
	if (rng_below(r, 2) == 0)
		return seal_all(w, c, r);
	return !has_room(w, c) || seal_scope(w, c, (uint16_t)(1 + rng_below(r, 3)), r);
}

bool
act_compact(struct world *w, struct client *c, const struct rng *r)
{
	size_t record = rng_below(r, w->n_records);
	struct draft d = {.c = c, .r = r, .scope = w->records[record].scope};
	bool is_good;

	if (!has_room(w, c))
		return true;
	is_good =
	    draft_compaction(w, &d, record, &world_view(w, c, record, 0)->view, 0) &&
	    finish(w, &d, r);
	oracle_list_free(&d.dirty);
	return is_good;
}

/* Compactions of every sheet of the scope that holds marks of the person. */
static bool
draft_sheets(struct world *w, struct draft *d, uint64_t person, uint64_t sealing)
{
	for (size_t i = 0; i < w->n_records; i++) {
		const struct world_view *v;
		struct erase_plan plan;

		if (w->records[i].scope != d->scope || w->records[i].kind != WORLD_MARKS)
			continue;
		v = world_view(w, d->c, i, sealing);
		if (erase_plan(w->brief, 1, &v->view, person, w->profile->limits.dots_max,
			&plan, NULL) != ST_OK)
			abort();
		for (size_t k = 0; k < plan.n; k++) {
			if (!draft_compaction(w, d, i, &v->view, plan.steps[k].dots_skip))
				return false;
		}
	}
	return true;
}

bool
act_erase(struct world *w, struct client *c, const struct rng *r)
{
	struct draft d = {.c = c, .r = r, .scope = (uint16_t)(2 + rng_below(r, 2))};
	const uint64_t person = 1 + rng_below(r, WORLD_PERSONS);
	bool is_good = true;

	if (!c->is_coordinator || !has_room(w, c))
		return true;
	draft_erase(w, &d, person);
	if (!world_is_hit(r, w->profile->erase_alone))
		is_good = draft_sheets(w, &d, person, person);
	is_good = is_good && finish(w, &d, r);
	oracle_list_free(&d.dirty);
	return is_good;
}

bool
act_tidy(struct world *w, struct client *c, const struct rng *r)
{
	for (size_t i = 0; c->is_coordinator && i < c->r.n_graves; i++) {
		struct draft d = {.c = c, .r = r, .scope = c->r.graves[i].scope};
		uint64_t person = get_u64(c->r.graves[i].subject.bytes + 8);
		bool is_good;

		if (!has_room(w, c))
			return true;
		is_good = draft_sheets(w, &d, person, 0) && finish(w, &d, r);
		oracle_list_free(&d.dirty);
		if (!is_good)
			return false;
	}
	return true;
}

bool
seal_again(struct world *w, struct client *c, int batch, const struct rng *r)
{
	const struct sealed *old = &w->sealed[batch];
	struct draft d = {
	    .c = c, .r = r, .scope = old->batch.scope, .n = old->batch.n_ops};
	int n;

	if (!has_room(w, c))
		return true;
	for (size_t i = 0; i < d.n; i++) {
		d.ops[i] = old->batch.ops[i];
		d.bodies[i] = old->bodies[i];
	}
	n = enter(w, &d, r);
	if (n == ORACLE_NONE)
		return false;
	/* In the place of the old one: later batches of the queue list its ops. */
	for (size_t i = 0; i < c->r.n_pending; i++) {
		if (c->r.pending[i].batch == batch)
			c->r.pending[i] = (struct pending_row){(uint16_t)n, 0};
	}
	c->r.own[batch] = false;
	c->r.own[n] = true;
	w->counts.resealed++;
	world_say(w, "  seals batch %d again as %d", batch, n);
	return true;
}
