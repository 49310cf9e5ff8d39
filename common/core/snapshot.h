/* snapshot.h - figures of a period that change no more, whatever is corrected later: what
 * is published comes from them alone, since two editions of a live table could be
 * subtracted (DOMAIN 6.4).
 *
 * Each country's row lies in its own `office` scope, where the tallies lie that it sums
 * up; so it tells nobody anything new. What binds the rows is a hash over all of them,
 * which offices compute alike from the same merged state, and which shows whether all of
 * its rows are here. Pure. */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "base/checks.h"
#include "core/indicators.h"

struct snapshot_row {
	struct indicators figures;
	struct span missing; /* why the country is not complete; empty if it is */
};

struct snapshot {
	struct span period; /* "2026" */
	bool is_partial;    /* frozen although a country is not complete */
	size_t n;
	struct snapshot_row *rows;
};

/* By country_order, then code. */
void snapshot_sort(struct snapshot *s);
/* BLAKE2b-256(`pnet/snapshot/1\0` || period, "yes" or "no" for partial, and of each row
 * in order its figures as indicators_write() gives them and what is missing, each after
 * its length in bytes as u32). Rows are sorted. ST_LIMIT, ST_NO_MEMORY. */
status snapshot_hash(const struct snapshot *s, const struct checks *checks,
    struct arena *a, struct hash32 *out, struct trouble *t);
/* The rows' figures, for the tables. NULL if memory is out. */
struct indicators *snapshot_figures(const struct snapshot *s, struct arena *a);
/* "ALL", or "ALL (partial)": a table made of a part says so. Static. */
const char *snapshot_sum_name(const struct snapshot *s);

#endif
