/* syncer_devices.c - what a coordinator's sync asks about the laptops of his country: how
 * far they have come, and where those ended that are to be revoked. */
#include "client/sync/syncer_parts.h"

#include "client/laptop/contacts.h"
#include "client/laptop/lost.h"

status
syncer_ask_contacts(struct syncer *x)
{
	if (!contacts_are_ours(x->l) || x->has_asked_contacts)
		return ST_OK;
	x->has_asked_contacts = true;
	return contacts_ask(x->l, x->session);
}

/* Where the laptops ended that are to be revoked: the server knows, since it took what
 * they sent (SECURITY 4). */
status
syncer_ask_cuts(struct syncer *x, const struct intent_outlook *outlook, uint64_t mono_ms)
{
	status st = session_devices(
	    x->session, x->l->self.author.home, outlook->cut_devices, outlook->n_cut);

	arena_reset(x->a);
	x->cuts = (struct cuts_told){0};
	x->has_contacts = false; /* the answer tells the contacts anew */
	x->phase = PHASE_CUTS;
	return st != ST_OK ? st : session_flush(x->session, mono_ms);
}

static status
add_cuts(struct syncer *x, const struct contacts *part)
{
	size_t n = x->cuts.n + part->n_cuts;
	struct cut_row *rows = arena_zeros(x->a, n + 1, sizeof *rows);

	if (rows == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for cuts");
	for (size_t i = 0; i < n; i++)
		rows[i] = i < x->cuts.n ? x->cuts.rows[i] : part->cuts[i - x->cuts.n];
	x->cuts = (struct cuts_told){n, rows};
	return ST_OK;
}

status
syncer_take_contacts(struct syncer *x, const struct contacts *part, uint64_t mono_ms)
{
	bool is_first = !x->has_contacts;
	status st = contacts_take(x->l, part, is_first, x->server_time_s);

	if (st == ST_OK)
		st = lost_take(x->l, part, is_first);
	x->has_contacts = !part->is_end;
	if (st != ST_OK || x->phase != PHASE_CUTS)
		return st;
	st = add_cuts(x, part);
	if (st != ST_OK || !part->is_end)
		return st;
	x->has_cuts = true;
	return syncer_begin_round(x, mono_ms);
}
