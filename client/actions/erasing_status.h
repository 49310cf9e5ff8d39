/* erasing_status.h - how far each erasure has come: at the server, and on every laptop
 * that could read what was erased (SECURITY 10, test 46). */
#ifndef CLIENT_ACTIONS_ERASING_STATUS_H
#define CLIENT_ACTIONS_ERASING_STATUS_H

#include "client/actions/erasing.h"
#include "client/terminal/screen.h"

struct erasure_laptop {
	const char *member;   /* "DE-T3" */
	const char *activity; /* code of one that it could read, "" if none is known */
	bool is_guest;
	bool is_done;        /* it was told of the erasure */
	uint64_t last_s;     /* its last contact; 0: the server never saw it */
	uint64_t days_since; /* of the last contact */
};

struct erasure_report {
	struct record_id record;
	struct person_id pid;
	const char *code;   /* "E-7KQ4M" */
	const char *person; /* "Y-7KQ4M": all that is left of the name */
	const char *by, *on, *reason;
	size_t n_scopes, n_standing; /* activities with a grave; of them, at the server */
	const char *activities;      /* "SK-W8, SK-W9" */
	uint64_t at_s; /* when this laptop saw the last of them stand; 0 = not yet */
	size_t n_laptops, n_done;
	struct erasure_laptop *laptops; /* in the order of the country's log */
};

/* Every `erasure` record that word names: its own code, the code of the person, NULL =
 * all. PN-F01 when there is none of that name. In the laptop's arena. */
status erasing_reports(
    struct laptop *l, const char *word, struct erasure_report **out, size_t *n);

/* Sheets in which marks of erased persons lie as ciphertext. */
status erasing_sheets_left(struct laptop *l, uint64_t *out);

/* The receipt, without the name: the same facts give the same bytes. */
status erasing_receipt(
    struct laptop *l, const struct erasure_report *r, struct span *out);

#endif
