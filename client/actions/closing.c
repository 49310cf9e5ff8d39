/* closing.c - writes and withdraws tallies. The complaint about open gates is worded in
 * closing_gates.c. */
#include "client/actions/closing.h"

#include "client/actions/attendance.h"
#include "client/actions/totals.h"
#include "core/tally.h"

enum { TALLY_TEXT_BYTES_MAX = 4096 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a tally");
}

/* ---- final sheets ---- */

static bool
is_on_roll(const struct rolls *r, struct person_key person)
{
	for (size_t i = 0; i < r->roll.n_rows; i++) {
		if (r->roll.rows[i].person.n == person.n)
			return true;
	}
	return false;
}

/* The marks of the held days, entry by entry, so that V28 can compare key by key. */
static status
collect_marks(struct laptop *l, const struct rolls *r, struct final_mark **out, size_t *n)
{
	*n = 0;
	*out = arena_zeros(l->arena, r->roll.n_marks, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	for (size_t i = 0; i < r->roll.n_marks; i++) {
		const struct roll_mark *m = &r->roll.marks[i];
		enum mark mark = cell_mark(m->cell);

		if (mark != MARK_NONE && m->day_no <= r->roll.days_planned &&
		    r->view.figures.days[m->day_no - 1].held == HELD_YES &&
		    is_on_roll(r, m->person))
			(*out)[(*n)++] = (struct final_mark){m->day_no, m->person, mark};
	}
	return ST_OK;
}

static bool
is_among(const struct final_mark *marks, size_t n, uint8_t day_no, uint64_t person)
{
	for (size_t i = 0; i < n; i++) {
		if (marks[i].day_no == day_no && marks[i].person.n == person)
			return true;
	}
	return false;
}

/* Key by key of one day: the new marks, and nothing where an earlier closing had one. */
static status
write_keys(struct edit *e, struct laptop *l, const struct record_ref *ref, uint8_t day_no,
    const struct final_mark *marks, size_t n)
{
	const struct value empty = {.type = VALUE_EMPTY};
	struct query *q = query_of(l->queries,
	    "SELECT m.person FROM final_sheet s JOIN"
	    " final_sheet_marks m ON m.rid = s.rid WHERE s.record = ?");
	status st = ST_OK, end;

	query_blob(q, ref->name.bytes, sizeof ref->name.bytes);
	while (st == ST_OK && query_row(q)) {
		uint64_t key = (uint64_t)query_column_int(q, 0);

		if (!is_among(marks, n, day_no, key))
			st = edit_set(e, ref, F_FINAL_SHEET_MARKS, &key, &empty);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	for (size_t i = 0; st == ST_OK && end == ST_OK && i < n; i++) {
		struct value value = value_int(marks[i].mark);

		if (marks[i].day_no == day_no)
			st = edit_set(
			    e, ref, F_FINAL_SHEET_MARKS, &marks[i].person.n, &value);
	}
	return st != ST_OK ? st : end;
}

static status
write_final_sheet(struct edit *e, struct laptop *l, const struct rolls *r, uint8_t day_no,
    const struct final_mark *marks, size_t n)
{
	struct value activity =
	    value_bytes(r->activity.name.bytes, sizeof r->activity.name.bytes);
	struct value day = value_int(day_no);
	struct record_ref ref;
	int64_t rid;
	status st = attendance_sheet(l, r, KIND_FINAL_SHEET, day_no, &ref);

	if (st == ST_OK)
		st = record_find(l, &ref, &rid);
	if (st != ST_OK)
		return st;
	if (rid == 0 && r->view.figures.days[day_no - 1].held != HELD_YES)
		return ST_OK;
	st = edit_set(e, &ref, F_FINAL_SHEET_ACTIVITY, NULL, &activity);
	if (st == ST_OK)
		st = edit_set(e, &ref, F_FINAL_SHEET_DAY_NO, NULL, &day);
	return st != ST_OK ? st : write_keys(e, l, &ref, day_no, marks, n);
}

static status
write_final_sheets(
    struct edit *e, struct laptop *l, const struct rolls *r, struct hash32 *digest)
{
	struct final_mark *marks;
	size_t n;
	status st = collect_marks(l, r, &marks, &n);

	/* What a tally of adults pins is its digest alone: nobody is erased from there.
	 */
	for (unsigned day = 1;
	     st == ST_OK && !r->of_adults && day <= r->roll.days_planned; day++)
		st = write_final_sheet(e, l, r, (uint8_t)day, marks, n);
	return st != ST_OK
		   ? st
		   : tally_digest(marks, n, &l->checks, l->arena, digest, &l->trouble);
}

/* ---- the tally ---- */

static status
next_no(struct laptop *l, const struct activity *a, uint32_t *no)
{
	struct query *q = query_of(
	    l->queries, "SELECT coalesce(max(no), 0) + 1 FROM tally WHERE activity = ?");

	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	*no = query_row(q) ? (uint32_t)query_column_int(q, 0) : 1;
	return query_done(q, &l->trouble);
}

static status
write_tally(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct hash32 *digest, uint32_t on, uint32_t no)
{
	const struct activity *a = &r->activity;
	struct field_value values[TALLY_VALUES_MAX];
	size_t n = tally_values(&r->view.figures, l->arena, values);
	const struct field_value head[] = {
	    {F_TALLY_ACTIVITY, value_bytes(a->name.bytes, sizeof a->name.bytes)},
	    {F_TALLY_NO, value_int(no)},
	    {F_TALLY_DIGEST, value_bytes(digest->bytes, sizeof digest->bytes)},
	    {F_TALLY_BY, value_text(l->self.member)},
	    {F_TALLY_ON, value_int(on)},
	};
	struct record_ref ref;
	status st = n == 0 ? no_memory(l)
			   : form_new(l, schema_kind(KIND_TALLY), a->home, NULL, 0, &ref);

	for (size_t i = 0; st == ST_OK && i < sizeof head / sizeof head[0]; i++)
		st = edit_set(e, &ref, head[i].field, NULL, &head[i].value);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = edit_set(e, &ref, values[i].field, NULL, &values[i].value);
	return st;
}

status
closing_write(
    struct edit *e, struct laptop *l, struct rolls *r, uint32_t on, uint32_t *no)
{
	struct person_finding *found;
	struct hash32 digest;
	uint32_t next = 0;
	size_t n;
	status st = rolls_findings(l, r, &found, &n);

	if (st == ST_OK)
		st = write_final_sheets(e, l, r, &digest);
	if (st == ST_OK)
		st = next_no(l, &r->activity, &next);
	if (st == ST_OK)
		st = write_tally(e, l, r, &digest, on, next);
	if (no != NULL)
		*no = next;
	return st;
}

/* ---- reading it back ---- */

static status
not_closed(struct laptop *l, const struct activity *a)
{
	(void)complain(
	    l->complaint, PN_F01, "%s is not closed: it has no tally", a->code);
	complain_next(
	    l->complaint, "pnet totals %s    shows the provisional figures", a->code);
	complain_next(l->complaint, "pnet close %s", a->code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

static status
tally_that_counts(struct laptop *l, const struct activity *a, struct record_id *out)
{
	bool is_closed = false;
	status st = rolls_is_closed(l, a, &is_closed, out, NULL);

	return st == ST_OK && !is_closed ? not_closed(l, a) : st;
}

status
closing_tally_text(struct laptop *l, const struct activity *a, struct span *out)
{
	uint8_t *buffer = arena_alloc(l->arena, TALLY_TEXT_BYTES_MAX);
	struct writer w = writer_of(buffer, TALLY_TEXT_BYTES_MAX);
	struct tally_head head = {.activity = span_text(a->code)};
	struct record_id tally;
	struct country country;
	struct totals totals;
	status st = buffer == NULL ? no_memory(l) : tally_that_counts(l, a, &tally);

	if (st == ST_OK)
		st = find_country(l, a->space, &country);
	if (st == ST_OK)
		st = totals_of(l, a, &totals);
	if (st != ST_OK)
		return st;
	head.country = span_text(country.code);
	if (a->has_practice)
		head.practice = span_text(find_code_of(l, KIND_PRACTICE, &a->practice));
	tally_text(&w, &head, &totals.figures);
	*out = writer_done(&w);
	return w.is_full ? trouble_set(&l->trouble, ST_LIMIT, "the tally is too long")
			 : ST_OK;
}

status
closing_tally_values(
    struct laptop *l, const struct activity *a, struct field_value *out, size_t *n)
{
	struct record_id tally;
	struct totals totals;
	status st = tally_that_counts(l, a, &tally);

	if (st == ST_OK)
		st = totals_of(l, a, &totals);
	if (st != ST_OK)
		return st;
	*n = tally_values(&totals.figures, l->arena, out);
	return *n == 0 ? no_memory(l) : ST_OK;
}

status
closing_reopen(
    struct edit *e, struct laptop *l, const struct activity *a, const char *reason)
{
	struct record_id tally;
	struct record_ref ref;
	status st = tally_that_counts(l, a, &tally);

	if (st == ST_OK)
		st = form_new(l, schema_kind(KIND_REOPEN), a->home, NULL, 0, &ref);
	if (st == ST_OK) {
		const struct field_value values[] = {
		    {F_REOPEN_ACTIVITY, value_bytes(a->name.bytes, sizeof a->name.bytes)},
		    {F_REOPEN_TALLY, value_bytes(tally.bytes, sizeof tally.bytes)},
		    {F_REOPEN_BY, value_text(l->self.member)},
		    {F_REOPEN_ON, value_int(l->today)},
		};

		for (size_t i = 0; st == ST_OK && i < sizeof values / sizeof values[0];
		     i++)
			st = edit_set(e, &ref, values[i].field, NULL, &values[i].value);
	}
	if (st == ST_OK)
		st = form_set(e, l, &ref, a->space,
		    schema_field(schema_kind(KIND_REOPEN), F_REOPEN_REASON), reason);
	return st;
}
