/* session_serve.c - what the messages of a device ask of the server, step by step: each
 * work is a short list of requests to the driver, told as messages when answered
 * (spec/session.md 5). Pure but for malloc. */
#include "proto/session_server.h"

#include <assert.h>
#include <stdlib.h>

status
serve_spaces(struct server_side *v, const struct space_state *states, size_t n)
{
	struct server_space *spaces = calloc(n, sizeof *spaces);

	if (spaces == NULL)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		spaces[i].state = states[i];
		spaces[i].told =
		    states[i].is_staged ? states[i].staged : states[i].cursor;
		spaces[i].log_told = states[i].log_len;
		spaces[i].keys_told = states[i].log_len;
	}
	free(v->spaces);
	v->spaces = spaces;
	v->n_spaces = n;
	return ST_OK;
}

/* The logs of spaces that were not asked for come before any page, since after the last
 * page the peer expects nothing; and after the log of NET, which introduces them. So NET
 * stands twice: first for its log, then for the rest. */
status
serve_offer(struct server_side *v, const uint16_t *spaces, size_t n)
{
	struct server_space *more = calloc(v->n_spaces + n + 1, sizeof *more);
	size_t used = 1;

	if (more == NULL)
		return ST_NO_MEMORY;
	more[0] = v->spaces[0];
	more[0].is_offered = true;
	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		while (at < v->n_spaces && v->spaces[at].state.space != spaces[i])
			at++;
		if (at == v->n_spaces)
			more[used++] = (struct server_space){
			    .state = {.space = spaces[i]}, .is_offered = true};
	}
	if (used == 1) { /* it listed them all */
		free(more);
		return ST_OK;
	}
	memcpy(more + used, v->spaces, v->n_spaces * sizeof *more);
	free(v->spaces);
	v->spaces = more;
	v->n_spaces += used;
	return ST_OK;
}

void
serve_bye(struct session *s, enum bye_reason reason)
{
	static const enum session_end end_of[BYE_REASON_COUNT] = {
	    [BYE_DONE] = END_BYE,
	    [BYE_REVOKED] = END_REVOKED,
	    [BYE_BUSY] = END_BUSY,
	    [BYE_VERSION] = END_VERSION,
	    [BYE_PROTOCOL] = END_PROTOCOL,
	    [BYE_TIME] = END_DEADLINE,
	};
	struct message m = {.kind = MSG_BYE, .bye = {reason}};

	if (s->state != STATE_OPEN)
		return;
	s->server->work.job = JOB_NONE;
	if (core_put(s, &m) != ST_OK || core_seal(s) != ST_OK)
		return; /* ended by the failure */
	s->end = end_of[reason];
	core_move(s, STATE_BYE);
}

/* ---- beginning ---- */

static void
begin(struct server_side *v, enum server_job job, enum server_step step, uint16_t space)
{
	assert(v->work.job == JOB_NONE && !v->work.is_asked);
	v->work = (struct server_work){.job = job, .step = step, .space = space};
}

static status
begin_pull(struct server_side *v, const struct message *m)
{
	status st = ST_OK;

	if (m->pull.has_spaces)
		st = serve_spaces(v, m->pull.spaces, m->pull.n_spaces);
	if (st != ST_OK)
		return st;
	begin(v, JOB_PULL, STEP_LOGS, 0);
	v->work.is_last = (m->pull.flags & PULL_LAST) != 0;
	v->spaces[0].is_begun = false;
	return ST_OK;
}

static status
say_appended(struct session *s, uint16_t space, enum append_result r, uint32_t detail)
{
	struct message m = {.kind = MSG_APPENDED};

	m.appended.space = space;
	m.appended.result = r;
	m.appended.detail = detail;
	return core_put(s, &m);
}

/* How many records of the log the peer has, as far as this session knows. */
static uint32_t
log_known(const struct server_side *v, uint16_t space)
{
	for (size_t i = 0; i < v->n_spaces; i++)
		if (v->spaces[i].state.space == space)
			return v->spaces[i].log_told;
	return 0;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static status
begin_recover(struct session *s, const struct message *m)
{
	struct message no = {.kind = MSG_RECOVERED};

	if (s->server->standing == PEER_ACTIVE) {
		begin(s->server, JOB_RECOVER, STEP_ASK, m->recover.space);
		return ST_OK;
	}
	no.recovered.space = m->recover.space;
	no.recovered.result = RECOVER_CLOSED;
	return m->recover.is_end ? core_put(s, &no) : ST_OK;
}

status
serve_message(struct session *s, const struct message *m)
{
	struct server_side *v = s->server;

	switch (m->kind) {
	case MSG_PULL:
		return begin_pull(v, m);
	case MSG_APPEND:
		begin(v, JOB_APPEND, STEP_ASK, m->append.space);
		return ST_OK;
	case MSG_BOXES:
		if (v->standing != PEER_ACTIVE)
			return say_appended(s, m->boxes.space, APPEND_REFUSED, 0);
		begin(v, JOB_BOXES, STEP_ASK, m->boxes.space);
		return ST_OK;
	case MSG_RECOVER:
		return begin_recover(s, m);
	case MSG_INVITED:
		begin(v, JOB_INVITED, STEP_LOGS, 0);
		return ST_OK;
	case MSG_LOG:
		begin(v, JOB_LOG, STEP_LOGS, m->log.space);
		v->work.from = m->log.from;
		return ST_OK;
	case MSG_DEVICES:
		begin(v, JOB_DEVICES, STEP_ASK, m->devices.space);
		return ST_OK;
	case MSG_WAIT:
		v->is_waiting = v->standing == PEER_ACTIVE;
		return ST_OK;
	case MSG_PING:
		v->is_waiting = v->standing == PEER_ACTIVE;
		return core_put(s, &(struct message){.kind = MSG_PING});
	case MSG_BYE:
		core_end(s, END_BYE);
		return ST_OK;
	case MSG_HELLO:
	case MSG_PUSH:
	case MSG_VERDICT:
	case MSG_PAGE:
	case MSG_STORE:
	case MSG_DOORBELL:
	case MSG_LOGS:
	case MSG_KEYBOXES:
	case MSG_APPENDED:
	case MSG_RECOVERED:
	case MSG_CONTACTS:
		break;
	}
	assert(false && "session_server.c lets no other message through");
	return ST_BUG;
}

/* ---- asking ---- */

static struct serve_request
ask(struct server_side *v, enum serve_kind kind, uint16_t space)
{
	struct serve_request r = {.kind = kind, .space = space};

	r.number = v->next_number++ & (UINT32_MAX >> 1);
	v->work.is_asked = true;
	v->n_open++;
	return r;
}

static struct serve_request
ask_pull(struct server_side *v)
{
	struct server_space *space = &v->spaces[v->work.i];
	struct serve_request r;

	if (v->work.step == STEP_LOGS) {
		r = ask(v, SERVE_LOGS, space->state.space);
		r.logs.from = space->log_told;
	} else if (v->work.step == STEP_KEYS) {
		r = ask(v, SERVE_KEYBOXES, space->state.space);
		r.keyboxes.from = space->keys_told;
	} else {
		r = ask(v, SERVE_PULL, space->state.space);
		r.pull.state = space->state;
		r.pull.from = space->told;
		r.pull.is_first = !space->is_begun;
		space->is_begun = true;
	}
	return r;
}

static struct serve_request
ask_other(struct session *s)
{
	struct server_side *v = s->server;
	struct serve_request r = {.kind = SERVE_NOTHING};

	if (v->work.step == STEP_LOGS) {
		r = ask(v, SERVE_LOGS, v->work.space);
		r.logs.from = v->work.from;
		return r;
	}
	switch (v->work.job) {
	case JOB_APPEND:
		r = ask(v, SERVE_APPEND, v->work.space);
		r.append = v->message.append;
		break;
	case JOB_BOXES:
		r = ask(v, SERVE_BOXES, v->work.space);
		r.boxes.n_boxes = v->message.boxes.n_boxes;
		r.boxes.boxes = v->message.boxes.boxes;
		break;
	case JOB_INVITED:
		r = ask(v, SERVE_INVITE, 0);
		r.invite.invite = v->message.invited.invite;
		break;
	case JOB_DEVICES:
		r = ask(v, SERVE_DEVICES, v->work.space);
		r.devices.n = v->message.devices.n;
		r.devices.devices = v->message.devices.devices;
		break;
	case JOB_RECOVER:
		r = ask(v, SERVE_RECOVER, v->work.space);
		r.recover = v->message.recover;
		break;
	case JOB_NONE:
	case JOB_PULL:
	case JOB_LOG:
		assert(false && "these have no step of asking");
		break;
	}
	return r;
}

struct serve_request
serve_step(struct session *s)
{
	return s->server->work.job == JOB_PULL ? ask_pull(s->server) : ask_other(s);
}

/* ---- telling ---- */

static status
say_logs(struct session *s, uint16_t space, uint32_t from, const struct serve_answer *a)
{
	struct message m = {.kind = MSG_LOGS};

	assert(a->logs.n_records <= MESSAGE_ELEMENTS_MAX);
	m.logs.space = space;
	m.logs.from = from;
	m.logs.n_records = a->logs.n_records;
	m.logs.records = a->logs.records;
	return core_put(s, &m);
}

/* As many messages as it takes; lists come no later than the boxes that need them. */
static status
say_keys(struct session *s, uint16_t space, const struct key_rows *rows)
{
	struct key_rows left = *rows;
	status st = ST_OK;

	do {
		struct message m = {.kind = MSG_KEYBOXES};
		struct key_rows *part = &m.keyboxes.rows;
		size_t room = PACKET_FILL_BYTES;

		m.keyboxes.space = space;
		part->lists = left.lists;
		while (part->n_lists < left.n_lists &&
		       part->n_lists < MESSAGE_ELEMENTS_MAX &&
		       room >= left.lists[part->n_lists].list.len)
			room -= left.lists[part->n_lists++].list.len;
		left.lists += part->n_lists;
		left.n_lists -= part->n_lists;
		if (left.n_lists == 0) {
			part->boxes = left.boxes;
			part->n_boxes =
			    left.n_boxes < room / 256 ? left.n_boxes : room / 256;
			left.boxes += part->n_boxes;
			left.n_boxes -= part->n_boxes;
		}
		if (left.n_lists == 0 && left.n_boxes == 0) {
			part->wraps = left.wraps;
			part->n_wraps = left.n_wraps < 512 ? left.n_wraps : 512;
			left.wraps += part->n_wraps;
			left.n_wraps -= part->n_wraps;
		}
		st = core_put(s, &m);
	} while (st == ST_OK && left.n_lists + left.n_boxes + left.n_wraps > 0);
	return st;
}

static status
say_store(struct session *s, const struct server_space *space, enum store_state state,
    const struct serve_answer *a)
{
	struct message m = {.kind = MSG_STORE};

	m.store.space = space->state.space;
	m.store.state = state;
	m.store.head = a->pull.page.head;
	m.store.mark = a->pull.mark;
	return core_put(s, &m);
}

/* ---- answers of a pull ---- */

static void
next_space(struct session *s)
{
	struct server_side *v = s->server;

	v->work.step = STEP_LOGS;
	if (++v->work.i < v->n_spaces) {
		v->spaces[v->work.i].is_begun = false;
		return;
	}
	v->work.job = JOB_NONE;
	if (v->work.is_last)
		serve_bye(s, BYE_DONE);
}

static status
answer_pull_logs(struct session *s, const struct serve_answer *a)
{
	struct server_side *v = s->server;
	struct server_space *space = &v->spaces[v->work.i];
	status st = ST_OK;

	if (a->logs.n_records > 0)
		st = say_logs(s, space->state.space, space->log_told, a);
	for (size_t i = 0; i < v->n_spaces; i++) {
		if (v->spaces[i].state.space == space->state.space)
			v->spaces[i].log_told += (uint32_t)a->logs.n_records;
	}
	if (a->logs.is_more)
		return st;
	v->work.step = space->log_told > space->keys_told ? STEP_KEYS : STEP_PAGES;
	if (v->work.step == STEP_PAGES && space->is_offered)
		next_space(s);
	return st;
}

static status
answer_page(struct session *s, const struct serve_answer *a)
{
	struct server_side *v = s->server;
	struct server_space *space = &v->spaces[v->work.i];
	bool is_new = memcmp(a->pull.mark.epoch, space->state.mark.epoch,
			  sizeof space->state.mark.epoch) != 0;
	status st = ST_OK;

	if (a->pull.is_changed) {
		st = say_store(s, space, STORE_CHANGED, a);
		next_space(s);
		return st;
	}
	if (is_new) {
		assert(space->state.cursor == 0);
		st = say_store(s, space, STORE_FIRST, a);
		space->state.mark = a->pull.mark;
	}
	if (st == ST_OK)
		st = serve_page(s, space, &a->pull.page);
	if (st == ST_OK && a->pull.page.kind == PAGE_LAST)
		next_space(s);
	return st;
}

/* A space may stand in the list twice (serve_offer). */
static void
note_keys_told(struct server_side *v, const struct server_space *space)
{
	for (size_t i = 0; i < v->n_spaces; i++) {
		if (v->spaces[i].state.space == space->state.space)
			v->spaces[i].keys_told = space->log_told;
	}
}

static status
answer_pull(struct session *s, const struct serve_answer *a)
{
	struct server_side *v = s->server;
	status st = ST_OK;

	if (v->work.step == STEP_LOGS)
		return answer_pull_logs(s, a);
	if (v->work.step == STEP_PAGES)
		return answer_page(s, a);
	if (a->keyboxes.n_boxes + a->keyboxes.n_wraps > 0)
		st = say_keys(s, v->spaces[v->work.i].state.space, &a->keyboxes);
	note_keys_told(v, &v->spaces[v->work.i]);
	v->work.step = STEP_PAGES;
	if (v->spaces[v->work.i].is_offered)
		next_space(s);
	return st;
}

/* ---- answers of the other works ---- */

static status
end_append(struct session *s)
{
	struct server_work *work = &s->server->work;

	work->job = JOB_NONE;
	if (work->result == APPEND_OK)
		s->server->knows_peer =
		    false; /* a JOIN, RENEW or REVOKE changes who it is */
	return say_appended(s, work->space, work->result, work->detail);
}

static status
answer_append(struct session *s, const struct serve_answer *a)
{
	struct server_work *work = &s->server->work;

	work->result = a->append.result;
	work->detail = a->append.detail;
	if (work->result != APPEND_HEAD)
		return end_append(s);
	work->step = STEP_LOGS;
	if (work->space != 0) { /* its records cite those of NET */
		work->has_after = true;
		work->after = work->space;
		work->space = 0;
	}
	work->from = log_known(s->server, work->space);
	return ST_OK;
}

/* The logs that a work needed are told: what comes after them. */
static status
end_logs(struct session *s)
{
	struct server_work *work = &s->server->work;
	struct serve_answer nothing = {0};
	status st;

	if (work->job == JOB_APPEND && work->has_after) {
		work->has_after = false;
		work->space = work->after;
		work->from = log_known(s->server, work->space);
		return ST_OK;
	}
	if (work->job == JOB_APPEND)
		return end_append(s);
	if (work->job == JOB_INVITED) {
		work->step = STEP_ASK;
		return ST_OK;
	}
	assert(work->job == JOB_LOG);
	st = say_logs(s, work->space, work->from, &nothing);
	work->job = JOB_NONE;
	return st;
}

static status
answer_logs(struct session *s, const struct serve_answer *a)
{
	struct server_side *v = s->server;
	status st = ST_OK;

	if (a->logs.n_records > 0)
		st = say_logs(s, v->work.space, v->work.from, a);
	v->work.from += (uint32_t)a->logs.n_records;
	for (size_t i = 0; i < v->n_spaces; i++)
		if (v->work.job == JOB_APPEND &&
		    v->spaces[i].state.space == v->work.space)
			v->spaces[i].log_told = v->work.from;
	if (st != ST_OK || a->logs.is_more)
		return st;
	return end_logs(s);
}

static status
answer_invite(struct session *s, const struct serve_answer *a)
{
	struct server_work *work = &s->server->work;
	struct message end = {.kind = MSG_KEYBOXES}; /* without rows */
	status st;

	if (a->invite.is_known && a->invite.space != 0 && !work->is_found) {
		work->is_found = true; /* first its log, then ask again for the boxes */
		work->space = a->invite.space;
		work->from = 0;
		work->step = STEP_LOGS;
		return ST_OK;
	}
	work->job = JOB_NONE;
	if (a->invite.is_known && a->invite.rows.n_boxes > 0) {
		st = say_keys(s, a->invite.space, &a->invite.rows);
		if (st != ST_OK)
			return st;
	}
	return core_put(s, &end);
}

static status
answer_recover(struct session *s, const struct serve_answer *a)
{
	struct server_side *v = s->server;
	struct message m = {.kind = MSG_RECOVERED};

	v->work.job = JOB_NONE;
	if (!v->message.recover.is_end)
		return ST_OK;
	m.recovered.space = v->work.space;
	m.recovered.result = a->recovered;
	return core_put(s, &m);
}

/* Rows, cuts and gaps in as many messages as their bytes need. */
static status
answer_devices(struct session *s, const struct serve_answer *a)
{
	struct contacts left = a->contacts;
	status st = ST_OK;
	struct message m = {.kind = MSG_CONTACTS};

	s->server->work.job = JOB_NONE;
	m.contacts.space = s->server->work.space;
	m.contacts.head = left.head;
	m.contacts.has_gaps = left.has_gaps;
	do {
		struct contacts *part = &m.contacts;

		part->rows = left.rows;
		part->n_rows = least(left.n_rows, ROWS_BYTES_MAX / CONTACT_ROW_BYTES);
		part->cuts = left.cuts;
		part->n_cuts = least(left.n_cuts, ROWS_BYTES_MAX / CUT_ROW_BYTES);
		left.n_rows -= part->n_rows;
		left.n_cuts -= part->n_cuts;
		left.rows = left.n_rows == 0 ? NULL : left.rows + part->n_rows;
		left.cuts = left.n_cuts == 0 ? NULL : left.cuts + part->n_cuts;
		part->gaps = left.gaps;
		part->n_gaps = least(left.n_gaps, ROWS_BYTES_MAX / GAP_ROW_BYTES);
		left.n_gaps -= part->n_gaps;
		left.gaps = left.n_gaps == 0 ? NULL : left.gaps + part->n_gaps;
		part->is_end = left.n_rows + left.n_cuts + left.n_gaps == 0;
		st = core_put(s, &m);
	} while (st == ST_OK && !m.contacts.is_end);
	return st;
}

static status
answer_other(struct session *s, const struct serve_answer *a)
{
	if (s->server->work.step == STEP_LOGS)
		return answer_logs(s, a);
	switch (s->server->work.job) {
	case JOB_APPEND:
		return answer_append(s, a);
	case JOB_BOXES:
		s->server->work.job = JOB_NONE;
		return say_appended(
		    s, s->server->work.space, a->append.result, a->append.detail);
	case JOB_INVITED:
		return answer_invite(s, a);
	case JOB_DEVICES:
		return answer_devices(s, a);
	case JOB_RECOVER:
		return answer_recover(s, a);
	case JOB_NONE:
	case JOB_PULL:
	case JOB_LOG:
		break;
	}
	assert(false && "these have no step of asking");
	return ST_BUG;
}

void
serve_answer_work(struct session *s, const struct serve_answer *a)
{
	status st =
	    s->server->work.job == JOB_PULL ? answer_pull(s, a) : answer_other(s, a);

	if (st != ST_OK)
		core_end(s, END_BUSY);
}
