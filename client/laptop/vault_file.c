/* vault_file.c - reads and replaces the small files that open a laptop. */
#include "client/laptop/vault_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "client/laptop/disk.h"

enum { PATH_BYTES = 4200 };

static status
io(struct trouble *t, const char *deed, const char *dir, const char *name)
{
	return trouble_set(t, errno == ENOSPC ? ST_FULL : ST_IO, "cannot %s %s/%s: %s",
	    deed, dir, name, strerror(errno));
}

static void
path_of(
    char out[static PATH_BYTES], const char *dir, const char *name, const char *ending)
{
	(void)snprintf(out, PATH_BYTES, "%s/%s%s", dir, name, ending);
}

bool
vault_file_is_there(const char *dir, const char *name)
{
	char path[PATH_BYTES];

	path_of(path, dir, name, "");
	return access(path, F_OK) == 0;
}

status
vault_file_read(
    const char *dir, const char *name, uint8_t out[static VAULT_BYTES], struct trouble *t)
{
	uint8_t bytes[VAULT_BYTES + 1];
	char path[PATH_BYTES];
	ssize_t n;
	int fd;

	path_of(path, dir, name, "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return trouble_set(t, ST_NOT_FOUND, "%s is missing", path);
	if (fd < 0)
		return io(t, "read", dir, name);
	n = read(fd, bytes, sizeof bytes);
	(void)close(fd);
	if (n != VAULT_BYTES)
		return trouble_set(t, ST_MALFORMED, "%s is not a vault", path);
	memcpy(out, bytes, VAULT_BYTES);
	return ST_OK;
}

static status
write_new(const char *path, const uint8_t bytes[static VAULT_BYTES])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const struct span all = span_of(bytes, VAULT_BYTES);
	status st = fd >= 0 && file_put(fd, all) && fsync(fd) == 0 ? ST_OK : ST_IO;
	int why = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = why;
	return st;
}

/* What a file that was replaced still holds. Its name is gone: only this descriptor
 * reaches it. A failure costs nothing that anybody relies on. */
static void
wipe_replaced(int fd)
{
	static const uint8_t zeros[VAULT_BYTES];

	if (fd < 0)
		return;
	if (file_put(fd, span_of(zeros, sizeof zeros)))
		(void)fsync(fd);
	(void)close(fd);
}

status
vault_file_write(const char *dir, const char *name,
    const uint8_t bytes[static VAULT_BYTES], struct trouble *t)
{
	char path[PATH_BYTES], fresh[PATH_BYTES];
	status st;
	int old;

	path_of(path, dir, name, "");
	path_of(fresh, dir, name, ".write");
	old = open(path, O_WRONLY | O_CLOEXEC);
	st = write_new(fresh, bytes);
	if (st == ST_OK && rename(fresh, path) != 0)
		st = ST_IO;
	if (st != ST_OK) {
		st = io(t, "write", dir, name);
		(void)unlink(fresh);
	}
	if (st == ST_OK)
		st = folder_sync(dir, t);
	if (st == ST_OK)
		wipe_replaced(old);
	else if (old >= 0)
		(void)close(old);
	return st;
}
