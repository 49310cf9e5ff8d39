/* sealed_vfs.h - an SQLite VFS that seals everything on its way to the disk (DESIGN 6,
 * SECURITY 11; bytes: proto/spec/seal.md 6 and 7).
 *
 * Stock SQLite stands over it: pages of the database, frames and headers of the WAL, the
 * rollback journal are XChaCha20-Poly1305 under one page key; temporary files live in
 * memory, capped. A page that does not open is SQLITE_IOERR_DATA (ST_CORRUPT); a frame
 * or journal record that this process did not write and that does not open is the end of
 * the log, as after a power cut. The unused middle of b-tree pages is zeroed as by
 * scrub_vfs.h.
 *
 * Files must be opened through db_open with reserve_bytes = SEALED_RESERVE_BYTES. What
 * does not fit is refused and leaves the file as it was: another page size, a database
 * without the reserved bytes (so ATTACH of a new file), transactions over several
 * files, a WAL without exclusive locking (it would need a -shm file), memory maps.
 *
 * The client only: the server's program must not contain the opener. */
#ifndef STORE_SEALED_VFS_H
#define STORE_SEALED_VFS_H

#include "base/rng.h"
#include "base/status.h"

struct page_key;

enum {
	SEALED_RESERVE_BYTES = 40,       /* of each page: nonce 24, tag 16 */
	SEALED_HEADER_BYTES = 4096,      /* before page 1: holds the file's id, sealed */
	SEALED_TEMP_BYTES_MAX = 64 << 20 /* of one temporary file; then SQLITE_FULL */
};

/* Registers a VFS.
 * name   copied; a name that is registered already is ST_EXISTS
 * below  VFS that holds the sealed bytes; NULL = the system's. Never one that looks into
 *        pages (scrub_vfs.h)
 * key    copied into locked memory that is left out of core dumps
 * rng    nonces and file ids; used while a file is open, so its ctx outlives the VFS
 * ST_NOT_FOUND without such a VFS below, ST_NO_MEMORY. */
status sealed_vfs_register(const char *name, const char *below,
    const struct page_key *key, const struct rng *rng, struct trouble *t);

/* Forgets the VFS and overwrites its key. All its files must be closed. A name that is
 * not registered is legal. */
void sealed_vfs_unregister(const char *name);

#endif
