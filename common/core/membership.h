/* membership.h - who may read and write what: the verified state of ONE network, from the
 * NET log and every country log known (DESIGN 3, SECURITY 4 to 7). The same function
 * applies a record at the server and at every client, so a record is refused by all
 * alike. Records come in any interleaving of the logs, but in order within each; a
 * country record needs the NET records up to the NET head that it cites. Pure.
 *
 * Positions name things (u16): a space by its SPACE record in NET (0 = NET), a scope by
 * its SCOPE record in the space's log, a device by (home space, record that last
 * introduced it), an invite by its INVITE record.
 *
 * Pointers that lookups return are borrowed until the next membership_apply(). Times are
 * unix seconds by the server's clock. */
#ifndef CORE_MEMBERSHIP_H
#define CORE_MEMBERSHIP_H

#include "base/arena.h"
#include "base/checks.h"
#include "core/log_record.h"

struct membership;

/* clang-format off */
/* Why a record is refused. The number travels in APPENDED (spec/messages.md). */
/*        refusal              no  status           text */
#define REFUSALS(X) \
	X(REFUSAL_NONE,             0, ST_OK,          "not refused") \
	X(REFUSAL_FORM,             1, ST_MALFORMED,   "a field has no permitted value") \
	X(REFUSAL_NETWORK,          2, ST_NOT_OURS,    "it is of another network") \
	X(REFUSAL_SPACE,            3, ST_NOT_FOUND,   "its space is not in the NET log") \
	X(REFUSAL_KNOWN,            4, ST_EXISTS,      "the log holds it already") \
	X(REFUSAL_FORK,             5, ST_FORK,        "another record stands at its position") \
	X(REFUSAL_GAP,              6, ST_RETRY,       "records before it are missing") \
	X(REFUSAL_HEAD,             7, ST_RETRY,       "another record was appended first") \
	X(REFUSAL_NET_UNKNOWN,      8, ST_RETRY,       "it cites a NET record that is not here yet") \
	X(REFUSAL_NET_FORK,         9, ST_FORK,        "it cites another NET record than ours") \
	X(REFUSAL_NET_BACK,        10, ST_NOT_ALLOWED, "it cites an older NET head than the record before it") \
	X(REFUSAL_TIME,            11, ST_NOT_ALLOWED, "its time is too far off the server's clock") \
	X(REFUSAL_AUTHOR,          12, ST_NOT_ALLOWED, "its author is no active device") \
	X(REFUSAL_ROLE,            13, ST_NOT_ALLOWED, "its author may not do that") \
	X(REFUSAL_READER,          14, ST_NOT_ALLOWED, "only a coordinator of the country adds readers there") \
	X(REFUSAL_SIGNATURE,       15, ST_SIGNATURE,   "a signature does not verify") \
	X(REFUSAL_PLACE,           16, ST_NOT_ALLOWED, "a record of that kind does not belong there") \
	X(REFUSAL_EXISTS,          17, ST_EXISTS,      "what it introduces is there already") \
	X(REFUSAL_UNKNOWN,         18, ST_NOT_FOUND,   "it names something that is not there") \
	X(REFUSAL_RIGHT,           19, ST_NOT_ALLOWED, "it gives somebody a scope that his role may not read") \
	X(REFUSAL_INVITE_USED,     20, ST_NOT_ALLOWED, "the invite was used") \
	X(REFUSAL_INVITE_EXPIRED,  21, ST_NOT_ALLOWED, "the invite has expired") \
	X(REFUSAL_INVITE_REVOKED,  22, ST_REVOKED,     "the invite was revoked") \
	X(REFUSAL_INVITES_MANY,    23, ST_LIMIT,       "its author has too many live invites") \
	X(REFUSAL_EXPIRY,          24, ST_NOT_ALLOWED, "its end lies in the past or too far ahead") \
	X(REFUSAL_LAST,            25, ST_NOT_ALLOWED, "the last coordinator of the country would go") \
	X(REFUSAL_EPOCH,           26, ST_EPOCH,       "the new epoch is not the present one plus one") \
	X(REFUSAL_ROTATION,        27, ST_NOT_ALLOWED, "a scope that they could read is not rotated") \
	X(REFUSAL_REVOKED,         28, ST_REVOKED,     "the device was revoked") \
	X(REFUSAL_BOXES,           29, ST_HASH,        "its key boxes are not exactly those of the readers") \
	X(REFUSAL_FULL,            30, ST_FULL,        "the log or the country is full")
/* clang-format on */

enum refusal {
#define X(name, number, code, text) name = number,
	REFUSALS(X)
#undef X
	    REFUSAL_COUNT
};

const char *refusal_text(enum refusal r); /* static; NULL for an unknown number */

enum {
	MEMBERSHIP_DEVICES_MAX = 4096,    /* of one log: ten times the largest partner */
	MEMBERSHIP_LIVE_INVITES_MAX = 20, /* of one author */
	MEMBERSHIP_CLOCK_SLACK_S =
	    600 /* of a record, to the server's clock (SECURITY 4) */
};

/* ---- life ---- */
/* network: the id that the invite, the founder or the operator gave. NULL when memory is
 * out. */
struct membership *membership_new(const struct network_id *network);
void membership_free(struct membership *m); /* NULL is legal */

/* ---- records ---- */
enum apply_mode {
	APPLY_STORED,   /* from our own disk, checked when it was stored: no signatures */
	APPLY_RECEIVED, /* from a peer or a file */
	APPLY_APPEND /* at the server, to be appended now: all of RECEIVED, and the time
		      * against now_s, the author active at the present NET head, keys
		      * new in the whole network, and the box lists */
};

struct apply_how {
	enum apply_mode mode;
	const struct checks *checks; /* may be NULL with APPLY_STORED */
	uint64_t now_s;              /* APPLY_APPEND: the server's clock */
	/* The record's box lists in its order, if at hand (log_record_lists() of them).
	 * APPLY_APPEND needs them; APPLY_RECEIVED checks them if n_lists > 0, except for
	 * `all` of NET, whose readers lie in other logs. */
	size_t n_lists;
	const struct box_list *lists;
};

/* Would the record be taken? Changes nothing. The status is that of the refusal; `why`
 * (may be NULL) says which. ST_NO_MEMORY leaves why at REFUSAL_NONE. Whoever must store
 * before he believes calls this, stores, then applies with APPLY_STORED. */
status membership_check(const struct membership *m, const struct log_record *r,
    const struct apply_how *how, enum refusal *why, struct trouble *t);
/* Checks, then takes it. A refused record changes nothing, nor does ST_NO_MEMORY. */
status membership_apply(struct membership *m, const struct log_record *r,
    const struct apply_how *how, enum refusal *why, struct trouble *t);

/* Fills in what every record of the space needs that is appended next: network, space,
 * seq, prev, NET head. The caller adds kind, author, time and fields. ST_NOT_FOUND for an
 * unknown space, ST_FULL for a log of 65,536 records. */
status membership_next(const struct membership *m, uint16_t space, struct log_record *out,
    struct trouble *t);

/* ---- logs and spaces ---- */
const struct network_id *membership_network(const struct membership *m);
/* Spaces in the order of their SPACE records; index 0 is NET once GENESIS is there. */
size_t membership_n_spaces(const struct membership *m);
uint16_t membership_space_at(const struct membership *m, size_t index);
/* NULL if the position holds no SPACE record. */
const struct space_name *membership_space_name(
    const struct membership *m, uint16_t space);
/* False if unknown. */
bool membership_space_find(
    const struct membership *m, const struct space_name *name, uint16_t *space);
/* Records known, 0 for an unknown space or an empty log. */
uint32_t membership_log_len(const struct membership *m, uint16_t space);
/* NULL if there is none at that position. The head is at membership_log_len() - 1. */
const struct log_id *membership_record_id(
    const struct membership *m, uint16_t space, uint32_t position);

/* What another side's head of a log says, compared with ours. */
enum heads {
	HEADS_EQUAL,
	HEADS_LONGER,  /* it has more; whether it agrees shows when the records come */
	HEADS_SHORTER, /* it has less and agrees: a server that was ahead is rolled back
			*/
	HEADS_FORK     /* two different records at one position */
};
/* len: records of the other side; id: first id_len bytes of the id of its last record. */
enum heads membership_compare(const struct membership *m, uint16_t space, uint32_t len,
    const uint8_t *id, size_t id_len);

/* The server that the newest SERVER record names; false if there is none. Either output
 * may be NULL. */
bool membership_server(
    const struct membership *m, struct transport_pk *key, struct server_address *address);
/* NULL before GENESIS. */
const struct sign_pk *membership_root(const struct membership *m);

/* ---- devices ---- */
/* A device as one log vouches for it. A guest has one of these in his own country and one
 * in each host country, with the same keys. */
struct member_device {
	uint16_t home;     /* space of the log that vouches */
	uint16_t position; /* present incarnation */
	uint16_t first; /* record that introduced it: JOIN, or first GRANT of a guest */
	uint16_t revoked_at; /* position of the REVOKE, if is_revoked */
	bool is_revoked;
	bool is_confirmed; /* false: a GRANT has to give `activity` and `coord` first */
	enum member_role role;
	uint16_t country; /* of a guest: space of his own country; else home */
	struct member_code member;
	struct device_id id;
	struct member_keys keys;
};

/* The device that connects with this key: as a member where it is one, else as a guest.
 * Revoked ones are found too. NULL: unknown, an INVITEE. */
const struct member_device *membership_by_transport(
    const struct membership *m, const struct transport_pk *key);
/* Any incarnation; compare a.device with ->position to see whether it is the present
 * one. NULL if that record introduced no device. */
const struct member_device *membership_by_author(
    const struct membership *m, struct author a);
/* The same laptop as the log of `home` vouches for it; NULL if it does not. */
const struct member_device *membership_device_in(
    const struct membership *m, uint16_t home, const struct device_id *id);
/* In the order in which they were introduced. */
size_t membership_n_devices(const struct membership *m, uint16_t home);
const struct member_device *membership_device_at(
    const struct membership *m, uint16_t home, size_t index);
static inline struct author
member_author(const struct member_device *d)
{
	return (struct author){d->home, d->position};
}

/* ---- scopes ---- */
struct member_scope {
	uint16_t space;
	uint16_t position; /* of its SCOPE record in the space's log */
	struct scope_name name;
	uint16_t epoch;                 /* the present one */
	struct fingerprint fingerprint; /* of the present epoch */
	uint64_t rotated_s;  /* time of the record that began the present epoch */
	uint16_t rotated_at; /* its position: SCOPE, ROTATE or REVOKE */
};

/* NULL if unknown, here and below. */
const struct member_scope *membership_scope(
    const struct membership *m, uint16_t space, uint16_t scope);
const struct member_scope *membership_scope_find(
    const struct membership *m, uint16_t space, const struct scope_name *name);
size_t membership_n_scopes(const struct membership *m, uint16_t space);
const struct member_scope *membership_scope_at(
    const struct membership *m, uint16_t space, size_t index);
/* Of any epoch, for checking a key box. record (may be NULL): position of the record in
 * the space's log that began the epoch and so hashes its boxes. */
const struct fingerprint *membership_fingerprint(const struct membership *m,
    uint16_t space, uint16_t scope, uint16_t epoch, uint16_t *record);
/* Must a scope be rotated: did a reader leave it (revoked, or a grant ended before now_s)
 * without a new epoch since? For `all` of NET: after any revocation. */
bool membership_rotation_due(
    const struct membership *m, uint16_t space, uint16_t scope, uint64_t now_s);
/* From which second on it must be: 0 = already, UINT64_MAX = not by what the logs say. */
uint64_t membership_rotation_from(
    const struct membership *m, uint16_t space, uint16_t scope);

/* ---- rights (DESIGN 3.2; who reads a scope also writes in it) ---- */
/* a must be a present incarnation that is not revoked. */
bool membership_may_read(const struct membership *m, struct author a, uint16_t space,
    uint16_t scope, uint64_t now_s);
bool membership_may_write(const struct membership *m, struct author a, uint16_t space,
    uint16_t scope, uint64_t now_s);

/* Could any incarnation of the device ever write there? For batches that the server took
 * before a grant ended or the device was revoked. */
bool membership_could_write(
    const struct membership *m, struct author a, uint16_t space, uint16_t scope);
/* Not revoked where d stands, and, of a guest, not revoked at home as far as is known. */
bool membership_is_active(const struct membership *m, const struct member_device *d);

/* One scope that a laptop may read and write. */
struct member_access {
	uint16_t space;
	uint16_t scope;
	uint16_t since; /* record of the space's log that gave it: whoever pulled only up
			 * to an earlier position needs a backfill of the scope */
	struct author as; /* under which the laptop writes there */
	uint64_t end_s;   /* 0 = none */
};

/* All scopes of a laptop over all logs (own country, NET, host countries), ascending by
 * (space, scope); the array lies in the arena. Empty if it is revoked. ST_NO_MEMORY. */
status membership_access(const struct membership *m, const struct device_id *id,
    uint64_t now_s, struct arena *a, const struct member_access **out, size_t *n,
    struct trouble *t);

/* Roles (bits 1 << (role - 1)) in which the device signs in this space, for the schema's
 * table of editors; any incarnation, also of a revoked device. 0 if it has none. */
unsigned membership_roles(const struct membership *m, struct author a, uint16_t space);
/* The same of a device whose log says that this is its role. */
unsigned membership_roles_as(enum member_role role, uint16_t home, uint16_t space);

/* What a device of a country should be able to read and cannot, as the country's log
 * shows it: scopes of its role (an invite holds keys of so many workshops only, and the
 * one by which a member invites his own second laptop gives little), and workshops that
 * another laptop of the same member reads. What it once had, or another laptop of the
 * member was made to leave, is not among them. Empty for guests, for whoever waits to be
 * confirmed, and for revoked devices. d: a device of a country's log. The arrays lie in
 * the arena. ST_NO_MEMORY. */
status membership_owed(const struct membership *m, const struct member_device *d,
    struct arena *a, struct scope_set *out, struct trouble *t);

/* ---- invites ---- */
struct member_invite {
	uint16_t space;    /* whose log it lies in */
	uint16_t position; /* of its INVITE record */
	struct member_code member;
	enum member_role role;
	struct sign_pk sign;
	struct box_pk box;
	uint64_t expiry_s;
	bool needs_confirm;
	bool has_author; /* false: the root key */
	struct author author;
	bool is_used;
	bool is_revoked;
	uint16_t ended_at; /* position of the JOIN or REVOKE, if one of them */
};

const struct member_invite *membership_invite(
    const struct membership *m, uint16_t space, uint16_t position);
const struct member_invite *membership_invite_by_key(
    const struct membership *m, const struct sign_pk *key);
size_t membership_n_invites(const struct membership *m, uint16_t space);
const struct member_invite *membership_invite_at(
    const struct membership *m, uint16_t space, size_t index);
/* Not used, revoked or expired; and one by which the office names the first coordinator
 * of a country dies when somebody has joined there. */
bool membership_invite_is_live(
    const struct membership *m, const struct member_invite *i, uint64_t now_s);

/* ---- key boxes ---- */
/* Somebody who has to get a box, and for which keys. */
struct box_recipient {
	struct box_entry entry; /* its hash is zero: the box is not sealed yet */
	struct box_pk key;
};

/* The recipients of the index-th box list of a record that is about to be appended, in
 * the order of the list: readers and live invites for SCOPE, ROTATE and a REVOKE's
 * rotation; the invite or device itself, once per scope, for INVITE and GRANT. Only
 * time, author, NET head and the fields without hashes of r count. ST_NOT_FOUND if r
 * names something unknown, ST_NO_MEMORY. */
status membership_recipients(const struct membership *m, const struct log_record *r,
    size_t index, struct arena *a, const struct box_recipient **out, size_t *n,
    struct trouble *t);

/* ---- revocation ---- */
/* Scopes of its log that a REVOKE (without rotations yet) has to rotate, ascending; in
 * NET `all`, which may wait. More than LOG_ROTATIONS_MAX: the first so many go into it.
 */
status membership_affected_scopes(const struct membership *m, const struct log_record *r,
    struct arena *a, const uint16_t **scopes, size_t *n, struct trouble *t);
/* The last batch that counts of a revoked device; any incarnation. False: not revoked, or
 * the author is unknown. last is zero if none counts. */
bool membership_cut(const struct membership *m, struct author a, uint16_t space,
    uint16_t scope, struct batch_id *last);

#endif
