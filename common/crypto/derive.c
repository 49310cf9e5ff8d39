/* derive.c - key trees over crypto_kdf (BLAKE2b with salt and personal). Pure. */
#include "crypto/derive.h"

#include "crypto/labels.h"
#include "crypto/sign.h"

#include <assert.h>
#include <sodium.h>

/* Contexts are exactly 8 characters. */
#define CONTEXT_DEVICE "pnet-dev"
#define CONTEXT_SCOPE "pnet-scp"
#define CONTEXT_INVITE "pnet-inv"

enum device_part { DEVICE_SIGN = 1, DEVICE_BOX = 2, DEVICE_TRANSPORT = 3 };
enum epoch_part { EPOCH_OP = 1, EPOCH_WRAP = 2, EPOCH_FINGERPRINT = 3 };
enum invite_part { INVITE_SIGN = 1, INVITE_BOX = 2 };

_Static_assert(sizeof CONTEXT_DEVICE - 1 == crypto_kdf_CONTEXTBYTES, "libsodium's form");
_Static_assert(sizeof(struct epoch_seed) == crypto_kdf_KEYBYTES, "libsodium's form");

static void
derive(const uint8_t key[static 32], const char *context, uint64_t id, uint8_t *out,
    size_t len)
{
	int bad = crypto_kdf_derive_from_key(out, len, id, context, key);

	assert(bad == 0); /* lengths are ours */
	(void)bad;
}

static void
derive_signer(const uint8_t key[static 32], const char *context, uint64_t id,
    struct sign_pk *pk, struct sign_sk *sk)
{
	struct sign_seed seed;

	derive(key, context, id, seed.bytes, sizeof seed.bytes);
	sign_seed_keypair(&seed, pk, sk);
	sodium_memzero(&seed, sizeof seed);
}

void
derive_box_pk(const struct box_sk *sk, struct box_pk *pk)
{
	int bad = crypto_scalarmult_base(pk->bytes, sk->bytes);

	assert(bad == 0);
	(void)bad;
}

void
derive_transport_pk(const struct transport_sk *sk, struct transport_pk *pk)
{
	int bad = crypto_scalarmult_base(pk->bytes, sk->bytes);

	assert(bad == 0);
	(void)bad;
}

void
derive_box_pair(const uint8_t seed[static 32], struct box_pk *pk, struct box_sk *sk)
{
	memcpy(sk->bytes, seed, sizeof sk->bytes);
	derive_box_pk(sk, pk);
}

void
derive_device(const struct device_seed *seed, struct device_keys *out)
{
	const uint8_t *key = seed->bytes;

	derive_signer(key, CONTEXT_DEVICE, DEVICE_SIGN, &out->pk.sign, &out->sign_sk);
	derive(
	    key, CONTEXT_DEVICE, DEVICE_BOX, out->box_sk.bytes, sizeof out->box_sk.bytes);
	derive_box_pk(&out->box_sk, &out->pk.box);
	derive(key, CONTEXT_DEVICE, DEVICE_TRANSPORT, out->transport_sk.bytes,
	    sizeof out->transport_sk.bytes);
	derive_transport_pk(&out->transport_sk, &out->pk.transport);
}

struct device_id
derive_device_id(const struct device_public *pk)
{
	const struct span parts[] = {
	    span_of(pk->sign.bytes, sizeof pk->sign.bytes),
	    span_of(pk->box.bytes, sizeof pk->box.bytes),
	    span_of(pk->transport.bytes, sizeof pk->transport.bytes),
	};
	struct device_id id;

	hash_128(NULL, parts, sizeof parts / sizeof parts[0], id.bytes);
	return id;
}

void
derive_op_key(const struct epoch_seed *seed, struct op_key *out)
{
	derive(seed->bytes, CONTEXT_SCOPE, EPOCH_OP, out->bytes, sizeof out->bytes);
}

void
derive_wrap_key(const struct epoch_seed *seed, struct wrap_key *out)
{
	derive(seed->bytes, CONTEXT_SCOPE, EPOCH_WRAP, out->bytes, sizeof out->bytes);
}

struct fingerprint
derive_fingerprint(const struct epoch_seed *seed)
{
	struct fingerprint f;

	derive(seed->bytes, CONTEXT_SCOPE, EPOCH_FINGERPRINT, f.bytes, sizeof f.bytes);
	return f;
}

void
derive_invite(const struct invite_secret *secret, const struct network_id *network,
    struct invite_keys *out)
{
	const struct span part = span_of(network->bytes, sizeof network->bytes);
	struct hash32 key;

	hash_256_keyed(
	    span_of(secret->bytes, sizeof secret->bytes), LABEL_INVITE, &part, 1, &key);
	derive_signer(
	    key.bytes, CONTEXT_INVITE, INVITE_SIGN, &out->sign_pk, &out->sign_sk);
	derive(key.bytes, CONTEXT_INVITE, INVITE_BOX, out->box_sk.bytes,
	    sizeof out->box_sk.bytes);
	derive_box_pk(&out->box_sk, &out->box_pk);
	sodium_memzero(&key, sizeof key);
}
