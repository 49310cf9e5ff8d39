/* bundle_parts.h - between the files of bundle.h: sections as bytes and as values. */
#ifndef PROTO_BUNDLE_PARTS_H
#define PROTO_BUNDLE_PARTS_H

#include "base/reader.h"
#include "proto/bundle.h"

enum {
	BUNDLE_BOX_ROW_BYTES = 8 + KEY_BOX_BYTES,
	BUNDLE_WRAP_ROW_BYTES = 4 + WRAPPED_SEED_BYTES
};

/* Takes one section off the front: its layout and the order of its rows, not what stands
 * in records, lists and batches. ST_MALFORMED, ST_NO_MEMORY. */
status bundle_take_section(
    struct reader *r, struct arena *a, struct bundle_section *out, struct trouble *t);

/* Does a section hold what it may? Decodes its records, lists and batches one by one into
 * scratch, which is reset for each. */
status bundle_check_section(const struct bundle_head *head,
    const struct bundle_section *s, const struct checks *checks, struct arena *scratch,
    struct trouble *t);

#endif
