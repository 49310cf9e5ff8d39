/* revoked.c - finds the REVOKE that names this laptop. */
#include "client/sync/revoked.h"

#include <stdio.h>

#include "client/sync/logwork.h"
#include "client/terminal/screen.h"
#include "proto/log_codec.h"

/* The record at that position of the log, as it is stored. */
static bool
read_record(struct laptop *l, uint16_t space, uint16_t position, struct log_record *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT record FROM r_log WHERE space = ? AND seq = ?");
	struct span wire = {NULL, 0};

	query_int(q, space);
	query_int(q, position);
	if (query_row(q))
		wire = arena_copy(l->arena, query_column_span(q, 0));
	return query_done(q, NULL) == ST_OK && wire.len > 0 &&
	       log_record_read(wire, l->arena, out, NULL) == ST_OK;
}

static bool
find(struct laptop *l, const struct membership *m, struct revoked *out)
{
	const struct member_device *self =
	    membership_device_in(m, l->self.author.home, &l->self.device);
	const struct member_device *by;
	struct log_record r;

	if (self == NULL || !self->is_revoked ||
	    !read_record(l, self->home, self->revoked_at, &r))
		return false;
	by = r.has_author ? membership_by_author(m, r.author) : NULL;
	(void)snprintf(
	    out->by, sizeof out->by, "%s", by == NULL ? "the office" : by->member.text);
	out->time_s = r.time_s;
	return true;
}

static bool
is_revoked(struct laptop *l)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_device WHERE home = ? AND device = ? AND is_active = 0");
	bool found;

	query_int(q, l->self.author.home);
	query_blob(q, l->self.device.bytes, sizeof l->self.device.bytes);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

bool
revoked_known(struct laptop *l, struct revoked *out)
{
	struct membership *m = is_revoked(l) ? logs_load(l) : NULL;
	bool found = m != NULL && find(l, m, out);

	membership_free(m);
	return found;
}

/* ---- asking ---- */

static status
add_nothing(struct logwork *w, void *ctx)
{
	(void)w;
	(void)ctx;
	return ST_OK;
}

/* With a key that nobody knows: the server turns the laptop's own away. */
static status
fetch_logs(struct laptop *l)
{
	struct transport_sk stranger;
	struct logwork w = {.l = l,
	    .server = l->self.server_key,
	    .address = l->self.server,
	    .secret = &stranger,
	    .fetches = true,
	    .space = l->self.author.home,
	    .build = add_nothing};
	status st;

	rng_fill(&l->rng, stranger.bytes, sizeof stranger.bytes);
	w.m = logs_load(l);
	if (w.m == NULL)
		return l->trouble.code;
	(void)membership_server(w.m, &w.server, NULL);
	st = logwork_run(&w);
	membership_free(w.m);
	explicit_bzero(&stranger, sizeof stranger);
	return st;
}

void
revoked_explain(struct laptop *l)
{
	struct complaint first = *l->complaint;
	struct trouble trouble = l->trouble;
	struct revoked r = {.time_s = 0};
	char when[SCREEN_TIME_BYTES];

	memset(l->complaint, 0, sizeof *l->complaint);
	if (!revoked_known(l, &r) && fetch_logs(l) == ST_OK)
		(void)revoked_known(l, &r);
	*l->complaint = first;
	l->trouble = trouble;
	if (r.time_s == 0)
		return;
	screen_local_time(r.time_s, when);
	complain_why(
	    l->complaint, "%s took this laptop out of the network on %s", r.by, when);
}
