/* cuts.c - compares the cuts of a REVOKE with the stores, one device and store at a time.
 */
#include "server/cuts.h"

#include <stdlib.h>

struct cuts {
	struct host *host;
	uint16_t space;
	const struct log_record *record;
	cuts_done *done;
	void *ctx;
	size_t i;       /* device i / 2; even: the log's space, odd: NET */
	uint16_t where; /* space of the store that is asked */
};

static uint16_t
device_of(const struct cuts *c)
{
	return c->record->revoke.devices[c->i / 2];
}

/* The record's cut for the device in that scope; NULL if it lists none. */
static const struct cut *
listed(const struct cuts *c, uint16_t scope)
{
	for (size_t k = 0; k < c->record->revoke.n_cuts; k++) {
		const struct cut *cut = &c->record->revoke.cuts[k];

		if (cut->device == device_of(c) && cut->space == c->where &&
		    cut->scope == scope)
			return cut;
	}
	return NULL;
}

/* What the store holds is listed, and what is listed the store holds. */
static bool
is_equal(const struct cuts *c, const struct store_cuts *held)
{
	size_t n_listed = 0;
	size_t n_held = 0;

	for (size_t k = 0; k < held->n; k++) {
		const struct cut *cut = listed(c, held->at[k].scope);

		if (ID_IS_ZERO(&held->at[k].id))
			continue;
		if (cut == NULL || !ID_EQUAL(&cut->last, &held->at[k].id))
			return false;
		n_held++;
	}
	for (size_t k = 0; k < c->record->revoke.n_cuts; k++) {
		const struct cut *cut = &c->record->revoke.cuts[k];

		if (cut->device == device_of(c) && cut->space == c->where &&
		    !ID_IS_ZERO(&cut->last))
			n_listed++;
	}
	return n_listed == n_held;
}

static void next(struct cuts *c);

static void
finish(struct cuts *c, bool fit)
{
	cuts_done *done = c->done;
	void *ctx = c->ctx;

	free(c);
	done(ctx, fit);
}

static void
on_cuts(void *ctx, enum store_result r, const struct store_cuts *held,
    const struct trouble *t)
{
	struct cuts *c = ctx;

	(void)t;
	if (r != STORE_OK || !is_equal(c, held)) {
		finish(c, false);
		return;
	}
	c->i++;
	next(c);
}

static void
next(struct cuts *c)
{
	struct space *s;

	if (c->space == 0 && c->i % 2 == 1)
		c->i++; /* the log's space is NET: asked already */
	if (c->i >= 2 * c->record->revoke.n_devices) {
		finish(c, true);
		return;
	}
	c->where = c->i % 2 == 0 ? c->space : 0;
	s = host_space(c->host, c->where);
	if (s == NULL)
		finish(c, false);
	else
		store_cuts(s->store, (struct author){c->space, device_of(c)}, on_cuts, c);
}

void
cuts_check(struct host *h, uint16_t space, const struct log_record *r, cuts_done *done,
    void *ctx)
{
	struct cuts *c = calloc(1, sizeof *c);

	if (c == NULL) {
		done(ctx, false);
		return;
	}
	*c = (struct cuts){
	    .host = h, .space = space, .record = r, .done = done, .ctx = ctx};
	next(c);
}
