/* carry.h - exchange by a folder, mostly of a USB stick: reads the bundles that lie
 * there, then leaves one of this laptop's (DESIGN 4.8, proto/spec/bundle.md).
 *
 * A laptop writes the membership logs that it knows, every batch that it has not seen in
 * a pull (its own and those that it carries), and the newest batches of its base of which
 * every op lives. Whoever reads them shows and carries them on until the server has them;
 * a batch that came three ways counts once, by its name. A batch of which something was
 * replaced is never carried: what replaced it might stay behind. */
#ifndef CLIENT_SYNC_CARRY_H
#define CLIENT_SYNC_CARRY_H

#include "client/sync/inbox.h"

enum {
	CARRY_FILES_MAX = 256, /* bundles read in one folder */
	CARRY_KEEP_DAYS = 30   /* older bundles are removed from the folder */
};

struct carry_report {
	size_t n_read;    /* bundles of others */
	size_t n_written; /* 1, or 0 where the folder takes none */
	size_t n_removed; /* for their age */
	/* Whole states of a scope, left alone: what one claims to know can delete, and
	 * no program of this version writes one. */
	size_t n_states;
	struct carried batches;
	struct received received;
	uint64_t own, carried; /* changes that the server does not have yet */
	/* The bundle by whose clock this laptop's is off most: our clock minus its,
	 * seconds; 0 = none to speak of. The member who wrote it. */
	int64_t clock_off_s;
	char clock_of[20];
};

/* Reads and writes. A bundle that is damaged or of another network is left alone and
 * complained of (PN-B01, PN-B02) once the others are done; *out is set all the same.
 * PN-O01: the folder cannot be read or written. */
status carry_run(struct laptop *l, const char *dir, struct carry_report *out);

/* Takes one bundle's bytes whole, in one transaction; name: its file, for complaints.
 * *time_s: when it was written, by its writer's clock. */
status carry_take(struct laptop *l, const char *name, struct span file, uint64_t *time_s,
    struct carry_report *out);
/* Makes this laptop's bundle; bytes in memory of a. Seals what is dirty first. */
status carry_make(struct laptop *l, struct arena *a, struct span *file);

/* pnet sync --via DIR: runs it and prints the report. */
struct call;
status cmd_sync_via(struct call *c);

#endif
