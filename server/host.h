/* host.h - a running server: the membership of its network, a store per space, the peers
 * that are connected. All on one loop thread; stores work on threads of their own and
 * answer on this one (DESIGN 6). */
#ifndef SERVER_HOST_H
#define SERVER_HOST_H

#include "base/clock.h"
#include "base/rng.h"
#include "core/membership.h"
#include "net/uv_conn.h"
#include "net/uv_listen.h"
#include "server/audit.h"
#include "server/config.h"
#include "server/gate.h"
#include "server/guesses.h"
#include "server/orders.h"
#include "store/store.h"

struct host;
struct peer;

/* How a space's store is opened; name is "NET", "DE". Called once a space. */
struct store_opener {
	void *ctx;
	status (*open)(
	    void *ctx, const char *name, struct store **out, struct trouble *t);
};

struct host_config {
	const struct config *config; /* borrowed for the host's life, as all of these */
	const struct transport_sk *secret;
	struct transport_pk transport;
	struct checks checks;
	struct store_opener opener;
	struct clock_source clock;
	struct rng rng;
	void *ctx;
	/* All logs are read: peers may come. Or st says why not. */
	void (*on_ready)(void *ctx, status st, const struct trouble *t);
	void (*on_stopped)(void *ctx); /* all is closed: host_free() may follow */
};

/* A space and its store. */
struct space {
	struct host *host;
	uint16_t position; /* of its SPACE record in NET; 0 = NET */
	struct space_name name;
	struct store *store;
	bool is_ready;   /* its log has been read */
	bool is_loading; /* a part of its log is on the way */
	/* What lives, never too low: as last looked at, and all that was let in since. */
	uint64_t live_bytes;
	uint64_t live_ops;
	uint32_t n_unseen; /* pushes let in since */
	uint32_t n_looks;
	bool has_grown;             /* waiting peers have not been rung for it */
	void (*on_read)(void *ctx); /* called once when its log has been read */
	void *on_read_ctx;
};

enum { VERDICTS_END = 32 }; /* above every number of a verdict */

struct host_counters {
	uint64_t connections;
	uint64_t refused_connections;
	uint64_t pushes_stored;
	uint64_t pushes_known;
	uint64_t pushes_refused;
	uint64_t verdicts[VERDICTS_END];         /* by their numbers */
	uint64_t turned_away[GATE_ANSWER_COUNT]; /* connections, by reason */
	uint64_t appends;
	uint64_t pages;
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t graves_unwritten; /* times that the list of graves could not be kept */
	uint64_t audit_unwritten;  /* lines of the audit trail that were not */
};

struct append_queue; /* append.c */

struct host {
	struct host_config how;
	struct net_loop *net;
	struct membership *m;
	struct gate *gate;
	struct guesses *guesses;
	struct arena *scratch; /* of one push; reset by intake */
	size_t n_spaces;
	struct space **spaces; /* NET first; in the order of their SPACE records */
	struct peer *peers;    /* a list */
	size_t n_peers;
	size_t n_turned_away; /* of them, told that there is no room */
	struct append_queue *appends;
	uv_timer_t bell;
	bool is_bell_armed;
	bool is_ready;
	bool is_stopping;
	bool is_copying;  /* a backup takes a space's file */
	size_t n_closing; /* stores that have not closed yet */
	struct orders orders;
	struct audit *audit; /* of a server that serves; else NULL */
	struct host_counters n;
};

/* Opens NET's store and reads all logs; on_ready follows. NULL when out of memory. */
struct host *host_new(
    struct net_loop *net, const struct host_config *how, status *st, struct trouble *t);
/* A peer waits at the listener. */
void host_take_peer(struct host *h, uv_stream_t *at, struct uv_listen *l);
/* BYE to all, stores closed, then on_stopped. Idempotent. */
void host_stop(struct host *h);
void host_free(struct host *h); /* after on_stopped; NULL is legal */

/* NULL if it is unknown or not read yet. */
struct space *host_space(struct host *h, uint16_t position);
uint64_t host_now_s(const struct host *h);
uint64_t host_mono_ms(const struct host *h);

/* A SPACE record was appended, or read: opens its store and reads its log, then calls
 * on_read (may be NULL). False: it cannot be opened, or is open; on_read is not called.
 */
bool host_open_space(
    struct host *h, uint16_t position, void (*on_read)(void *ctx), void *ctx);
/* The log of a space may have grown behind our back: read on. */
void host_read_log(struct space *s);
/* A push or a record was stored: peers that wait will be rung. */
void host_ring_later(struct space *s);
/* Is there room for so much more, by what is known without asking the store? Then it is
 * taken as let in. Else host_look_at() tells exactly what lives, once all that was let in
 * is stored. */
bool host_has_room(struct space *s, uint64_t ops, uint64_t bytes);
/* What may live in the space; 0 = no limit. */
struct host_quota {
	uint64_t ops;
	uint64_t bytes;
};
struct host_quota host_quota(const struct space *s);
/* So much is let in whatever it takes the place of: what lives has to be looked at before
 * anything is refused for it. */
void host_let_in(struct space *s, uint64_t ops, uint64_t bytes);
bool host_is_exact(const struct space *s);
void host_look_at(struct space *s, void (*done)(void *ctx), void *ctx);
/* Somebody was erased: keeps the list of graves outside the space's file. */
void host_keep_graves(struct space *s);
/* MiB of live ops that the space may hold; 0 = no limit. */
uint32_t host_quota_mib(const struct space *s);
/* "SK", with its NUL. */
struct space_text {
	char text[5];
};
struct space_text host_space_text(const struct space *s);
/* A file of the data folder; false if its name is too long, or there is no folder. */
bool host_path(const struct host *h, const char *file, size_t cap, char *out);
/* A REVOKE was appended, or the operator blocks somebody: peers that lost their place are
 * sent away. */
void host_drop_revoked(struct host *h);

#endif
