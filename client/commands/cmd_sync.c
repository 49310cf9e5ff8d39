/* cmd_sync.c - pnet sync, pnet help. */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "client/actions/review.h"
#include "client/actions/sync.h"
#include "client/commands/commands.h"
#include "client/laptop/unkept.h"
#include "client/laptop/vanished.h"
#include "client/sync/carry.h"
#include "client/sync/doorbell.h"
#include "client/sync/duties.h"
#include "client/sync/intents.h"
#include "client/sync/renewal.h"
#include "client/sync/revoked.h"

status
cmd_help(struct call *c)
{
	return call_help(c);
}

/* ---- sync ---- */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_report(const struct sync_report *r)
{
	printf("sent %llu change%s (%llu mark%s), stored by server %llu    received %llu "
	       "(%llu mark%s)    conflicts open %llu\n",
	    (unsigned long long)r->sent, plural(r->sent),
	    (unsigned long long)r->sent_marks, plural(r->sent_marks),
	    (unsigned long long)r->stored, (unsigned long long)r->received.changes,
	    (unsigned long long)r->received.marks, plural(r->received.marks),
	    (unsigned long long)r->received.conflicts);
	if (r->restored[0] != '\0')
		printf("[!!] the server was restored from a backup (PN-S01): this laptop "
		       "gave back what it knows of %s\n",
		    r->restored);
	for (size_t i = 0; i < r->n_refused && i < SYNC_REFUSED_MAX; i++)
		printf("[x] refused by the server: %s    pnet status\n", r->refused[i]);
	if (r->n_left_aside > 0)
		printf(
		    "[!!] your access ended before %llu change%s %s sent: set aside on "
		    "this laptop, and sent once the coordinator gives you access again   "
		    " "
		    "pnet status\n",
		    (unsigned long long)r->n_left_aside, plural(r->n_left_aside),
		    r->n_left_aside == 1 ? "was" : "were");
	if (r->n_waiting_members > 0)
		printf("[..] rights of %zu member%s wait: not joined yet, or keys have "
		       "not come\n",
		    r->n_waiting_members, plural(r->n_waiting_members));
	if (r->log_refused != NULL)
		printf("[x] a right or workshop to announce is refused: %s; it waits "
		       "here    pnet status\n",
		    r->log_refused);
	if (r->received.conflicts > 0)
		printf("[!!] %llu need%s you: pnet review\n",
		    (unsigned long long)r->received.conflicts,
		    r->received.conflicts == 1 ? "s" : "");
	if (r->received.n_quarantined > 0)
		printf("[!!] %zu changes could not be opened and were set aside: pnet "
		       "status\n",
		    r->received.n_quarantined);
	if (llabs(r->clock_off_s) > 86400)
		printf("[!!] this laptop's clock is %lld days %s the server's (PN-T01): "
		       "set the"
		       " date, then go on\n",
		    llabs(r->clock_off_s) / 86400,
		    r->clock_off_s > 0 ? "ahead of" : "behind");
}

static void
print_awaited(struct laptop *l)
{
	size_t n = duties_awaited(l);

	if (n > 0)
		printf("[..] the keys of %zu scope%s have not come yet; another "
		       "coordinator's sync sends them    pnet status\n",
		    n, plural(n));
}

/* A mark that differs from the final sheet, alone or beside another (V28). */
static bool
is_late(const struct review_item *item)
{
	return item->kind == REVIEW_LATE ||
	       (item->kind == REVIEW_CONFLICT && item->has_final);
}

/* How many of the items from *i on are changes after closing of one activity; steps over
 * them. */
static size_t
count_late(const struct review_item *items, size_t n, size_t *i)
{
	const char *activity = items[*i].activity;
	size_t late = 0;

	for (; *i < n && items[*i].kind != REVIEW_DUPLICATE &&
	       strcmp(items[*i].activity, activity) == 0;
	     (*i)++)
		late += is_late(&items[*i]);
	return late;
}

static void
print_double(const struct review_item *item)
{
	printf("[!!] 1 needs you: ");
	screen_text(stdout, item->choices[0].text);
	printf(" and ");
	screen_text(stdout, item->choices[1].text);
	printf(" may be one person (V13): pnet review\n");
}

/* What came from elsewhere may need a person without being a conflict: people who are on
 * the list here already, and for a coordinator marks of a closed workshop. Looked for
 * only when such things came: it reads every roll. */
static status
print_needs(struct laptop *l, const struct sync_report *r)
{
	bool looks_late = r->received.marks > 0 && l->self.role == ROLE_COORDINATOR;
	struct review_item *items;
	size_t n = 0, i = 0;
	status st =
	    r->received.people == 0 && !looks_late ? ST_OK : review_list(l, &items, &n);

	while (st == ST_OK && i < n) {
		const char *activity = items[i].activity;
		size_t late;

		if (items[i].kind == REVIEW_DUPLICATE) {
			print_double(&items[i++]);
			continue;
		}
		late = count_late(items, n, &i);
		if (looks_late && late > 0)
			printf("[!!] %s closed, %zu change%s after closing (V28): pnet "
			       "review\n",
			    activity, late, late == 1 ? "" : "s");
	}
	return st;
}

static status
print_report_json(struct laptop *l, const struct sync_report *r)
{
	json_t *refused = json_array();
	struct clone_notice *clones = NULL;
	size_t n_clones = 0;
	struct lost_batches *lost = NULL;
	size_t n_lost = 0;
	status st = renewal_clones(l, 0, true, &clones, &n_clones);
	json_t *o;

	if (st == ST_OK)
		st = lost_list(l, true, &lost, &n_lost);

	for (size_t i = 0; i < r->n_refused && i < SYNC_REFUSED_MAX; i++)
		(void)json_array_append_new(refused, json_string(r->refused[i]));
	o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:b, s:o, s:o}", "schema",
	    "pnet.sync/1", "sent", (json_int_t)r->sent, "sent_marks",
	    (json_int_t)r->sent_marks, "stored", (json_int_t)r->stored, "received",
	    (json_int_t)r->received.changes, "received_marks",
	    (json_int_t)r->received.marks, "conflicts", (json_int_t)r->received.conflicts,
	    "refused", refused, "complete", r->is_complete, "copied_laptops",
	    command_clones_json(clones, n_clones), "lost",
	    command_lost_json(lost, n_lost));
	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
	return st;
}

/* Nothing is lost and nothing was refused for good: it waits until there is room. */
static status
complain_full(struct call *c, struct laptop *l, bool is_quota)
{
	struct waiting waiting;
	status st = records_waiting(l, &waiting);

	if (st != ST_OK)
		return st;
	st = complain(c->complaint, PN_N06, "%s (%s)",
	    is_quota ? "the room that the server has for the country is used up"
		     : "the server has no room on its disk, or cannot write to it",
	    verdict_text(is_quota ? VERDICT_QUOTA : VERDICT_AGAIN));
	complain_data(c->complaint, "nothing is lost: %llu changes are saved here",
	    (unsigned long long)waiting.changes);
	complain_next(c->complaint, "pnet sync    %s",
	    is_quota ? "once the operator of the server has raised quota_mib"
		     : "in some minutes, or once its operator has seen to the disk");
	return st;
}

/* --timeout SECONDS; 0 if it was not given. */
static status
read_timeout(struct call *c, unsigned *out)
{
	const char *text = call_option(c, "timeout");
	char *end = NULL;
	unsigned long n = text == NULL ? 0 : strtoul(text, &end, 10);

	*out = (unsigned)n;
	if (text == NULL ||
	    (isdigit((unsigned char)text[0]) && *end == '\0' && n > 0 && n <= 86400))
		return ST_OK;
	return complain(
	    c->complaint, PN_U01, "--timeout wants seconds, 1 to 86400, not '%s'", text);
}

/* The server moved: this sync goes to the new address, and when it is the same server,
 * which its key proves, the laptop keeps it. */
static status
take_address(struct call *c, struct laptop *l)
{
	const char *address = call_option(c, "server");

	if (address == NULL)
		return ST_OK;
	if (!server_address_is_valid(span_text(address)))
		return complain(c->complaint, PN_U01,
		    "--server wants HOST:PORT of at most 28 characters, not '%s'",
		    address);
	(void)snprintf(l->self.server, sizeof l->self.server, "%s", address);
	return ST_OK;
}

static status
keep_address(struct laptop *l)
{
	status st = db_begin(l->db, &l->trouble);

	if (st == ST_OK)
		st = laptop_set_meta_text(l, "server", l->self.server);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* The work went on under the new identity: what remains is to be told. */
static status
complain_copied(struct call *c)
{
	status st = complain(c->complaint, PN_K03,
	    "another laptop writes as this one: this folder was copied, or an older copy "
	    "of it was put back");

	complain_data(c->complaint,
	    "nothing is lost: this laptop has a new identity now, and what was typed on "
	    "either is kept");
	complain_next(
	    c->complaint, "pnet sync    to go on; and use only one of the copies");
	return st;
}

static status
print_clones(struct laptop *l)
{
	char when[COMMAND_WHEN_BYTES];
	struct clone_notice *clones;
	size_t n = 0;
	status st = renewal_clones(l, 0, true, &clones, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		printf("[!!] a laptop of %s was copied, or an older copy of it was put "
		       "back (%s): nothing is lost, but ask who has the other copy\n",
		    clones[i].member, command_when((int64_t)clones[i].at_s * 1000, when));
	return st;
}

static status
print_lost(struct laptop *l)
{
	struct lost_batches *lost;
	size_t n = 0;
	status st = lost_list(l, true, &lost, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		printf("[!!] the server lost %s: that laptop brings it back at its next "
		       "sync    pnet status\n",
		    command_lost(l, &lost[i]));
	return st;
}

static status
print_vanished(struct laptop *l)
{
	char when[COMMAND_WHEN_BYTES];
	struct vanished *gone;
	size_t n = 0;
	status st = vanished_list(l, &gone, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		printf("[!!] values that %s wrote went without a word of who replaced "
		       "them: %llu since %s; the server withholds it, or somebody "
		       "dropped them    pnet history\n",
		    gone[i].member, (unsigned long long)gone[i].n,
		    command_when((int64_t)gone[i].since_ms, when));
	return st;
}

static status
print_unkept(struct laptop *l)
{
	struct unkept *lost;
	size_t n = 0;
	status st = unkept_list(l, &lost, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		printf("[!!] %s rewrote records and dropped %llu, changed %llu values "
		       "without saying so    pnet undo --dropped\n",
		    lost[i].member, (unsigned long long)lost[i].n_dropped,
		    (unsigned long long)lost[i].n_changed);
	return st;
}

static status
print_sync(struct call *c, struct laptop *l, const struct sync_report *report)
{
	time_t now = (time_t)(l->now_ms / 1000);
	struct tm tm;
	status st;

	if (c->global.style == STYLE_JSON)
		return print_report_json(l, report);
	if (c->global.is_quiet)
		return ST_OK;
	print_report(report);
	print_awaited(l);
	st = print_clones(l);
	if (st == ST_OK)
		st = print_lost(l);
	if (st == ST_OK)
		st = print_vanished(l);
	if (st == ST_OK)
		st = print_unkept(l);
	if (st == ST_OK)
		st = print_needs(l, report);
	(void)localtime_r(&now, &tm);
	if (report->is_complete)
		printf("[ok] in sync %02d:%02d\n", tm.tm_hour, tm.tm_min);
	return st;
}

/* One sync; *again: it is complete, and bell may wait for the next. */
static status
sync_once(struct call *c, unsigned timeout, struct doorbell *bell, bool *again)
{
	struct sync_report report;
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	*again = false;
	if (st != ST_OK)
		return st;
	st = take_address(c, l);
	if (st == ST_OK)
		st = sync_run(l, timeout, &report);
	if (st == ST_OK && call_has(c, "server"))
		st = keep_address(l);
	if (c->complaint->id != PN_NONE) /* it says all there is to say */
		return command_close(l, st);
	if (st == ST_OK && !report.is_complete)
		c->exit_code = status_exit(ST_RETRY);
	if (st == ST_OK)
		st = print_sync(c, l, &report);
	if (st == ST_OK &&
	    (report.n_full > 0 || (report.n_later > 0 && !report.is_complete)))
		st = complain_full(c, l, report.n_full > 0);
	else if (st == ST_OK && report.has_renewed)
		st = complain_copied(c);
	if (st == ST_OK && report.is_complete && call_has(c, "wait")) {
		*again = true;
		st = doorbell_prepare(l, bell);
	}
	return command_close(l, st);
}

/* With --wait until the line or the server is gone: then the sync says so. */
status
cmd_sync(struct call *c)
{
	struct doorbell bell;
	unsigned timeout = 0;
	bool again = true;
	status st = read_timeout(c, &timeout);

	if (st == ST_OK && strcmp(call_option_or(c, "via", "tcp"), "tcp") != 0)
		return cmd_sync_via(c);

	while (st == ST_OK && again) {
		st = sync_once(c, timeout, &bell, &again);
		(void)fflush(stdout);
		if (st == ST_OK && again && doorbell_wait(&bell, timeout) != ST_OK)
			st = complain(c->complaint, PN_X01, "no memory for waiting");
	}
	return st;
}
