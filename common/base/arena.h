/* arena.h - memory that lives until the next reset: one per message, one per command.
 * Decoders and the merge take an arena instead of allocating (STYLE 4.9). Pure but for
 * malloc, which is the allocator of libc. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/bytes.h"
#include "base/status.h"

struct arena;

/* bytes_max: the most that may be handed out between two resets; 0 = no bound.
 * NULL when memory is out. */
struct arena *arena_new(size_t bytes_max);
/* len bytes aligned for any type, uninitialised; NULL when out of memory or over the
 * bound. len 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t len);
/* n items of size bytes, zeroed; NULL also when the product overflows. */
void *arena_zeros(struct arena *a, size_t n, size_t size);
/* A copy of the bytes, followed by one NUL that is not counted. bytes NULL on failure. */
struct span arena_copy(struct arena *a, struct span s);
/* Formatted text in the arena; NULL on failure. */
char *arena_text(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Forgets everything handed out; keeps one block. */
void arena_reset(struct arena *a);
/* As arena_reset, but overwrites the contents first: for plaintext and keys. */
void arena_wipe(struct arena *a);
size_t arena_used(const struct arena *a);
void arena_free(struct arena *a); /* NULL is legal; wipes */

#endif
