/* cmd_adopt.c - pnet device adopt: what a lost laptop had not sent, and a stick brought.
 */
#include "client/actions/adopting.h"
#include "client/commands/commands.h"

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static status
list(struct call *c, struct laptop *l, const struct adoptables *which)
{
	struct listing *out = listing_new(
	    "pnet.orphans/1", "country,member,place,brought,changed_records#");

	if (which->n == 0 && c->global.style == STYLE_HUMAN)
		printf("nothing of a lost laptop was brought here\n");
	for (size_t i = 0; i < which->n; i++) {
		const struct adoptable *x = &which->items[i];
		char when[SCREEN_TIME_BYTES];

		if (c->global.style == STYLE_HUMAN)
			screen_local_time(x->orphan.brought_ms / 1000, when);
		else
			screen_utc_time(x->orphan.brought_ms / 1000, when);
		listing_row(out);
		listing_cell(out, x->country);
		listing_cell(out, x->member);
		listing_cell(out, x->place);
		listing_cell(out, arena_text(l->arena, "%s", when));
		listing_cellf(out, "%zu", x->orphan.n_ops);
	}
	if (which->n > 0 || c->global.style != STYLE_HUMAN)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return ST_OK;
}

/* The one question that no program can answer. */
static void
print_question(struct call *c, const char *member, const struct adopted *a)
{
	if (c->global.is_quiet)
		return;
	fprintf(stderr,
	    "A laptop of %s sealed %llu change%s (%llu mark%s) that the server never "
	    "had. "
	    "Whoever holds that laptop could have written them after it was lost: adopt "
	    "what %s recognises.\n",
	    member, (unsigned long long)a->changes, plural(a->changes),
	    (unsigned long long)a->marks, plural(a->marks), member);
	if (a->n_left > 0)
		fprintf(stderr,
		    "%llu record%s of it cannot be adopted: sign-offs, decisions and "
		    "erasures count under their author's name only, others do not open "
		    "here.\n",
		    (unsigned long long)a->n_left, plural(a->n_left));
}

static status
adopt(
    struct call *c, struct laptop *l, const char *member, const struct adoptables *which)
{
	struct adopted a;
	bool yes = false;
	status st = adopting_adopt(l, which, true, &a);

	if (st != ST_OK)
		return st;
	print_question(c, member, &a);
	if (c->global.is_dry_run)
		return ST_OK;
	st = command_confirm(c, member, &yes);
	if (st == ST_OK && yes)
		st = adopting_adopt(l, which, false, &a);
	if (st == ST_OK && yes)
		printf(
		    "[ok] %llu change%s (%llu mark%s) of %s adopted; what others wrote "
		    "since stands beside or before it    pnet sync    sends it\n",
		    (unsigned long long)a.changes, plural(a.changes),
		    (unsigned long long)a.marks, plural(a.marks), member);
	return st;
}

static status
drop(struct call *c, struct laptop *l, const char *member, const struct adoptables *which)
{
	bool yes = c->global.is_dry_run;
	status st = ST_OK;

	fprintf(stderr,
	    "Will delete for ever %zu sealed part%s that a laptop of %s left and that "
	    "the "
	    "server never had. Who else carries a copy keeps it.\n",
	    which->n, plural(which->n), member);
	if (c->global.is_dry_run)
		return ST_OK;
	st = command_confirm(c, member, &yes);
	if (st == ST_OK && yes)
		st = adopting_drop(l, which);
	if (st == ST_OK && yes)
		printf("[ok] dropped\n");
	return st;
}

status
cmd_device_adopt(struct call *c)
{
	const char *member = c->n_args > 0 ? c->args[0] : NULL;
	struct laptop *l = NULL;
	struct adoptables which;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = adopting_list(l, member, &which);
	if (st == ST_OK && member == NULL)
		return command_close(l, list(c, l, &which));
	if (st == ST_OK && call_has(c, "drop")) /* a copy of one's own laptop */
		return command_close(l, drop(c, l, member, &which));
	if (st == ST_OK)
		st = adopting_may(l, &which);
	if (st == ST_OK)
		st = adopt(c, l, member, &which);
	return command_close(l, st);
}
