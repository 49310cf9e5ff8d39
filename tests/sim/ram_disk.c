/* ram_disk.c - a table of files by their whole path, each a list of blocks. A copy shares
 * the blocks of what it copies until one of the two is written to. One process, one
 * thread. */
#include "ram_disk.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "disk_alike.h"
#include "ram_heap.h"

enum {
	PATH_BYTES = 512,
	FILES_MAX = 256,
	BLOCK_BYTES = 4096,
	BLOCKS_MAX = 1 << 17,
	BLOCKS_HUGE = 512, /* of a page of 2 MiB */
	FOUND_BYTES = 64   /* of what stands around a text that was searched */
};

struct ram_file {
	char path[PATH_BYTES]; /* "" = free */
	uint32_t *blocks;      /* numbers */
	size_t n_blocks, room;
	size_t len; /* what the last block has behind it is zeros */
};

struct handle {
	sqlite3_file base;
	struct ram_file *file;
	bool is_temporary; /* goes when it is closed */
};

static struct ram_file files[FILES_MAX];
static sqlite3_vfs disk;

/* ---- blocks ---- */

/* Memory that nobody has touched yet is zeros and costs nothing. */
static struct {
	uint8_t *bytes;
	uint16_t owners[BLOCKS_MAX]; /* files that hold it */
	uint32_t n_used;             /* those from here on were never touched */
	uint32_t n_of_parent;        /* the first ones, in a process that forked */
	uint32_t free[BLOCKS_MAX];   /* given back, the last one first */
	uint32_t n_free;
} pool;

/* In a process that forked: a block that its parent touched is a copied page, and one
 * that nobody did comes with the 511 around it. */
static void
begin_afresh(void)
{
	pool.n_free = 0;
	pool.n_of_parent = pool.n_used;
	pool.n_used = (pool.n_used + BLOCKS_HUGE - 1) / BLOCKS_HUGE * BLOCKS_HUGE;
}

static void
make_pool(void)
{
	const size_t len = (size_t)BLOCKS_MAX * BLOCK_BYTES,
		     huge = BLOCKS_HUGE * BLOCK_BYTES;
	uint8_t *bytes = mmap(NULL, len + huge, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (bytes == MAP_FAILED)
		abort();
	pool.bytes = bytes + (huge - (uintptr_t)bytes % huge) % huge;
	(void)madvise(pool.bytes, len, MADV_HUGEPAGE);
	(void)pthread_atfork(NULL, NULL, begin_afresh);
}

static uint8_t *
block_at(uint32_t number)
{
	return pool.bytes + (size_t)number * BLOCK_BYTES;
}

static uint32_t
take_block(void)
{
	uint32_t number;

	if (pool.n_free > 0) {
		number = pool.free[--pool.n_free];
		memset(block_at(number), 0, BLOCK_BYTES);
	} else {
		assert(pool.n_used < BLOCKS_MAX);
		number = pool.n_used++;
	}
	pool.owners[number] = 1;
	return number;
}

static void
give_block(uint32_t number)
{
	assert(pool.owners[number] > 0);
	if (--pool.owners[number] == 0 && number >= pool.n_of_parent)
		pool.free[pool.n_free++] = number;
}

/* Its bytes, for writing: those that another file or the parent shares are copied first.
 */
static uint8_t *
own_block(uint32_t *number)
{
	uint32_t own;

	if (pool.owners[*number] == 1 && *number >= pool.n_of_parent)
		return block_at(*number);
	own = take_block();
	memcpy(block_at(own), block_at(*number), BLOCK_BYTES);
	give_block(*number);
	*number = own;
	return block_at(own);
}

/* ---- files ---- */

static struct ram_file *
file_of(sqlite3_file *f)
{
	return ((struct handle *)f)->file;
}

static void
make_room(struct ram_file *f, size_t n)
{
	if (n <= f->room)
		return;
	f->room = n + n / 2 + 64;
	f->blocks = realloc(f->blocks, f->room * sizeof *f->blocks);
	if (f->blocks == NULL)
		abort();
}

static void
resize(struct ram_file *f, size_t len)
{
	size_t n = (len + BLOCK_BYTES - 1) / BLOCK_BYTES, behind = len % BLOCK_BYTES;

	make_room(f, n);
	while (f->n_blocks < n)
		f->blocks[f->n_blocks++] = take_block();
	while (f->n_blocks > n)
		give_block(f->blocks[--f->n_blocks]);
	if (len < f->len && behind > 0)
		memset(own_block(&f->blocks[n - 1]) + behind, 0, BLOCK_BYTES - behind);
	f->len = len;
}

static void
drop(struct ram_file *f)
{
	resize(f, 0);
	free(f->blocks);
	memset(f, 0, sizeof *f);
}

static struct ram_file *
find(const char *path)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (files[i].path[0] != '\0' && strcmp(files[i].path, path) == 0)
			return &files[i];
	return NULL;
}

static struct ram_file *
make(const char *path)
{
	size_t i = 0;

	while (i < FILES_MAX && files[i].path[0] != '\0')
		i++;
	assert(i < FILES_MAX && strlen(path) < PATH_BYTES);
	(void)snprintf(files[i].path, sizeof files[i].path, "%s", path);
	return &files[i];
}

/* How much of a stretch lies in the block where it begins. */
static size_t
in_block(size_t at, size_t len)
{
	size_t left = BLOCK_BYTES - at % BLOCK_BYTES;

	return len < left ? len : left;
}

static void
read_bytes(const struct ram_file *f, size_t at, size_t len, uint8_t *out)
{
	size_t n;

	for (; len > 0; at += n, out += n, len -= n) {
		n = in_block(at, len);
		memcpy(out, block_at(f->blocks[at / BLOCK_BYTES]) + at % BLOCK_BYTES, n);
	}
}

static void
write_bytes(struct ram_file *f, size_t at, size_t len, const uint8_t *in)
{
	size_t n;

	for (; len > 0; at += n, in += n, len -= n) {
		n = in_block(at, len);
		memcpy(own_block(&f->blocks[at / BLOCK_BYTES]) + at % BLOCK_BYTES, in, n);
	}
}

/* ---- an open file ---- */

static int
on_close(sqlite3_file *f)
{
	struct handle *h = (struct handle *)f;

	if (h->is_temporary)
		drop(h->file);
	return SQLITE_OK;
}

static int
on_read(sqlite3_file *f, void *out, int len, sqlite3_int64 at)
{
	const struct ram_file *r = file_of(f);
	size_t from = (size_t)at < r->len ? (size_t)at : r->len;
	size_t n = (size_t)len < r->len - from ? (size_t)len : r->len - from;

	read_bytes(r, from, n, out);
	if (n < (size_t)len)
		memset((uint8_t *)out + n, 0, (size_t)len - n);
	return n == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int
on_write(sqlite3_file *f, const void *bytes, int len, sqlite3_int64 at)
{
	struct ram_file *r = file_of(f);

	if (r->len < (size_t)at + (size_t)len)
		resize(r, (size_t)at + (size_t)len);
	write_bytes(r, (size_t)at, (size_t)len, bytes);
	return SQLITE_OK;
}

static int
on_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	resize(file_of(f), (size_t)len);
	return SQLITE_OK;
}

static int
on_sync(sqlite3_file *f, int flags)
{
	(void)f;
	(void)flags;
	return SQLITE_OK;
}

static int
on_size(sqlite3_file *f, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)file_of(f)->len;
	return SQLITE_OK;
}

static int
on_sector(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

static const sqlite3_io_methods methods = {.iVersion = 1,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_size,
    .xLock = alike_lock,
    .xUnlock = alike_lock,
    .xCheckReservedLock = alike_check_lock,
    .xFileControl = alike_control,
    .xSectorSize = on_sector,
    .xDeviceCharacteristics = alike_traits};

/* ---- the table ---- */

static int
vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct handle *h = (struct handle *)f;

	(void)v;
	memset(h, 0, sizeof *h);
	if (name != NULL)
		h->file = find(name);
	if (h->file == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	if (h->file == NULL)
		h->file = make(name == NULL ? "temporary" : name);
	h->is_temporary = name == NULL || (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
	h->base.pMethods = &methods;
	if (out != NULL)
		*out = flags;
	return SQLITE_OK;
}

static int
vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
	struct ram_file *f = find(name);

	(void)v;
	(void)sync_folder;
	if (f == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	drop(f);
	return SQLITE_OK;
}

static int
vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	const struct ram_file *f = find(name);

	(void)v;
	/* The system's VFS says of an empty journal that there is none. */
	*out = f != NULL && (flags != SQLITE_ACCESS_EXISTS || f->len > 0);
	return SQLITE_OK;
}

void
ram_disk_install(void)
{
	const sqlite3_vfs *system;

	if (disk.zName != NULL)
		return;
	make_pool();
	/* One thread, and nobody asks how much memory there is. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	ram_heap_install();
	(void)sqlite3_initialize();
	system = sqlite3_vfs_find(NULL);
	assert(system != NULL);
	disk = *system; /* time and sleep are the system's */
	disk.iVersion = 1;
	disk.szOsFile = sizeof(struct handle);
	disk.mxPathname = PATH_BYTES;
	disk.pNext = NULL;
	disk.zName = "ram-disk";
	disk.xOpen = vfs_open;
	disk.xDelete = vfs_delete;
	disk.xAccess = vfs_access;
	disk.xFullPathname = alike_full_path;
	disk.xRandomness = alike_randomness;
	(void)sqlite3_vfs_register(&disk, 1);
}

/* The part of a path below the folder; NULL if it lies elsewhere. */
static const char *
below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len : NULL;
}

void
ram_disk_remove(const char *folder)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (below(files[i].path, folder) != NULL)
			drop(&files[i]);
}

void
ram_disk_copy(const char *from, const char *to)
{
	ram_disk_remove(to);
	for (size_t i = 0; i < FILES_MAX; i++) {
		const char *rest = below(files[i].path, from);
		char path[2 * PATH_BYTES];
		struct ram_file *copy;

		if (rest == NULL)
			continue;
		(void)snprintf(path, sizeof path, "%s%s", to, rest);
		copy = make(path);
		make_room(copy, files[i].n_blocks);
		for (size_t k = 0; k < files[i].n_blocks; k++)
			pool.owners[copy->blocks[k] = files[i].blocks[k]]++;
		copy->n_blocks = files[i].n_blocks;
		copy->len = files[i].len;
	}
}

/* Most places where the first letter stands are passed by memchr. */
static void
search_file(const struct ram_file *f, const char *text,
    void (*on_found)(void *ctx, const char *at), void *ctx)
{
	const size_t len = strlen(text);
	uint8_t bytes[BLOCK_BYTES + FOUND_BYTES];

	for (size_t from = 0; from < f->len; from += BLOCK_BYTES) {
		size_t rest = f->len - from;
		const uint8_t *at = bytes, *end;

		rest = rest < sizeof bytes - 1 ? rest : sizeof bytes - 1;
		read_bytes(f, from, rest, bytes);
		bytes[rest] = '\0';
		/* What begins behind this block is found in the next one. */
		end = bytes + (rest < BLOCK_BYTES ? rest : BLOCK_BYTES);
		for (; (at = memchr(at, text[0], (size_t)(end - at))) != NULL; at++)
			if (strncmp((const char *)at, text, len) == 0)
				on_found(ctx, (const char *)at);
	}
}

void
ram_disk_search(const char *folder, const char *text,
    void (*on_found)(void *ctx, const char *at), void *ctx)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (below(files[i].path, folder) != NULL && files[i].len > 0)
			search_file(&files[i], text, on_found, ctx);
}
