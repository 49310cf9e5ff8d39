/* session_server.c - the server's side of a session: handshake, and the order in which
 * messages become requests. Pushes are given out at once, several together, so that a
 * store can commit them as a group; every other message waits until all pushes before it
 * are answered (spec/session.md 4). Pure but for malloc. */
#include "proto/session_server.h"
#include "proto/batch_codec.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/shape.h"

static const uint8_t preamble[PREAMBLE_BYTES] = {
    0x50, 0x4E, PROTOCOL_VERSION, PREAMBLE_XK};

#define PUSH_NUMBER (UINT32_C(1) << 31) /* bit that marks numbers of pushes */

void
server_free(struct server_side *v)
{
	if (v == NULL)
		return;
	free(v->spaces);
	free(v->pushes);
	free(v);
}

size_t
server_held_bytes(const struct server_side *v)
{
	return sizeof *v + v->n_spaces * sizeof *v->spaces +
	       v->pushes_cap * sizeof *v->pushes;
}

bool
server_is_busy(const struct session *s)
{
	return s->server->n_open > 0 || s->server->work.job != JOB_NONE;
}

/* ---- handshake ---- */

struct session *
session_server_new(const struct server_config *config, uint64_t now_ms)
{
	struct session *s = core_new(now_ms, STATE_PREAMBLE);
	struct server_side *v = calloc(1, sizeof *v);

	if (s == NULL || v == NULL) {
		session_free(s);
		free(v);
		return NULL;
	}
	s->server = v;
	v->network = config->network;
	v->secret = config->secret;
	v->server_time_s = config->server_time_s;
	s->handshake->static_pk = config->transport;
	rng_fill(&config->rng, s->handshake->ephemeral.bytes,
	    sizeof s->handshake->ephemeral.bytes);
	return s;
}

static void
start_noise(struct session *s)
{
	struct session_handshake *h = s->handshake;
	struct noise_config noise = {
	    .pattern = NOISE_XK,
	    .role = NOISE_RESPONDER,
	    .prologue = span_of(h->prologue, sizeof h->prologue),
	    .s = s->server->secret,
	    .s_pk = &h->static_pk,
	    .e = &h->ephemeral,
	};

	core_prologue(h, &s->server->network, h->first);
	noise_start(&h->noise, &noise);
	frame_reader_limit(&s->reader, MESSAGE_1_BYTES, PACKET_BYTES_MAX);
	core_move(s, STATE_MESSAGE_1);
}

/* Our preamble in clear, with this type, and the end: the handshake is freed. */
static void
answer_in_clear(struct session *s, uint8_t type, enum session_end end)
{
	uint8_t *room = core_reserve(&s->out, sizeof preamble);

	if (room != NULL) {
		memcpy(room, preamble, sizeof preamble);
		room[PREAMBLE_BYTES - 1] = type;
	}
	core_end(s, end);
}

/* Strangers to the protocol get no byte. A client of another version gets our preamble,
 * so that it can tell its user (PN-N05); one that there is no room for is told that
 * (PN-N06). */
static status
feed_preamble(struct session *s, struct span *in, struct trouble *t)
{
	struct session_handshake *h = s->handshake;

	while (h->n_first < PREAMBLE_BYTES && in->len > 0) {
		h->first[h->n_first++] = in->bytes[0];
		in->bytes++;
		in->len--;
		if (h->n_first <= 2 &&
		    h->first[h->n_first - 1] != preamble[h->n_first - 1]) {
			core_end(s, END_NOT_OURS);
			return trouble_set(t, ST_NOT_OURS, "not a client of ours");
		}
	}
	if (h->n_first < PREAMBLE_BYTES)
		return ST_OK;
	s->peer_version = h->first[2];
	(void)trouble_set(t, ST_VERSION, "a client of version %u, type %u",
	    (unsigned)h->first[2], (unsigned)h->first[3]);
	if (h->first[2] != PROTOCOL_VERSION) {
		answer_in_clear(s, PREAMBLE_XK, END_VERSION);
		return ST_VERSION;
	}
	if (s->server->is_full) {
		answer_in_clear(s, PREAMBLE_FULL, END_BUSY);
		return trouble_set(t, ST_BUSY, "no room for another session");
	}
	if (h->first[3] != PREAMBLE_XK) {
		core_end(s, END_VERSION);
		return ST_VERSION;
	}
	start_noise(s);
	return ST_OK;
}

static status
take_message_1(struct session *s, struct span message, struct trouble *t)
{
	struct noise_handshake *noise = &s->handshake->noise;
	struct welcome welcome = {
	    .version = PROTOCOL_VERSION,
	    .server_time_s = s->server->server_time_s,
	    .limits = LIMITS_NUMBER,
	};
	uint8_t payload[WELCOME_BYTES];
	uint8_t nothing[1];
	struct writer w = writer_of(nothing, 0);
	uint8_t *room;
	status st;

	if (message.len != MESSAGE_1_BYTES)
		return trouble_set(
		    t, ST_MALFORMED, "message 1 of %zu bytes", message.len);
	st = noise_read(noise, message, &w, t);
	frame_reader_next(&s->reader);
	if (st != ST_OK)
		return st;
	welcome_write(payload, &welcome);
	room = core_reserve(&s->out, FRAME_HEAD_BYTES + MESSAGE_2_BYTES);
	if (room == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for message 2");
	w = writer_of(room, FRAME_HEAD_BYTES + MESSAGE_2_BYTES);
	frame_put_head(&w, MESSAGE_2_BYTES);
	st = noise_write(noise, span_of(payload, sizeof payload), &w, t);
	if (st != ST_OK)
		return st;
	assert(w.used == FRAME_HEAD_BYTES + MESSAGE_2_BYTES);
	frame_reader_limit(&s->reader, FRAME_HANDSHAKE_BYTES_MAX, PACKET_BYTES_MAX);
	core_move(s, STATE_MESSAGE_3);
	return ST_OK;
}

static status
take_hello(struct session *s, struct span padded, struct trouble *t)
{
	struct server_side *v = s->server;
	struct arena *a = arena_new(0);
	struct packet p = {.n_left = 1};
	struct message m;
	status st;

	if (a == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for HELLO");
	st = frame_unpad(padded, FRAME_BLOCK_BYTES, &p.rest, t);
	if (st == ST_OK)
		st = shape_check(p.rest, MESSAGE_ELEMENTS_MAX, t);
	if (st == ST_OK)
		st = packet_next(&p, a, &m, t);
	if (st == ST_OK && (m.kind != MSG_HELLO || p.rest.len > 0))
		st = trouble_set(t, ST_MALFORMED, "message 3 is not HELLO");
	if (st == ST_OK)
		st = serve_spaces(v, m.hello.spaces, m.hello.n_spaces);
	if (st == ST_OK && m.hello.has_pull) {
		v->has_message = true;
		v->message = (struct message){.kind = MSG_PULL};
		v->message.pull.flags = m.hello.flags;
	}
	if (st == ST_OK)
		v->incarnation = m.hello.incarnation;
	arena_free(a);
	return st;
}

static status
take_message_3(struct session *s, struct span message, struct trouble *t)
{
	struct noise_handshake *noise = &s->handshake->noise;
	uint8_t payload[FRAME_HANDSHAKE_BYTES_MAX];
	struct writer w = writer_of(payload, sizeof payload);
	status st = noise_read(noise, message, &w, t);

	frame_reader_next(&s->reader);
	if (st == ST_OK)
		st = take_hello(s, writer_done(&w), t);
	if (st != ST_OK)
		return st;
	if (!noise_peer(noise, &s->server->peer))
		return trouble_set(t, ST_NOT_OURS, "message 3 without a key");
	noise_split(noise, &s->transport);
	frame_reader_limit(&s->reader, FRAME_BYTES_MAX, PACKET_BYTES_MAX);
	core_move(s, STATE_OPEN);
	return ST_OK;
}

status
server_feed(struct session *s, uint64_t now_ms, struct span *in, struct trouble *t)
{
	struct span ready = {NULL, 0};
	status st;

	(void)now_ms;
	if (s->state == STATE_PREAMBLE)
		return feed_preamble(s, in, t);
	st = frame_reader_take(&s->reader, NULL, in, &ready, t);
	if (st != ST_OK || ready.bytes == NULL)
		return st;
	if (s->state == STATE_MESSAGE_1)
		return take_message_1(s, ready, t);
	assert(s->state == STATE_MESSAGE_3);
	return take_message_3(s, ready, t);
}

/* ---- pushes ---- */

static struct server_push *
add_push(struct server_side *v, uint16_t space)
{
	if (v->n_pushes == v->pushes_cap) {
		size_t cap = v->pushes_cap == 0 ? 4 : v->pushes_cap * 2;
		struct server_push *more = realloc(v->pushes, cap * sizeof *more);

		if (more == NULL)
			return NULL;
		v->pushes = more;
		v->pushes_cap = cap;
	}
	v->pushes[v->n_pushes] = (struct server_push){.space = space};
	return &v->pushes[v->n_pushes++];
}

/* A request for the push, or SERVE_NOTHING: a stranger is refused without asking. */
static struct serve_request
take_push(struct session *s, const struct message *m)
{
	struct server_side *v = s->server;
	struct serve_request r = {.kind = SERVE_NOTHING};
	struct server_push *push;

	if (v->n_pushes == PUSHES_IN_SESSION_MAX) {
		serve_bye(s, BYE_PROTOCOL);
		return r;
	}
	push = add_push(v, m->push.space);
	if (push == NULL) {
		serve_bye(s, BYE_BUSY);
		return r;
	}
	push->len = (uint32_t)m->push.batch.len;
	push->n_ops = (uint16_t)batch_n_ops(m->push.batch);
	if (v->standing != PEER_ACTIVE) {
		push->code = VERDICT_DEVICE;
		push->is_answered = true;
		return r;
	}
	r.kind = SERVE_ACCEPT;
	r.number = PUSH_NUMBER | (v->n_pushes - 1);
	r.space = m->push.space;
	r.accept.batch = m->push.batch;
	v->n_open++;
	return r;
}

/* Tells the verdicts of all pushes so far; all are answered. */
static status
tell_verdicts(struct session *s)
{
	struct server_side *v = s->server;
	uint8_t codes[MESSAGE_ELEMENTS_MAX - 1];
	uint16_t details[MESSAGE_ELEMENTS_MAX - 1];
	status st = ST_OK;

	while (st == ST_OK && v->n_verdicts < v->n_pushes) {
		struct message m = {.kind = MSG_VERDICT};
		size_t n = 0;

		while (n < MESSAGE_ELEMENTS_MAX - 1 && v->n_verdicts < v->n_pushes) {
			const struct server_push *push = &v->pushes[v->n_verdicts++];

			assert(push->is_answered);
			codes[n] = push->code;
			details[n++] = push->detail;
		}
		m.verdict.n = n;
		m.verdict.codes = codes;
		m.verdict.details = details;
		st = core_put(s, &m);
	}
	return st;
}

static void
answer_push(struct session *s, const struct serve_answer *a)
{
	struct server_push *push = &s->server->pushes[a->number & ~PUSH_NUMBER];

	assert(!push->is_answered);
	assert(verdict_name(a->accept.code) != NULL);
	push->is_answered = true;
	push->code = (uint8_t)a->accept.code;
	push->detail = a->accept.detail;
	push->lsn = a->accept.code < VERDICT_FIRST_REFUSED ? a->accept.lsn : 0;
}

/* ---- requests ---- */

static struct serve_request
ask_peer(struct server_side *v)
{
	struct serve_request r = {.kind = SERVE_PEER, .number = v->next_number++};

	v->is_peer_asked = true;
	v->n_open++;
	r.peer.transport = v->peer;
	r.peer.incarnation = v->incarnation;
	return r;
}

/* The packet is used up: say what it gave rise to, and make room for the next. */
static void
end_packet(struct session *s)
{
	if (tell_verdicts(s) != ST_OK)
		return;
	core_drop_packet(s);
	(void)core_seal(s);
}

/* Takes the next message off the packet. False: there is none now. */
static bool
take_next(struct session *s)
{
	struct server_side *v = s->server;

	if (v->has_message)
		return true;
	if (!s->has_packet) {
		(void)core_seal(s); /* the answer to a PULL that came with HELLO */
		return false;
	}
	if (s->received.n_left == 0) {
		if (v->n_open == 0)
			end_packet(s);
		return false;
	}
	if (packet_next(&s->received, s->arena, &v->message, NULL) != ST_OK ||
	    (message_from(v->message.kind) & FROM_ANYBODY) == 0 ||
	    v->message.kind == MSG_HELLO) {
		serve_bye(s, BYE_PROTOCOL);
		return false;
	}
	v->has_message = true;
	return true;
}

static void
begin_message(struct session *s)
{
	struct server_side *v = s->server;

	v->has_message = false;
	v->is_waiting = false;
	if (tell_verdicts(s) == ST_OK && serve_message(s, &v->message) != ST_OK)
		serve_bye(s, BYE_BUSY);
}

struct serve_request
session_next_request(struct session *s, uint64_t now_ms)
{
	struct serve_request r = {.kind = SERVE_NOTHING};
	struct server_side *v = s->server;

	(void)now_ms;
	assert(v != NULL);
	while (s->state == STATE_OPEN && r.kind == SERVE_NOTHING) {
		if (!v->knows_peer)
			return v->is_peer_asked ? r : ask_peer(v);
		if (v->work.is_asked || core_queued(s) >= OUT_QUEUE_BYTES_MAX)
			return r;
		if (v->work.job != JOB_NONE) {
			r = serve_step(s);
			continue;
		}
		if (!take_next(s))
			return r;
		if (v->message.kind == MSG_PUSH) {
			v->has_message = false;
			r = take_push(s, &v->message);
		} else if (v->n_open == 0) {
			begin_message(s);
		} else {
			return r;
		}
	}
	return r;
}

static void
answer_peer(struct session *s, const struct serve_answer *a)
{
	struct server_side *v = s->server;
	enum peer_standing standing = a->standing;

	v->is_peer_asked = false;
	v->knows_peer = true;
	v->standing = standing;
	if (standing == PEER_ACTIVE && a->n_reads > 0 &&
	    serve_offer(v, a->reads, a->n_reads) != ST_OK)
		serve_bye(s, BYE_BUSY);
	if (standing == PEER_REVOKED)
		serve_bye(s, BYE_REVOKED);
	if (standing == PEER_REFUSED)
		serve_bye(s, BYE_BUSY);
}

void
session_answer(struct session *s, uint64_t now_ms, const struct serve_answer *a)
{
	struct server_side *v = s->server;

	assert(v->n_open > 0);
	v->n_open--;
	core_begin_window(s, now_ms);
	s->active_ms = now_ms;
	if (s->state != STATE_OPEN) {
		v->is_peer_asked = false;
		v->work.is_asked = false;
	} else if ((a->number & PUSH_NUMBER) != 0) {
		answer_push(s, a);
	} else if (v->is_peer_asked) {
		answer_peer(s, a);
	} else {
		assert(v->work.is_asked);
		v->work.is_asked = false;
		serve_answer_work(s, a);
	}
}

size_t
session_n_open(const struct session *s)
{
	return s->server == NULL ? 0 : s->server->n_open;
}

bool
session_is_waiting(const struct session *s)
{
	return s->server != NULL ? s->server->is_waiting && s->state == STATE_OPEN
				 : client_is_waiting(s);
}

void
session_ring(struct session *s, uint64_t now_ms, uint16_t space)
{
	struct message m = {.kind = MSG_DOORBELL};

	if (!session_is_waiting(s))
		return;
	m.doorbell.space = space;
	core_begin_window(s, now_ms);
	if (core_put(s, &m) == ST_OK)
		(void)core_seal(s);
	s->active_ms = now_ms;
}

void
session_shut(struct session *s, uint64_t now_ms, enum bye_reason reason)
{
	core_begin_window(s, now_ms);
	s->active_ms = now_ms;
	if (s->state == STATE_OPEN)
		serve_bye(s, reason);
	else if (s->state < STATE_OPEN)
		core_end(s, END_BUSY);
}

void
session_turn_away(struct session *s)
{
	assert(s->state == STATE_PREAMBLE && s->handshake->n_first == 0);
	s->server->is_full = true;
}

bool
session_peer(const struct session *s, struct transport_pk *out)
{
	if (s->server == NULL || s->state < STATE_OPEN || s->handshake != NULL)
		return false;
	*out = s->server->peer;
	return !ID_IS_ZERO(&s->server->peer);
}
