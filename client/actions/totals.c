/* totals.c - picks the figures that count. */
#include "client/actions/totals.h"

#include "base/date.h"
#include "client/actions/rolls.h"
#include "client/laptop/typed.h"
#include "core/tally.h"

static status
stored_figures(
    struct laptop *l, uint16_t kind, const struct record_id *name, struct figures *out)
{
	struct field_value *values =
	    arena_zeros(l->arena, SCHEMA_FIELDS_MAX, sizeof *values);
	size_t n = 0;
	status st = values == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
				   : typed_read(l, schema_kind(kind), name, values, &n);

	return st != ST_OK ? st : tally_figures(values, n, out, &l->trouble);
}

/* What can be told without roll and provisional figures: days and team. */
static status
bare_figures(struct laptop *l, const struct activity *a, struct figures *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT day_no, held FROM activity_day WHERE activity = ? AND day_no <= 31");
	status st;

	memset(out, 0, sizeof *out);
	out->days_planned = figures_days_planned(a->type);
	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	while (query_row(q)) {
		size_t day = (size_t)query_column_int(q, 0);
		const char *held = query_column_text(q, 1);

		if (day < 1 || day > out->days_planned)
			continue;
		out->days[day - 1].held = strcmp(held, "yes") == 0  ? HELD_YES
					  : strcmp(held, "no") == 0 ? HELD_NO
								    : HELD_OPEN;
		out->days_held += out->days[day - 1].held == HELD_YES;
	}
	st = query_done(q, &l->trouble);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries,
	    "SELECT coalesce(sum(experience = 'new'), 0), coalesce(sum(experience ="
	    " 'experienced'), 0) FROM team WHERE activity = ?");
	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	if (query_row(q)) {
		out->team_new = (uint32_t)query_column_int(q, 0);
		out->team_experienced = (uint32_t)query_column_int(q, 1);
	}
	return query_done(q, &l->trouble);
}

static status
open_figures(struct laptop *l, const struct activity *a, struct figures *out)
{
	const struct value activity = value_bytes(a->name.bytes, sizeof a->name.bytes);
	struct record_id name;
	struct rolls rolls;
	status st;

	if (a->type != YOUTH_WORKSHOP || rolls_are_open(l, a)) {
		st = rolls_attend(l, a, &rolls);
		*out = rolls.view.figures;
		return st;
	}
	st = schema_record_name(
	    schema_kind(KIND_PROVISIONAL), &activity, 1, &l->checks, &name, &l->trouble);
	if (st == ST_OK)
		st = stored_figures(l, KIND_PROVISIONAL, &name, out);
	return st == ST_NOT_FOUND ? bare_figures(l, a, out) : st;
}

static status
read_totals(struct laptop *l, const struct activity *a, struct totals *out)
{
	struct record_id tally;
	bool is_closed = false;
	status st = rolls_is_closed(l, a, &is_closed, &tally, NULL);

	memset(out, 0, sizeof *out);
	out->is_provisional = !is_closed;
	if (st == ST_OK)
		st = is_closed ? stored_figures(l, KIND_TALLY, &tally, &out->figures)
			       : open_figures(l, a, &out->figures);
	out->state = figures_state(&out->figures, a->is_cancelled, is_closed);
	return st;
}

/* What a roll takes is given back at once: a list asks for thousands. */
status
totals_of(struct laptop *l, const struct activity *a, struct totals *out)
{
	struct arena *kept = l->arena, *scratch = arena_new(0);
	status st;

	if (scratch == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for totals");
	l->arena = scratch;
	st = read_totals(l, a, out);
	l->arena = kept;
	arena_free(scratch);
	return st;
}

status
totals_state(struct laptop *l, const struct activity *a, enum activity_state *out)
{
	struct totals totals;
	status st = totals_of(l, a, &totals);

	*out = totals.state;
	return st;
}

status
totals_row(struct laptop *l, const struct activity *a, struct summary_row *out)
{
	struct country country;
	struct totals totals;
	status st = find_country(l, a->space, &country);

	if (st == ST_OK)
		st = totals_of(l, a, &totals);
	out->country_order = country.order;
	out->workshop = span_text(arena_text(l->arena, "%s", a->code));
	out->country = span_text(arena_text(l->arena, "%s", country.code));
	out->practice = span_text(find_code_of(l, KIND_PRACTICE, &a->practice));
	out->state = totals.state;
	out->figures = totals.figures;
	return st;
}
