/* log_build.h - makes membership records: one function per kind, and the key boxes that
 * belong to a record (SECURITY 4, 5, 7). Nothing here asks a clock or a log: head, time
 * and keys come in. Pure.
 *
 * Way to use: a draft_ function fills the head from the logs as they are and the fields
 * of the kind; build_record() seals the boxes and wraps, puts their hashes in, and signs.
 * If the server answers that another record came first, begin anew with the same seeds
 * and secrets. */
#ifndef PROTO_LOG_BUILD_H
#define PROTO_LOG_BUILD_H

#include "base/rng.h"
#include "core/membership.h"
#include "crypto/derive.h"
#include "crypto/keybox.h"
#include "crypto/wrap.h"
#include "proto/log_codec.h"

/* A record ready to be sent: its bytes, its values, its box lists and boxes. */
struct built_record {
	struct span wire;
	struct log_record record;
	size_t n_lists;           /* log_record_lists() */
	const struct span *lists; /* bytes of each box list */
	size_t n_boxes;           /* of all lists, in their order */
	const struct span *boxes; /* KEYBOX_BYTES each */
	size_t n_wraps;           /* one per rotation */
	const struct span *wraps; /* WRAP_BYTES each */
};

/* Where seeds come from: gives seed and tag key of (space, scope, epoch); scope is the
 * position of its SCOPE record. False if they are not held. */
struct seed_source {
	bool (*find)(void *ctx, uint16_t space, uint16_t scope, uint16_t epoch,
	    struct epoch_seed *seed, struct tag_key *tag_key);
	void *ctx;
};

struct build_how {
	const struct membership *membership; /* the state before the record */
	const struct seed_source *seeds;     /* may be NULL for records without boxes */
	const struct rng *rng;               /* for one-time pairs and wraps */
	struct arena *arena;                 /* all of the built record lies there */
};

/* Seals all boxes that the record needs (and wraps the previous seeds of its rotations),
 * puts the hashes of lists and wraps and the fingerprints into it, signs it. draft: all
 * fields but those set. SCOPE, ROTATE and REVOKE take the new seeds from how->seeds under
 * the new epoch (a new scope is asked for under position draft->seq).
 * ST_NOT_FOUND: a seed is not held. Otherwise as log_record_build(). */
status build_record(const struct build_how *how, const struct log_record *draft,
    const struct sign_sk *const *keys, struct built_record *out, struct trouble *t);

/* The kinds, as drafts: each fills head, kind, author and its fields; author NULL = the
 * root key. time_s is the server's. They return what membership_next() returns. */
struct draft_how {
	const struct membership *membership;
	uint16_t space;              /* whose log; 0 = NET */
	const struct author *author; /* NULL: root, and for JOIN */
	uint64_t time_s;
};
/* GENESIS needs no membership: it founds it. */
void draft_genesis(const struct sign_pk *root, uint64_t time_s, struct log_record *out);
status draft_server(const struct draft_how *how, const struct transport_pk *key,
    const char *address, struct log_record *out, struct trouble *t);
status draft_space(const struct draft_how *how, const struct space_name *country,
    struct log_record *out, struct trouble *t);
status draft_scope(const struct draft_how *how, const struct scope_name *name,
    struct log_record *out, struct trouble *t);
/* keys: from derive_invite(). days: until it expires, 1..60. */
struct draft_invite {
	const char *member;
	enum member_role role;
	struct scope_set scopes; /* draft_invite_scopes() gives the usual ones */
	unsigned days;
	bool needs_confirm;
	const struct invite_keys *keys;
};
status draft_invite(const struct draft_how *how, const struct draft_invite *in,
    struct log_record *out, struct trouble *t);
status draft_join(const struct draft_how *how, const struct device_public *keys,
    uint16_t invite, struct log_record *out, struct trouble *t);
/* To a device that the log knows, or of NET. */
status draft_grant(const struct draft_how *how, struct author device,
    const struct scope_set *scopes, uint64_t end_s, struct log_record *out,
    struct trouble *t);
/* To a guest whom the log does not know yet: `guest` as his own country's log has him. */
status draft_grant_guest(const struct draft_how *how, const struct member_device *guest,
    const struct scope_set *scopes, uint64_t end_s, struct log_record *out,
    struct trouble *t);
/* Who goes; arrays are borrowed. Rotations of every scope of this log that they could
 * read are added (into the arena) with the next epochs. */
struct draft_revoke {
	size_t n_devices;
	const uint16_t *devices;
	size_t n_invites;
	const uint16_t *invites;
	size_t n_leaves;
	const struct leave *leaves;
	size_t n_cuts;
	const struct cut *cuts;
};
status draft_revoke(const struct draft_how *how, const struct draft_revoke *in,
    struct arena *a, struct log_record *out, struct trouble *t);
status draft_rotate(const struct draft_how *how, uint16_t scope, struct log_record *out,
    struct trouble *t);
status draft_renew(const struct draft_how *how, const struct device_id *device,
    struct log_record *out, struct trouble *t);

/* The scopes that an INVITE of this role usually lists: all that its author may give. For
 * a first coordinator, or by the root key: `all` alone. Activities lie in the arena. */
status draft_invite_scopes(const struct draft_how *how, enum member_role role,
    bool needs_confirm, struct arena *a, struct scope_set *out, struct trouble *t);

#endif
