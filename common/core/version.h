/* version.h - which text it is: the hash that sign-offs, decisions, submissions and
 * publications name (DOMAIN 3). One changed character is another version. Pure. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#include "base/arena.h"
#include "base/checks.h"

/* A section of a document as it is signed. Borrowed. */
struct section {
	const char *kind; /* word of the vocabulary of its kinds, "context" */
	struct span heading;
	struct span text; /* valid UTF-8, as typed */
};

/* BLAKE2b-256 under `pnet/version/1` over the sections in the order given: of each the
 * kind, the heading and the text, heading and text in NFC, each after its length in bytes
 * as u32. Memory for the NFC is the arena's. ST_NO_MEMORY. */
status version_hash(const struct section *sections, size_t n, const struct checks *checks,
    struct arena *a, struct hash32 *out, struct trouble *t);

#endif
