/* oracle_rows.h - the oracle's lists, for oracle.c and oracle_check.c only. */
#ifndef SIM_ORACLE_ROWS_H
#define SIM_ORACLE_ROWS_H

#include "oracle.h"

enum { ORACLE_VALUE_BYTES = 48, ORACLE_FAILURE_BYTES = 400 };

/* An entry that was saved once, wherever it travelled since. */
struct saved {
	struct oracle_record record;
	struct entry entry; /* value.bytes points to text */
	uint8_t text[ORACLE_VALUE_BYTES];
	struct oracle_list seen;
	bool is_forgotten; /* a writer's cap cut its name once */
};

/* Names first .. first+count-1 of an agent that an op calls superseded. */
struct gone_row {
	uint16_t field;
	uint64_t agent;
	uint32_t first;
	uint32_t count;
};

struct issued_op {
	int batch;
	uint8_t index;
	bool is_erase;
	enum retention retention;
	struct oracle_record record;
	bool has_subject;
	struct tag subject;
	size_t n_kills;
	int *kills; /* op numbers, whatever record they belong to */
	struct oracle_list entries;
	size_t n_gone;
	struct gone_row *gone;
};

struct issued_batch {
	struct batch_id id;
	uint16_t scope;
	int first_op;
	int n_ops;
	bool was_accepted;
};

struct oracle {
	size_t n_saved, cap_saved;
	struct saved *saved;
	size_t n_ops, cap_ops;
	struct issued_op *ops;
	size_t n_erases;
	int erases[ORACLE_OPS_MAX]; /* the ops that are erases, by number */
	size_t n_batches;
	struct issued_batch batches[ORACLE_BATCHES_MAX];
	bool *live; /* scratch of oracle_mark, n_ops of them */
	size_t cap_live;
	bool *gone; /* scratch of oracle_mark_gone, n_saved of them */
	size_t cap_gone;
	char failure[ORACLE_FAILURE_BYTES];
};

/* Fills o->gone: the entries of r whose name a marked live op calls superseded. */
void oracle_mark_gone(struct oracle *o, const struct oracle_record *r);
bool oracle_record_equal(const struct oracle_record *a, const struct oracle_record *b);
bool oracle_op_is_of(const struct issued_op *op, const struct oracle_record *r);
bool oracle_op_names_gone(const struct issued_op *op, struct entry_name name);
/* Does a grave in B cover this entry: its record's subject or its map key's? */
bool oracle_is_graved(
    const struct oracle *o, const struct batch_set *b, const struct saved *s);
/* Sets the failure text; always false. */
bool oracle_fail(struct oracle *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
