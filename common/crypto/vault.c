/* vault.c - Argon2id of the passphrase, then XChaCha20-Poly1305 with everything before as
 * associated data. Pure. */
#include "crypto/vault.h"

#include "base/reader.h"
#include "base/writer.h"

#include <assert.h>
#include <sodium.h>

#define MAGIC "pnetvlt\n" /* the line end shows a transfer in text mode */

enum {
	MAGIC_BYTES = 8,
	VERSION = 1,
	SALT_BYTES = crypto_pwhash_argon2id_SALTBYTES,
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	SALT_AT = MAGIC_BYTES + 1 + 8,
	NONCE_AT = SALT_AT + SALT_BYTES,
	HEAD_BYTES = NONCE_AT + NONCE_BYTES,
	SEALED_BYTES =
	    sizeof(struct vault_secrets) + crypto_aead_xchacha20poly1305_ietf_ABYTES
};

_Static_assert(sizeof MAGIC - 1 == MAGIC_BYTES, "magic");
_Static_assert(sizeof(struct vault_secrets) == 64, "no padding between the secrets");
_Static_assert(HEAD_BYTES + SEALED_BYTES == VAULT_BYTES, "layout");

struct vault_cost
vault_cost_for(uint64_t ram_bytes)
{
	const uint64_t small = (uint64_t)2 << 30;

	return (struct vault_cost){3, ram_bytes < small ? 128 * 1024 : 256 * 1024};
}

static bool
cost_is_sane(const struct vault_cost *c)
{
	return c->passes >= VAULT_PASSES_MIN && c->passes <= VAULT_PASSES_MAX &&
	       c->memory_kib >= VAULT_KIB_MIN && c->memory_kib <= VAULT_KIB_MAX;
}

static status
stretch(struct span passphrase, const struct vault_cost *cost, const uint8_t *salt,
    uint8_t key[static 32], struct trouble *t)
{
	if (crypto_pwhash_argon2id(key, 32, (const char *)passphrase.bytes,
		passphrase.len, salt, cost->passes, (size_t)cost->memory_kib * 1024,
		crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
		return trouble_set(t, ST_NO_MEMORY,
		    "%u MiB for the passphrase are not free", cost->memory_kib / 1024);
	return ST_OK;
}

status
vault_seal(const struct vault_secrets *secrets, struct span passphrase,
    const struct vault_cost *cost, const struct rng *rng, uint8_t out[static VAULT_BYTES],
    struct trouble *t)
{
	struct writer w = writer_of(out, VAULT_BYTES);
	uint8_t key[32];
	status st;
	int bad;

	if (!cost_is_sane(cost))
		return trouble_set(
		    t, ST_LIMIT, "%u passes over %u KiB", cost->passes, cost->memory_kib);
	writer_bytes(&w, MAGIC, MAGIC_BYTES);
	writer_u8(&w, VERSION);
	writer_u32(&w, cost->passes);
	writer_u32(&w, cost->memory_kib);
	assert(w.used == SALT_AT);
	rng_fill(rng, out + SALT_AT, SALT_BYTES + NONCE_BYTES);
	st = stretch(passphrase, cost, out + SALT_AT, key, t);
	if (st != ST_OK)
		return st;
	bad = crypto_aead_xchacha20poly1305_ietf_encrypt(out + HEAD_BYTES, NULL,
	    (const uint8_t *)secrets, sizeof *secrets, out, HEAD_BYTES, NULL,
	    out + NONCE_AT, key);
	assert(bad == 0);
	(void)bad;
	sodium_memzero(key, sizeof key);
	return ST_OK;
}

status
vault_cost_of(struct span file, struct vault_cost *cost, struct trouble *t)
{
	struct reader r = reader_of(file);
	struct span magic;
	uint8_t version = 0;

	*cost = (struct vault_cost){0};
	if (file.len != VAULT_BYTES || reader_span(&r, MAGIC_BYTES, &magic) != ST_OK ||
	    !span_equal(magic, span_text(MAGIC)))
		return trouble_set(t, ST_MALFORMED, "this file is not a vault");
	(void)reader_u8(&r, &version);
	if (version != VERSION)
		return trouble_set(t, ST_VERSION, "the vault has version %u", version);
	(void)reader_u32(&r, &cost->passes);
	(void)reader_u32(&r, &cost->memory_kib);
	if (!cost_is_sane(cost))
		return trouble_set(t, ST_MALFORMED,
		    "the vault asks for %u passes over %u KiB", cost->passes,
		    cost->memory_kib);
	return ST_OK;
}

status
vault_open(struct span file, struct span passphrase, struct vault_secrets *secrets,
    struct trouble *t)
{
	struct vault_cost cost;
	uint8_t key[32];
	status st;

	sodium_memzero(secrets, sizeof *secrets);
	st = vault_cost_of(file, &cost, t);
	if (st == ST_OK)
		st = stretch(passphrase, &cost, file.bytes + SALT_AT, key, t);
	if (st != ST_OK)
		return st;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)secrets, NULL, NULL,
		file.bytes + HEAD_BYTES, SEALED_BYTES, file.bytes, HEAD_BYTES,
		file.bytes + NONCE_AT, key) != 0) {
		sodium_memzero(secrets, sizeof *secrets);
		st = trouble_set(
		    t, ST_NOT_ALLOWED, "the passphrase does not open the vault");
	}
	sodium_memzero(key, sizeof key);
	return st;
}
