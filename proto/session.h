/* session.h - one sync between a device and the server, as two state machines without
 * input or output of their own (DESIGN 5, spec/session.md). Bytes, time and end of stream
 * go in; bytes, a deadline, and events (client) or requests (server) come out. libuv, the
 * file carrier and the simulator drive the same code.
 *
 * How a driver pumps either side:
 *   receive bytes while session_wants_input(); take all events or requests; send what
 *   session_output() shows and say so with session_sent(); call session_tick() at
 *   session_deadline_ms(); close the stream when session_is_over().
 * now_ms is a monotonic time of the driver's choice, never a wall clock. Pure. */
#ifndef PROTO_SESSION_H
#define PROTO_SESSION_H

#include "base/rng.h"
#include "crypto/keys.h"
#include "proto/messages.h"

struct session;

enum { SESSION_VERSION = 1 };

/* Why a session is over. */
/* clang-format off */
/*        end               status            text */
#define SESSION_ENDS(X) \
	X(END_NONE,         ST_OK,            "not over") \
	X(END_BYE,          ST_OK,            "both sides had said all") \
	X(END_CUT,          ST_CUT,           "the connection ended in mid-exchange") \
	X(END_NO_ANSWER,    ST_NOT_OURS,      "closed without an answer to the first message: a server with another key or network does so") \
	X(END_NOT_OURS,     ST_NOT_OURS,      "something else than a server of ours answered") \
	X(END_WRONG_KEY,    ST_NOT_OURS,      "the server that answered does not hold the key that was named") \
	X(END_REVOKED,      ST_REVOKED,       "this device was revoked") \
	X(END_BUSY,         ST_BUSY,          "the server has no room now") \
	X(END_VERSION,      ST_VERSION,       "the versions do not fit together") \
	X(END_DEADLINE,     ST_CUT,           "the other side was silent for too long") \
	X(END_PROTOCOL,     ST_MALFORMED,     "the other side broke the protocol")
/* clang-format on */

enum session_end {
#define X(name, code, text) name,
	SESSION_ENDS(X)
#undef X
	    END_COUNT
};
status session_end_status(enum session_end e);
const char *session_end_text(enum session_end e); /* static */

/* ---- both sides: the pump ---- */

/* Feeds bytes that came from the peer.
 * in    len bytes, borrowed for the call only
 * used  out: how many were taken; fewer than len means that events, requests or output
 *       have to be taken first, then call again with the rest
 * Returns ST_MALFORMED and so on when the peer broke the protocol; the session is over
 * then, and what session_output() still shows may be sent or dropped. */
status session_receive(
    struct session *s, uint64_t now_ms, struct span in, size_t *used, struct trouble *t);
/* The stream ended; was_reset when it ended by an error rather than in order. */
void session_eof(struct session *s, uint64_t now_ms, bool was_reset);
/* Bytes to send, borrowed until the next call on s; empty when there are none. */
struct span session_output(struct session *s);
/* len of those bytes were handed to the stream. */
void session_sent(struct session *s, uint64_t now_ms, size_t len);
/* When session_tick has to be called at the latest; UINT64_MAX = not by itself. */
uint64_t session_deadline_ms(const struct session *s);
void session_tick(struct session *s, uint64_t now_ms);
/* False while the session cannot take bytes: its queue is full, or a packet is worked on.
 */
bool session_wants_input(const struct session *s);
/* Over, and everything to send was taken: close the stream in order. */
bool session_is_over(const struct session *s);
enum session_end session_end(const struct session *s);
/* Of END_VERSION: which version the other side named; 0 if it named none. Ours is
 * SESSION_VERSION. */
unsigned session_peer_version(const struct session *s);
/* Bytes of memory that the session holds beyond its fixed part; for limits and tests. */
size_t session_held_bytes(const struct session *s);
/* NULL is legal. Not while requests of a server session are unanswered. Wipes keys. */
void session_free(struct session *s);

/* ---- client ---- */

struct client_config {
	struct network_id network;
	struct transport_pk server;
	const struct transport_sk *secret; /* of this device; copied until message 3 */
	uint16_t incarnation;              /* 0 for a stranger (join, founding) */
	size_t n_spaces;                   /* for HELLO; NET first; 1..HELLO_SPACES_MAX */
	const struct space_state *spaces;
	bool stays; /* for --wait: pings instead of an idle end */
	struct rng rng;
};

/* clang-format off */
enum client_event_kind {
	CLIENT_NOTHING,    /* no event: feed bytes */
	CLIENT_READY,      /* the server proved its key and told its time: seal, sign, queue
	                    * requests, then session_flush(). Nothing was said yet. */
	CLIENT_VERDICT,    /* of push number `push` */
	CLIENT_APPENDED,   /* of the oldest unanswered append or boxes; APPEND_HEAD comes
	                    * after the LOGS that are missing here */
	CLIENT_LOGS,       /* records of a space from `from` on */
	CLIENT_KEYBOXES,   /* boxes and wraps of a space; after the LOGS they belong to */
	CLIENT_STORE,      /* STORE_FIRST: take the epoch over. STORE_CHANGED: the server is
	                    * not the one it was; no page of this space follows in this pull;
	                    * warn, then session_recover() */
	CLIENT_PAGE,       /* stage it; at PAGE_LAST apply the stage in one transaction */
	CLIENT_PULL_DONE,  /* every space of the pull has had its last page or STORE_CHANGED */
	CLIENT_CONTACTS,   /* a part of the answer to session_devices() */
	CLIENT_RECOVERED,  /* then pull again from cursor 0 */
	CLIENT_DOORBELL,   /* a space has grown */
	CLIENT_CLOSED,     /* the last event; see session_end() */
	CLIENT_EVENT_COUNT
};
/* clang-format on */

/* Spans and arrays live until the next call of session_next_event or session_free. */
struct client_event {
	enum client_event_kind kind;
	uint16_t space; /* all but READY, VERDICT, PULL_DONE, CLOSED */
	union {
		uint64_t server_time_s; /* READY */
		struct {
			uint32_t push; /* order in the session, from 0 */
			enum verdict code;
			uint16_t detail;
		} verdict;
		struct {
			enum append_result result;
			uint32_t detail; /* length of the log, or the case refused */
		} appended;
		struct {
			uint32_t from;
			size_t n_records;
			const struct span *records;
		} logs;
		struct key_rows keyboxes;
		struct {
			enum store_state state;
			uint64_t head;
			struct store_mark mark;
		} store;
		/* own_run is resolved: own rows are complete, with push numbers. */
		struct page page;
		struct contacts contacts;
		enum recover_result recovered;
		enum session_end closed;
	};
};

/* NULL when out of memory. The preamble and message 1 are in the output at once. */
struct session *session_client_new(const struct client_config *config, uint64_t now_ms);
/* The next event; CLIENT_NOTHING when bytes are needed. A protocol error of the server
 * shows as CLIENT_CLOSED. */
struct client_event session_next_event(struct session *s, uint64_t now_ms);

/* Requests are queued in order, from CLIENT_READY on, and leave with session_flush: the
 * first flush carries message 3 and them in one flight. Bytes are copied.
 * All return ST_CLOSED when the session is over, ST_NO_MEMORY, ST_LIMIT. */
status session_push(struct session *s, uint16_t space, struct span batch);
/* Number that the next session_push gets. */
uint32_t session_push_next(const struct session *s);
/* spaces NULL: go on from what the last pull of this session, or HELLO, left off; what
 * it sent must have been applied. is_last: the server says BYE after the answer.
 * ST_BUSY while another pull is unanswered. */
status session_pull(
    struct session *s, bool is_last, const struct space_state *spaces, size_t n_spaces);
status session_append(struct session *s, const struct append *a);
/* Boxes of this device sealed to itself; the server then drops those of its invite. */
status session_boxes(
    struct session *s, uint16_t space, const struct box_row *boxes, size_t n_boxes);
/* Answer: LOGS of NET and of the invite's space from the beginning, then KEYBOXES events
 * (none: the server does not know the invite), then CLIENT_PULL_DONE. */
status session_invited(struct session *s, const struct sign_pk *invite);
/* Answer: LOGS from `from` on, at least one event, then CLIENT_PULL_DONE. */
status session_log(struct session *s, uint16_t space, uint32_t from);
/* Answer: CLIENT_CONTACTS, the last part with is_end; no rows if this device may not ask.
 * devices: ascending positions of the space's log whose cuts are wanted. */
status session_devices(
    struct session *s, uint16_t space, const uint16_t *devices, size_t n);
status session_recover(struct session *s, const struct recover *part);
/* Rings arrive as CLIENT_DOORBELL until the next request. Not in a pull with is_last. */
status session_wait(struct session *s);
status session_flush(struct session *s, uint64_t now_ms);
/* Says BYE after what is queued; for a session whose last pull had no is_last. */
void session_bye(struct session *s, uint64_t now_ms);

/* ---- server ---- */

struct server_config {
	struct network_id network;
	const struct transport_sk *secret; /* borrowed for the session's life */
	struct transport_pk transport;     /* its public half */
	uint64_t server_time_s;            /* unix time, told in message 2 */
	struct rng rng;
};

/* clang-format off */
enum serve_kind {
	SERVE_NOTHING,  /* no request: feed bytes, or answer what is open */
	SERVE_PEER,     /* who is this transport key? Asked again after each append */
	SERVE_ACCEPT,   /* take a batch; several are open at once */
	SERVE_APPEND,   /* append a membership record */
	SERVE_BOXES,    /* store boxes of the peer to itself */
	SERVE_LOGS,     /* records of a space from a position on */
	SERVE_KEYBOXES, /* boxes and wraps for the peer from records after a position */
	SERVE_INVITE,   /* the space of an invite, and its boxes */
	SERVE_PULL,     /* the next page of a space */
	SERVE_DEVICES,  /* contacts of a space, and cuts of some of its devices */
	SERVE_RECOVER,  /* stage a part of a recovery; at its end join */
	SERVE_KIND_COUNT
};

enum peer_standing {
	PEER_STRANGER, /* in no log: may read logs, one invite's boxes, append a JOIN */
	PEER_ACTIVE,
	PEER_REVOKED,
	PEER_REFUSED,  /* deny-list, too many sessions */
	PEER_STANDING_COUNT
};
/* clang-format on */

/* A question to the driver. Spans and arrays live until it is answered. */
struct serve_request {
	enum serve_kind kind;
	uint32_t number; /* names it in the answer */
	uint16_t space;  /* all but PEER and INVITE */
	union {
		struct {
			struct transport_pk transport;
			uint16_t incarnation;
		} peer;
		struct {
			struct span batch;
		} accept;
		struct append append;
		struct {
			size_t n_boxes;
			const struct box_row *boxes;
		} boxes;
		struct {
			uint32_t from; /* position of the first record wanted */
		} logs;
		struct {
			uint32_t from; /* boxes of records from this position on, and
					* wraps of the scopes that they opened */
		} keyboxes;
		struct {
			struct sign_pk invite;
		} invite;
		struct {
			struct space_state state; /* as the client told; cursor and mark
						   * advance with the session's pulls */
			uint64_t from; /* pages told so far; first call: staged or cursor,
					* the driver may go back to 0 for a backfill */
			bool is_first; /* of this space in this pull: check the mark */
		} pull;
		struct {
			size_t n;
			const uint16_t *devices;
		} devices;
		struct recover recover;
	};
};

/* The driver's answer. All spans and arrays are borrowed for the call only. */
struct serve_answer {
	uint32_t number;
	/* PEER: spaces in which the device reads something. Of those that its HELLO left
	 * out a pull tells logs and keys, so that it learns of a grant; it then asks for
	 * their pages by itself. */
	size_t n_reads;
	const uint16_t *reads;
	union {
		enum peer_standing standing;
		struct {
			enum verdict code;
			uint16_t detail;
			uint64_t lsn; /* if stored or known */
		} accept;
		struct {
			enum append_result result;
			uint32_t detail;
		} append; /* and boxes */
		struct {
			size_t n_records; /* 0 = that was all */
			const struct span *records;
			bool is_more;
		} logs;
		struct key_rows keyboxes;
		struct {
			bool is_known;
			uint16_t space;
			struct key_rows rows;
		} invite;
		struct {
			bool is_changed; /* epoch, hash or head do not fit the state */
			struct store_mark mark; /* of this store; hash at the cursor */
			/* kind PAGE_MORE or PAGE_LAST; batches of the session itself may
			 * be in it, the session turns them into own rows. */
			struct page page;
		} pull;
		struct contacts contacts; /* all of it; the session cuts it in parts */
		enum recover_result recovered;
	};
};

/* NULL when out of memory. */
struct session *session_server_new(const struct server_config *config, uint64_t now_ms);
/* The next request; SERVE_NOTHING when there is none now. */
struct serve_request session_next_request(struct session *s, uint64_t now_ms);
/* Answers a request that is open. An answer to a session that is over is taken and
 * dropped. */
void session_answer(struct session *s, uint64_t now_ms, const struct serve_answer *a);
/* Requests given out and not yet answered: their spans are in use by the driver. */
size_t session_n_open(const struct session *s);
/* The peer said WAIT and is idle: ring when a space that it reads has grown. */
bool session_is_waiting(const struct session *s);
void session_ring(struct session *s, uint64_t now_ms, uint16_t space);
/* Ends the session from our side: BYE with a reason once message 3 has come, else a
 * silent close. */
void session_shut(struct session *s, uint64_t now_ms, enum bye_reason reason);
/* There is no room for this peer: when it has shown that it speaks our protocol it is
 * told so in clear, before any cryptography, and the session ends with END_BUSY. Before
 * the first byte was fed. */
void session_turn_away(struct session *s);
/* The key that the peer has proven; false before message 3. */
bool session_peer(const struct session *s, struct transport_pk *out);

#endif
