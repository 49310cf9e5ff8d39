/* sync.c - session, link and duties put together. */
#include "client/actions/sync.h"

#include "client/actions/erasing.h"
#include "client/actions/provisional.h"
#include "client/sync/link.h"
#include "client/sync/revoked.h"
#include "net/os_clock.h"

/* More only while each brings records of a log: what one country wrote for all may be the
 * first word of it that this laptop sees, and its log is fetched in the session after. */
enum { SESSIONS_MAX = 4, SESSIONS_LOG_MAX = 256 };

struct running {
	struct syncer *syncer;
};

static status
work(void *ctx, uint64_t mono_ms)
{
	struct running *x = ctx;

	return syncer_work(x->syncer, mono_ms);
}

/* What several sessions of one sync amount to. What a session pushed and could not pull
 * back goes again in the next one, and counts once. */
static void
add_up(struct sync_report *sum, const struct sync_report *one)
{
	struct sync_report before = *sum;

	*sum = *one;
	if (before.sent > 0) {
		sum->sent -= one->known;
		sum->sent_marks -= one->known_marks;
		sum->stored -= one->known;
	}
	sum->sent += before.sent;
	sum->sent_marks += before.sent_marks;
	sum->stored += before.stored;
	sum->n_full += before.n_full;
	sum->n_later += before.n_later;
	sum->n_left_aside += before.n_left_aside;
	for (size_t i = 0; i < before.n_refused; i++) {
		if (i < SYNC_REFUSED_MAX && sum->n_refused < SYNC_REFUSED_MAX)
			memcpy(sum->refused[sum->n_refused], before.refused[i],
			    sizeof before.refused[i]);
		sum->n_refused++;
	}
	sum->n_log_new += before.n_log_new;
	sum->has_renewed = sum->has_renewed || before.has_renewed;
	if (sum->restored[0] == '\0')
		memcpy(sum->restored, before.restored, sizeof sum->restored);
	sum->received.changes += before.received.changes;
	sum->received.marks += before.received.marks;
	sum->received.people += before.received.people;
	sum->received.n_quarantined += before.received.n_quarantined;
}

/* What erasures still ask for goes before figures are counted. */
static status
follow_up(struct laptop *l)
{
	status st = erasing_bury(l, NULL);

	return st != ST_OK ? st : provisional_update(l);
}

static status
run_once(struct laptop *l, unsigned timeout_s, struct sync_report *sum)
{
	struct clock_source clock = os_clock();
	struct running x = {NULL};
	struct link_config link = {
	    .address = l->self.server, .timeout_s = timeout_s, .work = work, .ctx = &x};
	sync_follow_up duties = l->self.role == ROLE_COORDINATOR ? follow_up : NULL;
	status st = syncer_new(l, duties, false, clock.mono_ms(clock.ctx), &x.syncer);

	if (st != ST_OK)
		return st;
	link.session = syncer_session(x.syncer);
	st = link_run(l, &link);
	add_up(sum, syncer_report(x.syncer));
	syncer_free(x.syncer);
	if (st == ST_REVOKED)
		revoked_explain(l);
	return st;
}

/* For `status` alone: not worth the only disk sync of a sync that had nothing to do. */
static status
note_sync(struct laptop *l)
{
	status st = db_relax(l->db, &l->trouble), end;

	if (st == ST_OK)
		st = laptop_set_meta_int(l, "last_sync_ms", (int64_t)l->now_ms);
	end = db_unrelax(l->db, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
sync_run(struct laptop *l, unsigned timeout_s, struct sync_report *out)
{
	status st = ST_OK;

	memset(out, 0, sizeof *out);
	for (unsigned i = 0; st == ST_OK && i < SESSIONS_LOG_MAX; i++) {
		uint64_t before = out->n_log_new;

		st = run_once(l, timeout_s, out);
		if (st != ST_OK || out->is_complete || out->store_changed ||
		    out->n_full > 0 ||
		    (i + 1 >= SESSIONS_MAX && out->n_log_new == before))
			break;
	}
	if (st == ST_OK)
		st = inbox_conflicts(l, &out->received.conflicts);
	if (st == ST_OK && out->is_complete)
		st = note_sync(l);
	return st;
}
