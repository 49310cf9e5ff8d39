/* body_codec.c - the flag in front of the columns, and zstd. Pure. */
#include "proto/body_codec.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>

#include "proto/body_columns.h"

/* RFC 8878 3.1.1. The same in front of every frame, so it is left out. */
static const uint8_t zstd_magic[4] = {0x28, 0xb5, 0x2f, 0xfd};

struct body_codec {
	ZSTD_CCtx *deflate;
	ZSTD_DCtx *inflate;
	/* How far what follows was ever written, for wiping: most of its 1.9 MiB never
	 * is, and a page that is wiped has to be there first. */
	size_t lines_used;
	size_t bytes_used;
	struct body_work work;
	uint8_t array[BODY_ARRAY_BYTES_MAX];
	uint8_t frame[BODY_ARRAY_BYTES_MAX + 4]; /* with its magic number */
};

struct body_codec *
body_codec_new(void)
{
	struct body_codec *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->deflate = ZSTD_createCCtx();
	c->inflate = ZSTD_createDCtx();
	if (c->deflate == NULL || c->inflate == NULL) {
		body_codec_free(c);
		return NULL;
	}
	return c;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void
note_used(struct body_codec *c, size_t lines, size_t bytes)
{
	if (c->lines_used < lines)
		c->lines_used = lines;
	if (c->bytes_used < bytes)
		c->bytes_used = bytes;
}

static void
wipe(struct body_codec *c)
{
	struct body_work *w = &c->work;
	size_t agents = least(c->lines_used, BODY_AGENTS_RAW_MAX + 1);
	size_t entries = least(c->lines_used, BODY_ENTRIES_MAX);

	explicit_bzero(w->agents, agents * sizeof *w->agents);
	explicit_bzero(w->runs, entries * sizeof *w->runs);
	explicit_bzero(w->ordered, entries * sizeof(const struct entry *));
	explicit_bzero(c->array, least(c->bytes_used, sizeof c->array));
	explicit_bzero(
	    c->frame, least(c->bytes_used + sizeof zstd_magic, sizeof c->frame));
}

void
body_codec_free(struct body_codec *c)
{
	if (c == NULL)
		return;
	ZSTD_freeCCtx(c->deflate);
	ZSTD_freeDCtx(c->inflate);
	wipe(c);
	free(c);
}

/* Is trying worth the time? A sheet of 15 marks is small and does not shrink. */
static bool
may_shrink(const struct body *b, size_t array_bytes)
{
	size_t text = 0;

	for (size_t i = 0; i < b->n_entries; i++) {
		const struct value *v = &b->entries[i].value;

		if (v->type == VALUE_TEXT || v->type == VALUE_RUN ||
		    v->type == VALUE_SEEN)
			text += v->bytes.len;
	}
	return array_bytes > 300 ||
	       (array_bytes >= BODY_ZSTD_BYTES_MIN && text >= BODY_TEXT_BYTES_MIN);
}

/* The array as one frame without its magic number if that is shorter; else an empty span.
 * Content size present, no checksum, no dictionary id: the defaults of zstd for one call.
 */
static struct span
deflated(struct body_codec *c, struct span array)
{
	size_t cap = array.len - 1 + sizeof zstd_magic;
	int level =
	    array.len > BODY_SHORT_BYTES_MAX + 1 ? BODY_ZSTD_LONG_LEVEL : BODY_ZSTD_LEVEL;
	size_t len =
	    ZSTD_compressCCtx(c->deflate, c->frame, cap, array.bytes, array.len, level);

	/* Any error has one remedy, raw; most often the frame did not fit. */
	if (ZSTD_isError(len))
		return span_of(NULL, 0);
	assert(memcmp(c->frame, zstd_magic, sizeof zstd_magic) == 0);
	return span_of(c->frame + sizeof zstd_magic, len - sizeof zstd_magic);
}

/* How many a plaintext of so many bytes may say. */
static size_t
entries_max(size_t plain_bytes)
{
	size_t n = plain_bytes / 2;

	if (n < BODY_ENTRIES_FREE)
		return BODY_ENTRIES_FREE;
	return n < BODY_ENTRIES_MAX ? n : BODY_ENTRIES_MAX;
}

/* Into c->array. */
static status
write_array(struct body_codec *c, const struct body *b, struct author signer,
    struct writer *w, struct trouble *t)
{
	status st = body_write(&c->work, b, signer, w, t);

	/* Of the dictionary also the lines that were dropped again. */
	note_used(c, 1 + 2 * b->n_entries + b->n_gone,
	    w->is_full || st != ST_OK ? sizeof c->array : w->used);
	return st;
}

/* What follows the flag: in the codec's own memory until the next call. */
static status
encode_content(struct body_codec *c, const struct body *b, struct author signer,
    enum body_flag *flag, struct span *content, struct trouble *t)
{
	struct writer w = writer_of(c->array, sizeof c->array);
	status st = write_array(c, b, signer, &w, t);

	if (st != ST_OK)
		return st;
	if (w.is_full)
		return trouble_set(
		    t, ST_LIMIT, "body: more than %d bytes", BODY_ARRAY_BYTES_MAX);
	*content =
	    may_shrink(b, w.used) ? deflated(c, writer_done(&w)) : span_of(NULL, 0);
	*flag = content->len == 0 ? BODY_RAW : BODY_ZSTD;
	if (content->len == 0)
		*content = writer_done(&w);
	if (content->len > BODY_PLAIN_BYTES_MAX - 1 ||
	    b->n_entries > entries_max(1 + content->len))
		return trouble_set(t, ST_LIMIT,
		    "body: %zu entries in %zu bytes, of %d at most", b->n_entries,
		    1 + content->len, BODY_PLAIN_BYTES_MAX);
	return ST_OK;
}

status
body_encode(struct body_codec *c, const struct body *b, struct author signer,
    struct writer *out, struct trouble *t)
{
	enum body_flag flag;
	struct span content;
	status st = encode_content(c, b, signer, &flag, &content, t);

	if (st != ST_OK)
		return st;
	writer_u8(out, (uint8_t)flag);
	writer_span(out, content);
	return out->is_full ? trouble_set(t, ST_LIMIT, "body: buffer is full") : ST_OK;
}

status
body_encode_in(struct body_codec *c, const struct body *b, struct author signer,
    struct arena *a, struct span *out, struct trouble *t)
{
	enum body_flag flag;
	struct span content;
	struct writer w;
	status st = encode_content(c, b, signer, &flag, &content, t);

	if (st != ST_OK)
		return st;
	w = writer_of(arena_alloc(a, 1 + content.len), 1 + content.len);
	if (w.at == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for an op");
	writer_u8(&w, (uint8_t)flag);
	writer_span(&w, content);
	*out = writer_done(&w);
	return ST_OK;
}

size_t
body_array_bytes(struct body_codec *c, const struct body *b, struct author signer)
{
	struct writer w = writer_of(c->array, sizeof c->array);
	status st = write_array(c, b, signer, &w, NULL);

	return st == ST_OK && !w.is_full ? w.used : SIZE_MAX;
}

/* Does the frame begin as ours do, behind the magic number that is left out? RFC 8878
 * 3.1.1: the descriptor, of which the low five bits are dictionary id, checksum, reserved
 * and unused. Its content size is asked of zstd. */
static bool
is_plain_frame(struct span frame)
{
	return frame.len > sizeof zstd_magic &&
	       (frame.bytes[sizeof zstd_magic] & 0x1f) == 0;
}

/* The content with the magic number in front again. */
static struct span
whole_frame(struct body_codec *c, struct span content)
{
	if (content.len > sizeof c->frame - sizeof zstd_magic)
		return span_of(NULL, 0);
	memcpy(c->frame, zstd_magic, sizeof zstd_magic);
	memcpy(c->frame + sizeof zstd_magic, content.bytes, content.len);
	return span_of(c->frame, sizeof zstd_magic + content.len);
}

static status
inflated(struct body_codec *c, struct span content, struct arena *a, struct span *array,
    struct trouble *t)
{
	struct span frame = whole_frame(c, content);
	unsigned long long size;
	uint8_t *room;

	if (!is_plain_frame(frame))
		return trouble_set(t, ST_MALFORMED, "body: not a plain zstd frame");
	size = ZSTD_getFrameContentSize(frame.bytes, frame.len);
	/* Both "unknown" and "error" are above every limit. */
	if (size > BODY_ARRAY_BYTES_MAX)
		return trouble_set(
		    t, ST_MALFORMED, "body: content size missing or too large");
	if (size < BODY_ZSTD_BYTES_MIN || content.len >= size)
		return trouble_set(t, ST_MALFORMED, "body: compressed without need");
	if (ZSTD_findFrameCompressedSize(frame.bytes, frame.len) != frame.len)
		return trouble_set(t, ST_MALFORMED, "body: not one whole frame");
	room = arena_alloc(a, (size_t)size);
	if (room == NULL)
		return trouble_set(t, ST_NO_MEMORY, "body: no room for %llu bytes", size);
	if (ZSTD_decompressDCtx(c->inflate, room, (size_t)size, frame.bytes, frame.len) !=
	    size)
		return trouble_set(t, ST_MALFORMED, "body: damaged frame");
	*array = span_of(room, (size_t)size);
	return ST_OK;
}

status
body_decode(struct body_codec *c, struct span plain, struct author signer,
    struct arena *a, struct body *out, struct trouble *t)
{
	struct span content;
	status st = ST_OK;

	if (plain.len < 2 || plain.len > BODY_PLAIN_BYTES_MAX)
		return trouble_set(t, ST_MALFORMED, "body: %zu bytes", plain.len);
	content = span_of(plain.bytes + 1, plain.len - 1);
	c->work.entries_max = entries_max(plain.len);
	switch (plain.bytes[0]) {
	case BODY_RAW:
		break;
	case BODY_ZSTD:
		st = inflated(c, content, a, &content, t);
		break;
	default:
		return trouble_set(
		    t, ST_VERSION, "body: flag %u is of a newer version", plain.bytes[0]);
	}
	if (st == ST_OK)
		st = body_read(&c->work, content, signer, a, out, t);
	note_used(c,
	    c->work.n_agents > c->work.n_runs ? c->work.n_agents : c->work.n_runs,
	    plain.len);
	return st;
}
