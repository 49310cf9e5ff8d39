/* arena.c - blocks of growing size, handed out from the front. Pure but for malloc. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES_MIN = 4096, BLOCK_BYTES_MAX = 1 << 20 };

struct block {
	struct block *next;
	size_t cap;
	size_t used;
	alignas(max_align_t) uint8_t bytes[];
};

struct arena {
	struct block *blocks; /* the one in use first */
	size_t bytes_max;
	size_t bytes_used;
};

struct arena *
arena_new(size_t bytes_max)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a != NULL)
		a->bytes_max = bytes_max;
	return a;
}

static bool
add_block(struct arena *a, size_t len)
{
	size_t cap = a->blocks == NULL ? BLOCK_BYTES_MIN : a->blocks->cap * 2;
	struct block *b;

	if (cap > BLOCK_BYTES_MAX)
		cap = BLOCK_BYTES_MAX;
	if (cap < len)
		cap = len;
	if (cap > SIZE_MAX - sizeof *b)
		return false;
	b = malloc(sizeof *b + cap);
	if (b == NULL)
		return false;
	b->next = a->blocks;
	b->cap = cap;
	b->used = 0;
	a->blocks = b;
	return true;
}

void *
arena_alloc(struct arena *a, size_t len)
{
	const size_t step = alignof(max_align_t);
	size_t room;
	void *out;

	if (len > SIZE_MAX - step)
		return NULL;
	room = len == 0 ? step : (len + step - 1) / step * step;
	if (a->bytes_max != 0 && room > a->bytes_max - a->bytes_used)
		return NULL;
	if (a->blocks == NULL || room > a->blocks->cap - a->blocks->used) {
		if (!add_block(a, room))
			return NULL;
	}
	out = a->blocks->bytes + a->blocks->used;
	a->blocks->used += room;
	a->bytes_used += room;
	return out;
}

void *
arena_zeros(struct arena *a, size_t n, size_t size)
{
	size_t len;
	void *out;

	if (__builtin_mul_overflow(n, size, &len))
		return NULL;
	out = arena_alloc(a, len);
	if (out != NULL && len > 0)
		memset(out, 0, len);
	return out;
}

struct span
arena_copy(struct arena *a, struct span s)
{
	uint8_t *out = s.len == SIZE_MAX ? NULL : arena_alloc(a, s.len + 1);

	if (out == NULL)
		return span_of(NULL, 0);
	if (s.len > 0)
		memcpy(out, s.bytes, s.len);
	out[s.len] = 0;
	return span_of(out, s.len);
}

char *
arena_text(struct arena *a, const char *format, ...)
{
	va_list args, again;
	int len;
	char *out = NULL;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len >= 0)
		out = arena_alloc(a, (size_t)len + 1);
	if (out != NULL)
		(void)vsnprintf(out, (size_t)len + 1, format, again);
	va_end(again);
	va_end(args);
	return out;
}

void
arena_reset(struct arena *a)
{
	struct block *keep = a->blocks;
	struct block *b = keep == NULL ? NULL : keep->next;

	while (b != NULL) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
	}
	a->bytes_used = 0;
}

void
arena_wipe(struct arena *a)
{
	for (struct block *b = a->blocks; b != NULL; b = b->next)
		explicit_bzero(b->bytes, b->used);
	arena_reset(a);
}

size_t
arena_used(const struct arena *a)
{
	return a->bytes_used;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	arena_wipe(a);
	free(a->blocks);
	free(a);
}
