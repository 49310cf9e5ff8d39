/* ram_disk.c - a table of files by their whole path. One process, one thread. */
#include "ram_disk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_alike.h"

enum { PATH_BYTES = 512, FILES_MAX = 256, GROW_BYTES = 2 << 20 };

struct ram_file {
	char path[PATH_BYTES]; /* "" = free */
	uint8_t *bytes;
	size_t len, room;
};

struct handle {
	sqlite3_file base;
	struct ram_file *file;
	bool is_temporary; /* goes when it is closed */
};

static struct ram_file files[FILES_MAX];
static sqlite3_vfs disk;

static struct ram_file *
file_of(sqlite3_file *f)
{
	return ((struct handle *)f)->file;
}

static void
resize(struct ram_file *f, size_t len)
{
	if (len > f->room) {
		/* Room that nobody touches costs nothing; moving a file does. */
		f->room = len + len / 4 + GROW_BYTES;
		f->bytes = realloc(f->bytes, f->room);
		assert(f->bytes != NULL);
	}
	if (len > f->len)
		memset(f->bytes + f->len, 0, len - f->len);
	f->len = len;
}

static void
drop(struct ram_file *f)
{
	free(f->bytes);
	memset(f, 0, sizeof *f);
}

static struct ram_file *
find(const char *path)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (files[i].path[0] != '\0' && strcmp(files[i].path, path) == 0)
			return &files[i];
	return NULL;
}

static struct ram_file *
make(const char *path)
{
	size_t i = 0;

	while (i < FILES_MAX && files[i].path[0] != '\0')
		i++;
	assert(i < FILES_MAX && strlen(path) < PATH_BYTES);
	(void)snprintf(files[i].path, sizeof files[i].path, "%s", path);
	return &files[i];
}

/* ---- an open file ---- */

static int
on_close(sqlite3_file *f)
{
	struct handle *h = (struct handle *)f;

	if (h->is_temporary)
		drop(h->file);
	return SQLITE_OK;
}

static int
on_read(sqlite3_file *f, void *out, int len, sqlite3_int64 at)
{
	const struct ram_file *r = file_of(f);
	size_t from = (size_t)at < r->len ? (size_t)at : r->len;
	size_t n = (size_t)len < r->len - from ? (size_t)len : r->len - from;

	if (n > 0)
		memcpy(out, r->bytes + from, n);
	if (n < (size_t)len)
		memset((uint8_t *)out + n, 0, (size_t)len - n);
	return n == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
on_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	struct ram_file *r = file_of(f);

	if (r->len < (size_t)at + (size_t)len)
		resize(r, (size_t)at + (size_t)len);
	memcpy(r->bytes + at, bytes, (size_t)len);
	return SQLITE_OK;
}

static int
on_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	resize(file_of(f), (size_t)len);
	return SQLITE_OK;
}

static int
on_sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return SQLITE_OK;
}

static int
on_size(sqlite3_file *f, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)file_of(f)->len;
	return SQLITE_OK;
}

static int
on_sector(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = alike_lock,
    .xUnlock = alike_lock,
    .xCheckReservedLock = alike_check_lock,
    .xFileControl = alike_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = alike_traits};

/* ---- the table ---- */

static int
vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct handle *h = (struct handle *)f;

	(void)v;
	memset(h, 0, sizeof *h);
	if (name != NULL)
		h->file = find(name);
	if (h->file == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	if (h->file == NULL)
		h->file = make(name == NULL ? "temporary" : name);
	h->is_temporary = name == NULL || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
	h->base.pMethods = &methods;
	if (out != NULL)
		*out = flags;
	return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
	struct ram_file *f = find(name);

	(void)v;
	(void)sync_folder;
	if (f == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	drop(f);
	return SQLITE_OK;
}

static int
vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	const struct ram_file *f = find(name);

	(void)v;
	/* The system's VFS says of an empty journal that there is none. */
	*out = f != NULL && (flags != SQLITE_ACCESS_EXISTS || f->len > 0);
	return SQLITE_OK;
}

void
ram_disk_install(void)
{
	const sqlite3_vfs *system;

	if (disk.zName != NULL)
		return;
	(void)sqlite3_initialize();
	system = sqlite3_vfs_find(NULL);
	assert(system != NULL);
	disk = *system; /* time and sleep are the system's */
	disk.iVersion = 1;
	disk.szOsFile = sizeof(struct handle);
	disk.mxPathname = PATH_BYTES;
	disk.pNext = NULL;
	disk.zName = "ram-disk";
	disk.xOpen = vfs_open;
	disk.xDelete = vfs_delete;
	disk.xAccess = vfs_access;
	disk.xFullPathname = alike_full_path;
	disk.xRandomness = alike_randomness;
	(void)sqlite3_vfs_register(&disk, 1);
}

/* The part of a path below the folder; NULL if it lies elsewhere. */
static const char *
below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len : NULL;
}

void
ram_disk_remove(const char *folder)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (below(files[i].path, folder) != NULL)
			drop(&files[i]);
}

void
ram_disk_copy(const char *from, const char *to)
{
	ram_disk_remove(to);
	for (size_t i = 0; i < FILES_MAX; i++) {
		const char *rest = below(files[i].path, from);
		char path[2 * PATH_BYTES];
		struct ram_file *copy;

		if (rest == NULL)
			continue;
		(void)snprintf(path, sizeof path, "%s%s", to, rest);
		copy = make(path);
		resize(copy, files[i].len);
		if (files[i].len > 0)
			memcpy(copy->bytes, files[i].bytes, files[i].len);
	}
}

static void
search_file(const struct ram_file *f, const char *text,
    void (*on_found)(void *ctx, const char *at), void *ctx)
{
	const uint8_t *at = f->bytes, *end = f->bytes + f->len;
	size_t len = strlen(text);

	while (at < end && (at = memmem(at, (size_t)(end - at), text, len)) != NULL) {
		char around[64] = {0};
		size_t rest = (size_t)(end - at);

		memcpy(around, at, rest < sizeof around ? rest : sizeof around - 1);
		on_found(ctx, around);
		at += len;
	}
}

void
ram_disk_search(const char *folder, const char *text,
    void (*on_found)(void *ctx, const char *at), void *ctx)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (below(files[i].path, folder) != NULL && files[i].len > 0)
			search_file(&files[i], text, on_found, ctx);
}
