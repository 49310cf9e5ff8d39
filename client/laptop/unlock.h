/* unlock.h - from a folder's vault to the two secrets of the laptop (SECURITY 11): out of
 * the kernel's keyring, else by the passphrase. */
#ifndef CLIENT_LAPTOP_UNLOCK_H
#define CLIENT_LAPTOP_UNLOCK_H

#include "client/laptop/kernel_key.h"
#include "client/laptop/passphrase.h"
#include "client/laptop/vault_file.h"

/* secrets, in locked memory. */
struct vault_secrets *secrets_new(void); /* NULL without memory */
void secrets_free(struct vault_secrets *s);

/* Is there a vault, and its key not in the kernel? */
bool unlock_is_locked(const char *dir);

/* Opens DIR/vault. What was typed stays in the kernel for 15 minutes; what came from a
 * file does not, since programs that run by themselves should leave nothing open.
 * ST_NOT_JOINED: PN-K05, locked and nobody to ask; PN-K01, wrong passphrase.
 * ST_CORRUPT: PN-D02, the file is no vault or missing. */
status unlock(const char *dir, const struct passphrase_source *s,
    struct complaint *complaint, struct vault_secrets *out);
/* The same, always by the passphrase, of DIR/name; never left in the kernel.
 * prompt: "Passphrase of the root key: ". */
status unlock_file(const char *dir, const char *name, const char *prompt,
    const struct passphrase_source *s, struct complaint *complaint,
    struct vault_secrets *out);

/* Seals secrets under a passphrase and writes DIR/name; cost as in the source. */
status vault_put(const char *dir, const char *name, const struct vault_secrets *secrets,
    const struct passphrase *phrase, const struct vault_cost *cost, const struct rng *rng,
    struct complaint *complaint);
/* A new laptop: asks for a new passphrase, draws both secrets, writes the vault, and
 * stays unlocked for 15 minutes. */
status unlock_new(const char *dir, const struct passphrase_source *s,
    const struct rng *rng, struct complaint *complaint, struct vault_secrets *out);

/* The cost that is asked for, or what fits this machine. */
struct vault_cost unlock_cost(const struct vault_cost *wanted);

#endif
