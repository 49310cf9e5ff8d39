/* vanished.h - values that were shown, and that a pull took away without an op that says
 * who replaced them, or a grave (SECURITY 9.5.3): the server withholds that op, or
 * somebody dropped the value. It stays in the history; after seven days it is told. */
#ifndef CLIENT_LAPTOP_VANISHED_H
#define CLIENT_LAPTOP_VANISHED_H

#include "client/laptop/records.h"

enum { VANISHED_DAYS = 7 };

/* The entry was shown before this pull and is not in the view now: notes it, unless the
 * view says that it was replaced. Inside the transaction of the pull. */
status vanished_note(struct laptop *l, const struct loaded *now, const struct entry *e);
/* Forgets of the record what is shown again, or has its cause by now. The same. */
status vanished_settle(struct laptop *l, const struct loaded *now);

struct vanished {
	const char *member; /* who wrote them; in the arena */
	uint64_t n;
	uint64_t since_ms; /* the oldest of them */
};
/* Those that are due, by member, but for what is told already (client/laptop/unkept.h).
 * Memory of the laptop's arena. */
status vanished_list(struct laptop *l, struct vanished **out, size_t *n);

#endif
