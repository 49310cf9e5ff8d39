/* fuzz_messages.c - a packet of messages: what is read is written back as the same
 * bytes, and memory stays in proportion to the input. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "proto/messages.h"

enum { BYTES_PER_BYTE = 400 }; /* a space_state of 19 bytes in a HELLO takes 88 */

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *a = arena_new(0);
	uint8_t *room = malloc(len + 1);
	struct writer w = writer_of(room, len);
	struct packet p;
	struct message m;
	status st;

	assert(a != NULL && room != NULL);
	st = packet_open(&p, span_of(bytes, len), NULL);
	if (st == ST_OK)
		packet_begin(&w, p.n_left);
	while (st == ST_OK && p.n_left > 0) {
		st = packet_next(&p, a, &m, NULL);
		if (st == ST_OK)
			message_write(&w, &m);
	}
	if (st == ST_OK)
		assert(span_equal(writer_done(&w), span_of(bytes, len)));
	assert(arena_used(a) <= len * BYTES_PER_BYTE + 4096);
	free(room);
	arena_free(a);
	return 0;
}
