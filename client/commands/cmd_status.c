/* cmd_status.c - pnet status: what waits, what needs a person; while it is locked, the
 * counts alone. */
#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "client/actions/kit.h"
#include "client/commands/commands.h"
#include "client/commands/report_print.h"
#include "client/laptop/aside.h"
#include "client/laptop/counts.h"
#include "client/laptop/drafts.h"
#include "client/laptop/unkept.h"
#include "client/laptop/unlock.h"
#include "client/sync/duties.h"
#include "client/sync/intents.h"
#include "client/sync/orphans.h"
#include "client/sync/renewal.h"
#include "client/sync/revoked.h"

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

struct standing {
	struct waiting waiting;
	uint64_t conflicts, quarantined, refused, orphans;
	struct intents_waiting announced;
	size_t awaited; /* keys of scopes */
	int64_t last_sync_ms;
	size_t n_unkept;
	struct unkept *unkept; /* by member */
	struct aside_place *aside;
	size_t n_aside; /* places */
	bool is_revoked, lacks_kit;
	size_t drafts; /* files of an edit, in clear */
	struct revoked revoked;
	struct clone_notice *clones; /* of others' laptops, of the last CLONE_DAYS */
	size_t n_clones;
	struct lost_batches *lost;
	size_t n_lost;
};

enum { CLONE_DAYS = 30 };

static uint64_t
count(struct laptop *l, const char *sql)
{
	struct query *q = query_of(l->queries, sql);
	uint64_t n = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;

	(void)query_done(q, NULL);
	return n;
}

static status
load_standing(struct laptop *l, struct standing *out)
{
	status st = records_waiting(l, &out->waiting);

	out->conflicts = count(l, "SELECT count(*) FROM r_conflict");
	out->quarantined = count(l, "SELECT count(*) FROM r_quarantine");
	out->orphans = orphans_count(l);
	out->refused =
	    count(l, "SELECT count(*) FROM r_pending WHERE state >= 2") - out->orphans;
	out->announced = intents_waiting(l);
	out->awaited = duties_awaited(l);
	out->last_sync_ms = laptop_meta_int(l, "last_sync_ms", 0);
	out->drafts = drafts_count(l->dir);
	out->lacks_kit = l->self.role == ROLE_COORDINATOR && !kit_is_there(l);
	if (st == ST_OK)
		st = aside_list(l, &out->aside, &out->n_aside);
	out->is_revoked = revoked_known(l, &out->revoked);
	if (st == ST_OK)
		st = lost_list(l, false, &out->lost, &out->n_lost);
	if (st == ST_OK)
		st = unkept_list(l, &out->unkept, &out->n_unkept);
	return st != ST_OK
		   ? st
		   : renewal_clones(l, l->now_ms / 1000 - (uint64_t)CLONE_DAYS * 86400,
			 false, &out->clones, &out->n_clones);
}

static const char *
iso_time(struct arena *a, int64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	char text[32];
	struct tm tm;

	if (ms == 0)
		return NULL;
	(void)gmtime_r(&at, &tm);
	(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_text(a, "%s", text);
}

static void
print_age(uint64_t since_ms, uint64_t now_ms)
{
	uint64_t minutes = now_ms > since_ms ? (now_ms - since_ms) / 60000 : 0;

	if (minutes < 120)
		printf(", oldest %llu min", (unsigned long long)minutes);
	else if (minutes < 48 * 60)
		printf(", oldest %llu h", (unsigned long long)minutes / 60);
	else
		printf(", oldest %llu days", (unsigned long long)minutes / 1440);
}

static void
print_clones(const struct standing *s)
{
	char at[COMMAND_WHEN_BYTES];

	for (size_t i = 0; i < s->n_clones; i++)
		printf("Copied laptop    of %s, %s: nothing is lost, but ask who has the "
		       "other copy\n",
		    s->clones[i].member,
		    command_when((int64_t)s->clones[i].at_s * 1000, at));
}

static void
print_standing(struct laptop *l, const struct standing *s)
{
	char when[SCREEN_TIME_BYTES];
	char at[COMMAND_WHEN_BYTES];

	printf(
	    "On this laptop   %llu change%s (%llu mark%s) not yet stored by the server",
	    (unsigned long long)s->waiting.changes, plural(s->waiting.changes),
	    (unsigned long long)s->waiting.marks, plural(s->waiting.marks));
	if (s->waiting.changes > 0)
		print_age(s->waiting.oldest_ms, l->now_ms);
	printf("\n");
	if (s->waiting.carried > 0)
		printf("Carried          %llu changes of others\n",
		    (unsigned long long)s->waiting.carried);
	printf("Last sync        %s\n", command_when(s->last_sync_ms, at));
	if (s->is_revoked) {
		screen_local_time(s->revoked.time_s, when);
		printf("Revoked          by %s on %s: the server takes nothing more from "
		       "this "
		       "laptop\n",
		    s->revoked.by, when);
	}
	if (s->announced.workshops > 0)
		printf("For the server   %zu new workshop%s to announce: pnet sync\n",
		    s->announced.workshops, plural(s->announced.workshops));
	if (s->announced.revocations > 0)
		printf(
		    "For the server   %zu revocation%s, not in force before: pnet sync\n",
		    s->announced.revocations, plural(s->announced.revocations));
	if (s->announced.members > 0)
		printf("For the server   rights of %zu member%s, given once they have "
		       "joined: pnet sync\n",
		    s->announced.members, plural(s->announced.members));
	if (s->awaited > 0)
		printf("Keys awaited     %zu scope%s: they come once another "
		       "coordinator has synced, at your next pnet sync\n",
		    s->awaited, plural(s->awaited));
	if (s->lacks_kit)
		printf("Recovery kit     none: pnet kit print    for the day when all "
		       "laptops "
		       "are lost\n");
	if (s->drafts > 0)
		printf("In clear         %zu file%s of an edit that is open or was not "
		       "finished: pnet report edit CODE says how to go on\n",
		    s->drafts, plural(s->drafts));
	if (s->orphans > 0)
		printf("Lost laptop      %llu part%s of it brought here wait for a "
		       "coordinator: "
		       "pnet device adopt\n",
		    (unsigned long long)s->orphans, plural(s->orphans));
	if (s->refused > 0)
		printf("Refused          %llu batches kept here: pnet sync -v\n",
		    (unsigned long long)s->refused);
	for (size_t i = 0; i < s->n_aside; i++)
		printf(
		    "Set aside        %llu change%s set aside: access to %s ended; sent "
		    "once it is given again    pnet status --aside    its texts    pnet "
		    "undo --aside    to delete\n",
		    (unsigned long long)s->aside[i].changes, plural(s->aside[i].changes),
		    s->aside[i].place);
	if (s->quarantined > 0)
		printf("Set aside        %llu changes that do not open or were not "
		       "permitted\n",
		    (unsigned long long)s->quarantined);
	for (size_t i = 0; i < s->n_unkept; i++)
		printf("Not carried on   %llu values that %s dropped and %llu that he "
		       "changed: pnet undo --dropped\n",
		    (unsigned long long)s->unkept[i].n_dropped, s->unkept[i].member,
		    (unsigned long long)s->unkept[i].n_changed);
	print_clones(s);
	for (size_t i = 0; i < s->n_lost; i++)
		printf("Lost             with the server, %s: back when that laptop "
		       "syncs    pnet status --accept-lost    if nobody has it\n",
		    command_lost(l, &s->lost[i]));
	if (s->conflicts > 0)
		printf("Needs you        %llu conflict%s: pnet review\n",
		    (unsigned long long)s->conflicts, s->conflicts == 1 ? "" : "s");
	else
		printf("Needs you        nothing\n");
}

static void
print_standing_json(struct laptop *l, const struct standing *s)
{
	const char *at = iso_time(l->arena, s->last_sync_ms);
	const char *oldest = iso_time(l->arena, (int64_t)s->waiting.oldest_ms);
	json_t *last =
	    at == NULL ? json_null() : json_pack("{s:s, s:b}", "at", at, "complete", 1);
	json_t *o = json_pack(
	    "{s:s, s:I, s:I, s:s?, s:I, s:o, s:I, s:I, s:b, s:I, s:o, s:I, s:o, s:I}",
	    "schema", "pnet.status/1", "unsent", (json_int_t)s->waiting.changes,
	    "unsent_marks", (json_int_t)s->waiting.marks, "oldest_unsent", oldest,
	    "carried", (json_int_t)s->waiting.carried, "last_sync", last, "conflicts",
	    (json_int_t)s->conflicts, "needs", (json_int_t)(s->conflicts + s->refused),
	    "locked", 0, "keys_awaited", (json_int_t)s->awaited, "copied_laptops",
	    command_clones_json(s->clones, s->n_clones), "drafts", (json_int_t)s->drafts,
	    "lost", command_lost_json(s->lost, s->n_lost), "orphans",
	    (json_int_t)s->orphans);

	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

#define STATUS_COLUMNS                                                                   \
	"unsent#,unsent_marks#,carried#,last_sync,conflicts#,refused#,quarantined#"

static void
print_standing_plain(struct laptop *l, const struct standing *s, enum style style)
{
	struct listing *out = listing_new("pnet.status/1", STATUS_COLUMNS);

	listing_row(out);
	listing_cellf(out, "%llu", (unsigned long long)s->waiting.changes);
	listing_cellf(out, "%llu", (unsigned long long)s->waiting.marks);
	listing_cellf(out, "%llu", (unsigned long long)s->waiting.carried);
	listing_cell(out, iso_time(l->arena, s->last_sync_ms));
	listing_cellf(out, "%llu", (unsigned long long)s->conflicts);
	listing_cellf(out, "%llu", (unsigned long long)s->refused);
	listing_cellf(out, "%llu", (unsigned long long)s->quarantined);
	listing_print(out, style, true, stdout);
	listing_free(out);
}

static void
print_locked(const struct counts *counts)
{
	char at[COMMAND_WHEN_BYTES];

	printf("On this laptop   %llu change%s not yet stored by the server\n"
	       "Last sync        %s\n"
	       "Locked           the rest after: pnet unlock\n",
	    (unsigned long long)counts->changes, plural(counts->changes),
	    command_when(counts->last_sync_ms, at));
}

static void
print_locked_json(const struct counts *counts)
{
	char at[SCREEN_TIME_BYTES];
	json_t *last = json_null(), *o;

	if (counts->last_sync_ms != 0) {
		screen_utc_time((uint64_t)counts->last_sync_ms / 1000, at);
		last = json_pack("{s:s, s:b}", "at", at, "complete", 1);
	}
	o = json_pack("{s:s, s:I, s:o, s:n, s:n, s:b}", "schema", "pnet.status/1",
	    "unsent", (json_int_t)counts->changes, "last_sync", last, "conflicts",
	    "needs", "locked", 1);
	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

static void
print_locked_plain(const struct counts *counts, enum style style)
{
	char at[SCREEN_TIME_BYTES];
	struct listing *out = listing_new("pnet.status/1", STATUS_COLUMNS);

	screen_utc_time((uint64_t)counts->last_sync_ms / 1000, at);
	listing_row(out);
	listing_cellf(out, "%llu", (unsigned long long)counts->changes);
	listing_cell(out, NULL);
	listing_cell(out, NULL);
	listing_cell(out, at);
	for (int i = 0; i < 3; i++)
		listing_cell(out, NULL);
	listing_print(out, style, true, stdout);
	listing_free(out);
}

/* What is known without the key (counts.h); false if it is needed or at hand anyway. */
static bool
shows_locked(struct call *c, struct arena *a)
{
	const char *dir = laptop_folder(c->global.data_dir, a);
	struct counts counts;

	if (c->global.passphrase_file != NULL || c->global.passphrase_fd != NULL ||
	    !unlock_is_locked(dir) || !counts_read(dir, &counts))
		return false;
	if (c->global.style == STYLE_JSON)
		print_locked_json(&counts);
	else if (c->global.style == STYLE_HUMAN)
		print_locked(&counts);
	else
		print_locked_plain(&counts, c->global.style);
	c->exit_code = call_has(c, "exit-code") && counts.changes > 0;
	return true;
}

#define ASIDE_COLUMNS "activity,kind,saved,words"

/* The words as they were typed, each text under a line that says where. */
static status
print_aside(struct call *c, struct laptop *l)
{
	enum style style = c->global.style;
	struct listing *out = listing_new("pnet.aside/1", ASIDE_COLUMNS);
	struct aside_text *texts;
	char at[COMMAND_WHEN_BYTES];
	size_t n;
	status st = aside_texts(l, &texts, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		const struct aside_text *t = &texts[i];

		if (style == STYLE_HUMAN) {
			printf("%s %s, written %s\n", t->place, t->kind,
			    command_when(t->saved_ms, at));
			report_print_text(l, t->words);
			continue;
		}
		listing_row(out);
		listing_cell(out, t->place);
		listing_cell(out, t->kind);
		listing_cell(out, iso_time(l->arena, t->saved_ms));
		listing_cellf(out, "%.*s", (int)t->words.len,
		    t->words.len == 0 ? "" : (const char *)t->words.bytes);
	}
	if (st == ST_OK && style != STYLE_HUMAN)
		listing_print(out, style, c->global.show_header, stdout);
	else if (st == ST_OK && n == 0)
		printf("no text is set aside\n");
	listing_free(out);
	return st;
}

static status
accept_lost(struct laptop *l)
{
	uint64_t n;
	status st = lost_accept(l, &n);

	if (st == ST_OK && n == 0)
		printf("nothing is listed as lost\n");
	else if (st == ST_OK)
		printf("[ok] listed no more: %llu lost batch%s\n", (unsigned long long)n,
		    n == 1 ? "" : "es");
	return st;
}

status
cmd_status(struct call *c)
{
	struct arena *a = arena_new(0);
	struct laptop *l = NULL;
	struct standing s;
	bool asks = call_has(c, "aside") || call_has(c, "accept-lost");
	bool is_shown = a != NULL && !asks && shows_locked(c, a);
	status st = is_shown ? ST_OK : command_open(c, &l);

	arena_free(a);
	if (st != ST_OK || is_shown)
		return st;
	if (call_has(c, "aside"))
		return command_close(l, print_aside(c, l));
	if (call_has(c, "accept-lost"))
		return command_close(l, accept_lost(l));
	st = load_standing(l, &s);
	if (st == ST_OK) {
		if (c->global.style == STYLE_JSON)
			print_standing_json(l, &s);
		else if (c->global.style == STYLE_HUMAN)
			print_standing(l, &s);
		else
			print_standing_plain(l, &s, c->global.style);
		c->exit_code =
		    call_has(c, "exit-code") && s.waiting.changes + s.waiting.carried > 0;
	}
	return command_close(l, st);
}
