/* test_membership_lookups.c - what is asked of a membership and is not there, and
 * questions with too little memory. */
#include "refusal_ground.h"
#include "scant.h"

/* ---- lookups of what is not there ---- */

static void
what_is_not_there_is_not_found(void **state)
{
	enum { NOWHERE = 500, NO_SPACE = 1 };
	const struct author stranger = {NO_SPACE, 0};
	const struct scope_name coord = scope_of(SCOPE_COORD, NULL);
	const struct box_recipient *boxes;
	struct device_id device = {{1}};
	struct member_invite unknown = {.space = NO_SPACE};
	struct sign_pk sign = {{1}};
	struct transport_pk transport = {{1}};
	struct batch_id last;
	struct log_record r;
	struct world w;
	size_t n;

	(void)state;
	world_open(&w);
	assert_int_equal(membership_space_at(w.m, NOWHERE), 0);
	assert_null(membership_space_name(w.m, NO_SPACE));
	assert_int_equal(membership_log_len(w.m, NO_SPACE), 0);
	assert_null(membership_record_id(w.m, NO_SPACE, 0));
	assert_null(membership_record_id(w.m, w.sk, NOWHERE));
	assert_int_equal(membership_next(w.m, NO_SPACE, &r, NULL), ST_NOT_FOUND);
	assert_null(membership_device_in(w.m, NO_SPACE, &device));
	assert_null(membership_device_in(w.m, w.sk, &device));
	assert_null(membership_by_author(w.m, stranger));
	assert_null(membership_by_transport(w.m, &transport));
	assert_int_equal(membership_n_devices(w.m, NO_SPACE), 0);
	assert_null(membership_device_at(w.m, NO_SPACE, 0));
	assert_null(membership_device_at(w.m, w.sk, NOWHERE));
	assert_null(membership_scope(w.m, w.sk, NOWHERE));
	assert_null(membership_scope_find(w.m, NO_SPACE, &coord));
	assert_null(membership_scope_find(w.m, w.de, &coord));
	assert_int_equal(membership_n_scopes(w.m, NO_SPACE), 0);
	assert_null(membership_scope_at(w.m, NO_SPACE, 0));
	assert_null(membership_scope_at(w.m, w.sk, NOWHERE));
	assert_null(membership_fingerprint(w.m, w.sk, NOWHERE, 1, NULL));
	assert_null(membership_fingerprint(w.m, w.sk, w.sk_coord, 0, NULL));
	assert_null(membership_fingerprint(w.m, w.sk, w.sk_coord, 2, NULL));
	assert_null(membership_invite(w.m, w.sk, w.sk_coord));
	assert_null(membership_invite_by_key(w.m, &sign));
	assert_int_equal(membership_n_invites(w.m, NO_SPACE), 0);
	assert_null(membership_invite_at(w.m, NO_SPACE, 0));
	assert_null(membership_invite_at(w.m, w.sk, NOWHERE));
	assert_false(membership_invite_is_live(w.m, &unknown, w.now_s));
	assert_false(membership_rotation_due(w.m, w.sk, NOWHERE, w.now_s));
	assert_false(membership_may_read(w.m, stranger, w.sk, w.sk_coord, w.now_s));
	assert_false(membership_may_read(w.m, w.trainer.as, w.sk, NOWHERE, w.now_s));
	assert_false(membership_could_write(w.m, stranger, w.sk, w.sk_coord));
	assert_false(membership_could_write(w.m, w.trainer.as, w.sk, NOWHERE));
	assert_int_equal(membership_roles(w.m, stranger, w.sk), 0);
	assert_false(membership_cut(w.m, stranger, w.sk, w.sk_coord, &last));
	r = next(&w, LOG_ROTATE, w.sk, &w.coordinator);
	r.rotate.scope = NOWHERE;
	assert_int_equal(
	    membership_recipients(w.m, &r, 0, w.a, &boxes, &n, NULL), ST_NOT_FOUND);
	r = next(&w, LOG_GRANT, w.sk, &w.coordinator);
	r.grant.device = stranger;
	assert_int_equal(
	    membership_recipients(w.m, &r, 0, w.a, &boxes, &n, NULL), ST_NOT_FOUND);
	assert_int_equal(
	    membership_recipients(w.m, &r, 1, w.a, &boxes, &n, NULL), ST_NOT_FOUND);
	r.space = space_of("PL");
	assert_int_equal(
	    membership_recipients(w.m, &r, 0, w.a, &boxes, &n, NULL), ST_NOT_FOUND);
	world_close(&w);
}

static void
a_network_without_genesis_has_no_root_and_no_spaces(void **state)
{
	const struct network_id id = {{1}};
	struct membership *m = membership_new(&id);
	struct transport_pk key;
	struct log_record r;

	(void)state;
	assert_non_null(m);
	assert_int_equal(membership_n_spaces(m), 0);
	assert_null(membership_root(m));
	assert_false(membership_server(m, &key, NULL));
	assert_int_equal(membership_next(m, 0, &r, NULL), ST_NOT_FOUND);
	membership_free(m);
	membership_free(NULL);
}

static void
the_server_is_told_as_key_or_address_or_both(void **state)
{
	struct server_address address;
	struct transport_pk key, expected;
	struct world w;

	(void)state;
	world_open(&w);
	memset(&expected, 0x55, sizeof expected);
	assert_true(membership_server(w.m, &key, NULL));
	assert_memory_equal(&key, &expected, sizeof key);
	assert_true(membership_server(w.m, NULL, &address));
	assert_string_equal(address.text, "sync.example.org:7443");
	assert_non_null(membership_root(w.m));
	world_close(&w);
}

/* ---- memory ---- */

static status
call_recipients(void *ctx, struct arena *a, struct trouble *t)
{
	const struct world *w = ctx;
	struct log_record r = next(w, LOG_ROTATE, w->sk, &w->coordinator);
	const struct box_recipient *boxes;
	size_t n;

	r.rotate = (struct rotation){.scope = w->sk_office, .epoch = 2};
	return membership_recipients(w->m, &r, 0, a, &boxes, &n, t);
}

static status
call_affected(void *ctx, struct arena *a, struct trouble *t)
{
	const struct world *w = ctx;
	struct log_record r = next(w, LOG_REVOKE, w->sk, &w->coordinator);
	const uint16_t *scopes;
	size_t n;

	r.revoke.n_devices = 1;
	r.revoke.devices = &w->trainer.as.device;
	return membership_affected_scopes(w->m, &r, a, &scopes, &n, t);
}

static status
call_access(void *ctx, struct arena *a, struct trouble *t)
{
	const struct world *w = ctx;
	const struct member_device *d = membership_by_author(w->m, w->trainer.as);
	const struct member_access *access;
	size_t n;

	assert_non_null(d);
	return membership_access(w->m, &d->id, w->now_s, a, &access, &n, t);
}

static status
call_owed(void *ctx, struct arena *a, struct trouble *t)
{
	const struct world *w = ctx;
	struct scope_set owed;

	return membership_owed(
	    w->m, membership_by_author(w->m, w->trainer.as), a, &owed, t);
}

static void
too_little_memory_for_a_question_is_told(void **state)
{
	static const scant_call calls[] = {
	    call_recipients, call_affected, call_access, call_owed};
	struct world w;

	(void)state;
	world_open(&w);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		scant_try(calls[i], &w);
	world_close(&w);
}

static void
only_a_revoke_of_a_known_space_affects_scopes(void **state)
{
	struct world w;
	struct log_record r;
	const uint16_t *scopes;
	size_t n;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_ROTATE, w.sk, &w.coordinator);
	assert_int_equal(
	    membership_affected_scopes(w.m, &r, w.a, &scopes, &n, NULL), ST_NOT_FOUND);
	r.kind = LOG_REVOKE;
	r.space = space_of("PL");
	assert_int_equal(
	    membership_affected_scopes(w.m, &r, w.a, &scopes, &n, NULL), ST_NOT_FOUND);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_there_is_not_found),
	    cmocka_unit_test(a_network_without_genesis_has_no_root_and_no_spaces),
	    cmocka_unit_test(the_server_is_told_as_key_or_address_or_both),
	    cmocka_unit_test(too_little_memory_for_a_question_is_told),
	    cmocka_unit_test(only_a_revoke_of_a_known_space_affects_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
