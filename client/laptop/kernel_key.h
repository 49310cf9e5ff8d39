/* kernel_key.h - an unlocked laptop: its two secrets for a while in the session keyring
 * of the kernel (SECURITY 11), named after the vault file that they come from. No agent
 * and no file: what is in the keyring is gone with the session, the time, or `pnet lock`.
 */
#ifndef CLIENT_LAPTOP_KERNEL_KEY_H
#define CLIENT_LAPTOP_KERNEL_KEY_H

#include "base/bytes.h"
#include "crypto/vault.h"

enum { UNLOCK_SECONDS = 15 * 60, UNLOCK_SECONDS_MAX = 24 * 60 * 60 };

/* False: not there, expired, revoked, or the kernel gives none. out is zero then. */
bool kernel_key_find(struct span vault, struct vault_secrets *out);
/* For so many seconds, readable by programs of this session only. Using it does not make
 * it longer: who leaves the laptop must not come back to an open one. False where the
 * kernel denies it (containers, quotas): then each command asks. */
bool kernel_key_keep(
    struct span vault, const struct vault_secrets *secrets, unsigned seconds);
/* Revokes it at once, also for programs that found it before. False: there was none. */
bool kernel_key_drop(struct span vault);

#endif
