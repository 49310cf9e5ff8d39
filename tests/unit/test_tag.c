/* test_tag.c - record and subject tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/tag.h"
#include "vectors.h"

static void
tags_agree_with_the_specification(void **state)
{
	json_t *all = vectors_load("golden/crypto.json");
	const json_t *g = json_object_get(all, "tags");
	struct tag_key key;
	struct record_id record;
	struct person_id person;
	struct tag expected, got;

	(void)state;
	vectors_exact(g, "key", key.bytes, sizeof key.bytes);
	vectors_exact(g, "record", record.bytes, sizeof record.bytes);
	vectors_exact(g, "person", person.bytes, sizeof person.bytes);
	vectors_exact(g, "record_tag", expected.bytes, sizeof expected.bytes);
	got = tag_record(&key, 300, &record);
	assert_memory_equal(got.bytes, expected.bytes, sizeof expected.bytes);
	vectors_exact(g, "subject_tag", expected.bytes, sizeof expected.bytes);
	got = tag_subject(&key, person_key_of(&person));
	assert_memory_equal(got.bytes, expected.bytes, sizeof expected.bytes);
	json_decref(all);
}

static void
kind_record_and_key_each_change_a_record_tag(void **state)
{
	struct tag_key key = {{1}};
	struct record_id record = {{2}};
	struct tag first = tag_record(&key, 3, &record), other;

	(void)state;
	other = tag_record(&key, 3, &record);
	assert_true(ID_EQUAL(&first, &other)); /* two laptops meet in one record */
	other = tag_record(&key, 4, &record);
	assert_false(ID_EQUAL(&first, &other));
	record.bytes[15] = 1;
	other = tag_record(&key, 3, &record);
	assert_false(ID_EQUAL(&first, &other));
	record.bytes[15] = 0;
	key.bytes[31] = 1;
	other = tag_record(&key, 3, &record);
	assert_false(ID_EQUAL(&first, &other));
}

static void
a_subject_tag_depends_on_the_first_8_bytes_of_a_person_only(void **state)
{
	const struct tag_key key = {{1}};
	struct person_id person = {{1, 2, 3}};
	struct tag first = tag_subject(&key, person_key_of(&person)), other;

	(void)state;
	person.bytes[8] = 1;
	other = tag_subject(&key, person_key_of(&person));
	assert_true(ID_EQUAL(&first, &other)); /* so map keys can be matched to graves */
	person.bytes[7] = 1;
	other = tag_subject(&key, person_key_of(&person));
	assert_false(ID_EQUAL(&first, &other));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tags_agree_with_the_specification),
	    cmocka_unit_test(kind_record_and_key_each_change_a_record_tag),
	    cmocka_unit_test(a_subject_tag_depends_on_the_first_8_bytes_of_a_person_only),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
