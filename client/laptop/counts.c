/* counts.c - reads and writes the plain file of a sealed folder. */
#include "client/laptop/counts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4200, TEXT_BYTES = 96 };

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
	char path[PATH_BYTES], text[TEXT_BYTES];
	bool ok;
	int len, fd;

	(void)snprintf(path, sizeof path, "%s/" COUNTS_NAME, dir);
	len = snprintf(text, sizeof text, "changes %-20llu\nlast_sync_ms %-20lld\n",
	    (unsigned long long)counts->changes, (long long)counts->last_sync_ms);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ok = fd >= 0 && pwrite(fd, text, (size_t)len, 0) == len;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (!ok)
		(void)unlink(path);
}
