/* ram_heap.c - blocks by size class, cut from the front of one region; those that were
 * given back wait in a list for each class. One thread. */
#include "ram_heap.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	STEP_BYTES = 16,
	FINE_BYTES = 1024, /* up to here each step is a class */
	FINE = FINE_BYTES / STEP_BYTES,
	PARTS = 4, /* classes of each doubling above */
	DOUBLINGS = 18,
	CLASSES = FINE + PARTS * DOUBLINGS,
	HUGE_BYTES = 2 << 20
};

static const size_t region_bytes = (size_t)1 << 31;

/* In front of what SQLite gets, which is aligned to 8. */
struct block {
	uint64_t class;
	struct block *next; /* while it is free */
};

enum { HEAD_BYTES = offsetof(struct block, next) };

static struct {
	uint8_t *begin, *at, *end;
	uint8_t *own; /* what lies before it is the parent's */
	struct block *free[CLASSES];
} heap;

static size_t
size_of(size_t class)
{
	size_t n;

	if (class < FINE)
		return (class + 1) * STEP_BYTES;
	n = class - FINE;
	return ((size_t)FINE_BYTES << n / PARTS) / PARTS * (PARTS + 1 + n % PARTS);
}

static size_t
class_of(size_t len)
{
	size_t class = FINE, doubling;

	if (len <= FINE_BYTES)
		return len == 0 ? 0 : (len - 1) / STEP_BYTES;
	doubling = 63 - (size_t)__builtin_clzll((len - 1) / FINE_BYTES);
	class += doubling * PARTS;
	while (size_of(class) < len)
		class ++;
	assert(class < CLASSES);
	return class;
}

static void *
heap_malloc(int len)
{
	size_t class = class_of((size_t)len), whole = HEAD_BYTES + size_of(class);
	struct block *b = heap.free[class];

	if (b != NULL) {
		heap.free[class] = b->next;
	} else {
		assert((size_t)(heap.end - heap.at) >= whole);
		b = (struct block *)(void *)heap.at;
		heap.at += (whole + 7) / 8 * 8;
		b->class = class;
	}
	return &b->next;
}

static struct block *
block_of(void *bytes)
{
	return (struct block *)(void *)((uint8_t *)bytes - HEAD_BYTES);
}

static void
heap_free(void *bytes)
{
	struct block *b = block_of(bytes);

	if (bytes == NULL || (uint8_t *)b < heap.own)
		return;
	b->next = heap.free[b->class];
	heap.free[b->class] = b;
}

static int
heap_size(void *bytes)
{
	return bytes == NULL ? 0 : (int)size_of(block_of(bytes)->class);
}

static void *
heap_realloc(void *bytes, int len)
{
	void *more;
	int had = heap_size(bytes);

	if (len <= had)
		return bytes;
	more = heap_malloc(len);
	memcpy(more, bytes, (size_t)had);
	heap_free(bytes);
	return more;
}

static int
heap_roundup(int len)
{
	return (int)size_of(class_of((size_t)len));
}

static int
heap_init(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void
heap_shutdown(void *ctx)
{
	(void)ctx;
}

/* In the child. */
static void
begin_afresh(void)
{
	heap.at += (HUGE_BYTES - (uintptr_t)heap.at % HUGE_BYTES) % HUGE_BYTES;
	heap.own = heap.at;
	memset(heap.free, 0, sizeof heap.free);
	(void)madvise(heap.at, (size_t)(heap.end - heap.at), MADV_HUGEPAGE);
}

void
ram_heap_install(void)
{
	static const sqlite3_mem_methods methods = {heap_malloc, heap_free, heap_realloc,
	    heap_size, heap_roundup, heap_init, heap_shutdown, NULL};

	heap.begin = mmap(NULL, region_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (heap.begin == MAP_FAILED)
		abort();
	heap.at = heap.own = heap.begin;
	heap.end = heap.begin + region_bytes;
	(void)pthread_atfork(NULL, NULL, begin_afresh);
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
		abort();
}
