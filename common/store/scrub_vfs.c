/* scrub_vfs.c - wipes the unused middle of b-tree pages when they are written. */
#include "store/scrub_vfs.h"

#include <stdlib.h>
#include <uv.h>

enum { PAGE_BYTES = 4096, FIRST_HEADER_AT = 100 };

/* Of a b-tree page header (SQLite file format, 1.6): offsets and page types. */
enum { AT_TYPE = 0, AT_CELLS = 3, AT_CONTENT = 5, LEAF_HEADER = 8, INNER_HEADER = 12 };
enum { INNER_INDEX = 2, INNER_TABLE = 5, LEAF_INDEX = 10, LEAF_TABLE = 13 };

struct scrub_file {
	sqlite3_file base;
	bool has_pages;     /* the main file; not a journal */
	sqlite3_file *real; /* right behind this struct */
};

void
scrub_page(uint8_t *page, size_t usable, size_t header_at)
{
	const uint8_t *h = page + header_at;
	uint8_t type = h[AT_TYPE];
	size_t pointers, content;

	if (type != INNER_INDEX && type != INNER_TABLE && type != LEAF_INDEX &&
	    type != LEAF_TABLE)
		return;
	pointers =
	    header_at +
	    (type == LEAF_INDEX || type == LEAF_TABLE ? LEAF_HEADER : INNER_HEADER) +
	    2 * (size_t)get_u16(h + AT_CELLS);
	content = get_u16(h + AT_CONTENT);
	if (content == 0)
		content = 65536;
	/* An overflow page may begin like a b-tree page: its first 4 bytes are a page
	 * number, below 2^24 in files under 64 GB, so its type byte would be 0. */
	if (pointers <= content && content <= usable)
		memset(page + pointers, 0, content - pointers);
}

static sqlite3_file *
real_of(sqlite3_file *f)
{
	return ((struct scrub_file *)f)->real;
}

static int
file_close(sqlite3_file *f)
{
	return real_of(f)->pMethods->xClose(real_of(f));
}

static int
file_read(sqlite3_file *f, void *out, int len, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), out, len, at);
}

static int
file_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	const struct scrub_file *s = (const struct scrub_file *)f;
	uint8_t page[PAGE_BYTES];

	if (!s->has_pages || len != PAGE_BYTES || at % PAGE_BYTES != 0)
		return real_of(f)->pMethods->xWrite(real_of(f), bytes, len, at);
	memcpy(page, bytes, sizeof page);
	scrub_page(page, sizeof page, at == 0 ? FIRST_HEADER_AT : 0);
	return real_of(f)->pMethods->xWrite(real_of(f), page, len, at);
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), len);
}

static int
file_sync(sqlite3_file *f, int flags)
{
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *out)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), out);
}

static int
file_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int
file_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int
file_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int
file_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int
file_traits(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

/* Version 1: no shared memory and no mapping, which would go round file_write. */
static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
};

static bool
is_empty(sqlite3_file *f)
{
	sqlite3_int64 size = 0;

	return f->pMethods->xFileSize(f, &size) != SQLITE_OK || size == 0;
}

int
vfs_open_log(sqlite3_vfs *real, const char *name, sqlite3_file *f, int flags, int *out)
{
	int rc = real->xOpen(real, name, f, flags & ~SQLITE_OPEN_CREATE, out);

	if (rc == SQLITE_OK && !is_empty(f))
		return SQLITE_OK;
	if (f->pMethods != NULL)
		(void)f->pMethods->xClose(f);
	f->pMethods = NULL;
	rc = real->xOpen(real, name, f, flags, out);
	return rc == SQLITE_OK ? f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) : rc;
}

static int
vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct scrub_file *s = (struct scrub_file *)f;
	sqlite3_vfs *real = v->pAppData;
	int rc;

	s->real = (sqlite3_file *)(s + 1);
	s->has_pages = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	s->base.pMethods = NULL;
	rc = (flags & SQLITE_OPEN_WAL) != 0
		 ? vfs_open_log(real, name, s->real, flags, out)
		 : real->xOpen(real, name, s->real, flags, out);
	if (s->real->pMethods != NULL)
		s->base.pMethods = &methods;
	return rc;
}

static sqlite3_vfs scrub;
static uv_once_t once = UV_ONCE_INIT;

/* All but xOpen are the system's own: they know nothing of open files. */
static void
register_once(void)
{
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	if (real == NULL)
		return;
	scrub = *real;
	scrub.zName = "pnet-scrub";
	scrub.pNext = NULL;
	scrub.pAppData = real;
	scrub.szOsFile = (int)sizeof(struct scrub_file) + real->szOsFile;
	scrub.xOpen = vfs_open;
	if (sqlite3_vfs_register(&scrub, 0) != SQLITE_OK)
		scrub.zName = NULL;
}

const char *
scrub_vfs(void)
{
	uv_once(&once, register_once);
	return scrub.zName;
}
