/* catalog.h - records of every kind by one way, driven by the schema and one table: which
 * kind the words of a command mean, the record that a word names, where a new one goes,
 * and what is written into it (DESIGN 7). What has gates or figures of its own (closing,
 * reports, publishing) stands elsewhere and writes the same records.
 *
 * Companions: a kind that is named as another (person_contact as person) is read and
 * written together with it, each part in its own scope, as far as this member may. */
#ifndef CLIENT_ACTIONS_CATALOG_H
#define CLIENT_ACTIONS_CATALOG_H

#include "client/actions/form.h"

/* One row: what stands behind `pnet WORDS ...`. */
struct shelf {
	const char *words; /* "roundtable", "roundtable stakeholder" */
	uint16_t kind;
	/* The field that refers to the record named first on the line; 0 = the record
	 * itself is named first. */
	uint16_t parent;
	/* Not 0: the record named first is what this field of the parent refers to. */
	uint16_t via;
	uint16_t word;       /* the field that the word after `add` fills */
	const char *schema;  /* of the listing as JSON */
	const char *columns; /* as listing_new(): fields of the kind or its companions,
			      * `country` = whose space it lies in, `no` = its place in
			      * the list, which names it where it has no code */
};
/* The row of a command's words, "roundtable list" and "roundtable stakeholder" alike;
 * NULL if it has none. */
const struct shelf *catalog_shelf(const char *command);

/* A field of the kind, or of a companion; *owner is the kind that has it. NULL if there
 * is none. By the names and aliases of the schema. */
const struct field *catalog_field(
    const struct kind *k, struct span name, const struct kind **owner);

/* FIELD=VALUE as a person or a file gave it. */
struct wish {
	const char *name, *text;
};

/* Where a new record goes. */
struct place {
	uint16_t space;
	bool has_activity; /* for kinds that lie where their activity does */
	struct record_id activity;
	bool is_lenient; /* leave out companions that this member may not write */
};

/* A new record with these fields; by and on, and the country of a country's member, are
 * filled in where nothing else is wished. PN-U01 for an unknown field or a missing one,
 * PN-V03 for a value, PN-P01 without the keys or the role. A record that is named by what
 * it holds may exist already: it is changed. owner: the record that it is named as; of a
 * kind with random names the name that it had where it was exported, or NULL. */
status catalog_new(struct edit *e, struct laptop *l, const struct kind *k,
    const struct place *place, const struct record_id *owner, const struct wish *wishes,
    size_t n, struct record_ref *out);
/* Writes fields of a record that exists. */
status catalog_change(struct edit *e, struct laptop *l, const struct record_ref *ref,
    const struct wish *wishes, size_t n);

/* One record of a list. */
struct catalog_row {
	struct record_ref ref;
	uint16_t space;
	size_t no; /* from 1 */
};
/* parent: NULL = all. In the arena, by country and code. */
status catalog_list(struct laptop *l, const struct shelf *s,
    const struct record_id *parent, struct catalog_row **out, size_t *n);
/* The record that a word names: its code, or its number in the list. PN-F01. */
status catalog_find(struct laptop *l, const struct shelf *s,
    const struct record_id *parent, const char *word, struct catalog_row *out);
/* The kind of the records that a shelf's parent names. */
const struct kind *catalog_parent(const struct shelf *s);
/* What stands in a column, for people; "" if nothing or not readable here. */
const char *catalog_cell(
    struct laptop *l, const struct catalog_row *row, const char *column);

/* One value of one field, with who wrote it and when. */
struct catalog_fact {
	const char *field, *value;
	const char *by;   /* member code */
	uint64_t seconds; /* by his clock */
	size_t n_values;  /* more than 1: stands side by side with others */
};
/* All that is written in a record and its companions, in the schema's order; maps left
 * out. */
status catalog_facts(
    struct laptop *l, const struct record_ref *ref, struct catalog_fact **out, size_t *n);

#endif
