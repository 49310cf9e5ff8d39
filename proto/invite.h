/* invite.h - the invite code that a person types, pastes or scans (SECURITY 5,
 * spec/membership.md 7): HOST:PORT/ and 111 symbols of Crockford's base32, 69 bytes:
 * version 1 | network 16 | server key 32 | secret 16 | checksum 4. At most 140
 * characters. Pure. */
#ifndef PROTO_INVITE_H
#define PROTO_INVITE_H

#include "core/log_record.h"
#include "crypto/keys.h"

enum {
	INVITE_BYTES = 69,
	INVITE_SYMBOLS = 111,
	INVITE_GROUP = 5, /* symbols in a group, as printed: 22 of 5 and one of 1 */
	INVITE_TEXT_MAX = SERVER_ADDRESS_BYTES_MAX + 1 + INVITE_SYMBOLS, /* 140 */
	INVITE_INPUT_MAX = 1024 /* with spaces and line breaks, as somebody typed it */
};

/* Secret: wipe it with keys_wipe(). */
struct invite {
	struct server_address address; /* lower case */
	struct network_id network;
	struct transport_pk server;
	struct invite_secret secret;
};

/* Where a code is wrong, as far as that can be known. */
enum invite_fault_kind {
	INVITE_FAULT_NONE,
	INVITE_FAULT_ADDRESS, /* no HOST:PORT/ in front, or not one */
	INVITE_FAULT_SYMBOL,  /* a character that no code has, at `at` */
	INVITE_FAULT_SHORT,   /* symbols are missing: `symbols` of INVITE_SYMBOLS */
	INVITE_FAULT_LONG,    /* too many; `at` is the first one too much */
	INVITE_FAULT_TYPO, /* wrong checksum; one other character at `at` would mend it */
	INVITE_FAULT_SWAP, /* wrong checksum; `at` and the next symbol changed places */
	INVITE_FAULT_SOMEWHERE, /* wrong checksum: more than one character is wrong */
	INVITE_FAULT_VERSION    /* right, but of a newer version */
};

struct invite_fault {
	enum invite_fault_kind kind;
	size_t at;    /* offset in the text as given, for the caret; its length if none */
	size_t group; /* from 1, of 5 symbols; 0 = not in the symbols */
	size_t symbols; /* how many symbols the text has */
};

/* Writes the code with a NUL; returns its length, at most INVITE_TEXT_MAX. */
size_t invite_write(const struct invite *in, char out[static INVITE_TEXT_MAX + 1]);

/* Reads a code as people give it: upper or lower case, spaces and line breaks anywhere,
 * O for 0, I and L for 1, hyphens between symbols. No packet may be sent before this
 * said ST_OK. ST_MALFORMED (every single wrong character is found; where may be NULL),
 * ST_LIMIT, ST_VERSION. */
status invite_read(
    struct span text, struct invite *out, struct invite_fault *where, struct trouble *t);

#endif
