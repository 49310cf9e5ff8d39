/* complaint.h - what a person is told when something cannot be done (UX 6): what (with a
 * code), why, what is safe, and what to do next. Set once where it is known best, printed
 * once in main. */
#ifndef CLIENT_COMPLAINT_H
#define CLIENT_COMPLAINT_H

#include <stdio.h>

#include "base/status.h"

/* clang-format off */
/*        id      code      exit  what */
#define COMPLAINTS(X) \
	X(PN_N01, "PN-N01", 69, "could not reach the server") \
	X(PN_N02, "PN-N02", 77, "this is not our server") \
	X(PN_N03, "PN-N03", 75, "the link was lost") \
	X(PN_N04, "PN-N04", 77, "the server's key differs from the one in the invite") \
	X(PN_N05, "PN-N05", 76, "this program and the server do not fit together") \
	X(PN_N06, "PN-N06", 75, "the server is full or busy") \
	X(PN_S01, "PN-S01", 75, "the server was restored from a backup") \
	X(PN_S02, "PN-S02", 77, "two different membership records stand at one place") \
	X(PN_S03, "PN-S03", 77, "the server's membership log is shorter than known") \
	X(PN_I01, "PN-I01", 65, "the invite is mistyped") \
	X(PN_I02, "PN-I02", 77, "the invite cannot be used any more") \
	X(PN_K02, "PN-K02", 77, "this laptop was revoked") \
	X(PN_K03, "PN-K03", 75, "this laptop is a copy or was restored") \
	X(PN_K04, "PN-K04",  4, "this laptop has not joined a network") \
	X(PN_D01, "PN-D01", 74, "the disk is full") \
	X(PN_D02, "PN-D02", 65, "local data is damaged") \
	X(PN_D03, "PN-D03", 75, "another pnet is writing") \
	X(PN_D04, "PN-D04", 74, "the disk refused to read or write") \
	X(PN_O01, "PN-O01", 73, "the output cannot be written") \
	X(PN_P01, "PN-P01", 77, "not permitted") \
	X(PN_C01, "PN-C01",  3, "blocked") \
	X(PN_C02, "PN-C02",  3, "the values changed since they were shown") \
	X(PN_F01, "PN-F01", 66, "no such thing here") \
	X(PN_V01, "PN-V01", 65, "the file has rows that cannot be taken") \
	X(PN_V02, "PN-V02", 65, "the file cannot be read as text") \
	X(PN_V03, "PN-V03", 65, "the value is not in the right form") \
	X(PN_U01, "PN-U01", 64, "the command is not understood") \
	X(PN_X01, "PN-X01", 70, "this is a defect of the program")
/* clang-format on */

enum complaint_id {
	PN_NONE,
#define X(id, code, exit_code, what) id,
	COMPLAINTS(X)
#undef X
	    PN_COUNT
};

enum { COMPLAINT_NEXT_MAX = 4 };

struct complaint {
	enum complaint_id id;
	char what[200]; /* replaces the table's text when not empty */
	char why[1200];
	char data[240];
	char next[COMPLAINT_NEXT_MAX][240]; /* commands that run */
};

/* Starts a complaint: forgets an earlier one, sets why. Returns the status whose exit
 * code is nearest, so that it can stand in a return statement; the exit code that counts
 * is complaint_exit(). */
status complain(struct complaint *c, enum complaint_id id, const char *why, ...)
    __attribute__((format(printf, 3, 4)));
void complain_what(struct complaint *c, const char *what, ...)
    __attribute__((format(printf, 2, 3)));
void complain_data(struct complaint *c, const char *data, ...)
    __attribute__((format(printf, 2, 3)));
void complain_next(struct complaint *c, const char *next, ...)
    __attribute__((format(printf, 2, 3)));
/* A complaint made from a failure that nobody explained better. */
status complain_trouble(struct complaint *c, const struct trouble *t);

int complaint_exit(const struct complaint *c);
const char *complaint_code(const struct complaint *c);
/* The four lines, control characters escaped. */
void complaint_print(const struct complaint *c, FILE *to);
/* One JSON object (schema pnet.error/1). */
void complaint_print_json(const struct complaint *c, FILE *to);

#endif
