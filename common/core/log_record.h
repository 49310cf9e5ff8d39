/* log_record.h - a record of the membership log as values (DESIGN 3.3, SECURITY 4). The
 * bytes are proto/log_codec.h, the rules core/membership.h. Pure. */
#ifndef CORE_LOG_RECORD_H
#define CORE_LOG_RECORD_H

#include "base/arena.h"
#include "base/ids.h"
#include "core/entry.h"

/* clang-format off */
/*        kind         no  signatures  text */
#define LOG_KINDS(X) \
	X(LOG_GENESIS, 1,  1, "GENESIS") \
	X(LOG_SERVER,  2,  1, "SERVER") \
	X(LOG_SPACE,   3,  1, "SPACE") \
	X(LOG_SCOPE,   4,  1, "SCOPE") \
	X(LOG_INVITE,  5,  1, "INVITE") \
	X(LOG_JOIN,    6,  2, "JOIN") \
	X(LOG_GRANT,   7,  1, "GRANT") \
	X(LOG_REVOKE,  8,  1, "REVOKE") \
	X(LOG_ROTATE,  9,  1, "ROTATE") \
	X(LOG_RENEW,   10, 1, "RENEW")
/* clang-format on */

enum log_kind {
#define X(name, number, signatures, text) name = number,
	LOG_KINDS(X)
#undef X
};

/* Bit of a schema kind's mask of editors: 1 << (role - 1) (core/schema.h). */
enum member_role {
	ROLE_OFFICE = 1,      /* of the network; introduced in the NET log */
	ROLE_COORDINATOR = 2, /* of a country */
	ROLE_TRAINER = 3,     /* of a country */
	ROLE_GUEST = 4,       /* member of another country; introduced by a GRANT */
	ROLE_COUNT = 5
};

enum {
	LOG_RECORD_VERSION = 1,
	LOG_SIGNATURES_MAX = 2,
	LOG_POSITION_MAX = 65535,     /* positions are u16 */
	LOG_ROTATIONS_MAX = 512,      /* of one REVOKE, so that it stays within 64 KiB */
	LOG_LIST_MAX = 1024,          /* elements of any other array */
	LOG_INVITE_DAYS_MAX = 60,     /* an invite expires within so many days */
	MEMBER_CODE_BYTES_MAX = 16,   /* `A-Z 0-9 -` */
	SERVER_ADDRESS_BYTES_MAX = 28 /* HOST:PORT, so that an invite code fits 140 */
};

/* "SK-T2": the only label of a member in a log. */
struct member_code {
	char text[MEMBER_CODE_BYTES_MAX + 1];
};

/* "sync.example.org:7443". */
struct server_address {
	char text[SERVER_ADDRESS_BYTES_MAX + 1];
};

/* The public half of a device, as JOIN and GRANT hold it. */
struct member_keys {
	struct sign_pk sign;
	struct box_pk box;
	struct transport_pk transport;
};

/* Scopes as INVITE and GRANT name them. A kind stands for the one scope of that kind:
 * SCOPE_ALL for that of NET, the others for that of the log's country; in an INVITE of
 * the NET log SCOPE_OFFICE stands for the `office` scope of every country. */
struct scope_set {
	unsigned kinds;      /* bits 1 << enum scope_kind; never of SCOPE_ACTIVITY */
	size_t n_activities; /* at most LOG_LIST_MAX - 1 */
	const uint16_t
	    *activities; /* positions of SCOPE records in this log, ascending */
};

/* A new epoch of a scope. */
struct rotation {
	uint16_t scope; /* position of its SCOPE record in this log */
	uint16_t epoch; /* the new one: old + 1 */
	struct fingerprint fingerprint;
	struct hash32 boxes; /* hash of the box list */
	struct hash32 wrap;  /* BLAKE2b-256 of the 72 bytes that wrap the old seed */
};

/* The last batch that counts of a revoked device in one scope. Scopes that are not listed
 * have none. */
struct cut {
	uint16_t device; /* an incarnation of the device: position in this log */
	uint16_t space;  /* 0 = NET, or the space of this log */
	uint16_t scope;  /* position of the SCOPE record in that space's log */
	struct batch_id last;
};

/* A device leaves one scope only (a team, or a guest the `office` scope). */
struct leave {
	uint16_t device; /* its present incarnation: position in this log */
	uint16_t scope;
};

/* A record of any kind. Arrays are borrowed from the caller or an arena. */
struct log_record {
	enum log_kind kind;
	struct network_id network; /* zero in GENESIS */
	struct space_name space;   /* "NET\0" or the country whose log it is */
	uint16_t seq;              /* its position in the log */
	struct log_id
	    prev; /* record before; at 0 zero (NET) or the id of the SPACE record */
	uint64_t time_s;      /* unix time by the server's clock (SECURITY 4) */
	bool has_author;      /* false: signed by the root key, and in a JOIN */
	struct author author; /* present incarnation of the device that signs */
	/* The NET head that the author knew; in country logs only. */
	uint16_t net_position;
	struct log_id net_id;
	union {
		struct {
			struct sign_pk root;
			uint64_t created_s;
		} genesis;
		struct {
			struct transport_pk key;
			struct server_address address;
		} server;
		struct {
			struct space_name country;
		} country; /* SPACE */
		struct {
			struct scope_name name;
			struct fingerprint fingerprint; /* of epoch 1 */
			struct hash32 boxes;
		} scope;
		struct {
			struct member_code member;
			struct sign_pk sign;
			struct box_pk box;
			enum member_role role;
			struct scope_set scopes;
			uint64_t expiry_s;
			bool needs_confirm; /* `activity` and `coord` come by a GRANT */
			struct hash32 boxes;
		} invite;
		struct {
			struct member_keys keys;
			struct device_id
			    device;      /* of the keys; log_codec.h fills it in */
			uint16_t invite; /* position of the INVITE in this log */
		} join;
		struct {
			bool is_new_guest;
			struct author
			    device; /* a device of this log, or of NET (home 0) */
			struct member_keys keys; /* of a new guest */
			struct device_id id; /* of these keys; log_codec.h fills it in */
			uint16_t country;    /* his own: its SPACE record in NET */
			struct member_code member; /* his code there */
			struct scope_set scopes;
			uint64_t end_s; /* 0 = none; always given for a guest */
			struct hash32 boxes;
		} grant;
		struct {
			size_t n_devices; /* present incarnations, ascending */
			const uint16_t *devices;
			size_t n_invites; /* positions of INVITE records, ascending */
			const uint16_t *invites;
			size_t n_leaves; /* ascending by (device, scope) */
			const struct leave *leaves;
			size_t n_cuts; /* ascending by (device, space, scope) */
			const struct cut *cuts;
			size_t n_rotations; /* ascending by scope */
			const struct rotation *rotations;
		} revoke;
		struct rotation rotate;
		struct {
			struct device_id device; /* that of the author */
		} renew;
	};

	/* As received or as built; log_codec.h fills these in. */
	struct log_id id;
	struct span message; /* what the signatures cover: label || body */
	size_t n_signatures;
	struct signature signatures[LOG_SIGNATURES_MAX];
};

/* Who gets a key box: a device, by its present incarnation, or an invite, by the position
 * of its INVITE record. */
struct box_entry {
	uint16_t space; /* of the scope; 0 = NET */
	uint16_t scope;
	uint16_t epoch;
	struct author to;
	struct hash32 box; /* BLAKE2b-256 of the sealed box, no label */
};

/* The boxes that one box-list hash of a record stands for: INVITE, GRANT, SCOPE and
 * ROTATE have one list, REVOKE one per rotation, the others none. */
struct box_list {
	size_t n;
	const struct box_entry
	    *entries;       /* strictly ascending by the first five numbers */
	struct hash32 hash; /* of its bytes */
};

const char *log_kind_text(enum log_kind kind); /* "INVITE"; NULL for an unknown number */
size_t log_kind_signatures(enum log_kind kind);
bool log_kind_is_known(uint64_t number);

/* Rules of form that need no log: characters of codes, order of arrays, ranges, which
 * fields a kind may have in NET. ST_MALFORMED, or ST_LIMIT. */
status log_record_check(const struct log_record *r, struct trouble *t);

/* How many box lists the record has, and the hash of one of them. */
size_t log_record_lists(const struct log_record *r);
const struct hash32 *log_record_list_hash(const struct log_record *r, size_t index);

bool log_record_is_net(const struct log_record *r);
/* Orders entries by (space, scope, epoch, home, position). */
int box_entry_compare(const struct box_entry *a, const struct box_entry *b);
bool member_code_is_valid(struct span text);
/* HOST:PORT with a port of 1..65535; host of `a-z 0-9 . -`, or an IPv6 address in
 * brackets. */
bool server_address_is_valid(struct span text);

#endif
