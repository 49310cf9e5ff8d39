/* test_lock.c - a locked laptop through its commands, and what `check` finds. The
 * terminal, kills and names on the disk: tests/cli/33-locked.sh, 34-sealed-anew.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/reseal.h"
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
	char path[128], text[128];
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
	assert_string_equal(text, "changes 2\nlast_sync_ms 0\n");
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
	};
#undef HERE

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
