/* sealed_vfs.c - registers the sealed VFS, opens files through it, and keeps its key and
 * its nonces. */
#include "store/sealed_parts.h"

#include "store/scrub_vfs.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert((int)SEALED_RESERVE_BYTES == (int)PAGE_RESERVED_BYTES, "one page format");
_Static_assert((int)SEALED_HEADER_BYTES == (int)PAGE_BYTES, "the header is a page");

/* After a fork parent and child hold the same pool, so the child throws it away. */
void
sealed_nonce(struct sealed_vfs *v, uint8_t out[static PAGE_NONCE_BYTES])
{
	uint8_t *next;

	sqlite3_mutex_enter(v->lock);
	if (v->pool_of != getpid() || v->pool_left < PAGE_NONCE_BYTES) {
		rng_fill(&v->rng, v->pool, sizeof v->pool);
		v->pool_left = sizeof v->pool;
		v->pool_of = getpid();
	}
	next = v->pool + sizeof v->pool - v->pool_left;
	memcpy(out, next, PAGE_NONCE_BYTES);
	memset(next, 0, PAGE_NONCE_BYTES);
	v->pool_left -= PAGE_NONCE_BYTES;
	sqlite3_mutex_leave(v->lock);
}

static struct sealed_vfs *
vfs_of(sqlite3_vfs *v)
{
	return (struct sealed_vfs *)v;
}

static int
open_below(struct sealed_file *f, const char *name, int flags, int *out)
{
	sqlite3_vfs *below = f->seal->below;

	return (flags & SQLITE_OPEN_WAL) != 0
		   ? vfs_open_log(below, name, f->real, flags, out)
		   : below->xOpen(below, name, f->real, flags, out);
}

/* What stands behind name; NULL: no file of that kind goes through this VFS. */
static const sqlite3_io_methods *
methods_for(const char *name, int flags)
{
	enum {
		TEMPORARY = SQLITE_OPEN_TEMP_DB | SQLITE_OPEN_TRANSIENT_DB |
			    SQLITE_OPEN_TEMP_JOURNAL | SQLITE_OPEN_SUBJOURNAL
	};

	if (name == NULL || (flags & TEMPORARY) != 0)
		return &sealed_temp_methods;
	if ((flags & SQLITE_OPEN_MAIN_DB) != 0)
		return &sealed_db_methods;
	if ((flags & SQLITE_OPEN_WAL) != 0)
		return &sealed_wal_methods;
	if ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0)
		return &sealed_journal_methods;
	return NULL;
}

static int
vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *file, int flags, int *out)
{
	const sqlite3_io_methods *methods = methods_for(name, flags);
	struct sealed_file *f = sealed_of(file);
	int rc = SQLITE_OK;

	memset(f, 0, sizeof *f);
	f->seal = vfs_of(v);
	f->real = (sqlite3_file *)(f + 1);
	if (methods == NULL)
		return SQLITE_CANTOPEN;
	if (methods == &sealed_temp_methods) {
		if (out != NULL)
			*out = flags;
	} else {
		f->db = methods == &sealed_db_methods
			    ? f
			    : sealed_of(sqlite3_database_file_object(name));
		f->real->pMethods = NULL;
		rc = open_below(f, name, flags, out);
	}
	if (rc == SQLITE_OK)
		f->base.pMethods = methods;
	return rc;
}

static int
vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
	sqlite3_vfs *below = vfs_of(v)->below;

	return below->xDelete(below, name, sync_folder);
}

static int
vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	sqlite3_vfs *below = vfs_of(v)->below;

	return below->xAccess(below, name, flags, out);
}

static int
vfs_full_path(sqlite3_vfs *v, const char *name, int len, char *out)
{
	sqlite3_vfs *below = vfs_of(v)->below;

	return below->xFullPathname(below, name, len, out);
}

/* No extension is loaded through this VFS. */
static void *
vfs_no_library(sqlite3_vfs *v, const char *name)
{
	(void)v;
	(void)name;
	return NULL;
}

static int
vfs_randomness(sqlite3_vfs *v, int len, char *out)
{
	sqlite3_vfs *below = vfs_of(v)->below;

	return below->xRandomness(below, len, out);
}

static int
vfs_sleep(sqlite3_vfs *v, int microseconds)
{
	sqlite3_vfs *below = vfs_of(v)->below;

	return below->xSleep(below, microseconds);
}

static int
vfs_time(sqlite3_vfs *v, double *out)
{
	sqlite3_vfs *below = vfs_of(v)->below;

	return below->xCurrentTime(below, out);
}

static int
vfs_last_error(sqlite3_vfs *v, int len, char *out)
{
	sqlite3_vfs *below = vfs_of(v)->below;

	return below->xGetLastError == NULL ? 0 : below->xGetLastError(below, len, out);
}

/* Version 1: nothing of the system's calls is passed on. */
static void
describe(struct sealed_vfs *v)
{
	v->vfs = (sqlite3_vfs){
	    .iVersion = 1,
	    .szOsFile = (int)sizeof(struct sealed_file) + v->below->szOsFile,
	    .mxPathname = v->below->mxPathname,
	    .zName = v->name,
	    .xOpen = vfs_open,
	    .xDelete = vfs_delete,
	    .xAccess = vfs_access,
	    .xFullPathname = vfs_full_path,
	    .xDlOpen = vfs_no_library,
	    .xRandomness = vfs_randomness,
	    .xSleep = vfs_sleep,
	    .xCurrentTime = vfs_time,
	    .xGetLastError = vfs_last_error,
	};
}

/* Locked and left out of core dumps where the system allows: a limit on locked memory
 * is no reason to refuse work. */
static struct sealed_vfs *
secret_memory(void)
{
	const size_t len = sizeof(struct sealed_vfs);
	void *memory =
	    mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	(void)mlock(memory, len);
	(void)madvise(memory, len, MADV_DONTDUMP);
	return memory;
}

static void
forget(struct sealed_vfs *v)
{
	sqlite3_mutex_free(v->lock);
	keys_wipe(v, sizeof *v);
	(void)munmap(v, sizeof *v);
}

status
sealed_vfs_register(const char *name, const char *below, const struct page_key *key,
    const struct rng *rng, struct trouble *t)
{
	sqlite3_vfs *real = sqlite3_vfs_find(below);
	struct sealed_vfs *v;

	if (real == NULL)
		return trouble_set(t, ST_NOT_FOUND, "no VFS %s", below);
	if (sqlite3_vfs_find(name) != NULL)
		return trouble_set(t, ST_EXISTS, "VFS %s is registered already", name);
	v = secret_memory();
	if (v == NULL)
		return trouble_set(t, ST_NO_MEMORY, "VFS %s", name);
	assert(strlen(name) < sizeof v->name);
	(void)snprintf(v->name, sizeof v->name, "%s", name);
	v->below = real;
	v->key = *key;
	v->rng = *rng;
	v->lock = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
	describe(v);
	if (sqlite3_vfs_register(&v->vfs, 0) != SQLITE_OK) {
		forget(v);
		return trouble_set(t, ST_NO_MEMORY, "VFS %s", name);
	}
	return ST_OK;
}

void
sealed_vfs_unregister(const char *name)
{
	sqlite3_vfs *v = sqlite3_vfs_find(name);

	if (v == NULL)
		return;
	assert(v->xOpen == vfs_open);
	(void)sqlite3_vfs_unregister(v);
	forget(vfs_of(v));
}
