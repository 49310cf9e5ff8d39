/* session_events.c - what the server's messages mean to the device: one event each, in
 * the order of the requests that they answer (spec/session.md). Pure. */
#include <assert.h>

#include "proto/session_client.h"

/* ---- pages ---- */

static struct space_state *
state_of(struct client_side *c, uint16_t space)
{
	for (size_t i = 0; i < c->n_spaces; i++)
		if (c->spaces[i].space == space)
			return &c->spaces[i];
	return NULL;
}

/* Up to where the pages told what there is. */
static uint64_t
told_up_to(const struct space_state *s)
{
	return s->is_staged ? s->staged : s->cursor;
}

/* The last k pushes of the space among the first n of the session. */
static status
resolve_run(const struct client_side *c, uint32_t n, struct arena *a, struct page *p)
{
	uint32_t left = p->own_run;
	struct own_row *rows;

	if (left == 0)
		return ST_OK;
	rows = arena_zeros(a, left, sizeof *rows);
	if (rows == NULL)
		return ST_NO_MEMORY;
	while (left > 0 && n > 0) {
		n--;
		if (c->push_spaces[n] != p->space)
			continue;
		left--;
		rows[left].push = n;
		rows[left].lsn = p->head - (p->own_run - 1 - left);
	}
	if (left > 0)
		return ST_MALFORMED;
	p->own = rows;
	p->n_own = p->own_run;
	p->own_run = 0;
	return ST_OK;
}

static bool
own_rows_fit(const struct client_side *c, uint32_t n, const struct page *p)
{
	for (size_t i = 0; i < p->n_own; i++)
		if (p->own[i].push >= n || c->push_spaces[p->own[i].push] != p->space ||
		    p->own[i].lsn == 0 || p->own[i].lsn > p->head)
			return false;
	return true;
}

static void
advance(struct space_state *s, const struct page *p)
{
	if (p->kind != PAGE_LAST) {
		s->is_staged = true;
		s->staged = p->head;
		memcpy(s->staged_hash, p->hash, sizeof s->staged_hash);
		return;
	}
	s->is_staged = false;
	s->cursor = p->head;
	memcpy(s->mark.hash, p->hash, sizeof s->mark.hash);
}

status
client_take_page(struct client_side *c, const struct client_expected *pull,
    struct arena *a, struct page *p, struct trouble *t)
{
	struct space_state *s = state_of(c, p->space);
	status st;

	if (s == NULL)
		return trouble_set(
		    t, ST_MALFORMED, "a page of a space that was not asked");
	if (p->is_short)
		p->from = told_up_to(s);
	if (p->from > told_up_to(s))
		return trouble_set(t, ST_MALFORMED, "a page leaves a hole");
	if (p->head < p->from)
		return trouble_set(t, ST_MALFORMED, "a page goes backwards");
	st = resolve_run(c, pull->n_pushes, a, p);
	if (st != ST_OK)
		return trouble_set(t, st, "own pushes that were not said");
	if (!own_rows_fit(c, pull->n_pushes, p))
		return trouble_set(t, ST_MALFORMED, "own rows that do not fit");
	advance(s, p);
	return ST_OK;
}

/* ---- messages ---- */

static struct client_expected *
oldest(struct client_side *c)
{
	return c->answers_begin < c->answers_end ? &c->answers[c->answers_begin] : NULL;
}

static bool
is_owed(struct client_side *c, enum client_answer kind)
{
	struct client_expected *e = oldest(c);

	return e != NULL && e->kind == kind;
}

static void
settle(struct client_side *c)
{
	struct client_expected *e = oldest(c);

	assert(e != NULL && e->n > 0);
	if (--e->n > 0)
		return;
	if (e->kind == ANSWER_PULL || e->kind == ANSWER_LOG || e->kind == ANSWER_INVITED)
		c->is_pull_done = true;
	c->answers_begin++;
}

static struct client_event
next_verdict(struct client_side *c)
{
	struct client_event e = {.kind = CLIENT_VERDICT};
	size_t i = c->next_verdict++;

	e.verdict.push = c->n_verdicts++;
	e.verdict.code = (enum verdict)c->verdicts.verdict.codes[i];
	e.verdict.detail = c->verdicts.verdict.details[i];
	e.space = c->push_spaces[e.verdict.push];
	settle(c);
	return e;
}

/* Each of the following turns a message into an event, or into CLIENT_NOTHING when it is
 * only noted; false when it was not to come now. */

static bool
take_verdicts(struct client_side *c, const struct message *m, struct client_event *e)
{
	const struct client_expected *owed = oldest(c);

	if (owed == NULL || owed->kind != ANSWER_VERDICTS || owed->n < m->verdict.n)
		return false;
	c->verdicts = *m;
	c->next_verdict = 0;
	*e = next_verdict(c);
	return true;
}

static bool
take_store(struct client_side *c, const struct message *m, struct client_event *e)
{
	struct space_state *s = state_of(c, m->store.space);

	if (!is_owed(c, ANSWER_PULL) || s == NULL)
		return false;
	e->kind = CLIENT_STORE;
	e->space = m->store.space;
	e->store.state = m->store.state;
	e->store.head = m->store.head;
	e->store.mark = m->store.mark;
	s->mark = m->store.mark;
	s->is_staged = false;
	if (m->store.state == STORE_CHANGED)
		settle(c);
	return true;
}

static bool
take_logs(struct client_side *c, const struct message *m, struct client_event *e)
{
	struct space_state *s = state_of(c, m->logs.space);

	if (oldest(c) == NULL || is_owed(c, ANSWER_VERDICTS))
		return false;
	if (m->logs.n_records == 0) {
		if (!is_owed(c, ANSWER_LOG))
			return false;
		settle(c);
		return true;
	}
	if (s != NULL && s->log_len < m->logs.from + m->logs.n_records)
		s->log_len = m->logs.from + (uint32_t)m->logs.n_records;
	e->kind = CLIENT_LOGS;
	e->space = m->logs.space;
	e->logs.from = m->logs.from;
	e->logs.n_records = m->logs.n_records;
	e->logs.records = m->logs.records;
	return true;
}

static bool
take_keyboxes(struct client_side *c, const struct message *m, struct client_event *e)
{
	if (!is_owed(c, ANSWER_PULL) && !is_owed(c, ANSWER_INVITED))
		return false;
	if (is_owed(c, ANSWER_INVITED) && m->keyboxes.rows.n_boxes == 0 &&
	    m->keyboxes.rows.n_lists == 0 && m->keyboxes.rows.n_wraps == 0) {
		settle(c); /* the end of the answer */
		return true;
	}
	e->kind = CLIENT_KEYBOXES;
	e->space = m->keyboxes.space;
	e->keyboxes = m->keyboxes.rows;
	return true;
}

static bool
take_page(struct session *s, struct message *m, struct client_event *e)
{
	struct client_side *c = s->client;
	const struct client_expected *owed = oldest(c);

	if (owed == NULL || owed->kind != ANSWER_PULL ||
	    client_take_page(c, owed, s->arena, &m->page, NULL) != ST_OK)
		return false;
	if (m->page.kind == PAGE_LAST)
		settle(c);
	e->kind = CLIENT_PAGE;
	e->space = m->page.space;
	e->page = m->page;
	return true;
}

static bool
take_appended(struct client_side *c, const struct message *m, struct client_event *e)
{
	if (!is_owed(c, ANSWER_APPENDED))
		return false;
	settle(c);
	e->kind = CLIENT_APPENDED;
	e->space = m->appended.space;
	e->appended.result = m->appended.result;
	e->appended.detail = m->appended.detail;
	return true;
}

static bool
take_recovered(struct client_side *c, const struct message *m, struct client_event *e)
{
	if (!is_owed(c, ANSWER_RECOVERED))
		return false;
	settle(c);
	e->kind = CLIENT_RECOVERED;
	e->space = m->recovered.space;
	e->recovered = m->recovered.result;
	return true;
}

static bool
take_contacts(struct client_side *c, const struct message *m, struct client_event *e)
{
	if (!is_owed(c, ANSWER_CONTACTS))
		return false;
	if (m->contacts.is_end)
		settle(c);
	e->kind = CLIENT_CONTACTS;
	e->space = m->contacts.space;
	e->contacts = m->contacts;
	return true;
}

static void
take_bye(struct session *s, const struct message *m)
{
	static const enum session_end end_of[BYE_REASON_COUNT] = {
	    [BYE_DONE] = END_BYE,
	    [BYE_REVOKED] = END_REVOKED,
	    [BYE_BUSY] = END_BUSY,
	    [BYE_VERSION] = END_VERSION,
	    [BYE_PROTOCOL] = END_PROTOCOL,
	    [BYE_TIME] = END_DEADLINE,
	};
	bool is_early = m->bye.reason == BYE_DONE &&
			s->client->answers_begin < s->client->answers_end;

	core_end(s, is_early ? END_PROTOCOL : end_of[m->bye.reason]);
}

static bool
take_message(struct session *s, struct message *m, struct client_event *e)
{
	struct client_side *c = s->client;

	switch (m->kind) {
	case MSG_VERDICT:
		return take_verdicts(c, m, e);
	case MSG_PAGE:
		return take_page(s, m, e);
	case MSG_STORE:
		return take_store(c, m, e);
	case MSG_LOGS:
		return take_logs(c, m, e);
	case MSG_KEYBOXES:
		return take_keyboxes(c, m, e);
	case MSG_APPENDED:
		return take_appended(c, m, e);
	case MSG_RECOVERED:
		return take_recovered(c, m, e);
	case MSG_CONTACTS:
		return take_contacts(c, m, e);
	case MSG_DOORBELL:
		e->kind = CLIENT_DOORBELL;
		e->space = m->doorbell.space;
		return true;
	case MSG_PING:
		if (c->n_pings == 0)
			return false;
		c->n_pings = 0;
		return true;
	case MSG_BYE:
		take_bye(s, m);
		return true;
	case MSG_HELLO:
	case MSG_PUSH:
	case MSG_PULL:
	case MSG_APPEND:
	case MSG_BOXES:
	case MSG_RECOVER:
	case MSG_INVITED:
	case MSG_WAIT:
	case MSG_LOG:
	case MSG_DEVICES:
		return false; /* only a device says these */
	}
	return false;
}

/* Events of the received packet; CLIENT_NOTHING when it is used up. */
static struct client_event
event_of_packet(struct session *s)
{
	struct client_event e = {.kind = CLIENT_NOTHING};
	struct message m;

	while (s->has_packet && e.kind == CLIENT_NOTHING && s->state == STATE_OPEN) {
		if (s->received.n_left == 0) {
			core_drop_packet(s);
			break;
		}
		if (packet_next(&s->received, s->arena, &m, NULL) != ST_OK ||
		    !take_message(s, &m, &e)) {
			core_end(s, END_PROTOCOL);
			return (struct client_event){.kind = CLIENT_NOTHING};
		}
		if (s->client->is_pull_done && e.kind == CLIENT_NOTHING)
			break;
	}
	return e;
}

struct client_event
session_next_event(struct session *s, uint64_t now_ms)
{
	struct client_side *c = s->client;
	struct client_event e = {.kind = CLIENT_NOTHING};

	(void)now_ms;
	assert(c != NULL);
	if (c->has_news) {
		c->has_news = false;
		e.kind = CLIENT_READY;
		e.server_time_s = c->server_time_s;
		return e;
	}
	if (s->state == STATE_OPEN && c->next_verdict < c->verdicts.verdict.n)
		return next_verdict(c);
	if (s->state == STATE_OPEN && !c->is_pull_done)
		e = event_of_packet(s);
	if (e.kind == CLIENT_NOTHING && c->is_pull_done) {
		c->is_pull_done = false;
		e.kind = CLIENT_PULL_DONE;
		return e;
	}
	if (e.kind == CLIENT_NOTHING && s->state == STATE_OVER && !c->is_closed_told) {
		c->is_closed_told = true;
		e.kind = CLIENT_CLOSED;
		e.closed = s->end;
	}
	return e;
}
