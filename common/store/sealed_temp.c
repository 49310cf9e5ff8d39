/* sealed_temp.c - temporary files of the sealed VFS: memory, wiped, up to a cap. With
 * temp_store=MEMORY SQLite asks for none; one that it asks for yet never reaches the
 * disk. */
#include "store/sealed_parts.h"

#include <stdlib.h>

enum { TEMP_STEP = 64 << 10 };

static void
let_go(struct sealed_temp *m)
{
	if (m->bytes != NULL)
		keys_wipe(m->bytes, m->room);
	free(m->bytes);
	*m = (struct sealed_temp){0};
}

/* Not by realloc, which would leave the old bytes behind. */
static int
make_room(struct sealed_temp *m, size_t need)
{
	struct sealed_temp wider = {.len = m->len, .room = TEMP_STEP};

	if (need <= m->room)
		return SQLITE_OK;
	if (need > SEALED_TEMP_BYTES_MAX)
		return SQLITE_FULL;
	while (wider.room < need)
		wider.room *= 2;
	wider.bytes = calloc(1, wider.room);
	if (wider.bytes == NULL)
		return SQLITE_IOERR_NOMEM;
	if (m->len > 0)
		memcpy(wider.bytes, m->bytes, m->len);
	let_go(m);
	*m = wider;
	return SQLITE_OK;
}

static int
temp_close(sqlite3_file *file)
{
	let_go(&sealed_of(file)->temp);
	return SQLITE_OK;
}

static int
temp_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	const struct sealed_temp *m = &sealed_of(file)->temp;
	const size_t from = (size_t)at < m->len ? (size_t)at : m->len;
	const size_t n = (size_t)len < m->len - from ? (size_t)len : m->len - from;

	memset(out, 0, (size_t)len);
	if (n > 0)
		memcpy(out, m->bytes + from, n);
	return n == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
temp_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct sealed_temp *m = &sealed_of(file)->temp;
	int rc;

	if (at > SEALED_TEMP_BYTES_MAX)
		return SQLITE_FULL;
	rc = make_room(m, (size_t)at + (size_t)len);
	if (rc != SQLITE_OK)
		return rc;
	memcpy(m->bytes + at, bytes, (size_t)len);
	if (m->len < (size_t)at + (size_t)len)
		m->len = (size_t)at + (size_t)len;
	return SQLITE_OK;
}

static int
temp_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	struct sealed_temp *m = &sealed_of(file)->temp;

	if ((size_t)len < m->len) {
		keys_wipe(m->bytes + len, m->len - (size_t)len);
		m->len = (size_t)len;
	}
	return SQLITE_OK;
}

static int
temp_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return SQLITE_OK;
}

static int
temp_size(sqlite3_file *file, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)sealed_of(file)->temp.len;
	return SQLITE_OK;
}

/* Nobody else can open it. */
static int
temp_lock(sqlite3_file *file, int level)
{
	(void)file;
	(void)level;
	return SQLITE_OK;
}

static int
temp_check_lock(sqlite3_file *file, int *out)
{
	(void)file;
	*out = 0;
	return SQLITE_OK;
}

static int
temp_control(sqlite3_file *file, int op, void *arg)
{
	(void)file;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

const sqlite3_io_methods sealed_temp_methods = {
    .iVersion = 1,
    .xClose = temp_close,
    .xRead = temp_read,
    .xWrite = temp_write,
    .xTruncate = temp_truncate,
    .xSync = temp_sync,
    .xFileSize = temp_size,
    .xLock = temp_lock,
    .xUnlock = temp_lock,
    .xCheckReservedLock = temp_check_lock,
    .xFileControl = temp_control,
    .xSectorSize = sealed_sector,
    .xDeviceCharacteristics = sealed_traits,
};
