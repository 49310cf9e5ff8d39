/* counts.c - reads and writes the plain file of a sealed folder. */
#include "client/laptop/counts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4200, TEXT_BYTES = 96 };

static bool
is_same(const char *path, const char *text, size_t len)
{
	char before[TEXT_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, before, sizeof before);

	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)len && memcmp(before, text, len) == 0;
}

bool
counts_read(const char *dir, struct counts *out)
{
	char path[PATH_BYTES], text[TEXT_BYTES];
	unsigned long long changes;
	long long ms;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "%s/" COUNTS_NAME, dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		(void)close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	if (sscanf(text, "changes %llu\nlast_sync_ms %lld\n", &changes, &ms) != 2)
		return false;
	*out = (struct counts){changes, ms};
	return true;
}

void
counts_write(const char *dir, const struct counts *counts)
{
	char path[PATH_BYTES], fresh[PATH_BYTES], text[TEXT_BYTES];
	bool ok;
	int len, fd;

	(void)snprintf(path, sizeof path, "%s/" COUNTS_NAME, dir);
	(void)snprintf(fresh, sizeof fresh, "%s/" COUNTS_NAME ".write", dir);
	len = snprintf(text, sizeof text, "changes %llu\nlast_sync_ms %lld\n",
	    (unsigned long long)counts->changes, (long long)counts->last_sync_ms);
	if (is_same(path, text, (size_t)len)) {
		(void)unlink(fresh); /* left by a command that was killed */
		return;
	}
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ok = fd >= 0 && write(fd, text, (size_t)len) == len;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (ok && rename(fresh, path) == 0)
		return;
	(void)unlink(fresh);
	(void)unlink(path);
}
