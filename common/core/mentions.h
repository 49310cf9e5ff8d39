/* mentions.h - does a free text name a young person (V6)? A token equals a given name of
 * a roster that the device reads, or a name is followed by an age in brackets. It warns;
 * a person decides. Pure. */
#ifndef CORE_MENTIONS_H
#define CORE_MENTIONS_H

#include "base/arena.h"
#include "base/bytes.h"

/* Given names to look for, as search keys. */
struct mention_names {
	size_t n;
	struct span *keys; /* text_fold_key(), sorted by bytes */
};

/* Makes keys of names and sorts them. ST_NO_MEMORY. */
status mention_names_make(const struct span *names, size_t n, struct arena *a,
    struct mention_names *out, struct trouble *t);

/* How many tokens of the text name somebody; first (may be NULL): the first of them, as
 * it stands there. A token is a run of letters and counts only with a capital letter in
 * it, so that no common word is taken for a name. */
status mentions_count(struct span text, const struct mention_names *names,
    struct arena *a, size_t *n, struct span *first, struct trouble *t);

#endif
