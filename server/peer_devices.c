/* peer_devices.c - how far the laptops of a space have come, the last batches of those
 * that are about to be revoked (DESIGN 5, SECURITY 4), and while recovery is open what
 * nobody has brought back yet. */
#include "server/peer.h"

/* Coordinators of the country; of NET, the office. Others learn nothing. */
static bool
may_ask(const struct peer *p, uint16_t space)
{
	const struct member_device *d =
	    p->is_device ? membership_by_author(p->host->m, p->author) : NULL;
	enum member_role role = space == 0 ? ROLE_OFFICE : ROLE_COORDINATOR;

	return d != NULL && !d->is_revoked && d->home == space && d->role == role &&
	       d->is_confirmed;
}

/* ---- contacts ---- */

/* One laptop may have pulled as a member of its own country and written as a guest. */
static struct author
as_here(const struct host *h, uint16_t space, struct author a)
{
	const struct member_device *d = membership_by_author(h->m, a);
	const struct member_device *here =
	    d == NULL ? NULL : membership_device_in(h->m, space, &d->id);

	if (here != NULL)
		return member_author(here);
	return d == NULL ? a : member_author(d);
}

static uint64_t
later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* rows has room for one more. An incarnation that is over may have come further than the
 * one that took its place: what counts is the contact that was the latest. */
static void
add_contact(
    struct contact_row *rows, size_t *n, struct author a, const struct store_contact *c)
{
	uint64_t time_s = c->time_ms / 1000;
	struct contact_row *row;
	size_t i = 0;

	while (i < *n && (rows[i].home != a.home || rows[i].device != a.device))
		i++;
	row = &rows[i];
	if (i == *n)
		rows[(*n)++] = (struct contact_row){.home = a.home, .device = a.device};
	if (time_s >= row->time_s) {
		row->time_s = time_s;
		row->cursor = time_s == 0 ? row->cursor : c->cursor;
	}
	row->last = later(row->last, c->last_lsn);
}

static bool
copy_contacts(struct ask *k, const struct store_contacts *found)
{
	struct host *h = k->peer->host;
	struct contact_row *rows = arena_zeros(k->arena, found->n + 1, sizeof *rows);

	if (rows == NULL)
		return false;
	for (size_t i = 0; i < found->n; i++)
		add_contact(rows, &k->contacts.n_rows,
		    as_here(h, k->r.space, found->at[i].device), &found->at[i]);
	k->contacts.rows = rows;
	return true;
}

/* ---- cuts ---- */

static void ask_cuts(struct ask *k);

static void
answer(struct ask *k, bool is_whole)
{
	struct serve_answer a = {0};

	if (is_whole)
		a.contacts = k->contacts;
	ask_answer(k, &a);
}

/* k->i counts the pairs of a device asked for and a store. */
static struct space *
store_at(const struct ask *k, uint16_t *device)
{
	struct host *h = k->peer->host;
	size_t n = k->r.devices.n;

	*device = k->r.devices.devices[k->i % n];
	return k->i / n < h->n_spaces ? h->spaces[k->i / n] : NULL;
}

/* A country's laptop writes there and in NET, an office's in all of them. */
static bool
writes_in(const struct ask *k, const struct space *s)
{
	return k->r.space == 0 || s->position == 0 || s->position == k->r.space;
}

static void
on_cuts(void *ctx, enum store_result r, const struct store_cuts *found,
    const struct trouble *t)
{
	struct ask *k = ctx;
	uint16_t device;
	const struct space *s = store_at(k, &device);
	struct cut_row *cuts;
	size_t n = k->contacts.n_cuts;

	(void)t;
	if (r != STORE_OK) {
		answer(k, false);
		return;
	}
	cuts = arena_zeros(k->arena, n + found->n + 1, sizeof *cuts);
	if (cuts == NULL) {
		answer(k, false);
		return;
	}
	for (size_t i = 0; i < n; i++)
		cuts[i] = k->contacts.cuts[i];
	for (size_t i = 0; i < found->n; i++) {
		if (!ID_IS_ZERO(&found->at[i].id))
			cuts[n++] = (struct cut_row){
			    device, s->position, found->at[i].scope, found->at[i].id};
	}
	k->contacts.cuts = cuts;
	k->contacts.n_cuts = n;
	k->i++;
	ask_cuts(k);
}

static void
ask_cuts(struct ask *k)
{
	uint16_t device = 0;
	struct space *s = NULL;

	while (
	    k->r.devices.n > 0 && (s = store_at(k, &device)) != NULL && !writes_in(k, s))
		k->i++;
	if (k->r.devices.n == 0 || s == NULL)
		answer(k, true);
	else
		store_cuts(s->store, (struct author){k->r.space, device}, on_cuts, k);
}

/* ---- the steps ---- */

static bool
copy_gaps(struct ask *k, const struct store_gaps *found)
{
	struct gap_row *rows = arena_zeros(k->arena, found->n + 1, sizeof *rows);

	if (rows == NULL)
		return false;
	for (size_t i = 0; i < found->n; i++)
		rows[i] =
		    (struct gap_row){found->at[i].device.home, found->at[i].device.device,
			found->at[i].scope, found->at[i].missing, found->at[i].lsn};
	k->contacts.has_gaps = true;
	k->contacts.n_gaps = found->n;
	k->contacts.gaps = rows;
	return true;
}

static void
on_gaps(void *ctx, enum store_result r, const struct store_gaps *found,
    const struct trouble *t)
{
	struct ask *k = ctx;

	(void)t;
	if (r != STORE_OK || !copy_gaps(k, found))
		answer(k, false);
	else
		ask_cuts(k);
}

/* Only then is it worth reading all headers. */
static void
ask_gaps(struct ask *k)
{
	struct host *h = k->peer->host;
	struct space *s = host_space(h, k->r.space);

	if (!h->how.config->is_recovery_open || k->r.devices.n > 0 || s == NULL)
		ask_cuts(k);
	else
		store_gaps(s->store, on_gaps, k);
}

static void
on_seen(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct ask *k = ctx;

	(void)t;
	if (r != STORE_OK) {
		answer(k, false);
		return;
	}
	k->contacts.head = f->head;
	ask_gaps(k);
}

static void
on_contacts(void *ctx, enum store_result r, const struct store_contacts *found,
    const struct trouble *t)
{
	struct ask *k = ctx;
	struct space *s = host_space(k->peer->host, k->r.space);

	(void)t;
	if (r != STORE_OK || s == NULL || !copy_contacts(k, found))
		answer(k, false);
	else
		store_look(s->store, 0, on_seen, k);
}

void
peer_devices(struct peer *p, const struct serve_request *r)
{
	struct serve_answer nothing = {.number = r->number};
	struct space *s = host_space(p->host, r->space);
	struct ask *k;

	if (s == NULL || !may_ask(p, r->space)) {
		peer_answer(p, &nothing);
		return;
	}
	k = ask_new(p, r);
	if (k != NULL)
		store_contacts(s->store, on_contacts, k);
}
