/* record_parts.h - what the files behind record.h share. Not for others. Pure. */
#ifndef CORE_RECORD_PARTS_H
#define CORE_RECORD_PARTS_H

#include "core/names.h"
#include "core/record.h"

/* Superseded names of which an op of the input, or a dirty entry, holds the entry. */
struct held_names {
	struct name_range names;
	enum grave_state grave; /* of the map key */
	bool is_run;
};

static inline status
record_no_memory(struct trouble *t)
{
	return trouble_set(t, ST_NO_MEMORY, "no memory left for a record");
}

static inline enum grave_state
record_grave_of(const struct grave_test *test, uint64_t person_key)
{
	return test->of == NULL ? GRAVE_NONE : test->of(test->ctx, person_key);
}

/* Total order by (field, map key or none, name, content): 0 only for the same entry. */
int record_entry_compare(const struct entry *a, const struct entry *b);
/* Order by (field, map key or none). */
int record_place_compare(const struct entry *a, const struct entry *b);
/* Total order of values; 0 exactly if value_equal(). */
int record_value_compare(const struct value *a, const struct value *b);

/* The names of the hollow runs of a body, which say that they are superseded. out has
 * room for its entries; returns how many ranges. */
size_t record_hollow_names(const struct body *b, struct name_range *out);

/* Sorts dots ascending (short id, index) and drops repeats; returns how many are left. */
size_t record_dots_sort(struct dot *dots, size_t n);
bool record_dots_hold(const struct dot *dots, size_t n, const struct dot *dot);

#endif
