/* vault.h - the bytes of the vault file: page key and device seed of a laptop, sealed
 * under a passphrase (SECURITY 11, spec/seal.md 5). Reading and writing the file is not
 * its business. Pure, but slow on purpose: Argon2id takes a good part of a second and the
 * memory that the cost names. */
#ifndef CRYPTO_VAULT_H
#define CRYPTO_VAULT_H

#include "base/rng.h"
#include "base/status.h"
#include "crypto/keys.h"

enum {
	VAULT_BYTES = 137, /* magic 8, version 1, cost 8, salt 16, nonce 24, 64 + 16 */
	VAULT_PASSES_MIN = 2,
	VAULT_PASSES_MAX = 10,
	VAULT_KIB_MIN = 64 * 1024,
	VAULT_KIB_MAX = 1024 * 1024
};

/* How dear each guess of the passphrase is. */
struct vault_cost {
	uint32_t passes;
	uint32_t memory_kib;
};

/* 3 passes, 256 MiB; 128 MiB on a machine with less than 2 GiB. */
struct vault_cost vault_cost_for(uint64_t ram_bytes);

struct vault_secrets {
	struct page_key page_key;
	struct device_seed seed;
};

/* Draws salt and nonce from rng. ST_NO_MEMORY: not even the cost's memory is there;
 * ST_LIMIT: the cost is out of bounds. */
status vault_seal(const struct vault_secrets *secrets, struct span passphrase,
    const struct vault_cost *cost, const struct rng *rng, uint8_t out[static VAULT_BYTES],
    struct trouble *t);

/* ST_MALFORMED: not a vault, or its cost is out of bounds (a forged file must not eat the
 * machine's memory); ST_VERSION; ST_NOT_ALLOWED: wrong passphrase or a changed file,
 * which cannot be told apart; ST_NO_MEMORY. secrets is zero after a failure. */
status vault_open(struct span file, struct span passphrase, struct vault_secrets *secrets,
    struct trouble *t);

/* Reads the cost of a vault, for "pnet check"; errors as vault_open. */
status vault_cost_of(struct span file, struct vault_cost *cost, struct trouble *t);

#endif
