/* test_vault.c - the vault file. Each Argon2id takes some 60 ms, so few are computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/vault.h"
#include "vectors.h"

static const struct vault_cost cheapest = {VAULT_PASSES_MIN, VAULT_KIB_MIN};
static const struct vault_secrets no_secrets;
static uint8_t file[VAULT_BYTES];
static struct vault_secrets secrets;

static void
fill_upwards(void *ctx, void *out, size_t len)
{
	vectors_fill(out, *(const uint8_t *)ctx, len);
}

static struct span
passphrase(void)
{
	return span_text("correct horse battery");
}

static status
open_file(size_t len, struct span word)
{
	struct vault_secrets got;
	status st;

	memset(&got, 1, sizeof got);
	st = vault_open(span_of(file, len), word, &got, NULL);
	if (st == ST_OK)
		assert_memory_equal(&got, &secrets, sizeof got);
	else
		assert_memory_equal(&got, &no_secrets, sizeof got);
	return st;
}

static void
a_vault_agrees_with_the_specification_and_opens(void **state)
{
	json_t *all = vectors_load("golden/crypto.json");
	const json_t *g = json_object_get(all, "vault");
	uint8_t first = 0x11, expected[VAULT_BYTES];
	const struct rng rng = {fill_upwards, &first};

	(void)state;
	vectors_exact(g, "secrets", &secrets, sizeof secrets);
	vectors_exact(g, "file", expected, sizeof expected);
	assert_int_equal(
	    vault_seal(&secrets, passphrase(), &cheapest, &rng, file, NULL), ST_OK);
	assert_memory_equal(file, expected, sizeof expected);
	assert_int_equal(open_file(VAULT_BYTES, passphrase()), ST_OK);
	json_decref(all);
}

static void
sec_54_a_wrong_passphrase_opens_nothing(void **state)
{
	(void)state;
	assert_int_equal(
	    open_file(VAULT_BYTES, span_text("correct horse batterz")), ST_NOT_ALLOWED);
	assert_int_equal(open_file(VAULT_BYTES, span_text("")), ST_NOT_ALLOWED);
}

static void
a_changed_byte_of_each_part_opens_nothing(void **state)
{
	/* salt, nonce, page key, seed, tag, and a legal change of the cost */
	static const size_t parts[] = {17, 33, 57, 57 + 32, VAULT_BYTES - 1, 12};

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		file[parts[i]] ^= 1;
		assert_int_equal(open_file(VAULT_BYTES, passphrase()), ST_NOT_ALLOWED);
		file[parts[i]] ^= 1;
	}
}

static void
what_is_no_vault_is_refused_before_any_work(void **state)
{
	(void)state;
	for (size_t len = 0; len < VAULT_BYTES; len++)
		assert_int_equal(open_file(len, passphrase()), ST_MALFORMED);
	for (size_t i = 0; i < 8; i++) {
		file[i] ^= 1;
		assert_int_equal(open_file(VAULT_BYTES, passphrase()), ST_MALFORMED);
		file[i] ^= 1;
	}
	file[8] = 2;
	assert_int_equal(open_file(VAULT_BYTES, passphrase()), ST_VERSION);
	file[8] = 1;
}

static void
sec_54_weak_or_huge_parameters_are_refused(void **state)
{
	static const struct {
		struct vault_cost cost;
		status expected;
	} rows[] = {
	    {{VAULT_PASSES_MIN - 1, VAULT_KIB_MIN}, ST_MALFORMED},
	    {{VAULT_PASSES_MAX + 1, VAULT_KIB_MIN}, ST_MALFORMED},
	    {{VAULT_PASSES_MIN, VAULT_KIB_MIN - 1}, ST_MALFORMED},
	    {{VAULT_PASSES_MIN, VAULT_KIB_MAX + 1}, ST_MALFORMED},
	    {{VAULT_PASSES_MIN, 2 * VAULT_KIB_MAX}, ST_MALFORMED},
	    {{UINT32_MAX, UINT32_MAX}, ST_MALFORMED},
	    {{VAULT_PASSES_MAX, VAULT_KIB_MAX}, ST_OK},
	    {{VAULT_PASSES_MIN, VAULT_KIB_MIN}, ST_OK},
	};
	struct vault_cost cost;
	uint8_t out[VAULT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		put_u32(file + 9, rows[i].cost.passes);
		put_u32(file + 13, rows[i].cost.memory_kib);
		assert_int_equal(vault_cost_of(span_of(file, VAULT_BYTES), &cost, NULL),
		    rows[i].expected);
		if (rows[i].expected == ST_OK)
			continue;
		assert_int_equal(open_file(VAULT_BYTES, passphrase()), ST_MALFORMED);
		assert_int_equal(
		    vault_seal(&secrets, passphrase(), &rows[i].cost, NULL, out, NULL),
		    ST_LIMIT);
	}
}

static void
a_small_machine_gets_a_smaller_cost(void **state)
{
	const uint64_t gib = (uint64_t)1 << 30;

	(void)state;
	assert_int_equal(vault_cost_for(2 * gib).memory_kib, 256 * 1024);
	assert_int_equal(vault_cost_for(2 * gib - 1).memory_kib, 128 * 1024);
	assert_int_equal(vault_cost_for(gib).passes, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_vault_agrees_with_the_specification_and_opens),
	    cmocka_unit_test(sec_54_a_wrong_passphrase_opens_nothing),
	    cmocka_unit_test(a_changed_byte_of_each_part_opens_nothing),
	    cmocka_unit_test(what_is_no_vault_is_refused_before_any_work),
	    cmocka_unit_test(sec_54_weak_or_huge_parameters_are_refused),
	    cmocka_unit_test(a_small_machine_gets_a_smaller_cost),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
