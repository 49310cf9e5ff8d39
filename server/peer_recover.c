/* peer_recover.c - a device hands back what a restored server has lost: parts are
 * checked and staged, the last one joins them in one transaction (DESIGN 4.5). */
#include <stdlib.h>

#include "server/intake.h"
#include "server/peer.h"

static void
answer(struct ask *k, enum recover_result result)
{
	struct serve_answer a = {.recovered = result};

	ask_answer(k, &a);
}

/* Only the last part is answered, so a part that failed has to be remembered until then:
 * what was staged around it would look as if the device had never known the rest. */
static void
fail(struct ask *k)
{
	k->peer->is_stage_torn = !k->r.recover.is_end;
	k->peer->has_stage = false;
	answer(k, RECOVER_FAILED);
}

static void
on_joined(
    void *ctx, enum store_result r, const struct merge_joined *j, const struct trouble *t)
{
	struct ask *k = ctx;
	struct space *s = host_space(k->peer->host, k->r.space);

	(void)j;
	(void)t;
	if (r == STORE_OK && s != NULL) {
		host_ring_later(s);
		host_keep_graves(s);
	}
	/* Gone: the device had nothing to say, which is no failure. */
	answer(k, r == STORE_OK || r == STORE_GONE ? RECOVER_DONE : RECOVER_FAILED);
}

/* The device speaks for the scopes that it reads, and for no other. */
static void
join(struct ask *k, struct space *s)
{
	struct peer *p = k->peer;
	const struct member_access *access;
	uint16_t *scopes = NULL;
	size_t n = 0;
	size_t n_scopes = 0;

	p->has_stage = false;
	if (membership_access(p->host->m, &p->id, host_now_s(p->host), k->arena, &access,
		&n, NULL) == ST_OK)
		scopes = arena_zeros(k->arena, n + 1, sizeof *scopes);
	if (scopes == NULL) {
		answer(k, RECOVER_FAILED);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (access[i].space == k->r.space)
			scopes[n_scopes++] = access[i].scope;
	store_join(s->store, p->author, n_scopes, scopes, on_joined, k);
}

static void
on_staged(void *ctx, enum store_result r, const struct trouble *t)
{
	struct ask *k = ctx;
	struct space *s = host_space(k->peer->host, k->r.space);

	(void)t;
	if (r != STORE_OK || s == NULL) {
		fail(k);
		return;
	}
	k->peer->has_stage = true;
	if (k->r.recover.is_end)
		join(k, s);
	else
		answer(k, RECOVER_DONE);
}

/* Batches that do not verify are left out: what nobody signed is not the past. One that
 * cites a log record which is not here yet may well be, so nothing is joined then. */
static bool
check_batches(struct ask *k, struct merge_theirs **out, size_t *n_out)
{
	const struct recover *r = &k->r.recover;
	struct merge_theirs *theirs =
	    arena_zeros(k->arena, r->n_batches + 1, sizeof *theirs);
	struct batch *batches = arena_zeros(k->arena, r->n_batches + 1, sizeof *batches);
	size_t n = 0;

	if (theirs == NULL || batches == NULL)
		return false;
	for (size_t i = 0; i < r->n_batches; i++) {
		status st = intake_check_past(k->peer->host, k->r.space, r->batches[i],
		    k->arena, &batches[n], &theirs[n].id, NULL);

		if (st == ST_RETRY || st == ST_NO_MEMORY)
			return false;
		if (st != ST_OK)
			continue;
		theirs[n].batch = &batches[n];
		n++;
	}
	*out = theirs;
	*n_out = n;
	return true;
}

static void
stage(struct ask *k, struct space *s)
{
	const struct recover *r = &k->r.recover;
	struct store_part part = {.device = k->peer->author,
	    .is_first = !k->peer->has_stage,
	    .n_ids = r->n_ids,
	    .ids = r->ids,
	    .n_graves = r->n_graves,
	    .n_doa = r->n_doa};
	struct merge_grave *graves =
	    arena_zeros(k->arena, r->n_graves + 1, sizeof *graves);
	struct merge_doa *doa = arena_zeros(k->arena, r->n_doa + 1, sizeof *doa);
	struct merge_theirs *theirs = NULL;

	if (k->peer->is_stage_torn || graves == NULL || doa == NULL ||
	    !check_batches(k, &theirs, &part.n_batches)) {
		fail(k);
		return;
	}
	for (size_t i = 0; i < r->n_graves; i++)
		graves[i] =
		    (struct merge_grave){r->graves[i].scope, r->graves[i].subject};
	for (size_t i = 0; i < r->n_doa; i++)
		doa[i] =
		    (struct merge_doa){r->doa[i].dot, r->doa[i].scope, r->doa[i].record};
	part.batches = theirs;
	part.graves = graves;
	part.doa = doa;
	store_stage(s->store, &part, on_staged, k);
}

void
peer_recover(struct peer *p, const struct serve_request *r)
{
	struct serve_answer no = {.number = r->number, .recovered = RECOVER_CLOSED};
	struct space *s = host_space(p->host, r->space);
	struct ask *k;

	if (!p->host->how.config->is_recovery_open || s == NULL || !p->is_device) {
		peer_answer(p, &no);
		return;
	}
	k = ask_new(p, r);
	if (k != NULL)
		stage(k, s);
}
