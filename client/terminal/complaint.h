/* complaint.h - what a person is told when something cannot be done (UX 6): what (with a
 * code), why, what is safe, and what to do next. Set once where it is known best, printed
 * once in main. */
#ifndef CLIENT_TERMINAL_COMPLAINT_H
#define CLIENT_TERMINAL_COMPLAINT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"

/* clang-format off */
/*        id      code      exit  what, advice for `pnet help CODE` */
#define COMPLAINTS(X) \
	X(PN_N01, "PN-N01", 69, "could not reach the server", \
	  "Nobody answers at the server's address, or no network leads there. All work goes on offline; sync when there is a network.") \
	X(PN_N02, "PN-N02", 77, "this is not our server", \
	  "Something else answered, mostly the login page of a guest network. Nothing was sent to it. Open a browser, log in there, then sync again.") \
	X(PN_N03, "PN-N03", 75, "the link was lost", \
	  "The connection ended before the exchange was complete. The next sync goes on where it stopped; nothing counts twice.") \
	X(PN_N04, "PN-N04", 77, "the server's key differs from the one in the invite", \
	  "Who answers there does not hold the key that your invite names. Nothing was sent. Ask your coordinator before you go on.") \
	X(PN_N05, "PN-N05", 76, "this program and the server do not fit together", \
	  "One side speaks a version that the other does not know. The older program needs an update; your work stays usable here.") \
	X(PN_N06, "PN-N06", 75, "the server is full or busy", \
	  "The server takes nothing more at the moment. Your work stays here; sync again later.") \
	X(PN_S01, "PN-S01", 75, "the server was restored from a backup", \
	  "An older copy of the server's data was put back. What it lost is pushed back by the laptops that still hold it; sync again.") \
	X(PN_S02, "PN-S02", 77, "two different membership records stand at one place", \
	  "Two laptops were shown different lists of members. Sending stops; tell your coordinator.") \
	X(PN_S03, "PN-S03", 77, "the server's membership log is shorter than known", \
	  "The server knows fewer membership records than this laptop. Nothing is applied; tell your coordinator.") \
	X(PN_I01, "PN-I01", 65, "the invite is mistyped", \
	  "A character of the code is wrong; the caret shows in which group. Type it again.") \
	X(PN_I02, "PN-I02", 77, "the invite cannot be used any more", \
	  "An invite works once and for a limited time. Ask for a new one.") \
	X(PN_K01, "PN-K01",  4, "wrong passphrase", \
	  "It does not open this laptop. Look at Caps Lock and the keyboard layout. No number of tries deletes anything; without the passphrase nobody can open the laptop, and a coordinator invites you anew.") \
	X(PN_K02, "PN-K02", 77, "this laptop was revoked", \
	  "A coordinator took this laptop's access away. Unsent work is still here; speak with your coordinator.") \
	X(PN_K03, "PN-K03", 75, "this laptop is a copy or was restored", \
	  "Its folder was copied, or an older copy of it was put back. It takes a new identity and sends its unsent work under it; nothing is lost. Use one of the copies from now on.") \
	X(PN_K04, "PN-K04",  4, "this laptop has not joined a network", \
	  "This folder belongs to no network yet. Join with the invite code of your coordinator.") \
	X(PN_K05, "PN-K05",  4, "this laptop is locked", \
	  "Its data is sealed. Unlock it with the passphrase, for 15 minutes or as long as you say; pnet status shows what waits without it.") \
	X(PN_K06, "PN-K06", 75, "a key has not come to this laptop yet", \
	  "Keys are replaced when somebody goes, and reach the others sealed, over the server. If it lost them, who replaced the key hands it over again at his sync, every third day.") \
	X(PN_D01, "PN-D01", 74, "the disk is full", \
	  "The last change was not saved. Free some space, then enter it again.") \
	X(PN_D02, "PN-D02", 65, "local data is damaged", \
	  "The replica does not read as it was written. Do not write into it; keep a copy of the folder and join again.") \
	X(PN_D03, "PN-D03", 75, "another pnet is writing", \
	  "Another command holds the data folder. Wait until it has ended, then try again.") \
	X(PN_D04, "PN-D04", 74, "the disk refused to read or write", \
	  "The disk or the folder's rights stand in the way. The last change was not saved.") \
	X(PN_O01, "PN-O01", 73, "the output cannot be written", \
	  "The file for the output cannot be made. Choose another place.") \
	X(PN_P01, "PN-P01", 77, "not permitted", \
	  "Your role does not reach that far; the line says who can do it.") \
	X(PN_C01, "PN-C01",  3, "blocked", \
	  "A rule blocks this step until what it names is settled (pnet findings).") \
	X(PN_C02, "PN-C02",  3, "the values changed since they were shown", \
	  "Somebody changed the values after you saw them. Look at what stands there now, then choose.") \
	X(PN_F01, "PN-F01", 66, "no such thing here", \
	  "Nothing here has that code or name. It may come with the next sync.") \
	X(PN_B01, "PN-B01", 65, "the bundle is damaged", \
	  "A file on the stick was cut or changed; nothing of it was taken. Write it again on the laptop that it came from.") \
	X(PN_B02, "PN-B02", 77, "the bundle is not for this laptop", \
	  "The file belongs to another network. Nothing of it was taken.") \
	X(PN_V01, "PN-V01", 65, "the file has rows that cannot be taken", \
	  "Each row that is not taken is named with its line. Nothing was imported unless --partial was given.") \
	X(PN_V02, "PN-V02", 65, "the file cannot be read as text", \
	  "The encoding is never guessed. Save the file as UTF-8, or name it: --encoding cp1250 or latin2.") \
	X(PN_V03, "PN-V03", 65, "the value is not in the right form", \
	  "The complaint says which form is expected.") \
	X(PN_U01, "PN-U01", 64, "the command is not understood", \
	  "The complaint offers what is spelt nearly so.") \
	X(PN_X01, "PN-X01", 70, "this is a defect of the program", \
	  "Please report it with the command and the text of the complaint. Saved work is not touched.")
/* clang-format on */

enum complaint_id {
	PN_NONE,
#define X(id, code, exit_code, what, advice) id,
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
void complain_why(struct complaint *c, const char *why, ...)
    __attribute__((format(printf, 2, 3)));
void complain_what(struct complaint *c, const char *what, ...)
    __attribute__((format(printf, 2, 3)));
void complain_data(struct complaint *c, const char *data, ...)
    __attribute__((format(printf, 2, 3)));
void complain_next(struct complaint *c, const char *next, ...)
    __attribute__((format(printf, 2, 3)));
/* Its code "PN-N01", exit code, and advice by that code in any case; false if there is
 * none. Static storage. */
struct complaint_kind {
	const char *code;
	int exit_code;
	const char *what, *advice;
};
bool complaint_kind(const char *code, struct complaint_kind *out);
/* A complaint made from a failure that nobody explained better. */
status complain_trouble(struct complaint *c, const struct trouble *t);

int complaint_exit(const struct complaint *c);
const char *complaint_code(const struct complaint *c);
/* The four lines, control characters escaped. */
void complaint_print(const struct complaint *c, FILE *to);
/* One JSON object (schema pnet.error/1). */
void complaint_print_json(const struct complaint *c, FILE *to);

#endif
