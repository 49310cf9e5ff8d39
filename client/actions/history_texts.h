/* history_texts.h - the saved edits of the texts of a record, for the history. */
#ifndef CLIENT_ACTIONS_HISTORY_TEXTS_H
#define CLIENT_ACTIONS_HISTORY_TEXTS_H

#include "client/actions/story.h"

struct text_edit {
	struct entry entry; /* the first of it: its name, time, author and field */
	const char *came;   /* words that it brought; "" if none, or not seen here */
	const char *gone;   /* words that it took out; likewise */
	bool is_faded;      /* some that it brought were taken out since */
	bool is_out;        /* all of them */
};

struct text_edits {
	size_t n, cap;
	struct text_edit *items;
};

/* All of them, in no useful order, in the laptop's arena. */
status history_texts(
    struct laptop *l, const struct story_record *r, struct text_edits *out);

#endif
