/* session_client.c - the device's side of a session: handshake, requests, and what the
 * server's messages mean as events (spec/session.md). Pages: session_pages.c. Pure but
 * for malloc. */
#include "proto/session_client.h"

#include <assert.h>
#include <stdlib.h>

static const uint8_t preamble[PREAMBLE_BYTES] = {
    0x50, 0x4E, PROTOCOL_VERSION, PREAMBLE_XK};

enum { HELLO_CONTENT_BYTES_MAX = 446 }; /* message 3 is 512 at most: 48 + 448 + 16 */

void
client_free(struct client_side *c)
{
	if (c == NULL)
		return;
	free(c->spaces);
	free(c->push_spaces);
	free(c->answers);
	free(c);
}

size_t
client_held_bytes(const struct client_side *c)
{
	return sizeof *c + c->n_spaces * sizeof *c->spaces +
	       c->pushes_cap * sizeof *c->push_spaces +
	       c->answers_cap * sizeof *c->answers;
}

/* Makes room for one more item of an array that doubles. */
static void *
grow(void *items, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? 8 : *cap * 2;
	void *at;

	if (n < *cap)
		return items;
	at = realloc(items, more * size);
	if (at != NULL)
		*cap = more;
	return at;
}

/* ---- handshake ---- */

static status
put_handshake(struct session *s, struct span payload)
{
	struct noise_handshake *noise = &s->handshake->noise;
	size_t len = noise_message_bytes(noise, payload.len);
	uint8_t *room = core_reserve(&s->out, FRAME_HEAD_BYTES + len);
	struct writer w;
	status st;

	if (room == NULL)
		return ST_NO_MEMORY;
	w = writer_of(room, FRAME_HEAD_BYTES + len);
	frame_put_head(&w, len);
	st = noise_write(noise, payload, &w, NULL);
	assert(st != ST_OK || w.used == FRAME_HEAD_BYTES + len);
	return st;
}

static status
begin(struct session *s, const struct client_config *config)
{
	struct session_handshake *h = s->handshake;
	struct noise_config noise = {
	    .pattern = NOISE_XK,
	    .role = NOISE_INITIATOR,
	    .prologue = span_of(h->prologue, sizeof h->prologue),
	    .s = &h->static_sk,
	    .s_pk = &h->static_pk,
	    .rs = &h->server_pk,
	    .e = &h->ephemeral,
	};
	uint8_t *room;

	h->static_sk = *config->secret;
	derive_transport_pk(&h->static_sk, &h->static_pk);
	h->server_pk = config->server;
	rng_fill(&config->rng, h->ephemeral.bytes, sizeof h->ephemeral.bytes);
	core_prologue(h, &config->network, preamble);
	noise_start(&h->noise, &noise);
	room = core_reserve(&s->out, sizeof preamble);
	if (room == NULL)
		return ST_NO_MEMORY;
	memcpy(room, preamble, sizeof preamble);
	return put_handshake(s, span_of(NULL, 0));
}

static struct client_side *
client_new(const struct client_config *config)
{
	struct client_side *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	assert(config->n_spaces >= 1 && config->n_spaces <= HELLO_SPACES_MAX);
	c->spaces = calloc(config->n_spaces, sizeof *c->spaces);
	if (c->spaces == NULL) {
		free(c);
		return NULL;
	}
	memcpy(c->spaces, config->spaces, config->n_spaces * sizeof *c->spaces);
	c->n_spaces = config->n_spaces;
	c->incarnation = config->incarnation;
	c->stays = config->stays;
	return c;
}

struct session *
session_client_new(const struct client_config *config, uint64_t now_ms)
{
	struct session *s = core_new(now_ms, STATE_MESSAGE_2);

	if (s == NULL)
		return NULL;
	s->client = client_new(config);
	if (s->client == NULL || begin(s, config) != ST_OK) {
		/* The invariant of one side does not hold yet: end by hand. */
		session_free(s);
		return NULL;
	}
	return s;
}

/* How many bytes tell what answers: the head of message 2, or a preamble. */
static size_t
first_bytes(const struct session_handshake *h)
{
	bool is_preamble = h->n_first > 0 && h->first[0] == preamble[0];

	return is_preamble ? PREAMBLE_BYTES : FRAME_HEAD_BYTES;
}

/* A server of ours that does not speak this version, or has no room, says its own
 * preamble in clear and closes. Whoever holds the line can forge that, and could as well
 * cut it: it is nothing but a reason to come back later. */
static status
take_preamble(struct session *s, struct trouble *t)
{
	const struct session_handshake *h = s->handshake;

	s->peer_version = h->first[2];
	if (h->first[2] == PROTOCOL_VERSION && h->first[3] == PREAMBLE_FULL) {
		core_end(s, END_BUSY);
		return trouble_set(t, ST_BUSY, "the server has no room now");
	}
	core_end(s, END_VERSION);
	return trouble_set(t, ST_VERSION, "the server speaks another version");
}

/* The answer is 2 + 64 bytes. Anything that begins otherwise, and is no preamble, is not
 * our server: a login page, a proxy, another service (PN-N02). */
static status
check_first(struct session *s, struct span *in, struct trouble *t)
{
	struct session_handshake *h = s->handshake;
	bool is_ours = true;

	while (is_ours && h->n_first < first_bytes(h) && in->len > 0) {
		h->first[h->n_first++] = in->bytes[0];
		in->bytes++;
		in->len--;
		if (h->first[0] == preamble[0])
			is_ours = h->n_first < 2 || h->first[1] == preamble[1];
		else
			is_ours = h->first[0] == 0 &&
				  (h->n_first < 2 || h->first[1] == MESSAGE_2_BYTES);
	}
	if (!is_ours) {
		core_end(s, END_NOT_OURS);
		return trouble_set(t, ST_NOT_OURS, "something else answered");
	}
	return h->n_first == PREAMBLE_BYTES ? take_preamble(s, t) : ST_OK;
}

static status
take_welcome(struct session *s, struct span message, struct trouble *t)
{
	uint8_t payload[WELCOME_BYTES];
	struct writer w = writer_of(payload, sizeof payload);
	struct welcome welcome;
	status st = noise_read(&s->handshake->noise, message, &w, t);

	frame_reader_next(&s->reader);
	if (st != ST_OK) {
		core_end(s, END_WRONG_KEY);
		return st;
	}
	st = welcome_read(writer_done(&w), &welcome, t);
	if (st != ST_OK || welcome.version != PROTOCOL_VERSION) {
		s->peer_version = st == ST_OK ? (uint8_t)welcome.version : 0;
		core_end(s, END_VERSION);
		return trouble_set(t, ST_VERSION,
		    "the server's first message is of another "
		    "version");
	}
	s->client->server_time_s = welcome.server_time_s;
	s->client->has_news = true;
	core_move(s, STATE_READY);
	return ST_OK;
}

status
client_feed(struct session *s, uint64_t now_ms, struct span *in, struct trouble *t)
{
	struct session_handshake *h = s->handshake;
	struct span ready = {NULL, 0};
	struct span head;
	status st;

	(void)now_ms;
	assert(s->state == STATE_MESSAGE_2);
	if (h->n_first < first_bytes(h)) {
		st = check_first(s, in, t);
		if (st != ST_OK || h->n_first < first_bytes(h))
			return st;
		head = span_of(h->first, FRAME_HEAD_BYTES);
		st = frame_reader_take(&s->reader, NULL, &head, &ready, t);
		assert(st != ST_OK || (ready.bytes == NULL && head.len == 0));
		if (st != ST_OK)
			return st;
	}
	st = frame_reader_take(&s->reader, NULL, in, &ready, t);
	if (st != ST_OK || ready.bytes == NULL)
		return st;
	return take_welcome(s, ready, t);
}

/* HELLO with as many spaces as fit message 3; a pull brings the whole list if it does not
 * fit. NET comes first, so one always fits. */
static struct span
write_hello(struct client_side *c, uint8_t *buffer, size_t cap)
{
	for (size_t n = c->n_spaces; n > 0; n--) {
		struct message hello = {.kind = MSG_HELLO};
		struct writer w = writer_of(buffer, cap);

		hello.hello.incarnation = c->incarnation;
		hello.hello.n_spaces = n;
		hello.hello.spaces = c->spaces;
		hello.hello.has_pull = c->has_lone_pull;
		hello.hello.flags = c->pull_flags;
		message_write(&w, &hello);
		if (w.is_full)
			continue;
		c->hello_is_short = n < c->n_spaces;
		return writer_done(&w);
	}
	assert(false && "one space fits");
	return span_of(buffer, 0);
}

/* Message 3; from here on packets go out. */
static status
open_transport(struct session *s)
{
	uint8_t content[HELLO_CONTENT_BYTES_MAX];
	uint8_t padded[FRAME_HANDSHAKE_BYTES_MAX];
	struct writer w = writer_of(padded, sizeof padded);
	status st;

	s->client->has_lone_pull = s->client->has_lone_pull && s->n_gathered == 1;
	if (s->client->has_lone_pull)
		core_forget(s);
	frame_pad(&w, write_hello(s->client, content, sizeof content), FRAME_BLOCK_BYTES);
	assert(!w.is_full);
	st = put_handshake(s, writer_done(&w));
	if (st != ST_OK) {
		core_end(s, st == ST_NO_MEMORY ? END_CUT : END_PROTOCOL);
		return st;
	}
	noise_split(&s->handshake->noise, &s->transport);
	frame_reader_limit(&s->reader, FRAME_BYTES_MAX, PACKET_BYTES_MAX);
	core_move(s, STATE_OPEN);
	return ST_OK;
}

/* ---- requests ---- */

/* Notes that an answer of this kind is to come; verdicts of pushes in a row share one. */
static status
expect(struct client_side *c, enum client_answer kind, size_t n)
{
	struct client_expected *at;

	if (kind == ANSWER_VERDICTS && c->answers_end > c->answers_begin &&
	    c->answers[c->answers_end - 1].kind == ANSWER_VERDICTS) {
		c->answers[c->answers_end - 1].n += n;
		return ST_OK;
	}
	if (c->answers_begin == c->answers_end)
		c->answers_begin = c->answers_end = 0;
	at = grow(c->answers, c->answers_end, &c->answers_cap, sizeof *c->answers);
	if (at == NULL)
		return ST_NO_MEMORY;
	c->answers = at;
	c->answers[c->answers_end++] = (struct client_expected){
	    .kind = kind,
	    .n = n,
	    .n_pushes = c->n_pushes,
	};
	return ST_OK;
}

static status
may_ask(const struct session *s)
{
	assert(s->client != NULL && s->state != STATE_MESSAGE_2);
	return s->state >= STATE_BYE || s->client->said_bye ? ST_CLOSED : ST_OK;
}

/* Queues a request and what it is answered by. */
static status
ask(struct session *s, const struct message *m, enum client_answer kind, size_t n)
{
	status st = may_ask(s);

	if (st != ST_OK)
		return st;
	if (message_bytes_max(m) > PACKET_BYTES_MAX - PACKET_HEAD_BYTES)
		return ST_LIMIT;
	if (s->state == STATE_READY &&
	    s->packet.end + message_bytes_max(m) > PACKET_FILL_BYTES) {
		st = open_transport(s);
		if (st != ST_OK)
			return st;
	}
	if (kind != ANSWER_NONE)
		st = expect(s->client, kind, n);
	s->client->is_waiting = false;
	return st != ST_OK ? st : core_put(s, m);
}

uint32_t
session_push_next(const struct session *s)
{
	return s->client->n_pushes;
}

status
session_push(struct session *s, uint16_t space, struct span batch)
{
	struct client_side *c = s->client;
	struct message m = {.kind = MSG_PUSH};
	uint16_t *spaces;
	status st;

	if (c->n_pushes == PUSHES_IN_SESSION_MAX)
		return ST_LIMIT;
	spaces = grow(c->push_spaces, c->n_pushes, &c->pushes_cap, sizeof *spaces);
	if (spaces == NULL)
		return ST_NO_MEMORY;
	c->push_spaces = spaces;
	m.push.space = space;
	m.push.batch = batch;
	st = ask(s, &m, ANSWER_VERDICTS, 1);
	if (st == ST_OK)
		c->push_spaces[c->n_pushes++] = space;
	return st;
}

/* Puts another list of spaces in place of HELLO's. */
static status
replace_spaces(struct client_side *c, const struct space_state *spaces, size_t n)
{
	struct space_state *copy;

	assert(n >= 1 && n <= HELLO_SPACES_MAX);
	copy = calloc(n, sizeof *copy);
	if (copy == NULL)
		return ST_NO_MEMORY;
	memcpy(copy, spaces, n * sizeof *copy);
	free(c->spaces);
	c->spaces = copy;
	c->n_spaces = n;
	return ST_OK;
}

static bool
is_pulling(const struct client_side *c)
{
	for (size_t i = c->answers_begin; i < c->answers_end; i++)
		if (c->answers[i].kind == ANSWER_PULL)
			return true;
	return false;
}

status
session_pull(
    struct session *s, bool is_last, const struct space_state *spaces, size_t n_spaces)
{
	uint8_t scratch[HELLO_CONTENT_BYTES_MAX];
	struct client_side *c = s->client;
	struct message m = {.kind = MSG_PULL};
	status st = may_ask(s);

	if (st == ST_OK && is_pulling(c))
		return ST_BUSY;
	if (st == ST_OK && spaces != NULL)
		st = replace_spaces(c, spaces, n_spaces);
	if (st != ST_OK)
		return st;
	m.pull.flags = is_last ? PULL_LAST : 0;
	if (s->state == STATE_READY) /* HELLO is not said yet: does it hold them all? */
		(void)write_hello(c, scratch, sizeof scratch - 1); /* 1: flags */
	m.pull.has_spaces =
	    c->hello_is_short || (spaces != NULL && s->state != STATE_READY);
	m.pull.spaces = c->spaces;
	m.pull.n_spaces = c->n_spaces;
	if (s->state == STATE_READY && s->n_gathered == 0 && !m.pull.has_spaces) {
		c->has_lone_pull = true;
		c->pull_flags = m.pull.flags;
	}
	st = ask(s, &m, ANSWER_PULL, c->n_spaces);
	if (st == ST_OK)
		c->hello_is_short = false;
	c->said_bye = c->said_bye || is_last;
	return st;
}

status
session_append(struct session *s, const struct append *a)
{
	struct message m = {.kind = MSG_APPEND, .append = *a};

	if (a->record.len == 0 || a->record.len > LOG_RECORD_BYTES_MAX ||
	    a->n_boxes > APPEND_BOXES_MAX || a->n_lists > MESSAGE_ELEMENTS_MAX ||
	    a->n_wraps > MESSAGE_ELEMENTS_MAX)
		return ST_LIMIT;
	return ask(s, &m, ANSWER_APPENDED, 1);
}

status
session_boxes(
    struct session *s, uint16_t space, const struct box_row *boxes, size_t n_boxes)
{
	struct message m = {.kind = MSG_BOXES};

	if (n_boxes > MESSAGE_ELEMENTS_MAX)
		return ST_LIMIT;
	m.boxes.space = space;
	m.boxes.boxes = boxes;
	m.boxes.n_boxes = n_boxes;
	return ask(s, &m, ANSWER_APPENDED, 1);
}

status
session_invited(struct session *s, const struct sign_pk *invite)
{
	struct message m = {.kind = MSG_INVITED};

	m.invited.invite = *invite;
	return ask(s, &m, ANSWER_INVITED, 1);
}

status
session_log(struct session *s, uint16_t space, uint32_t from)
{
	struct message m = {.kind = MSG_LOG};

	m.log.space = space;
	m.log.from = from;
	return ask(s, &m, ANSWER_LOG, 1);
}

status
session_devices(struct session *s, uint16_t space, const uint16_t *devices, size_t n)
{
	struct message m = {.kind = MSG_DEVICES};

	if (n > DEVICES_ASKED_MAX)
		return ST_LIMIT;
	m.devices.space = space;
	m.devices.n = n;
	m.devices.devices = devices;
	return ask(s, &m, ANSWER_CONTACTS, 1);
}

status
session_recover(struct session *s, const struct recover *part)
{
	struct message m = {.kind = MSG_RECOVER, .recover = *part};

	if (part->n_batches > MESSAGE_ELEMENTS_MAX)
		return ST_LIMIT;
	return ask(s, &m, part->is_end ? ANSWER_RECOVERED : ANSWER_NONE, 1);
}

status
session_wait(struct session *s)
{
	struct message m = {.kind = MSG_WAIT};
	status st = ask(s, &m, ANSWER_NONE, 0);

	s->client->is_waiting = st == ST_OK;
	return st;
}

status
session_flush(struct session *s, uint64_t now_ms)
{
	status st = ST_OK;

	if (s->state >= STATE_BYE)
		return ST_CLOSED;
	core_begin_window(s, now_ms);
	if (s->state == STATE_READY)
		st = open_transport(s);
	if (st == ST_OK)
		st = core_seal(s);
	s->client->asked_ms = now_ms;
	s->active_ms = now_ms;
	return st;
}

void
session_bye(struct session *s, uint64_t now_ms)
{
	struct message m = {.kind = MSG_BYE};

	if (s->state >= STATE_BYE)
		return;
	if (s->state < STATE_READY || core_put(s, &m) != ST_OK ||
	    session_flush(s, now_ms) != ST_OK) {
		core_end(s, END_BYE);
		return;
	}
	s->end = END_BYE;
	core_move(s, STATE_BYE);
}

/* ---- time ---- */

bool
client_is_waiting(const struct session *s)
{
	return s->client->is_waiting && s->state == STATE_OPEN;
}

uint64_t
client_deadline_ms(const struct session *s)
{
	const struct client_side *c = s->client;
	uint64_t spoke_ms = c->asked_ms > s->active_ms ? c->asked_ms : s->active_ms;

	if (s->state != STATE_OPEN)
		return UINT64_MAX;
	if (c->answers_end > c->answers_begin)
		return s->active_ms + IDLE_MS_MAX;
	if (!c->is_waiting)
		return UINT64_MAX;
	if (c->n_pings > 0) /* a ping that was not said back */
		return spoke_ms + IDLE_MS_MAX;
	return c->stays ? spoke_ms + PING_MS : s->active_ms + WAIT_MS_MAX;
}

void
client_tick(struct session *s, uint64_t now_ms)
{
	struct client_side *c = s->client;
	struct message m = {.kind = MSG_PING};

	if (s->state != STATE_OPEN || !c->is_waiting || !c->stays || c->n_pings > 0 ||
	    c->answers_end > c->answers_begin || now_ms < client_deadline_ms(s))
		return;
	core_begin_window(s, now_ms);
	if (core_put(s, &m) != ST_OK || core_seal(s) != ST_OK)
		return;
	c->n_pings = 1;
	c->asked_ms = now_ms;
}
