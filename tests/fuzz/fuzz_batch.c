/* fuzz_batch.c - a batch, complete (first byte even) or pruned: what is read is written
 * back as the same bytes, and the builder makes the same batch of the same ops. */
#include "fuzz/fuzz.h"

#include "crypto/sign.h"
#include "proto/batch_codec.h"

/* "Signs" with the signature that was read. */
static void
keep_signature(void *ctx, struct span message, struct signature *out)
{
	const struct signature *kept = ctx;

	(void)message;
	*out = *kept;
}

static void
builds_the_same(
    const struct batch *b, struct span wire, const struct checks *checks, struct arena *a)
{
	const struct batch_context context = {.space = space_of("SK")};
	struct batch again = *b;
	struct signature kept = b->signature;
	const struct batch_signer signer = {&kept, keep_signature};
	struct span built;
	struct batch_id id;

	assert(batch_build(&again, &context, &signer, checks, a, &built, &id, NULL) ==
	       ST_OK);
	assert(span_equal(built, wire));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t room[BATCH_WIRE_BYTES_MAX];
	const struct checks checks = sign_checks();
	struct arena *a = arena_new(1 << 22);
	enum batch_form form;
	struct writer w = writer_of(room, sizeof room);
	struct span wire;
	struct batch b;

	assert(a != NULL);
	if (len > 0) {
		form = bytes[0] % 2 == 0 ? BATCH_COMPLETE : BATCH_PRUNED;
		wire = span_of(bytes + 1, len - 1);
		if (batch_decode(wire, form, &checks, a, &b, NULL) == ST_OK) {
			assert(batch_wire_bytes(&b) == wire.len);
			batch_write(&b, &w);
			assert(span_equal(writer_done(&w), wire));
			if (form == BATCH_COMPLETE)
				builds_the_same(&b, wire, &checks, a);
		}
	}
	arena_free(a);
	return 0;
}
