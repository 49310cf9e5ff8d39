/* membership_boxes.c - who has to get a key box with a record (SECURITY 3, 7,
 * spec/membership.md 5). The same list serves the author, who seals the boxes, and
 * everybody who checks that he sealed them to the readers and to nobody else. Pure. */
#include <stdlib.h>

#include "core/membership_state.h"

bool
role_reads(enum member_role role, bool is_confirmed, enum scope_kind kind)
{
	bool is_member = role == ROLE_COORDINATOR || role == ROLE_TRAINER;

	switch (kind) {
	case SCOPE_ALL:
		return role != ROLE_GUEST;
	case SCOPE_OFFICE:
	case SCOPE_COUNTRY:
		return is_member;
	case SCOPE_COORD:
	case SCOPE_ACTIVITY:
		return role == ROLE_COORDINATOR && is_confirmed;
	case SCOPE_KIND_COUNT:
		return false;
	}
	return false;
}

/* A list under construction. */
struct gather {
	const struct membership *m;
	const struct log *log;
	const struct log_record *r;
	struct box_recipient *items; /* room for everybody */
	size_t n;
};

/* The scope whose keys are handed out. */
struct target {
	uint16_t space;
	uint16_t scope;
	uint16_t epoch;
	enum scope_kind kind;
	const struct scope_state *state; /* NULL: the record founds it */
};

static void
add(struct gather *g, const struct target *target, struct author to,
    const struct box_pk *key)
{
	g->items[g->n] = (struct box_recipient){.entry = {.space = target->space,
						    .scope = target->scope,
						    .epoch = target->epoch,
						    .to = to},
	    .key = *key};
	g->n++;
}

static bool
is_revoked_by(
    const struct gather *g, const struct log *log, const struct member_device *d)
{
	if (g->r->kind != LOG_REVOKE || log != g->log)
		return false;
	for (size_t i = 0; i < g->r->revoke.n_devices; i++) {
		if (g->r->revoke.devices[i] == d->position)
			return true;
	}
	return false;
}

static bool
leaves_by(const struct gather *g, const struct member_device *d, uint16_t scope)
{
	if (g->r->kind != LOG_REVOKE)
		return false;
	for (size_t i = 0; i < g->r->revoke.n_leaves; i++) {
		const struct leave *l = &g->r->revoke.leaves[i];

		if (l->device == d->position && l->scope == scope)
			return true;
	}
	return false;
}

static bool
invite_goes(const struct gather *g, const struct log *log, const struct member_invite *i)
{
	if (g->r->kind != LOG_REVOKE || log != g->log)
		return false;
	for (size_t k = 0; k < g->r->revoke.n_invites; k++) {
		if (g->r->revoke.invites[k] == i->position)
			return true;
	}
	return false;
}

static bool
invite_has_scope(const struct invite_state *i, uint16_t scope)
{
	for (size_t k = 0; k < i->n_scopes; k++) {
		if (i->scopes[k] == scope)
			return true;
	}
	return false;
}

/* ---- readers of a scope of a country ---- */

static void
gather_own(struct gather *g, const struct target *target)
{
	uint64_t time = g->r->time_s;

	for (size_t i = 0; i < g->log->n_devices; i++) {
		const struct device *d = &g->log->devices[i];
		const struct access *a = state_access(d, target->scope);
		bool reads =
		    target->state != NULL
			? a != NULL && access_is_open(a, time)
			: role_reads(d->pub.role, d->pub.is_confirmed, target->kind);

		if (reads && !d->pub.is_revoked && !is_revoked_by(g, g->log, &d->pub) &&
		    !leaves_by(g, &d->pub, target->scope))
			add(g, target, member_author(&d->pub), &d->pub.keys.box);
	}
	for (size_t i = 0; i < g->log->n_invites; i++) {
		const struct invite_state *v = &g->log->invites[i];
		bool reads =
		    target->state != NULL
			? invite_has_scope(v, target->scope)
			: role_reads(v->pub.role, !v->pub.needs_confirm, target->kind);

		if (reads && invite_is_live(g->log, v, LOG_POSITION_MAX, time) &&
		    !invite_goes(g, g->log, &v->pub))
			add(g, target, (struct author){g->log->space, v->pub.position},
			    &v->pub.box);
	}
}

/* The office in the `office` scope of a country, as of the NET head that is cited. */
static void
gather_office(struct gather *g, const struct target *target)
{
	const struct log *net = &g->m->logs[0];
	uint16_t position;

	for (size_t i = 0; i < net->n_devices; i++) {
		const struct device *d = &net->devices[i];

		if (office_as_of(net, d, g->r->net_position, &position) &&
		    (target->state == NULL ||
			office_reads(target->state, d, g->r->time_s)))
			add(g, target, (struct author){0, position}, &d->pub.keys.box);
	}
	for (size_t i = 0; i < net->n_invites; i++) {
		const struct invite_state *v = &net->invites[i];

		if (v->reads_offices &&
		    invite_is_live(net, v, g->r->net_position, g->r->time_s))
			add(g, target, (struct author){0, v->pub.position}, &v->pub.box);
	}
}

/* ---- readers of `all` ---- */

static void
gather_all(struct gather *g, const struct target *target)
{
	for (size_t k = 0; k < g->m->n_logs; k++) {
		const struct log *log = &g->m->logs[k];

		for (size_t i = 0; i < log->n_devices; i++) {
			const struct member_device *d = &log->devices[i].pub;

			if (d->role != ROLE_GUEST && !d->is_revoked &&
			    !is_revoked_by(g, log, d))
				add(g, target, member_author(d), &d->keys.box);
		}
		for (size_t i = 0; i < log->n_invites; i++) {
			const struct invite_state *v = &log->invites[i];

			if (invite_is_live(log, v, LOG_POSITION_MAX, g->r->time_s) &&
			    !invite_goes(g, log, &v->pub))
				add(g, target,
				    (struct author){log->space, v->pub.position},
				    &v->pub.box);
		}
	}
}

static void
gather_readers(struct gather *g, const struct target *target)
{
	if (target->kind == SCOPE_ALL) {
		gather_all(g, target);
		return;
	}
	gather_own(g, target);
	if (target->kind == SCOPE_OFFICE)
		gather_office(g, target);
}

/* ---- one recipient, several scopes ---- */

static struct target
target_of(const struct scope_state *s)
{
	return (struct target){.space = s->pub.space,
	    .scope = s->pub.position,
	    .epoch = s->pub.epoch,
	    .kind = scope_kind_of(&s->pub.name),
	    .state = s};
}

/* `all` under the epoch that the cited NET head knows. */
static void
add_all_as_of(struct gather *g, struct author to, const struct box_pk *key)
{
	const struct scope_state *all = state_fixed(&g->m->logs[0], SCOPE_ALL);
	struct target target;
	size_t e;

	if (all == NULL)
		return;
	target = target_of(all);
	e = all->n_epochs;
	while (e > 1 && g->log->space != 0 &&
	       all->epochs[e - 1].position > g->r->net_position)
		e--;
	target.epoch = (uint16_t)e;
	add(g, &target, to, key);
}

static void
gather_set(struct gather *g, const struct scope_set *set, struct author to,
    const struct box_pk *key)
{
	struct target target;

	if ((set->kinds & 1u << SCOPE_ALL) != 0)
		add_all_as_of(g, to, key);
	for (size_t k = 0; k < g->m->n_logs; k++) {
		const struct log *log = &g->m->logs[k];
		/* In the NET log `office` stands for that of every country. */
		bool is_meant = log == g->log || g->log->space == 0;

		for (int kind = SCOPE_OFFICE; kind <= SCOPE_COORD; kind++) {
			const struct scope_state *s =
			    state_fixed(log, (enum scope_kind)kind);

			if (!is_meant || s == NULL || (set->kinds & 1u << kind) == 0)
				continue;
			target = target_of(s);
			add(g, &target, to, key);
		}
	}
	for (size_t i = 0; i < set->n_activities; i++) {
		const struct scope_state *s = state_scope(g->log, set->activities[i]);

		if (s == NULL)
			continue;
		target = target_of(s);
		add(g, &target, to, key);
	}
}

static bool
gather_grant(struct gather *g)
{
	const struct log_record *r = g->r;
	const struct member_device *d;
	struct author to = r->grant.device;

	if (r->grant.is_new_guest) {
		gather_set(g, &r->grant.scopes, (struct author){g->log->space, r->seq},
		    &r->grant.keys.box);
		return true;
	}
	d = membership_by_author(g->m, to);
	if (d == NULL)
		return false;
	gather_set(g, &r->grant.scopes, to, &d->keys.box);
	return true;
}

static bool
gather_rotation(struct gather *g, const struct rotation *rotation)
{
	const struct scope_state *s = state_scope(g->log, rotation->scope);
	struct target target;

	if (s == NULL)
		return false;
	target = target_of(s);
	target.epoch = rotation->epoch;
	gather_readers(g, &target);
	return true;
}

/* False: the record names something that is not there. */
static bool
gather_list(struct gather *g, size_t index)
{
	const struct log_record *r = g->r;
	struct target founded = {.space = g->log->space, .scope = r->seq, .epoch = 1};

	if (index >= log_record_lists(r))
		return false;
	switch (r->kind) {
	case LOG_SCOPE:
		founded.kind = scope_kind_of(&r->scope.name);
		gather_readers(g, &founded);
		return true;
	case LOG_INVITE:
		gather_set(g, &r->invite.scopes, (struct author){g->log->space, r->seq},
		    &r->invite.box);
		return true;
	case LOG_GRANT:
		return gather_grant(g);
	case LOG_ROTATE:
		return gather_rotation(g, &r->rotate);
	case LOG_REVOKE:
		return gather_rotation(g, &r->revoke.rotations[index]);
	case LOG_GENESIS:
	case LOG_SERVER:
	case LOG_SPACE:
	case LOG_JOIN:
	case LOG_RENEW:
		return false;
	}
	return false;
}

static int
recipient_compare(const void *a, const void *b)
{
	const struct box_recipient *x = a;
	const struct box_recipient *y = b;

	return box_entry_compare(&x->entry, &y->entry);
}

static size_t
room_for_all(const struct membership *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_logs; i++)
		n += m->logs[i].n_devices + m->logs[i].n_invites + m->logs[i].n_scopes;
	return n + 1;
}

status
membership_recipients(const struct membership *m, const struct log_record *r,
    size_t index, struct arena *a, const struct box_recipient **out, size_t *n,
    struct trouble *t)
{
	struct gather g = {.m = m, .r = r};
	uint16_t space;

	*out = NULL;
	*n = 0;
	if (!membership_space_find(m, &r->space, &space))
		return trouble_set(t, ST_NOT_FOUND, "no log of %.4s", r->space.text);
	g.log = state_log(m, space);
	g.items = arena_zeros(a, room_for_all(m), sizeof *g.items);
	if (g.items == NULL)
		return trouble_set(t, ST_NO_MEMORY, "recipients of key boxes");
	if (!gather_list(&g, index))
		return trouble_set(t, ST_NOT_FOUND,
		    "%s record: no box list of something known", log_kind_text(r->kind));
	qsort(g.items, g.n, sizeof *g.items, recipient_compare);
	*out = g.items;
	*n = g.n;
	return ST_OK;
}

/* ---- checking ---- */

/* Readers of `all` lie in other logs, which need not be as far here as at the author. */
static bool
is_exact(const struct ruling *j)
{
	const struct log_record *r = j->r;
	bool is_all =
	    ruling_is_net(j) &&
	    (r->kind == LOG_SCOPE || r->kind == LOG_ROTATE || r->kind == LOG_REVOKE);

	return !is_all || j->how->mode == APPLY_APPEND;
}

/* An INVITE of the office hands on what its author holds of the countries; what that is,
 * the NET log does not say. */
static bool
is_foreign(const struct ruling *j, const struct box_entry *e)
{
	return ruling_is_net(j) && j->r->kind == LOG_INVITE && e->space != 0;
}

static bool
lists_match(const struct ruling *j, const struct box_list *list,
    const struct box_recipient *wanted, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct box_entry *e = &list->entries[i];

		if (is_foreign(j, e)) {
			if (e->to.home != 0 || e->to.device != j->r->seq)
				return false;
			continue;
		}
		while (at < n && is_foreign(j, &wanted[at].entry))
			at++;
		if (at == n || box_entry_compare(e, &wanted[at].entry) != 0)
			return false;
		at++;
	}
	while (at < n && is_foreign(j, &wanted[at].entry))
		at++;
	return at == n;
}

status
boxes_check(const struct ruling *j)
{
	struct arena *a = NULL;
	status st = ST_OK;

	if (j->how->n_lists != log_record_lists(j->r))
		return ST_HASH;
	for (size_t i = 0; i < j->how->n_lists && st == ST_OK; i++) {
		const struct box_list *list = &j->how->lists[i];
		const struct box_recipient *wanted;
		size_t n;

		if (!ID_EQUAL(&list->hash, log_record_list_hash(j->r, i)))
			return ST_HASH;
		if (!is_exact(j))
			continue;
		a = arena_new(0);
		if (a == NULL)
			return ST_NO_MEMORY;
		st = membership_recipients(j->m, j->r, i, a, &wanted, &n, NULL);
		if (st == ST_OK && !lists_match(j, list, wanted, n))
			st = ST_HASH;
		arena_free(a);
	}
	return st;
}
