/* test_derive.c - key trees, hashes and signatures against a second computation in Python
 * (tests/golden/crypto.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/derive.h"
#include "crypto/labels.h"
#include "crypto/sign.h"
#include "vectors.h"

static json_t *golden;

static const json_t *
part(const char *name)
{
	const json_t *p = json_object_get(golden, name);

	assert_non_null(p);
	return p;
}

static void
expect(const json_t *object, const char *key, const void *got, size_t len)
{
	uint8_t expected[64];

	assert_true(len <= sizeof expected);
	vectors_exact(object, key, expected, len);
	assert_memory_equal(got, expected, len);
}

static void
a_device_seed_gives_three_pairs_and_a_name(void **state)
{
	const json_t *g = part("device");
	struct device_seed seed;
	struct device_keys keys;
	struct device_id id;

	(void)state;
	vectors_exact(g, "seed", seed.bytes, sizeof seed.bytes);
	derive_device(&seed, &keys);
	id = derive_device_id(&keys.pk);
	expect(g, "sign_pk", keys.pk.sign.bytes, 32);
	expect(g, "box_pk", keys.pk.box.bytes, 32);
	expect(g, "transport_pk", keys.pk.transport.bytes, 32);
	expect(g, "sign_seed", keys.sign_sk.bytes, 32);
	expect(g, "box_sk", keys.box_sk.bytes, 32);
	expect(g, "transport_sk", keys.transport_sk.bytes, 32);
	expect(g, "id", id.bytes, 16);
}

static void
an_epoch_seed_gives_op_key_wrap_key_and_fingerprint(void **state)
{
	const json_t *g = part("epoch");
	struct epoch_seed seed;
	struct op_key op;
	struct wrap_key wrap;
	struct fingerprint f;

	(void)state;
	vectors_exact(g, "seed", seed.bytes, sizeof seed.bytes);
	derive_op_key(&seed, &op);
	derive_wrap_key(&seed, &wrap);
	f = derive_fingerprint(&seed);
	expect(g, "op_key", op.bytes, 32);
	expect(g, "wrap_key", wrap.bytes, 32);
	expect(g, "fingerprint", f.bytes, 16);
}

static void
an_invite_secret_gives_keys_of_one_network_only(void **state)
{
	const json_t *g = part("invite");
	struct invite_secret secret;
	struct network_id network;
	struct invite_keys keys, others;

	(void)state;
	vectors_exact(g, "secret", secret.bytes, sizeof secret.bytes);
	vectors_exact(g, "network", network.bytes, sizeof network.bytes);
	derive_invite(&secret, &network, &keys);
	expect(g, "sign_pk", keys.sign_pk.bytes, 32);
	expect(g, "box_pk", keys.box_pk.bytes, 32);
	expect(g, "box_sk", keys.box_sk.bytes, 32);
	network.bytes[15] ^= 1;
	derive_invite(&secret, &network, &others);
	assert_memory_not_equal(&keys, &others, sizeof keys);
}

static void
a_box_pair_is_its_seed_and_the_base_point(void **state)
{
	const json_t *g = part("device");
	uint8_t seed[32];
	struct box_pk pk;
	struct box_sk sk;

	(void)state;
	vectors_exact(g, "box_sk", seed, sizeof seed);
	derive_box_pair(seed, &pk, &sk);
	assert_memory_equal(sk.bytes, seed, sizeof seed);
	expect(g, "box_pk", pk.bytes, 32);
}

static void
hashes_run_over_the_label_with_its_nul_and_all_parts(void **state)
{
	const json_t *g = part("hashes");
	uint8_t a[3], b[200], key[32], h128[16];
	const struct span parts[] = {span_of(a, 3), span_of(b, 200)};
	struct hash32 h256;

	(void)state;
	vectors_exact(g, "a", a, sizeof a);
	vectors_exact(g, "b", b, sizeof b);
	vectors_exact(g, "key", key, sizeof key);
	hash_256(LABEL_OP_HASH, parts, 2, &h256);
	expect(g, "h256", h256.bytes, 32);
	hash_128(LABEL_OP_HASH, parts, 2, h128);
	expect(g, "h128", h128, 16);
	hash_256_keyed(span_of(key, 32), LABEL_OP_HASH, parts, 2, &h256);
	expect(g, "h256_keyed", h256.bytes, 32);
	hash_128_keyed(span_of(key, 32), LABEL_OP_HASH, parts, 2, h128);
	expect(g, "h128_keyed", h128, 16);
	hash_128(NULL, parts, 1, h128);
	expect(g, "h128_no_label", h128, 16);
}

static void
the_table_of_checks_hashes_and_verifies(void **state)
{
	const struct checks c = sign_checks();
	const struct span message = span_text("pnet");
	struct sign_seed seed = {{7}};
	struct sign_pk pk;
	struct sign_sk sk;
	struct signature signature;
	struct hash32 ours, theirs;

	(void)state;
	sign_seed_keypair(&seed, &pk, &sk);
	sign_message(&sk, message, &signature);
	assert_true(c.verify(c.ctx, &pk, message, &signature));
	for (size_t bit = 0; bit < 512; bit++) {
		signature.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(c.verify(c.ctx, &pk, message, &signature));
		signature.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_false(c.verify(c.ctx, &pk, span_text("pneu"), &signature));
	pk.bytes[0] ^= 1;
	assert_false(c.verify(c.ctx, &pk, message, &signature));
	hash_256(LABEL_LOG, &message, 1, &ours);
	c.hash(c.ctx, LABEL_LOG, &message, 1, &theirs);
	assert_memory_equal(ours.bytes, theirs.bytes, 32);
}

static void
no_label_is_a_prefix_of_another(void **state)
{
	static const struct span labels[] = {
#define X(label) {(const uint8_t *)(label), sizeof(label)},
	    LABELS(X)
#undef X
	};
	const size_t n = sizeof labels / sizeof labels[0];

	(void)state;
	assert_true(n >= 15);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(labels[i].bytes[labels[i].len - 1], 0);
		assert_memory_equal(labels[i].bytes, "pnet/", 5);
		for (size_t j = 0; j < n; j++) {
			size_t shorter =
			    labels[i].len < labels[j].len ? labels[i].len : labels[j].len;

			if (i != j)
				assert_memory_not_equal(
				    labels[i].bytes, labels[j].bytes, shorter);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_device_seed_gives_three_pairs_and_a_name),
	    cmocka_unit_test(an_epoch_seed_gives_op_key_wrap_key_and_fingerprint),
	    cmocka_unit_test(an_invite_secret_gives_keys_of_one_network_only),
	    cmocka_unit_test(a_box_pair_is_its_seed_and_the_base_point),
	    cmocka_unit_test(hashes_run_over_the_label_with_its_nul_and_all_parts),
	    cmocka_unit_test(the_table_of_checks_hashes_and_verifies),
	    cmocka_unit_test(no_label_is_a_prefix_of_another),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	golden = vectors_load("golden/crypto.json");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_decref(golden);
	return failed != 0;
}
