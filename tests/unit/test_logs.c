/* test_logs.c - the rows that follow from the membership logs answer as the logs do,
 * after any log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/sync/duties.h"
#include "client/sync/logs_parts.h"
#include "client/sync/outbox_parts.h"
#include "core/membership_batch.h"
#include "unit/laptop_fixture.h"

/* In the world of the membership logs a laptop is a pair of keys. */
#define laptop member_laptop
#include "unit/log_world.h"
#undef laptop

enum { MEMBERS_MAX = 24, SCOPES_MAX = 24, STEPS = 60 };

/* A network that grows, and the replica of one of its laptops. */
struct scene {
	struct laptop_fixture fixture;
	struct world w;
	struct laptop *l;
	struct membership *m; /* the logs as the replica has them */
	size_t n_told;        /* of w.taken */
	size_t n_members;
	struct member_laptop members[MEMBERS_MAX]; /* of SK, but for the first: of DE */
	size_t n_scopes;
	uint16_t scopes[SCOPES_MAX]; /* activities of SK */
};

static struct scene scene;
static uint64_t seeds[] = {1, 2, 3, 4};

static struct membership *
copy_of_logs(struct scene *s)
{
	struct membership *m = logs_load(s->l);

	if (m == NULL)
		fail_msg("logs_load: %s", s->l->trouble.text);
	return m;
}

static int
start(void **state)
{
	struct scene *s = &scene;
	const uint64_t *seed = *state;
	struct member_laptop de;

	memset(s, 0, sizeof *s);
	fixture_start(&s->fixture);
	world_open(&s->w);
	world_open_de(&s->w, &de, &s->members[s->n_members++]);
	s->members[s->n_members++] = s->w.coordinator;
	s->members[s->n_members++] = s->w.trainer;
	s->scopes[s->n_scopes++] = s->w.sk_activity;
	s->l = fixture_open(&s->fixture);
	/* Rolled back: nothing here is about disks. */
	assert_int_equal(db_begin(s->l->db, NULL), ST_OK);
	fixture_exec(s->l, "DELETE FROM r_log");
	fixture_exec(s->l, "DELETE FROM r_scope");
	fixture_exec(s->l, "DELETE FROM r_space");
	s->l->self.network = *membership_network(s->w.m);
	s->l->self.device = membership_by_author(s->w.m, s->w.trainer.as)->id;
	s->l->self.author = s->w.coordinator.as;
	if (seed != NULL) { /* what follows, and whose laptop it is */
		s->w.rng = rng_seeded(&s->w.seed, *seed);
		if (*seed % 2 == 0)
			s->l->self.device =
			    membership_by_author(s->w.m, s->w.coordinator.as)->id;
	}
	s->l->now_ms = s->w.now_s * 1000;
	s->m = membership_new(membership_network(s->w.m));
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	db_rollback(s->l->db);
	membership_free(s->m);
	laptop_close(s->l);
	fixture_end(&s->fixture);
	world_close(&s->w);
	return 0;
}

/* ---- what the server tells ---- */

/* Keys of each scope that the laptop may read, as their boxes bring them. */
static void
hold_keys(struct scene *s)
{
	const struct member_access *access;
	size_t n;
	char sql[80];
	int64_t id;

	assert_int_equal(membership_access(s->m, &s->l->self.device, s->w.now_s, s->w.a,
			     &access, &n, NULL),
	    ST_OK);
	for (size_t i = 0; i < n; i++) {
		const struct member_scope *scope =
		    membership_scope(s->m, access[i].space, access[i].scope);
		struct scope_info known;

		if (scope_find(s->l, scope->space, &scope->name, &known) == ST_OK)
			continue;
		assert_int_equal(
		    logs_new_scope(s->l, scope->space, &scope->name, &id), ST_OK);
		(void)snprintf(sql, sizeof sql,
		    "UPDATE r_scope SET pos = %u WHERE id = %lld",
		    (unsigned)scope->position, (long long)id);
		fixture_exec(s->l, sql);
	}
}

/* All records that are new, in one pull. */
static void
tell(struct scene *s)
{
	struct world *w = &s->w;

	for (; s->n_told < w->n_taken; s->n_told++) {
		if (logs_take(s->l, s->m, w->taken_space[s->n_told], 0,
			&w->taken[s->n_told], 1, NULL) != ST_OK)
			fail_msg("logs_take: %s", s->l->trouble.text);
	}
	hold_keys(s);
	assert_int_equal(logs_settle(s->l, s->m), ST_OK);
}

/* ---- rows against replay ---- */

static void
records_are_alike(struct scene *s, const struct membership *m, uint16_t space)
{
	uint32_t len, want = membership_log_len(m, space);
	struct log_id id;
	enum heads heads;

	assert_int_equal(logs_len(s->l, space, &len), ST_OK);
	assert_int_equal(len, want);
	assert_int_equal(logs_record_id(s->l, space, want, &id), ST_NOT_FOUND);
	for (uint32_t i = 0; i < want; i++) {
		assert_int_equal(logs_record_id(s->l, space, i, &id), ST_OK);
		assert_memory_equal(&id, membership_record_id(m, space, i), sizeof id);
	}
	for (uint32_t i = 0; i <= want + 1; i++) {
		for (int flip = 0; flip < 2; flip++) {
			if (i > 0 && i <= want)
				id = *membership_record_id(m, space, i - 1);
			id.bytes[3] ^= (uint8_t)flip;
			assert_int_equal(
			    logs_compare(s->l, space, i, id.bytes, 8, &heads), ST_OK);
			assert_int_equal(
			    heads, membership_compare(m, space, i, id.bytes, 8));
		}
	}
}

/* rows has no replay; whether it needed one is returned, and that is forgotten. */
static bool
signer_is_alike(struct logs *rows, const struct membership *m, const struct batch *b)
{
	const struct batch_question question = {.batch = b, .is_history = true};
	struct log_signer signer;
	struct batch_answer answer;
	status st = logs_signer(rows, b, &signer);
	bool replayed = rows->m != NULL;

	membership_judge(m, &question, &answer);
	if (answer.has_context) {
		assert_int_equal(st, ST_OK);
		assert_memory_equal(&signer.sign, &answer.device->keys.sign, 32);
		assert_true(ID_EQUAL(&signer.context.network, &answer.context.network));
		assert_memory_equal(&signer.context.space, &answer.context.space,
		    sizeof answer.context.space);
		assert_true(ID_EQUAL(&signer.context.scope, &answer.context.scope));
		assert_true(ID_EQUAL(&signer.context.device, &answer.context.device));
		assert_true(
		    ID_EQUAL(&signer.context.home_head, &answer.context.home_head));
	} else {
		assert_int_equal(st, ST_NOT_FOUND);
	}
	logs_forget(rows);
	return replayed;
}

static void
author_is_alike(struct scene *s, const struct membership *m, struct author a)
{
	const struct member_device *d = membership_by_author(m, a);

	if (d != NULL)
		assert_string_equal(author_member(s->l, a), d->member.text);
}

/* Every author at every scope; one whose keys are held needs no replay. */
static void
signers_are_alike(struct scene *s, struct logs *rows, const struct membership *m,
    uint16_t home, uint16_t space)
{
	uint32_t len = membership_log_len(m, home);

	for (uint32_t i = 0; i <= len; i++) {
		struct author a = {home, (uint16_t)i};
		unsigned roles;

		author_is_alike(s, m, a);
		assert_int_equal(logs_roles(rows, a, space, &roles), ST_OK);
		assert_int_equal(roles, membership_roles(m, a, space));
		assert_int_equal(rows->m == NULL, membership_by_author(m, a) != NULL);
		logs_forget(rows);
		if (membership_by_author(m, a) == NULL)
			continue;
		for (size_t k = 0; k < membership_n_scopes(m, space); k++) {
			const struct member_scope *scope =
			    membership_scope_at(m, space, k);
			struct batch b = {.space = space,
			    .scope = scope->position,
			    .home = home,
			    .device = (uint16_t)i,
			    .epoch = 1,
			    .head = (uint16_t)(len - 1)};
			struct scope_info held;
			bool is_held = scope_by_pos(s->l, space, b.scope, &held) == ST_OK;

			assert_int_equal(signer_is_alike(rows, m, &b), !is_held);
		}
	}
}

/* What is not due does nothing, at whatever time. */
static void
leaving_is_alike(struct scene *s, const struct membership *m)
{
	for (uint64_t day = 0; day < 12; day++) {
		uint64_t now_s = s->w.now_s + day * WORLD_DAY_S / 2;
		struct left left = {0};

		if (logs_leave_is_due(s->l, now_s))
			continue;
		fixture_exec(s->l, "SAVEPOINT leaving");
		assert_int_equal(
		    logs_leave(s->l, (struct membership *)(uintptr_t)m, now_s, &left),
		    ST_OK);
		fixture_exec(s->l, "ROLLBACK TO leaving; RELEASE leaving");
		assert_false(left.any);
	}
}

static void
duties_are_alike(struct scene *s, struct logs *rows, const struct membership *m)
{
	const struct duty *duties;
	size_t n;

	assert_int_equal(duties_list(s->l, m, s->w.a, &duties, &n), ST_OK);
	assert_int_equal(duties_any(s->l, rows, s->l->now_ms / 1000), n > 0);
	logs_forget(rows);
}

static void
all_is_alike(struct scene *s)
{
	struct membership *m = copy_of_logs(s);
	struct logs rows = {.l = s->l};
	struct transport_pk named, kept;

	assert_true(membership_server(m, &named, NULL));
	assert_true(logs_server(s->l, &kept));
	assert_true(ID_EQUAL(&named, &kept));
	for (size_t i = 0; i < membership_n_spaces(m); i++) {
		uint16_t space = membership_space_at(m, i);

		records_are_alike(s, m, space);
		for (size_t k = 0; k < membership_n_spaces(m); k++)
			signers_are_alike(s, &rows, m, membership_space_at(m, k), space);
	}
	leaving_is_alike(s, m);
	duties_are_alike(s, &rows, m);
	membership_free(m);
}

/* ---- a network that grows ---- */

static struct member_laptop *
somebody(struct scene *s)
{
	return &s->members[rng_below(&s->w.rng, s->n_members)];
}

static uint16_t
some_activity(struct scene *s)
{
	return s->scopes[rng_below(&s->w.rng, s->n_scopes)];
}

static void
add_member(struct scene *s)
{
	static const enum member_role roles[] = {ROLE_TRAINER, ROLE_COORDINATOR};
	struct invite_keys keys;
	struct world *w = &s->w;
	uint16_t at = (uint16_t)membership_log_len(w->m, w->sk);
	char code[16];

	if (s->n_members == MEMBERS_MAX)
		return;
	(void)snprintf(code, sizeof code, "SK-X%zu", s->n_members);
	world_laptop(w, &s->members[s->n_members]);
	if (world_invite(w, w->sk, &w->coordinator, code, roles[rng_below(&w->rng, 2)],
		(struct scope_set){.kinds = ALL | OFFICE | COUNTRY}, false,
		&keys) == REFUSAL_NONE &&
	    world_join(w, w->sk, at, &keys, &s->members[s->n_members]) == REFUSAL_NONE)
		s->n_members++;
}

/* A GRANT to a trainer of SK or of DE, with an end or without. */
static void
add_grant(struct scene *s)
{
	struct world *w = &s->w;
	struct member_laptop *who = somebody(s);
	uint16_t activity = some_activity(s);
	struct scope_set set = {.n_activities = 1, .activities = &activity};
	uint64_t end_s = w->now_s + rng_below(&w->rng, 5) * WORLD_DAY_S;
	struct author as;

	if (who->as.home != w->sk) {
		set.kinds = OFFICE;
		(void)world_guest(w, w->sk, &w->coordinator, who, set, end_s, &as);
	} else {
		(void)world_grant(w, w->sk, &w->coordinator, who, set,
		    rng_below(&w->rng, 2) == 0 ? 0 : end_s);
	}
}

/* What the rules refuse changes nothing, and is as good a step as any. */
static void
step(struct scene *s)
{
	struct world *w = &s->w;
	struct member_laptop *who = somebody(s);

	switch (rng_below(&w->rng, 8)) {
	case 0:
		add_member(s);
		break;
	case 1:
		if (s->n_scopes < SCOPES_MAX &&
		    world_scope(w, w->sk, &w->coordinator, SCOPE_ACTIVITY,
			(uint8_t)(20 + s->n_scopes),
			&s->scopes[s->n_scopes]) == REFUSAL_NONE)
			s->n_scopes++;
		break;
	case 2:
	case 3:
		add_grant(s);
		break;
	case 4:
	case 5:
		(void)world_renew(w, who);
		break;
	case 6:
		(void)world_rotate(w, w->sk, &w->coordinator, some_activity(s));
		break;
	default:
		if (rng_below(&w->rng, 4) == 0 && who->as.home == w->sk)
			(void)world_revoke_device(w, w->sk, &w->coordinator, who);
		break;
	}
	w->now_s += rng_below(&w->rng, 8) * 3600;
}

/* ---- tests ---- */

static void
rows_answer_as_a_replay_does_after_any_log(void **state)
{
	struct scene *s = *state;

	for (size_t i = 0; i < STEPS; i++) {
		step(s);
		if (rng_below(&s->w.rng, 4) > 0)
			continue;
		tell(s);
		all_is_alike(s);
	}
	tell(s);
	all_is_alike(s);
}

static void
a_day_of_known_people_replays_no_log(void **state)
{
	struct scene *s = *state;
	struct logs rows = {.l = s->l};

	tell(s);
	assert_int_equal(logs_ready(&rows), ST_OK);
	assert_null(rows.m);
	assert_false(logs_leave_is_due(s->l, s->w.now_s));
}

/* A record that was stored, and the rows that follow from it were not. */
static void
rows_that_are_owed_are_made_before_the_next_sync(void **state)
{
	struct scene *s = *state;
	struct logs rows = {.l = s->l};

	tell(s);
	fixture_exec(s->l, "DELETE FROM r_signer");
	assert_int_equal(world_renew(&s->w, &s->members[2]), REFUSAL_NONE);
	assert_int_equal(
	    logs_take(s->l, s->m, s->w.sk, 0, &s->w.taken[s->n_told++], 1, NULL), ST_OK);
	assert_int_equal(db_commit(s->l->db, NULL), ST_OK);
	assert_int_equal(logs_ready(&rows), ST_OK);
	logs_forget(&rows);
	all_is_alike(s);
	assert_int_equal(logs_ready(&rows), ST_OK);
	assert_null(rows.m);
	assert_int_equal(db_begin(s->l->db, NULL), ST_OK);
}

static void
a_grant_that_ends_is_left_when_the_server_says_so(void **state)
{
	struct scene *s = *state;
	struct world *w = &s->w;
	struct scope_set set = {.n_activities = 1, .activities = &w->sk_activity};
	uint64_t end_s = w->now_s + WORLD_DAY_S;
	struct scope_info scope;
	struct left left;

	assert_int_equal(world_grant(w, w->sk, &w->coordinator, &w->trainer, set, end_s),
	    REFUSAL_NONE);
	s->l->now_ms = (end_s + 1) * 1000; /* this laptop's clock is ahead */
	tell(s);
	assert_false(logs_leave_is_due(s->l, end_s - 1));
	assert_true(logs_leave_is_due(s->l, end_s));
	assert_int_equal(logs_leave(s->l, s->m, end_s, &left), ST_OK);
	assert_true(left.any);
	assert_int_equal(scope_by_pos(s->l, w->sk, w->sk_activity, &scope), ST_NOT_FOUND);
	assert_false(logs_leave_is_due(s->l, end_s));
}

/* A batch of this laptop in the scope, as it waits to be sent: its name, and the name of
 * the one that it says it follows. */
static void
seal_one(struct scene *s, uint16_t scope, struct short_id *name, struct short_id *prev)
{
	const struct tag subject = {{1}};
	struct filling *x = filling_new(s->l);
	struct scope_info info;
	struct query *q;

	assert_non_null(x);
	assert_int_equal(scope_by_pos(s->l, s->w.sk, scope, &info), ST_OK);
	assert_int_equal(outbox_enter(x, &info), ST_OK);
	assert_int_equal(outbox_add_erase(x, &subject), ST_OK);
	assert_int_equal(outbox_finish(x), ST_OK);
	filling_free(x);
	q = query_of(s->l->queries,
	    "SELECT substr(batch, 1, 16), substr(wire, 36, 16) FROM"
	    " r_pending ORDER BY id DESC LIMIT 1");
	assert_true(query_row(q));
	query_column_copy(q, 0, name->bytes, sizeof name->bytes);
	query_column_copy(q, 1, prev->bytes, sizeof prev->bytes);
	assert_int_equal(query_done(q, NULL), ST_OK);
}

/* Two batches of one device after the same one are a copied laptop (SECURITY 9.4). */
static void
a_guest_who_comes_back_is_not_taken_for_a_copy(void **state)
{
	struct scene *s = *state;
	struct world *w = &s->w;
	struct scope_set set = {.n_activities = 1, .activities = &w->sk_activity};
	struct short_id stored, unsent, later, prev;
	struct left left;

	for (unsigned stay = 1; stay <= 3; stay++) {
		uint64_t end_s = w->now_s + stay * WORLD_DAY_S;

		assert_int_equal(
		    world_grant(w, w->sk, &w->coordinator, &w->trainer, set, end_s),
		    REFUSAL_NONE);
		tell(s);
		if (stay == 1) {
			seal_one(s, w->sk_activity, &stored, &prev);
			assert_true(ID_IS_ZERO(&prev));
			fixture_exec(
			    s->l, "DELETE FROM r_pending"); /* the server has it */
		}
		if (stay < 3) { /* the second time nothing was ever sent */
			seal_one(s, w->sk_activity, &unsent, &prev);
			assert_memory_equal(&prev, &stored, sizeof prev);
			seal_one(s, w->sk_activity, &later, &prev);
			assert_memory_equal(&prev, &unsent, sizeof prev);
			assert_int_equal(logs_leave(s->l, s->m, end_s, &left), ST_OK);
			assert_true(left.any);
		}
	}
	/* What waited went with the access. */
	seal_one(s, w->sk_activity, &later, &prev);
	assert_memory_equal(&prev, &stored, sizeof prev);
	/* Another incarnation is another laptop: nothing came before. */
	fixture_exec(s->l, "UPDATE r_scope SET as_device = as_device + 1, prev = NULL");
	seal_one(s, w->sk_activity, &later, &prev);
	assert_true(ID_IS_ZERO(&prev));
}

static void
a_guest_who_was_revoked_leaves_at_once(void **state)
{
	struct scene *s = *state;
	struct world *w = &s->w;
	struct member_laptop guest = s->members[0];
	struct scope_set set = {
	    .kinds = OFFICE, .n_activities = 1, .activities = &w->sk_activity};
	uint64_t end_s = w->now_s + 30 * WORLD_DAY_S;
	struct left left;

	s->l->self.device = membership_by_author(w->m, guest.as)->id;
	assert_int_equal(
	    world_guest(w, w->sk, &w->coordinator, &guest, set, end_s, &guest.as),
	    REFUSAL_NONE);
	tell(s);
	assert_false(logs_leave_is_due(s->l, w->now_s));
	assert_int_equal(
	    world_revoke_device(w, w->sk, &w->coordinator, &guest), REFUSAL_NONE);
	tell(s);
	assert_true(logs_leave_is_due(s->l, w->now_s));
	assert_int_equal(logs_leave(s->l, s->m, w->now_s, &left), ST_OK);
	assert_true(left.any);
	assert_false(logs_leave_is_due(s->l, w->now_s));
}

int
main(void)
{
#define LOGS_TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
#define WALK(i)                                                                          \
	cmocka_unit_test_prestate_setup_teardown(                                        \
	    rows_answer_as_a_replay_does_after_any_log, start, end, &seeds[i])
	const struct CMUnitTest tests[] = {
	    WALK(0),
	    WALK(1),
	    WALK(2),
	    WALK(3),
	    LOGS_TEST(a_day_of_known_people_replays_no_log),
	    LOGS_TEST(rows_that_are_owed_are_made_before_the_next_sync),
	    LOGS_TEST(a_guest_who_was_revoked_leaves_at_once),
	    LOGS_TEST(a_grant_that_ends_is_left_when_the_server_says_so),
	    LOGS_TEST(a_guest_who_comes_back_is_not_taken_for_a_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
