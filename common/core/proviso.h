/* proviso.h - who may write a kind beside his role, as far as an op and its signer tell
 * (DOMAIN 2 "edits", V9). Pure, so that all readers decide alike whatever came first. */
#ifndef CORE_PROVISO_H
#define CORE_PROVISO_H

#include "core/schema.h"

struct signer {
	struct span member; /* code, "SK-T2" */
	unsigned roles;     /* mask of enum editor, in the op's space */
	bool is_in_all;     /* the op's scope is `all` of NET */
};

/* False: the op is set aside. Of what cannot be told here (the last four of enum proviso)
 * always true. entries: of the op's body. */
bool proviso_holds(const struct kind *k, const struct signer *s,
    const struct entry *entries, size_t n_entries);

#endif
