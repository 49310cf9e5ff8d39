/* laptop.h - one open data folder: the replica, the keys, who this device is.
 *
 * Folder (0700, its files 0600): vault (page key and device seed under the passphrase),
 * replica.db and its log, sealed under the page key; waiting, the plain counts of
 * counts.h; for the office that founded the network root.key, sealed like the vault.
 * While it is sealed anew: the files of reseal.h. Opened by one process at a time
 * (exclusive locking); nothing holds it open while it waits for a person or the network's
 * doorbell.
 */
#ifndef CLIENT_LAPTOP_LAPTOP_H
#define CLIENT_LAPTOP_LAPTOP_H

#include "base/arena.h"
#include "base/checks.h"
#include "base/rng.h"
#include "client/laptop/passphrase.h"
#include "client/terminal/complaint.h"
#include "core/entry.h"
#include "core/hlc.h"
#include "core/log_record.h"
#include "crypto/keyring.h"
#include "proto/body_codec.h"
#include "store/query.h"

/* This device, as the membership log introduced it. */
struct self {
	bool has_joined;
	char member[20];        /* code, "SK-T2" */
	enum member_role role;  /* 0 before joining */
	struct author author;   /* at home: space and incarnation */
	struct space_name home; /* "SK"; NET for the office */
	struct network_id network;
	struct device_id device;
	char server[SERVER_ADDRESS_BYTES_MAX + 1]; /* HOST:PORT */
	struct transport_pk server_key;
};

/* Which folder, and what opens it. */
struct laptop_place {
	const char *dir;   /* --data; NULL = laptop_folder() */
	const char *today; /* ISO date of --today; NULL = the clock's */
	struct passphrase_source phrase;
	/* What the vault would say, of programs that play many laptops: no vault is read
	 * or written. NULL = the vault. */
	const struct vault_secrets *known;
};

struct laptop {
	char *dir;
	struct passphrase_source phrase; /* of the call, for what else is sealed */
	char vfs[32]; /* the sealing VFS of this laptop; "" = not registered */
	struct db *db;
	struct queries *queries;
	struct keyring *keys;
	struct self self;
	struct hlc clock;    /* last stamp given or followed */
	uint64_t now_ms;     /* unix time at start of the command */
	uint32_t today;      /* civil day, days since 1970-01-01 */
	const char *command; /* its name, borrowed; NULL when a program acts by itself */
	const char *formula; /* a field that was given what looks like a formula (V5) */
	bool has_step;       /* the last edit of this call can be undone */
	struct rng rng;
	struct checks checks;
	struct body_codec *codec;
	struct pending_batch *pending; /* what was read last; NULL = nothing yet */
	struct typed_sql *typed;       /* statements of the typed tables (typed.c) */
	struct arena *arena;           /* lives as long as the command */
	struct complaint *complaint;   /* borrowed: what main prints */
	struct trouble trouble;        /* of the last call that failed */
};

/* Where the data folder is: --data, else $PNET_DATA, else $XDG_DATA_HOME/pnet, else
 * ~/.local/share/pnet. In the arena. */
const char *laptop_folder(const char *option, struct arena *a);

/* Opens the folder. With must_exist a folder without a replica is PN-K04; otherwise it is
 * made (mode 0700) with a fresh device seed under a passphrase that is asked for. A
 * replica of an earlier version is sealed first. Locked and nobody to ask: PN-K05. Waits
 * up to 5 s for another pnet (PN-D03). On failure *out is NULL and the complaint is set.
 */
status laptop_open(const struct laptop_place *place, bool must_exist,
    struct complaint *complaint, struct laptop **out);
/* As above, and ST_NOT_JOINED with PN-K04 unless joined. */
status laptop_open_joined(
    const struct laptop_place *place, struct complaint *complaint, struct laptop **out);
/* NULL is legal. Keeps the counts for the time when it is locked. */
void laptop_close(struct laptop *l);
/* Before a transaction that saves changes is committed: lets a locked laptop tell of them
 * (counts.h). more: how many there are at most, so that they need not be counted each
 * time; SIZE_MAX = not known, they are counted. */
void laptop_raise_counts(struct laptop *l, size_t more);

/* Runs a statement that has one parameter, a number, and no rows. */
status laptop_run_on(struct laptop *l, const char *sql, int64_t n);

/* Turns l->trouble into a complaint unless a better one is set; returns its status. */
status laptop_fail(struct laptop *l);

/* From now on this laptop is a member's; kept in the replica by the caller's transaction.
 * self: role, author, home, network and server key. */
status laptop_become(
    struct laptop *l, const struct self *self, const char *member, const char *server);

/* r_meta: small values by name. Text is in the arena; NULL if absent. */
const char *laptop_meta_text(struct laptop *l, const char *key);
struct span laptop_meta_blob(struct laptop *l, const char *key);
int64_t laptop_meta_int(struct laptop *l, const char *key, int64_t absent);
status laptop_set_meta_text(struct laptop *l, const char *key, const char *value);
status laptop_set_meta_blob(struct laptop *l, const char *key, struct span value);
status laptop_set_meta_int(struct laptop *l, const char *key, int64_t value);

#endif
