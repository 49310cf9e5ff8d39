/* noise.h - the Noise protocol framework, revision 34, as token tables over libsodium:
 * Noise_*_25519_ChaChaPoly_BLAKE2b. Keys and randomness are injected, nothing is
 * allocated, no I/O: a machine of messages in and messages out (SECURITY 8,
 * spec/handshake.md). Proven byte for byte by the public vectors (test_noise_vectors.c).
 * Pure. */
#ifndef PROTO_NOISE_H
#define PROTO_NOISE_H

#include "base/status.h"
#include "base/writer.h"
#include "crypto/keys.h"

/* The product speaks XK (and later NKpsk0 for tickets); the others are here because the
 * vectors prove the machine with them. */
/* clang-format off */
#define NOISE_PATTERNS(X) \
	X(NOISE_XK,     "XK") \
	X(NOISE_NKPSK0, "NKpsk0") \
	X(NOISE_NK,     "NK") \
	X(NOISE_KK,     "KK") \
	X(NOISE_IK,     "IK") \
	X(NOISE_XX,     "XX") \
	X(NOISE_NNPSK0, "NNpsk0") \
	X(NOISE_NNPSK2, "NNpsk2") \
	X(NOISE_NKPSK2, "NKpsk2") \
	X(NOISE_XKPSK3, "XKpsk3") \
	X(NOISE_XXPSK3, "XXpsk3") \
	X(NOISE_KKPSK0, "KKpsk0") \
	X(NOISE_IKPSK1, "IKpsk1") \
	X(NOISE_IKPSK2, "IKpsk2")
/* clang-format on */

enum noise_pattern {
#define X(name, text) name,
	NOISE_PATTERNS(X)
#undef X
	    NOISE_PATTERN_COUNT
};

enum noise_role { NOISE_INITIATOR, NOISE_RESPONDER };

enum {
	NOISE_TAG_BYTES = 16,
	NOISE_KEY_BYTES = 32,
	NOISE_HASH_BYTES = 64,
	NOISE_MESSAGE_BYTES_MAX = 65535,
	NOISE_REKEY_MESSAGES = 16384 /* per direction (SECURITY 8) */
};

struct noise_cipher {
	uint8_t key[NOISE_KEY_BYTES];
	uint64_t n;      /* nonce of the next message; never reset by a rekey */
	uint32_t in_key; /* messages under this key so far (transport only) */
};

/* What a handshake is started with. Pointers are borrowed until noise_split() or
 * noise_wipe(). Which ones are needed follows from the pattern; a missing one is an error
 * of the program (assert), a superfluous one is ignored. */
struct noise_config {
	enum noise_pattern pattern;
	enum noise_role role;
	struct span prologue;
	const struct transport_sk *s; /* own static pair */
	const struct transport_pk *s_pk;
	const struct transport_pk *rs; /* the peer's static key, where known before */
	const struct transport_sk *e;  /* own ephemeral secret, fresh random bytes */
	const struct psk *psk;
};

/* One handshake; at most 400 bytes, no pointers to own memory, so it may be moved. The
 * fields belong to noise.c. */
struct noise_handshake {
	uint8_t h[NOISE_HASH_BYTES];
	uint8_t ck[NOISE_HASH_BYTES];
	struct noise_cipher cipher;
	const struct transport_sk *s;
	const struct transport_pk *s_pk;
	const struct psk *psk;
	uint8_t e[NOISE_KEY_BYTES];
	uint8_t e_pk[NOISE_KEY_BYTES];
	uint8_t re[NOISE_KEY_BYTES];
	uint8_t rs[NOISE_KEY_BYTES];
	uint8_t pattern; /* enum noise_pattern */
	uint8_t role;    /* enum noise_role */
	uint8_t step;    /* messages done */
	bool has_key;
	bool has_rs;
	bool is_broken; /* a message failed: nothing more is possible */
};

/* Both directions after the handshake; about 100 bytes. */
struct noise_transport {
	struct noise_cipher send;
	struct noise_cipher receive;
	bool is_broken;
};

void noise_start(struct noise_handshake *h, const struct noise_config *config);

/* True when it is this side's turn to write. */
bool noise_writes_next(const struct noise_handshake *h);
/* True when all messages of the pattern are done: noise_split() may follow. */
bool noise_is_done(const struct noise_handshake *h);

/* Length of the next message of this handshake for a payload of that length, either way.
 */
size_t noise_message_bytes(const struct noise_handshake *h, size_t payload_len);

/* Appends the next handshake message to out.
 * ST_LIMIT: it does not fit out or 65,535; ST_NOT_ALLOWED: a Diffie-Hellman result was
 * zero (low-order key of the peer). Every failure breaks the handshake for good. */
status noise_write(struct noise_handshake *h, struct span payload, struct writer *out,
    struct trouble *t);

/* Takes the peer's next message, one whole Noise message without its length prefix, and
 * appends its payload to out. ST_MALFORMED: too short; ST_NOT_OURS: does not authenticate
 * (wrong key, wrong prologue, changed bytes); ST_NOT_ALLOWED: low-order key; ST_LIMIT:
 * payload does not fit. Every failure breaks the handshake for good; answer nothing. */
status noise_read(struct noise_handshake *h, struct span message, struct writer *out,
    struct trouble *t);

/* Copies the peer's static key once a message has brought it, or as configured; false
 * before. Proven to be the peer's only when noise_is_done(); ask before noise_split(). */
bool noise_peer(const struct noise_handshake *h, struct transport_pk *out);

/* Handshake hash, for channel binding; after noise_is_done() and before
 * noise_split(). */
void noise_hash(const struct noise_handshake *h, uint8_t out[static NOISE_HASH_BYTES]);

/* Makes the transport keys and wipes the handshake. Only after noise_is_done(). */
void noise_split(struct noise_handshake *h, struct noise_transport *out);

/* Overwrites all secrets; legal at any time, also twice. */
void noise_wipe(struct noise_handshake *h);
void noise_transport_wipe(struct noise_transport *tr);

/* Encrypts plain_len bytes at `at` in place; at has room for NOISE_TAG_BYTES more.
 * ST_CLOSED: the transport broke before; ST_LIMIT: longer than 65,535 - 16. */
status noise_encrypt(
    struct noise_transport *tr, uint8_t *at, size_t plain_len, struct trouble *t);

/* Decrypts one Noise message in place; *plain_len = message_len - 16.
 * ST_MALFORMED: shorter than 16; ST_NOT_OURS: does not authenticate (changed, repeated,
 * reordered, dropped or reflected). Every failure breaks the transport for good. */
status noise_decrypt(struct noise_transport *tr, uint8_t *at, size_t message_len,
    size_t *plain_len, struct trouble *t);

#endif
