/* test_sealed_vfs.c - the pitfalls of sealing below SQLite (SECURITY 11), one by one, and
 * what is refused. Power cuts: tests/sim/crash.c. */
#include "sealed_ground.h"

static uint8_t raw[RAW_BYTES_MAX], other[RAW_BYTES_MAX];

static void
leave_hot_journal(void)
{
	sqlite3 *h = open_raw(file);

	sql(h, "BEGIN IMMEDIATE; PRAGMA user_version=77; UPDATE t SET s = 'new' || s");
	add_rows(h, 1000, 200); /* more than the cache holds: the file is written to */
}

static void
fill_in_journal_mode(void)
{
	sqlite3 *h = open_raw(file);

	sql(h,
	    "PRAGMA journal_mode=DELETE; CREATE TABLE t(n INTEGER PRIMARY KEY, s TEXT)");
	add_rows(h, 1, 100);
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
}

/* Pitfall 1: SQLite reads 100 bytes of page 1 before it plays the journal back. */
static void
sec_49_a_torn_first_page_is_repaired_by_the_hot_journal(void **state)
{
	sqlite3 *h;
	size_t len;

	(void)state;
	fill_in_journal_mode();
	killed(leave_hot_journal);
	assert_true(read_raw("-journal", other) > 10000);
	len = read_raw("", raw);
	memset(raw + SEALED_HEADER_BYTES + 512, 0x5a, 1024);
	write_raw("", raw, len);
	h = open_raw(file);
	assert_string_equal(
	    ask(h, "SELECT count(*) FROM t WHERE s LIKE 'CANARY%'"), "100");
	assert_string_equal(ask(h, "PRAGMA user_version"), "0");
	assert_string_equal(ask(h, "PRAGMA integrity_check"), "ok");
	(void)sqlite3_close(h);
}

static void
a_torn_first_page_without_a_journal_is_damage(void **state)
{
	struct db *d = NULL;
	size_t len;

	(void)state;
	db_close(open_now());
	len = read_raw("", raw);
	raw[SEALED_HEADER_BYTES + 512] ^= 1;
	write_raw("", raw, len);
	(void)snprintf((char *)other, 160, "%s-wal", file);
	(void)unlink((char *)other); /* it held page 1 as well */
	assert_int_equal(try_open(&d, true), ST_CORRUPT);
}

/* Pitfall 2: a spilled page that is written twice makes SQLite read inside a frame's
 * header and rewrite the checksums of those behind it. */
static void
a_cache_of_five_pages_commits_what_spilled(void **state)
{
	struct db *d = open_now();

	(void)state;
	assert_int_equal(db_begin(d, NULL), ST_OK);
	add_rows(db_handle(d), 1, 300);
	sql(db_handle(d),
	    "UPDATE t SET s = s || 'x'; UPDATE t SET s = s || 'y' WHERE n < 9");
	assert_int_equal(db_commit(d, NULL), ST_OK);
	db_close(d);
	d = open_now();
	assert_string_equal(
	    ask(db_handle(d), "SELECT count(*) FROM t WHERE s LIKE '%xy'"), "8");
	assert_string_equal(ask(db_handle(d), "PRAGMA integrity_check"), "ok");
	db_close(d);
}

/* Pitfall 3: its checksums would lie in a -shm file. */
static void
sec_53_a_shared_log_is_refused_and_no_shm_file_is_made(void **state)
{
	sqlite3 *h;

	(void)state;
	db_close(open_now()); /* in WAL mode now */
	h = open_raw(file);
	assert_int_equal(
	    sqlite3_exec(h, "SELECT * FROM t", NULL, NULL, NULL), SQLITE_CANTOPEN);
	(void)sqlite3_close(h);
	assert_int_equal(read_raw("-shm", raw), 0);
}

/* SQLite's checksum of a journal page (pager_cksum). */
static uint32_t
sum_of(const uint8_t *page, uint32_t salt)
{
	for (int i = PAGE - 200; i > 0; i -= 200)
		salt += page[i];
	return salt;
}

/* Pitfall 3, and the bytes of proto/spec/seal.md 7: header, record, masked checksum. */
static void
a_journal_is_sealed_and_its_checksums_are_masked(void **state)
{
	struct page_place place = {.kind = PAGE_DB};
	uint8_t page[PAGE], header[472];
	uint32_t masked, plain;

	(void)state;
	fill_in_journal_mode();
	killed(leave_hot_journal);
	(void)read_raw("", raw);
	assert_true(page_open(&ground_key, &place, raw, page));
	assert_memory_equal(page, "pnetpgs\1", 8);
	memcpy(place.file, page + 8, sizeof place.file);

	assert_true(read_raw("-journal", raw) > 512 + 4104);
	place.kind = PAGE_JOURNAL_HEADER;
	assert_true(page_open_slot(&ground_key, &place, raw, header, sizeof header));
	place.kind = PAGE_JOURNAL;
	place.number = 512 + 4;
	memcpy(place.salts, header + 12, 4);
	memcpy(place.salts + 4, raw + 512, 4);
	assert_true(page_open(&ground_key, &place, raw + 516, page));
	masked = get_u32(raw + 516 + PAGE);
	plain = sum_of(page, get_u32(header + 12));
	assert_int_not_equal(masked, plain);
	assert_int_equal(
	    masked ^ page_mask(&ground_key, raw + 516 + PAGE_CONTENT_BYTES), plain);
}

/* Pitfall 4, and what does not fit: nothing of it reaches the disk. */
static void
a_file_without_the_reserved_bytes_is_refused(void **state)
{
	struct db *d = open_now();
	char text[200];
	struct stat info;

	(void)state;
	(void)snprintf(text, sizeof text, "ATTACH '%s/b.db' AS b", folder);
	sql(db_handle(d), text);
	assert_int_not_equal(
	    sqlite3_exec(db_handle(d), "CREATE TABLE b.x(CANARY); ", NULL, NULL, NULL),
	    SQLITE_OK);
	(void)snprintf(text, sizeof text, "%s/b.db", folder);
	assert_true(stat(text, &info) != 0 || info.st_size <= SEALED_HEADER_BYTES);
	add_rows(db_handle(d), 1, 3);
	db_close(d);
}

static void
another_page_size_is_refused_and_leaves_the_file_whole(void **state)
{
	sqlite3 *h;

	(void)state;
	fill_in_journal_mode();
	h = open_raw(file);
	(void)sqlite3_exec(h, "PRAGMA page_size=8192; VACUUM", NULL, NULL, NULL);
	(void)sqlite3_close(h);
	h = open_raw(file);
	assert_string_equal(ask(h, "PRAGMA page_size"), "4096");
	assert_string_equal(ask(h, "SELECT count(*) FROM t"), "100");
	assert_string_equal(ask(h, "PRAGMA integrity_check"), "ok");
	(void)sqlite3_close(h);
}

static void
a_plain_database_is_not_overwritten(void **state)
{
	struct db *d = NULL;

	(void)state;
	memset(raw, 0, PAGE);
	memcpy(raw, "SQLite format 3", 16);
	write_raw("", raw, PAGE);
	assert_int_equal(try_open(&d, true), ST_CORRUPT);
	assert_int_equal(read_raw("", other), PAGE);
	assert_memory_equal(raw, other, PAGE);
}

static void
commit_two(void)
{
	struct db *d = open_now();

	add_rows(db_handle(d), 1, 2);
	add_rows(db_handle(d), 3, 1);
}

/* Pitfall 5: a torn tail is what a power cut leaves, and no error. */
static void
a_log_ends_where_a_frame_does_not_open(void **state)
{
	struct db *d;
	size_t len;

	(void)state;
	killed(commit_two);
	len = read_raw("-wal", raw);
	assert_int_equal((len - 72) % 4160, 0);
	raw[len - 1000] ^= 1;
	write_raw("-wal", raw, len);
	d = open_now();
	assert_string_equal(ask(db_handle(d), "SELECT count(*) FROM t"), "2");
	db_close(d);
}

static sqlite3_file *
file_of(sqlite3 *h)
{
	sqlite3_file *f = NULL;

	assert_int_equal(
	    sqlite3_file_control(h, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&f),
	    SQLITE_OK);
	return f;
}

/* A frame that this process wrote is damaged when it does not open. */
static void
a_damaged_frame_of_an_open_log_is_an_error_and_no_zeros(void **state)
{
	struct db *d = open_now();
	size_t len;

	(void)state;
	add_rows(db_handle(d), 1, 200);
	len = read_raw("-wal", raw);
	for (size_t at = 72 + 64 + 100; at < len; at += 4160)
		raw[at] ^= 1;
	write_raw("-wal", raw, len);
	assert_int_not_equal(
	    sqlite3_exec(db_handle(d), "SELECT sum(length(s)) FROM t", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_extended_errcode(db_handle(d)), SQLITE_IOERR_DATA);
	db_close(d);
}

/* Pitfall 6, and sub-reads of the first page as SQLite makes them. */
static void
parts_of_the_first_page_can_be_read(void **state)
{
	sqlite3 *h;
	sqlite3_file *f;
	uint8_t part[100], page[PAGE];

	(void)state;
	fill_in_journal_mode();
	h = open_raw(file);
	f = file_of(h);
	assert_int_equal(f->pMethods->xRead(f, page, PAGE, 0), SQLITE_OK);
	assert_int_equal(f->pMethods->xRead(f, part, 100, 0), SQLITE_OK);
	assert_memory_equal(part, page, 100);
	assert_memory_equal(part, "SQLite format 3", 16);
	assert_int_equal(f->pMethods->xRead(f, part, 16, 24), SQLITE_OK);
	assert_memory_equal(part, page + 24, 16);
	(void)sqlite3_close(h);
}

/* Pitfall 7. */
static void
temporary_files_stay_in_memory_up_to_a_cap(void **state)
{
	sqlite3_vfs *v = sqlite3_vfs_find("sealed");
	sqlite3_file *f = calloc(1, (size_t)v->szOsFile);
	char bytes[100] = "CANARY";
	sqlite3_int64 size = 0;

	(void)state;
	assert_int_equal(v->xOpen(v, NULL, f,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				 SQLITE_OPEN_DELETEONCLOSE | SQLITE_OPEN_SUBJOURNAL,
			     NULL),
	    SQLITE_OK);
	assert_int_equal(f->pMethods->xWrite(f, bytes, 100, 200000), SQLITE_OK);
	assert_int_equal(f->pMethods->xFileSize(f, &size), SQLITE_OK);
	assert_int_equal(size, 200100);
	assert_int_equal(
	    f->pMethods->xRead(f, bytes, 100, 200050), SQLITE_IOERR_SHORT_READ);
	assert_int_equal(
	    f->pMethods->xWrite(f, bytes, 100, SEALED_TEMP_BYTES_MAX - 100), SQLITE_OK);
	assert_int_equal(
	    f->pMethods->xWrite(f, bytes, 100, SEALED_TEMP_BYTES_MAX - 99), SQLITE_FULL);
	assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
	free(f);
}

/* Pitfall 8. */
static void
a_write_past_the_end_fills_the_gap_with_pages_that_open(void **state)
{
	uint8_t page[PAGE] = {0};
	sqlite3 *h;
	sqlite3_file *f;
	sqlite3_int64 size = 0;

	(void)state;
	fill_in_journal_mode();
	h = open_raw(file);
	f = file_of(h);
	assert_int_equal(f->pMethods->xFileSize(f, &size), SQLITE_OK);
	assert_int_equal(f->pMethods->xWrite(f, page, PAGE, size + 5 * PAGE), SQLITE_OK);
	for (int i = 0; i < 6; i++)
		assert_int_equal(
		    f->pMethods->xRead(f, page, PAGE, size + i * PAGE), SQLITE_OK);
	assert_int_equal(
	    f->pMethods->xRead(f, page, PAGE, size + 6 * PAGE), SQLITE_IOERR_SHORT_READ);
	(void)sqlite3_close(h);
}

static void
no_map_no_size_hint_and_one_trait(void **state)
{
	sqlite3 *h;
	sqlite3_file *f;
	sqlite3_int64 n = 1 << 20;

	(void)state;
	fill_in_journal_mode();
	h = open_raw(file);
	f = file_of(h);
	assert_int_equal(f->pMethods->iVersion, 1);
	assert_int_equal(
	    f->pMethods->xDeviceCharacteristics(f), SQLITE_IOCAP_POWERSAFE_OVERWRITE);
	assert_int_equal(
	    f->pMethods->xFileControl(f, SQLITE_FCNTL_SIZE_HINT, &n), SQLITE_NOTFOUND);
	assert_int_equal(
	    f->pMethods->xFileControl(f, SQLITE_FCNTL_CHUNK_SIZE, &n), SQLITE_NOTFOUND);
	(void)sqlite3_close(h);
}

static void
the_wrong_key_opens_nothing_and_changes_nothing(void **state)
{
	const struct page_key wrong = {{1}};
	const struct rng rng = os_rng();
	struct db *d = NULL;
	size_t len;

	(void)state;
	killed(commit_two);
	len = read_raw("", raw);
	sealed_vfs_unregister("sealed");
	assert_int_equal(sealed_vfs_register("sealed", NULL, &wrong, &rng, NULL), ST_OK);
	assert_int_equal(
	    sealed_vfs_register("sealed", NULL, &wrong, &rng, NULL), ST_EXISTS);
	assert_int_equal(
	    sealed_vfs_register("x", "no such VFS", &wrong, &rng, NULL), ST_NOT_FOUND);
	assert_int_equal(try_open(&d, true), ST_CORRUPT);
	assert_int_equal(read_raw("", other), len);
	assert_memory_equal(raw, other, len);
	assert_true(read_raw("-wal", other) > 0);
	sealed_vfs_unregister("sealed");
	assert_int_equal(
	    sealed_vfs_register("sealed", NULL, &ground_key, &rng, NULL), ST_OK);
	d = open_now();
	assert_string_equal(ask(db_handle(d), "SELECT count(*) FROM t"), "3");
	db_close(d);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(sec_49_a_torn_first_page_is_repaired_by_the_hot_journal),
	    T(a_torn_first_page_without_a_journal_is_damage),
	    T(a_cache_of_five_pages_commits_what_spilled),
	    T(sec_53_a_shared_log_is_refused_and_no_shm_file_is_made),
	    T(a_journal_is_sealed_and_its_checksums_are_masked),
	    T(a_file_without_the_reserved_bytes_is_refused),
	    T(another_page_size_is_refused_and_leaves_the_file_whole),
	    T(a_plain_database_is_not_overwritten),
	    T(a_log_ends_where_a_frame_does_not_open),
	    T(a_damaged_frame_of_an_open_log_is_an_error_and_no_zeros),
	    T(parts_of_the_first_page_can_be_read),
	    T(temporary_files_stay_in_memory_up_to_a_cap),
	    T(a_write_past_the_end_fills_the_gap_with_pages_that_open),
	    T(no_map_no_size_hint_and_one_trait),
	    T(the_wrong_key_opens_nothing_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
