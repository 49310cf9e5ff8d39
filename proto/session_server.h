/* session_server.h - state of the server's side. Private to session_server.c,
 * session_serve.c and session_pages.c. Pure. */
#ifndef PROTO_SESSION_SERVER_H
#define PROTO_SESSION_SERVER_H

#include "proto/session_core.h"

/* A push of this session, so that its own pull can name it instead of sending it back. */
struct server_push {
	uint64_t lsn; /* 0 unless it is stored here */
	uint16_t space;
	uint16_t detail;
	uint16_t n_ops;
	uint32_t len; /* as it was pushed: complete */
	uint8_t code; /* enum verdict */
	bool is_answered;
	bool is_own_told; /* an own row has named it, or its pruned bytes were sent */
	bool is_gone;     /* a page passed its lsn without it: nothing of it lives */
};

/* A space of the peer, and how far this session has told it. */
struct server_space {
	struct space_state state; /* advances with the last page of each pull */
	uint64_t told;            /* lsn up to which pages have told all */
	uint32_t log_told;        /* records that the peer has */
	uint32_t keys_told;       /* up to this record with their keys: a lost race tells
				   * records alone */
	bool is_begun;            /* this pull has asked for a page already */
	bool is_offered;          /* not asked for: logs and keys only */
};

/* clang-format off */
enum server_job {
	JOB_NONE,
	JOB_PULL,    /* per space: logs, key boxes, pages */
	JOB_APPEND,  /* ask; if the head was another: logs; then the answer */
	JOB_BOXES,
	JOB_INVITED, /* logs of NET, where is it, logs there, its boxes */
	JOB_LOG,
	JOB_DEVICES,
	JOB_RECOVER
};

enum server_step { STEP_LOGS, STEP_KEYS, STEP_PAGES, STEP_ASK };
/* clang-format on */

/* The one message other than PUSH that is worked on. */
struct server_work {
	enum server_job job;
	enum server_step step;
	bool is_asked;  /* its request is with the driver */
	size_t i;       /* space of a pull */
	uint16_t space; /* whose log is told, in other jobs */
	uint32_t from;  /* next record of it */
	bool has_after; /* then that of `after` */
	uint16_t after;
	bool is_found; /* the invite is known, its space is `space` */
	bool is_last;  /* BYE after the pull */
	enum append_result result;
	uint32_t detail;
};

struct server_side {
	struct network_id network;
	const struct transport_sk *secret;
	uint64_t server_time_s;
	struct transport_pk peer;
	uint16_t incarnation;
	enum peer_standing standing;
	bool knows_peer;
	bool is_peer_asked;
	bool is_waiting;
	bool is_full;     /* the peer is told that there is no room */
	bool has_message; /* taken off the packet, waits for open pushes */
	struct message message;
	struct server_work work;
	size_t n_spaces;
	struct server_space *spaces;
	uint32_t n_pushes;
	uint32_t n_verdicts; /* told */
	size_t pushes_cap;
	struct server_push *pushes;
	size_t n_open; /* requests with the driver */
	uint32_t next_number;
};

/* What the messages of a device mean: session_serve.c. */
status serve_message(struct session *s, const struct message *m);
/* The next request of the work; SERVE_NOTHING when it said something or ended. */
struct serve_request serve_step(struct session *s);
void serve_answer_work(struct session *s, const struct serve_answer *a);
/* Says BYE and closes when it is taken. */
void serve_bye(struct session *s, enum bye_reason reason);
/* Puts another list of spaces in place. ST_NO_MEMORY. */
status serve_spaces(struct server_side *v, const struct space_state *states, size_t n);

/* Adds the spaces that the peer reads and did not list. ST_NO_MEMORY. */
status serve_offer(struct server_side *v, const uint16_t *spaces, size_t n);

/* Tells one page as one or several messages, own pushes as rows, and advances the space:
 * session_pages.c. */
status serve_page(struct session *s, struct server_space *space, const struct page *p);

#endif
