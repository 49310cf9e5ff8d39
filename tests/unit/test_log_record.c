/* test_log_record.c - the form of membership records: each field that may be wrong is
 * named, counts have their limits, box lists stand where the kind has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/status.h"
#include "core/log_record.h"

static const uint16_t rising[] = {3, 7}, equal[] = {7, 7};
static const struct leave leaves[] = {{1, 2}, {1, 3}}, same_leaves[] = {{1, 3}, {1, 3}};
static const struct cut cuts[] = {{1, 0, 2, {{1}}}, {1, 5, 2, {{1}}}};
static const struct cut same_cuts[] = {{1, 5, 2, {{1}}}, {1, 5, 2, {{1}}}};
static const struct rotation rotations[] = {
    {.scope = 1, .epoch = 2}, {.scope = 2, .epoch = 9}};
static const struct rotation same_rotations[] = {
    {.scope = 2, .epoch = 2}, {.scope = 2, .epoch = 3}};

static struct log_record
in_sk(enum log_kind kind, bool has_author)
{
	return (struct log_record){
	    .kind = kind, .space = space_of("SK"), .has_author = has_author};
}

/* The trouble's words, or "" if the record is well formed. */
static const char *
wrong(const struct log_record *r)
{
	static struct trouble t;
	status st = log_record_check(r, &t);

	if (st == ST_OK)
		return "";
	assert_true(st == ST_MALFORMED || st == ST_LIMIT || st == ST_VERSION);
	return t.text;
}

#define assert_wrong(record, word) assert_non_null(strstr(wrong(record), word))
#define assert_right(record) assert_string_equal(wrong(record), "")

static void
a_kind_has_a_text_and_its_signatures_and_no_other_number_has(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 20; n++) {
		bool is_known = n >= LOG_GENESIS && n <= LOG_RENEW;

		assert_int_equal(log_kind_is_known(n), is_known);
		assert_int_equal(log_kind_text((enum log_kind)n) != NULL, is_known);
		assert_int_equal(log_kind_signatures((enum log_kind)n), !is_known ? 0
									: n == LOG_JOIN
									    ? 2
									    : 1);
	}
}

static void
an_unknown_kind_is_a_newer_version(void **state)
{
	struct log_record r = in_sk((enum log_kind)11, true);

	(void)state;
	assert_wrong(&r, "unknown kind");
	assert_int_equal(log_record_lists(&r), 0);
	assert_null(log_record_list_hash(&r, 0));
}

static void
each_kind_has_an_author_or_has_none(void **state)
{
	static const struct {
		enum log_kind kind;
		bool may, must;
	} cases[] = {{LOG_GENESIS, false, false}, {LOG_SERVER, false, false},
	    {LOG_SPACE, false, false}, {LOG_JOIN, false, false}, {LOG_GRANT, true, true},
	    {LOG_ROTATE, true, true}, {LOG_RENEW, true, true}, {LOG_SCOPE, true, false},
	    {LOG_INVITE, true, false}, {LOG_REVOKE, true, false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct log_record with = in_sk(cases[i].kind, true);
		struct log_record without = in_sk(cases[i].kind, false);

		assert_int_equal(strstr(wrong(&with), "author") == NULL, cases[i].may);
		assert_int_equal(
		    strstr(wrong(&without), "author") == NULL, !cases[i].must);
	}
}

static void
a_space_is_net_or_two_to_four_letters_and_digits(void **state)
{
	static const struct {
		const char *code;
		bool is_right;
	} cases[] = {{"SK", true}, {"DE1", true}, {"ABCD", true}, {"NET", false},
	    {"S", false}, {"", false}, {"sk", false}, {"S-K", false}, {"S[", false},
	    {"S@", false}, {"S:", false}, {"S/", false}};
	struct log_record r = in_sk(LOG_JOIN, false);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct log_record made = {.kind = LOG_SPACE, .space = space_of("NET")};

		memset(&made.country.country, 0, sizeof made.country.country);
		memcpy(made.country.country.text, cases[i].code, strlen(cases[i].code));
		assert_int_equal(strcmp(wrong(&made), "") == 0, cases[i].is_right);
	}
	assert_right(&r);
	r.space = (struct space_name){{'S', 0, 'K', 0}};
	assert_wrong(&r, "space");
}

static void
a_scope_has_a_kind_and_an_activity_an_id(void **state)
{
	struct log_record r = in_sk(LOG_SCOPE, true);

	(void)state;
	for (unsigned kind = 0; kind < 8; kind++) {
		bool is_fixed = kind >= SCOPE_ALL && kind <= SCOPE_COORD;

		r.scope.name = (struct scope_name){{(uint8_t)kind}};
		assert_int_equal(strcmp(wrong(&r), "") == 0, is_fixed);
		r.scope.name.bytes[16] = 1;
		assert_int_equal(strcmp(wrong(&r), "") == 0, kind == SCOPE_ACTIVITY);
	}
}

static void
member_codes_are_one_to_sixteen_of_their_characters(void **state)
{
	static const char *const good[] = {"A", "Z9-", "ABCDEFGHIJ-45678"};
	static const char *const bad[] = {
	    "", "ABCDEFGHIJ-456789", "a", "A@", "A[", "A/", "A:"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(member_code_is_valid(span_text(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(member_code_is_valid(span_text(bad[i])));
}

static void
addresses_are_refused_at_every_border_of_a_character(void **state)
{
	static const char *const good[] = {"az09.-:1", "[09af:.]:65535"};
	static const char *const bad[] = {"`:1", "{:1", "/:1", "a::1", "[`::]:1",
	    "[g::]:1", "[/]:1", "[;]:1", "[]:1", "a:00001", "a:123456", "a:1:", "::1",
	    "a-name-that-is-too-long.org:1"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(server_address_is_valid(span_text(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(server_address_is_valid(span_text(bad[i])));
}

static void
an_invite_names_its_member_role_and_scopes(void **state)
{
	struct log_record r = in_sk(LOG_INVITE, true);

	(void)state;
	assert_wrong(&r, "member code");
	r.invite.member = (struct member_code){"SK-T2"};
	assert_wrong(&r, "role");
	r.invite.role = ROLE_TRAINER;
	assert_right(&r);
	r.invite.scopes.kinds = 1u << SCOPE_ACTIVITY;
	assert_wrong(&r, "scopes");
	r.invite.scopes = (struct scope_set){0, 2, equal};
	assert_wrong(&r, "scopes");
	r.invite.scopes = (struct scope_set){1u << SCOPE_ALL, 2, rising};
	assert_right(&r);
	r.invite.scopes.n_activities = LOG_LIST_MAX;
	assert_wrong(&r, "scopes");
}

static void
a_grant_to_a_new_guest_has_his_code_and_an_end(void **state)
{
	struct log_record r = in_sk(LOG_GRANT, true);

	(void)state;
	assert_right(&r);
	r.grant.is_new_guest = true;
	assert_wrong(&r, "member code");
	r.grant.member = (struct member_code){"DE-T3"};
	assert_wrong(&r, "end of a guest");
	r.grant.end_s = 1;
	assert_right(&r);
	r.grant.scopes = (struct scope_set){0, 2, equal};
	assert_wrong(&r, "scopes");
}

static void
every_list_of_a_revoke_rises(void **state)
{
	struct log_record r = in_sk(LOG_REVOKE, true);
	struct rotation first = {.scope = 1, .epoch = 1};

	(void)state;
	assert_wrong(&r, "nobody");
	r.revoke.n_devices = r.revoke.n_invites = r.revoke.n_leaves = 2;
	r.revoke.n_cuts = r.revoke.n_rotations = 2;
	r.revoke.devices = r.revoke.invites = rising;
	r.revoke.leaves = leaves;
	r.revoke.cuts = cuts;
	r.revoke.rotations = rotations;
	assert_right(&r);
	r.revoke.rotations = same_rotations;
	assert_wrong(&r, "rotations");
	r.revoke.rotations = &first; /* epoch 1 is founded, not rotated to */
	r.revoke.n_rotations = 1;
	assert_wrong(&r, "rotations");
	r.revoke.cuts = same_cuts;
	assert_wrong(&r, "cuts");
	r.revoke.leaves = same_leaves;
	assert_wrong(&r, "leaves");
	r.revoke.invites = equal;
	assert_wrong(&r, "invites");
	r.revoke.devices = equal;
	assert_wrong(&r, "devices");
}

static void
a_revoke_names_at_most_so_many_of_each(void **state)
{
	(void)state;
	for (int which = 0; which < 5; which++) {
		struct log_record r = in_sk(LOG_REVOKE, true);
		size_t *const counts[] = {&r.revoke.n_devices, &r.revoke.n_invites,
		    &r.revoke.n_leaves, &r.revoke.n_cuts, &r.revoke.n_rotations};

		*counts[which] =
		    (which == 4 ? (size_t)LOG_ROTATIONS_MAX : LOG_LIST_MAX) + 1;
		assert_int_equal(log_record_check(&r, NULL), ST_LIMIT);
	}
}

static void
the_hash_of_a_box_list_is_found_where_the_kind_has_it(void **state)
{
	(void)state;
	for (unsigned n = LOG_GENESIS; n <= LOG_RENEW; n++) {
		struct log_record r = in_sk((enum log_kind)n, true);
		size_t lists;

		if (n == LOG_REVOKE) {
			r.revoke.n_rotations = 2;
			r.revoke.rotations = rotations;
		}
		lists = log_record_lists(&r);
		for (size_t i = 0; i < lists; i++)
			assert_non_null(log_record_list_hash(&r, i));
		assert_null(log_record_list_hash(&r, lists));
		if (n == LOG_REVOKE)
			assert_ptr_equal(
			    log_record_list_hash(&r, 1), &rotations[1].boxes);
	}
}

static void
box_entries_go_by_space_scope_epoch_home_and_position(void **state)
{
	static const struct box_entry rows[] = {
	    {.space = 1, .scope = 1, .epoch = 1, .to = {1, 1}},
	    {.space = 1, .scope = 1, .epoch = 1, .to = {1, 2}},
	    {.space = 1, .scope = 1, .epoch = 1, .to = {2, 1}},
	    {.space = 1, .scope = 1, .epoch = 2, .to = {1, 1}},
	    {.space = 1, .scope = 2, .epoch = 1, .to = {1, 1}},
	    {.space = 2, .scope = 1, .epoch = 1, .to = {1, 1}}};
	enum { N = sizeof rows / sizeof *rows };

	(void)state;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			int order = box_entry_compare(&rows[i], &rows[j]);

			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_kind_has_a_text_and_its_signatures_and_no_other_number_has),
	    cmocka_unit_test(an_unknown_kind_is_a_newer_version),
	    cmocka_unit_test(each_kind_has_an_author_or_has_none),
	    cmocka_unit_test(a_space_is_net_or_two_to_four_letters_and_digits),
	    cmocka_unit_test(a_scope_has_a_kind_and_an_activity_an_id),
	    cmocka_unit_test(member_codes_are_one_to_sixteen_of_their_characters),
	    cmocka_unit_test(addresses_are_refused_at_every_border_of_a_character),
	    cmocka_unit_test(an_invite_names_its_member_role_and_scopes),
	    cmocka_unit_test(a_grant_to_a_new_guest_has_his_code_and_an_end),
	    cmocka_unit_test(every_list_of_a_revoke_rises),
	    cmocka_unit_test(a_revoke_names_at_most_so_many_of_each),
	    cmocka_unit_test(the_hash_of_a_box_list_is_found_where_the_kind_has_it),
	    cmocka_unit_test(box_entries_go_by_space_scope_epoch_home_and_position),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
