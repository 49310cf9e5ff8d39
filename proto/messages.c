/* messages.c - the tables of messages and verdicts, and how messages are written
 * (spec/messages.md). Reading them is messages_read.c. Pure. */
#include "proto/messages.h"

#include <assert.h>

#include "proto/frame.h"
#include "proto/pack.h"
#include "proto/shape.h"

_Static_assert((int)MESSAGE_DEPTH_MAX == (int)SHAPE_DEPTH_MAX, "one depth");
_Static_assert((int)MESSAGE_ELEMENTS_MAX == (int)SHAPE_ELEMENTS_MAX, "one count");
_Static_assert((int)PAGE_BATCHES_MAX <= (int)MESSAGE_ELEMENTS_MAX, "pages fit arrays");

enum {
	HEAD_BYTES_MAX = 9,    /* of any msgpack element */
	FIXED_BYTES_MAX = 128, /* every message without its lists */
	STATE_BYTES_MAX = 64,  /* one space_state */
	ROW_FIXED_BYTES = 32,  /* positions and heads of a row of keys */
};

static const struct {
	enum message_kind kind;
	const char *name;
	unsigned from;
} kinds[] = {
#define X(name, number, from, least, most, says) {name, #name, (from)},
    MESSAGES(X)
#undef X
};

static const struct {
	enum verdict verdict;
	const char *name;
	const char *text;
} verdicts[] = {
#define X(name, number, text) {name, #name, text},
    VERDICTS(X)
#undef X
};

const char *
message_name(enum message_kind kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return NULL;
}

unsigned
message_from(enum message_kind kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].kind == kind)
			return kinds[i].from;
	return 0;
}

const char *
verdict_name(enum verdict v)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		if (verdicts[i].verdict == v)
			return verdicts[i].name;
	return NULL;
}

const char *
verdict_text(enum verdict v)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		if (verdicts[i].verdict == v)
			return verdicts[i].text;
	return NULL;
}

static void
put_lsn(struct writer *w, uint64_t lsn)
{
	assert(lsn <= LSN_MAX);
	writer_u16(w, (uint16_t)(lsn >> 32));
	writer_u32(w, (uint32_t)lsn);
}

/* Two byte strings as one bin. */
static void
put_pair(struct writer *w, const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	pack_put_bin_head(w, a_len + b_len);
	writer_bytes(w, a, a_len);
	writer_bytes(w, b, b_len);
}

/* ---- parts ---- */

static void
write_state(struct writer *w, const struct space_state *s)
{
	pack_put_array(w, s->is_staged ? 7 : 4);
	pack_put_uint(w, s->space);
	pack_put_uint(w, s->log_len);
	pack_put_uint(w, s->cursor);
	put_pair(
	    w, s->mark.epoch, sizeof s->mark.epoch, s->mark.hash, sizeof s->mark.hash);
	if (!s->is_staged)
		return;
	pack_put_uint(w, s->staged);
	pack_put_bin(w, span_of(s->staged_hash, sizeof s->staged_hash));
	pack_put_uint(w, s->staged_log_len);
}

static void
write_states(struct writer *w, const struct space_state *states, size_t n)
{
	assert(n <= HELLO_SPACES_MAX);
	pack_put_array(w, n);
	for (size_t i = 0; i < n; i++)
		write_state(w, &states[i]);
}

static void
write_spans(struct writer *w, const struct span *spans, size_t n)
{
	assert(n <= MESSAGE_ELEMENTS_MAX);
	pack_put_array(w, n);
	for (size_t i = 0; i < n; i++)
		pack_put_bin(w, spans[i]);
}

/* Spans of one length each, end to end in one bin. */
static void
write_joined(struct writer *w, const struct span *spans, size_t n, size_t each)
{
	pack_put_bin_head(w, n * each);
	for (size_t i = 0; i < n; i++) {
		assert(spans[i].len == each);
		writer_span(w, spans[i]);
	}
}

static void
write_graves(struct writer *w, const struct grave_row *rows, size_t n)
{
	pack_put_bin_head(w, n * GRAVE_ROW_BYTES);
	for (size_t i = 0; i < n; i++) {
		writer_u16(w, rows[i].scope);
		writer_bytes(w, rows[i].subject.bytes, sizeof rows[i].subject.bytes);
	}
}

static void
write_doa(struct writer *w, const struct doa_row *rows, size_t n)
{
	pack_put_bin_head(w, n * DOA_ROW_BYTES);
	for (size_t i = 0; i < n; i++) {
		writer_bytes(w, rows[i].dot.batch.bytes, sizeof rows[i].dot.batch.bytes);
		writer_u8(w, rows[i].dot.index);
		writer_u16(w, rows[i].scope);
		writer_bytes(w, rows[i].record.bytes, sizeof rows[i].record.bytes);
	}
}

static void
write_dead(struct writer *w, const struct dead_row *rows, size_t n)
{
	pack_put_bin_head(w, n * DEAD_ROW_BYTES);
	for (size_t i = 0; i < n; i++) {
		put_lsn(w, rows[i].born);
		writer_u8(w, rows[i].index);
	}
}

static void
write_own(struct writer *w, const struct page *p)
{
	if (p->n_own == 0) {
		pack_put_uint(w, p->own_run);
		return;
	}
	assert(p->own_run == 0 && p->n_own <= OWN_ROWS_MAX);
	pack_put_bin_head(w, p->n_own * OWN_ROW_BYTES);
	for (size_t i = 0; i < p->n_own; i++) {
		put_lsn(w, p->own[i].lsn);
		writer_u32(w, p->own[i].push);
	}
}

/* ---- messages ---- */

static void
write_page(struct writer *w, const struct page *p)
{
	assert(!p->is_short || (p->kind == PAGE_LAST && p->n_batches == 0));
	assert(!p->is_short || (p->n_dead == 0 && p->n_graves == 0 && p->n_doa == 0));
	pack_put_array(w, p->is_short ? 6 : 12);
	pack_put_uint(w, MSG_PAGE);
	pack_put_uint(w, p->space);
	pack_put_uint(w, p->head);
	pack_put_uint(w, p->log_len);
	put_pair(w, p->hash, sizeof p->hash, p->log_head, sizeof p->log_head);
	write_own(w, p);
	if (p->is_short)
		return;
	pack_put_uint(w, (uint64_t)p->kind | (p->lists_live ? 4U : 0U));
	pack_put_uint(w, p->from);
	assert(p->n_batches <= PAGE_BATCHES_MAX);
	pack_put_array(w, p->n_batches);
	for (size_t i = 0; i < p->n_batches; i++) {
		pack_put_array(w, 2);
		pack_put_uint(w, p->batches[i].lsn);
		pack_put_bin(w, p->batches[i].wire);
	}
	write_dead(w, p->dead, p->n_dead);
	write_graves(w, p->graves, p->n_graves);
	write_doa(w, p->doa, p->n_doa);
}

static void
write_verdicts(struct writer *w, const struct message *m)
{
	assert(m->verdict.n >= 1 && m->verdict.n < MESSAGE_ELEMENTS_MAX);
	pack_put_array(w, 1 + m->verdict.n);
	pack_put_uint(w, MSG_VERDICT);
	for (size_t i = 0; i < m->verdict.n; i++) {
		if (m->verdict.details[i] == 0) {
			pack_put_uint(w, m->verdict.codes[i]);
			continue;
		}
		pack_put_array(w, 2);
		pack_put_uint(w, m->verdict.codes[i]);
		pack_put_uint(w, m->verdict.details[i]);
	}
}

static void
write_append(struct writer *w, const struct append *a)
{
	assert(a->n_boxes <= APPEND_BOXES_MAX);
	pack_put_array(w, 6);
	pack_put_uint(w, MSG_APPEND);
	pack_put_uint(w, a->space);
	pack_put_bin(w, a->record);
	write_spans(w, a->lists, a->n_lists);
	write_joined(w, a->boxes, a->n_boxes, KEY_BOX_BYTES);
	write_joined(w, a->wraps, a->n_wraps, WRAPPED_SEED_BYTES);
}

static void
write_box_rows(struct writer *w, const struct box_row *rows, size_t n)
{
	assert(n <= MESSAGE_ELEMENTS_MAX);
	pack_put_array(w, n);
	for (size_t i = 0; i < n; i++) {
		assert(rows[i].box.len == KEY_BOX_BYTES);
		pack_put_array(w, 5);
		pack_put_uint(w, rows[i].position);
		pack_put_uint(w, rows[i].space);
		pack_put_uint(w, rows[i].scope);
		pack_put_uint(w, rows[i].epoch);
		pack_put_bin(w, rows[i].box);
	}
}

static void
write_keyboxes(struct writer *w, const struct message *m)
{
	const struct key_rows *rows = &m->keyboxes.rows;

	pack_put_array(w, 5);
	pack_put_uint(w, MSG_KEYBOXES);
	pack_put_uint(w, m->keyboxes.space);
	write_box_rows(w, rows->boxes, rows->n_boxes);
	assert(rows->n_lists <= MESSAGE_ELEMENTS_MAX);
	pack_put_array(w, rows->n_lists);
	for (size_t i = 0; i < rows->n_lists; i++) {
		pack_put_array(w, 3);
		pack_put_uint(w, rows->lists[i].position);
		pack_put_uint(w, rows->lists[i].scope);
		pack_put_bin(w, rows->lists[i].list);
	}
	assert(rows->n_wraps <= MESSAGE_ELEMENTS_MAX);
	pack_put_array(w, rows->n_wraps);
	for (size_t i = 0; i < rows->n_wraps; i++) {
		assert(rows->wraps[i].wrap.len == WRAPPED_SEED_BYTES);
		pack_put_array(w, 3);
		pack_put_uint(w, rows->wraps[i].scope);
		pack_put_uint(w, rows->wraps[i].epoch);
		pack_put_bin(w, rows->wraps[i].wrap);
	}
}

static void
write_recover(struct writer *w, const struct recover *r)
{
	pack_put_array(w, 7);
	pack_put_uint(w, MSG_RECOVER);
	pack_put_uint(w, r->space);
	pack_put_uint(w, r->is_end ? 1 : 0);
	pack_put_bin_head(w, r->n_ids * sizeof r->ids->bytes);
	for (size_t i = 0; i < r->n_ids; i++)
		writer_bytes(w, r->ids[i].bytes, sizeof r->ids[i].bytes);
	write_spans(w, r->batches, r->n_batches);
	write_graves(w, r->graves, r->n_graves);
	write_doa(w, r->doa, r->n_doa);
}

static void
write_devices(struct writer *w, const struct message *m)
{
	assert(m->devices.n <= DEVICES_ASKED_MAX);
	pack_put_array(w, 3);
	pack_put_uint(w, MSG_DEVICES);
	pack_put_uint(w, m->devices.space);
	pack_put_array(w, m->devices.n);
	for (size_t i = 0; i < m->devices.n; i++)
		pack_put_uint(w, m->devices.devices[i]);
}

static void
write_contacts(struct writer *w, const struct contacts *c)
{
	pack_put_array(w, c->has_gaps ? 7 : 6);
	pack_put_uint(w, MSG_CONTACTS);
	pack_put_uint(w, c->space);
	pack_put_uint(w, c->is_end ? 1 : 0);
	pack_put_uint(w, c->head);
	pack_put_bin_head(w, c->n_rows * CONTACT_ROW_BYTES);
	for (size_t i = 0; i < c->n_rows; i++) {
		writer_u16(w, c->rows[i].home);
		writer_u16(w, c->rows[i].device);
		put_lsn(w, c->rows[i].time_s);
		put_lsn(w, c->rows[i].cursor);
		put_lsn(w, c->rows[i].last);
	}
	pack_put_bin_head(w, c->n_cuts * CUT_ROW_BYTES);
	for (size_t i = 0; i < c->n_cuts; i++) {
		writer_u16(w, c->cuts[i].device);
		writer_u16(w, c->cuts[i].space);
		writer_u16(w, c->cuts[i].scope);
		writer_bytes(w, c->cuts[i].last.bytes, sizeof c->cuts[i].last.bytes);
	}
	if (!c->has_gaps)
		return;
	pack_put_bin_head(w, c->n_gaps * GAP_ROW_BYTES);
	for (size_t i = 0; i < c->n_gaps; i++) {
		writer_u16(w, c->gaps[i].home);
		writer_u16(w, c->gaps[i].device);
		writer_u16(w, c->gaps[i].scope);
		writer_bytes(
		    w, c->gaps[i].missing.bytes, sizeof c->gaps[i].missing.bytes);
		put_lsn(w, c->gaps[i].lsn);
	}
}

static void
write_hello(struct writer *w, const struct message *m)
{
	pack_put_array(w, m->hello.has_pull ? 4 : 3);
	pack_put_uint(w, MSG_HELLO);
	pack_put_uint(w, m->hello.incarnation);
	write_states(w, m->hello.spaces, m->hello.n_spaces);
	if (m->hello.has_pull)
		pack_put_uint(w, m->hello.flags);
}

static void
write_pull(struct writer *w, const struct message *m)
{
	pack_put_array(w, m->pull.has_spaces ? 3 : 2);
	pack_put_uint(w, MSG_PULL);
	pack_put_uint(w, m->pull.flags);
	if (m->pull.has_spaces)
		write_states(w, m->pull.spaces, m->pull.n_spaces);
}

static void
write_store(struct writer *w, const struct message *m)
{
	const struct store_mark *mark = &m->store.mark;

	pack_put_array(w, 5);
	pack_put_uint(w, MSG_STORE);
	pack_put_uint(w, m->store.space);
	pack_put_uint(w, m->store.state);
	pack_put_uint(w, m->store.head);
	put_pair(w, mark->epoch, sizeof mark->epoch, mark->hash, sizeof mark->hash);
}

/* A message that is its number and up to three small numbers. */
static void
write_numbers(struct writer *w, enum message_kind kind, size_t n, const uint64_t *numbers)
{
	pack_put_array(w, 1 + n);
	pack_put_uint(w, kind);
	for (size_t i = 0; i < n; i++)
		pack_put_uint(w, numbers[i]);
}

void
message_write(struct writer *w, const struct message *m)
{
	switch (m->kind) {
	case MSG_HELLO:
		write_hello(w, m);
		return;
	case MSG_PUSH:
		pack_put_array(w, 3);
		pack_put_uint(w, MSG_PUSH);
		pack_put_uint(w, m->push.space);
		pack_put_bin(w, m->push.batch);
		return;
	case MSG_PULL:
		write_pull(w, m);
		return;
	case MSG_APPEND:
		write_append(w, &m->append);
		return;
	case MSG_BOXES:
		pack_put_array(w, 3);
		pack_put_uint(w, MSG_BOXES);
		pack_put_uint(w, m->boxes.space);
		write_box_rows(w, m->boxes.boxes, m->boxes.n_boxes);
		return;
	case MSG_RECOVER:
		write_recover(w, &m->recover);
		return;
	case MSG_INVITED:
		pack_put_array(w, 2);
		pack_put_uint(w, MSG_INVITED);
		pack_put_bin(
		    w, span_of(m->invited.invite.bytes, sizeof m->invited.invite.bytes));
		return;
	case MSG_WAIT:
	case MSG_PING:
		write_numbers(w, m->kind, 0, NULL);
		return;
	case MSG_VERDICT:
		write_verdicts(w, m);
		return;
	case MSG_PAGE:
		write_page(w, &m->page);
		return;
	case MSG_STORE:
		write_store(w, m);
		return;
	case MSG_DOORBELL:
		write_numbers(w, m->kind, 1, (uint64_t[]){m->doorbell.space});
		return;
	case MSG_BYE:
		write_numbers(w, m->kind, m->bye.reason == BYE_DONE ? 0 : 1,
		    (uint64_t[]){m->bye.reason});
		return;
	case MSG_LOGS:
		pack_put_array(w, 4);
		pack_put_uint(w, MSG_LOGS);
		pack_put_uint(w, m->logs.space);
		pack_put_uint(w, m->logs.from);
		write_spans(w, m->logs.records, m->logs.n_records);
		return;
	case MSG_KEYBOXES:
		write_keyboxes(w, m);
		return;
	case MSG_APPENDED:
		write_numbers(w, m->kind, 3,
		    (uint64_t[]){
			m->appended.space, m->appended.result, m->appended.detail});
		return;
	case MSG_RECOVERED:
		write_numbers(
		    w, m->kind, 2, (uint64_t[]){m->recovered.space, m->recovered.result});
		return;
	case MSG_LOG:
		write_numbers(w, m->kind, 2, (uint64_t[]){m->log.space, m->log.from});
		return;
	case MSG_DEVICES:
		write_devices(w, m);
		return;
	case MSG_CONTACTS:
		write_contacts(w, &m->contacts);
		return;
	}
	assert(false && "a kind of the table");
}

static size_t
spans_bytes(const struct span *spans, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += HEAD_BYTES_MAX + spans[i].len;
	return sum;
}

static size_t
key_rows_bytes(const struct key_rows *rows)
{
	size_t sum = rows->n_boxes * (ROW_FIXED_BYTES + KEY_BOX_BYTES) +
		     rows->n_wraps * (ROW_FIXED_BYTES + WRAPPED_SEED_BYTES);

	for (size_t i = 0; i < rows->n_lists; i++)
		sum += ROW_FIXED_BYTES + rows->lists[i].list.len;
	return sum;
}

static size_t
page_bytes(const struct page *p)
{
	size_t sum = p->n_own * OWN_ROW_BYTES + p->n_dead * DEAD_ROW_BYTES +
		     p->n_graves * GRAVE_ROW_BYTES + p->n_doa * DOA_ROW_BYTES;

	for (size_t i = 0; i < p->n_batches; i++)
		sum += (size_t)3 * HEAD_BYTES_MAX + p->batches[i].wire.len;
	return sum;
}

size_t
message_bytes_max(const struct message *m)
{
	size_t sum = FIXED_BYTES_MAX;

	if (m->kind == MSG_HELLO)
		sum += m->hello.n_spaces * STATE_BYTES_MAX;
	else if (m->kind == MSG_PUSH)
		sum += m->push.batch.len;
	else if (m->kind == MSG_PULL && m->pull.has_spaces)
		sum += m->pull.n_spaces * STATE_BYTES_MAX;
	else if (m->kind == MSG_APPEND)
		sum += m->append.record.len +
		       spans_bytes(m->append.lists, m->append.n_lists) +
		       m->append.n_boxes * KEY_BOX_BYTES +
		       m->append.n_wraps * WRAPPED_SEED_BYTES;
	else if (m->kind == MSG_BOXES)
		sum += m->boxes.n_boxes * (ROW_FIXED_BYTES + KEY_BOX_BYTES);
	else if (m->kind == MSG_RECOVER)
		sum += m->recover.n_ids * sizeof m->recover.ids->bytes +
		       spans_bytes(m->recover.batches, m->recover.n_batches) +
		       m->recover.n_graves * GRAVE_ROW_BYTES +
		       m->recover.n_doa * DOA_ROW_BYTES;
	else if (m->kind == MSG_VERDICT)
		sum += m->verdict.n * 3 * HEAD_BYTES_MAX;
	else if (m->kind == MSG_PAGE)
		sum += page_bytes(&m->page);
	else if (m->kind == MSG_LOGS)
		sum += spans_bytes(m->logs.records, m->logs.n_records);
	else if (m->kind == MSG_KEYBOXES)
		sum += key_rows_bytes(&m->keyboxes.rows);
	else if (m->kind == MSG_DEVICES)
		sum += m->devices.n * HEAD_BYTES_MAX;
	else if (m->kind == MSG_CONTACTS)
		sum += m->contacts.n_rows * CONTACT_ROW_BYTES +
		       m->contacts.n_cuts * CUT_ROW_BYTES +
		       m->contacts.n_gaps * GAP_ROW_BYTES;
	return sum;
}

void
packet_begin(struct writer *w, size_t n)
{
	assert(n >= 1 && n <= PACKET_MESSAGES_MAX);
	pack_put_array(w, n);
}

void
welcome_write(uint8_t out[static WELCOME_BYTES], const struct welcome *m)
{
	uint8_t content[WELCOME_BYTES - FRAME_HEAD_BYTES];
	struct writer c = writer_of(content, sizeof content);
	struct writer w = writer_of(out, WELCOME_BYTES);

	pack_put_array(&c, 3);
	pack_put_uint(&c, m->version);
	pack_put_uint(&c, m->server_time_s);
	pack_put_uint(&c, m->limits);
	assert(!c.is_full);
	frame_pad(&w, writer_done(&c), WELCOME_BYTES);
	assert(w.used == WELCOME_BYTES);
}
