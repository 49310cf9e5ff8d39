/* test_sealed_attacks.c - who holds the disk and not the key: flips, swaps, old pieces,
 * readable words, repeated nonces (SECURITY 14: 50 to 53, RELIABILITY R11, R18). */
#include "sealed_ground.h"

#include <fcntl.h>

static uint8_t raw[RAW_BYTES_MAX], other[RAW_BYTES_MAX];

/* A file of 16 pages, some of them free, and no log. */
static size_t
make_image(void)
{
	sqlite3 *h = open_raw(file);

	sql(h,
	    "PRAGMA journal_mode=DELETE; CREATE TABLE t(n INTEGER PRIMARY KEY, s TEXT)");
	add_rows(h, 1, 110);
	sql(h,
	    "CREATE TABLE gone(s); INSERT INTO gone SELECT zeroblob(3000) FROM t LIMIT 3;"
	    "DROP TABLE gone");
	assert_int_not_equal(strtol(ask(h, "PRAGMA freelist_count"), NULL, 10), 0);
	(void)sqlite3_close(h);
	return read_raw("", raw);
}

static struct page_place
place_of_file(void)
{
	struct page_place place = {.kind = PAGE_DB};
	uint8_t page[PAGE];

	assert_true(page_open(&ground_key, &place, raw, page));
	memcpy(place.file, page + 8, sizeof place.file);
	return place;
}

static void
sec_50_no_page_opens_with_any_bit_of_it_flipped(void **state)
{
	size_t len = make_image();
	struct page_place place = place_of_file();
	uint8_t page[PAGE];
	size_t opened = 0;

	(void)state;
	assert_true(len >= 64 << 10);
	for (size_t at = PAGE; at < 64 << 10; at++) {
		place.number = at / PAGE;
		for (int bit = 0; bit < 8; bit++) {
			raw[at] ^= (uint8_t)(1 << bit);
			opened +=
			    page_open(&ground_key, &place, raw + at / PAGE * PAGE, page);
			raw[at] ^= (uint8_t)(1 << bit);
		}
	}
	assert_int_equal(opened, 0);
}

/* Reads every page below the cache, the free ones too, as `pnet check` does. */
static uint64_t
damaged_page(sqlite3 *h)
{
	sqlite3_file *f = NULL;
	sqlite3_int64 size = 0;
	uint8_t page[PAGE];

	(void)sqlite3_file_control(h, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&f);
	(void)f->pMethods->xFileSize(f, &size);
	for (sqlite3_int64 at = 0; at < size; at += PAGE)
		if (f->pMethods->xRead(f, page, PAGE, at) != SQLITE_OK)
			return (uint64_t)(at / PAGE) + 1;
	return 0;
}

/* integrity_check does not look into free pages. */
static void
sec_50_a_flip_in_each_page_is_found_at_its_page(void **state)
{
	size_t len = make_image();

	(void)state;
	for (size_t number = 1; number < len / PAGE; number++) {
		sqlite3 *h;

		raw[number * PAGE + 77] ^= 4;
		write_raw("", raw, len);
		raw[number * PAGE + 77] ^= 4;
		h = open_raw(file);
		assert_int_equal(damaged_page(h), number);
		(void)sqlite3_close(h);
	}
}

static void
sec_50_a_flip_anywhere_is_seen_by_sqlite_or_changes_nothing(void **state)
{
	struct rng_seeded seed;
	const struct rng rng = rng_seeded(&seed, 50);
	size_t len = make_image();
	size_t harmless = 0;
	char want[200];
	sqlite3 *h = open_raw(file);
	int fd;

	(void)state;
	(void)snprintf(want, sizeof want, "%s",
	    ask(h, "SELECT count(*) || sum(n * length(s)) FROM t"));
	(void)sqlite3_close(h);
	fd = open(file, O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 2000; i++) {
		size_t at = rng_below(&rng, len);
		uint8_t flipped = raw[at] ^ (uint8_t)(1 << rng_below(&rng, 8));
		const char *got;

		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
		h = open_raw(file);
		got = ask(h, "SELECT count(*) || sum(n * length(s)) FROM t");
		if (got[0] != '\0') {
			assert_string_equal(got, want);
			harmless++;
		}
		(void)sqlite3_close(h);
		assert_int_equal(pwrite(fd, raw + at, 1, (off_t)at), 1);
	}
	(void)close(fd);
	assert_true(harmless < 1000); /* free pages, which no query reads */
}

static void
sec_51_swapped_pages_are_damage(void **state)
{
	size_t len = make_image();
	sqlite3 *h;

	(void)state;
	memcpy(other, raw, len);
	memcpy(other + 3 * PAGE, raw + 4 * PAGE, PAGE);
	memcpy(other + 4 * PAGE, raw + 3 * PAGE, PAGE);
	write_raw("", other, len);
	h = open_raw(file);
	assert_int_equal(damaged_page(h), 3);
	assert_string_equal(ask(h, "SELECT sum(length(s)) FROM t"), "");
	assert_int_equal(sqlite3_extended_errcode(h), SQLITE_IOERR_DATA);
	(void)sqlite3_close(h);
}

/* Under the same key: a file that was made anew does not take pages of the old one. */
static void
sec_51_a_page_of_another_file_does_not_open(void **state)
{
	size_t len = make_image();
	sqlite3 *h;

	(void)state;
	memcpy(other, raw, len);
	(void)unlink(file);
	len = make_image();
	memcpy(raw + 3 * PAGE, other + 3 * PAGE, PAGE);
	write_raw("", raw, len);
	h = open_raw(file);
	assert_int_equal(damaged_page(h), 3);
	(void)sqlite3_close(h);
}

static void
three_commits(void)
{
	struct db *d = open_now();

	for (int i = 0; i < 3; i++)
		add_rows(db_handle(d), 10 * i, 2);
}

static const char *
rows_after_opening(void)
{
	static char n[32];
	struct db *d = NULL;

	if (try_open(&d, true) != ST_OK)
		return "error";
	(void)snprintf(n, sizeof n, "%s", ask(db_handle(d), "SELECT count(*) FROM t"));
	db_close(d);
	return n;
}

enum { FRAMES_AT = 72, FRAME = 4160 };

static void
sec_51_swapped_frames_end_the_log(void **state)
{
	size_t len, last;

	(void)state;
	killed(three_commits);
	len = read_raw("-wal", raw);
	memcpy(other, raw, len);
	last = len - FRAME; /* one frame a commit, at the end */
	memcpy(other + last, raw + last - FRAME, FRAME);
	memcpy(other + last - FRAME, raw + last, FRAME);
	write_raw("-wal", other, len);
	assert_string_equal(rows_after_opening(), "2");
}

/* Pitfall 11. The log begins anew, with other salts, over the frames of before. */
static void
a_second_generation(void)
{
	struct db *d = open_now();

	sql(db_handle(d), "PRAGMA wal_checkpoint(RESTART)");
	add_rows(db_handle(d), 100, 1);
	add_rows(db_handle(d), 101, 1);
}

static void
sec_51_frames_of_an_older_generation_end_the_log(void **state)
{
	size_t old_len, len;

	(void)state;
	killed(three_commits);
	old_len = read_raw("-wal", other);
	killed(a_second_generation);
	len = read_raw("-wal", raw);
	assert_true(old_len > FRAMES_AT + 2 * FRAME && len >= FRAMES_AT + 2 * FRAME);
	assert_memory_not_equal(raw, other, FRAMES_AT);
	memcpy(raw + FRAMES_AT + FRAME, other + FRAMES_AT + FRAME, FRAME);
	write_raw("-wal", raw, len);
	assert_string_equal(rows_after_opening(), "7"); /* the first commit of two */
}

/* Under headers of the present log, whose checksums SQLite does not look at any more. */
static void
sec_51_pages_of_an_older_log_do_not_open_while_running(void **state)
{
	struct db *d = open_now();
	sqlite3 *h = db_handle(d);
	size_t old_len, len;

	(void)state;
	add_rows(h, 1, 200);
	old_len = read_raw("-wal", other);
	sql(h, "PRAGMA wal_checkpoint(RESTART); UPDATE t SET s = s || 'x'");
	len = read_raw("-wal", raw);
	assert_true(len > FRAMES_AT + 8 * FRAME);
	for (size_t at = FRAMES_AT + 64; at < len && at < old_len; at += FRAME)
		memcpy(raw + at, other + at, PAGE);
	write_raw("-wal", raw, len);
	assert_string_equal(ask(h, "SELECT sum(length(s)) FROM t"), "");
	assert_int_equal(sqlite3_extended_errcode(h), SQLITE_IOERR_DATA);
	db_close(d);
}

static void
leave_hot_journal(void)
{
	sqlite3 *h = open_raw(file);

	sql(h, "BEGIN IMMEDIATE; UPDATE t SET s = 'new' || s");
	add_rows(h, 1000, 100);
}

/* A record in another's place, and one that says it is of another page: nothing of it is
 * written into the file as if it belonged there. */
static void
sec_51_swapped_journal_records_are_not_played_back(void **state)
{
	enum { RECORD = 4 + PAGE + 4 };
	static uint8_t before[RAW_BYTES_MAX];
	const size_t pages = make_image();
	sqlite3 *h;
	size_t len;

	(void)state;
	for (int way = 0; way < 2; way++) {
		killed(leave_hot_journal);
		len = read_raw("-journal", other);
		assert_true(len > 512 + 2 * RECORD);
		memcpy(raw, other, len);
		if (way == 0) {
			memcpy(other + 512, raw + 512 + RECORD, RECORD);
			memcpy(other + 512 + RECORD, raw + 512, RECORD);
		} else {
			memcpy(other + 512, raw + 512 + RECORD, 4);
		}
		write_raw("-journal", other, len);
		assert_true(read_raw("", before) >= pages);
		h = open_raw(file);
		(void)ask(h, "SELECT count(*) FROM t");
		(void)sqlite3_close(h);
		assert_true(read_raw("", other) >= pages);
		assert_memory_equal(before, other, pages); /* the log ended at once */
		write_raw("-journal", raw, len); /* the true one is played back yet */
		h = open_raw(file);
		assert_string_equal(
		    ask(h, "SELECT count(*) FROM t WHERE s LIKE 'CANARY%'"), "110");
		assert_string_equal(ask(h, "PRAGMA integrity_check"), "ok");
		(void)sqlite3_close(h);
	}
}

/* Words that must be in no file. */
static void
search(const char *path, void *ctx)
{
	static const char *const words[] = {"CANARY", "SQLite", "CREATE", "INTEGER"};
	FILE *f = fopen(path, "rb");
	size_t len;

	assert_non_null(f);
	len = fread(other, 1, sizeof other, f);
	(void)fclose(f);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (memmem(other, len, words[i], strlen(words[i])) != NULL)
			fail_msg("%s holds %s", path, words[i]);
	if (strstr(path, "-shm") != NULL)
		fail_msg("%s", path);
	++*(int *)ctx;
}

static int
searched(void)
{
	int n = 0;

	each_file(search, &n);
	return n;
}

static void
a_day(void)
{
	struct db *d = open_now();
	sqlite3 *h = db_handle(d);

	sql(h, "CREATE INDEX t_s ON t(s)");
	add_rows(h, 1, 100);
	(void)searched();
	sql(h, "CREATE TEMP TABLE x AS SELECT * FROM t ORDER BY s DESC");
	assert_int_equal(db_checkpoint(d, NULL), ST_OK);
	sql(h, "BEGIN IMMEDIATE; SAVEPOINT a; UPDATE t SET s = s || 'CANARY'");
	(void)searched();
	sql(h, "ROLLBACK TO a; COMMIT; DELETE FROM t WHERE n % 3 = 0; VACUUM");
	(void)searched();
	add_rows(h, 1000, 100);
}

static void
sec_52_no_word_is_in_any_file_while_running_after_a_kill_and_after_vacuum(void **state)
{
	sqlite3 *h;

	(void)state;
	killed(a_day);
	assert_true(searched() >= 2); /* the file and its log */
	(void)rows_after_opening();
	(void)searched();
	(void)unlink(file);
	(void)make_image();
	killed(leave_hot_journal);
	assert_true(searched() >= 2);
	h = open_raw(file);
	sql(h, "VACUUM");
	assert_true(searched() >= 1);
	(void)sqlite3_close(h);
}

/* The check above must be able to fail. */
static void
the_search_for_words_finds_them_in_a_plain_file(void **state)
{
	sqlite3 *h = NULL;
	size_t len;

	(void)state;
	assert_int_equal(sqlite3_open(file, &h), SQLITE_OK);
	sql(h, "CREATE TABLE t(n INTEGER PRIMARY KEY, s TEXT)");
	add_rows(h, 1, 10);
	(void)sqlite3_close(h);
	len = read_raw("", raw);
	assert_non_null(memmem(raw, len, "CANARY", 6));
}

struct nonce {
	uint8_t bytes[PAGE_NONCE_BYTES];
};
static struct nonce nonces[2000];
static size_t n_nonces;

static void
note(const uint8_t *at)
{
	assert_true(n_nonces < sizeof nonces / sizeof *nonces);
	memcpy(nonces[n_nonces++].bytes, at, PAGE_NONCE_BYTES);
}

static void
collect(const char *path, void *ctx)
{
	FILE *f = fopen(path, "rb");
	size_t len;

	(void)ctx;
	assert_non_null(f);
	len = fread(raw, 1, sizeof raw, f);
	(void)fclose(f);
	if (strstr(path, "-wal") == NULL) {
		for (size_t at = 0; at + PAGE <= len; at += PAGE)
			note(raw + at + PAGE_CONTENT_BYTES);
		return;
	}
	if (len > 0)
		note(raw);
	for (size_t at = FRAMES_AT; at + FRAME <= len; at += FRAME) {
		note(raw + at);
		note(raw + at + 64 + PAGE_CONTENT_BYTES);
	}
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct nonce));
}

/* Pitfall 10: parent and child write to files of their own from one pool of nonces. */
static void
nonces_differ_also_between_a_process_and_its_fork(void **state)
{
	struct db *d = open_now();
	pid_t child;
	int how = 0;

	(void)state;
	add_rows(db_handle(d), 1, 3); /* the pool is part used */
	child = fork();
	if (child == 0)
		(void)snprintf(file, sizeof file, "%s/b.db", folder);
	if (child == 0)
		d = open_now();
	for (int i = 1; i < 60; i++)
		add_rows(db_handle(d), i * 10, 4);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(how, 0);
	n_nonces = 0;
	each_file(collect, NULL);
	assert_true(n_nonces > 200);
	qsort(nonces, n_nonces, sizeof nonces[0], compare);
	for (size_t i = 1; i < n_nonces; i++)
		assert_int_not_equal(compare(&nonces[i - 1], &nonces[i]), 0);
	db_close(d);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(sec_50_no_page_opens_with_any_bit_of_it_flipped),
	    T(sec_50_a_flip_in_each_page_is_found_at_its_page),
	    T(sec_50_a_flip_anywhere_is_seen_by_sqlite_or_changes_nothing),
	    T(sec_51_swapped_pages_are_damage),
	    T(sec_51_a_page_of_another_file_does_not_open),
	    T(sec_51_swapped_frames_end_the_log),
	    T(sec_51_frames_of_an_older_generation_end_the_log),
	    T(sec_51_pages_of_an_older_log_do_not_open_while_running),
	    T(sec_51_swapped_journal_records_are_not_played_back),
	    T(sec_52_no_word_is_in_any_file_while_running_after_a_kill_and_after_vacuum),
	    T(the_search_for_words_finds_them_in_a_plain_file),
	    T(nonces_differ_also_between_a_process_and_its_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
