/* test_membership_memory.c - whichever allocation fails while a record is applied, the
 * state is as it was, and the same record is taken when there is memory again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "log_world.h"

#if defined(__has_feature)
#define HAS_SANITIZER                                                                    \
	(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#else
#define HAS_SANITIZER 0
#endif

/* Sanitizers bring their own allocator, which must not be replaced. */
#if !HAS_SANITIZER && defined(__GLIBC__)

void *__libc_realloc(void *at, size_t len);
void *__libc_calloc(size_t n, size_t len);

/* 0 = all succeed; n = the n-th from now fails. */
static unsigned fail_at;

static bool
fails_now(void)
{
	return fail_at > 0 && --fail_at == 0;
}

void *
realloc(void *at, size_t len)
{
	return fails_now() ? NULL : __libc_realloc(at, len);
}

void *
calloc(size_t n, size_t len)
{
	return fails_now() ? NULL : __libc_calloc(n, len);
}

/* Applies w.last to m, with every allocation failing in turn. */
static unsigned
apply_in_spite(struct world *w, struct membership *m)
{
	const struct apply_how how = {.mode = APPLY_STORED};
	uint16_t space = 0;
	unsigned n = 0;
	status st = ST_NO_MEMORY;

	(void)membership_space_find(m, &w->last.record.space, &space);
	while (st != ST_OK) {
		uint32_t len = membership_log_len(m, space);
		size_t devices = membership_n_devices(m, space);
		size_t scopes = membership_n_scopes(m, space);
		size_t invites = membership_n_invites(m, space);
		size_t spaces = membership_n_spaces(m);
		enum refusal why;

		fail_at = n + 1;
		st = membership_apply(m, &w->last.record, &how, &why, NULL);
		fail_at = 0;
		assert_int_equal(why, REFUSAL_NONE);
		if (st == ST_OK)
			break;
		assert_int_equal(st, ST_NO_MEMORY);
		assert_int_equal(membership_log_len(m, space), len);
		assert_int_equal(membership_n_devices(m, space), devices);
		assert_int_equal(membership_n_scopes(m, space), scopes);
		assert_int_equal(membership_n_invites(m, space), invites);
		assert_int_equal(membership_n_spaces(m), spaces);
		n++;
	}
	return n;
}

static void
no_failed_allocation_changes_the_state(void **state)
{
	struct world w, second;
	struct invite_keys keys;
	struct laptop late;
	uint16_t scope;
	uint16_t invite;
	unsigned n = 0;

	(void)state;
	world_open(&w);
	world_open(&second); /* the same bytes; follows record by record */
	n += (world_country(&w, "CZ"), apply_in_spite(&w, second.m));
	for (uint8_t i = 0; i < 20; i++) {
		assert_int_equal(world_scope(&w, w.sk, &w.coordinator, SCOPE_ACTIVITY,
				     (uint8_t)(100 + i), &scope),
		    REFUSAL_NONE);
		n += apply_in_spite(&w, second.m);
		assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &w.trainer,
				     (struct scope_set){0, 1, &scope}, 0),
		    REFUSAL_NONE);
		n += apply_in_spite(&w, second.m);
		invite = (uint16_t)membership_log_len(w.m, w.sk);
		assert_int_equal(
		    world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
			(struct scope_set){ALL | OFFICE, 1, &scope}, false, &keys),
		    REFUSAL_NONE);
		n += apply_in_spite(&w, second.m);
		world_laptop(&w, &late);
		assert_int_equal(
		    world_join(&w, w.sk, invite, &keys, &late), REFUSAL_NONE);
		n += apply_in_spite(&w, second.m);
		assert_int_equal(
		    world_rotate(&w, w.sk, &w.coordinator, scope), REFUSAL_NONE);
		n += apply_in_spite(&w, second.m);
	}
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	n += apply_in_spite(&w, second.m);
	assert_true(n > 50);
	assert_true(membership_by_transport(second.m, &late.keys.pk.transport) != NULL);
	assert_true(membership_may_read(second.m, late.as, w.sk, scope, w.now_s));
	world_close(&second);
	world_close(&w);
}

static void
a_membership_needs_memory(void **state)
{
	struct network_id network = {{0}};

	(void)state;
	for (unsigned n = 1; n <= 2; n++) {
		fail_at = n;
		assert_null(membership_new(&network));
		fail_at = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_failed_allocation_changes_the_state),
	    cmocka_unit_test(a_membership_needs_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

#else

int
main(void)
{
	print_message(
	    "test_membership_memory: skipped, the allocator is the sanitizer's\n");
	return 0;
}

#endif
