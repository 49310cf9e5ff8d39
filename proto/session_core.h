/* session_core.h - what the two sides of a session share: states, buffers, deadlines.
 * Private to session_*.c. Pure. */
#ifndef PROTO_SESSION_CORE_H
#define PROTO_SESSION_CORE_H

#include "proto/frame.h"
#include "proto/noise.h"
#include "proto/session.h"

#define B(state) (1U << (unsigned)(state))
/* clang-format off */
/*        state          waits for                                may go to */
#define SESSION_STATES(X) \
	X(STATE_PREAMBLE,  "server: the 4 clear bytes",             B(STATE_MESSAGE_1) | B(STATE_OVER)) \
	X(STATE_MESSAGE_1, "server: handshake message 1",           B(STATE_MESSAGE_3) | B(STATE_OVER)) \
	X(STATE_MESSAGE_2, "client: handshake message 2",           B(STATE_READY) | B(STATE_OVER)) \
	X(STATE_READY,     "client: the driver's first flush",      B(STATE_OPEN) | B(STATE_OVER)) \
	X(STATE_MESSAGE_3, "server: handshake message 3",           B(STATE_OPEN) | B(STATE_OVER)) \
	X(STATE_OPEN,      "packets",                               B(STATE_BYE) | B(STATE_OVER)) \
	X(STATE_BYE,       "the last output to be taken",           B(STATE_OVER)) \
	X(STATE_OVER,      "nothing",                               0U)
/* clang-format on */

enum session_state {
#define X(name, waits, next) name,
	SESSION_STATES(X)
#undef X
	    STATE_COUNT
};

enum {
	PREAMBLE_BYTES = 4,
	PROTOCOL_VERSION = 1,
	PREAMBLE_XK = 0x00,
	PREAMBLE_FULL = 0x02, /* a server's answer: no room now (spec/handshake.md 2) */
	MESSAGE_1_BYTES = 48,
	MESSAGE_2_BYTES = 64,
	PACKET_HEAD_BYTES = 3,          /* array16, room left in front of a packet */
	PACKET_FILL_BYTES = 128 * 1024, /* a packet is closed before it passes this */
	PROLOGUE_BYTES = 7 + 16 + PREAMBLE_BYTES
};

/* A byte queue: takes at the end, gives at the front, holds no memory while empty. */
struct session_queue {
	uint8_t *at;
	size_t begin;
	size_t end;
	size_t cap;
};

/* Only while the handshake lasts. */
struct session_handshake {
	struct noise_handshake noise;
	struct transport_sk static_sk; /* of a client */
	struct transport_pk static_pk;
	struct transport_pk server_pk; /* of a client: whom it wants to meet */
	struct transport_sk ephemeral;
	uint8_t prologue[PROLOGUE_BYTES];
	uint8_t first[PREAMBLE_BYTES]; /* first bytes of the peer */
	size_t n_first;
};

struct client_side;
struct server_side;

struct session {
	enum session_state state;
	enum session_end end;
	struct session_handshake *handshake; /* NULL from STATE_OPEN on */
	uint8_t peer_version;                /* as its first bytes say; 0 = not yet */
	struct noise_transport transport;
	struct frame_reader reader;
	struct session_queue out;    /* sealed, to be sent */
	struct session_queue packet; /* messages being gathered, in clear */
	size_t n_gathered;
	bool has_packet;        /* a received packet is in work: */
	struct packet received; /* its messages not yet taken */
	struct arena *arena;    /* of their arrays */
	/* deadlines */
	uint64_t begun_ms;
	uint64_t active_ms; /* last byte in or out */
	uint64_t window_ms; /* begin of the present progress window */
	uint64_t window_bytes;
	struct client_side *client; /* exactly one of the two */
	struct server_side *server;
};

/* The common part; NULL when out of memory. */
struct session *core_new(uint64_t now_ms, enum session_state state);
/* The only way to change the state: asserts the table and the invariants. */
void core_move(struct session *s, enum session_state to);
/* Over at once, for this reason (the first one stays). Drops what was gathered. */
void core_end(struct session *s, enum session_end end);
void core_prologue(struct session_handshake *h, const struct network_id *network,
    const uint8_t preamble[static PREAMBLE_BYTES]);

/* Appends len bytes of room to the queue; NULL when out of memory. */
uint8_t *core_reserve(struct session_queue *q, size_t len);

/* Gathers a message; closes the packet before it when it would grow too long. A failure
 * ends the session. */
status core_put(struct session *s, const struct message *m);
/* Seals what was gathered into the output. */
status core_seal(struct session *s);
/* Drops what was gathered. */
void core_forget(struct session *s);
/* Wipes and gives back the received packet. */
void core_drop_packet(struct session *s);
size_t core_queued(const struct session *s);

/* What each side does with handshake bytes; both take from the front of in. */
status client_feed(
    struct session *s, uint64_t now_ms, struct span *in, struct trouble *t);
status server_feed(
    struct session *s, uint64_t now_ms, struct span *in, struct trouble *t);
/* Before something is said or taken: the window in which the peer has to make progress
 * begins now, unless something is half done already. */
void core_begin_window(struct session *s, uint64_t now_ms);
/* Transport bytes, for both. */
status core_feed(struct session *s, struct span *in, struct trouble *t);
bool client_is_waiting(const struct session *s); /* said WAIT, and nothing since */
bool server_is_busy(const struct session *s);    /* the peer waits for us */
void client_tick(struct session *s, uint64_t now_ms);
uint64_t client_deadline_ms(const struct session *s);
void client_free(struct client_side *c);
void server_free(struct server_side *v);
size_t client_held_bytes(const struct client_side *c);
size_t server_held_bytes(const struct server_side *v);

#endif
