/* recovery.c - hands a restored server its past, space after space. */
#include "client/sync/recovery.h"

#include <stdlib.h>

#include "client/laptop/claim.h"
#include "client/laptop/opening.h"
#include "client/sync/inbox.h"
#include "client/sync/keys_made.h"

enum { LOST_MAX = HELLO_SPACES_MAX };

enum step {
	STEP_LOG,   /* the server's log is read */
	STEP_PROBE, /* does it take anything back? Asked before a country is sent to it */
	STEP_OFFER, /* records that it lacks are offered */
	STEP_KEYS,  /* and the keys that were sealed here: nobody else has them */
	STEP_CLAIM  /* the claim is joined */
};

/* A space of which the server has lost something. */
struct lost {
	uint16_t space;
	bool is_changed; /* its store: else only its log is shorter */
	struct store_mark mark;
	uint32_t server_len; /* of its log, as read */
	bool is_restored;
};

struct recovery {
	struct laptop *l;
	size_t n;
	struct lost lost[LOST_MAX]; /* ascending: the log of NET comes first */
	size_t at;
	enum step step;
	size_t n_offered; /* records not answered yet */
	bool is_refused;  /* one of them was */
};

static const char open_recovery[] =
    "pnet sync    once the operator of the server has set recovery = yes in pnetd.conf "
    "and started it again";

struct recovery *
recovery_new(struct laptop *l)
{
	struct recovery *r = calloc(1, sizeof *r);

	if (r != NULL)
		r->l = l;
	return r;
}

void
recovery_free(struct recovery *r)
{
	free(r);
}

/* ---- what a pull shows ---- */

/* r->n if it was not noted. */
static size_t
find(const struct recovery *r, uint16_t space)
{
	size_t i = 0;

	while (i < r->n && r->lost[i].space != space)
		i++;
	return i;
}

static struct lost *
note(struct recovery *r, uint16_t space)
{
	size_t at = find(r, space);

	if (at < r->n)
		return &r->lost[at];
	if (at == LOST_MAX)
		return NULL;
	while (at > 0 && r->lost[at - 1].space > space) {
		r->lost[at] = r->lost[at - 1];
		at--;
	}
	r->n++;
	r->lost[at] = (struct lost){.space = space};
	return &r->lost[at];
}

/* What the lost server had acknowledged is worth nothing any more. */
static status
push_again(struct laptop *l, uint16_t space)
{
	struct query *q = query_of(
	    l->queries, "UPDATE r_pending SET state = 0 WHERE space = ? AND state = 1");

	query_int(q, space);
	return query_run(q, &l->trouble);
}

status
recovery_note_changed(struct recovery *r, uint16_t space, const struct store_mark *mark)
{
	struct lost *x = note(r, space);

	if (x == NULL)
		return ST_OK; /* more spaces than HELLO has: the next sync */
	x->is_changed = true;
	x->mark = *mark;
	return push_again(r->l, space);
}

status
recovery_note_first(struct recovery *r, uint16_t space, const struct store_mark *mark)
{
	return recovery_replaces_base(r->l, space) ? recovery_note_changed(r, space, mark)
						   : ST_OK;
}

status
recovery_note_page(struct recovery *r, const struct page *page)
{
	enum heads heads;
	status st = logs_compare(r->l, page->space, page->log_len, page->log_head,
	    sizeof page->log_head, &heads);

	if (st != ST_OK)
		return st;
	switch (heads) {
	case HEADS_EQUAL:
	case HEADS_LONGER:
		return ST_OK;
	case HEADS_SHORTER:
		(void)note(r, page->space);
		return ST_OK;
	case HEADS_FORK:
		return logs_complain_fork(r->l, page->space, page->log_len - 1,
		    span_of(page->log_head, sizeof page->log_head));
	}
	return ST_BUG;
}

bool
recovery_ignores(const struct recovery *r, uint16_t space)
{
	size_t at = find(r, space);

	return at < r->n && !r->lost[at].is_restored;
}

bool
recovery_is_due(const struct recovery *r)
{
	return r->at < r->n;
}

bool
recovery_is_expected(struct laptop *l)
{
	return laptop_meta_int(l, "recovery_expected", 0) != 0;
}

status
recovery_expect(struct laptop *l, bool is_expected)
{
	return recovery_is_expected(l) == is_expected
		   ? ST_OK
		   : laptop_set_meta_int(l, "recovery_expected", is_expected);
}

/* ---- complaints ---- */

static const char *
name_of(const struct membership *m, uint16_t space)
{
	static const struct space_name unknown = {"?"};
	const struct space_name *name = membership_space_name(m, space);

	return name == NULL ? unknown.text : name->text;
}

static void
say_safe(struct laptop *l)
{
	complain_data(l->complaint, "nothing is lost: everything stays on this laptop");
}

static void
complain_log(struct recovery *r, const struct membership *m, const struct lost *x)
{
	struct laptop *l = r->l;

	(void)complain(l->complaint, PN_S03,
	    "the server's log of %.4s has %u records, this laptop knows %u: it was "
	    "restored from a backup and does not take the missing ones from this laptop",
	    name_of(m, x->space), (unsigned)x->server_len,
	    (unsigned)membership_log_len(m, x->space));
	say_safe(l);
	complain_next(l->complaint, "%s", open_recovery);
	complain_next(l->complaint,
	    "pnet sync    after a coordinator or the office has done so: they are known "
	    "there for longer");
}

static void
complain_closed(struct recovery *r, const struct membership *m, const struct lost *x)
{
	struct laptop *l = r->l;

	(void)complain(l->complaint, PN_S01,
	    "the server's data of %.4s is not what this laptop knows, and the server "
	    "does "
	    "not take back what it lost before its operator says so",
	    name_of(m, x->space));
	say_safe(l);
	complain_next(l->complaint, "%s", open_recovery);
}

static void
complain_failed(struct recovery *r, const struct membership *m, const struct lost *x)
{
	struct laptop *l = r->l;

	(void)complain(l->complaint, PN_S01,
	    "the server could not take back what this laptop knows of %.4s: its disk, or "
	    "a membership log that it lacks, stands in the way",
	    name_of(m, x->space));
	say_safe(l);
	complain_next(l->complaint,
	    "pnet sync    again after a coordinator or the office has synced");
}

/* ---- the exchange ---- */

status
recovery_begin(struct recovery *r, struct session *s, uint64_t mono_ms)
{
	status st = session_log(s, r->lost[r->at].space, 0);

	r->step = STEP_LOG;
	return st != ST_OK ? st : session_flush(s, mono_ms);
}

static status
next_space(struct recovery *r, struct session *s, uint64_t mono_ms)
{
	r->at++;
	return recovery_is_due(r) ? recovery_begin(r, s, mono_ms) : ST_OK;
}

static bool
lacks_records(const struct lost *x, const struct membership *m)
{
	return x->server_len < membership_log_len(m, x->space);
}

static status
tell_part(void *ctx, const struct recover *part)
{
	return session_recover(ctx, part);
}

static status
claim(struct recovery *r, const struct membership *m, struct session *s, uint64_t mono_ms)
{
	struct lost *x = &r->lost[r->at];
	status st;

	if (!x->is_changed) { /* its log was all that was missing */
		x->is_restored = true;
		return next_space(r, s, mono_ms);
	}
	r->step = STEP_CLAIM;
	st = claim_make(r->l, m, x->space, tell_part, s, NULL);
	return st != ST_OK ? st : session_flush(s, mono_ms);
}

/* The records are there. It takes of the keys what their log hashes, and needs not be
 * told which it lost. */
static status
tell_claim(
    struct recovery *r, const struct membership *m, struct session *s, uint64_t mono_ms)
{
	const struct lost *x = &r->lost[r->at];
	uint32_t from = lacks_records(x, m) ? x->server_len : 0;
	status st = keys_made_offer(r->l, x->space, from, s, &r->n_offered);

	if (st == ST_OK && r->n_offered == 0)
		return claim(r, m, s, mono_ms);
	r->step = STEP_KEYS;
	return st != ST_OK ? st : session_flush(s, mono_ms);
}

/* As they were signed; keys follow. */
static status
offer_records(struct recovery *r, uint16_t space, uint32_t from, struct session *s)
{
	struct query *q = query_of(r->l->queries,
	    "SELECT record FROM r_log WHERE space = ? AND seq >= ? ORDER BY seq");
	status st = ST_OK, end;

	query_int(q, space);
	query_int(q, from);
	while (st == ST_OK && query_row(q)) {
		struct append a = {.space = space, .record = query_column_span(q, 0)};

		st = session_append(s, &a);
		r->n_offered++;
	}
	end = query_done(q, st == ST_OK ? &r->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* An empty claim is joined at once, where recovery is open to this device. */
static status
probe(struct recovery *r, struct session *s, uint64_t mono_ms)
{
	const struct recover nothing = {.space = r->lost[r->at].space, .is_end = true};
	status st = session_recover(s, &nothing);

	r->step = STEP_PROBE;
	return st != ST_OK ? st : session_flush(s, mono_ms);
}

/* The whole server was lost: there is nobody whom it could ask for a claim, and the log
 * of NET comes before all others. */
static bool
knows_nobody(const struct lost *x, const struct membership *m)
{
	return x->space == 0 && x->server_len == 0 && lacks_records(x, m);
}

static status
end_probe(
    struct recovery *r, const struct membership *m, struct session *s, uint64_t mono_ms)
{
	struct lost *x = &r->lost[r->at];
	status st;

	if (!lacks_records(x, m))
		return tell_claim(r, m, s, mono_ms);
	r->step = STEP_OFFER;
	r->is_refused = false;
	st = offer_records(r, x->space, x->server_len, s);
	return st != ST_OK ? st : session_flush(s, mono_ms);
}

static status
take_appended(struct recovery *r, const struct membership *m, struct session *s,
    enum append_result result, uint64_t mono_ms)
{
	if ((r->step != STEP_OFFER && r->step != STEP_KEYS) || r->n_offered == 0)
		return trouble_set(
		    &r->l->trouble, ST_MALFORMED, "an answer to no record");
	r->n_offered--;
	if (r->step == STEP_KEYS)
		return r->n_offered > 0 ? ST_OK : claim(r, m, s, mono_ms);
	r->is_refused = r->is_refused || result != APPEND_OK;
	if (r->n_offered > 0)
		return ST_OK;
	if (!r->is_refused)
		return tell_claim(r, m, s, mono_ms);
	/* Batches cite the records that are missing: none would verify there. */
	complain_log(r, m, &r->lost[r->at]);
	return next_space(r, s, mono_ms);
}

/* From now on the base is that of a store that is gone: the next pull of the space, from
 * its beginning, replaces it. */
static status
take_over(struct laptop *l, const struct lost *x)
{
	char key[32];
	struct query *q;
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	(void)snprintf(key, sizeof key, "rebase.%u", (unsigned)x->space);
	st = laptop_set_meta_int(l, key, 1);
	q = query_of(l->queries,
	    "UPDATE r_space SET store_epoch = ?, cursor = 0, chain = NULL WHERE pos = ?");
	query_blob(q, x->mark.epoch, sizeof x->mark.epoch);
	query_int(q, x->space);
	st = st != ST_OK ? st : query_run(q, &l->trouble);
	if (st == ST_OK)
		st = inbox_drop_stage(l, x->space);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* To a device that it does not know any more the server is closed whatever its operator
 * says; and it has told such a one nothing of its store. */
static void
complain_result(struct recovery *r, const struct membership *m, const struct lost *x,
    enum recover_result result)
{
	if (result != RECOVER_CLOSED)
		complain_failed(r, m, x);
	else if (lacks_records(x, m) && !x->is_changed)
		complain_log(r, m, x);
	else
		complain_closed(r, m, x);
}

static status
take_recovered(struct recovery *r, const struct membership *m, struct session *s,
    enum recover_result result, uint64_t mono_ms)
{
	struct lost *x = &r->lost[r->at];
	status st = ST_OK;

	if (r->step != STEP_CLAIM && r->step != STEP_PROBE)
		return trouble_set(&r->l->trouble, ST_MALFORMED, "an answer to no claim");
	if (result == RECOVER_DONE && r->step == STEP_PROBE)
		return end_probe(r, m, s, mono_ms);
	if (result == RECOVER_DONE)
		st = take_over(r->l, x);
	else
		complain_result(r, m, x, result);
	x->is_restored = result == RECOVER_DONE;
	return st != ST_OK ? st : next_space(r, s, mono_ms);
}

status
recovery_take(struct recovery *r, const struct membership *m, struct session *s,
    const struct client_event *e, uint64_t mono_ms)
{
	struct lost *x = &r->lost[r->at];

	if (!recovery_is_due(r))
		return ST_OK;
	if (e->kind == CLIENT_LOGS && r->step == STEP_LOG && e->space == x->space) {
		uint32_t upto = e->logs.from + (uint32_t)e->logs.n_records;

		x->server_len = upto > x->server_len ? upto : x->server_len;
	}
	if (e->kind == CLIENT_PULL_DONE && r->step == STEP_LOG)
		return knows_nobody(x, m) ? end_probe(r, m, s, mono_ms)
					  : probe(r, s, mono_ms);
	if (e->kind == CLIENT_APPENDED)
		return take_appended(r, m, s, e->appended.result, mono_ms);
	if (e->kind == CLIENT_RECOVERED)
		return take_recovered(r, m, s, e->recovered, mono_ms);
	return ST_OK;
}

void
recovery_sum(const struct recovery *r, struct recovery_sum *out)
{
	size_t used = 0;

	*out = (struct recovery_sum){0};
	for (size_t i = 0; i < r->n; i++) {
		struct query *q;
		int wrote;

		if (!r->lost[i].is_restored) {
			out->n_left++;
			continue;
		}
		q = query_of(r->l->queries, "SELECT code FROM r_space WHERE pos = ?");
		query_int(q, r->lost[i].space);
		wrote = query_row(q)
			    ? snprintf(out->names + used, sizeof out->names - used,
				  "%s%s", used == 0 ? "" : ", ", query_column_text(q, 0))
			    : 0;
		(void)query_done(q, NULL);
		if (wrote > 0 && (size_t)wrote < sizeof out->names - used)
			used += (size_t)wrote;
		out->n_restored++;
	}
}

/* ---- the base ---- */

bool
recovery_replaces_base(struct laptop *l, uint16_t space)
{
	char key[32];

	(void)snprintf(key, sizeof key, "rebase.%u", (unsigned)space);
	return laptop_meta_int(l, key, 0) != 0;
}

status
recovery_drop_base(struct laptop *l, const struct membership *m, uint16_t space)
{
	static const char *const drops[] = {"DELETE FROM r_op WHERE space = ?",
	    "DELETE FROM r_batch WHERE space = ?",
	    "DELETE FROM r_quarantine WHERE space = ?"};
	char key[32];
	status st = claim_remember_base(l, m, space);

	for (size_t i = 0; st == ST_OK && i < sizeof drops / sizeof drops[0]; i++) {
		struct query *q = query_of(l->queries, drops[i]);

		query_int(q, space);
		st = query_run(q, &l->trouble);
	}
	(void)snprintf(key, sizeof key, "rebase.%u", (unsigned)space);
	return st != ST_OK ? st : laptop_set_meta_int(l, key, 0);
}

/* ---- forks ---- */

status
recovery_note_fork(struct laptop *l, uint16_t space)
{
	return laptop_set_meta_int(l, "fork_log", space);
}

bool
recovery_has_fork(struct laptop *l, uint16_t *space)
{
	int64_t at = laptop_meta_int(l, "fork_log", -1);

	*space = (uint16_t)at;
	return at >= 0;
}

status
recovery_clear_fork(struct laptop *l)
{
	uint16_t space;

	return recovery_has_fork(l, &space) ? laptop_set_meta_int(l, "fork_log", -1)
					    : ST_OK;
}

bool
recovery_is_wary(struct laptop *l)
{
	return laptop_meta_int(l, "fork_seen", 0) != 0;
}

status
recovery_be_wary(struct laptop *l, bool is_wary)
{
	return recovery_is_wary(l) == is_wary
		   ? ST_OK
		   : laptop_set_meta_int(l, "fork_seen", is_wary);
}
