/* review.h - what needs a person: values that stand side by side, changes after closing,
 * likely doubles (DESIGN 4.4, UX 3). Nothing here decides; a choice names the entries
 * that were shown and is refused if they changed since.
 *
 * The list that was shown last is remembered in the replica (r_meta "review_shown"), so
 * that `review --list` and `review 1 --take 2` may be two processes. */
#ifndef CLIENT_ACTIONS_REVIEW_H
#define CLIENT_ACTIONS_REVIEW_H

#include "client/actions/people.h"

enum review_kind {
	REVIEW_CONFLICT = 1, /* several values in one field or map key */
	REVIEW_LATE,         /* a mark differs from the final sheet (V28) */
	REVIEW_DUPLICATE,    /* two entries that may be one person (V13) */
	REVIEW_TEXT,         /* a hot spot of a text that is in no document */
	REVIEW_KIND_COUNT
};

/* A field or map key, and the names of the entries in it when it was shown. A settled
 * value is written to every target: one, or several where entries are joined. */
struct review_target {
	int64_t rid;
	uint16_t field; /* 0: the record as a whole (REVIEW_DUPLICATE) */
	bool has_key;
	uint64_t key; /* REVIEW_TEXT: says where in the text it is */
	size_t n;
	struct entry_name *names;
};

struct review_choice {
	struct value value;
	const char *text;   /* "late"; "cleared" for the empty value */
	const char *member; /* code; "" for a value of the final sheet */
	const char *name;   /* of the member, "" if not known here */
	uint64_t seconds;   /* unix time */
	/* One name has two contents (SECURITY 9.5.7): who signed this one, "" if not
	 * known; NULL: it is an ordinary sibling. */
	const char *twin_signer;
	bool is_mine;
};

struct review_item {
	enum review_kind kind;
	size_t n_targets;
	struct review_target *targets;
	/* Conflict: by time. Late: 1 = as closed, 2 = now. Duplicate: the two people.
	 * Text: the wordings, by name; the value of each is its number. */
	size_t n_choices;
	struct review_choice *choices;
	bool has_final; /* the workshop is closed: what rejecting brings back */
	enum mark final;
	const struct spot_place *place; /* of a text: where (spots.h); else NULL */
	const char *now;                /* of a text: the words that stand there */
	/* For people and programs. */
	const struct kind *of;
	const struct field *field; /* NULL of a duplicate */
	uint16_t space;
	const char *activity; /* code, "" if none */
	const char *young;    /* code, "" if none */
	uint8_t day_no;       /* 0 = none */
	const char *title;    /* "SK-W9 · 4 Tadeáš Mráz · day 2, Tue 13 Apr" */
};

/* All that is open, by activity, day and line; then what belongs to no roll. */
status review_list(struct laptop *l, struct review_item **out, size_t *n);
/* Remembers what a person is about to see; its own transaction. */
status review_remember(struct laptop *l, const struct review_item *items, size_t n);
/* How many were shown last; 0 = never. */
size_t review_n_shown(struct laptop *l);

/* Item number id (from 1) of the list shown last, as it is now. PN-F01 if there was none.
 * Values that changed since: PN-C02 with those of now, which count as shown from then on;
 * settled meanwhile: PN-C02 too. */
status review_shown(struct laptop *l, size_t id, struct review_item *out);

/* "1" or a value as typed -> what is to be written; of a text "1", or "now": as it
 * stands. PN-V03. Not of a duplicate. */
status review_value(struct laptop *l, const struct review_item *item, const char *word,
    struct value *out);
/* Settles a conflict or a change after closing. ST_CHANGED (PN-C02) as review_shown(). */
status review_take(struct edit *e, struct laptop *l, const struct review_item *item,
    const struct value *value);
/* Joins the pair of a duplicate; keep: 1 or 2, the one whose entry is shown from now on.
 * Coordinators only (PN-P01). */
status review_join(
    struct edit *e, struct laptop *l, const struct review_item *item, unsigned keep);

/* Shared by the parts of this action. */
status review_describe(struct laptop *l, struct review_item *item);
/* The first target that is not as it was shown; false if all are. */
bool review_is_changed(struct laptop *l, const struct review_item *item);

#endif
