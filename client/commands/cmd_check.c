/* cmd_check.c - pnet check: the replica page by page, the vault's cost, unsent work, the
 * clock. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/laptop/drafts.h"
#include "client/laptop/reseal.h"
#include "store/replica_check.h"

enum { CLOCK_SLACK_MS = 24 * 60 * 60 * 1000 };

struct findings_here {
	struct replica_health health;
	bool has_cost;
	struct vault_cost cost;
	struct waiting waiting;
	uint64_t refused;
	char reason[80];           /* of the first refused batch */
	size_t drafts;             /* texts in clear that an editor left */
	struct lost_batches *lost; /* with the server */
	size_t n_lost;
	int64_t clock_off_ms; /* how far it lies behind what was seen before; 0 = not */
};

static void
look_at_vault(struct laptop *l, struct findings_here *out)
{
	uint8_t vault[VAULT_BYTES];

	out->has_cost =
	    vault_file_read(l->dir, VAULT_NAME, vault, NULL) == ST_OK &&
	    vault_cost_of(span_of(vault, sizeof vault), &out->cost, NULL) == ST_OK;
}

static status
look_at_unsent(struct laptop *l, struct findings_here *out)
{
	status st = records_waiting(l, &out->waiting);
	struct query *q;

	if (st != ST_OK)
		return st;
	q = query_of(l->queries,
	    "SELECT count(*), coalesce(min(reason), '') FROM r_pending WHERE state >= 2");
	if (query_row(q)) {
		out->refused = (uint64_t)query_column_int(q, 0);
		(void)snprintf(
		    out->reason, sizeof out->reason, "%s", query_column_text(q, 1));
	}
	return query_done(q, &l->trouble);
}

/* Time went on since the last sync and the last edit; a clock that stands before them is
 * wrong now or was wrong then. How far it is off the server's, a sync says. */
static void
look_at_clock(struct laptop *l, struct findings_here *out)
{
	int64_t seen = laptop_meta_int(l, "last_sync_ms", 0);
	int64_t edited = (int64_t)(l->clock.seconds * 1000);
	int64_t now = (int64_t)l->now_ms;

	if (edited > seen)
		seen = edited;
	out->clock_off_ms = seen > now + CLOCK_SLACK_MS ? seen - now : 0;
}

static bool
is_damaged(const struct findings_here *f)
{
	return f->health.n_bad > 0 || f->health.says[0] != '\0';
}

static status
complain_damage(struct laptop *l, const struct findings_here *f)
{
	char pages[120] = "";
	size_t n = 0;

	for (size_t i = 0; i < f->health.n_bad && i < REPLICA_BAD_MAX; i++)
		n += (size_t)snprintf(pages + n, sizeof pages - n, "%s%llu",
		    i == 0 ? " " : ", ", (unsigned long long)f->health.bad[i]);
	if (f->health.n_bad > 0)
		(void)complain(l->complaint, PN_D02,
		    "page%s%s%s of %llu %s not read as %s written",
		    f->health.n_bad == 1 ? "" : "s", pages,
		    f->health.n_bad > REPLICA_BAD_MAX ? " and more" : "",
		    (unsigned long long)f->health.pages,
		    f->health.n_bad == 1 ? "does" : "do",
		    f->health.n_bad == 1 ? "it was" : "they were");
	else
		(void)complain(l->complaint, PN_D02, "%s", f->health.says);
	complain_data(l->complaint,
	    "%llu change%s wait%s here that the server does not have",
	    (unsigned long long)f->waiting.changes, f->waiting.changes == 1 ? "" : "s",
	    f->waiting.changes == 1 ? "s" : "");
	complain_next(l->complaint,
	    "pnet sync    sends what can still be read; keep a copy of %s first", l->dir);
	complain_next(l->complaint, "pnet join CODE --data DIR    in an empty folder, "
				    "with an invite to yourself");
	return trouble_set(&l->trouble, ST_CORRUPT, "%s", l->complaint->why);
}

static void
print_human(struct laptop *l, const struct findings_here *f)
{
	printf("[ok] replica: %llu pages read, %llu of them free; sound\n",
	    (unsigned long long)f->health.pages,
	    (unsigned long long)f->health.free_pages);
	if (f->has_cost)
		printf("[ok] vault: %u passes over %u MiB for each guess\n",
		    f->cost.passes, f->cost.memory_kib / 1024);
	printf("[ok] unsent: %llu change%s\n", (unsigned long long)f->waiting.changes,
	    f->waiting.changes == 1 ? "" : "s");
	if (f->refused > 0)
		printf("[!!] refused by the server and kept here: %llu batch%s: %s\n",
		    (unsigned long long)f->refused, f->refused == 1 ? "" : "es",
		    f->reason);
	if (f->drafts > 0)
		printf("[!!] in clear in this folder: %zu file%s of an edit that was not "
		       "finished: pnet report edit CODE says how to go on\n",
		    f->drafts, f->drafts == 1 ? "" : "s");
	for (size_t i = 0; i < f->n_lost; i++)
		printf("[!!] lost with the server: %s    pnet status\n",
		    command_lost(l, &f->lost[i]));
	if (f->clock_off_ms > 0)
		printf(
		    "[!!] this laptop's clock is %lld days behind what it showed before "
		    "(PN-T01): set the date, then go on\n",
		    (long long)(f->clock_off_ms / 86400000));
	else
		printf("[ok] clock: later than the last sync and the last edit\n");
}

static void
print_json(const struct findings_here *f)
{
	json_t *bad = json_array(), *o;

	for (size_t i = 0; i < f->health.n_bad && i < REPLICA_BAD_MAX; i++)
		(void)json_array_append_new(
		    bad, json_integer((json_int_t)f->health.bad[i]));
	o = json_pack("{s:s, s:I, s:I, s:o, s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:o}",
	    "schema", "pnet.check/1", "pages", (json_int_t)f->health.pages, "free_pages",
	    (json_int_t)f->health.free_pages, "bad_pages", bad, "integrity",
	    f->health.says[0] == '\0' ? "ok" : f->health.says, "kdf_passes",
	    (int)f->cost.passes, "kdf_memory", (int)(f->cost.memory_kib / 1024), "unsent",
	    (json_int_t)f->waiting.changes, "refused", (json_int_t)f->refused,
	    "clock_behind_s", (json_int_t)(f->clock_off_ms / 1000), "drafts",
	    (json_int_t)f->drafts, "lost", command_lost_json(f->lost, f->n_lost));
	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

status
cmd_check(struct call *c)
{
	struct findings_here f = {0};
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = replica_check(l->db, &f.health, &l->trouble);
	if (st == ST_OK) {
		look_at_vault(l, &f);
		look_at_clock(l, &f);
		f.drafts = drafts_count(l->dir);
		st = look_at_unsent(l, &f);
		if (st == ST_OK)
			st = lost_list(l, false, &f.lost, &f.n_lost);
		if (st == ST_CORRUPT && is_damaged(&f))
			st = ST_OK;
	}
	if (st == ST_OK && c->global.style == STYLE_JSON)
		print_json(&f);
	if (st == ST_OK && is_damaged(&f))
		st = complain_damage(l, &f);
	else if (st == ST_OK && c->global.style != STYLE_JSON)
		print_human(l, &f);
	if (st == ST_OK && (f.clock_off_ms > 0 || f.refused > 0))
		c->exit_code = status_exit(ST_GATE);
	return command_close(l, st);
}
