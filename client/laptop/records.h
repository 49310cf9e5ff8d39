/* records.h - reading and writing records of the replica: the view of one record, edits
 * as one transaction, and the typed tables that follow from them (DESIGN 4.4).
 *
 * Reading for lists and figures is SQL over the typed tables (one per kind of the schema,
 * its columns, plus `record` = the 16-byte name, `rid` = local id, `scope` = local scope
 * id; the map of a sheet is <kind>_marks(rid, person, value, siblings), where values in
 * conflict stand side by side: "excused|late"). */
#ifndef CLIENT_LAPTOP_RECORDS_H
#define CLIENT_LAPTOP_RECORDS_H

#include "client/laptop/laptop.h"
#include "core/record.h"
#include "core/schema.h"
#include "core/text_crdt.h"

/* A scope that this laptop holds keys of. */
struct scope_info {
	int64_t id; /* local */
	uint16_t space;
	int32_t pos; /* in the space's log; -1 while its SCOPE record waits */
	struct scope_name name;
	uint16_t epoch;
	struct author as; /* this laptop when it writes there */
};

/* Finds a scope by space and name. ST_NOT_FOUND (no complaint) if no key is held. */
status scope_find(struct laptop *l, uint16_t space, const struct scope_name *name,
    struct scope_info *out);
status scope_by_id(struct laptop *l, int64_t id, struct scope_info *out);
/* From a row whose first columns are id, space, pos, name, epoch, as_home, as_device. */
void scope_read(struct query *q, struct scope_info *out);
status scope_by_pos(
    struct laptop *l, uint16_t space, uint16_t pos, struct scope_info *out);
/* Position of a country in the NET log by its code ("SK"); ST_NOT_FOUND. */
status space_find(struct laptop *l, const char *code, uint16_t *pos);
/* The scope that a kind of the given `where` is written to: home of the activity, its own
 * scope, or one of the country's. activity may be NULL unless where needs it. */
status scope_for(struct laptop *l, enum where where, uint16_t space,
    const struct record_id *activity, struct scope_info *out);

/* Names a record that exists or is about to. */
struct record_ref {
	uint16_t kind;
	struct record_id name;
	int64_t scope;
	bool has_person;
	struct person_id person; /* of kinds with a subject */
};

/* One command's or form's writes: one agent, one transaction. */
struct edit;

/* Begins a transaction; exactly one of edit_commit and edit_abandon follows. */
status edit_begin(struct laptop *l, struct edit **out);
/* Writes one field (key NULL) or map key. Nothing is stored when the only present value
 * is equal. Refuses kinds that this member may not write (PN-P01). */
status edit_set(struct edit *e, const struct record_ref *r, uint16_t field,
    const uint64_t *key, const struct value *value);
/* As edit_set, but only if the siblings of now are those named; ST_CHANGED (PN-C02). */
status edit_resolve(struct edit *e, const struct record_ref *r, uint16_t field,
    const uint64_t *key, const struct value *value, size_t n_shown,
    const struct entry_name *shown);
/* What this edit writes cannot be taken back by undo, because something outside the
 * records followed from it; kind: of the record that says so. */
void edit_stands(struct edit *e, uint16_t kind);
/* A text as somebody opened it. Memory is the caller's, also after the laptop is closed.
 */
struct text_opened {
	const struct record_cell *cell; /* NULL: there was none */
	struct text_state state;        /* of the cell */
};
/* Writes a text field as the difference between what was opened (NULL: what stands there
 * now) and what was saved. edit_set() of a text field comes here too. */
status edit_text(struct edit *e, const struct record_ref *r, uint16_t field,
    const struct text_opened *opened, struct span saved);
/* Says that hot spot number at of the text is right as it stands. shown: the words that
 * were shown of it; ST_CHANGED if others stand there now. */
status edit_settle(struct edit *e, const struct record_ref *r, uint16_t field, size_t at,
    struct span shown);
/* Makes it durable and brings the typed tables up to date. Frees e in every case. */
status edit_commit(struct edit *e, size_t *n_changes);
void edit_abandon(struct edit *e); /* NULL is legal */
/* Nothing was written so far: every value was there already. */
bool edit_is_empty(const struct edit *e);
/* Fields and map keys written so far. */
size_t edit_written(const struct edit *e);

/* One record, opened and joined. Do not copy: the view points into it. */
struct loaded {
	int64_t rid;
	struct record_ref ref;
	struct scope_info scope;
	struct record_input input;
	struct record_view view;
	struct grave_set *graves;
	uint64_t changes, marks; /* dirty entries that count as such */
};
/* Loads a record that has a row in r_record into memory of a. */
status record_load(struct laptop *l, int64_t rid, struct arena *a, struct loaded *out);
/* Local id of a record: 0 in *rid if nothing is known of it. */
status record_find(struct laptop *l, const struct record_ref *r, int64_t *rid);
/* The same, and makes the row if there is none. Inside a transaction. */
status record_intern(struct laptop *l, const struct record_ref *r, int64_t *rid);
/* Brings the typed tables and the list of conflicts up to date with a view. */
status record_project(struct laptop *l, const struct loaded *loaded, struct arena *a);
/* Loads and projects. */
status record_refresh(struct laptop *l, int64_t rid, struct arena *a);

/* Changes and marks that the server has not stored yet, other people's among them
 * (carried), and when the oldest was saved (0 = none). */
struct waiting {
	uint64_t changes, marks, carried;
	uint64_t oldest_ms;
};
status records_waiting(struct laptop *l, struct waiting *out);

/* "SK-T2" for an author; "?" if the log that knows him is not here. In the arena. */
const char *author_member(struct laptop *l, struct author by);

/* The activity of a record in that activity's own scope: the scope's name says it, so it
 * is not written (20 bytes of every sheet and note). A body may still hold it; else the
 * typed tables show the scope's. */
bool field_is_of_scope(const struct kind *k, const struct field *f);
/* Is the record's name made of this field (h: of DOMAIN 2)? Every writer of the record
 * writes the same value there. */
bool field_names_record(const struct kind *k, uint16_t field);
/* The last of these fields: an empty value beside it takes a record without other content
 * from the typed tables (its making was undone). */
bool field_hides_record(const struct kind *k, uint16_t field);
/* The activity that a scope of that kind is named by. */
struct span scope_activity(const struct scope_info *scope);

/* Does writing this field count as a change for people (UX 2.1)? Not what programs write
 * by themselves, nor the fields that only repeat what the record is named by. */
bool field_is_change(const struct kind *k, const struct field *f);

/* Values from C types, for edit_set. */
static inline struct value
value_int(uint64_t n)
{
	return (struct value){.type = VALUE_INT, .number = n};
}

static inline struct value
value_text(const char *text)
{
	return *text == '\0'
		   ? (struct value){.type = VALUE_EMPTY}
		   : (struct value){.type = VALUE_TEXT, .bytes = span_text(text)};
}

static inline struct value
value_bytes(const void *bytes, size_t len)
{
	return (struct value){.type = VALUE_BYTES, .bytes = span_of(bytes, len)};
}

#endif
