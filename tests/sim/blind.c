/* blind.c - the server is blind: the same season, written twice with other names and
 * other values of equal padded length, leaves the same bytes in the server's file
 * (DESIGN P3, SECURITY 9.5). The stand-in for the cipher draws the sealed bytes from a
 * seeded stream and keeps the plaintext out of the store's reach; ids and times are
 * fixed. A third season with one longer note must leave other bytes, so that the check
 * can fail.
 *
 *	sim_blind FOLDER */
#include "base/rng.h"
#include "core/schema.h"
#include "crypto/pad.h"
#include "crypto/seal.h"
#include "hub.h"
#include "proto/batch_codec.h"
#include "proto/body_codec.h"
#include "store/store_sqlite.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	DAYS = 5,
	YOUTHS = 12,
	SCOPE_OFFICE_AT = 1,
	SCOPE_ACTIVITY_AT = 2,
	SEASON_ARENA_BYTES = 8 << 20
};

/* What one season writes. */
struct season {
	const char *file;
	const char *given[4];
	const char *family[4];
	const char *title;
	const char *note;
	uint64_t first_mark;
	uint64_t birth_year;
};

static const struct season seasons[] = {
    {"blind-a.db", {"Jana", "Petr", "Klara", "Adam"},
	{"Novakova", "Svoboda", "Mala", "Cerny"}, "Strong together",
	"Quiet at first, spoke up in the role play on day two.", 1, 2007},
    {"blind-b.db", {"Zita", "Olaf", "Bruno", "Lena"},
	{"Schubert", "Fischer", "Roth", "Maier"}, "Bridges we build",
	"Argued with two others; the group solved it by itself.", 2, 2009},
    {"blind-c.db", {"Jana", "Petr", "Klara", "Adam"},
	{"Novakova", "Svoboda", "Mala", "Cerny"}, "Strong together",
	"Quiet at first, spoke up in the role play on day two. Later told the whole "
	"group "
	"how an older friend had tried to bring him to meetings, and why he stayed away.",
	1, 2007},
};

/* A season while it is written. */
struct writing {
	const struct season *season;
	struct store *store;
	struct arena *arena;
	struct body_codec *codec;
	struct rng_seeded stream;
	struct rng rng;
	uint64_t agent;
	uint64_t plain; /* hash over all plaintexts: did the seasons differ at all? */
	struct batch_id ids[DAYS + 4];
	size_t n_ids;
};

static const struct author signer = {1, 3};

static void
die(const char *what)
{
	fprintf(stderr, "blind: %s\n", what);
	exit(1);
}

/* --- bodies --- */

static struct entry
entry_at(struct writing *w, uint16_t field, uint32_t index)
{
	return (struct entry){
	    .name = {w->agent, index},
	    .field = field,
	    .time = {1790000000 + w->agent, 0},
	    .by = signer,
	};
}

static struct entry
text_entry(struct writing *w, uint16_t field, uint32_t index, const char *text)
{
	struct entry e = entry_at(w, field, index);

	e.value = (struct value){.type = VALUE_TEXT, .bytes = span_text(text)};
	return e;
}

static struct entry
number_entry(struct writing *w, uint16_t field, uint32_t index, uint64_t n)
{
	struct entry e = entry_at(w, field, index);

	e.value = (struct value){.type = VALUE_INT, .number = n};
	return e;
}

static struct record_id
record_named(uint8_t kind, uint8_t n)
{
	struct record_id id = {{kind, n, 0x5a}};

	return id;
}

static uint64_t
person_numbered(size_t n)
{
	return 0x1111111111111111u * (n + 1);
}

/* The sealed body: a random run as long as the cipher would make it. */
static struct span
seal_blindly(struct writing *w, const struct body *b)
{
	static uint8_t plain[BODY_PLAIN_BYTES_MAX];
	struct writer out = writer_of(plain, sizeof plain);
	uint8_t hash[32];
	uint8_t *sealed;
	size_t len;

	if (body_encode(w->codec, b, signer, &out, NULL) != ST_OK)
		die("a body cannot be encoded");
	hub_hash(writer_done(&out), hash);
	w->plain ^= get_u64(hash);
	len = pad_target(out.used) + SEAL_TAG_BYTES;
	sealed = arena_alloc(w->arena, len);
	assert(sealed != NULL);
	rng_fill(&w->rng, sealed, len);
	return span_of(sealed, len);
}

static struct op
op_of(struct writing *w, const struct body *b, enum retention retention)
{
	struct op op = {.type = OP_WRITE, .retention = retention};

	put_u16(op.record.bytes, b->kind);
	memcpy(op.record.bytes + 2, b->record.bytes, 14);
	if (b->has_person) {
		op.has_subject = true;
		put_u64(op.subject.bytes, b->person.n);
	}
	op.body = seal_blindly(w, b);
	return op;
}

/* --- batches --- */

static void
sign_blindly(void *ctx, struct span message, struct signature *out)
{
	(void)ctx;
	hub_hash(message, out->bytes);
	hub_hash(span_of(out->bytes, 32), out->bytes + 32);
}

static void
on_accepted(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	bool *is_taken = ctx;

	*is_taken = r == STORE_OK && v != NULL &&
		    (v->kind == MERGE_OK || v->kind == MERGE_ERASED);
	if (!*is_taken)
		fprintf(stderr, "blind: %s: %s\n", store_result_name(r), t->text);
}

static void
push(struct writing *w, uint16_t scope, struct op *ops, size_t n)
{
	struct batch b = {.space = 1,
	    .home = signer.home,
	    .device = signer.device,
	    .scope = scope,
	    .epoch = 1,
	    .n_ops = n,
	    .ops = ops};
	const struct batch_context context = {.space = space_of("CZ")};
	const struct batch_signer hand = {NULL, sign_blindly};
	struct store_push p = {.batch = &b};
	struct span wire;
	bool is_taken = false;

	rng_fill(&w->rng, b.nonce, sizeof b.nonce);
	if (batch_build(
		&b, &context, &hand, hub_checks(), w->arena, &wire, &p.id, NULL) != ST_OK)
		die("a batch cannot be built");
	store_accept(w->store, &p, on_accepted, &is_taken);
	store_pump(w->store);
	if (!is_taken)
		die("a batch was not taken");
	w->ids[w->n_ids++] = p.id;
}

/* --- the season --- */

static struct op
activity(struct writing *w)
{
	struct entry entries[2];
	struct body b = {.kind = KIND_ACTIVITY,
	    .record = record_named(1, 0),
	    .agent = ++w->agent,
	    .n_entries = 2,
	    .entries = entries};

	entries[0] = text_entry(w, F_ACTIVITY_CODE, 0, "CZ-W1");
	entries[1] = text_entry(w, F_ACTIVITY_TITLE, 1, w->season->title);
	return op_of(w, &b, RETAIN_ORDINARY);
}

static struct op
youth(struct writing *w, size_t n)
{
	const struct season *s = w->season;
	struct entry entries[3];
	struct body b = {.kind = KIND_YOUNG_PERSON,
	    .record = record_named(2, (uint8_t)n),
	    .has_person = true,
	    .person = {person_numbered(n)},
	    .agent = ++w->agent,
	    .n_entries = 3,
	    .entries = entries};

	entries[0] = text_entry(w, F_YOUNG_PERSON_GIVEN_NAME, 0, s->given[n % 4]);
	entries[1] =
	    text_entry(w, F_YOUNG_PERSON_FAMILY_NAME, 1, s->family[(n / 4 + n) % 4]);
	entries[2] = number_entry(w, F_YOUNG_PERSON_BIRTH_YEAR, 2, s->birth_year + n % 3);
	return op_of(w, &b, RETAIN_PERSONAL);
}

static struct op
note(struct writing *w, size_t n)
{
	struct entry entries[1];
	struct body b = {.kind = KIND_NOTE,
	    .record = record_named(3, (uint8_t)n),
	    .has_person = true,
	    .person = {person_numbered(n)},
	    .agent = ++w->agent,
	    .n_entries = 1,
	    .entries = entries};

	entries[0] = text_entry(w, F_NOTE_TEXT, 0, w->season->note);
	return op_of(w, &b, RETAIN_PERSONAL);
}

static struct op
sheet(struct writing *w, size_t day, size_t shift)
{
	struct entry entries[YOUTHS];
	struct body b = {.kind = KIND_SHEET,
	    .record = record_named(4, (uint8_t)day),
	    .agent = ++w->agent,
	    .n_entries = YOUTHS,
	    .entries = entries};

	for (uint32_t i = 0; i < YOUTHS; i++) {
		entries[i] = number_entry(w, F_SHEET_MARKS, i,
		    1 + (w->season->first_mark + i * (day + 1) + shift) % 4);
		entries[i].has_key = true;
		entries[i].key = person_numbered(i);
	}
	return op_of(w, &b, RETAIN_PERSONAL);
}

static void
write_season(struct writing *w)
{
	struct op ops[2 * YOUTHS];
	struct dot dot;

	ops[0] = activity(w);
	push(w, SCOPE_OFFICE_AT, ops, 1);
	for (size_t i = 0; i < YOUTHS; i++)
		ops[i] = youth(w, i);
	for (size_t i = 0; i < 3; i++)
		ops[YOUTHS + i] = note(w, i);
	push(w, SCOPE_ACTIVITY_AT, ops, YOUTHS + 3);
	for (size_t day = 0; day < DAYS; day++) {
		ops[0] = sheet(w, day, 0);
		push(w, SCOPE_ACTIVITY_AT, ops, 1);
	}
	/* The last sheet is written again over the first version, then a person goes. */
	dot = (struct dot){batch_short(&w->ids[w->n_ids - 1]), 0};
	ops[0] = sheet(w, DAYS - 1, 1);
	ops[0].n_dots = 1;
	ops[0].dots = &dot;
	push(w, SCOPE_ACTIVITY_AT, ops, 1);
	ops[0] = (struct op){.type = OP_ERASE, .has_subject = true};
	put_u64(ops[0].subject.bytes, person_numbered(1));
	push(w, SCOPE_ACTIVITY_AT, ops, 1);
}

static void
checkpoint(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) !=
		SQLITE_OK)
		die("the file cannot be checkpointed");
	sqlite3_close(db);
}

/* Writes the season into a new file; returns the hash over its plaintexts. */
static uint64_t
run_season(const struct season *s, const char *path)
{
	const struct store_sqlite_config config = {
	    .path = path, .may_create = true, .epoch = {{7}}, .checks = hub_checks()};
	struct writing w = {.season = s, .codec = body_codec_new()};
	struct trouble t;

	w.arena = arena_new(SEASON_ARENA_BYTES);
	w.rng = rng_seeded(&w.stream, 4711);
	assert(w.codec != NULL && w.arena != NULL);
	unlink(path);
	if (store_sqlite_open(&w.store, &config, &t) != ST_OK)
		die(t.text);
	write_season(&w);
	store_close(w.store, NULL, NULL);
	checkpoint(path);
	body_codec_free(w.codec);
	arena_free(w.arena);
	return w.plain;
}

/* --- comparing --- */

static struct span
file_bytes(const char *path)
{
	FILE *in = fopen(path, "rb");
	uint8_t *bytes;
	long len = 0;

	if (in == NULL || fseek(in, 0, SEEK_END) != 0 || (len = ftell(in)) <= 0)
		die("a file cannot be read");
	rewind(in);
	bytes = malloc((size_t)len);
	if (bytes == NULL || fread(bytes, 1, (size_t)len, in) != (size_t)len)
		die("a file cannot be read");
	fclose(in);
	return span_of(bytes, (size_t)len);
}

static bool
holds(struct span file, const char *word)
{
	return memmem(file.bytes, file.len, word, strlen(word)) != NULL;
}

static int
judge(const struct span files[static 3], const uint64_t plain[static 3])
{
	const struct season *s = &seasons[0];
	int failed = 0;

	if (plain[0] == plain[1] || plain[0] == plain[2])
		failed = fprintf(stderr, "blind: the seasons say the same\n");
	if (!span_equal(files[0], files[1]))
		failed = fprintf(stderr, "blind: other values leave other bytes\n");
	if (span_equal(files[0], files[2]))
		failed = fprintf(stderr, "blind: a longer note leaves the same bytes\n");
	for (size_t i = 0; i < 4; i++) {
		if (holds(files[0], s->given[i]) || holds(files[0], s->family[i]) ||
		    holds(files[0], s->title))
			failed = fprintf(stderr, "blind: a name lies in the file\n");
	}
	return failed == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct span files[3];
	uint64_t plain[3];
	char path[3][512];
	int failed;

	if (argc != 2)
		die("usage: sim_blind FOLDER");
	for (size_t i = 0; i < 3; i++) {
		snprintf(path[i], sizeof path[i], "%s/%s", argv[1], seasons[i].file);
		plain[i] = run_season(&seasons[i], path[i]);
		files[i] = file_bytes(path[i]);
	}
	failed = judge(files, plain);
	printf("%zu bytes each%s\n", files[0].len, failed == 0 ? ", alike" : "");
	for (size_t i = 0; i < 3; i++) {
		free((void *)(uintptr_t)files[i].bytes);
		unlink(path[i]);
	}
	return failed;
}
