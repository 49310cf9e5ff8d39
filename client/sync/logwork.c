/* logwork.c - fetch, build, append, store; see logwork.h. */
#include "client/sync/logwork.h"

#include "client/sync/renewal.h"
#include "crypto/keybox.h"
#include "net/os_clock.h"

enum {
	TRIES_MAX = 5,
	BOXES_MAX = 512 /* of one upload; the server takes MESSAGE_ELEMENTS_MAX */
};

static status
fetch(struct logwork *w, uint16_t space)
{
	w->n_fetching++;
	return session_log(w->session, space, membership_log_len(w->m, space));
}

/* The log takes nothing from this incarnation; the next sync makes a new one. */
static status
complain_outdated(struct laptop *l)
{
	status st = renewal_want(l);

	if (st != ST_OK)
		return st;
	(void)complain(l->complaint, PN_K03,
	    "another copy of this laptop has taken a new identity, and this one has not");
	complain_data(l->complaint, "nothing was changed by this call");
	complain_next(l->complaint, "pnet sync    and then the same command again");
	return trouble_set(&l->trouble, ST_RETRY, "this laptop is a copy");
}

static status
build(struct logwork *w, uint64_t mono_ms)
{
	status st;

	appends_free(w->appends);
	w->appends = NULL;
	if (w->incarnation != 0 && renewal_is_outdated(w->l))
		return complain_outdated(w->l);
	if (w->tries++ == TRIES_MAX)
		return trouble_set(&w->l->trouble, ST_BUSY,
		    "others append to the membership log all the time");
	st = appends_new(w->l, w->m, w->session, &w->appends);
	if (st == ST_OK)
		st = w->build(w, w->ctx);
	w->lacks_key = st != ST_OK && appends_lacks_key(w->appends);
	if (st == ST_OK && appends_n(w->appends) == 0) {
		w->is_done = true;
		if (w->uploads_to != NULL)
			st = logwork_upload_boxes(w);
		if (st != ST_OK || w->n_uploads > 0)
			return st != ST_OK ? st : session_flush(w->session, mono_ms);
		session_bye(w->session, mono_ms);
		return ST_OK;
	}
	return st != ST_OK ? st : session_flush(w->session, mono_ms);
}

static status
begin(struct logwork *w, uint64_t mono_ms)
{
	status st;

	if (!w->fetches)
		return build(w, mono_ms);
	st = fetch(w, 0);
	if (st == ST_OK && w->space != 0)
		st = fetch(w, w->space);
	return st != ST_OK ? st : session_flush(w->session, mono_ms);
}

/* What was asked for is here: builds, or asks for the countries that NET names by now. */
static status
go_on(struct logwork *w, uint64_t mono_ms)
{
	status st = ST_OK;

	if (!w->fetches_all || w->has_countries)
		return build(w, mono_ms);
	w->has_countries = true;
	for (size_t i = 1; st == ST_OK && i < membership_n_spaces(w->m); i++)
		st = fetch(w, membership_space_at(w->m, i));
	if (st == ST_OK && w->n_fetching == 0)
		return build(w, mono_ms);
	return st != ST_OK ? st : session_flush(w->session, mono_ms);
}

static status
reload(struct logwork *w)
{
	struct membership *m = logs_load(w->l);

	if (m == NULL)
		return w->l->trouble.code;
	membership_free(w->m);
	w->m = m;
	return ST_OK;
}

static status
take_logs(struct logwork *w, const struct client_event *e)
{
	struct laptop *l = w->l;
	status st = w->appends == NULL ? ST_OK : reload(w);

	if (st == ST_OK)
		st = db_begin(l->db, &l->trouble);
	if (st != ST_OK)
		return st;
	st = logs_take(
	    l, w->m, e->space, e->logs.from, e->logs.records, e->logs.n_records, NULL);
	if (st == ST_OK)
		st = logs_settle(l, w->m);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

static status
refused(struct logwork *w)
{
	enum refusal why = appends_refused(w->appends);
	status st = complain(w->l->complaint, PN_P01, "the server refused the record: %s",
	    refusal_text(why));

	complain_next(w->l->complaint, "pnet member list    to see who may do this");
	return trouble_set(&w->l->trouble, st, "%s", refusal_text(why));
}

static status
store(struct logwork *w)
{
	struct laptop *l = w->l;
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = reload(w);
	if (st == ST_OK)
		st = appends_store(w->appends, w->m, NULL);
	if (st == ST_OK && w->stored != NULL)
		st = w->stored(w, w->ctx);
	if (st == ST_OK)
		st = logs_settle(l, w->m);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

static status
end_appends(struct logwork *w, uint64_t mono_ms)
{
	status st;

	if (appends_refused(w->appends) != REFUSAL_NONE)
		return refused(w);
	if (!appends_all_taken(w->appends)) {
		st = reload(w);
		return st != ST_OK ? st : build(w, mono_ms);
	}
	st = store(w);
	if (st != ST_OK)
		return st;
	w->is_done = true;
	if (w->n_uploads > 0)
		return session_flush(w->session, mono_ms);
	session_bye(w->session, mono_ms);
	return ST_OK;
}

static status
take_event(void *ctx, const struct client_event *e, uint64_t mono_ms)
{
	struct logwork *w = ctx;

	switch (e->kind) {
	case CLIENT_READY:
		w->server_time_s = e->server_time_s;
		return begin(w, mono_ms);
	case CLIENT_LOGS:
		return take_logs(w, e);
	case CLIENT_PULL_DONE:
		return --w->n_fetching == 0 ? go_on(w, mono_ms) : ST_OK;
	case CLIENT_APPENDED:
		if (w->is_done) { /* the boxes */
			if (--w->n_uploads == 0)
				session_bye(w->session, mono_ms);
			return ST_OK;
		}
		appends_answer(w->appends, e->appended.result, e->appended.detail);
		return appends_open(w->appends) == 0 ? end_appends(w, mono_ms) : ST_OK;
	case CLIENT_NOTHING:
	case CLIENT_VERDICT:
	case CLIENT_KEYBOXES:
	case CLIENT_STORE:
	case CLIENT_PAGE:
	case CLIENT_CONTACTS:
	case CLIENT_RECOVERED:
	case CLIENT_DOORBELL:
	case CLIENT_CLOSED:
	case CLIENT_EVENT_COUNT:
		return ST_OK;
	}
	return ST_BUG;
}

static status
work(void *ctx, uint64_t mono_ms)
{
	struct logwork *w = ctx;

	return link_events(w->session, mono_ms, take_event, w);
}

status
logwork_run(struct logwork *w)
{
	struct laptop *l = w->l;
	static const struct space_state net = {.space = 0};
	const struct client_config config = {.network = l->self.network,
	    .server = w->server,
	    .secret =
		w->secret != NULL ? w->secret : &keyring_device(l->keys)->transport_sk,
	    .incarnation = w->incarnation,
	    .n_spaces = 1,
	    .spaces = &net,
	    .rng = l->rng};
	struct clock_source clock = os_clock();
	struct link_config link = {.address = w->address, .work = work, .ctx = w};
	status st;

	w->session = session_client_new(&config, clock.mono_ms(clock.ctx));
	if (w->session == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a session");
	link.session = w->session;
	st = link_run(l, &link);
	if (st == ST_OK && !w->is_done)
		st = trouble_set(
		    &l->trouble, ST_CUT, "the server ended before it answered");
	appends_free(w->appends);
	session_free(w->session);
	w->appends = NULL;
	w->session = NULL;
	return st;
}

/* ---- boxes of its own ---- */

/* One upload on its way: boxes of one space. */
struct upload {
	size_t n;
	struct box_row *rows;
	struct sealed_box *sealed;
};

static status
send_upload(struct logwork *w, struct upload *u)
{
	status st = u->n == 0
			? ST_OK
			: session_boxes(w->session, u->rows[0].space, u->rows, u->n);

	if (st == ST_OK && u->n > 0)
		w->n_uploads++;
	u->n = 0;
	return st;
}

/* The key that the row of a query shows. */
static status
seal_own(struct logwork *w, struct query *q, struct upload *u)
{
	struct laptop *l = w->l;
	struct keybox box = {.place = {.network = l->self.network}};
	struct box_row row = {.position = BOX_OF_ITS_OWN,
	    .space = (uint16_t)query_column_int(q, 0),
	    .scope = (uint16_t)query_column_int(q, 1),
	    .epoch = (uint16_t)query_column_int(q, 3)};
	struct sealed_box *sealed = &u->sealed[u->n];
	status st;

	box.place.space = *membership_space_name(w->m, row.space);
	query_column_copy(q, 2, box.place.scope.bytes, sizeof box.place.scope.bytes);
	box.place.epoch = row.epoch;
	query_column_copy(q, 4, box.seed.bytes, sizeof box.seed.bytes);
	query_column_copy(q, 5, box.tag_key.bytes, sizeof box.tag_key.bytes);
	st = keybox_seal(&box,
	    w->uploads_to != NULL ? w->uploads_to : &keyring_device(l->keys)->pk.box,
	    &l->rng, sealed, &l->trouble);
	explicit_bzero(&box, sizeof box);
	row.box = span_of(sealed->bytes, sizeof sealed->bytes);
	u->rows[u->n++] = row;
	return st;
}

status
logwork_upload_boxes(struct logwork *w)
{
	struct laptop *l = w->l;
	struct upload u = {.rows = arena_zeros(l->arena, BOXES_MAX, sizeof *u.rows),
	    .sealed = arena_zeros(l->arena, BOXES_MAX, sizeof *u.sealed)};
	struct query *q = query_of(l->queries,
	    "SELECT s.space, s.pos, s.name, d.epoch, d.seed, s.tag_key FROM r_scope s"
	    " JOIN r_seed d ON d.scope = s.id WHERE s.pos IS NOT NULL AND d.epoch ="
	    " (SELECT max(epoch) FROM r_seed WHERE scope = s.id) ORDER BY s.space, "
	    "s.pos");
	status st =
	    u.rows == NULL || u.sealed == NULL
		? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for key boxes")
		: ST_OK;
	status end;

	while (st == ST_OK && query_row(q)) {
		bool is_full = u.n == BOXES_MAX;

		if (is_full || (u.n > 0 && u.rows[0].space != query_column_int(q, 0)))
			st = send_upload(w, &u);
		if (st == ST_OK)
			st = seal_own(w, q, &u);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	if (st == ST_OK && end == ST_OK)
		st = send_upload(w, &u);
	return st != ST_OK ? st : end;
}
