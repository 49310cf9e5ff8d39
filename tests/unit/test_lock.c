/* test_lock.c - a locked laptop through its commands, and what `check` finds. The
 * terminal, kills and names on the disk: tests/cli/33-locked.sh, 34-sealed-anew.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/laptop/reseal.h"
#include "store/replica_check.h"
#include "unit/laptop_fixture.h"

enum { PAGE = 4096, COST_AT = 9 };

static struct laptop_fixture fixture;

static int
setup(void **state)
{
	(void)state;
	fixture_start(&fixture);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_end(&fixture);
	return 0;
}

/* The vault as a thief or a fault may leave it. */
static void
write_vault(size_t at, const void *bytes, size_t len)
{
	uint8_t vault[VAULT_BYTES];

	memcpy(vault, fixture_key()->vault, sizeof vault);
	memcpy(vault + at, bytes, len);
	assert_int_equal(vault_file_write(fixture.dir, VAULT_NAME, vault, NULL), ST_OK);
}

static void
write_cost(uint32_t passes, uint32_t memory_kib)
{
	uint8_t cost[8];

	put_u32(cost, passes);
	put_u32(cost + 4, memory_kib);
	write_vault(COST_AT, cost, sizeof cost);
}

static void
sec_54_a_vault_with_weak_or_huge_cost_is_refused_before_any_work(void **state)
{
	static const struct {
		uint32_t passes, memory_kib;
	} rows[] = {{VAULT_PASSES_MIN, VAULT_KIB_MIN - 1}, {1, VAULT_KIB_MIN},
	    {VAULT_PASSES_MIN, 2 * VAULT_KIB_MAX}, {UINT32_MAX, UINT32_MAX}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		write_cost(rows[i].passes, rows[i].memory_kib);
		assert_int_equal(fixture_run(&fixture, "activity list"), 65);
		FIXTURE_SAYS(fixture.err, "PN-D02");
		FIXTURE_SAYS(fixture.err, "the vault asks for");
	}
}

static void
sec_54_a_wrong_passphrase_says_so_and_changes_nothing(void **state)
{
	static const uint8_t salt[16] = {1}; /* as good as another passphrase */

	(void)state;
	write_vault(17, salt, sizeof salt);
	assert_int_equal(fixture_run(&fixture, "activity list"), 4);
	FIXTURE_SAYS(fixture.err, "PN-K01");
	assert_int_equal(
	    vault_file_write(fixture.dir, VAULT_NAME, fixture_key()->vault, NULL), ST_OK);
	assert_int_equal(fixture_run(&fixture, "activity list"), 0);
}

static void
a_replica_without_its_vault_is_damaged_and_not_made_anew(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/" VAULT_NAME, fixture.dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(fixture_run(&fixture, "activity list"), 65);
	FIXTURE_SAYS(fixture.err, "vault is missing");
	assert_int_equal(fixture_run(&fixture, "network found OF-1"), 65);
	assert_false(vault_file_is_there(fixture.dir, VAULT_NAME));
}

static void
what_waits_and_the_last_sync_are_all_that_lies_in_the_open(void **state)
{
	char path[128], text[128], expected[128];
	FILE *f;
	size_t n;

	(void)state;
	FIXTURE_OK(&fixture, "roundtable new SK-R1 --set name=Rada");
	(void)snprintf(path, sizeof path, "%s/" COUNTS_NAME, fixture.dir);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	(void)snprintf(
	    expected, sizeof expected, "changes %-20d\nlast_sync_ms %-20d\n", 2, 0);
	assert_string_equal(text, expected);
}

/* ---- check ---- */

static struct laptop *
open_damaged(void)
{
	const struct laptop_place place = {
	    .dir = fixture.dir, .known = &fixture_key()->secrets};
	struct complaint complaint = {0};
	struct laptop *l = NULL;

	(void)laptop_open(&place, true, &complaint, &l);
	return l;
}

static void
flip(FILE *f, long at)
{
	int byte;

	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	byte = fgetc(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fputc(byte ^ 0x10, f), byte ^ 0x10);
	assert_int_equal(fflush(f), 0);
}

/* Many pages become free: what integrity_check does not read. */
static struct replica_health
make_free_pages(void)
{
	struct replica_health health;
	struct laptop *l = fixture_open(&fixture);

	fixture_exec(l,
	    "CREATE TABLE filler(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 40) INSERT INTO filler"
	    " SELECT randomblob(4000) FROM n");
	fixture_exec(l, "DROP TABLE filler");
	assert_int_equal(replica_check(l->db, &health, NULL), ST_OK);
	laptop_close(l);
	return health;
}

static void
sec_50_a_flip_in_any_page_is_found_in_free_ones_too(void **state)
{
	const struct replica_health whole = make_free_pages();
	char path[128];
	FILE *f;

	(void)state;
	assert_true(whole.free_pages >= 40);
	assert_int_equal(whole.n_bad, 0);
	assert_string_equal(whole.says, "");
	(void)snprintf(path, sizeof path, "%s/" REPLICA_NAME, fixture.dir);
	f = fopen(path, "r+b");
	assert_non_null(f);
	for (uint64_t page = 1; page <= whole.pages; page += 5) {
		long at =
		    (long)(page * PAGE + page * 31 % PAGE); /* behind the file's header */
		struct replica_health health;
		struct laptop *l;

		flip(f, at);
		l = open_damaged(); /* NULL: it does not even open, which is found too */
		if (l != NULL) {
			assert_int_equal(replica_check(l->db, &health, NULL), ST_OK);
			assert_int_equal(health.n_bad, 1);
			assert_int_equal(health.bad[0], page);
		}
		laptop_close(l);
		flip(f, at);
	}
	(void)fclose(f);
	assert_int_equal(fixture_run(&fixture, "check"), 0);
}

/* ---- cuts ---- */

enum { SECTOR = 512, CUT_FILE_MAX = 4 << 20 };

struct file_bytes {
	char path[128];
	uint8_t *bytes;
	size_t len;
};

static void
keep_file(struct file_bytes *f, const char *name)
{
	FILE *from;

	(void)snprintf(f->path, sizeof f->path, "%s/%s", fixture.dir, name);
	f->bytes = malloc(CUT_FILE_MAX);
	assert_non_null(f->bytes);
	from = fopen(f->path, "rb");
	assert_non_null(from);
	f->len = fread(f->bytes, 1, CUT_FILE_MAX, from);
	(void)fclose(from);
}

static void
put_file(const struct file_bytes *f, size_t len)
{
	FILE *to = fopen(f->path, "wb");

	assert_non_null(to);
	assert_int_equal(fwrite(f->bytes, 1, len, to), len);
	assert_int_equal(fclose(to), 0);
}

/* False: found damaged. Else *n_rows is what it holds. */
static bool
is_sound(int64_t *n_rows)
{
	struct replica_health health;
	struct laptop *l = open_damaged();
	bool sound = l != NULL && replica_check(l->db, &health, NULL) == ST_OK &&
		     health.n_bad == 0 && health.says[0] == '\0';

	if (sound)
		sound = db_number(l->db, "SELECT count(*) FROM roundtable", n_rows,
			    NULL) == ST_OK;
	laptop_close(l);
	return sound;
}

static void
sec_50_a_replica_cut_at_any_sector_is_found_out(void **state)
{
	struct file_bytes db, log;
	int64_t n = 0;

	(void)state;
	FIXTURE_OK(&fixture, "roundtable new SK-R1 --set name=Rada");
	assert_true(is_sound(&n)); /* from here on all is in the file */
	assert_int_equal(n, 1);
	keep_file(&db, REPLICA_NAME);
	keep_file(&log, REPLICA_NAME "-wal");
	/* Each sector of the last two pages, and every 23rd before them; what is no
	 * longer than the header is a file that was torn when it was made. */
	for (size_t cut = db.len - SECTOR; cut > PAGE;
	     cut -= cut > db.len - 2 * PAGE ? SECTOR : 23 * SECTOR) {
		put_file(&db, cut);
		put_file(&log, 0);
		if (is_sound(&n))
			fail_msg("cut to %zu of %zu bytes: not found", cut, db.len);
		if (cut <= PAGE + 23 * SECTOR)
			break;
	}
	put_file(&db, db.len);
	put_file(&log, 0);
	assert_true(is_sound(&n));
	free(db.bytes);
	free(log.bytes);
}

/* A log that ends early is what a power cut leaves: whole transactions from its beginning
 * count, and nobody can tell that there were more. */
static void
a_log_cut_at_any_sector_leaves_whole_transactions(void **state)
{
	struct file_bytes db, log;
	int64_t n = 0, before = 0;

	(void)state;
	assert_true(is_sound(&n));
	FIXTURE_OK(&fixture, "roundtable new SK-R1 --set name=Rada");
	FIXTURE_OK(&fixture, "roundtable new SK-R2 --set name=Rada");
	keep_file(&db, REPLICA_NAME);
	keep_file(&log, REPLICA_NAME "-wal");
	assert_true(log.len > 2 * PAGE);
	for (size_t cut = 0; cut <= log.len; cut += 5 * SECTOR) {
		put_file(&db, db.len);
		put_file(&log, cut);
		assert_true(is_sound(&n));
		assert_true(n >= before);
		before = n;
	}
	put_file(&db, db.len);
	put_file(&log, log.len);
	assert_true(is_sound(&n));
	assert_int_equal(n, 2);
	free(db.bytes);
	free(log.bytes);
}

int
main(void)
{
#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    HERE(sec_54_a_vault_with_weak_or_huge_cost_is_refused_before_any_work),
	    HERE(sec_54_a_wrong_passphrase_says_so_and_changes_nothing),
	    HERE(a_replica_without_its_vault_is_damaged_and_not_made_anew),
	    HERE(what_waits_and_the_last_sync_are_all_that_lies_in_the_open),
	    HERE(sec_50_a_flip_in_any_page_is_found_in_free_ones_too),
	    HERE(sec_50_a_replica_cut_at_any_sector_is_found_out),
	    HERE(a_log_cut_at_any_sector_leaves_whole_transactions),
	};
#undef HERE

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
