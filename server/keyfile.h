/* keyfile.h - the server's transport key on disk: 32 bytes, mode 0600. */
#ifndef SERVER_KEYFILE_H
#define SERVER_KEYFILE_H

#include "base/rng.h"
#include "base/status.h"
#include "crypto/keys.h"

/* Draws a key and writes it durably; an existing file stays as it is (ST_EXISTS). */
status keyfile_make(
    const char *path, const struct rng *rng, struct transport_pk *pk, struct trouble *t);
/* ST_NOT_FOUND, ST_NOT_ALLOWED if others may read it, ST_MALFORMED, ST_IO. */
status keyfile_read(const char *path, struct transport_sk *sk, struct transport_pk *pk,
    struct trouble *t);

#endif
