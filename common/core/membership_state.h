/* membership_state.h - inside of core/membership.h, for its own .c files only: lookups in
 * membership.c, names in membership_names.c, rights in membership_rights.c, rules in
 * membership_rules.c and membership_revoke.c, changes in membership_apply.c, readers and
 * key boxes in membership_boxes.c. Pure. */
#ifndef CORE_MEMBERSHIP_STATE_H
#define CORE_MEMBERSHIP_STATE_H

#include "core/membership.h"

enum { LOG_LEN_MAX = LOG_POSITION_MAX + 1 };

/* What the record at a position brought into the network. */
enum holds { HOLDS_NOTHING, HOLDS_DEVICE, HOLDS_SCOPE, HOLDS_INVITE, HOLDS_SPACE };

/* One per record: a log of 65,536 takes 2.5 MiB. */
struct item {
	struct log_id id;
	uint16_t index; /* into devices, scopes, invites of the log, or logs */
	uint16_t next;  /* of an incarnation: the RENEW that ended it; 0 = none */
	uint8_t holds;  /* enum holds */
};

/* A scope of its own log that a device reads. */
struct access {
	uint16_t scope;
	uint16_t since;
	bool is_left; /* taken away again by a REVOKE; kept for batches of before */
	uint64_t end_s;
};

struct device {
	struct member_device pub;
	bool reads_offices; /* of NET: invited with the `office` scope of every country */
	size_t n_access;    /* ascending by scope */
	size_t cap_access;
	struct access *access;
};

struct invite_state {
	struct member_invite pub;
	bool reads_offices;
	size_t n_scopes; /* of this log, ascending */
	size_t cap_scopes;
	uint16_t *scopes;
};

struct epoch {
	struct fingerprint fingerprint;
	uint16_t position; /* of the record that began it */
	uint64_t time_s;
};

struct scope_state {
	struct member_scope pub;
	uint16_t net_seen;    /* NET head cited when it was founded */
	uint16_t rotated_net; /* and by the record that began the present epoch */
	bool is_left;         /* a reader left and no epoch was begun since */
	size_t n_epochs;      /* epoch e is epochs[e - 1] */
	size_t cap_epochs;
	struct epoch *epochs;
	/* Of an `office` scope: devices of NET that a GRANT let in. scope = their first
	 * position in NET. */
	size_t n_granted;
	size_t cap_granted;
	struct access *granted;
};

struct log {
	uint16_t space;
	struct space_name name;
	struct log_id base; /* prev of the first record */
	uint32_t len;
	size_t cap_items;
	struct item *items;
	size_t n_devices, cap_devices;
	struct device *devices;
	size_t n_scopes, cap_scopes;
	struct scope_state *scopes;
	size_t n_invites, cap_invites;
	struct invite_state *invites;
	size_t n_cuts, cap_cuts;
	struct cut *cuts;
	uint16_t fixed[SCOPE_KIND_COUNT]; /* 1 + index of the scope of a fixed kind */
	uint16_t net_seen;                /* NET head that the newest record cites */
	bool has_joined;
	bool has_revoked;
	uint16_t revoked_at; /* the newest REVOKE of a device, and its time */
	uint64_t revoked_s;
	uint16_t revoked_net; /* NET head that it cites */
};

/* What a name in the table of names stands for. */
enum name_type {
	NAME_DEVICE,
	NAME_SIGN,
	NAME_BOX,
	NAME_TRANSPORT,
	NAME_INVITE,
	NAME_SCOPE
};

struct name {
	bool is_used;
	uint8_t type;  /* enum name_type */
	uint16_t log;  /* index into logs */
	uint16_t item; /* index into its devices, invites or scopes */
};

struct membership {
	struct network_id network;
	bool has_root;
	struct sign_pk root;
	bool has_server;
	struct transport_pk server_key;
	struct server_address server_address;
	size_t n_logs, cap_logs; /* logs[0] is NET */
	struct log *logs;
	/* Open addressing over the names of all logs; never shrinks, nothing leaves. */
	size_t n_names, cap_names; /* a power of two, or 0 */
	struct name *names;
};

/* ---- membership.c ---- */
const struct log *state_log(const struct membership *m, uint16_t space);
/* NULL unless the record brought one. */
const struct device *state_device(const struct log *log, uint32_t position);
const struct scope_state *state_scope(const struct log *log, uint32_t position);
const struct invite_state *state_invite(const struct log *log, uint32_t position);
const struct scope_state *state_fixed(const struct log *log, enum scope_kind kind);
/* The incarnation of a device of NET as a record that cites NET head `net` knew it; false
 * if it was not there yet, or revoked. */
bool office_as_of(
    const struct log *net_log, const struct device *d, uint16_t net, uint16_t *position);
/* Neither used nor revoked at position `seen` of its log, nor expired at now_s, nor the
 * office's in a country where somebody has joined. */
bool invite_is_live(
    const struct log *log, const struct invite_state *i, uint32_t seen, uint64_t now_s);

/* ---- membership_names.c ---- */
/* Looks a name up: in the log with that index, or in all logs (SIZE_MAX) from the first
 * on. key: 32 bytes, or 16 of a device id, or 17 of a scope. NULL if there is none. */
const struct name *names_find(const struct membership *m, enum name_type type,
    const uint8_t *key, size_t len, size_t log);
/* Room for the names of one record; false when memory is out. */
bool names_reserve(struct membership *m);
void names_put(struct membership *m, enum name_type type, size_t log, size_t item);

/* ---- membership_rights.c ---- */
const struct access *state_access(const struct device *d, uint16_t scope);
bool access_is_open(const struct access *a, uint64_t now_s);
/* Does a device of NET read the `office` scope of a country? */
bool office_reads(
    const struct scope_state *scope, const struct device *d, uint64_t now_s);

/* ---- membership_rules.c ---- */
/* A record under judgement. */
struct ruling {
	const struct membership *m;
	const struct log *log; /* the one that it wants to go into */
	const struct log_record *r;
	const struct apply_how *how;
	const struct device *author; /* NULL: the root key, or a JOIN */
};
enum refusal rules_judge(struct ruling *j);
enum refusal rules_rotation(const struct ruling *j, const struct rotation *rotation);

static inline bool
ruling_is_net(const struct ruling *j)
{
	return j->log->space == 0;
}

/* A coordinator of the country whose log this is. One who still needs a GRANT could
 * otherwise let himself in, so he does not count. */
static inline bool
ruling_is_coordinator(const struct ruling *j)
{
	return j->author != NULL && j->author->pub.home == j->log->space &&
	       j->author->pub.role == ROLE_COORDINATOR && j->author->pub.is_confirmed;
}

/* ---- membership_revoke.c ---- */
enum refusal rules_revoke(const struct ruling *j);
/* Did somebody who goes read the scope? */
bool revoke_affects(
    const struct log *log, const struct log_record *r, const struct scope_state *s);

/* ---- membership_boxes.c ---- */
/* Does the role read a scope of this kind of its own country by itself? */
bool role_reads(enum member_role role, bool is_confirmed, enum scope_kind kind);
/* ST_HASH if the lists are not exactly those of the record, ST_NO_MEMORY. */
status boxes_check(const struct ruling *j);

#endif
