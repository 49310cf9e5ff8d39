/* whole_town.h - the real server and real laptops, driven by one seed (RELIABILITY 6,
 * R2). Each laptop is a data folder on disk opened by the client's own code; the line
 * between them is whole_pipe.h. */
#ifndef TESTS_SIM_WHOLE_TOWN_H
#define TESTS_SIM_WHOLE_TOWN_H

#include "client/actions/planning.h"
#include "client/actions/sync.h"
#include "client/laptop/stored.h"
#include "server/config.h"
#include "store/store.h"
#include "whole_pipe.h"

enum {
	HOMES_MAX = 16,
	SPARES_MAX = 9,
	ACTIVITIES_MAX = 6,
	PERSONS_MAX = 12,
	FOLDER_BYTES = 256
};

/* In every text that is written here, between who wrote it and a number. */
#define WORD " word "

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
	struct device_id device;      /* a copy has the one of its origin */
	/* What was saved here before this number of tokens is at the server. */
	size_t n_sure;
	size_t restored_at;  /* tokens that there were when an image was put back */
	uint64_t settled_at; /* town_heard() when it had nothing to say */
	bool is_asleep;      /* in a drawer for the whole schedule */
	bool is_revoked;     /* or soon will be */
	size_t revoked_at;   /* n_sure then */
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
	size_t home;     /* whose laptop; its number among the tokens is its time */
	bool is_unsure;  /* may be lost for ever with the one laptop that held it */
	bool is_text;    /* a later edit keeps what it has in common with it */
	bool is_mark;    /* of a text: says what was seen, and has no words of its own */
	uint64_t person; /* whom it is about; 0 = nobody */
	unsigned word;   /* number of the word in it that is nowhere else; 0 = none */
	struct entry_name name;
	size_t n_seen;
	struct entry_name *seen;
};

/* Of one schedule, in the order of COUNT_NAMES. */
struct counts {
	uint64_t acts, edits, resolutions, refused_resolutions, syncs, syncs_failed,
	    crashes, reopened, copies, restores, joins, workshops, rotations, races,
	    revocations, turned_away, erased, bundles, unread_bundles, rollbacks, losses,
	    renewals, seals;
};

#define COUNT_NAMES                                                                      \
	"acts", "edits", "resolutions", "refused resolutions", "syncs", "syncs cut",     \
	    "crashes", "reopened", "copies", "restores", "joins", "workshops",           \
	    "rotations", "interleaved", "revocations", "turned away", "erased",          \
	    "bundles", "unread bundles", "rollbacks", "servers lost", "renewals",        \
	    "seals"

enum { BUNDLES_MAX = 4 };

struct bundle {
	struct span bytes;
};

struct town {
	uint64_t number; /* the seed */
	bool is_verbose;
	struct rng_seeded seed;
	struct rng rng;
	char dir[FOLDER_BYTES];
	uint64_t now_ms;
	/* server */
	struct uv_loop_s *loop;
	struct net_loop *net;
	struct config config;
	struct checks checks;
	struct transport_sk secret;
	struct rng_seeded server_seed;
	struct host *host;
	bool is_ready, is_stopped;
	struct network_id network;
	bool is_recovery_open;
	bool has_new_epoch; /* what is opened next was restored */
	struct store_epoch epoch;
	/* people; laptops that nobody has yet, the first n_taken gone */
	size_t n_spares, n_taken;
	struct home spares[SPARES_MAX];
	size_t n_homes;
	struct home homes[HOMES_MAX];
	uint16_t sk, cz;
	size_t n_activities;
	struct record_id activities[ACTIVITIES_MAX];
	size_t n_persons;
	struct person_id persons[PERSONS_MAX];
	/* accidents */
	bool is_never_brief;
	bool is_brief;   /* few acts, and faults among them more often */
	bool is_narrow;  /* all write of the same few things: conflicts */
	unsigned faults; /* bits of enum fault that this schedule plays with */
	size_t n_erased;
	uint64_t erased[PERSONS_MAX]; /* keys */
	size_t n_erased_unsure;       /* the first ones: their laptop was put back */
	size_t n_bundles;             /* ever made; the last ones lie on the stick */
	struct bundle stick[BUNDLES_MAX];
	struct home *past_of;    /* whose image is kept; NULL: none */
	uint64_t backup_records; /* records of all logs in the server's; 0 = no backup */
	size_t n_backup_homes;   /* that it knows */
	bool was_rolled_back;
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
/* Another schedule on the same ground: in a process that forked (whole.c). */
void town_reseed(struct town *t, uint64_t seed, bool is_verbose);
/* Removes the folders that a schedule made. */
void town_sweep(struct town *t);
void town_free(struct town *t);
void town_start_server(struct town *t);
void town_stop_server(struct town *t);

/* Keeps the first failure. */
void town_fail(struct town *t, const char *why, ...)
    __attribute__((format(printf, 2, 3)));
bool town_has_failed(const struct town *t);
void town_say(const struct town *t, const char *what, ...)
    __attribute__((format(printf, 2, 3)));
uint64_t town_below(struct town *t, uint64_t bound);
bool town_chance(struct town *t, unsigned percent);
/* By his key. */
bool town_is_erased(const struct town *t, uint64_t person);

/* ---- laptops ---- */
struct home *home_new(struct town *t, const char *member, enum member_role role);
/* Opens its folder if it is closed; its clock and its random numbers are the town's. */
struct laptop *home_open(struct home *h);
void home_close(struct home *h);
/* Does it take part, up to the end? */
bool home_is_in_play(const struct home *h);
/* The power fails at commit number n from now on. */
void home_crash_after(struct home *h, unsigned commits);
/* Invited by `by`, at once. */
struct home *town_invite(struct town *t, struct home *by, const char *member,
    enum member_role role, const char *country);
/* One sync with what is planned for its call; false if it did not end in order. */
bool home_sync(struct home *h, struct sync_report *out);
/* Batches and membership records that the server took since it runs. */
uint64_t town_heard(const struct town *t);
/* Records of one membership log at the server, and of all. */
uint32_t town_log_len(const struct town *t, uint16_t space);
uint64_t town_log_records(const struct town *t);
/* An image was put back: what was saved since it was made may be lost, unless it is sure.
 */
void home_forget_unsure(struct home *h);
/* The server lost some of what it had: what only it held may be lost. */
void home_was_rolled_back(struct home *h);
/* Its folder as it is on disk now: a second laptop, or the past of this one. */
struct home *home_copy(struct home *h);
void folder_copy(const char *from, const char *to);

/* ---- acts (whole_act.c, whole_trust.c; whole_turn.c chooses) ---- */

/* What can go wrong in a schedule; bits of town.faults. */
enum fault {
	ALWAYS,
	BAD_LINE = 1,
	RACES = 2,
	POWER = 4,
	REOPENING = 8,
	WORKSHOPS = 16,
	ROTATION = 32,
	COPIES = 64,
	IMAGES = 128,
	REVOCATION = 256,
	ERASURE = 512,
	STICKS = 1024,
	OLD_SERVER = 2048,
	CLOCKS = 4096,
	LOST_SERVER = 8192
};

/* Draws what goes wrong in this schedule; returns how many acts it has. */
unsigned act_begin(struct town *t);
void act_any(struct town *t);
/* A youth workshop with its scope; SK's team and a guest. */
bool act_workshop(struct home *h);
/* A coordinator gives the first workshop new keys: batches of others are refused. */
void act_rotate(struct home *h);
struct home *some_home(struct town *t); /* that does not sleep */
void act_edit(struct home *h);
void act_resolve(struct home *h);
void act_sync(struct home *h);
void act_crash_in_edit(struct home *h);
/* whole_trust.c; each does nothing where it cannot be done. */
void act_revoke(struct home *h);
void act_erase(struct home *h);
void act_carry(struct home *h);
void act_copy(struct home *h);
void act_restore(struct home *h);
void act_roll_back(struct home *h);
void act_lose_server(struct home *h);

/* ---- judgement (whole_judge.c) ---- */
/* Faults are over: everybody syncs until nobody has anything to say. */
void judge_heal(struct town *t);
/* Prepares what the judge asks, on the ground of all schedules. */
void judge_warm(struct town *t);
void judge_town(struct town *t);
/* Of another town nothing was taken yet. */
void live_begin(void);
/* whole_live.c: what the server and the bases hold is Live of what it took, unless some
 * of that was lost and given back. Stops the server. */
void judge_live(struct town *t);

#endif
