/* session_device.h - a device of the season and the server it syncs with, in memory; it
 * notes every event of its session. Include cmocka.h first. */
#ifndef TESTS_SESSION_DEVICE_H
#define TESTS_SESSION_DEVICE_H

#include "unit/session_pair.h"

/* What the device of a test has seen and holds. */
struct device {
	struct space_state states[2];
	size_t n_states;
	size_t n_push; /* of these it pushes: */
	uint16_t push_space[40];
	struct span push[40];
	bool is_stored[40]; /* an own row or a page has shown it */
	enum verdict verdict[40];
	size_t n_verdicts;
	uint64_t server_time_s;
	size_t n_pages;
	size_t n_batches;
	size_t n_own;
	size_t n_dead;
	size_t n_graves;
	size_t n_logs;
	size_t n_records;
	size_t n_doorbells;
	size_t n_contacts, n_cuts, n_contact_ends;
	size_t n_pulls_done;
	size_t n_store;
	enum store_state store;
	enum append_result append;
	size_t n_appended;
	enum recover_result recovered;
	size_t n_keyboxes;
	enum session_end closed;
	size_t n_closed;
	bool is_last; /* the pull asks for BYE */
	bool no_pull;
	void (*on_ready)(struct pair *p, struct device *d);
	void (*on_pull_done)(struct pair *p, struct device *d);
	/* staged pages of a pull that has not ended */
	size_t staged_own;
};

static inline struct space_state *
device_state(struct device *d, uint16_t space)
{
	for (size_t i = 0; i < d->n_states; i++)
		if (d->states[i].space == space)
			return &d->states[i];
	abort(); /* no test hears of others */
}

static inline void
day_ready(struct pair *p, struct device *d)
{
	for (size_t i = 0; i < d->n_push; i++)
		assert_int_equal(
		    session_push(p->client, d->push_space[i], d->push[i]), ST_OK);
	if (!d->no_pull)
		assert_int_equal(session_pull(p->client, d->is_last, NULL, 0), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static inline void
take_page(struct device *d, const struct page *page)
{
	struct space_state *s = device_state(d, page->space);

	d->n_pages++;
	d->n_batches += page->n_batches;
	d->n_own += page->n_own;
	d->n_dead += page->n_dead;
	d->n_graves += page->n_graves;
	for (size_t i = 0; i < page->n_own; i++)
		if (page->own[i].push < d->n_push)
			d->is_stored[page->own[i].push] = true;
	for (size_t i = 0; i < page->n_batches; i++)
		for (size_t k = 0; k < d->n_push; k++)
			if (span_equal(page->batches[i].wire, d->push[k]))
				d->is_stored[k] = true;
	if (page->kind == PAGE_LAST) {
		s->cursor = page->head;
		s->is_staged = false;
		memcpy(s->mark.hash, page->hash, 8);
	} else {
		s->is_staged = true;
		s->staged = page->head;
		memcpy(s->staged_hash, page->hash, 8);
	}
}

static inline void
note_event(struct pair *p, const struct client_event *e)
{
	struct device *d = p->ctx;

	switch (e->kind) {
	case CLIENT_READY:
		d->server_time_s = e->server_time_s;
		d->on_ready(p, d);
		break;
	case CLIENT_VERDICT:
		assert_int_equal(e->verdict.push, d->n_verdicts);
		if (e->verdict.push < 40)
			d->verdict[e->verdict.push] = e->verdict.code;
		d->n_verdicts++;
		break;
	case CLIENT_APPENDED:
		d->append = e->appended.result;
		d->n_appended++;
		break;
	case CLIENT_LOGS:
		d->n_logs++;
		d->n_records += e->logs.n_records;
		break;
	case CLIENT_KEYBOXES:
		d->n_keyboxes++;
		break;
	case CLIENT_STORE:
		d->n_store++;
		d->store = e->store.state;
		device_state(d, e->space)->mark = e->store.mark;
		break;
	case CLIENT_PAGE:
		take_page(d, &e->page);
		break;
	case CLIENT_PULL_DONE:
		d->n_pulls_done++;
		if (d->on_pull_done != NULL)
			d->on_pull_done(p, d);
		break;
	case CLIENT_CONTACTS:
		d->n_contacts += e->contacts.n_rows;
		d->n_cuts += e->contacts.n_cuts;
		d->n_contact_ends += e->contacts.is_end;
		break;
	case CLIENT_RECOVERED:
		d->recovered = e->recovered;
		break;
	case CLIENT_DOORBELL:
		d->n_doorbells++;
		break;
	case CLIENT_CLOSED:
		d->closed = e->closed;
		d->n_closed++;
		break;
	case CLIENT_NOTHING:
	case CLIENT_EVENT_COUNT:
		break;
	}
}

/* A server with NET and the country at position 3, as after a season; a device that has
 * pulled everything. */
struct season {
	struct pair pair;
	struct device device;
	uint8_t batch[2][1000];
};

static inline void
season_begin(struct season *w)
{
	static const uint64_t heads[2] = {4711, 52000};
	struct fake_server *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*w = (struct season){.pair = {.fake = f, .on_event = note_event, .now_ms = 1000}};
	w->pair.ctx = &w->device;
	f->standing = PEER_ACTIVE;
	f->page_batches = 100;
	f->n_spaces = 2;
	w->device.n_states = 2;
	w->device.is_last = true;
	w->device.on_ready = day_ready;
	for (size_t i = 0; i < 2; i++) {
		struct fake_space *s = &f->spaces[i];
		struct space_state *state = &w->device.states[i];

		s->space = i == 0 ? 0 : 3;
		memcpy(s->mark.epoch, "EPOC", 4);
		s->base = heads[i];
		s->log_base = 300;
		state->space = s->space;
		state->log_len = 300;
		state->cursor = heads[i];
		memcpy(state->mark.epoch, "EPOC", 4);
		fake_hash(heads[i], state->mark.hash);
	}
}

static inline void
season_end(struct season *w)
{
	pair_close(&w->pair);
	fake_free(w->pair.fake);
}

static inline void
season_sync(struct season *w)
{
	w->device.n_verdicts = 0;
	pair_open(&w->pair, w->device.states, w->device.n_states);
	pair_run(&w->pair);
}

static inline void
add_push(struct season *w, uint16_t space, uint8_t *bytes, size_t len, char first)
{
	struct device *d = &w->device;

	memset(bytes, first, len);
	bytes[1] = (uint8_t)d->n_push;
	d->push_space[d->n_push] = space;
	d->push[d->n_push++] = span_of(bytes, len);
}

#endif
