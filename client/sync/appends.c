/* appends.c - builds, queues and stores membership records. */
#include "client/sync/appends.h"

#include <stdlib.h>

#include "client/sync/keys_made.h"

/* The key of an epoch that a ROTATE or REVOKE begins. */
struct fresh_seed {
	struct fresh_seed *next;
	uint16_t space, scope, epoch;
	struct epoch_seed seed;
	struct tag_key tag_key;
};

struct queued {
	struct queued *next;
	int64_t tag;
	uint16_t space;
	struct append sent;             /* in memory of the arena */
	size_t n_fresh;                 /* epochs that it begins */
	const struct fresh_seed *fresh; /* that many of the list, from this on */
	bool is_answered, is_taken;
	enum refusal refused;
};

struct appends {
	struct laptop *l;
	struct membership *m; /* borrowed */
	struct session *session;
	struct arena *a;
	struct queued *first, **end;
	size_t n, n_open;
	enum refusal refused_here;
	bool misses_seed, lacks_key; /* of the last appends_add */
	bool may_skip;     /* a rotation need not have the key that it replaces */
	int64_t new_scope; /* while a SCOPE is being built */
	size_t n_making;   /* while a record is built: its fresh seeds, */
	const struct fresh_seed *making; /* from this on */
	struct fresh_seed *seeds;
};

status
appends_new(
    struct laptop *l, struct membership *m, struct session *s, struct appends **out)
{
	struct appends *x = calloc(1, sizeof *x);

	*out = NULL;
	if (x == NULL || (x->a = arena_new(0)) == NULL) {
		free(x);
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for records");
	}
	x->l = l;
	x->m = m;
	x->session = s;
	x->end = &x->first;
	*out = x;
	return ST_OK;
}

void
appends_free(struct appends *x)
{
	if (x == NULL)
		return;
	for (struct fresh_seed *f = x->seeds; f != NULL; f = f->next)
		explicit_bzero(&f->seed, sizeof f->seed);
	arena_free(x->a);
	free(x);
}

struct arena *
appends_arena(struct appends *x)
{
	return x->a;
}

static bool
find_fresh(const struct appends *x, uint16_t space, uint16_t scope, uint16_t epoch,
    struct epoch_seed *seed, struct tag_key *tag_key)
{
	const struct fresh_seed *f = x->seeds;

	while (f != NULL && (f->space != space || f->scope != scope || f->epoch != epoch))
		f = f->next;
	if (f == NULL)
		return false;
	*seed = f->seed;
	*tag_key = f->tag_key;
	return true;
}

/* Seeds for build_record(): a scope that is being founded has no position here yet. */
static bool
find_stored(struct appends *x, uint16_t space, uint16_t scope, uint16_t epoch,
    struct epoch_seed *seed, struct tag_key *tag_key)
{
	const struct member_scope *known = membership_scope(x->m, space, scope);
	struct query *q = query_of(x->l->queries,
	    "SELECT seed, tag_key FROM r_seed JOIN r_scope ON r_scope.id = scope"
	    " WHERE r_seed.epoch = ? AND (r_scope.id = ? OR (space = ? AND name = ?))");
	struct scope_name none = {{0}};
	const struct scope_name *name = known == NULL ? &none : &known->name;
	bool found;

	query_int(q, epoch);
	query_int(q, known == NULL ? x->new_scope : 0);
	query_int(q, space);
	query_blob(q, name->bytes, sizeof name->bytes);
	found = query_row(q);
	if (found) {
		query_column_copy(q, 0, seed->bytes, sizeof seed->bytes);
		query_column_copy(q, 1, tag_key->bytes, sizeof tag_key->bytes);
	}
	return query_done(q, &x->l->trouble) == ST_OK && found;
}

static bool
find_seed(void *ctx, uint16_t space, uint16_t scope, uint16_t epoch,
    struct epoch_seed *seed, struct tag_key *tag_key)
{
	struct appends *x = ctx;
	bool found = find_fresh(x, space, scope, epoch, seed, tag_key) ||
		     find_stored(x, space, scope, epoch, seed, tag_key);

	x->misses_seed = x->misses_seed || !found;
	return found;
}

static status
queue(struct appends *x, uint16_t space, int64_t tag, const struct append *append)
{
	struct queued *q = arena_zeros(x->a, 1, sizeof *q);
	struct span wire = arena_copy(x->a, append->record);

	if (q == NULL || wire.bytes == NULL)
		return trouble_set(
		    &x->l->trouble, ST_NO_MEMORY, "no memory for a record");
	*q = (struct queued){.tag = tag,
	    .space = space,
	    .sent = *append,
	    .n_fresh = x->n_making,
	    .fresh = x->making};
	q->sent.record = wire;
	*x->end = q;
	x->end = &q->next;
	x->n++;
	x->n_open++;
	return session_append(x->session, append);
}

status
appends_add(struct appends *x, const struct log_record *draft,
    const struct sign_sk *const *keys, int64_t new_scope, int64_t tag)
{
	struct laptop *l = x->l;
	const struct seed_source seeds = {find_seed, x};
	const struct build_how how = {x->m, &seeds, &l->rng, x->a};
	const struct apply_how stored = {.mode = APPLY_STORED};
	struct built_record built;
	struct append append;
	uint16_t space = 0;
	status st;

	x->refused_here = REFUSAL_NONE;
	x->misses_seed = false;
	x->new_scope = new_scope;
	st = build_record(&how, draft, keys, &built, &l->trouble);
	x->new_scope = 0;
	x->lacks_key = st == ST_NOT_FOUND && x->misses_seed;
	if (st == ST_OK)
		st = membership_apply(
		    x->m, &built.record, &stored, &x->refused_here, &l->trouble);
	if (st != ST_OK)
		return st;
	(void)membership_space_find(x->m, &draft->space, &space);
	append = (struct append){.space = space,
	    .record = built.wire,
	    .n_lists = built.n_lists,
	    .lists = built.lists,
	    .n_boxes = built.n_boxes,
	    .boxes = built.boxes,
	    .n_wraps = built.n_wraps,
	    .wraps = built.wraps};
	return queue(x, space, tag, &append);
}

/* Draws the seed of the epoch that a rotation begins. */
static status
draw_seed(struct appends *x, uint16_t space, const struct rotation *r)
{
	struct fresh_seed *f = arena_zeros(x->a, 1, sizeof *f);
	struct epoch_seed before;

	if (f == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for a key");
	*f = (struct fresh_seed){.space = space, .scope = r->scope, .epoch = r->epoch};
	x->lacks_key = true;
	for (uint16_t e = r->epoch;
	     x->lacks_key && e > 1 && (e == r->epoch || x->may_skip);)
		x->lacks_key = !find_seed(x, space, f->scope, --e, &before, &f->tag_key);
	if (x->lacks_key)
		return trouble_set(&x->l->trouble, ST_NOT_FOUND,
		    "no key of a scope that is to be rotated");
	explicit_bzero(&before, sizeof before);
	rng_fill(&x->l->rng, f->seed.bytes, sizeof f->seed.bytes);
	f->next = x->seeds;
	x->seeds = f;
	return ST_OK;
}

status
appends_add_rotation(struct appends *x, const struct log_record *draft,
    const struct sign_sk *const *keys, int64_t tag)
{
	bool is_revoke = draft->kind == LOG_REVOKE;
	const struct rotation *rotations =
	    is_revoke ? draft->revoke.rotations : &draft->rotate;
	size_t n = is_revoke ? draft->revoke.n_rotations : 1;
	uint16_t space = 0;
	status st = ST_OK;

	x->refused_here = REFUSAL_NONE;
	(void)membership_space_find(x->m, &draft->space, &space);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = draw_seed(x, space, &rotations[i]);
	if (st != ST_OK)
		return st;
	x->making = x->seeds;
	x->n_making = n;
	st = appends_add(x, draft, keys, 0, tag);
	x->making = NULL;
	x->n_making = 0;
	return st;
}

status
appends_add_over_gap(struct appends *x, const struct log_record *draft,
    const struct sign_sk *const *keys, int64_t tag)
{
	status st;

	x->may_skip = true;
	st = appends_add_rotation(x, draft, keys, tag);
	x->may_skip = false;
	return st;
}

status
appends_add_built(struct appends *x, uint16_t space, struct span wire, int64_t tag)
{
	const struct append append = {.space = space, .record = wire};

	return queue(x, space, tag, &append);
}

void
appends_answer(struct appends *x, enum append_result result, uint32_t detail)
{
	struct queued *q = x == NULL ? NULL : x->first;

	while (q != NULL && q->is_answered)
		q = q->next;
	if (q == NULL)
		return;
	q->is_answered = true;
	q->is_taken = result == APPEND_OK;
	if (result == APPEND_REFUSED)
		q->refused = detail < REFUSAL_COUNT ? (enum refusal)detail : REFUSAL_FORM;
	x->n_open--;
}

enum refusal
appends_refused_here(const struct appends *x)
{
	return x->refused_here;
}

bool
appends_lacks_key(const struct appends *x)
{
	return x != NULL && x->lacks_key;
}

size_t
appends_n(const struct appends *x)
{
	return x == NULL ? 0 : x->n;
}

size_t
appends_open(const struct appends *x)
{
	return x == NULL ? 0 : x->n_open;
}

bool
appends_all_taken(const struct appends *x)
{
	for (const struct queued *q = x->first; q != NULL; q = q->next) {
		if (!q->is_taken)
			return false;
	}
	return true;
}

enum refusal
appends_refused(const struct appends *x)
{
	for (const struct queued *q = x->first; q != NULL; q = q->next) {
		if (q->refused != REFUSAL_NONE && q->refused != REFUSAL_HEAD)
			return q->refused;
	}
	return REFUSAL_NONE;
}

static status
keep_seeds(struct appends *x, const struct queued *q)
{
	const struct fresh_seed *f = q->fresh;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < q->n_fresh; i++, f = f->next)
		st = logs_keep_seed(x->l, q->space, f->scope, f->epoch, &f->seed);
	return st;
}

status
appends_store(struct appends *x, struct membership *m,
    status (*taken)(struct laptop *l, int64_t tag))
{
	status st = ST_OK;

	for (struct queued *q = x->first; st == ST_OK && q != NULL; q = q->next) {
		if (!q->is_taken)
			continue;
		st = logs_take_own(x->l, m, q->space, q->sent.record);
		if (st == ST_OK)
			st = keep_seeds(x, q);
		if (st == ST_OK)
			st = keys_made_keep(x->l, &q->sent);
		if (st == ST_OK && taken != NULL)
			st = taken(x->l, q->tag);
	}
	return st;
}
