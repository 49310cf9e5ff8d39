/* membership_owed.c - rights that a device has not been given yet (DESIGN 3.2). Pure. */
#include "core/membership_state.h"

/* The other laptops of a member. */
struct siblings {
	size_t n;
	const struct device **items;
};

static status
find_siblings(const struct log *log, const struct device *d, struct arena *a,
    struct siblings *out, struct trouble *t)
{
	*out = (struct siblings){
	    .items = arena_zeros(a, log->n_devices + 1, sizeof *out->items)};
	if (out->items == NULL)
		return trouble_set(t, ST_NO_MEMORY, "laptops of a member");
	for (size_t i = 0; i < log->n_devices; i++) {
		const struct device *other = &log->devices[i];

		if (other != d && other->pub.role != ROLE_GUEST &&
		    strcmp(other->pub.member.text, d->pub.member.text) == 0)
			out->items[out->n++] = other;
	}
	return ST_OK;
}

/* A laptop that was lost and revoked counts: its member needs another one. One that was
 * made to leave the scope says that he is to have it no more. */
static bool
is_held_by(const struct siblings *s, uint16_t scope)
{
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct access *access = state_access(s->items[i], scope);

		if (access != NULL && access->is_left)
			return false;
		any = any || (access != NULL && access->end_s == 0);
	}
	return any;
}

static bool
is_owed(
    const struct device *d, const struct siblings *others, const struct scope_state *s)
{
	enum scope_kind kind = scope_kind_of(&s->pub.name);

	if (state_access(d, s->pub.position) != NULL)
		return false;
	return role_reads(d->pub.role, d->pub.is_confirmed, kind) ||
	       (kind == SCOPE_ACTIVITY && is_held_by(others, s->pub.position));
}

status
membership_owed(const struct membership *m, const struct member_device *of,
    struct arena *a, struct scope_set *out, struct trouble *t)
{
	const struct log *log = state_log(m, of->home);
	const struct device *d = state_device(log, of->position);
	struct siblings others;
	uint16_t *activities;
	status st;

	*out = (struct scope_set){0};
	if (d == NULL || of->home == 0 || d->pub.is_revoked || !d->pub.is_confirmed ||
	    d->pub.role == ROLE_GUEST)
		return ST_OK;
	st = find_siblings(log, d, a, &others, t);
	activities = arena_zeros(a, log->n_scopes + 1, sizeof *activities);
	if (st == ST_OK && activities == NULL)
		st = trouble_set(t, ST_NO_MEMORY, "scopes that are owed");
	for (size_t i = 0; st == ST_OK && i < log->n_scopes; i++) {
		const struct scope_state *s = &log->scopes[i];

		if (!is_owed(d, &others, s))
			continue;
		if (scope_kind_of(&s->pub.name) == SCOPE_ACTIVITY)
			activities[out->n_activities++] = s->pub.position;
		else
			out->kinds |= 1u << scope_kind_of(&s->pub.name);
	}
	out->activities = activities;
	return st;
}
