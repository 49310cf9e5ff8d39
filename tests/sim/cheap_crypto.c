/* cheap_crypto.c - libsodium's functions, wrapped: real ones, or mixing by
 * multiplication. Either way the nonces are counted. */
#include "cheap_crypto.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long length;

#define ODD_1 0x9e3779b97f4a7c15u
#define ODD_2 0xbf58476d1ce4e5b9u
#define ODD_3 0x94d049bb133111ebu

static bool is_on;

void
cheap_crypto(bool is_cheap)
{
	is_on = is_cheap;
}

/* ---- mixing ---- */

struct mix {
	uint64_t a, b;
};

static uint64_t
stir(uint64_t x)
{
	x = (x ^ (x >> 30)) * ODD_2;
	x = (x ^ (x >> 27)) * ODD_3;
	return x ^ (x >> 31);
}

static void
mix_word(struct mix *m, uint64_t w)
{
	m->a = (m->a ^ w) * ODD_2;
	m->a ^= m->a >> 32;
	m->b = (m->b + w + (m->a << 1)) * ODD_3;
	m->b ^= m->b >> 29;
}

enum { LANES = 4, STRIDE_BYTES = LANES * sizeof(uint64_t) };

/* What is long goes in by four lanes that do not wait for each other. Returns how much
 * went: another word in a lane leaves another lane. */
static size_t
mix_strides(struct mix *m, const uint8_t *p, size_t len)
{
	uint64_t lanes[LANES] = {1, 2, 3, 4};
	size_t at = 0;

	if (len < 4 * STRIDE_BYTES)
		return 0;
	for (; at + STRIDE_BYTES <= len; at += STRIDE_BYTES) {
		uint64_t words[LANES];

		memcpy(words, p + at, sizeof words);
		for (size_t i = 0; i < LANES; i++) {
			lanes[i] = (lanes[i] ^ words[i]) * ODD_2;
			lanes[i] ^= lanes[i] >> 32;
		}
	}
	for (size_t i = 0; i < LANES; i++)
		mix_word(m, lanes[i]);
	return at;
}

/* The length goes in too: "ab" and "a", "b" are two things. */
static void
mix_bytes(struct mix *m, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t n = mix_strides(m, p, len);
	uint64_t w;

	mix_word(m, len ^ ODD_1);
	p += n;
	len -= n;
	for (; len >= sizeof w; p += sizeof w, len -= sizeof w) {
		memcpy(&w, p, sizeof w);
		mix_word(m, w);
	}
	w = 0;
	if (len > 0)
		memcpy(&w, p, len);
	mix_word(m, w);
}

static void
mix_end(const struct mix *m, uint8_t *out, size_t words)
{
	uint64_t state = stir(m->a) + m->b;

	for (size_t i = 0; i < words; i++) {
		uint64_t w = stir(state += ODD_1);

		memcpy(out + i * sizeof w, &w, sizeof w);
	}
}

/* ---- nonces ---- */

struct noted {
	uint64_t name, content; /* of key and nonce; of what was sealed. 0 = free */
};

static struct noted *noted;
static size_t n_noted, room_noted;
static uint64_t n_repeated;

static struct noted *
place_of(struct noted *at, size_t room, uint64_t name)
{
	size_t i = (size_t)name & (room - 1);

	while (at[i].name != 0 && at[i].name != name)
		i = (i + 1) & (room - 1);
	return &at[i];
}

static void
make_room(void)
{
	size_t room = room_noted == 0 ? 4096 : room_noted * 2;
	struct noted *more = calloc(room, sizeof *more);

	if (more == NULL)
		abort();
	for (size_t i = 0; i < room_noted; i++)
		if (noted[i].name != 0)
			*place_of(more, room, noted[i].name) = noted[i];
	free(noted);
	noted = more;
	room_noted = room;
}

static void
note(const uint8_t *key, const uint8_t *nonce, size_t nonce_len, const void *plain,
    size_t len)
{
	struct mix name = {1, 2}, content = {3, 4};
	struct noted *at;

	mix_bytes(&name, key, 32);
	mix_bytes(&name, nonce, nonce_len);
	mix_bytes(&content, plain, len);
	if (n_noted * 2 >= room_noted)
		make_room();
	at = place_of(noted, room_noted, (stir(name.a) + name.b) | 1);
	if (at->name == 0) {
		*at = (struct noted){(stir(name.a) + name.b) | 1, content.a};
		n_noted++;
	} else {
		n_repeated += at->content != content.a;
	}
}

struct nonces
cheap_crypto_nonces(void)
{
	return (struct nonces){n_noted, n_repeated};
}

/* ---- sealing ---- */

/* The same twice gives back what was there. out may be in. */
static void
cover(const uint8_t *key, const uint8_t *nonce, size_t nonce_len, const uint8_t *in,
    size_t len, uint8_t *out)
{
	struct mix m = {5, 6};
	uint64_t state, w;
	size_t i = 0;

	mix_bytes(&m, key, 32);
	mix_bytes(&m, nonce, nonce_len);
	state = stir(m.a) ^ m.b;
	for (; i + sizeof w <= len; i += sizeof w) {
		uint64_t word;

		memcpy(&word, in + i, sizeof word);
		word ^= (state += ODD_1) * ODD_2;
		memcpy(out + i, &word, sizeof word);
	}
	for (w = (state + ODD_1) * ODD_2; i < len; i++, w >>= 8)
		out[i] = (uint8_t)(in[i] ^ (uint8_t)w);
}

static void
tag_of(const uint8_t *key, const uint8_t *nonce, size_t nonce_len, const uint8_t *ad,
    size_t ad_len, const uint8_t *sealed, size_t len, uint8_t tag[static 16])
{
	struct mix m = {7, 8};

	mix_bytes(&m, key, 32);
	mix_bytes(&m, nonce, nonce_len);
	mix_bytes(&m, ad, ad_len);
	mix_bytes(&m, sealed, len);
	mix_end(&m, tag, 2);
}

static int
open_cheap(const uint8_t *key, const uint8_t *nonce, size_t nonce_len, const uint8_t *ad,
    size_t ad_len, const uint8_t *sealed, size_t len, const uint8_t *tag, uint8_t *out)
{
	uint8_t wanted[16];

	tag_of(key, nonce, nonce_len, ad, ad_len, sealed, len, wanted);
	if (memcmp(wanted, tag, sizeof wanted) != 0)
		return -1;
	if (out != NULL)
		cover(key, nonce, nonce_len, sealed, len, out);
	return 0;
}

/* clang-format off */
#define AEAD_SEAL(NAME) \
	int __real_##NAME(uint8_t *c, length *c_len, const uint8_t *m, length m_len, \
	    const uint8_t *ad, length ad_len, const uint8_t *none, const uint8_t *nonce, \
	    const uint8_t *key); \
	int __wrap_##NAME(uint8_t *c, length *c_len, const uint8_t *m, length m_len, \
	    const uint8_t *ad, length ad_len, const uint8_t *none, const uint8_t *nonce, \
	    const uint8_t *key)
#define AEAD_OPEN(NAME) \
	int __real_##NAME(uint8_t *m, length *m_len, uint8_t *none, const uint8_t *c, \
	    length c_len, const uint8_t *ad, length ad_len, const uint8_t *nonce, \
	    const uint8_t *key); \
	int __wrap_##NAME(uint8_t *m, length *m_len, uint8_t *none, const uint8_t *c, \
	    length c_len, const uint8_t *ad, length ad_len, const uint8_t *nonce, \
	    const uint8_t *key)
/* clang-format on */

AEAD_SEAL(crypto_aead_xchacha20poly1305_ietf_encrypt);
AEAD_OPEN(crypto_aead_xchacha20poly1305_ietf_decrypt);
AEAD_SEAL(crypto_aead_chacha20poly1305_ietf_encrypt);
AEAD_OPEN(crypto_aead_chacha20poly1305_ietf_decrypt);

static void
seal_cheap(uint8_t *c, length *c_len, const uint8_t *m, size_t m_len, const uint8_t *ad,
    size_t ad_len, const uint8_t *nonce, size_t nonce_len, const uint8_t *key)
{
	cover(key, nonce, nonce_len, m, m_len, c);
	tag_of(key, nonce, nonce_len, ad, ad_len, c, m_len, c + m_len);
	if (c_len != NULL)
		*c_len = m_len + 16;
}

static int
open_joined(uint8_t *m, length *m_len, const uint8_t *c, size_t c_len, const uint8_t *ad,
    size_t ad_len, const uint8_t *nonce, size_t nonce_len, const uint8_t *key)
{
	if (m_len != NULL)
		*m_len = 0;
	if (c_len < 16 || open_cheap(key, nonce, nonce_len, ad, ad_len, c, c_len - 16,
			      c + c_len - 16, m) != 0)
		return -1;
	if (m_len != NULL)
		*m_len = c_len - 16;
	return 0;
}

int
__wrap_crypto_aead_xchacha20poly1305_ietf_encrypt(uint8_t *c, length *c_len,
    const uint8_t *m, length m_len, const uint8_t *ad, length ad_len, const uint8_t *none,
    const uint8_t *nonce, const uint8_t *key)
{
	note(key, nonce, 24, m, (size_t)m_len);
	if (!is_on)
		return __real_crypto_aead_xchacha20poly1305_ietf_encrypt(
		    c, c_len, m, m_len, ad, ad_len, none, nonce, key);
	seal_cheap(c, c_len, m, (size_t)m_len, ad, (size_t)ad_len, nonce, 24, key);
	return 0;
}

int
__wrap_crypto_aead_xchacha20poly1305_ietf_decrypt(uint8_t *m, length *m_len,
    uint8_t *none, const uint8_t *c, length c_len, const uint8_t *ad, length ad_len,
    const uint8_t *nonce, const uint8_t *key)
{
	if (!is_on)
		return __real_crypto_aead_xchacha20poly1305_ietf_decrypt(
		    m, m_len, none, c, c_len, ad, ad_len, nonce, key);
	return open_joined(
	    m, m_len, c, (size_t)c_len, ad, (size_t)ad_len, nonce, 24, key);
}

/* Of the line: its nonces count up in each session under keys of their own. */
int
__wrap_crypto_aead_chacha20poly1305_ietf_encrypt(uint8_t *c, length *c_len,
    const uint8_t *m, length m_len, const uint8_t *ad, length ad_len, const uint8_t *none,
    const uint8_t *nonce, const uint8_t *key)
{
	if (!is_on)
		return __real_crypto_aead_chacha20poly1305_ietf_encrypt(
		    c, c_len, m, m_len, ad, ad_len, none, nonce, key);
	seal_cheap(c, c_len, m, (size_t)m_len, ad, (size_t)ad_len, nonce, 12, key);
	return 0;
}

int
__wrap_crypto_aead_chacha20poly1305_ietf_decrypt(uint8_t *m, length *m_len, uint8_t *none,
    const uint8_t *c, length c_len, const uint8_t *ad, length ad_len,
    const uint8_t *nonce, const uint8_t *key)
{
	if (!is_on)
		return __real_crypto_aead_chacha20poly1305_ietf_decrypt(
		    m, m_len, none, c, c_len, ad, ad_len, nonce, key);
	return open_joined(
	    m, m_len, c, (size_t)c_len, ad, (size_t)ad_len, nonce, 12, key);
}

/* Pages of replicas: only the tag, so that files can be searched for words. */
int __real_crypto_aead_xchacha20poly1305_ietf_encrypt_detached(uint8_t *c, uint8_t *tag,
    length *tag_len, const uint8_t *m, length m_len, const uint8_t *ad, length ad_len,
    const uint8_t *none, const uint8_t *nonce, const uint8_t *key);
int __wrap_crypto_aead_xchacha20poly1305_ietf_encrypt_detached(uint8_t *c, uint8_t *tag,
    length *tag_len, const uint8_t *m, length m_len, const uint8_t *ad, length ad_len,
    const uint8_t *none, const uint8_t *nonce, const uint8_t *key);

int
__wrap_crypto_aead_xchacha20poly1305_ietf_encrypt_detached(uint8_t *c, uint8_t *tag,
    length *tag_len, const uint8_t *m, length m_len, const uint8_t *ad, length ad_len,
    const uint8_t *none, const uint8_t *nonce, const uint8_t *key)
{
	if (!is_on) {
		note(key, nonce, 24, m, (size_t)m_len);
		return __real_crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
		    c, tag, tag_len, m, m_len, ad, ad_len, none, nonce, key);
	}
	memmove(c, m, (size_t)m_len);
	tag_of(key, nonce, 24, ad, (size_t)ad_len, c, (size_t)m_len, tag);
	note(key, nonce, 24, tag, 16);
	return 0;
}

int __real_crypto_aead_xchacha20poly1305_ietf_decrypt_detached(uint8_t *m, uint8_t *none,
    const uint8_t *c, length c_len, const uint8_t *tag, const uint8_t *ad, length ad_len,
    const uint8_t *nonce, const uint8_t *key);
int __wrap_crypto_aead_xchacha20poly1305_ietf_decrypt_detached(uint8_t *m, uint8_t *none,
    const uint8_t *c, length c_len, const uint8_t *tag, const uint8_t *ad, length ad_len,
    const uint8_t *nonce, const uint8_t *key);

int
__wrap_crypto_aead_xchacha20poly1305_ietf_decrypt_detached(uint8_t *m, uint8_t *none,
    const uint8_t *c, length c_len, const uint8_t *tag, const uint8_t *ad, length ad_len,
    const uint8_t *nonce, const uint8_t *key)
{
	if (!is_on)
		return __real_crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
		    m, none, c, c_len, tag, ad, ad_len, nonce, key);
	if (open_cheap(key, nonce, 24, ad, (size_t)ad_len, c, (size_t)c_len, tag, NULL) !=
	    0)
		return -1;
	memmove(m, c, (size_t)c_len);
	return 0;
}

/* ---- agreeing on a key ---- */

/* Word by word: own times theirs, and theirs is its own times a constant, so that both
 * sides get the same. */
static void
agree(uint8_t out[static 32], const uint8_t own[static 32], const uint8_t *theirs)
{
	for (size_t i = 0; i < 4; i++) {
		uint64_t a, b = ODD_1;

		memcpy(&a, own + 8 * i, sizeof a);
		if (theirs != NULL)
			memcpy(&b, theirs + 8 * i, sizeof b);
		a = (a | 1) * b;
		memcpy(out + 8 * i, &a, sizeof a);
	}
}

int __real_crypto_scalarmult(uint8_t *q, const uint8_t *n, const uint8_t *p);
int __wrap_crypto_scalarmult(uint8_t *q, const uint8_t *n, const uint8_t *p);

int
__wrap_crypto_scalarmult(uint8_t *q, const uint8_t *n, const uint8_t *p)
{
	if (!is_on)
		return __real_crypto_scalarmult(q, n, p);
	agree(q, n, p);
	return sodium_is_zero(p, 32) ? -1 : 0;
}

int __real_crypto_scalarmult_base(uint8_t *q, const uint8_t *n);
int __wrap_crypto_scalarmult_base(uint8_t *q, const uint8_t *n);

int
__wrap_crypto_scalarmult_base(uint8_t *q, const uint8_t *n)
{
	if (!is_on)
		return __real_crypto_scalarmult_base(q, n);
	agree(q, n, NULL);
	return 0;
}

/* ---- key boxes ---- */

int __real_crypto_box_easy(uint8_t *c, const uint8_t *m, length m_len,
    const uint8_t *nonce, const uint8_t *pk, const uint8_t *sk);
int __wrap_crypto_box_easy(uint8_t *c, const uint8_t *m, length m_len,
    const uint8_t *nonce, const uint8_t *pk, const uint8_t *sk);

/* c: tag || sealed. The nonce is one of both public keys, as in sealed boxes. */
int
__wrap_crypto_box_easy(uint8_t *c, const uint8_t *m, length m_len, const uint8_t *nonce,
    const uint8_t *pk, const uint8_t *sk)
{
	uint8_t key[32], both[64];

	if (!is_on)
		return __real_crypto_box_easy(c, m, m_len, nonce, pk, sk);
	agree(key, sk, pk);
	agree(both, sk, NULL);
	memcpy(both + 32, pk, 32);
	cover(key, both, sizeof both, m, (size_t)m_len, c + 16);
	tag_of(key, both, sizeof both, NULL, 0, c + 16, (size_t)m_len, c);
	return 0;
}

int __real_crypto_box_seal_open(
    uint8_t *m, const uint8_t *c, length c_len, const uint8_t *pk, const uint8_t *sk);
int __wrap_crypto_box_seal_open(
    uint8_t *m, const uint8_t *c, length c_len, const uint8_t *pk, const uint8_t *sk);

int
__wrap_crypto_box_seal_open(
    uint8_t *m, const uint8_t *c, length c_len, const uint8_t *pk, const uint8_t *sk)
{
	uint8_t key[32], both[64];

	if (!is_on)
		return __real_crypto_box_seal_open(m, c, c_len, pk, sk);
	if (c_len < crypto_box_SEALBYTES)
		return -1;
	agree(key, sk, c);
	memcpy(both, c, 32);
	memcpy(both + 32, pk, 32);
	return open_cheap(key, both, sizeof both, NULL, 0, c + crypto_box_SEALBYTES,
	    (size_t)c_len - crypto_box_SEALBYTES, c + 32, m);
}

/* ---- signatures: a public key stands for its owner, whom nobody forges here ---- */

static void
sign_cheap(const uint8_t *pk, const uint8_t *m, size_t len, uint8_t sig[static 64])
{
	struct mix x = {9, 10};

	mix_bytes(&x, pk, 32);
	mix_bytes(&x, m, len);
	mix_end(&x, sig, 8);
}

int __real_crypto_sign_detached(
    uint8_t *sig, length *sig_len, const uint8_t *m, length len, const uint8_t *sk);
int __wrap_crypto_sign_detached(
    uint8_t *sig, length *sig_len, const uint8_t *m, length len, const uint8_t *sk);

int
__wrap_crypto_sign_detached(
    uint8_t *sig, length *sig_len, const uint8_t *m, length len, const uint8_t *sk)
{
	if (!is_on)
		return __real_crypto_sign_detached(sig, sig_len, m, len, sk);
	sign_cheap(sk + 32, m, (size_t)len, sig);
	if (sig_len != NULL)
		*sig_len = 64;
	return 0;
}

int __real_crypto_sign_verify_detached(
    const uint8_t *sig, const uint8_t *m, length len, const uint8_t *pk);
int __wrap_crypto_sign_verify_detached(
    const uint8_t *sig, const uint8_t *m, length len, const uint8_t *pk);

int
__wrap_crypto_sign_verify_detached(
    const uint8_t *sig, const uint8_t *m, length len, const uint8_t *pk)
{
	uint8_t wanted[64];

	if (!is_on)
		return __real_crypto_sign_verify_detached(sig, m, len, pk);
	sign_cheap(pk, m, (size_t)len, wanted);
	return memcmp(wanted, sig, sizeof wanted) == 0 ? 0 : -1;
}
