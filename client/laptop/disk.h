/* disk.h - bytes that must be on the disk, or gone from it. */
#ifndef CLIENT_LAPTOP_DISK_H
#define CLIENT_LAPTOP_DISK_H

#include "base/bytes.h"
#include "base/rng.h"
#include "base/status.h"

/* Opens a file to be written from its begin, readable by its owner alone also if it was
 * there and others could read it. What is no plain file (/dev/stdout) keeps its rights.
 * A descriptor, -1 with errno. */
int file_private(const char *path);
/* Writes all of it to an open file; false if it took less (errno says why). */
bool file_put(int fd, struct span bytes);
/* Overwrites a file's bytes and removes it; one that is not there is no error. ST_IO,
 * ST_FULL. */
status file_shred(
    const char *dir, const char *name, const struct rng *rng, struct trouble *t);
/* fsync of the folder itself: what was renamed or removed there is so for good. ST_IO. */
status folder_sync(const char *dir, struct trouble *t);

#endif
