/* membership_rules.c - the table of refusals of SECURITY 4, as one function per kind.
 * Nothing here changes the state. Pure. */
#include "core/membership_state.h"

#define BIT(kind) (1u << (kind))

static const uint64_t day_s = 86400;

/* ---- who signs ---- */

static bool
is_root(const struct ruling *j)
{
	return !j->r->has_author;
}

static bool
is_office(const struct ruling *j)
{
	return j->author != NULL && j->author->pub.home == 0;
}

static size_t
log_index(const struct ruling *j)
{
	return (size_t)(j->log - j->m->logs);
}

/* A device of NET signs in a country: as of the NET head that the record cites, and at
 * the server also as of now, so that a revoked one cannot cite an old head. */
static enum refusal
judge_office_author(struct ruling *j)
{
	const struct log *net = &j->m->logs[0];
	const struct device *d = state_device(net, j->r->author.device);
	uint16_t position = 0;

	if (d == NULL || !office_as_of(net, d, j->r->net_position, &position) ||
	    position != j->r->author.device)
		return REFUSAL_AUTHOR;
	if (j->how->mode == APPLY_APPEND &&
	    (d->pub.is_revoked || d->pub.position != j->r->author.device))
		return REFUSAL_AUTHOR;
	j->author = d;
	return REFUSAL_NONE;
}

static enum refusal
judge_author(struct ruling *j)
{
	const struct device *d;

	if (!j->r->has_author)
		return REFUSAL_NONE;
	if (!ruling_is_net(j) && j->r->author.home == 0)
		return judge_office_author(j);
	d = j->r->author.home == j->log->space ? state_device(j->log, j->r->author.device)
					       : NULL;
	if (d == NULL || d->pub.is_revoked || d->pub.position != j->r->author.device)
		return REFUSAL_AUTHOR;
	j->author = d;
	return REFUSAL_NONE;
}

/* ---- place in the logs ---- */

static enum refusal
judge_network(const struct ruling *j)
{
	const struct log_record *r = j->r;

	if (r->kind == LOG_GENESIS) {
		if (!ID_IS_ZERO(&r->network) || !log_record_is_net(r) || r->seq != 0 ||
		    !ID_IS_ZERO(&r->prev))
			return REFUSAL_PLACE;
		return memcmp(r->id.bytes, j->m->network.bytes,
			   sizeof j->m->network.bytes) == 0
			   ? REFUSAL_NONE
			   : REFUSAL_NETWORK;
	}
	if (!ID_EQUAL(&r->network, &j->m->network))
		return REFUSAL_NETWORK;
	return log_record_is_net(r) && r->seq == 0 ? REFUSAL_PLACE : REFUSAL_NONE;
}

static enum refusal
judge_position(const struct ruling *j)
{
	const struct log *log = j->log;
	const struct log_id *before =
	    log->len == 0 ? &log->base : &log->items[log->len - 1].id;

	if (j->r->seq > log->len)
		return REFUSAL_GAP;
	if (j->r->seq < log->len) {
		if (ID_EQUAL(&j->r->id, &log->items[j->r->seq].id))
			return REFUSAL_KNOWN;
		return j->how->mode == APPLY_APPEND ? REFUSAL_HEAD : REFUSAL_FORK;
	}
	return ID_EQUAL(&j->r->prev, before) ? REFUSAL_NONE : REFUSAL_FORK;
}

static enum refusal
judge_net_head(const struct ruling *j)
{
	const struct log *net = &j->m->logs[0];

	if (ruling_is_net(j))
		return REFUSAL_NONE;
	if (j->r->net_position >= net->len)
		return REFUSAL_NET_UNKNOWN;
	if (!ID_EQUAL(&j->r->net_id, &net->items[j->r->net_position].id))
		return REFUSAL_NET_FORK;
	/* At least the SPACE record is known to whoever writes in its log. */
	if (j->r->net_position < j->log->space || j->r->net_position < j->log->net_seen)
		return REFUSAL_NET_BACK;
	return REFUSAL_NONE;
}

static enum refusal
judge_time(const struct ruling *j)
{
	uint64_t now = j->how->now_s;
	uint64_t time = j->r->time_s;

	if (j->how->mode != APPLY_APPEND)
		return REFUSAL_NONE;
	return (now > time ? now - time : time - now) > MEMBERSHIP_CLOCK_SLACK_S
		   ? REFUSAL_TIME
		   : REFUSAL_NONE;
}

/* ---- scopes ---- */

/* The scope `all`, if the NET records that this record knows founded it. */
static bool
has_all(const struct ruling *j)
{
	const struct scope_state *all = state_fixed(&j->m->logs[0], SCOPE_ALL);

	return all != NULL &&
	       (ruling_is_net(j) || all->pub.position <= j->r->net_position);
}

/* Fixed kinds and activities of the set, but for `all`, are scopes of this log. */
static bool
scopes_exist(const struct ruling *j, const struct scope_set *set)
{
	for (int kind = SCOPE_OFFICE; kind <= SCOPE_COORD; kind++) {
		if ((set->kinds & BIT(kind)) != 0 &&
		    state_fixed(j->log, (enum scope_kind)kind) == NULL)
			return false;
	}
	for (size_t i = 0; i < set->n_activities; i++) {
		const struct scope_state *s = state_scope(j->log, set->activities[i]);

		if (s == NULL || scope_kind_of(&s->pub.name) != SCOPE_ACTIVITY)
			return false;
	}
	return true;
}

/* What somebody of the role may be given in a country, `all` included. */
static unsigned
kinds_of_role(enum member_role role)
{
	switch (role) {
	case ROLE_COORDINATOR:
		return BIT(SCOPE_ALL) | BIT(SCOPE_OFFICE) | BIT(SCOPE_COUNTRY) |
		       BIT(SCOPE_COORD);
	case ROLE_TRAINER:
		return BIT(SCOPE_ALL) | BIT(SCOPE_OFFICE) | BIT(SCOPE_COUNTRY);
	case ROLE_OFFICE:
	case ROLE_GUEST:
		return BIT(SCOPE_OFFICE);
	case ROLE_COUNT:
		return 0;
	}
	return 0;
}

static bool
is_subset(const struct scope_set *set, unsigned kinds, bool may_have_activities)
{
	return (set->kinds & ~kinds) == 0 &&
	       (may_have_activities || set->n_activities == 0);
}

/* ---- kinds ---- */

static enum refusal
judge_root_kind(const struct ruling *j)
{
	uint16_t space;

	if (!ruling_is_net(j))
		return REFUSAL_PLACE;
	if (j->r->kind == LOG_SPACE &&
	    membership_space_find(j->m, &j->r->country.country, &space))
		return REFUSAL_EXISTS;
	return REFUSAL_NONE;
}

static enum refusal
judge_scope(const struct ruling *j)
{
	enum scope_kind kind = scope_kind_of(&j->r->scope.name);

	if ((kind == SCOPE_ALL) != ruling_is_net(j))
		return REFUSAL_PLACE;
	if (names_find(j->m, NAME_SCOPE, j->r->scope.name.bytes, 17, log_index(j)) !=
	    NULL)
		return REFUSAL_EXISTS;
	if (kind == SCOPE_ALL)
		return REFUSAL_NONE; /* root, or a device of NET: nobody else signs there
				      */
	if (ruling_is_coordinator(j) || (kind == SCOPE_OFFICE && is_office(j)))
		return REFUSAL_NONE;
	return is_root(j) || is_office(j) ? REFUSAL_READER : REFUSAL_ROLE;
}

static enum refusal
judge_net_invite(const struct ruling *j)
{
	/* The root key opens no scope, so it cannot hand on those of the countries. */
	unsigned kinds = BIT(SCOPE_ALL) | (is_root(j) ? 0 : BIT(SCOPE_OFFICE));

	if (j->r->invite.role != ROLE_OFFICE)
		return REFUSAL_ROLE;
	return is_subset(&j->r->invite.scopes, kinds, false) ? REFUSAL_NONE
							     : REFUSAL_RIGHT;
}

/* Root or office name the first coordinator, before there is anything to read. */
static enum refusal
judge_first_invite(const struct ruling *j)
{
	if (j->r->invite.role != ROLE_COORDINATOR || j->log->has_joined)
		return REFUSAL_READER;
	if (!is_subset(&j->r->invite.scopes, BIT(SCOPE_ALL), false))
		return REFUSAL_READER;
	return j->r->invite.needs_confirm ? REFUSAL_RIGHT : REFUSAL_NONE;
}

/* A member invites a second laptop of himself, with what no coordinator must give. */
static enum refusal
judge_self_invite(const struct ruling *j)
{
	const struct member_device *d = &j->author->pub;

	if (d->role != ROLE_TRAINER || !d->is_confirmed ||
	    j->r->invite.role != ROLE_TRAINER ||
	    strcmp(d->member.text, j->r->invite.member.text) != 0)
		return REFUSAL_ROLE;
	return is_subset(&j->r->invite.scopes, BIT(SCOPE_ALL) | BIT(SCOPE_OFFICE), false)
		   ? REFUSAL_NONE
		   : REFUSAL_READER;
}

static enum refusal
judge_country_invite(const struct ruling *j)
{
	const struct scope_set *set = &j->r->invite.scopes;

	if (j->r->invite.role == ROLE_OFFICE)
		return REFUSAL_ROLE;
	if (is_root(j) || is_office(j))
		return judge_first_invite(j);
	if (!ruling_is_coordinator(j))
		return judge_self_invite(j);
	if (!is_subset(set, kinds_of_role(j->r->invite.role), true))
		return REFUSAL_RIGHT;
	if (j->r->invite.needs_confirm &&
	    (set->n_activities > 0 || (set->kinds & BIT(SCOPE_COORD)) != 0))
		return REFUSAL_RIGHT;
	return REFUSAL_NONE;
}

static size_t
live_invites_of_author(const struct ruling *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->log->n_invites; i++) {
		const struct invite_state *known = &j->log->invites[i];
		const struct device *d = state_device(j->log, known->pub.author.device);
		bool is_same = known->pub.has_author == j->r->has_author;

		/* Any incarnation of the device counts. */
		if (is_same && j->r->has_author)
			is_same = known->pub.author.home == j->r->author.home &&
				  (is_office(j) ? known->pub.author.device ==
						      j->r->author.device
						: d == j->author);
		if (is_same &&
		    invite_is_live(j->log, known, LOG_POSITION_MAX, j->r->time_s))
			n++;
	}
	return n;
}

static enum refusal
judge_invite(const struct ruling *j)
{
	const struct log_record *r = j->r;
	size_t where = j->how->mode == APPLY_APPEND ? SIZE_MAX : log_index(j);
	enum refusal why =
	    ruling_is_net(j) ? judge_net_invite(j) : judge_country_invite(j);

	if (why != REFUSAL_NONE)
		return why;
	if ((r->invite.scopes.kinds & BIT(SCOPE_ALL)) == 0)
		return REFUSAL_FORM;
	if (!has_all(j) || (!ruling_is_net(j) && !scopes_exist(j, &r->invite.scopes)))
		return REFUSAL_UNKNOWN;
	if (r->invite.expiry_s <= r->time_s ||
	    r->invite.expiry_s - r->time_s > LOG_INVITE_DAYS_MAX * day_s)
		return REFUSAL_EXPIRY;
	if (names_find(j->m, NAME_INVITE, r->invite.sign.bytes, 32, where) != NULL)
		return REFUSAL_EXISTS;
	if (live_invites_of_author(j) >= MEMBERSHIP_LIVE_INVITES_MAX)
		return REFUSAL_INVITES_MANY;
	return REFUSAL_NONE;
}

/* Is one of the keys another device's in this log, or, at the server, a member's
 * anywhere? */
static bool
keys_are_known(const struct ruling *j, const struct member_keys *keys, bool is_guest)
{
	for (size_t i = 0; i < j->m->n_logs; i++) {
		bool is_own = i == log_index(j);
		bool is_asked = is_own || (j->how->mode == APPLY_APPEND && !is_guest);

		if (is_asked &&
		    (names_find(j->m, NAME_SIGN, keys->sign.bytes, 32, i) != NULL ||
			names_find(j->m, NAME_BOX, keys->box.bytes, 32, i) != NULL ||
			names_find(j->m, NAME_TRANSPORT, keys->transport.bytes, 32, i) !=
			    NULL))
			return true;
	}
	return false;
}

static enum refusal
judge_join(const struct ruling *j)
{
	const struct invite_state *i = state_invite(j->log, j->r->join.invite);

	if (i == NULL)
		return REFUSAL_UNKNOWN;
	if (i->pub.is_used)
		return REFUSAL_INVITE_USED;
	if (i->pub.is_revoked)
		return REFUSAL_INVITE_REVOKED;
	if (i->pub.expiry_s < j->r->time_s)
		return REFUSAL_INVITE_EXPIRED;
	/* Left: the office's, in a country where somebody has joined since. */
	if (!invite_is_live(j->log, i, LOG_POSITION_MAX, j->r->time_s))
		return REFUSAL_INVITE_REVOKED;
	if (keys_are_known(j, &j->r->join.keys, false) ||
	    ID_EQUAL(&i->pub.sign, &j->r->join.keys.sign))
		return REFUSAL_EXISTS;
	return j->log->n_devices >= MEMBERSHIP_DEVICES_MAX ? REFUSAL_FULL : REFUSAL_NONE;
}

static enum refusal
judge_new_guest(const struct ruling *j)
{
	uint16_t country = j->r->grant.country;

	if (!ruling_is_coordinator(j))
		return is_office(j) ? REFUSAL_READER : REFUSAL_ROLE;
	if (country == 0 || country == j->log->space)
		return REFUSAL_RIGHT;
	if (country > j->r->net_position || state_log(j->m, country) == NULL)
		return REFUSAL_UNKNOWN;
	if (keys_are_known(j, &j->r->grant.keys, true))
		return REFUSAL_EXISTS;
	if (!is_subset(&j->r->grant.scopes, kinds_of_role(ROLE_GUEST), true))
		return REFUSAL_RIGHT;
	return j->log->n_devices >= MEMBERSHIP_DEVICES_MAX ? REFUSAL_FULL : REFUSAL_NONE;
}

/* Who is granted something: a device of this log, or of NET for the `office` scope. */
static enum refusal
judge_grant_device(const struct ruling *j)
{
	const struct log_record *r = j->r;
	struct author to = r->grant.device;
	const struct log *home = to.home == 0 ? &j->m->logs[0] : j->log;
	const struct device *d = state_device(home, to.device);
	uint16_t position = 0;

	if (d == NULL || (to.home != 0 && to.home != j->log->space))
		return REFUSAL_UNKNOWN;
	if (to.home == 0) {
		if (!office_as_of(home, d, r->net_position, &position))
			return REFUSAL_REVOKED;
	} else {
		if (d->pub.is_revoked)
			return REFUSAL_REVOKED;
		position = d->pub.position;
	}
	if (position != to.device)
		return REFUSAL_UNKNOWN;
	if (d->pub.role == ROLE_GUEST && r->grant.end_s == 0)
		return REFUSAL_EXPIRY;
	if (!is_subset(&r->grant.scopes, kinds_of_role(d->pub.role) & ~BIT(SCOPE_ALL),
		d->pub.role != ROLE_OFFICE))
		return REFUSAL_RIGHT;
	return REFUSAL_NONE;
}

static enum refusal
judge_grant(const struct ruling *j)
{
	const struct scope_set *set = &j->r->grant.scopes;
	bool is_office_only = is_subset(set, BIT(SCOPE_OFFICE), false);
	enum refusal why;

	if (ruling_is_net(j))
		return REFUSAL_PLACE;
	if (!ruling_is_coordinator(j) && !(is_office(j) && is_office_only))
		return is_office(j) ? REFUSAL_READER : REFUSAL_ROLE;
	if (set->kinds == 0 && set->n_activities == 0)
		return REFUSAL_FORM;
	if (!scopes_exist(j, set))
		return REFUSAL_UNKNOWN;
	why = j->r->grant.is_new_guest ? judge_new_guest(j) : judge_grant_device(j);
	if (why != REFUSAL_NONE)
		return why;
	if (j->r->grant.end_s != 0 && j->r->grant.end_s <= j->r->time_s)
		return REFUSAL_EXPIRY;
	return REFUSAL_NONE;
}

/* ---- rotation and revocation ---- */

enum refusal
rules_rotation(const struct ruling *j, const struct rotation *rotation)
{
	const struct scope_state *s = state_scope(j->log, rotation->scope);

	if (s == NULL)
		return REFUSAL_UNKNOWN;
	return (uint32_t)s->pub.epoch + 1 == rotation->epoch ? REFUSAL_NONE
							     : REFUSAL_EPOCH;
}

static enum refusal
judge_rotate(const struct ruling *j)
{
	const struct scope_state *s = state_scope(j->log, j->r->rotate.scope);

	if (s == NULL)
		return REFUSAL_UNKNOWN;
	if (!ruling_is_net(j) && !ruling_is_coordinator(j)) {
		if (!is_office(j))
			return REFUSAL_ROLE;
		if (scope_kind_of(&s->pub.name) != SCOPE_OFFICE)
			return REFUSAL_READER;
	}
	return rules_rotation(j, &j->r->rotate);
}

static enum refusal
judge_renew(const struct ruling *j)
{
	if (j->author->pub.home != j->log->space)
		return REFUSAL_PLACE;
	return ID_EQUAL(&j->author->pub.id, &j->r->renew.device) ? REFUSAL_NONE
								 : REFUSAL_UNKNOWN;
}

static enum refusal
judge_kind(const struct ruling *j)
{
	switch (j->r->kind) {
	case LOG_GENESIS:
		return REFUSAL_NONE;
	case LOG_SERVER:
	case LOG_SPACE:
		return judge_root_kind(j);
	case LOG_SCOPE:
		return judge_scope(j);
	case LOG_INVITE:
		return judge_invite(j);
	case LOG_JOIN:
		return judge_join(j);
	case LOG_GRANT:
		return judge_grant(j);
	case LOG_REVOKE:
		return rules_revoke(j);
	case LOG_ROTATE:
		return judge_rotate(j);
	case LOG_RENEW:
		return judge_renew(j);
	}
	return REFUSAL_FORM;
}

/* ---- signatures ---- */

static enum refusal
judge_signatures(const struct ruling *j)
{
	const struct log_record *r = j->r;
	const struct checks *c = j->how->checks;
	const struct sign_pk *first = &j->m->root;
	const struct sign_pk *second = NULL;

	if (j->how->mode == APPLY_STORED)
		return REFUSAL_NONE;
	if (r->kind == LOG_GENESIS) {
		first = &r->genesis.root;
	} else if (r->kind == LOG_JOIN) {
		first = &state_invite(j->log, r->join.invite)->pub.sign;
		second = &r->join.keys.sign;
	} else if (j->author != NULL) {
		first = &j->author->pub.keys.sign;
	}
	if (r->n_signatures != log_kind_signatures(r->kind) ||
	    !c->verify(c->ctx, first, r->message, &r->signatures[0]))
		return REFUSAL_SIGNATURE;
	if (second != NULL && !c->verify(c->ctx, second, r->message, &r->signatures[1]))
		return REFUSAL_SIGNATURE;
	return REFUSAL_NONE;
}

/* Cheapest first; signatures last. */
enum refusal
rules_judge(struct ruling *j)
{
	static enum refusal (*const before[])(const struct ruling *) = {
	    judge_network, judge_position, judge_net_head, judge_time};
	enum refusal why = REFUSAL_NONE;

	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		why = before[i](j);
		if (why != REFUSAL_NONE)
			return why;
	}
	why = judge_author(j);
	if (why != REFUSAL_NONE)
		return why;
	why = judge_kind(j);
	return why != REFUSAL_NONE ? why : judge_signatures(j);
}
