/* entry.h - what an op says once it is opened: entries of the fields and map keys of one
 * record (DESIGN 4.2, SECURITY 9.1). Values only; the merge is core/record.h, the bytes
 * are proto/body_codec.h. Pure. */
#ifndef CORE_ENTRY_H
#define CORE_ENTRY_H

#include "base/ids.h"

/* Names one write of one field or map key. agent: 64 random bits drawn for the saved
 * edit; index: the position in it (in a text field: the offset of the run's first
 * character, the next index follows its length). Equal names are one entry. */
struct entry_name {
	uint64_t agent;
	uint32_t index;
};

/* A device in one incarnation: home is the position in the NET log of the SPACE record of
 * the country whose log vouches for it (0 = NET), device the position in that log of the
 * record that last introduced it (JOIN, first GRANT of a guest, RENEW). */
struct author {
	uint16_t home;
	uint16_t device;
};

/* Hybrid logical time: for display and defaults only, never for order (DESIGN 4.6). */
struct hlc {
	uint64_t seconds; /* unix time */
	uint32_t counter; /* orders the writes of one second on one device */
};

enum value_type {
	VALUE_EMPTY, /* cleared; an entry like any other */
	VALUE_INT,   /* number, 0..2^53; codes of vocabularies, days since 1970-01-01 */
	VALUE_TEXT,  /* bytes: UTF-8, NFC where the schema says so */
	VALUE_BYTES, /* bytes: ids and hashes */
	VALUE_RUN,   /* a run of characters of a text field (DESIGN 4.7) */
	VALUE_SEEN   /* a passage of a text as somebody left or confirmed it; not part of
		      * the text (core/text_spots.h) */
};

/* Fugue side of a run below its parent character (Weidner and Kleppmann 2023). */
enum run_side { RUN_LEFT = 0, RUN_RIGHT = 1 };

struct value {
	enum value_type type;
	uint64_t number;
	struct span bytes;        /* borrowed; of a run: its characters, UTF-8 */
	struct entry_name parent; /* of a run: the character it hangs on; {0, 0} = root;
				   * of a passage: its first character */
	enum run_side side;       /* of a run */
	uint32_t hollow;          /* of a run: so many characters were superseded and kept
				   * only their names and place; bytes is empty. 0: it has
				   * its characters */
};

struct entry {
	struct entry_name name;
	uint16_t field; /* id from the schema */
	bool has_key;   /* the field is a map */
	uint64_t key;   /* map key: first 8 bytes of the person's id, big endian */
	struct hlc time;
	struct author by; /* who wrote it; kept when another carries it on */
	struct value value;
};

/* Names superseded in one field: agent, indexes first .. first+count-1. */
struct gone {
	uint16_t field;
	uint64_t agent;
	uint32_t first;
	uint32_t count;
};

/* The plaintext of an op. entries and gone are borrowed from the caller or an arena.
 * Entries keep the order of the body; gone keeps newest last. */
struct body {
	uint16_t kind; /* id from the schema */
	struct record_id record;
	bool has_person; /* exactly the kinds with a subject */
	struct person_key person;
	uint64_t agent; /* the signer's agent of this op ("agent 0") */
	size_t n_entries;
	struct entry *entries;
	size_t n_gone;
	struct gone *gone;
};

static inline bool
entry_name_equal(struct entry_name a, struct entry_name b)
{
	return a.agent == b.agent && a.index == b.index;
}

static inline int
entry_name_compare(struct entry_name a, struct entry_name b)
{
	if (a.agent != b.agent)
		return a.agent < b.agent ? -1 : 1;
	return (a.index > b.index) - (a.index < b.index);
}

static inline int
hlc_compare(struct hlc a, struct hlc b)
{
	if (a.seconds != b.seconds)
		return a.seconds < b.seconds ? -1 : 1;
	return (a.counter > b.counter) - (a.counter < b.counter);
}

static inline bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == VALUE_INT)
		return a->number == b->number;
	if (a->type == VALUE_RUN && (a->side != b->side || a->hollow != b->hollow))
		return false;
	if ((a->type == VALUE_RUN || a->type == VALUE_SEEN) &&
	    !entry_name_equal(a->parent, b->parent))
		return false;
	return a->type == VALUE_EMPTY || span_equal(a->bytes, b->bytes);
}

#endif
