/* status.h - one enum for the program, one text for the person.
 *
 * Every function that can fail returns a status; 0 is success. The text of what happened
 * travels beside it in a struct trouble: set once where the failure is detected, wrapped
 * on the way up, printed once in main. Never put a key, or anything about a person, in
 * it. Pure. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
/*        status            exit  text */
#define STATUS_TABLE(X) \
	X(ST_OK,             0, "done") \
	X(ST_GATE,           3, "a person has to decide first") \
	X(ST_CHANGED,        3, "the values changed since they were shown") \
	X(ST_NOT_JOINED,     4, "this laptop has not joined a network") \
	X(ST_USAGE,         64, "the command is not understood") \
	X(ST_MALFORMED,     65, "the data is not in the right form") \
	X(ST_LIMIT,         65, "the data is larger than the limits allow") \
	X(ST_HASH,          65, "a hash does not match what it names") \
	X(ST_CORRUPT,       65, "stored data is damaged") \
	X(ST_NOT_FOUND,     66, "there is no such thing here") \
	X(ST_UNREACHABLE,   69, "the other side cannot be reached") \
	X(ST_BUG,           70, "a defect of this program") \
	X(ST_NO_MEMORY,     70, "out of memory") \
	X(ST_NO_OUTPUT,     73, "the output cannot be written") \
	X(ST_IO,            74, "the disk refused to read or write") \
	X(ST_FULL,          74, "the disk or a quota is full") \
	X(ST_CUT,           75, "the connection ended before the work was done") \
	X(ST_BUSY,          75, "somebody else is at work there, try again") \
	X(ST_RETRY,         75, "try again") \
	X(ST_EPOCH,         75, "the key or store epoch is not the present one") \
	X(ST_VERSION,       76, "the versions do not fit together") \
	X(ST_NOT_ALLOWED,   77, "this key may not do that") \
	X(ST_SIGNATURE,     77, "a signature does not verify") \
	X(ST_NOT_OURS,      77, "the other side is not the server that was named") \
	X(ST_REVOKED,       77, "this device was revoked") \
	X(ST_FORK,          77, "two different records stand at one place") \
	X(ST_ROLLBACK,      77, "the other side has less than it had before") \
	X(ST_EXISTS,        65, "it exists already") \
	X(ST_CLOSED,        75, "it is closed") \
	X(ST_CONFIG,        78, "the configuration is not usable")
/* clang-format on */

typedef enum status {
#define X(name, exit_code, text) name,
	STATUS_TABLE(X)
#undef X
	    ST_COUNT
} status;

enum { TROUBLE_BYTES = 320 };

/* What went wrong, for a person. A NULL pointer is allowed everywhere one is taken. */
struct trouble {
	status code;
	char text[TROUBLE_BYTES]; /* always NUL-terminated */
};

/* Sets code and text, and returns code, so that it can stand in a return statement. */
status trouble_set(struct trouble *t, status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts context before the present text ("bundle x: op 3 has no record tag"); returns the
 * code that was set before. */
status trouble_wrap(struct trouble *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Exit code of a program that ends with this status (UX 5). */
int status_exit(status code);
/* A short sentence without a final dot; static storage. */
const char *status_text(status code);
/* The enum's name ("ST_OK"), for logs and tests; static storage. */
const char *status_name(status code);

#endif
