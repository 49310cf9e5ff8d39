/* documents.h - texts in sections that people write together: transferability reports,
 * advocacy reports, minutes, descriptions of practices, working papers (DESIGN 4.7,
 * DOMAIN 2). Read here, written by client/actions/writing.h. */
#ifndef CLIENT_ACTIONS_DOCUMENTS_H
#define CLIENT_ACTIONS_DOCUMENTS_H

#include "client/laptop/records.h"
#include "core/text_spots.h"
#include "core/version.h"

/* Where a kind of document keeps its text: one row of a table (documents.c). */
struct document_type {
	uint16_t kind;    /* of the document */
	uint16_t section; /* kind of its sections; minutes are their own only one */
	uint16_t of;      /* field of the section that names the document; 0 = itself */
	uint16_t part;    /* field with the section's kind; 0 = none */
	uint16_t heading; /* field with its heading; 0 = the word of its kind */
	uint16_t order;   /* field with its place; 0 = the number of its kind */
	uint16_t text;    /* LONGTEXT */
	const char *sql;  /* sections of a document: rid, kind, heading, order, record */
};

/* NULL if a kind is no document. */
const struct document_type *document_type_of(uint16_t kind);
/* Of the documents whose sections are records of that kind. */
const struct document_type *document_type_of_section(uint16_t kind);

/* Place of a section among those of its document: as it was given, else by the number of
 * its kind; equal ones go by record name. */
int64_t document_place(
    const struct document_type *type, const char *kind, bool has_order, int64_t order);

struct document_section {
	struct record_ref ref;
	int64_t rid;
	const char *kind;    /* word of its vocabulary; "minutes" */
	const char *heading; /* "" if none */
	bool has_order;
	int64_t order;
	struct loaded *loaded;
	struct text_state text;
	struct text_spots spots;
};

struct document {
	const struct document_type *type;
	struct record_ref ref;
	int64_t rid;
	struct scope_info scope;
	const char *code;
	size_t n;
	struct document_section *sections; /* by (order, record name) */
	struct hash32 version;             /* of the text as it stands (DOMAIN 3) */
	size_t n_spots;                    /* hot spots of all sections */
	size_t n_open_spots;               /* those that block a sign-off (V34) */
};

/* The document of a code, whatever its kind. All memory is the laptop's arena.
 * ST_NOT_FOUND with PN-F01. */
status document_open(struct laptop *l, const char *code, struct document *out);
/* The same for one whose record is known. */
status document_load(
    struct laptop *l, uint16_t kind, const struct record_id *name, struct document *out);
/* The sections as they are hashed and signed; in the arena. NULL when memory is out. */
struct section *document_texts(struct laptop *l, const struct document *d);
/* Sections as the copy that a sign-off, decision or submission keeps (core/pinned.h): NUL
 * ends it. In the arena. ST_LIMIT when it is longer than a copy may be. */
status document_pin(
    struct laptop *l, const struct section *sections, size_t n, const char **out);
/* The text of a document as it stands, so pinned. */
status document_copy(struct laptop *l, const struct document *d, const char **out);

#endif
