/* noise.c - the Noise protocol framework, revision 34 (noiseprotocol.org/noise.html), for
 * one suite: 25519, ChaChaPoly, BLAKE2b. Names follow the paper: h, ck, MixHash, MixKey,
 * Split. Pure. */
#include "proto/noise.h"

#include <assert.h>
#include <sodium.h>

enum { HASH_BLOCK_BYTES = 128, TOKENS_MAX = 6, MESSAGES_MAX = 3 };

_Static_assert(NOISE_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(NOISE_KEY_BYTES == crypto_scalarmult_BYTES, "keys");
_Static_assert(NOISE_HASH_BYTES == crypto_generichash_BYTES_MAX, "hash");
_Static_assert(sizeof(struct noise_handshake) <= 400, "a server holds thousands of them");

enum token { END, E, S, EE, ES, SE, SS, PSK };

/* What is known before the first message; both sides mix it into h. */
enum { PRE_INITIATOR = 1, PRE_RESPONDER = 2 };

/* The patterns, as in sections 7.5 and 9 of the paper. The initiator writes the first
 * message, then they take turns; a row ends at the first empty message. */
static const struct pattern {
	const char *name;
	bool has_psk; /* then an e is mixed into the key too (9.2) */
	uint8_t pre;
	uint8_t messages[MESSAGES_MAX + 1][TOKENS_MAX];
} patterns[] = {
    /* clang-format off */
    [NOISE_XK]     = {"XK", false, PRE_RESPONDER, {{E, ES}, {E, EE}, {S, SE}}},
    [NOISE_NKPSK0] = {"NKpsk0", true, PRE_RESPONDER, {{PSK, E, ES}, {E, EE}}},
    [NOISE_NK]     = {"NK", false, PRE_RESPONDER, {{E, ES}, {E, EE}}},
    [NOISE_KK]     = {"KK", false, PRE_INITIATOR | PRE_RESPONDER,
                      {{E, ES, SS}, {E, EE, SE}}},
    [NOISE_IK]     = {"IK", false, PRE_RESPONDER, {{E, ES, S, SS}, {E, EE, SE}}},
    [NOISE_XX]     = {"XX", false, 0, {{E}, {E, EE, S, ES}, {S, SE}}},
    [NOISE_NNPSK0] = {"NNpsk0", true, 0, {{PSK, E}, {E, EE}}},
    [NOISE_NNPSK2] = {"NNpsk2", true, 0, {{E}, {E, EE, PSK}}},
    [NOISE_NKPSK2] = {"NKpsk2", true, PRE_RESPONDER, {{E, ES}, {E, EE, PSK}}},
    [NOISE_XKPSK3] = {"XKpsk3", true, PRE_RESPONDER, {{E, ES}, {E, EE}, {S, SE, PSK}}},
    [NOISE_XXPSK3] = {"XXpsk3", true, 0, {{E}, {E, EE, S, ES}, {S, SE, PSK}}},
    [NOISE_KKPSK0] = {"KKpsk0", true, PRE_INITIATOR | PRE_RESPONDER,
                      {{PSK, E, ES, SS}, {E, EE, SE}}},
    [NOISE_IKPSK1] = {"IKpsk1", true, PRE_RESPONDER, {{E, ES, S, SS, PSK}, {E, EE, SE}}},
    [NOISE_IKPSK2] = {"IKpsk2", true, PRE_RESPONDER, {{E, ES, S, SS}, {E, EE, SE, PSK}}},
    /* clang-format on */
};

_Static_assert(
    sizeof patterns / sizeof patterns[0] == NOISE_PATTERN_COUNT, "one row a pattern");

/* ---- hash functions (paper 4.3) ---- */

static void
hash_parts(const struct span *parts, size_t n, uint8_t out[static NOISE_HASH_BYTES])
{
	crypto_generichash_state state;
	int bad = crypto_generichash_init(&state, NULL, 0, NOISE_HASH_BYTES);

	for (size_t i = 0; i < n; i++)
		bad |= crypto_generichash_update(&state, parts[i].bytes, parts[i].len);
	bad |= crypto_generichash_final(&state, out, NOISE_HASH_BYTES);
	assert(bad == 0);
	sodium_memzero(&state, sizeof state);
}

/* HMAC over BLAKE2b as a plain hash (RFC 2104): block 128, output 64. */
static void
hmac(const uint8_t key[static NOISE_HASH_BYTES], struct span a, struct span b,
    uint8_t out[static NOISE_HASH_BYTES])
{
	uint8_t block[HASH_BLOCK_BYTES] = {0}, inner[NOISE_HASH_BYTES];
	const struct span inside[] = {span_of(block, sizeof block), a, b};
	const struct span outside[] = {
	    span_of(block, sizeof block), span_of(inner, sizeof inner)};

	memcpy(block, key, NOISE_HASH_BYTES);
	for (size_t i = 0; i < sizeof block; i++)
		block[i] ^= 0x36;
	hash_parts(inside, 3, inner);
	for (size_t i = 0; i < sizeof block; i++)
		block[i] ^= 0x36 ^ 0x5C;
	hash_parts(outside, 2, out);
	sodium_memzero(block, sizeof block);
	sodium_memzero(inner, sizeof inner);
}

/* n outputs (2 or 3) of 64 bytes, one after the other (paper 4.3). */
static void
hkdf(const uint8_t ck[static NOISE_HASH_BYTES], struct span input, size_t n,
    uint8_t out[][NOISE_HASH_BYTES])
{
	uint8_t key[NOISE_HASH_BYTES];

	hmac(ck, input, span_of(NULL, 0), key);
	for (size_t i = 0; i < n; i++) {
		uint8_t count = (uint8_t)(i + 1);
		struct span before =
		    i == 0 ? span_of(NULL, 0) : span_of(out[i - 1], NOISE_HASH_BYTES);

		hmac(key, before, span_of(&count, 1), out[i]);
	}
	sodium_memzero(key, sizeof key);
}

/* ---- cipher state (paper 5.1) ---- */

static void
set_key(struct noise_cipher *c, const uint8_t key[static NOISE_KEY_BYTES])
{
	memcpy(c->key, key, NOISE_KEY_BYTES);
	c->n = 0;
	c->in_key = 0;
}

/* 4 zero bytes, then the counter little endian (paper 12.3). */
static void
nonce_of(uint64_t n, uint8_t out[static 12])
{
	memset(out, 0, 4);
	for (unsigned i = 0; i < 8; i++)
		out[4 + i] = (uint8_t)(n >> (8 * i));
}

/* Writes plain.len + 16 bytes; out may be plain.bytes. */
static void
aead_seal(struct noise_cipher *c, struct span ad, struct span plain, uint8_t *out)
{
	uint8_t nonce[12];
	int bad;

	assert(c->n < UINT64_MAX);
	nonce_of(c->n++, nonce);
	bad = crypto_aead_chacha20poly1305_ietf_encrypt(
	    out, NULL, plain.bytes, plain.len, ad.bytes, ad.len, NULL, nonce, c->key);
	assert(bad == 0);
	(void)bad;
}

/* Writes sealed.len - 16 bytes; out may be sealed.bytes. The nonce moves on success only.
 */
static bool
aead_open(struct noise_cipher *c, struct span ad, struct span sealed, uint8_t *out)
{
	uint8_t nonce[12];

	assert(c->n < UINT64_MAX);
	nonce_of(c->n, nonce);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed.bytes,
		sealed.len, ad.bytes, ad.len, nonce, c->key) != 0)
		return false;
	c->n++;
	return true;
}

/* Paper 4.2: the first 32 bytes of ENCRYPT(k, 2^64 - 1, nothing, 32 zeros). n goes on. */
static void
rekey(struct noise_cipher *c)
{
	uint8_t nonce[12], fresh[NOISE_KEY_BYTES + NOISE_TAG_BYTES] = {0};
	int bad;

	nonce_of(UINT64_MAX, nonce);
	bad = crypto_aead_chacha20poly1305_ietf_encrypt(
	    fresh, NULL, fresh, NOISE_KEY_BYTES, NULL, 0, NULL, nonce, c->key);
	assert(bad == 0);
	(void)bad;
	memcpy(c->key, fresh, NOISE_KEY_BYTES);
	c->in_key = 0;
	sodium_memzero(fresh, sizeof fresh);
}

/* ---- symmetric state (paper 5.2) ---- */

static void
mix_hash(struct noise_handshake *h, struct span bytes)
{
	const struct span parts[] = {span_of(h->h, sizeof h->h), bytes};

	hash_parts(parts, 2, h->h);
}

static void
mix_key(struct noise_handshake *h, struct span input)
{
	uint8_t out[2][NOISE_HASH_BYTES];

	hkdf(h->ck, input, 2, out);
	memcpy(h->ck, out[0], sizeof h->ck);
	set_key(&h->cipher, out[1]);
	h->has_key = true;
	sodium_memzero(out, sizeof out);
}

static void
mix_key_and_hash(struct noise_handshake *h, struct span input)
{
	uint8_t out[3][NOISE_HASH_BYTES];

	hkdf(h->ck, input, 3, out);
	memcpy(h->ck, out[0], sizeof h->ck);
	mix_hash(h, span_of(out[1], sizeof out[1]));
	set_key(&h->cipher, out[2]);
	h->has_key = true;
	sodium_memzero(out, sizeof out);
}

/* Where the next byte of out goes; a writer without a buffer is legal for no bytes. */
static uint8_t *
end_of(const struct writer *out)
{
	return out->at == NULL ? NULL : out->at + out->used;
}

/* Appends the bytes, sealed once there is a key. */
static status
encrypt_and_hash(struct noise_handshake *h, struct span plain, struct writer *out)
{
	size_t len = plain.len + (h->has_key ? NOISE_TAG_BYTES : 0U);
	uint8_t *at = end_of(out);

	if (out->is_full || len > out->cap - out->used) {
		out->is_full = true;
		return ST_LIMIT;
	}
	if (h->has_key)
		aead_seal(&h->cipher, span_of(h->h, sizeof h->h), plain, at);
	else if (len != 0)
		memcpy(at, plain.bytes, len);
	mix_hash(h, span_of(at, len));
	out->used += len;
	return ST_OK;
}

/* Puts the plaintext at out, sealed.len bytes less the tag if there is a key. */
static status
decrypt_and_hash(struct noise_handshake *h, struct span sealed, uint8_t *out)
{
	if (!h->has_key && sealed.len != 0)
		memcpy(out, sealed.bytes, sealed.len);
	if (h->has_key && !aead_open(&h->cipher, span_of(h->h, sizeof h->h), sealed, out))
		return ST_NOT_OURS;
	mix_hash(h, sealed);
	return ST_OK;
}

/* ---- handshake state (paper 5.3) ---- */

/* The tokens of the message that comes next. */
static const uint8_t *
next_tokens(const struct noise_handshake *h)
{
	return patterns[h->pattern].messages[h->step];
}

static bool
is_initiator(const struct noise_handshake *h)
{
	return h->role == NOISE_INITIATOR;
}

/* Does the pattern use this token anywhere? */
static bool
pattern_has(const struct pattern *p, bool by_initiator, uint8_t token)
{
	for (size_t m = by_initiator ? 0 : 1; m < MESSAGES_MAX; m += 2)
		if (memchr(p->messages[m], token, TOKENS_MAX) != NULL)
			return true;
	return false;
}

static void
mix_pre_messages(struct noise_handshake *h, uint8_t pre)
{
	const struct span own =
	    span_of(h->s_pk == NULL ? NULL : h->s_pk->bytes, NOISE_KEY_BYTES);
	const struct span peer = span_of(h->rs, sizeof h->rs);

	if ((pre & PRE_INITIATOR) != 0)
		mix_hash(h, is_initiator(h) ? own : peer);
	if ((pre & PRE_RESPONDER) != 0)
		mix_hash(h, is_initiator(h) ? peer : own);
}

/* "Noise_XK_25519_ChaChaPoly_BLAKE2b", zero padded to a hash (paper 5.2). */
static void
put_protocol_name(const struct pattern *p, uint8_t out[static NOISE_HASH_BYTES])
{
	struct writer w = writer_of(out, NOISE_HASH_BYTES);

	memset(out, 0, NOISE_HASH_BYTES);
	writer_span(&w, span_text("Noise_"));
	writer_span(&w, span_text(p->name));
	writer_span(&w, span_text("_25519_ChaChaPoly_BLAKE2b"));
	assert(!w.is_full);
}

/* The keys that the pattern needs are ours to supply. */
static void
check_config(const struct pattern *p, const struct noise_config *c)
{
	const bool is_first = c->role == NOISE_INITIATOR;
	const uint8_t own = is_first ? PRE_INITIATOR : PRE_RESPONDER;
	const uint8_t peer = is_first ? PRE_RESPONDER : PRE_INITIATOR;

	assert(c->e != NULL);
	assert(!p->has_psk || c->psk != NULL);
	assert((p->pre & peer) == 0 || c->rs != NULL);
	if ((p->pre & own) != 0 || pattern_has(p, is_first, S))
		assert(c->s != NULL && c->s_pk != NULL);
}

void
noise_start(struct noise_handshake *h, const struct noise_config *config)
{
	const struct pattern *p;
	int bad;

	assert(config->pattern < NOISE_PATTERN_COUNT);
	p = &patterns[config->pattern];
	check_config(p, config);
	memset(h, 0, sizeof *h);
	h->pattern = (uint8_t)config->pattern;
	h->role = (uint8_t)config->role;
	h->s = config->s;
	h->s_pk = config->s_pk;
	h->psk = config->psk;
	if (config->rs != NULL) {
		memcpy(h->rs, config->rs->bytes, sizeof h->rs);
		h->has_rs = true;
	}
	memcpy(h->e, config->e->bytes, sizeof h->e);
	bad = crypto_scalarmult_base(h->e_pk, h->e);
	assert(bad == 0);
	(void)bad;
	put_protocol_name(p, h->h);
	memcpy(h->ck, h->h, sizeof h->ck);
	mix_hash(h, config->prologue);
	mix_pre_messages(h, p->pre);
}

bool
noise_is_done(const struct noise_handshake *h)
{
	return !h->is_broken && h->step > 0 && next_tokens(h)[0] == END;
}

bool
noise_writes_next(const struct noise_handshake *h)
{
	return !h->is_broken && !noise_is_done(h) &&
	       (h->step % 2 == 0) == is_initiator(h);
}

size_t
noise_message_bytes(const struct noise_handshake *h, size_t payload_len)
{
	const struct pattern *p = &patterns[h->pattern];
	const uint8_t *tokens = next_tokens(h);
	bool has_key = h->has_key;
	size_t len = payload_len;

	for (size_t i = 0; i < TOKENS_MAX && tokens[i] != END; i++) {
		if (tokens[i] == E)
			len += NOISE_KEY_BYTES;
		else if (tokens[i] == S)
			len += NOISE_KEY_BYTES + (has_key ? NOISE_TAG_BYTES : 0U);
		if (tokens[i] != S && (tokens[i] != E || p->has_psk))
			has_key = true;
	}
	return len + (has_key ? NOISE_TAG_BYTES : 0U);
}

/* DH(own, theirs) into the key; an all-zero result is refused (paper 12.1). */
static status
mix_dh(struct noise_handshake *h, const uint8_t *own, const uint8_t *theirs)
{
	uint8_t shared[NOISE_KEY_BYTES];

	assert(own != NULL); /* check_config() asked for it */
	if (crypto_scalarmult(shared, own, theirs) != 0)
		return ST_NOT_ALLOWED;
	mix_key(h, span_of(shared, sizeof shared));
	sodium_memzero(shared, sizeof shared);
	return ST_OK;
}

/* The tokens that both sides treat alike. ES is the initiator's e with the responder's s,
 * whoever computes it. */
static status
mix_token(struct noise_handshake *h, enum token token)
{
	const uint8_t *s = h->s == NULL ? NULL : h->s->bytes;

	switch (token) {
	case EE:
		return mix_dh(h, h->e, h->re);
	case ES:
		return is_initiator(h) ? mix_dh(h, h->e, h->rs) : mix_dh(h, s, h->re);
	case SE:
		return is_initiator(h) ? mix_dh(h, s, h->re) : mix_dh(h, h->e, h->rs);
	case SS:
		return mix_dh(h, s, h->rs);
	case PSK:
		mix_key_and_hash(h, span_of(h->psk->bytes, sizeof h->psk->bytes));
		return ST_OK;
	case END:
	case E:
	case S:
		break;
	}
	assert(0 && "a token that is written or read");
	return ST_BUG;
}

static void
mix_ephemeral(struct noise_handshake *h, const uint8_t e[static NOISE_KEY_BYTES])
{
	mix_hash(h, span_of(e, NOISE_KEY_BYTES));
	if (patterns[h->pattern].has_psk)
		mix_key(h, span_of(e, NOISE_KEY_BYTES));
}

static status
write_token(struct noise_handshake *h, enum token token, struct writer *out)
{
	if (token == E) {
		writer_bytes(out, h->e_pk, sizeof h->e_pk);
		mix_ephemeral(h, h->e_pk);
		return out->is_full ? ST_LIMIT : ST_OK;
	}
	if (token == S)
		return encrypt_and_hash(h, span_of(h->s_pk->bytes, NOISE_KEY_BYTES), out);
	return mix_token(h, token);
}

static status
read_token(struct noise_handshake *h, enum token token, struct span *in)
{
	size_t len = NOISE_KEY_BYTES;
	struct span taken;
	status st = ST_OK;

	if (token != E && token != S)
		return mix_token(h, token);
	if (token == S && h->has_key)
		len += NOISE_TAG_BYTES;
	if (len > in->len)
		return ST_MALFORMED;
	taken = span_of(in->bytes, len);
	*in = span_of(in->bytes + len, in->len - len);
	if (token == E) {
		memcpy(h->re, taken.bytes, sizeof h->re);
		mix_ephemeral(h, h->re);
	} else {
		st = decrypt_and_hash(h, taken, h->rs);
		h->has_rs = st == ST_OK;
	}
	return st;
}

/* A handshake that failed once gives nothing more and holds no secret. */
static status
break_off(struct noise_handshake *h, status st, struct trouble *t)
{
	unsigned message = h->step + 1U;

	noise_wipe(h);
	return trouble_set(t, st, "handshake message %u: %s", message, status_text(st));
}

status
noise_write(
    struct noise_handshake *h, struct span payload, struct writer *out, struct trouble *t)
{
	const size_t before = out->used;
	const uint8_t *tokens = next_tokens(h);
	status st = ST_OK;

	if (h->is_broken)
		return trouble_set(t, ST_CLOSED, "the handshake is broken off");
	assert(noise_writes_next(h));
	if (payload.len > NOISE_MESSAGE_BYTES_MAX ||
	    noise_message_bytes(h, payload.len) > NOISE_MESSAGE_BYTES_MAX)
		return break_off(h, ST_LIMIT, t);
	for (size_t i = 0; st == ST_OK && i < TOKENS_MAX && tokens[i] != END; i++)
		st = write_token(h, (enum token)tokens[i], out);
	if (st == ST_OK)
		st = encrypt_and_hash(h, payload, out);
	if (st != ST_OK) {
		out->used = before;
		return break_off(h, st, t);
	}
	h->step++;
	return ST_OK;
}

/* The payload is what the tokens left of the message. */
static status
read_payload(struct noise_handshake *h, struct span sealed, struct writer *out)
{
	const size_t tag = h->has_key ? NOISE_TAG_BYTES : 0;
	status st;

	if (sealed.len < tag)
		return ST_MALFORMED;
	if (out->is_full || sealed.len - tag > out->cap - out->used) {
		out->is_full = true;
		return ST_LIMIT;
	}
	st = decrypt_and_hash(h, sealed, end_of(out));
	if (st == ST_OK)
		out->used += sealed.len - tag;
	return st;
}

status
noise_read(
    struct noise_handshake *h, struct span message, struct writer *out, struct trouble *t)
{
	const uint8_t *tokens = next_tokens(h);
	struct span left = message;
	status st = ST_OK;

	if (h->is_broken)
		return trouble_set(t, ST_CLOSED, "the handshake is broken off");
	assert(!noise_is_done(h) && !noise_writes_next(h));
	if (message.len > NOISE_MESSAGE_BYTES_MAX)
		return break_off(h, ST_LIMIT, t);
	for (size_t i = 0; st == ST_OK && i < TOKENS_MAX && tokens[i] != END; i++)
		st = read_token(h, (enum token)tokens[i], &left);
	if (st == ST_OK)
		st = read_payload(h, left, out);
	if (st != ST_OK)
		return break_off(h, st, t);
	h->step++;
	return ST_OK;
}

bool
noise_peer(const struct noise_handshake *h, struct transport_pk *out)
{
	if (!h->has_rs)
		return false;
	memcpy(out->bytes, h->rs, sizeof out->bytes);
	return true;
}

void
noise_hash(const struct noise_handshake *h, uint8_t out[static NOISE_HASH_BYTES])
{
	assert(noise_is_done(h));
	memcpy(out, h->h, NOISE_HASH_BYTES);
}

void
noise_split(struct noise_handshake *h, struct noise_transport *out)
{
	uint8_t keys[2][NOISE_HASH_BYTES];
	const size_t send = is_initiator(h) ? 0 : 1;

	assert(noise_is_done(h));
	hkdf(h->ck, span_of(NULL, 0), 2, keys);
	set_key(&out->send, keys[send]);
	set_key(&out->receive, keys[1 - send]);
	out->is_broken = false;
	sodium_memzero(keys, sizeof keys);
	noise_wipe(h);
}

void
noise_wipe(struct noise_handshake *h)
{
	sodium_memzero(h, sizeof *h);
	h->is_broken = true;
}

/* ---- transport ---- */

void
noise_transport_wipe(struct noise_transport *tr)
{
	sodium_memzero(tr, sizeof *tr);
	tr->is_broken = true;
}

/* One message more under the key of this direction. */
static void
count_message(struct noise_cipher *c)
{
	if (++c->in_key == NOISE_REKEY_MESSAGES)
		rekey(c);
}

status
noise_encrypt(
    struct noise_transport *tr, uint8_t *at, size_t plain_len, struct trouble *t)
{
	if (tr->is_broken)
		return trouble_set(t, ST_CLOSED, "the channel is broken off");
	if (plain_len > NOISE_MESSAGE_BYTES_MAX - NOISE_TAG_BYTES)
		return trouble_set(t, ST_LIMIT, "a message of %zu bytes", plain_len);
	aead_seal(&tr->send, span_of(NULL, 0), span_of(at, plain_len), at);
	count_message(&tr->send);
	return ST_OK;
}

status
noise_decrypt(struct noise_transport *tr, uint8_t *at, size_t message_len,
    size_t *plain_len, struct trouble *t)
{
	*plain_len = 0;
	if (tr->is_broken)
		return trouble_set(t, ST_CLOSED, "the channel is broken off");
	if (message_len < NOISE_TAG_BYTES || message_len > NOISE_MESSAGE_BYTES_MAX) {
		noise_transport_wipe(tr);
		return trouble_set(
		    t, ST_MALFORMED, "a message of %zu bytes", message_len);
	}
	if (!aead_open(&tr->receive, span_of(NULL, 0), span_of(at, message_len), at)) {
		noise_transport_wipe(tr);
		return trouble_set(t, ST_NOT_OURS, "a message does not authenticate");
	}
	count_message(&tr->receive);
	*plain_len = message_len - NOISE_TAG_BYTES;
	return ST_OK;
}
