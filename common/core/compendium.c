/* compendium.c - writes an edition. Pure. */
#include "core/compendium.h"

#include <stddef.h>

#include "base/text.h"
#include "core/markdown.h"

/* More than the marks around an entry, its hash and the lines of its indexes need. */
enum { ROOM_PAGE = 4096, ROOM_ENTRY = 1024, ROOM_PART = 512, INDEXES = 8 };

static const char head_kind[] = "entry";

/* ---- the head of an entry ---- */

/* One line of the section: how it begins, and which span of the head follows. */
static const struct {
	const char *label;
	size_t at;
} head_lines[] = {
    {"origin country: ", offsetof(struct entry_head, origin_country)},
    {"origin: ", offsetof(struct entry_head, origin)},
    {"themes: ", offsetof(struct entry_head, themes)},
};
static const char ages_label[] = "ages: ";

struct section
compendium_pin_head(const struct entry_head *head, struct arena *a)
{
	struct section out = {.kind = head_kind, .heading = head->title};
	size_t room = ROOM_PART + head->origin.len + head->themes.len;
	uint8_t *bytes = arena_alloc(a, room);
	struct writer w = writer_of(bytes, room);

	if (bytes == NULL)
		return out;
	for (size_t i = 0; i < sizeof head_lines / sizeof head_lines[0]; i++) {
		text_put(&w, "%s%s", i == 0 ? "" : "\n", head_lines[i].label);
		writer_span(
		    &w, *(const struct span *)((const char *)head + head_lines[i].at));
	}
	if (head->has_ages)
		text_put(&w, "\n%s%u-%u", ages_label, head->age_min, head->age_max);
	out.text = writer_done(&w);
	return out;
}

static bool
begins_with(struct span line, const char *label)
{
	size_t len = strlen(label);

	return line.len >= len && memcmp(line.bytes, label, len) == 0;
}

/* "13-18" */
static void
read_ages(struct span text, struct entry_head *out)
{
	uint32_t ages[2] = {0, 0};
	size_t part = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.bytes[i];

		if (c == '-' && part == 0)
			part = 1;
		else if (c < '0' || c > '9' || ages[part] > 99)
			return;
		else
			ages[part] = ages[part] * 10 + (uint32_t)(c - '0');
	}
	out->has_ages = part == 1;
	out->age_min = ages[0];
	out->age_max = ages[1];
}

static void
read_line(struct span line, struct entry_head *out)
{
	size_t len = strlen(ages_label);

	for (size_t i = 0; i < sizeof head_lines / sizeof head_lines[0]; i++) {
		size_t skip = strlen(head_lines[i].label);

		if (begins_with(line, head_lines[i].label))
			*(struct span *)((char *)out + head_lines[i].at) =
			    span_of(line.bytes + skip, line.len - skip);
	}
	if (begins_with(line, ages_label))
		read_ages(span_of(line.bytes + len, line.len - len), out);
}

bool
compendium_read_head(const struct section *s, struct entry_head *out)
{
	*out = (struct entry_head){.title = s->heading};
	if (strcmp(s->kind, head_kind) != 0)
		return false;
	for (size_t at = 0; at < s->text.len;) {
		size_t end = at;

		while (end < s->text.len && s->text.bytes[end] != '\n')
			end++;
		read_line(span_of(s->text.bytes + at, end - at), out);
		at = end + 1;
	}
	return true;
}

/* ---- foreword ---- */

static size_t
count_part(const struct compendium *c, enum publication_part part)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_entries; i++)
		n += c->entries[i].part == part;
	return n;
}

static const char *
practices(size_t n)
{
	return n == 1 ? "practice" : "practices";
}

static void
put_title(struct writer *w, const struct compendium *c)
{
	text_put(w, "# %s, edition %u (",
	    c->is_paper ? "Working paper" : "Compendium of Good Practices", c->edition);
	writer_span(w, c->code);
	text_put(w, ")\n\n- language: ");
	writer_span(w, c->language);
	if (c->released_on.len == 0) {
		text_put(w, "\n- draft: not released\n");
	} else {
		text_put(w, "\n- released: ");
		writer_span(w, c->released_on);
		text_put(w, "\n");
	}
	if (c->is_paper)
		return;
	text_put(w,
	    "- no practitioner is named: names are printed only with a person's "
	    "agreement, and none is recorded\n"
	    "- numbers of young people below %u are not printed\n",
	    c->k);
}

static void
put_foreword(struct writer *w, const struct compendium *c)
{
	size_t proven = count_part(c, PART_A), described = count_part(c, PART_B);

	if (c->is_paper && c->foreword.len == 0)
		return;
	text_put(w, "\n## Foreword\n\n");
	if (c->foreword.len > 0) {
		markdown_text(w, c->foreword);
		text_put(w, c->is_paper ? "" : "\n");
	}
	if (c->is_paper)
		return;
	text_put(w,
	    "Part A holds %zu %s whose transfer to another country was tested in youth "
	    "workshops, reported on by a new and an experienced practitioner, and "
	    "proven. "
	    "Part B holds %zu %s described and trained, not yet tested.\n",
	    proven, practices(proven), described, practices(described));
}

/* ---- entries ---- */

const char *
compendium_count(uint32_t n, uint32_t k, char out[static COMPENDIUM_COUNT_BYTES])
{
	struct writer w = writer_of(out, COMPENDIUM_COUNT_BYTES - 1);

	if (n > 0 && n < k)
		text_put(&w, "x");
	else
		text_put(&w, "%u", n);
	out[w.used] = '\0';
	return out;
}

static void
put_tested(struct writer *w, const struct compendium_entry *e, uint32_t k)
{
	const struct tested_in *t = &e->tested;
	char count[COMPENDIUM_COUNT_BYTES];

	if (e->part == PART_B) {
		text_put(w, "- **not yet tested**\n");
		return;
	}
	text_put(w, "- tested in: %zu %s (", t->n_countries,
	    t->n_countries == 1 ? "country" : "countries");
	for (size_t i = 0; i < t->n_countries; i++) {
		text_put(w, i == 0 ? "" : ", ");
		writer_span(w, t->countries[i]);
	}
	text_put(
	    w, "), %u %s, ", t->workshops, t->workshops == 1 ? "workshop" : "workshops");
	if (t->young_people > 0 && t->young_people < k)
		text_put(w, "fewer than %u young people\n", k);
	else
		text_put(
		    w, "%s young people\n", compendium_count(t->young_people, k, count));
}

/* "youth_culture;dialogue" as "youth culture, dialogue". */
static void
put_themes(struct writer *w, struct span themes)
{
	for (size_t i = 0; i < themes.len; i++) {
		uint8_t c = themes.bytes[i];

		if (c == ';')
			text_put(w, ", ");
		else
			writer_u8(w, c == '_' ? ' ' : c);
	}
}

static void
put_head(struct writer *w, const struct compendium_entry *e)
{
	const struct entry_head *h = &e->head;

	text_put(w, "\n### ");
	writer_span(w, e->code);
	text_put(w, " ");
	writer_span(w, h->title);
	text_put(w, "\n\n- origin: ");
	writer_span(w, h->origin_country);
	if (h->origin.len > 0) {
		text_put(w, ", ");
		writer_span(w, h->origin);
	}
	text_put(w, "\n");
	if (h->themes.len > 0) {
		text_put(w, "- themes: ");
		put_themes(w, h->themes);
		text_put(w, "\n");
	}
	if (h->has_ages)
		text_put(w, "- ages: %u-%u\n", h->age_min, h->age_max);
}

static void
put_entry(struct writer *w, const struct compendium_entry *e, uint32_t k)
{
	put_head(w, e);
	put_tested(w, e, k);
	text_put(w, "- text: ");
	markdown_hash(w, &e->version);
	text_put(w, "\n");
	for (size_t i = 0; i < e->n_sections; i++) {
		text_put(w, "\n#### ");
		if (e->sections[i].heading.len > 0)
			writer_span(w, e->sections[i].heading);
		else
			markdown_word(w, e->sections[i].kind, true);
		text_put(w, "\n\n");
		markdown_text(w, e->sections[i].text);
	}
}

static void
put_part(struct writer *w, const struct compendium *c, enum publication_part part,
    const char *title)
{
	text_put(w, "\n## %s\n", title);
	if (count_part(c, part) == 0)
		text_put(w, "\nNo practice in this edition.\n");
	for (size_t i = 0; i < c->n_entries; i++) {
		if (c->entries[i].part == part)
			put_entry(w, &c->entries[i], c->k);
	}
}

/* ---- advocacy ---- */

static void
put_advocacy(struct writer *w, const struct compendium *c)
{
	text_put(w, "\n## Advocacy: how to win authorities and policymakers\n");
	if (c->n_chapters == 0)
		text_put(w, "\nNo advocacy report is accepted yet.\n");
	for (size_t i = 0; i < c->n_chapters; i++) {
		const struct chapter *x = &c->chapters[i];

		text_put(w, "\n### ");
		writer_span(w, x->title);
		text_put(w, "\n\n- source: ");
		writer_span(w, x->source);
		text_put(w, ", text ");
		markdown_hash(w, &x->version);
		text_put(w, "\n\n");
		markdown_text(w, x->text);
	}
	if (c->awaited.len > 0) {
		text_put(w, "\nNot accepted yet: ");
		writer_span(w, c->awaited);
		text_put(w, "\n");
	}
}

/* ---- index ---- */

/* The next theme of a list; false at its end. */
static bool
next_theme(struct span themes, size_t *at, struct span *out)
{
	size_t begin = *at, end = *at;

	if (begin >= themes.len)
		return false;
	while (end < themes.len && themes.bytes[end] != ';')
		end++;
	*out = span_of(themes.bytes + begin, end - begin);
	*at = end + 1;
	return true;
}

static int
compare_spans(struct span a, struct span b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n == 0 ? 0 : memcmp(a.bytes, b.bytes, n);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool
has_theme(const struct compendium_entry *e, struct span theme)
{
	struct span one;

	for (size_t at = 0; next_theme(e->head.themes, &at, &one);) {
		if (span_equal(one, theme))
			return true;
	}
	return false;
}

/* The first theme behind `last` in the order of bytes; false if there is none. */
static bool
theme_after(const struct compendium *c, struct span last, struct span *out)
{
	bool found = false;

	for (size_t i = 0; i < c->n_entries; i++) {
		struct span one;

		for (size_t at = 0; next_theme(c->entries[i].head.themes, &at, &one);) {
			if (compare_spans(one, last) > 0 &&
			    (!found || compare_spans(one, *out) < 0)) {
				*out = one;
				found = true;
			}
		}
	}
	return found;
}

static void
put_codes(struct writer *w, const struct compendium_entry *e, size_t *n)
{
	text_put(w, (*n)++ == 0 ? ": " : ", ");
	writer_span(w, e->code);
}

static void
put_theme_index(struct writer *w, const struct compendium *c)
{
	struct span theme = span_of("", 0);

	text_put(w, "\n### By theme\n\n");
	while (theme_after(c, theme, &theme)) {
		size_t n = 0;

		text_put(w, "- ");
		put_themes(w, theme);
		for (size_t i = 0; i < c->n_entries; i++) {
			if (has_theme(&c->entries[i], theme))
				put_codes(w, &c->entries[i], &n);
		}
		text_put(w, "\n");
	}
}

/* The age bands of DOMAIN 6.3. */
static const struct {
	const char *name;
	uint32_t from, to;
} bands[] = {{"under 14", 0, 13}, {"14-15", 14, 15}, {"16-17", 16, 17}, {"18-20", 18, 20},
    {"21 and older", 21, UINT32_MAX}};
_Static_assert(sizeof bands / sizeof bands[0] <= INDEXES, "room for each");

static void
put_age_index(struct writer *w, const struct compendium *c)
{
	text_put(w, "\n### By age\n\n");
	for (size_t b = 0; b < sizeof bands / sizeof bands[0]; b++) {
		size_t n = 0;

		for (size_t i = 0; i < c->n_entries; i++) {
			const struct entry_head *h = &c->entries[i].head;

			if (!h->has_ages || h->age_min > bands[b].to ||
			    h->age_max < bands[b].from)
				continue;
			if (n == 0)
				text_put(w, "- %s", bands[b].name);
			put_codes(w, &c->entries[i], &n);
		}
		if (n > 0)
			text_put(w, "\n");
	}
}

/* ---- the page ---- */

static size_t
room_for_entry(const struct compendium_entry *e)
{
	size_t n_themes = 1;
	size_t room = ROOM_ENTRY + (INDEXES + 1) * (e->code.len + 2) + e->head.title.len +
		      e->head.origin_country.len + e->head.origin.len;

	/* An index line for each theme, and the code in each. */
	for (size_t i = 0; i < e->head.themes.len; i++)
		n_themes += e->head.themes.bytes[i] == ';';
	room += 4 * e->head.themes.len + n_themes * (e->code.len + 8);
	for (size_t i = 0; i < e->tested.n_countries; i++)
		room += e->tested.countries[i].len + 2;
	for (size_t i = 0; i < e->n_sections; i++)
		room += ROOM_PART + strlen(e->sections[i].kind) +
			e->sections[i].heading.len +
			markdown_text_room(e->sections[i].text);
	return room;
}

static size_t
room_for(const struct compendium *c)
{
	size_t room = ROOM_PAGE + c->code.len + c->language.len + c->released_on.len +
		      markdown_text_room(c->foreword) + c->awaited.len;

	for (size_t i = 0; i < c->n_entries; i++)
		room += room_for_entry(&c->entries[i]);
	for (size_t i = 0; i < c->n_chapters; i++)
		room += ROOM_PART + c->chapters[i].title.len + c->chapters[i].source.len +
			markdown_text_room(c->chapters[i].text);
	return room;
}

status
compendium_write(
    const struct compendium *c, struct arena *a, struct span *out, struct trouble *t)
{
	size_t room = room_for(c);
	uint8_t *bytes = arena_alloc(a, room);
	struct writer w = writer_of(bytes, room);

	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a compendium");
	put_title(&w, c);
	put_foreword(&w, c);
	if (!c->is_paper) {
		put_part(&w, c, PART_A, "Part A: proven");
		put_part(&w, c, PART_B, "Part B: not yet tested");
	}
	put_advocacy(&w, c);
	if (!c->is_paper) {
		text_put(&w, "\n## Index\n");
		put_theme_index(&w, c);
		put_age_index(&w, c);
	}
	*out = writer_done(&w);
	return w.is_full ? trouble_set(t, ST_BUG, "a compendium did not fit") : ST_OK;
}
