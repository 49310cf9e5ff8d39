/* peer_log.c - requests about the membership log and its keys. */
#include <assert.h>
#include <stdlib.h>

#include "server/append.h"
#include "server/peer.h"

enum { LOG_BYTES = 128 * 1024 }; /* of one answer */

/* ---- records ---- */

static void
on_log(void *ctx, enum store_result r, const struct store_records *records,
    const struct trouble *t)
{
	struct ask *k = ctx;
	struct serve_answer a = {0};
	struct span *spans = NULL;
	size_t n = 0;

	(void)t;
	if (r == STORE_OK)
		spans = arena_zeros(k->arena, records->n_records + 1, sizeof *spans);
	for (; spans != NULL && n < records->n_records && n < MESSAGE_ELEMENTS_MAX; n++)
		spans[n] = records->records[n].record;
	a.logs.n_records = n;
	a.logs.records = spans;
	a.logs.is_more = spans != NULL && (records->is_more || n < records->n_records);
	ask_answer(k, &a);
}

void
peer_logs(struct peer *p, const struct serve_request *r)
{
	struct serve_answer nothing = {.number = r->number};
	struct space *s = host_space(p->host, r->space);
	struct ask *k;

	/* Nothing new, as in most syncs: the store need not be asked. */
	if (s == NULL || r->logs.from >= membership_log_len(p->host->m, r->space)) {
		peer_answer(p, &nothing);
		return;
	}
	k = ask_new(p, r);
	if (k != NULL)
		store_log(s->store, r->logs.from, LOG_BYTES, on_log, k);
}

/* ---- key boxes ---- */

static bool
copy_keys(const struct store_keys *keys, struct arena *a, struct key_rows *out)
{
	struct box_row *boxes = arena_zeros(a, keys->n_boxes + 1, sizeof *boxes);
	struct list_row *lists = arena_zeros(a, keys->n_lists + 1, sizeof *lists);
	struct wrap_row *wraps = arena_zeros(a, keys->n_wraps + 1, sizeof *wraps);

	if (boxes == NULL || lists == NULL || wraps == NULL)
		return false;
	for (size_t i = 0; i < keys->n_boxes; i++) {
		const struct store_box *b = &keys->boxes[i];

		boxes[i] =
		    (struct box_row){b->position, b->space, b->scope, b->epoch, b->box};
	}
	for (size_t i = 0; i < keys->n_lists; i++)
		lists[i] = (struct list_row){
		    keys->lists[i].position, keys->lists[i].scope, keys->lists[i].list};
	for (size_t i = 0; i < keys->n_wraps; i++)
		wraps[i] = (struct wrap_row){
		    keys->wraps[i].scope, keys->wraps[i].epoch, keys->wraps[i].wrap};
	*out = (struct key_rows){
	    keys->n_boxes, boxes, keys->n_lists, lists, keys->n_wraps, wraps};
	return true;
}

static void
on_keys(void *ctx, enum store_result r, const struct store_keys *keys,
    const struct trouble *t)
{
	struct ask *k = ctx;
	struct serve_answer a = {0};

	(void)t;
	if (r != STORE_OK || !copy_keys(keys, k->arena, &a.keyboxes))
		a.keyboxes = (struct key_rows){0};
	ask_answer(k, &a);
}

void
peer_keyboxes(struct peer *p, const struct serve_request *r)
{
	struct serve_answer nothing = {.number = r->number};
	struct space *s = host_space(p->host, r->space);
	struct ask *k;

	if (s == NULL || !p->is_device) {
		peer_answer(p, &nothing);
		return;
	}
	k = ask_new(p, r);
	if (k != NULL)
		store_keys(s->store, &p->box, r->keyboxes.from, on_keys, k);
}

/* What the store told dies with the call, and more is asked: copies it behind what was
 * gathered. Wraps are of the home's scopes; the joiner gets the others when he pulls. */
static bool
gather_keys(struct ask *k, const struct store_keys *keys, bool is_home)
{
	struct key_rows now, all = k->rows;
	struct box_row *boxes;
	struct list_row *lists;

	if (!copy_keys(keys, k->arena, &now))
		return false;
	all.n_boxes += now.n_boxes;
	all.n_lists += now.n_lists;
	boxes = arena_zeros(k->arena, all.n_boxes + 1, sizeof *boxes);
	lists = arena_zeros(k->arena, all.n_lists + 1, sizeof *lists);
	if (boxes == NULL || lists == NULL)
		return false;
	for (size_t i = 0; i < all.n_boxes; i++) {
		boxes[i] = i < k->rows.n_boxes ? k->rows.boxes[i]
					       : now.boxes[i - k->rows.n_boxes];
		boxes[i].box = arena_copy(k->arena, boxes[i].box);
	}
	for (size_t i = 0; i < all.n_lists; i++) {
		lists[i] = i < k->rows.n_lists ? k->rows.lists[i]
					       : now.lists[i - k->rows.n_lists];
		lists[i].list = arena_copy(k->arena, lists[i].list);
	}
	all.boxes = boxes;
	all.lists = lists;
	if (is_home) {
		struct wrap_row *wraps =
		    arena_zeros(k->arena, now.n_wraps + 1, sizeof *wraps);

		if (wraps == NULL)
			return false;
		for (size_t i = 0; i < now.n_wraps; i++) {
			wraps[i] = now.wraps[i];
			wraps[i].wrap = arena_copy(k->arena, now.wraps[i].wrap);
		}
		all.n_wraps = now.n_wraps;
		all.wraps = wraps;
	}
	k->rows = all;
	return true;
}

static void gather_next(struct ask *k);

static void
on_invite_keys(void *ctx, enum store_result r, const struct store_keys *keys,
    const struct trouble *t)
{
	struct ask *k = ctx;
	struct host *h = k->peer->host;
	const struct member_invite *v =
	    membership_invite_by_key(h->m, &k->r.invite.invite);
	struct serve_answer unknown = {0};

	(void)t;
	if (r == STORE_OK && v != NULL &&
	    gather_keys(k, keys, h->spaces[k->i]->position == v->space)) {
		k->i++;
		gather_next(k);
		return;
	}
	ask_answer(k, &unknown);
}

/* Boxes lie in the store where the record stands that made them: the INVITE's at home,
 * those of a later rotation of `all` in NET, and those of a country founded since, for an
 * invite of the office, in that country. */
static bool
may_hold_boxes(const struct member_invite *v, uint16_t space)
{
	return v->space == 0 || space == 0 || space == v->space;
}

static void
gather_next(struct ask *k)
{
	struct host *h = k->peer->host;
	const struct member_invite *v =
	    membership_invite_by_key(h->m, &k->r.invite.invite);
	struct serve_answer a = {0};

	while (v != NULL && k->i < h->n_spaces &&
	       (!may_hold_boxes(v, h->spaces[k->i]->position) ||
		   host_space(h, h->spaces[k->i]->position) == NULL))
		k->i++;
	if (v != NULL && k->i < h->n_spaces) {
		store_keys(h->spaces[k->i]->store, &v->box, 0, on_invite_keys, k);
		return;
	}
	a.invite.is_known = v != NULL;
	a.invite.space = v == NULL ? 0 : v->space;
	a.invite.rows = k->rows;
	ask_answer(k, &a);
}

/* Only who holds the invite's secret knows its key, so showing the sealed boxes to who
 * names it gives nothing away. */
void
peer_invite(struct peer *p, const struct serve_request *r)
{
	struct serve_answer unknown = {.number = r->number};
	struct host *h = p->host;
	struct ask *k;

	if (!guesses_may(h->guesses, GUESS_PREFIX, p->pass.prefix, host_mono_ms(h))) {
		session_shut(p->session, host_mono_ms(h), BYE_BUSY);
		peer_answer(p, &unknown);
		return;
	}
	if (membership_invite_by_key(h->m, &r->invite.invite) == NULL) {
		guesses_failed(h->guesses, GUESS_PREFIX, p->pass.prefix, host_mono_ms(h));
		peer_answer(p, &unknown);
		return;
	}
	k = ask_new(p, r);
	if (k != NULL)
		gather_next(k);
}

/* ---- appending ---- */

static void
on_appended(void *ctx, const struct append_outcome *o)
{
	struct ask *k = ctx;
	struct serve_answer a = {0};

	a.append.result = o->result;
	a.append.detail = o->detail;
	ask_answer(k, &a);
}

void
peer_append(struct peer *p, const struct serve_request *r)
{
	struct append_request request = {
	    .append = r->append, .is_stranger = !p->is_device, .prefix = p->pass.prefix};
	struct ask *k = ask_new(p, r);

	if (k != NULL)
		append_record(p->host->appends, &request, on_appended, k);
}

/* ---- a device's own boxes ---- */

static void put_next(struct ask *k);

static void
on_put(void *ctx, enum store_result r, const struct trouble *t)
{
	struct ask *k = ctx;
	struct serve_answer a = {0};

	(void)t;
	if (r == STORE_OK) {
		put_next(k);
		return;
	}
	a.append.result = APPEND_AGAIN;
	ask_answer(k, &a);
}

/* The box key of the invite by which the peer joined; NULL if there is none. */
static const struct box_pk *
invite_key(const struct peer *p)
{
	const struct membership *m = p->host->m;
	const struct member_device *d = membership_by_author(m, p->author);
	size_t n = d == NULL ? 0 : membership_n_invites(m, d->home);

	for (size_t i = 0; i < n; i++) {
		const struct member_invite *v = membership_invite_at(m, d->home, i);

		if (v->is_used && v->ended_at == d->first)
			return &v->box;
	}
	return NULL;
}

static bool
is_earlier(const struct serve_request *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->boxes.boxes[k].space == r->boxes.boxes[i].space)
			return true;
	return false;
}

/* A box goes to the store of its scope's space, where the wraps of the scope lie. The
 * boxes of the invite lie in the store of the device's home and go with the last. */
static bool
put_space(struct ask *k, struct space *s)
{
	const struct serve_request *r = &k->r;
	struct store_box *boxes =
	    arena_zeros(k->arena, r->boxes.n_boxes + 1, sizeof *boxes);
	bool is_home = s->position == k->peer->author.home;
	size_t n = 0;

	if (boxes == NULL)
		return false;
	for (size_t i = k->i; i < r->boxes.n_boxes; i++) {
		const struct box_row *row = &r->boxes.boxes[i];

		if (row->space == s->position)
			boxes[n++] = (struct store_box){.owner = k->peer->box,
			    .position = BOX_OF_ITS_OWN,
			    .space = row->space,
			    .scope = row->scope,
			    .epoch = row->epoch,
			    .box = row->box};
	}
	k->i++;
	store_put_boxes(
	    s->store, n, boxes, is_home ? invite_key(k->peer) : NULL, on_put, k);
	return true;
}

static void
put_next(struct ask *k)
{
	struct serve_answer a = {0};
	struct space *s;

	while (k->i < k->r.boxes.n_boxes && is_earlier(&k->r, k->i))
		k->i++;
	if (k->i == k->r.boxes.n_boxes) {
		a.append.result = APPEND_OK;
		a.append.detail = membership_log_len(k->peer->host->m, k->r.space);
		ask_answer(k, &a);
		return;
	}
	s = host_space(k->peer->host, k->r.boxes.boxes[k->i].space);
	if (s != NULL && put_space(k, s))
		return;
	a.append.result = s == NULL ? APPEND_REFUSED : APPEND_AGAIN;
	ask_answer(k, &a);
}

void
peer_boxes(struct peer *p, const struct serve_request *r)
{
	struct serve_answer no = {.number = r->number};
	struct ask *k;

	for (size_t i = 0; i < r->boxes.n_boxes; i++)
		if (r->boxes.boxes[i].position != BOX_OF_ITS_OWN ||
		    !peer_reads(p, r->boxes.boxes[i].space)) {
			no.append.result = APPEND_REFUSED;
			peer_answer(p, &no);
			return;
		}
	k = ask_new(p, r);
	if (k != NULL)
		put_next(k);
}
