/* report_stays.c - what leaves a country is made here and nowhere else. If one passage is
 * in doubt, nothing leaves. */
#include "client/actions/report_stays.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a document");
}

/* The marks as they are kept, and what they say. */
static status
read_marks(struct laptop *l, const struct document_section *s, struct stays *out)
{
	struct text_state marks = {0};
	status st = ST_OK;

	*out = (struct stays){0};
	if (s->ref.kind != KIND_ADVOCACY_SECTION)
		return ST_OK;
	st = text_read(l->arena, record_field(&s->loaded->view, F_ADVOCACY_SECTION_STAYS),
	    &marks, &l->trouble);
	return st != ST_OK ? st : stays_read(marks.text, l->arena, out, &l->trouble);
}

status
report_stays(struct laptop *l, const struct document_section *s, struct stays *out)
{
	status st = read_marks(l, s, out);

	if (st != ST_MALFORMED)
		return st;
	(void)complain(l->complaint, PN_V03,
	    "the marks of section %s are not in their form: %s", s->kind,
	    l->trouble.text);
	complain_next(l->complaint, "pnet undo    if you wrote them");
	return trouble_set(&l->trouble, ST_MALFORMED, "%s", l->complaint->why);
}

/* ---- marking ---- */

static status
not_there(struct laptop *l, const struct document *d, const struct document_section *s)
{
	(void)complain(l->complaint, PN_F01,
	    "these words do not stand in section %s of %s", s->kind, d->code);
	complain_data(l->complaint, "nothing was changed");
	complain_next(l->complaint, "pnet report show %s", d->code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "no such passage");
}

static status
bad_replacement(struct laptop *l, const struct document *d, const char *why)
{
	status st = complain(l->complaint, PN_V03, "%s", why);

	complain_data(l->complaint, "nothing was changed");
	complain_next(l->complaint, "pnet report stays %s", d->code);
	return trouble_set(&l->trouble, st, "%s", why);
}

static size_t
find_mark(const struct stays *marks, struct span passage)
{
	for (size_t i = 0; i < marks->n; i++) {
		if (span_equal(marks->items[i].passage, passage))
			return i;
	}
	return marks->n;
}

/* The list with one mark added, changed, or (replacement empty) taken away. */
static void
put_mark(struct stays *marks, struct stay mark)
{
	size_t at = find_mark(marks, mark.passage);

	if (mark.replacement.len == 0) {
		marks->n--;
		for (size_t i = at; i < marks->n; i++)
			marks->items[i] = marks->items[i + 1];
		return;
	}
	marks->items[at] = mark;
	marks->n += at == marks->n;
}

static status
check_mark(struct laptop *l, const struct document *d, const struct document_section *s,
    const struct stays *marks, const struct stay *mark, bool is_removed)
{
	size_t end;

	if (mark->passage.len == 0)
		return bad_replacement(l, d, "a passage needs words");
	if (is_removed)
		return find_mark(marks, mark->passage) < marks->n ? ST_OK
								  : not_there(l, d, s);
	if (mark->replacement.len == 0)
		return bad_replacement(
		    l, d, "a passage that stays needs a sentence that takes its place");
	if (stays_find(mark->replacement, mark->passage, 0, &end) != SIZE_MAX)
		return bad_replacement(l, d, "the replacement repeats the passage");
	if (stays_find(s->text.text, mark->passage, 0, &end) == SIZE_MAX)
		return not_there(l, d, s);
	return ST_OK;
}

status
report_stay(struct edit *e, struct laptop *l, const struct document *d,
    const struct document_section *s, const char *passage, const char *replacement)
{
	struct stays marks;
	struct stay *room,
	    mark = {stays_words(span_text(passage), l->arena),
		stays_words(span_text(replacement == NULL ? "" : replacement), l->arena)};
	struct span text;
	status st = ST_OK;

	if (s->ref.kind != KIND_ADVOCACY_SECTION)
		return bad_replacement(l, d,
		    "passages of advocacy reports stay, nothing else leaves a text");
	st = report_stays(l, s, &marks);
	if (st == ST_OK)
		st = check_mark(l, d, s, &marks, &mark, replacement == NULL);
	if (st != ST_OK)
		return st;
	room = arena_zeros(l->arena, marks.n + 1, sizeof *room);
	if (room == NULL)
		return no_memory(l);
	if (marks.n > 0)
		memcpy(room, marks.items, marks.n * sizeof *room);
	marks.items = room;
	put_mark(&marks, mark);
	text = stays_write(&marks, l->arena);
	return text.bytes == NULL
		   ? no_memory(l)
		   : edit_text(e, &s->ref, F_ADVOCACY_SECTION_STAYS, NULL, text);
}

/* ---- leaving ---- */

static status
apply(struct laptop *l, const struct document_section *s, struct stays *marks,
    struct section *out, struct leak *leak)
{
	size_t lost = 0;
	status st = read_marks(l, s, marks);

	if (st == ST_MALFORMED) {
		*leak = (struct leak){s, span_text(""), false};
		return ST_OK;
	}
	if (st == ST_OK)
		st = stays_apply(
		    s->text.text, marks, l->arena, &out->text, &lost, &l->trouble);
	if (st != ST_NOT_FOUND && st != ST_CHANGED)
		return st;
	*leak = (struct leak){s, marks->items[lost].passage, st == ST_CHANGED};
	return ST_OK;
}

/* The same words in another section, where nobody marked them. */
static void
look_elsewhere(const struct document *d, const struct section *leaving,
    const struct stays *marks, struct leak *leak)
{
	size_t end;

	for (size_t i = 0; i < marks->n; i++) {
		for (size_t s = 0; leak->section == NULL && s < d->n; s++) {
			if (stays_find(leaving[s].text, marks->items[i].passage, 0,
				&end) != SIZE_MAX)
				*leak = (struct leak){
				    &d->sections[s], marks->items[i].passage, true};
		}
	}
}

status
report_leaving(
    struct laptop *l, const struct document *d, struct section **out, struct leak *leak)
{
	struct section *leaving = document_texts(l, d);
	struct stays *marks = arena_zeros(l->arena, d->n, sizeof *marks);
	status st = ST_OK;

	*leak = (struct leak){0};
	*out = leaving;
	if (leaving == NULL || marks == NULL)
		return no_memory(l);
	for (size_t i = 0; st == ST_OK && leak->section == NULL && i < d->n; i++)
		st = apply(l, &d->sections[i], &marks[i], &leaving[i], leak);
	for (size_t i = 0; st == ST_OK && leak->section == NULL && i < d->n; i++)
		look_elsewhere(d, leaving, &marks[i], leak);
	return st;
}
