/* box_list.c - bytes and hash of a box list. Pure. */
#include "proto/box_list.h"

#include <assert.h>

#include "base/writer.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

static void
hash_list(struct span bytes, struct hash32 *out)
{
	hash_256(LABEL_BOX_LIST, &bytes, 1, out);
}

static void
read_entry(const uint8_t *at, struct box_entry *out)
{
	out->space = get_u16(at);
	out->scope = get_u16(at + 2);
	out->epoch = get_u16(at + 4);
	out->to.home = get_u16(at + 6);
	out->to.device = get_u16(at + 8);
	memcpy(out->box.bytes, at + 10, sizeof out->box.bytes);
}

status
box_list_read(struct span bytes, struct arena *a, struct box_list *out, struct trouble *t)
{
	size_t n = bytes.len / BOX_ENTRY_BYTES;
	struct box_entry *entries = NULL;

	if (bytes.len % BOX_ENTRY_BYTES != 0)
		return trouble_set(t, ST_MALFORMED, "box list of %zu bytes", bytes.len);
	entries = arena_zeros(a, n > 0 ? n : 1, sizeof *entries);
	if (entries == NULL)
		return trouble_set(t, ST_NO_MEMORY, "box list");
	for (size_t i = 0; i < n; i++) {
		read_entry(bytes.bytes + i * BOX_ENTRY_BYTES, &entries[i]);
		if (i > 0 && box_entry_compare(&entries[i - 1], &entries[i]) >= 0)
			return trouble_set(t, ST_MALFORMED, "box list: not in order");
	}
	out->n = n;
	out->entries = entries;
	hash_list(bytes, &out->hash);
	return ST_OK;
}

status
box_list_build(size_t n, const struct box_entry *entries, struct arena *a,
    struct span *bytes, struct box_list *out, struct trouble *t)
{
	uint8_t *at = arena_alloc(a, n * BOX_ENTRY_BYTES);
	struct writer w;

	if (at == NULL)
		return trouble_set(t, ST_NO_MEMORY, "box list");
	w = writer_of(at, n * BOX_ENTRY_BYTES);
	for (size_t i = 0; i < n; i++) {
		assert(i == 0 || box_entry_compare(&entries[i - 1], &entries[i]) < 0);
		writer_u16(&w, entries[i].space);
		writer_u16(&w, entries[i].scope);
		writer_u16(&w, entries[i].epoch);
		writer_u16(&w, entries[i].to.home);
		writer_u16(&w, entries[i].to.device);
		writer_bytes(&w, entries[i].box.bytes, sizeof entries[i].box.bytes);
	}
	assert(!w.is_full);
	*bytes = writer_done(&w);
	out->n = n;
	out->entries = entries;
	hash_list(*bytes, &out->hash);
	return ST_OK;
}

bool
box_list_holds(const struct box_list *list, const struct box_entry *entry)
{
	size_t low = 0;
	size_t high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = box_entry_compare(&list->entries[middle], entry);

		if (order == 0)
			return ID_EQUAL(&list->entries[middle].box, &entry->box);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}
