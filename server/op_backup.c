/* op_backup.c - `pnetd backup DIR`: all spaces, one after the other, while the server
 * serves or is stopped. Each is one moment of its space; NET comes last, since the logs
 * of the countries cite its log. The server copies into its own folder, this process
 * takes the copies away, so the server needs to write nowhere else. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "server/admin.h"
#include "server/admin_link.h"
#include "server/backup_set.h"
#include "server/complain.h"
#include "server/config.h"
#include "server/ops.h"

static const char next_backup[] =
    "pnetd backup DIR [--data DIR] [--keep-days N] [--remove-old]";

enum { STAMP_BYTES = sizeof "2027-04-12T080000Z", SECONDS_A_DAY = 86400 };

struct backing_up {
	const char *data;
	const char *to;
	unsigned long keep_days;
	bool removes;
	char folder[BACKUP_PATH_BYTES]; /* its last name */
	char making[BACKUP_PATH_BYTES]; /* its name until it is whole */
	size_t n_spaces;
	char spaces[BACKUP_FILES_MAX][8]; /* NET last */
	char copy[BACKUP_PATH_BYTES];     /* where the server put the present one */
	struct backup_set set;
};

/* ---- what the server says ---- */

/* First word of each line but the title: NET, SK... */
static void
take_space(void *ctx, const char *line)
{
	struct backing_up *b = ctx;
	char name[8];

	if (line[0] != ' ' && sscanf(line, "%7s", name) == 1 &&
	    b->n_spaces + 1 < BACKUP_FILES_MAX)
		(void)snprintf(b->spaces[b->n_spaces++], sizeof name, "%s", name);
}

/* The file, then what is in it. */
static void
take_copied(void *ctx, const char *line)
{
	struct backing_up *b = ctx;
	struct backup_file *f = &b->set.files[b->set.n];

	if (line[0] == '/' || strncmp(line, "records ", 8) != 0)
		(void)snprintf(b->copy, sizeof b->copy, "%s", line);
	else
		(void)snprintf(f->facts, sizeof f->facts, "%.190s", line);
}

/* ---- one backup ---- */

static status
join(char out[static BACKUP_PATH_BYTES], const char *folder, const char *file,
    struct trouble *t)
{
	if ((size_t)snprintf(out, BACKUP_PATH_BYTES, "%s/%s", folder, file) <
	    BACKUP_PATH_BYTES)
		return ST_OK;
	return trouble_set(t, ST_USAGE, "the name of the folder is too long");
}

static status
take_file(struct backing_up *b, const char *from, const char *name, struct trouble *t)
{
	struct backup_file *f = &b->set.files[b->set.n];
	char to[BACKUP_PATH_BYTES];
	status st = join(to, b->making, name, t);

	(void)snprintf(f->name, sizeof f->name, "%s", name);
	if (st == ST_OK)
		st = backup_copy_file(from, to, f, t);
	if (st == ST_OK)
		b->set.n++;
	return st;
}

static status
back_up_space(
    struct backing_up *b, struct admin_link *link, const char *space, struct trouble *t)
{
	char line[24], name[16];
	status st;

	(void)snprintf(line, sizeof line, "copy %s", space);
	(void)snprintf(name, sizeof name, "%s.db", space);
	b->copy[0] = '\0';
	b->set.files[b->set.n] = (struct backup_file){0};
	st = admin_link_ask(link, line, take_copied, b, t);
	if (st == ST_OK)
		st = take_file(b, b->copy, name, t);
	if (b->copy[0] != '\0')
		(void)unlink(b->copy);
	if (st == ST_OK)
		(void)printf("%-4s %s\n", space, b->set.files[b->set.n - 1].facts);
	else
		(void)trouble_wrap(t, "%s", space);
	return st;
}

static status
back_up_all(struct backing_up *b, struct admin_link *link, struct trouble *t)
{
	char path[BACKUP_PATH_BYTES];
	status st = admin_link_ask(link, "spaces", take_space, b, t);

	/* The server names NET first. */
	for (size_t i = 1; st == ST_OK && i <= b->n_spaces; i++)
		st = back_up_space(b, link, b->spaces[i % b->n_spaces], t);
	if (st == ST_OK)
		st = join(path, b->data, "pnetd.conf", t);
	if (st == ST_OK)
		st = take_file(b, path, "pnetd.conf", t);
	if (st == ST_OK)
		st = backup_write_manifest(b->making, &b->set, t);
	return st == ST_OK ? backup_sync_folder(b->making, t) : st;
}

static void
remove_folder(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	char file[BACKUP_PATH_BYTES];

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && join(file, path, e->d_name, NULL) == ST_OK)
			(void)unlink(file);
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(path);
}

static status
make(struct backing_up *b, struct trouble *t)
{
	struct admin_link *link = NULL;
	status st;

	if (mkdir(b->to, 0700) != 0 && errno != EEXIST)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", b->to, strerror(errno));
	if (mkdir(b->making, 0700) != 0)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", b->making, strerror(errno));
	st = admin_link_open(&link, b->data, t);
	if (st == ST_OK)
		st = back_up_all(b, link, t);
	admin_link_close(link);
	if (st == ST_OK && rename(b->making, b->folder) != 0)
		st = trouble_set(t, ST_NO_OUTPUT, "%s: %s", b->folder, strerror(errno));
	if (st == ST_OK)
		st = backup_sync_folder(b->to, t);
	if (st != ST_OK)
		remove_folder(b->making);
	return st;
}

/* ---- old ones ---- */

static bool
is_old(const char *name, time_t now, unsigned long days)
{
	struct tm tm = {0};
	const char *end = strptime(name, "%Y-%m-%dT%H%M%SZ", &tm);

	return end != NULL && (*end == '\0' || strcmp(end, ".new") == 0) &&
	       now - timegm(&tm) > (time_t)days * SECONDS_A_DAY;
}

/* What was erased since lives on in an old backup (SECURITY 12). */
static void
tell_old(const struct backing_up *b)
{
	DIR *d = opendir(b->to);
	const struct dirent *e;
	char path[BACKUP_PATH_BYTES];
	time_t now = time(NULL);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (!is_old(e->d_name, now, b->keep_days) ||
		    join(path, b->to, e->d_name, NULL) != ST_OK)
			continue;
		if (b->removes)
			remove_folder(path);
		(void)printf("old  %s is older than %lu days: %s\n", path, b->keep_days,
		    b->removes ? "removed" : "remove it, or add --remove-old");
	}
	if (d != NULL)
		(void)closedir(d);
}

/* ---- the command ---- */

static status
read_backup(int argc, char **argv, struct backing_up *b, struct trouble *t)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
	    {"keep-days", required_argument, NULL, 'k'},
	    {"remove-old", no_argument, NULL, 'r'}, {0}};
	char stamp[STAMP_BYTES];
	time_t now = time(NULL);
	struct tm tm;
	status st;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		char *end = NULL;

		if (o == 'd')
			b->data = optarg;
		else if (o == 'r')
			b->removes = true;
		else if (o == 'k' && (b->keep_days = strtoul(optarg, &end, 10)) > 0 &&
			 *end == '\0' && b->keep_days <= BACKUP_DAYS)
			continue;
		else
			return trouble_set(t, ST_USAGE,
			    "days to keep are 1 to %d, options as below", BACKUP_DAYS);
	}
	if (optind + 1 != argc)
		return trouble_set(t, ST_USAGE, "backup needs one folder");
	b->to = argv[optind];
	(void)gmtime_r(&now, &tm);
	(void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H%M%SZ", &tm);
	st = join(b->folder, b->to, stamp, t);
	(void)snprintf(b->making, sizeof b->making, "%.500s.new", b->folder);
	return st;
}

int
op_backup(int argc, char **argv)
{
	struct backing_up *b = calloc(1, sizeof *b);
	struct trouble t = {0};
	status st = ST_NO_MEMORY;

	if (b != NULL) {
		b->data = ".";
		b->keep_days = BACKUP_DAYS;
		st = read_backup(argc, argv, b, &t);
	}
	if (st == ST_OK)
		st = make(b, &t);
	if (st == ST_OK) {
		(void)printf("%s\n", b->folder);
		tell_old(b);
		(void)fprintf(stderr,
		    "[ok] %zu spaces are backed up. server.key and graves are not in it: "
		    "keep the key in a safe, and copy graves out each day\n"
		    "next: pnetd verify --backup %s\n",
		    b->n_spaces, b->folder);
	}
	free(b);
	return st == ST_OK
		   ? 0
		   : complain(st, &t, "there is no new backup", NULL, next_backup);
}
