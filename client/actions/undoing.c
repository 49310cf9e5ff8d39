/* undoing.c - finds the step, turns it round, and finds words for what stays. */
#include "client/actions/undoing.h"

enum { LEFT_TOLD_MAX = 3, RECORDS_TOLD_MAX = 3 };

/* ---- which step ---- */

static status
none(struct laptop *l, int64_t id, bool is_redo)
{
	status st;

	if (id != 0)
		st = complain(l->complaint, PN_F01, "no step %lld is kept on this laptop",
		    (long long)id);
	else
		st = complain(l->complaint, PN_F01,
		    is_redo ? "nothing was undone since the last change"
			    : "nothing was written on this laptop that can be undone");
	complain_next(l->complaint, "pnet undo --list");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
stands_for_good(struct laptop *l, const struct step *s)
{
	const struct kind *k = schema_kind(s->final_kind);
	const char *record = k == NULL ? "record" : k->singular;
	status st;

	if (s->final_kind == KIND_TEAM)
		st = complain(l->complaint, PN_C01,
		    "step %lld (%s) gave a member the keys of an activity; what he may "
		    "read with them no undo takes back",
		    (long long)s->id, s->command);
	else if (s->final_kind == KIND_ERASURE)
		st = complain(l->complaint, PN_C01,
		    "step %lld (%s) erased a person, for ever", (long long)s->id,
		    s->command);
	else
		st = complain(l->complaint, PN_C01,
		    "step %lld (%s) wrote a %s, which stands under its author's "
		    "signature",
		    (long long)s->id, s->command, record);
	complain_what(l->complaint, "this is not undone");
	if (s->final_kind == KIND_TALLY)
		complain_next(l->complaint,
		    "pnet reopen ACTIVITY --reason TEXT    takes a closing back");
	complain_next(l->complaint, "pnet undo --list    to undo a step before it");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
not_that_way(struct laptop *l, const struct step *s, bool is_redo)
{
	status st = complain(l->complaint, PN_C01, "step %lld is %s", (long long)s->id,
	    is_redo ? "not undone" : "undone already");

	complain_what(l->complaint, "nothing to do");
	complain_next(l->complaint, is_redo ? "pnet undo --list" : "pnet redo");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
undoing_find(struct laptop *l, int64_t id, bool is_redo, struct step *out)
{
	status st = id == 0 ? steps_last(l, is_redo, out) : steps_one(l, id, out);

	if (st == ST_NOT_FOUND || (st == ST_OK && out->id == 0))
		return none(l, id, is_redo);
	if (st != ST_OK)
		return st;
	if (out->final_kind != 0)
		return stands_for_good(l, out);
	if (out->is_undone != is_redo)
		return not_that_way(l, out, is_redo);
	return ST_OK;
}

/* ---- what it wrote ---- */

static bool
is_told(const struct story_record *r, const struct step_cell *c)
{
	return r->kind != NULL &&
	       field_is_change(r->kind, schema_field(r->kind, c->field));
}

static const char *
record_words(struct story *s, const struct story_record *r, size_t n)
{
	struct arena *a = s->l->arena;

	if (r->kind->id == KIND_SHEET || r->kind->id == KIND_ADULT_SHEET)
		return arena_text(a, "%zu mark%s of %s %s", n, n == 1 ? "" : "s",
		    r->activity, story_day(s, r));
	return arena_text(a, "%s", r->label);
}

/* Of a sheet whose making is undone only the step knows the day. */
static void
recall_day(struct story_record *r, const struct step_cell *cells, size_t n)
{
	const struct field *f = schema_field_named(r->kind, span_text("day_no"));

	for (size_t i = 0; f != NULL && r->day_no == 0 && i < n; i++) {
		if (cells[i].rid == r->loaded->rid && cells[i].field == f->id &&
		    cells[i].n_past > 0 && cells[i].past[0].value.type == VALUE_INT)
			r->day_no = (uint8_t)cells[i].past[0].value.number;
	}
}

/* The same of a section's heading. */
static void
recall_heading(
    struct laptop *l, struct story_record *r, const struct step_cell *cells, size_t n)
{
	const struct field *f = schema_field_named(r->kind, span_text("heading"));

	for (size_t i = 0; f != NULL && i < n; i++) {
		const struct step_cell *c = &cells[i];

		if (c->rid == r->loaded->rid && c->field == f->id && c->is_undone &&
		    c->n_past > 0 && c->past[0].value.type == VALUE_TEXT)
			r->label = arena_text(l->arena, "section %.*s",
			    (int)c->past[0].value.bytes.len,
			    (const char *)c->past[0].value.bytes.bytes);
	}
}

status
undoing_what(struct story *s, const struct step *step, const char **out)
{
	struct story_record r = {.label = ""};
	struct step_cell *cells;
	size_t n, n_told = 0, n_of_record = 0;
	status st = steps_cells(s->l, step->id, s->l->arena, &cells, &n);

	*out = "";
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		bool is_last = i + 1 == n || cells[i + 1].rid != cells[i].rid;

		if (i == 0 || cells[i - 1].rid != cells[i].rid) {
			n_of_record = 0;
			st = n_told < RECORDS_TOLD_MAX ? story_record(s, cells[i].rid, &r)
						       : ST_OK;
		}
		if (st != ST_OK)
			break;
		if (n_told < RECORDS_TOLD_MAX && r.kind != NULL) {
			recall_day(&r, cells, n);
			recall_heading(s->l, &r, cells, n);
		}
		n_of_record += n_told >= RECORDS_TOLD_MAX || is_told(&r, &cells[i]);
		if (!is_last || n_of_record == 0)
			continue;
		if (n_told < RECORDS_TOLD_MAX)
			*out = arena_text(s->l->arena, "%s%s%s", *out,
			    n_told == 0 ? "" : "; ", record_words(s, &r, n_of_record));
		n_told++;
	}
	if (n_told > RECORDS_TOLD_MAX)
		*out = arena_text(
		    s->l->arena, "%s; and %zu more", *out, n_told - RECORDS_TOLD_MAX);
	return st;
}

/* ---- what stays ---- */

static const char *
why_changed(struct story *s, const struct story_record *r, const struct step_cell *c)
{
	const struct record_cell *cell =
	    record_cell_find(&r->loaded->view, c->field, c->has_key, c->key);
	struct arena *a = s->l->arena;
	const char *out = "is gone";

	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		const struct entry *e = cell->entries[i].entry;

		out = arena_text(a, "%s %s since %s, by %s",
		    i == 0 ? "is" : arena_text(a, "%s, or", out),
		    story_value(s, r, c->field, &e->value),
		    story_time(s, e->time.seconds, false, 0), story_who(s, e->by));
	}
	return out;
}

static const char *const plain_reasons[] = {
    [TURNED_NEEDED] = "marks were written for this person since",
    [TURNED_PARTLY] = "has it but for words that somebody else took out too; they stay "
		      "out",
    [TURNED_BARRED] = "has lost these words twice: somebody else took them out too, and "
		      "they stay out",
    [TURNED_NOTHING] = "has nothing of that edit any more that could be taken back",
    [TURNED_WRITTEN] = "has what somebody else wrote into it",
    [TURNED_LONG] = "would be longer than 48 KiB with it",
    [TURNED_SILENT] = NULL,
};

static const char *
why_left(struct story *s, const struct story_record *r, const struct turned_cell *t)
{
	const struct step_cell *c = t->cell;
	const char *out = "two values stood there side by side:";

	if (t->how == TURNED_CHANGED)
		return why_changed(s, r, c);
	if (plain_reasons[t->how] != NULL)
		return plain_reasons[t->how];
	for (size_t i = 0; i < c->n_past; i++)
		out = arena_text(s->l->arena, "%s%s %s", out, i == 0 ? "" : ",",
		    story_value(s, r, c->field, &c->past[i].value));
	return arena_text(s->l->arena, "%s; the choice is with the others by now", out);
}

static status
tell_left(struct story *s, struct undoing *out, const struct turned_cell *t)
{
	bool is_whole = t->how == TURNED_WRITTEN; /* once, not for each field */
	struct story_record r;
	status st = story_record(s, t->cell->rid, &r);

	if (st != ST_OK || !is_told(&r, t->cell) ||
	    (is_whole && out->n_left > 0 &&
		out->left[out->n_left - 1].rid == t->cell->rid))
		return st;
	out->left[out->n_left++] = (struct undo_left){.how = t->how,
	    .rid = t->cell->rid,
	    .place = is_whole ? r.label
			      : story_place(s, &r, t->cell->field, t->cell->has_key,
				    t->cell->key),
	    .why = why_left(s, &r, t)};
	return ST_OK;
}

static status
nothing_turned(struct laptop *l, const struct undoing *u)
{
	const char *code = u->step.is_undone ? "redo" : "undo";
	status st;

	if (u->n_left == 0)
		st = complain(l->complaint, PN_F01,
		    "what step %lld wrote is no longer kept here: its values went with "
		    "their person, their keys, or after 30 days",
		    (long long)u->step.id);
	else
		st = complain(l->complaint, PN_C02, "%s %s%s", u->left[0].place,
		    u->left[0].why,
		    u->n_left > 1 ? arena_text(l->arena, "; and %zu more", u->n_left - 1)
				  : "");
	complain_what(l->complaint, "cannot %s%s", code,
	    u->n_left > 0 && u->left[0].how > TURNED_NEEDED
		? ""
		: ": nothing of it stands as it was written");
	complain_next(l->complaint, "pnet undo --list");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
undoing_turn(
    struct edit *e, struct laptop *l, const struct step *step, struct undoing *out)
{
	struct story s = {.l = l};
	struct turned_cell *turned;
	size_t n;
	status st;

	*out = (struct undoing){.step = *step, .what = ""};
	st = undoing_what(&s, step, &out->what);
	if (st == ST_OK)
		st = edit_turn(e, step, &turned, &n);
	if (st == ST_OK)
		out->left = arena_zeros(l->arena, n, sizeof *out->left);
	if (st == ST_OK && out->left == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an undo");
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		out->n_done +=
		    turned[i].how == TURNED_DONE || turned[i].how == TURNED_PARTLY;
		if (turned[i].how != TURNED_DONE && turned[i].how != TURNED_SILENT &&
		    turned[i].how != TURNED_LEFT)
			st = tell_left(&s, out, &turned[i]);
	}
	return st != ST_OK || out->n_done > 0 ? st : nothing_turned(l, out);
}
