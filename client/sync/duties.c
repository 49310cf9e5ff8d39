/* duties.c - compares what the log owes with the keys that are here. */
#include "client/sync/duties.h"

enum {
	DUTIES_MAX = 8,       /* GRANTs in one go: some 400 KB of key boxes */
	ACTIVITIES_MAX = 256, /* of one GRANT: 55 KB, half a minute of a bad line */
	GAP_DAYS = 7          /* in which another one may give a lost key */
};

static const char awaited_key[] = "keys_awaited";
static const char owed_key[] = "keys_owed";
static const char gaps_key[] = "gaps";            /* some were noted, ever */
static const char rotate_key[] = "rotate_from_s"; /* second of the server; INT64_MAX */

/* ---- keys that are here ---- */

/* Of one space. */
struct epochs {
	size_t n;
	uint16_t *at; /* by position of the scope: newest whose seed is here, 0 = none */
};

static status
load_epochs(struct laptop *l, const struct membership *m, uint16_t space, struct arena *a,
    struct epochs *out)
{
	const size_t n = membership_log_len(m, space);
	uint16_t *at = arena_zeros(a, n + 1, sizeof *at);
	struct query *q = query_of(l->queries,
	    "SELECT s.pos, max(d.epoch) FROM r_scope s JOIN r_seed d ON d.scope = s.id"
	    " WHERE s.space = ? AND s.pos IS NOT NULL GROUP BY s.id");

	*out = (struct epochs){n, at};
	if (at == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for keys");
	query_int(q, space);
	while (query_row(q)) {
		size_t pos = (size_t)query_column_int(q, 0);

		if (pos < n)
			at[pos] = (uint16_t)query_column_int(q, 1);
	}
	return query_done(q, &l->trouble);
}

static bool
is_held(
    const struct membership *m, const struct epochs *held, uint16_t space, uint16_t pos)
{
	const struct member_scope *s = membership_scope(m, space, pos);

	return s != NULL && pos < held->n && held->at[pos] >= s->epoch;
}

bool
duties_can_give(struct laptop *l, const struct member_scope *s)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_scope s JOIN r_seed d ON d.scope = s.id WHERE s.space = ?"
	    " AND s.name = ? AND d.epoch = ?");
	bool found;

	/* By name: one that is being founded has no position here yet. */
	query_int(q, s->space);
	query_blob(q, s->name.bytes, sizeof s->name.bytes);
	query_int(q, s->epoch);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

/* ---- what is to be granted ---- */

struct listing_duties {
	struct laptop *l;
	const struct membership *m;
	uint16_t space;
	uint64_t now_s;
	struct arena *a;
	struct epochs epochs; /* at is NULL: keys do not count */
	size_t n;
	struct duty *items;
};

/* The log does not say who is in a team now; the team's records do. */
static bool
is_in_team(
    struct laptop *l, const struct member_device *d, const struct scope_name *scope)
{
	struct query *q =
	    query_of(l->queries, "SELECT 1 FROM team WHERE activity = ? AND code = ?");
	bool found;

	query_blob(q, scope->bytes + 1, sizeof(struct record_id));
	query_text(q, d->member.text);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

static bool
is_due(struct listing_duties *x, const struct member_device *d, uint16_t pos)
{
	const struct member_scope *s = membership_scope(x->m, x->space, pos);

	return is_held(x->m, &x->epochs, x->space, pos) &&
	       (d->role == ROLE_COORDINATOR || is_in_team(x->l, d, &s->name));
}

/* Those of the kinds whose one scope this laptop can hand on. */
static unsigned
kinds_held(struct listing_duties *x, unsigned kinds)
{
	unsigned held = 0;

	for (int kind = SCOPE_OFFICE; kind <= SCOPE_COORD; kind++) {
		struct scope_name name = scope_of((enum scope_kind)kind, NULL);
		const struct member_scope *s =
		    membership_scope_find(x->m, x->space, &name);

		if ((kinds & 1u << kind) != 0 && s != NULL &&
		    is_held(x->m, &x->epochs, x->space, s->position))
			held |= 1u << kind;
	}
	return held;
}

static void
add_duty(struct listing_duties *x, const struct member_device *d,
    const struct scope_set *scopes)
{
	if (x->n < DUTIES_MAX && (scopes->kinds != 0 || scopes->n_activities > 0))
		x->items[x->n++] =
		    (struct duty){.device = member_author(d), .scopes = *scopes};
}

static status
list_of_device(struct listing_duties *x, const struct member_device *d)
{
	struct scope_set owed, part = {0};
	uint16_t *due;
	status st = membership_owed(x->m, d, x->a, &owed, &x->l->trouble);

	if (st != ST_OK || (owed.kinds == 0 && owed.n_activities == 0))
		return st;
	due = arena_zeros(x->a, owed.n_activities + 1, sizeof *due);
	if (due == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for grants");
	part.kinds = kinds_held(x, owed.kinds);
	part.activities = due;
	for (size_t i = 0; i < owed.n_activities; i++) {
		if (part.n_activities == ACTIVITIES_MAX) {
			add_duty(x, d, &part);
			due += part.n_activities;
			part = (struct scope_set){.activities = due};
		}
		if (is_due(x, d, owed.activities[i]))
			due[part.n_activities++] = owed.activities[i];
	}
	add_duty(x, d, &part);
	return ST_OK;
}

/* ---- other laptops of guests ---- */

static bool
is_new_to(
    const struct listing_duties *x, const struct member_device *here, uint16_t scope)
{
	return here == NULL ||
	       !membership_may_read(x->m, member_author(here), x->space, scope, x->now_s);
}

/* What the guest's laptop g reads here and his other one, o, does not; what ends at one
 * time. The rest follows once this is in the log. */
static status
owe_guest(struct listing_duties *x, const struct member_device *g,
    const struct member_device *o)
{
	const struct member_device *here = membership_device_in(x->m, x->space, &o->id);
	const struct member_access *access;
	struct duty d = {.guest = here == NULL ? o : NULL};
	uint16_t *activities;
	size_t n = 0;
	status st =
	    membership_access(x->m, &g->id, x->now_s, x->a, &access, &n, &x->l->trouble);

	if (st != ST_OK || (here != NULL && here->is_revoked))
		return st;
	activities = arena_zeros(x->a, n + 1, sizeof *activities);
	if (activities == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for grants");
	if (here != NULL)
		d.device = member_author(here);
	d.scopes.activities = activities;
	for (size_t i = 0; i < n; i++) {
		const struct member_scope *s =
		    membership_scope(x->m, access[i].space, access[i].scope);

		if (access[i].space != x->space || access[i].end_s == 0 ||
		    !is_new_to(x, here, access[i].scope) ||
		    (d.end_s != 0 && d.end_s != access[i].end_s) ||
		    (x->epochs.at != NULL &&
			!is_held(x->m, &x->epochs, x->space, access[i].scope)))
			continue;
		d.end_s = access[i].end_s;
		if (scope_kind_of(&s->name) == SCOPE_ACTIVITY &&
		    d.scopes.n_activities < ACTIVITIES_MAX)
			activities[d.scopes.n_activities++] = access[i].scope;
		else if (scope_kind_of(&s->name) == SCOPE_OFFICE)
			d.scopes.kinds |= 1u << SCOPE_OFFICE;
	}
	if (x->n < DUTIES_MAX && (d.scopes.kinds != 0 || d.scopes.n_activities > 0))
		x->items[x->n++] = d;
	return ST_OK;
}

/* Each member has one that speaks for his others. */
static bool
is_first_guest(const struct listing_duties *x, size_t index)
{
	const struct member_device *g = membership_device_at(x->m, x->space, index);

	if (g->role != ROLE_GUEST || g->is_revoked || !membership_is_active(x->m, g))
		return false;
	for (size_t i = 0; i < index; i++) {
		const struct member_device *d = membership_device_at(x->m, x->space, i);

		if (d->role == ROLE_GUEST && !d->is_revoked && d->country == g->country &&
		    strcmp(d->member.text, g->member.text) == 0)
			return false;
	}
	return true;
}

static status
list_guests(struct listing_duties *x)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < membership_n_devices(x->m, x->space); i++) {
		const struct member_device *g = membership_device_at(x->m, x->space, i);

		if (!is_first_guest(x, i))
			continue;
		for (size_t k = 0;
		     st == ST_OK && k < membership_n_devices(x->m, g->country); k++) {
			const struct member_device *o =
			    membership_device_at(x->m, g->country, k);

			if (o->role != ROLE_GUEST && !o->is_revoked && o->is_confirmed &&
			    !ID_EQUAL(&o->id, &g->id) &&
			    strcmp(o->member.text, g->member.text) == 0)
				st = owe_guest(x, g, o);
		}
	}
	return st;
}

/* Without regard to keys. */
static status
any_guest_owed(struct laptop *l, const struct membership *m, struct arena *a, bool *any)
{
	struct listing_duties x = {.l = l,
	    .m = m,
	    .space = l->self.author.home,
	    .now_s = l->now_ms / 1000,
	    .a = a,
	    .items = arena_zeros(a, DUTIES_MAX, sizeof *x.items)};
	status st = x.items == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for grants")
			: list_guests(&x);

	*any = x.n > 0;
	return st;
}

status
duties_list(struct laptop *l, const struct membership *m, struct arena *a,
    const struct duty **out, size_t *n)
{
	const struct member_device *self = membership_by_author(m, l->self.author);
	struct listing_duties x = {.l = l,
	    .m = m,
	    .space = l->self.author.home,
	    .now_s = l->now_ms / 1000,
	    .a = a};
	status st;

	*out = NULL;
	*n = 0;
	if (self == NULL || self->role != ROLE_COORDINATOR || !self->is_confirmed ||
	    self->is_revoked)
		return ST_OK;
	x.items = arena_zeros(a, DUTIES_MAX, sizeof *x.items);
	if (x.items == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for grants");
	st = load_epochs(l, m, x.space, a, &x.epochs);
	for (size_t i = 0; st == ST_OK && i < membership_n_devices(m, x.space); i++)
		st = list_of_device(&x, membership_device_at(m, x.space, i));
	if (st == ST_OK)
		st = list_guests(&x);
	*out = x.items;
	*n = x.n;
	return st;
}

static bool
may_rotate(const struct laptop *l)
{
	return l->self.role == ROLE_COORDINATOR || l->self.role == ROLE_OFFICE;
}

/* ---- keys that nobody gives ---- */

/* From when on a lost key is replaced without it, by the server's clock. Of one epoch. */
static const char *
gap_key(struct laptop *l, const struct member_scope *s)
{
	return arena_text(
	    l->arena, "gap.%u.%u", (unsigned)s->position, (unsigned)s->epoch);
}

/* An older key of it is here: it is not merely on its way for the first time. */
static bool
has_older(struct laptop *l, const struct member_scope *s)
{
	struct query *q = query_of(l->queries, "SELECT 1 FROM r_scope s JOIN r_seed d ON "
					       "d.scope = s.id WHERE s.space = ? AND"
					       " s.name = ? LIMIT 1");
	bool found;

	query_int(q, s->space);
	query_blob(q, s->name.bytes, sizeof s->name.bytes);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

static bool
is_kit(const struct member_device *d)
{
	size_t len = strlen(d->member.text), end = strlen(KIT_MEMBER_END);

	return len > end && strcmp(d->member.text + len - end, KIT_MEMBER_END) == 0;
}

/* Whoever else may have the key and sync. A kit has what the server has for it. */
static bool
has_colleagues(const struct laptop *l, const struct membership *m)
{
	uint16_t home = l->self.author.home;

	for (size_t i = 0; i < membership_n_devices(m, home); i++) {
		const struct member_device *d = membership_device_at(m, home, i);

		if (d->role == l->self.role && d->is_confirmed && !d->is_revoked &&
		    !is_kit(d) && !ID_EQUAL(&d->id, &l->self.device))
			return true;
	}
	return false;
}

static bool
is_gap_due(struct laptop *l, const struct member_scope *s, uint64_t now_s)
{
	int64_t from = laptop_meta_int(l, gap_key(l, s), 0);

	return from != 0 && (uint64_t)from <= now_s && !duties_can_give(l, s);
}

status
duties_note_gaps(struct laptop *l, const struct membership *m, uint64_t now_s)
{
	const uint64_t wait_s = has_colleagues(l, m) ? GAP_DAYS * 86400 : 0;
	uint16_t home = l->self.author.home;
	status st = ST_OK;

	for (size_t i = 0;
	     st == ST_OK && may_rotate(l) && i < membership_n_scopes(m, home); i++) {
		const struct member_scope *s = membership_scope_at(m, home, i);

		if (duties_can_give(l, s) || !has_older(l, s) ||
		    laptop_meta_int(l, gap_key(l, s), 0) != 0)
			continue;
		st = laptop_set_meta_int(l, gap_key(l, s), (int64_t)(now_s + wait_s));
		if (st == ST_OK)
			st = laptop_set_meta_int(l, gaps_key, 1);
	}
	return st;
}

status
duties_rotations(struct laptop *l, const struct membership *m, uint64_t now_s,
    struct arena *a, const uint16_t **out, size_t *n)
{
	const struct member_device *self = membership_by_author(m, l->self.author);
	uint16_t home = l->self.author.home;
	uint16_t *found = arena_zeros(a, DUTIES_MAX, sizeof *found);
	bool has_gaps = laptop_meta_int(l, gaps_key, 0) != 0;

	*out = found;
	*n = 0;
	if (found == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for keys");
	if (self == NULL || !may_rotate(l) || !self->is_confirmed || self->is_revoked)
		return ST_OK;
	for (size_t i = 0; i < membership_n_scopes(m, home) && *n < DUTIES_MAX; i++) {
		const struct member_scope *s = membership_scope_at(m, home, i);

		if ((membership_rotation_due(m, home, s->position, now_s) &&
			duties_can_give(l, s)) ||
		    (has_gaps && is_gap_due(l, s, now_s)))
			found[(*n)++] = s->position;
	}
	return ST_OK;
}

static bool
any_grant(struct laptop *l, struct logs *logs, struct arena *a)
{
	const struct duty *items;
	size_t n = 0;

	return l->self.role == ROLE_COORDINATOR && laptop_meta_int(l, owed_key, 1) != 0 &&
	       logs_whole(logs) != NULL &&
	       duties_list(l, logs->m, a, &items, &n) == ST_OK && n > 0;
}

static bool
any_rotation(struct laptop *l, struct logs *logs, uint64_t now_s, struct arena *a)
{
	int64_t from = laptop_meta_int(l, rotate_key, INT64_MAX);
	const uint16_t *scopes;
	size_t n = 0;

	return may_rotate(l) &&
	       (from <= 0 || (uint64_t)from <= now_s ||
		   laptop_meta_int(l, gaps_key, 0) != 0) &&
	       logs_whole(logs) != NULL &&
	       duties_rotations(l, logs->m, now_s, a, &scopes, &n) == ST_OK && n > 0;
}

bool
duties_any(struct laptop *l, struct logs *logs, uint64_t now_s)
{
	struct arena *a = arena_new(0);
	bool any =
	    a != NULL && (any_grant(l, logs, a) || any_rotation(l, logs, now_s, a));

	arena_free(a);
	return any;
}

static status
note_rotations(struct laptop *l, const struct membership *m)
{
	uint16_t home = l->self.author.home;
	uint64_t from = INT64_MAX;

	if (!may_rotate(l))
		return ST_OK;
	for (size_t i = 0; i < membership_n_scopes(m, home); i++) {
		uint64_t due = membership_rotation_from(
		    m, home, membership_scope_at(m, home, i)->position);

		from = due < from ? due : from;
	}
	return laptop_set_meta_int(l, rotate_key, (int64_t)from);
}

/* Without regard to keys and teams, which change without a record. */
status
duties_note_owed(struct laptop *l, const struct membership *m)
{
	uint16_t home = l->self.author.home;
	struct arena *a;
	bool any = false;
	status st = note_rotations(l, m);

	if (st != ST_OK || l->self.role != ROLE_COORDINATOR)
		return st;
	a = arena_new(0);
	if (a == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for grants");
	for (size_t i = 0; st == ST_OK && !any && i < membership_n_devices(m, home);
	     i++) {
		struct scope_set owed;

		arena_reset(a);
		st = membership_owed(
		    m, membership_device_at(m, home, i), a, &owed, &l->trouble);
		any = owed.kinds != 0 || owed.n_activities > 0;
	}
	if (st == ST_OK && !any)
		st = any_guest_owed(l, m, a, &any);
	arena_free(a);
	return st != ST_OK ? st : laptop_set_meta_int(l, owed_key, any);
}

/* ---- keys that have not come ---- */

/* From which record of a space on the server is to tell its keys again. */
static const char *
ask_key(struct laptop *l, uint16_t space)
{
	return arena_text(l->arena, "keys_from.%u", (unsigned)space);
}

/* The record that sealed the missing key to this laptop. */
static uint16_t
record_of(const struct membership *m, const struct member_access *a)
{
	const struct member_scope *s = membership_scope(m, a->space, a->scope);

	return s->rotated_at > a->since ? s->rotated_at : a->since;
}

static status
note_from(struct laptop *l, uint16_t space, int64_t from)
{
	const char *key = ask_key(l, space);

	return laptop_meta_int(l, key, -1) == from ? ST_OK
						   : laptop_set_meta_int(l, key, from);
}

uint32_t
duties_keys_from(struct laptop *l, uint16_t space, uint32_t applied)
{
	int64_t from = laptop_meta_int(l, ask_key(l, space), -1);

	return from >= 0 && from < applied ? (uint32_t)from : applied;
}

/* The log gives them; the key box is still missing here. */
static status
count_missing(struct laptop *l, const struct membership *m,
    const struct member_access *access, size_t n, struct arena *a, size_t *missing)
{
	struct epochs epochs = {0};
	int64_t from = -1; /* of the space at hand */
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (i == 0 || access[i].space != access[i - 1].space)
			st = load_epochs(l, m, access[i].space, a, &epochs);
		if (st == ST_OK &&
		    !is_held(m, &epochs, access[i].space, access[i].scope)) {
			uint16_t at = record_of(m, &access[i]);

			from = from < 0 || at < from ? at : from;
			++*missing;
		}
		if (st == ST_OK &&
		    (i + 1 == n || access[i + 1].space != access[i].space)) {
			st = note_from(l, access[i].space, from);
			from = -1;
		}
	}
	return st;
}

/* A team's workshops are not counted: only a coordinator knows who is in a team now. */
static size_t
count_owed(const struct member_device *d, const struct scope_set *owed)
{
	size_t n = d->role == ROLE_COORDINATOR ? owed->n_activities : 0;

	for (int kind = 0; kind < SCOPE_KIND_COUNT; kind++)
		n += (owed->kinds & 1u << kind) != 0;
	return n;
}

status
duties_note_awaited(struct laptop *l, const struct membership *m,
    const struct member_access *access, size_t n)
{
	const struct member_device *self = membership_by_author(m, l->self.author);
	struct arena *a = arena_new(0);
	struct scope_set owed = {0};
	size_t awaited = 0;
	status st = a == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
			      : count_missing(l, m, access, n, a, &awaited);

	if (st == ST_OK && self != NULL) {
		st = membership_owed(m, self, a, &owed, &l->trouble);
		awaited += count_owed(self, &owed);
	}
	if (st == ST_OK)
		st = laptop_set_meta_int(l, awaited_key, (int64_t)awaited);
	arena_free(a);
	return st;
}

size_t
duties_awaited(struct laptop *l)
{
	return (size_t)laptop_meta_int(l, awaited_key, 0);
}
