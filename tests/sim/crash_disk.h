/* crash_disk.h - a disk in memory below SQLite, which can lose power at every write.
 *
 * What is done to it is kept as a trace; crash_at() makes from the trace what may be on
 * the disk when the power goes after its first n steps: writes since the last sync of
 * their file kept or not, each for itself, torn at sectors of 512, in any order. */
#ifndef TESTS_SIM_CRASH_DISK_H
#define TESTS_SIM_CRASH_DISK_H

#include "base/bytes.h"
#include "base/rng.h"

#include <sqlite3.h>

enum { DISK_NAMES = 8, DISK_FILES = 64, DISK_NAME_BYTES = 32, DISK_SECTOR = 512 };

enum step_kind { STEP_WRITE, STEP_CUT, STEP_SYNC, STEP_LINK, STEP_UNLINK, STEP_FOLDER };

/* One step. LINK gives file a name, taking it from another file that has it. FOLDER syncs
 * the folder: for the entry of that name alone, or, without one, for all. */
struct step {
	enum step_kind kind;
	int file;
	int64_t at; /* of a write; the new length of a cut */
	size_t len;
	uint8_t *bytes;
	char name[DISK_NAME_BYTES];
};

struct bytes {
	uint8_t *at;
	size_t len, room;
};

struct entry {
	char name[DISK_NAME_BYTES]; /* "" = free */
	int file;
};

/* What the folder holds, and every file. */
struct image {
	struct entry names[DISK_NAMES];
	struct bytes files[DISK_FILES];
	int n_files;
};

enum { FAULT_NONE, FAULT_ERROR, FAULT_FULL, FAULT_SHORT };

struct disk {
	sqlite3_vfs vfs;
	struct image live;
	struct step *steps;
	size_t n_steps, room;
	bool keeps_trace;
	/* Fails the call number fault_at, counted from 1, and all later ones if it stays
	 * broken. Calls: open, read, write, sync, cut, delete. */
	int fault;
	long fault_at, n_calls;
	bool is_for_ever;
};

/* Registers the disk as a VFS of that name. */
void disk_open(struct disk *d, const char *name);
void disk_close(struct disk *d);
void disk_sync_folder(struct disk *d);
void disk_rename(struct disk *d, const char *from, const char *to);
/* The file of a name, or NULL. */
struct bytes *disk_file(struct disk *d, const char *name);
/* Replaces all content; forgets the trace. */
void disk_load(struct disk *d, const struct image *from);

void image_copy(struct image *to, const struct image *from);
void image_free(struct image *i);

enum crash_keep { KEEP_NONE, KEEP_ALL, KEEP_SOME };

/* A walk through a trace. is_strict: an entry of the folder survives only if the folder
 * was synced for it; else every sync of a file commits the whole folder. Kept are the
 * durable state before the next step, and which steps wait. */
struct walk {
	const struct step *steps;
	size_t n;     /* steps done */
	size_t first; /* nothing before it waits */
	struct image durable;
	bool *is_waiting; /* per step */
	bool is_strict;
};

void walk_begin(struct walk *w, const struct image *start, const struct step *steps,
    size_t n_steps, bool is_strict);
void walk_step(struct walk *w);
/* Steps that a power cut may lose now. */
size_t walk_waiting(const struct walk *w);
/* What is left after a power cut now. */
void walk_crash(
    const struct walk *w, enum crash_keep keep, const struct rng *rng, struct image *out);
void walk_end(struct walk *w);

#endif
