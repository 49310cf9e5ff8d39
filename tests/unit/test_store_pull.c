/* test_store_pull.c - pages, dead refs and claims: one suite for every store engine
 * (DESIGN 4.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

static void
claim_holds_only_for_this_store_and_its_history(void **state)
{
	struct ground *g = *state;
	const struct store_pull_scope scope = {1, 1};
	struct store_pull pull = {.has_claim = true,
	    .cursor = 1,
	    .after = 1,
	    .n_scopes = 1,
	    .scopes = &scope,
	    .bytes_max = 1000};
	struct store_figures f;

	push_now(g, fx_write(&g->fx, 1, 'x', NULL));
	push_now(g, fx_write(&g->fx, 1, 'y', NULL));
	f = look_now(g, 1);
	memcpy(pull.epoch, f.epoch.bytes, sizeof pull.epoch);
	memcpy(pull.hash, f.asked.bytes, sizeof pull.hash);
	assert_int_equal(pull_now(g, &pull).n_rows, 1);
	assert_int_equal(g->result, STORE_OK);
	pull.hash[7] ^= 1;
	pull_now(g, &pull);
	assert_int_equal(g->result, STORE_EPOCH);
	pull.hash[7] ^= 1;
	pull.epoch[3] ^= 1;
	pull_now(g, &pull);
	assert_int_equal(g->result, STORE_EPOCH);
	pull.epoch[3] ^= 1;
	pull.cursor = 3;
	pull_now(g, &pull);
	assert_int_equal(g->result, STORE_EPOCH);
}

static void
dead_refs_are_those_born_before_the_cursor_and_killed_after(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *a = fx_write(&g->fx, 1, 'x', NULL);
	const struct fx_batch *b = fx_write(&g->fx, 1, 'y', NULL);
	const struct fx_batch *c;
	struct store_page page;

	push_now(g, a);
	push_now(g, b);
	push_now(g, fx_write(&g->fx, 1, 'x', a)); /* 3 kills 1 */
	c = fx_write(&g->fx, 1, 'y', b);
	push_now(g, c);                           /* 4 kills 2 */
	push_now(g, fx_write(&g->fx, 1, 'y', c)); /* 5 kills 4 */
	page = pull_all(g, 3);
	assert_int_equal(page.n_refs, 1);
	assert_int_equal(page.refs[0].lsn, 2);
	assert_int_equal(page.n_rows, 1);
	assert_int_equal(page.rows[0].lsn, 5);
	assert_int_equal(pull_all(g, 0).n_refs, 0);
	assert_int_equal(pull_all(g, 5).n_refs, 0);
}

static void
doa_and_graves_are_told_for_readable_scopes_only(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *never = fx_write(&g->fx, 3, 'x', NULL);
	const struct fx_op gone = {.subject = 'p', .is_erase = true};
	struct store_page page;

	push_now(g, fx_write(&g->fx, 1, 'x', fx_write(&g->fx, 1, 'x', NULL)));
	push_now(g, fx_write(&g->fx, 3, 'x', never));
	push_now(g, fx_batch(&g->fx, 2, 1, &gone));
	push_now(g, fx_batch(&g->fx, 3, 1, &gone));
	page = pull_all(g, 0);
	assert_int_equal(page.n_doa, 1);
	assert_int_equal(page.doa[0].scope, 1);
	assert_int_equal(page.n_graves, 1);
	assert_int_equal(page.graves[0].scope, 2);
	page = pull_all(g, 3); /* the grave came at 3 */
	assert_int_equal(page.n_graves, 0);
	assert_int_equal(page.n_doa, 1);
}

static void
client_older_than_the_dead_log_gets_the_list_of_what_lives(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *a = fx_write(&g->fx, 1, 'x', NULL);
	struct store_page page;

	push_now(g, a);
	push_now(g, fx_write(&g->fx, 2, 'y', NULL));
	push_now(g, fx_write(&g->fx, 1, 'x', a));
	g->is_answered = false;
	store_trim(g->store, 3, on_done, g);
	assert_int_equal(wait_for(g), STORE_OK);
	page = pull_all(g, 2);
	assert_true(page.lists_live);
	assert_int_equal(page.n_refs, 2);
	assert_int_equal(page.refs[0].lsn, 3);
	assert_int_equal(page.refs[1].lsn, 2);
	page = pull_all(g, 3);
	assert_false(page.lists_live);
	assert_int_equal(page.n_refs, 0);
	assert_int_equal(look_now(g, 0).horizon, 3);
}

/* A reader that stages pages of one op while others push, then applies the stage. */
enum { SEEN_MAX = 512 };

struct seen_op {
	struct op_place at;
	bool is_staged;
};

struct reader {
	uint64_t cursor;
	bool has_backfill; /* of scope 2, which it reads from the second pull on */
	size_t n;
	struct seen_op ops[SEEN_MAX];
};

static void
reader_drop(struct reader *r, struct op_place at)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->ops[i].at.lsn != at.lsn || r->ops[i].at.index != at.index)
			r->ops[kept++] = r->ops[i];
	r->n = kept;
}

static void
reader_stage(struct reader *r, const struct store_page *page)
{
	for (size_t i = 0; i < page->n_rows; i++)
		for (size_t k = 0; k < page->rows[i].batch.n_ops; k++)
			if (page->rows[i].batch.ops[k].is_present) {
				assert_true(r->n < SEEN_MAX);
				r->ops[r->n++] = (struct seen_op){
				    {page->rows[i].lsn, (uint8_t)k}, true};
			}
}

static void
random_push(struct ground *g, struct rng *rng, const struct fx_batch **made, size_t *n)
{
	struct fx_op op = {.record = (char)('a' + rng_below(rng, 4))};

	for (size_t i = 0; i < 3 && *n > 0; i++) {
		struct dot dot = fx_dot(made[rng_below(rng, *n)], 0);

		if (i == 0 || !dot_equal(&dot, &op.dots[0]))
			op.dots[op.n_dots++] = dot;
		if (op.n_dots == 2)
			break;
	}
	made[*n] = fx_batch(&g->fx, (uint16_t)(1 + rng_below(rng, 2)), 1, &op);
	assert_int_equal(push_now(g, made[*n]).kind, MERGE_OK);
	++*n;
}

static void
reader_pull(struct ground *g, struct reader *r, struct rng *rng,
    const struct fx_batch **made, size_t *n)
{
	const bool reads_two = r->cursor > 0;
	const uint64_t since_two = r->has_backfill ? r->cursor : 0;
	const struct store_pull_scope scopes[] = {{1, r->cursor}, {2, since_two}};
	struct store_pull pull = {.n_scopes = reads_two ? 2 : 1,
	    .scopes = scopes,
	    .bytes_max = 1,
	    .after = reads_two ? since_two : r->cursor};
	struct store_page page;

	for (;;) {
		page = pull_now(g, &pull);
		assert_int_equal(g->result, STORE_OK);
		assert_true(page.n_rows <= 1 || page.is_last);
		reader_stage(r, &page);
		if (page.is_last)
			break;
		if (!pull.has_stage)
			pull.stage_head = page.head;
		pull.has_stage = true;
		pull.after = page.upto;
		if (rng_below(rng, 2) == 0)
			random_push(g, rng, made, n);
		if (rng_below(rng, 4) == 0)
			pull.stage_head = r->cursor; /* after a cut: not known */
	}
	for (size_t i = 0; i < page.n_refs; i++)
		reader_drop(r, page.refs[i]);
	r->cursor = page.head;
	r->has_backfill = r->has_backfill || reads_two;
}

static size_t
count_live(struct ground *g, uint64_t cursor, const struct reader *r)
{
	struct store_page page = pull_all(g, cursor);
	size_t n = 0;

	for (size_t i = 0; i < page.n_rows; i++) {
		if (!r->has_backfill && page.rows[i].batch.scope == 2)
			continue;
		for (size_t k = 0; k < page.rows[i].batch.n_ops; k++) {
			bool is_seen = false;

			if (!page.rows[i].batch.ops[k].is_present)
				continue;
			n++;
			for (size_t j = 0; j < r->n; j++)
				is_seen =
				    is_seen || (r->ops[j].at.lsn == page.rows[i].lsn &&
						   r->ops[j].at.index == k);
			assert_true(is_seen);
		}
	}
	return n;
}

static void
paged_pull_of_one_op_pages_misses_and_keeps_nothing(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *made[256];
	const uint64_t seeds = is_sqlite(g) ? 1 : 40;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct rng_seeded stream;
		struct rng rng = rng_seeded(&stream, seed);
		struct reader r = {0};
		size_t n = 0;

		for (size_t i = 0; i < 12; i++)
			random_push(g, &rng, made, &n);
		for (size_t pull = 0; pull < 4; pull++) {
			reader_pull(g, &r, &rng, made, &n);
			assert_int_equal(count_live(g, 0, &r), r.n);
			for (size_t i = 0; i < 3; i++)
				random_push(g, &rng, made, &n);
		}
		if (!is_sqlite(g))
			ground_reopen(g); /* in memory: empty again */
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(claim_holds_only_for_this_store_and_its_history),
	    EACH(dead_refs_are_those_born_before_the_cursor_and_killed_after),
	    EACH(doa_and_graves_are_told_for_readable_scopes_only),
	    EACH(client_older_than_the_dead_log_gets_the_list_of_what_lives),
	    EACH(paged_pull_of_one_op_pages_misses_and_keeps_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
