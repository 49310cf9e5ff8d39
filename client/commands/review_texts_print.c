/* review_texts_print.c - hot spots of texts as text, rows or JSON; decides nothing. */
#include <jansson.h>

#include "client/actions/people.h"
#include "client/actions/writing.h"
#include "client/commands/review_print.h"

enum { WORDING_BYTES = 400 };

/* A wording in one line, cut where it grows long. */
static const char *
wording(struct laptop *l, struct span text)
{
	char *out;

	while (text.len > WORDING_BYTES ||
	       (text.len == WORDING_BYTES && (text.bytes[text.len - 1] & 0xC0) == 0x80))
		text.len--;
	if (text.len == 0)
		return "(took it out)";
	out = arena_text(l->arena, "%.*s", (int)text.len, (const char *)text.bytes);
	for (char *p = out; p != NULL && *p != '\0'; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	return out == NULL ? "" : out;
}

static struct span
now_at(const struct review_text *t)
{
	return span_of(
	    t->section->text.text.bytes + t->spot->at, t->spot->end - t->spot->at);
}

static void
print_human(struct laptop *l, const struct review_text *t)
{
	screen_text(stdout, t->document->code);
	printf(" · ");
	screen_text(stdout, writing_heading(t->section));
	printf(" · hot spot %zu\n  now  ", t->no);
	screen_text(stdout, wording(l, now_at(t)));
	printf("\n");
	for (size_t i = 0; i < t->spot->n_versions; i++) {
		const struct text_version *v = &t->spot->versions[i];
		const char *member = author_member(l, v->by);
		char when[SCREEN_TIME_BYTES];

		screen_local_time(v->time.seconds, when);
		printf("  %zu    ", i + 1);
		screen_text(stdout, wording(l, v->text));
		printf("   ");
		screen_text(stdout, people_member_name(l, member));
		printf(" (%s)   %s\n", member, when);
	}
	printf("  settle: pnet report settle %s %zu    as it stands, or with --take 1\n",
	    t->document->code, t->no);
}

static void
print_json(struct laptop *l, const struct review_text *t)
{
	json_t *siblings = json_array();
	json_t *o;

	for (size_t i = 0; i < t->spot->n_versions; i++) {
		const struct text_version *v = &t->spot->versions[i];
		char at[SCREEN_TIME_BYTES];

		screen_utc_time(v->time.seconds, at);
		(void)json_array_append_new(
		    siblings, json_pack("{s:i, s:s%, s:s, s:s}", "n", (int)i + 1, "value",
				  v->text.len == 0 ? "" : (const char *)v->text.bytes,
				  v->text.len, "by", author_member(l, v->by), "at", at));
	}
	o = json_pack("{s:s, s:s, s:i, s:s, s:s%, s:o}", "schema", "pnet.spot/1",
	    "document", t->document->code, "spot", (int)t->no, "section",
	    writing_heading(t->section), "now", (const char *)now_at(t).bytes,
	    now_at(t).len, "siblings", siblings);
	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

static void
list_text(struct listing *out, struct laptop *l, const struct review_text *t)
{
	for (size_t i = 0; i < t->spot->n_versions; i++) {
		const struct text_version *v = &t->spot->versions[i];
		char at[SCREEN_TIME_BYTES];

		screen_utc_time(v->time.seconds, at);
		listing_row(out);
		listing_cell(out, t->document->code);
		listing_cellf(out, "%zu", t->no);
		listing_cell(out, writing_heading(t->section));
		listing_cellf(out, "%zu", i + 1);
		listing_cell(out, wording(l, v->text));
		listing_cell(out, author_member(l, v->by));
		listing_cell(out, at);
	}
}

void
review_print_texts(
    struct call *c, struct laptop *l, const struct review_text *texts, size_t n)
{
	struct listing *out;

	if (n == 0)
		return;
	for (size_t i = 0; i < n && c->global.style == STYLE_HUMAN; i++)
		print_human(l, &texts[i]);
	for (size_t i = 0; i < n && c->global.style == STYLE_JSON; i++)
		print_json(l, &texts[i]);
	if (c->global.style == STYLE_HUMAN || c->global.style == STYLE_JSON)
		return;
	out = listing_new("pnet.spots/1", "document,spot#,section,n#,value,by,at");
	for (size_t i = 0; i < n; i++)
		list_text(out, l, &texts[i]);
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}
