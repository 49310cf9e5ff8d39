/* syncer_keys.c - the part of a sync in which a laptop hands over again the key boxes
 * that it sealed (client/sync/keys_made.h), in a flight of their own before the round. */
#include "client/sync/keys_made.h"
#include "client/sync/syncer_parts.h"

status
syncer_begin_giving(struct syncer *x, uint64_t mono_ms, bool *begun)
{
	status st;

	*begun = false;
	if (x->has_given || !keys_made_is_due(x->l, x->server_time_s))
		return ST_OK;
	x->has_given = true;
	st = keys_made_give(x->l, x->session, &x->n_giving);
	if (st != ST_OK || x->n_giving == 0)
		return st;
	x->phase = PHASE_GIVE;
	*begun = true;
	return session_flush(x->session, mono_ms);
}

/* Whatever it is: a server that lost more than boxes takes them when it is whole. */
status
syncer_take_given(struct syncer *x, uint64_t mono_ms)
{
	status st;

	if (--x->n_giving > 0)
		return ST_OK;
	st = keys_made_note_given(x->l, x->server_time_s);
	return st != ST_OK ? st : syncer_begin_round(x, mono_ms);
}
