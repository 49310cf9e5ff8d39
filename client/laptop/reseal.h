/* reseal.h - puts a folder under another passphrase, its replica under another page key,
 * or a plain one of an earlier version under its first, so that a crash at any point
 * leaves either the old or the new.
 *
 * Files of the folder, in the order in which they come and go:
 *	vault.new     the vault to be; while it is there nothing has happened yet
 *	root.key.new  the root key under the new passphrase, where there is one
 *	replica.new   the copy under the new key, proven
 *	vault.old     a second name of the vault, so that its bytes can be found again
 *	vault         vault.new renamed to it: from here on the new one counts
 *	replica.old   the replica that was, until its bytes are overwritten
 * A folder found in the middle is taken back (vault.new is there) or finished (it is
 * not). Either needs no key. */
#ifndef CLIENT_LAPTOP_RESEAL_H
#define CLIENT_LAPTOP_RESEAL_H

#include "client/laptop/passphrase.h"
#include "client/laptop/vault_file.h"

#define REPLICA_NAME "replica.db"
#define DEVICE_KEY_NAME "device.key" /* of earlier versions */

/* Is the replica of an earlier version, which did not seal it? */
bool reseal_is_plain(const char *dir);

/* Settles what a crash left. ST_BUSY while another process is at it. */
status reseal_resume(const char *dir, const struct rng *rng, struct trouble *t);

struct reseal_plan {
	const struct vault_secrets *secrets; /* of the vault to be */
	const struct passphrase *fresh;      /* over it, and over the root key */
	/* What opens a sealed root key now; one that it does not open stays as it is.
	 * NULL: only a plain one, as earlier versions left it, is sealed. */
	const struct passphrase *old;
	const struct vault_cost *cost;
	bool copies;      /* the replica too, under another page key, */
	const char *from; /* out of this VFS (NULL = plain) */
};

/* The replica must be closed, and the folder settled. */
status reseal(const char *dir, const struct reseal_plan *plan, const struct rng *rng,
    struct trouble *t);

/* Takes a folder of an earlier version over: a new page key, the device seed that lies in
 * device.key, and a plain root.key. ST_OK with *out filled. */
status reseal_take_over(const char *dir, const struct passphrase *phrase,
    const struct vault_cost *cost, const struct rng *rng, struct vault_secrets *out,
    struct trouble *t);

#endif
