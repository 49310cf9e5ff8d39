/* carry.c - the folder: which files are bundles, in what order, how a file appears. */
#include "client/sync/carry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/laptop/disk.h"
#include "proto/bundle.h"

static const char ending[] = ".pnet";

/* Its bundles, by name, and when each was written by its writer's clock; 0 = not taken.
 */
struct folder {
	const char *dir;
	size_t n;
	const char *names[CARRY_FILES_MAX];
	uint64_t times[CARRY_FILES_MAX];
};

/* ---- names ---- */

static bool
is_bundle_name(const char *name)
{
	size_t len = strlen(name), tail = sizeof ending - 1;

	return name[0] != '.' && len > tail && strcmp(name + len - tail, ending) == 0;
}

/* One file for each laptop, written anew each time. */
static const char *
own_name(struct laptop *l)
{
	const uint8_t *id = l->self.device.bytes;

	return arena_text(l->arena, "%s-%02x%02x%02x%02x%s", l->self.member, id[0], id[1],
	    id[2], id[3], ending);
}

static const char *
in_folder(struct laptop *l, const char *dir, const char *name)
{
	return arena_text(l->arena, "%s/%s", dir, name);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static status
bad_folder(struct laptop *l, const char *dir, const char *why)
{
	status st = complain(l->complaint, PN_O01, "%s: %s", dir, why);

	complain_data(l->complaint, "nothing was changed on this laptop");
	complain_next(l->complaint, "pnet sync --via DIR    with a folder of the stick");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
list_bundles(struct laptop *l, struct folder *f)
{
	DIR *d = opendir(f->dir);
	const struct dirent *e;

	if (d == NULL)
		return bad_folder(l, f->dir, strerror(errno)); /* NOLINT: one thread */
	while (f->n < CARRY_FILES_MAX && (e = readdir(d)) != NULL) { /* NOLINT */
		if (is_bundle_name(e->d_name))
			f->names[f->n++] = arena_text(l->arena, "%s", e->d_name);
	}
	(void)closedir(d);
	qsort(f->names, f->n, sizeof f->names[0], by_name);
	return ST_OK;
}

/* ---- reading ---- */

/* NULL bytes: no regular file, too large, or gone meanwhile; bundle_open says the rest.
 */
static struct span
read_file(const char *path, uint8_t **kept)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct span out = {NULL, 0};
	struct stat s;
	size_t used = 0;

	*kept = NULL;
	if (fd < 0)
		return out;
	if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 &&
	    s.st_size <= BUNDLE_BYTES_MAX)
		*kept = malloc((size_t)s.st_size);
	while (*kept != NULL && used < (size_t)s.st_size) {
		ssize_t got = read(fd, *kept + used, (size_t)s.st_size - used);

		if (got <= 0)
			break;
		used += (size_t)got;
	}
	(void)close(fd);
	if (*kept != NULL)
		out = span_of(*kept, used);
	return out;
}

/* Of what is complained last, the first is kept: a folder may hold several bad files. */
struct first_complaint {
	struct complaint complaint;
	status st;
};

static bool
is_about_the_file(const struct complaint *c)
{
	return c->id == PN_B01 || c->id == PN_B02 || c->id == PN_N05;
}

static status
read_bundles(struct laptop *l, struct folder *f, struct carry_report *out,
    struct first_complaint *bad)
{
	const char *own = own_name(l);
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < f->n; i++) {
		uint8_t *kept;
		struct span file = read_file(in_folder(l, f->dir, f->names[i]), &kept);

		st = carry_take(l, f->names[i], file, &f->times[i], out);
		free(kept);
		if (st == ST_OK)
			out->n_read += strcmp(f->names[i], own) != 0;
		if (st == ST_OK || !is_about_the_file(l->complaint))
			continue;
		if (bad->complaint.id == PN_NONE)
			*bad = (struct first_complaint){*l->complaint, st};
		l->complaint->id = PN_NONE;
		st = ST_OK;
	}
	return st;
}

/* ---- writing ---- */

/* Whole or not at all: a stick may be pulled at any moment. The name beside it is no
 * bundle's name. */
static status
write_bundle(struct laptop *l, const char *dir, struct span file)
{
	const char *path = in_folder(l, dir, own_name(l));
	const char *beside = arena_text(l->arena, "%s.part", path);
	bool is_written;
	int fd;

	if (path == NULL || beside == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a name");
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return bad_folder(l, dir, strerror(errno)); /* NOLINT: one thread */
	is_written = file_put(fd, file) && fsync(fd) == 0;
	is_written = close(fd) == 0 && is_written;
	if (is_written && rename(beside, path) == 0 &&
	    folder_sync(dir, &l->trouble) == ST_OK)
		return ST_OK;
	(void)unlink(beside);
	return bad_folder(l, dir, "the bundle could not be written whole");
}

static status
make_and_write(struct laptop *l, const char *dir, struct carry_report *out)
{
	struct arena *a = arena_new(0);
	struct span file;
	status st = a == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
			      : carry_make(l, a, &file);

	if (st == ST_OK)
		st = write_bundle(l, dir, file);
	out->n_written = st == ST_OK;
	arena_free(a);
	return st;
}

/* ---- old ones ---- */

/* Old by the newest bundle there, or by our clock where that says less: a wrong clock
 * must not throw away what somebody else put there. */
static void
remove_old(struct laptop *l, const struct folder *f, struct carry_report *out)
{
	const uint64_t kept_s = CARRY_KEEP_DAYS * UINT64_C(86400);
	const char *own = own_name(l);
	uint64_t newest = 0, now = l->now_ms / 1000;

	for (size_t i = 0; i < f->n; i++) {
		if (f->times[i] > newest && strcmp(f->names[i], own) != 0)
			newest = f->times[i];
	}
	now = newest < now ? newest : now;
	for (size_t i = 0; i < f->n; i++) {
		if (f->times[i] != 0 && f->times[i] + kept_s < now &&
		    strcmp(f->names[i], own) != 0 &&
		    unlink(in_folder(l, f->dir, f->names[i])) == 0)
			out->n_removed++;
	}
}

/* ---- all ---- */

static status
count_waiting(struct laptop *l, struct carry_report *out)
{
	struct waiting waiting;
	status st = records_waiting(l, &waiting);

	out->own = waiting.changes;
	out->carried = waiting.carried;
	return st;
}

status
carry_run(struct laptop *l, const char *dir, struct carry_report *out)
{
	struct folder f = {.dir = dir};
	struct first_complaint bad = {.st = ST_OK};
	status st = list_bundles(l, &f);

	memset(out, 0, sizeof *out);
	if (st == ST_OK)
		st = read_bundles(l, &f, out, &bad);
	if (st == ST_OK)
		st = make_and_write(l, dir, out);
	if (st == ST_OK)
		st = count_waiting(l, out);
	if (st != ST_OK)
		return st;
	remove_old(l, &f, out);
	if (bad.complaint.id != PN_NONE)
		*l->complaint = bad.complaint;
	return bad.st;
}
