/* fuzz_op.c - one op on the wire: what is read is written back as the same bytes. */
#include "fuzz/fuzz.h"

#include "crypto/sign.h"
#include "proto/op_codec.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct short_id refs[2] = {{{1}}, {{2}}};
	static const struct tag subjects[2] = {{{3}}, {{4}}};
	static uint8_t room[OP_LONG_BODY_BYTES_MAX + 1024];
	const struct batch around = {
	    .n_refs = 2, .refs = refs, .n_subjects = 2, .subjects = subjects};
	const struct checks checks = sign_checks();
	struct arena *a = arena_new(1 << 16);
	struct reader r = reader_of(span_of(bytes, len));
	struct writer w = writer_of(room, sizeof room);
	struct op o;

	assert(a != NULL);
	if (op_decode(&r, &around, &checks, a, &o, NULL) == ST_OK) {
		assert(o.wire.len == len - r.left);
		assert(op_wire_bytes(&o) == o.wire.len);
		op_encode(&o, &around, &w);
		assert(span_equal(writer_done(&w), o.wire));
	}
	arena_free(a);
	return 0;
}
