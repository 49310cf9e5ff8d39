/* reseal.c - a copy under another key takes the place of the replica. */
#include "client/reseal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "client/unlock.h"
#include "store/replica_copy.h"
#include "store/sealed_vfs.h"

enum { PATH_BYTES = 4200, LOCK_TRIES = 50, LOCK_WAIT_MS = 100 };

#define VAULT_TO_BE "vault.new"
#define COPY_NAME "replica.new"
#define OLD_NAME "replica.old"
#define COPY_VFS "pnet-reseal"

static const char plain_magic[16] = "SQLite format 3";

static bool
is_there(const char *dir, const char *name)
{
	return vault_file_is_there(dir, name);
}

static void
path_of(char out[static PATH_BYTES], const char *dir, const char *name)
{
	(void)snprintf(out, PATH_BYTES, "%s/%s", dir, name);
}

static status
io(struct trouble *t, const char *deed, const char *dir, const char *name)
{
	return trouble_set(
	    t, ST_IO, "cannot %s %s/%s: %s", deed, dir, name, strerror(errno));
}

static status
remove_file(const char *dir, const char *name, struct trouble *t)
{
	char path[PATH_BYTES];

	path_of(path, dir, name);
	return unlink(path) == 0 || errno == ENOENT ? ST_OK : io(t, "remove", dir, name);
}

static status
move_file(const char *dir, const char *from, const char *to, struct trouble *t)
{
	char a[PATH_BYTES], b[PATH_BYTES];

	path_of(a, dir, from);
	path_of(b, dir, to);
	return rename(a, b) == 0 ? ST_OK : io(t, "rename", dir, from);
}

/* Without a log it is whole; a log of a plain replica shows itself in the file. */
bool
reseal_is_plain(const char *dir)
{
	char path[PATH_BYTES], head[sizeof plain_magic];
	bool is_plain;
	int fd;

	path_of(path, dir, REPLICA_NAME);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	is_plain = read(fd, head, sizeof head) == (ssize_t)sizeof head &&
		   memcmp(head, plain_magic, sizeof head) == 0;
	(void)close(fd);
	return is_plain;
}

/* ---- one at a time ---- */

/* The descriptor that holds the lock, or -1 with t set. */
static int
lock_folder(const char *dir, struct trouble *t)
{
	const struct timespec wait = {0, LOCK_WAIT_MS * 1000000};
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		(void)nanosleep(&wait, NULL);
	}
	if (fd < 0) {
		(void)io(t, "open", dir, "");
		return -1;
	}
	(void)close(fd);
	(void)trouble_set(t, ST_BUSY, "another pnet is sealing %s anew; waited 5 s", dir);
	return -1;
}

/* ---- back, or to the end ---- */

/* The copy first: a copy without vault.new beside it is one that counts. */
static status
take_back(const char *dir, struct trouble *t)
{
	static const char *const names[] = {
	    COPY_NAME, COPY_NAME "-journal", COPY_NAME "-wal", VAULT_TO_BE};
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof names / sizeof names[0]; i++) {
		st = remove_file(dir, names[i], t);
		if (st == ST_OK)
			st = folder_sync(dir, t);
	}
	return st;
}

/* Everything in the log is in the file, since the copying. */
static status
shred_log(const char *dir, const struct rng *rng, struct trouble *t)
{
	static const char *const names[] = {
	    REPLICA_NAME "-wal", REPLICA_NAME "-shm", REPLICA_NAME "-journal"};
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof names / sizeof names[0]; i++)
		st = file_shred(dir, names[i], rng, t);
	return st;
}

/* The log goes first: behind another file of that name it would be taken for its own. */
static status
finish(const char *dir, const struct rng *rng, struct trouble *t)
{
	status st = ST_OK;

	if (is_there(dir, COPY_NAME)) {
		st = shred_log(dir, rng, t);
		if (st == ST_OK)
			st = folder_sync(dir, t);
		if (st == ST_OK && is_there(dir, REPLICA_NAME))
			st = move_file(dir, REPLICA_NAME, OLD_NAME, t);
		if (st == ST_OK)
			st = move_file(dir, COPY_NAME, REPLICA_NAME, t);
		if (st == ST_OK)
			st = folder_sync(dir, t);
	}
	if (st == ST_OK)
		st = file_shred(dir, OLD_NAME, rng, t);
	if (st == ST_OK)
		st = file_shred(dir, DEVICE_KEY_NAME, rng, t);
	return st == ST_OK ? folder_sync(dir, t) : st;
}

static status
settle(const char *dir, const struct rng *rng, struct trouble *t)
{
	if (is_there(dir, VAULT_TO_BE))
		return take_back(dir, t);
	if (!is_there(dir, VAULT_NAME))
		return ST_OK;
	return finish(dir, rng, t);
}

/* Only a vault.new, or what is left behind a vault, says that somebody was stopped. */
static bool
is_unsettled(const char *dir)
{
	if (is_there(dir, VAULT_TO_BE))
		return true;
	return is_there(dir, VAULT_NAME) &&
	       (is_there(dir, COPY_NAME) || is_there(dir, OLD_NAME) ||
		   is_there(dir, DEVICE_KEY_NAME));
}

status
reseal_resume(const char *dir, const struct rng *rng, struct trouble *t)
{
	status st;
	int lock;

	if (!is_unsettled(dir))
		return ST_OK;
	lock = lock_folder(dir, t);
	if (lock < 0)
		return t == NULL ? ST_BUSY : t->code;
	st = settle(dir, rng, t);
	(void)close(lock);
	return st;
}

/* ---- anew ---- */

static status
write_vault(const char *dir, const struct vault_secrets *secrets,
    const struct passphrase *phrase, const struct vault_cost *wanted,
    const struct rng *rng, struct trouble *t)
{
	struct vault_cost cost = unlock_cost(wanted);
	uint8_t vault[VAULT_BYTES];
	status st = vault_seal(secrets, passphrase_span(phrase), &cost, rng, vault, t);

	return st == ST_OK ? vault_file_write(dir, VAULT_TO_BE, vault, t) : st;
}

static status
write_copy(const char *dir, const char *from, const struct vault_secrets *secrets,
    const struct rng *rng, struct trouble *t)
{
	char path[PATH_BYTES], copy[PATH_BYTES];
	status st = sealed_vfs_register(COPY_VFS, NULL, &secrets->page_key, rng, t);

	path_of(path, dir, REPLICA_NAME);
	path_of(copy, dir, COPY_NAME);
	if (st != ST_OK)
		return st;
	st = replica_copy(path, from, copy, COPY_VFS, SEALED_RESERVE_BYTES, t);
	sealed_vfs_unregister(COPY_VFS);
	return st == ST_OK ? folder_sync(dir, t) : st;
}

/* The old vault opens the copy no more: what is left of it is overwritten. */
static status
commit(const char *dir, const struct rng *rng, struct trouble *t)
{
	char path[PATH_BYTES];
	int old;
	status st;

	path_of(path, dir, VAULT_NAME);
	old = open(path, O_WRONLY | O_CLOEXEC);
	st = move_file(dir, VAULT_TO_BE, VAULT_NAME, t);
	if (st == ST_OK)
		st = folder_sync(dir, t);
	if (st == ST_OK && old >= 0) {
		uint8_t noise[VAULT_BYTES];

		rng_fill(rng, noise, sizeof noise);
		(void)!write(old, noise, sizeof noise);
		(void)fsync(old);
	}
	if (old >= 0)
		(void)close(old);
	return st == ST_OK ? finish(dir, rng, t) : st;
}

status
reseal(const char *dir, const char *from, const struct vault_secrets *secrets,
    const struct passphrase *phrase, const struct vault_cost *cost, const struct rng *rng,
    struct trouble *t)
{
	int lock = lock_folder(dir, t);
	status st;

	if (lock < 0)
		return t == NULL ? ST_BUSY : t->code;
	st = take_back(dir, t);
	if (st == ST_OK)
		st = write_vault(dir, secrets, phrase, cost, rng, t);
	if (st == ST_OK)
		st = write_copy(dir, from, secrets, rng, t);
	if (st == ST_OK)
		st = commit(dir, rng, t);
	if (st != ST_OK && is_there(dir, VAULT_TO_BE))
		(void)take_back(dir, NULL);
	(void)close(lock);
	return st;
}

static status
read_seed(const char *dir, struct device_seed *out, struct trouble *t)
{
	char path[PATH_BYTES];
	ssize_t n;
	int fd;

	path_of(path, dir, DEVICE_KEY_NAME);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, out->bytes, sizeof out->bytes);
	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)sizeof out->bytes
		   ? ST_OK
		   : trouble_set(t, ST_CORRUPT, "%s does not hold a device seed", path);
}

status
reseal_take_over(const char *dir, const struct passphrase *phrase,
    const struct vault_cost *cost, const struct rng *rng, struct vault_secrets *out,
    struct trouble *t)
{
	status st = read_seed(dir, &out->seed, t);

	rng_fill(rng, out->page_key.bytes, sizeof out->page_key.bytes);
	return st == ST_OK ? reseal(dir, NULL, out, phrase, cost, rng, t) : st;
}
