/* world.h - a country of two to eight laptops and one server, run from a schedule.
 *
 * The rules under test are the product's: core/record.c decides what is shown, saved and
 * sealed, core/merge.c and the memory store decide at the server. What stands here is
 * the laptop's bookkeeping around them (replica.h), the network with its faults, and the
 * questions to the oracle. Bodies travel as plain structs in a vault; hashes are a cheap
 * stand-in (RELIABILITY 1.3). */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/arena.h"
#include "core/erase.h"
#include "core/hlc.h"
#include "hub.h"
#include "replica.h"
#include "schedule.h"

enum {
	WORLD_RECORDS_MAX = 16,
	WORLD_PERSONS = 4,
	WORLD_FAILURE_BYTES = 480,
	FIELD_MARKS_ID = 10, /* a map keyed by person */
	FIELD_TEXT_ID = 5    /* runs */
};

enum world_kind {
	WORLD_PLAIN = 1,  /* ordinary, registers */
	WORLD_MARKS = 2,  /* personal, one register and the map; no subject */
	WORLD_PERSON = 3, /* personal, registers, with a subject */
	WORLD_SIGNED = 4, /* audit */
	WORLD_PROSE = 5   /* ordinary, one text and a register */
};

/* Bugs that the simulator plants into its own adapters, to prove that it sees them. */
enum sim_sabotage {
	SABOTAGE_NONE,
	SABOTAGE_DROP_SIBLING,   /* a whole op leaves one of several siblings out */
	SABOTAGE_FORGET_GONE,    /* a whole op leaves the superseded names out */
	SABOTAGE_NO_DOA,         /* the laptop ignores the doa of a pull */
	SABOTAGE_EARLY_APPLY,    /* a page is applied before the head is reached */
	SABOTAGE_ACK_IS_ENOUGH,  /* pending goes at the ack, not at the pull */
	SABOTAGE_GRAVE_TOO_SOON, /* a pending grave lets an op leave marks out */
	SABOTAGE_SHORT_MEMORY,   /* a second edit forgets what the first had seen */
	SABOTAGE_NO_DEAD,        /* the laptop ignores the dead refs of a pull */
	SABOTAGE_COUNT
};

enum sim_clock { CLOCK_RIGHT, CLOCK_1970, CLOCK_AHEAD, CLOCK_BACKWARDS, SIM_CLOCK_COUNT };

struct world_record {
	uint16_t kind;
	uint16_t scope;
	struct record_id id;
	struct tag tag;
	bool has_person;
	uint64_t person;
	enum retention retention;
};

/* A batch as it was sealed; its number is that of the oracle. */
struct sealed {
	struct batch_id id;
	struct batch batch; /* spans and arrays live in the world's arena */
	const struct body *const *bodies;
	bool is_refused;   /* no server ever takes it */
	bool is_old_epoch; /* only carried ones are taken */
	bool was_sent;     /* may arrive again */
	bool was_accepted; /* by a server at some time */
	uint16_t author;   /* device */
};

/* What a reader had on the screen when he opened a form. */
struct shown_form {
	bool is_open;
	uint8_t record;
	uint16_t field;
	bool has_key;
	uint64_t key;
	struct oracle_list names;
};

struct client {
	struct replica r;
	struct replica *image; /* an old copy of the disk; NULL = none */
	bool is_coordinator;
	uint16_t device;
	struct shown_form form;
	struct hlc clock;
};

/* clang-format off */
#define SIM_COUNTS(X) \
	X(edits) X(resolutions) X(changed) \
	X(seals) X(whole_ops) X(small_ops) X(compactions) X(erasures) X(names_cut) \
	X(pushes) X(refused) X(forged) X(resealed) X(carried) X(replays) X(pulls) X(cuts) X(trims) \
	X(clones) X(restores) X(rollbacks) X(recoveries) \
	X(views_checked) X(ops_compared) X(doa_rows) \
	X(entries_checked) X(back_by_cap) X(loose_ends)
/* clang-format on */

struct sim_counts {
#define X(name) uint64_t name;
	SIM_COUNTS(X)
#undef X
};

struct world {
	const struct schedule *schedule;
	const struct sim_profile *profile;
	enum sim_sabotage sabotage;
	enum sim_clock clock;
	bool is_verbose;
	bool is_calm; /* healing: no faults any more */
	struct oracle *oracle;
	struct hub *hub;
	struct arena *kept;  /* until the end of the schedule */
	struct arena *brief; /* until the end of the step */
	size_t n_records;
	struct world_record records[WORLD_RECORDS_MAX];
	size_t n_sealed;
	struct sealed *sealed; /* ORACLE_BATCHES_MAX of them */
	size_t n_clients;
	struct client *clients; /* SCHEDULE_CLIENTS_MAX of them */
	struct replica *images;
	struct batch_set server_known; /* what the server took, rollbacks considered */
	struct batch_set backup_known;
	bool has_backup;
	size_t step;
	uint64_t trace; /* hash over the live sets, for runs that must be alike */
	struct sim_counts counts;
	char failure[WORLD_FAILURE_BYTES];
};

/* One world serves many schedules: it keeps its memory. folder: as hub_new. */
struct world *world_new(const char *folder);
void world_free(struct world *w);
/* Chaos, healing and all checks. False with w->failure set; counts are added up over the
 * schedules. until: number of events to run, SIZE_MAX = all. */
bool world_run(struct world *w, const struct schedule *s, size_t until);

/* --- for the files of the simulator --- */

/* Sets the failure text; always false. */
bool world_fail(struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void world_say(const struct world *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool world_is_hit(const struct rng *r, uint32_t per_cent);
const struct op *world_op(const struct world *w, struct base_op at);
/* Number in the vault or ORACLE_NONE. */
int world_batch(const struct world *w, const struct short_id *id);

/* A view of one record with its input, in the arena `brief`. */
struct world_view {
	struct record_input in;
	struct record_view view;
};
/* sealing: the person whose erase goes into the batch being sealed, 0 = none. */
const struct world_view *world_view(
    struct world *w, const struct client *c, size_t record, uint64_t sealing);

/* No reader may find that an op dropped or changed what it should have carried on: nobody
 * here is a forger. c's base is still that from before the op came. */
bool world_carries_well(struct world *w, const struct client *c, struct base_op at);

/* Actions: one event each (act_*.c). False = a failure was found. */
bool act_edit(struct world *w, struct client *c, const struct rng *r);
bool act_show(struct world *w, struct client *c, const struct rng *r);
bool act_resolve(struct world *w, struct client *c, const struct rng *r);
bool act_seal(struct world *w, struct client *c, const struct rng *r);
bool act_compact(struct world *w, struct client *c, const struct rng *r);
bool act_erase(struct world *w, struct client *c, const struct rng *r);
bool act_tidy(struct world *w, struct client *c, const struct rng *r);
bool act_push(struct world *w, struct client *c, const struct rng *r);
bool act_pull(struct world *w, struct client *c, const struct rng *r);
bool act_sync(struct world *w, struct client *c, const struct rng *r);
bool act_carry(struct world *w, struct client *c, const struct rng *r);
bool act_replay(struct world *w, const struct rng *r);
/* Everything dirty sealed, whatever the scope. */
bool seal_all(struct world *w, struct client *c, const struct rng *r);
/* Seals the bodies of a refused batch again under the present epoch. */
bool seal_again(struct world *w, struct client *c, int batch, const struct rng *r);
bool push_all(struct world *w, struct client *c, const struct rng *r);
bool pull_all(struct world *w, struct client *c, const struct rng *r);

/* Checks (judge.c). */

/* Every record that the laptop shows, against State of what it knows, dirty joined. */
bool judge_view(struct world *w, const struct client *c);
/* The live ops of the server, read from zero, against Live. */
bool judge_server(struct world *w);
/* The same by their number only: after each push. */
bool judge_count(struct world *w);
/* Every entry that a laptop or the server holds and that may not get lost. */
void judge_hold(struct world *w, struct oracle_list *held);
/* After healing: all equal, nothing pending, nothing lost, nothing of the erased. */
bool judge_end(struct world *w, const struct oracle_list *held);

#endif
