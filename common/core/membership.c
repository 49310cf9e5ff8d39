/* membership.c - the state of a network: its life, and what can be looked up in it. Pure.
 */
#include "core/membership.h"

#include <stdlib.h>

#include "core/membership_state.h"

const char *
refusal_text(enum refusal r)
{
	static const char *const texts[REFUSAL_COUNT] = {
#define X(name, number, code, text) [name] = (text),
	    REFUSALS(X)
#undef X
	};

	return r < REFUSAL_COUNT ? texts[r] : NULL;
}

/* ---- life ---- */

struct membership *
membership_new(const struct network_id *network)
{
	struct membership *m = calloc(1, sizeof *m);

	if (m == NULL)
		return NULL;
	m->logs = calloc(1, sizeof *m->logs);
	if (m->logs == NULL) {
		free(m);
		return NULL;
	}
	m->network = *network;
	m->logs[0].name = space_of("NET");
	m->n_logs = 1;
	m->cap_logs = 1;
	return m;
}

static void
log_free(struct log *log)
{
	for (size_t i = 0; i < log->n_devices; i++)
		free(log->devices[i].access);
	for (size_t i = 0; i < log->n_scopes; i++) {
		free(log->scopes[i].epochs);
		free(log->scopes[i].granted);
	}
	for (size_t i = 0; i < log->n_invites; i++)
		free(log->invites[i].scopes);
	free(log->devices);
	free(log->scopes);
	free(log->invites);
	free(log->cuts);
	free(log->items);
}

void
membership_free(struct membership *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n_logs; i++)
		log_free(&m->logs[i]);
	free(m->logs);
	free(m->names);
	free(m);
}

/* ---- logs and spaces ---- */

static const struct item *
item_at(const struct log *log, uint32_t position, enum holds holds)
{
	if (log == NULL || position >= log->len || log->items[position].holds != holds)
		return NULL;
	return &log->items[position];
}

const struct log *
state_log(const struct membership *m, uint16_t space)
{
	const struct item *item;

	if (space == 0)
		return &m->logs[0];
	item = item_at(&m->logs[0], space, HOLDS_SPACE);
	return item == NULL ? NULL : &m->logs[item->index];
}

const struct network_id *
membership_network(const struct membership *m)
{
	return &m->network;
}

size_t
membership_n_spaces(const struct membership *m)
{
	return m->logs[0].len == 0 ? 0 : m->n_logs;
}

uint16_t
membership_space_at(const struct membership *m, size_t index)
{
	return index < m->n_logs ? m->logs[index].space : 0;
}

const struct space_name *
membership_space_name(const struct membership *m, uint16_t space)
{
	const struct log *log = state_log(m, space);

	return log == NULL ? NULL : &log->name;
}

bool
membership_space_find(
    const struct membership *m, const struct space_name *name, uint16_t *space)
{
	for (size_t i = 0; i < m->n_logs; i++) {
		if (space_equal(&m->logs[i].name, name)) {
			*space = m->logs[i].space;
			return true;
		}
	}
	return false;
}

uint32_t
membership_log_len(const struct membership *m, uint16_t space)
{
	const struct log *log = state_log(m, space);

	return log == NULL ? 0 : log->len;
}

const struct log_id *
membership_record_id(const struct membership *m, uint16_t space, uint32_t position)
{
	const struct log *log = state_log(m, space);

	return log == NULL || position >= log->len ? NULL : &log->items[position].id;
}

enum heads
membership_compare(const struct membership *m, uint16_t space, uint32_t len,
    const uint8_t *id, size_t id_len)
{
	uint32_t ours = membership_log_len(m, space);
	const struct log_id *known =
	    len == 0 ? NULL : membership_record_id(m, space, len - 1);

	if (len > ours)
		return HEADS_LONGER;
	if (known != NULL && memcmp(known->bytes, id, id_len) != 0)
		return HEADS_FORK;
	return len == ours ? HEADS_EQUAL : HEADS_SHORTER;
}

bool
membership_server(
    const struct membership *m, struct transport_pk *key, struct server_address *address)
{
	if (!m->has_server)
		return false;
	if (key != NULL)
		*key = m->server_key;
	if (address != NULL)
		*address = m->server_address;
	return true;
}

const struct sign_pk *
membership_root(const struct membership *m)
{
	return m->has_root ? &m->root : NULL;
}

status
membership_next(
    const struct membership *m, uint16_t space, struct log_record *out, struct trouble *t)
{
	const struct log *log = state_log(m, space);
	const struct log *net = &m->logs[0];

	memset(out, 0, sizeof *out);
	if (log == NULL || net->len == 0)
		return trouble_set(
		    t, ST_NOT_FOUND, "no log of a space at position %u", space);
	if (log->len == LOG_LEN_MAX)
		return trouble_set(t, ST_FULL, "the log of %.4s is full", log->name.text);
	out->network = m->network;
	out->space = log->name;
	out->seq = (uint16_t)log->len;
	out->prev = log->len == 0 ? log->base : log->items[log->len - 1].id;
	if (space != 0) {
		out->net_position = (uint16_t)(net->len - 1);
		out->net_id = net->items[net->len - 1].id;
	}
	return ST_OK;
}

/* ---- devices ---- */

const struct device *
state_device(const struct log *log, uint32_t position)
{
	const struct item *item = item_at(log, position, HOLDS_DEVICE);

	return item == NULL ? NULL : &log->devices[item->index];
}

static const struct member_device *
named_device(const struct membership *m, const struct name *n)
{
	return n == NULL ? NULL : &m->logs[n->log].devices[n->item].pub;
}

const struct member_device *
membership_by_transport(const struct membership *m, const struct transport_pk *key)
{
	const struct member_device *found =
	    named_device(m, names_find(m, NAME_TRANSPORT, key->bytes, 32, SIZE_MAX));

	/* A guest is looked for in the logs of all others, to find where it is a member.
	 * This costs guests a few lookups, and only when they connect. */
	for (size_t i = 0; found != NULL && found->role == ROLE_GUEST && i < m->n_logs;
	     i++) {
		const struct member_device *other =
		    named_device(m, names_find(m, NAME_TRANSPORT, key->bytes, 32, i));

		if (other != NULL && other->role != ROLE_GUEST)
			return other;
	}
	return found;
}

const struct member_device *
membership_by_author(const struct membership *m, struct author a)
{
	const struct device *d = state_device(state_log(m, a.home), a.device);

	return d == NULL ? NULL : &d->pub;
}

const struct member_device *
membership_device_in(
    const struct membership *m, uint16_t home, const struct device_id *id)
{
	const struct log *log = state_log(m, home);

	if (log == NULL)
		return NULL;
	return named_device(
	    m, names_find(m, NAME_DEVICE, id->bytes, 16, (size_t)(log - m->logs)));
}

size_t
membership_n_devices(const struct membership *m, uint16_t home)
{
	const struct log *log = state_log(m, home);

	return log == NULL ? 0 : log->n_devices;
}

const struct member_device *
membership_device_at(const struct membership *m, uint16_t home, size_t index)
{
	const struct log *log = state_log(m, home);

	return log == NULL || index >= log->n_devices ? NULL : &log->devices[index].pub;
}

bool
office_as_of(
    const struct log *net_log, const struct device *d, uint16_t net, uint16_t *position)
{
	uint16_t at = d->pub.first;

	if (at > net || (d->pub.is_revoked && d->pub.revoked_at <= net))
		return false;
	while (net_log->items[at].next != 0 && net_log->items[at].next <= net)
		at = net_log->items[at].next;
	*position = at;
	return true;
}

/* ---- scopes ---- */

const struct scope_state *
state_scope(const struct log *log, uint32_t position)
{
	const struct item *item = item_at(log, position, HOLDS_SCOPE);

	return item == NULL ? NULL : &log->scopes[item->index];
}

const struct scope_state *
state_fixed(const struct log *log, enum scope_kind kind)
{
	return log->fixed[kind] == 0 ? NULL : &log->scopes[log->fixed[kind] - 1];
}

const struct member_scope *
membership_scope(const struct membership *m, uint16_t space, uint16_t scope)
{
	const struct scope_state *s = state_scope(state_log(m, space), scope);

	return s == NULL ? NULL : &s->pub;
}

const struct member_scope *
membership_scope_find(
    const struct membership *m, uint16_t space, const struct scope_name *name)
{
	const struct log *log = state_log(m, space);
	const struct name *n;

	if (log == NULL)
		return NULL;
	n = names_find(
	    m, NAME_SCOPE, name->bytes, sizeof name->bytes, (size_t)(log - m->logs));
	return n == NULL ? NULL : &log->scopes[n->item].pub;
}

size_t
membership_n_scopes(const struct membership *m, uint16_t space)
{
	const struct log *log = state_log(m, space);

	return log == NULL ? 0 : log->n_scopes;
}

const struct member_scope *
membership_scope_at(const struct membership *m, uint16_t space, size_t index)
{
	const struct log *log = state_log(m, space);

	return log == NULL || index >= log->n_scopes ? NULL : &log->scopes[index].pub;
}

const struct fingerprint *
membership_fingerprint(const struct membership *m, uint16_t space, uint16_t scope,
    uint16_t epoch, uint16_t *record)
{
	const struct scope_state *s = state_scope(state_log(m, space), scope);

	if (s == NULL || epoch < 1 || epoch > s->n_epochs)
		return NULL;
	if (record != NULL)
		*record = s->epochs[epoch - 1].position;
	return &s->epochs[epoch - 1].fingerprint;
}

/* ---- invites ---- */

const struct invite_state *
state_invite(const struct log *log, uint32_t position)
{
	const struct item *item = item_at(log, position, HOLDS_INVITE);

	return item == NULL ? NULL : &log->invites[item->index];
}

bool
invite_is_live(
    const struct log *log, const struct invite_state *i, uint32_t seen, uint64_t now_s)
{
	bool has_ended = (i->pub.is_used || i->pub.is_revoked) && i->pub.ended_at <= seen;
	bool is_by_office =
	    log->space != 0 && (!i->pub.has_author || i->pub.author.home == 0);

	return i->pub.position <= seen && !has_ended && i->pub.expiry_s >= now_s &&
	       !(is_by_office && log->has_joined);
}

const struct member_invite *
membership_invite(const struct membership *m, uint16_t space, uint16_t position)
{
	const struct invite_state *i = state_invite(state_log(m, space), position);

	return i == NULL ? NULL : &i->pub;
}

const struct member_invite *
membership_invite_by_key(const struct membership *m, const struct sign_pk *key)
{
	const struct name *n = names_find(m, NAME_INVITE, key->bytes, 32, SIZE_MAX);

	return n == NULL ? NULL : &m->logs[n->log].invites[n->item].pub;
}

size_t
membership_n_invites(const struct membership *m, uint16_t space)
{
	const struct log *log = state_log(m, space);

	return log == NULL ? 0 : log->n_invites;
}

const struct member_invite *
membership_invite_at(const struct membership *m, uint16_t space, size_t index)
{
	const struct log *log = state_log(m, space);

	return log == NULL || index >= log->n_invites ? NULL : &log->invites[index].pub;
}

bool
membership_invite_is_live(
    const struct membership *m, const struct member_invite *i, uint64_t now_s)
{
	const struct log *log = state_log(m, i->space);
	const struct invite_state *known = state_invite(log, i->position);

	return known != NULL && invite_is_live(log, known, LOG_POSITION_MAX, now_s);
}
