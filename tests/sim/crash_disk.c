/* crash_disk.c - the disk in memory as an SQLite VFS. */
#include "crash_disk.h"

#include <assert.h>
#include <stdlib.h>

#include "disk_alike.h"

struct disk_handle {
	sqlite3_file base;
	struct disk *disk;
	int file;
	char name[DISK_NAME_BYTES];
	bool syncs_folder; /* as the system's: once, with a journal that it may create */
};

static struct disk_handle *
handle_of(sqlite3_file *f)
{
	return (struct disk_handle *)f;
}

/* The code of a call that must fail, or SQLITE_OK. */
static int
fault_of(struct disk *d, int code)
{
	d->n_calls++;
	if (d->fault == FAULT_NONE || d->n_calls < d->fault_at ||
	    (d->n_calls > d->fault_at && !d->is_for_ever))
		return SQLITE_OK;
	return d->fault == FAULT_FULL && code == SQLITE_IOERR_WRITE ? SQLITE_FULL : code;
}

static struct step *
trace(struct disk *d, enum step_kind kind, int file)
{
	static struct step lost;

	if (!d->keeps_trace)
		return &lost;
	if (d->n_steps == d->room) {
		d->room = d->room == 0 ? 1024 : 2 * d->room;
		d->steps = realloc(d->steps, d->room * sizeof *d->steps);
		assert(d->steps != NULL);
	}
	d->steps[d->n_steps] = (struct step){.kind = kind, .file = file};
	return &d->steps[d->n_steps++];
}

static struct bytes *
content(sqlite3_file *f)
{
	return &handle_of(f)->disk->live.files[handle_of(f)->file];
}

static void
grow(struct bytes *b, size_t len)
{
	if (len > b->room) {
		b->room = len + len / 2;
		b->at = realloc(b->at, b->room);
		assert(b->at != NULL);
	}
	if (len > b->len)
		memset(b->at + b->len, 0, len - b->len);
	b->len = len;
}

static int
disk_close_file(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int
disk_read(sqlite3_file *f, void *out, int len, sqlite3_int64 at)
{
	const struct bytes *b = content(f);
	const size_t from = (size_t)at < b->len ? (size_t)at : b->len;
	const size_t n = (size_t)len < b->len - from ? (size_t)len : b->len - from;
	int rc = fault_of(handle_of(f)->disk, SQLITE_IOERR_READ);

	memset(out, 0, (size_t)len);
	if (rc != SQLITE_OK)
		return rc;
	if (n > 0)
		memcpy(out, b->at + from, n);
	return n == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static void
put(sqlite3_file *f, const void *bytes, size_t len, int64_t at)
{
	struct bytes *b = content(f);
	struct step *s = trace(handle_of(f)->disk, STEP_WRITE, handle_of(f)->file);

	if (b->len < (size_t)at + len)
		grow(b, (size_t)at + len);
	memcpy(b->at + at, bytes, len);
	if (!handle_of(f)->disk->keeps_trace)
		return;
	s->at = at;
	s->len = len;
	s->bytes = malloc(len + 1);
	assert(s->bytes != NULL);
	memcpy(s->bytes, bytes, len);
}

static int
disk_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	struct disk *d = handle_of(f)->disk;
	int rc = fault_of(d, SQLITE_IOERR_WRITE);

	if (rc != SQLITE_OK && d->fault == FAULT_SHORT && len > 1)
		put(f, bytes, (size_t)len / 2, at);
	if (rc == SQLITE_OK)
		put(f, bytes, (size_t)len, at);
	return rc;
}

static int
disk_cut(sqlite3_file *f, sqlite3_int64 len)
{
	int rc = fault_of(handle_of(f)->disk, SQLITE_IOERR_TRUNCATE);

	if (rc != SQLITE_OK)
		return rc;
	grow(content(f), (size_t)len);
	trace(handle_of(f)->disk, STEP_CUT, handle_of(f)->file)->at = len;
	return SQLITE_OK;
}

static void
sync_entry(struct disk *d, const char *name)
{
	memcpy(trace(d, STEP_FOLDER, 0)->name, name, strlen(name) + 1);
}

static int
disk_sync(sqlite3_file *f, int flags)
{
	struct disk_handle *h = handle_of(f);
	int rc = fault_of(h->disk, SQLITE_IOERR_FSYNC);

	(void)flags;
	if (rc != SQLITE_OK)
		return rc;
	trace(h->disk, STEP_SYNC, h->file);
	if (h->syncs_folder)
		sync_entry(h->disk, h->name);
	h->syncs_folder = false;
	return SQLITE_OK;
}

static int
disk_size(sqlite3_file *f, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)content(f)->len;
	return SQLITE_OK;
}

static int
disk_sector(sqlite3_file *f)
{
	(void)f;
	return DISK_SECTOR;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = disk_close_file,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_cut,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = alike_lock,
    .xUnlock = alike_lock,
    .xCheckReservedLock = alike_check_lock,
    .xFileControl = alike_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = alike_traits,
};

static struct entry *
entry_of(struct image *i, const char *name)
{
	for (int k = 0; k < DISK_NAMES; k++)
		if (i->names[k].name[0] != '\0' && strcmp(i->names[k].name, name) == 0)
			return &i->names[k];
	return NULL;
}

static int
make_file(struct disk *d, const char *name)
{
	struct image *i = &d->live;
	struct step *s;
	int k = 0;

	assert(i->n_files < DISK_FILES && strlen(name) < DISK_NAME_BYTES);
	while (k < DISK_NAMES && i->names[k].name[0] != '\0')
		k++;
	assert(k < DISK_NAMES);
	memcpy(i->names[k].name, name, strlen(name) + 1);
	i->names[k].file = i->n_files++;
	s = trace(d, STEP_LINK, i->names[k].file);
	memcpy(s->name, name, strlen(name) + 1);
	return i->names[k].file;
}

static int
vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	const int journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
	struct disk_handle *h = handle_of(f);
	struct disk *d = v->pAppData;
	const struct entry *e = entry_of(&d->live, name);
	int rc = fault_of(d, SQLITE_CANTOPEN);

	memset(h, 0, sizeof *h);
	if (rc != SQLITE_OK || (e == NULL && (flags & SQLITE_OPEN_CREATE) == 0))
		return SQLITE_CANTOPEN;
	h->disk = d;
	memcpy(h->name, name, strlen(name) + 1);
	h->syncs_folder = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
	h->file = e != NULL ? e->file : make_file(d, name);
	h->base.pMethods = &methods;
	if (out != NULL)
		*out = flags;
	return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
	struct disk *d = v->pAppData;
	struct entry *e = entry_of(&d->live, name);
	int rc = fault_of(d, SQLITE_IOERR_DELETE);

	if (rc != SQLITE_OK || e == NULL)
		return rc != SQLITE_OK ? rc : SQLITE_IOERR_DELETE_NOENT;
	memcpy(trace(d, STEP_UNLINK, e->file)->name, name, strlen(name) + 1);
	e->name[0] = '\0';
	if (sync_folder)
		sync_entry(d, name);
	return SQLITE_OK;
}

static int
vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	struct disk *d = v->pAppData;
	const struct entry *e = entry_of(&d->live, name);

	/* The system's VFS says of an empty journal that there is none. */
	*out = e != NULL &&
	       (flags != SQLITE_ACCESS_EXISTS || d->live.files[e->file].len > 0);
	return SQLITE_OK;
}

static int
vfs_sleep(sqlite3_vfs *v, int microseconds)
{
	(void)v;
	return microseconds;
}

static int
vfs_time(sqlite3_vfs *v, double *out)
{
	(void)v;
	*out = 2460000.5;
	return SQLITE_OK;
}

static int
vfs_last_error(sqlite3_vfs *v, int len, char *out)
{
	(void)v;
	(void)len;
	(void)out;
	return 0;
}

void
disk_open(struct disk *d, const char *name)
{
	memset(d, 0, sizeof *d);
	d->keeps_trace = true;
	d->vfs = (sqlite3_vfs){.iVersion = 1,
	    .szOsFile = sizeof(struct disk_handle),
	    .mxPathname = DISK_NAME_BYTES,
	    .zName = name,
	    .pAppData = d,
	    .xOpen = vfs_open,
	    .xDelete = vfs_delete,
	    .xAccess = vfs_access,
	    .xFullPathname = alike_full_path,
	    .xRandomness = alike_randomness,
	    .xSleep = vfs_sleep,
	    .xCurrentTime = vfs_time,
	    .xGetLastError = vfs_last_error};
	sqlite3_vfs_register(&d->vfs, 0);
}

static void
forget_trace(struct disk *d)
{
	for (size_t i = 0; i < d->n_steps; i++)
		free(d->steps[i].bytes);
	d->n_steps = 0;
}

void
disk_close(struct disk *d)
{
	sqlite3_vfs_unregister(&d->vfs);
	forget_trace(d);
	free(d->steps);
	image_free(&d->live);
}

void
disk_load(struct disk *d, const struct image *from)
{
	forget_trace(d);
	image_free(&d->live);
	image_copy(&d->live, from);
	d->n_calls = 0;
}

void
disk_sync_folder(struct disk *d)
{
	trace(d, STEP_FOLDER, 0);
}

struct bytes *
disk_file(struct disk *d, const char *name)
{
	const struct entry *e = entry_of(&d->live, name);

	return e == NULL ? NULL : &d->live.files[e->file];
}

void
disk_rename(struct disk *d, const char *from, const char *to)
{
	struct entry *e = entry_of(&d->live, from);
	struct entry *old = entry_of(&d->live, to);

	assert(e != NULL);
	if (old != NULL)
		old->name[0] = '\0';
	memcpy(trace(d, STEP_LINK, e->file)->name, to, strlen(to) + 1);
	memcpy(e->name, to, strlen(to) + 1);
}
