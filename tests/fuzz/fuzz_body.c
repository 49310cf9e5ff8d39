/* fuzz_body.c - body of an op: what is read is written back as the same array, and memory
 * stays bounded. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "proto/body_codec.h"

enum { ARENA_BYTES_MAX = 1 << 21 }; /* 4,096 entries, as many rows, 60 KiB inflated */

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct body_codec *codec;
	static uint8_t room[BODY_PLAIN_BYTES_MAX];
	const struct author signer = {3, 7};
	struct arena *a = arena_new(ARENA_BYTES_MAX);
	struct writer w = writer_of(room, sizeof room);
	struct body out;
	status st;

	if (codec == NULL)
		codec = body_codec_new();
	assert(codec != NULL && a != NULL);
	st = body_decode(codec, span_of(bytes, len), signer, a, &out, NULL);
	assert(st != ST_NO_MEMORY);
	if (st == ST_OK && bytes[0] == BODY_RAW) {
		assert(body_array_bytes(codec, &out, signer) == len - 1);
		assert(body_encode(codec, &out, signer, &w, NULL) == ST_OK);
		if (room[0] == BODY_RAW)
			assert(span_equal(writer_done(&w), span_of(bytes, len)));
	}
	arena_free(a);
	return 0;
}
