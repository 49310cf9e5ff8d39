/* membership_apply.c - takes a record that the rules let in. First all memory is made
 * ready, which changes nothing that anybody sees; then the change is made and cannot
 * fail. Pure but for malloc. */
#include <assert.h>
#include <stdlib.h>

#include "core/membership_state.h"

enum { CAP_FIRST = 8 };

/* ---- room ---- */

/* Makes room for `need` items of `size` bytes in an array that grows by doubling.
 * array: where the pointer to it lies. */
static bool
reserve(void *array, size_t *cap, size_t need, size_t size)
{
	size_t more = *cap == 0 ? CAP_FIRST : *cap;
	void *items;

	if (need <= *cap)
		return true;
	while (more < need)
		more *= 2;
	memcpy(&items, array, sizeof items); /* any type of pointer, without aliasing */
	items = realloc(items, more * size);
	if (items == NULL)
		return false;
	memcpy(array, &items, sizeof items);
	*cap = more;
	return true;
}

static bool
reserve_access(struct device *d, size_t more)
{
	return reserve(&d->access, &d->cap_access, d->n_access + more, sizeof *d->access);
}

static size_t
set_size(const struct scope_set *set)
{
	return SCOPE_KIND_COUNT + set->n_activities;
}

/* Everybody of the country may become a reader of a new scope. */
static bool
reserve_scope(struct log *log)
{
	struct scope_state *s;

	if (!reserve(
		&log->scopes, &log->cap_scopes, log->n_scopes + 1, sizeof *log->scopes))
		return false;
	for (size_t i = 0; i < log->n_devices; i++) {
		if (!reserve_access(&log->devices[i], 1))
			return false;
	}
	for (size_t i = 0; i < log->n_invites; i++) {
		struct invite_state *v = &log->invites[i];

		if (!reserve(
			&v->scopes, &v->cap_scopes, v->n_scopes + 1, sizeof *v->scopes))
			return false;
	}
	/* Behind the last one. This allocation comes last, so that nothing leaks. */
	s = &log->scopes[log->n_scopes];
	memset(s, 0, sizeof *s);
	return reserve(&s->epochs, &s->cap_epochs, 1, sizeof *s->epochs);
}

static bool
reserve_device(struct log *log, size_t n_access)
{
	struct device *d;

	if (!reserve(&log->devices, &log->cap_devices, log->n_devices + 1,
		sizeof *log->devices))
		return false;
	d = &log->devices[log->n_devices];
	memset(d, 0, sizeof *d);
	return reserve_access(d, n_access);
}

static bool
reserve_invite(struct log *log, const struct log_record *r)
{
	struct invite_state *v;

	if (!reserve(&log->invites, &log->cap_invites, log->n_invites + 1,
		sizeof *log->invites))
		return false;
	v = &log->invites[log->n_invites];
	memset(v, 0, sizeof *v);
	return reserve(
	    &v->scopes, &v->cap_scopes, set_size(&r->invite.scopes), sizeof *v->scopes);
}

static struct scope_state *
scope_at(struct log *log, uint16_t position)
{
	return &log->scopes[log->items[position].index];
}

static struct device *
device_at(struct log *log, uint16_t position)
{
	return &log->devices[log->items[position].index];
}

static struct invite_state *
invite_at(struct log *log, uint16_t position)
{
	return &log->invites[log->items[position].index];
}

static bool
reserve_grant(struct log *log, const struct log_record *r)
{
	if (r->grant.is_new_guest)
		return reserve_device(log, set_size(&r->grant.scopes));
	if (r->grant.device.home == 0) {
		struct scope_state *s = &log->scopes[log->fixed[SCOPE_OFFICE] - 1];

		return reserve(
		    &s->granted, &s->cap_granted, s->n_granted + 1, sizeof *s->granted);
	}
	return reserve_access(
	    device_at(log, r->grant.device.device), set_size(&r->grant.scopes));
}

static bool
reserve_epoch(struct log *log, const struct rotation *rotation)
{
	struct scope_state *s = scope_at(log, rotation->scope);

	return reserve(&s->epochs, &s->cap_epochs, s->n_epochs + 1, sizeof *s->epochs);
}

static bool
reserve_revoke(struct log *log, const struct log_record *r)
{
	if (!reserve(&log->cuts, &log->cap_cuts, log->n_cuts + r->revoke.n_cuts,
		sizeof *log->cuts))
		return false;
	for (size_t i = 0; i < r->revoke.n_rotations; i++) {
		if (!reserve_epoch(log, &r->revoke.rotations[i]))
			return false;
	}
	return true;
}

static bool
reserve_kind(struct membership *m, struct log *log, const struct log_record *r)
{
	switch (r->kind) {
	case LOG_SPACE:
		return reserve(&m->logs, &m->cap_logs, m->n_logs + 1, sizeof *m->logs);
	case LOG_SCOPE:
		return reserve_scope(log);
	case LOG_INVITE:
		return reserve_invite(log, r);
	case LOG_JOIN:
		return reserve_device(log, invite_at(log, r->join.invite)->n_scopes);
	case LOG_GRANT:
		return reserve_grant(log, r);
	case LOG_REVOKE:
		return reserve_revoke(log, r);
	case LOG_ROTATE:
		return reserve_epoch(log, &r->rotate);
	case LOG_GENESIS:
	case LOG_SERVER:
	case LOG_RENEW:
		return true;
	}
	return false;
}

static bool
reserve_all(struct membership *m, struct log *log, const struct log_record *r)
{
	return reserve(&log->items, &log->cap_items, (size_t)log->len + 1,
		   sizeof *log->items) &&
	       names_reserve(m) && reserve_kind(m, log, r);
}

/* ---- change: nothing below can fail ---- */

/* What a record of this log does. Indexes and not pointers: a SPACE moves the logs. */
struct change {
	struct membership *m;
	size_t log;
	const struct log_record *r;
	struct item *item; /* of the record */
};

static struct log *
changed_log(const struct change *c)
{
	return &c->m->logs[c->log];
}

/* Access that is open only becomes longer; what has ended or was left begins anew. */
static void
access_give(struct access *a, uint16_t since, uint64_t end_s, uint64_t time_s)
{
	if (!access_is_open(a, time_s))
		*a = (struct access){a->scope, since, false, end_s};
	else if (end_s == 0 || (a->end_s != 0 && a->end_s < end_s))
		a->end_s = end_s;
}

static void
access_put(
    struct device *d, uint16_t scope, uint16_t since, uint64_t end_s, uint64_t time_s)
{
	size_t at = d->n_access;

	/* Ascending, and a new scope is mostly the last one. */
	while (at > 0 && d->access[at - 1].scope > scope)
		at--;
	if (at > 0 && d->access[at - 1].scope == scope) {
		access_give(&d->access[at - 1], since, end_s, time_s);
		return;
	}
	assert(d->n_access < d->cap_access);
	memmove(
	    &d->access[at + 1], &d->access[at], (d->n_access - at) * sizeof d->access[0]);
	d->access[at] = (struct access){scope, since, false, end_s};
	d->n_access++;
}

static void
invite_scope_put(struct invite_state *v, uint16_t scope)
{
	size_t at = v->n_scopes;

	assert(v->n_scopes < v->cap_scopes);
	while (at > 0 && v->scopes[at - 1] > scope) {
		v->scopes[at] = v->scopes[at - 1];
		at--;
	}
	v->scopes[at] = scope;
	v->n_scopes++;
}

static void
hold(struct change *c, enum holds holds, size_t index)
{
	c->item->holds = (uint8_t)holds;
	c->item->index = (uint16_t)index;
}

static void
change_space(struct change *c)
{
	struct membership *m = c->m;

	m->logs[m->n_logs] = (struct log){
	    .space = c->r->seq, .name = c->r->country.country, .base = c->r->id};
	hold(c, HOLDS_SPACE, m->n_logs);
	m->n_logs++;
}

static void
begin_epoch(struct scope_state *s, const struct fingerprint *fingerprint,
    const struct log_record *r)
{
	assert(s->n_epochs < s->cap_epochs && s->n_epochs < UINT16_MAX);
	s->epochs[s->n_epochs] = (struct epoch){*fingerprint, r->seq, r->time_s};
	s->n_epochs++;
	s->pub.epoch = (uint16_t)s->n_epochs;
	s->pub.fingerprint = *fingerprint;
	s->pub.rotated_s = r->time_s;
	s->pub.rotated_at = r->seq;
	s->rotated_net = r->net_position;
	s->is_left = false;
}

static void
change_scope(struct change *c)
{
	struct log *log = changed_log(c);
	const struct log_record *r = c->r;
	struct scope_state *s = &log->scopes[log->n_scopes];
	enum scope_kind kind = scope_kind_of(&r->scope.name);

	s->pub.space = log->space;
	s->pub.position = r->seq;
	s->pub.name = r->scope.name;
	s->net_seen = r->net_position;
	begin_epoch(s, &r->scope.fingerprint, r);
	hold(c, HOLDS_SCOPE, log->n_scopes);
	log->n_scopes++;
	names_put(c->m, NAME_SCOPE, c->log, c->item->index);
	if (kind != SCOPE_ACTIVITY)
		log->fixed[kind] = (uint16_t)log->n_scopes;
	if (kind == SCOPE_ALL)
		return;
	for (size_t i = 0; i < log->n_devices; i++) {
		struct device *d = &log->devices[i];

		if (!d->pub.is_revoked &&
		    role_reads(d->pub.role, d->pub.is_confirmed, kind))
			access_put(d, r->seq, r->seq, 0, r->time_s);
	}
	for (size_t i = 0; i < log->n_invites; i++) {
		struct invite_state *v = &log->invites[i];

		if (invite_is_live(log, v, LOG_POSITION_MAX, r->time_s) &&
		    role_reads(v->pub.role, !v->pub.needs_confirm, kind))
			invite_scope_put(v, r->seq);
	}
}

static void
change_invite(struct change *c)
{
	struct log *log = changed_log(c);
	const struct log_record *r = c->r;
	struct invite_state *v = &log->invites[log->n_invites];

	v->pub = (struct member_invite){.space = log->space,
	    .position = r->seq,
	    .member = r->invite.member,
	    .role = r->invite.role,
	    .sign = r->invite.sign,
	    .box = r->invite.box,
	    .expiry_s = r->invite.expiry_s,
	    .needs_confirm = r->invite.needs_confirm,
	    .has_author = r->has_author,
	    .author = r->author};
	for (int kind = SCOPE_OFFICE; kind <= SCOPE_COORD; kind++) {
		if ((r->invite.scopes.kinds & 1u << kind) != 0 && log->space != 0)
			invite_scope_put(
			    v, state_fixed(log, (enum scope_kind)kind)->pub.position);
	}
	v->reads_offices =
	    log->space == 0 && (r->invite.scopes.kinds & 1u << SCOPE_OFFICE) != 0;
	for (size_t i = 0; i < r->invite.scopes.n_activities; i++)
		invite_scope_put(v, r->invite.scopes.activities[i]);
	hold(c, HOLDS_INVITE, log->n_invites);
	log->n_invites++;
	names_put(c->m, NAME_INVITE, c->log, c->item->index);
}

/* A device whose room was made behind the last one. */
static struct device *
new_device(struct change *c, const struct member_keys *keys, const struct device_id *id)
{
	struct log *log = changed_log(c);
	struct device *d = &log->devices[log->n_devices];

	d->pub.home = log->space;
	d->pub.country = log->space;
	d->pub.position = c->r->seq;
	d->pub.first = c->r->seq;
	d->pub.keys = *keys;
	d->pub.id = *id;
	hold(c, HOLDS_DEVICE, log->n_devices);
	log->n_devices++;
	names_put(c->m, NAME_DEVICE, c->log, c->item->index);
	names_put(c->m, NAME_SIGN, c->log, c->item->index);
	names_put(c->m, NAME_BOX, c->log, c->item->index);
	names_put(c->m, NAME_TRANSPORT, c->log, c->item->index);
	return d;
}

static void
change_join(struct change *c)
{
	struct log *log = changed_log(c);
	const struct log_record *r = c->r;
	struct invite_state *v = invite_at(log, r->join.invite);
	struct device *d = new_device(c, &r->join.keys, &r->join.device);

	d->pub.role = v->pub.role;
	d->pub.member = v->pub.member;
	d->pub.is_confirmed = !v->pub.needs_confirm;
	d->reads_offices = v->reads_offices;
	for (size_t i = 0; i < v->n_scopes; i++)
		access_put(d, v->scopes[i], r->seq, 0, r->time_s);
	v->pub.is_used = true;
	v->pub.ended_at = r->seq;
	log->has_joined = true;
}

static void
give_set(struct log *log, struct device *d, const struct log_record *r)
{
	const struct scope_set *set = &r->grant.scopes;

	for (int kind = SCOPE_OFFICE; kind <= SCOPE_COORD; kind++) {
		if ((set->kinds & 1u << kind) != 0)
			access_put(d,
			    state_fixed(log, (enum scope_kind)kind)->pub.position, r->seq,
			    r->grant.end_s, r->time_s);
	}
	for (size_t i = 0; i < set->n_activities; i++)
		access_put(d, set->activities[i], r->seq, r->grant.end_s, r->time_s);
}

/* A device of NET and the `office` scope of this country. */
static void
grant_office(struct log *log, const struct log *net, const struct log_record *r)
{
	struct scope_state *s = &log->scopes[log->fixed[SCOPE_OFFICE] - 1];
	uint16_t first = net->devices[net->items[r->grant.device.device].index].pub.first;

	for (size_t i = 0; i < s->n_granted; i++) {
		if (s->granted[i].scope == first) {
			access_give(&s->granted[i], r->seq, r->grant.end_s, r->time_s);
			return;
		}
	}
	s->granted[s->n_granted] = (struct access){first, r->seq, false, r->grant.end_s};
	s->n_granted++;
}

static void
change_grant(struct change *c)
{
	struct log *log = changed_log(c);
	const struct log_record *r = c->r;
	struct device *d;

	if (r->grant.is_new_guest) {
		d = new_device(c, &r->grant.keys, &r->grant.id);
		d->pub.role = ROLE_GUEST;
		d->pub.country = r->grant.country;
		d->pub.member = r->grant.member;
		d->pub.is_confirmed = true;
	} else if (r->grant.device.home == 0) {
		grant_office(log, &c->m->logs[0], r);
		return;
	} else {
		d = device_at(log, r->grant.device.device);
		/* The office gives the `office` scope only and confirms nobody. */
		if (r->author.home != 0)
			d->pub.is_confirmed = true;
	}
	give_set(log, d, r);
}

static void
change_leaves(struct log *log, const struct log_record *r)
{
	for (size_t i = 0; i < r->revoke.n_leaves; i++) {
		const struct leave *l = &r->revoke.leaves[i];
		struct device *d = device_at(log, l->device);

		for (size_t k = 0; k < d->n_access; k++) {
			if (d->access[k].scope == l->scope)
				d->access[k].is_left = true;
		}
	}
}

static void
change_revoke(struct change *c)
{
	struct log *log = changed_log(c);
	const struct log_record *r = c->r;

	for (size_t i = 0; i < log->n_scopes; i++) {
		if (revoke_affects(log, r, &log->scopes[i]))
			log->scopes[i].is_left = true;
	}
	for (size_t i = 0; i < r->revoke.n_devices; i++) {
		struct device *d = device_at(log, r->revoke.devices[i]);

		d->pub.is_revoked = true;
		d->pub.revoked_at = r->seq;
		log->has_revoked = true;
		log->revoked_at = r->seq;
		log->revoked_s = r->time_s > log->revoked_s ? r->time_s : log->revoked_s;
		log->revoked_net = r->net_position;
	}
	for (size_t i = 0; i < r->revoke.n_invites; i++) {
		struct invite_state *v = invite_at(log, r->revoke.invites[i]);

		v->pub.is_revoked = true;
		v->pub.ended_at = r->seq;
	}
	change_leaves(log, r);
	for (size_t i = 0; i < r->revoke.n_cuts; i++)
		log->cuts[log->n_cuts++] = r->revoke.cuts[i];
	for (size_t i = 0; i < r->revoke.n_rotations; i++) {
		const struct rotation *rotation = &r->revoke.rotations[i];

		begin_epoch(scope_at(log, rotation->scope), &rotation->fingerprint, r);
	}
}

static void
change_renew(struct change *c)
{
	struct log *log = changed_log(c);
	struct device *d = device_at(log, c->r->author.device);

	log->items[c->r->author.device].next = c->r->seq;
	hold(c, HOLDS_DEVICE, log->items[c->r->author.device].index);
	d->pub.position = c->r->seq;
}

static void
change_kind(struct change *c)
{
	switch (c->r->kind) {
	case LOG_GENESIS:
		c->m->has_root = true;
		c->m->root = c->r->genesis.root;
		break;
	case LOG_SERVER:
		c->m->has_server = true;
		c->m->server_key = c->r->server.key;
		c->m->server_address = c->r->server.address;
		break;
	case LOG_SPACE:
		change_space(c);
		break;
	case LOG_SCOPE:
		change_scope(c);
		break;
	case LOG_INVITE:
		change_invite(c);
		break;
	case LOG_JOIN:
		change_join(c);
		break;
	case LOG_GRANT:
		change_grant(c);
		break;
	case LOG_REVOKE:
		change_revoke(c);
		break;
	case LOG_ROTATE:
		begin_epoch(scope_at(changed_log(c), c->r->rotate.scope),
		    &c->r->rotate.fingerprint, c->r);
		break;
	case LOG_RENEW:
		change_renew(c);
		break;
	}
}

static void
change(struct membership *m, size_t index, const struct log_record *r)
{
	struct log *log = &m->logs[index];
	struct change c = {.m = m, .log = index, .r = r, .item = &log->items[log->len]};

	*c.item = (struct item){.id = r->id};
	log->len++;
	log->net_seen = r->net_position;
	change_kind(&c);
}

/* ---- the one function ---- */

static status
refused(
    const struct log_record *r, enum refusal found, enum refusal *why, struct trouble *t)
{
	static const status codes[REFUSAL_COUNT] = {
#define X(name, number, code, text) [name] = (code),
	    REFUSALS(X)
#undef X
	};

	if (why != NULL)
		*why = found;
	if (found == REFUSAL_NONE)
		return ST_OK;
	return trouble_set(t, codes[found], "%s record %u of %.4s: %s",
	    log_kind_text(r->kind), r->seq, r->space.text, refusal_text(found));
}

static status
judge(struct ruling *j, enum refusal *why, struct trouble *t)
{
	const struct log_record *r = j->r;
	enum refusal found = REFUSAL_NONE;
	uint16_t space = 0;
	status st;

	assert(j->how->mode == APPLY_STORED || j->how->checks != NULL);
	if (why != NULL)
		*why = REFUSAL_FORM;
	st = log_record_check(r, t);
	if (st != ST_OK)
		return st;
	if (!membership_space_find(j->m, &r->space, &space))
		return refused(r, REFUSAL_SPACE, why, t);
	j->log = state_log(j->m, space);
	found = rules_judge(j);
	if (found != REFUSAL_NONE)
		return refused(r, found, why, t);
	if (j->how->n_lists > 0 || j->how->mode == APPLY_APPEND) {
		st = boxes_check(j);
		if (st == ST_HASH)
			return refused(r, REFUSAL_BOXES, why, t);
		if (st != ST_OK) {
			(void)refused(r, REFUSAL_NONE, why, NULL);
			return trouble_set(t, st, "key boxes of a log record");
		}
	}
	return refused(r, REFUSAL_NONE, why, t);
}

status
membership_check(const struct membership *m, const struct log_record *r,
    const struct apply_how *how, enum refusal *why, struct trouble *t)
{
	struct ruling j = {.m = m, .r = r, .how = how};

	return judge(&j, why, t);
}

status
membership_apply(struct membership *m, const struct log_record *r,
    const struct apply_how *how, enum refusal *why, struct trouble *t)
{
	struct ruling j = {.m = m, .r = r, .how = how};
	status st = judge(&j, why, t);
	size_t index;

	if (st != ST_OK)
		return st;
	index = (size_t)(j.log - m->logs);
	if (!reserve_all(m, &m->logs[index], r))
		return trouble_set(t, ST_NO_MEMORY, "membership log");
	change(m, index, r);
	return ST_OK;
}
