/* tally.h - figures of one activity as field values of a `tally` or `provisional`, as the
 * signed text, and the digest of the final sheets (DOMAIN 2, 6.2). Pure. */
#ifndef CORE_TALLY_H
#define CORE_TALLY_H

#include "base/checks.h"
#include "base/writer.h"
#include "core/roll.h"

enum { TALLY_VALUES_MAX = SCHEMA_FIELDS_MAX };

/* The values of the figure fields (ids 10 and up; the same in both kinds), ascending by
 * field. A maximum equal to its minimum is VALUE_EMPTY. Returns how many there are, at
 * most TALLY_VALUES_MAX; 0 if memory is out. */
size_t tally_values(const struct figures *f, struct arena *a,
    struct field_value out[static TALLY_VALUES_MAX]);
/* The other way. Fields that are not figures are skipped, absent ones are 0. What another
 * version wrote may be nonsense: ST_MALFORMED if a maximum lies below its minimum or
 * `days` is not a list of days. */
status tally_figures(
    const struct field_value *values, size_t n, struct figures *out, struct trouble *t);

/* Labels beside the figures. */
struct tally_head {
	struct span activity; /* code */
	struct span practice; /* code; empty for none */
	struct span country;  /* code */
};

/* The signed form of one workshop, as tests/data/scenarios/tally_SK-W9.txt. Open
 * conflicts print as "12-13". */
void tally_text(struct writer *w, const struct tally_head *head, const struct figures *f);

/* One mark of a final sheet. */
struct final_mark {
	uint8_t day_no;
	struct person_key person;
	enum mark mark; /* MARK_NONE marks are left out of the digest */
};

/* Digest that a tally pins: BLAKE2b-256(`pnet/tally/1\0` || for each mark: day_no u8 ||
 * person key 8 || code u8), sorted by day_no, then person key. (A sheet holds only the
 * first 8 bytes of a pid, SECURITY 9.1.) Sorts marks in place. Returns ST_NO_MEMORY. */
status tally_digest(struct final_mark *marks, size_t n, const struct checks *checks,
    struct arena *a, struct hash32 *out, struct trouble *t);

#endif
