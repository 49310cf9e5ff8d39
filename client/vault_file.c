/* vault_file.c - writes and wipes the small files that open a laptop. */
#include "client/vault_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4200, SHRED_BYTES = 64 * 1024 };

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

status
folder_sync(const char *dir, struct trouble *t)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		(void)io(t, "sync", dir, "");
	if (fd >= 0)
		(void)close(fd);
	return ok ? ST_OK : ST_IO;
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
write_synced(int fd, const uint8_t *bytes, size_t len)
{
	return write(fd, bytes, len) == (ssize_t)len && fsync(fd) == 0 ? ST_OK : ST_IO;
}

static status
write_new(const char *path, const uint8_t bytes[static VAULT_BYTES])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	status st = fd < 0 ? ST_IO : write_synced(fd, bytes, VAULT_BYTES);
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
	(void)write_synced(fd, zeros, sizeof zeros);
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

static status
overwrite(int fd, const struct rng *rng)
{
	static uint8_t noise[SHRED_BYTES];
	struct stat info;

	if (fstat(fd, &info) != 0)
		return ST_IO;
	rng_fill(rng, noise, sizeof noise);
	for (off_t at = 0; at < info.st_size; at += SHRED_BYTES) {
		size_t left = (size_t)(info.st_size - at);
		size_t len = left < sizeof noise ? left : sizeof noise;

		if (write(fd, noise, len) != (ssize_t)len)
			return ST_IO;
	}
	return fsync(fd) == 0 ? ST_OK : ST_IO;
}

status
file_shred(const char *dir, const char *name, const struct rng *rng, struct trouble *t)
{
	char path[PATH_BYTES];
	status st;
	int fd;

	path_of(path, dir, name, "");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ST_OK : io(t, "overwrite", dir, name);
	st = overwrite(fd, rng);
	(void)close(fd);
	if (st != ST_OK || unlink(path) != 0)
		return io(t, "overwrite", dir, name);
	return ST_OK;
}
