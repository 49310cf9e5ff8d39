/* intents_revoke.c - laptops that are to be revoked and members who leave a team: the
 * intents, and the REVOKE records that they become (SECURITY 7). */
#include "client/sync/intents_parts.h"

#include <stdlib.h>

#include "client/sync/duties.h"

enum { BODY_BYTES_MAX = 1 + DEVICES_ASKED_MAX * 16, INVITES_MAX = 64 };

/* First byte of an INTENT_REVOKE. */
enum { OF_DEVICES = 'D', OF_MEMBER = 'M' };

/* ---- making intents ---- */

status
intent_revoke_devices(struct laptop *l, const struct device_id *ids, size_t n)
{
	uint8_t body[BODY_BYTES_MAX];
	struct writer w = writer_of(body, sizeof body);

	writer_u8(&w, OF_DEVICES);
	for (size_t i = 0; i < n; i++)
		writer_bytes(&w, ids[i].bytes, sizeof ids[i].bytes);
	if (w.is_full)
		return trouble_set(&l->trouble, ST_USAGE, "too many laptops at once");
	return intents_add(l, INTENT_REVOKE, l->self.author.home, writer_done(&w));
}

status
intent_revoke_member(struct laptop *l, const char *member)
{
	uint8_t body[BODY_BYTES_MAX];
	struct writer w = writer_of(body, sizeof body);

	writer_u8(&w, OF_MEMBER);
	writer_bytes(&w, member, strlen(member));
	return intents_add(l, INTENT_REVOKE, l->self.author.home, writer_done(&w));
}

status
intent_leave(struct laptop *l, uint16_t space, const char *member,
    const struct record_id *activity)
{
	uint8_t body[BODY_BYTES_MAX];
	struct writer w = writer_of(body, sizeof body);
	struct query *q = query_of(l->queries,
	    "DELETE FROM r_intent WHERE kind = ? AND space = ? AND"
	    " substr(body, 1, 16) = ? AND substr(body, 21) = CAST(? AS BLOB)");
	status st;

	/* A right that waits is not given any more: activity, last day, member. */
	query_int(q, INTENT_GRANT);
	query_int(q, space);
	query_blob(q, activity->bytes, sizeof activity->bytes);
	query_text(q, member);
	st = query_run(q, &l->trouble);
	writer_bytes(&w, activity->bytes, sizeof activity->bytes);
	writer_bytes(&w, member, strlen(member));
	return st != ST_OK ? st : intents_add(l, INTENT_LEAVE, space, writer_done(&w));
}

/* ---- who goes ---- */

/* What an intent comes to by the log as it is now. */
struct going {
	size_t n_devices;
	uint16_t devices[DEVICES_ASKED_MAX];
	size_t n_invites;
	uint16_t invites[INVITES_MAX];
};

static bool
is_listed(struct span body, const struct device_id *id)
{
	for (size_t at = 1; at + sizeof id->bytes <= body.len; at += sizeof id->bytes) {
		if (memcmp(body.bytes + at, id->bytes, sizeof id->bytes) == 0)
			return true;
	}
	return false;
}

static bool
is_of_member(struct span body, const struct member_code *member)
{
	return span_equal(span_of(body.bytes + 1, body.len - 1), span_text(member->text));
}

static void
add_devices(const struct queueing *x, struct span body, struct going *out)
{
	for (size_t i = 0; i < membership_n_devices(x->m, x->space); i++) {
		const struct member_device *d = membership_device_at(x->m, x->space, i);
		bool goes = body.bytes[0] == OF_MEMBER
				? d->role != ROLE_GUEST && is_of_member(body, &d->member)
				: is_listed(body, &d->id);

		if (goes && !d->is_revoked && out->n_devices < DEVICES_ASKED_MAX)
			out->devices[out->n_devices++] = d->position;
	}
}

/* By which he could come back. */
static void
add_invites(const struct queueing *x, struct span body, struct going *out)
{
	for (size_t i = 0; i < membership_n_invites(x->m, x->space); i++) {
		const struct member_invite *v = membership_invite_at(x->m, x->space, i);

		if (membership_invite_is_live(x->m, v, x->time_s) &&
		    is_of_member(body, &v->member) && out->n_invites < INVITES_MAX)
			out->invites[out->n_invites++] = v->position;
	}
}

static int
compare_positions(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
find_going(const struct queueing *x, struct span body, struct going *out)
{
	*out = (struct going){0};
	add_devices(x, body, out);
	if (body.bytes[0] == OF_MEMBER)
		add_invites(x, body, out);
	qsort(out->devices, out->n_devices, sizeof *out->devices, compare_positions);
	qsort(out->invites, out->n_invites, sizeof *out->invites, compare_positions);
}

/* ---- the record ---- */

static int
compare_cuts(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return (x->scope > y->scope) - (x->scope < y->scope);
}

static struct cut *
cuts_of(const struct queueing *x, const struct going *g, size_t *n)
{
	struct cut *cuts =
	    arena_zeros(appends_arena(x->appends), x->cuts->n + 1, sizeof *cuts);

	*n = 0;
	for (size_t i = 0; cuts != NULL && i < x->cuts->n; i++) {
		const struct cut_row *row = &x->cuts->rows[i];

		if (bsearch(&row->device, g->devices, g->n_devices, sizeof row->device,
			compare_positions) != NULL)
			cuts[(*n)++] =
			    (struct cut){row->device, row->space, row->scope, row->last};
	}
	if (cuts != NULL)
		qsort(cuts, *n, sizeof *cuts, compare_cuts);
	return cuts;
}

/* Whoever has not all keys that must be replaced waits for them. */
static bool
holds_keys(const struct queueing *x, const struct log_record *draft)
{
	for (size_t i = 0; i < draft->revoke.n_rotations; i++) {
		const struct member_scope *s =
		    membership_scope(x->m, x->space, draft->revoke.rotations[i].scope);

		if (s == NULL || !duties_can_give(x->l, s))
			return false;
	}
	return true;
}

static status
queue_draft(struct queueing *x, const struct draft_revoke *in)
{
	const struct sign_sk *const keys[] = {&keyring_device(x->l->keys)->sign_sk};
	struct draft_how how = intents_drafting(x);
	size_t before = x->outlook->n_queued;
	struct log_record draft;
	status st =
	    draft_revoke(&how, in, appends_arena(x->appends), &draft, &x->l->trouble);

	if (st == ST_OK && !holds_keys(x, &draft)) {
		x->outlook->n_left++;
		return ST_OK;
	}
	if (st == ST_OK)
		st = intents_note(
		    x, appends_add_rotation(x->appends, &draft, keys, x->intent));
	if (st != ST_OK || x->outlook->n_queued > before)
		return st;
	/* It is against the rules of the log, and will be: the last coordinator. */
	x->outlook->n_left--;
	return intents_forget(x->l, x->intent);
}

/* Adds them to those that are asked about. */
static void
want_cuts(struct queueing *x, const struct going *g)
{
	struct intent_outlook *o = x->outlook;

	o->wants_cuts = true;
	for (size_t i = 0; i < g->n_devices && o->n_cut < DEVICES_ASKED_MAX; i++)
		o->cut_devices[o->n_cut++] = g->devices[i];
}

status
intents_queue_revoke(struct queueing *x, struct span body)
{
	struct going g;
	struct draft_revoke in = {0};

	if (body.len < 2 || x->space != x->l->self.author.home)
		return intents_forget(x->l, x->intent);
	find_going(x, body, &g);
	if (g.n_devices == 0 && g.n_invites == 0) /* another coordinator was first */
		return intents_forget(x->l, x->intent);
	if (x->cuts == NULL && g.n_devices > 0) {
		want_cuts(x, &g);
		return ST_OK;
	}
	in.n_devices = g.n_devices;
	in.devices = g.devices;
	in.n_invites = g.n_invites;
	in.invites = g.invites;
	if (g.n_devices > 0)
		in.cuts = cuts_of(x, &g, &in.n_cuts);
	if (g.n_devices > 0 && in.cuts == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for cuts");
	return queue_draft(x, &in);
}

/* ---- leaving a team ---- */

/* Does the guest's laptop read another activity of the country? Then it keeps `office`.
 */
static bool
reads_another(const struct queueing *x, const struct member_device *d, uint16_t but)
{
	for (size_t i = 0; i < membership_n_scopes(x->m, x->space); i++) {
		const struct member_scope *s = membership_scope_at(x->m, x->space, i);

		if (scope_kind_of(&s->name) == SCOPE_ACTIVITY && s->position != but &&
		    membership_may_read(
			x->m, member_author(d), x->space, s->position, x->time_s))
			return true;
	}
	return false;
}

static size_t
leaves_of(const struct queueing *x, const struct member_device *d, uint16_t activity,
    struct leave *out)
{
	struct scope_name office_name = scope_of(SCOPE_OFFICE, NULL);
	const struct member_scope *office =
	    membership_scope_find(x->m, x->space, &office_name);
	size_t n = 0;

	if (membership_may_read(x->m, member_author(d), x->space, activity, x->time_s))
		out[n++] = (struct leave){d->position, activity};
	if (n == 1 && d->role == ROLE_GUEST && office != NULL &&
	    !reads_another(x, d, activity))
		out[n++] = (struct leave){d->position, office->position};
	return n;
}

static int
compare_leaves(const void *a, const void *b)
{
	const struct leave *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->scope > y->scope) - (x->scope < y->scope);
}

status
intents_queue_leave(struct queueing *x, struct span body)
{
	struct span member = span_of(body.bytes + 16, body.len - 16);
	struct leave *leaves =
	    arena_zeros(appends_arena(x->appends), 2 * DEVICES_ASKED_MAX, sizeof *leaves);
	struct draft_revoke in = {.leaves = leaves};
	struct record_id activity;
	struct scope_name name;
	const struct member_scope *scope;

	if (leaves == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for leaves");
	memcpy(activity.bytes, body.bytes, sizeof activity.bytes);
	name = scope_of(SCOPE_ACTIVITY, &activity);
	scope = membership_scope_find(x->m, x->space, &name);
	for (size_t i = 0; scope != NULL && i < membership_n_devices(x->m, x->space) &&
			   in.n_leaves + 2 <= 2 * DEVICES_ASKED_MAX;
	     i++) {
		const struct member_device *d = membership_device_at(x->m, x->space, i);

		/* What a coordinator's role gives him stays with it. */
		if (!d->is_revoked && d->role != ROLE_COORDINATOR &&
		    span_equal(member, span_text(d->member.text)))
			in.n_leaves +=
			    leaves_of(x, d, scope->position, leaves + in.n_leaves);
	}
	if (in.n_leaves == 0)
		return intents_forget(x->l, x->intent);
	qsort(leaves, in.n_leaves, sizeof *leaves, compare_leaves);
	return queue_draft(x, &in);
}
