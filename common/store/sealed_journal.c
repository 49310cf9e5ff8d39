/* sealed_journal.c - the rollback journal of the sealed VFS, which SQLite uses before the
 * WAL exists, and for files that never enter it.
 *
 * Offsets are those of SQLite: a section is a header that fills a sector, then records of
 * page number 4, page 4096, checksum 4. The header is a slot of the same sector, the page
 * is sealed in place, the checksum masked; the page number stands clear and is bound,
 * with the random start of the section's checksums, into the page's associated data, so
 * that neither a record of another page nor of an older journal opens. */
#include "store/sealed_parts.h"

#include <stdlib.h>

enum {
	MAGIC_BYTES = 8,
	SALT_AT = 12, /* cksumInit, in the header */
	PAGE_IN = 4,  /* in a record */
	SUM_IN = PAGE_IN + PAGE_BYTES,
	RECORD_BYTES = SUM_IN + 4
};

/* The section that an offset lies in: the last that begins at or before it. */
static const struct journal_section *
section_of(const struct sealed_journal *j, int64_t at)
{
	for (size_t i = j->n_sections; i > 0; i--)
		if (j->sections[i - 1].at <= at)
			return &j->sections[i - 1];
	return NULL;
}

/* A section of the same place is replaced; those behind it stay when it was only read. */
static int
note_section(struct sealed_journal *j, int64_t at, const uint8_t *header)
{
	size_t i = j->n_sections;

	while (i > 0 && j->sections[i - 1].at >= at)
		i--;
	if (i == j->n_sections || j->sections[i].at != at) {
		if (j->n_sections == j->room) {
			size_t room = j->room == 0 ? 8 : 2 * j->room;
			void *wider = realloc(j->sections, room * sizeof *j->sections);

			if (wider == NULL)
				return SQLITE_IOERR_NOMEM;
			j->sections = wider;
			j->room = room;
		}
		memmove(j->sections + i + 1, j->sections + i,
		    (j->n_sections - i) * sizeof *j->sections);
		j->n_sections++;
	}
	j->sections[i].at = at;
	memcpy(j->sections[i].salt, header + SALT_AT, sizeof j->sections[i].salt);
	return SQLITE_OK;
}

static void
drop_sections(struct sealed_journal *j, int64_t from)
{
	while (j->n_sections > 0 && j->sections[j->n_sections - 1].at >= from)
		j->n_sections--;
}

/* Plaintext of a header; zeros when there is none that opens. */
static int
load_header(struct sealed_file *f, int64_t at, uint8_t *plain, bool *is_good)
{
	const struct page_place place =
	    sealed_place(f, PAGE_JOURNAL_HEADER, (uint64_t)at);
	uint8_t sector[JOURNAL_SECTOR];
	int rc = sealed_raw_read(f, sector, sizeof sector, at);

	*is_good = rc == SQLITE_OK && page_open_slot(&f->seal->key, &place, sector, plain,
					  JOURNAL_HEADER_PLAIN);
	if (!*is_good)
		memset(plain, 0, JOURNAL_HEADER_PLAIN);
	if (*is_good)
		return note_section(&f->journal, at, plain);
	if (rc == SQLITE_OK && at < f->journal.own_to)
		return SQLITE_IOERR_DATA;
	return rc;
}

static int
store_header(struct sealed_file *f, int64_t at, const uint8_t *plain)
{
	const struct page_place place =
	    sealed_place(f, PAGE_JOURNAL_HEADER, (uint64_t)at);
	uint8_t nonce[PAGE_NONCE_BYTES], sector[JOURNAL_SECTOR];
	int rc = note_section(&f->journal, at, plain);

	if (rc != SQLITE_OK)
		return rc;
	sealed_nonce(f->seal, nonce);
	page_seal_slot(&f->seal->key, &place, nonce, plain, JOURNAL_HEADER_PLAIN, sector);
	return sealed_raw_write(f, sector, sizeof sector, at);
}

static struct page_place
record_place(const struct sealed_file *f, const uint8_t *salt, const uint8_t *pgno,
    int64_t page_at)
{
	struct page_place place = sealed_place(f, PAGE_JOURNAL, (uint64_t)page_at);

	memcpy(place.salts, salt, 4);
	memcpy(place.salts + 4, pgno, 4);
	return place;
}

static int
read_header_part(struct sealed_file *f, uint8_t *out, size_t len, int64_t at)
{
	const int64_t header_at = at / JOURNAL_SECTOR * JOURNAL_SECTOR;
	const size_t from = (size_t)(at - header_at);
	uint8_t plain[JOURNAL_SECTOR] = {0}; /* the rest of the sector is zero */
	bool is_good;
	int rc = load_header(f, header_at, plain, &is_good);

	memcpy(out, plain + from, len);
	return rc;
}

/* SQLite compares the checksum next: a page that does not open must fail there, whatever
 * stands behind it. */
static int
read_record_page(
    struct sealed_file *f, const struct journal_section *s, uint8_t *out, int64_t at)
{
	struct sealed_journal *j = &f->journal;
	struct page_place place;
	uint8_t pgno[4];
	int rc = sealed_raw_read(f, pgno, sizeof pgno, at - PAGE_IN);

	if (rc == SQLITE_OK)
		rc = sealed_raw_read(f, out, PAGE_BYTES, at);
	if (rc != SQLITE_OK) {
		memset(out, 0, PAGE_BYTES);
		return rc;
	}
	place = record_place(f, s->salt, pgno, at);
	memcpy(j->nonce, out + PAGE_CONTENT_BYTES, sizeof j->nonce);
	j->page_at = at;
	j->is_page_bad = !page_open(&f->seal->key, &place, out, out);
	return j->is_page_bad && at < j->own_to ? SQLITE_IOERR_DATA : SQLITE_OK;
}

static int
read_sum(struct sealed_file *f, const struct journal_section *s, uint8_t *out, int64_t at)
{
	const struct sealed_journal *j = &f->journal;
	int rc = sealed_raw_read(f, out, 4, at);

	if (rc != SQLITE_OK || j->page_at != at - PAGE_BYTES) {
		memset(out, 0, 4);
		return rc;
	}
	if (j->is_page_bad) /* of zeros the sum is the salt, so it is not this: */
		put_u32(out, ~get_u32(s->salt));
	else
		put_u32(out, get_u32(out) ^ page_mask(&f->seal->key, j->nonce));
	return SQLITE_OK;
}

/* What is no part of a section reads as zeros: SQLite looks for the name of a
 * super-journal at the end, and for leftovers behind it. */
static int
journal_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct sealed_file *f = sealed_of(file);
	const struct journal_section *s;
	size_t in;
	int rc = sealed_need_id(f->db, false);

	memset(out, 0, (size_t)len);
	if (rc != SQLITE_OK)
		return rc == SQLITE_NOTFOUND ? SQLITE_OK : rc;
	if (at % JOURNAL_SECTOR == 0 && len <= MAGIC_BYTES && len != 4)
		return read_header_part(f, out, (size_t)len, at);
	s = section_of(&f->journal, at);
	if (s == NULL)
		return SQLITE_OK;
	if (at + len <= s->at + JOURNAL_SECTOR)
		return read_header_part(f, out, (size_t)len, at);
	in = (size_t)(at - s->at - JOURNAL_SECTOR) % RECORD_BYTES;
	if (in == 0 && len == 4)
		return sealed_raw_read(f, out, 4, at);
	if (in == PAGE_IN && len == PAGE_BYTES)
		return read_record_page(f, s, out, at);
	if (in == SUM_IN && len == 4)
		return read_sum(f, s, out, at);
	return SQLITE_OK;
}

/* Some bytes of a header, or the whole sector. What was there before and does not open
 * counts as zeros, as a journal that is given up is overwritten with them. */
static int
write_header_part(struct sealed_file *f, const uint8_t *bytes, size_t len, int64_t at)
{
	const int64_t header_at = at / JOURNAL_SECTOR * JOURNAL_SECTOR;
	const size_t from = (size_t)(at - header_at);
	uint8_t plain[JOURNAL_SECTOR] = {0};
	bool is_good;
	int rc = SQLITE_OK;

	if (from + len > JOURNAL_SECTOR)
		return SQLITE_IOERR_WRITE;
	if (len == JOURNAL_SECTOR) { /* a new section, behind which nothing counts */
		drop_sections(&f->journal, header_at);
		f->journal.own_to = header_at;
	} else {
		rc = load_header(f, header_at, plain, &is_good);
	}
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ && rc != SQLITE_IOERR_DATA)
		return rc;
	memcpy(plain + from, bytes, len);
	if (!bytes_are_zero(
		plain + JOURNAL_HEADER_PLAIN, JOURNAL_SECTOR - JOURNAL_HEADER_PLAIN))
		return SQLITE_IOERR_WRITE;
	return store_header(f, header_at, plain);
}

static int
write_pgno(struct sealed_file *f, const uint8_t *pgno, int64_t at)
{
	f->journal.pgno_at = at;
	memcpy(f->journal.pgno, pgno, sizeof f->journal.pgno);
	return sealed_raw_write(f, pgno, 4, at);
}

static int
write_record_page(struct sealed_file *f, const struct journal_section *s,
    const uint8_t *plain, int64_t at)
{
	struct sealed_journal *j = &f->journal;
	const struct page_place place = record_place(f, s->salt, j->pgno, at);
	uint8_t sealed[PAGE_BYTES];

	if (j->pgno_at != at - PAGE_IN ||
	    !bytes_are_zero(plain + PAGE_CONTENT_BYTES, PAGE_RESERVED_BYTES))
		return SQLITE_IOERR_WRITE;
	sealed_nonce(f->seal, j->nonce);
	j->page_at = at;
	j->is_page_bad = false;
	page_seal(&f->seal->key, &place, j->nonce, plain, sealed);
	return sealed_raw_write(f, sealed, sizeof sealed, at);
}

static int
write_sum(struct sealed_file *f, const uint8_t *sum, int64_t at)
{
	uint8_t masked[4];

	if (f->journal.page_at != at - PAGE_BYTES)
		return SQLITE_IOERR_WRITE;
	put_u32(masked, get_u32(sum) ^ page_mask(&f->seal->key, f->journal.nonce));
	return sealed_raw_write(f, masked, sizeof masked, at);
}

static int
write_piece(struct sealed_file *f, const uint8_t *bytes, size_t len, int64_t at)
{
	const struct journal_section *s = section_of(&f->journal, at);
	size_t in;

	if (at % JOURNAL_SECTOR == 0 &&
	    (len == JOURNAL_SECTOR || s == NULL || s->at == at || len == 1))
		return write_header_part(f, bytes, len, at);
	if (s == NULL)
		return SQLITE_IOERR_WRITE;
	if (at + (int64_t)len <= s->at + JOURNAL_SECTOR)
		return write_header_part(f, bytes, len, at);
	in = (size_t)(at - s->at - JOURNAL_SECTOR) % RECORD_BYTES;
	if (in == 0 && len == 4)
		return write_pgno(f, bytes, at);
	if (in == PAGE_IN && len == PAGE_BYTES)
		return write_record_page(f, s, bytes, at);
	if (in == SUM_IN && len == 4)
		return write_sum(f, bytes, at);
	return SQLITE_IOERR_WRITE;
}

static int
journal_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct sealed_file *f = sealed_of(file);
	int rc = sealed_need_id(f->db, true);

	if (rc == SQLITE_OK)
		rc = write_piece(f, bytes, (size_t)len, at);
	if (rc == SQLITE_OK && f->journal.own_to < at + len)
		f->journal.own_to = at + len;
	return rc;
}

static int
journal_close(sqlite3_file *file)
{
	struct sealed_file *f = sealed_of(file);

	free(f->journal.sections);
	f->journal = (struct sealed_journal){0};
	return f->real->pMethods->xClose(f->real);
}

static int
journal_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	struct sealed_file *f = sealed_of(file);

	drop_sections(&f->journal, len);
	if (f->journal.own_to > len)
		f->journal.own_to = len;
	return f->real->pMethods->xTruncate(f->real, len);
}

static int
journal_sync(sqlite3_file *file, int flags)
{
	struct sealed_file *f = sealed_of(file);

	return f->real->pMethods->xSync(f->real, flags);
}

static int
journal_size(sqlite3_file *file, sqlite3_int64 *out)
{
	int64_t size = 0;
	int rc = sealed_raw_size(sealed_of(file), &size);

	*out = size;
	return rc;
}

const sqlite3_io_methods sealed_journal_methods = {
    SEALED_SHARED_METHODS,
    .xClose = journal_close,
    .xRead = journal_read,
    .xWrite = journal_write,
    .xTruncate = journal_truncate,
    .xSync = journal_sync,
    .xFileSize = journal_size,
};
