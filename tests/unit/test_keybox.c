/* test_keybox.c - key boxes: compatible with sealed boxes, and refused when anything in
 * them is not what the log says (SECURITY 3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "crypto/derive.h"
#include "crypto/keybox_open.h"

/* A box of one scope, and the device that it is for. */
struct fixture {
	struct device_keys device;
	struct keybox box;
	struct fingerprint fingerprint;
	struct rng_seeded seed;
	struct rng rng;
	struct sealed_box sealed;
};

static void
fill(struct fixture *f)
{
	struct device_seed seed;
	struct record_id id;

	memset(f, 0, sizeof *f);
	memset(&seed, 3, sizeof seed);
	memset(&id, 9, sizeof id);
	derive_device(&seed, &f->device);
	memset(&f->box.place.network, 0x4e, sizeof f->box.place.network);
	f->box.place.space = space_of("SK");
	f->box.place.scope = scope_of(SCOPE_ACTIVITY, &id);
	f->box.place.epoch = 7;
	memset(&f->box.seed, 0x11, sizeof f->box.seed);
	memset(&f->box.tag_key, 0x22, sizeof f->box.tag_key);
	f->fingerprint = derive_fingerprint(&f->box.seed);
	f->rng = rng_seeded(&f->seed, 5);
	assert_int_equal(
	    keybox_seal(&f->box, &f->device.pk.box, &f->rng, &f->sealed, NULL), ST_OK);
}

static status
open_with(const struct fixture *f, const struct keybox_place *place,
    const struct fingerprint *fingerprint, struct keybox *out)
{
	return keybox_open(&f->sealed, &f->device.pk.box, &f->device.box_sk, place,
	    fingerprint, out, NULL);
}

static void
a_box_opens_for_its_device(void **state)
{
	struct fixture f;
	struct keybox out;

	(void)state;
	fill(&f);
	assert_int_equal(open_with(&f, &f.box.place, &f.fingerprint, &out), ST_OK);
	assert_memory_equal(&out.seed, &f.box.seed, sizeof out.seed);
	assert_memory_equal(&out.tag_key, &f.box.tag_key, sizeof out.tag_key);
}

static void
a_box_has_the_layout_of_sealed_boxes(void **state)
{
	struct fixture f;
	uint8_t plain[KEYBOX_PLAIN_BYTES];
	uint8_t expected[KEYBOX_PLAIN_BYTES];
	uint8_t theirs[KEYBOX_BYTES];
	struct keybox out;

	(void)state;
	fill(&f);
	keybox_plain_bytes(&f.box, expected);
	assert_int_equal(crypto_box_seal_open(plain, f.sealed.bytes, KEYBOX_BYTES,
			     f.device.pk.box.bytes, f.device.box_sk.bytes),
	    0);
	assert_memory_equal(plain, expected, sizeof plain);
	assert_int_equal(
	    crypto_box_seal(theirs, expected, sizeof expected, f.device.pk.box.bytes), 0);
	memcpy(f.sealed.bytes, theirs, sizeof theirs);
	assert_int_equal(open_with(&f, &f.box.place, &f.fingerprint, &out), ST_OK);
}

static void
two_boxes_of_one_content_differ(void **state)
{
	struct fixture f;
	struct sealed_box second;

	(void)state;
	fill(&f);
	assert_int_equal(
	    keybox_seal(&f.box, &f.device.pk.box, &f.rng, &second, NULL), ST_OK);
	assert_memory_not_equal(second.bytes, f.sealed.bytes, sizeof second.bytes);
}

static void
a_box_of_another_place_or_seed_is_refused(void **state)
{
	struct fixture f;
	struct keybox_place other;
	struct fingerprint wrong;
	struct keybox out;

	(void)state;
	fill(&f);
	other = f.box.place;
	other.network.bytes[15] ^= 1;
	assert_int_equal(open_with(&f, &other, &f.fingerprint, &out), ST_HASH);
	other = f.box.place;
	other.space = space_of("CZ");
	assert_int_equal(open_with(&f, &other, &f.fingerprint, &out), ST_HASH);
	other = f.box.place;
	other.scope.bytes[16] ^= 1;
	assert_int_equal(open_with(&f, &other, &f.fingerprint, &out), ST_HASH);
	other = f.box.place;
	other.epoch++;
	assert_int_equal(open_with(&f, &other, &f.fingerprint, &out), ST_HASH);
	wrong = f.fingerprint;
	wrong.bytes[0] ^= 1;
	assert_int_equal(open_with(&f, &f.box.place, &wrong, &out), ST_HASH);
	assert_true(ID_IS_ZERO(&out.seed));
	assert_true(ID_IS_ZERO(&out.tag_key));
}

static void
a_box_with_any_flipped_byte_or_another_key_does_not_open(void **state)
{
	struct fixture f;
	struct device_seed seed;
	struct device_keys other;
	struct keybox out;

	(void)state;
	fill(&f);
	for (size_t i = 0; i < KEYBOX_BYTES; i++) {
		f.sealed.bytes[i] ^= 0x10;
		assert_int_equal(
		    open_with(&f, &f.box.place, &f.fingerprint, &out), ST_HASH);
		f.sealed.bytes[i] ^= 0x10;
	}
	memset(&seed, 4, sizeof seed);
	derive_device(&seed, &other);
	assert_int_equal(keybox_open(&f.sealed, &other.pk.box, &other.box_sk,
			     &f.box.place, &f.fingerprint, &out, NULL),
	    ST_HASH);
}

static void
a_box_to_a_point_of_small_order_is_not_sealed(void **state)
{
	struct fixture f;
	struct box_pk zero = {{0}};

	(void)state;
	fill(&f);
	assert_int_equal(
	    keybox_seal(&f.box, &zero, &f.rng, &f.sealed, NULL), ST_MALFORMED);
	assert_true(ID_IS_ZERO(&f.sealed));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_box_opens_for_its_device),
	    cmocka_unit_test(a_box_has_the_layout_of_sealed_boxes),
	    cmocka_unit_test(two_boxes_of_one_content_differ),
	    cmocka_unit_test(a_box_of_another_place_or_seed_is_refused),
	    cmocka_unit_test(a_box_with_any_flipped_byte_or_another_key_does_not_open),
	    cmocka_unit_test(a_box_to_a_point_of_small_order_is_not_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
