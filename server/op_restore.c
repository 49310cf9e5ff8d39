/* op_restore.c - `pnetd restore BACKUP --data DIR` puts a backup into a data folder;
 * `pnetd restore DIR` takes the space files that lie there already. Both bury again who
 * was erased since, from the list that no backup replaces, and draw new store epochs, so
 * that every laptop notices that this is not the server it knew (DESIGN 4.3, 4.5). The
 * server must be stopped. A file gets its own name only when all that is done. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "crypto/sign.h"
#include "net/os_rng.h"
#include "server/backup_set.h"
#include "server/complain.h"
#include "server/config.h"
#include "server/graves_file.h"
#include "server/ops.h"
#include "server/state_file.h"
#include "store/store_sqlite.h"

static const char next_restore[] =
    "pnetd restore BACKUP --data DIR [--graves FILE] [--replace]";

struct restoring {
	const char *data;
	const char *from;   /* the backup; NULL: the files lie in data */
	const char *graves; /* a newer list than that of data; may be NULL */
	bool replaces;
	char aside[CONFIG_TEXT_BYTES + 32]; /* what was there goes here */
	size_t n_spaces;
	struct backup_set set;
};

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

/* path: the space's file, under whatever name. */
static status
restore_space(
    const struct restoring *r, const char *path, const char *name, struct trouble *t)
{
	char list[CONFIG_TEXT_BYTES + 16];
	const struct checks checks = sign_checks();
	const struct store_sqlite_config config = {.path = path, .checks = &checks};
	struct arena *a = arena_new(0);
	struct merge_grave *graves = NULL;
	struct store *s = NULL;
	size_t n = 0;
	status st = a == NULL ? trouble_set(t, ST_NO_MEMORY, "no memory") : ST_OK;

	(void)snprintf(list, sizeof list, "%s/graves", r->data);
	if (st == ST_OK && r->graves != NULL)
		st = graves_file_read(r->graves, name, a, &graves, &n, t);
	if (st == ST_OK && n > 0)
		st = graves_file_add(list, name, graves, n, t);
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

/* Every space file of the data folder: does `at` with it, and counts. */
static status
each_file(struct restoring *r,
    status (*at)(struct restoring *r, const char *file, struct trouble *t),
    struct trouble *t)
{
	DIR *d = opendir(r->data);
	const struct dirent *e;
	status st = ST_OK;

	r->n_spaces = 0;
	if (d == NULL)
		return trouble_set(t, ST_NOT_FOUND, "%s: %s", r->data, strerror(errno));
	while (st == ST_OK && (e = readdir(d)) != NULL) {
		char name[8];

		if (!space_of_file(e->d_name, name))
			continue;
		st = at(r, e->d_name, t);
		r->n_spaces += st == ST_OK;
	}
	(void)closedir(d);
	return st;
}

static status
restore_there(struct restoring *r, const char *file, struct trouble *t)
{
	char path[CONFIG_TEXT_BYTES + 16], name[8];

	(void)space_of_file(file, name);
	(void)snprintf(path, sizeof path, "%s/%s", r->data, file);
	return restore_space(r, path, name, t);
}

/* ---- from a backup ---- */

static status
only_count(struct restoring *r, const char *file, struct trouble *t)
{
	(void)r;
	(void)file;
	(void)t;
	return ST_OK;
}

/* What is replaced is not thrown away: it goes into a folder of its own. */
static status
put_aside(struct restoring *r, const char *file, struct trouble *t)
{
	static const char *const ends[] = {"", "-wal"};

	for (size_t i = 0; i < 2; i++) {
		char from[CONFIG_TEXT_BYTES + 24], to[CONFIG_TEXT_BYTES + 64];

		(void)snprintf(from, sizeof from, "%s/%s%s", r->data, file, ends[i]);
		(void)snprintf(to, sizeof to, "%s/%s%s", r->aside, file, ends[i]);
		if (rename(from, to) != 0 && (i == 0 || errno != ENOENT))
			return trouble_set(
			    t, ST_NO_OUTPUT, "%s: %s", from, strerror(errno));
	}
	return ST_OK;
}

static status
clear_place(struct restoring *r, struct trouble *t)
{
	status st = each_file(r, only_count, t);

	if (st != ST_OK || r->n_spaces == 0)
		return st;
	if (!r->replaces)
		return trouble_set(t, ST_EXISTS,
		    "%s holds %zu space files already; --replace puts them aside",
		    r->data, r->n_spaces);
	(void)snprintf(r->aside, sizeof r->aside, "%s/replaced-%llu", r->data,
	    (unsigned long long)time(NULL));
	if (mkdir(r->aside, 0700) != 0)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", r->aside, strerror(errno));
	st = each_file(r, put_aside, t);
	if (st == ST_OK)
		(void)printf("what was there is in %s\n", r->aside);
	return st;
}

/* Brings one file of the backup, and makes it ready under another name. */
static status
bring(struct restoring *r, const struct backup_file *f, struct trouble *t)
{
	char from[BACKUP_PATH_BYTES], to[CONFIG_TEXT_BYTES + 48], name[8];
	struct backup_file copied;
	bool is_space = space_of_file(f->name, name);
	status st;

	(void)snprintf(from, sizeof from, "%.460s/%s", r->from, f->name);
	(void)snprintf(
	    to, sizeof to, "%s/%s%s", r->data, f->name, is_space ? ".restored" : "");
	if (!is_space && access(to, F_OK) == 0)
		return ST_OK; /* settings of this machine */
	if (is_space)
		(void)unlink(to);
	st = backup_copy_file(from, to, &copied, t);
	if (st == ST_OK && !ID_EQUAL(&copied.hash, &f->hash))
		st = trouble_set(t, ST_HASH, "%s is not what the manifest says", from);
	return st == ST_OK && is_space ? restore_space(r, to, name, t) : st;
}

static status
name_it(struct restoring *r, const struct backup_file *f, struct trouble *t)
{
	char from[CONFIG_TEXT_BYTES + 48], to[CONFIG_TEXT_BYTES + 48], name[8];

	if (!space_of_file(f->name, name))
		return ST_OK;
	(void)snprintf(from, sizeof from, "%s/%s.restored", r->data, f->name);
	(void)snprintf(to, sizeof to, "%s/%s", r->data, f->name);
	r->n_spaces++;
	return rename(from, to) == 0
		   ? ST_OK
		   : trouble_set(t, ST_NO_OUTPUT, "%s: %s", to, strerror(errno));
}

static status
restore_backup(struct restoring *r, struct trouble *t)
{
	status st = backup_read_manifest(r->from, &r->set, t);

	if (st == ST_OK)
		st = backup_check_files(r->from, &r->set, t);
	if (st == ST_OK && mkdir(r->data, 0750) != 0 && errno != EEXIST)
		st = trouble_set(t, ST_NO_OUTPUT, "%s: %s", r->data, strerror(errno));
	if (st == ST_OK && !r->replaces)
		st = clear_place(r, t);
	for (size_t i = 0; st == ST_OK && i < r->set.n; i++)
		st = bring(r, &r->set.files[i], t);
	if (st == ST_OK && r->replaces)
		st = clear_place(r, t);
	r->n_spaces = 0;
	for (size_t i = 0; st == ST_OK && i < r->set.n; i++)
		st = name_it(r, &r->set.files[i], t);
	return st == ST_OK ? backup_sync_folder(r->data, t) : st;
}

static status
restore_all(struct restoring *r, struct trouble *t)
{
	status st =
	    r->from != NULL ? restore_backup(r, t) : each_file(r, restore_there, t);

	return st == ST_OK && r->n_spaces == 0
		   ? trouble_set(t, ST_NOT_FOUND, "%s holds no space file",
			 r->from != NULL ? r->from : r->data)
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

static status
read_restore(int argc, char **argv, struct restoring *r)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
	    {"graves", required_argument, NULL, 'g'}, {"replace", no_argument, NULL, 'r'},
	    {0}};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			r->data = optarg;
		else if (o == 'g')
			r->graves = optarg;
		else if (o == 'r')
			r->replaces = true;
		else
			return ST_USAGE;
	}
	if (optind + 1 != argc)
		return ST_USAGE;
	if (r->data == NULL)
		r->data = argv[optind];
	else
		r->from = argv[optind];
	return strlen(r->data) < CONFIG_TEXT_BYTES ? ST_OK : ST_USAGE;
}

static void
say_restored(const struct restoring *r)
{
	char path[CONFIG_TEXT_BYTES + 16];

	(void)snprintf(path, sizeof path, "%s/graves", r->data);
	if (access(path, F_OK) != 0)
		(void)fprintf(stderr,
		    "[!!] there is no list of graves: who was erased since the backup is "
		    "there again until a laptop that knows of it has come. With the "
		    "newest "
		    "list: pnetd restore %s --data %s --replace --graves FILE\n",
		    r->from != NULL ? r->from : "BACKUP", r->data);
	(void)snprintf(path, sizeof path, "%s/server.key", r->data);
	if (access(path, F_OK) != 0)
		(void)fprintf(stderr,
		    "[!!] %s is missing: laptops know the server by it. Put it there\n",
		    path);
	(void)fprintf(stderr,
	    "[ok] laptops will notice, and give back what they know if you let them:\n"
	    "next: set recovery = yes in %s/pnetd.conf, then pnetd serve --data %s\n"
	    "      and recovery = no again once all have synced\n",
	    r->data, r->data);
}

int
op_restore(int argc, char **argv)
{
	struct restoring *r = calloc(1, sizeof *r);
	struct trouble t = {0};
	status st = r == NULL ? ST_NO_MEMORY : read_restore(argc, argv, r);
	int code = 0;

	if (st != ST_OK) {
		(void)trouble_set(&t, st, "restore needs a backup, and a folder for it");
		code =
		    complain(st, &t, "the command is not understood", NULL, next_restore);
	} else if (is_served(r->data)) {
		(void)trouble_set(&t, ST_BUSY, "a server is running there");
		code = complain(ST_BUSY, &t, "the folder is in use",
		    "nothing was changed", "stop pnetd, then pnetd restore DIR");
	} else if ((st = restore_all(r, &t)) != ST_OK) {
		code = complain(st, &t, "the folder cannot be made ready",
		    "no store was served; the command may be given again", next_restore);
	} else {
		say_restored(r);
	}
	free(r);
	return code;
}
