/* record.h - what a record says, and what goes into the next op (DESIGN 4.2, 4.4).
 *
 * The join of entries in record_view() IS the merge. Superseding between ops is garbage
 * collection that must never change it: record_seal() carries on every live entry and
 * every superseded name before it lists an op for removal.
 *
 *	ops of one record + dirty entries --record_view()--> cells with siblings
 *	a person's edit + view            --record_edit()--> dirty entry
 *	view                              --record_seal()--> body and dots of the next op
 *
 * All results live in the arena that is passed in and borrow from the inputs. A failed
 * call (ST_NO_MEMORY unless said otherwise) leaves inputs and *out untouched. Others are
 * never trusted: any set of well-formed bodies is a legal input. Pure. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "base/arena.h"
#include "core/entry.h"
#include "core/op.h"

/* --- graves ------------------------------------------------------------------- */

/* What is known of the erasure of a person in the scope of the record. A grave hides from
 * the moment it is known; only one that cannot be refused any more lets an op leave
 * something out (DESIGN 4.2). */
enum grave_state {
	GRAVE_NONE,
	GRAVE_PENDING, /* sealed here or carried, not yet pulled back: hides only */
	GRAVE_SEALING, /* its erase op goes into the batch being sealed: one verdict */
	GRAVE_BASE     /* stands at the server */
};

static inline bool
grave_hides(enum grave_state g)
{
	return g != GRAVE_NONE;
}

static inline bool
grave_drops(enum grave_state g)
{
	return g == GRAVE_SEALING || g == GRAVE_BASE;
}

/* Asked once for each map key that occurs, and for the person of the record. of NULL: no
 * graves. core/erase.h offers graves_test() over a sorted array. */
struct grave_test {
	enum grave_state (*of)(const void *ctx, uint64_t person_key);
	const void *ctx;
};

/* --- inputs --------------------------------------------------------------------- */

/* One opened op of the record. */
struct record_op {
	struct dot dot;
	bool is_pending;     /* not yet seen in a pull; else base */
	size_t sealed_bytes; /* length of the op on the wire */
	size_t n_dots;       /* what it supersedes, in any order */
	const struct dot *dots;
	const struct body *body;
};

/* Names first .. first+count-1 of one agent that a dirty entry replaces. */
struct seen_names {
	uint64_t agent;
	uint32_t first;
	uint32_t count;
	bool is_unsealed; /* of a dirty entry: it never left this laptop under our hand */
};

/* An edit that is saved but not sealed. At most one per field or map key of a record: a
 * second edit replaces the first (record_edit). seen: oldest first. */
struct record_dirty {
	struct entry entry;
	size_t n_seen;
	const struct seen_names *seen;
};

/* Everything the author's view of one record is made of. ops: in lsn order, then pending
 * in order of sealing. All of one scope and record tag, opened, checked against the
 * schema; quarantined ops and such whose signer may not write the kind are left out, and
 * so are pending ops that a doa of base names. */
struct record_input {
	uint16_t kind;
	struct record_id record;
	bool has_person;
	struct person_key person;
	bool is_audit; /* class of the kind: ops cannot be superseded */
	size_t n_ops;
	const struct record_op *ops;
	size_t n_dirty;
	const struct record_dirty *dirty;
	struct grave_test graves;
	/* Is it a text field? Names of a text are never cut. NULL = only fields in which
	 * a run is seen. */
	bool (*is_text)(uint16_t kind, uint16_t field);
};

/* --- view ----------------------------------------------------------------------- */

/* A live entry. A run of which characters were superseded is given in pieces: a later
 * piece keeps its characters' names and hangs on the character before it, which may no
 * longer be there (core/text_crdt.h reads that). */
struct record_entry {
	const struct entry *entry;
	const struct record_op *op; /* the first op that holds it; NULL: dirty only */
	bool is_dirty;
	bool is_twin;           /* one name, two contents: a finding (SECURITY 9.5.7) */
	bool is_repeat;         /* says the same as an earlier entry of the cell */
	enum grave_state grave; /* of its map key */
};

/* One field or map key that has a live entry. */
struct record_cell {
	uint16_t field;
	bool has_key;
	uint64_t key;
	size_t n;        /* >= 1; by name ascending, twins by content */
	size_t n_values; /* different ones; more than 1 is a conflict, unless a text */
	const struct record_entry *entries;
};

struct record_view {
	const struct record_input *input; /* borrowed */
	enum grave_state grave;           /* of the person; hides: no cells */
	size_t n_live; /* ops that are not superseded; 0 if grave_drops(grave) */
	const struct record_op *const *live;
	size_t live_bytes; /* sum of their sealed_bytes */
	/* All live entries by (field, key, name), those of erased map keys too. */
	size_t n_entries;
	const struct record_entry *entries;
	/* What may be shown: the same without erased map keys. */
	size_t n_cells;
	const struct record_cell *cells;
	/* Ranges of superseded entries that an op of the input still holds; for sealing.
	 * By (field, agent, first). */
	size_t n_held;
	const struct held_names *held;
};

/* in: borrowed, must outlive the view. */
status record_view(struct arena *a, const struct record_input *in,
    struct record_view *out, struct trouble *t);

/* NULL when nothing is written there, or it is erased. */
const struct record_cell *record_cell_find(
    const struct record_view *v, uint16_t field, bool has_key, uint64_t key);
static inline const struct record_cell *
record_field(const struct record_view *v, uint16_t field)
{
	return record_cell_find(v, field, false, 0);
}

/* Writes the first entry of each different value to distinct (room for n_values) and
 * returns n_values. */
size_t record_distinct(
    const struct record_cell *cell, const struct record_entry **distinct);

/* Names that an entry takes: characters of a run (at least 1), else 1. The next entry of
 * the same agent has the index after them. */
uint32_t record_names_of(const struct value *value);

/* --- edits ---------------------------------------------------------------------- */

struct record_write {
	uint16_t field;
	bool has_key;
	uint64_t key;
	struct value value;
	struct entry_name
	    name; /* fresh agent; drawn once for all that is saved at once */
	struct hlc time;
	struct author by;
	bool writes_equal; /* write although the only present value is the same */
};

struct record_edit_result {
	bool is_needed; /* false: equal to the only present value, nothing to store */
	/* Store it and delete every other dirty entry of the same field or map key, in
	 * one transaction: their names are among seen. */
	struct record_dirty dirty;
};

/* An edit made by somebody who saw the view (which includes the dirty entries).
 * ST_NOT_FOUND: the person of the record or of the map key was erased. */
status record_edit(struct arena *a, const struct record_view *v,
    const struct record_write *w, struct record_edit_result *out, struct trouble *t);

/* As record_edit, always written, but ST_CHANGED if the siblings of now are not exactly
 * those whose names were shown (any order). */
status record_resolve(struct arena *a, const struct record_view *v,
    const struct record_write *w, size_t n_shown, const struct entry_name *shown,
    struct record_edit_result *out, struct trouble *t);

/* --- sealing ---------------------------------------------------------------------- */

/* DESIGN 4.2; a simulator may choose harder ones.
 *
 * What writing whole costs. A text of 48 KiB after 5,000 edits, each sent by itself, is
 * a whole op of 115 to 175 KB: 40,000 are agents, which are random, the rest are words,
 * places and times, compressed. It is written anew once more than live_ops are live, so
 * by every 65th edit: 2 to 3 KB an edit beside the 0.4 KB of the edit itself, and who
 * sends that 65th at 5 KB/s waits half a minute. Readers get the whole op once and then
 * small ones. size_factor does not make it more often, since live ops would have to be
 * four times as large as the text. A shorter live_ops would only help who comes anew. */
struct record_limits {
	size_t whole_bytes;    /* a record up to this size is always written whole */
	size_t live_ops;       /* more live ops than this: whole */
	size_t size_factor;    /* live ops larger than this times the whole op: whole */
	size_t names_kept;     /* superseded names per field or map key */
	size_t dots_max;       /* ops superseded by one op, <= OP_DOTS_MAX */
	size_t entries_max;    /* of one body */
	size_t gone_max;       /* rows of one body */
	size_t body_bytes_max; /* as size_of() counts, and 18 for each op superseded */
	/* Of a body above one of these three, which goes in a batch of its own: */
	size_t long_entries_max;
	size_t long_bytes_max; /* as packed_of() counts */
};

extern const struct record_limits record_limits_default;

/* Length of a body in bytes as sealing would see it before padding. size_of is asked for
 * every op; it may count what it is before compression, and does so above 8 times
 * whole_bytes. packed_of compresses, SIZE_MAX for what no op can hold; asked only for a
 * body above body_bytes_max. NULL: there are no such ops. */
struct body_measure {
	size_t (*size_of)(const void *ctx, const struct body *body);
	size_t (*packed_of)(const void *ctx, const struct body *body);
	const void *ctx;
};

struct record_sealing {
	bool is_needed;   /* false: nothing to seal; dirty entries, if any, may go */
	bool is_whole;    /* carries on the whole record; else perhaps some of its ops */
	struct body body; /* agent 0: no entry is the signer's own new one */
	size_t n_dots;    /* superseded, strictly ascending */
	const struct dot *dots;
	size_t n_unlisted; /* whole: live ops left over because of dots_max */
	size_t n_cut;      /* superseded names forgotten by the cap */
	size_t n_erased;   /* entries left out because of a grave */
};

/* The op for the dirty entries of the view.
 *
 * Whole or small as DESIGN 4.2 says; where more than live_ops are live and one op cannot
 * hold the record, it takes the place of as many of the smallest as fit together; an
 * audit record is always small, nothing of it is carried on. All dirty entries of the
 * input are done with once the op is stored as pending: what it does not hold has a grave
 * in base. A record whose person has a grave in base is not sealed at all (is_needed
 * false).
 *
 * The cap: of the names superseded in a field without map keys the newest names_kept
 * stay; of a map field the newest names_kept times the number of keys in it, because a
 * superseded name does not say its key (SECURITY 9.1). Newest is the order of the bodies'
 * gone lists, ops in the order of the input, dirty entries last; names never sealed count
 * as oldest. Never cut: a name whose entry an op of the input still holds (also one that
 * only a pending op supersedes, which may be refused), and any name of a text field.
 *
 * ST_LIMIT: even the small op is larger than the limits allow. */
status record_seal(struct arena *a, const struct record_view *v,
    const struct record_limits *l, const struct body_measure *m,
    struct record_sealing *out, struct trouble *t);

struct compaction {
	uint64_t agent; /* fresh; for the body of an op that brings no entry of its own */
	size_t dots_skip; /* live ops that earlier compactions of the same view listed:
			   * more than dots_max ops are removed by several whole ops */
};

/* A whole op whatever the sizes, with the dirty entries if there are any: for an erasure,
 * and for a coordinator's device that found a mark of an erased person.
 *
 * is_needed is false if no live op is left to list. ST_LIMIT as above, ST_NOT_ALLOWED for
 * an audit record. */
status record_compact(struct arena *a, const struct record_view *v,
    const struct record_limits *l, const struct body_measure *m,
    const struct compaction *how, struct record_sealing *out, struct trouble *t);

/* --- what a reader checks ----------------------------------------------------------- */

enum carried_fault {
	CARRIED_DROPPED, /* neither carried on nor named as superseded */
	CARRIED_CHANGED  /* the name stands beside another content */
};

struct carried_finding {
	enum carried_fault fault;
	const struct record_op *held; /* the op we held */
	const struct entry *entry;    /* its entry */
};

struct carried_findings {
	size_t n;
	const struct carried_finding *items;
};

/* SECURITY 9.5.8: compares an op with the ops of the same record that it supersedes and
 * that we held. Each of their live entries must be carried on unchanged or be named in
 * its gone list, or belong to a grave. held may contain other ops too: they are passed
 * over. Not for audit records: a dot on their ops has no effect. */
status record_check_carried(struct arena *a, const struct record_op *op, size_t n_held,
    const struct record_op *held, const struct grave_test *graves,
    struct carried_findings *out, struct trouble *t);

/* Does an op or a dirty entry of the input say that the entry of this name was replaced?
 * What was shown, is shown no more and is not replaced either has lost its cause
 * (SECURITY 9.5.3). */
bool record_is_replaced(
    const struct record_input *in, uint16_t field, struct entry_name name);

#endif
