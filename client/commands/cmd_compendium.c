/* cmd_compendium.c - pnet compendium new, list, add, remove, foreword, show, build,
 * release. */
#include <errno.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/text.h"
#include "client/actions/compendium.h"
#include "client/actions/form.h"
#include "client/commands/outfile.h"

enum { FOREWORD_BYTES_MAX = 1 << 16 };

static status
open_edition(struct call *c, struct laptop **l, struct edition *out)
{
	status st = command_open(c, l);

	return st != ST_OK ? st : compendium_open(*l, c->args[0], out);
}

/* ---- new, list ---- */

status
cmd_compendium_new(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct record_id name;
	status st = command_open(c, &l);

	if (st == ST_OK &&
	    find_code(l, KIND_PUBLICATION, c->args[0], 0, &name, NULL) == ST_OK) {
		st = complain(
		    c->complaint, PN_V03, "there is an edition %s already", c->args[0]);
		complain_next(c->complaint, "pnet compendium list");
		st = trouble_set(&l->trouble, st, "%s", c->complaint->why);
	}
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e,
		    compendium_new(e, l, c->args[0],
			call_option_or(c, "kind", "compendium"),
			call_option(c, "edition"), call_option_or(c, "language", "en")));
	if (st == ST_OK)
		st = command_saved(c, l, "edition %s added", c->args[0]);
	return command_close(l, st);
}

status
cmd_compendium_list(struct call *c)
{
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = command_rows(c, l, "pnet.editions/1",
		    "code,kind,edition#,language,released_on,practices#",
		    query_of(l->queries,
			"SELECT code, kind, edition, language, released_on,"
			" (SELECT count(DISTINCT i.practice) FROM publication_item i"
			"  WHERE i.publication = b.record)"
			" FROM publication b ORDER BY kind, edition, code"));
	return command_close(l, st);
}

/* ---- add, remove, foreword, release ---- */

static status
read_part(struct call *c, enum publication_part *out)
{
	const char *word = call_option_or(c, "part", "A");
	status st;

	*out = strcasecmp(word, "B") == 0 ? PART_B : PART_A;
	if (strcasecmp(word, "A") == 0 || *out == PART_B)
		return ST_OK;
	st = complain(c->complaint, PN_U01, "--part is A or B, not '%.40s'", word);
	complain_next(
	    c->complaint, "pnet compendium add %s %s --part B", c->args[0], c->args[1]);
	return st;
}

static status
say_added(struct call *c, struct laptop *l, const struct edition *edition, bool is_older)
{
	struct edition now;
	const char *where = "the advocacy chapter";
	status st = compendium_open(l, edition->code, &now);

	for (size_t i = 0; st == ST_OK && i < now.n; i++) {
		if (now.items[i].kind == KIND_PRACTICE &&
		    strcmp(now.items[i].code, c->args[1]) == 0)
			where = now.items[i].part == PART_B ? "part B, not yet tested"
							    : "part A";
	}
	if (st == ST_OK)
		st =
		    command_saved(c, l, "%s: %s in %s", edition->code, c->args[1], where);
	if (st == ST_OK && is_older && !c->global.is_quiet)
		(void)fprintf(stderr,
		    "[!!] the description was edited after it was accepted; the accepted "
		    "text is the one that goes in\n");
	return st;
}

status
cmd_compendium_add(struct call *c)
{
	enum publication_part part;
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct edition edition;
	bool is_older = false;
	status st = read_part(c, &part);

	if (st == ST_OK)
		st = open_edition(c, &l, &edition);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(
		    c, e, compendium_add(e, l, &edition, c->args[1], part, &is_older));
	if (st == ST_OK && c->global.is_dry_run)
		st = command_saved(c, l, "%s: %s", edition.code, c->args[1]);
	else if (st == ST_OK)
		st = say_added(c, l, &edition, is_older);
	return command_close(l, st);
}

status
cmd_compendium_remove(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct edition edition;
	status st = open_edition(c, &l, &edition);

	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, compendium_remove(e, l, &edition, c->args[1]));
	if (st == ST_OK)
		st = command_saved(c, l, "%s: %s taken out", edition.code, c->args[1]);
	return command_close(l, st);
}

/* A file, or standard input for "-". */
static status
read_file(struct call *c, struct laptop *l, const char *path, struct span *out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	uint8_t *room = arena_alloc(l->arena, FOREWORD_BYTES_MAX);
	size_t n = f == NULL || room == NULL ? 0 : fread(room, 1, FOREWORD_BYTES_MAX, f);
	status st;

	if (f != NULL && !is_stdin)
		(void)fclose(f);
	*out = span_of(room, n);
	while (out->len > 0 && out->bytes[out->len - 1] == '\n')
		out->len--;
	if (f != NULL && n < FOREWORD_BYTES_MAX && text_is_utf8(*out, NULL) &&
	    !text_has_control(*out, "\t\n"))
		return ST_OK;
	st = complain(
	    c->complaint, PN_V02, "%s is not a text of at most 64 KiB in UTF-8", path);
	complain_data(c->complaint, "nothing was changed");
	complain_next(c->complaint, "pnet help compendium");
	return trouble_set(&l->trouble, st, "%s", c->complaint->why);
}

status
cmd_compendium_foreword(struct call *c)
{
	struct span text = span_of("", 0);
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct edition edition;
	status st = open_edition(c, &l, &edition);

	if (st == ST_OK)
		st = read_file(c, l, c->args[1], &text);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, compendium_foreword(e, l, &edition, text));
	if (st == ST_OK)
		st = command_saved(c, l, "%s: foreword %s", edition.code,
		    text.len == 0 ? "taken out" : "written");
	return command_close(l, st);
}

status
cmd_compendium_release(struct call *c)
{
	char today[DATE_TEXT_BYTES];
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct edition edition;
	status st = open_edition(c, &l, &edition);

	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK) {
		date_format(l->today, today);
		st = command_commit(c, e, compendium_release(e, l, &edition, today));
	}
	if (st == ST_OK)
		st = command_saved_with(c, l, "it does not change any more",
		    "%s released on %s", edition.code, today);
	return command_close(l, st);
}

/* ---- show ---- */

/* Was the text that is pinned edited since? "" for what is no practice. */
static status
present_text(struct laptop *l, const struct edition_item *item, const char **out)
{
	struct document d;
	status st;

	*out = "";
	if (item->kind != KIND_PRACTICE)
		return ST_OK;
	st = document_load(l, KIND_PRACTICE, &item->subject, &d);
	if (st == ST_OK)
		*out = memcmp(d.version.bytes, item->version.bytes,
			   sizeof d.version.bytes) == 0
			   ? "as pinned"
			   : "edited since";
	return st;
}

static const char *
title_of(struct laptop *l, const struct edition_item *item)
{
	if (item->kind == KIND_NONE)
		return "(foreword)";
	return find_text(l,
	    item->kind == KIND_PAPER ? "SELECT title FROM paper WHERE record = ?"
				     : "SELECT title FROM practice WHERE record = ?",
	    &item->subject);
}

/* Of the same paper. */
static bool
is_next_piece(const struct edition_item *item, const struct edition_item *last)
{
	return item->kind == KIND_PAPER && last->kind == KIND_PAPER &&
	       strcmp(item->code, last->code) == 0;
}

static status
list_items(struct laptop *l, const struct edition *edition, struct listing *out)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < edition->n; i++) {
		const struct edition_item *item = &edition->items[i];
		const char *text = "";

		if (i > 0 && is_next_piece(item, item - 1))
			continue;
		st = present_text(l, item, &text);
		listing_row(out);
		listing_cell(out, item->kind != KIND_PRACTICE ? ""
				  : item->part == PART_B      ? "B"
							      : "A");
		listing_cell(out, item->code);
		listing_cell(out, title_of(l, item));
		listing_cell(out, form_hash(l, &item->version));
		listing_cell(out, text);
	}
	return st;
}

status
cmd_compendium_show(struct call *c)
{
	struct laptop *l = NULL;
	struct listing *out =
	    listing_new("pnet.edition/1", "part,code,title,version,text");
	struct edition edition;
	status st = open_edition(c, &l, &edition);

	if (st == ST_OK)
		st = list_items(l, &edition, out);
	if (st == ST_OK && c->global.style == STYLE_HUMAN)
		printf("%s, edition %u, %s%s\n", edition.code, edition.no,
		    *edition.released_on == '\0' ? "draft" : "released on ",
		    edition.released_on);
	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}

/* ---- build ---- */

/* Practices of a part; one that stands there twice is one. */
static size_t
count_part(const struct edition *edition, enum publication_part part)
{
	size_t n = 0;

	for (size_t i = 0; i < edition->n; i++) {
		const struct edition_item *item = &edition->items[i];

		n += item->kind == KIND_PRACTICE && item->part == part &&
		     !compendium_is_repeated(edition, i);
	}
	return n;
}

static void
say_built(struct call *c, struct laptop *l, const struct edition *edition)
{
	struct listing *out = listing_new("pnet.built/1", "file");

	if (c->global.style == STYLE_HUMAN && !c->global.is_quiet)
		printf("[ok] %s: %zu in part A, %zu in part B, %s\n", edition->code,
		    count_part(edition, PART_A), count_part(edition, PART_B),
		    *edition->released_on == '\0' ? "a draft" : "released");
	listing_row(out);
	listing_cell(out, outfile_path(c, l, edition->code, "md"));
	listing_row(out);
	listing_cell(out, outfile_path(c, l, edition->code, "csv"));
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

status
cmd_compendium_build(struct call *c)
{
	struct printed printed = {0};
	struct laptop *l = NULL;
	struct edition edition;
	status st = open_edition(c, &l, &edition);

	if (st == ST_OK)
		st = compendium_print(l, &edition, &printed);
	if (st == ST_OK && !c->global.is_dry_run)
		st = outfile_write(
		    c, l, outfile_path(c, l, edition.code, "md"), printed.page);
	if (st == ST_OK && !c->global.is_dry_run)
		st = outfile_write(
		    c, l, outfile_path(c, l, edition.code, "csv"), printed.index);
	if (st == ST_OK)
		say_built(c, l, &edition);
	return command_close(l, st);
}
