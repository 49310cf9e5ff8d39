/* compendium_print.c - page and index of an edition as bytes: of a draft as everything
 * stands, of a released one as it was printed. */
#include "client/actions/compendium.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/actions/catalog.h"
#include "client/terminal/screen.h"
#include "core/pinned.h"

/* What was printed is kept in copies of that kind; "2/3" is a copy's heading. */
static const char page_kind[] = "page", index_kind[] = "index";

/* Bytes of a copy, its marks counted: below the greatest length of one. */
enum { COPY_BYTES = 45000, LINE_MARKS = 3 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a compendium");
}

/* ---- the index ---- */

static void
put_span(struct listing *out, struct span s)
{
	listing_cellf(out, "%.*s", (int)s.len, (const char *)s.bytes);
}

static void
put_number(struct listing *out, bool is_known, uint32_t n)
{
	if (is_known)
		listing_cellf(out, "%u", n);
	else
		listing_cell(out, "");
}

static void
put_countries(struct laptop *l, struct listing *out, const struct tested_in *t)
{
	const char *list = "";

	for (size_t i = 0; i < t->n_countries; i++)
		list = arena_text(l->arena, "%s%s%.*s", list, i == 0 ? "" : ";",
		    (int)t->countries[i].len, (const char *)t->countries[i].bytes);
	listing_cell(out, list);
}

static void
put_entry(struct laptop *l, struct listing *out, const struct compendium *page,
    const struct compendium_entry *e)
{
	char young[COMPENDIUM_COUNT_BYTES];
	bool is_tested = e->part == PART_A;

	listing_row(out);
	listing_cell(out, is_tested ? "A" : "B");
	put_span(out, e->code);
	put_span(out, e->head.title);
	put_span(out, e->head.origin_country);
	put_span(out, e->head.origin);
	put_span(out, e->head.themes);
	put_number(out, e->head.has_ages, e->head.age_min);
	put_number(out, e->head.has_ages, e->head.age_max);
	listing_cell(out, is_tested ? "yes" : "not yet tested");
	if (is_tested)
		put_countries(l, out, &e->tested);
	else
		listing_cell(out, "");
	put_number(out, is_tested, e->tested.workshops);
	listing_cell(out,
	    is_tested ? compendium_count(e->tested.young_people, page->k, young) : "");
	listing_cell(out, form_hash(l, &e->version));
}

static status
print_index(struct laptop *l, const struct compendium *page, struct span *out)
{
	struct listing *rows = listing_new("pnet.compendium/1",
	    "part,practice,title,origin_country,origin,themes,age_min#,age_max#,tested,"
	    "countries,workshops#,young_people,version");
	char *bytes = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&bytes, &len);

	for (size_t i = 0; i < page->n_entries; i++)
		put_entry(l, rows, page, &page->entries[i]);
	if (to != NULL)
		listing_print(rows, STYLE_CSV, true, to);
	listing_free(rows);
	if (to == NULL || fclose(to) != 0) {
		free(bytes);
		return no_memory(l);
	}
	*out = arena_copy(l->arena, span_of(bytes, len));
	free(bytes);
	return out->bytes == NULL ? no_memory(l) : ST_OK;
}

static status
print_now(struct laptop *l, const struct edition *edition, struct printed *out)
{
	struct compendium page;
	status st = compendium_load(l, edition, &page);

	if (st == ST_OK)
		st = compendium_write(&page, l->arena, &out->page, &l->trouble);
	return st != ST_OK ? st : print_index(l, &page, &out->index);
}

/* ---- kept as it was printed ---- */

static struct hash32
hash_of(struct laptop *l, const char *kind, struct span text)
{
	const struct section whole = {kind, span_of("", 0), text};
	struct hash32 out = {{0}};

	(void)version_hash(&whole, 1, &l->checks, l->arena, &out, &l->trouble);
	return out;
}

/* How much of a text one copy takes: whole lines if there is one, else whole characters.
 */
static size_t
cut(struct span text)
{
	size_t used = 0, marks = LINE_MARKS, last_line = 0;

	while (used < text.len && used + marks < COPY_BYTES) {
		if (text.bytes[used++] == '\n') {
			marks += LINE_MARKS;
			last_line = used;
		}
	}
	if (used == text.len || last_line > 0)
		return used == text.len ? used : last_line;
	while (used > 1 && (text.bytes[used] & 0xC0) == 0x80)
		used--;
	return used;
}

static size_t
count_pieces(struct span text)
{
	size_t n = 0;

	for (size_t at = 0; at < text.len; n++)
		at += cut(span_of(text.bytes + at, text.len - at));
	return n;
}

static status
keep_piece(struct edit *e, struct laptop *l, const struct edition *edition,
    const struct section *piece, const char *version)
{
	const struct kind *k = schema_kind(KIND_PUBLICATION_ITEM);
	const struct place place = {.space = 0};
	struct record_ref ref;
	const char *copy;
	status st = document_pin(l, piece, 1, &copy);
	const struct wish wishes[] = {{"publication", form_name(l, &edition->ref.name)},
	    {"version", version}, {"text", copy}};

	return st != ST_OK ? st
			   : catalog_new(e, l, k, &place, NULL, wishes,
				 sizeof wishes / sizeof wishes[0], &ref);
}

static status
keep(struct edit *e, struct laptop *l, const struct edition *edition, const char *kind,
    struct span text)
{
	const struct hash32 hash = hash_of(l, kind, text);
	size_t n = count_pieces(text), at = 0;
	status st = ST_OK;

	for (size_t no = 1; st == ST_OK && no <= n; no++) {
		struct span rest = span_of(text.bytes + at, text.len - at);
		struct section piece = {kind,
		    span_text(arena_text(l->arena, "%zu/%zu", no, n)),
		    span_of(rest.bytes, cut(rest))};

		at += piece.text.len;
		st = keep_piece(e, l, edition, &piece, form_hash(l, &hash));
	}
	return st;
}

status
compendium_keep(struct edit *e, struct laptop *l, const struct edition *edition)
{
	struct printed printed = {0};
	status st = print_now(l, edition, &printed);

	if (st == ST_OK)
		st = keep(e, l, edition, page_kind, printed.page);
	return st != ST_OK ? st : keep(e, l, edition, index_kind, printed.index);
}

bool
compendium_is_print(const char *copy)
{
	return strncmp(copy, "[page] ", 7) == 0 || strncmp(copy, "[index] ", 8) == 0;
}

/* ---- back ---- */

/* Text of a piece with that number of a kind: of two laptops that released the edition
 * apart, all pieces of the smaller hash stand first. "" if there is none. */
static const char *
read_piece(struct laptop *l, const struct edition *edition, const char *kind, size_t no)
{
	struct query *q = query_of(l->queries,
	    "SELECT text FROM publication_item WHERE publication = ?1 AND text LIKE"
	    " '[' || ?2 || '] ' || ?3 || '/%' ORDER BY version, record LIMIT 1");
	const char *out = "";

	query_blob(q, edition->ref.name.bytes, sizeof edition->ref.name.bytes);
	query_text(q, kind);
	query_int(q, (int64_t)no);
	if (query_row(q))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)query_done(q, NULL);
	return out;
}

/* "2/3": how many there are. */
static size_t
count_of(struct span heading)
{
	size_t n = 0, i = 0;

	while (i < heading.len && heading.bytes[i] != '/')
		i++;
	for (i++; i < heading.len && heading.bytes[i] >= '0' && heading.bytes[i] <= '9' &&
		  n < 10000;
	     i++)
		n = n * 10 + (size_t)(heading.bytes[i] - '0');
	return n;
}

/* *out "" unless all pieces are here. */
static status
read_kept(
    struct laptop *l, const struct edition *edition, const char *kind, struct span *out)
{
	size_t n = 1;

	*out = span_of("", 0);
	for (size_t no = 1; no <= n; no++) {
		const char *copy = read_piece(l, edition, kind, no);
		struct section *sections;
		size_t n_sections = 0;
		status st = pinned_read(
		    span_text(copy), l->arena, &sections, &n_sections, &l->trouble);

		if (st != ST_OK)
			return st;
		if (n_sections != 1) {
			*out = span_of("", 0);
			return ST_OK;
		}
		n = count_of(sections[0].heading);
		*out = span_text(arena_text(l->arena, "%.*s%.*s", (int)out->len,
		    (const char *)out->bytes, (int)sections[0].text.len,
		    (const char *)sections[0].text.bytes));
	}
	return ST_OK;
}

status
compendium_print(struct laptop *l, const struct edition *edition, struct printed *out)
{
	status st = ST_OK;

	*out = (struct printed){0};
	if (*edition->released_on != '\0')
		st = read_kept(l, edition, page_kind, &out->page);
	if (st == ST_OK && out->page.len > 0)
		st = read_kept(l, edition, index_kind, &out->index);
	if (st != ST_OK || (out->page.len > 0 && out->index.len > 0))
		return st;
	return print_now(l, edition, out);
}
