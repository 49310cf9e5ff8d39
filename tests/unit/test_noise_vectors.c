/* test_noise_vectors.c - the Noise machine against three independent implementations,
 * both roles, handshake and transport, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/derive.h"
#include "proto/noise.h"
#include "vectors.h"

enum { MESSAGE_MAX = 4096 };

/* Everything one side of a vector needs to stay alive during the handshake. */
struct side {
	struct transport_sk s, e;
	struct transport_pk s_pk, rs;
	struct psk psk;
	uint8_t prologue[128];
	struct noise_handshake handshake;
	struct noise_transport transport;
};

static const char *const pattern_names[] = {
#define X(name, text) "Noise_" text "_25519_ChaChaPoly_BLAKE2b",
    NOISE_PATTERNS(X)
#undef X
};

/* NOISE_PATTERN_COUNT when the product cannot express it. */
static enum noise_pattern
pattern_of(const json_t *vector)
{
	const char *name =
	    vectors_text(vector, vectors_has(vector, "name") ? "name" : "protocol_name");
	unsigned i = 0;

	while (i < NOISE_PATTERN_COUNT && strcmp(pattern_names[i], name) != 0)
		i++;
	if (i == NOISE_PATTERN_COUNT && strncmp(name, "Noise_N_", 8) != 0 &&
	    strncmp(name, "Noise_Npsk0_", 12) != 0)
		fail_msg("%s is unknown", name);
	return (enum noise_pattern)i;
}

static size_t
side_hex(
    const json_t *vector, const char *role, const char *what, uint8_t *out, size_t cap)
{
	char key[64];

	(void)snprintf(key, sizeof key, "%s_%s", role, what);
	return vectors_hex(vector, key, out, cap);
}

static void
start_side(struct side *side, const json_t *vector, enum noise_pattern pattern,
    enum noise_role role)
{
	const char *who = role == NOISE_INITIATOR ? "init" : "resp";
	struct noise_config config = {.pattern = pattern, .role = role, .e = &side->e};
	size_t prologue_len =
	    side_hex(vector, who, "prologue", side->prologue, sizeof side->prologue);
	char psks[16];
	const json_t *list;

	config.prologue = span_of(side->prologue, prologue_len);
	assert_int_equal(side_hex(vector, who, "ephemeral", side->e.bytes, 32), 32);
	if (side_hex(vector, who, "static", side->s.bytes, 32) == 32) {
		derive_transport_pk(&side->s, &side->s_pk);
		config.s = &side->s;
		config.s_pk = &side->s_pk;
	}
	if (side_hex(vector, who, "remote_static", side->rs.bytes, 32) == 32)
		config.rs = &side->rs;
	(void)snprintf(psks, sizeof psks, "%s_psks", who);
	list = json_object_get(vector, psks);
	if (json_array_size(list) > 0) {
		assert_int_equal(
		    sodium_hex2bin(side->psk.bytes, 32,
			json_string_value(json_array_get(list, 0)), 64, NULL, NULL, NULL),
		    0);
		config.psk = &side->psk;
	}
	noise_start(&side->handshake, &config);
}

static void
check_handshake_message(
    struct side *from, struct side *to, struct span payload, struct span expected)
{
	uint8_t message[MESSAGE_MAX], got[MESSAGE_MAX];
	struct writer out = writer_of(message, sizeof message);
	struct writer in = writer_of(got, sizeof got);

	assert_true(noise_writes_next(&from->handshake));
	assert_false(noise_writes_next(&to->handshake));
	assert_int_equal(
	    noise_message_bytes(&from->handshake, payload.len), expected.len);
	assert_int_equal(noise_message_bytes(&to->handshake, payload.len), expected.len);
	assert_int_equal(noise_write(&from->handshake, payload, &out, NULL), ST_OK);
	assert_true(span_equal(writer_done(&out), expected));
	assert_int_equal(noise_read(&to->handshake, expected, &in, NULL), ST_OK);
	assert_true(span_equal(writer_done(&in), payload));
}

static void
check_transport_message(
    struct side *from, struct side *to, struct span payload, struct span expected)
{
	uint8_t message[MESSAGE_MAX];
	size_t len = 0;

	memcpy(message, payload.bytes, payload.len);
	assert_int_equal(
	    noise_encrypt(&from->transport, message, payload.len, NULL), ST_OK);
	assert_true(
	    span_equal(span_of(message, payload.len + NOISE_TAG_BYTES), expected));
	assert_int_equal(
	    noise_decrypt(&to->transport, message, expected.len, &len, NULL), ST_OK);
	assert_true(span_equal(span_of(message, len), payload));
}

static void
finish_handshake(struct side *a, struct side *b, const json_t *vector)
{
	uint8_t expected[NOISE_HASH_BYTES], hash[NOISE_HASH_BYTES],
	    other[NOISE_HASH_BYTES];

	assert_true(noise_is_done(&b->handshake));
	noise_hash(&a->handshake, hash);
	noise_hash(&b->handshake, other);
	assert_memory_equal(hash, other, sizeof hash);
	if (vectors_hex(vector, "handshake_hash", expected, sizeof expected) != 0)
		assert_memory_equal(hash, expected, sizeof hash);
	noise_split(&a->handshake, &a->transport);
	noise_split(&b->handshake, &b->transport);
}

static void
check_vector(const json_t *vector, enum noise_pattern pattern)
{
	const json_t *messages = json_object_get(vector, "messages");
	struct side sides[2] = {0};
	bool is_split = false;

	start_side(&sides[0], vector, pattern, NOISE_INITIATOR);
	start_side(&sides[1], vector, pattern, NOISE_RESPONDER);
	for (size_t i = 0; i < json_array_size(messages); i++) {
		const json_t *m = json_array_get(messages, i);
		struct side *from = &sides[i % 2], *to = &sides[1 - i % 2];
		uint8_t plain[MESSAGE_MAX], sealed[MESSAGE_MAX];
		struct span payload =
		    span_of(plain, vectors_hex(m, "payload", plain, sizeof plain));
		struct span expected =
		    span_of(sealed, vectors_hex(m, "ciphertext", sealed, sizeof sealed));

		if (!is_split && noise_is_done(&from->handshake)) {
			finish_handshake(from, to, vector);
			is_split = true;
		}
		if (is_split)
			check_transport_message(from, to, payload, expected);
		else
			check_handshake_message(from, to, payload, expected);
	}
	assert_true(is_split);
}

/* Returns how many vectors the machine can express. */
static unsigned
check_file(const char *name)
{
	json_t *all = vectors_load(name);
	const json_t *vectors = json_object_get(all, "vectors");
	unsigned checked = 0;

	for (size_t i = 0; i < json_array_size(vectors); i++) {
		const json_t *vector = json_array_get(vectors, i);
		enum noise_pattern pattern = pattern_of(vector);

		if (pattern == NOISE_PATTERN_COUNT)
			continue; /* one-way patterns */
		check_vector(vector, pattern);
		checked++;
	}
	json_decref(all);
	return checked;
}

static void
sec_01_both_roles_agree_with_cacophony(void **state)
{
	(void)state;
	assert_int_equal(
	    check_file("data/vectors/noise-25519-ChaChaPoly-BLAKE2b.cacophony.json"), 14);
}

static void
sec_01_both_roles_agree_with_noise_c(void **state)
{
	(void)state;
	assert_int_equal(
	    check_file("data/vectors/noise-25519-ChaChaPoly-BLAKE2b.noise-c.json"), 5);
}

static void
sec_01_both_roles_agree_with_snow(void **state)
{
	(void)state;
	assert_int_equal(
	    check_file("data/vectors/noise-25519-ChaChaPoly-BLAKE2b.snow.json"), 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sec_01_both_roles_agree_with_cacophony),
	    cmocka_unit_test(sec_01_both_roles_agree_with_noise_c),
	    cmocka_unit_test(sec_01_both_roles_agree_with_snow),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
