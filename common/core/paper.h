/* paper.h - the cross-national working paper (DOMAIN 6.6): for each part (potentials,
 * challenges, strategies) the section of every country in the order of countries, with
 * the hash of the text it was taken from, then the edited synthesis, which names its
 * sources. The same texts give the same bytes. Pure. */
#ifndef CORE_PAPER_H
#define CORE_PAPER_H

#include "core/schema.h"
#include "core/version.h"

/* The advocacy report of a country as it left the country. All borrowed. */
struct paper_source {
	struct span country, document; /* codes */
	struct span on;                /* handed in */
	struct hash32 version;
	bool is_accepted;
	size_t n_sections;
	const struct section *sections; /* kinds: words of VOC_ADVOCACY_SECTION */
};

struct paper {
	struct span code, title, language;
	uint32_t edition; /* 0: not said */
	bool is_draft;    /* asked for as such, whatever is accepted */
	size_t n_sources;
	const struct paper_source *sources; /* in the order of countries */
	struct span absent;     /* countries that handed nothing in, "" if none */
	struct span unaccepted; /* countries whose text is not accepted */
	struct span synthesis;  /* "" if not written yet */
};

/* The sections in their order, the synthesis last where it is written: kind = the part,
 * heading = country and document, "DE (DE-AR)". In the arena, borrowing the texts. */
status paper_sections(const struct paper *p, struct arena *a, struct section **out,
    size_t *n, struct trouble *t);

/* The page. In the arena. ST_NO_MEMORY. */
status paper_write(
    const struct paper *p, struct arena *a, struct span *out, struct trouble *t);

#endif
