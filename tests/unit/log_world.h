/* log_world.h - a small network for tests of the membership log: a root, an office
 * device, the countries DE and SK, and as many devices as a test wants. All keys and
 * seeds come from numbers, so every run makes the same bytes. Included by one test each.
 */
#ifndef UNIT_LOG_WORLD_H
#define UNIT_LOG_WORLD_H

#include "base/rng.h"
#include "core/membership.h"
#include "crypto/keybox_open.h"
#include "crypto/sign.h"
#include "proto/log_build.h"

#define ALL (1u << SCOPE_ALL)
#define OFFICE (1u << SCOPE_OFFICE)
#define COUNTRY (1u << SCOPE_COUNTRY)
#define COORD (1u << SCOPE_COORD)

enum { WORLD_START_S = 1790000000, WORLD_DAY_S = 86400, WORLD_RECORDS_MAX = 8192 };

/* A laptop: its keys, and where the log has it. */
struct laptop {
	struct device_keys keys;
	struct author as;
};

struct world {
	struct membership *m;
	struct arena *a;
	struct rng_seeded seed;
	struct rng rng;
	struct checks checks;
	uint64_t now_s;
	struct sign_pk root_pk;
	struct sign_sk root;
	uint8_t next_seed;
	uint16_t de, sk, all; /* positions */
	struct laptop office, coordinator, trainer;
	uint16_t sk_office, sk_country, sk_coord, sk_activity;
	struct built_record last; /* what was built last */
	/* Every record that w->m took, in order, and the position of its space. */
	size_t n_taken;
	struct span taken[WORLD_RECORDS_MAX];
	uint16_t taken_space[WORLD_RECORDS_MAX];
};

/* Keys of a scope's epoch as everybody in the tests knows them. */
static inline bool
world_seed(void *ctx, uint16_t space, uint16_t scope, uint16_t epoch,
    struct epoch_seed *seed, struct tag_key *tag_key)
{
	(void)ctx;
	memset(seed, (int)epoch, sizeof *seed);
	put_u16(seed->bytes, space);
	put_u16(seed->bytes + 2, scope);
	memset(tag_key, 0x77, sizeof *tag_key);
	put_u16(tag_key->bytes, space);
	put_u16(tag_key->bytes + 2, scope);
	return true;
}

static inline void
world_laptop(struct world *w, struct laptop *out)
{
	struct device_seed seed;

	memset(&seed, ++w->next_seed, sizeof seed);
	memset(out, 0, sizeof *out);
	derive_device(&seed, &out->keys);
}

static inline struct draft_how
world_draft(const struct world *w, uint16_t space, const struct author *author)
{
	return (struct draft_how){
	    .membership = w->m, .space = space, .author = author, .time_s = w->now_s};
}

static inline void
world_note(struct world *w, const struct log_record *r, struct span wire)
{
	uint16_t space = 0;

	assert_true(w->n_taken < WORLD_RECORDS_MAX);
	(void)membership_space_find(w->m, &r->space, &space);
	w->taken[w->n_taken] = arena_copy(w->a, wire);
	w->taken_space[w->n_taken++] = space;
}

/* Applies bytes with their lists. */
static inline enum refusal
world_take(struct world *w, struct membership *m, const struct built_record *b,
    enum apply_mode mode)
{
	struct box_list *lists = arena_zeros(w->a, b->n_lists + 1, sizeof *lists);
	struct apply_how how = {.mode = mode,
	    .checks = mode == APPLY_STORED ? NULL : &w->checks,
	    .now_s = w->now_s,
	    .n_lists = b->n_lists,
	    .lists = lists};
	struct log_record r;
	enum refusal why = REFUSAL_COUNT;
	struct trouble t = {0};
	status st;

	for (size_t i = 0; i < b->n_lists; i++)
		assert_int_equal(box_list_read(b->lists[i], w->a, &lists[i], &t), ST_OK);
	assert_int_equal(log_record_read(b->wire, w->a, &r, &t), ST_OK);
	st = membership_apply(m, &r, &how, &why, &t);
	assert_int_equal(st == ST_OK, why == REFUSAL_NONE);
	if (st == ST_OK && m == w->m)
		world_note(w, &r, b->wire);
	return why;
}

/* Builds with these keys and appends as the server would. */
static inline enum refusal
world_put(struct world *w, const struct log_record *draft, const struct sign_sk *first,
    const struct sign_sk *second)
{
	struct seed_source seeds = {.find = world_seed};
	struct build_how how = {
	    .membership = w->m, .seeds = &seeds, .rng = &w->rng, .arena = w->a};
	const struct sign_sk *keys[2] = {first, second};
	struct trouble t = {0};

	if (build_record(&how, draft, keys, &w->last, &t) != ST_OK) {
		memset(&w->last, 0, sizeof w->last);
		return REFUSAL_FORM;
	}
	return world_take(w, w->m, &w->last, APPLY_APPEND);
}

#define WORLD_DO(call) assert_int_equal((call), ST_OK)

/* An invite by the root key (by NULL) or a device. */
static inline enum refusal
world_invite(struct world *w, uint16_t space, const struct laptop *by, const char *member,
    enum member_role role, struct scope_set scopes, bool needs_confirm,
    struct invite_keys *keys)
{
	struct draft_how how = world_draft(w, space, by == NULL ? NULL : &by->as);
	struct invite_secret secret;
	struct draft_invite in = {.member = member,
	    .role = role,
	    .scopes = scopes,
	    .days = 14,
	    .needs_confirm = needs_confirm,
	    .keys = keys};
	struct log_record r;

	memset(&secret, ++w->next_seed, sizeof secret);
	derive_invite(&secret, membership_network(w->m), keys);
	WORLD_DO(draft_invite(&how, &in, &r, NULL));
	return world_put(w, &r, by == NULL ? &w->root : &by->keys.sign_sk, NULL);
}

static inline enum refusal
world_join(struct world *w, uint16_t space, uint16_t invite,
    const struct invite_keys *keys, struct laptop *out)
{
	struct draft_how how = world_draft(w, space, NULL);
	struct log_record r;
	enum refusal why;

	WORLD_DO(draft_join(&how, &out->keys.pk, invite, &r, NULL));
	why = world_put(w, &r, &keys->sign_sk, &out->keys.sign_sk);
	if (why == REFUSAL_NONE)
		out->as = (struct author){space, r.seq};
	return why;
}

/* Invites and joins a fresh laptop; both must be taken. */
static inline void
world_member(struct world *w, uint16_t space, const struct laptop *by, const char *member,
    enum member_role role, struct scope_set scopes, bool needs_confirm,
    struct laptop *out)
{
	struct invite_keys keys;
	uint16_t at = (uint16_t)membership_log_len(w->m, space);

	world_laptop(w, out);
	assert_int_equal(
	    world_invite(w, space, by, member, role, scopes, needs_confirm, &keys),
	    REFUSAL_NONE);
	assert_int_equal(world_join(w, space, at, &keys, out), REFUSAL_NONE);
}

static inline enum refusal
world_scope(struct world *w, uint16_t space, const struct laptop *by,
    enum scope_kind kind, uint8_t activity, uint16_t *position)
{
	struct draft_how how = world_draft(w, space, by == NULL ? NULL : &by->as);
	struct record_id id;
	struct scope_name name;
	struct log_record r;

	memset(&id, activity, sizeof id);
	name = scope_of(kind, kind == SCOPE_ACTIVITY ? &id : NULL);
	WORLD_DO(draft_scope(&how, &name, &r, NULL));
	*position = r.seq;
	return world_put(w, &r, by == NULL ? &w->root : &by->keys.sign_sk, NULL);
}

static inline enum refusal
world_grant(struct world *w, uint16_t space, const struct laptop *by,
    const struct laptop *to, struct scope_set scopes, uint64_t end_s)
{
	struct draft_how how = world_draft(w, space, &by->as);
	struct log_record r;

	WORLD_DO(draft_grant(&how, to->as, &scopes, end_s, &r, NULL));
	return world_put(w, &r, &by->keys.sign_sk, NULL);
}

/* Lets a device of another country in; on success *as is where the host's log has it. */
static inline enum refusal
world_guest(struct world *w, uint16_t space, const struct laptop *by,
    const struct laptop *guest, struct scope_set scopes, uint64_t end_s,
    struct author *as)
{
	struct draft_how how = world_draft(w, space, &by->as);
	const struct member_device *d = membership_by_author(w->m, guest->as);
	struct log_record r;

	assert_non_null(d);
	WORLD_DO(draft_grant_guest(&how, d, &scopes, end_s, &r, NULL));
	*as = (struct author){space, r.seq};
	return world_put(w, &r, &by->keys.sign_sk, NULL);
}

static inline enum refusal
world_revoke(struct world *w, uint16_t space, const struct laptop *by,
    const struct draft_revoke *in)
{
	struct draft_how how = world_draft(w, space, by == NULL ? NULL : &by->as);
	struct log_record r;

	WORLD_DO(draft_revoke(&how, in, w->a, &r, NULL));
	return world_put(w, &r, by == NULL ? &w->root : &by->keys.sign_sk, NULL);
}

static inline enum refusal
world_revoke_device(
    struct world *w, uint16_t space, const struct laptop *by, const struct laptop *who)
{
	struct draft_revoke in = {.n_devices = 1, .devices = &who->as.device};

	return world_revoke(w, space, by, &in);
}

static inline enum refusal
world_rotate(struct world *w, uint16_t space, const struct laptop *by, uint16_t scope)
{
	struct draft_how how = world_draft(w, space, &by->as);
	struct log_record r;

	WORLD_DO(draft_rotate(&how, scope, &r, NULL));
	return world_put(w, &r, &by->keys.sign_sk, NULL);
}

static inline enum refusal
world_renew(struct world *w, struct laptop *who)
{
	struct draft_how how = world_draft(w, who->as.home, &who->as);
	const struct member_device *d = membership_by_author(w->m, who->as);
	struct log_record r;
	enum refusal why;

	assert_non_null(d);
	WORLD_DO(draft_renew(&how, &d->id, &r, NULL));
	why = world_put(w, &r, &who->keys.sign_sk, NULL);
	if (why == REFUSAL_NONE)
		who->as.device = r.seq;
	return why;
}

static inline uint16_t
world_country(struct world *w, const char *code)
{
	struct draft_how how = world_draft(w, 0, NULL);
	struct space_name name = space_of(code);
	struct log_record r;

	WORLD_DO(draft_space(&how, &name, &r, NULL));
	assert_int_equal(world_put(w, &r, &w->root, NULL), REFUSAL_NONE);
	return r.seq;
}

/* Founds the network: GENESIS, server, `all`, an office device, DE and SK. */
static inline void
world_found(struct world *w)
{
	struct sign_seed seed;
	struct transport_pk server;
	struct log_record r;
	struct draft_how how;
	struct built_record genesis;
	struct build_how build = {.rng = &w->rng};
	const struct sign_sk *keys[1] = {&w->root};
	struct network_id network;

	memset(w, 0, sizeof *w);
	w->a = arena_new(0);
	w->rng = rng_seeded(&w->seed, 1);
	w->checks = sign_checks();
	w->now_s = WORLD_START_S;
	memset(&seed, 0xee, sizeof seed);
	memset(&server, 0x55, sizeof server);
	sign_seed_keypair(&seed, &w->root_pk, &w->root);
	draft_genesis(&w->root_pk, w->now_s, &r);
	build.arena = w->a;
	WORLD_DO(build_record(&build, &r, keys, &genesis, NULL));
	network = log_network_id(&genesis.record);
	w->m = membership_new(&network);
	assert_int_equal(world_take(w, w->m, &genesis, APPLY_APPEND), REFUSAL_NONE);
	how = world_draft(w, 0, NULL);
	WORLD_DO(draft_server(&how, &server, "sync.example.org:7443", &r, NULL));
	assert_int_equal(world_put(w, &r, &w->root, NULL), REFUSAL_NONE);
	assert_int_equal(world_scope(w, 0, NULL, SCOPE_ALL, 0, &w->all), REFUSAL_NONE);
	world_member(w, 0, NULL, "OF-1", ROLE_OFFICE, (struct scope_set){.kinds = ALL},
	    false, &w->office);
	w->de = world_country(w, "DE");
	w->sk = world_country(w, "SK");
}

/* Founds, and gives SK a coordinator, its four scopes and a trainer without a team. */
static inline void
world_open(struct world *w)
{
	world_found(w);
	world_member(w, w->sk, NULL, "SK-N1", ROLE_COORDINATOR,
	    (struct scope_set){.kinds = ALL}, false, &w->coordinator);
	assert_int_equal(
	    world_scope(w, w->sk, &w->coordinator, SCOPE_OFFICE, 0, &w->sk_office),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_scope(w, w->sk, &w->coordinator, SCOPE_COUNTRY, 0, &w->sk_country),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_scope(w, w->sk, &w->coordinator, SCOPE_COORD, 0, &w->sk_coord),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_scope(w, w->sk, &w->coordinator, SCOPE_ACTIVITY, 9, &w->sk_activity),
	    REFUSAL_NONE);
	world_member(w, w->sk, &w->coordinator, "SK-T2", ROLE_TRAINER,
	    (struct scope_set){.kinds = ALL | OFFICE | COUNTRY}, false, &w->trainer);
}

/* Gives DE a coordinator and a trainer, who may be a guest elsewhere. */
static inline void
world_open_de(struct world *w, struct laptop *coordinator, struct laptop *trainer)
{
	world_member(w, w->de, NULL, "DE-N1", ROLE_COORDINATOR,
	    (struct scope_set){.kinds = ALL}, false, coordinator);
	world_member(w, w->de, coordinator, "DE-T3", ROLE_TRAINER,
	    (struct scope_set){.kinds = ALL}, false, trainer);
}

static inline bool
world_may(const struct world *w, struct author a, uint16_t space, uint16_t scope)
{
	bool may = membership_may_write(w->m, a, space, scope, w->now_s);

	assert_int_equal(may, membership_may_read(w->m, a, space, scope, w->now_s));
	return may;
}

static inline void
world_close(struct world *w)
{
	membership_free(w->m);
	arena_free(w->a);
}

#endif
