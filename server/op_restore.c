/* op_restore.c - `pnetd restore DIR`: makes a data folder ready whose space files (or
 * some of them) were put back from a backup. Buries again who was erased since, and draws
 * new store epochs, so that every laptop notices that this is not the server it knew
 * (DESIGN 4.3, 4.5). The server must be stopped. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "crypto/sign.h"
#include "net/os_rng.h"
#include "server/complain.h"
#include "server/config.h"
#include "server/graves_file.h"
#include "server/ops.h"
#include "server/state_file.h"
#include "store/store_sqlite.h"

static const char next_restore[] = "pnetd restore DIR";

struct outcome {
	enum store_result result;
	struct trouble trouble;
};

static void
on_restored(void *ctx, enum store_result r, const struct trouble *t)
{
	struct outcome *o = ctx;

	o->result = r;
	o->trouble = *t;
}

/* "SK" of "SK.db"; false if the name is no space file's. */
static bool
space_of_file(const char *file, char out[static 8])
{
	size_t len = strlen(file);

	if (len < 4 || len > 10 || strcmp(file + len - 3, ".db") != 0)
		return false;
	(void)snprintf(out, 8, "%.*s", (int)(len - 3), file);
	return true;
}

static status
restore_store(
    struct store *s, const struct merge_grave *graves, size_t n, struct trouble *t)
{
	struct outcome o = {.result = STORE_CLOSED};
	struct store_epoch epoch;
	struct rng rng = os_rng();

	rng_fill(&rng, epoch.bytes, sizeof epoch.bytes);
	store_restore(s, &epoch, n, graves, on_restored, &o);
	(void)store_pump(s);
	if (o.result == STORE_OK)
		return ST_OK;
	*t = o.trouble;
	return trouble_set(t, ST_IO, "%s", store_result_text(o.result));
}

static status
restore_space(const char *dir, const char *name, struct trouble *t)
{
	char path[CONFIG_TEXT_BYTES + 16], list[CONFIG_TEXT_BYTES + 16];
	const struct checks checks = sign_checks();
	const struct store_sqlite_config config = {.path = path, .checks = &checks};
	struct arena *a = arena_new(0);
	struct merge_grave *graves = NULL;
	struct store *s = NULL;
	size_t n = 0;
	status st = a == NULL ? trouble_set(t, ST_NO_MEMORY, "no memory") : ST_OK;

	(void)snprintf(path, sizeof path, "%s/%s.db", dir, name);
	(void)snprintf(list, sizeof list, "%s/graves", dir);
	if (st == ST_OK)
		st = graves_file_read(list, name, a, &graves, &n, t);
	if (st == ST_OK)
		st = store_sqlite_open(&s, &config, t);
	if (st == ST_OK)
		st = restore_store(s, graves, n, t);
	if (st == ST_OK)
		(void)printf("%-4s a new epoch, %zu erasure%s done again\n", name, n,
		    n == 1 ? "" : "s");
	else
		(void)trouble_wrap(t, "%s", path);
	store_close(s, NULL, NULL);
	arena_free(a);
	return st;
}

static status
restore_all(const char *dir, size_t *n, struct trouble *t)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	status st = ST_OK;

	*n = 0;
	if (d == NULL)
		return trouble_set(t, ST_NOT_FOUND, "%s: %s", dir, strerror(errno));
	while (st == ST_OK && (e = readdir(d)) != NULL) {
		char name[8];

		if (!space_of_file(e->d_name, name))
			continue;
		st = restore_space(dir, name, t);
		*n += st == ST_OK;
	}
	(void)closedir(d);
	return st == ST_OK && *n == 0
		   ? trouble_set(t, ST_NOT_FOUND, "%s holds no space file", dir)
		   : st;
}

static bool
is_served(const char *dir)
{
	char path[CONFIG_TEXT_BYTES + 16];
	struct state state;

	(void)snprintf(path, sizeof path, "%s/state", dir);
	return state_read(path, &state, NULL) == ST_OK && state_is_running(&state);
}

int
op_restore(int argc, char **argv)
{
	struct trouble t = {0};
	size_t n;
	status st;

	if (argc != 2 || argv[1][0] == '-' || strlen(argv[1]) >= CONFIG_TEXT_BYTES) {
		(void)trouble_set(&t, ST_USAGE, "restore needs a folder");
		return complain(
		    ST_USAGE, &t, "the command is not understood", NULL, next_restore);
	}
	if (is_served(argv[1])) {
		(void)trouble_set(&t, ST_BUSY, "a server is running there");
		return complain(ST_BUSY, &t, "the folder is in use",
		    "nothing was changed", "stop pnetd, then pnetd restore DIR");
	}
	st = restore_all(argv[1], &n, &t);
	if (st != ST_OK)
		return complain(st, &t, "the folder cannot be made ready",
		    "no store was served; the command may be given again", next_restore);
	(void)fprintf(stderr,
	    "[ok] laptops will notice, and give back what they know if you let them:\n"
	    "next: set recovery = yes in %s/pnetd.conf, then pnetd serve --data %s\n"
	    "      and recovery = no again once all have synced\n",
	    argv[1], argv[1]);
	return 0;
}
