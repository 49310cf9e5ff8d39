/* intents.c - builds the membership records that wait, and stores those that the server
 * took. */
#include "client/sync/intents_parts.h"

#include <stdio.h>

#include "client/sync/duties.h"

enum {
	BODY_BYTES_MAX = 128,
	QUEUED_MAX = 128 /* in one flight: a season's workshops are announced at once */
};

/* ---- making intents ---- */

status
intents_add(struct laptop *l, enum intent_kind kind, uint16_t space, struct span body)
{
	struct query *q = query_of(
	    l->queries, "INSERT INTO r_intent(kind, space, body) VALUES(?, ?, ?)");

	query_int(q, kind);
	query_int(q, space);
	query_span(q, body);
	return query_run(q, &l->trouble);
}

status
intent_scope(struct laptop *l, uint16_t space, int64_t scope)
{
	uint8_t body[8];

	put_u64(body, (uint64_t)scope);
	return intents_add(l, INTENT_SCOPE, space, span_of(body, sizeof body));
}

status
intent_grant(struct laptop *l, uint16_t space, const char *member,
    const struct record_id *activity, uint32_t end_day)
{
	uint8_t body[BODY_BYTES_MAX];
	struct writer w = writer_of(body, sizeof body);

	writer_bytes(&w, activity->bytes, sizeof activity->bytes);
	writer_u32(&w, end_day);
	writer_bytes(&w, member, strlen(member));
	if (w.is_full)
		return trouble_set(
		    &l->trouble, ST_USAGE, "the member's code is too long");
	return intents_add(l, INTENT_GRANT, space, writer_done(&w));
}

size_t
intents_count(struct laptop *l)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_intent");
	size_t n = query_row(q) ? (size_t)query_column_int(q, 0) : 0;

	(void)query_done(q, NULL);
	return n;
}

struct intents_waiting
intents_waiting(struct laptop *l)
{
	/* A grant's body is activity, last day, member. */
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(sum(kind = ?1), 0), count(DISTINCT CASE kind WHEN ?2 THEN"
	    " substr(body, 21) END), coalesce(sum(kind = ?3), 0) FROM r_intent");
	struct intents_waiting out = {0};

	query_int(q, INTENT_SCOPE);
	query_int(q, INTENT_GRANT);
	query_int(q, INTENT_REVOKE);
	if (query_row(q)) {
		out.workshops = (size_t)query_column_int(q, 0);
		out.members = (size_t)query_column_int(q, 1);
		out.revocations = (size_t)query_column_int(q, 2);
	}
	(void)query_done(q, NULL);
	return out;
}

/* ---- queueing ---- */

status
intents_note(struct queueing *x, status st)
{
	if (st == ST_OK) {
		x->outlook->n_queued++;
	} else if (appends_refused_here(x->appends) != REFUSAL_NONE) {
		/* It would be refused there too. It stays, and is no reason to keep
		 * everything else from the server. */
		x->outlook->refused = appends_refused_here(x->appends);
		x->outlook->n_left++;
		st = ST_OK;
	}
	return st;
}

static status
queue_record(struct queueing *x, const struct log_record *draft, int64_t new_scope)
{
	const struct sign_sk *const keys[] = {&keyring_device(x->l->keys)->sign_sk};

	return intents_note(
	    x, appends_add(x->appends, draft, keys, new_scope, x->intent));
}

status
intents_forget(struct laptop *l, int64_t id)
{
	struct query *q = query_of(l->queries, "DELETE FROM r_intent WHERE id = ?");

	query_int(q, id);
	return query_run(q, &l->trouble);
}

struct draft_how
intents_drafting(const struct queueing *x)
{
	return (struct draft_how){x->m, x->space, &x->author, x->time_s};
}

static status
queue_scope(struct queueing *x, struct span body)
{
	struct draft_how how = intents_drafting(x);
	struct log_record draft;
	struct scope_info scope;
	int64_t id = (int64_t)get_u64(body.bytes);
	status st = scope_by_id(x->l, id, &scope);

	if (st == ST_OK && membership_scope_find(x->m, x->space, &scope.name) != NULL)
		return intents_forget(x->l, x->intent);
	if (st == ST_OK)
		st = draft_scope(&how, &scope.name, &draft, &x->l->trouble);
	if (st == ST_OK)
		st = queue_record(x, &draft, id);
	return st;
}

/* A device of the member, in the log of his own country. from: where to go on. */
static const struct member_device *
next_device(const struct membership *m, const char *member, size_t *space, size_t *index)
{
	for (; *space < membership_n_spaces(m); (*space)++, *index = 0) {
		uint16_t home = membership_space_at(m, *space);

		while (*index < membership_n_devices(m, home)) {
			const struct member_device *d =
			    membership_device_at(m, home, (*index)++);

			if (!d->is_revoked && d->role != ROLE_GUEST &&
			    strcmp(d->member.text, member) == 0)
				return d;
		}
	}
	return NULL;
}

/* The space whose log tells the member's laptops. */
static uint16_t
home_of(const struct queueing *x, const char *member)
{
	char code[5] = {0};
	struct space_name name;
	uint16_t space;

	(void)snprintf(code, sizeof code, "%.*s", (int)strcspn(member, "-"), member);
	name = space_of(code);
	return membership_space_find(x->m, &name, &space) ? space : x->space;
}

static void
want_log(struct queueing *x, uint16_t space)
{
	x->outlook->wants_log = true;
	x->outlook->log = space;
}

/* Which scopes a GRANT has to give the device: none if he can read all already. */
static struct scope_set
missing_scopes(
    struct queueing *x, const struct member_device *d, uint16_t activity, uint16_t *room)
{
	struct scope_set set = {0};
	struct scope_name office = scope_of(SCOPE_OFFICE, NULL);
	const struct member_scope *s = membership_scope_find(x->m, x->space, &office);
	const struct member_device *here = membership_device_in(x->m, x->space, &d->id);

	if (here == NULL || !membership_may_read(x->m, member_author(here), x->space,
				activity, x->time_s)) {
		*room = activity;
		set.activities = room;
		set.n_activities = 1;
	}
	if (d->home != x->space && s != NULL &&
	    (here == NULL || !membership_may_read(x->m, member_author(here), x->space,
				 s->position, x->time_s)))
		set.kinds = 1u << SCOPE_OFFICE;
	return set;
}

static status
queue_grant_to(
    struct queueing *x, const struct member_device *d, uint16_t activity, uint64_t end_s)
{
	struct draft_how how = intents_drafting(x);
	const struct member_device *here = membership_device_in(x->m, x->space, &d->id);
	struct log_record draft;
	uint16_t *room = arena_zeros(appends_arena(x->appends), 1, sizeof *room);
	struct scope_set set;
	status st;

	if (room == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for a grant");
	set = missing_scopes(x, d, activity, room);
	if (set.kinds == 0 && set.n_activities == 0)
		return ST_OK;
	st = here != NULL
		 ? draft_grant(
		       &how, member_author(here), &set, end_s, &draft, &x->l->trouble)
		 : draft_grant_guest(&how, d, &set, end_s, &draft, &x->l->trouble);
	return st != ST_OK ? st : queue_record(x, &draft, 0);
}

/* What intent_grant() wrote: activity, last day, member. */
struct wanted_grant {
	struct scope_name scope;
	uint32_t end_day;
	char member[BODY_BYTES_MAX];
};

static struct wanted_grant
grant_of(struct span body)
{
	struct wanted_grant g = {.end_day = get_u32(body.bytes + 16)};
	struct record_id activity;

	memcpy(activity.bytes, body.bytes, sizeof activity.bytes);
	memcpy(g.member, body.bytes + 20, body.len - 20);
	g.scope = scope_of(SCOPE_ACTIVITY, &activity);
	return g;
}

static status
queue_grant(struct queueing *x, struct span body)
{
	const struct wanted_grant g = grant_of(body);
	const struct member_scope *scope =
	    membership_scope_find(x->m, x->space, &g.scope);
	uint16_t home;
	size_t space = 0, index = 0, before = x->outlook->n_queued;
	uint64_t end_s = g.end_day == 0 ? 0 : ((uint64_t)g.end_day + 1) * 86400;
	const struct member_device *d;
	bool any = false;
	status st = ST_OK;

	if (scope != NULL && !duties_can_give(x->l, scope)) {
		x->outlook->n_left++;
		return ST_OK;
	}
	while (scope != NULL && st == ST_OK &&
	       (d = next_device(x->m, g.member, &space, &index)) != NULL) {
		any = true;
		st = queue_grant_to(x, d, scope->position, end_s);
	}
	home = home_of(x, g.member);
	if (!any) {
		if (home != x->space)
			want_log(x, home);
		x->outlook->n_left++;
	} else if (st == ST_OK && x->outlook->n_queued == before) {
		/* They can read it already; but is that all of them? */
		if (home >= SPACES_MAX || x->is_fresh[home])
			st = intents_forget(x->l, x->intent);
		else
			want_log(x, home);
	}
	return st;
}

static bool
can_grant(struct laptop *l, const struct membership *m, uint16_t space, struct span body)
{
	const struct wanted_grant g = grant_of(body);
	const struct member_scope *scope = membership_scope_find(m, space, &g.scope);
	size_t at = 0, index = 0;

	return scope != NULL && duties_can_give(l, scope) &&
	       next_device(m, g.member, &at, &index) != NULL;
}

bool
intents_any_ready(struct laptop *l, struct logs *logs)
{
	struct query *q = NULL;
	bool any = false;

	if (intents_count(l) == 0 || logs_whole(logs) == NULL)
		return false;
	q = query_of(l->queries, "SELECT kind, space, body FROM r_intent");
	while (!any && query_row(q)) {
		struct span body = query_column_span(q, 2);

		any = query_column_int(q, 0) != INTENT_GRANT || body.len <= 20 ||
		      can_grant(l, logs->m, (uint16_t)query_column_int(q, 1), body);
	}
	(void)query_done(q, NULL);
	return any;
}

/* The scopes of a country that its first coordinator founds: by duty, not by command. */
static status
found_country(struct laptop *l, struct logs *logs)
{
	static const enum scope_kind kinds[] = {SCOPE_OFFICE, SCOPE_COUNTRY, SCOPE_COORD};
	uint16_t space = l->self.author.home;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
		struct scope_name name = scope_of(kinds[i], NULL);
		struct scope_info known;
		int64_t id;

		if (scope_find(l, space, &name, &known) == ST_OK)
			continue;
		if (logs_whole(logs) == NULL)
			return l->trouble.code;
		if (membership_scope_find(logs->m, space, &name) != NULL)
			continue;
		st = db_begin(l->db, &l->trouble);
		if (st == ST_OK)
			st = logs_new_scope(l, space, &name, &id);
		if (st == ST_OK)
			st = intent_scope(l, space, id);
		if (st == ST_OK)
			st = db_commit(l->db, &l->trouble);
		else
			db_rollback(l->db);
	}
	return st;
}

static status
queue_all(struct queueing *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT id, kind, space, body FROM r_intent ORDER BY kind <> ?, id");
	status st = ST_OK, end;

	/* What is to be taken away comes first, before anything new is given. */
	query_int(q, INTENT_REVOKE);
	while (st == ST_OK && !x->outlook->wants_cuts &&
	       x->outlook->n_queued < QUEUED_MAX && query_row(q)) {
		struct span body =
		    arena_copy(appends_arena(x->appends), query_column_span(q, 3));

		x->intent = query_column_int(q, 0);
		x->space = (uint16_t)query_column_int(q, 2);
		if (query_column_int(q, 1) == INTENT_SCOPE && body.len == 8)
			st = queue_scope(x, body);
		else if (query_column_int(q, 1) == INTENT_GRANT && body.len > 20)
			st = queue_grant(x, body);
		else if (query_column_int(q, 1) == INTENT_REVOKE)
			st = intents_queue_revoke(x, body);
		else if (query_column_int(q, 1) == INTENT_LEAVE && body.len > 16)
			st = intents_queue_leave(x, body);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* After the grants, which hand on the keys as they are. */
static status
queue_rotations(struct queueing *x)
{
	const struct sign_sk *const keys[] = {&keyring_device(x->l->keys)->sign_sk};
	const uint16_t *scopes;
	size_t n;
	status st = duties_rotations(
	    x->l, x->m, x->time_s, appends_arena(x->appends), &scopes, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct draft_how how = intents_drafting(x);
		struct log_record draft;
		bool can_give =
		    duties_can_give(x->l, membership_scope(x->m, x->space, scopes[i]));

		st = draft_rotate(&how, scopes[i], &draft, &x->l->trouble);
		if (st == ST_OK)
			st = intents_note(
			    x, (can_give ? appends_add_rotation : appends_add_over_gap)(
				   x->appends, &draft, keys, x->intent));
	}
	return st;
}

static status
queue_duties(struct queueing *x)
{
	struct laptop *l = x->l;
	struct arena *a = appends_arena(x->appends);
	const struct duty *duties;
	size_t n;
	status st = duties_list(l, x->m, a, &duties, &n);

	x->intent = 0; /* nothing waits for them */
	x->space = l->self.author.home;
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct draft_how how = intents_drafting(x);
		struct log_record draft;

		st = duties[i].guest != NULL
			 ? draft_grant_guest(&how, duties[i].guest, &duties[i].scopes,
			       duties[i].end_s, &draft, &l->trouble)
			 : draft_grant(&how, duties[i].device, &duties[i].scopes,
			       duties[i].end_s, &draft, &l->trouble);
		if (st == ST_OK)
			st = queue_record(x, &draft, 0);
	}
	return st != ST_OK ? st : queue_rotations(x);
}

status
intents_queue(struct laptop *l, struct logs *logs, uint64_t server_time_s,
    struct session *s, const struct intent_known *known, struct appends **out,
    struct intent_outlook *outlook)
{
	struct queueing x = {.l = l,
	    .is_fresh = known->is_fresh,
	    .cuts = known->cuts,
	    .time_s = server_time_s,
	    .outlook = outlook,
	    .author = l->self.author};
	status st = ST_OK;

	*out = NULL;
	memset(outlook, 0, sizeof *outlook);
	if (l->self.role == ROLE_COORDINATOR)
		st = found_country(l, logs);
	if (st != ST_OK || (intents_count(l) == 0 && !duties_any(l, logs, server_time_s)))
		return st;
	x.m = logs_whole(logs);
	st = x.m == NULL ? l->trouble.code : appends_new(l, x.m, s, out);
	x.appends = *out;
	if (st == ST_OK)
		st = queue_all(&x);
	return st != ST_OK || outlook->wants_cuts ? st : queue_duties(&x);
}

status
intents_store(struct appends *x, struct membership *m)
{
	/* An intent may be several records; if one was not taken, what is left of it is
	 * found out anew. */
	return appends_store(x, m, appends_all_taken(x) ? intents_forget : NULL);
}
