/* peer.h - one connection: its session's requests become questions to membership and
 * stores. Private to peer*.c and host.c. */
#ifndef SERVER_PEER_H
#define SERVER_PEER_H

#include "proto/session.h"
#include "server/host.h"

/* What a pull of one space may see, taken once at its first page, so that all its pages
 * are of one mind whatever the log does meanwhile. */
struct pull_view {
	uint32_t log_len; /* of the space, when the view was taken */
	uint8_t log_head[4];
	bool is_staged;      /* pages were told before the first of this session */
	uint64_t stage_head; /* `head` of the oldest page of the pull, or the cursor */
	size_t n_scopes;
	struct store_pull_scope *scopes; /* ascending */
};

struct peer {
	struct host *host;
	struct peer *next;
	struct peer *prev;
	struct uv_conn *conn;
	struct session *session;
	bool has_pass; /* the gate let him in, and counts him */
	struct gate_pass pass;
	bool is_turned_away; /* only told that there is no room */
	bool is_device;      /* in the log, and not revoked */
	struct device_id id;
	struct author author;
	struct box_pk box;
	struct audit_session trail;
	struct pull_view view;
	bool has_stage;     /* parts of a recovery were staged in this session */
	bool is_stage_torn; /* one of its parts was not: it must not be joined */
};

/* A request that waits for a store. */
struct ask {
	struct peer *peer;
	struct serve_request r;
	struct arena *arena;  /* of the answer; may be NULL */
	size_t i;             /* progress of work in several steps */
	struct key_rows rows; /* gathered so far */
	struct contacts contacts;
};

/* Makes an ask; answers the request as failed when memory is out (NULL). */
struct ask *ask_new(struct peer *p, const struct serve_request *r);
/* Answers and frees it. The peer may be gone afterwards. */
void ask_answer(struct ask *k, struct serve_answer *a);

void peer_logs(struct peer *p, const struct serve_request *r);
void peer_keyboxes(struct peer *p, const struct serve_request *r);
void peer_invite(struct peer *p, const struct serve_request *r);
void peer_append(struct peer *p, const struct serve_request *r);
void peer_boxes(struct peer *p, const struct serve_request *r);
void peer_pull(struct peer *p, const struct serve_request *r);
void peer_recover(struct peer *p, const struct serve_request *r);
void peer_devices(struct peer *p, const struct serve_request *r);
/* Answers a request that needs no store. */
void peer_answer(struct peer *p, const struct serve_answer *a);
bool peer_reads(const struct peer *p, uint16_t space);

#endif
