/* membership_revoke.c - what a REVOKE may do, and what it must rotate (SECURITY 7). Pure.
 */
#include "core/membership_state.h"

static bool
is_listed(const uint16_t *items, size_t n, uint16_t position)
{
	for (size_t i = 0; i < n; i++) {
		if (items[i] == position)
			return true;
	}
	return false;
}

static enum refusal
judge_revoked_devices(const struct ruling *j)
{
	const struct log_record *r = j->r;
	size_t n_left = 0;
	bool is_coordinator_gone = false;

	for (size_t i = 0; i < r->revoke.n_devices; i++) {
		const struct device *d = state_device(j->log, r->revoke.devices[i]);

		if (d == NULL)
			return REFUSAL_UNKNOWN;
		if (d->pub.is_revoked)
			return REFUSAL_REVOKED;
		if (d->pub.position != r->revoke.devices[i])
			return REFUSAL_UNKNOWN;
		is_coordinator_gone |= d->pub.role == ROLE_COORDINATOR;
	}
	for (size_t i = 0; i < j->log->n_devices; i++) {
		const struct member_device *d = &j->log->devices[i].pub;

		if (d->role == ROLE_COORDINATOR && d->is_confirmed && !d->is_revoked &&
		    !is_listed(r->revoke.devices, r->revoke.n_devices, d->position))
			n_left++;
	}
	return is_coordinator_gone && n_left == 0 ? REFUSAL_LAST : REFUSAL_NONE;
}

static enum refusal
judge_revoked_invites(const struct ruling *j)
{
	for (size_t i = 0; i < j->r->revoke.n_invites; i++) {
		const struct invite_state *known =
		    state_invite(j->log, j->r->revoke.invites[i]);

		if (known == NULL)
			return REFUSAL_UNKNOWN;
		if (known->pub.is_used)
			return REFUSAL_INVITE_USED;
		if (known->pub.is_revoked)
			return REFUSAL_INVITE_REVOKED;
	}
	return REFUSAL_NONE;
}

/* What a role gives stays with it. */
static bool
may_leave(enum member_role role, enum scope_kind kind)
{
	if (role == ROLE_GUEST)
		return kind == SCOPE_ACTIVITY || kind == SCOPE_OFFICE;
	return role == ROLE_TRAINER && kind == SCOPE_ACTIVITY;
}

/* From a team, or a guest from the `office` scope. */
static enum refusal
judge_leaves(const struct ruling *j)
{
	const struct log_record *r = j->r;

	for (size_t i = 0; i < r->revoke.n_leaves; i++) {
		const struct leave *l = &r->revoke.leaves[i];
		const struct device *d = state_device(j->log, l->device);
		const struct scope_state *s = state_scope(j->log, l->scope);
		const struct access *a = d == NULL ? NULL : state_access(d, l->scope);

		if (a == NULL || s == NULL || a->is_left || d->pub.is_revoked ||
		    d->pub.position != l->device ||
		    is_listed(r->revoke.devices, r->revoke.n_devices, l->device))
			return REFUSAL_UNKNOWN;
		if (!may_leave(d->pub.role, scope_kind_of(&s->pub.name)))
			return REFUSAL_RIGHT;
	}
	return REFUSAL_NONE;
}

static bool
cut_has_scope(const struct ruling *j, const struct cut *c)
{
	const struct scope_state *s;

	/* The office writes in `office` scopes of logs that NET does not order. */
	if (ruling_is_net(j) && c->space != 0)
		return true;
	if (c->space != 0)
		return c->space == j->log->space && state_scope(j->log, c->scope) != NULL;
	s = state_scope(&j->m->logs[0], c->scope);
	return s != NULL && (ruling_is_net(j) || s->pub.position <= j->r->net_position);
}

static enum refusal
judge_cuts(const struct ruling *j)
{
	const struct log_record *r = j->r;

	for (size_t i = 0; i < r->revoke.n_cuts; i++) {
		const struct cut *c = &r->revoke.cuts[i];
		const struct device *d = state_device(j->log, c->device);

		if (d == NULL ||
		    !is_listed(r->revoke.devices, r->revoke.n_devices, d->pub.position) ||
		    !cut_has_scope(j, c))
			return REFUSAL_UNKNOWN;
	}
	return REFUSAL_NONE;
}

bool
revoke_affects(
    const struct log *log, const struct log_record *r, const struct scope_state *s)
{
	for (size_t i = 0; i < r->revoke.n_devices; i++) {
		const struct device *d = state_device(log, r->revoke.devices[i]);
		const struct access *a =
		    d == NULL ? NULL : state_access(d, s->pub.position);

		if (a != NULL && access_is_open(a, r->time_s))
			return true;
	}
	for (size_t i = 0; i < r->revoke.n_leaves; i++) {
		if (r->revoke.leaves[i].scope == s->pub.position)
			return true;
	}
	return false;
}

/* An INVITE has no such need: who used it is a device; who did not has no access. */
status
membership_affected_scopes(const struct membership *m, const struct log_record *r,
    struct arena *a, const uint16_t **scopes, size_t *n, struct trouble *t)
{
	uint16_t space;
	const struct log *log =
	    membership_space_find(m, &r->space, &space) ? state_log(m, space) : NULL;
	uint16_t *items;

	*n = 0;
	if (log == NULL || r->kind != LOG_REVOKE)
		return trouble_set(t, ST_NOT_FOUND, "no REVOKE of a known space");
	items = arena_zeros(a, log->n_scopes + 1, sizeof *items);
	if (items == NULL)
		return trouble_set(t, ST_NO_MEMORY, "scopes to rotate");
	for (size_t i = 0; i < log->n_scopes; i++) {
		bool is_all = scope_kind_of(&log->scopes[i].pub.name) == SCOPE_ALL;

		if (revoke_affects(log, r, &log->scopes[i]) ||
		    (is_all && r->revoke.n_devices > 0))
			items[(*n)++] = log->scopes[i].pub.position;
	}
	*scopes = items;
	return ST_OK;
}

/* Every scope of the country that they could read gets a new epoch at once; only what
 * does not fit one record is left to the next ROTATE. */
static enum refusal
judge_rotations(const struct ruling *j)
{
	const struct log_record *r = j->r;
	size_t next = 0;

	for (size_t i = 0; i < r->revoke.n_rotations; i++) {
		enum refusal why = rules_rotation(j, &r->revoke.rotations[i]);

		if (why != REFUSAL_NONE)
			return why;
	}
	if (ruling_is_net(j) || r->revoke.n_rotations == LOG_ROTATIONS_MAX)
		return REFUSAL_NONE;
	for (size_t i = 0; i < j->log->n_scopes; i++) {
		const struct scope_state *s = &j->log->scopes[i];
		bool is_rotated = next < r->revoke.n_rotations &&
				  r->revoke.rotations[next].scope == s->pub.position;

		next += is_rotated ? 1 : 0;
		if (!is_rotated && revoke_affects(j->log, r, s))
			return REFUSAL_ROTATION;
	}
	return REFUSAL_NONE;
}

enum refusal
rules_revoke(const struct ruling *j)
{
	static enum refusal (*const steps[])(const struct ruling *) = {
	    judge_revoked_devices, judge_revoked_invites, judge_leaves, judge_cuts,
	    judge_rotations};

	if (!ruling_is_net(j) && !ruling_is_coordinator(j))
		return REFUSAL_ROLE;
	if (ruling_is_net(j) && j->r->revoke.n_leaves > 0)
		return REFUSAL_PLACE;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		enum refusal why = steps[i](j);

		if (why != REFUSAL_NONE)
			return why;
	}
	return REFUSAL_NONE;
}
