/* schema.h - the one table of what is stored: kinds, fields, vocabularies (DESIGN 7).
 *
 * Replica tables, checks at the keyboard, import and export, help and forms come from it.
 * Kind ids, field ids and vocabulary numbers are append-only and never change their type;
 * a new kind is a few new rows in schema.def. Which rules hold between records is
 * core/findings.h; what merges how is core/record.h. Pure, constant, no allocation but in
 * the arenas that are passed in. */
#ifndef CORE_SCHEMA_H
#define CORE_SCHEMA_H

#include "base/arena.h"
#include "base/checks.h"
#include "base/ids.h"
#include "core/defaults.h"
#include "core/entry.h"
#include "core/op.h"

/* Whose keys a kind is under (DESIGN 3.2). HOME: the office scope of the activity's
 * country, or ALL if the central office organises the activity for every country. */
enum where {
	WHERE_ALL,
	WHERE_OFFICE,
	WHERE_COUNTRY,
	WHERE_COORD,
	WHERE_ACTIVITY,
	WHERE_HOME
};

/* Who edits a kind: a mask. All fields of a kind have the same editors, since an op
 * carries on entries of others and its signer's role is what readers check (V9). */
enum editor {
	EDIT_OFFICE = 1 << 0,
	EDIT_COORDINATOR = 1 << 1,
	EDIT_TRAINER = 1 << 2,
	EDIT_GUEST = 1 << 3 /* a trainer of another country, in one activity */
};

/* What a writer must be beside his role. The first five can be told from an op and its
 * signer alone (core/proviso.h): readers set aside what breaks them. The others ask other
 * records, which may still be on their way: refused at the keyboard, listed as V9. */
enum proviso {
	PROVISO_ANY,
	PROVISO_HOST,             /* the office in `all`, and nowhere else */
	PROVISO_OFFICE_IN_ALL,    /* the office there alone; the others everywhere */
	PROVISO_ITSELF,           /* the member whom the field `by` names */
	PROVISO_DECIDER,          /* the office; a coordinator only to withdraw */
	PROVISO_ORIGIN,           /* the office, or of the practice's country */
	PROVISO_ORIGIN_OR_AUTHOR, /* of that country, or an author of a report on it */
	PROVISO_AUTHOR,           /* an author of the report that `report` names */
	PROVISO_AUTHOR_OR_HOST    /* of this report, or of its host country */
};

/* How a record of a kind gets its 16-byte name. */
enum naming {
	NAMED_RANDOM,
	NAMED_BY_HASH, /* over the kind and the fields named_by, so that laptops meet */
	NAMED_AS_OTHER /* the same name as a record of the kind named_by[0] */
};

enum field_type {
	/*                 value        shape */
	FIELD_TEXT,  /* VALUE_TEXT   one line, no controls, max bytes                   */
	FIELD_NAME,  /* VALUE_TEXT   as TEXT with the rules of names (V4, base/text.h)  */
	FIELD_CODE,  /* VALUE_TEXT   1-16 of A-Z 0-9 -                                  */
	FIELD_INT,   /* VALUE_INT    min..max                                           */
	FIELD_DATE,  /* VALUE_INT    days since 1970-01-01 (base/date.h)                */
	FIELD_VOCAB, /* VALUE_INT    number of a word of the vocabulary `of`, from 1    */
	FIELD_REF,   /* VALUE_BYTES  16, name of a record of the kind `of` (0 = any)    */
	FIELD_PERSON, /* VALUE_BYTES  16, a pid */
	FIELD_SET,   /* VALUE_TEXT   words joined by `;`, sorted by bytes, no double    */
	FIELD_MARKS, /* VALUE_INT    map: person key -> word of the vocabulary `of`     */
	FIELD_LONGTEXT, /* VALUE_RUN    text of several lines (DESIGN 4.7), max bytes */
	FIELD_HASH, /* VALUE_BYTES  32                                                 */
	FIELD_COPY, /* VALUE_TEXT   several lines as they stood once, max bytes        */
	FIELD_TYPE_COUNT
};

/* Vocabularies. The numbers of the words are stored: append only. 0 is never a word. */
enum vocabulary {
	VOC_NONE,
	VOC_YES_NO,
	VOC_MARK,
	VOC_GENDER,
	VOC_CONSENT, /* strictest first: the default among siblings is the smallest */
	VOC_CONSENT_BY,
	VOC_NAME_ORDER,
	VOC_ORGANISATION,
	VOC_ROLE,
	VOC_ACTIVITY_TYPE,
	VOC_FUNCTION,
	VOC_EXPERIENCE,
	VOC_PRACTICE_SECTION,
	VOC_DECISION,
	VOC_OUTCOME,
	VOC_PLATFORM,
	VOC_LEVEL,
	VOC_SECTOR,
	VOC_ENGAGEMENT,
	VOC_REPORT_SECTION,
	VOC_VERDICT,
	VOC_ADVOCACY_SECTION,
	VOC_SUBMISSION,
	VOC_ACCEPTANCE,
	VOC_PAPER_PART,
	VOC_PUBLICATION,
	VOC_PUBLICATION_PART,
	VOC_ERASURE,
	VOC_COUNT
};

enum yes_no { NO = 1, YES = 2 };
enum mark { MARK_NONE, MARK_PRESENT, MARK_LATE, MARK_EXCUSED, MARK_ABSENT, MARK_COUNT };
enum gender { GENDER_UNSET, GENDER_F, GENDER_M, GENDER_D, GENDER_N, GENDER_COUNT };
enum consent {
	CONSENT_UNSET,
	CONSENT_REFUSED,
	CONSENT_WITHDRAWN,
	CONSENT_PENDING,
	CONSENT_GIVEN,
	CONSENT_COUNT
};
enum consent_by { CONSENT_BY_UNSET, CONSENT_BY_SELF, CONSENT_BY_GUARDIAN };
enum name_order { NAME_ORDER_UNSET, GIVEN_FAMILY, FAMILY_GIVEN };
enum activity_type {
	ACTIVITY_UNSET,
	SUMMER_SCHOOL,
	PEER_COACHING,
	YOUTH_WORKSHOP,
	PREVENT_SEMINAR,
	ROUNDTABLE_MEETING,
	ACTIVITY_TYPE_COUNT
};
enum experience { EXPERIENCE_UNSET, EXPERIENCE_NEW, EXPERIENCE_EXPERIENCED };
enum decision_kind {
	DECISION_UNSET,
	DECISION_SELECT,
	DECISION_DESCRIPTION,
	DECISION_TRANSFER,
	DECISION_WITHDRAW,
	DECISION_REPORT,
	DECISION_KIND_COUNT
};
enum outcome {
	OUTCOME_UNSET,
	OUTCOME_SELECTED,
	OUTCOME_REJECTED,
	OUTCOME_ACCEPTED,
	OUTCOME_RETURNED,
	OUTCOME_PROVEN,
	OUTCOME_NOT_PROVEN,
	OUTCOME_WITHDRAWN,
	OUTCOME_COUNT
};
enum transferability {
	TRANSFERABLE_UNSET,
	TRANSFERABLE_AS_IT_IS,
	TRANSFERABLE_ADAPTED,
	TRANSFERABLE_NOT
};
enum publication_part { PART_UNSET, PART_A, PART_B };

enum {
	SCHEMA_VERSION = 3, /* a replica of a lower one is given the tables of this */
	SCHEMA_NAMED_BY_MAX = 3,
	SCHEMA_FIELDS_MAX = 64, /* of one kind */
	SCHEMA_CODE_BYTES_MAX = 16,
	SCHEMA_DAY_NO_MAX = 31
};

/* KIND_ACTIVITY = 4 and so on; F_ACTIVITY_CODE = 1 and so on: from schema.def. */
enum kind_id {
	KIND_NONE = 0,
#define KIND(K, id, ...) KIND_##K = (id),
#define FIELD(...)
#define KIND_END(K)
#include "core/schema.def"
#undef KIND
#undef FIELD
#undef KIND_END
};

enum field_id {
	F_NONE = 0,
#define KIND(...)
#define FIELD(K, F, id, ...) F_##K##_##F = (id),
#define KIND_END(K)
#include "core/schema.def"
#undef KIND
#undef FIELD
#undef KIND_END
};

struct field {
	uint16_t id;      /* unique in its kind, append-only */
	const char *name; /* SQL column, CSV column, `--set` name */
	enum field_type type;
	uint16_t of;              /* vocabulary of VOCAB and MARKS, kind of REF */
	enum merge_default merge; /* what is shown among siblings (DOMAIN 5) */
	bool is_required;
	uint64_t min;        /* of INT */
	uint64_t max;        /* of INT; of texts: bytes */
	const char *aliases; /* other CSV columns, joined by `,`; NULL = none */
	uint16_t since;
};

struct kind {
	uint16_t id;
	const char *name;     /* SQL table */
	const char *singular; /* for people, translated by the client */
	enum where where;
	enum retention retention;
	bool has_subject; /* ops carry the subject tag of the field `pid` */
	enum naming naming;
	uint16_t
	    named_by[SCHEMA_NAMED_BY_MAX]; /* field ids, 0-ended; or the other kind */
	unsigned editors;                  /* mask of enum editor */
	enum proviso proviso;              /* what the editor must be besides */
	bool is_automatic; /* written by programs by themselves: never counted as a change
			    */
	uint16_t since;
	const struct field *fields;
	size_t n_fields;
};

/* ---- the table ---- */
size_t schema_kind_count(void);
/* n < schema_kind_count(), in the order of schema.def. */
const struct kind *schema_kind_at(size_t n);
/* NULL if this version has no such kind; it is then kept, carried and shown as newer. */
const struct kind *schema_kind(uint16_t id);
const struct kind *schema_kind_named(struct span name);
const struct field *schema_field(const struct kind *k, uint16_t id);
const struct field *schema_field_named(const struct kind *k, struct span name);
/* As schema_field_named, also by the aliases of the CSV files (ref -> code). */
const struct field *schema_column(const struct kind *k, struct span column);
/* True if a holder of one of these roles may write the kind (mask of enum editor). */
bool schema_may_edit(const struct kind *k, unsigned roles);

/* How siblings of the field are shown until somebody settles them (DOMAIN 5). */
struct default_rule schema_default(const struct field *f);

/* ---- vocabularies ---- */
/* Words of v; they are numbered 1..n. */
size_t vocabulary_size(enum vocabulary v);
/* NULL if n is no word of v (a newer version's, or 0). */
const char *vocabulary_word(enum vocabulary v, uint64_t n);
/* 0 if it is no word of v. Exact. */
unsigned vocabulary_find(enum vocabulary v, struct span word);
/* "present, late, excused, absent", in the arena; for messages. */
const char *vocabulary_list(enum vocabulary v, struct arena *a);

/* ---- values ---- */
/* Reads what a person or a file wrote into a value; empty text is VALUE_EMPTY. Names come
 * out in their stored form, sets sorted. References and pids are 32 hex digits here;
 * codes are looked up by the caller. A LONGTEXT comes out as one VALUE_TEXT of the whole
 * text; making runs of it is core/text_crdt.h. Returns ST_MALFORMED or ST_LIMIT; the
 * trouble names the expected form and the rule. */
status schema_value_parse(const struct field *f, struct span text, struct arena *a,
    struct value *out, struct trouble *t);
/* The same form back: words, ISO dates, decimal numbers, hex. Of an empty value the empty
 * text; of a number that is no word of the vocabulary `#` and the number. A zero byte
 * follows the text. bytes NULL if memory is out. */
struct span schema_value_text(
    const struct field *f, const struct value *v, struct arena *a);
/* "INTEGER", "TEXT" or "BLOB": the column of the replica. VOCAB and DATE are TEXT there
 * (schema_value_text), so that SQL reads well. */
const char *schema_sql_type(const struct field *f);

/* ---- one record ---- */
struct field_value {
	uint16_t field;
	struct value value; /* of MARKS: of one key */
};

struct problem {
	const struct field *field;
	unsigned rule;        /* number of V1..V45; 0 = required and missing */
	const char *expected; /* static storage */
};

/* Checks values of one record against the table: required, vocabulary (V1), dates (V2),
 * day numbers (V3), names and codes (V4), ranges. Unknown fields are skipped. Writes at
 * most cap problems and returns how many there are. */
size_t schema_check(const struct kind *k, const struct field_value *values, size_t n,
    struct problem *out, size_t cap);

/* The name of a record that is named by hash (DOMAIN 2, h:): first 16 bytes of
 * BLAKE2b-256(`pnet/rid/1\0` || kind u16 || values in the order of named_by: ids and pids
 * 16, numbers u8, codes of a country 4, other codes 16, zero padded).
 * values: one for each named_by field, in that order. Returns ST_MALFORMED if one does
 * not have its shape. */
status schema_record_name(const struct kind *k, const struct value *values, size_t n,
    const struct checks *checks, struct record_id *out, struct trouble *t);

#endif
