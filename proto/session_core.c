/* session_core.c - the pump of both sides: buffers, packets, deadlines, states. Pure but
 * for malloc. */
#include "proto/session_core.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/labels.h"

_Static_assert(sizeof LABEL_PROLOGUE + 16 + PREAMBLE_BYTES == PROLOGUE_BYTES, "prologue");
_Static_assert((int)PROTOCOL_VERSION == (int)SESSION_VERSION, "one version");
_Static_assert((int)FRAME_HANDSHAKE_BYTES_MAX == (int)HANDSHAKE_MESSAGE_BYTES_MAX, "one");
_Static_assert(2 * (int)FRAME_HANDSHAKE_BYTES_MAX <= (int)UNKNOWN_PEER_BYTES_MAX,
    "the reader doubles its buffer while a message comes");
_Static_assert((int)NOISE_REKEY_MESSAGES == (int)REKEY_MESSAGES, "one rekey");
_Static_assert((int)FRAME_BLOCK_BYTES == (int)FRAME_PAD_BYTES, "one padding");

enum { QUEUE_BYTES_MIN = 256 };

static const struct {
	enum session_end end;
	status code;
	const char *text;
} ends[] = {
#define X(name, code, text) {name, code, text},
    SESSION_ENDS(X)
#undef X
};
_Static_assert(sizeof ends / sizeof ends[0] == END_COUNT, "one row an end");

static const unsigned may_go_to[] = {
#define X(name, waits, next) (next),
    SESSION_STATES(X)
#undef X
};
_Static_assert(sizeof may_go_to / sizeof may_go_to[0] == STATE_COUNT, "one row a state");

status
session_end_status(enum session_end e)
{
	assert(e < END_COUNT && ends[e].end == e);
	return ends[e].code;
}

const char *
session_end_text(enum session_end e)
{
	assert(e < END_COUNT);
	return ends[e].text;
}

/* ---- queues ---- */

static void
queue_free(struct session_queue *q)
{
	if (q->at != NULL)
		keys_wipe(q->at, q->cap);
	free(q->at);
	*q = (struct session_queue){0};
}

/* Moves the contents into a block that has room for len more. */
static bool
queue_grow(struct session_queue *q, size_t len)
{
	size_t used = q->end - q->begin;
	size_t cap = q->cap < QUEUE_BYTES_MIN ? QUEUE_BYTES_MIN : q->cap;
	uint8_t *at;

	while (cap - used < len)
		cap *= 2;
	at = malloc(cap);
	if (at == NULL)
		return false;
	if (used > 0)
		memcpy(at, q->at + q->begin, used);
	queue_free(q);
	*q = (struct session_queue){.at = at, .end = used, .cap = cap};
	return true;
}

uint8_t *
core_reserve(struct session_queue *q, size_t len)
{
	uint8_t *at;

	if (q->cap - q->end < len && !queue_grow(q, len))
		return NULL;
	at = q->at + q->end;
	q->end += len;
	return at;
}

size_t
core_queued(const struct session *s)
{
	return (s->out.end - s->out.begin) + (s->packet.end - s->packet.begin);
}

/* ---- states ---- */

struct session *
core_new(uint64_t now_ms, enum session_state state)
{
	struct session *s = calloc(1, sizeof *s);
	struct session_handshake *h = calloc(1, sizeof *h);

	if (s == NULL || h == NULL) {
		free(s);
		free(h);
		return NULL;
	}
	s->state = state;
	s->handshake = h;
	s->begun_ms = now_ms;
	s->active_ms = now_ms;
	s->window_ms = now_ms;
	frame_reader_start(&s->reader, FRAME_HANDSHAKE_BYTES_MAX, PACKET_BYTES_MAX);
	return s;
}

static void
free_handshake(struct session *s)
{
	if (s->handshake == NULL)
		return;
	noise_wipe(&s->handshake->noise);
	keys_wipe(s->handshake, sizeof *s->handshake);
	free(s->handshake);
	s->handshake = NULL;
}

void
core_move(struct session *s, enum session_state to)
{
	assert(to < STATE_COUNT);
	assert((may_go_to[s->state] & B(to)) != 0);
	s->state = to;
	if (to >= STATE_OPEN)
		free_handshake(s);
	assert((s->handshake == NULL) == (to >= STATE_OPEN));
	assert((s->client == NULL) != (s->server == NULL));
	assert(to != STATE_OVER || s->end != END_NONE);
}

void
core_forget(struct session *s)
{
	queue_free(&s->packet);
	s->n_gathered = 0;
}

void
core_end(struct session *s, enum session_end end)
{
	if (s->state == STATE_OVER)
		return;
	if (s->end == END_NONE)
		s->end = end;
	core_forget(s);
	core_move(s, STATE_OVER);
}

void
core_prologue(struct session_handshake *h, const struct network_id *network,
    const uint8_t preamble[static PREAMBLE_BYTES])
{
	struct writer w = writer_of(h->prologue, sizeof h->prologue);

	writer_bytes(&w, LABEL_PROLOGUE, sizeof LABEL_PROLOGUE);
	writer_bytes(&w, network->bytes, sizeof network->bytes);
	writer_bytes(&w, preamble, PREAMBLE_BYTES);
	assert(!w.is_full && w.used == PROLOGUE_BYTES);
}

/* ---- packets ---- */

status
core_seal(struct session *s)
{
	uint8_t head[PACKET_HEAD_BYTES];
	struct writer w = writer_of(head, sizeof head);
	struct span content;
	size_t wire_len;
	uint8_t *room;
	status st;

	if (s->n_gathered == 0)
		return ST_OK;
	assert(s->state == STATE_OPEN);
	packet_begin(&w, s->n_gathered);
	/* The head, 1 or 3 bytes, goes right in front of the messages. */
	memcpy(s->packet.at + PACKET_HEAD_BYTES - w.used, head, w.used);
	content = span_of(s->packet.at + PACKET_HEAD_BYTES - w.used,
	    s->packet.end - PACKET_HEAD_BYTES + w.used);
	assert(content.len <= PACKET_BYTES_MAX);
	wire_len = frame_bytes(content.len);
	room = core_reserve(&s->out, wire_len);
	if (room == NULL) {
		core_end(s, END_CUT);
		return ST_NO_MEMORY;
	}
	w = writer_of(room, wire_len);
	st = frame_write(&s->transport, content, &w, NULL);
	core_forget(s);
	if (st != ST_OK)
		core_end(s, END_CUT);
	else
		assert(w.used == wire_len);
	return st;
}

status
core_put(struct session *s, const struct message *m)
{
	size_t most = message_bytes_max(m);
	struct writer w;
	uint8_t *room;

	assert(s->state == STATE_OPEN || s->state == STATE_READY);
	if (s->n_gathered > 0 && (s->packet.end + most > PACKET_FILL_BYTES ||
				     s->n_gathered == PACKET_MESSAGES_MAX)) {
		status st = core_seal(s);

		if (st != ST_OK)
			return st;
	}
	if (s->packet.end == 0 && core_reserve(&s->packet, PACKET_HEAD_BYTES) == NULL)
		return ST_NO_MEMORY;
	room = core_reserve(&s->packet, most);
	if (room == NULL) {
		core_end(s, END_CUT);
		return ST_NO_MEMORY;
	}
	w = writer_of(room, most);
	message_write(&w, m);
	assert(!w.is_full);
	s->packet.end -= most - w.used;
	s->n_gathered++;
	return ST_OK;
}

void
core_drop_packet(struct session *s)
{
	if (!s->has_packet)
		return;
	s->has_packet = false;
	arena_free(s->arena);
	s->arena = NULL;
	frame_reader_next(&s->reader);
}

status
core_feed(struct session *s, struct span *in, struct trouble *t)
{
	struct span ready = {NULL, 0};
	status st = frame_reader_take(&s->reader, &s->transport, in, &ready, t);

	if (st != ST_OK || ready.bytes == NULL)
		return st;
	st = packet_open(&s->received, ready, t);
	if (st != ST_OK)
		return st;
	s->arena = arena_new(0);
	if (s->arena == NULL) {
		frame_reader_next(&s->reader);
		return trouble_set(t, ST_NO_MEMORY, "no memory for a packet");
	}
	s->has_packet = true;
	return ST_OK;
}

/* ---- the pump ---- */

/* More progress than the window asks for opens a new window. */
static void
note_bytes(struct session *s, uint64_t now_ms, size_t len)
{
	s->active_ms = now_ms;
	s->window_bytes += len;
	if (s->window_bytes >= PROGRESS_BYTES) {
		s->window_bytes = 0;
		s->window_ms = now_ms;
	}
}

/* Something is half done: a frame half received, or output that the peer must take. */
static bool
is_in_progress(const struct session *s)
{
	return s->out.end > s->out.begin ||
	       (!s->has_packet && !frame_reader_is_idle(&s->reader));
}

void
core_begin_window(struct session *s, uint64_t now_ms)
{
	if (is_in_progress(s))
		return;
	s->window_bytes = 0;
	s->window_ms = now_ms;
}

status
session_receive(
    struct session *s, uint64_t now_ms, struct span in, size_t *used, struct trouble *t)
{
	struct span rest = in;
	status st = ST_OK;

	*used = 0;
	if (s->state >= STATE_BYE) { /* whatever still comes is of no interest */
		*used = in.len;
		return ST_OK;
	}
	core_begin_window(s, now_ms);
	while (st == ST_OK && rest.len > 0 && session_wants_input(s)) {
		if (s->state == STATE_OPEN)
			st = core_feed(s, &rest, t);
		else if (s->client != NULL)
			st = client_feed(s, now_ms, &rest, t);
		else
			st = server_feed(s, now_ms, &rest, t);
	}
	*used = in.len - rest.len;
	note_bytes(s, now_ms, *used);
	if (st != ST_OK)
		core_end(s, st == ST_NO_MEMORY ? END_CUT : END_PROTOCOL);
	return st;
}

void
session_eof(struct session *s, uint64_t now_ms, bool was_reset)
{
	(void)now_ms;
	if (s->state == STATE_MESSAGE_2 && !was_reset && s->handshake->n_first == 0)
		core_end(s, END_NO_ANSWER);
	else
		core_end(s, END_CUT);
	queue_free(&s->out);
}

struct span
session_output(struct session *s)
{
	return span_of(s->out.at == NULL ? NULL : s->out.at + s->out.begin,
	    s->out.end - s->out.begin);
}

void
session_sent(struct session *s, uint64_t now_ms, size_t len)
{
	assert(len <= s->out.end - s->out.begin);
	s->out.begin += len;
	note_bytes(s, now_ms, len);
	if (s->out.begin == s->out.end) {
		queue_free(&s->out);
		if (s->state == STATE_BYE)
			core_end(s, END_BYE);
	}
	core_begin_window(s, now_ms);
}

bool
session_wants_input(const struct session *s)
{
	if (s->state >= STATE_BYE)
		return true;
	return s->state != STATE_READY && !s->has_packet &&
	       core_queued(s) < OUT_QUEUE_BYTES_MAX;
}

bool
session_is_over(const struct session *s)
{
	return s->state == STATE_OVER && s->out.begin == s->out.end;
}

enum session_end
session_end(const struct session *s)
{
	return s->end;
}

static uint64_t
soonest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t
session_deadline_ms(const struct session *s)
{
	uint64_t at = s->begun_ms + SESSION_MS_MAX;

	if (s->state == STATE_OVER && s->out.begin == s->out.end)
		return UINT64_MAX;
	if (s->state < STATE_OPEN)
		at = s->begun_ms + HANDSHAKE_MS_MAX;
	if (is_in_progress(s))
		at = soonest(at, s->window_ms + PROGRESS_MS);
	if (s->client != NULL)
		return soonest(at, client_deadline_ms(s));
	if (server_is_busy(s))
		return at;
	return soonest(at,
	    s->active_ms + (session_is_waiting(s) ? (uint64_t)WAIT_MS_MAX : IDLE_MS_MAX));
}

void
session_tick(struct session *s, uint64_t now_ms)
{
	if (s->client != NULL)
		client_tick(s, now_ms);
	if (now_ms < session_deadline_ms(s))
		return;
	core_end(s, END_DEADLINE);
	queue_free(&s->out); /* whoever is silent does not read either */
}

unsigned
session_peer_version(const struct session *s)
{
	return s->peer_version;
}

size_t
session_held_bytes(const struct session *s)
{
	size_t sum = s->out.cap + s->packet.cap + s->reader.cap;

	if (s->handshake != NULL)
		sum += sizeof *s->handshake;
	if (s->arena != NULL)
		sum += arena_used(s->arena);
	return sum + (s->client != NULL ? client_held_bytes(s->client)
					: server_held_bytes(s->server));
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	assert(s->server == NULL || session_n_open(s) == 0);
	free_handshake(s);
	core_drop_packet(s);
	frame_reader_free(&s->reader);
	noise_transport_wipe(&s->transport);
	queue_free(&s->out);
	queue_free(&s->packet);
	client_free(s->client);
	server_free(s->server);
	keys_wipe(s, sizeof *s);
	free(s);
}
