/* defaults.c - which sibling is shown until a person has chosen. Pure. */
#include "core/defaults.h"

/* Is a before b under the rule? Both are values that were really written. Ties fall to
 * the greater time, then to the greater name and content, so that all replicas agree. */
static bool
is_later(const struct record_entry *a, const struct record_entry *b)
{
	int order = hlc_compare(a->entry->time, b->entry->time);

	if (order == 0)
		order = entry_name_compare(a->entry->name, b->entry->name);
	/* Twins stand in order of content. */
	return order != 0 ? order > 0 : a > b;
}

static bool
is_earlier_number(const struct record_entry *a, const struct record_entry *b)
{
	const struct value *x = &a->entry->value;
	const struct value *y = &b->entry->value;

	if (x->type != y->type)
		return x->type == VALUE_INT || (y->type != VALUE_INT && is_later(a, b));
	if (x->type == VALUE_INT && x->number != y->number)
		return x->number < y->number;
	return is_later(a, b);
}

/* Place in the table of ranks + 1; 0 for what the table does not name. */
static size_t
rank_of(const struct record_entry *e, const struct default_rule *rule)
{
	const struct value *v = &e->entry->value;

	for (size_t i = 0; i < rule->n_ranks; i++) {
		if (v->type == VALUE_EMPTY && rule->ranks[i] == RANK_EMPTY)
			return i + 1;
		if (v->type == VALUE_INT && rule->ranks[i] >= 0 &&
		    v->number == (uint64_t)rule->ranks[i])
			return i + 1;
	}
	return 0;
}

static bool
is_stricter(const struct record_entry *a, const struct record_entry *b,
    const struct default_rule *rule)
{
	size_t x = rank_of(a, rule), y = rank_of(b, rule);

	return x != y ? x < y : is_later(a, b);
}

static bool
is_preferred(const struct record_entry *a, const struct record_entry *b,
    const struct default_rule *rule)
{
	switch (rule->how) {
	case DEFAULT_EARLIER:
		return is_earlier_number(a, b);
	case DEFAULT_STRICTEST:
		return is_stricter(a, b, rule);
	case DEFAULT_LATEST:
	case DEFAULT_OPEN:
	case DEFAULT_UNDECIDED:
	case DEFAULT_TEXT:
	case MERGE_DEFAULT_COUNT:
		break;
	}
	return is_later(a, b);
}

struct default_pick
default_of(const struct record_cell *cell, const struct default_rule *rule)
{
	struct default_pick pick = {NULL, false};

	if (cell == NULL || rule->how == DEFAULT_TEXT)
		return pick;
	pick.is_conflict = cell->n_values > 1;
	if (pick.is_conflict &&
	    (rule->how == DEFAULT_OPEN || rule->how == DEFAULT_UNDECIDED))
		return pick;
	pick.shown = &cell->entries[0];
	for (size_t i = 1; i < cell->n; i++) {
		if (is_preferred(&cell->entries[i], pick.shown, rule))
			pick.shown = &cell->entries[i];
	}
	return pick;
}
