/* compendium.h - editions of the compendium: what goes in, as it stood (DOMAIN 2, 6.5).
 *
 * An item pins the description that was accepted last, by its hash and as a copy of the
 * text, and the head of its entry with it; a later edit of the practice changes no item.
 * An edition that is released never changes (V45): what it printed is kept with it, byte
 * for byte. One that a file brought as released has figures and advocacy reports of that
 * day. The gates are those of findings.h. */
#ifndef CLIENT_ACTIONS_COMPENDIUM_H
#define CLIENT_ACTIONS_COMPENDIUM_H

#include "client/actions/documents.h"
#include "core/compendium.h"

/* What an item holds; a foreword is an item of neither practice nor paper. A paper has an
 * item for each of its parts, because a copy has a greatest length. */
struct edition_item {
	struct record_ref ref;
	uint16_t kind; /* KIND_PRACTICE, KIND_PAPER, 0 = foreword */
	struct record_id subject;
	const char *code; /* of practice or paper */
	enum publication_part part;
	struct hash32 version;
	const char *copy;
};

struct edition {
	struct record_ref ref;
	const char *code, *language;
	uint32_t no;
	bool is_paper;           /* of the kind working_paper */
	const char *released_on; /* "" of a draft */
	size_t n;
	struct edition_item *items; /* part A, part B, the others; by code */
};

/* PN-F01. In the arena. */
status compendium_open(struct laptop *l, const char *code, struct edition *out);

/* A new edition; kind: "compendium" or "working_paper"; no: NULL = one more than the
 * latest of that kind. */
status compendium_new(struct edit *e, struct laptop *l, const char *code,
    const char *kind, const char *no, const char *language);

/* The text of a practice that an item pins: what was accepted last, with the head of the
 * entry before it. *is_older: the description was edited since. */
status compendium_pin(struct laptop *l, const struct record_id *practice,
    struct hash32 *version, const char **copy, bool *is_older);

/* Puts a practice into part A or B (V40, V41), or the paper into the advocacy chapter
 * (V44); one that is in it already is pinned anew. PN-C01 where a gate is open or the
 * edition is released. *is_older as above. */
status compendium_add(struct edit *e, struct laptop *l, const struct edition *edition,
    const char *code, enum publication_part part, bool *is_older);
/* Takes it out again. PN-F01. */
status compendium_remove(
    struct edit *e, struct laptop *l, const struct edition *edition, const char *code);
/* The foreword; "" takes it out. */
status compendium_foreword(
    struct edit *e, struct laptop *l, const struct edition *edition, struct span text);
/* Makes it final, as of that date, and keeps what it prints. PN-C01 if it is
 * empty, or a gate of one of its practices has opened since it was added. */
status compendium_release(
    struct edit *e, struct laptop *l, const struct edition *edition, const char *on);

/* Does an earlier item of the edition hold the same practice? Two laptops may add it. */
bool compendium_is_repeated(const struct edition *edition, size_t at);

/* Everything that the page holds; by the central office, which alone sees the workshops
 * and reports of all countries (PN-P01). */
status compendium_load(
    struct laptop *l, const struct edition *edition, struct compendium *out);

struct printed {
	struct span page;  /* Markdown */
	struct span index; /* CSV */
};
/* A draft as everything stands now, by the central office (PN-P01); a released edition as
 * it was printed, on every laptop. In the arena. */
status compendium_print(
    struct laptop *l, const struct edition *edition, struct printed *out);
/* Keeps what it prints now as items of the edition. */
status compendium_keep(struct edit *e, struct laptop *l, const struct edition *edition);
/* Is the copy of an item a piece of that? */
bool compendium_is_print(const char *copy);

#endif
