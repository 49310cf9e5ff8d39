/* test_vault_file.c - the vault on the disk and the unlocked secrets in the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <fcntl.h>
#include <linux/keyctl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/laptop/disk.h"
#include "client/laptop/kernel_key.h"
#include "client/laptop/vault_file.h"

static char dir[64];
static uint8_t first[VAULT_BYTES], second[VAULT_BYTES];
static struct vault_secrets secrets;

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/pnet-vault-XXXXXX");
	randombytes_buf(first, sizeof first);
	randombytes_buf(second, sizeof second);
	randombytes_buf(&secrets, sizeof secrets);
	return mkdtemp(dir) == NULL;
}

static const char *
in_dir(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(in_dir(VAULT_NAME));
	return rmdir(dir);
}

static void
what_was_written_is_read_and_belongs_to_its_owner_alone(void **state)
{
	uint8_t got[VAULT_BYTES];
	struct stat info;

	(void)state;
	assert_int_equal(vault_file_read(dir, VAULT_NAME, got, NULL), ST_NOT_FOUND);
	assert_int_equal(vault_file_write(dir, VAULT_NAME, first, NULL), ST_OK);
	assert_int_equal(vault_file_read(dir, VAULT_NAME, got, NULL), ST_OK);
	assert_memory_equal(got, first, sizeof got);
	assert_int_equal(stat(in_dir(VAULT_NAME), &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
}

static void
a_file_of_another_length_is_no_vault(void **state)
{
	uint8_t got[VAULT_BYTES];

	(void)state;
	assert_int_equal(vault_file_write(dir, VAULT_NAME, first, NULL), ST_OK);
	assert_int_equal(truncate(in_dir(VAULT_NAME), VAULT_BYTES - 1), 0);
	assert_int_equal(vault_file_read(dir, VAULT_NAME, got, NULL), ST_MALFORMED);
	assert_int_equal(truncate(in_dir(VAULT_NAME), VAULT_BYTES + 1), 0);
	assert_int_equal(vault_file_read(dir, VAULT_NAME, got, NULL), ST_MALFORMED);
}

static void
sec_55_the_bytes_of_the_vault_that_was_replaced_are_wiped(void **state)
{
	static const uint8_t zeros[VAULT_BYTES];
	uint8_t got[VAULT_BYTES];
	int old;

	(void)state;
	assert_int_equal(vault_file_write(dir, VAULT_NAME, first, NULL), ST_OK);
	old = open(in_dir(VAULT_NAME), O_RDONLY);
	assert_int_equal(vault_file_write(dir, VAULT_NAME, second, NULL), ST_OK);
	assert_int_equal(vault_file_read(dir, VAULT_NAME, got, NULL), ST_OK);
	assert_memory_equal(got, second, sizeof got);
	assert_int_equal(read(old, got, sizeof got), VAULT_BYTES);
	assert_memory_equal(got, zeros, sizeof got);
	(void)close(old);
}

static void
a_folder_that_cannot_be_written_keeps_the_old_vault(void **state)
{
	uint8_t got[VAULT_BYTES];

	(void)state;
	assert_int_equal(vault_file_write(dir, VAULT_NAME, first, NULL), ST_OK);
	assert_int_equal(mkdir(in_dir(VAULT_NAME ".write"), 0700), 0);
	assert_int_equal(vault_file_write(dir, VAULT_NAME, second, NULL), ST_IO);
	assert_int_equal(rmdir(in_dir(VAULT_NAME ".write")), 0);
	assert_int_equal(vault_file_read(dir, VAULT_NAME, got, NULL), ST_OK);
	assert_memory_equal(got, first, sizeof got);
}

static void
sec_58_a_shredded_file_is_gone_and_its_bytes_too(void **state)
{
	struct rng_seeded seed;
	const struct rng rng = rng_seeded(&seed, 3);
	uint8_t got[VAULT_BYTES];
	int old;

	(void)state;
	assert_int_equal(vault_file_write(dir, VAULT_NAME, first, NULL), ST_OK);
	old = open(in_dir(VAULT_NAME), O_RDONLY);
	assert_int_equal(file_shred(dir, VAULT_NAME, &rng, NULL), ST_OK);
	assert_false(vault_file_is_there(dir, VAULT_NAME));
	assert_int_equal(read(old, got, sizeof got), VAULT_BYTES);
	assert_int_not_equal(memcmp(got, first, sizeof got), 0);
	(void)close(old);
	assert_int_equal(file_shred(dir, VAULT_NAME, &rng, NULL), ST_OK);
}

/* ---- the kernel ---- */

static struct span
vault_of(const uint8_t *bytes)
{
	return span_of(bytes, VAULT_BYTES);
}

/* A session of this test's own; skips where the kernel gives no keys. */
static void
need_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    !kernel_key_keep(vault_of(first), &secrets, 60))
		skip();
}

static void
assert_found(const uint8_t *bytes, bool is_found)
{
	static const struct vault_secrets none;
	struct vault_secrets got;

	memset(&got, 1, sizeof got);
	assert_int_equal(kernel_key_find(vault_of(bytes), &got), is_found);
	assert_memory_equal(&got, is_found ? &secrets : &none, sizeof got);
}

static void
sec_56_an_unlocked_laptop_is_locked_when_the_time_is_over(void **state)
{
	const struct timespec over = {1, 300 * 1000000};

	(void)state;
	need_keyring();
	assert_true(kernel_key_keep(vault_of(first), &secrets, 1));
	assert_found(first, true);
	assert_found(first, true); /* looking does not make it longer */
	(void)nanosleep(&over, NULL);
	assert_found(first, false);
	assert_true(kernel_key_keep(vault_of(first), &secrets, 60));
	assert_found(first, true);
	assert_true(kernel_key_drop(vault_of(first)));
}

static void
sec_56_lock_takes_the_key_away_at_once(void **state)
{
	(void)state;
	need_keyring();
	assert_true(kernel_key_drop(vault_of(first)));
	assert_found(first, false);
	assert_false(kernel_key_drop(vault_of(first)));
}

static void
the_key_of_one_vault_opens_no_other(void **state)
{
	(void)state;
	need_keyring();
	assert_found(second, false);
	assert_found(first, true);
	assert_true(kernel_key_drop(vault_of(first)));
}

static void
sec_56_another_session_of_the_same_user_finds_nothing(void **state)
{
	int ended = 0;
	pid_t child;

	(void)state;
	need_keyring();
	child = fork();
	if (child == 0) {
		struct vault_secrets got;
		bool mine = kernel_key_find(vault_of(first), &got);

		(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
		_exit(mine && !kernel_key_find(vault_of(first), &got) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &ended, 0), child);
	assert_int_equal(ended, 0);
	assert_true(kernel_key_drop(vault_of(first)));
}

int
main(void)
{
#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    HERE(what_was_written_is_read_and_belongs_to_its_owner_alone),
	    HERE(a_file_of_another_length_is_no_vault),
	    HERE(sec_55_the_bytes_of_the_vault_that_was_replaced_are_wiped),
	    HERE(a_folder_that_cannot_be_written_keeps_the_old_vault),
	    HERE(sec_58_a_shredded_file_is_gone_and_its_bytes_too),
	    HERE(sec_56_an_unlocked_laptop_is_locked_when_the_time_is_over),
	    HERE(sec_56_lock_takes_the_key_away_at_once),
	    HERE(the_key_of_one_vault_opens_no_other),
	    HERE(sec_56_another_session_of_the_same_user_finds_nothing),
	};
#undef HERE

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
