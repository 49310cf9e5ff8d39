/* report_page.c - writes a report as Markdown. Pure. */
#include "core/report_page.h"

#include "base/text.h"
#include "core/markdown.h"

/* Per section, rating cell and sign-off: more than the marks around the texts need. */
enum { ROOM_PAGE = 1024, ROOM_PART = 256 };

const char *
report_criterion(size_t i)
{
	return schema_field(schema_kind(KIND_RATING), (uint16_t)(F_RATING_NEED + i))
	    ->name;
}

const char *
report_mean(
    const struct page_rating *ratings, size_t n, size_t criterion, char out[static 8])
{
	struct writer w = writer_of(out, 7);
	unsigned sum = 0, tenths, count = (unsigned)n;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (!ratings[i].has[criterion])
			return out;
		sum += ratings[i].points[criterion];
	}
	if (n == 0)
		return out;
	tenths = (20 * sum + count) / (2 * count);
	text_put(&w, "%u.%u", tenths / 10, tenths % 10);
	out[w.used] = '\0';
	return out;
}

/* ---- sections ---- */

static void
put_section(struct writer *w, const struct section *s)
{
	text_put(w, "\n## ");
	if (s->heading.len > 0)
		writer_span(w, s->heading);
	else
		markdown_word(w, s->kind, true);
	text_put(w, "\n");
	if (s->text.len > 0)
		text_put(w, "\n");
	markdown_text(w, s->text);
}

/* ---- ratings ---- */

static void
put_cell(struct writer *w, struct span text)
{
	text_put(w, " ");
	writer_span(w, text);
	text_put(w, " |");
}

static void
put_rating_head(struct writer *w, const struct report_page *p)
{
	text_put(w, "| criterion |");
	for (size_t i = 0; i < p->n_ratings; i++) {
		text_put(w, " ");
		writer_span(w, p->ratings[i].experience);
		text_put(w, " (");
		writer_span(w, p->ratings[i].by);
		text_put(w, ") |");
	}
	text_put(w, " mean |\n|---|");
	for (size_t i = 0; i <= p->n_ratings; i++)
		text_put(w, "---|");
	text_put(w, "\n");
}

static void
put_criterion(struct writer *w, const struct report_page *p, size_t criterion)
{
	char mean[8];

	text_put(w, "| ");
	markdown_word(w, report_criterion(criterion), false);
	text_put(w, " |");
	for (size_t i = 0; i < p->n_ratings; i++) {
		if (p->ratings[i].has[criterion])
			text_put(w, " %u |", p->ratings[i].points[criterion]);
		else
			text_put(w, "  |");
	}
	put_cell(w, span_text(report_mean(p->ratings, p->n_ratings, criterion, mean)));
	text_put(w, "\n");
}

static void
put_verdicts(struct writer *w, const struct report_page *p)
{
	bool differ = false;

	text_put(w, "| verdict |");
	for (size_t i = 0; i < p->n_ratings; i++) {
		text_put(w, " ");
		markdown_word(w, p->ratings[i].verdict, false);
		text_put(w, " |");
		differ =
		    differ || strcmp(p->ratings[i].verdict, p->ratings[0].verdict) != 0;
	}
	put_cell(w, span_text(differ ? "they differ" : ""));
	text_put(w, "\n");
}

static void
put_ratings(struct writer *w, const struct report_page *p)
{
	text_put(w, "\n## Ratings\n\n");
	if (p->n_ratings == 0) {
		text_put(w, "Not rated yet.\n");
		return;
	}
	put_rating_head(w, p);
	for (size_t i = 0; i < RATING_CRITERIA; i++)
		put_criterion(w, p, i);
	put_verdicts(w, p);
}

/* ---- sign-offs ---- */

static void
put_signoffs(struct writer *w, const struct report_page *p)
{
	bool any = false;

	text_put(w, "\n## Sign-offs\n\n");
	for (size_t i = 0; i < p->n_signoffs; i++) {
		const struct page_signoff *s = &p->signoffs[i];

		if (!s->is_of_text)
			continue;
		if (!any)
			text_put(w, "| by | experience | on | text |\n"
				    "|---|---|---|---|\n");
		any = true;
		text_put(w, "|");
		put_cell(w, s->by);
		put_cell(w, s->experience);
		put_cell(w, s->on);
		text_put(w, " ");
		markdown_hash(w, &p->version);
		text_put(w, " |\n");
	}
	if (!any)
		text_put(w, "Nobody has signed this text.\n");
}

/* ---- the page ---- */

static size_t
room_for(const struct report_page *p)
{
	size_t room = ROOM_PAGE + p->code.len;

	for (size_t i = 0; i < p->n_facts; i++)
		room += ROOM_PART + p->facts[i].value.len;
	for (size_t i = 0; i < p->n_sections; i++)
		room += ROOM_PART + p->sections[i].heading.len +
			markdown_text_room(p->sections[i].text);
	for (size_t i = 0; i < p->n_ratings; i++)
		room += ROOM_PART + p->ratings[i].by.len + p->ratings[i].experience.len +
			strlen(p->ratings[i].verdict);
	for (size_t i = 0; i < p->n_signoffs; i++)
		room += ROOM_PART + p->signoffs[i].by.len + p->signoffs[i].on.len;
	return room;
}

status
report_page_write(
    const struct report_page *p, struct arena *a, struct span *out, struct trouble *t)
{
	size_t room = room_for(p);
	uint8_t *bytes = arena_alloc(a, room);
	struct writer w = writer_of(bytes, room);

	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a page");
	text_put(&w, "# %s ", p->title);
	writer_span(&w, p->code);
	text_put(&w, "\n\n");
	for (size_t i = 0; i < p->n_facts; i++) {
		if (p->facts[i].value.len == 0)
			continue;
		text_put(&w, "- %s: ", p->facts[i].name);
		writer_span(&w, p->facts[i].value);
		text_put(&w, "\n");
	}
	text_put(&w, "- text: ");
	markdown_hash(&w, &p->version);
	text_put(&w, "\n");
	for (size_t i = 0; i < p->n_sections; i++)
		put_section(&w, &p->sections[i]);
	if (p->is_rated) {
		put_ratings(&w, p);
		put_signoffs(&w, p);
	}
	*out = writer_done(&w);
	return w.is_full ? trouble_set(t, ST_BUG, "a page did not fit") : ST_OK;
}
