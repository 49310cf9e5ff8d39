/* writer.c - bounds-checked writing. Pure. */
#include "base/writer.h"

/* Room for len more bytes, or NULL and is_full. */
static uint8_t *
claim(struct writer *w, size_t len)
{
	uint8_t *room;

	if (w->is_full || len > w->cap - w->used) {
		w->is_full = true;
		return NULL;
	}
	room = w->at + w->used;
	w->used += len;
	return room;
}

void
writer_u8(struct writer *w, uint8_t n)
{
	uint8_t *room = claim(w, 1);

	if (room != NULL)
		*room = n;
}

void
writer_u16(struct writer *w, uint16_t n)
{
	uint8_t *room = claim(w, 2);

	if (room != NULL)
		put_u16(room, n);
}

void
writer_u32(struct writer *w, uint32_t n)
{
	uint8_t *room = claim(w, 4);

	if (room != NULL)
		put_u32(room, n);
}

void
writer_u64(struct writer *w, uint64_t n)
{
	uint8_t *room = claim(w, 8);

	if (room != NULL)
		put_u64(room, n);
}

void
writer_bytes(struct writer *w, const void *bytes, size_t len)
{
	uint8_t *room = len == 0 ? NULL : claim(w, len);

	if (room != NULL)
		memcpy(room, bytes, len);
}

void
writer_zeros(struct writer *w, size_t len)
{
	uint8_t *room = len == 0 ? NULL : claim(w, len);

	if (room != NULL)
		memset(room, 0, len);
}
