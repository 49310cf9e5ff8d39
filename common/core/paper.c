/* paper.c - merges reports of countries part by part. Pure. */
#include "core/paper.h"

#include "base/text.h"
#include "core/markdown.h"

enum { ROOM_PAGE = 2048, ROOM_SECTION = 256 };

static const char synthesis[] = "synthesis";

/* ---- in order ---- */

static bool
is_on(const struct section *s, const char *part)
{
	return strcmp(s->kind, part) == 0;
}

/* Parts that countries write; the synthesis is the office's. */
static size_t
count_parts(void)
{
	return vocabulary_size(VOC_ADVOCACY_SECTION);
}

static const char *
part_name(size_t i)
{
	return vocabulary_word(VOC_ADVOCACY_SECTION, i + 1);
}

static struct span
heading_of(const struct paper_source *s, struct arena *a)
{
	return span_text(arena_text(a, "%.*s (%.*s)", (int)s->country.len,
	    (const char *)s->country.bytes, (int)s->document.len,
	    (const char *)s->document.bytes));
}

static size_t
count_sections(const struct paper *p)
{
	size_t n = 1; /* the synthesis */

	for (size_t i = 0; i < p->n_sources; i++)
		n += p->sources[i].n_sections;
	return n;
}

static void
add_part(const struct paper *p, const char *part, struct arena *a, struct section *out,
    size_t *n)
{
	for (size_t i = 0; i < p->n_sources; i++) {
		const struct paper_source *s = &p->sources[i];

		for (size_t k = 0; k < s->n_sections; k++) {
			if (is_on(&s->sections[k], part))
				out[(*n)++] = (struct section){
				    part, heading_of(s, a), s->sections[k].text};
		}
	}
}

status
paper_sections(const struct paper *p, struct arena *a, struct section **out, size_t *n,
    struct trouble *t)
{
	*n = 0;
	*out = arena_zeros(a, count_sections(p), sizeof **out);
	if (*out == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a paper");
	for (size_t i = 0; i < count_parts(); i++)
		add_part(p, part_name(i), a, *out, n);
	if (p->synthesis.len > 0)
		(*out)[(*n)++] =
		    (struct section){synthesis, span_of("", 0), p->synthesis};
	return ST_OK;
}

/* ---- the page ---- */

static void
put_fact(struct writer *w, const char *name, struct span value)
{
	if (value.len == 0)
		return;
	text_put(w, "- %s: ", name);
	writer_span(w, value);
	text_put(w, "\n");
}

static void
put_title(struct writer *w, const struct paper *p)
{
	text_put(w, "# Working paper ");
	writer_span(w, p->code);
	if (p->title.len > 0) {
		text_put(w, ": ");
		writer_span(w, p->title);
	}
	text_put(w, "\n\n");
	if (p->is_draft)
		text_put(w, "**Draft, not for publication.**\n\n");
	if (p->edition > 0)
		text_put(w, "- edition: %u\n", p->edition);
	put_fact(w, "language", p->language);
	put_fact(w, "not accepted yet", p->unaccepted);
	put_fact(w, "not handed in yet", p->absent);
}

static void
put_source(struct writer *w, const struct paper_source *s)
{
	writer_span(w, s->document);
	if (s->on.len > 0) {
		text_put(w, " of ");
		writer_span(w, s->on);
	}
	text_put(w, ", text ");
	markdown_hash(w, &s->version);
	text_put(w, "\n");
}

static void
put_country(struct writer *w, const struct paper_source *s, const char *part)
{
	for (size_t i = 0; i < s->n_sections; i++) {
		if (!is_on(&s->sections[i], part))
			continue;
		text_put(w, "\n### ");
		writer_span(w, s->country);
		text_put(w, "\n\n- source: ");
		put_source(w, s);
		text_put(w, "\n");
		markdown_text(w, s->sections[i].text);
	}
}

static void
put_part(struct writer *w, const struct paper *p, const char *part)
{
	text_put(w, "\n## ");
	markdown_word(w, part, true);
	text_put(w, "\n");
	for (size_t i = 0; i < p->n_sources; i++)
		put_country(w, &p->sources[i], part);
}

static void
put_synthesis(struct writer *w, const struct paper *p)
{
	text_put(w, "\n## Synthesis\n\n");
	if (p->synthesis.len == 0)
		text_put(w, "Not written yet.\n");
	markdown_text(w, p->synthesis);
	text_put(w, "\nSources:\n\n");
	for (size_t i = 0; i < p->n_sources; i++) {
		text_put(w, "- ");
		writer_span(w, p->sources[i].country);
		text_put(w, ": ");
		put_source(w, &p->sources[i]);
	}
}

static size_t
room_for(const struct paper *p)
{
	size_t room = ROOM_PAGE + p->code.len + p->title.len + p->language.len +
		      p->absent.len + p->unaccepted.len +
		      markdown_text_room(p->synthesis);

	for (size_t i = 0; i < p->n_sources; i++) {
		const struct paper_source *s = &p->sources[i];
		size_t names = s->country.len + s->document.len + s->on.len;

		/* Once above each section, and among the sources. */
		room += (s->n_sections + 1) * (ROOM_SECTION + names);
		for (size_t k = 0; k < s->n_sections; k++)
			room += markdown_text_room(s->sections[k].text);
	}
	return room;
}

status
paper_write(const struct paper *p, struct arena *a, struct span *out, struct trouble *t)
{
	size_t room = room_for(p);
	uint8_t *bytes = arena_alloc(a, room);
	struct writer w = writer_of(bytes, room);

	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a paper");
	put_title(&w, p);
	for (size_t part = 0; part < count_parts(); part++)
		put_part(&w, p, part_name(part));
	put_synthesis(&w, p);
	*out = writer_done(&w);
	return w.is_full ? trouble_set(t, ST_BUG, "a paper did not fit") : ST_OK;
}
