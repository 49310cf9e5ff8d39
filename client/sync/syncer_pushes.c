/* syncer_pushes.c - what becomes of the batches that were pushed, once a pull has shown
 * whose server it is. */
#include "client/sync/outbox.h"
#include "client/sync/syncer_parts.h"

/* A server that was set back refuses what it will take when it is whole again, so a
 * refusal counts only after a pull that could be applied. */
static status
mark_refused(struct syncer *x)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->n_pushes; i++) {
		struct flight *f = &x->pushes[i];

		if (f->refused != VERDICT_OK)
			st = outbox_refuse(x->l, f->pending, verdict_name(f->refused));
		f->refused = VERDICT_OK;
	}
	return st;
}

/* A pull names each push that came in after the cursor, and so takes it out of pending.
 * Two kinds it never names: what the server had before the cursor, so that the base has
 * all that is left of it, and what was carried for a scope that is not read here. */
static status
forget_stored(struct syncer *x)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->n_pushes; i++) {
		struct flight *f = &x->pushes[i];

		if (f->is_stored)
			st = outbox_forget(x->l, f->pending, f->is_known);
		f->is_stored = f->is_known = false;
	}
	return st;
}

status
syncer_settle_pushes(struct syncer *x)
{
	status st = mark_refused(x);

	return st != ST_OK ? st : forget_stored(x);
}

/* What is carried for a laptop that has another identity by now, and cannot be put under
 * one's own name, would be refused for ever. */
static status
give_up_old(struct syncer *x, size_t *n)
{
	status st = ST_OK;

	*n = 0;
	for (size_t i = 0; st == ST_OK && i < x->n_pushes; i++) {
		struct flight *f = &x->pushes[i];

		if (!f->is_old)
			continue;
		f->is_old = false;
		if (!outbox_is_carried(x->l, f->pending))
			continue;
		st = outbox_refuse(x->l, f->pending, verdict_name(VERDICT_RENEWED));
		++*n;
	}
	return st;
}

/* Once, after the pull brought what was missing; what would be refused again waits. */
status
syncer_reseal_refused(struct syncer *x)
{
	int64_t *ids = arena_zeros(x->a, x->n_pushes + 1, sizeof *ids);
	size_t n = 0, n_sealed = 0, n_given_up = 0;
	status st;

	if (ids == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for sealing");
	for (size_t i = 0; i < x->n_pushes; i++) {
		struct flight *f = &x->pushes[i];

		if (f->is_answered)
			continue;
		f->is_answered = true;
		ids[n++] = f->pending;
	}
	/* They go as they are once this laptop has renewed: the server may know some. */
	if (syncer_must_renew(x))
		return ST_OK;
	st = outbox_reseal(x->l, ids, n, &n_sealed);
	if (st == ST_OK)
		st = give_up_old(x, &n_given_up);
	x->n_again = n_sealed;
	x->n_held += n - n_sealed - n_given_up;
	return st;
}
