/* messages_read.c - takes messages off a packet (spec/messages.md). Every count, length
 * and range is checked before anything is laid into the arena. Pure. */
#include <assert.h>

#include "base/reader.h"
#include "proto/frame.h"
#include "proto/messages.h"
#include "proto/pack.h"
#include "proto/shape.h"

/* Where a decoder stands: the bytes and the arena. Running out of memory is kept apart
 * from what the peer did wrong. */
struct intake {
	struct pack_reader r;
	struct arena *a;
	bool is_out_of_memory;
};

static const struct {
	enum message_kind kind;
	uint16_t least;
	uint16_t most;
} lengths[] = {
#define X(name, number, from, least, most, says) {name, (least), (most)},
    MESSAGES(X)
#undef X
};

/* n zeroed items, or NULL and the note that memory is out. n 0 gives NULL without it. */
static void *
items(struct intake *in, size_t n, size_t size)
{
	void *got;

	if (n == 0 || !pack_is_ok(&in->r))
		return NULL;
	got = arena_zeros(in->a, n, size);
	if (got == NULL) {
		in->is_out_of_memory = true;
		pack_fail(&in->r, "out of memory");
	}
	return got;
}

static uint16_t
take_u16(struct intake *in)
{
	return (uint16_t)pack_take_uint(&in->r, UINT16_MAX);
}

/* A bin of exactly a_len + b_len bytes, cut in two. */
static void
take_pair(struct intake *in, uint8_t *a, size_t a_len, uint8_t *b, size_t b_len)
{
	struct span both = pack_take_bin(&in->r, a_len + b_len, a_len + b_len);

	if (!pack_is_ok(&in->r))
		return;
	memcpy(a, both.bytes, a_len);
	memcpy(b, both.bytes + a_len, b_len);
}

/* A bin of whole rows; *n of them, at most max. The reader covers their bytes. */
static struct reader
take_rows(struct intake *in, size_t row_bytes, size_t max, size_t *n)
{
	struct span rows = pack_take_bin(&in->r, 0, max * row_bytes);

	if (rows.len % row_bytes != 0)
		pack_fail(&in->r, "a row is cut");
	*n = pack_is_ok(&in->r) ? rows.len / row_bytes : 0;
	return reader_of(rows);
}

static uint64_t
row_lsn(struct reader *r)
{
	uint16_t high = 0;
	uint32_t low = 0;

	(void)reader_u16(r, &high);
	(void)reader_u32(r, &low);
	return ((uint64_t)high << 32) | low;
}

/* ---- parts ---- */

static void
read_state(struct intake *in, struct space_state *s)
{
	size_t n = pack_take_array(&in->r, 4, 7);

	if (n != 4 && n != 7)
		pack_fail(&in->r, "a space state has 4 or 7 elements");
	s->space = take_u16(in);
	s->log_len = (uint32_t)pack_take_uint(&in->r, LOG_RECORDS_MAX);
	s->cursor = pack_take_uint(&in->r, LSN_MAX);
	take_pair(
	    in, s->mark.epoch, sizeof s->mark.epoch, s->mark.hash, sizeof s->mark.hash);
	if (n != 7)
		return;
	s->is_staged = true;
	s->staged = pack_take_uint(&in->r, LSN_MAX);
	pack_take_id(&in->r, s->staged_hash, sizeof s->staged_hash);
	s->staged_log_len = (uint32_t)pack_take_uint(&in->r, LOG_RECORDS_MAX);
	if (s->staged < s->cursor)
		pack_fail(&in->r, "a stage behind the cursor");
}

static const struct space_state *
read_states(struct intake *in, size_t *n_out)
{
	size_t n = pack_take_array(&in->r, 1, HELLO_SPACES_MAX);
	struct space_state *states = items(in, n, sizeof *states);

	*n_out = 0;
	if (states == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		read_state(in, &states[i]);
		for (size_t k = 0; k < i; k++)
			if (states[k].space == states[i].space)
				pack_fail(&in->r, "a space comes twice");
	}
	*n_out = n;
	return states;
}

static const struct span *
read_spans(struct intake *in, size_t bytes_min, size_t bytes_max, size_t *n_out)
{
	size_t n = pack_take_array(&in->r, 0, MESSAGE_ELEMENTS_MAX);
	struct span *spans = items(in, n, sizeof *spans);

	*n_out = spans == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++)
		spans[i] = pack_take_bin(&in->r, bytes_min, bytes_max);
	return spans;
}

/* One bin of spans of equal length, end to end. */
static const struct span *
read_joined(struct intake *in, size_t each, size_t max, size_t *n_out)
{
	size_t n;
	struct reader r = take_rows(in, each, max, &n);
	struct span *spans = items(in, n, sizeof *spans);

	*n_out = spans == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++)
		(void)reader_span(&r, each, &spans[i]);
	return spans;
}

static const struct grave_row *
read_graves(struct intake *in, size_t *n_out)
{
	size_t n;
	struct reader r =
	    take_rows(in, GRAVE_ROW_BYTES, ROWS_BYTES_MAX / GRAVE_ROW_BYTES, &n);
	struct grave_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)reader_u16(&r, &rows[i].scope);
		(void)reader_copy(
		    &r, rows[i].subject.bytes, sizeof rows[i].subject.bytes);
	}
	return rows;
}

static const struct doa_row *
read_doa(struct intake *in, size_t *n_out)
{
	size_t n;
	struct reader r =
	    take_rows(in, DOA_ROW_BYTES, ROWS_BYTES_MAX / DOA_ROW_BYTES, &n);
	struct doa_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)reader_copy(
		    &r, rows[i].dot.batch.bytes, sizeof rows[i].dot.batch.bytes);
		(void)reader_u8(&r, &rows[i].dot.index);
		(void)reader_u16(&r, &rows[i].scope);
		(void)reader_copy(&r, rows[i].record.bytes, sizeof rows[i].record.bytes);
	}
	return rows;
}

static const struct dead_row *
read_dead(struct intake *in, size_t *n_out)
{
	size_t n;
	struct reader r =
	    take_rows(in, DEAD_ROW_BYTES, ROWS_BYTES_MAX / DEAD_ROW_BYTES, &n);
	struct dead_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		rows[i].born = row_lsn(&r);
		(void)reader_u8(&r, &rows[i].index);
	}
	return rows;
}

static void
read_own(struct intake *in, struct page *p)
{
	size_t n;
	struct reader r;
	struct own_row *rows;

	if (pack_peek(&in->r) == PACK_UINT) {
		p->own_run = (uint32_t)pack_take_uint(&in->r, PUSHES_IN_SESSION_MAX);
		if (p->own_run > p->head)
			pack_fail(&in->r, "more own pushes than batches");
		return;
	}
	r = take_rows(in, OWN_ROW_BYTES, OWN_ROWS_MAX, &n);
	if (n == 0)
		pack_fail(&in->r, "own rows without a row");
	rows = items(in, n, sizeof *rows);
	p->n_own = rows == NULL ? 0 : n;
	p->own = rows;
	for (size_t i = 0; i < p->n_own; i++) {
		rows[i].lsn = row_lsn(&r);
		(void)reader_u32(&r, &rows[i].push);
	}
}

static void
read_page_batches(struct intake *in, struct page *p)
{
	size_t n = pack_take_array(&in->r, 0, PAGE_BATCHES_MAX);
	struct page_batch *batches = items(in, n, sizeof *batches);
	uint64_t before = 0;

	p->n_batches = batches == NULL ? 0 : n;
	p->batches = batches;
	for (size_t i = 0; i < p->n_batches; i++) {
		(void)pack_take_array(&in->r, 2, 2);
		batches[i].lsn = pack_take_uint(&in->r, p->head);
		batches[i].wire = pack_take_bin(&in->r, 1, PACKET_BYTES_MAX);
		if (batches[i].lsn <= before)
			pack_fail(&in->r, "batches are not in order");
		before = batches[i].lsn;
	}
}

/* ---- messages; the number has been taken, n is the length of the array ---- */

static void
read_page(struct intake *in, size_t n, struct page *p)
{
	uint64_t kind;

	if (n != 6 && n != 12)
		pack_fail(&in->r, "a page has 6 or 12 elements");
	p->space = take_u16(in);
	p->head = pack_take_uint(&in->r, LSN_MAX);
	p->log_len = (uint32_t)pack_take_uint(&in->r, LOG_RECORDS_MAX);
	take_pair(in, p->hash, sizeof p->hash, p->log_head, sizeof p->log_head);
	read_own(in, p);
	p->kind = PAGE_LAST;
	p->is_short = n == 6;
	if (p->is_short)
		return;
	kind = pack_take_uint(&in->r, 4 + PAGE_LAST);
	p->lists_live = (kind & 4) != 0;
	p->kind = (enum page_kind)(kind & 3);
	if (p->kind >= PAGE_KIND_COUNT)
		pack_fail(&in->r, "a page of an unknown kind");
	p->from = pack_take_uint(&in->r, p->head);
	read_page_batches(in, p);
	p->dead = read_dead(in, &p->n_dead);
	p->graves = read_graves(in, &p->n_graves);
	p->doa = read_doa(in, &p->n_doa);
	if (p->kind == PAGE_MORE && (p->n_dead + p->n_graves + p->n_doa > 0))
		pack_fail(&in->r, "removals before the last transaction");
}

static void
read_verdicts(struct intake *in, size_t n, struct message *m)
{
	uint8_t *codes = items(in, n - 1, sizeof *codes);
	uint16_t *details = items(in, n - 1, sizeof *details);

	if (codes == NULL || details == NULL)
		return;
	for (size_t i = 0; i < n - 1; i++) {
		bool has_detail = pack_peek(&in->r) == PACK_ARRAY;

		if (has_detail)
			(void)pack_take_array(&in->r, 2, 2);
		codes[i] = (uint8_t)pack_take_uint(&in->r, UINT8_MAX);
		if (has_detail)
			details[i] = take_u16(in);
		if (has_detail && details[i] == 0)
			pack_fail(&in->r, "a detail of zero");
		if (verdict_name((enum verdict)codes[i]) == NULL)
			pack_fail(&in->r, "an unknown verdict");
	}
	m->verdict.n = n - 1;
	m->verdict.codes = codes;
	m->verdict.details = details;
}

static void
read_append(struct intake *in, struct append *a)
{
	a->space = take_u16(in);
	a->record = pack_take_bin(&in->r, 1, LOG_RECORD_BYTES_MAX);
	a->lists = read_spans(in, 0, BOX_LIST_BYTES_MAX, &a->n_lists);
	a->boxes = read_joined(in, KEY_BOX_BYTES, APPEND_BOXES_MAX, &a->n_boxes);
	a->wraps = read_joined(in, WRAPPED_SEED_BYTES, MESSAGE_ELEMENTS_MAX, &a->n_wraps);
}

static const struct box_row *
read_box_rows(struct intake *in, size_t *n_out)
{
	size_t n = pack_take_array(&in->r, 0, MESSAGE_ELEMENTS_MAX);
	struct box_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)pack_take_array(&in->r, 5, 5);
		rows[i].position = take_u16(in);
		rows[i].space = take_u16(in);
		rows[i].scope = take_u16(in);
		rows[i].epoch = take_u16(in);
		rows[i].box = pack_take_bin(&in->r, KEY_BOX_BYTES, KEY_BOX_BYTES);
	}
	return rows;
}

static const struct list_row *
read_list_rows(struct intake *in, size_t *n_out)
{
	size_t n = pack_take_array(&in->r, 0, MESSAGE_ELEMENTS_MAX);
	struct list_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)pack_take_array(&in->r, 3, 3);
		rows[i].position = take_u16(in);
		rows[i].scope = take_u16(in);
		rows[i].list = pack_take_bin(&in->r, 0, BOX_LIST_BYTES_MAX);
	}
	return rows;
}

static const struct wrap_row *
read_wrap_rows(struct intake *in, size_t *n_out)
{
	size_t n = pack_take_array(&in->r, 0, MESSAGE_ELEMENTS_MAX);
	struct wrap_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)pack_take_array(&in->r, 3, 3);
		rows[i].scope = take_u16(in);
		rows[i].epoch = take_u16(in);
		rows[i].wrap =
		    pack_take_bin(&in->r, WRAPPED_SEED_BYTES, WRAPPED_SEED_BYTES);
	}
	return rows;
}

static void
read_keyboxes(struct intake *in, struct message *m)
{
	struct key_rows *rows = &m->keyboxes.rows;

	m->keyboxes.space = take_u16(in);
	rows->boxes = read_box_rows(in, &rows->n_boxes);
	rows->lists = read_list_rows(in, &rows->n_lists);
	rows->wraps = read_wrap_rows(in, &rows->n_wraps);
}

static void
read_recover(struct intake *in, struct recover *r)
{
	size_t n;
	struct reader rows;
	struct batch_id *ids;

	r->space = take_u16(in);
	r->is_end = pack_take_uint(&in->r, 1) == 1;
	rows = take_rows(in, sizeof ids->bytes, ROWS_BYTES_MAX / sizeof ids->bytes, &n);
	ids = items(in, n, sizeof *ids);
	r->n_ids = ids == NULL ? 0 : n;
	r->ids = ids;
	for (size_t i = 0; i < r->n_ids; i++)
		(void)reader_copy(&rows, ids[i].bytes, sizeof ids[i].bytes);
	r->batches = read_spans(in, 1, PACKET_BYTES_MAX, &r->n_batches);
	r->graves = read_graves(in, &r->n_graves);
	r->doa = read_doa(in, &r->n_doa);
}

static void
read_pull(struct intake *in, size_t n, struct message *m)
{
	m->pull.flags = (unsigned)pack_take_uint(&in->r, PULL_LAST);
	m->pull.has_spaces = n == 3;
	if (m->pull.has_spaces)
		m->pull.spaces = read_states(in, &m->pull.n_spaces);
}

static void
read_store(struct intake *in, struct message *m)
{
	struct store_mark *mark = &m->store.mark;

	m->store.space = take_u16(in);
	m->store.state = (enum store_state)pack_take_uint(&in->r, STORE_STATE_COUNT - 1);
	m->store.head = pack_take_uint(&in->r, LSN_MAX);
	take_pair(in, mark->epoch, sizeof mark->epoch, mark->hash, sizeof mark->hash);
}

static void
read_logs(struct intake *in, struct message *m)
{
	m->logs.space = take_u16(in);
	m->logs.from = (uint32_t)pack_take_uint(&in->r, LOG_RECORDS_MAX);
	m->logs.records = read_spans(in, 1, LOG_RECORD_BYTES_MAX, &m->logs.n_records);
	if (m->logs.n_records > LOG_RECORDS_MAX - m->logs.from)
		pack_fail(&in->r, "records past the end of a log");
}

static void
read_devices(struct intake *in, struct message *m)
{
	size_t n;
	uint16_t *devices;

	m->devices.space = take_u16(in);
	n = pack_take_array(&in->r, 0, DEVICES_ASKED_MAX);
	devices = items(in, n, sizeof *devices);
	m->devices.n = devices == NULL ? 0 : n;
	m->devices.devices = devices;
	for (size_t i = 0; i < m->devices.n; i++) {
		devices[i] = take_u16(in);
		if (i > 0 && devices[i] <= devices[i - 1])
			pack_fail(&in->r, "devices out of order");
	}
}

static const struct contact_row *
read_contact_rows(struct intake *in, size_t *n_out)
{
	size_t n;
	struct reader r =
	    take_rows(in, CONTACT_ROW_BYTES, ROWS_BYTES_MAX / CONTACT_ROW_BYTES, &n);
	struct contact_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)reader_u16(&r, &rows[i].home);
		(void)reader_u16(&r, &rows[i].device);
		rows[i].time_s = row_lsn(&r);
		rows[i].cursor = row_lsn(&r);
		rows[i].last = row_lsn(&r);
	}
	return rows;
}

static const struct cut_row *
read_cut_rows(struct intake *in, size_t *n_out)
{
	size_t n;
	struct reader r =
	    take_rows(in, CUT_ROW_BYTES, ROWS_BYTES_MAX / CUT_ROW_BYTES, &n);
	struct cut_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)reader_u16(&r, &rows[i].device);
		(void)reader_u16(&r, &rows[i].space);
		(void)reader_u16(&r, &rows[i].scope);
		(void)reader_copy(&r, rows[i].last.bytes, sizeof rows[i].last.bytes);
	}
	return rows;
}

static const struct gap_row *
read_gap_rows(struct intake *in, size_t *n_out)
{
	size_t n;
	struct reader r =
	    take_rows(in, GAP_ROW_BYTES, ROWS_BYTES_MAX / GAP_ROW_BYTES, &n);
	struct gap_row *rows = items(in, n, sizeof *rows);

	*n_out = rows == NULL ? 0 : n;
	for (size_t i = 0; i < *n_out; i++) {
		(void)reader_u16(&r, &rows[i].home);
		(void)reader_u16(&r, &rows[i].device);
		(void)reader_u16(&r, &rows[i].scope);
		(void)reader_copy(
		    &r, rows[i].missing.bytes, sizeof rows[i].missing.bytes);
		rows[i].lsn = row_lsn(&r);
	}
	return rows;
}

static void
read_contacts(struct intake *in, size_t n, struct contacts *c)
{
	c->space = take_u16(in);
	c->is_end = pack_take_uint(&in->r, 1) == 1;
	c->head = pack_take_uint(&in->r, LSN_MAX);
	c->rows = read_contact_rows(in, &c->n_rows);
	c->cuts = read_cut_rows(in, &c->n_cuts);
	c->has_gaps = n == 7;
	if (c->has_gaps)
		c->gaps = read_gap_rows(in, &c->n_gaps);
}

static void
read_bye(struct intake *in, size_t n, struct message *m)
{
	if (n == 1)
		return;
	m->bye.reason = (enum bye_reason)pack_take_uint(&in->r, BYE_REASON_COUNT - 1);
	if (m->bye.reason == BYE_DONE)
		pack_fail(&in->r, "a reason of zero");
}

static void
read_fields(struct intake *in, size_t n, struct message *m)
{
	switch (m->kind) {
	case MSG_HELLO:
		m->hello.incarnation = take_u16(in);
		m->hello.spaces = read_states(in, &m->hello.n_spaces);
		m->hello.has_pull = n == 4;
		if (m->hello.has_pull)
			m->hello.flags = (unsigned)pack_take_uint(&in->r, PULL_LAST);
		return;
	case MSG_PUSH:
		m->push.space = take_u16(in);
		m->push.batch = pack_take_bin(&in->r, 1, PACKET_BYTES_MAX);
		return;
	case MSG_PULL:
		read_pull(in, n, m);
		return;
	case MSG_APPEND:
		read_append(in, &m->append);
		return;
	case MSG_BOXES:
		m->boxes.space = take_u16(in);
		m->boxes.boxes = read_box_rows(in, &m->boxes.n_boxes);
		return;
	case MSG_RECOVER:
		read_recover(in, &m->recover);
		return;
	case MSG_INVITED:
		pack_take_id(
		    &in->r, m->invited.invite.bytes, sizeof m->invited.invite.bytes);
		return;
	case MSG_WAIT:
	case MSG_PING:
		return;
	case MSG_VERDICT:
		read_verdicts(in, n, m);
		return;
	case MSG_PAGE:
		read_page(in, n, &m->page);
		return;
	case MSG_STORE:
		read_store(in, m);
		return;
	case MSG_DOORBELL:
		m->doorbell.space = take_u16(in);
		return;
	case MSG_BYE:
		read_bye(in, n, m);
		return;
	case MSG_LOGS:
		read_logs(in, m);
		return;
	case MSG_KEYBOXES:
		read_keyboxes(in, m);
		return;
	case MSG_APPENDED:
		m->appended.space = take_u16(in);
		m->appended.result =
		    (enum append_result)pack_take_uint(&in->r, APPEND_RESULT_COUNT - 1);
		m->appended.detail = (uint32_t)pack_take_uint(&in->r, UINT32_MAX);
		return;
	case MSG_RECOVERED:
		m->recovered.space = take_u16(in);
		m->recovered.result =
		    (enum recover_result)pack_take_uint(&in->r, RECOVER_RESULT_COUNT - 1);
		return;
	case MSG_LOG:
		m->log.space = take_u16(in);
		m->log.from = (uint32_t)pack_take_uint(&in->r, LOG_RECORDS_MAX);
		return;
	case MSG_DEVICES:
		read_devices(in, m);
		return;
	case MSG_CONTACTS:
		read_contacts(in, n, &m->contacts);
		return;
	}
	assert(false && "a kind of the table");
}

/* Takes array head and number; the kind is one of the table afterwards, if all is well.
 */
static size_t
read_head(struct intake *in, struct message *m)
{
	size_t n = pack_take_array(&in->r, 1, MESSAGE_ELEMENTS_MAX);
	uint64_t number = pack_take_uint(&in->r, UINT16_MAX);

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		if ((uint64_t)lengths[i].kind != number)
			continue;
		if (n < lengths[i].least || n > lengths[i].most)
			pack_fail(&in->r, "a message of another length");
		m->kind = lengths[i].kind;
		return n;
	}
	pack_fail(&in->r, "an unknown message");
	return n;
}

status
packet_open(struct packet *p, struct span bytes, struct trouble *t)
{
	struct pack_reader r = pack_reader_of(bytes);
	status st;

	if (bytes.len > PACKET_BYTES_MAX)
		return trouble_set(t, ST_LIMIT, "a packet of %zu bytes", bytes.len);
	st = shape_check(bytes, PACKET_MESSAGES_MAX, t);
	if (st != ST_OK)
		return st;
	p->n_left = pack_take_array(&r, 1, PACKET_MESSAGES_MAX);
	p->rest = span_of(r.at, r.left);
	return pack_status(&r, "packet", t);
}

status
packet_next(struct packet *p, struct arena *a, struct message *out, struct trouble *t)
{
	struct intake in = {.r = pack_reader_of(p->rest), .a = a};
	size_t n;

	assert(p->n_left > 0);
	*out = (struct message){0};
	n = read_head(&in, out);
	if (pack_is_ok(&in.r))
		read_fields(&in, n, out);
	if (in.is_out_of_memory)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a message");
	if (!pack_is_ok(&in.r))
		return pack_status(&in.r, "message", t);
	p->rest = span_of(in.r.at, in.r.left);
	p->n_left--;
	return ST_OK;
}

status
welcome_read(struct span in, struct welcome *out, struct trouble *t)
{
	struct span content;
	struct pack_reader r;
	status st = frame_unpad(in, WELCOME_BYTES, &content, t);

	if (st != ST_OK)
		return st;
	r = pack_reader_of(content);
	(void)pack_take_array(&r, 3, 3);
	out->version = (uint32_t)pack_take_uint(&r, UINT32_MAX);
	out->server_time_s = pack_take_uint(&r, UINT64_C(1) << 40);
	out->limits = (uint32_t)pack_take_uint(&r, UINT32_MAX);
	return pack_end(&r, "handshake message 2", t);
}
