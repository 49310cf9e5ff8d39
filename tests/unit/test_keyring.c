/* test_keyring.c - the one block of secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/keyring.h"
#include "vectors.h"

static struct keyring_place
place_of(const char *space, uint16_t scope, uint16_t epoch)
{
	return (struct keyring_place){space_of(space), scope, epoch};
}

static void
a_slot_is_found_with_the_op_key_of_its_seed(void **state)
{
	struct keyring *k = keyring_new();
	const struct epoch_seed seed = {{1}};
	const struct tag_key tag_key = {{2}};
	const struct keyring_slot *slot;
	struct op_key op;

	(void)state;
	assert_non_null(k);
	assert_null(keyring_find(k, place_of("DE", 1, 1)));
	assert_int_equal(
	    keyring_add(k, place_of("DE", 1, 1), &seed, &tag_key, NULL), ST_OK);
	slot = keyring_find(k, place_of("DE", 1, 1));
	assert_non_null(slot);
	derive_op_key(&seed, &op);
	assert_memory_equal(slot->op_key.bytes, op.bytes, sizeof op.bytes);
	assert_memory_equal(slot->tag_key.bytes, tag_key.bytes, sizeof tag_key.bytes);
	assert_null(keyring_find(k, place_of("CZ", 1, 1)));
	assert_null(keyring_find(k, place_of("DE", 2, 1)));
	assert_null(keyring_find(k, place_of("DE", 1, 2)));
	keyring_free(k);
}

static void
adding_twice_keeps_the_keys_and_refuses_others(void **state)
{
	struct keyring *k = keyring_new();
	const struct epoch_seed seed = {{1}}, other = {{9}};
	const struct tag_key tag_key = {{2}}, other_tag = {{9}};

	(void)state;
	assert_int_equal(
	    keyring_add(k, place_of("DE", 1, 1), &seed, &tag_key, NULL), ST_OK);
	assert_int_equal(
	    keyring_add(k, place_of("DE", 1, 1), &seed, &tag_key, NULL), ST_OK);
	assert_int_equal(
	    keyring_add(k, place_of("DE", 1, 1), &other, &tag_key, NULL), ST_EXISTS);
	assert_int_equal(
	    keyring_add(k, place_of("DE", 1, 1), &seed, &other_tag, NULL), ST_EXISTS);
	assert_int_equal(keyring_count(k), 1);
	keyring_free(k);
}

static void
a_thousand_slots_stay_sorted_through_every_growth(void **state)
{
	struct keyring *k = keyring_new();
	struct device_seed device = {{5}};
	const struct tag_key first_tag = {{1}};
	const struct keyring_slot *slot;
	struct device_keys keys;

	(void)state;
	derive_device(&device, &keys);
	keyring_set_device(k, &device);
	for (uint16_t i = 0; i < 1000; i++) {
		uint16_t scope = (uint16_t)(i * 7 % 1000);
		struct epoch_seed seed = {{(uint8_t)(scope >> 8), (uint8_t)scope}};
		/* the tag key lies in the block that moves */
		const struct tag_key *tag_key =
		    keyring_count(k) == 0 ? &first_tag : &keyring_at(k, 0)->tag_key;

		assert_int_equal(
		    keyring_add(k, place_of(i % 2 == 0 ? "DE" : "CZ", scope, 1), &seed,
			tag_key, NULL),
		    ST_OK);
	}
	assert_int_equal(keyring_count(k), 1000);
	for (size_t i = 0; i < 1000; i++) {
		slot = keyring_at(k, i);
		assert_int_equal(
		    slot->seed.bytes[0] << 8 | slot->seed.bytes[1], slot->place.scope);
		assert_memory_equal(slot->tag_key.bytes, first_tag.bytes, 32);
		assert_ptr_equal(keyring_find(k, slot->place), slot);
		if (i > 0)
			assert_true(
			    memcmp(keyring_at(k, i - 1)->place.space.text,
				slot->place.space.text, 4) < 0 ||
			    keyring_at(k, i - 1)->place.scope < slot->place.scope);
	}
	assert_memory_equal(keyring_device(k), &keys, sizeof keys);
	assert_memory_equal(keyring_device_seed(k)->bytes, device.bytes, 32);
	keyring_free(k);
}

static void
the_newest_epoch_is_told_and_a_scope_can_be_dropped(void **state)
{
	struct keyring *k = keyring_new();
	const struct tag_key tag_key = {{1}};

	(void)state;
	assert_null(keyring_newest(k, space_of("DE"), 4));
	for (uint16_t epoch = 3; epoch > 0; epoch--) {
		struct epoch_seed seed = {{(uint8_t)epoch}};

		assert_int_equal(
		    keyring_add(k, place_of("DE", 4, epoch), &seed, &tag_key, NULL),
		    ST_OK);
		assert_int_equal(
		    keyring_add(k, place_of("DE", 5, epoch), &seed, &tag_key, NULL),
		    ST_OK);
	}
	assert_int_equal(keyring_newest(k, space_of("DE"), 4)->place.epoch, 3);
	assert_null(keyring_newest(k, space_of("CZ"), 4));
	keyring_drop_scope(k, space_of("DE"), 4);
	keyring_drop_scope(k, space_of("DE"), 4);
	assert_int_equal(keyring_count(k), 3);
	assert_null(keyring_newest(k, space_of("DE"), 4));
	assert_int_equal(keyring_newest(k, space_of("DE"), 5)->place.epoch, 3);
	keyring_free(k);
}

static void
the_device_is_unknown_until_its_seed_is_set(void **state)
{
	struct keyring *k = keyring_new();
	const struct device_seed seed = {{8}};
	struct device_keys keys;

	(void)state;
	assert_null(keyring_device(k));
	assert_null(keyring_device_seed(k));
	keyring_set_device(k, &seed);
	derive_device(&seed, &keys);
	assert_memory_equal(keyring_device(k), &keys, sizeof keys);
	keyring_free(k);
	keyring_free(NULL);
}

/* The rights of the page at an address, as the system tells them ("r--p"). */
static void
rights_of(const void *address, char out[static 5])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	char line[512];

	assert_non_null(maps);
	out[0] = '\0';
	while (out[0] == '\0' && fgets(line, sizeof line, maps) != NULL) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, out) != 3 ||
		    (uintptr_t)address < from || (uintptr_t)address >= to)
			out[0] = '\0';
	}
	(void)fclose(maps);
}

static void
the_block_is_read_only_between_changes(void **state)
{
	struct keyring *k = keyring_new();
	const struct device_seed device = {{8}};
	const struct tag_key tag_key = {{1}};
	char rights[5];

	(void)state;
	keyring_set_device(k, &device);
	rights_of(keyring_device(k), rights);
	assert_string_equal(rights, "r--p");
	for (uint16_t epoch = 1; epoch < 40; epoch++) { /* past the first growth */
		const struct epoch_seed seed = {{(uint8_t)epoch}};

		assert_int_equal(
		    keyring_add(k, place_of("DE", 1, epoch), &seed, &tag_key, NULL),
		    ST_OK);
		rights_of(keyring_at(k, 0), rights);
		assert_string_equal(rights, "r--p");
	}
	keyring_drop_scope(k, space_of("DE"), 1);
	rights_of(keyring_device(k), rights);
	assert_string_equal(rights, "r--p");
	keyring_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_slot_is_found_with_the_op_key_of_its_seed),
	    cmocka_unit_test(adding_twice_keeps_the_keys_and_refuses_others),
	    cmocka_unit_test(a_thousand_slots_stay_sorted_through_every_growth),
	    cmocka_unit_test(the_newest_epoch_is_told_and_a_scope_can_be_dropped),
	    cmocka_unit_test(the_device_is_unknown_until_its_seed_is_set),
	    cmocka_unit_test(the_block_is_read_only_between_changes),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
