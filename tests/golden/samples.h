/* samples.h - bodies for tests: a fixed sheet, note and report section, and random bodies
 * that use every corner of the format. Used by unit tests, golden files, the interop test
 * and the fuzzers' corpora. */
#ifndef GOLDEN_SAMPLES_H
#define GOLDEN_SAMPLES_H

#include <assert.h>

#include "base/arena.h"
#include "base/rng.h"
#include "core/entry.h"

static const struct author sample_signer = {3, 7};

enum {
	SAMPLE_KIND_SHEET = 21,
	SAMPLE_KIND_NOTE = 22,
	SAMPLE_KIND_SECTION = 23,
	SAMPLE_FIELD_MARKS = 3,
	SAMPLE_FIELD_TEXT = 2
};

static inline struct record_id
sample_record(uint8_t first)
{
	struct record_id id;

	for (size_t i = 0; i < sizeof id.bytes; i++)
		id.bytes[i] = (uint8_t)(first + i);
	return id;
}

/* One mark of a sheet: person i, seconds after the first. */
static inline struct entry
sample_mark(size_t i, struct entry_name name, uint64_t after_s)
{
	static const uint8_t codes[] = {1, 1, 1, 1, 2, 1, 1, 1, 1, 3, 1, 1, 4, 1, 1};

	return (struct entry){
	    .name = name,
	    .field = SAMPLE_FIELD_MARKS,
	    .has_key = true,
	    .key = UINT64_C(0x9e3779b97f4a7c15) * (i + 1),
	    .time = {.seconds = 1700000000 + after_s, .counter = 0},
	    .by = sample_signer,
	    .value = {.type = VALUE_INT, .number = codes[i % sizeof codes]},
	};
}

/* How the marks of a sheet were saved. */
enum sample_saving {
	SAMPLE_AT_ONCE,   /* a form: one agent, one time */
	SAMPLE_IN_A_ROW,  /* the grid: one agent, a time each */
	SAMPLE_ONE_BY_ONE /* a command each: an agent and a time each */
};

static inline struct body *
sample_sheet(struct arena *a, size_t n, enum sample_saving saving)
{
	struct body *b = arena_zeros(a, 1, sizeof *b);
	uint64_t at = 0;

	assert(b != NULL);
	b->kind = SAMPLE_KIND_SHEET;
	b->record = sample_record(0x10);
	b->agent = UINT64_C(0xa1a2a3a4a5a6a7a8);
	b->n_entries = n;
	b->entries = arena_zeros(a, n, sizeof *b->entries);
	assert(b->entries != NULL);
	for (size_t i = 0; i < n; i++) {
		struct entry_name name = {b->agent, (uint32_t)i};

		if (saving == SAMPLE_ONE_BY_ONE && i > 0)
			name = (struct entry_name){UINT64_C(0xd1342543de82ef95) * i, 0};
		at += saving == SAMPLE_AT_ONCE ? 0 : 3 + i % 5;
		b->entries[i] = sample_mark(i, name, at);
	}
	return b;
}

/* A note about a person: a text of one entry, and when and by whom. */
static inline struct body *
sample_note(struct arena *a)
{
	static const char text[] =
	    "Přišel pozdě, ale pak vedl celou skupinu: přečetl článek o stanici "
	    "metra, našel v něm tři věty, které se nedají ověřit, a zeptal se, "
	    "kdo z nás by je poslal dál. Domluvili jsme se, že příště přinese "
	    "vlastní příklad. Matka volala v poledne, souhlas přinese zítra. "
	    "Nechce být na fotografiích, ostatní to vědí. S druhou trenérkou "
	    "probrat, jestli by mohl vést dvojici při hře o ostrově.";
	struct body *b = arena_zeros(a, 1, sizeof *b);

	assert(b != NULL);
	b->kind = SAMPLE_KIND_NOTE;
	b->record = sample_record(0x40);
	b->has_person = true;
	b->person.n = UINT64_C(0x0102030405060708);
	b->agent = UINT64_C(0xb1b2b3b4b5b6b7b8);
	b->n_entries = 3;
	b->entries = arena_zeros(a, 3, sizeof *b->entries);
	assert(b->entries != NULL);
	for (uint32_t i = 0; i < 3; i++)
		b->entries[i] = (struct entry){.name = {b->agent, i},
		    .field = (uint16_t)(i + 1),
		    .time = {1700003600, i},
		    .by = sample_signer};
	b->entries[0].value =
	    (struct value){.type = VALUE_TEXT, .bytes = span_text(text)};
	b->entries[1].value = (struct value){.type = VALUE_INT, .number = 19676};
	b->entries[2].value =
	    (struct value){.type = VALUE_BYTES, .bytes = span_of("\x01\x02\x03\x04", 4)};
	return b;
}

/* A section of a report that two people wrote and a third cut: runs with parents,
 * carried entries, names superseded. */
static inline struct body *
sample_section(struct arena *a)
{
	const struct author other = {3, 2}, guest = {5, 40};
	const struct entry_name root = {0, 0};
	struct body *b = arena_zeros(a, 1, sizeof *b);
	struct entry *e;

	assert(b != NULL);
	b->kind = SAMPLE_KIND_SECTION;
	b->record = sample_record(0x70);
	b->agent = 0xc3;
	b->n_entries = 3;
	b->entries = e = arena_zeros(a, 3, sizeof *b->entries);
	b->n_gone = 2;
	b->gone = arena_zeros(a, 2, sizeof *b->gone);
	assert(b->entries != NULL && b->gone != NULL);
	e[0] = (struct entry){{0xc1, 0}, SAMPLE_FIELD_TEXT, false, 0, {1700000000, 0},
	    other, {VALUE_RUN, 0, span_text("Fünf Tage in Košice"), root, RUN_RIGHT, 0}};
	e[1] =
	    (struct entry){{0xc2, 4}, SAMPLE_FIELD_TEXT, false, 0, {1699990000, 3}, guest,
		{VALUE_RUN, 0, span_text(", mit vierzehn Jugendlichen"), {0xc1, 18},
		    RUN_RIGHT, 0}};
	e[2] = (struct entry){{0xc3, 0}, SAMPLE_FIELD_TEXT, false, 0, {1700000060, 0},
	    sample_signer,
	    {VALUE_RUN, 0, span_text("Bericht: "), {0xc1, 0}, RUN_LEFT, 0}};
	b->gone[0] = (struct gone){SAMPLE_FIELD_TEXT, 0xc2, 0, 4};
	b->gone[1] = (struct gone){1, 0xc0, 17, 1};
	return b;
}

/* A text after an edit: a run, a hollow run that keeps the names of what went, a run that
 * hangs on it, the sentence as its author left it, and one that he took out. */
static inline struct body *
sample_text(struct arena *a)
{
	const struct author other = {3, 2};
	struct body *b = arena_zeros(a, 1, sizeof *b);
	struct entry *e;

	assert(b != NULL);
	b->kind = SAMPLE_KIND_SECTION;
	b->record = sample_record(0x71);
	b->agent = 0xd3;
	b->n_entries = 5;
	b->entries = e = arena_zeros(a, 5, sizeof *b->entries);
	b->n_gone = 1;
	b->gone = arena_zeros(a, 1, sizeof *b->gone);
	assert(b->entries != NULL && b->gone != NULL);
	for (size_t i = 0; i < 5; i++)
		e[i] = (struct entry){.field = SAMPLE_FIELD_TEXT,
		    .time = {1700000060, 0},
		    .by = sample_signer};
	e[0].name = (struct entry_name){0xd3, 0};
	e[0].value = (struct value){.type = VALUE_RUN,
	    .bytes = span_text("vier"),
	    .parent = {0xd1, 11},
	    .side = RUN_LEFT};
	e[1].name = (struct entry_name){0xd3, 4};
	e[1].value = (struct value){.type = VALUE_SEEN,
	    .bytes = span_text("Wir waren vier."),
	    .parent = {0xd1, 0}};
	e[2].name = (struct entry_name){0xd3, 5};
	e[2].value = (struct value){.type = VALUE_SEEN, .parent = {0xd1, 16}};
	e[3].name = (struct entry_name){0xd1, 0};
	e[3].by = other;
	e[3].value = (struct value){
	    .type = VALUE_RUN, .bytes = span_text("Wir waren "), .side = RUN_RIGHT};
	e[4].name = (struct entry_name){0xd1, 10};
	e[4].by = other;
	e[4].value = (struct value){
	    .type = VALUE_RUN, .parent = {0xd1, 9}, .side = RUN_RIGHT, .hollow = 20};
	b->gone[0] = (struct gone){SAMPLE_FIELD_TEXT, 0xd2, 0, 1};
	return b;
}

/* --- random bodies ----------------------------------------------------------- */

static inline struct span
sample_random_text(const struct rng *r, struct arena *a, size_t max)
{
	static const char *const letters[] = {"a", "e", " ", "n", "ř", "ж", "€", "😀"};
	size_t n = 1 + (size_t)rng_below(r, max);
	uint8_t *room = arena_alloc(a, 4 * n);
	size_t len = 0;

	assert(room != NULL);
	for (size_t i = 0; i < n; i++) {
		const char *letter = letters[rng_below(r, 8)];

		memcpy(room + len, letter, strlen(letter));
		len += strlen(letter);
	}
	return span_of(room, len);
}

static inline uint64_t
sample_random_number(const struct rng *r)
{
	static const uint64_t edges[] = {0, 1, 127, 128, 255, 256, 65535, 65536,
	    UINT32_MAX, UINT64_C(1) << 32, UINT64_C(1) << 53};

	return rng_below(r, 2) == 0 ? rng_below(r, 5) : edges[rng_below(r, 11)];
}

static inline struct value
sample_random_value(const struct rng *r, struct arena *a, const uint64_t *agents)
{
	struct value v = {.type = (enum value_type)rng_below(r, 6)};

	switch (v.type) {
	case VALUE_EMPTY:
		break;
	case VALUE_INT:
		v.number = sample_random_number(r);
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		v.bytes = sample_random_text(r, a, rng_below(r, 20) == 0 ? 400 : 6);
		break;
	case VALUE_RUN:
	case VALUE_SEEN:
		v.bytes = sample_random_text(r, a, 9);
		if (v.type == VALUE_RUN)
			v.side = rng_below(r, 2) == 0 ? RUN_LEFT : RUN_RIGHT;
		if (v.type == VALUE_RUN && rng_below(r, 4) == 0) {
			v.bytes = span_of(NULL, 0);
			v.hollow = 1 + (uint32_t)rng_below(r, 9);
		}
		if (rng_below(r, 3) > 0) {
			v.parent.agent = agents[rng_below(r, 6)];
			v.parent.index = (uint32_t)sample_random_number(r);
		}
		break;
	}
	return v;
}

/* Bodies as honest and as forging authors may write them: fields repeat, agents belong to
 * several devices, names repeat, times go back. */
static inline struct body *
sample_random_body(const struct rng *r, struct arena *a)
{
	uint64_t agents[6];
	uint32_t next[6] = {0};
	struct body *b = arena_zeros(a, 1, sizeof *b);
	bool is_plain = rng_below(r, 4) == 0; /* as a form saves: one agent, one kind */
	uint64_t seconds = 1600000000 + rng_below(r, 100000000);

	assert(b != NULL);
	for (size_t i = 0; i < 6; i++)
		agents[i] =
		    rng_below(r, 4) == 0 ? 1 + rng_below(r, 3) : 1 + (rng_u64(r) >> 1);
	b->kind = (uint16_t)sample_random_number(r);
	rng_fill(r, b->record.bytes, sizeof b->record.bytes);
	b->has_person = rng_below(r, 2) == 0;
	b->person.n = b->has_person ? rng_u64(r) : 0;
	b->agent = agents[0];
	b->n_entries = (size_t)rng_below(r, rng_below(r, 10) == 0 ? 200 : 9);
	b->entries = arena_zeros(a, b->n_entries, sizeof *b->entries);
	b->n_gone = is_plain ? 0 : (size_t)rng_below(r, 5);
	b->gone = arena_zeros(a, b->n_gone, sizeof *b->gone);
	assert(b->entries != NULL && b->gone != NULL);
	for (size_t i = 0; i < b->n_entries; i++) {
		struct entry *e = &b->entries[i];
		size_t k = is_plain ? 0 : (size_t)rng_below(r, 6);
		uint32_t skip = is_plain ? 0 : (uint32_t)rng_below(r, 2);

		seconds =
		    seconds + rng_below(r, 300) - (is_plain ? 0 : rng_below(r, 200));
		e->value = is_plain ? (struct value){.type = VALUE_INT, .number = k}
				    : sample_random_value(r, a, agents);
		e->name = (struct entry_name){agents[k], next[k] + skip};
		next[k] += skip + (uint32_t)(e->value.type == VALUE_RUN ? 9 : 1);
		e->field = (uint16_t)(is_plain ? 3 : sample_random_number(r));
		e->has_key = is_plain || rng_below(r, 2) == 0;
		e->key = e->has_key ? rng_u64(r) : 0;
		e->time = (struct hlc){seconds, (uint32_t)rng_below(r, 2)};
		e->by = sample_signer;
		if (!is_plain && rng_below(r, 3) == 0)
			e->by.device = (uint16_t)sample_random_number(r);
	}
	for (size_t i = 0; i < b->n_gone; i++)
		b->gone[i] =
		    (struct gone){(uint16_t)rng_below(r, 4), agents[rng_below(r, 6)],
			(uint32_t)rng_below(r, 1000), 1 + (uint32_t)rng_below(r, 9)};
	return b;
}

static inline bool
sample_entry_equal(const struct entry *x, const struct entry *y)
{
	return entry_name_equal(x->name, y->name) && x->field == y->field &&
	       x->has_key == y->has_key && x->key == y->key &&
	       hlc_compare(x->time, y->time) == 0 && x->by.home == y->by.home &&
	       x->by.device == y->by.device && value_equal(&x->value, &y->value);
}

/* Is out what a reader has to get when in was written? Entries with a map key first. */
static inline bool
sample_body_equal(const struct body *in, const struct body *out)
{
	size_t at = 0;

	if (in->kind != out->kind || !ID_EQUAL(&in->record, &out->record) ||
	    in->has_person != out->has_person || in->person.n != out->person.n ||
	    in->agent != out->agent || in->n_entries != out->n_entries ||
	    in->n_gone != out->n_gone)
		return false;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < in->n_entries; i++) {
			if (in->entries[i].has_key == (pass == 0) &&
			    !sample_entry_equal(&in->entries[i], &out->entries[at++]))
				return false;
		}
	}
	for (size_t i = 0; i < in->n_gone; i++) {
		const struct gone *x = &in->gone[i], *y = &out->gone[i];

		if (x->field != y->field || x->agent != y->agent ||
		    x->first != y->first || x->count != y->count)
			return false;
	}
	return true;
}

#endif
