/* schedule.h - a seed becomes a profile (which faults, how often, how hard the limits)
 * and a list of events. Each event carries a seed of its own, so that leaving events out
 * does not shuffle the rest; a failing list is shrunk and saved as text, one event a
 * line (RELIABILITY 6). Pure but for the text functions. */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include "base/rng.h"
#include "core/record.h"

#include <stdio.h>

enum { SCHEDULE_EVENTS_MAX = 256, SCHEDULE_CLIENTS_MAX = 8 };

/* clang-format off */
/*         event          weight  what happens */
#define SIM_EVENTS(X) \
	X(EDIT,           30, "saves a field, a mark, a text or a form of several") \
	X(RESOLVE,         4, "settles siblings shown now or some time ago") \
	X(SHOW,            2, "keeps in mind what a field shows now") \
	X(SEAL,           14, "seals dirty entries into batches") \
	X(PUSH,           14, "pushes a pending batch; request or ack may be lost") \
	X(PULL,           12, "pulls some pages, perhaps all") \
	X(SYNC,            6, "pushes all and pulls all") \
	X(CARRY,           5, "takes a pending batch of another laptop along") \
	X(REPLAY,          3, "an old push arrives again, from the network") \
	X(COMPACT,         3, "rewrites a record whole") \
	X(ERASE,           2, "erases a person in one scope") \
	X(TIDY,            3, "compacts sheets that hold marks of the erased") \
	X(CLONE,           1, "a laptop's disk is copied to another laptop") \
	X(SAVE_IMAGE,      2, "an image of a laptop is kept") \
	X(RESTORE,         1, "a laptop gets its image back") \
	X(BACKUP,          2, "the server is backed up") \
	X(ROLLBACK,        1, "the server gets its backup back, new store epoch") \
	X(TRIM,            1, "the server forgets old dead refs")
/* clang-format on */

enum sim_event_kind {
#define X(name, weight, text) SIM_##name,
	SIM_EVENTS(X)
#undef X
	    SIM_EVENT_COUNT
};

struct sim_event {
	enum sim_event_kind kind;
	uint8_t client; /* acts; taken modulo the clients there are */
	uint64_t seed;  /* of the event's own stream */
};

struct sim_profile {
	uint32_t n_clients;    /* at the start: 2..6 */
	uint32_t lost_request; /* per cent of pushes */
	uint32_t lost_ack;     /* per cent of pushes */
	uint32_t cut_pull;     /* per cent of pages after which the client stops */
	uint32_t drop_stage;   /* per cent of cuts that also lose the stage */
	uint32_t refused;      /* per cent of batches that no server ever accepts */
	uint32_t forged;       /* per cent of ops that list an op of another record */
	uint32_t old_epoch;    /* per cent of batches that must be sealed again */
	uint32_t page_batches; /* batches of a pull page */
	uint32_t batch_ops;    /* ops of a batch at most */
	uint32_t fields;       /* of a record that are edited: few = many conflicts */
	uint32_t first_record; /* of those that are edited */
	uint32_t n_records;    /* that are edited: few = many meetings */
	uint32_t erase_alone;  /* per cent: sheets compacted after the erase came back */
	struct record_limits limits;
	uint32_t weights[SIM_EVENT_COUNT]; /* 0 = this fault is off */
};

struct schedule {
	uint64_t seed;
	struct sim_profile profile;
	size_t n_events;
	struct sim_event events[SCHEDULE_EVENTS_MAX];
};

void schedule_from_seed(struct schedule *s, uint64_t seed);
/* The list as text, with `symptom` on top. */
void schedule_write(FILE *out, const struct schedule *s, const char *symptom);
/* False when the text is not a schedule. */
bool schedule_read(FILE *in, struct schedule *s);
const char *sim_event_name(enum sim_event_kind kind);

#endif
