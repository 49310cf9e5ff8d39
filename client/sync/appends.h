/* appends.h - membership records of this laptop on their way into the logs: built on top
 * of each other as if all were taken, answered by the server one by one, stored when it
 * took them. */
#ifndef CLIENT_SYNC_APPENDS_H
#define CLIENT_SYNC_APPENDS_H

#include "client/sync/logs.h"
#include "proto/log_build.h"
#include "proto/session.h"

struct appends;

/* m: the logs in memory; each record built moves them on, so that the next one stands on
 * it. After a record that was not taken reload them (logs_load). */
status appends_new(
    struct laptop *l, struct membership *m, struct session *s, struct appends **out);
void appends_free(struct appends *x); /* NULL is legal */
struct arena *appends_arena(struct appends *x);

/* Seals the boxes of a draft, signs it with keys, queues it. tag: whatever the caller
 * wants back in appends_each. new_scope: local id of the scope that a SCOPE founds, else
 * 0. */
status appends_add(struct appends *x, const struct log_record *draft,
    const struct sign_sk *const *keys, int64_t new_scope, int64_t tag);
/* The same of a ROTATE or REVOKE: makes the keys of the epochs that it begins, which are
 * stored only when the server took the record. ST_NOT_FOUND: a key that is to be replaced
 * is not here. */
status appends_add_rotation(struct appends *x, const struct log_record *draft,
    const struct sign_sk *const *keys, int64_t tag);
/* The same of a scope whose key nobody can give any more: an older one that is here is
 * wrapped under the new one, so that readers open what was written before the gap. */
status appends_add_over_gap(struct appends *x, const struct log_record *draft,
    const struct sign_sk *const *keys, int64_t tag);
/* Why the last appends_add failed: a rule of the log that already shows here;
 * REFUSAL_NONE if it was something else. */
enum refusal appends_refused_here(const struct appends *x);
/* Did the last appends_add fail because a key that it hands on is not here? */
bool appends_lacks_key(const struct appends *x); /* NULL is legal */
/* A record that is built and stored already (GENESIS). */
status appends_add_built(
    struct appends *x, uint16_t space, struct span wire, int64_t tag);

/* The answer to the oldest that is open. */
void appends_answer(struct appends *x, enum append_result result, uint32_t detail);
size_t appends_n(const struct appends *x);
size_t appends_open(const struct appends *x); /* not answered yet */
/* True if each was taken. */
bool appends_all_taken(const struct appends *x);
/* Why the first one that was refused was; REFUSAL_NONE if none was. */
enum refusal appends_refused(const struct appends *x);

/* Stores what was taken, and applies it to m: the logs as they are stored (logs_load),
 * not those that the records were built on. Needs an open transaction. taken (may be
 * NULL) is called with the tag of each. */
status appends_store(struct appends *x, struct membership *m,
    status (*taken)(struct laptop *l, int64_t tag));

#endif
