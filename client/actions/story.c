/* story.c - names and words for records, from the schema and the rolls. */
#include "client/actions/story.h"

#include <time.h>

#include "base/date.h"

/* Codes, days and the words of vocabularies are shorter; what was meant to be read as a
 * whole, a title for one, too. */
enum { WORDS_BYTES_MAX = 72, VALUE_BYTES_MAX = 200 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a story");
}

/* ---- the record ---- */

/* Bytes of the field `name` of a record, as they stand or as the scope says. */
static bool
field_bytes(const struct story_record *r, const char *name, void *out, size_t len)
{
	const struct field *f = schema_field_named(r->kind, span_text(name));
	const struct record_cell *cell =
	    f == NULL ? NULL : record_field(&r->loaded->view, f->id);
	struct span bytes = {NULL, 0};

	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		if (cell->entries[i].entry->value.type == VALUE_BYTES)
			bytes = cell->entries[i].entry->value.bytes;
	}
	if (bytes.bytes == NULL && field_is_of_scope(r->kind, f))
		bytes = scope_activity(&r->loaded->scope);
	if (bytes.len != len)
		return false;
	memcpy(out, bytes.bytes, len);
	return true;
}

static const char *
field_words(struct laptop *l, const struct story_record *r, const char *name)
{
	const struct field *f = schema_field_named(r->kind, span_text(name));
	const struct record_cell *cell =
	    f == NULL ? NULL : record_field(&r->loaded->view, f->id);

	return cell == NULL || f->type == FIELD_LONGTEXT
		   ? ""
		   : form_text(l, f, &cell->entries[0].entry->value);
}

/* NULL if the keys are not here: the office. */
static const struct rolls *
rolls_of(struct story *s, const char *code)
{
	struct complaint kept = *s->l->complaint;
	struct rolls *more;

	for (size_t i = 0; i < s->n_rolls; i++) {
		if (strcmp(s->rolls[i].activity.code, code) == 0)
			return s->rolls[i].roll.n_days == 0 ? NULL : &s->rolls[i];
	}
	if (s->n_rolls == s->cap_rolls) {
		/* Records point to the old ones, which stay in the arena. */
		s->cap_rolls = s->cap_rolls == 0 ? 8 : s->cap_rolls * 2;
		more = arena_zeros(s->l->arena, s->cap_rolls, sizeof *more);
		if (more == NULL)
			return NULL;
		if (s->n_rolls > 0)
			memcpy(more, s->rolls, s->n_rolls * sizeof *more);
		s->rolls = more;
	}
	more = &s->rolls[s->n_rolls++];
	if (rolls_open(s->l, code, more) == ST_OK)
		return more->roll.n_days == 0 ? NULL : more;
	memset(more, 0, sizeof *more);
	(void)snprintf(more->activity.code, sizeof more->activity.code, "%s", code);
	*s->l->complaint = kept;
	return NULL;
}

static void
read_day(struct story_record *r)
{
	const struct field *f = schema_field_named(r->kind, span_text("day_no"));
	const struct record_cell *cell =
	    f == NULL ? NULL : record_field(&r->loaded->view, f->id);

	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		const struct value *v = &cell->entries[i].entry->value;

		if (v->type == VALUE_INT && v->number <= SCHEMA_DAY_NO_MAX)
			r->day_no = (uint8_t)v->number;
	}
	for (size_t i = 0; r->rolls != NULL && i < r->rolls->roll.n_days; i++) {
		const struct roll_day *d = &r->rolls->roll.days[i];

		if (d->day_no == r->day_no && d->has_date) {
			r->has_date = true;
			r->date = d->date;
		}
	}
}

static const struct roll_row *
row_of(const struct story_record *r, uint64_t person_key)
{
	for (size_t i = 0; r->rolls != NULL && i < r->rolls->roll.n_rows; i++) {
		if (r->rolls->roll.rows[i].person.n == person_key)
			return &r->rolls->roll.rows[i];
	}
	return NULL;
}

const char *
story_person(struct story *s, const struct story_record *r, uint64_t person_key)
{
	const struct roll_row *row = row_of(r, person_key);

	for (size_t i = 0; row != NULL && i < r->rolls->view.n_lines; i++) {
		struct person_id pid = rolls_pid(r->rolls, i);

		if (person_key_of(&pid).n == person_key)
			return arena_text(
			    s->l->arena, "%zu %s", i + 1, rolls_name(s->l, r->rolls, i));
	}
	return row == NULL ? "somebody" : rolls_row_name(s->l, r->rolls, row);
}

const char *
story_young(struct story *s, const struct story_record *r, uint64_t person_key)
{
	const struct roll_row *row = row_of(r, person_key);

	return row == NULL ? "" : rolls_row_code(s->l, r->rolls, row);
}

/* "section 1. Context of SK-W9-TR". */
static const char *
section_words(struct story *s, const struct story_record *r)
{
	const struct field *of = &r->kind->fields[0];
	const char *heading = field_words(s->l, r, "heading"), *code = "";
	struct record_id id;

	if (*heading == '\0')
		heading = field_words(s->l, r, "kind");
	if (*heading == '\0')
		return r->kind->singular;
	if (of->type == FIELD_REF && field_bytes(r, of->name, id.bytes, sizeof id.bytes))
		code = find_code_of(s->l, of->of, &id);
	return arena_text(
	    s->l->arena, "section %s%s%s", heading, *code == '\0' ? "" : " of ", code);
}

/* The record itself without its activity: "practice GP01", "team member SK-T2". */
static const char *
own_words(struct story *s, const struct story_record *r)
{
	static const char *const names[] = {"code", "person", "name", "title", "heading"};
	struct laptop *l = s->l;

	if (r->loaded->ref.has_person)
		return arena_text(l->arena, "%s %s", r->kind->singular,
		    story_person(s, r, person_key_of(&r->loaded->ref.person).n));
	if (schema_field_named(r->kind, span_text("heading")) != NULL)
		return section_words(s, r);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *words = field_words(l, r, names[i]);

		if (*words != '\0')
			return arena_text(l->arena, "%s %s", r->kind->singular, words);
	}
	return r->kind->singular;
}

status
story_record(struct story *s, int64_t rid, struct story_record *out)
{
	struct laptop *l = s->l;
	struct record_id activity;
	status st;

	*out = (struct story_record){.activity = "", .young = "", .label = ""};
	out->loaded = arena_zeros(l->arena, 1, sizeof *out->loaded);
	if (out->loaded == NULL)
		return no_memory(l);
	st = record_load(l, rid, l->arena, out->loaded);
	if (st != ST_OK)
		return st;
	out->kind = schema_kind(out->loaded->ref.kind);
	if (out->kind == NULL)
		return ST_OK;
	if (out->kind->id == KIND_ACTIVITY)
		out->activity = field_words(l, out, "code");
	else if (field_bytes(out, "activity", activity.bytes, sizeof activity.bytes))
		out->activity = find_code_of(l, KIND_ACTIVITY, &activity);
	if (*out->activity != '\0')
		out->rolls = rolls_of(s, out->activity);
	read_day(out);
	if (out->loaded->ref.has_person)
		out->young =
		    story_young(s, out, person_key_of(&out->loaded->ref.person).n);
	out->label = own_words(s, out);
	if (*out->activity != '\0' && out->kind->id != KIND_ACTIVITY)
		out->label = arena_text(l->arena, "%s%s%s in %s", out->label,
		    out->day_no == 0 ? "" : " of ", story_day(s, out), out->activity);
	return ST_OK;
}

/* ---- parts of sentences ---- */

const char *
story_day(struct story *s, const struct story_record *r)
{
	const char *date;

	if (r->day_no == 0)
		return "";
	date =
	    r->rolls == NULL ? "" : find_day_text(s->l, &r->rolls->activity, r->day_no);
	return arena_text(s->l->arena, "day %u%s%s%s", r->day_no,
	    *date == '\0' ? "" : " (", date, *date == '\0' ? "" : ")");
}

const char *
story_place(struct story *s, const struct story_record *r, uint16_t field, bool has_key,
    uint64_t key)
{
	const struct field *f = schema_field(r->kind, field);

	if (has_key)
		return arena_text(s->l->arena, "%s, %s, day %u", r->activity,
		    story_person(s, r, key), r->day_no);
	return f == NULL ? r->label
			 : arena_text(s->l->arena, "%s of %s", f->name, r->label);
}

const char *
story_value(
    struct story *s, const struct story_record *r, uint16_t field, const struct value *v)
{
	const struct field *f = schema_field(r->kind, field);
	const char *words;

	if (v == NULL || v->type == VALUE_EMPTY || f == NULL)
		return "nothing";
	if (f->type == FIELD_LONGTEXT)
		return "a text";
	words = form_text(s->l, f, v);
	if (f->type == FIELD_COPY || strlen(words) > VALUE_BYTES_MAX)
		words = story_words(s->l, span_text(words));
	return *words == '\0' ? "what is not known here" : words;
}

const char *
story_words(struct laptop *l, struct span text)
{
	size_t n = text.len;
	char *out;

	if (n == 0)
		return "";
	if (n > WORDS_BYTES_MAX) {
		n = WORDS_BYTES_MAX;
		while (n > 0 && (text.bytes[n] & 0xC0) == 0x80)
			n--;
	}
	out = arena_text(l->arena, "%.*s%s", (int)n, (const char *)text.bytes,
	    n < text.len ? "..." : "");
	for (char *c = out; c != NULL && *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			*c = ' ';
	}
	return out == NULL ? "" : out;
}

const char *
story_who(struct story *s, struct author by)
{
	const char *member = author_member(s->l, by);
	const char *name = people_member_name(s->l, member);

	return *name == '\0' ? member : arena_text(s->l->arena, "%s (%s)", name, member);
}

const char *
story_time(struct story *s, uint64_t seconds, bool has_day, uint32_t day)
{
	time_t at = (time_t)seconds, now = (time_t)(s->l->now_ms / 1000);
	struct tm then, today;
	char text[48];
	uint32_t days;

	if (localtime_r(&at, &then) == NULL || localtime_r(&now, &today) == NULL)
		return "";
	days = (uint32_t)(((int64_t)seconds + then.tm_gmtoff) / 86400);
	if (has_day && days == day)
		(void)strftime(text, sizeof text, "%H:%M", &then);
	else
		(void)strftime(text, sizeof text,
		    then.tm_year == today.tm_year ? "%e %b %H:%M" : "%e %b %Y %H:%M",
		    &then);
	return arena_text(s->l->arena, "%s", text + (text[0] == ' '));
}
