/* oracle.c - the lists of everything issued, and Live and State by their definition.
 * Every question walks the lists from the beginning; nothing is kept up to date. */
#include "oracle_rows.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- lists of numbers --- */

void
oracle_list_free(struct oracle_list *l)
{
	free(l->at);
	*l = (struct oracle_list){0};
}

bool
oracle_list_has(const struct oracle_list *l, int number)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->at[i] == number)
			return true;
	}
	return false;
}

void
oracle_list_add(struct oracle_list *l, int number)
{
	size_t i = l->n;

	if (oracle_list_has(l, number))
		return;
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 8 : 2 * l->cap;
		l->at = realloc(l->at, l->cap * sizeof *l->at);
		assert(l->at != NULL);
	}
	for (; i > 0 && l->at[i - 1] > number; i--)
		l->at[i] = l->at[i - 1];
	l->at[i] = number;
	l->n++;
}

bool
oracle_list_equal(const struct oracle_list *a, const struct oracle_list *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->at, b->at, a->n * sizeof *a->at) == 0);
}

/* --- life --- */

struct oracle *
oracle_new(void)
{
	struct oracle *o = calloc(1, sizeof *o);

	assert(o != NULL);
	return o;
}

void
oracle_clear(struct oracle *o)
{
	for (size_t i = 0; i < o->n_saved; i++)
		oracle_list_free(&o->saved[i].seen);
	for (size_t i = 0; i < o->n_ops; i++) {
		free(o->ops[i].kills);
		free(o->ops[i].gone);
		oracle_list_free(&o->ops[i].entries);
	}
	o->n_saved = 0;
	o->n_ops = 0;
	o->n_erases = 0;
	o->n_batches = 0;
	o->failure[0] = '\0';
}

void
oracle_free(struct oracle *o)
{
	if (o == NULL)
		return;
	oracle_clear(o);
	free(o->saved);
	free(o->ops);
	free(o->live);
	free(o->gone);
	free(o);
}

const char *
oracle_failure(const struct oracle *o)
{
	return o->failure;
}

bool
oracle_fail(struct oracle *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(o->failure, sizeof o->failure, format, args);
	va_end(args);
	return false;
}

struct tag
oracle_subject(uint16_t scope, uint64_t key)
{
	struct tag t = {{'s', 'u', 'b', 'j'}};

	put_u16(t.bytes + 6, scope);
	put_u64(t.bytes + 8, key);
	return t;
}

/* --- entries as they are saved --- */

int
oracle_entry_number(const struct oracle *o, struct entry_name name)
{
	/* Backwards: most questions are about what was saved last. */
	for (size_t i = o->n_saved; i > 0; i--) {
		if (entry_name_equal(o->saved[i - 1].entry.name, name))
			return (int)(i - 1);
	}
	return ORACLE_NONE;
}

const struct entry *
oracle_entry(const struct oracle *o, int number)
{
	/* The row may have moved since its text was copied. */
	struct saved *s = &o->saved[number];

	s->entry.value.bytes.bytes = s->text;
	return &s->entry;
}

const struct oracle_list *
oracle_seen(const struct oracle *o, int number)
{
	return &o->saved[number].seen;
}

int
oracle_saved(struct oracle *o, const struct oracle_record *r, const struct entry *e,
    const int *seen, size_t n_seen)
{
	struct saved *s;

	assert(oracle_entry_number(o, e->name) == ORACLE_NONE);
	assert(e->value.bytes.len <= ORACLE_VALUE_BYTES);
	if (o->n_saved == o->cap_saved) {
		o->cap_saved = o->cap_saved == 0 ? 256 : 2 * o->cap_saved;
		o->saved = realloc(o->saved, o->cap_saved * sizeof *o->saved);
		assert(o->saved != NULL);
	}
	s = &o->saved[o->n_saved++];
	*s = (struct saved){.record = *r, .entry = *e};
	if (e->value.bytes.len > 0)
		memcpy(s->text, e->value.bytes.bytes, e->value.bytes.len);
	for (size_t i = 0; i < n_seen; i++)
		oracle_list_add(&s->seen, seen[i]);
	return (int)(o->n_saved - 1);
}

/* --- batches as they are issued --- */

int
oracle_batch_number(const struct oracle *o, const struct short_id *id)
{
	for (size_t i = o->n_batches; i > 0; i--) {
		if (memcmp(o->batches[i - 1].id.bytes, id->bytes, sizeof id->bytes) == 0)
			return (int)(i - 1);
	}
	return ORACLE_NONE;
}

size_t
oracle_batches(const struct oracle *o)
{
	return o->n_batches;
}

void
oracle_accepted(struct oracle *o, int batch)
{
	o->batches[batch].was_accepted = true;
}

static int
op_number(const struct oracle *o, const struct dot *d)
{
	int batch = oracle_batch_number(o, &d->batch);

	if (batch == ORACLE_NONE || d->index >= o->batches[batch].n_ops)
		return ORACLE_NONE;
	return o->batches[batch].first_op + d->index;
}

/* A carried entry keeps its author's content to the bit. */
static bool
take_entry(struct oracle *o, struct issued_op *op, const struct entry *e)
{
	int number = oracle_entry_number(o, e->name);
	const struct entry *was;

	if (number == ORACLE_NONE)
		return oracle_fail(o, "an op brings an entry that nobody saved");
	was = oracle_entry(o, number);
	if (was->field != e->field || was->has_key != e->has_key || was->key != e->key)
		return oracle_fail(o, "entry %d changed its field or key", number);
	if (hlc_compare(was->time, e->time) != 0)
		return oracle_fail(o, "entry %d changed its time", number);
	if (was->by.home != e->by.home || was->by.device != e->by.device)
		return oracle_fail(o, "entry %d changed its author", number);
	if (!value_equal(&was->value, &e->value))
		return oracle_fail(o, "entry %d changed its value", number);
	if (!oracle_op_is_of(op, &o->saved[number].record))
		return oracle_fail(o, "entry %d moved to another record", number);
	oracle_list_add(&op->entries, number);
	return true;
}

static bool
take_body(struct oracle *o, struct issued_op *op, const struct body *body)
{
	op->gone = calloc(body->n_gone + body->n_entries + 1, sizeof *op->gone);
	assert(op->gone != NULL);
	for (size_t i = 0; i < body->n_gone; i++) {
		op->gone[op->n_gone++] = (struct gone_row){body->gone[i].field,
		    body->gone[i].agent, body->gone[i].first, body->gone[i].count};
	}
	for (size_t i = 0; i < body->n_entries; i++) {
		const struct entry *e = &body->entries[i];

		/* A hollow run names what was superseded, with its place. */
		if (e->value.hollow > 0)
			op->gone[op->n_gone++] = (struct gone_row){
			    e->field, e->name.agent, e->name.index, e->value.hollow};
		else if (!take_entry(o, op, e))
			return false;
	}
	return true;
}

static bool
take_kills(struct oracle *o, struct issued_op *to, const struct op *from)
{
	to->kills = calloc(from->n_dots + 1, sizeof *to->kills);
	assert(to->kills != NULL);
	for (size_t i = 0; i < from->n_dots; i++) {
		int victim = op_number(o, &from->dots[i]);

		if (victim == ORACLE_NONE)
			return oracle_fail(
			    o, "an op supersedes an op that nobody issued");
		to->kills[to->n_kills++] = victim;
	}
	return true;
}

static struct issued_op *
next_op(struct oracle *o)
{
	if (o->n_ops == o->cap_ops) {
		o->cap_ops = o->cap_ops == 0 ? 256 : 2 * o->cap_ops;
		o->ops = realloc(o->ops, o->cap_ops * sizeof *o->ops);
		assert(o->ops != NULL);
	}
	o->ops[o->n_ops] = (struct issued_op){0};
	return &o->ops[o->n_ops++];
}

int
oracle_issued(struct oracle *o, const struct batch_id *id, const struct batch *b,
    const struct body *const *bodies)
{
	struct issued_batch *row;

	if (o->n_batches == ORACLE_BATCHES_MAX || o->n_ops + b->n_ops > ORACLE_OPS_MAX) {
		oracle_fail(o, "more batches than the oracle keeps");
		return ORACLE_NONE;
	}
	row = &o->batches[o->n_batches];
	*row = (struct issued_batch){*id, b->scope, (int)o->n_ops, (int)b->n_ops, false};
	for (size_t i = 0; i < b->n_ops; i++) {
		const struct op *from = &b->ops[i];
		struct issued_op *to = next_op(o);

		to->batch = (int)o->n_batches;
		to->index = (uint8_t)i;
		to->is_erase = from->type == OP_ERASE;
		to->retention = from->retention;
		to->record = (struct oracle_record){b->scope, from->record, 0};
		to->has_subject = from->has_subject;
		to->subject = from->subject;
		if (to->is_erase)
			o->erases[o->n_erases++] = (int)(o->n_ops - 1);
		if (!take_kills(o, to, from))
			return ORACLE_NONE;
		if (!to->is_erase && !take_body(o, to, bodies[i]))
			return ORACLE_NONE;
	}
	return (int)o->n_batches++;
}

/* --- the definition --- */

bool
oracle_record_equal(const struct oracle_record *a, const struct oracle_record *b)
{
	return a->scope == b->scope && ID_EQUAL(&a->tag, &b->tag);
}

bool
oracle_op_is_of(const struct issued_op *op, const struct oracle_record *r)
{
	return !op->is_erase && oracle_record_equal(&op->record, r);
}

bool
oracle_op_names_gone(const struct issued_op *op, struct entry_name name)
{
	for (size_t i = 0; i < op->n_gone; i++) {
		const struct gone_row *g = &op->gone[i];

		if (g->agent == name.agent && name.index >= g->first &&
		    name.index - g->first < g->count)
			return true;
	}
	return false;
}

bool
oracle_has_grave(const struct oracle *o, const struct batch_set *b, uint16_t scope,
    const struct tag *subject)
{
	for (size_t i = 0; i < b->n_graves; i++) {
		if (b->graves[i].scope == scope &&
		    ID_EQUAL(&b->graves[i].subject, subject))
			return true;
	}
	for (size_t i = 0; i < o->n_erases; i++) {
		const struct issued_op *op = &o->ops[o->erases[i]];

		if (b->has[op->batch] && !b->is_tame[op->batch] &&
		    op->record.scope == scope && ID_EQUAL(&op->subject, subject))
			return true;
	}
	return false;
}

void
oracle_mark(struct oracle *o, const struct batch_set *b)
{
	if (o->cap_live < o->n_ops) {
		o->cap_live = 2 * o->n_ops;
		o->live = realloc(o->live, o->cap_live * sizeof *o->live);
		assert(o->live != NULL);
	}
	for (size_t i = 0; i < o->n_ops; i++) {
		const struct issued_op *op = &o->ops[i];

		o->live[i] = b->has[op->batch] && !op->is_erase && !b->is_dead[i] &&
			     !(op->has_subject &&
				 oracle_has_grave(o, b, op->record.scope, &op->subject));
	}
	for (size_t i = 0; i < o->n_ops; i++) {
		const struct issued_op *killer = &o->ops[i];

		if (!b->has[killer->batch] || b->is_dumb[i])
			continue;
		for (size_t k = 0; k < killer->n_kills; k++) {
			const struct issued_op *victim = &o->ops[killer->kills[k]];

			if (oracle_op_is_of(victim, &killer->record) &&
			    victim->retention != RETAIN_AUDIT)
				o->live[killer->kills[k]] = false;
		}
	}
}

bool
oracle_is_live_marked(const struct oracle *o, int batch, uint8_t index)
{
	return index < o->batches[batch].n_ops &&
	       o->live[o->batches[batch].first_op + index];
}

size_t
oracle_live_count(struct oracle *o, const struct batch_set *b)
{
	size_t n = 0;

	oracle_mark(o, b);
	for (size_t i = 0; i < o->n_ops; i++)
		n += o->live[i];
	return n;
}

bool
oracle_is_graved(const struct oracle *o, const struct batch_set *b, const struct saved *s)
{
	struct tag subject = oracle_subject(s->record.scope, s->entry.key);

	return s->entry.has_key && oracle_has_grave(o, b, s->record.scope, &subject);
}

void
oracle_mark_gone(struct oracle *o, const struct oracle_record *r)
{
	if (o->cap_gone < o->n_saved) {
		o->cap_gone = 2 * o->n_saved;
		o->gone = realloc(o->gone, o->cap_gone * sizeof *o->gone);
		assert(o->gone != NULL);
	}
	for (size_t e = 0; e < o->n_saved; e++)
		o->gone[e] = false;
	for (size_t i = 0; i < o->n_ops; i++) {
		if (!o->live[i] || !oracle_op_is_of(&o->ops[i], r))
			continue;
		for (size_t e = 0; e < o->n_saved; e++) {
			if (oracle_record_equal(&o->saved[e].record, r) &&
			    oracle_op_names_gone(&o->ops[i], o->saved[e].entry.name))
				o->gone[e] = true;
		}
	}
}

void
oracle_state(struct oracle *o, const struct batch_set *b, const struct oracle_record *r,
    struct oracle_list *out)
{
	out->n = 0;
	oracle_mark(o, b);
	oracle_mark_gone(o, r);
	for (size_t i = 0; i < o->n_ops; i++) {
		const struct issued_op *op = &o->ops[i];

		if (!o->live[i] || !oracle_op_is_of(op, r))
			continue;
		for (size_t k = 0; k < op->entries.n; k++) {
			int e = op->entries.at[k];

			if (!o->gone[e] && !oracle_is_graved(o, b, &o->saved[e]))
				oracle_list_add(out, e);
		}
	}
}

bool
oracle_is_settled(struct oracle *o, const struct batch_set *b, int entry)
{
	oracle_mark(o, b);
	oracle_mark_gone(o, &o->saved[entry].record);
	return o->gone[entry];
}

bool
oracle_is_erased(const struct oracle *o, const struct batch_set *b, int entry)
{
	const struct saved *s = &o->saved[entry];
	const struct tag subject = oracle_subject(s->record.scope, s->record.person);

	return oracle_is_graved(o, b, s) ||
	       (s->record.person != 0 &&
		   oracle_has_grave(o, b, s->record.scope, &subject));
}

/* --- recovery --- */

void
oracle_add_grave(struct batch_set *b, uint16_t scope, const struct tag *subject)
{
	for (size_t i = 0; i < b->n_graves; i++) {
		if (b->graves[i].scope == scope &&
		    ID_EQUAL(&b->graves[i].subject, subject))
			return;
	}
	assert(b->n_graves < ORACLE_GRAVES_MAX);
	b->graves[b->n_graves++] = (struct oracle_grave){scope, *subject};
}

/* Superseded in a set that does not have its batch: then the base has it as doa. */
static bool
is_awaited_dead(const struct oracle *o, const struct batch_set *base, size_t victim)
{
	const struct issued_op *v = &o->ops[victim];

	if (base->has[v->batch] || v->is_erase || v->retention == RETAIN_AUDIT)
		return false;
	if (base->is_dead[victim])
		return true;
	for (size_t i = 0; i < o->n_ops; i++) {
		const struct issued_op *killer = &o->ops[i];

		if (!base->has[killer->batch] || base->is_dumb[i] ||
		    !oracle_op_is_of(v, &killer->record))
			continue;
		for (size_t k = 0; k < killer->n_kills; k++) {
			if (killer->kills[k] == (int)victim)
				return true;
		}
	}
	return false;
}

/* What the laptop says of one op. o->live is marked for its base. */
static void
join_op(struct oracle *o, struct batch_set *b, const struct batch_set *base,
    const bool *knows, size_t i)
{
	const struct issued_op *op = &o->ops[i];

	if (is_awaited_dead(o, base, i))
		b->is_dead[i] = true;
	if (op->is_erase || !knows[op->batch] || o->live[i])
		return;
	if (!b->has[op->batch]) {
		b->is_dumb[i] = true;
		b->is_dead[i] = true;
	} else if (op->retention != RETAIN_AUDIT) {
		b->is_dead[i] = true;
	}
}

void
oracle_join(struct oracle *o, struct batch_set *b, const struct batch_set *base,
    const bool knows[static ORACLE_BATCHES_MAX])
{
	oracle_mark(o, base);
	for (size_t i = 0; i < o->n_ops; i++)
		join_op(o, b, base, knows, i);
	for (size_t i = 0; i < base->n_graves; i++)
		oracle_add_grave(b, base->graves[i].scope, &base->graves[i].subject);
	for (size_t i = 0; i < o->n_erases; i++) {
		const struct issued_op *op = &o->ops[o->erases[i]];

		if (base->has[op->batch])
			oracle_add_grave(b, op->record.scope, &op->subject);
	}
	for (size_t i = 0; i < o->n_batches; i++)
		b->has[i] |= knows[i];
}
