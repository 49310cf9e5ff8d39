/* backup_set.h - a backup on disk: a folder with one file per space, the settings, and
 * `manifest`, which names each file with its bytes and its hash, and ends with its own.
 * It appears under its name only when all of it is on the disk. The server's key and the
 * list of graves are never in it (DESIGN 4.3, SECURITY 12). */
#ifndef SERVER_BACKUP_SET_H
#define SERVER_BACKUP_SET_H

#include "base/ids.h"
#include "base/status.h"

enum {
	BACKUP_PATH_BYTES = 512,
	BACKUP_FILES_MAX = 300, /* spaces and the settings */
	BACKUP_DAYS = 30,       /* SECURITY 12: erased data lives on in older ones */
	BACKUP_FACTS_BYTES = 200
};

struct backup_file {
	char name[32]; /* "SK.db", "pnetd.conf" */
	uint64_t bytes;
	struct hash32 hash;
	char facts[BACKUP_FACTS_BYTES]; /* what the server said of it; may be empty */
};

struct backup_set {
	size_t n;
	struct backup_file files[BACKUP_FILES_MAX];
};

/* Copies a file durably, making `to` (mode 0600), and tells its size and hash; to may be
 * NULL: only reads. ST_NOT_FOUND, ST_IO, ST_FULL. */
status backup_copy_file(
    const char *from, const char *to, struct backup_file *out, struct trouble *t);
status backup_sync_folder(const char *path, struct trouble *t);
status backup_write_manifest(
    const char *folder, const struct backup_set *set, struct trouble *t);
/* ST_NOT_FOUND: no manifest; ST_CORRUPT: it was changed or cut. */
status backup_read_manifest(
    const char *folder, struct backup_set *out, struct trouble *t);
/* Is every file what the manifest says? ST_HASH names the first that is not. */
status backup_check_files(
    const char *folder, const struct backup_set *set, struct trouble *t);

#endif
