/* cmd_report.c - `pnet report edit|show|history|settle`: documents that people write
 * together. The same commands serve practices, advocacy reports, minutes and papers. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "client/actions/find.h"
#include "client/actions/writing.h"
#include "client/commands/commands.h"
#include "client/commands/report_print.h"
#include "client/laptop/drafts.h"

enum { SAVED_BYTES_MAX = 1 << 20, HISTORY_WORDS_BYTES = 72 };

/* ---- files ---- */

static status
cannot(struct call *c, const char *what, const char *path)
{
	char why[128];
	status st;

	(void)snprintf(why, sizeof why, "%s", strerror(errno)); /* NOLINT: one thread */
	st = complain(c->complaint, PN_O01, "%s %s: %s", what, path, why);
	complain_next(c->complaint, "pnet report show %s", c->args[0]);
	return st;
}

/* A file, or standard input for "-". */
static status
read_saved(struct call *c, const char *path, struct arena *a, struct span *out)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	uint8_t *room = arena_alloc(a, SAVED_BYTES_MAX);
	size_t n = 0, bad = 0;
	status st = ST_OK;

	if (f == NULL)
		return cannot(c, "cannot read", path);
	if (room != NULL)
		n = fread(room, 1, SAVED_BYTES_MAX, f);
	if (!is_stdin)
		(void)fclose(f);
	*out = span_of(room, n);
	if (room == NULL || n == SAVED_BYTES_MAX) {
		st = complain(c->complaint, PN_V02, "%s has more than 1 MiB", path);
	} else if (!text_is_utf8(*out, &bad)) {
		st = complain(
		    c->complaint, PN_V02, "%s: not valid UTF-8 at byte %zu", path, bad);
	} else if (text_has_control(*out, "\t\n\r")) {
		st = complain(c->complaint, PN_V02, "%s has control characters", path);
	} else {
		return ST_OK;
	}
	complain_data(c->complaint, "nothing was changed");
	complain_next(c->complaint, "pnet help report");
	return st;
}

/* For the editor: readable by its owner only, kept until what is in it was saved. */
static status
write_draft(struct call *c, const char *path, struct span text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool is_written;

	if (fd < 0 && errno == EEXIST) {
		status st = complain(c->complaint, PN_C01,
		    "an edit of this text was not finished; what was written lies in %s",
		    path);

		complain_data(c->complaint, "nothing was changed");
		complain_next(
		    c->complaint, "pnet report edit %s --file %s", c->args[0], path);
		complain_next(c->complaint, "shred -u %s", path);
		return st;
	}
	if (fd < 0)
		return cannot(c, "cannot write", path);
	is_written = write(fd, text.bytes, text.len) == (ssize_t)text.len;
	is_written = fsync(fd) == 0 && is_written;
	is_written = close(fd) == 0 && is_written;
	return is_written ? ST_OK : cannot(c, "cannot write", path);
}

static const char *
editor_command(void)
{
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	if (visual != NULL && *visual != '\0')
		return visual;
	return editor != NULL && *editor != '\0' ? editor : "vi";
}

/* EDITOR may hold options, so a shell takes it apart; the path is an argument. */
static status
run_editor(struct call *c, const char *path)
{
	const char *editor = editor_command();
	char *command = NULL;
	int code = 0;
	pid_t pid;
	status st;

	if (asprintf(&command, "%s \"$1\"", editor) < 0)
		return cannot(c, "cannot start", editor);
	pid = fork();
	if (pid == 0) {
		(void)execl("/bin/sh", "sh", "-c", command, "sh", path, (char *)NULL);
		_exit(127);
	}
	free(command);
	if (pid < 0)
		return cannot(c, "cannot start", editor);
	while (waitpid(pid, &code, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(code) && WEXITSTATUS(code) == 0)
		return ST_OK;
	st = complain(c->complaint, PN_C01, "the editor (%s) did not end well", editor);
	complain_data(
	    c->complaint, "nothing was changed; what was written is kept in %s", path);
	complain_next(c->complaint, "pnet report edit %s --file %s", c->args[0], path);
	complain_next(c->complaint, "shred -u %s", path);
	return st;
}

/* ---- edit ---- */

struct editing {
	struct arena *kept; /* what was opened; outlives the laptop */
	struct laptop *l;
	struct writing writing;
	const char *path; /* the editor's file, also given again by --file; else NULL */
	struct span saved;
};

/* The laptop is closed while the person writes. */
static status
let_write(struct call *c, struct editing *x)
{
	struct span text;
	status st = writing_text(x->l, &x->writing, &text);

	x->path = arena_text(x->kept, "%s/edit-%s%s%s.txt", x->l->dir, c->args[0],
	    x->writing.only > 0 ? "-" : "",
	    x->writing.only > 0 ? call_option(c, "section") : "");
	if (st == ST_OK && strchr(x->path + strlen(x->l->dir) + 1, '/') != NULL)
		x->path = arena_text(x->kept, "%s/edit-%s-%zu.txt", x->l->dir, c->args[0],
		    x->writing.only);
	if (st == ST_OK)
		st = write_draft(c, x->path, text);
	st = command_close(x->l, st);
	x->l = NULL;
	if (st == ST_OK)
		st = run_editor(c, x->path);
	if (st == ST_OK)
		st = read_saved(c, x->path, x->kept, &x->saved);
	return st != ST_OK ? st : command_open(c, &x->l);
}

static status
tell_spots(struct call *c, struct laptop *l)
{
	struct document d;
	status st = document_open(l, c->args[0], &d);

	if (st == ST_OK && d.n_spots > 0 && !c->global.is_quiet)
		(void)fprintf(stderr,
		    "[!!] %zu hot spot%s, %zu to be settled before a sign-off: pnet "
		    "report "
		    "show %s\n",
		    d.n_spots, d.n_spots == 1 ? "" : "s", d.n_open_spots, c->args[0]);
	return st;
}

/* V6: a warning, a person decides. */
static status
warn_of_names(struct editing *x)
{
	struct span first = {NULL, 0};
	size_t n = 0;
	status st = writing_mentions(x->l, x->saved, &n, &first);

	if (st != ST_OK || n == 0)
		return st;
	(void)fprintf(stderr, "[!!] the text may name a young person (V6): ");
	screen_text(stderr,
	    arena_text(x->l->arena, "%.*s", (int)first.len, (const char *)first.bytes));
	(void)fprintf(stderr, n == 1 ? "\n" : ", and %zu more\n", n - 1);
	return ST_OK;
}

static status
save(struct call *c, struct editing *x)
{
	struct edit *e = NULL;
	bool is_empty = true;
	status st = edit_begin(x->l, &e);

	if (st != ST_OK)
		return st;
	st = writing_save(e, x->l, &x->writing, x->saved);
	is_empty = edit_is_empty(e);
	st = command_commit(c, e, st);
	if (st == ST_OK && x->path != NULL && !c->global.is_dry_run)
		(void)drafts_shred(
		    x->l->dir, strrchr(x->path, '/') + 1, &x->l->rng, NULL);
	if (st == ST_OK)
		st = warn_of_names(x);
	if (st == ST_OK && is_empty) {
		printf("[ok] %s: nothing was changed\n", c->args[0]);
		return ST_OK;
	}
	if (st == ST_OK)
		st = command_saved(c, x->l, "%s edited", c->args[0]);
	return st != ST_OK ? st : tell_spots(c, x->l);
}

/* The draft of an edit that was not finished, as it is told to be given again: once its
 * words are saved it goes as any draft does. */
static bool
is_own_draft(const struct laptop *l, const char *file)
{
	const char *name = strrchr(file, '/');

	return name != NULL && strlen(l->dir) == (size_t)(name - file) &&
	       strncmp(file, l->dir, (size_t)(name - file)) == 0 &&
	       strncmp(name + 1, "edit-", 5) == 0;
}

static void
name_kept_file(struct call *c, const struct editing *x)
{
	if (x->path != NULL && access(x->path, F_OK) == 0)
		complain_data(c->complaint, "what was written is kept in %s", x->path);
}

status
cmd_report_edit(struct call *c)
{
	struct editing x = {.kept = arena_new(0)};
	const char *file = call_option(c, "file");
	status st = command_open(c, &x.l);

	if (st == ST_OK && x.kept == NULL)
		st = trouble_set(&x.l->trouble, ST_NO_MEMORY, "no memory for a document");
	if (st == ST_OK)
		st = writing_open(
		    x.l, x.kept, c->args[0], call_option(c, "section"), &x.writing);
	if (st == ST_OK)
		st = file != NULL ? read_saved(c, file, x.kept, &x.saved)
				  : let_write(c, &x);
	if (st == ST_OK && file != NULL && is_own_draft(x.l, file))
		x.path = file;
	if (st == ST_OK) {
		st = save(c, &x);
		if (st != ST_OK)
			name_kept_file(c, &x);
	}
	st = command_close(x.l, st);
	arena_free(x.kept);
	return st;
}

/* ---- show ---- */

static const char *const spot_words[] = {
    [SPOT_UNSEEN] = "changed by people who had not seen each other's words",
    [SPOT_BESIDE] = "two insertions in one place",
    [SPOT_EQUAL] = "the same change twice; it counts once",
};

static void
print_spot(struct laptop *l, const struct document_section *s, const struct text_spot *p,
    size_t no)
{
	printf("[!!] hot spot %zu in ", no);
	screen_text(stdout, writing_heading(s));
	printf(": %s\n", spot_words[p->kind]);
	printf("  now: ");
	report_print_text(l, span_of(s->text.text.bytes + p->at, p->end - p->at));
	for (size_t i = 0; i < p->n_versions; i++) {
		printf("  %zu  %s  ", i + 1, author_member(l, p->versions[i].by));
		if (p->versions[i].text.len == 0)
			printf("(took it out)\n");
		else
			report_print_text(l, p->versions[i].text);
	}
}

static void
show_people(struct laptop *l, const struct document *d)
{
	size_t no = 0;

	for (size_t i = 0; i < d->n; i++) {
		printf(i == 0 ? "" : "\n");
		screen_text(stdout, writing_heading(&d->sections[i]));
		printf("\n");
		if (d->sections[i].text.text.len > 0)
			report_print_text(l, d->sections[i].text.text);
	}
	for (size_t i = 0; i < d->n; i++) {
		for (size_t k = 0; k < d->sections[i].spots.n; k++)
			print_spot(
			    l, &d->sections[i], &d->sections[i].spots.items[k], ++no);
	}
	if (d->n_open_spots > 0)
		printf("settle: pnet report settle %s N [--take K]\n", d->code);
}

/* Reports and minutes say how far they have come; other documents are text alone. */
static status
open_state(
    struct laptop *l, const struct document *d, struct report *out, bool *has_state)
{
	*has_state = d->type->kind == KIND_REPORT || d->type->kind == KIND_ADVOCACY ||
		     d->type->kind == KIND_MINUTES;
	return *has_state ? report_open(l, d->code, out) : ST_OK;
}

/* state: of the whole document, on each row; empty where there is none. */
static status
show_rows(struct call *c, struct laptop *l, const struct document *d)
{
	struct listing *out = listing_new(
	    "pnet.sections/1", "no#,kind,heading,text,hot_spots#,open_hot_spots#,state");
	struct report r;
	bool has_state;
	status st = open_state(l, d, &r, &has_state);

	for (size_t i = 0; st == ST_OK && i < d->n; i++) {
		const struct document_section *s = &d->sections[i];

		listing_row(out);
		listing_cellf(out, "%zu", i + 1);
		listing_cell(out, s->kind);
		listing_cell(out, writing_heading(s));
		listing_cell(out, (const char *)s->text.text.bytes);
		listing_cellf(out, "%zu", s->spots.n);
		listing_cellf(out, "%zu", s->spots.n_open);
		listing_cell(out, has_state ? document_stage_name(r.stage) : "");
	}
	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return st;
}

/* Of a country's documents the office has what was submitted. */
static status
show_copy(struct call *c, struct laptop *l)
{
	struct listing *out;
	struct report r;
	status st = report_open(l, c->args[0], &r);

	if (st != ST_OK)
		return st;
	if (c->global.style == STYLE_HUMAN)
		report_print_state(&r);
	out = listing_new("pnet.sections/1", "no#,kind,heading,text,state");
	for (size_t i = 0; i < r.n_sections; i++) {
		const struct section *s = &r.sections[i];

		listing_row(out);
		listing_cellf(out, "%zu", i + 1);
		listing_cell(out, s->kind);
		listing_cellf(
		    out, "%.*s", (int)s->heading.len, (const char *)s->heading.bytes);
		listing_cellf(out, "%.*s", (int)s->text.len, (const char *)s->text.bytes);
		listing_cell(out, document_stage_name(r.stage));
		if (c->global.style != STYLE_HUMAN)
			continue;
		printf("\n%s\n", s->kind);
		report_print_text(l, s->text);
	}
	if (c->global.style != STYLE_HUMAN)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return ST_OK;
}

static status
show_state(struct laptop *l, const struct document *d)
{
	struct report r;
	bool has_state;
	status st = open_state(l, d, &r, &has_state);

	if (st == ST_OK && has_state) {
		report_print_state(&r);
		printf("\n");
	}
	return st;
}

static bool
is_submission(struct laptop *l, const char *code)
{
	struct record_id name;

	return find_code(l, KIND_SUBMISSION, code, 0, &name, NULL) == ST_OK;
}

status
cmd_report_show(struct call *c)
{
	struct laptop *l = NULL;
	struct document d;
	status st = command_open(c, &l);

	if (st != ST_OK)
		return command_close(l, st);
	st = document_open(l, c->args[0], &d);
	if (st == ST_NOT_FOUND && is_submission(l, c->args[0])) {
		memset(c->complaint, 0, sizeof *c->complaint);
		st = show_copy(c, l);
	} else if (st == ST_OK && c->global.style != STYLE_HUMAN) {
		st = show_rows(c, l, &d);
	} else if (st == ST_OK) {
		st = show_state(l, &d);
		if (st == ST_OK)
			show_people(l, &d);
	}
	return command_close(l, st);
}

/* ---- history ---- */

/* The beginning of what somebody wrote. */
static const char *
words_of(struct laptop *l, struct span s)
{
	size_t n = s.len;

	if (n > HISTORY_WORDS_BYTES) {
		n = HISTORY_WORDS_BYTES;
		while (n > 0 && (s.bytes[n] & 0xC0) == 0x80)
			n--;
	}
	return arena_text(
	    l->arena, "%.*s%s", (int)n, (const char *)s.bytes, n < s.len ? "..." : "");
}

static void
add_history(struct listing *out, struct laptop *l, const struct document_section *s)
{
	const struct text_state *t = &s->text;
	size_t end;

	for (size_t i = 0; i < t->n_parts; i = end) {
		const struct entry *e = t->parts[i].entry;
		char when[SCREEN_TIME_BYTES];
		struct span text;

		for (end = i + 1; end < t->n_parts &&
				  (t->parts[end].is_hollow ||
				      t->parts[end].entry->name.agent == e->name.agent);
		     end++)
			;
		text = span_of(t->text.bytes + t->parts[i].at,
		    (end < t->n_parts ? t->parts[end].at : t->text.len) - t->parts[i].at);
		if (t->parts[i].is_hollow || text.len == 0) {
			end = i + 1;
			continue;
		}
		screen_local_time(e->time.seconds, when);
		listing_row(out);
		listing_cell(out, writing_heading(s));
		listing_cell(out, author_member(l, e->by));
		listing_cell(out, when);
		listing_cellf(out, "wrote \"%s\"", words_of(l, text));
	}
}

status
cmd_report_history(struct call *c)
{
	struct laptop *l = NULL;
	struct document d;
	struct listing *out;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = document_open(l, c->args[0], &d);
	if (st != ST_OK)
		return command_close(l, st);
	out = listing_new("pnet.authorship/1", "section,who,when,what");
	for (size_t i = 0; i < d.n; i++)
		add_history(out, l, &d.sections[i]);
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}

/* ---- settle ---- */

static status
read_count(struct call *c, const char *word, const char *what, size_t *out)
{
	char *end = NULL;
	unsigned long n = strtoul(word, &end, 10);
	status st;

	if (*word >= '1' && *word <= '9' && *end == '\0') {
		*out = n;
		return ST_OK;
	}
	st = complain(c->complaint, PN_U01, "%s: a number from 1, not '%s'", what, word);
	complain_next(c->complaint, "pnet report show %s", c->args[0]);
	return st;
}

status
cmd_report_settle(struct call *c)
{
	const char *take = call_option(c, "take");
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct document d;
	size_t no = 0, version = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = read_count(c, c->args[1], "hot spot", &no);
	if (st == ST_OK && take != NULL)
		st = read_count(c, take, "--take", &version);
	if (st == ST_OK)
		st = document_open(l, c->args[0], &d);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, writing_settle(e, l, &d, no, version));
	if (st == ST_OK)
		st = command_saved(c, l, "%s: hot spot %zu settled", c->args[0], no);
	if (st == ST_OK)
		st = tell_spots(c, l);
	return command_close(l, st);
}
