/* interop_write.c - makes batches for the second reader (read_ops.py) and says beside
 * each what has to be found in it.
 *
 *   interop_write golden DIR          the two batches of tests/golden
 *   interop_write random DIR N SEED   N batches of random ops, some of them pruned */
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "golden/sample_batch.h"
#include "proto/op_codec.h"

struct writer_kit {
	struct sample_world world;
	struct body_codec *codec;
	struct arena *a;
	const char *dir;
};

/* What is expected of one op; body NULL for an erase. */
struct expected {
	const struct body *body;
};

static json_t *
hex(const void *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);
	json_t *j;

	assert(text != NULL);
	(void)sodium_bin2hex(text, 2 * len + 1, bytes, len);
	j = json_string(text);
	free(text);
	return j;
}

static json_t *
hex_u64(uint64_t n)
{
	uint8_t bytes[8];

	put_u64(bytes, n);
	return hex(bytes, sizeof bytes);
}

/* A run, a hollow one or a passage: what hangs on a character. */
static json_t *
place_json(const struct value *v)
{
	json_t *parent = v->parent.agent == 0
			     ? json_null()
			     : json_pack("[o, I]", hex_u64(v->parent.agent),
				   (json_int_t)v->parent.index);
	const char *text = v->bytes.len == 0 ? "" : (const char *)v->bytes.bytes;

	if (v->type == VALUE_SEEN)
		return json_pack("{s:s, s:o, s:s%}", "type", "seen", "parent", parent,
		    "text", text, v->bytes.len);
	if (v->hollow > 0)
		return json_pack("{s:s, s:o, s:i, s:I}", "type", "run", "parent", parent,
		    "side", (int)v->side, "hollow", (json_int_t)v->hollow);
	return json_pack("{s:s, s:o, s:i, s:s%}", "type", "run", "parent", parent, "side",
	    (int)v->side, "text", text, v->bytes.len);
}

static json_t *
value_json(const struct value *v)
{
	switch (v->type) {
	case VALUE_EMPTY:
		return json_pack("{s:s}", "type", "empty");
	case VALUE_INT:
		return json_pack(
		    "{s:s, s:I}", "type", "number", "number", (json_int_t)v->number);
	case VALUE_TEXT:
		return json_pack(
		    "{s:s, s:s%}", "type", "text", "text", v->bytes.bytes, v->bytes.len);
	case VALUE_BYTES:
		return json_pack("{s:s, s:o}", "type", "bytes", "bytes",
		    hex(v->bytes.bytes, v->bytes.len));
	case VALUE_RUN:
	case VALUE_SEEN:
		return place_json(v);
	}
	return NULL;
}

static json_t *
entry_json(const struct entry *e)
{
	return json_pack("{s:o, s:I, s:i, s:o, s:I, s:I, s:[i, i], s:o}", "agent",
	    hex_u64(e->name.agent), "index", (json_int_t)e->name.index, "field",
	    (int)e->field, "key", e->has_key ? hex_u64(e->key) : json_null(), "seconds",
	    (json_int_t)e->time.seconds, "counter", (json_int_t)e->time.counter, "by",
	    (int)e->by.home, (int)e->by.device, "value", value_json(&e->value));
}

static json_t *
body_json(const struct body *b)
{
	json_t *entries = json_array(), *gone = json_array();

	for (int pass = 0; pass < 2; pass++) { /* with a map key first */
		for (size_t i = 0; i < b->n_entries; i++) {
			if (b->entries[i].has_key == (pass == 0))
				json_array_append_new(
				    entries, entry_json(&b->entries[i]));
		}
	}
	for (size_t i = 0; i < b->n_gone; i++)
		json_array_append_new(
		    gone, json_pack("[i, o, I, I]", (int)b->gone[i].field,
			      hex_u64(b->gone[i].agent), (json_int_t)b->gone[i].first,
			      (json_int_t)b->gone[i].count));
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "kind", (int)b->kind, "record",
	    hex(b->record.bytes, sizeof b->record.bytes), "person",
	    b->has_person ? hex_u64(b->person.n) : json_null(), "agent",
	    hex_u64(b->agent), "entries", entries, "gone", gone);
}

static json_t *
op_json(const struct op *o, const struct body *body)
{
	json_t *dots;

	if (!o->is_present)
		return json_pack("{s:o}", "hash", hex(o->hash.bytes, 32));
	dots = json_array();
	for (size_t i = 0; i < o->n_dots; i++)
		json_array_append_new(
		    dots, json_pack("[o, i]", hex(o->dots[i].batch.bytes, 16),
			      (int)o->dots[i].index));
	return json_pack("{s:o, s:i, s:i, s:o, s:o, s:o}", "hash", hex(o->hash.bytes, 32),
	    "type", (int)o->type, "class", (int)o->retention, "subject",
	    o->has_subject ? hex(o->subject.bytes, 16) : json_null(), "dots", dots,
	    "body", body == NULL ? json_null() : body_json(body));
}

static void
write_file(const struct writer_kit *k, const char *name, const struct batch *b,
    const struct expected *expected, const struct batch_id *id)
{
	const struct sample_world *w = &k->world;
	const struct batch_context *c = &w->context;
	uint8_t room[BATCH_WIRE_BYTES_MAX];
	struct writer wire = writer_of(room, sizeof room);
	json_t *ops = json_array(), *all;
	bool is_complete = true;
	char path[512];

	batch_write(b, &wire);
	assert(!wire.is_full);
	for (size_t i = 0; i < b->n_ops; i++) {
		json_array_append_new(ops, op_json(&b->ops[i], expected[i].body));
		is_complete = is_complete && b->ops[i].is_present;
	}
	all = json_pack("{s:{s:o, s:o, s:o, s:o, s:o}, s:{s:o, s:o, s:o}, s:b, s:o, "
			"s:{s:o, s:o}}",
	    "context", "network", hex(c->network.bytes, 16), "space",
	    hex(c->space.text, 4), "scope", hex(c->scope.bytes, 17), "device",
	    hex(c->device.bytes, 16), "home_head", hex(c->home_head.bytes, 32), "keys",
	    "sign_pk", hex(w->device.pk.sign.bytes, 32), "epoch_seed",
	    hex(w->seed.bytes, 32), "tag_key", hex(w->tag_key.bytes, 32), "complete",
	    (int)is_complete, "wire", hex(room, wire.used), "expect", "id",
	    hex(id->bytes, 32), "ops", ops);
	assert(all != NULL);
	(void)snprintf(path, sizeof path, "%s/%s.json", k->dir, name);
	if (json_dump_file(all, path, JSON_INDENT(1)) != 0) {
		(void)fprintf(stderr, "cannot write %s\n", path);
		exit(1);
	}
	json_decref(all);
}

static struct batch_id
build(struct writer_kit *k, struct batch *b)
{
	struct span wire;
	struct batch_id id;
	struct trouble t = {0};

	if (batch_build(b, &k->world.context, &k->world.signer, &k->world.checks, k->a,
		&wire, &id, &t) != ST_OK) {
		(void)fprintf(stderr, "%s\n", t.text);
		exit(1);
	}
	return id;
}

static void
write_golden(struct writer_kit *k)
{
	struct batch b = sample_batch(&k->world, k->codec, k->a);
	const struct expected expected[4] = {{sample_sheet(k->a, 15, SAMPLE_IN_A_ROW)},
	    {sample_note(k->a)}, {sample_section(k->a)}, {NULL}};
	struct batch_id id = build(k, &b);

	write_file(k, "batch-complete", &b, expected, &id);
	b.ops[1].is_present = false;
	b.ops[3].is_present = false;
	write_file(k, "batch-pruned", &b, expected, &id);
}

static struct op
random_op(struct writer_kit *k, const struct rng *r, const struct batch *b, size_t i,
    struct expected *expected)
{
	struct body *body;
	struct dot *dots;
	struct op o;

	*expected = (struct expected){NULL};
	if (rng_below(r, 8) == 0) {
		o = (struct op){.type = OP_ERASE, .has_subject = true};
		rng_fill(r, o.subject.bytes, sizeof o.subject.bytes);
		return o;
	}
	body = sample_random_body(r, k->a);
	expected->body = body;
	o = sample_seal(
	    &k->world, k->codec, b, i, body, (enum retention)(1 + rng_below(r, 3)), k->a);
	o.n_dots = (size_t)rng_below(r, 4);
	o.dots = dots = arena_zeros(k->a, o.n_dots, sizeof *dots);
	for (size_t d = 0; d < o.n_dots; d++)
		dots[d] = sample_dot(
		    (uint8_t)rng_below(r, 9), (uint8_t)(rng_below(r, 60) * 4 + d));
	return o;
}

/* One op whose length takes three bytes. */
static void
write_long(struct writer_kit *k, const struct rng *r)
{
	enum { NOISE_BYTES = 100000 };
	struct batch b = sample_header(&k->world, 3);
	struct body *body = sample_note(k->a);
	struct expected expected = {body};
	uint8_t *noise = arena_alloc(k->a, NOISE_BYTES);
	struct batch_id id;

	rng_fill(r, noise, NOISE_BYTES);
	body->n_entries = 1;
	body->entries[0].value =
	    (struct value){.type = VALUE_BYTES, .bytes = span_of(noise, NOISE_BYTES)};
	b.n_ops = 1;
	b.ops = arena_zeros(k->a, 1, sizeof *b.ops);
	b.ops[0] = sample_seal(&k->world, k->codec, &b, 0, body, RETAIN_ORDINARY, k->a);
	id = build(k, &b);
	write_file(k, "long", &b, &expected, &id);
	arena_reset(k->a);
}

static void
write_random(struct writer_kit *k, int n, uint64_t seed)
{
	struct rng_seeded state;
	struct rng r = rng_seeded(&state, seed);

	write_long(k, &r);
	for (int i = 0; i < n; i++) {
		struct batch b = sample_header(&k->world, (uint8_t)rng_u64(&r));
		struct expected expected[24];
		struct batch_id id;
		char name[32];

		b.n_ops = 1 + (size_t)rng_below(&r, 24);
		b.ops = arena_zeros(k->a, b.n_ops, sizeof *b.ops);
		for (size_t o = 0; o < b.n_ops; o++)
			b.ops[o] = random_op(k, &r, &b, o, &expected[o]);
		id = build(k, &b);
		for (size_t o = 0; i % 3 == 0 && o < b.n_ops; o++)
			b.ops[o].is_present = rng_below(&r, 2) == 0;
		(void)snprintf(name, sizeof name, "random-%03d", i);
		write_file(k, name, &b, expected, &id);
		arena_reset(k->a);
	}
}

int
main(int argc, char **argv)
{
	struct writer_kit k = {.codec = body_codec_new(), .a = arena_new(0)};

	assert(k.codec != NULL && k.a != NULL);
	sample_world_fill(&k.world);
	k.dir = argc > 2 ? argv[2] : NULL;
	if (argc == 3 && strcmp(argv[1], "golden") == 0) {
		write_golden(&k);
	} else if (argc == 5 && strcmp(argv[1], "random") == 0) {
		write_random(&k, atoi(argv[3]), strtoull(argv[4], NULL, 10));
	} else {
		(void)fprintf(
		    stderr, "use: interop_write golden DIR | random DIR N SEED\n");
		return 64;
	}
	body_codec_free(k.codec);
	arena_free(k.a);
	return 0;
}
