/* sealed_wal.c - the write-ahead log of the sealed VFS.
 *
 * SQLite sees a header of 32 bytes and frames of 24 + 4096; on the disk they are slots of
 * 72 and 64 and the page in place, so logical offset 32 + i x 4120 is physical 72 + i x
 * 4160. What SQLite writes as header and page of a frame goes down as one write. */
#include "store/sealed_parts.h"

enum {
	HEADER_PLAIN = 32,
	HEADER_SLOT = HEADER_PLAIN + PAGE_SLOT_OVERHEAD,
	SALTS_AT = 16, /* in the header */
	FRAME_PLAIN = 24,
	FRAME_SLOT = FRAME_PLAIN + PAGE_SLOT_OVERHEAD,
	FRAME_LOGICAL = FRAME_PLAIN + PAGE_BYTES,
	FRAME_PHYSICAL = FRAME_SLOT + PAGE_BYTES
};

_Static_assert(
    HEADER_SLOT == 72 && FRAME_SLOT == 64 && FRAME_PHYSICAL == 4160, "SECURITY 11");

/* A logical offset: of which frame, and where in it. */
struct spot {
	uint64_t index;
	size_t in;
};

static struct spot
spot_of(int64_t at)
{
	const uint64_t past = (uint64_t)at - HEADER_PLAIN;

	return (struct spot){past / FRAME_LOGICAL, (size_t)(past % FRAME_LOGICAL)};
}

static int64_t
physical_of(uint64_t index)
{
	return HEADER_SLOT + (int64_t)index * FRAME_PHYSICAL;
}

static struct page_place
frame_place(const struct sealed_file *f, enum page_kind kind, uint64_t index)
{
	struct page_place place = sealed_place(f, kind, index);

	memcpy(place.salts, f->wal.salts, sizeof place.salts);
	return place;
}

/* The header of a frame whose page was not written with it. */
static int
flush(struct sealed_file *f)
{
	struct sealed_frame *w = &f->wal.frame;

	if (!w->is_waiting)
		return SQLITE_OK;
	w->is_waiting = false;
	return sealed_raw_write(f, w->bytes, FRAME_SLOT, physical_of(w->index));
}

static void
own(struct sealed_wal *w, uint64_t index)
{
	if (w->own_from == w->own_to || index < w->own_from || index > w->own_to) {
		w->own_from = index;
		w->own_to = index;
	}
	if (index == w->own_to)
		w->own_to++;
}

/* What a piece that does not open means: damage if this handle wrote it, else the end of
 * the log, for which SQLite takes zeros. */
static int
verdict(const struct sealed_wal *w, uint64_t index)
{
	return index >= w->own_from && index < w->own_to ? SQLITE_IOERR_DATA : SQLITE_OK;
}

static int
wal_close(sqlite3_file *file)
{
	struct sealed_file *f = sealed_of(file);
	int flushed = flush(f);
	int rc = f->real->pMethods->xClose(f->real);

	keys_wipe(&f->wal, sizeof f->wal);
	return flushed == SQLITE_OK ? rc : flushed;
}

/* The salts of the header are those of every frame behind it. */
static int
read_header(struct sealed_file *f, uint8_t *out, size_t len, size_t from)
{
	const struct page_place place = sealed_place(f, PAGE_WAL_HEADER, 0);
	uint8_t slot[HEADER_SLOT], plain[HEADER_PLAIN];
	int rc = sealed_raw_read(f, slot, sizeof slot, 0);

	memset(out, 0, len);
	if (rc != SQLITE_OK)
		return rc;
	if (!page_open_slot(&f->seal->key, &place, slot, plain, sizeof plain)) {
		f->wal.has_salts = false;
		return SQLITE_OK;
	}
	memcpy(f->wal.salts, plain + SALTS_AT, sizeof f->wal.salts);
	f->wal.has_salts = true;
	memcpy(out, plain + from, len);
	return SQLITE_OK;
}

static int
read_frame_header(
    struct sealed_file *f, uint64_t index, uint8_t *out, size_t len, size_t from)
{
	const struct page_place place = frame_place(f, PAGE_FRAME_HEADER, index);
	uint8_t slot[FRAME_SLOT], plain[FRAME_PLAIN];
	int rc = sealed_raw_read(f, slot, sizeof slot, physical_of(index));

	memset(out, 0, len);
	if (rc != SQLITE_OK)
		return rc;
	if (!page_open_slot(&f->seal->key, &place, slot, plain, sizeof plain))
		return verdict(&f->wal, index);
	memcpy(out, plain + from, len);
	return SQLITE_OK;
}

/* Header and page at once: how SQLite walks through a log that it finds. */
static int
read_frame(struct sealed_file *f, uint64_t index, uint8_t *out)
{
	const struct page_place header = frame_place(f, PAGE_FRAME_HEADER, index);
	const struct page_place page = frame_place(f, PAGE_WAL, index);
	uint8_t frame[FRAME_PHYSICAL];
	int rc = sealed_raw_read(f, frame, sizeof frame, physical_of(index));

	if (rc == SQLITE_OK &&
	    page_open_slot(&f->seal->key, &header, frame, out, FRAME_PLAIN) &&
	    page_open(&f->seal->key, &page, frame + FRAME_SLOT, out + FRAME_PLAIN))
		return SQLITE_OK;
	memset(out, 0, FRAME_LOGICAL);
	return rc == SQLITE_OK ? verdict(&f->wal, index) : rc;
}

/* A page alone is read only of frames that SQLite has found good before: one that does
 * not open is damage, whoever wrote it. */
static int
read_frame_page(struct sealed_file *f, uint64_t index, uint8_t *out)
{
	const struct page_place place = frame_place(f, PAGE_WAL, index);
	int rc = sealed_raw_read(f, out, PAGE_BYTES, physical_of(index) + FRAME_SLOT);

	if (rc != SQLITE_OK) {
		memset(out, 0, PAGE_BYTES);
		return rc;
	}
	return page_open(&f->seal->key, &place, out, out) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

/* No id, no salts: there is no log that could be read. */
static int
wal_ready(struct sealed_file *f, int64_t at)
{
	int rc = flush(f);

	if (rc == SQLITE_OK)
		rc = sealed_need_id(f->db, false);
	if (rc == SQLITE_OK && at >= HEADER_PLAIN && !f->wal.has_salts)
		rc = SQLITE_NOTFOUND;
	return rc;
}

static int
wal_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct sealed_file *f = sealed_of(file);
	const size_t n = (size_t)len;
	struct spot s;
	int rc = wal_ready(f, at);

	memset(out, 0, n);
	if (rc != SQLITE_OK)
		return rc == SQLITE_NOTFOUND ? SQLITE_OK : rc;
	if (at < HEADER_PLAIN)
		return (size_t)at + n <= HEADER_PLAIN ? read_header(f, out, n, (size_t)at)
						      : SQLITE_IOERR_READ;
	s = spot_of(at);
	if (s.in == 0 && n == FRAME_LOGICAL)
		return read_frame(f, s.index, out);
	if (s.in == FRAME_PLAIN && n == PAGE_BYTES)
		return read_frame_page(f, s.index, out);
	if (s.in + n <= FRAME_PLAIN)
		return read_frame_header(f, s.index, out, n, s.in);
	return SQLITE_IOERR_READ;
}

static int
write_header(struct sealed_file *f, const uint8_t *plain)
{
	const struct page_place place = sealed_place(f, PAGE_WAL_HEADER, 0);
	uint8_t nonce[PAGE_NONCE_BYTES], slot[HEADER_SLOT];

	memcpy(f->wal.salts, plain + SALTS_AT, sizeof f->wal.salts);
	f->wal.has_salts = true;
	f->wal.own_from = f->wal.own_to = 0;
	sealed_nonce(f->seal, nonce);
	page_seal_slot(&f->seal->key, &place, nonce, plain, HEADER_PLAIN, slot);
	return sealed_raw_write(f, slot, sizeof slot, 0);
}

/* Sealed now, written with its page, or by the next call that is anything else. */
static int
write_frame_header(struct sealed_file *f, uint64_t index, const uint8_t *plain)
{
	const struct page_place place = frame_place(f, PAGE_FRAME_HEADER, index);
	struct sealed_frame *w = &f->wal.frame;
	uint8_t nonce[PAGE_NONCE_BYTES];
	int rc = flush(f);

	sealed_nonce(f->seal, nonce);
	page_seal_slot(&f->seal->key, &place, nonce, plain, FRAME_PLAIN, w->bytes);
	w->index = index;
	w->is_waiting = true;
	return rc;
}

static int
write_frame_page(struct sealed_file *f, uint64_t index, const uint8_t *plain)
{
	const struct page_place place = frame_place(f, PAGE_WAL, index);
	struct sealed_frame *w = &f->wal.frame;
	uint8_t nonce[PAGE_NONCE_BYTES];
	bool is_whole = w->is_waiting && w->index == index;
	int rc = is_whole ? SQLITE_OK : flush(f);

	if (rc != SQLITE_OK)
		return rc;
	if (!bytes_are_zero(plain + PAGE_CONTENT_BYTES, PAGE_RESERVED_BYTES))
		return SQLITE_IOERR_WRITE;
	sealed_nonce(f->seal, nonce);
	page_seal(&f->seal->key, &place, nonce, plain, w->bytes + FRAME_SLOT);
	own(&f->wal, index);
	w->is_waiting = false;
	return is_whole
		   ? sealed_raw_write(f, w->bytes, FRAME_PHYSICAL, physical_of(index))
		   : sealed_raw_write(f, w->bytes + FRAME_SLOT, PAGE_BYTES,
			 physical_of(index) + FRAME_SLOT);
}

static int
wal_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct sealed_file *f = sealed_of(file);
	struct spot s;
	int rc = sealed_need_id(f->db, true);

	if (rc != SQLITE_OK)
		return rc;
	if (at == 0 && len == HEADER_PLAIN) {
		rc = flush(f);
		return rc == SQLITE_OK ? write_header(f, bytes) : rc;
	}
	if (at < HEADER_PLAIN || !f->wal.has_salts)
		return SQLITE_IOERR_WRITE;
	s = spot_of(at);
	if (s.in == 0 && len == FRAME_PLAIN)
		return write_frame_header(f, s.index, bytes);
	if (s.in == FRAME_PLAIN && len == PAGE_BYTES)
		return write_frame_page(f, s.index, bytes);
	return SQLITE_IOERR_WRITE;
}

/* Whole frames only: SQLite cuts a log at a limit in bytes, wherever that is. */
static int
wal_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	struct sealed_file *f = sealed_of(file);
	int64_t to = len < HEADER_PLAIN ? 0 : physical_of(spot_of(len).index);
	int rc = flush(f);

	f->wal.own_from = f->wal.own_to = 0;
	if (rc == SQLITE_OK)
		rc = f->real->pMethods->xTruncate(f->real, to);
	return rc;
}

static int
wal_sync(sqlite3_file *file, int flags)
{
	struct sealed_file *f = sealed_of(file);
	int rc = flush(f);

	return rc == SQLITE_OK ? f->real->pMethods->xSync(f->real, flags) : rc;
}

static int
wal_size(sqlite3_file *file, sqlite3_int64 *out)
{
	struct sealed_file *f = sealed_of(file);
	int64_t size = 0;
	int rc = flush(f);

	if (rc == SQLITE_OK)
		rc = sealed_raw_size(f, &size);
	*out = size < HEADER_SLOT
		   ? 0
		   : HEADER_PLAIN + (size - HEADER_SLOT) / FRAME_PHYSICAL * FRAME_LOGICAL;
	return rc;
}

const sqlite3_io_methods sealed_wal_methods = {
    SEALED_SHARED_METHODS,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = wal_size,
};
