/* bundle_write.c - makes a bundle (spec/bundle.md). Pure. */
#include <assert.h>

#include "crypto/labels.h"
#include "proto/bundle_parts.h"

/* --- sizes ------------------------------------------------------------------- */

static size_t
keys_bytes(const struct key_rows *rows)
{
	size_t bytes = 2 + 4 + 4 + 4;

	for (size_t i = 0; i < rows->n_lists; i++)
		bytes += 8 + rows->lists[i].list.len;
	return bytes + rows->n_boxes * BUNDLE_BOX_ROW_BYTES +
	       rows->n_wraps * BUNDLE_WRAP_ROW_BYTES;
}

static size_t
state_bytes(const struct bundle_state *s)
{
	size_t bytes = 2 + 2 + 4 + 4 + 4 + 4;

	for (size_t i = 0; i < s->n_batches; i++)
		bytes += 8 + s->batches[i].wire.len;
	return bytes + s->n_ids * sizeof *s->ids + s->n_graves * sizeof *s->graves +
	       s->n_doa * sizeof *s->doa;
}

static size_t
log_bytes(const struct bundle_log *log)
{
	size_t bytes = 2 + 4 + 4;

	for (size_t i = 0; i < log->n; i++)
		bytes += 4 + log->records[i].len;
	return bytes;
}

static size_t
payload_bytes(const struct bundle_section *s)
{
	switch (s->kind) {
	case BUNDLE_LOG:
		return log_bytes(&s->log);
	case BUNDLE_KEYS:
		return keys_bytes(&s->keys.rows);
	case BUNDLE_BATCH:
		return s->batch.len;
	case BUNDLE_STATE:
		return state_bytes(&s->state);
	}
	assert(!"a kind of section");
	return 0;
}

/* --- bytes ------------------------------------------------------------------- */

static void
put_item(struct writer *w, struct span item)
{
	writer_u32(w, (uint32_t)item.len);
	writer_span(w, item);
}

static void
put_log(struct writer *w, const struct bundle_log *log)
{
	writer_u16(w, log->space);
	writer_u32(w, log->from);
	writer_u32(w, (uint32_t)log->n);
	for (size_t i = 0; i < log->n; i++)
		put_item(w, log->records[i]);
}

static void
put_keys(struct writer *w, const struct bundle_keys *keys)
{
	const struct key_rows *rows = &keys->rows;

	writer_u16(w, keys->space);
	writer_u32(w, (uint32_t)rows->n_lists);
	for (size_t i = 0; i < rows->n_lists; i++) {
		writer_u16(w, rows->lists[i].position);
		writer_u16(w, rows->lists[i].scope);
		put_item(w, rows->lists[i].list);
	}
	writer_u32(w, (uint32_t)rows->n_boxes);
	for (size_t i = 0; i < rows->n_boxes; i++) {
		const struct box_row *box = &rows->boxes[i];

		assert(box->box.len == KEY_BOX_BYTES);
		writer_u16(w, box->position);
		writer_u16(w, box->space);
		writer_u16(w, box->scope);
		writer_u16(w, box->epoch);
		writer_span(w, box->box);
	}
	writer_u32(w, (uint32_t)rows->n_wraps);
	for (size_t i = 0; i < rows->n_wraps; i++) {
		assert(rows->wraps[i].wrap.len == WRAPPED_SEED_BYTES);
		writer_u16(w, rows->wraps[i].scope);
		writer_u16(w, rows->wraps[i].epoch);
		writer_span(w, rows->wraps[i].wrap);
	}
}

static void
put_rows(struct writer *w, const void *rows, size_t n, size_t width)
{
	writer_u32(w, (uint32_t)n);
	writer_bytes(w, rows, n * width);
}

static void
put_state(struct writer *w, const struct bundle_state *s)
{
	writer_u16(w, s->space);
	writer_u16(w, s->scope);
	put_rows(w, s->ids, s->n_ids, sizeof *s->ids);
	writer_u32(w, (uint32_t)s->n_batches);
	for (size_t i = 0; i < s->n_batches; i++) {
		writer_u32(w, (uint32_t)s->batches[i].id);
		put_item(w, s->batches[i].wire);
	}
	put_rows(w, s->graves, s->n_graves, sizeof *s->graves);
	put_rows(w, s->doa, s->n_doa, sizeof *s->doa);
}

static void
put_section(struct writer *w, const struct bundle_section *s)
{
	writer_u8(w, (uint8_t)s->kind);
	writer_u32(w, (uint32_t)payload_bytes(s));
	switch (s->kind) {
	case BUNDLE_LOG:
		put_log(w, &s->log);
		break;
	case BUNDLE_KEYS:
		put_keys(w, &s->keys);
		break;
	case BUNDLE_BATCH:
		writer_span(w, s->batch);
		break;
	case BUNDLE_STATE:
		put_state(w, &s->state);
		break;
	}
}

static void
put_head(struct writer *w, const struct bundle_head *head)
{
	writer_bytes(w, LABEL_BUNDLE, sizeof LABEL_BUNDLE);
	writer_bytes(w, head->network.bytes, sizeof head->network.bytes);
	writer_u16(w, head->writer.home);
	writer_u16(w, head->writer.device);
	writer_u64(w, head->time_s);
}

static void
put_tail(struct writer *w, const struct batch_signer *signer, const struct checks *checks)
{
	struct signature signature;
	struct span all;
	struct hash32 sum;

	signer->sign(signer->ctx, writer_done(w), &signature);
	writer_bytes(w, signature.bytes, sizeof signature.bytes);
	all = writer_done(w);
	checks->hash(checks->ctx, LABEL_BUNDLE_SUM, &all, 1, &sum);
	writer_bytes(w, sum.bytes, sizeof sum.bytes);
}

status
bundle_build(const struct bundle_parts *parts, const struct batch_signer *signer,
    const struct checks *checks, struct arena *a, struct span *file, struct trouble *t)
{
	size_t bytes = BUNDLE_HEAD_BYTES + BUNDLE_TAIL_BYTES;
	struct bundle again;
	struct writer w;
	uint8_t *room;

	for (size_t i = 0; i < parts->n && bytes <= BUNDLE_BYTES_MAX; i++)
		bytes += BUNDLE_SECTION_HEAD_BYTES + payload_bytes(&parts->sections[i]);
	if (bytes > BUNDLE_BYTES_MAX)
		return trouble_set(
		    t, ST_LIMIT, "bundle of more than %d MiB", BUNDLE_BYTES_MAX >> 20);
	room = arena_alloc(a, bytes);
	if (room == NULL)
		return trouble_set(t, ST_NO_MEMORY, "bundle of %zu bytes", bytes);
	w = writer_of(room, bytes);
	put_head(&w, &parts->head);
	for (size_t i = 0; i < parts->n; i++)
		put_section(&w, &parts->sections[i]);
	put_tail(&w, signer, checks);
	assert(!w.is_full && w.used == bytes);
	*file = writer_done(&w);
	return bundle_open(&again, *file, checks, t);
}
