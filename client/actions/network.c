/* network.c - founds a network, names its server, admits countries, invites members. */
#include "client/actions/network.h"

#include "client/actions/sync.h"
#include "client/sync/logwork.h"
#include "crypto/sign.h"

enum { INVITE_DAYS = 14 };

/* ---- the root key ---- */

struct root_key {
	struct sign_pk pk;
	struct sign_sk sk;
};

static struct root_key
root_of(const struct sign_seed *seed)
{
	struct root_key root;

	sign_seed_keypair(seed, &root.pk, &root.sk);
	return root;
}

/* ---- found ---- */

static status
store_founding(struct laptop *l, const struct log_record *genesis, struct span wire,
    const char *member)
{
	struct scope_name all = scope_of(SCOPE_ALL, NULL);
	struct membership *m;
	int64_t scope;
	status st;

	l->self.network = log_network_id(genesis);
	m = membership_new(&l->self.network);
	if (m == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a log");
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK) {
		st = laptop_set_meta_blob(l, "network",
		    span_of(l->self.network.bytes, sizeof l->self.network.bytes));
		if (st == ST_OK)
			st = laptop_set_meta_text(l, "founder", member);
		if (st == ST_OK)
			st = logs_take_own(l, m, 0, wire);
		if (st == ST_OK)
			st = logs_new_scope(l, 0, &all, &scope);
		if (st == ST_OK)
			st = db_commit(l->db, &l->trouble);
		else
			db_rollback(l->db);
	}
	membership_free(m);
	return st;
}

status
network_may_found(struct laptop *l, const char *member)
{
	if (laptop_meta_blob(l, "network").len != 0)
		return complain(
		    l->complaint, PN_V03, "this laptop belongs to a network already");
	if (!member_code_is_valid(span_text(member)))
		return complain(l->complaint, PN_V03,
		    "%s is no member code: 1 to 16 of A-Z 0-9 -", member);
	return ST_OK;
}

status
network_found(struct laptop *l, const char *member, const struct sign_seed *seed)
{
	struct root_key root = root_of(seed);
	const struct sign_sk *const keys[] = {&root.sk};
	struct log_record draft, genesis;
	struct span wire;
	status st = network_may_found(l, member);

	if (st == ST_OK) {
		draft_genesis(&root.pk, l->now_ms / 1000, &draft);
		st = log_record_build(
		    &draft, keys, l->arena, &wire, &genesis, &l->trouble);
	}
	explicit_bzero(&root.sk, sizeof root.sk);
	return st != ST_OK ? st : store_founding(l, &genesis, wire, member);
}

/* ---- server ---- */

struct server_wish {
	struct root_key root;
	const struct transport_pk *key;
	const char *address;
	const char *member;
	struct invite_keys invite;
	uint16_t incarnation;
};

static status
add_genesis(struct logwork *w)
{
	struct query *q = query_of(
	    w->l->queries, "SELECT record FROM r_log WHERE space = 0 AND seq = 0");
	struct span wire = {NULL, 0};
	status st;

	if (query_row(q))
		wire = arena_copy(w->l->arena, query_column_span(q, 0));
	st = query_done(q, &w->l->trouble);
	return st != ST_OK ? st : appends_add_built(w->appends, 0, wire, 0);
}

/* The root invites the office's own laptop, and it joins: so one rule holds for all. */
static status
add_office(struct logwork *w, struct server_wish *n)
{
	struct laptop *l = w->l;
	const struct sign_sk *const root[] = {&n->root.sk};
	const struct device_keys *device = keyring_device(l->keys);
	const struct sign_sk *const join[] = {&n->invite.sign_sk, &device->sign_sk};
	const struct draft_how how = {w->m, 0, NULL, w->server_time_s};
	struct draft_invite wish = {
	    .member = n->member, .role = ROLE_OFFICE, .days = 1, .keys = &n->invite};
	struct invite_secret secret;
	struct log_record draft;
	uint16_t invite;
	status st;

	rng_fill(&l->rng, secret.bytes, sizeof secret.bytes);
	derive_invite(&secret, &l->self.network, &n->invite);
	explicit_bzero(&secret, sizeof secret);
	st = draft_invite_scopes(
	    &how, ROLE_OFFICE, false, l->arena, &wish.scopes, &l->trouble);
	if (st == ST_OK)
		st = draft_invite(&how, &wish, &draft, &l->trouble);
	invite = draft.seq;
	if (st == ST_OK)
		st = appends_add(w->appends, &draft, root, 0, 0);
	if (st == ST_OK)
		st = draft_join(&how, &device->pk, invite, &draft, &l->trouble);
	n->incarnation = draft.seq;
	return st != ST_OK ? st : appends_add(w->appends, &draft, join, 0, 0);
}

static status
build_server(struct logwork *w, void *ctx)
{
	struct server_wish *n = ctx;
	const struct sign_sk *const root[] = {&n->root.sk};
	const struct draft_how how = {w->m, 0, NULL, w->server_time_s};
	struct scope_name all = scope_of(SCOPE_ALL, NULL);
	struct scope_info scope;
	struct log_record draft;
	status st = add_genesis(w);

	if (st == ST_OK)
		st = draft_server(&how, n->key, n->address, &draft, &w->l->trouble);
	if (st == ST_OK)
		st = appends_add(w->appends, &draft, root, 0, 0);
	if (st == ST_OK)
		st = scope_find(w->l, 0, &all, &scope);
	if (st == ST_OK)
		st = draft_scope(&how, &all, &draft, &w->l->trouble);
	if (st == ST_OK)
		st = appends_add(w->appends, &draft, root, scope.id, 0);
	return st != ST_OK ? st : add_office(w, n);
}

static status
server_stored(struct logwork *w, void *ctx)
{
	struct server_wish *n = ctx;
	const struct self self = {.role = ROLE_OFFICE,
	    .author = {0, n->incarnation},
	    .home = space_of("NET"),
	    .network = w->l->self.network,
	    .server_key = *n->key};
	status st = laptop_become(w->l, &self, n->member, n->address);

	if (st == ST_OK)
		st = logs_settle(w->l, w->m);
	return st != ST_OK ? st : logwork_upload_boxes(w);
}

status
network_may_name_server(struct laptop *l, const char *address)
{
	if (!l->self.has_joined && laptop_meta_text(l, "founder") == NULL)
		return complain(l->complaint, PN_V03, "no network was founded here");
	if (!server_address_is_valid(span_text(address)))
		return complain(l->complaint, PN_V03, "the address has to be HOST:PORT");
	return ST_OK;
}

/* ---- another server ---- */

static status
build_another(struct logwork *w, void *ctx)
{
	struct server_wish *n = ctx;
	const struct sign_sk *const root[] = {&n->root.sk};
	const struct draft_how how = {w->m, 0, NULL, w->server_time_s};
	struct log_record draft;
	status st = draft_server(&how, n->key, n->address, &draft, &w->l->trouble);

	return st != ST_OK ? st : appends_add(w->appends, &draft, root, 0, 0);
}

static status
another_stored(struct logwork *w, void *ctx)
{
	struct server_wish *n = ctx;
	struct span key = span_of(n->key->bytes, sizeof n->key->bytes);
	status st = laptop_set_meta_blob(w->l, "server_key", key);

	if (st == ST_OK)
		st = laptop_set_meta_text(w->l, "server", n->address);
	return st != ST_OK ? st : logs_settle(w->l, w->m);
}

/* It has the logs already, given back by a sync after `pnet server KEY`. */
static status
name_another(struct laptop *l, struct server_wish *n)
{
	struct logwork w = {.l = l,
	    .server = *n->key,
	    .address = n->address,
	    .incarnation = l->self.author.device,
	    .fetches = true,
	    .build = build_another,
	    .stored = another_stored,
	    .ctx = n};
	status st;

	w.m = logs_load(l);
	st = w.m == NULL ? l->trouble.code : logwork_run(&w);
	membership_free(w.m);
	return st;
}

status
network_server(struct laptop *l, const char *address, const struct transport_pk *key,
    const struct sign_seed *root)
{
	struct server_wish n = {.root = root_of(root), .key = key, .address = address};
	struct logwork w = {.l = l,
	    .server = *key,
	    .address = address,
	    .build = build_server,
	    .stored = server_stored,
	    .ctx = &n};
	status st = network_may_name_server(l, address);

	if (st == ST_OK && l->self.has_joined) {
		st = name_another(l, &n);
	} else if (st == ST_OK) {
		n.member = laptop_meta_text(l, "founder");
		w.m = logs_load(l);
		st = w.m == NULL ? l->trouble.code : logwork_run(&w);
		membership_free(w.m);
	}
	explicit_bzero(&n, sizeof n);
	return st;
}

status
network_pin(struct laptop *l, const struct transport_pk *key)
{
	struct span bytes = span_of(key->bytes, sizeof key->bytes);
	status st = db_begin(l->db, &l->trouble);

	if (st == ST_OK)
		st = laptop_set_meta_blob(l, "server_key", bytes);
	if (st == ST_OK)
		st = logs_pin_server(l, key);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* ---- country ---- */

struct admitting {
	struct root_key root;
	struct space_name country;
};

static status
build_country(struct logwork *w, void *ctx)
{
	struct admitting *x = ctx;
	const struct sign_sk *const root[] = {&x->root.sk};
	const struct draft_how how = {w->m, 0, NULL, w->server_time_s};
	struct log_record draft;
	status st = draft_space(&how, &x->country, &draft, &w->l->trouble);

	return st != ST_OK ? st : appends_add(w->appends, &draft, root, 0, 0);
}

static status
run_once(struct laptop *l, struct logwork *w)
{
	status st;

	w->l = l;
	w->tries = 0;
	w->lacks_key = false;
	w->is_done = false;
	w->n_fetching = 0;
	w->has_countries = false;
	w->server = l->self.server_key;
	w->address = l->self.server;
	w->incarnation = l->self.author.device;
	w->fetches = true;
	w->m = logs_load(l);
	if (w->m == NULL)
		return l->trouble.code;
	(void)membership_server(w->m, &w->server, NULL);
	st = logwork_run(w);
	membership_free(w->m);
	w->m = NULL;
	return st;
}

static status
complain_key(struct laptop *l)
{
	(void)complain(l->complaint, PN_K06,
	    "somebody replaced a key that has to be handed on, and the server has no key "
	    "box of the new one for this laptop");
	complain_data(l->complaint, "nothing was changed by this call");
	complain_next(l->complaint, "pnet sync    once a day: who replaced it hands it "
				    "over again every third day");
	complain_next(l->complaint,
	    "pnet invite %s --role %s    by somebody who has it, if it does not come: a "
	    "new laptop of yours gets all keys",
	    l->self.member, l->self.role == ROLE_OFFICE ? "office" : "coordinator");
	return trouble_set(&l->trouble, ST_RETRY, "a key has not come");
}

status
network_run(struct laptop *l, struct logwork *w)
{
	struct sync_report report;
	status st = run_once(l, w);

	if (st == ST_OK || !w->lacks_key)
		return st;
	st = sync_run(l, 0, &report);
	if (st != ST_OK)
		return st;
	st = run_once(l, w);
	return st != ST_OK && w->lacks_key ? complain_key(l) : st;
}

static bool
is_country_code(const char *code)
{
	size_t len = strlen(code);

	if (len < 2 || len > 3 || strcmp(code, "NET") == 0)
		return false;
	return strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

status
network_country(struct laptop *l, const char *code, const struct sign_seed *root)
{
	struct admitting x = {.root = root_of(root), .country = space_of(code)};
	struct logwork w = {.build = build_country, .ctx = &x};
	uint16_t space;
	status st = ST_OK;

	if (!is_country_code(code))
		st =
		    complain(l->complaint, PN_V03, "%s is no country code like SK", code);
	if (st == ST_OK && space_find(l, code, &space) == ST_OK) {
		st = complain(
		    l->complaint, PN_V03, "the country %s is admitted already", code);
		complain_next(l->complaint, "pnet network show");
	}
	if (st == ST_OK)
		st = network_run(l, &w);
	explicit_bzero(&x, sizeof x);
	return st;
}

/* ---- invite ---- */

struct inviting {
	const struct invite_wish *wish;
	struct invite_keys keys;
};

/* A rule of the log, as whoever invites can act on it. */
static status
complain_invite(struct logwork *w, const struct invite_wish *wish)
{
	struct laptop *l = w->l;
	enum refusal why = appends_refused_here(w->appends);
	const char *country = membership_space_name(w->m, w->space)->text;
	status st;

	if (why == REFUSAL_NONE)
		return l->trouble.code;
	if (why == REFUSAL_INVITES_MANY) {
		st = complain(l->complaint, PN_P01,
		    "%d of your invites are open, more there cannot be at a time",
		    MEMBERSHIP_LIVE_INVITES_MAX);
		complain_next(l->complaint,
		    "pnet invite %s    when one was used or has expired", wish->member);
	} else if (why == REFUSAL_AUTHOR && w->space == 0) {
		st = complain(l->complaint, PN_P01,
		    "members of the office are invited by the office");
		complain_next(l->complaint, "pnet member list    to see who that is");
	} else if (why == REFUSAL_READER) {
		st = complain(l->complaint, PN_P01,
		    "members of %.4s are invited by its coordinators; the office names "
		    "the first one only",
		    country);
		complain_next(l->complaint, "pnet member list    to see who that is");
	} else if (why == REFUSAL_ROLE && l->self.role == ROLE_TRAINER) {
		st = complain(l->complaint, PN_P01,
		    "a trainer invites himself alone, for another laptop of his; "
		    "others are invited by a coordinator");
		complain_next(
		    l->complaint, "pnet invite %s --role trainer", l->self.member);
	} else {
		st = complain(l->complaint, PN_P01, "the invite of %s is refused: %s",
		    wish->member, refusal_text(why));
		complain_next(l->complaint, "pnet help invite");
	}
	return trouble_set(&l->trouble, st, "%s", refusal_text(why));
}

static status
build_invite(struct logwork *w, void *ctx)
{
	struct inviting *x = ctx;
	struct laptop *l = w->l;
	const struct sign_sk *const keys[] = {&keyring_device(l->keys)->sign_sk};
	const struct draft_how how = {w->m, w->space, &l->self.author, w->server_time_s};
	struct draft_invite wish = {.member = x->wish->member,
	    .role = x->wish->role,
	    .days = x->wish->days == 0 ? INVITE_DAYS : x->wish->days,
	    .keys = &x->keys};
	struct log_record draft;
	status st = draft_invite_scopes(
	    &how, x->wish->role, false, l->arena, &wish.scopes, &l->trouble);

	if (st == ST_OK)
		st = draft_invite(&how, &wish, &draft, &l->trouble);
	if (st != ST_OK)
		return st;
	st = appends_add(w->appends, &draft, keys, 0, 0);
	return st == ST_OK ? ST_OK : complain_invite(w, x->wish);
}

static status
check_wish(struct laptop *l, const struct invite_wish *wish, uint16_t *space)
{
	status st = ST_OK;

	if (!member_code_is_valid(span_text(wish->member)))
		return complain(l->complaint, PN_V03,
		    "%s is no member code: 1 to 16 of A-Z 0-9 -", wish->member);
	*space = wish->role == ROLE_OFFICE ? 0 : l->self.author.home;
	if (wish->country != NULL && space_find(l, wish->country, space) != ST_OK) {
		st = complain(l->complaint, PN_F01,
		    "the country %s is not admitted, or this laptop has not heard of it",
		    wish->country);
		complain_next(l->complaint, "pnet network show    lists the countries");
		complain_next(l->complaint, "pnet network country %s", wish->country);
		return st;
	}
	if (*space == 0 && wish->role != ROLE_OFFICE) {
		st = complain(l->complaint, PN_V03, "which country? give --country CC");
		complain_next(l->complaint, "pnet invite %s --role %s --country %s",
		    wish->member, wish->role == ROLE_TRAINER ? "trainer" : "coordinator",
		    "SK");
	}
	return st;
}

status
network_invite(struct laptop *l, const struct invite_wish *wish,
    char code[static INVITE_TEXT_MAX + 1])
{
	struct inviting x = {.wish = wish};
	struct logwork w = {
	    .build = build_invite, .ctx = &x, .fetches_all = wish->role == ROLE_OFFICE};
	struct invite invite = {.network = l->self.network, .server = l->self.server_key};
	status st = check_wish(l, wish, &w.space);

	if (st != ST_OK)
		return st;
	rng_fill(&l->rng, invite.secret.bytes, sizeof invite.secret.bytes);
	(void)snprintf(
	    invite.address.text, sizeof invite.address.text, "%s", l->self.server);
	derive_invite(&invite.secret, &l->self.network, &x.keys);
	st = network_run(l, &w);
	if (st == ST_OK)
		(void)invite_write(&invite, code);
	explicit_bzero(&invite, sizeof invite);
	explicit_bzero(&x.keys, sizeof x.keys);
	return st;
}
