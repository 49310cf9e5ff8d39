/* commands.h - one function per row of commands.def. Each opens the laptop, acts through
 * client/actions, and prints; what went wrong is in call->complaint. */
#ifndef CLIENT_COMMANDS_COMMANDS_H
#define CLIENT_COMMANDS_COMMANDS_H

#include <jansson.h>

#include "client/commands/command.h"
#include "client/laptop/lost.h"
#include "client/laptop/records.h"
#include "client/sync/renewal.h"

#define COMMAND(name, function, args, least, most, options, summary, example)            \
	status function(struct call *c);
#include "client/commands/commands.def"
#undef COMMAND

/* The folder of the call's globals, and what opens it. */
struct laptop_place command_place(const struct call *c);
/* --kdf-memory MIB and --kdf-passes N of a command that makes a vault; PN-U01. */
status command_cost(const struct call *c, struct vault_cost *out);
/* Unix time as "Mon 12 Apr 19:24" by the laptop's clock; 0 is "never". */
enum { COMMAND_WHEN_BYTES = 32 };
const char *command_when(int64_t ms, char out[static COMMAND_WHEN_BYTES]);
/* Copied laptops of others, [{"member":..,"at":..}]; NULL out of memory. */
json_t *command_clones_json(const struct clone_notice *clones, size_t n);
/* "at least 1 batch of SK-T2 in SK-W9 (laptop 4f3a91c2)", in the laptop's arena. */
const char *command_lost(struct laptop *l, const struct lost_batches *x);
json_t *command_lost_json(const struct lost_batches *lost, size_t n);
/* Opens the folder of the call's globals for a member. */
status command_open(struct call *c, struct laptop **out);
/* Closes it; a status without a complaint gets one from l->trouble. Returns st. */
status command_close(struct laptop *l, status st);
/* Prints every row of a bound query as a listing; columns as listing_new(), one for each
 * of the query's. */
status command_rows(struct call *c, struct laptop *l, const char *schema,
    const char *columns, struct query *q);
/* The same rows as a listing, which the caller frees (NULL after a failure). */
status command_fetch(struct laptop *l, const char *schema, const char *columns,
    struct query *q, struct listing **out);
/* A CSV table as a listing, which the caller prints and frees (NULL after a failure).
 * columns: as listing_new(), NULL = the header; only: the first cell of the rows that are
 * wanted, NULL = all. */
status command_table(struct laptop *l, const char *schema, const char *columns,
    struct span csv, const char *only, struct listing **out);
/* Every field of a record with its value, who wrote it and when, as a listing that the
 * caller prints and frees (NULL after a failure). */
status command_facts(
    struct call *c, struct laptop *l, const struct record_ref *ref, struct listing **out);
/* The line after every saved edit: "[ok] WHAT    saved on this laptop, 13 changes wait
 * undo: pnet undo"; the last part only if the last edit can be undone. */
status command_saved(struct call *c, struct laptop *l, const char *what, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with another last part; "" for none. */
status command_saved_with(struct call *c, struct laptop *l, const char *hint,
    const char *what, ...) __attribute__((format(printf, 4, 5)));
/* Ends an edit whose writes ended in st: commits it, or with -n (or after a failure)
 * abandons it. e may be NULL. Returns st, or why it could not be committed. */
status command_commit(struct call *c, struct edit *e, status st);
/* Writes a file that names people: readable by its owner alone. PN-O01. */
status command_write(struct call *c, const char *path, struct span text);
/* Opens a folder for somebody who joins, asking for a new passphrase; what a join left
 * that was killed is made anew. was_there: the folder is older than this call. */
status command_open_fresh(struct call *c, const struct laptop_place *place,
    bool was_there, struct laptop **out);
/* A folder that this call made, and in which nothing was joined, goes again. */
void command_clean_up(const char *dir, bool was_there);
/* The sync after a join; says what could not be fetched and goes on. */
status command_first_sync(struct call *c, struct laptop *l);
/* An invite code on stdout, or into the file of --out. */
status command_code(struct call *c, const char *code);
/* What cannot be taken back: asks at the terminal for the word, typed once more; without
 * a terminal it wants --yes. Says nothing with -n, and then *yes is false. PN-U01. */
status command_confirm(struct call *c, const char *word, bool *yes);
/* "trainer"; "?" for no role. And back: 0 for another word, or NULL. */
const char *role_word(enum member_role role);
enum member_role role_named(const char *word);
/* "4=late" cut at the first '='. PN-U01 unless both sides are there (the right one may be
 * empty with may_be_empty). The left side is copied into the laptop's arena. */
status command_pair(struct laptop *l, const char *option, const char *pair,
    bool may_be_empty, const char **left, const char **right);

#endif
