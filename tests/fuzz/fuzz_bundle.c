/* fuzz_bundle.c - a bundle of strangers whose sum was made right, so that what is inside
 * is looked at: what opens gives out as many sections as it has, and they make the same
 * bytes again. */
#include "fuzz/fuzz.h"

#include "crypto/hash.h"
#include "crypto/labels.h"
#include "crypto/sign.h"
#include "proto/bundle.h"

enum { SECTIONS_MAX = 64, INPUT_MAX = 1 << 20, SUM_BYTES = 32 };

/* "Signs" with the signature that was read. */
static void
keep_signature(void *ctx, struct span message, struct signature *out)
{
	const struct signature *kept = ctx;

	(void)message;
	*out = *kept;
}

static void
builds_the_same(struct bundle *b, struct span file, const struct checks *checks)
{
	static struct bundle_section sections[SECTIONS_MAX];
	const struct bundle_parts parts = {b->head, b->n_left, sections};
	struct signature kept = b->signature;
	const struct batch_signer signer = {&kept, keep_signature};
	struct arena *a = arena_new(0);
	struct span built;

	assert(a != NULL);
	if (parts.n <= SECTIONS_MAX) {
		for (size_t i = 0; i < parts.n; i++)
			assert(bundle_next(b, a, &sections[i], NULL) == ST_OK);
		assert(b->n_left == 0 && b->rest.len == 0);
		assert(bundle_build(&parts, &signer, checks, a, &built, NULL) == ST_OK);
		assert(span_equal(built, file));
	}
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t room[INPUT_MAX];
	const struct checks checks = sign_checks();
	struct span all;
	struct hash32 sum;
	struct bundle b;

	if (len < SUM_BYTES || len > INPUT_MAX)
		return 0;
	memcpy(room, bytes, len);
	all = span_of(room, len - SUM_BYTES);
	hash_256(LABEL_BUNDLE_SUM, &all, 1, &sum);
	memcpy(room + all.len, sum.bytes, SUM_BYTES);
	if (bundle_open(&b, span_of(room, len), &checks, NULL) == ST_OK)
		builds_the_same(&b, span_of(room, len), &checks);
	return 0;
}
