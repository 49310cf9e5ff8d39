/* syncer_recover.c - the part of a sync in which a restored server gets back its past
 * (client/sync/recovery.h), and what becomes of the pushes around it. */
#include "client/sync/keys_made.h"
#include "client/sync/syncer_parts.h"

enum { RECOVERIES_MAX = 2 };

status
syncer_take_store(struct syncer *x, const struct client_event *e)
{
	status st;

	if (e->store.state == STORE_CHANGED)
		return recovery_note_changed(x->recovery, e->space, &e->store.mark);
	st = recovery_note_first(x->recovery, e->space, &e->store.mark);
	if (st != ST_OK || recovery_ignores(x->recovery, e->space))
		return st;
	return inbox_take_mark(x->l, e->space, &e->store.mark);
}

static bool
is_pending(struct laptop *l, int64_t pending)
{
	struct query *q = query_of(l->queries, "SELECT 1 FROM r_pending WHERE id = ?");
	bool found;

	query_int(q, pending);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

/* What no pull has shown is pushed again, and counted then; no verdict of a server that
 * does not know its past counts. */
static void
forget_pushes(struct syncer *x)
{
	struct sync_report *r = &x->report;

	for (size_t i = 0; i < x->n_pushes; i++) {
		struct flight *f = &x->pushes[i];

		f->is_answered = true;
		f->refused = VERDICT_OK;
		if (!is_pending(x->l, f->pending))
			continue;
		r->sent -= f->changes;
		r->sent_marks -= f->marks;
		r->stored -= f->is_stored ? f->changes : 0;
		f->changes = f->marks = 0;
		f->is_stored = false;
	}
	r->known = r->known_marks = 0;
	r->n_refused = 0;
	x->n_again = 0;
	x->n_held = 0;
}

status
syncer_begin_recovery(struct syncer *x, uint64_t mono_ms)
{
	if (x->n_recoveries ==
	    RECOVERIES_MAX) { /* not all could be given back: the complaint says why */
		x->report.store_changed = true;
		if (!x->is_last_pull)
			session_bye(x->session, mono_ms);
		return ST_OK;
	}
	forget_pushes(x);
	if (x->is_last_pull) { /* this session has said its last word */
		x->report.wants_retry = true;
		return recovery_expect(x->l, true);
	}
	x->n_recoveries++;
	x->phase = PHASE_RECOVER;
	return recovery_begin(x->recovery, x->session, mono_ms);
}

/* Adds those of "NET, SK" that are not in the list yet. */
static void
add_names(char *list, size_t cap, const char *names)
{
	while (*names != '\0') {
		size_t len = strcspn(names, ", "), used = strlen(list);
		char name[sizeof(struct space_name) + 1] = {0};

		memcpy(name, names, len < sizeof name ? len : sizeof name - 1);
		if (strstr(list, name) == NULL)
			(void)snprintf(
			    list + used, cap - used, "%s%s", used == 0 ? "" : ", ", name);
		names += len;
		names += strspn(names, ", ");
	}
}

static status
end_recovery(struct syncer *x, uint64_t mono_ms)
{
	struct recovery_sum sum;
	status st;

	recovery_sum(x->recovery, &sum);
	add_names(x->report.restored, sizeof x->report.restored, sum.names);
	x->report.store_changed = sum.n_left > 0;
	if (sum.n_restored == 0) {
		session_bye(x->session, mono_ms);
		return ST_OK;
	}
	recovery_free(x->recovery);
	x->recovery = recovery_new(x->l);
	if (x->recovery == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory");
	x->asks_anew = true;
	x->has_asked_contacts = false; /* what is still missing is told anew */
	x->has_given = false;
	st = keys_made_give_at_once(x->l);
	return st != ST_OK ? st : syncer_begin_round(x, mono_ms);
}

status
syncer_recover(struct syncer *x, const struct client_event *e, uint64_t mono_ms)
{
	status st = logs_whole(&x->logs) == NULL
			? x->l->trouble.code
			: recovery_take(x->recovery, x->logs.m, x->session, e, mono_ms);

	return st != ST_OK || recovery_is_due(x->recovery) ? st
							   : end_recovery(x, mono_ms);
}
