/* test_backup.c - manifests of backups, and the operator's orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/backup_set.h"
#include "server/orders.h"

static char folder[64];

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/pnet-backup-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
tear_down(void **state)
{
	static const char *const files[] = {"a", "SK.db", "manifest", "orders"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

static void
write_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void
back_up(struct backup_set *set)
{
	char from[128], to[128];

	*set = (struct backup_set){.n = 1};
	write_file("a", "what the space holds");
	(void)snprintf(from, sizeof from, "%s/a", folder);
	(void)snprintf(to, sizeof to, "%s/SK.db", folder);
	assert_int_equal(backup_copy_file(from, to, &set->files[0], NULL), ST_OK);
	assert_int_equal(backup_copy_file(from, to, &set->files[0], NULL), ST_IO);
	assert_int_equal(set->files[0].bytes, 20);
	(void)snprintf(set->files[0].name, 32, "SK.db");
	(void)snprintf(set->files[0].facts, BACKUP_FACTS_BYTES, "records 9 batches 4");
	assert_int_equal(backup_write_manifest(folder, set, NULL), ST_OK);
}

static void
a_manifest_says_what_was_backed_up(void **state)
{
	struct backup_set set, read;

	(void)state;
	back_up(&set);
	assert_int_equal(backup_read_manifest(folder, &read, NULL), ST_OK);
	assert_int_equal(read.n, 1);
	assert_string_equal(read.files[0].name, "SK.db");
	assert_string_equal(read.files[0].facts, "records 9 batches 4");
	assert_int_equal(backup_check_files(folder, &read, NULL), ST_OK);
}

static void
a_changed_file_is_named(void **state)
{
	struct trouble t = {0};
	struct backup_set set;

	(void)state;
	back_up(&set);
	write_file("SK.db", "what the space helD!");
	assert_int_equal(backup_check_files(folder, &set, &t), ST_HASH);
	assert_non_null(strstr(t.text, "SK.db"));
}

/* Every byte of it counts, and so does its end. */
static void
a_manifest_with_one_wrong_byte_is_refused(void **state)
{
	struct backup_set set, read;
	char path[128], text[1024];
	size_t len;
	FILE *f;

	(void)state;
	back_up(&set);
	(void)snprintf(path, sizeof path, "%s/manifest", folder);
	f = fopen(path, "r");
	assert_non_null(f);
	len = fread(text, 1, sizeof text - 1, f);
	(void)fclose(f);
	text[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		text[i] ^= 1;
		(void)unlink(path);
		write_file("manifest", text);
		assert_int_equal(backup_read_manifest(folder, &read, NULL), ST_CORRUPT);
		text[i] ^= 1;
	}
	text[len - 1] = '\0';
	write_file("manifest", text);
	assert_int_equal(backup_read_manifest(folder, &read, NULL), ST_CORRUPT);
}

static void
orders_outlive_the_server(void **state)
{
	struct device_id one = {{1}}, two = {{2}};
	struct orders o, read;
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/orders", folder);
	assert_int_equal(orders_read(path, &o, NULL), ST_OK); /* no file: no orders */
	assert_int_equal(orders_set_quota(&o, "SK", 300, NULL), ST_OK);
	assert_int_equal(orders_set_quota(&o, "SK", 400, NULL), ST_OK);
	assert_int_equal(orders_block(&o, &one, true, NULL), ST_OK);
	assert_int_equal(orders_block(&o, &two, true, NULL), ST_OK);
	assert_int_equal(orders_block(&o, &one, false, NULL), ST_OK);
	assert_int_equal(orders_write(path, &o, NULL), ST_OK);
	assert_int_equal(orders_read(path, &read, NULL), ST_OK);
	assert_int_equal(orders_quota(&read, "SK", 512), 400);
	assert_int_equal(orders_quota(&read, "CZ", 512), 512);
	assert_true(orders_blocks(&read, &two));
	assert_false(orders_blocks(&read, &one));
	write_file("orders", "block nobody\n");
	assert_int_equal(orders_read(path, &read, NULL), ST_CORRUPT);
}

static void
orders_have_an_end(void **state)
{
	struct orders o = {0};
	struct device_id id = {{0}};

	(void)state;
	for (int i = 0; i < ORDERS_BLOCKED_MAX; i++) {
		id.bytes[0] = (uint8_t)i;
		assert_int_equal(orders_block(&o, &id, true, NULL), ST_OK);
	}
	id.bytes[1] = 1;
	assert_int_equal(orders_block(&o, &id, true, NULL), ST_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_manifest_says_what_was_backed_up, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_changed_file_is_named, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_manifest_with_one_wrong_byte_is_refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(orders_outlive_the_server, set_up, tear_down),
	    cmocka_unit_test(orders_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
