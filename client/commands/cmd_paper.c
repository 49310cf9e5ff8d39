/* cmd_paper.c - pnet paper new, list, show, build. */
#include "client/actions/form.h"
#include "client/actions/papers.h"
#include "client/commands/outfile.h"

/* ---- new, list ---- */

status
cmd_paper_new(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct record_id name;
	status st = command_open(c, &l);

	if (st == ST_OK &&
	    find_code(l, KIND_PAPER, c->args[0], 0, &name, NULL) == ST_OK) {
		st = complain(c->complaint, PN_V03, "there is a working paper %s already",
		    c->args[0]);
		complain_next(c->complaint, "pnet paper list");
		st = trouble_set(&l->trouble, st, "%s", c->complaint->why);
	}
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e,
		    papers_new(e, l, c->args[0], call_option_or(c, "title", ""),
			call_option_or(c, "edition", ""),
			call_option_or(c, "language", "en")));
	if (st == ST_OK)
		st = command_saved(c, l, "working paper %s added", c->args[0]);
	return command_close(l, st);
}

status
cmd_paper_list(struct call *c)
{
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = command_rows(c, l, "pnet.papers/1", "code,title,edition#,language",
		    query_of(l->queries, "SELECT code, title, edition, language FROM "
					 "paper ORDER BY code"));
	return command_close(l, st);
}

/* ---- what is in it ---- */

static void
put_span(struct listing *out, struct span s)
{
	listing_cellf(out, "%.*s", (int)s.len, (const char *)s.bytes);
}

/* The report that a section was taken from: the heading names country and document. */
static const struct paper_source *
source_of(const struct paper *p, const struct section *s)
{
	for (size_t i = 0; i < p->n_sources; i++) {
		size_t len = p->sources[i].country.len;

		if (s->heading.len > len && s->heading.bytes[len] == ' ' &&
		    memcmp(s->heading.bytes, p->sources[i].country.bytes, len) == 0)
			return &p->sources[i];
	}
	return NULL;
}

static status
list_sections(struct laptop *l, const struct paper *p, struct listing **out, size_t *n)
{
	struct section *sections;
	status st = paper_sections(p, l->arena, &sections, n, &l->trouble);

	*out = listing_new(
	    "pnet.paper/1", "no#,part,country,document,state,handed_in,version");
	for (size_t i = 0; st == ST_OK && i < *n; i++) {
		const struct paper_source *s = source_of(p, &sections[i]);

		listing_row(*out);
		listing_cellf(*out, "%zu", i + 1);
		listing_cell(*out, sections[i].kind);
		if (s == NULL) {
			listing_cell(*out, "");
			listing_cell(*out, "");
			listing_cell(*out, "written");
			continue;
		}
		put_span(*out, s->country);
		put_span(*out, s->document);
		listing_cell(*out, s->is_accepted ? "accepted" : "submitted");
		put_span(*out, s->on);
		listing_cell(*out, form_hash(l, &s->version));
	}
	return st;
}

static void
say_lacking(struct call *c, const struct paper *p)
{
	if (c->global.is_quiet)
		return;
	if (p->unaccepted.len > 0)
		(void)fprintf(stderr, "[..] not accepted yet: %.*s\n",
		    (int)p->unaccepted.len, (const char *)p->unaccepted.bytes);
	if (p->absent.len > 0)
		(void)fprintf(stderr, "[..] not handed in yet: %.*s\n",
		    (int)p->absent.len, (const char *)p->absent.bytes);
	if (p->synthesis.len == 0)
		(void)fprintf(stderr,
		    "[..] the synthesis is not written: pnet report edit %s\n",
		    c->args[0]);
}

status
cmd_paper_show(struct call *c)
{
	struct listing *out = NULL;
	struct laptop *l = NULL;
	struct paper paper;
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = papers_open(l, c->args[0], true, &paper);
	if (st == ST_OK)
		st = list_sections(l, &paper, &out, &n);
	if (st == ST_OK) {
		listing_print(out, c->global.style, c->global.show_header, stdout);
		say_lacking(c, &paper);
	}
	listing_free(out);
	return command_close(l, st);
}

/* ---- build ---- */

static status
write_files(struct call *c, struct laptop *l, const struct paper *p, size_t *n)
{
	struct listing *index = NULL;
	struct span text;
	status st = paper_write(p, l->arena, &text, &l->trouble);

	if (st == ST_OK)
		st = list_sections(l, p, &index, n);
	if (st == ST_OK && !c->global.is_dry_run)
		st = outfile_write(c, l, outfile_path(c, l, c->args[0], "md"), text);
	if (st == ST_OK && !c->global.is_dry_run)
		st = outfile_table(c, l, outfile_path(c, l, c->args[0], "csv"), index);
	listing_free(index);
	return st;
}

static void
say_built(struct call *c, struct laptop *l, const struct paper *p, size_t n)
{
	struct listing *out = listing_new("pnet.built/1", "file");

	n -= p->synthesis.len > 0;
	if (c->global.style == STYLE_HUMAN && !c->global.is_quiet)
		printf("[ok] %s: %zu section%s of %zu %s%s\n", c->args[0], n,
		    n == 1 ? "" : "s", p->n_sources,
		    p->n_sources == 1 ? "country" : "countries",
		    p->is_draft ? ", a draft" : "");
	listing_row(out);
	listing_cell(out, outfile_path(c, l, c->args[0], "md"));
	listing_row(out);
	listing_cell(out, outfile_path(c, l, c->args[0], "csv"));
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

status
cmd_paper_build(struct call *c)
{
	struct laptop *l = NULL;
	struct paper paper;
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = papers_open(l, c->args[0], call_has(c, "draft"), &paper);
	if (st == ST_OK)
		st = write_files(c, l, &paper, &n);
	if (st == ST_OK) {
		say_built(c, l, &paper, n);
		say_lacking(c, &paper);
	}
	return command_close(l, st);
}
