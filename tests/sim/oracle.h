/* oracle.h - what every replica must show, computed from the definition alone (DESIGN 4.1
 * and 4.2, RELIABILITY 2). Slow and plain on purpose: it keeps every op ever issued and
 * every entry ever saved, and answers each question from nothing. It shares no code and
 * no data structure with core/merge.c, core/record.c or the stores. Pure but for malloc.
 *
 * Entries, ops and batches are named here by their number in order of appearance. */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "core/entry.h"
#include "core/op.h"

enum {
	ORACLE_BATCHES_MAX = 512,
	ORACLE_OPS_MAX = 1536,
	ORACLE_GRAVES_MAX = 32,
	ORACLE_NONE = -1
};

struct oracle;

/* A set B of batches, by number. A server that was rolled back and joined with what a
 * laptop knew holds batches of which ops are missing: the laptop knew that they are dead,
 * but nobody can say any more what they superseded. For a set that was never joined has[]
 * alone counts. */
struct batch_set {
	bool has[ORACLE_BATCHES_MAX];
	bool is_dumb[ORACLE_OPS_MAX];     /* came without content: supersedes nothing */
	bool is_dead[ORACLE_OPS_MAX];     /* known to be dead by a claim, or will be */
	bool is_tame[ORACLE_BATCHES_MAX]; /* its erases hide nothing: they may be refused
					   */
	size_t n_graves;
	struct oracle_grave {
		uint16_t scope;
		struct tag subject;
	} graves[ORACLE_GRAVES_MAX]; /* known without their erase op */
};

/* A record as the definition knows it: its tag in its scope; and of whom it is (the
 * person's key, 0 = nobody), which does not count when records are compared. */
struct oracle_record {
	uint16_t scope;
	struct tag tag;
	uint64_t person;
};

/* A list of entry numbers without duplicates, ascending. */
struct oracle_list {
	size_t n;
	size_t cap;
	int *at; /* owned; oracle_list_free */
};

/* What the check against the history of edits found besides failures. */
struct oracle_ideal {
	uint64_t entries;   /* looked at */
	uint64_t back;      /* settled siblings that a forgotten name brought back */
	uint64_t loose_end; /* in state only because the edit between them is not in B */
};

struct oracle *oracle_new(void);
void oracle_free(struct oracle *o); /* NULL is legal */
/* Forgets everything, keeps the memory: one oracle serves many schedules. */
void oracle_clear(struct oracle *o);
/* The text of the last failure; "" when there was none. */
const char *oracle_failure(const struct oracle *o);

/* An entry was saved on a laptop; seen are the numbers of the entries that its author
 * saw in that field or map key, with what a replaced dirty entry had seen, and that entry
 * itself. Returns its number. e's bytes are copied. */
int oracle_saved(struct oracle *o, const struct oracle_record *r, const struct entry *e,
    const int *seen, size_t n_seen);
/* Number of the entry of this name, or ORACLE_NONE. */
int oracle_entry_number(const struct oracle *o, struct entry_name name);
const struct entry *oracle_entry(const struct oracle *o, int number);
/* The numbers that oracle_saved was given; borrowed. */
const struct oracle_list *oracle_seen(const struct oracle *o, int number);

/* A batch was sealed; bodies[i] is the plaintext of ops[i] (ignored for an erase).
 * Returns its number, or ORACLE_NONE with a failure text: an unknown entry or dot, an
 * entry whose content is not what its author saved, too many batches. */
int oracle_issued(struct oracle *o, const struct batch_id *id, const struct batch *b,
    const struct body *const *bodies);
int oracle_batch_number(const struct oracle *o, const struct short_id *id);
size_t oracle_batches(const struct oracle *o);

/* Was the batch accepted by a server at some time? Then its graves excuse what is
 * missing, even where a rollback forgot them. */
void oracle_accepted(struct oracle *o, int batch);

/* --- the definition --- */

/* Works Live(B) out, for the questions that follow; any other question about a set ends
 * it. Erase ops are in no Live. */
void oracle_mark(struct oracle *o, const struct batch_set *b);
bool oracle_is_live_marked(const struct oracle *o, int batch, uint8_t index);
size_t oracle_live_count(struct oracle *o, const struct batch_set *b);
bool oracle_has_grave(const struct oracle *o, const struct batch_set *b, uint16_t scope,
    const struct tag *subject);
/* State(r, B) as entry numbers, into out (reused, any former content dropped). */
void oracle_state(struct oracle *o, const struct batch_set *b,
    const struct oracle_record *r, struct oracle_list *out);
/* Is the entry under a grave in B, its own key's or its record's person's? */
bool oracle_is_erased(const struct oracle *o, const struct batch_set *b, int entry);
/* Does a live op of its record call the entry superseded? */
bool oracle_is_settled(struct oracle *o, const struct batch_set *b, int entry);

/* Adds a grave that is known without its op (the list kept outside the backups). */
void oracle_add_grave(struct batch_set *b, uint16_t scope, const struct tag *subject);

/* The set after the join of RELIABILITY 2 with a laptop whose base is the set `base`, and
 * that remembers the ids in `knows` of it (those that a pull has shown; of batches whose
 * ops were all dead by then it never heard). */
void oracle_join(struct oracle *o, struct batch_set *b, const struct batch_set *base,
    const bool knows[static ORACLE_BATCHES_MAX]);

/* --- checks; false with a failure text --- */

/* The author sealed batch number `batch` when he knew `known` (base and pending, without
 * this batch) of which `base` came from the server, with the dirty entries `dirty` of all
 * records of the batch. Checks that each op lists only live ops of its record, that State
 * changes by the dirty entries alone, that no mark of a grave in base is carried on, and
 * that the cap cut only names it may cut. cap: names kept per field or map key. */
bool oracle_check_sealed(struct oracle *o, int batch, const struct batch_set *known,
    const struct batch_set *base, const struct oracle_list *dirty, size_t cap);
/* State(r, B) against the history of edits alone, without carry-on, cap or compaction:
 * nothing lost, nothing back without a forgotten name. Adds to *sum. */
bool oracle_check_ideal(struct oracle *o, const struct batch_set *b,
    const struct oracle_record *r, struct oracle_ideal *sum);
/* Is the entry in some op of B, or replaced by an entry that is, or erased? */
bool oracle_is_kept(struct oracle *o, const struct batch_set *b, int entry);

/* Stand-in for the tag of a person in a scope, and back. */
struct tag oracle_subject(uint16_t scope, uint64_t key);

void oracle_list_free(struct oracle_list *l);
bool oracle_list_has(const struct oracle_list *l, int number);
void oracle_list_add(struct oracle_list *l, int number);
bool oracle_list_equal(const struct oracle_list *a, const struct oracle_list *b);

#endif
