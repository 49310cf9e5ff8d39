/* erasing.h - what erasing a young person takes (DESIGN 4.2, DOMAIN "Erasing a pid"): who
 * is meant, what is held, the `erasure` record that lets every coordinator's device go on
 * with it, and the batches of the scopes that are here (client/sync/burial.h).
 *
 *	`erasure` in coord, one for each joined pid  --erasing_bury()-->  a batch a scope
 *
 * erasing_bury() is a duty, too: what turns up later goes at the next sync. */
#ifndef CLIENT_ACTIONS_ERASING_H
#define CLIENT_ACTIONS_ERASING_H

#include "client/actions/people.h"

/* Everything about one person, the entries that are joined with his among it. */
struct erasing {
	struct somebody who;
	const char *name, *code; /* in the arena */
	size_t n_pids;
	struct person_id *pids; /* the person's own first */
	size_t enrolments, marks, notes;
	bool has_consent, has_contact;
	size_t n_activities;
	const struct activity **activities; /* that hold him, by code; in the arena */
};

/* PN-P01 unless this member may erase. */
status erasing_check_coordinator(struct laptop *l);
/* All pids that count as one person with this one, as far as can be read here. */
status erasing_pids(
    struct laptop *l, const struct person_id *pid, struct person_id **out, size_t *n);
/* activity may be NULL, as in people_one(). */
status erasing_find(
    struct laptop *l, const char *activity, const char *word, struct erasing *out);

enum { ERASING_MENTIONS_MAX = 16 };
/* How many texts of a kind ("note on a day") hold a word of the name; a person may mean
 * somebody else by it. What is erased with him is not counted. */
struct erasing_mention {
	const char *kind;
	size_t n;
};
status erasing_mentions(struct laptop *l, const struct erasing *x,
    struct erasing_mention out[static ERASING_MENTIONS_MAX], size_t *n);

/* The records; reason: a word of VOC_ERASURE. codes: of the receipts, "E-7KQ4M", one for
 * each pid. */
status erasing_write(struct edit *e, struct laptop *l, const struct person_id *pids,
    size_t n, unsigned reason, const char **codes);
/* "E-7KQ4M" for an `erasure` record. In the arena. */
const char *erasing_code(struct laptop *l, const struct record_id *name);

/* Seals what erasures still ask for in the activities of this country that are readable
 * here, and compacts sheets with marks that came late. Nothing on a laptop that is no
 * coordinator's. n (may be NULL): batches. */
status erasing_bury(struct laptop *l, size_t *n);
/* The same for these people in one scope, whatever records there are: retention. */
status erasing_bury_in(
    struct laptop *l, int64_t scope, const struct person_key *people, size_t n);

/* "1 sheet printed here on 9 Apr": lists of an activity that left this laptop, which no
 * erasure reaches. */
status erasing_note_print(struct laptop *l, const struct activity *a);
/* Day of the last one and how many; 0 = none. */
struct prints {
	size_t n;
	uint32_t last;
};
struct prints erasing_prints(struct laptop *l, const struct activity *a);

#endif
