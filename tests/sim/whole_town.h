/* whole_town.h - the real server and real laptops, driven by one seed (RELIABILITY 6,
 * R2). Each laptop is a data folder on disk opened by the client's own code; the line
 * between them is whole_pipe.h. */
#ifndef TESTS_SIM_WHOLE_TOWN_H
#define TESTS_SIM_WHOLE_TOWN_H

#include "client/actions/planning.h"
#include "client/stored.h"
#include "client/sync.h"
#include "whole_pipe.h"

enum { HOMES_MAX = 16, ACTIVITIES_MAX = 6, PERSONS_MAX = 12, FOLDER_BYTES = 256 };

/* One laptop. */
struct home {
	struct town *town;
	char dir[FOLDER_BYTES];
	char member[20];
	enum member_role role;
	uint16_t space;
	struct rng_seeded seed;
	struct vault_secrets secrets; /* what its vault would hold */
	int64_t skew_s;               /* of its clock */
	struct laptop *l;
	struct complaint complaint;
	/* The commit after which the power goes; 0 = none. */
	unsigned commits_left;
	bool is_crashed;
};

/* One field or map key, wherever it is shown. */
struct spot {
	uint16_t space, kind, field;
	struct scope_name scope;
	struct record_id record;
	bool has_key;
	uint64_t key;
};

/* One saved edit, and the names its author saw: all that the judge knows. */
struct token {
	struct spot cell;
	struct entry_name name;
	size_t n_seen;
	struct entry_name *seen;
};

struct counts {
	uint64_t edits, resolutions, refused_resolutions, syncs, syncs_failed, crashes,
	    reopened, copies, restores, joins, workshops, rotations, races, quarantined;
};

struct town {
	uint64_t number; /* the seed */
	bool is_verbose;
	struct rng_seeded seed;
	struct rng rng;
	char dir[FOLDER_BYTES];
	uint64_t now_ms;
	/* server */
	uv_loop_t loop;
	struct net_loop *net;
	struct config config;
	struct checks checks;
	struct transport_sk secret;
	struct rng_seeded server_seed;
	struct host *host;
	bool is_ready, is_stopped;
	/* people */
	size_t n_homes;
	struct home homes[HOMES_MAX];
	uint16_t sk, cz;
	size_t n_activities;
	struct record_id activities[ACTIVITIES_MAX];
	size_t n_persons;
	struct person_id persons[PERSONS_MAX];
	unsigned next_word, next_code, next_member;
	/* what was saved */
	struct arena *memory;
	size_t n_tokens, cap_tokens;
	struct token *tokens;
	struct counts counts;
	/* what failed first; "" */
	char failure[600];
};

/* The folder must exist; all is under it. */
struct town *town_new(const char *folder, uint64_t seed, bool is_verbose);
void town_free(struct town *t);

/* Keeps the first failure. */
void town_fail(struct town *t, const char *why, ...)
    __attribute__((format(printf, 2, 3)));
bool town_has_failed(const struct town *t);
void town_say(const struct town *t, const char *what, ...)
    __attribute__((format(printf, 2, 3)));
uint64_t town_below(struct town *t, uint64_t bound);
bool town_chance(struct town *t, unsigned percent);

/* ---- laptops ---- */
struct home *home_new(struct town *t, const char *member, enum member_role role);
/* Opens its folder if it is closed; its clock and its random numbers are the town's. */
struct laptop *home_open(struct home *h);
void home_close(struct home *h);
/* The power fails at commit number n from now on. */
void home_crash_after(struct home *h, unsigned commits);
/* Invited by `by`, at once. */
struct home *town_invite(struct town *t, struct home *by, const char *member,
    enum member_role role, const char *country);
/* One sync with what is planned for its call; false if it did not end in order. */
bool home_sync(struct home *h, struct sync_report *out);
/* Its folder as it is on disk now: a second laptop, or the past of this one. */
struct home *home_copy(struct home *h);
void folder_copy(const char *from, const char *to);

/* ---- acts (whole_act.c) ---- */
void act_any(struct town *t);
/* A youth workshop with its scope; SK's team and a guest. */
bool act_workshop(struct home *h);
/* A coordinator gives the first workshop new keys: batches of others are refused. */
void act_rotate(struct home *h);

/* ---- judgement (whole_judge.c) ---- */
/* Faults are over: everybody syncs until nobody has anything to say. */
void judge_heal(struct town *t);
void judge_town(struct town *t);

#endif
