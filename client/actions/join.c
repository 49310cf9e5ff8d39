/* join.c - becomes a member with a code (SECURITY 5): logs and boxes are fetched and
 * checked, JOIN is appended, boxes are sealed to the new device; one transaction around
 * all of it, so a join that fails leaves nothing. */
#include "client/actions/network.h"

#include "client/sync/logwork.h"
#include "net/os_clock.h"

struct joining {
	struct invite invite;
	struct invite_keys keys;
	const struct member_invite *found; /* in w->m */
	struct joined *out;
	size_t n_seeds;
	struct laptop *l;
	struct membership *m;
	struct session *session;
	uint64_t server_time_s;
	struct appends *appends;
	unsigned tries;
	/* An office reads a scope of every country: boxes of logs that are not here yet.
	 */
	bool lacks_logs, has_asked;
	size_t n_fetching;
	bool is_joined;
	size_t n_uploads; /* of key boxes, not answered yet */
};

static status
complain_invite(struct laptop *l, const char *why)
{
	status st = complain(l->complaint, PN_I02, "%s", why);

	complain_data(l->complaint, "nothing was kept of this join");
	complain_next(
	    l->complaint, "pnet join CODE    with a new code of your coordinator");
	return trouble_set(&l->trouble, st, "%s", why);
}

/* Is the invite of the code one that can be used, by the logs as they are now? */
static status
check_found(struct joining *x)
{
	const struct member_invite *i = membership_invite_by_key(x->m, &x->keys.sign_pk);

	if (i == NULL)
		return complain_invite(x->l, "the server does not know this invite");
	if (i->is_used)
		return complain_invite(x->l, "it was used already: each code works once");
	if (i->is_revoked)
		return complain_invite(x->l, "it was revoked");
	if (i->expiry_s <= x->server_time_s)
		return complain_invite(x->l, "it has expired");
	if (!membership_invite_is_live(x->m, i, x->server_time_s))
		return complain_invite(x->l, "the country has its coordinator already");
	x->found = i;
	return ST_OK;
}

static status
send_join(struct joining *x, uint64_t mono_ms)
{
	struct laptop *l = x->l;
	const struct device_keys *device = keyring_device(l->keys);
	const struct sign_sk *const keys[] = {&x->keys.sign_sk, &device->sign_sk};
	struct draft_how how = {x->m, 0, NULL, x->server_time_s};
	struct log_record draft;
	status st = check_found(x);

	if (st != ST_OK)
		return st;
	if (x->n_seeds == 0)
		return complain_invite(l, "its key box is not at the server");
	how.space = x->found->space;
	appends_free(x->appends);
	x->appends = NULL;
	st = appends_new(l, x->m, x->session, &x->appends);
	if (st == ST_OK)
		st = draft_join(
		    &how, &device->pk, x->found->position, &draft, &l->trouble);
	l->self.author = (struct author){x->found->space, draft.seq};
	if (st == ST_OK)
		st = appends_add(x->appends, &draft, keys, 0, 0);
	return st != ST_OK ? st : session_flush(x->session, mono_ms);
}

static void
describe(struct joining *x)
{
	const struct member_device *by;
	struct joined *out = x->out;

	(void)snprintf(out->member, sizeof out->member, "%s", x->found->member.text);
	(void)snprintf(out->country, sizeof out->country, "%.4s",
	    membership_space_name(x->m, x->found->space)->text);
	out->role = x->found->role;
	by = x->found->has_author ? membership_by_author(x->m, x->found->author) : NULL;
	(void)snprintf(out->inviter, sizeof out->inviter, "%s",
	    by == NULL ? "the founder" : by->member.text);
}

static status
store_join(struct joining *x)
{
	struct membership *m = logs_load(x->l);
	status st = m == NULL ? x->l->trouble.code : appends_store(x->appends, m, NULL);

	membership_free(m);
	return st;
}

static status
take_joined(struct joining *x, uint64_t mono_ms)
{
	struct laptop *l = x->l;
	struct logwork w = {.l = l, .m = x->m, .session = x->session};
	struct self self = {.author = l->self.author,
	    .network = x->invite.network,
	    .server_key = x->invite.server};
	status st;

	if (appends_refused(x->appends) != REFUSAL_NONE)
		return complain_invite(l, refusal_text(appends_refused(x->appends)));
	if (!appends_all_taken(x->appends)) {
		struct membership *m = logs_load(l);

		if (m == NULL)
			return l->trouble.code;
		membership_free(x->m);
		x->m = m;
		if (x->tries++ == 5)
			return trouble_set(&l->trouble, ST_BUSY,
			    "others append to the membership log all the time");
		return send_join(x, mono_ms);
	}
	describe(x);
	self.role = x->out->role;
	self.home = space_of(x->out->country);
	x->is_joined = true;
	st = store_join(x);
	if (st == ST_OK)
		st = laptop_become(l, &self, x->out->member, x->invite.address.text);
	if (st == ST_OK)
		st = logs_settle(l, x->m);
	if (st == ST_OK)
		st = logwork_upload_boxes(&w);
	x->n_uploads = w.n_uploads;
	return st != ST_OK ? st : session_flush(x->session, mono_ms);
}

static bool
lacks_a_log(const struct membership *m, const struct key_rows *rows)
{
	for (size_t i = 0; i < rows->n_boxes; i++) {
		if (membership_log_len(m, rows->boxes[i].space) == 0)
			return true;
	}
	return false;
}

/* The answer to INVITED came: fetches the logs that its boxes speak of, then asks once
 * more; joins when all boxes could be opened. */
static status
go_on(struct joining *x, uint64_t mono_ms)
{
	status st = ST_OK;

	if (x->n_fetching > 0 && --x->n_fetching > 0)
		return ST_OK;
	if (x->has_asked && x->lacks_logs) {
		x->lacks_logs = false;
		st = session_invited(x->session, &x->keys.sign_pk);
		return st != ST_OK ? st : session_flush(x->session, mono_ms);
	}
	if (!x->lacks_logs)
		return send_join(x, mono_ms);
	x->has_asked = true;
	for (size_t i = 0; st == ST_OK && i < membership_n_spaces(x->m); i++) {
		uint16_t space = membership_space_at(x->m, i);

		if (membership_log_len(x->m, space) > 0)
			continue;
		x->n_fetching++;
		st = session_log(x->session, space, 0);
	}
	return st != ST_OK ? st : session_flush(x->session, mono_ms);
}

static status
take_event(void *ctx, const struct client_event *e, uint64_t mono_ms)
{
	struct joining *x = ctx;
	struct laptop *l = x->l;
	const struct box_pair pair = {x->keys.box_pk, &x->keys.box_sk};
	status st;

	switch (e->kind) {
	case CLIENT_READY:
		x->server_time_s = e->server_time_s;
		st = session_invited(x->session, &x->keys.sign_pk);
		return st != ST_OK ? st : session_flush(x->session, mono_ms);
	case CLIENT_LOGS:
		return logs_take(l, x->m, e->space, e->logs.from, e->logs.records,
		    e->logs.n_records, NULL);
	case CLIENT_KEYBOXES:
		if (!x->has_asked && lacks_a_log(x->m, &e->keyboxes))
			x->lacks_logs = true;
		return logs_take_keys(
		    l, x->m, e->space, &pair, &e->keyboxes, &x->n_seeds);
	case CLIENT_PULL_DONE:
		return go_on(x, mono_ms);
	case CLIENT_APPENDED:
		if (x->is_joined) { /* the boxes lie there: all is said */
			if (--x->n_uploads == 0)
				session_bye(x->session, mono_ms);
			return ST_OK;
		}
		appends_answer(x->appends, e->appended.result, e->appended.detail);
		return appends_open(x->appends) == 0 ? take_joined(x, mono_ms) : ST_OK;
	case CLIENT_NOTHING:
	case CLIENT_VERDICT:
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
join_work(void *ctx, uint64_t mono_ms)
{
	struct joining *x = ctx;

	return link_events(x->session, mono_ms, take_event, x);
}

static status
complain_code(struct complaint *c, const struct invite_fault *f)
{
	status st;

	switch (f->kind) {
	case INVITE_FAULT_ADDRESS:
		st = complain(
		    c, PN_I01, "in front of the code HOST:PORT/ is missing or mistyped");
		break;
	case INVITE_FAULT_SHORT:
		st = complain(
		    c, PN_I01, "it has %zu of %d characters", f->symbols, INVITE_SYMBOLS);
		break;
	case INVITE_FAULT_LONG:
		st =
		    complain(c, PN_I01, "it has more than %d characters", INVITE_SYMBOLS);
		break;
	case INVITE_FAULT_SYMBOL:
		st = complain(c, PN_I01,
		    "group %zu has a character that no code has, at place %zu", f->group,
		    f->at + 1);
		break;
	case INVITE_FAULT_TYPO:
		st = complain(c, PN_I01,
		    "the checksum fails; most likely the character at place %zu (group "
		    "%zu)",
		    f->at + 1, f->group);
		break;
	case INVITE_FAULT_SWAP:
		st = complain(c, PN_I01,
		    "two neighbours changed places at place %zu (group %zu)", f->at + 1,
		    f->group);
		break;
	case INVITE_FAULT_VERSION:
		st = complain(c, PN_I01, "it is of a newer version of pnet");
		break;
	case INVITE_FAULT_NONE:
	case INVITE_FAULT_SOMEWHERE:
	default:
		st = complain(
		    c, PN_I01, "the checksum fails: more than one character is wrong");
		break;
	}
	complain_data(c, "nothing was sent; nothing was changed");
	complain_next(c, "pnet join CODE    with the code as it was given");
	return st;
}

status
network_read_code(struct complaint *c, const char *code, struct invite *out)
{
	struct invite_fault fault = {0};

	return invite_read(span_text(code), out, &fault, NULL) == ST_OK
		   ? ST_OK
		   : complain_code(c, &fault);
}

/* Inside one transaction from the first record to the last answer. */
static status
run_join(struct joining *x)
{
	struct laptop *l = x->l;
	static const struct space_state net = {.space = 0};
	const struct client_config config = {.network = x->invite.network,
	    .server = x->invite.server,
	    .secret = &keyring_device(l->keys)->transport_sk,
	    .n_spaces = 1,
	    .spaces = &net,
	    .rng = l->rng};
	struct clock_source clock = os_clock();
	struct link_config link = {
	    .address = x->invite.address.text, .work = join_work, .ctx = x};
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	l->self.network = x->invite.network;
	x->m = membership_new(&x->invite.network);
	x->session = session_client_new(&config, clock.mono_ms(clock.ctx));
	link.session = x->session;
	st = x->m == NULL || x->session == NULL
		 ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for joining")
		 : link_run(l, &link);
	/* The JOIN is at the server: what is known of it must stay, whatever came then.
	 */
	if (x->is_joined)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	if (st == ST_OK && !x->is_joined)
		st = trouble_set(
		    &l->trouble, ST_CUT, "the server ended before it answered");
	return st;
}

status
network_join(struct laptop *l, const char *code, struct joined *out)
{
	struct joining x = {.l = l, .out = out};
	status st = network_read_code(l->complaint, code, &x.invite);

	if (st != ST_OK)
		return st;
	if (l->self.has_joined)
		return complain(l->complaint, PN_I02,
		    "this laptop has joined already, as %s", l->self.member);
	derive_invite(&x.invite.secret, &x.invite.network, &x.keys);
	st = run_join(&x);
	appends_free(x.appends);
	session_free(x.session);
	membership_free(x.m);
	explicit_bzero(&x.invite, sizeof x.invite);
	explicit_bzero(&x.keys, sizeof x.keys);
	return st;
}
