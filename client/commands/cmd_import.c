/* cmd_import.c - pnet import KIND FILE. */
#include <jansson.h>

#include "client/actions/import.h"
#include "client/commands/commands.h"

static void
print_lines(const struct import_wish *wish, const struct import_report *r)
{
	static const char *const words[] = {[IMPORT_WARNING] = "warning",
	    [IMPORT_HELD] = "held",
	    [IMPORT_REJECTED] = "rejected"};

	for (size_t i = 0; i < r->n_lines; i++) {
		screen_text(stderr, wish->path);
		fprintf(
		    stderr, ":%zu: %s: ", r->lines[i].line, words[r->lines[i].verdict]);
		screen_text(stderr, r->lines[i].reason);
		fputc('\n', stderr);
	}
}

static void
print_counts(const struct call *c, const struct import_report *r)
{
	if (c->global.style == STYLE_JSON) {
		json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
		    "schema", "pnet.import/1", "accepted", (json_int_t)r->n_accepted,
		    "warnings", (json_int_t)r->n_warned, "held", (json_int_t)r->n_held,
		    "rejected", (json_int_t)r->n_rejected, "here_already",
		    (json_int_t)r->n_known, "passed_over", (json_int_t)r->n_passed,
		    "changes", (json_int_t)r->n_changes, "dry_run", c->global.is_dry_run);

		if (o != NULL)
			(void)json_dumpf(o, stdout, JSON_COMPACT);
		printf("\n");
		json_decref(o);
		return;
	}
	if (c->global.is_quiet)
		return;
	printf("accepted %zu, warnings %zu, held %zu, rejected %zu", r->n_accepted,
	    r->n_warned, r->n_held, r->n_rejected);
	if (r->n_known > 0)
		printf("    here already %zu", r->n_known);
	if (r->n_passed > 0)
		printf(
		    "    passed over %zu of other countries or activities", r->n_passed);
	printf("\n");
}

static size_t
first_rejected(const struct import_report *r)
{
	for (size_t i = 0; i < r->n_lines; i++) {
		if (r->lines[i].verdict == IMPORT_REJECTED)
			return r->lines[i].line;
	}
	return 0;
}

static status
complain_rejected(
    struct call *c, const struct import_wish *wish, const struct import_report *r)
{
	status st = complain(c->complaint, PN_V01,
	    "%zu row%s rejected in %s, the first in line %zu", r->n_rejected,
	    r->n_rejected == 1 ? " is" : "s are", wish->path, first_rejected(r));

	complain_data(c->complaint, wish->is_partial && !wish->is_dry_run
					? "the accepted rows were imported"
					: "nothing was imported");
	complain_next(c->complaint, "pnet import %s %s%s%s -n    after mending them",
	    wish->kind, wish->path, wish->activity != NULL ? " --activity " : "",
	    wish->activity != NULL ? wish->activity : "");
	return st;
}

/* UX 3: 0 all accepted; 3 rows held, or left out by --partial; 65 a row rejected. */
static status
outcome(struct call *c, const struct import_wish *wish, const struct import_report *r)
{
	if (r->n_rejected > 0 && !wish->is_partial)
		return complain_rejected(c, wish, r);
	if (r->n_held + r->n_rejected > 0)
		c->exit_code = 3;
	return ST_OK;
}

status
cmd_import(struct call *c)
{
	const struct import_wish wish = {.kind = c->args[0],
	    .path = c->args[1],
	    .activity = call_option(c, "activity"),
	    .people = call_option(c, "people"),
	    .map = call_option(c, "map"),
	    .encoding = call_option(c, "encoding"),
	    .is_partial = call_has(c, "partial"),
	    .is_dry_run = c->global.is_dry_run,
	    .takes_guesses = c->global.says_yes};
	struct import_report report;
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = import_file(l, &wish, &report);
	if (st == ST_OK) {
		print_lines(&wish, &report);
		print_counts(c, &report);
		st = outcome(c, &wish, &report);
	}
	return command_close(l, st);
}
