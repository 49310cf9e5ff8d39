/* syncer.c - the client's side of a sync, step by step. */
#include "client/sync/syncer_parts.h"

#include <stdlib.h>

#include "client/laptop/aside.h"
#include "client/sync/duties.h"
#include "client/sync/guests.h"
#include "client/sync/outbox.h"
#include "core/hlc.h"

enum {
	FLIGHT_BATCHES_MAX = 4096,
	FLIGHT_BYTES_MAX = 8 << 20, /* of pushes that lie in memory at once */
	ROUNDS_MAX = 64
};

status
syncer_new(struct laptop *l, sync_follow_up follow_up, bool stays, uint64_t mono_ms,
    struct syncer **out)
{
	struct syncer *x = calloc(1, sizeof *x);
	struct client_config config = {.network = l->self.network,
	    .server = l->self.server_key,
	    .secret = &keyring_device(l->keys)->transport_sk,
	    .stays = stays,
	    .rng = l->rng};
	status st = ST_NO_MEMORY;

	*out = NULL;
	if (x == NULL)
		goto out;
	x->l = l;
	x->a = arena_new(0);
	if (x->a == NULL)
		goto out;
	x->follow_up = follow_up;
	x->stays = stays;
	x->recovery = recovery_new(l);
	if (x->recovery == NULL)
		goto out;
	x->logs.l = l;
	st = db_widen(l->db, SYNC_CACHE_KIB, SYNC_LOG_PAGES, &l->trouble);
	if (st == ST_OK)
		st = logs_ready(&x->logs);
	if (st != ST_OK)
		goto out;
	/* The key that the network's log names wins over the invite's. */
	(void)logs_server(l, &config.server);
	config.incarnation = l->self.author.device;
	st = inbox_states(l, x->a, &config.spaces, &config.n_spaces);
	if (st != ST_OK)
		goto out;
	x->n_spaces = config.n_spaces;
	x->asks_keys = duties_keys_from(l, l->self.author.home, UINT32_MAX) != UINT32_MAX;
	x->session = session_client_new(&config, mono_ms);
	st = x->session == NULL ? ST_NO_MEMORY : ST_OK;
	*out = x;
out:
	if (st != ST_OK) {
		syncer_free(x);
		*out = NULL;
		if (st == ST_NO_MEMORY)
			(void)trouble_set(&l->trouble, st, "no memory for a sync");
	}
	return st;
}

void
syncer_free(struct syncer *x)
{
	if (x == NULL)
		return;
	(void)db_widen(x->l->db, 0, 0, NULL);
	session_free(x->session);
	logs_forget(&x->logs);
	arena_free(x->a);
	appends_free(x->appends);
	inbox_forget(&x->removals);
	recovery_free(x->recovery);
	free(x->pushes);
	free(x->pending);
	free(x);
}

struct session *
syncer_session(struct syncer *x)
{
	return x->session;
}

const struct sync_report *
syncer_report(const struct syncer *x)
{
	return &x->report;
}

enum session_end
syncer_end(const struct syncer *x)
{
	return session_end(x->session);
}

/* ---- pushing ---- */

static status
note_push(struct syncer *x, const struct outgoing *o)
{
	if (x->n_pushes == x->cap_pushes) {
		size_t cap = x->cap_pushes == 0 ? 16 : x->cap_pushes * 2;
		struct flight *more = realloc(x->pushes, cap * sizeof *more);
		int64_t *ids;

		if (more == NULL)
			return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory");
		x->pushes = more;
		ids = realloc(x->pending, cap * sizeof *ids);
		if (ids == NULL)
			return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory");
		x->pending = ids;
		x->cap_pushes = cap;
	}
	x->pending[x->n_pushes] = o->pending;
	x->pushes[x->n_pushes++] = (struct flight){
	    .pending = o->pending, .changes = o->changes, .marks = o->marks};
	x->report.sent += o->changes;
	x->report.sent_marks += o->marks;
	return ST_OK;
}

/* Batches that wait, as far as one flight takes them. */
static status
count_waiting(struct laptop *l, size_t *n)
{
	struct query *q =
	    query_of(l->queries, "SELECT count(*) FROM r_pending WHERE state = 0");

	*n = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	if (*n > FLIGHT_BATCHES_MAX)
		*n = FLIGHT_BATCHES_MAX;
	return query_done(q, &l->trouble);
}

/* Queues what waits. *more: not all of it fitted into this flight. */
static status
queue_pushes(struct syncer *x, bool *more)
{
	struct outgoing *out = NULL;
	size_t cap = 0, n = 0;
	status st = count_waiting(x->l, &cap);

	if (st == ST_OK && (out = arena_zeros(x->a, cap + 1, sizeof *out)) == NULL)
		st = trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory");
	if (st == ST_OK)
		st = outbox_list(x->l, x->a, out, cap, FLIGHT_BYTES_MAX, &n, more);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		st = note_push(x, &out[i]);
		if (st == ST_OK)
			st = session_push(x->session, out[i].space, out[i].wire);
	}
	return st;
}

/* May this device have to say something after the pull? Then the pull is not the last. */
static bool
may_follow_up(const struct syncer *x)
{
	return x->follow_up != NULL && !x->follow_up_done;
}

/* The logs that come with the pull may tell the office of a laptop that was revoked in a
 * country: then `all` gets a new key in the same session (DESIGN 3.3). */
static bool
may_rotate(const struct syncer *x)
{
	return x->l->self.role == ROLE_OFFICE;
}

/* A grant may have opened a country that HELLO did not list. */
static status
ask_pull(struct syncer *x)
{
	const struct space_state *states;
	size_t n = 0;
	status st = inbox_states(x->l, x->a, &states, &n);

	if (st != ST_OK || (n == x->n_spaces && !x->asks_anew))
		return st != ST_OK ? st
				   : session_pull(x->session, x->is_last_pull, NULL, 0);
	x->n_spaces = n;
	x->asks_anew = false;
	return session_pull(x->session, x->is_last_pull, states, n);
}

static bool
has_new_space(struct syncer *x)
{
	const struct space_state *states;
	size_t n = 0;

	return inbox_states(x->l, x->a, &states, &n) == ST_OK && n != x->n_spaces;
}

static status
push_and_pull(struct syncer *x, uint64_t mono_ms)
{
	struct outbox_result sealed = {0};
	bool more = false;
	status st;

	arena_reset(x->a);
	st = x->is_wary ? ST_OK : outbox_seal(x->l, &sealed);
	if (st == ST_OK && !x->is_wary)
		st = queue_pushes(x, &more);
	more = more || sealed.has_more || x->is_wary;
	x->is_last_pull = !more && !x->stays && !may_follow_up(x) && !may_rotate(x) &&
			  !recovery_is_expected(x->l) && !x->report.has_renewed;
	x->has_more = more;
	x->n_again = 0;
	if (st == ST_OK)
		st = syncer_ask_contacts(x);
	if (st == ST_OK)
		st = ask_pull(x);
	if (st == ST_OK)
		st = session_flush(x->session, mono_ms);
	x->phase = PHASE_PULL;
	return st;
}

/* ---- appending ---- */

/* Asks for a foreign log that is needed to check a signature or to grant, or for one
 * that was another one than ours, from its beginning. */
static status
fetch_log(struct syncer *x, uint16_t space, uint32_t from, uint64_t mono_ms)
{
	status st = session_log(x->session, space, from);

	x->has_fetched[space] = true;
	x->fetching = space;
	x->phase = PHASE_FETCH;
	return st != ST_OK ? st : session_flush(x->session, mono_ms);
}

static status
fetch_rest(struct syncer *x, uint16_t space, uint64_t mono_ms)
{
	uint32_t known;
	status st = logs_len(x->l, space, &known);

	return st != ST_OK ? st : fetch_log(x, space, known, mono_ms);
}

/* A log that the last sync found missing (inbox_apply), not fetched yet. */
static bool
wants_log(struct syncer *x, uint16_t *space)
{
	int64_t wanted = laptop_meta_int(x->l, "wanted_log", -1);

	*space = (uint16_t)wanted;
	return wanted >= 0 && wanted < SPACES_MAX && !x->has_fetched[wanted];
}

status
syncer_begin_round(struct syncer *x, uint64_t mono_ms)
{
	struct intent_outlook outlook = {0};
	const struct intent_known known = {x->has_fetched, x->has_cuts ? &x->cuts : NULL};
	uint16_t space;
	bool is_giving = false, is_renewing = false;
	status st = ST_OK;

	if (recovery_has_fork(x->l, &space) && space < SPACES_MAX &&
	    !x->has_fetched[space])
		return fetch_log(x, space, 0, mono_ms);
	if (wants_log(x, &space))
		return fetch_rest(x, space, mono_ms);
	if (guests_want_log(x->l, x->has_fetched, SPACES_MAX, x->server_time_s, &space))
		return fetch_rest(x, space, mono_ms);
	x->rounds++;
	appends_free(x->appends);
	x->appends = NULL;
	x->is_wary = recovery_is_wary(x->l);
	if (x->is_wary)
		return push_and_pull(x, mono_ms);
	st = syncer_begin_giving(x, mono_ms, &is_giving);
	if (st == ST_OK && !is_giving)
		st = syncer_begin_renewal(x, mono_ms, &is_renewing);
	if (st != ST_OK || is_giving || is_renewing)
		return st;
	/* No log takes a record from an incarnation that is not the present one. */
	if (x->append_tries < SYNC_APPEND_TRIES_MAX && !renewal_is_outdated(x->l))
		st = intents_queue(x->l, &x->logs, x->server_time_s, x->session, &known,
		    &x->appends, &outlook);
	x->n_log_asked = x->report.n_log_new;
	x->has_cuts = false; /* by the next record they may be others */
	x->report.n_waiting_log = outlook.n_left;
	x->report.n_waiting_members =
	    outlook.n_left == 0 ? 0 : intents_waiting(x->l).members;
	if (outlook.refused != REFUSAL_NONE)
		x->report.log_refused = refusal_text(outlook.refused);
	if (st != ST_OK)
		return st;
	if (outlook.wants_cuts)
		return syncer_ask_cuts(x, &outlook, mono_ms);
	if (outlook.n_queued == 0 && outlook.wants_log && outlook.log < SPACES_MAX &&
	    !x->has_fetched[outlook.log])
		return fetch_rest(x, outlook.log, mono_ms);
	if (outlook.n_queued == 0)
		return push_and_pull(x, mono_ms);
	x->append_tries++;
	x->phase = PHASE_APPEND;
	return session_flush(x->session, mono_ms);
}

static status
store_taken(struct syncer *x)
{
	status st;

	logs_forget(&x->logs);
	if (logs_whole(&x->logs) == NULL)
		return x->l->trouble.code;
	st =
	    x->is_renewing ? syncer_end_renewal(x) : intents_store(x->appends, x->logs.m);
	return st != ST_OK ? st : logs_settle(x->l, x->logs.m);
}

/* All answered: those taken are stored; the logs in memory are then what they were
 * before, plus the records taken. One transaction: a scope in the log whose place is not
 * noted would never be sealed. */
static status
end_append(struct syncer *x, uint64_t mono_ms)
{
	struct laptop *l = x->l;
	enum refusal why = appends_refused(x->appends);
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	if (why != REFUSAL_NONE)
		x->report.log_refused = refusal_text(why);
	if (appends_all_taken(x->appends))
		x->append_tries = x->rounds = 0;
	st = store_taken(x);
	if (st == ST_OK)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	return st != ST_OK ? st : syncer_begin_round(x, mono_ms);
}

/* ---- answers ---- */

static void
note_refused(struct syncer *x, enum verdict code)
{
	struct sync_report *r = &x->report;

	if (r->n_refused < SYNC_REFUSED_MAX)
		(void)snprintf(r->refused[r->n_refused], sizeof r->refused[0], "%s",
		    verdict_text(code) == NULL ? "refused" : verdict_text(code));
	r->n_refused++;
}

static status
take_verdict(struct syncer *x, uint32_t push, enum verdict code)
{
	struct flight *f = push < x->n_pushes ? &x->pushes[push] : NULL;

	if (f == NULL || f->is_answered)
		return trouble_set(&x->l->trouble, ST_MALFORMED, "a verdict of no push");
	f->is_answered = true;
	if (code < VERDICT_FIRST_REFUSED) {
		x->report.stored += f->changes;
		x->report.known += code == VERDICT_KNOWN ? f->changes : 0;
		x->report.known_marks += code == VERDICT_KNOWN ? f->marks : 0;
		f->is_stored = true;
		f->is_known = code == VERDICT_KNOWN;
		x->rounds =
		    0; /* it goes forward: a long push takes as many as it needs */
		return ST_OK;
	}
	if (code == VERDICT_AGAIN || code == VERDICT_QUOTA) {
		/* Nothing is wrong with it: it stays, and goes again at the next sync. */
		x->report.n_full += code == VERDICT_QUOTA;
		x->report.n_later += code == VERDICT_AGAIN;
		x->report.sent -= f->changes;
		x->report.sent_marks -= f->marks;
		x->n_held++;
		return ST_OK;
	}
	if (code == VERDICT_EPOCH || code == VERDICT_LOG || code == VERDICT_RENEWED) {
		/* Keys and positions come with this pull; sealed anew after it. */
		x->n_again++;
		f->is_old = code == VERDICT_RENEWED;
		x->report.sent -= f->changes; /* counted when it goes again */
		x->report.sent_marks -= f->marks;
		f->changes = f->marks = 0;
		f->is_answered = false;
		return ST_OK;
	}
	note_refused(x, code);
	f->refused = code;
	return ST_OK;
}

static status
in_transaction(struct syncer *x, const struct client_event *e)
{
	struct laptop *l = x->l;
	const struct device_keys *keys = keyring_device(l->keys);
	const struct box_pair pair = {keys->pk.box, &keys->box_sk};
	struct membership *m = logs_whole(&x->logs);
	size_t n_new = 0;
	status st = m == NULL ? l->trouble.code : db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	if (e->kind == CLIENT_LOGS)
		st = logs_take(l, m, e->space, e->logs.from, e->logs.records,
		    e->logs.n_records, &x->report.n_log_new);
	else
		st = logs_take_keys(l, m, e->space, &pair, &e->keyboxes, &n_new);
	if (st == ST_OK)
		st = logs_settle(l, m);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* While own records are under way, m holds them already: begin from the stored logs. */
static status
take_logs(struct syncer *x, const struct client_event *e)
{
	if (x->phase == PHASE_APPEND)
		logs_forget(&x->logs);
	return in_transaction(x, e);
}

static status
take_page(struct syncer *x, const struct page *page)
{
	const struct push_list pushes = {x->pending, x->n_pushes};
	struct removals *r = &x->removals;
	struct page whole = *page;
	status st = recovery_note_page(x->recovery, page);

	if (st != ST_OK || recovery_ignores(x->recovery, page->space))
		return st;
	if (page->kind == PAGE_TAIL || r->is_open)
		st = inbox_gather(x->l, r, page);
	if (st == ST_OK && page->kind != PAGE_LAST)
		return inbox_stage(x->l, page, &pushes);
	if (r->is_open) {
		whole.lists_live = r->lists_live;
		whole.n_dead = r->n_dead;
		whole.dead = r->dead;
		whole.n_graves = r->n_graves;
		whole.graves = r->graves;
		whole.n_doa = r->n_doa;
		whole.doa = r->doa;
	}
	if (st == ST_OK)
		st = inbox_apply(x->l, &x->logs, &whole, &pushes, x->server_time_s,
		    &x->report.received);
	inbox_forget(r);
	if (st ==
	    ST_RETRY) /* a signer's log is not here: the next session begins with it */
		x->report.wants_retry = true;
	return st == ST_RETRY ? ST_OK : st;
}

/* By the server's clock: this laptop's own may be wrong. */
static status
leave_scopes(struct syncer *x)
{
	struct laptop *l = x->l;
	struct membership *m;
	struct left left = {0};
	status st;

	if (!logs_leave_is_due(l, x->server_time_s))
		return ST_OK;
	m = logs_whole(&x->logs);
	st = m == NULL ? l->trouble.code : db_begin(l->db, &l->trouble);
	if (st != ST_OK)
		return st;
	st = logs_leave(l, m, x->server_time_s, &left);
	if (st == ST_OK && left.any)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	if (st == ST_OK)
		x->report.n_left_aside += left.n_aside;
	return st == ST_OK && left.any ? db_checkpoint(l->db, &l->trouble) : st;
}

/* This session asked for keys that are missing, and all that came was applied. */
static status
note_gaps(struct syncer *x)
{
	struct laptop *l = x->l;
	struct membership *m;
	status st;

	if (!x->asks_keys || duties_awaited(l) == 0)
		return ST_OK;
	x->asks_keys = false;
	m = logs_whole(&x->logs);
	st = m == NULL ? l->trouble.code : db_begin(l->db, &l->trouble);
	if (st != ST_OK)
		return st;
	st = duties_note_gaps(l, m, x->server_time_s);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

static status
end_fetch(struct syncer *x, uint64_t mono_ms)
{
	status st = laptop_set_meta_int(x->l, "wanted_log", -1);

	if (st == ST_OK)
		st = recovery_clear_fork(x->l);
	if (st == ST_OK)
		st = guests_note_log(x->l, x->fetching, x->server_time_s);
	return st != ST_OK ? st : syncer_begin_round(x, mono_ms);
}

/* Is there a record to append that this session has not tried? What came with the pull
 * may be the join that a right waited for. */
static bool
owes_records(struct syncer *x)
{
	if (x->append_tries >= SYNC_APPEND_TRIES_MAX || renewal_is_outdated(x->l))
		return false;
	return duties_any(x->l, &x->logs, x->server_time_s) ||
	       (x->report.n_log_new > x->n_log_asked &&
		   intents_any_ready(x->l, &x->logs));
}

static status
end_pull(struct syncer *x, uint64_t mono_ms)
{
	struct waiting waiting;
	bool again;
	status st = ST_OK;

	if (x->phase == PHASE_FETCH)
		return end_fetch(x, mono_ms);
	if (recovery_is_due(x->recovery))
		return syncer_begin_recovery(x, mono_ms);
	if (x->report.store_changed || x->report.wants_retry) {
		if (!x->is_last_pull)
			session_bye(x->session, mono_ms);
		return ST_OK;
	}
	st = recovery_expect(x->l, false);
	if (st == ST_OK && x->is_wary) /* all that it told fits to our logs */
		st = recovery_be_wary(x->l, false);
	if (st == ST_OK)
		st = syncer_settle_pushes(x);
	if (st == ST_OK && x->n_again > 0)
		st = syncer_reseal_refused(x);
	again = x->n_again > 0 || x->has_more;
	if (st == ST_OK)
		st = leave_scopes(x);
	if (st == ST_OK)
		st = note_gaps(x);
	if (st == ST_OK)
		st = guests_expel(x->l);
	if (st == ST_OK)
		st = aside_return(x->l);
	if (st == ST_OK && !x->has_more && may_follow_up(x)) {
		x->follow_up_done = true;
		st = x->follow_up(x->l);
	}
	if (st == ST_OK)
		st = records_waiting(x->l, &waiting);
	again = again || has_new_space(x) || syncer_must_renew(x);
	if (st != ST_OK || x->is_last_pull) {
		x->report.is_complete = st == ST_OK && !again && x->n_held == 0;
		return st;
	}
	again = again || (x->n_held == 0 && outbox_any(x->l)) ||
		intents_count(x->l) > x->report.n_waiting_log || owes_records(x);
	if (again && x->rounds < ROUNDS_MAX)
		return syncer_begin_round(x, mono_ms);
	x->report.is_complete = x->n_held == 0;
	if (x->stays) {
		x->phase = PHASE_STAY;
		st = session_wait(x->session);
		return st != ST_OK ? st : session_flush(x->session, mono_ms);
	}
	x->phase = PHASE_END;
	session_bye(x->session, mono_ms);
	return ST_OK;
}

static status
take_appended(struct syncer *x, const struct client_event *e, uint64_t mono_ms)
{
	if (x->phase == PHASE_GIVE)
		return syncer_take_given(x, mono_ms);
	appends_answer(x->appends, e->appended.result, e->appended.detail);
	return appends_open(x->appends) == 0 ? end_append(x, mono_ms) : ST_OK;
}

static status
take_event(struct syncer *x, const struct client_event *e, uint64_t mono_ms)
{
	bool is_recovering = x->phase == PHASE_RECOVER;
	status st;

	switch (e->kind) {
	case CLIENT_READY:
		x->server_time_s = e->server_time_s;
		/* The local clock was ahead for a while: edits need not stay there. */
		(void)hlc_settle(&x->l->clock, e->server_time_s);
		x->report.clock_off_s =
		    (int64_t)(x->l->now_ms / 1000) - (int64_t)e->server_time_s;
		return syncer_begin_round(x, mono_ms);
	case CLIENT_VERDICT:
		return take_verdict(x, e->verdict.push, e->verdict.code);
	case CLIENT_APPENDED:
		return is_recovering ? syncer_recover(x, e, mono_ms)
				     : take_appended(x, e, mono_ms);
	case CLIENT_LOGS:
	case CLIENT_KEYBOXES:
		st = take_logs(x, e);
		return st == ST_OK && is_recovering ? syncer_recover(x, e, mono_ms) : st;
	case CLIENT_STORE:
		return syncer_take_store(x, e);
	case CLIENT_PAGE:
		return take_page(x, &e->page);
	case CLIENT_PULL_DONE:
		return is_recovering ? syncer_recover(x, e, mono_ms)
				     : end_pull(x, mono_ms);
	case CLIENT_RECOVERED:
		return syncer_recover(x, e, mono_ms);
	case CLIENT_CONTACTS:
		return syncer_take_contacts(x, &e->contacts, mono_ms);
	case CLIENT_DOORBELL:
		x->rounds = 0;
		return syncer_begin_round(x, mono_ms);
	case CLIENT_NOTHING:
	case CLIENT_CLOSED:
	case CLIENT_EVENT_COUNT:
		return ST_OK;
	}
	return ST_BUG;
}

status
syncer_work(struct syncer *x, uint64_t mono_ms)
{
	for (;;) {
		struct client_event e = session_next_event(x->session, mono_ms);
		status st;

		if (e.kind == CLIENT_NOTHING || e.kind == CLIENT_CLOSED)
			return ST_OK;
		st = take_event(x, &e, mono_ms);
		if (st == ST_FORK) /* kept, so that the next sync sends nothing either */
			(void)recovery_note_fork(x->l, e.space);
		if (st == ST_FORK)
			(void)recovery_be_wary(x->l, true);
		if (st != ST_OK) {
			session_bye(x->session, mono_ms);
			return st;
		}
	}
}
