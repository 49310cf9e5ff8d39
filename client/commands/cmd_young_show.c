/* cmd_young_show.c - pnet young show: every entry of one person that is readable here,
 * with values in conflict side by side, marks and notes. */
#include "client/actions/people.h"
#include "client/commands/commands.h"

static void
add_row(
    struct listing *out, const struct sighting *s, const char *field, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	listing_row(out);
	listing_cell(out, s->rolls->activity.code);
	listing_cell(out, field);
	listing_cell(out, value);
}

static const char *
cell_words(struct laptop *l, const struct field *f, const struct record_cell *cell)
{
	const struct record_entry **distinct =
	    arena_zeros(l->arena, cell->n, sizeof *distinct);
	size_t n = distinct == NULL ? 0 : record_distinct(cell, distinct);
	const char *out = "";

	for (size_t i = 0; i < n; i++)
		out = arena_text(l->arena, "%s%s%s", out, i == 0 ? "" : " | ",
		    form_text(l, f, &distinct[i]->entry->value));
	return out;
}

static bool
is_shown(const struct field *f)
{
	return f->type != FIELD_PERSON && f->type != FIELD_MARKS &&
	       strcmp(f->name, "activity") != 0;
}

static status
show_record(struct listing *out, struct laptop *l, const struct sighting *s,
    const struct record_ref *ref)
{
	const struct kind *k = schema_kind(ref->kind);
	struct loaded *x = arena_zeros(l->arena, 1, sizeof *x);
	int64_t rid = 0;
	status st = record_find(l, ref, &rid);

	if (st != ST_OK || rid == 0)
		return st;
	st = x == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
		       : record_load(l, rid, l->arena, x);
	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++) {
		const struct record_cell *cell = record_field(&x->view, k->fields[i].id);

		if (cell != NULL && is_shown(&k->fields[i]))
			add_row(out, s, k->fields[i].name,
			    cell_words(l, &k->fields[i], cell));
	}
	return st;
}

static void
show_marks(struct listing *out, struct laptop *l, const struct sighting *s)
{
	for (unsigned day = 1; day <= s->rolls->roll.days_planned; day++) {
		struct cell cell = rolls_cell(s->rolls, s->row->person, (uint8_t)day);
		const char *words = "";

		for (unsigned mark = MARK_PRESENT; mark < MARK_COUNT; mark++) {
			if ((cell.values & (1U << mark)) != 0)
				words = arena_text(l->arena, "%s%s%s", words,
				    *words == '\0' ? "" : " | ",
				    vocabulary_word(VOC_MARK, mark));
		}
		add_row(out, s, arena_text(l->arena, "day %u", day), words);
	}
}

static status
show_notes(struct listing *out, struct laptop *l, const struct sighting *s)
{
	struct person_id pid = people_pid(s);
	struct query *q = query_of(l->queries,
	    "SELECT day_no, text FROM note WHERE activity = ? AND pid = ?"
	    " ORDER BY day_no");

	query_blob(
	    q, s->rolls->activity.name.bytes, sizeof s->rolls->activity.name.bytes);
	query_blob(q, pid.bytes, sizeof pid.bytes);
	while (query_row(q))
		add_row(out, s,
		    arena_text(
			l->arena, "note of day %lld", (long long)query_column_int(q, 0)),
		    query_column_text(q, 1));
	return query_done(q, &l->trouble);
}

static status
show_entry(struct listing *out, struct laptop *l, const struct sighting *s)
{
	struct person_id pid = people_pid(s);
	struct record_ref young, enrolment;
	status st = people_entry(l, s, &young);

	add_row(out, s, "code", rolls_row_code(l, s->rolls, s->row));
	if (st == ST_OK)
		st = show_record(out, l, s, &young);
	if (st == ST_OK)
		st = attendance_enrolment(l, s->rolls, &pid, &enrolment);
	if (st == ST_OK)
		st = show_record(out, l, s, &enrolment);
	show_marks(out, l, s);
	return st != ST_OK ? st : show_notes(out, l, s);
}

status
cmd_young_show(struct call *c)
{
	bool has_activity = c->n_args == 2;
	struct laptop *l = NULL;
	struct somebody who;
	struct listing *out;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = people_one(l, has_activity ? c->args[0] : NULL,
		    c->args[has_activity ? 1 : 0], &who);
	if (st != ST_OK)
		return command_close(l, st);
	out = listing_new("pnet.person/1", "activity,field,value");
	for (size_t i = 0; st == ST_OK && i < who.n; i++)
		st = show_entry(out, l, &who.entries[i]);
	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}
