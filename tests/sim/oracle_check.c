/* oracle_check.c - what a sealed op may do, and State against the history of edits. */
#include "oracle_rows.h"

#include <assert.h>
#include <stdlib.h>

/* --- what a sealed batch may do (RELIABILITY 2, seal) --- */

/* The question of one op of a new batch. */
struct sealing {
	struct oracle *o;
	const struct issued_op *op;
	const struct batch_set *known;  /* in the author's view, without this batch */
	const struct batch_set *after;  /* known and this batch */
	const struct batch_set *graves; /* whose graves let him leave something out */
	const struct oracle_list *dirty;
	size_t cap;
};

/* Has a dot any effect? Not on other records, and not on class audit. */
static bool
may_kill(const struct sealing *s, const struct issued_op *victim)
{
	return oracle_op_is_of(victim, &s->op->record) &&
	       victim->retention != RETAIN_AUDIT;
}

/* Every op of its record that it lists was live in its author's view. */
static bool
kills_what_was_seen(const struct sealing *s)
{
	struct oracle *o = s->o;

	if (s->op->n_kills > OP_DOTS_MAX)
		return oracle_fail(o, "an op lists %zu ops", s->op->n_kills);
	oracle_mark(o, s->known);
	for (size_t i = 0; i < s->op->n_kills; i++) {
		int victim = s->op->kills[i];

		if (may_kill(s, &o->ops[victim]) && !o->live[victim])
			return oracle_fail(
			    o, "an op lists op %d, which is not live", victim);
	}
	return true;
}

/* A whole op lists ops of its record, a small one does not. */
static bool
is_whole(const struct sealing *s)
{
	for (size_t i = 0; i < s->op->n_kills; i++) {
		if (may_kill(s, &s->o->ops[s->op->kills[i]]))
			return true;
	}
	return false;
}

/* Does a dirty entry of this record list entry number n as seen? */
static bool
dirty_lists(const struct sealing *s, int n)
{
	for (size_t i = 0; i < s->dirty->n; i++) {
		const struct saved *d = &s->o->saved[s->dirty->at[i]];

		if (oracle_op_is_of(s->op, &d->record) && oracle_list_has(&d->seen, n))
			return true;
	}
	return false;
}

/* State before, minus what the dirty entries list, plus the dirty entries; without what
 * an erase in the same batch hides. */
static void
expected_state(const struct sealing *s, struct oracle_list *out)
{
	struct oracle *o = s->o;
	struct oracle_list before = {0};

	oracle_state(o, s->known, &s->op->record, &before);
	out->n = 0;
	for (size_t i = 0; i < before.n; i++) {
		if (!dirty_lists(s, before.at[i]) &&
		    !oracle_is_graved(o, s->after, &o->saved[before.at[i]]))
			oracle_list_add(out, before.at[i]);
	}
	/* oracle_state left the marks of Live and of superseded names. */
	for (size_t i = 0; i < s->dirty->n; i++) {
		int n = s->dirty->at[i];
		const struct saved *d = &o->saved[n];

		if (oracle_op_is_of(s->op, &d->record) && !dirty_lists(s, n) &&
		    !o->gone[n] && !oracle_is_graved(o, s->after, d))
			oracle_list_add(out, n);
	}
	oracle_list_free(&before);
}

/* The record has no state: its person is erased, at the latest in this batch. */
static bool
is_hidden(const struct sealing *s)
{
	return s->op->has_subject &&
	       oracle_has_grave(s->o, s->after, s->op->record.scope, &s->op->subject);
}

static bool
changes_state_by_its_edits_alone(const struct sealing *s)
{
	struct oracle_list want = {0}, got = {0};
	bool is_same;

	if (!is_hidden(s))
		expected_state(s, &want);
	oracle_state(s->o, s->after, &s->op->record, &got);
	is_same = oracle_list_equal(&want, &got);
	if (!is_same)
		oracle_fail(s->o,
		    "batch %d op %u: State has %zu entries after sealing, not %zu",
		    s->op->batch, s->op->index, got.n, want.n);
	oracle_list_free(&want);
	oracle_list_free(&got);
	return is_same;
}

static bool
carries_no_erased_mark(const struct sealing *s)
{
	for (size_t i = 0; i < s->op->entries.n; i++) {
		if (oracle_is_graved(s->o, s->graves, &s->o->saved[s->op->entries.at[i]]))
			return oracle_fail(s->o,
			    "entry %d of an erased person is carried on",
			    s->op->entries.at[i]);
	}
	return true;
}

/* Is the entry held by an op that the author's view shows? o->live must be marked. */
static bool
is_held(const struct sealing *s, int entry)
{
	for (size_t i = 0; i < s->o->n_ops; i++) {
		if (s->o->live[i] && oracle_op_is_of(&s->o->ops[i], &s->op->record) &&
		    oracle_list_has(&s->o->ops[i].entries, entry))
			return true;
	}
	return false;
}

/* Names of the same field that the op keeps; a superseded name does not say its key. */
static size_t
names_kept_beside(const struct sealing *s, const struct saved *cut)
{
	size_t n = 0;

	for (size_t i = 0; i < s->op->n_gone; i++) {
		if (s->op->gone[i].field == cut->entry.field)
			n += s->op->gone[i].count;
	}
	return n;
}

/* A name that the op should have, and has not: the cap may have cut it. o->live must be
 * marked for the author's view. */
static bool
cut_was_allowed(const struct sealing *s, int entry)
{
	struct saved *cut = &s->o->saved[entry];

	if (cut->entry.value.type == VALUE_RUN)
		return oracle_fail(s->o, "the name of text run %d was cut", entry);
	if (is_held(s, entry))
		return oracle_fail(
		    s->o, "the name of entry %d, still held, was cut", entry);
	if (names_kept_beside(s, cut) < s->cap)
		return oracle_fail(s->o, "the name of entry %d was cut, %zu are kept",
		    entry, names_kept_beside(s, cut));
	cut->is_forgotten = true;
	return true;
}

/* A whole op names all that its author's view or his dirty entries call superseded, a
 * small one what the latter list: even where another op names it too, since that one may
 * be refused. */
static bool
cuts_only_what_it_may(const struct sealing *s)
{
	const bool carries_all = is_whole(s);
	struct oracle *o = s->o;
	bool is_good = true;

	if (is_hidden(s))
		return true;
	oracle_mark(o, s->known);
	oracle_mark_gone(o, &s->op->record);
	for (size_t i = 0; i < o->n_saved && is_good; i++) {
		const struct saved *e = &o->saved[i];
		bool is_due = (carries_all && o->gone[i]) || dirty_lists(s, (int)i);

		if (is_due && oracle_op_is_of(s->op, &e->record) &&
		    !oracle_is_graved(o, s->graves, e) &&
		    !oracle_op_names_gone(s->op, e->entry.name))
			is_good = cut_was_allowed(s, (int)i);
	}
	return is_good;
}

bool
oracle_check_sealed(struct oracle *o, int batch, const struct batch_set *known,
    const struct batch_set *base, const struct oracle_list *dirty, size_t cap)
{
	const struct issued_batch *b = &o->batches[batch];
	struct batch_set before = *known, after, graves = *base;

	/* An erase that is pending hides, but lets nothing be left out: sealing goes by
	 * what would be there if it were refused. */
	assert(!known->has[batch]);
	for (size_t i = 0; i < o->n_batches; i++)
		before.is_tame[i] = !base->has[i];
	before.is_tame[batch] = false;
	after = before;
	after.has[batch] = true;
	graves.has[batch] = true;
	for (int i = 0; i < b->n_ops; i++) {
		const struct sealing s = {
		    o, &o->ops[b->first_op + i], &before, &after, &graves, dirty, cap};

		if (s.op->is_erase)
			continue;
		if (!kills_what_was_seen(&s) || !carries_no_erased_mark(&s))
			return false;
		if (!changes_state_by_its_edits_alone(&s) || !cuts_only_what_it_may(&s))
			return false;
	}
	return true;
}

/* --- State against the history of edits --- */

/* Is the entry in an op of B? Then its author's edit happened in B. */
static void
mark_present(struct oracle *o, const struct batch_set *b, bool *present)
{
	memset(present, 0, o->n_saved * sizeof *present);
	for (size_t i = 0; i < o->n_ops; i++) {
		for (size_t k = 0; b->has[o->ops[i].batch] && k < o->ops[i].entries.n;
		     k++)
			present[o->ops[i].entries.at[k]] = true;
	}
}

/* Replaced straight: a present entry saw it. */
static bool
is_replaced(const struct oracle *o, const bool *present, int entry)
{
	for (size_t i = 0; i < o->n_saved; i++) {
		if (present[i] && oracle_list_has(&o->saved[i].seen, entry))
			return true;
	}
	return false;
}

/* Replaced over any number of edits, of which those between need not be present. An
 * entry is saved after all that it saw, so one pass forward is enough. */
static bool
is_outlived(const struct oracle *o, const bool *present, int entry)
{
	bool *later = calloc(o->n_saved + 1, sizeof *later);
	bool found = false;

	assert(later != NULL);
	later[entry] = true;
	for (size_t i = (size_t)entry + 1; i < o->n_saved && !found; i++) {
		const struct oracle_list *seen = &o->saved[i].seen;

		for (size_t k = 0; k < seen->n && !later[i]; k++)
			later[i] = later[seen->at[k]];
		found = later[i] && present[i];
	}
	free(later);
	return found;
}

/* Erased in B, or by an erase that a server once took: a rollback may have lost it. */
static bool
is_excused(const struct oracle *o, const struct batch_set *b, int entry)
{
	struct batch_set graves = *b;

	for (size_t i = 0; i < o->n_batches; i++)
		graves.has[i] |= o->batches[i].was_accepted;
	return oracle_is_erased(o, &graves, entry);
}

static bool
judge(struct oracle *o, const struct batch_set *b, const bool *present, int entry,
    bool is_in_state, struct oracle_ideal *sum)
{
	bool outlived = is_outlived(o, present, entry);

	sum->entries++;
	if (!is_in_state)
		return outlived || is_excused(o, b, entry) ||
		       oracle_fail(o, "entry %d is lost: nobody replaced it", entry);
	if (!outlived)
		return true;
	if (!is_replaced(o, present, entry)) {
		sum->loose_end++;
		return true;
	}
	if (!o->saved[entry].is_forgotten)
		return oracle_fail(o, "entry %d is back though no name was cut", entry);
	sum->back++;
	return true;
}

bool
oracle_check_ideal(struct oracle *o, const struct batch_set *b,
    const struct oracle_record *r, struct oracle_ideal *sum)
{
	struct oracle_list state = {0};
	bool *present = calloc(o->n_saved + 1, sizeof *present);
	bool is_good = true;

	assert(present != NULL);
	mark_present(o, b, present);
	oracle_state(o, b, r, &state);
	for (size_t i = 0; i < o->n_saved && is_good; i++) {
		if (present[i] && o->saved[i].record.scope == r->scope &&
		    ID_EQUAL(&o->saved[i].record.tag, &r->tag))
			is_good = judge(
			    o, b, present, (int)i, oracle_list_has(&state, (int)i), sum);
	}
	free(present);
	oracle_list_free(&state);
	return is_good;
}

bool
oracle_is_kept(struct oracle *o, const struct batch_set *b, int entry)
{
	bool *present = calloc(o->n_saved + 1, sizeof *present);
	bool is_good;

	assert(present != NULL);
	mark_present(o, b, present);
	is_good =
	    present[entry] || is_outlived(o, present, entry) || is_excused(o, b, entry);
	free(present);
	return is_good;
}
