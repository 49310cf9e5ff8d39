/* outfile.c - writes beside the file, makes it durable, and renames. */
#include "client/commands/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/laptop/disk.h"

const char *
outfile_path(struct call *c, struct laptop *l, const char *name, const char *ending)
{
	const char *dir = call_option(c, "out");

	return dir == NULL ? arena_text(l->arena, "%s.%s", name, ending)
			   : arena_text(l->arena, "%s/%s.%s", dir, name, ending);
}

static status
cannot(struct call *c, struct laptop *l, const char *path)
{
	char why[128];
	status st;

	(void)snprintf(why, sizeof why, "%s", strerror(errno)); /* NOLINT: one thread */
	st = complain(c->complaint, PN_O01, "cannot write %s: %s", path, why);
	complain_next(c->complaint, "pnet %s %s -o .", c->command->name,
	    c->n_args > 0 ? c->args[0] : "");
	return trouble_set(&l->trouble, st, "%s", c->complaint->why);
}

status
outfile_write(struct call *c, struct laptop *l, const char *path, struct span text)
{
	const char *dir = call_option(c, "out");
	char *beside = arena_text(l->arena, "%s.XXXXXX", path);
	bool is_written;
	int fd;

	if (path == NULL || beside == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a file");
	if (dir != NULL && mkdir(dir, 0777) != 0 && errno != EEXIST)
		return cannot(c, l, dir);
	fd = mkstemp(beside);
	if (fd < 0)
		return cannot(c, l, path);
	is_written = file_put(fd, text) && fsync(fd) == 0;
	/* It is for readers: no name of a person is in it. */
	is_written = fchmod(fd, 0644) == 0 && is_written;
	is_written = close(fd) == 0 && is_written;
	if (is_written && rename(beside, path) == 0)
		return ST_OK;
	(void)cannot(c, l, path);
	(void)unlink(beside);
	return l->trouble.code;
}

status
outfile_table(
    struct call *c, struct laptop *l, const char *path, const struct listing *rows)
{
	char *bytes = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&bytes, &len);
	status st;

	if (to == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a table");
	listing_print(rows, STYLE_CSV, true, to);
	st = fclose(to) == 0
		 ? outfile_write(c, l, path, span_of(bytes, len))
		 : trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a table");
	free(bytes);
	return st;
}
