/* test_version.c - the hash that names a text (DOMAIN 3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/version.h"
#include "crypto/sign.h"

static struct hash32
hash_of(const struct section *sections, size_t n)
{
	struct checks checks = sign_checks();
	struct arena *a = arena_new(0);
	struct hash32 out;

	assert_int_equal(version_hash(sections, n, &checks, a, &out, NULL), ST_OK);
	arena_free(a);
	return out;
}

static struct section
section_of(const char *kind, const char *heading, const char *text)
{
	return (struct section){kind, span_text(heading), span_text(text)};
}

static void
one_changed_character_is_another_version(void **state)
{
	struct section a = section_of("risks", "6. Risks", "The yard is visible.");
	struct section b = section_of("risks", "6. Risks", "The yard is visible!");
	struct hash32 x = hash_of(&a, 1), y = hash_of(&b, 1);

	(void)state;
	assert_memory_not_equal(x.bytes, y.bytes, sizeof x.bytes);
}

static void
what_is_composed_differently_is_the_same_version(void **state)
{
	struct section a = section_of("risks", "\xc3\xa1", "Mr\xc3\xa1z");
	struct section b = section_of("risks", "a\xcc\x81", "Mra\xcc\x81z");
	struct hash32 x = hash_of(&a, 1), y = hash_of(&b, 1);

	(void)state;
	assert_memory_equal(x.bytes, y.bytes, sizeof x.bytes);
}

static void
text_that_moves_over_a_boundary_is_another_version(void **state)
{
	struct section a[2] = {
	    section_of("risks", "R", "ab"), section_of("seen", "", "c")};
	struct section b[2] = {
	    section_of("risks", "R", "a"), section_of("seen", "", "bc")};
	struct section c[2] = {
	    section_of("risks", "Ra", "b"), section_of("seen", "", "c")};
	struct hash32 x = hash_of(a, 2), y = hash_of(b, 2), z = hash_of(c, 2);

	(void)state;
	assert_memory_not_equal(x.bytes, y.bytes, sizeof x.bytes);
	assert_memory_not_equal(x.bytes, z.bytes, sizeof x.bytes);
}

static void
the_order_of_sections_is_part_of_the_version(void **state)
{
	struct section a[2] = {
	    section_of("risks", "R", "a"), section_of("seen", "S", "b")};
	struct section b[2] = {a[1], a[0]};
	struct hash32 x = hash_of(a, 2), y = hash_of(b, 2);

	(void)state;
	assert_memory_not_equal(x.bytes, y.bytes, sizeof x.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_changed_character_is_another_version),
	    cmocka_unit_test(what_is_composed_differently_is_the_same_version),
	    cmocka_unit_test(text_that_moves_over_a_boundary_is_another_version),
	    cmocka_unit_test(the_order_of_sections_is_part_of_the_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
