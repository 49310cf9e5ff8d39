/* record_cap.h - the superseded names that an op keeps (DESIGN 4.2; the rule is told at
 * record_seal). Part of record.h's machinery. Pure. */
#ifndef CORE_RECORD_CAP_H
#define CORE_RECORD_CAP_H

#include "core/record.h"

/* Where the names come from. */
struct record_cap {
	const struct record_view *view;
	size_t names_kept; /* per field or map key */
	size_t n_ops;      /* live ops whose lists count: all of them or none */
	size_t n_own;
	const struct record_dirty *const *own;
};

/* The gone list of the op, newest last within a field; false when memory is out.
 * n_cut: how many names were forgotten. */
bool record_cap_names(struct arena *a, const struct record_cap *c, size_t *n_gone,
    struct gone **gone, size_t *n_cut);

#endif
