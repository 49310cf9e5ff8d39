/* vault_file.h - files of 137 bytes that hold secrets under a passphrase
 * (crypto/vault.h): `vault` (page key and device seed of the laptop) and, at the office
 * that founded the network, `root.key`. Each is replaced whole or not at all. */
#ifndef CLIENT_LAPTOP_VAULT_FILE_H
#define CLIENT_LAPTOP_VAULT_FILE_H

#include "crypto/vault.h"

#define VAULT_NAME "vault"

/* ST_NOT_FOUND: no such file; ST_MALFORMED: it is no vault; ST_IO. */
status vault_file_read(const char *dir, const char *name, uint8_t out[static VAULT_BYTES],
    struct trouble *t);
bool vault_file_is_there(const char *dir, const char *name);

/* To NAME.write, fsync, rename, fsync of the folder; then the bytes that stood there
 * before are overwritten, so that an old passphrase opens nothing on this disk (as far as
 * the file system writes in place). */
status vault_file_write(const char *dir, const char *name,
    const uint8_t bytes[static VAULT_BYTES], struct trouble *t);

#endif
