/* sealed_parts.h - what the files of the sealed VFS share. Included by sealed_*.c only.
 */
#ifndef STORE_SEALED_PARTS_H
#define STORE_SEALED_PARTS_H

#include "crypto/page_open.h"
#include "store/sealed_vfs.h"

#include <sqlite3.h>
#include <sys/types.h>

enum { NONCE_POOL_BYTES = 4096, FILE_ID_BYTES = 16, WAL_SALT_BYTES = 8 };

/* A registered VFS. In memory that is locked, left out of core dumps, and overwritten
 * when the VFS goes. */
struct sealed_vfs {
	sqlite3_vfs vfs; /* first: SQLite hands out its address */
	sqlite3_vfs *below;
	struct page_key key;
	struct rng rng;
	sqlite3_mutex *lock; /* of the pool */
	uint8_t pool[NONCE_POOL_BYTES];
	size_t pool_left; /* unused bytes, at the end of the pool */
	pid_t pool_of;    /* the process that filled it */
	char name[64];
};

/* Part of a WAL frame that SQLite has written, its page not yet. */
struct sealed_frame {
	bool is_waiting;
	uint64_t index;
	uint8_t bytes[24 + PAGE_SLOT_OVERHEAD + PAGE_BYTES];
};

struct sealed_wal {
	bool has_salts;
	uint8_t salts[WAL_SALT_BYTES]; /* of the present generation */
	/* Frames own_from..own_to-1 were written through this handle: one of them that
	 * does not open is damage, and not the end of the log. */
	uint64_t own_from, own_to;
	struct sealed_frame frame;
};

/* A journal is sections: a header, then records. */
struct journal_section {
	int64_t at;
	uint8_t salt[4]; /* cksumInit of its header, random */
};

enum { JOURNAL_SECTOR = 512, JOURNAL_HEADER_PLAIN = JOURNAL_SECTOR - PAGE_SLOT_OVERHEAD };

struct sealed_journal {
	struct journal_section *sections; /* ascending */
	size_t n_sections, room;
	int64_t own_to;  /* written through this handle up to here */
	int64_t pgno_at; /* where pgno was written last */
	uint8_t pgno[4];
	int64_t page_at; /* the page whose nonce is below, written or read last */
	uint8_t nonce[PAGE_NONCE_BYTES];
	bool is_page_bad; /* it did not open */
};

struct sealed_temp {
	uint8_t *bytes;
	size_t len, room;
};

struct sealed_file {
	sqlite3_file base; /* first */
	struct sealed_vfs *seal;
	sqlite3_file *real;     /* right behind this struct; unused by temporary files */
	struct sealed_file *db; /* the database that it belongs to, itself if it is one */
	bool has_id;            /* of a database */
	uint8_t id[FILE_ID_BYTES];
	union {
		struct sealed_wal wal;
		struct sealed_journal journal;
		struct sealed_temp temp;
	};
};

static inline struct sealed_file *
sealed_of(sqlite3_file *f)
{
	return (struct sealed_file *)f;
}

/* A nonce that was never used: from the pool, which forgets it. */
void sealed_nonce(struct sealed_vfs *v, uint8_t out[static PAGE_NONCE_BYTES]);

/* The VFS below, at physical offsets. */
int sealed_raw_read(struct sealed_file *f, void *out, size_t len, int64_t at);
int sealed_raw_write(struct sealed_file *f, const void *bytes, size_t len, int64_t at);
int sealed_raw_size(struct sealed_file *f, int64_t *out);

/* The methods that all files on the disk share. */
#define SEALED_SHARED_METHODS                                                            \
	.iVersion = 1, .xLock = sealed_lock, .xUnlock = sealed_unlock,                   \
	.xCheckReservedLock = sealed_check_lock, .xFileControl = sealed_control,         \
	.xSectorSize = sealed_sector, .xDeviceCharacteristics = sealed_traits

int sealed_lock(sqlite3_file *file, int level);
int sealed_unlock(sqlite3_file *file, int level);
int sealed_check_lock(sqlite3_file *file, int *out);
int sealed_control(sqlite3_file *file, int op, void *arg);
int sealed_sector(sqlite3_file *file);
int sealed_traits(sqlite3_file *file);

/* Makes sure that the id of the database is known: read from its header, or, with
 * may_make and when the file has no page, drawn, written and synced before anything that
 * depends on it. SQLITE_NOTFOUND: there is none yet. SQLITE_IOERR_DATA: damage. */
int sealed_need_id(struct sealed_file *db, bool may_make);

/* Where a piece of this file stands; salts and number still zero. */
struct page_place sealed_place(
    const struct sealed_file *f, enum page_kind kind, uint64_t number);

extern const sqlite3_io_methods sealed_db_methods;
extern const sqlite3_io_methods sealed_wal_methods;
extern const sqlite3_io_methods sealed_journal_methods;
extern const sqlite3_io_methods sealed_temp_methods;

#endif
