/* erase.h - erasing a person: graves, and what an eraser must seal in one batch (DESIGN
 * 4.2, SECURITY 10). The grave itself is an op of type OP_ERASE; here are the sets and
 * tests around it. Pure. */
#ifndef CORE_ERASE_H
#define CORE_ERASE_H

#include "core/record.h"

/* A person who was erased in a scope. */
struct grave {
	uint16_t scope; /* position of the SCOPE record in the space's log */
	struct person_key person;
	enum grave_state state;
};

/* A sorted set, at most one grave per (scope, person). */
struct graves {
	size_t n;
	const struct grave *items; /* by (scope, person) */
};

/* Builds the set from graves in any order; of equal ones the strongest state counts. */
status graves_build(struct arena *a, size_t n, const struct grave *in, struct graves *out,
    struct trouble *t);

enum grave_state graves_find(
    const struct graves *set, uint16_t scope, uint64_t person_key);

/* The graves of one scope, to pass to record_view(). */
struct graves_in_scope {
	const struct graves *set; /* borrowed */
	uint16_t scope;
};
struct grave_test graves_test(const struct graves_in_scope *in);

/* Does the body name the person: as its subject, or as a map key? Superseded entries
 * count, since their ciphertext still lies at the server. */
bool erase_concerns(const struct body *body, uint64_t person_key);

/* Must the record be compacted for the person: does an op in the view hold a map key of
 * his? (Records whose subject he is fall to the grave itself.) */
bool erase_needs_compaction(const struct record_view *v, uint64_t person_key);

/* What one record needs. */
struct erase_step {
	size_t record;    /* index into the views given */
	size_t dots_skip; /* for record_compact() */
};

struct erase_plan {
	size_t n;
	const struct erase_step *steps;
};

/* The compactions that go into the batch of the erase op, in order: for each view that
 * needs one, as many as its live ops take at dots_max each. Seal them from views whose
 * grave test answers GRAVE_SEALING for the person (or GRAVE_BASE once the erase was
 * pulled back): with GRAVE_PENDING they would carry his marks on. */
status erase_plan(struct arena *a, size_t n_views, const struct record_view *views,
    uint64_t person_key, size_t dots_max, struct erase_plan *out, struct trouble *t);

#endif
