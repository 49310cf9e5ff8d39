/* test_wycheproof.c - the primitives that we rely on, against the Wycheproof vectors:
 * every valid case passes, every invalid one fails (SECURITY 15). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/sign.h"
#include "vectors.h"

enum { CASE_BYTES_MAX = 4096 };

struct counts {
	unsigned valid, invalid, acceptable;
};

/* Calls check for every case of every group and counts results. */
static struct counts
each_case(const char *file, void (*check)(const json_t *group, const json_t *c))
{
	json_t *all = vectors_load(file);
	const json_t *groups =
	    json_object_get(json_object_get(all, "data"), "testGroups");
	struct counts n = {0};

	for (size_t i = 0; i < json_array_size(groups); i++) {
		const json_t *group = json_array_get(groups, i);
		const json_t *cases = json_object_get(group, "tests");

		for (size_t j = 0; j < json_array_size(cases); j++) {
			const json_t *c = json_array_get(cases, j);
			const char *result = vectors_text(c, "result");

			check(group, c);
			n.valid += strcmp(result, "valid") == 0;
			n.invalid += strcmp(result, "invalid") == 0;
			n.acceptable += strcmp(result, "acceptable") == 0;
		}
	}
	json_decref(all);
	return n;
}

static bool
result_is(const json_t *c, const char *result)
{
	return strcmp(vectors_text(c, "result"), result) == 0;
}

static long long
number_of(const json_t *c)
{
	return json_integer_value(json_object_get(c, "tcId"));
}

static void
check_x25519(const json_t *group, const json_t *c)
{
	uint8_t pk[32], sk[32], expected[32], shared[32];
	bool is_zero;

	(void)group;
	vectors_exact(c, "public", pk, sizeof pk);
	vectors_exact(c, "private", sk, sizeof sk);
	vectors_exact(c, "shared", expected, sizeof expected);
	is_zero = sodium_is_zero(expected, sizeof expected) == 1;
	if (crypto_scalarmult(shared, sk, pk) != 0) {
		if (!is_zero)
			fail_msg("case %lld: refused", number_of(c));
		return;
	}
	if (is_zero)
		fail_msg("case %lld: an all-zero result was let pass", number_of(c));
	if (memcmp(shared, expected, sizeof shared) != 0)
		fail_msg("case %lld: another result", number_of(c));
}

static void
check_ed25519(const json_t *group, const json_t *c)
{
	static uint8_t message[CASE_BYTES_MAX];
	size_t len = vectors_hex(c, "msg", message, sizeof message);
	struct signature signature;
	struct sign_pk pk;
	uint8_t raw[128];
	bool is_good;

	vectors_exact(
	    json_object_get(group, "publicKey"), "pk", pk.bytes, sizeof pk.bytes);
	/* A signature of another length has no type to be held in. */
	is_good = vectors_hex(c, "sig", raw, sizeof raw) == sizeof signature.bytes;
	if (is_good) {
		memcpy(signature.bytes, raw, sizeof signature.bytes);
		is_good = sign_verify(&pk, span_of(message, len), &signature);
	}
	if (is_good != result_is(c, "valid"))
		fail_msg("case %lld", number_of(c));
}

static void
check_xchacha(const json_t *group, const json_t *c)
{
	static uint8_t plain[CASE_BYTES_MAX], sealed[CASE_BYTES_MAX + 16],
	    opened[CASE_BYTES_MAX], again[CASE_BYTES_MAX + 16];
	uint8_t key[32], nonce[64], ad[CASE_BYTES_MAX];
	size_t plain_len = vectors_hex(c, "msg", plain, sizeof plain);
	size_t sealed_len = vectors_hex(c, "ct", sealed, sizeof sealed - 16);
	size_t ad_len = vectors_hex(c, "aad", ad, sizeof ad);
	bool is_good;

	(void)group;
	vectors_exact(c, "key", key, sizeof key);
	if (vectors_hex(c, "iv", nonce, sizeof nonce) != 24) {
		assert_true(result_is(c, "invalid")); /* no function takes it */
		return;
	}
	sealed_len += vectors_hex(c, "tag", sealed + sealed_len, 16);
	is_good = crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, sealed,
		      sealed_len, ad, ad_len, nonce, key) == 0;
	if (is_good != result_is(c, "valid"))
		fail_msg("case %lld", number_of(c));
	if (!is_good)
		return;
	assert_memory_equal(opened, plain, plain_len);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
	    again, NULL, plain, plain_len, ad, ad_len, NULL, nonce, key);
	assert_memory_equal(again, sealed, sealed_len);
}

static void
x25519_gives_each_result_and_refuses_each_zero(void **state)
{
	struct counts n =
	    each_case("data/vectors/wycheproof.x25519_test.json", check_x25519);

	(void)state;
	assert_int_equal(n.valid, 264);
	assert_int_equal(n.acceptable, 254);
}

static void
ed25519_accepts_the_valid_and_refuses_the_invalid(void **state)
{
	struct counts n =
	    each_case("data/vectors/wycheproof.ed25519_test.json", check_ed25519);

	(void)state;
	assert_int_equal(n.valid, 88);
	assert_int_equal(n.invalid, 63);
}

static void
xchacha20_poly1305_opens_the_valid_and_refuses_the_invalid(void **state)
{
	struct counts n = each_case(
	    "data/vectors/wycheproof.xchacha20_poly1305_test.json", check_xchacha);

	(void)state;
	assert_int_equal(n.valid, 246);
	assert_int_equal(n.invalid, 69);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(x25519_gives_each_result_and_refuses_each_zero),
	    cmocka_unit_test(ed25519_accepts_the_valid_and_refuses_the_invalid),
	    cmocka_unit_test(xchacha20_poly1305_opens_the_valid_and_refuses_the_invalid),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
