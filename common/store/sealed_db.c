/* sealed_db.c - the database file of the sealed VFS, and what all its files share.
 *
 * Physical file: a header page, then the pages. The header is a sealed page too, number 0
 * of a file without id; it holds the id, which is drawn once and never written again, so
 * that VACUUM, WAL and journal leave it alone. */
#include "store/sealed_parts.h"

#include "store/scrub_vfs.h"

static const uint8_t header_magic[8] = {'p', 'n', 'e', 't', 'p', 'g', 's', 1};

/* What SQLite says of its pages on page 1: their size at 16, reserved bytes at 20. */
enum { PAGE_SIZE_AT = 16, RESERVED_AT = 20, FIRST_BTREE_AT = 100 };

int
sealed_raw_read(struct sealed_file *f, void *out, size_t len, int64_t at)
{
	return f->real->pMethods->xRead(f->real, out, (int)len, at);
}

int
sealed_raw_write(struct sealed_file *f, const void *bytes, size_t len, int64_t at)
{
	return f->real->pMethods->xWrite(f->real, bytes, (int)len, at);
}

int
sealed_raw_size(struct sealed_file *f, int64_t *out)
{
	sqlite3_int64 size = 0;
	int rc = f->real->pMethods->xFileSize(f->real, &size);

	*out = size;
	return rc;
}

int
sealed_lock(sqlite3_file *file, int level)
{
	struct sealed_file *f = sealed_of(file);

	return f->real->pMethods->xLock(f->real, level);
}

int
sealed_unlock(sqlite3_file *file, int level)
{
	struct sealed_file *f = sealed_of(file);

	return f->real->pMethods->xUnlock(f->real, level);
}

int
sealed_check_lock(sqlite3_file *file, int *out)
{
	struct sealed_file *f = sealed_of(file);

	return f->real->pMethods->xCheckReservedLock(f->real, out);
}

/* What knows nothing of offsets and bytes goes down; no size hint, chunk or map does. */
int
sealed_control(sqlite3_file *file, int op, void *arg)
{
	struct sealed_file *f = sealed_of(file);

	switch (op) {
	case SQLITE_FCNTL_HAS_MOVED:
	case SQLITE_FCNTL_PERSIST_WAL:
	case SQLITE_FCNTL_LAST_ERRNO:
	case SQLITE_FCNTL_LOCKSTATE:
	case SQLITE_FCNTL_SYNC:
	case SQLITE_FCNTL_COMMIT_PHASETWO:
		return f->real->pMethods->xFileControl(f->real, op, arg);
	case SQLITE_FCNTL_MMAP_SIZE:
		*(sqlite3_int64 *)arg = 0;
		return SQLITE_OK;
	default:
		return SQLITE_NOTFOUND;
	}
}

int
sealed_sector(sqlite3_file *file)
{
	(void)file;
	return JOURNAL_SECTOR;
}

/* A write may tear but leaves the bytes around it alone; nothing else is promised, since
 * one write of SQLite may be another one below. It also makes SQLite lay out journals
 * in sectors of 512. */
int
sealed_traits(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

struct page_place
sealed_place(const struct sealed_file *f, enum page_kind kind, uint64_t number)
{
	struct page_place place = {.kind = kind, .number = number};

	memcpy(place.file, f->db->id, sizeof place.file);
	return place;
}

static bool
open_header(struct sealed_file *f, uint8_t *page)
{
	const struct page_place place = {.kind = PAGE_DB};

	if (!page_open(&f->seal->key, &place, page, page) ||
	    memcmp(page, header_magic, sizeof header_magic) != 0)
		return false;
	memcpy(f->id, page + sizeof header_magic, sizeof f->id);
	f->has_id = true;
	return true;
}

/* Synced at once: a journal that is played back needs the id, whatever else was lost. */
static int
make_header(struct sealed_file *f)
{
	const struct page_place place = {.kind = PAGE_DB};
	uint8_t plain[PAGE_BYTES] = {0}, sealed[PAGE_BYTES];
	uint8_t nonce[PAGE_NONCE_BYTES];
	uint8_t id[FILE_ID_BYTES];
	int rc;

	rng_fill(&f->seal->rng, id, sizeof id);
	memcpy(plain, header_magic, sizeof header_magic);
	memcpy(plain + sizeof header_magic, id, sizeof id);
	sealed_nonce(f->seal, nonce);
	page_seal(&f->seal->key, &place, nonce, plain, sealed);
	rc = sealed_raw_write(f, sealed, sizeof sealed, 0);
	if (rc == SQLITE_OK)
		rc = f->real->pMethods->xSync(f->real, SQLITE_SYNC_NORMAL);
	if (rc == SQLITE_OK) {
		memcpy(f->id, id, sizeof f->id);
		f->has_id = true;
	}
	return rc;
}

/* A file of at most a header's length has no page: what stands there was torn when it
 * was made, and may be made again. A plain database of one page is left alone. */
int
sealed_need_id(struct sealed_file *db, bool may_make)
{
	static const char plain_magic[16] = "SQLite format 3";
	uint8_t page[PAGE_BYTES];
	int64_t size = 0;
	int rc;

	if (db->has_id)
		return SQLITE_OK;
	rc = sealed_raw_size(db, &size);
	if (rc != SQLITE_OK)
		return rc;
	if (size > 0) {
		rc = sealed_raw_read(db, page, sizeof page, 0);
		if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
			return rc;
		if (memcmp(page, plain_magic, sizeof plain_magic) == 0)
			return SQLITE_IOERR_DATA;
		if (rc == SQLITE_OK && open_header(db, page))
			return SQLITE_OK;
		if (size > SEALED_HEADER_BYTES)
			return SQLITE_IOERR_DATA;
	}
	return may_make ? make_header(db) : SQLITE_NOTFOUND;
}

static int
db_close_file(sqlite3_file *file)
{
	struct sealed_file *f = sealed_of(file);

	return f->real->pMethods->xClose(f->real);
}

/* One page. A page that is not there at all is a short read, as SQLite expects of a file
 * that is shorter than it should be; a part of one is damage. */
static int
read_page(struct sealed_file *f, uint64_t number, uint8_t *out)
{
	struct page_place place;
	int64_t at = (int64_t)number * PAGE_BYTES;
	int64_t size = 0;
	int rc = sealed_need_id(f, false);

	if (rc == SQLITE_OK)
		rc = sealed_raw_read(f, out, PAGE_BYTES, at);
	if (rc == SQLITE_IOERR_SHORT_READ) {
		rc = sealed_raw_size(f, &size);
		if (rc == SQLITE_OK)
			rc = size > at ? SQLITE_IOERR_DATA : SQLITE_IOERR_SHORT_READ;
	}
	if (rc == SQLITE_NOTFOUND)
		rc = SQLITE_IOERR_SHORT_READ;
	if (rc != SQLITE_OK) {
		memset(out, 0, PAGE_BYTES);
		return rc;
	}
	place = sealed_place(f, PAGE_DB, number);
	return page_open(&f->seal->key, &place, out, out) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

/* Part of page 1: SQLite looks at it before it plays back a hot journal, when the page
 * may be torn; it takes zeros for "not known yet". */
static int
read_part(struct sealed_file *f, void *out, size_t len, int64_t at)
{
	uint8_t page[PAGE_BYTES];
	int rc;

	if (at < 0 || (uint64_t)at + len > PAGE_BYTES)
		return SQLITE_IOERR_READ;
	rc = read_page(f, 1, page);
	memcpy(out, page + at, len);
	keys_wipe(page, sizeof page);
	return rc == SQLITE_IOERR_DATA ? SQLITE_IOERR_SHORT_READ : rc;
}

static int
db_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct sealed_file *f = sealed_of(file);

	if (len == PAGE_BYTES && at % PAGE_BYTES == 0)
		return read_page(f, (uint64_t)at / PAGE_BYTES + 1, out);
	return read_part(f, out, (size_t)len, at);
}

static int
write_page(struct sealed_file *f, uint64_t number, const uint8_t *plain)
{
	const struct page_place place = sealed_place(f, PAGE_DB, number);
	uint8_t nonce[PAGE_NONCE_BYTES];
	uint8_t sealed[PAGE_BYTES];

	sealed_nonce(f->seal, nonce);
	page_seal(&f->seal->key, &place, nonce, plain, sealed);
	return sealed_raw_write(f, sealed, sizeof sealed, (int64_t)number * PAGE_BYTES);
}

/* Pages that SQLite leaves out would be zeros that open nowhere. to: physical. */
static int
fill_up(struct sealed_file *f, int64_t to)
{
	static const uint8_t zeros[PAGE_BYTES];
	int64_t size = 0;
	int rc = sealed_raw_size(f, &size);

	for (int64_t at = size / PAGE_BYTES * PAGE_BYTES; rc == SQLITE_OK && at < to;
	     at += PAGE_BYTES)
		rc = write_page(f, (uint64_t)at / PAGE_BYTES, zeros);
	return rc;
}

/* Page 1 must say that pages are ours; SQLite also writes zeros to lengthen a file. */
static bool
is_ours(const uint8_t *page, sqlite3_int64 at)
{
	if (!bytes_are_zero(page + PAGE_CONTENT_BYTES, PAGE_RESERVED_BYTES))
		return false;
	return at != 0 || bytes_are_zero(page, PAGE_BYTES) ||
	       (get_u16(page + PAGE_SIZE_AT) == PAGE_BYTES &&
		   page[RESERVED_AT] == PAGE_RESERVED_BYTES);
}

static int
db_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct sealed_file *f = sealed_of(file);
	uint8_t page[PAGE_BYTES];
	int rc;

	if (len != PAGE_BYTES || at % PAGE_BYTES != 0 || !is_ours(bytes, at))
		return SQLITE_IOERR_WRITE;
	rc = sealed_need_id(f, true);
	if (rc == SQLITE_OK)
		rc = fill_up(f, SEALED_HEADER_BYTES + at);
	if (rc != SQLITE_OK)
		return rc;
	memcpy(page, bytes, sizeof page);
	scrub_page(page, PAGE_CONTENT_BYTES, at == 0 ? FIRST_BTREE_AT : 0);
	return write_page(f, (uint64_t)at / PAGE_BYTES + 1, page);
}

static int
db_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	struct sealed_file *f = sealed_of(file);
	int64_t size = 0;
	int rc = sealed_need_id(f, false);

	if (rc == SQLITE_NOTFOUND && len == 0)
		return SQLITE_OK;
	if (rc != SQLITE_OK || len % PAGE_BYTES != 0)
		return rc == SQLITE_IOERR_DATA ? rc : SQLITE_IOERR_TRUNCATE;
	rc = sealed_raw_size(f, &size);
	if (rc == SQLITE_OK && size < SEALED_HEADER_BYTES + len)
		return fill_up(f, SEALED_HEADER_BYTES + len);
	if (rc == SQLITE_OK)
		rc = f->real->pMethods->xTruncate(f->real, SEALED_HEADER_BYTES + len);
	return rc;
}

static int
db_sync(sqlite3_file *file, int flags)
{
	struct sealed_file *f = sealed_of(file);

	return f->real->pMethods->xSync(f->real, flags);
}

static int
db_size(sqlite3_file *file, sqlite3_int64 *out)
{
	int64_t size = 0;
	int rc = sealed_raw_size(sealed_of(file), &size);

	*out = size > SEALED_HEADER_BYTES ? size - SEALED_HEADER_BYTES : 0;
	return rc;
}

const sqlite3_io_methods sealed_db_methods = {
    SEALED_SHARED_METHODS,
    .xClose = db_close_file,
    .xRead = db_read,
    .xWrite = db_write,
    .xTruncate = db_truncate,
    .xSync = db_sync,
    .xFileSize = db_size,
};
