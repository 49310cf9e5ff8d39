/* cmd_sync_via.c - pnet sync --via DIR: exchange by a folder. */
#include <jansson.h>
#include <stdlib.h>

#include "client/commands/commands.h"
#include "client/sync/carry.h"

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_clock(const struct carry_report *r)
{
	long long days = llabs((long long)r->clock_off_s) / 86400;

	if (r->clock_off_s > 0)
		printf("[!!] this laptop's clock is %lld days ahead of the bundle's "
		       "(PN-T01): set the date, then go on\n",
		    days);
	else if (r->clock_off_s < 0)
		printf("[!!] the clock of %s's laptop was %lld days ahead of this one's "
		       "(PN-T01): one of the two is wrong\n",
		    r->clock_of, days);
}

static void
print_carried(const struct carry_report *r)
{
	const struct carried *b = &r->batches;

	printf("read %zu bundle%s: %llu new change%s (%llu mark%s)    wrote %zu bundle"
	       "    not yet stored by the server: %llu own, %llu carried\n",
	    r->n_read, plural(r->n_read), (unsigned long long)r->received.changes,
	    plural(r->received.changes), (unsigned long long)r->received.marks,
	    plural(r->received.marks), r->n_written, (unsigned long long)r->own,
	    (unsigned long long)r->carried);
	if (b->n_unopened > 0)
		printf("[..] %zu part%s of it cannot be opened here and travel%s on\n",
		    b->n_unopened, plural(b->n_unopened), b->n_unopened == 1 ? "s" : "");
	if (b->n_waiting > 0)
		printf(
		    "[..] %zu part%s came from members that this laptop does not know "
		    "yet; a sync, or a bundle of theirs, brings the list    pnet sync\n",
		    b->n_waiting, plural(b->n_waiting));
	if (b->n_orphaned > 0)
		printf("[!!] %zu part%s came from a laptop that was revoked since: kept "
		       "here, "
		       "sealed, not counted. A coordinator decides: pnet device adopt\n",
		    b->n_orphaned, plural(b->n_orphaned));
	if (b->n_refused > 0)
		printf("[!!] %zu part%s left alone: who wrote them may not write there, "
		       "or not any more\n",
		    b->n_refused, b->n_refused == 1 ? " was" : "s were");
	if (r->n_states > 0)
		printf(
		    "[!!] %zu part%s left alone: the whole state of a group of readers, "
		    "which this program takes from the server only    pnet sync\n",
		    r->n_states, r->n_states == 1 ? " was" : "s were");
	if (r->n_removed > 0)
		printf("[..] removed %zu bundle%s older than %d days from the folder\n",
		    r->n_removed, plural(r->n_removed), CARRY_KEEP_DAYS);
	if (r->received.conflicts > 0)
		printf("[!!] %llu need%s you: pnet review\n",
		    (unsigned long long)r->received.conflicts,
		    r->received.conflicts == 1 ? "s" : "");
	print_clock(r);
}

static void
print_carried_json(const struct carry_report *r)
{
	json_t *o = json_pack(
	    "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "schema", "pnet.carry/1", "read", (json_int_t)r->n_read, "written",
	    (json_int_t)r->n_written, "removed", (json_int_t)r->n_removed, "received",
	    (json_int_t)r->received.changes, "received_marks",
	    (json_int_t)r->received.marks, "unsent", (json_int_t)r->own, "carried",
	    (json_int_t)r->carried, "unopened", (json_int_t)r->batches.n_unopened,
	    "refused", (json_int_t)r->batches.n_refused, "orphans",
	    (json_int_t)r->batches.n_orphaned, "states", (json_int_t)r->n_states,
	    "conflicts", (json_int_t)r->received.conflicts, "clock_off_s",
	    (json_int_t)r->clock_off_s);

	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

status
cmd_sync_via(struct call *c)
{
	struct carry_report report;
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st != ST_OK)
		return st;
	st = carry_run(l, call_option(c, "via"), &report);
	/* What was taken is told although another file was bad. */
	if (report.n_written > 0 && c->global.style == STYLE_JSON)
		print_carried_json(&report);
	else if (report.n_written > 0 && !c->global.is_quiet)
		print_carried(&report);
	return command_close(l, st);
}
