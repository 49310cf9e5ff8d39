/* hub.h - the server of the simulator: a store in serial mode, in memory or on SQLite,
 * asked and answered in one breath. It keeps a list of all calls that changed it, so that
 * a backup is a length of the list, and a rollback a new store that replays its
 * beginning. */
#ifndef SIM_HUB_H
#define SIM_HUB_H

#include "base/arena.h"
#include "store/store.h"

struct hub;

/* folder: the SQLite store there instead of the one in memory; NULL = memory. */
struct hub *hub_new(const char *folder);
void hub_free(struct hub *h); /* NULL is legal */
/* An empty store with a first epoch. What the calls are given must live until then. */
void hub_reset(struct hub *h);

struct hub_push {
	const struct batch *batch;
	struct batch_id id;
	bool is_refused;
};
enum store_result hub_push(
    struct hub *h, const struct hub_push *push, struct merge_verdict *out);

/* The page is copied into the arena, of batches only what judges read. */
enum store_result hub_pull(struct hub *h, const struct store_pull *pull, struct arena *a,
    struct store_page *out);
/* Live ops by count, head, epoch. */
struct store_figures hub_look(struct hub *h);

/* One device's claim, staged and joined. */
enum store_result hub_recover(struct hub *h, const struct store_part *part,
    size_t n_scopes, const uint16_t *scopes, struct merge_joined *out);
enum store_result hub_trim(struct hub *h, uint64_t horizon);

void hub_backup(struct hub *h);
/* The backup comes back under a new epoch; the list of graves is replayed. False if there
 * is no backup. */
bool hub_rollback(struct hub *h, uint64_t epoch);

/* Stand-in for BLAKE2b: 32 bytes that depend on all bytes of s. */
void hub_hash(struct span s, uint8_t out[static 32]);
const struct checks *hub_checks(void);

#endif
