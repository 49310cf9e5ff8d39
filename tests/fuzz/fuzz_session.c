/* fuzz_session.c - a peer with a valid key that says anything: a client or (first byte
 * odd) a server. The input is a list of packets, length u16 and bytes each; they are
 * sealed with the real keys, so that what lies behind the decryption is searched. The
 * session under test never crashes, keeps its table of states, and ends. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "proto/session_core.h"
#include "unit/session_pair.h"

enum { PACKETS_MAX = 16, EVENTS_MAX = 100000 };

static void
ready(struct pair *p, const struct client_event *e)
{
	if (e->kind != CLIENT_READY)
		return;
	(void)session_push(p->client, 3, span_text("a batch"));
	(void)session_push(p->client, 0, span_text("another"));
	(void)session_pull(p->client, false, NULL, 0);
	(void)session_flush(p->client, p->now_ms);
}

/* Both sides have shaken hands and the first packet of the client is answered. */
static void
open_pair(struct pair *p, const struct space_state *states)
{
	pair_open(p, states, 2);
	pair_run(p);
	assert(session_end(p->client) == END_NONE);
	assert(session_end(p->server) == END_NONE);
}

/* Seals a content with the keys of `from` and feeds it to `to`. */
static void
say(struct pair *p, struct session *from, struct session *to, struct span content)
{
	static uint8_t room[128 * 1024];
	struct writer w = writer_of(room, sizeof room);
	struct span left;

	if (frame_write(&from->transport, content, &w, NULL) != ST_OK)
		return;
	left = writer_done(&w);
	for (size_t i = 0; i < EVENTS_MAX && left.len > 0; i++) {
		size_t used = 0;

		(void)session_receive(to, p->now_ms, left, &used, NULL);
		left = span_of(left.bytes + used, left.len - used);
		(void)pair_serve(p);
		(void)pair_events(p);
		session_sent(to, p->now_ms, session_output(to).len);
	}
	assert(left.len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct space_state states[2] = {{.space = 0}, {.space = 3}};
	struct fake_server *f = calloc(1, sizeof *f);
	struct pair p = {.fake = f, .now_ms = 1, .on_event = ready};
	bool to_client;

	assert(f != NULL);
	f->standing = PEER_ACTIVE;
	f->page_batches = 4;
	f->n_spaces = 2;
	f->is_tolerant = true;
	f->spaces[1].space = 3;
	if (len > 0) {
		to_client = bytes[0] % 2 != 0;
		bytes++;
		len--;
		open_pair(&p, states);
		for (size_t i = 0; i < PACKETS_MAX && len > 2; i++) {
			size_t n = get_u16(bytes);

			bytes += 2;
			len -= 2;
			n = n < len ? n : len;
			if (n > 0)
				say(&p, to_client ? p.server : p.client,
				    to_client ? p.client : p.server, span_of(bytes, n));
			bytes += n;
			len -= n;
		}
		session_eof(p.client, p.now_ms, true);
		session_eof(p.server, p.now_ms, true);
		(void)pair_events(&p);
		pair_close(&p);
	}
	fake_free(f);
	return 0;
}
