/* test_batch_long.c - a batch of one op, which may be long, and the limits of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "golden/sample_batch.h"

static struct sample_world world;
static struct arena *a;
static uint8_t body[OP_LONG_BODY_BYTES_MAX], room[BATCH_WIRE_BYTES_MAX + 1];

static int
set_up(void **state)
{
	(void)state;
	sample_world_fill(&world);
	a = arena_new(0);
	return a == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static status
decode(struct span in, enum batch_form form, struct batch *out)
{
	return batch_decode(in, form, &world.checks, a, out, NULL);
}

static status
build(struct batch *b, struct span *wire, struct batch_id *id)
{
	return batch_build(
	    b, &world.context, &world.signer, &world.checks, a, wire, id, NULL);
}

static struct op
op_of(size_t body_len)
{
	return (struct op){.type = OP_WRITE,
	    .retention = RETAIN_PERSONAL,
	    .body = span_of(body, body_len)};
}

static void
a_wire_of_one_op_may_have_200_kib_and_not_a_byte_more(void **state)
{
	struct batch b = sample_header(&world, 7), out;
	struct op op = op_of(OP_BODY_BYTES_MIN);
	struct batch_id id;
	struct span wire;

	(void)state;
	b.n_ops = 1;
	b.ops = &op;
	assert_int_equal(build(&b, &wire, &id), ST_OK);
	memcpy(room, wire.bytes, wire.len);
	/* Read, and found to have too much behind it; not read at all. */
	assert_int_equal(
	    decode(span_of(room, BATCH_LONE_BYTES_MAX), BATCH_COMPLETE, &out),
	    ST_MALFORMED);
	assert_int_equal(
	    decode(span_of(room, BATCH_LONE_BYTES_MAX + 1), BATCH_COMPLETE, &out),
	    ST_LIMIT);
	assert_int_equal(
	    decode(span_of(room, BATCH_LONE_BYTES_MAX + 1), BATCH_PRUNED, &out),
	    ST_LIMIT);
	room[51] = 1; /* n - 1 */
	assert_int_equal(
	    decode(span_of(room, BATCH_BYTES_MAX + 1), BATCH_COMPLETE, &out), ST_LIMIT);
}

static void
the_longest_op_goes_alone_with_all_its_dots(void **state)
{
	struct batch b = sample_header(&world, 7), out;
	struct op op = op_of(OP_LONG_BODY_BYTES_MAX);
	struct dot dots[OP_DOTS_MAX] = {0};
	struct span wire;
	struct batch_id id;

	(void)state;
	for (size_t i = 0; i < OP_DOTS_MAX; i++)
		put_u64(dots[i].batch.bytes, i + 1);
	op.dots = dots;
	op.n_dots = OP_DOTS_MAX;
	b.n_ops = 1;
	b.ops = &op;
	assert_int_equal(build(&b, &wire, &id), ST_OK);
	assert_true(wire.len <= BATCH_LONE_BYTES_MAX);
	assert_int_equal(decode(wire, BATCH_COMPLETE, &out), ST_OK);
	assert_int_equal(out.ops[0].body.len, OP_LONG_BODY_BYTES_MAX);
	assert_int_equal(batch_verify(&out, &world.context, &world.device.pk.sign,
			     &world.checks, a, &id, NULL),
	    ST_OK);
}

static void
a_long_op_beside_another_keeps_to_64_kib(void **state)
{
	struct batch b = sample_header(&world, 7), out;
	struct op ops[2] = {op_of(OP_BODY_BYTES_MAX + 1), op_of(OP_BODY_BYTES_MIN)};
	struct span wire;
	struct batch_id id;

	(void)state;
	b.n_ops = 2;
	b.ops = ops;
	assert_int_equal(build(&b, &wire, &id), ST_OK);
	assert_int_equal(decode(wire, BATCH_COMPLETE, &out), ST_OK);
	ops[0].body.len += BATCH_BYTES_MAX - wire.len;
	assert_int_equal(build(&b, &wire, &id), ST_OK);
	assert_int_equal(wire.len, BATCH_BYTES_MAX);
	ops[0].body.len++;
	assert_int_equal(build(&b, &wire, &id), ST_LIMIT);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(a_wire_of_one_op_may_have_200_kib_and_not_a_byte_more),
	    T(the_longest_op_goes_alone_with_all_its_dots),
	    T(a_long_op_beside_another_keeps_to_64_kib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
