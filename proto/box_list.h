/* box_list.h - bytes of a box list: which key boxes belong to a membership record
 * (spec/membership.md 5). The record holds the hash; the list travels beside it. Pure. */
#ifndef PROTO_BOX_LIST_H
#define PROTO_BOX_LIST_H

#include "base/arena.h"
#include "core/log_record.h"

/* A box list: entries of 42 bytes, space u16 || scope u16 || epoch u16 || home u16 ||
 * position u16 || box hash 32, strictly ascending by the first ten. */
enum { BOX_ENTRY_BYTES = 42 };
/* Decodes and hashes. ST_MALFORMED, ST_NO_MEMORY. */
status box_list_read(
    struct span bytes, struct arena *a, struct box_list *out, struct trouble *t);
/* Encodes n entries that are in order (asserted) into the arena, and hashes them. */
status box_list_build(size_t n, const struct box_entry *entries, struct arena *a,
    struct span *bytes, struct box_list *out, struct trouble *t);
/* True if the list has this box for this recipient. */
bool box_list_holds(const struct box_list *list, const struct box_entry *entry);

#endif
