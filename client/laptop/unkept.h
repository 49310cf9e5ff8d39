/* unkept.h - values that somebody dropped or changed when his op took the place of theirs
 * (SECURITY 9.5.8). The server cannot see it; whoever held the op compares. The value
 * stays in the history, who did it is told at each sync and by status, and `pnet undo
 * --dropped` writes it again. */
#ifndef CLIENT_LAPTOP_UNKEPT_H
#define CLIENT_LAPTOP_UNKEPT_H

#include "client/laptop/records.h"
#include "core/op.h"

enum { UNKEPT_DAYS = 30 }; /* as long as the history of personal kinds */

/* An op of somebody else came in for a record that is known: compares it with those ops
 * that it supersedes and that are here, and notes what it does not carry on. Must come
 * before they are removed. a: memory of one record, wiped. Inside a transaction. */
status unkept_check(struct laptop *l, struct arena *a, uint16_t space, int64_t rid,
    struct author signer, const struct op *op, const struct body *body);

/* What one member did not carry on. */
struct unkept {
	const char *member; /* who signed that op; in the arena */
	uint64_t n_dropped, n_changed;
	uint64_t since_ms; /* the oldest of them */
};
/* By member, those of the last UNKEPT_DAYS. Memory of the laptop's arena. */
status unkept_list(struct laptop *l, struct unkept **out, size_t *n);

/* Writes into the edit what the history has of them, and settles them all: a dropped
 * value if nothing stands in its place now, a changed one over what stands under its
 * name. Not of texts, whose words are in `pnet history`. *n_written: fields and map keys.
 */
status unkept_write_again(struct edit *e, struct laptop *l, size_t *n_written);

#endif
