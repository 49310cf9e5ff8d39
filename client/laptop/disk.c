/* disk.c - writes, overwrites, fsync. */
#include "client/laptop/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4200, SHRED_BYTES = 64 * 1024 };

static status
io(struct trouble *t, const char *deed, const char *dir, const char *name)
{
	return trouble_set(t, errno == ENOSPC ? ST_FULL : ST_IO, "cannot %s %s/%s: %s",
	    deed, dir, name, strerror(errno));
}

int
file_private(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat at;

	if (fd < 0 || fstat(fd, &at) != 0 || !S_ISREG(at.st_mode) ||
	    (at.st_mode & 077) == 0 || fchmod(fd, 0600) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

bool
file_put(int fd, struct span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.bytes, bytes.len);

		if (n <= 0)
			return false;
		bytes.bytes += n;
		bytes.len -= (size_t)n;
	}
	return true;
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

		if (!file_put(fd, span_of(noise, len)))
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

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? ST_OK : io(t, "overwrite", dir, name);
	st = overwrite(fd, rng);
	(void)close(fd);
	if (st != ST_OK || unlink(path) != 0)
		return io(t, "overwrite", dir, name);
	return ST_OK;
}
