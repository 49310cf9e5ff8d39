/* cmd_lock.c - pnet unlock, lock, passphrase, panic: the key of this laptop. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client/commands/ask_marks.h"
#include "client/commands/commands.h"
#include "client/laptop/counts.h"
#include "client/laptop/disk.h"
#include "client/laptop/drafts.h"
#include "client/laptop/reseal.h"
#include "client/laptop/root_key.h"
#include "client/laptop/unlock.h"
#include "net/os_rng.h"
#include "store/sealed_vfs.h"

/* What the commands of this file have in common: they may run while it is locked. */
struct lock_call {
	struct arena *arena;
	struct laptop_place place;
	const char *dir;
	struct rng rng;
	uint8_t vault[VAULT_BYTES];
};

static struct span
vault_span(const struct lock_call *x)
{
	return span_of(x->vault, sizeof x->vault);
}

static status
no_laptop(struct call *c, const char *dir)
{
	(void)complain(c->complaint, PN_K04, "there is no joined replica in %s", dir);
	complain_next(
	    c->complaint, "pnet join CODE    with the invite code of your coordinator");
	return ST_NOT_JOINED;
}

/* A folder of an earlier version is sealed on the way. */
static status
begin(struct call *c, struct lock_call *x)
{
	struct trouble t = {0};
	struct laptop *l = NULL;
	status st;

	memset(x, 0, sizeof *x);
	x->arena = arena_new(0);
	if (x->arena == NULL)
		return complain(c->complaint, PN_X01, "out of memory");
	x->rng = os_rng();
	x->place = command_place(c);
	x->dir = laptop_folder(c->global.data_dir, x->arena);
	x->place.dir = x->dir;
	x->place.phrase.kept = passphrase_new();
	st = reseal_resume(x->dir, &x->rng, &t);
	if (st == ST_OK && reseal_is_plain(x->dir)) {
		st = laptop_open(&x->place, true, c->complaint, &l);
		laptop_close(l);
		if (st != ST_OK)
			return st;
	}
	if (st == ST_OK)
		st = vault_file_read(x->dir, VAULT_NAME, x->vault, &t);
	if (st == ST_NOT_FOUND && !vault_file_is_there(x->dir, REPLICA_NAME))
		return no_laptop(c, x->dir);
	return st == ST_OK ? ST_OK : complain_trouble(c->complaint, &t);
}

static status
end(struct lock_call *x, status st)
{
	passphrase_free(x->place.phrase.kept);
	arena_free(x->arena);
	return st;
}

/* ---- unlock ---- */

/* "8h", "30m", "90s". */
static status
read_span(struct call *c, unsigned *out)
{
	static const struct {
		const char *unit;
		unsigned long seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}};
	const char *text = call_option(c, "for");
	char *end_of = NULL;
	unsigned long n = text == NULL ? 0 : strtoul(text, &end_of, 10);

	*out = UNLOCK_SECONDS;
	if (text == NULL)
		return ST_OK;
	for (size_t i = 0; isdigit((unsigned char)text[0]) && i < 4; i++) {
		if (strcmp(end_of, units[i].unit) != 0 || n == 0 ||
		    n > UNLOCK_SECONDS_MAX / units[i].seconds)
			continue;
		*out = (unsigned)(n * units[i].seconds);
		return ST_OK;
	}
	return complain(c->complaint, PN_U01,
	    "--for wants a time like 8h or 30m, at most 24h, not '%s'", text);
}

static status
complain_no_keyring(struct call *c)
{
	(void)complain(c->complaint, PN_K05,
	    "the passphrase is right, but the kernel keeps no keys for this session");
	complain_what(c->complaint, "this laptop cannot stay unlocked");
	complain_next(c->complaint,
	    "pnet status --passphrase-file FILE    and so for each "
	    "command; on a terminal each asks");
	return ST_NOT_JOINED;
}

static void
print_unlocked(const struct call *c, unsigned seconds)
{
	time_t until = time(NULL) + (time_t)seconds;
	struct tm tm;

	if (c->global.is_quiet || localtime_r(&until, &tm) == NULL)
		return;
	printf("[ok] unlocked in this session until %02d:%02d    pnet lock ends it\n",
	    tm.tm_hour, tm.tm_min);
}

/* Asks also where it is unlocked: nobody makes it longer who does not know it. */
status
cmd_unlock(struct call *c)
{
	struct vault_secrets *secrets = secrets_new();
	struct lock_call x;
	unsigned seconds = 0;
	status st = read_span(c, &seconds);

	if (st == ST_OK) {
		st = begin(c, &x);
		if (st == ST_OK && secrets != NULL)
			st = unlock_file(x.dir, VAULT_NAME,
			    "Passphrase of this laptop: ", &x.place.phrase, c->complaint,
			    secrets);
		if (st == ST_OK && secrets != NULL &&
		    !kernel_key_keep(vault_span(&x), secrets, seconds))
			st = complain_no_keyring(c);
		if (st == ST_OK)
			print_unlocked(c, seconds);
		(void)end(&x, st);
	}
	secrets_free(secrets);
	return st;
}

/* ---- lock ---- */

static void
print_drafts(const struct lock_call *x)
{
	size_t n = drafts_count(x->dir);

	if (n > 0)
		fprintf(stderr,
		    "[!!] %zu file%s of an edit in %s %s in clear: finish the edit, or "
		    "shred -u\n",
		    n, n == 1 ? "" : "s", x->dir, n == 1 ? "is" : "are");
}

status
cmd_lock(struct call *c)
{
	struct lock_call x;
	status st = begin(c, &x);

	if (st == ST_OK) {
		bool was_open = kernel_key_drop(vault_span(&x));

		if (!c->global.is_quiet)
			printf("[ok] locked%s\n", was_open ? "" : ", as it was before");
		print_drafts(&x);
	}
	return end(&x, st);
}

/* ---- passphrase ---- */

/* The present one and the one to be, and what the vault holds. */
struct change {
	struct passphrase *old, *fresh;
	struct vault_secrets *secrets;
};

static bool
change_new(struct change *x)
{
	x->old = passphrase_new();
	x->fresh = passphrase_new();
	x->secrets = secrets_new();
	return x->old != NULL && x->fresh != NULL && x->secrets != NULL;
}

static void
change_free(struct change *x)
{
	passphrase_free(x->old);
	passphrase_free(x->fresh);
	secrets_free(x->secrets);
}

static status
ask_new(struct call *c, const struct lock_call *x, struct passphrase *out)
{
	const struct passphrase_source fresh = {
	    .file = call_option(c, "new-passphrase-file"),
	    .fd = call_option(c, "new-passphrase-fd"),
	    .asks_nothing = c->global.asks_nothing};
	status st = passphrase_choose(&fresh, "this laptop", &x->rng, c->complaint, out);

	if (st != ST_NOT_JOINED)
		return st;
	(void)complain(c->complaint, PN_U01,
	    "the new passphrase is typed on a terminal, or "
	    "read from --new-passphrase-file");
	complain_next(c->complaint, "pnet help passphrase");
	return ST_USAGE;
}

/* A new page key too: what was copied with an old vault opens no page written from now.
 */
static status
change_deep(struct lock_call *x, struct change *change, struct reseal_plan *plan,
    struct trouble *t)
{
	static const char vfs[] = "pnet-deep";
	status st =
	    sealed_vfs_register(vfs, NULL, &change->secrets->page_key, &x->rng, t);

	if (st != ST_OK)
		return st;
	rng_fill(&x->rng, &change->secrets->page_key, sizeof change->secrets->page_key);
	plan->copies = true;
	plan->from = vfs;
	st = reseal(x->dir, plan, &x->rng, t);
	sealed_vfs_unregister(vfs);
	return st;
}

static status
change_vault(struct call *c, struct lock_call *x, struct change *change)
{
	struct vault_cost cost = {0};
	struct reseal_plan plan = {.secrets = change->secrets,
	    .fresh = change->fresh,
	    .old = change->old,
	    .cost = &cost};
	struct trouble t = {0};
	bool was_open = kernel_key_drop(vault_span(x));
	status st = command_cost(c, &cost);

	if (st != ST_OK)
		return st;
	st = call_has(c, "deep") ? change_deep(x, change, &plan, &t)
				 : reseal(x->dir, &plan, &x->rng, &t);
	if (st != ST_OK)
		return complain_trouble(c->complaint, &t);
	if (was_open && vault_file_read(x->dir, VAULT_NAME, x->vault, NULL) == ST_OK)
		(void)kernel_key_keep(vault_span(x), change->secrets, UNLOCK_SECONDS);
	return ST_OK;
}

status
cmd_passphrase(struct call *c)
{
	struct change change = {0};
	struct vault_cost cost;
	struct lock_call x;
	status st = command_cost(c, &cost);

	if (st != ST_OK)
		return st;
	st = begin(c, &x);
	if (st == ST_OK && !change_new(&change))
		st = complain(c->complaint, PN_X01, "out of memory");
	if (st == ST_OK)
		st = unlock_file(x.dir, VAULT_NAME,
		    "Present passphrase: ", &x.place.phrase, c->complaint,
		    change.secrets);
	if (st == ST_OK && x.place.phrase.kept != NULL)
		memcpy(change.old, x.place.phrase.kept, sizeof *change.old);
	if (st == ST_OK)
		st = ask_new(c, &x, change.fresh);
	if (st == ST_OK)
		st = change_vault(c, &x, &change);
	if (st == ST_OK && !c->global.is_quiet)
		printf(
		    "[ok] the new passphrase holds%s; copies of this folder made before "
		    "still open with the old one\n",
		    call_has(c, "deep") ? ", and everything is sealed under a new key"
					: "");
	change_free(&change);
	return end(&x, st);
}

/* ---- panic ---- */

static void
print_loss(const struct lock_call *x)
{
	struct counts counts;

	if (counts_read(x->dir, &counts))
		fprintf(stderr,
		    "[!!] %llu change%s that the server does not have %s lost for "
		    "ever\n",
		    (unsigned long long)counts.changes, counts.changes == 1 ? "" : "s",
		    counts.changes == 1 ? "is" : "are");
	else
		fprintf(stderr, "[!!] what the server does not have is lost for ever\n");
	if (vault_file_is_there(x->dir, ROOT_KEY_NAME))
		fprintf(stderr,
		    "[!!] the network's root key in this folder too, unless a "
		    "copy lies elsewhere\n");
}

/* Seconds may count: one word, or --yes. */
static status
confirm_panic(struct call *c)
{
	char text[32];
	status st;

	if (c->global.says_yes)
		return ST_OK;
	if (!c->global.asks_nothing && isatty(STDIN_FILENO) != 0) {
		fprintf(stderr, "Type panic to destroy the key of this laptop: ");
		if (ask_line(text, sizeof text) && strcmp(text, "panic") == 0)
			return ST_OK;
	}
	st = complain(c->complaint, PN_U01, "it was not confirmed");
	complain_next(c->complaint, "pnet panic --yes");
	return st;
}

/* The key first; once it is gone the rest is noise, and goes without being overwritten.
 * Drafts are in clear, and are. */
static status
destroy(struct lock_call *x, struct trouble *t)
{
	static const char *const keys[] = {VAULT_NAME, VAULT_NAME ".write",
	    VAULT_NAME ".new", VAULT_NAME ".new.write", VAULT_NAME ".old", ROOT_KEY_NAME,
	    ROOT_KEY_NAME ".write", ROOT_KEY_NAME ".new", ROOT_KEY_NAME ".new.write",
	    DEVICE_KEY_NAME};
	static const char *const rest[] = {REPLICA_NAME, REPLICA_NAME "-wal",
	    REPLICA_NAME "-journal", "replica.new", "replica.old", COUNTS_NAME};
	status st = ST_OK;

	(void)kernel_key_drop(vault_span(x));
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		status one = file_shred(x->dir, keys[i], &x->rng, t);

		st = st == ST_OK ? one : st;
	}
	if (st == ST_OK)
		st = drafts_shred(x->dir, NULL, &x->rng, t);
	for (size_t i = 0; st == ST_OK && i < sizeof rest / sizeof rest[0]; i++)
		(void)unlink(arena_text(x->arena, "%s/%s", x->dir, rest[i]));
	return st == ST_OK ? folder_sync(x->dir, t) : st;
}

status
cmd_panic(struct call *c)
{
	struct arena *a = arena_new(0);
	struct lock_call x = {.arena = a, .rng = os_rng()};
	struct trouble t = {0};
	status st;

	if (a == NULL)
		return complain(c->complaint, PN_X01, "out of memory");
	x.dir = laptop_folder(c->global.data_dir, a);
	if (vault_file_read(x.dir, VAULT_NAME, x.vault, NULL) == ST_NOT_FOUND &&
	    !vault_file_is_there(x.dir, REPLICA_NAME)) {
		st = no_laptop(c, x.dir);
		arena_free(a);
		return st;
	}
	print_loss(&x);
	st = confirm_panic(c);
	if (st == ST_OK) {
		st = destroy(&x, &t);
		if (st != ST_OK)
			st = complain_trouble(c->complaint, &t);
	}
	if (st == ST_OK)
		printf("[ok] the key is destroyed: nobody opens this laptop any more, "
		       "with no "
		       "passphrase\nnext: pnet join CODE    with a new invite to "
		       "yourself\n");
	arena_free(a);
	return st;
}
