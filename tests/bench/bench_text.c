/* bench_text.c - one section of 48 KiB written in thousands of saved edits, each sealed
 * for itself: opening it (decode its ops, join, read the text, find hot spots), and
 * saving and sealing one more edit. Codec on, sealing and disk off. */
#include "core/text_diff.h"
#include "proto/body_codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EDITS = 5000, OPS_MAX = 6000, ROUNDS = 9, KIND = 30, FIELD = 5 };

static double worst_seal_ms;

static const struct author by = {1, 2};
static struct body_codec *codec;
static struct record_op ops[OPS_MAX];
static struct span wires[OPS_MAX];
static size_t n_ops;

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
must(status st)
{
	if (st != ST_OK)
		abort();
}

static size_t
size_of(const void *ctx, const struct body *b)
{
	(void)ctx;
	return body_array_bytes(codec, b, by);
}

static size_t
packed_of(const void *ctx, const struct body *b)
{
	static uint8_t room[BODY_PLAIN_BYTES_MAX];
	struct writer w = writer_of(room, sizeof room);

	(void)ctx;
	return body_encode(codec, b, by, &w, NULL) == ST_OK ? w.used : SIZE_MAX;
}

static const struct body_measure measure = {size_of, packed_of, NULL};

static bool
is_text(uint16_t kind, uint16_t field)
{
	return kind == KIND && field == FIELD;
}

struct section {
	struct record_input input;
	struct record_view view;
	const struct record_cell *cell;
	struct text_state state;
};

static void
open_section(
    struct arena *a, struct section *s, size_t n_dirty, const struct record_dirty *dirty)
{
	s->input = (struct record_input){.kind = KIND,
	    .n_ops = n_ops,
	    .ops = ops,
	    .n_dirty = n_dirty,
	    .dirty = dirty,
	    .is_text = is_text};
	must(record_view(a, &s->input, &s->view, NULL));
	s->cell = record_field(&s->view, FIELD);
	must(text_read(a, s->cell, &s->state, NULL));
}

static bool
is_listed(const struct record_sealing *sealing, const struct dot *dot)
{
	for (size_t i = 0; i < sealing->n_dots; i++) {
		if (dot_equal(&sealing->dots[i], dot))
			return true;
	}
	return false;
}

/* The op goes out and comes back; what it replaced is gone. */
static void
take_op(struct arena *kept, const struct record_sealing *sealing, size_t n)
{
	struct writer w;
	uint8_t *room = malloc(BODY_ARRAY_BYTES_MAX);
	struct body *body = arena_zeros(kept, 1, sizeof *body);
	size_t left = 0;

	if (room == NULL || body == NULL)
		abort();
	w = writer_of(room, BODY_ARRAY_BYTES_MAX);
	must(body_encode(codec, &sealing->body, by, &w, NULL));
	for (size_t i = 0; i < n_ops; i++) {
		if (is_listed(sealing, &ops[i].dot)) {
			free((void *)(uintptr_t)wires[i].bytes);
		} else {
			wires[left] = wires[i];
			ops[left++] = ops[i];
		}
	}
	if (left == OPS_MAX)
		abort();
	wires[left] = writer_done(&w);
	must(body_decode(codec, wires[left], by, kept, body, NULL));
	ops[left] =
	    (struct record_op){.sealed_bytes = wires[left].len + 60, .body = body};
	put_u64(ops[left].dot.batch.bytes, n + 1);
	n_ops = left + 1;
}

static void
save(struct arena *a, const struct section *s, struct span draft, uint64_t agent,
    struct record_dirty **dirty, size_t *n)
{
	struct text_change c;
	struct entry_name name = {agent, 0};

	must(text_diff(a, s->cell, &s->state, draft, name, &c, NULL));
	*n = c.n_values;
	*dirty = arena_zeros(a, c.n_values, sizeof **dirty);
	for (size_t i = 0; i < c.n_values; i++) {
		(*dirty)[i] =
		    (struct record_dirty){.entry = {.name = name,
					      .field = FIELD,
					      .time = {1700000000 + agent % 10000000, 0},
					      .by = by,
					      .value = c.values[i]}};
		name.index += record_names_of(&c.values[i]);
	}
	if (*n > 0) {
		(*dirty)[0].seen = c.seen;
		(*dirty)[0].n_seen = c.n_seen;
	}
}

static uint64_t seed = 1;

static uint64_t
below(uint64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % n;
}

static const char *const words[] = {"yard", "young", "people", "motif", "panel", "wall",
    "talk", "hall", "paint", "club", "rule", "day"};

/* Half of the text is there before the first of the edits. */
static struct span
first_draft(struct arena *a)
{
	enum { BYTES = 24 * 1024 };
	struct writer w = writer_of(arena_alloc(a, BYTES), BYTES);
	struct span word;

	for (size_t i = 0; w.used < BYTES - 16; i++) {
		word = span_text(words[below(12)]);
		writer_span(&w, word);
		writer_span(&w, span_text(i % 12 == 11 ? ". " : " "));
	}
	return writer_done(&w);
}

/* A word in somewhere, sometimes instead of others; the text grows to 48 KiB. */
static struct span
redraft(struct arena *a, struct span text, size_t i)
{
	size_t at = text.len == 0 ? 0 : below(text.len), cut = 0;
	struct span out;

	if (text.len == 0)
		return first_draft(a);
	while (at < text.len && text.bytes[at] != ' ')
		at++;
	if (below(4) == 0 || text.len > TEXT_BYTES_MAX - 64)
		cut = text.len - at < 24 ? text.len - at : 24;
	out = span_text(arena_text(a, "%.*s %s %s%s%s", (int)at, (const char *)text.bytes,
	    words[below(12)], words[below(12)], i % 5 == 0 ? "." : "",
	    (const char *)text.bytes + at + cut));
	return out;
}

static double
open_once(struct arena *a)
{
	double from = now();
	struct section s;
	struct text_spots spots;

	for (size_t i = 0; i < n_ops; i++) {
		struct body *body = arena_zeros(a, 1, sizeof *body);

		must(body_decode(codec, wires[i], by, a, body, NULL));
	}
	open_section(a, &s, 0, NULL);
	must(text_spots(a, s.cell, &s.state, &spots, NULL));
	return now() - from;
}

/* From the saved draft to the encoded op; the section is open. */
static double
seal_once(struct arena *a, double *save_ms)
{
	struct section s, again;
	struct record_dirty *dirty;
	struct record_sealing sealing;
	struct span draft;
	struct writer w;
	double from, saved;
	size_t n;

	open_section(a, &s, 0, NULL);
	draft = redraft(a, s.state.text, 1);
	from = now();
	save(a, &s, draft, 77, &dirty, &n);
	saved = now();
	open_section(a, &again, n, dirty);
	from += now() - saved; /* opening is measured by itself */
	*save_ms = saved - from;
	must(record_seal(
	    a, &again.view, &record_limits_default, &measure, &sealing, NULL));
	w = writer_of(arena_alloc(a, BODY_ARRAY_BYTES_MAX), BODY_ARRAY_BYTES_MAX);
	must(body_encode(codec, &sealing.body, by, &w, NULL));
	return now() - from;
}

/* A line of run.sh's table. */
static void
print_line(const char *figure, double ms, const char *goal, const char *how)
{
	printf("%-34s %12.2f %-9s %6s  %-12s %s\n", figure, ms, "ms", "", goal, how);
}

/* What the next writer sends after the 64th small op. */
static void
compact_section(struct arena *a, struct arena *kept)
{
	const struct compaction how = {.agent = 99};
	struct record_sealing sealing;
	struct section s;
	double ms = 1e9, from = now();

	arena_reset(a);
	open_section(a, &s, 0, NULL);
	must(record_compact(
	    a, &s.view, &record_limits_default, &measure, &how, &sealing, NULL));
	take_op(kept, &sealing, EDITS + 1);
	from = now() - from;
	for (int i = 0; i < ROUNDS; i++) {
		double one;

		arena_reset(a);
		one = open_once(a);
		ms = one < ms ? one : ms;
	}
	print_line("compacted, opening", ms, "<= 20", "");
	printf("%-34s %12zu live op of %zu B, compacted in %.0f ms\n",
	    "  after compaction", n_ops, wires[0].len, from);
}

int
main(void)
{
	struct arena *a = arena_new(0), *kept = arena_new(0);
	double open_ms = 1e9, seal_ms = 1e9, save_ms = 0;
	size_t bytes = 0, n_text = 0, n_parts = 0;

	codec = body_codec_new();
	if (a == NULL || kept == NULL || codec == NULL)
		return 1;
	for (size_t i = 0; i < EDITS; i++) {
		struct section s, again;
		struct record_dirty *dirty;
		struct record_sealing sealing;
		double from;
		size_t n;

		arena_reset(a);
		open_section(a, &s, 0, NULL);
		n_text = s.state.text.len;
		n_parts = s.state.n_parts;
		save(a, &s, redraft(a, s.state.text, i),
		    (i + 1) * UINT64_C(0x9E3779B97F4A7C15), &dirty, &n);
		open_section(a, &again, n, dirty);
		from = now();
		must(record_seal(
		    a, &again.view, &record_limits_default, &measure, &sealing, NULL));
		worst_seal_ms =
		    now() - from > worst_seal_ms ? now() - from : worst_seal_ms;
		take_op(kept, &sealing, i);
	}
	for (size_t i = 0; i < n_ops; i++)
		bytes += wires[i].len;
	for (int i = 0; i < ROUNDS; i++) {
		double ms;

		arena_reset(a);
		ms = open_once(a);
		open_ms = ms < open_ms ? ms : open_ms;
		arena_reset(a);
		ms = seal_once(a, &save_ms);
		seal_ms = ms < seal_ms ? ms : seal_ms;
	}
	print_line("text of 5,000 edits, opening", open_ms, "<= 20",
	    "decoded, joined, read, hot spots");
	print_line("one more edit, sealed", seal_ms, "<= 5", "");
	print_line(
	    "  the slowest of the 5,000", worst_seal_ms, "", "a whole op, once in 65");
	printf("%-34s %12zu B, %zu parts, %zu live ops of %zu B\n", "  its text", n_text,
	    n_parts, n_ops, bytes);
	compact_section(a, kept);
	return 0;
}
