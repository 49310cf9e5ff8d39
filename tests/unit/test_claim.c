/* test_claim.c - what a laptop tells a restored server, put together from the rows of its
 * base; and what is left of a base that made room for another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/laptop/claim.h"
#include "client/sync/recovery.h"
#include "core/membership_batch.h"
#include "unit/laptop_fixture.h"

/* In the world of the membership logs a laptop is a pair of keys. */
#define laptop member_laptop
#include "unit/server_ground.h"
#undef laptop

enum { BATCHES = 700, SPACE = 1 };

/* A laptop's replica, and logs in which the authors of its batches stand. */
struct scene {
	struct laptop_fixture fixture;
	struct ground *g;
	struct laptop *l;
	struct arena *a;
	int64_t lsn;
	/* told: */
	size_t n_parts, n_ends, n_batches, n_ids, n_graves, n_doa;
	struct span batches[BATCHES];
	struct batch_id ids[BATCHES];
	struct grave_row grave;
	struct doa_row doa;
};

static struct scene scene;

static int
start(void **state)
{
	struct scene *s = &scene;
	struct world *w;

	memset(s, 0, sizeof *s);
	fixture_start(&s->fixture);
	s->g = calloc(1, sizeof *s->g);
	assert_non_null(s->g);
	found(s->g);
	w = &s->g->w;
	w->sk = world_country(w, "SK");
	member(s->g, w->sk, NULL, "SK-N1", ROLE_COORDINATOR, ALL, &w->coordinator);
	scope(s->g, w->sk, &w->coordinator, SCOPE_COUNTRY, 0, &w->sk_country);
	s->l = fixture_open(&s->fixture);
	s->a = arena_new(0);
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	laptop_close(s->l);
	fixture_end(&s->fixture);
	world_close(&s->g->w);
	free(s->g);
	arena_free(s->a);
	return 0;
}

/* ---- a base ---- */

/* A batch of the coordinator with three ops, the last of them an erasure. */
static struct batch
made(struct scene *s, struct batch_id *id)
{
	static uint8_t body[OP_BODY_BYTES_MIN];
	struct world *w = &s->g->w;
	struct op *ops = arena_zeros(s->a, 3, sizeof *ops);
	struct batch b = {.space = w->sk,
	    .home = w->coordinator.as.home,
	    .device = w->coordinator.as.device,
	    .scope = w->sk_country,
	    .epoch = 1,
	    .n_ops = 3,
	    .ops = ops};
	uint32_t len = membership_log_len(w->m, b.home);
	struct batch_context context = {.network = *membership_network(w->m),
	    .space = *membership_space_name(w->m, w->sk),
	    .scope = membership_scope(w->m, w->sk, w->sk_country)->name,
	    .device = membership_by_author(w->m, w->coordinator.as)->id,
	    .home_head = *membership_record_id(w->m, b.home, len - 1)};
	struct batch_signer signer = {&w->coordinator, sign_batch};
	struct span wire;

	for (size_t i = 0; i < 3; i++)
		ops[i] = (struct op){.type = OP_WRITE,
		    .retention = RETAIN_ORDINARY,
		    .record = {{(uint8_t)i, 1}},
		    .body = span_of(body, sizeof body)};
	ops[2] =
	    (struct op){.type = OP_ERASE, .has_subject = true, .subject = {{9, 9, 9}}};
	b.head = (uint16_t)(len - 1);
	memcpy(b.head_check, context.home_head.bytes, 2);
	rng_fill(&w->rng, b.nonce, sizeof b.nonce);
	assert_int_equal(
	    batch_build(&b, &context, &signer, &w->checks, s->a, &wire, id, NULL), ST_OK);
	return b;
}

static void
put_op(struct scene *s, size_t index, struct span wire)
{
	struct query *q =
	    query_of(s->l->queries, "INSERT INTO r_op VALUES(?, ?, ?, NULL, ?)");

	query_int(q, s->g->w.sk);
	query_int(q, s->lsn);
	query_int(q, (int64_t)index);
	query_span(q, wire);
	assert_int_equal(query_run(q, NULL), ST_OK);
}

/* In the base, of its ops those in `live` (bits). Returns its id. */
static struct batch_id
put_batch(struct scene *s, unsigned live)
{
	struct batch_id id;
	struct batch b = made(s, &id);
	struct short_id short_id = batch_short(&id);
	uint8_t hashes[3 * sizeof(struct op_hash)];
	struct query *q = query_of(
	    s->l->queries, "INSERT INTO r_batch VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	s->lsn++;
	for (size_t i = 0; i < 3; i++)
		memcpy(hashes + i * 32, b.ops[i].hash.bytes, 32);
	query_int(q, b.space);
	query_int(q, s->lsn);
	query_blob(q, short_id.bytes, sizeof short_id.bytes);
	query_int(q, b.home);
	query_int(q, b.device);
	query_int(q, b.scope);
	query_int(q, b.epoch);
	query_span(q, b.header);
	query_blob(q, b.signature.bytes, sizeof b.signature.bytes);
	query_blob(q, hashes, sizeof hashes);
	assert_int_equal(query_run(q, NULL), ST_OK);
	for (size_t i = 0; i < 3; i++)
		if (live & 1u << i)
			put_op(s, i, b.ops[i].wire);
	return id;
}

/* ---- what is told ---- */

static status
hear_part(void *ctx, const struct recover *part)
{
	struct scene *s = ctx;
	struct message m = {.kind = MSG_RECOVER, .recover = *part};

	assert_int_equal(part->space, s->g->w.sk);
	assert_true(message_bytes_max(&m) < PACKET_BYTES_MAX);
	assert_int_equal(s->n_ends, 0);
	s->n_parts++;
	s->n_ends += part->is_end;
	for (size_t i = 0; i < part->n_batches; i++)
		s->batches[s->n_batches++] = arena_copy(s->a, part->batches[i]);
	for (size_t i = 0; i < part->n_ids; i++)
		s->ids[s->n_ids++] = part->ids[i];
	s->n_graves += part->n_graves;
	s->grave = part->n_graves > 0 ? part->graves[0] : s->grave;
	s->n_doa += part->n_doa;
	s->doa = part->n_doa > 0 ? part->doa[0] : s->doa;
	return ST_OK;
}

static void
tell(struct scene *s)
{
	if (claim_make(s->l, s->g->w.m, s->g->w.sk, hear_part, s, NULL) != ST_OK)
		fail_msg("claim_make: %s", s->l->trouble.text);
	assert_int_equal(s->n_ends, 1);
}

/* As the server reads it: signed by the coordinator, and this is its id. */
static void
read_told(struct scene *s, struct span wire, struct batch *b, struct batch_id *id)
{
	struct world *w = &s->g->w;
	struct batch_question question = {.batch = b, .is_history = true};
	struct batch_answer answer;

	assert_int_equal(
	    batch_decode(wire, BATCH_PRUNED, &w->checks, s->a, b, NULL), ST_OK);
	membership_judge(w->m, &question, &answer);
	assert_int_equal(answer.standing, STANDING_OK);
	assert_int_equal(batch_verify(b, &answer.context, &answer.device->keys.sign,
			     &w->checks, s->a, id, NULL),
	    ST_OK);
}

/* ---- tests ---- */

static void
what_lives_is_told_as_it_was_signed(void **state)
{
	struct scene *s = *state;
	struct batch_id id = put_batch(s, 2), told;
	struct batch b;

	tell(s);
	assert_int_equal(s->n_batches, 1);
	assert_int_equal(s->n_ids, 0);
	read_told(s, s->batches[0], &b, &told);
	assert_true(ID_EQUAL(&told, &id));
	assert_false(b.ops[0].is_present);
	assert_true(b.ops[1].is_present);
	assert_false(b.ops[2].is_present); /* its grave is told by itself */
}

static void
a_batch_of_which_nothing_lives_is_told_by_name(void **state)
{
	struct scene *s = *state;
	struct batch_id emptied = put_batch(s, 0);
	struct batch_id never_kept;

	(void)made(s, &never_kept);
	assert_int_equal(claim_remember(s->l, s->g->w.sk, &never_kept), ST_OK);
	assert_int_equal(claim_remember(s->l, s->g->w.sk, &never_kept), ST_OK);
	assert_true(claim_remembers(s->l, s->g->w.sk, &never_kept));
	assert_false(claim_remembers(s->l, s->g->w.sk, &emptied));
	tell(s);
	assert_int_equal(s->n_batches, 0);
	assert_int_equal(s->n_ids, 2);
	assert_true(ID_EQUAL(&s->ids[0], &emptied));
	assert_true(ID_EQUAL(&s->ids[1], &never_kept));
}

static void
an_erasure_that_the_server_had_is_told_and_one_that_waits_is_not(void **state)
{
	struct scene *s = *state;
	char sql[400];

	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO r_grave(scope, subject, in_base) SELECT id, x'%032d', 1 FROM "
	    "r_scope WHERE space = %d AND"
	    " pos = 2; INSERT INTO r_grave(scope, subject, in_base) SELECT id, x'%032d', "
	    "0 FROM r_scope WHERE"
	    " space = %d AND pos = 2; UPDATE r_scope SET space = %d WHERE space = %d",
	    11, SPACE, 22, SPACE, s->g->w.sk, SPACE);
	fixture_exec(s->l, sql);
	tell(s);
	assert_int_equal(s->n_graves, 1);
	assert_int_equal(s->grave.scope, 2);
	assert_int_equal(s->grave.subject.bytes[15], 0x11);
}

static void
what_was_superseded_before_it_came_is_told(void **state)
{
	struct scene *s = *state;
	char sql[160];

	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO r_doa VALUES(%d, x'%032d', 7, 3, x'%032d')", s->g->w.sk, 44, 55);
	fixture_exec(s->l, sql);
	tell(s);
	assert_int_equal(s->n_doa, 1);
	assert_int_equal(s->doa.dot.batch.bytes[15], 0x44);
	assert_int_equal(s->doa.dot.index, 7);
	assert_int_equal(s->doa.scope, 3);
	assert_int_equal(s->doa.record.bytes[15], 0x55);
}

static void
a_large_claim_comes_in_parts_and_ends_once(void **state)
{
	struct scene *s = *state;

	for (size_t i = 0; i < BATCHES; i++)
		(void)put_batch(s, i % 2 == 0 ? 3 : 0);
	tell(s);
	assert_true(s->n_parts > 1);
	assert_int_equal(s->n_batches, BATCHES / 2);
	assert_int_equal(s->n_ids, BATCHES / 2);
}

static void
an_empty_claim_is_one_part(void **state)
{
	struct scene *s = *state;

	tell(s);
	assert_int_equal(s->n_parts, 1);
}

static void
a_batch_that_cannot_be_named_stops_the_claim(void **state)
{
	struct scene *s = *state;
	struct membership *other = membership_new(membership_network(s->g->w.m));

	(void)put_batch(s, 0);
	assert_int_equal(
	    claim_make(s->l, other, s->g->w.sk, hear_part, s, NULL), ST_RETRY);
	assert_int_equal(s->n_ends, 0);
	membership_free(other);
}

static void
a_base_that_makes_room_leaves_the_names_of_its_batches(void **state)
{
	struct scene *s = *state;
	struct batch_id live = put_batch(s, 3), dead = put_batch(s, 0);
	int64_t n = 0;
	char key[32];

	(void)snprintf(key, sizeof key, "rebase.%u", (unsigned)s->g->w.sk);
	assert_int_equal(laptop_set_meta_int(s->l, key, 1), ST_OK);
	assert_true(recovery_replaces_base(s->l, s->g->w.sk));
	assert_int_equal(recovery_drop_base(s->l, s->g->w.m, s->g->w.sk), ST_OK);
	assert_false(recovery_replaces_base(s->l, s->g->w.sk));
	assert_true(claim_remembers(s->l, s->g->w.sk, &live));
	assert_true(claim_remembers(s->l, s->g->w.sk, &dead));
	assert_int_equal(db_number(s->l->db,
			     "SELECT (SELECT count(*) FROM r_op) + (SELECT count(*) FROM "
			     "r_batch)",
			     &n, NULL),
	    ST_OK);
	assert_int_equal(n, 0);
}

/* ---- what a pull shows ---- */

/* The laptop knows the logs of the ground. */
static void
know_logs(struct scene *s)
{
	struct world *w = &s->g->w;
	struct membership *m = membership_new(membership_network(w->m));

	assert_non_null(m);
	fixture_exec(s->l, "DELETE FROM r_log");
	for (size_t i = 0; i < w->n_taken; i++)
		assert_int_equal(
		    logs_take_own(s->l, m, w->taken_space[i], w->taken[i]), ST_OK);
	membership_free(m);
}

static void
a_log_that_is_shorter_than_known_is_noted_and_its_page_left_alone(void **state)
{
	struct scene *s = *state;
	struct membership *m = s->g->w.m;
	struct recovery *r = recovery_new(s->l);
	struct page page = {
	    .space = s->g->w.sk, .log_len = membership_log_len(m, s->g->w.sk) - 1};

	memcpy(page.log_head, membership_record_id(m, page.space, page.log_len - 1),
	    sizeof page.log_head);
	know_logs(s);
	assert_int_equal(recovery_note_page(r, &page), ST_OK);
	assert_true(recovery_is_due(r));
	assert_true(recovery_ignores(r, page.space));
	assert_false(recovery_ignores(r, 0));
	recovery_free(r);
}

static void
another_record_at_a_known_place_is_a_fork_and_is_remembered(void **state)
{
	struct scene *s = *state;
	struct membership *m = s->g->w.m;
	struct recovery *r = recovery_new(s->l);
	struct page page = {
	    .space = s->g->w.sk, .log_len = membership_log_len(m, s->g->w.sk)};
	uint16_t space;

	memcpy(page.log_head, membership_record_id(m, page.space, page.log_len - 1),
	    sizeof page.log_head);
	know_logs(s);
	assert_int_equal(recovery_note_page(r, &page), ST_OK);
	assert_false(recovery_is_due(r));
	page.log_head[0] ^= 1;
	assert_int_equal(recovery_note_page(r, &page), ST_FORK);
	assert_int_equal(s->l->complaint->id, PN_S02);
	assert_false(recovery_has_fork(s->l, &space));
	assert_int_equal(recovery_note_fork(s->l, page.space), ST_OK);
	assert_true(recovery_has_fork(s->l, &space));
	assert_int_equal(space, page.space);
	assert_int_equal(recovery_clear_fork(s->l), ST_OK);
	assert_false(recovery_has_fork(s->l, &space));
	recovery_free(r);
}

/* The claim was joined, and before the pull came the server was restored once more. */
static void
a_store_that_never_took_the_claim_does_not_replace_the_base(void **state)
{
	struct scene *s = *state;
	struct recovery *r = recovery_new(s->l);
	struct store_mark mark = {{1, 2, 3, 4}, {0}};

	assert_int_equal(recovery_note_first(r, 1, &mark), ST_OK);
	assert_false(recovery_is_due(r));
	assert_int_equal(laptop_set_meta_int(s->l, "rebase.1", 1), ST_OK);
	assert_int_equal(recovery_note_first(r, 1, &mark), ST_OK);
	assert_true(recovery_is_due(r));
	assert_true(recovery_ignores(r, 1));
	recovery_free(r);
}

#define CLAIM_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CLAIM_TEST(what_lives_is_told_as_it_was_signed),
	    CLAIM_TEST(a_batch_of_which_nothing_lives_is_told_by_name),
	    CLAIM_TEST(an_erasure_that_the_server_had_is_told_and_one_that_waits_is_not),
	    CLAIM_TEST(what_was_superseded_before_it_came_is_told),
	    CLAIM_TEST(a_large_claim_comes_in_parts_and_ends_once),
	    CLAIM_TEST(an_empty_claim_is_one_part),
	    CLAIM_TEST(a_batch_that_cannot_be_named_stops_the_claim),
	    CLAIM_TEST(a_base_that_makes_room_leaves_the_names_of_its_batches),
	    CLAIM_TEST(a_log_that_is_shorter_than_known_is_noted_and_its_page_left_alone),
	    CLAIM_TEST(another_record_at_a_known_place_is_a_fork_and_is_remembered),
	    CLAIM_TEST(a_store_that_never_took_the_claim_does_not_replace_the_base),
	};

	return cmocka_run_group_tests_name("claim", tests, NULL, NULL) != 0;
}
