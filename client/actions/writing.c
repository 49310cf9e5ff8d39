/* writing.c - sections of a document to one file and back. */
#include "client/actions/writing.h"

#include "client/actions/spots.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "client/actions/form.h"
#include "core/mentions.h"

enum { ORDER_STEP = 10 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a document");
}

const char *
writing_heading(const struct document_section *s)
{
	return *s->heading == '\0' ? s->kind : s->heading;
}

/* ---- opening ---- */

static status
find_section(struct laptop *l, const struct document *d, const char *word, size_t *out)
{
	char *end = NULL;
	unsigned long no = strtoul(word, &end, 10);

	if (isdigit((unsigned char)word[0]) && *end == '\0' && no >= 1 && no <= d->n) {
		*out = no;
		return ST_OK;
	}
	for (size_t i = 0; i < d->n; i++) {
		if (strcasecmp(writing_heading(&d->sections[i]), word) == 0 ||
		    strcasecmp(d->sections[i].kind, word) == 0) {
			*out = i + 1;
			return ST_OK;
		}
	}
	(void)complain(l->complaint, PN_F01, "%s has no section '%s'", d->code, word);
	complain_next(l->complaint, "pnet report show %s    lists the sections", d->code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

static status
open_all(struct laptop *l, const char *code, const char *section, struct writing *out)
{
	struct document *d = &out->document;
	status st = document_open(l, code, d);

	if (st == ST_OK && section != NULL)
		st = find_section(l, d, section, &out->only);
	if (st != ST_OK)
		return st;
	out->texts = arena_zeros(l->arena, d->n, sizeof *out->texts);
	if (out->texts == NULL)
		return no_memory(l);
	for (size_t i = 0; i < d->n; i++) {
		const struct document_section *s = &d->sections[i];

		out->texts[i] = (struct text_opened){
		    record_field(&s->loaded->view, d->type->text), s->text};
	}
	return ST_OK;
}

status
writing_open(struct laptop *l, struct arena *a, const char *code, const char *section,
    struct writing *out)
{
	struct arena *own = l->arena;
	status st;

	*out = (struct writing){0};
	l->arena = a;
	st = open_all(l, code, section, out);
	l->arena = own;
	return st;
}

status
writing_text(struct laptop *l, const struct writing *w, struct span *out)
{
	const struct document *d = &w->document;
	struct document_part *parts = arena_zeros(l->arena, d->n, sizeof *parts);

	if (parts == NULL)
		return no_memory(l);
	for (size_t i = 0; i < d->n; i++)
		parts[i] =
		    (struct document_part){span_text(writing_heading(&d->sections[i])),
			d->sections[i].text.text};
	*out = w->only > 0 ? parts[w->only - 1].text
			   : document_text_write(l->arena, d->n, parts);
	return out->bytes == NULL ? no_memory(l) : ST_OK;
}

/* ---- which kind a heading means ---- */

/* Headings as people write them and the kind of section that they mean. */
static const struct {
	uint16_t section;
	const char *word, *kind;
} heading_words[] = {
    {KIND_REPORT_SECTION, "saw", "seen"},
    {KIND_REPORT_SECTION, "risk", "risks"},
    {KIND_PRACTICE_SECTION, "target", "target_group"},
    {KIND_PRACTICE_SECTION, "transfer", "transfer_hints"},
};

/* Whole headings that people write where the word of the kind is another. */
static const struct {
	uint16_t section;
	const char *heading;
} other_headings[] = {
    {KIND_PRACTICE_SECTION, "Hints for transfer"},
};
enum { N_OTHER_HEADINGS = sizeof other_headings / sizeof other_headings[0] };

static bool
has_word(struct span heading, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= heading.len; i++) {
		if (strncasecmp((const char *)heading.bytes + i, word, len) == 0)
			return true;
	}
	return false;
}

/* The number of the kind; 0 if the heading means none. */
static uint64_t
kind_of_heading(const struct document_type *type, struct span heading)
{
	const struct field *f = schema_field(schema_kind(type->section), type->part);
	enum vocabulary words = f == NULL ? VOC_NONE : (enum vocabulary)f->of;

	for (size_t i = 1; i <= vocabulary_size(words); i++) {
		if (has_word(heading, vocabulary_word(words, i)))
			return i;
	}
	for (size_t i = 0; i < sizeof heading_words / sizeof heading_words[0]; i++) {
		if (heading_words[i].section == type->section &&
		    has_word(heading, heading_words[i].word))
			return vocabulary_find(words, span_text(heading_words[i].kind));
	}
	return vocabulary_find(words, span_text("other"));
}

/* ---- saving ---- */

struct saving {
	struct edit *e;
	struct laptop *l;
	const struct writing *w;
	struct document_parts parts;
	size_t *section_of; /* of each part: position + 1, 0 = a new one */
	size_t *part_of;    /* of each section: position + 1, 0 = gone */
};

/* Where sections have no headings of their own, their kind is what counts. */
static bool
is_heading_of(
    const struct saving *x, const struct document_section *s, struct span heading)
{
	const struct document_type *type = x->w->document.type;
	const struct field *f = schema_field(schema_kind(type->section), type->part);

	if (span_equal(span_text(writing_heading(s)), heading))
		return true;
	return type->heading == 0 && f != NULL &&
	       kind_of_heading(type, heading) ==
		   vocabulary_find((enum vocabulary)f->of, span_text(s->kind));
}

/* Each part takes the first section of its heading that no other took; one that is left
 * between the same neighbours was renamed. */
static void
match(struct saving *s)
{
	const struct document *d = &s->w->document;

	for (size_t p = 0; p < s->parts.n; p++) {
		for (size_t i = 0; i < d->n && s->section_of[p] == 0; i++) {
			if (s->part_of[i] > 0 ||
			    !is_heading_of(s, &d->sections[i], s->parts.items[p].heading))
				continue;
			s->section_of[p] = i + 1;
			s->part_of[i] = p + 1;
		}
	}
	for (size_t p = 0; p < s->parts.n && d->type->heading != 0; p++) {
		if (p >= d->n || s->section_of[p] > 0 || s->part_of[p] > 0)
			continue;
		s->section_of[p] = p + 1;
		s->part_of[p] = p + 1;
	}
}

static status
set_field(struct saving *s, const struct record_ref *ref, uint16_t field, struct value v)
{
	return field == 0 ? ST_OK : edit_set(s->e, ref, field, NULL, &v);
}

static status
new_section(struct saving *s, struct span heading, struct record_ref *ref)
{
	const struct document *d = &s->w->document;
	const struct document_type *t = d->type;
	uint64_t kind = kind_of_heading(t, heading);
	const char *text = arena_text(
	    s->l->arena, "%.*s", (int)heading.len, (const char *)heading.bytes);
	status st;

	if (text == NULL)
		return no_memory(s->l);
	if (t->of == 0 || kind == 0) {
		st = complain(s->l->complaint, PN_V03, "%s can have no section '%.80s'",
		    d->code, text);
		complain_next(s->l->complaint, "pnet report show %s", d->code);
		return trouble_set(&s->l->trouble, st, "%s", s->l->complaint->why);
	}
	st = form_new(s->l, schema_kind(t->section), d->ref.scope, NULL, 0, ref);
	if (st == ST_OK)
		st = set_field(s, ref, t->of, value_bytes(d->ref.name.bytes, 16));
	if (st == ST_OK)
		st = set_field(s, ref, t->part, value_int(kind));
	return st != ST_OK ? st : set_field(s, ref, t->heading, value_text(text));
}

static status
save_part(struct saving *s, size_t p, bool is_moved)
{
	const struct document_type *t = s->w->document.type;
	const struct document_part *part = &s->parts.items[p];
	size_t i = s->section_of[p];
	struct record_ref ref;
	status st = ST_OK;

	if (i > 0)
		ref = s->w->document.sections[i - 1].ref;
	else
		st = new_section(s, part->heading, &ref);
	if (st == ST_OK && i > 0 && t->heading != 0 &&
	    !is_heading_of(s, &s->w->document.sections[i - 1], part->heading))
		st = set_field(s, &ref, t->heading,
		    (struct value){.type = VALUE_TEXT, .bytes = part->heading});
	if (st == ST_OK && (is_moved || i == 0))
		st = set_field(s, &ref, t->order, value_int((p + 1) * ORDER_STEP));
	if (st != ST_OK)
		return st;
	return edit_text(
	    s->e, &ref, t->text, i == 0 ? NULL : &s->w->texts[i - 1], part->text);
}

/* Do the sections stand in another order, or is a new one between them? */
static bool
is_reordered(const struct saving *s)
{
	size_t last = 0;
	bool has_new = false;

	for (size_t p = 0; p < s->parts.n; p++) {
		if (s->section_of[p] == 0) {
			has_new = true;
		} else {
			if (s->section_of[p] < last || has_new)
				return true;
			last = s->section_of[p];
		}
	}
	return has_new;
}

static status
save_all(struct saving *s)
{
	const struct document *d = &s->w->document;
	bool is_moved;
	status st = ST_OK;

	match(s);
	is_moved = is_reordered(s);
	for (size_t p = 0; st == ST_OK && p < s->parts.n; p++)
		st = save_part(s, p, is_moved);
	for (size_t i = 0; st == ST_OK && i < d->n; i++) {
		if (s->part_of[i] == 0)
			st = edit_text(s->e, &d->sections[i].ref, d->type->text,
			    &s->w->texts[i], span_of("", 0));
	}
	return st;
}

/* Lines that are headings in a file of this document: none where there is none yet. */
static struct span *
known_headings(struct laptop *l, const struct document *d, size_t *n)
{
	struct span *out = arena_zeros(l->arena, d->n + N_OTHER_HEADINGS, sizeof *out);

	*n = 0;
	for (size_t i = 0; out != NULL && i < d->n; i++)
		out[(*n)++] = span_text(writing_heading(&d->sections[i]));
	for (size_t i = 0; out != NULL && d->n > 0 && i < N_OTHER_HEADINGS; i++) {
		if (other_headings[i].section == d->type->section)
			out[(*n)++] = span_text(other_headings[i].heading);
	}
	return out;
}

/* Its first line, as far as a message has room for it. */
static struct span
beginning(struct span text)
{
	size_t n = 0;

	while (n < text.len && n < 60 && text.bytes[n] != '\n')
		n++;
	while (n > 0 && n < text.len && (text.bytes[n] & 0xc0) == 0x80)
		n--;
	return span_of(text.bytes, n);
}

/* What people write elsewhere has its title in the first line, which is kept nowhere. Any
 * other words above the first heading are somebody's work, and in no section. */
static status
check_title(
    struct laptop *l, const struct document *d, const struct document_parts *parts)
{
	struct span title = parts->title, start = beginning(title);
	status st;

	if (title.len == 0 || (parts->n > 0 && !parts->has_marks &&
				  memchr(title.bytes, '\n', title.len) == NULL))
		return ST_OK;
	st = complain(l->complaint, PN_V03,
	    "words above the first heading of %s are in no section: '%.*s'", d->code,
	    (int)start.len, (const char *)start.bytes);
	complain_data(l->complaint, "nothing of this file was saved");
	complain_next(l->complaint,
	    "pnet report edit %s    with a line '# Heading' above them", d->code);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
writing_save(struct edit *e, struct laptop *l, const struct writing *w, struct span saved)
{
	const struct document *d = &w->document;
	struct saving s = {.e = e, .l = l, .w = w};
	size_t n_known;
	struct span *known = known_headings(l, d, &n_known);
	status st;

	if (known == NULL)
		return no_memory(l);
	st = document_text_read(
	    l->arena, saved, w->only > 0 ? 0 : n_known, known, &s.parts, &l->trouble);
	if (st != ST_OK)
		return st;
	if (w->only > 0) {
		size_t i = w->only - 1;

		while (saved.len > 0 && saved.bytes[saved.len - 1] == '\n')
			saved.len--;
		return edit_text(
		    e, &d->sections[i].ref, d->type->text, &w->texts[i], saved);
	}
	st = check_title(l, d, &s.parts);
	if (st != ST_OK)
		return st;
	s.section_of = arena_zeros(l->arena, s.parts.n, sizeof *s.section_of);
	s.part_of = arena_zeros(l->arena, d->n, sizeof *s.part_of);
	return s.section_of == NULL || s.part_of == NULL ? no_memory(l) : save_all(&s);
}

/* ---- hot spots ---- */

status
writing_spot(struct laptop *l, const struct document *d, size_t no,
    const struct document_section **section, size_t *at)
{
	size_t before = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (no > before && no <= before + d->sections[i].spots.n) {
			*section = &d->sections[i];
			*at = no - before - 1;
			return ST_OK;
		}
		before += d->sections[i].spots.n;
	}
	(void)complain(l->complaint, PN_F01, "%s has %zu hot spots, no number %zu",
	    d->code, d->n_spots, no);
	complain_next(l->complaint, "pnet report show %s    lists them", d->code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

static status
no_such_wording(
    struct laptop *l, const struct document *d, const struct text_spot *spot, size_t take)
{
	(void)complain(l->complaint, PN_V03, "--take %zu: there are %zu wordings", take,
	    spot->n_versions);
	complain_next(l->complaint, "pnet report show %s", d->code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

status
writing_settle(
    struct edit *e, struct laptop *l, const struct document *d, size_t no, size_t take)
{
	const struct document_section *s = NULL;
	struct spot_place p = {.field = d->type->text};
	status st = writing_spot(l, d, no, &s, &p.at);

	if (st != ST_OK)
		return st;
	p.ref = s->ref;
	p.opened =
	    (struct text_opened){record_field(&s->loaded->view, d->type->text), s->text};
	p.spot = &s->spots.items[p.at];
	if (take > p.spot->n_versions)
		return no_such_wording(l, d, p.spot, take);
	st = spot_settle(e, l, &p, take);
	if (st == ST_CHANGED) {
		(void)complain(l->complaint, PN_C02, "the text is another by now");
		complain_next(l->complaint, "pnet report show %s", d->code);
	}
	return st;
}

/* ---- names of young people ---- */

status
writing_mentions(struct laptop *l, struct span text, size_t *n, struct span *first)
{
	struct query *q = query_of(l->queries,
	    "SELECT DISTINCT given_name FROM young_person WHERE given_name IS NOT NULL");
	struct mention_names names;
	struct span *given = NULL;
	size_t n_given = 0, cap = 0;
	status st;

	while (query_row(q)) {
		if (n_given == cap) {
			struct span *more;

			cap = cap == 0 ? 64 : 2 * cap;
			more = arena_zeros(l->arena, cap, sizeof *more);
			if (more == NULL)
				break;
			if (n_given > 0)
				memcpy(more, given, n_given * sizeof *more);
			given = more;
		}
		given[n_given++] = arena_copy(l->arena, query_column_span(q, 0));
	}
	st = query_done(q, &l->trouble);
	if (st == ST_OK)
		st = mention_names_make(given, n_given, l->arena, &names, &l->trouble);
	return st != ST_OK
		   ? st
		   : mentions_count(text, &names, l->arena, n, first, &l->trouble);
}
