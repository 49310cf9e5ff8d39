/* What a laptop brings back after a restore of the server, where it has forgotten the
 * names of batches that were dead before it pulled (DESIGN 4.5). Found by tests/sim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "store/store_memory.h"
#include "store/store_sqlite.h"

static const uint16_t scope = 3;

/* Two batches of one op of one record each; the second supersedes the first. */
struct fixture {
	struct store *store;
	char path[64]; /* of the SQLite file; "" = in memory */
	struct short_id refs[1];
	struct dot dots[1];
	struct op ops[2];
	struct batch batches[2];
	struct batch_id ids[2];
};

static void
hash_none(
    void *ctx, const char *label, const struct span *parts, size_t n, struct hash32 *out)
{
	(void)ctx;
	(void)label;
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < parts[i].len; k++)
			out->bytes[k % 32] =
			    (uint8_t)(out->bytes[k % 32] * 31u + parts[i].bytes[k] + k);
	}
}

static const struct checks checks = {NULL, hash_none, NULL};

static void
fill_batch(struct fixture *f, size_t n)
{
	static const uint8_t header[BATCH_HEADER_BYTES] = {1};
	static const uint8_t wire[100] = {5};

	memset(f->ids[n].bytes, (int)(0x11 * (n + 1)), sizeof f->ids[n].bytes);
	f->ops[n] = (struct op){.is_present = true,
	    .type = OP_WRITE,
	    .retention = RETAIN_ORDINARY,
	    .record = {{9}},
	    .wire = span_of(wire, sizeof wire)};
	f->batches[n] = (struct batch){.space = 1,
	    .home = 1,
	    .device = 2,
	    .scope = scope,
	    .epoch = 1,
	    .header = span_of(header, sizeof header),
	    .n_ops = 1,
	    .ops = &f->ops[n]};
}

static status
open_store(struct fixture *f)
{
	const struct store_memory_config memory = {.epoch = {{1}}, .checks = &checks};
	const struct store_sqlite_config sqlite = {
	    .path = f->path, .may_create = true, .epoch = {{1}}, .checks = &checks};

	if (f->path[0] == '\0')
		return store_memory_open(&f->store, &memory, NULL);
	unlink(f->path);
	return store_sqlite_open(&f->store, &sqlite, NULL);
}

static int
set_up_store(void **state, bool is_on_disk)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL)
		return -1;
	if (is_on_disk)
		snprintf(f->path, sizeof f->path, "/tmp/recovery-%ld.db", (long)getpid());
	if (open_store(f) != ST_OK)
		return -1;
	fill_batch(f, 0);
	fill_batch(f, 1);
	f->refs[0] = batch_short(&f->ids[0]);
	f->dots[0] = (struct dot){f->refs[0], 0};
	f->batches[1].n_refs = 1;
	f->batches[1].refs = f->refs;
	f->ops[1].n_dots = 1;
	f->ops[1].dots = f->dots;
	*state = f;
	return 0;
}

static int
set_up_memory(void **state)
{
	return set_up_store(state, false);
}

static int
set_up_sqlite(void **state)
{
	return set_up_store(state, true);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store, NULL, NULL);
	if (f->path[0] != '\0')
		unlink(f->path);
	free(f);
	return 0;
}

static void
on_verdict(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	(void)t;
	assert_int_equal(r, STORE_OK);
	*(enum merge_kind *)ctx = v->kind;
}

static void
push(struct fixture *f, size_t n)
{
	const struct store_push p = {.batch = &f->batches[n], .id = f->ids[n]};
	enum merge_kind kind = MERGE_KIND_COUNT;

	store_accept(f->store, &p, on_verdict, &kind);
	store_pump(f->store);
	assert_int_equal(kind, MERGE_OK);
}

static void
on_staged(void *ctx, enum store_result r, const struct trouble *t)
{
	(void)ctx;
	(void)t;
	assert_int_equal(r, STORE_OK);
}

static void
on_joined(
    void *ctx, enum store_result r, const struct merge_joined *j, const struct trouble *t)
{
	(void)t;
	assert_int_equal(r, STORE_OK);
	*(struct merge_joined *)ctx = *j;
}

/* A laptop knows the second batch, live, and nothing else. */
static struct merge_joined
recover(struct fixture *f)
{
	const struct merge_theirs theirs = {f->ids[1], &f->batches[1]};
	const struct store_part part = {
	    .device = {1, 5}, .is_first = true, .n_batches = 1, .batches = &theirs};
	struct merge_joined joined = {0};

	store_stage(f->store, &part, on_staged, NULL);
	store_join(f->store, part.device, 1, &scope, on_joined, &joined);
	store_pump(f->store);
	return joined;
}

static void
on_seen(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	(void)t;
	assert_int_equal(r, STORE_OK);
	*(struct store_figures *)ctx = *f;
}

static struct store_figures
look(struct fixture *f)
{
	struct store_figures figures = {0};

	store_look(f->store, 0, on_seen, &figures);
	store_pump(f->store);
	return figures;
}

static void
an_op_that_comes_back_supersedes_what_the_server_still_has(void **state)
{
	struct fixture *f = *state;
	struct merge_joined joined;

	push(f, 0);
	joined = recover(f);
	assert_int_equal(joined.n_live, 1);
	assert_int_equal(joined.n_dead, 1);
	assert_int_equal(look(f).live_ops, 1);
}

static void
an_op_that_comes_back_supersedes_what_arrives_later(void **state)
{
	struct fixture *f = *state;

	(void)recover(f);
	assert_int_equal(look(f).doa, 1);
	push(f, 0);
	assert_int_equal(look(f).live_ops, 1);
	assert_int_equal(look(f).doa, 0);
}

#define ON_BOTH(name)                                                                    \
	cmocka_unit_test_setup_teardown(name, set_up_memory, tear_down),                 \
	    cmocka_unit_test_setup_teardown(name, set_up_sqlite, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_BOTH(an_op_that_comes_back_supersedes_what_the_server_still_has),
	    ON_BOTH(an_op_that_comes_back_supersedes_what_arrives_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
