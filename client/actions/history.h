/* history.h - who wrote what, when, over what (UX 2.2 `history`): the entries that stand,
 * and those that were replaced as far as this laptop saw them (DESIGN 4.4: personal ones
 * 30 days, all gone with their person). Nothing is written. */
#ifndef CLIENT_ACTIONS_HISTORY_H
#define CLIENT_ACTIONS_HISTORY_H

#include "client/actions/history_texts.h"

enum happening_state {
	HAPPENING_STANDS,
	HAPPENING_REPLACED,
	HAPPENING_UNDONE, /* withdrawn before it was sent; an older value stands again */
	HAPPENING_STATE_COUNT
};

/* One write of one field or map key. Runs of one saved edit of a text are one. */
struct happening {
	const struct story_record *record;
	struct entry entry;
	const struct entry *before; /* the write before it in this place; NULL = none */
	enum happening_state state;
	bool is_making;               /* the record's first writes, all of one edit */
	const struct text_edit *text; /* an edit of a text; NULL: of a value */
};

struct history_filter {
	const char *member; /* code; NULL = all */
	uint64_t since_s;   /* unix time; 0 = all */
};

/* All about what a word means: an activity, document, practice, organisation or member of
 * staff by code, or a young person by code or name. Oldest first, in the laptop's arena.
 * PN-F01 if it means nothing here. */
status history_of(struct story *s, const char *word, const struct history_filter *filter,
    struct happening **out, size_t *n);

/* "Tadeáš Varga (SK-T2) marked 4 Tadeáš Mráz late on day 2 (Tue 13 Apr), 09:40; before:
 * absent". all[at] and, of a making, those that follow it; *used says how many. */
const char *history_sentence(
    struct story *s, const struct happening *all, size_t n, size_t at, size_t *used);

#endif
