/* test_seal.c - padding, sealing and opening of op bodies, wrapped seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/pad.h"
#include "crypto/seal_open.h"
#include "crypto/wrap_open.h"
#include "vectors.h"

static struct op_key key;
static struct arena *arena;

/* The place that golden/crypto.py seals for. */
static struct seal_ad
golden_ad(void)
{
	struct seal_ad ad = {.epoch = 3, .retention = 1, .index = 7};
	struct record_id activity;

	vectors_fill(activity.bytes, 0xB0, sizeof activity.bytes);
	vectors_fill(ad.network.bytes, 0x80, sizeof ad.network.bytes);
	ad.space = space_of("DE");
	ad.scope = scope_of(SCOPE_ACTIVITY, &activity);
	vectors_fill(ad.nonce, 0xD0, sizeof ad.nonce);
	vectors_fill(ad.record.bytes, 0xE0, sizeof ad.record.bytes);
	vectors_fill(ad.subject.bytes, 0xF0, sizeof ad.subject.bytes);
	return ad;
}

static struct span
sealed_of(const struct seal_ad *ad, struct span plain, uint8_t *buffer, size_t cap)
{
	struct writer w = writer_of(buffer, cap);

	assert_int_equal(seal_body(&key, ad, plain, &w, NULL), ST_OK);
	assert_int_equal(w.used, seal_bytes(plain.len));
	return writer_done(&w);
}

static void
sec_37_padme_gives_the_published_lengths(void **state)
{
	json_t *all = vectors_load("golden/crypto.json");
	const json_t *rows = json_object_get(all, "padme");

	(void)state;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		size_t len = (size_t)json_integer_value(json_object_get(row, "length"));

		assert_int_equal(
		    pad_padme(len), json_integer_value(json_object_get(row, "padded")));
	}
	json_decref(all);
	assert_int_equal(pad_padme(65), 72);
	assert_int_equal(pad_padme(1000), 1024);
	assert_int_equal(pad_padme(16385), 17408);
	assert_int_equal(pad_padme(2343242), 2359296);
}

static void
padme_never_shrinks_and_grows_by_an_eighth_at_most(void **state)
{
	size_t before = 0;

	(void)state;
	for (size_t len = 1; len < 70000; len++) {
		size_t padded = pad_padme(len);

		assert_true(padded >= len && padded >= before);
		assert_true((padded - len) * 8 <= len);
		before = padded;
	}
}

static void
sec_37_every_plaintext_up_to_63_bytes_has_one_length(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 63; len++)
		assert_int_equal(seal_bytes(len), 80);
	assert_int_equal(seal_bytes(64), 72 + 16);
	assert_int_equal(seal_bytes(71), 72 + 16);
	assert_int_equal(seal_bytes(72), 80 + 16);
	assert_int_equal(seal_bytes(SEAL_PLAIN_BYTES_MAX), SEAL_BYTES_MAX);
}

static void
stripping_undoes_filling_and_nothing_else(void **state)
{
	uint8_t bytes[300] = {0};
	size_t len = 0;

	(void)state;
	for (size_t plain = 1; plain <= 250; plain++) {
		size_t target = pad_target(plain);

		memset(bytes, 0x80, plain); /* looks like padding itself */
		pad_fill(bytes, plain, target);
		assert_true(pad_strip(span_of(bytes, target), &len));
		assert_int_equal(len, plain);
		bytes[target - 1] = 1;
		assert_false(pad_strip(span_of(bytes, target), &len));
	}
	memset(bytes, 0, sizeof bytes);
	assert_false(pad_strip(span_of(bytes, 64), &len)); /* no mark at all */
	assert_false(pad_strip(span_of(bytes, 0), &len));
	bytes[10] = 0x80;
	assert_true(pad_strip(span_of(bytes, 64), &len));
	assert_false(pad_strip(span_of(bytes, 72), &len)); /* longer than needed */
}

static void
sealing_agrees_with_the_specification(void **state)
{
	json_t *all = vectors_load("golden/crypto.json");
	const json_t *rows = json_object_get(all, "seals");
	const struct seal_ad ad = golden_ad();
	static uint8_t plain[SEAL_PLAIN_BYTES_MAX], buffer[SEAL_BYTES_MAX];

	(void)state;
	vectors_fill(plain, 1, sizeof plain);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		size_t len = (size_t)json_integer_value(json_object_get(row, "length"));
		struct span sealed =
		    sealed_of(&ad, span_of(plain, len), buffer, sizeof buffer);
		uint8_t bound[SEAL_AD_BYTES], expected_ad[SEAL_AD_BYTES];
		struct hash32 hash, expected;
		struct span opened;

		assert_int_equal(sealed.len,
		    json_integer_value(json_object_get(row, "sealed_length")));
		hash_256(NULL, &sealed, 1, &hash);
		vectors_exact(row, "hash", expected.bytes, sizeof expected.bytes);
		assert_memory_equal(hash.bytes, expected.bytes, sizeof expected.bytes);
		if (vectors_has(row, "ad")) {
			vectors_exact(row, "ad", expected_ad, sizeof expected_ad);
			seal_ad_bytes(&ad, bound);
			assert_memory_equal(bound, expected_ad, sizeof bound);
		}
		assert_int_equal(
		    seal_open(&key, &ad, sealed, arena, &opened, NULL), ST_OK);
		assert_true(span_equal(opened, span_of(plain, len)));
		arena_wipe(arena);
	}
	json_decref(all);
}

static void
refuses_to_open(const struct seal_ad *ad, struct span sealed, status why)
{
	struct span opened;

	assert_int_equal(seal_open(&key, ad, sealed, arena, &opened, NULL), why);
	assert_null(opened.bytes);
	arena_wipe(arena);
}

static void
sec_27_a_change_of_any_bound_field_does_not_open(void **state)
{
	const struct seal_ad ad = golden_ad();
	struct seal_ad other;
	uint8_t buffer[128];
	struct span sealed = sealed_of(&ad, span_text("mark"), buffer, sizeof buffer);

	(void)state;
#define CHANGED(statement)                                                               \
	do {                                                                             \
		other = ad;                                                              \
		statement;                                                               \
		refuses_to_open(&other, sealed, ST_HASH);                                \
	} while (0)
	CHANGED(other.network.bytes[15] ^= 1);
	CHANGED(other.space = space_of("CZ"));
	CHANGED(other.scope.bytes[0] ^= 1);
	CHANGED(other.scope.bytes[16] ^= 1);
	CHANGED(other.epoch++);
	CHANGED(other.nonce[0] ^= 1);
	CHANGED(other.nonce[19] ^= 1);
	CHANGED(other.record.bytes[15] ^= 1);
	CHANGED(other.subject.bytes[15] ^= 1);
	CHANGED(memset(&other.subject, 0, sizeof other.subject));
	CHANGED(other.retention++);
	CHANGED(other.index++);
#undef CHANGED
	key.bytes[0] ^= 1;
	refuses_to_open(&ad, sealed, ST_HASH);
	key.bytes[0] ^= 1;
}

static void
sec_27_a_flip_of_any_bit_does_not_open(void **state)
{
	const struct seal_ad ad = golden_ad();
	uint8_t buffer[128];
	struct span sealed = sealed_of(&ad, span_text("mark"), buffer, sizeof buffer);

	(void)state;
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
		refuses_to_open(&ad, sealed, ST_HASH);
		buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
opening_refuses_lengths_that_sealing_never_makes(void **state)
{
	const struct seal_ad ad = golden_ad();
	static uint8_t buffer[SEAL_BYTES_MAX + 1];
	static const uint8_t plain[200] = {1};
	struct span sealed =
	    sealed_of(&ad, span_of(plain, sizeof plain), buffer, sizeof buffer);

	(void)state;
	for (size_t len = 0; len < sealed.len; len++)
		refuses_to_open(&ad, span_of(buffer, len),
		    len < SEAL_BYTES_MIN ? ST_MALFORMED : ST_HASH);
	refuses_to_open(&ad, span_of(buffer, SEAL_BYTES_MAX + 1), ST_MALFORMED);
}

/* Seals padded bytes as they are, as only a careless or hostile writer would. */
static struct span
seal_raw(const struct seal_ad *ad, const uint8_t *padded, size_t len, uint8_t *out)
{
	uint8_t bound[SEAL_AD_BYTES], nonce[24];

	seal_ad_bytes(ad, bound);
	seal_nonce(ad, nonce);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
	    out, NULL, padded, len, bound, sizeof bound, NULL, nonce, key.bytes);
	return span_of(out, len + SEAL_TAG_BYTES);
}

static void
opening_refuses_bad_padding_under_a_valid_tag(void **state)
{
	const struct seal_ad ad = golden_ad();
	uint8_t padded[72] = {1, 2, 3, 0x80}, sealed[88];
	struct span opened;

	(void)state;
	assert_int_equal(
	    seal_open(&key, &ad, seal_raw(&ad, padded, 64, sealed), arena, &opened, NULL),
	    ST_OK);
	assert_int_equal(opened.len, 3);
	refuses_to_open(&ad, seal_raw(&ad, padded, 72, sealed), ST_MALFORMED);
	padded[63] = 1;
	refuses_to_open(&ad, seal_raw(&ad, padded, 64, sealed), ST_MALFORMED);
	memset(padded, 0, sizeof padded);
	refuses_to_open(&ad, seal_raw(&ad, padded, 64, sealed), ST_MALFORMED);
	padded[0] = 0x80; /* an empty plaintext has no flag byte */
	refuses_to_open(&ad, seal_raw(&ad, padded, 64, sealed), ST_MALFORMED);
}

static void
sealing_refuses_what_is_empty_too_long_or_without_room(void **state)
{
	const struct seal_ad ad = golden_ad();
	static uint8_t plain[SEAL_PLAIN_BYTES_MAX + 1], buffer[SEAL_BYTES_MAX + 100];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	assert_int_equal(seal_body(&key, &ad, span_of(plain, 0), &w, NULL), ST_LIMIT);
	assert_int_equal(
	    seal_body(&key, &ad, span_of(plain, SEAL_PLAIN_BYTES_MAX + 1), &w, NULL),
	    ST_LIMIT);
	assert_int_equal(w.used, 0);
	assert_int_equal(
	    seal_body(&key, &ad, span_of(plain, SEAL_PLAIN_BYTES_MAX), &w, NULL), ST_OK);
	w = writer_of(buffer, 79);
	assert_int_equal(seal_body(&key, &ad, span_of(plain, 1), &w, NULL), ST_LIMIT);
	assert_true(w.is_full && w.used == 0);
}

static bool
holds(const uint8_t *bytes, size_t len, struct span needle)
{
	return memmem(bytes, len, needle.bytes, needle.len) != NULL;
}

static void
a_failed_opening_leaves_no_plaintext_in_the_arena(void **state)
{
	const struct seal_ad ad = golden_ad();
	const struct span canary = span_text("canary of a young person");
	uint8_t padded[64] = {0}, sealed[80];
	struct arena *fresh = arena_new(0);
	struct span opened;
	uint8_t *at;

	(void)state;
	assert_non_null(fresh);
	memcpy(padded, canary.bytes, canary.len);
	padded[63] = 1; /* authentic, but badly padded */
	at = arena_alloc(fresh, 64);
	arena_reset(fresh); /* the next allocation has the same place */
	assert_int_equal(
	    seal_open(&key, &ad, seal_raw(&ad, padded, 64, sealed), fresh, &opened, NULL),
	    ST_MALFORMED);
	assert_false(holds(at, 64, canary));
	arena_free(fresh);
}

static void
fill_upwards(void *ctx, void *out, size_t len)
{
	vectors_fill(out, *(const uint8_t *)ctx, len);
}

static void
a_wrapped_seed_agrees_with_the_specification_and_opens(void **state)
{
	json_t *all = vectors_load("golden/crypto.json");
	const json_t *g = json_object_get(all, "wrap");
	const struct seal_ad ad = golden_ad();
	struct wrap_place place = {ad.network, ad.space, ad.scope, 4};
	uint8_t first_of_nonce = 0x44;
	const struct rng rng = {fill_upwards, &first_of_nonce};
	struct wrap_key wrap;
	struct epoch_seed seed, got;
	struct wrapped_seed wrapped, expected;

	(void)state;
	vectors_exact(g, "key", wrap.bytes, sizeof wrap.bytes);
	vectors_exact(g, "seed", seed.bytes, sizeof seed.bytes);
	vectors_exact(g, "wrapped", expected.bytes, sizeof expected.bytes);
	wrap_seed(&wrap, &place, &seed, &rng, &wrapped);
	assert_memory_equal(wrapped.bytes, expected.bytes, sizeof expected.bytes);
	assert_int_equal(wrap_open(&wrap, &place, &wrapped, &got, NULL), ST_OK);
	assert_memory_equal(got.bytes, seed.bytes, sizeof seed.bytes);
	json_decref(all);
}

static void
a_wrapped_seed_opens_in_its_place_only(void **state)
{
	const struct seal_ad ad = golden_ad();
	const struct wrap_place place = {ad.network, ad.space, ad.scope, 4};
	struct rng_seeded stream;
	const struct rng rng = rng_seeded(&stream, 1);
	const struct wrap_key wrap = {{1}};
	const struct epoch_seed seed = {{2}}, zero = {{0}};
	struct wrap_place other = place;
	struct epoch_seed got = {{3}};
	struct wrapped_seed wrapped;

	(void)state;
	wrap_seed(&wrap, &place, &seed, &rng, &wrapped);
	other.epoch = 5;
	assert_int_equal(wrap_open(&wrap, &other, &wrapped, &got, NULL), ST_HASH);
	assert_memory_equal(got.bytes, zero.bytes, sizeof zero.bytes);
	other = place;
	other.space = space_of("CZ");
	assert_int_equal(wrap_open(&wrap, &other, &wrapped, &got, NULL), ST_HASH);
	for (size_t i = 0; i < sizeof wrapped.bytes; i++) {
		wrapped.bytes[i] ^= 0x10;
		assert_int_equal(wrap_open(&wrap, &place, &wrapped, &got, NULL), ST_HASH);
		wrapped.bytes[i] ^= 0x10;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sec_37_padme_gives_the_published_lengths),
	    cmocka_unit_test(padme_never_shrinks_and_grows_by_an_eighth_at_most),
	    cmocka_unit_test(sec_37_every_plaintext_up_to_63_bytes_has_one_length),
	    cmocka_unit_test(stripping_undoes_filling_and_nothing_else),
	    cmocka_unit_test(sealing_agrees_with_the_specification),
	    cmocka_unit_test(sec_27_a_change_of_any_bound_field_does_not_open),
	    cmocka_unit_test(sec_27_a_flip_of_any_bit_does_not_open),
	    cmocka_unit_test(opening_refuses_lengths_that_sealing_never_makes),
	    cmocka_unit_test(opening_refuses_bad_padding_under_a_valid_tag),
	    cmocka_unit_test(sealing_refuses_what_is_empty_too_long_or_without_room),
	    cmocka_unit_test(a_failed_opening_leaves_no_plaintext_in_the_arena),
	    cmocka_unit_test(a_wrapped_seed_agrees_with_the_specification_and_opens),
	    cmocka_unit_test(a_wrapped_seed_opens_in_its_place_only),
	};
	int failed;

	if (sodium_init() < 0)
		return 1;
	vectors_fill(key.bytes, 0xC0, sizeof key.bytes);
	arena = arena_new(0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(arena);
	return failed != 0;
}
