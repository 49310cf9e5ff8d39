/* fuzz_log.c - a membership record: what is read is written back as the same bytes, and
 * applying it, signatures aside, never crashes and never half changes the state. The
 * input is a sequence of records (length u16 each) of one network, as a log on disk. */
#include "fuzz/fuzz.h"

#include "base/reader.h"
#include "core/membership.h"
#include "proto/limits.h"
#include "proto/log_codec.h"

static void
check_bytes(const struct log_record *r, struct span wire)
{
	static uint8_t room[LOG_RECORD_BYTES_MAX];
	struct writer w = writer_of(room, sizeof room);

	assert(log_body_write(r, &w, NULL) == ST_OK);
	assert(span_equal(writer_done(&w), span_of(wire.bytes + 2, get_u16(wire.bytes))));
}

/* Puts the record where it would stand, so that a change in one does not hide the rules
 * from all that follow. */
static void
mend_chain(const struct membership *m, struct log_record *r)
{
	struct log_record next;
	uint16_t space = 0;

	if (r->kind == LOG_GENESIS || !membership_space_find(m, &r->space, &space) ||
	    membership_next(m, space, &next, NULL) != ST_OK)
		return;
	r->network = next.network;
	r->seq = next.seq;
	r->prev = next.prev;
	r->net_position = next.net_position;
	r->net_id = next.net_id;
}

static void
check_apply(struct membership *m, const struct log_record *r, struct arena *a)
{
	const struct apply_how how = {.mode = APPLY_STORED};
	const struct box_recipient *to;
	uint16_t space = 0;
	bool is_known = membership_space_find(m, &r->space, &space);
	uint32_t len = membership_log_len(m, space);
	enum refusal why = REFUSAL_COUNT;
	size_t n;

	(void)membership_recipients(m, r, 0, a, &to, &n, NULL);
	if (membership_apply(m, r, &how, &why, NULL) == ST_OK) {
		assert(is_known && why == REFUSAL_NONE);
		assert(membership_log_len(m, space) == len + 1);
		assert(ID_EQUAL(membership_record_id(m, space, len), &r->id));
	} else {
		assert(why != REFUSAL_NONE && why < REFUSAL_COUNT);
		assert(membership_log_len(m, space) == len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct reader in = reader_of(span_of(bytes, len));
	struct arena *a = arena_new(1 << 22);
	struct membership *m = NULL;
	struct log_record r;
	struct span wire;
	uint16_t wire_len;

	assert(a != NULL);
	while (reader_u16(&in, &wire_len) == ST_OK &&
	       reader_span(&in, wire_len, &wire) == ST_OK) {
		if (log_record_read(wire, a, &r, NULL) != ST_OK)
			continue;
		check_bytes(&r, wire);
		if (m == NULL) {
			/* The first record founds the network, whatever it is. */
			struct network_id network = log_network_id(&r);

			m = membership_new(&network);
			assert(m != NULL);
		}
		mend_chain(m, &r);
		check_apply(m, &r, a);
	}
	membership_free(m);
	arena_free(a);
	return 0;
}
