/* membership_rights.c - who may read and write what now, and what has to be rotated
 * because somebody may no longer (DESIGN 3.2, SECURITY 7). Pure. */
#include <stdlib.h>

#include "core/membership_state.h"

/* ---- rights ---- */

const struct access *
state_access(const struct device *d, uint16_t scope)
{
	size_t low = 0;
	size_t high = d->n_access;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->access[middle].scope == scope)
			return &d->access[middle];
		if (d->access[middle].scope < scope)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
access_is_open(const struct access *a, uint64_t now_s)
{
	return !a->is_left && (a->end_s == 0 || a->end_s > now_s);
}

static const struct access *
office_grant(const struct scope_state *scope, const struct device *d)
{
	for (size_t i = 0; i < scope->n_granted; i++) {
		if (scope->granted[i].scope == d->pub.first)
			return &scope->granted[i];
	}
	return NULL;
}

bool
office_reads(const struct scope_state *scope, const struct device *d, uint64_t now_s)
{
	const struct access *granted;

	if (scope_kind_of(&scope->pub.name) != SCOPE_OFFICE || d->pub.home != 0)
		return false;
	if (d->reads_offices || d->pub.first <= scope->net_seen)
		return true;
	granted = office_grant(scope, d);
	return granted != NULL && access_is_open(granted, now_s);
}

bool
membership_is_active(const struct membership *m, const struct member_device *d)
{
	const struct member_device *at_home;

	if (d->is_revoked)
		return false;
	if (d->role != ROLE_GUEST)
		return true;
	at_home = membership_device_in(m, d->country, &d->id);
	return at_home == NULL || !at_home->is_revoked;
}

/* What a device has, or had, in a scope. */
struct right {
	struct member_access access;
	bool is_left; /* a REVOKE took it away */
};

/* What the device has or had in the scope: fills out, false if nothing. Neither
 * revocation nor end nor whether it has left are looked at. */
static bool
find_access(const struct log *log, const struct device *d, const struct scope_state *s,
    struct right *out)
{
	const struct access *a;

	*out = (struct right){.access = {.space = log->space,
				  .scope = s->pub.position,
				  .since = s->pub.position,
				  .as = member_author(&d->pub)}};
	if (scope_kind_of(&s->pub.name) == SCOPE_ALL)
		return d->pub.role != ROLE_GUEST;
	if (d->pub.home == log->space)
		a = state_access(d, s->pub.position);
	else if (d->pub.home != 0 || scope_kind_of(&s->pub.name) != SCOPE_OFFICE)
		return false;
	else if (d->reads_offices || d->pub.first <= s->net_seen)
		return true;
	else
		a = office_grant(s, d);
	if (a == NULL)
		return false;
	out->access.since = a->since;
	out->access.end_s = a->end_s;
	out->is_left = a->is_left;
	return true;
}

static bool
is_open(const struct right *right, uint64_t now_s)
{
	return !right->is_left &&
	       (right->access.end_s == 0 || right->access.end_s > now_s);
}

static bool
may_use(const struct membership *m, struct author a, uint16_t space, uint16_t scope,
    uint64_t now_s)
{
	const struct device *d = state_device(state_log(m, a.home), a.device);
	const struct log *log = state_log(m, space);
	const struct scope_state *s = state_scope(log, scope);
	struct right found;

	if (d == NULL || s == NULL || d->pub.position != a.device ||
	    !membership_is_active(m, &d->pub))
		return false;
	return find_access(log, d, s, &found) && is_open(&found, now_s);
}

bool
membership_may_read(const struct membership *m, struct author a, uint16_t space,
    uint16_t scope, uint64_t now_s)
{
	return may_use(m, a, space, scope, now_s);
}

bool
membership_may_write(const struct membership *m, struct author a, uint16_t space,
    uint16_t scope, uint64_t now_s)
{
	return may_use(m, a, space, scope, now_s);
}

bool
membership_could_write(
    const struct membership *m, struct author a, uint16_t space, uint16_t scope)
{
	const struct device *d = state_device(state_log(m, a.home), a.device);
	const struct log *log = state_log(m, space);
	const struct scope_state *s = state_scope(log, scope);
	struct right found;

	return d != NULL && s != NULL && find_access(log, d, s, &found);
}

/* Appends what one log's device may use in another log (or its own). */
static size_t
list_access(const struct log *log, const struct device *d, uint64_t now_s,
    struct member_access *out)
{
	struct right right;
	size_t n = 0;

	for (size_t i = 0; i < log->n_scopes; i++) {
		if (find_access(log, d, &log->scopes[i], &right) &&
		    is_open(&right, now_s))
			out[n++] = right.access;
	}
	return n;
}

static int
access_compare(const void *a, const void *b)
{
	const struct member_access *x = a;
	const struct member_access *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return (x->scope > y->scope) - (x->scope < y->scope);
}

/* A laptop has one device per log that vouches for it. Its own country speaks for `all`
 * and, of the office, for the `office` scopes; a host's log only for the host's. */
status
membership_access(const struct membership *m, const struct device_id *id, uint64_t now_s,
    struct arena *a, const struct member_access **out, size_t *n, struct trouble *t)
{
	struct member_access *items;
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	for (size_t i = 0; i < m->n_logs; i++)
		cap += m->logs[i].n_scopes;
	items = arena_zeros(a, cap + 1, sizeof *items);
	if (items == NULL)
		return trouble_set(t, ST_NO_MEMORY, "scopes of a device");
	for (size_t i = 0; i < m->n_logs; i++) {
		const struct name *name = names_find(m, NAME_DEVICE, id->bytes, 16, i);
		const struct device *d =
		    name == NULL ? NULL : &m->logs[i].devices[name->item];

		if (d == NULL || !membership_is_active(m, &d->pub))
			continue;
		for (size_t k = 0; k < m->n_logs; k++) {
			if (k == i || k == 0 || i == 0)
				*n += list_access(&m->logs[k], d, now_s, items + *n);
		}
	}
	qsort(items, *n, sizeof *items, access_compare);
	*out = items;
	return ST_OK;
}

unsigned
membership_roles(const struct membership *m, struct author a, uint16_t space)
{
	const struct member_device *d = membership_by_author(m, a);

	return d == NULL ? 0 : membership_roles_as(d->role, a.home, space);
}

unsigned
membership_roles_as(enum member_role role, uint16_t home, uint16_t space)
{
	if (home != space && home != 0 && space != 0)
		return 0;
	return space == 0 && role == ROLE_GUEST ? 0 : 1u << (role - 1);
}

/* ---- revocation ---- */

bool
membership_cut(const struct membership *m, struct author a, uint16_t space,
    uint16_t scope, struct batch_id *last)
{
	const struct log *log = state_log(m, a.home);
	const struct device *d = state_device(log, a.device);

	memset(last, 0, sizeof *last);
	if (d == NULL || !d->pub.is_revoked)
		return false;
	for (size_t i = 0; i < log->n_cuts; i++) {
		const struct cut *c = &log->cuts[i];

		if (c->device == a.device && c->space == space && c->scope == scope)
			*last = c->last;
	}
	return true;
}

/* When the first grant ends whose reader will still hold the present seed. */
static uint64_t
first_end(const struct log *log, const struct scope_state *s)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < log->n_devices; i++) {
		const struct device *d = &log->devices[i];
		const struct access *a = state_access(d, s->pub.position);

		if (a != NULL && !a->is_left && !d->pub.is_revoked && a->end_s != 0 &&
		    a->end_s > s->pub.rotated_s && a->end_s < first)
			first = a->end_s;
	}
	return first;
}

/* Was the newest REVOKE of a log made after the present epoch of a scope of another (or
 * the same) log? A country's records cite the NET head that their author knew; where
 * neither knew of the other there is only the server's clock. In one and the same second
 * the rotation counts as the later one, or it would be made again and again. */
static bool
is_revoked_since(
    const struct log *revoked, const struct log *log, const struct scope_state *s)
{
	if (revoked == log)
		return revoked->revoked_at > s->pub.rotated_at;
	if (revoked->space == 0)
		return revoked->revoked_at > s->rotated_net;
	return revoked->revoked_s > s->pub.rotated_s ||
	       revoked->revoked_net >= s->pub.rotated_at;
}

bool
membership_rotation_due(
    const struct membership *m, uint16_t space, uint16_t scope, uint64_t now_s)
{
	const struct log *log = state_log(m, space);
	const struct scope_state *s = state_scope(log, scope);
	enum scope_kind kind;

	if (s == NULL)
		return false;
	kind = scope_kind_of(&s->pub.name);
	for (size_t i = 0; i < m->n_logs; i++) {
		const struct log *other = &m->logs[i];
		bool was_reader = kind == SCOPE_ALL || (kind == SCOPE_OFFICE && i == 0);

		if (was_reader && other->has_revoked && is_revoked_since(other, log, s))
			return true;
	}
	return s->is_left || first_end(log, s) <= now_s;
}

uint64_t
membership_rotation_from(const struct membership *m, uint16_t space, uint16_t scope)
{
	const struct log *log = state_log(m, space);
	const struct scope_state *s = state_scope(log, scope);

	if (s == NULL)
		return UINT64_MAX;
	return membership_rotation_due(m, space, scope, 0) ? 0 : first_end(log, s);
}
