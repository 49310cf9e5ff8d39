/* intents.c - builds the membership records that wait, and stores those that the server
 * took. */
#include "client/intents.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "proto/log_build.h"

enum { BODY_BYTES_MAX = 128 };

/* One record under way. */
struct queued {
	struct queued *next;
	int64_t intent; /* its row */
	bool is_last;   /* of the intent: with it the intent is done */
	uint16_t space;
	struct span wire;
	bool is_answered, is_taken, is_refused;
};

struct intent_flight {
	struct arena *a;
	struct queued *first, **end;
	size_t n_open;
};

/* ---- making intents ---- */

static status
add_intent(struct laptop *l, enum intent_kind kind, uint16_t space, struct span body)
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
	return add_intent(l, INTENT_SCOPE, space, span_of(body, sizeof body));
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
		return trouble_set(&l->trouble, ST_USAGE, "the member's code is too long");
	return add_intent(l, INTENT_GRANT, space, writer_done(&w));
}

size_t
intents_count(struct laptop *l)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_intent");
	size_t n = query_row(q) ? (size_t)query_column_int(q, 0) : 0;

	(void)query_done(q, NULL);
	return n;
}

/* ---- queueing ---- */

struct queueing {
	struct laptop *l;
	struct membership *m;
	uint64_t time_s;
	struct session *session;
	struct intent_flight *flight;
	struct intent_outlook *outlook;
	int64_t intent;
	uint16_t space;
	struct author author;
	int64_t new_scope; /* local id of the scope being founded, 0 = none */
};

/* Seeds for build_record(): the scope being founded has no position in r_scope yet. */
static bool
find_seed(void *ctx, uint16_t space, uint16_t scope, uint16_t epoch,
    struct epoch_seed *seed, struct tag_key *tag_key)
{
	struct queueing *x = ctx;
	const struct member_scope *known = membership_scope(x->m, space, scope);
	struct query *q = query_of(x->l->queries,
	    "SELECT seed, tag_key FROM r_seed JOIN r_scope ON r_scope.id = scope"
	    " WHERE r_seed.epoch = ? AND (r_scope.id = ? OR (space = ? AND name = ?))");
	struct scope_name none = {{0}};
	const struct scope_name *name = known == NULL ? &none : &known->name;
	bool found;

	query_int(q, epoch);
	query_int(q, known == NULL ? x->new_scope : 0);
	query_int(q, space);
	query_blob(q, name->bytes, sizeof name->bytes);
	found = query_row(q);
	if (found) {
		query_column_copy(q, 0, seed->bytes, sizeof seed->bytes);
		query_column_copy(q, 1, tag_key->bytes, sizeof tag_key->bytes);
	}
	return query_done(q, &x->l->trouble) == ST_OK && found;
}

static status
queue_record(struct queueing *x, const struct log_record *draft, bool is_last)
{
	struct laptop *l = x->l;
	const struct seed_source seeds = {find_seed, x};
	const struct build_how how = {x->m, &seeds, &l->rng, x->flight->a};
	const struct sign_sk *const keys[] = {&keyring_device(l->keys)->sign_sk};
	const struct apply_how stored = {.mode = APPLY_STORED};
	struct queued *queued = arena_zeros(x->flight->a, 1, sizeof *queued);
	struct built_record built;
	struct append append;
	status st = queued == NULL
	                ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a record")
	                : build_record(&how, draft, keys, &built, &l->trouble);

	if (st == ST_OK)
		st = membership_apply(x->m, &built.record, &stored, NULL, &l->trouble);
	if (st != ST_OK)
		return st;
	append = (struct append){.space = x->space,
	    .record = built.wire,
	    .n_lists = built.n_lists,
	    .lists = built.lists,
	    .n_boxes = built.n_boxes,
	    .boxes = built.boxes,
	    .n_wraps = built.n_wraps,
	    .wraps = built.wraps};
	st = session_append(x->session, &append);
	queued->intent = x->intent;
	queued->is_last = is_last;
	queued->space = x->space;
	queued->wire = built.wire;
	*x->flight->end = queued;
	x->flight->end = &queued->next;
	x->flight->n_open++;
	x->outlook->n_queued++;
	return st;
}

static struct draft_how
drafting(const struct queueing *x)
{
	return (struct draft_how){x->m, x->space, &x->author, x->time_s};
}

static status
queue_scope(struct queueing *x, struct span body)
{
	struct draft_how how = drafting(x);
	struct log_record draft;
	struct scope_info scope;
	status st;

	x->new_scope = (int64_t)get_u64(body.bytes);
	st = scope_by_id(x->l, x->new_scope, &scope);
	if (st == ST_OK)
		st = draft_scope(&how, &scope.name, &draft, &x->l->trouble);
	if (st == ST_OK)
		st = queue_record(x, &draft, true);
	x->new_scope = 0;
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

/* The log of the member's country may be one that this laptop never needed. */
static void
want_log_of(struct queueing *x, const char *member)
{
	char code[5] = {0};
	struct space_name name;
	uint16_t space;

	(void)snprintf(code, sizeof code, "%.*s", (int)strcspn(member, "-"), member);
	name = space_of(code);
	if (membership_space_find(x->m, &name, &space) && space != x->space) {
		x->outlook->wants_log = true;
		x->outlook->log = space;
	}
}

/* Which scopes a GRANT has to give the device: none if he can read all already. */
static struct scope_set
missing_scopes(struct queueing *x, const struct member_device *d, uint16_t activity,
    uint16_t *room)
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
queue_grant_to(struct queueing *x, const struct member_device *d, uint16_t activity,
    uint64_t end_s)
{
	struct draft_how how = drafting(x);
	const struct member_device *here = membership_device_in(x->m, x->space, &d->id);
	struct log_record draft;
	uint16_t *room = arena_zeros(x->flight->a, 1, sizeof *room);
	struct scope_set set;
	status st;

	if (room == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for a grant");
	set = missing_scopes(x, d, activity, room);
	if (set.kinds == 0 && set.n_activities == 0)
		return ST_OK;
	st = here != NULL ? draft_grant(&how, member_author(here), &set, end_s, &draft,
				&x->l->trouble)
			  : draft_grant_guest(&how, d, &set, end_s, &draft, &x->l->trouble);
	return st != ST_OK ? st : queue_record(x, &draft, false);
}

static status
queue_grant(struct queueing *x, struct span body)
{
	char member[BODY_BYTES_MAX] = {0};
	struct record_id activity;
	struct scope_name name;
	const struct member_scope *scope;
	size_t space = 0, index = 0, before = x->outlook->n_queued;
	uint32_t end_day = get_u32(body.bytes + 16);
	uint64_t end_s = end_day == 0 ? 0 : ((uint64_t)end_day + 1) * 86400;
	const struct member_device *d;
	bool any = false;
	status st = ST_OK;

	memcpy(activity.bytes, body.bytes, sizeof activity.bytes);
	memcpy(member, body.bytes + 20, body.len - 20);
	name = scope_of(SCOPE_ACTIVITY, &activity);
	scope = membership_scope_find(x->m, x->space, &name);
	while (scope != NULL && st == ST_OK &&
	       (d = next_device(x->m, member, &space, &index)) != NULL) {
		any = true;
		st = queue_grant_to(x, d, scope->position, end_s);
	}
	if (!any) {
		want_log_of(x, member);
		x->outlook->n_left++;
	} else if (st == ST_OK && x->outlook->n_queued == before) {
		/* Everybody can read it already: nothing to append. */
		struct query *q = query_of(x->l->queries, "DELETE FROM r_intent WHERE id = ?");

		query_int(q, x->intent);
		st = query_run(q, &x->l->trouble);
	} else if (st == ST_OK) {
		struct queued *last = x->flight->first;

		while (last->next != NULL)
			last = last->next;
		last->is_last = true;
	}
	return st;
}

/* The scopes of a country that its first coordinator founds: by duty, not by command. */
static status
found_country(struct laptop *l, const struct membership *m)
{
	static const enum scope_kind kinds[] = {SCOPE_OFFICE, SCOPE_COUNTRY, SCOPE_COORD};
	uint16_t space = l->self.author.home;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
		struct scope_name name = scope_of(kinds[i], NULL);
		struct scope_info known;
		int64_t id;

		if (membership_scope_find(m, space, &name) != NULL ||
		    scope_find(l, space, &name, &known) == ST_OK)
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
	struct query *q =
	    query_of(l->queries, "SELECT id, kind, space, body FROM r_intent ORDER BY id");
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		struct span body = arena_copy(x->flight->a, query_column_span(q, 3));

		x->intent = query_column_int(q, 0);
		x->space = (uint16_t)query_column_int(q, 2);
		if (query_column_int(q, 1) == INTENT_SCOPE && body.len == 8)
			st = queue_scope(x, body);
		else if (query_column_int(q, 1) == INTENT_GRANT && body.len > 20)
			st = queue_grant(x, body);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
intents_queue(struct laptop *l, struct membership *m, uint64_t server_time_s,
    struct session *s, struct intent_flight **out, struct intent_outlook *outlook)
{
	struct queueing x = {.l = l,
	    .m = m,
	    .time_s = server_time_s,
	    .session = s,
	    .outlook = outlook,
	    .author = l->self.author};
	status st = ST_OK;

	*out = NULL;
	memset(outlook, 0, sizeof *outlook);
	if (l->self.role == ROLE_COORDINATOR)
		st = found_country(l, m);
	if (st != ST_OK || intents_count(l) == 0)
		return st;
	x.flight = calloc(1, sizeof *x.flight);
	if (x.flight == NULL || (x.flight->a = arena_new(0)) == NULL) {
		free(x.flight);
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for records");
	}
	x.flight->end = &x.flight->first;
	*out = x.flight;
	return queue_all(&x);
}

/* ---- answers ---- */

void
intents_answer(struct intent_flight *f, enum append_result result, uint32_t detail)
{
	(void)detail;
	for (struct queued *q = f == NULL ? NULL : f->first; q != NULL; q = q->next) {
		if (q->is_answered)
			continue;
		q->is_answered = true;
		q->is_taken = result == APPEND_OK;
		q->is_refused = result == APPEND_REFUSED;
		f->n_open--;
		return;
	}
}

size_t
intents_open(const struct intent_flight *f)
{
	return f == NULL ? 0 : f->n_open;
}

status
intents_store(struct laptop *l, struct intent_flight *f)
{
	struct membership *m = logs_load(l);
	status st = m == NULL ? l->trouble.code : db_begin(l->db, &l->trouble);

	for (struct queued *x = f->first; st == ST_OK && x != NULL; x = x->next) {
		struct query *q;

		if (x->is_taken)
			st = logs_take_own(l, m, x->space, x->wire);
		if (st != ST_OK || !x->is_taken || !x->is_last)
			continue;
		q = query_of(l->queries, "DELETE FROM r_intent WHERE id = ?");
		query_int(q, x->intent);
		st = query_run(q, &l->trouble);
	}
	if (m != NULL && st == ST_OK)
		st = db_commit(l->db, &l->trouble);
	else if (m != NULL)
		db_rollback(l->db);
	membership_free(m);
	return st;
}

void
intents_free(struct intent_flight *f)
{
	if (f == NULL)
		return;
	arena_free(f->a);
	free(f);
}
