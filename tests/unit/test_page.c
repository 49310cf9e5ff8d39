/* test_page.c - sealed pages and headers of the replica's database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/page_open.h"
#include "vectors.h"

static struct page_key key;
static struct page_place place = {.kind = PAGE_WAL, .number = 5};
static uint8_t nonce[PAGE_NONCE_BYTES], plain[PAGE_BYTES], sealed[PAGE_BYTES],
    opened[PAGE_BYTES];
static const uint8_t zeros[PAGE_BYTES];

/* The inputs of golden/crypto.py. */
static int
fill_inputs(void **state)
{
	(void)state;
	vectors_fill(key.bytes, 0x66, sizeof key.bytes);
	vectors_fill(place.file, 0x77, sizeof place.file);
	vectors_fill(place.salts, 0x99, sizeof place.salts);
	vectors_fill(nonce, 0x88, sizeof nonce);
	memset(plain, 0, sizeof plain);
	vectors_fill(plain, 1, PAGE_CONTENT_BYTES);
	page_seal(&key, &place, nonce, plain, sealed);
	return 0;
}

static void
pages_slots_and_masks_agree_with_the_specification(void **state)
{
	json_t *all = vectors_load("golden/crypto.json");
	const json_t *g = json_object_get(all, "page");
	const struct span whole = span_of(sealed, sizeof sealed);
	struct page_place header = place;
	uint8_t slot[24 + PAGE_SLOT_OVERHEAD], expected[sizeof slot], mask[4];
	struct hash32 hash;

	(void)state;
	vectors_exact(g, "hash", expected, 32);
	hash_256(NULL, &whole, 1, &hash);
	assert_memory_equal(hash.bytes, expected, 32);
	header.kind = PAGE_FRAME_HEADER;
	page_seal_slot(&key, &header, nonce, plain, 24, slot);
	vectors_exact(g, "slot", expected, sizeof expected);
	assert_memory_equal(slot, expected, sizeof slot);
	put_u32(mask, page_mask(&key, nonce));
	vectors_exact(g, "mask", expected, sizeof mask);
	assert_memory_equal(mask, expected, sizeof mask);
	json_decref(all);
}

static void
a_page_opens_to_what_it_was_also_in_place(void **state)
{
	(void)state;
	assert_true(page_open(&key, &place, sealed, opened));
	assert_memory_equal(opened, plain, PAGE_BYTES);
	assert_true(page_open(&key, &place, sealed, sealed));
	assert_memory_equal(sealed, plain, PAGE_BYTES);
}

static void
does_not_open(const struct page_place *where)
{
	memset(opened, 1, sizeof opened);
	assert_false(page_open(&key, where, sealed, opened));
	assert_memory_equal(opened, zeros, PAGE_BYTES);
}

static void
sec_51_a_page_opens_nowhere_else(void **state)
{
	struct page_place other = place;

	(void)state;
	other.number = 6; /* swapped pages */
	does_not_open(&other);
	other = place;
	other.kind = PAGE_DB; /* a frame put into the file */
	does_not_open(&other);
	other = place;
	other.file[15] ^= 1; /* another file under the same key */
	does_not_open(&other);
	other = place;
	other.salts[7] ^= 1; /* an older generation of the WAL */
	does_not_open(&other);
	key.bytes[31] ^= 1;
	does_not_open(&place);
}

static void
sec_50_a_flip_of_any_bit_of_a_page_is_seen(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < (size_t)PAGE_BYTES * 8; bit += 7) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		does_not_open(&place);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t at = PAGE_CONTENT_BYTES; at < PAGE_BYTES; at++) {
		sealed[at] ^= 0x80; /* nonce and tag, every byte */
		does_not_open(&place);
		sealed[at] ^= 0x80;
	}
}

static void
slots_of_every_length_come_back_and_show_flips(void **state)
{
	static const size_t lengths[] = {1, 24, 28, 32, PAGE_SLOT_PLAIN_MAX};
	uint8_t slot[PAGE_SLOT_PLAIN_MAX + PAGE_SLOT_OVERHEAD];
	struct page_place header = place;

	(void)state;
	header.kind = PAGE_JOURNAL_HEADER;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		size_t len = lengths[i];

		page_seal_slot(&key, &header, nonce, plain, len, slot);
		assert_true(page_open_slot(&key, &header, slot, opened, len));
		assert_memory_equal(opened, plain, len);
		for (size_t at = 0; at < len + PAGE_SLOT_OVERHEAD; at++) {
			slot[at] ^= 1;
			assert_false(page_open_slot(&key, &header, slot, opened, len));
			assert_memory_equal(opened, zeros, len);
			slot[at] ^= 1;
		}
	}
}

static void
masks_differ_by_nonce_and_key(void **state)
{
	uint32_t first = page_mask(&key, nonce);

	(void)state;
	assert_int_equal(page_mask(&key, nonce), first);
	nonce[0] ^= 1;
	assert_int_not_equal(page_mask(&key, nonce), first);
	nonce[0] ^= 1;
	key.bytes[0] ^= 1;
	assert_int_not_equal(page_mask(&key, nonce), first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		pages_slots_and_masks_agree_with_the_specification, fill_inputs),
	    cmocka_unit_test_setup(
		a_page_opens_to_what_it_was_also_in_place, fill_inputs),
	    cmocka_unit_test_setup(sec_51_a_page_opens_nowhere_else, fill_inputs),
	    cmocka_unit_test_setup(
		sec_50_a_flip_of_any_bit_of_a_page_is_seen, fill_inputs),
	    cmocka_unit_test_setup(
		slots_of_every_length_come_back_and_show_flips, fill_inputs),
	    cmocka_unit_test_setup(masks_differ_by_nonce_and_key, fill_inputs),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
