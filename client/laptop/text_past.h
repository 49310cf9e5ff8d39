/* text_past.h - rows of the history about texts: the words that an edit took out, under
 * its name (VALUE_TEXT), and the same words as pieces of the runs that brought them
 * (VALUE_RUN, under their names). So the history can tell of each edit what it brought
 * and what it took out, as far as this laptop saw it. */
#ifndef CLIENT_LAPTOP_TEXT_PAST_H
#define CLIENT_LAPTOP_TEXT_PAST_H

#include "client/laptop/records.h"

/* by: name, time and author of the edit that took the names out; NULL: not known. */
status text_past_keep(struct laptop *l, struct arena *a, int64_t rid, uint16_t field,
    const struct text_state *before, size_t n, const struct seen_names *seen,
    const struct entry *by);

/* What a pull took out of the texts of a record. shown: its entries before the pull, in
 * the order of the view. An edit is named for it where one op brings the removal and
 * either one edit, or edits of one author: then the last of them. */
status text_past_pull(struct laptop *l, struct arena *a, const struct loaded *now,
    size_t n, const struct entry *shown);

#endif
