/* derive.h - key trees: what comes from a device seed, an epoch seed and an invite secret
 * (SECURITY 3). Deterministic, nothing here draws random bytes. Pure. */
#ifndef CRYPTO_DERIVE_H
#define CRYPTO_DERIVE_H

#include "crypto/keys.h"

/* The public half of a device: what a JOIN or GRANT record holds. */
struct device_public {
	struct sign_pk sign;
	struct box_pk box;
	struct transport_pk transport;
};

/* Three key pairs, since a Noise static key must not be used for anything else. */
struct device_keys {
	struct device_public pk;
	struct sign_sk sign_sk;
	struct box_sk box_sk;
	struct transport_sk transport_sk;
};

/* Context pnet-dev: 1 Ed25519 seed, 2 X25519 box secret, 3 X25519 transport secret. */
void derive_device(const struct device_seed *seed, struct device_keys *out);

/* BLAKE2b-128(sign pk || box pk || transport pk). */
struct device_id derive_device_id(const struct device_public *pk);

/* Context pnet-scp: 1 op key, 2 wrap key, 3 fingerprint. */
void derive_op_key(const struct epoch_seed *seed, struct op_key *out);
void derive_wrap_key(const struct epoch_seed *seed, struct wrap_key *out);
struct fingerprint derive_fingerprint(const struct epoch_seed *seed);

/* The keys that prove and open an invite; public halves stand in the INVITE record. */
struct invite_keys {
	struct sign_pk sign_pk;
	struct box_pk box_pk;
	struct sign_sk sign_sk;
	struct box_sk box_sk;
};

/* k = BLAKE2b-256(key = secret, label || network); context pnet-inv of k: 1 Ed25519 seed,
 * 2 X25519 box secret. */
void derive_invite(const struct invite_secret *secret, const struct network_id *network,
    struct invite_keys *out);

/* Public halves of X25519 secrets. */
void derive_box_pk(const struct box_sk *sk, struct box_pk *pk);
void derive_transport_pk(const struct transport_sk *sk, struct transport_pk *pk);
/* A box pair from 32 uniform bytes: they are the secret itself. The key box of
 * crypto/keybox.h needs a fresh pair for each box. */
void derive_box_pair(const uint8_t seed[static 32], struct box_pk *pk, struct box_sk *sk);

#endif
