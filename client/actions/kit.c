/* kit.c - makes a kit, and a laptop from it. Both are an INVITE and the JOIN that uses
 * it, signed in one go: no code lies around in between. */
#include "client/actions/kit.h"

#include "client/sync/logwork.h"
#include "net/os_clock.h"

/* ---- one device admits another ---- */

struct admitting {
	const struct sign_sk *by; /* whose author is: */
	struct author author;     /* of the kit; this laptop's own is l->self.author */
	const char *member;
	const struct device_keys *device; /* the new one */
	struct invite_keys invite;
	uint16_t incarnation;          /* of it, once it is built */
	const struct kit_place *place; /* NULL: this laptop goes on as it is */
	struct joined *out;
};

static status
build_admission(struct logwork *w, void *ctx)
{
	struct admitting *x = ctx;
	struct laptop *l = w->l;
	const struct sign_sk *const by[] = {x->by};
	const struct sign_sk *const join[] = {&x->invite.sign_sk, &x->device->sign_sk};
	const struct author *author = x->place == NULL ? &l->self.author : &x->author;
	const struct draft_how how = {w->m, w->space, author, w->server_time_s};
	const struct draft_how stranger = {w->m, w->space, NULL, w->server_time_s};
	struct draft_invite wish = {
	    .member = x->member, .role = ROLE_COORDINATOR, .days = 1, .keys = &x->invite};
	struct log_record draft;
	uint16_t invite;
	status st = draft_invite_scopes(
	    &how, ROLE_COORDINATOR, false, l->arena, &wish.scopes, &l->trouble);

	if (st == ST_OK)
		st = draft_invite(&how, &wish, &draft, &l->trouble);
	invite = draft.seq;
	if (st == ST_OK)
		st = appends_add(w->appends, &draft, by, 0, 0);
	if (st == ST_OK)
		st = draft_join(&stranger, &x->device->pk, invite, &draft, &l->trouble);
	x->incarnation = draft.seq;
	return st != ST_OK ? st : appends_add(w->appends, &draft, join, 0, 0);
}

static void
draw_invite(struct laptop *l, struct invite_keys *out)
{
	struct invite_secret secret;

	rng_fill(&l->rng, secret.bytes, sizeof secret.bytes);
	derive_invite(&secret, &l->self.network, out);
	explicit_bzero(&secret, sizeof secret);
}

static status
add_nothing(struct logwork *w, void *ctx)
{
	(void)w;
	(void)ctx;
	return ST_OK;
}

/* The new device seals what this laptop reads to itself: its own boxes, in place of the
 * invite's. */
static status
upload(struct laptop *l, const struct logwork *as, const struct device_keys *device,
    struct author author)
{
	struct logwork w = {.l = l,
	    .server = as->server,
	    .address = as->address,
	    .secret = &device->transport_sk,
	    .incarnation = author.device,
	    .uploads_to = &device->pk.box,
	    .build = add_nothing};
	status st;

	w.m = logs_load(l);
	st = w.m == NULL ? l->trouble.code : logwork_run(&w);
	membership_free(w.m);
	return st;
}

/* ---- making ---- */

static status
make(struct laptop *l, const struct device_keys *kit, const char *member)
{
	struct admitting x = {
	    .by = &keyring_device(l->keys)->sign_sk, .member = member, .device = kit};
	struct logwork w = {
	    .space = l->self.author.home, .build = build_admission, .ctx = &x};
	status st;

	draw_invite(l, &x.invite);
	st = network_run(l, &w);
	explicit_bzero(&x.invite, sizeof x.invite);
	if (st != ST_OK)
		return st;
	return upload(l, &w, kit, (struct author){w.space, x.incarnation});
}

status
kit_make(struct laptop *l, struct device_seed *out)
{
	struct device_keys kit;
	const char *member =
	    arena_text(l->arena, "%.4s" KIT_MEMBER_END, l->self.home.text);
	status st;

	if (l->self.role != ROLE_COORDINATOR) {
		st = complain(l->complaint, PN_P01,
		    "a recovery kit is made by a coordinator of the country");
		complain_next(l->complaint, "pnet member list    to see who that is");
		return trouble_set(&l->trouble, st, "no coordinator");
	}
	rng_fill(&l->rng, out->bytes, sizeof out->bytes);
	derive_device(out, &kit);
	st = make(l, &kit, member);
	explicit_bzero(&kit, sizeof kit);
	if (st != ST_OK)
		explicit_bzero(out, sizeof *out);
	return st;
}

/* ---- looking ---- */

enum kit_standing
kit_standing(struct laptop *l, const struct device_seed *seed)
{
	struct device_keys kit;
	struct device_id id;
	enum kit_standing found = KIT_UNKNOWN;
	struct query *q =
	    query_of(l->queries, "SELECT is_active FROM r_device WHERE device = ?");

	derive_device(seed, &kit);
	id = derive_device_id(&kit.pk);
	explicit_bzero(&kit, sizeof kit);
	query_blob(q, id.bytes, sizeof id.bytes);
	if (query_row(q))
		found = query_column_int(q, 0) != 0 ? KIT_IN_FORCE : KIT_REVOKED;
	(void)query_done(q, NULL);
	return found;
}

bool
kit_is_there(struct laptop *l)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_device WHERE home = ? AND is_active = 1 AND member LIKE"
	    " '%" KIT_MEMBER_END "'");
	bool found;

	query_int(q, l->self.author.home);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found;
}

/* ---- recovering ---- */

/* A pull by the kit, of logs and keys: the data come with the new laptop's first sync. */
struct fetching {
	struct laptop *l;
	struct membership *m;
	struct session *session;
	struct box_pair pair;
	size_t n_seeds;
};

static status
take_rows(struct fetching *x, const struct client_event *e)
{
	struct laptop *l = x->l;
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = e->kind == CLIENT_LOGS
		 ? logs_take(l, x->m, e->space, e->logs.from, e->logs.records,
		       e->logs.n_records, NULL)
		 : logs_take_keys(l, x->m, e->space, &x->pair, &e->keyboxes, &x->n_seeds);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

static status
take_event(void *ctx, const struct client_event *e, uint64_t mono_ms)
{
	struct fetching *x = ctx;
	status st;

	if (e->kind == CLIENT_LOGS || e->kind == CLIENT_KEYBOXES)
		return take_rows(x, e);
	if (e->kind != CLIENT_READY)
		return ST_OK;
	st = session_pull(x->session, true, NULL, 0);
	return st != ST_OK ? st : session_flush(x->session, mono_ms);
}

static status
fetch_work(void *ctx, uint64_t mono_ms)
{
	struct fetching *x = ctx;

	return link_events(x->session, mono_ms, take_event, x);
}

static status
fetch_keys(struct laptop *l, const struct kit_place *place, const struct device_keys *kit,
    uint16_t incarnation, size_t *n_seeds)
{
	static const struct space_state net = {.space = 0};
	const struct client_config config = {.network = place->network,
	    .server = place->server,
	    .secret = &kit->transport_sk,
	    .incarnation = incarnation,
	    .n_spaces = 1,
	    .spaces = &net,
	    .rng = l->rng};
	struct clock_source clock = os_clock();
	struct fetching x = {.l = l, .pair = {kit->pk.box, &kit->box_sk}};
	struct link_config link = {
	    .address = place->address, .work = fetch_work, .ctx = &x};
	status st = ST_NO_MEMORY;

	x.m = logs_load(l); /* as find_kit() left them */
	x.session = session_client_new(&config, clock.mono_ms(clock.ctx));
	link.session = x.session;
	if (x.m != NULL && x.session != NULL)
		st = link_run(l, &link);
	else
		(void)trouble_set(&l->trouble, st, "no memory for a session");
	session_free(x.session);
	membership_free(x.m);
	*n_seeds = x.n_seeds;
	return st;
}

static status
complain_kit(struct laptop *l, const char *why)
{
	status st = complain(l->complaint, PN_I02, "%s", why);

	complain_what(l->complaint, "this recovery kit opens nothing here");
	complain_data(l->complaint, "nothing was kept of this");
	complain_next(l->complaint, "pnet kit check    at a laptop of the country");
	return trouble_set(&l->trouble, st, "%s", why);
}

/* Which device it is, by the logs, which anybody may read. */
static status
find_kit(struct laptop *l, const struct kit_place *place, const struct device_keys *kit,
    struct author *out)
{
	struct transport_sk nobody;
	struct logwork w = {.l = l,
	    .server = place->server,
	    .address = place->address,
	    .secret = &nobody,
	    .fetches = true,
	    .fetches_all = true,
	    .build = add_nothing};
	const struct member_device *d;
	status st;

	rng_fill(&l->rng, nobody.bytes, sizeof nobody.bytes);
	w.m = membership_new(&place->network);
	if (w.m == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for logs");
	st = logwork_run(&w);
	d = st == ST_OK ? membership_by_transport(w.m, &kit->pk.transport) : NULL;
	if (st == ST_OK && d == NULL)
		st = complain_kit(l, "no country of this network has such a kit");
	else if (st == ST_OK && d->is_revoked)
		st = complain_kit(l, "it was revoked");
	if (st == ST_OK)
		*out = member_author(d);
	membership_free(w.m);
	return st;
}

static status
take_place(struct logwork *w, void *ctx)
{
	struct admitting *x = ctx;
	struct laptop *l = w->l;
	const struct self self = {.role = ROLE_COORDINATOR,
	    .author = {w->space, x->incarnation},
	    .home = *membership_space_name(w->m, w->space),
	    .network = x->place->network,
	    .server_key = x->place->server};
	status st = laptop_become(l, &self, x->member, x->place->address);

	(void)snprintf(x->out->member, sizeof x->out->member, "%s", x->member);
	(void)snprintf(x->out->country, sizeof x->out->country, "%.4s", self.home.text);
	(void)snprintf(x->out->inviter, sizeof x->out->inviter, "the recovery kit");
	x->out->role = ROLE_COORDINATOR;
	return st != ST_OK ? st : logs_settle(l, w->m);
}

static status
admit_this(struct laptop *l, const struct kit_place *place, const struct device_keys *kit,
    struct admitting *x)
{
	struct logwork w = {.l = l,
	    .server = place->server,
	    .address = place->address,
	    .secret = &kit->transport_sk,
	    .incarnation = x->author.device,
	    .fetches = true,
	    .space = x->author.home,
	    .build = build_admission,
	    .stored = take_place,
	    .ctx = x};
	status st;

	draw_invite(l, &x->invite);
	w.m = logs_load(l);
	if (w.m == NULL)
		return l->trouble.code;
	st = logwork_run(&w);
	membership_free(w.m);
	explicit_bzero(&x->invite, sizeof x->invite);
	return st != ST_OK ? st : upload(l, &w, x->device, l->self.author);
}

status
kit_recover(struct laptop *l, const struct kit_place *place,
    const struct device_seed *seed, const char *member, struct joined *out)
{
	struct device_keys kit;
	struct admitting x = {.by = &kit.sign_sk,
	    .member = member,
	    .device = keyring_device(l->keys),
	    .place = place,
	    .out = out};
	size_t n_seeds = 0;
	status st;

	if (l->self.has_joined)
		return complain(l->complaint, PN_I02,
		    "this laptop has joined already, as %s", l->self.member);
	if (!member_code_is_valid(span_text(member)))
		return complain(l->complaint, PN_V03,
		    "%s is no member code: 1 to 16 of A-Z 0-9 -", member);
	derive_device(seed, &kit);
	l->self.network = place->network;
	st = find_kit(l, place, &kit, &x.author);
	if (st == ST_OK)
		st = fetch_keys(l, place, &kit, x.author.device, &n_seeds);
	if (st == ST_OK && n_seeds == 0)
		st = complain_kit(l, "its key boxes are not at the server");
	if (st == ST_OK)
		st = admit_this(l, place, &kit, &x);
	explicit_bzero(&kit, sizeof kit);
	return st;
}
