/* keyring.h - all secrets of a client in ONE locked block of memory (STYLE 4.11): the
 * keys of the device and, per (space, scope, epoch), the seed, op key and tag key.
 * Read-only between two calls that change it. The one place of the pure layers that
 * allocates locked memory; call sodium_init() before the first keyring_new().
 *
 * One block and not one per key: each sodium_malloc costs 16 KiB of address space and its
 * locking stops silently at RLIMIT_MEMLOCK (STYLE 8). */
#ifndef CRYPTO_KEYRING_H
#define CRYPTO_KEYRING_H

#include "base/status.h"
#include "crypto/derive.h"

struct keyring;

/* Names a slot by positions, as the wire does: scope is the position of its SCOPE record
 * in the log of the space. */
struct keyring_place {
	struct space_name space;
	uint16_t scope;
	uint16_t epoch;
};

struct keyring_slot {
	struct keyring_place place;
	struct epoch_seed seed; /* for key boxes and wraps */
	struct op_key op_key;   /* derived from it */
	struct tag_key tag_key;
};

struct keyring *keyring_new(void);    /* NULL when memory is out */
void keyring_free(struct keyring *k); /* NULL is legal; wipes */

/* True if the system really locked the block against swapping. A client says so once if
 * it did not. */
bool keyring_is_locked(const struct keyring *k);

/* Derives and keeps the keys of this device; replaces what was there. */
void keyring_set_device(struct keyring *k, const struct device_seed *seed);
/* NULL until set. Borrowed until the next call that changes the keyring. */
const struct device_keys *keyring_device(const struct keyring *k);
const struct device_seed *keyring_device_seed(const struct keyring *k);

/* Derives the op key and adds a slot. A place that is known already keeps its keys:
 * ST_EXISTS if they are others, ST_OK if equal. ST_NO_MEMORY and ST_LIMIT leave all as
 * it was. seed and tag_key may lie in a slot of this keyring. */
status keyring_add(struct keyring *k, struct keyring_place place,
    const struct epoch_seed *seed, const struct tag_key *tag_key, struct trouble *t);

/* NULL if there is none. All slots are borrowed until the next change. */
const struct keyring_slot *keyring_find(
    const struct keyring *k, struct keyring_place place);
/* The newest epoch of the scope that is held; NULL if none is. */
const struct keyring_slot *keyring_newest(
    const struct keyring *k, struct space_name space, uint16_t scope);

/* Slots in ascending order of (space, scope, epoch), index 0..keyring_count()-1. */
size_t keyring_count(const struct keyring *k);
const struct keyring_slot *keyring_at(const struct keyring *k, size_t index);

/* Forgets every epoch of a scope (a guest's access ended). */
void keyring_drop_scope(struct keyring *k, struct space_name space, uint16_t scope);

#endif
