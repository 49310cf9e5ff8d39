/* reseal.c - a new vault, and a copy under another key, take the place of the old. */
#include "client/laptop/reseal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "client/laptop/disk.h"
#include "client/laptop/root_key.h"
#include "client/laptop/unlock.h"
#include "store/replica_copy.h"
#include "store/sealed_vfs.h"

enum { PATH_BYTES = 4200, LOCK_TRIES = 50, LOCK_WAIT_MS = 100 };

#define VAULT_TO_BE "vault.new"
#define VAULT_OLD "vault.old"
#define ROOT_TO_BE ROOT_KEY_NAME ".new"
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

static status
remove_files(const char *dir, const char *const names[], size_t n, struct trouble *t)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (!is_there(dir, names[i]))
			continue;
		st = remove_file(dir, names[i], t);
		if (st == ST_OK)
			st = folder_sync(dir, t);
	}
	return st;
}

/* vault.new last: what else lies here without it counts. vault.old is the vault itself
 * still, so only the name goes. */
static status
take_back(const char *dir, struct trouble *t)
{
	static const char *const names[] = {COPY_NAME, COPY_NAME "-journal",
	    COPY_NAME "-wal", ROOT_TO_BE, VAULT_OLD, VAULT_TO_BE};

	return remove_files(dir, names, sizeof names / sizeof names[0], t);
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
place_copy(const char *dir, const struct rng *rng, struct trouble *t)
{
	status st = shred_log(dir, rng, t);

	if (st == ST_OK)
		st = folder_sync(dir, t);
	if (st == ST_OK && is_there(dir, REPLICA_NAME))
		st = move_file(dir, REPLICA_NAME, OLD_NAME, t);
	if (st == ST_OK)
		st = move_file(dir, COPY_NAME, REPLICA_NAME, t);
	return st == ST_OK ? folder_sync(dir, t) : st;
}

static status
place_root(const char *dir, const struct rng *rng, struct trouble *t)
{
	status st = file_shred(dir, ROOT_KEY_NAME, rng, t);

	if (st == ST_OK)
		st = move_file(dir, ROOT_TO_BE, ROOT_KEY_NAME, t);
	return st == ST_OK ? folder_sync(dir, t) : st;
}

/* What opens or shows something without the new passphrase. */
static const char *const left_over[] = {OLD_NAME, DEVICE_KEY_NAME, VAULT_OLD};

static status
finish(const char *dir, const struct rng *rng, struct trouble *t)
{
	status st = ST_OK;

	if (is_there(dir, COPY_NAME))
		st = place_copy(dir, rng, t);
	if (st == ST_OK && is_there(dir, ROOT_TO_BE))
		st = place_root(dir, rng, t);
	for (size_t i = 0; st == ST_OK && i < sizeof left_over / sizeof left_over[0]; i++)
		st = file_shred(dir, left_over[i], rng, t);
	return st == ST_OK ? folder_sync(dir, t) : st;
}

/* Half-written, so that they never had a name that counts. */
static const char *const half_written[] = {VAULT_TO_BE ".write", ROOT_TO_BE ".write"};

static status
settle(const char *dir, const struct rng *rng, struct trouble *t)
{
	status st = remove_files(
	    dir, half_written, sizeof half_written / sizeof half_written[0], t);

	if (st != ST_OK)
		return st;
	if (is_there(dir, VAULT_TO_BE))
		return take_back(dir, t);
	if (!is_there(dir, VAULT_NAME))
		return ST_OK;
	return finish(dir, rng, t);
}

static bool
any_there(const char *dir, const char *const names[], size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found = found || is_there(dir, names[i]);
	return found;
}

/* Only a vault.new, or what is left behind a vault, says that somebody was stopped. */
static bool
is_unsettled(const char *dir)
{
	if (is_there(dir, VAULT_TO_BE) ||
	    any_there(dir, half_written, sizeof half_written / sizeof half_written[0]))
		return true;
	return is_there(dir, VAULT_NAME) &&
	       (is_there(dir, COPY_NAME) || is_there(dir, ROOT_TO_BE) ||
		   any_there(dir, left_over, sizeof left_over / sizeof left_over[0]));
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
write_vault(const char *dir, const char *name, const struct vault_secrets *secrets,
    const struct reseal_plan *plan, const struct rng *rng, struct trouble *t)
{
	struct vault_cost cost = unlock_cost(plan->cost);
	uint8_t vault[VAULT_BYTES];
	status st =
	    vault_seal(secrets, passphrase_span(plan->fresh), &cost, rng, vault, t);

	return st == ST_OK ? vault_file_write(dir, name, vault, t) : st;
}

/* A file that holds a seed and nothing else, as earlier versions wrote them. */
static bool
read_seed(const char *dir, const char *name, struct device_seed *out)
{
	uint8_t bytes[sizeof out->bytes + 1];
	char path[PATH_BYTES];
	ssize_t n;
	int fd;

	path_of(path, dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	if (fd >= 0)
		(void)close(fd);
	if (n == (ssize_t)sizeof out->bytes)
		memcpy(out->bytes, bytes, sizeof out->bytes);
	explicit_bzero(bytes, sizeof bytes);
	return n == (ssize_t)sizeof out->bytes;
}

/* False: there is no root key here, or it has a passphrase of its own. */
static bool
open_root(const char *dir, const struct passphrase *old, const struct rng *rng,
    struct vault_secrets *out)
{
	uint8_t file[VAULT_BYTES];

	if (read_seed(dir, ROOT_KEY_NAME, &out->seed)) {
		rng_fill(rng, out->page_key.bytes, sizeof out->page_key.bytes);
		return true;
	}
	return old != NULL && vault_file_read(dir, ROOT_KEY_NAME, file, NULL) == ST_OK &&
	       vault_open(span_of(file, sizeof file), passphrase_span(old), out, NULL) ==
		   ST_OK;
}

static status
write_root(const char *dir, const struct reseal_plan *plan, const struct rng *rng,
    struct trouble *t)
{
	struct vault_secrets *root = secrets_new();
	status st = ST_OK;

	if (root == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for the root key");
	if (open_root(dir, plan->old, rng, root))
		st = write_vault(dir, ROOT_TO_BE, root, plan, rng, t);
	secrets_free(root);
	return st;
}

static status
write_copy(const char *dir, const struct reseal_plan *plan, const struct rng *rng,
    struct trouble *t)
{
	char path[PATH_BYTES], copy[PATH_BYTES];
	status st = sealed_vfs_register(COPY_VFS, NULL, &plan->secrets->page_key, rng, t);

	path_of(path, dir, REPLICA_NAME);
	path_of(copy, dir, COPY_NAME);
	if (st != ST_OK)
		return st;
	st = replica_copy(path, plan->from, copy, COPY_VFS, SEALED_RESERVE_BYTES, t);
	sealed_vfs_unregister(COPY_VFS);
	return st == ST_OK ? folder_sync(dir, t) : st;
}

/* The old vault keeps a name until its bytes are overwritten, even if that is done by the
 * command after a crash. A first vault has none before it. */
static status
commit(const char *dir, const struct rng *rng, struct trouble *t)
{
	char path[PATH_BYTES], old[PATH_BYTES];
	status st = ST_OK;

	path_of(path, dir, VAULT_NAME);
	path_of(old, dir, VAULT_OLD);
	if (link(path, old) == 0)
		st = folder_sync(dir, t);
	else if (errno != ENOENT)
		st = io(t, "link", dir, VAULT_NAME);
	if (st == ST_OK)
		st = move_file(dir, VAULT_TO_BE, VAULT_NAME, t);
	if (st == ST_OK)
		st = folder_sync(dir, t);
	return st == ST_OK ? finish(dir, rng, t) : st;
}

status
reseal(const char *dir, const struct reseal_plan *plan, const struct rng *rng,
    struct trouble *t)
{
	int lock = lock_folder(dir, t);
	status st;

	if (lock < 0)
		return t == NULL ? ST_BUSY : t->code;
	st = take_back(dir, t);
	if (st == ST_OK)
		st = write_vault(dir, VAULT_TO_BE, plan->secrets, plan, rng, t);
	if (st == ST_OK)
		st = write_root(dir, plan, rng, t);
	if (st == ST_OK && plan->copies)
		st = write_copy(dir, plan, rng, t);
	if (st == ST_OK)
		st = commit(dir, rng, t);
	if (st != ST_OK && is_there(dir, VAULT_TO_BE))
		(void)take_back(dir, NULL);
	(void)close(lock);
	return st;
}

status
reseal_take_over(const char *dir, const struct passphrase *phrase,
    const struct vault_cost *cost, const struct rng *rng, struct vault_secrets *out,
    struct trouble *t)
{
	const struct reseal_plan plan = {
	    .secrets = out, .fresh = phrase, .cost = cost, .copies = true};

	if (!read_seed(dir, DEVICE_KEY_NAME, &out->seed))
		return trouble_set(t, ST_CORRUPT,
		    "%s/" DEVICE_KEY_NAME " does not hold a device seed", dir);
	rng_fill(rng, out->page_key.bytes, sizeof out->page_key.bytes);
	return reseal(dir, &plan, rng, t);
}
