/* history_words.c - plain sentences from entries. */
#include "client/actions/history.h"

enum { TOLD_MAX = 8 };

static const char *const state_words[HAPPENING_STATE_COUNT] = {"", "", "; undone since"};

static const char *
when(struct story *s, const struct happening *h)
{
	return story_time(s, h->entry.time.seconds, h->record->has_date, h->record->date);
}

static const char *
before_words(struct story *s, const struct happening *h)
{
	return h->before == NULL
		   ? ""
		   : arena_text(s->l->arena, "; before: %s",
			 story_value(s, h->record, h->entry.field, &h->before->value));
}

/* "marked 4 Tadeáš Mráz late on day 2 (Tue 13 Apr)". */
static const char *
mark_words(struct story *s, const struct happening *h)
{
	const char *who = story_person(s, h->record, h->entry.key);
	const char *day = story_day(s, h->record);
	struct arena *a = s->l->arena;

	return h->entry.value.type == VALUE_EMPTY
		   ? arena_text(a, "cleared the mark of %s on %s", who, day)
		   : arena_text(a, "marked %s %s on %s", who,
			 story_value(s, h->record, h->entry.field, &h->entry.value), day);
}

static const char *
field_words(struct story *s, const struct happening *h)
{
	const struct field *f = schema_field(h->record->kind, h->entry.field);
	const char *label = h->record->label;
	struct arena *a = s->l->arena;

	if (h->entry.value.type == VALUE_EMPTY)
		return arena_text(a, "cleared %s of %s", f->name, label);
	return arena_text(a, "set %s of %s to %s", f->name, label,
	    story_value(s, h->record, f->id, &h->entry.value));
}

/* "added young person 13 Hana Bieliková in SK-W9: birth_year 2011, gender f". */
static const char *
making_words(
    struct story *s, const struct happening *all, size_t n, size_t at, size_t *used)
{
	struct arena *a = s->l->arena;
	const char *out = arena_text(a, "added %s", all[at].record->label);
	size_t told = 0;

	for (size_t i = at;
	     i < n && all[i].record == all[at].record && all[i].text == NULL; i++) {
		const struct field *f =
		    schema_field(all[i].record->kind, all[i].entry.field);

		*used = i - at + 1;
		if (told < TOLD_MAX)
			out = arena_text(a, "%s%s %s %s", out, told == 0 ? ":" : ",",
			    f->name,
			    story_value(s, all[i].record, f->id, &all[i].entry.value));
		told++;
	}
	return out;
}

/* "changed section 1. Context of SK-W9-TR, 20 Apr 10:00: removed "is cheap", added
 * "costs 214 euro"". */
static const char *
text_sentence(struct story *s, const struct happening *h)
{
	const struct field *f = schema_field(h->record->kind, h->entry.field);
	const struct text_edit *e = h->text;
	const char *came = story_words(s->l, span_text(e->came));
	const char *gone = story_words(s->l, span_text(e->gone));
	bool has_came = *came != '\0', has_gone = *gone != '\0';
	struct arena *a = s->l->arena;
	const char *since = e->is_out     ? "; what it added is out again"
			    : e->is_faded ? "; some of what it added is out again"
			    : !has_came && !has_gone ? "; which words, is not known here"
						     : "";

	return arena_text(a, "%s changed %s%s%s, %s%s%s%s%s%s%s%s%s%s",
	    story_who(s, h->entry.by), strcmp(f->name, "text") == 0 ? "" : f->name,
	    strcmp(f->name, "text") == 0 ? "" : " of ", h->record->label, when(s, h),
	    has_gone || has_came ? ": " : "", has_gone ? "removed \"" : "", gone,
	    has_gone ? "\"" : "", has_gone && has_came ? ", " : "",
	    has_came ? "added \"" : "", came, has_came ? "\"" : "", since);
}

const char *
history_sentence(
    struct story *s, const struct happening *all, size_t n, size_t at, size_t *used)
{
	const struct happening *h = &all[at];
	const char *did;

	*used = 1;
	if (h->text != NULL)
		return text_sentence(s, h);
	did = h->entry.has_key ? mark_words(s, h)
	      : h->is_making   ? making_words(s, all, n, at, used)
			       : field_words(s, h);
	return arena_text(s->l->arena, "%s %s, %s%s%s", story_who(s, h->entry.by), did,
	    when(s, h), before_words(s, h), state_words[h->state]);
}
