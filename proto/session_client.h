/* session_client.h - state of the device's side. Private to session_client.c and
 * session_events.c. Pure. */
#ifndef PROTO_SESSION_CLIENT_H
#define PROTO_SESSION_CLIENT_H

#include "crypto/derive.h"
#include "proto/session_core.h"

/* What the server owes, oldest first. */
enum client_answer {
	ANSWER_NONE,
	ANSWER_VERDICTS, /* n verdicts */
	ANSWER_PULL,     /* n spaces have not had their last page */
	ANSWER_APPENDED,
	ANSWER_INVITED, /* ends with KEYBOXES of no rows */
	ANSWER_LOG,     /* ends with LOGS of no records */
	ANSWER_RECOVERED,
	ANSWER_CONTACTS /* ends with the part that says so */
};

struct client_expected {
	enum client_answer kind;
	size_t n;
	uint32_t n_pushes; /* said before the request: a pull's own_run counts back from
			      here */
};

struct client_side {
	uint16_t incarnation;
	bool stays;
	bool hello_is_short; /* message 3 left spaces out: the next pull lists all */
	bool has_news;       /* READY has not been told */
	bool is_closed_told;
	bool is_waiting;
	bool has_lone_pull;  /* nothing is queued but a PULL of HELLO's spaces, with */
	unsigned pull_flags; /* these flags: it rides in HELLO */
	bool said_bye;       /* the last pull was asked for */
	bool is_pull_done;   /* tell PULL_DONE before the next message */
	unsigned n_pings;
	uint64_t server_time_s;
	uint64_t asked_ms;
	size_t n_spaces;
	struct space_state *spaces; /* advance with the pages; staged = told so far */
	uint32_t n_pushes;
	uint32_t n_verdicts;
	size_t pushes_cap;
	uint16_t *push_spaces;
	size_t answers_begin;
	size_t answers_end;
	size_t answers_cap;
	struct client_expected *answers;
	struct message verdicts; /* of which `next_verdict` is to be told */
	size_t next_verdict;
};

/* Checks a page against what was asked, completes from and own rows (in the arena), and
 * advances the state of its space. ST_MALFORMED, ST_NO_MEMORY. */
status client_take_page(struct client_side *c, const struct client_expected *pull,
    struct arena *a, struct page *p, struct trouble *t);

#endif
