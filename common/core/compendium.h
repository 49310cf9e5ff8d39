/* compendium.h - an edition of the Compendium of Good Practices as a page of Markdown
 * (DOMAIN 6.5): foreword; part A; part B, each entry marked "not yet tested"; advocacy
 * chapter; index by theme and age. The same edition gives the same bytes wherever and
 * whenever it is built. Pure.
 *
 * No person is named in it: practitioners are named only with their agreement, and no
 * record holds such an agreement. */
#ifndef CORE_COMPENDIUM_H
#define CORE_COMPENDIUM_H

#include "core/schema.h"
#include "core/version.h"

/* What stands above an entry. All spans borrowed. */
struct entry_head {
	struct span title;
	struct span origin_country; /* code */
	struct span origin;         /* name of the organisation, "" if unknown */
	struct span themes;         /* joined by ';', sorted */
	bool has_ages;
	uint32_t age_min, age_max;
};

/* Closed workshops on a practice. */
struct tested_in {
	size_t n_countries;
	const struct span *countries; /* codes, in the order of countries */
	uint32_t workshops, young_people;
};

struct compendium_entry {
	enum publication_part part;
	struct span code;
	struct entry_head head;
	struct tested_in tested; /* printed in part A */
	struct hash32 version;   /* pinned */
	size_t n_sections;
	const struct section *sections;
};

/* One text of the advocacy chapter. */
struct chapter {
	struct span title;  /* "Strategies: DE" */
	struct span source; /* "DE-AR", "WP-1" */
	struct hash32 version;
	struct span text;
};

struct compendium {
	struct span code, language;
	uint32_t edition;
	bool is_paper;           /* a working paper by itself: foreword and texts alone */
	struct span released_on; /* "" of a draft */
	struct span foreword;    /* "" if none was written */
	uint32_t k;              /* fewer young people than this are not printed */
	size_t n_entries;
	const struct compendium_entry *entries; /* by part and code */
	size_t n_chapters;
	const struct chapter *chapters;
	struct span
	    awaited; /* countries whose advocacy report is not accepted, "" if none */
};

/* ---- the head of an entry, pinned with its text ---- */

/* As a section of the kind "entry" that stands before the others in the copy of an item;
 * the version hash is that of the others. text NULL if memory is out. */
struct section compendium_pin_head(const struct entry_head *head, struct arena *a);
/* False if the section is none. Borrows from it. */
bool compendium_read_head(const struct section *s, struct entry_head *out);

/* ---- the page ---- */

enum { COMPENDIUM_COUNT_BYTES = 12 };
/* "24"; "x" for 1 to k-1. */
const char *compendium_count(
    uint32_t n, uint32_t k, char out[static COMPENDIUM_COUNT_BYTES]);

/* In the arena. ST_NO_MEMORY. */
status compendium_write(
    const struct compendium *c, struct arena *a, struct span *out, struct trouble *t);

#endif
