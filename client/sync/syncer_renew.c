/* syncer_renew.c - the part of a sync in which a copied or restored laptop becomes one of
 * its own (client/sync/renewal.h), before it says anything else. */
#include "client/sync/syncer_parts.h"

bool
syncer_must_renew(struct syncer *x)
{
	return x->append_tries < SYNC_APPEND_TRIES_MAX && renewal_is_due(x->l, &x->logs);
}

status
syncer_begin_renewal(struct syncer *x, uint64_t mono_ms, bool *begun)
{
	struct laptop *l = x->l;
	status st;

	x->is_renewing = false;
	*begun = false;
	if (!syncer_must_renew(x))
		return ST_OK;
	if (logs_whole(&x->logs) == NULL)
		return l->trouble.code;
	st = appends_new(l, x->logs.m, x->session, &x->appends);
	if (st == ST_OK)
		st = renewal_queue(l, x->logs.m, x->server_time_s, x->appends);
	if (st != ST_OK || appends_n(x->appends) == 0)
		return st;
	x->append_tries++;
	x->is_renewing = true;
	x->phase = PHASE_APPEND;
	*begun = true;
	return session_flush(x->session, mono_ms);
}

status
syncer_end_renewal(struct syncer *x)
{
	x->report.has_renewed = x->report.has_renewed || appends_all_taken(x->appends);
	return renewal_store(x->l, x->appends, x->logs.m);
}
