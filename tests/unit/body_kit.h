/* body_kit.h - a body codec, an arena and a buffer for the tests of the body codec. */
#ifndef UNIT_BODY_KIT_H
#define UNIT_BODY_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "golden/samples.h"
#include "proto/body_codec.h"

struct kit {
	struct body_codec *codec;
	struct arena *a;
	uint8_t plain[BODY_PLAIN_BYTES_MAX];
};

static inline int
set_up(void **state)
{
	struct kit *k = calloc(1, sizeof *k);

	assert_non_null(k);
	k->codec = body_codec_new();
	k->a = arena_new(0);
	assert_non_null(k->codec);
	assert_non_null(k->a);
	*state = k;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct kit *k = *state;

	body_codec_free(k->codec);
	arena_free(k->a);
	free(k);
	return 0;
}

static inline struct span
encode(struct kit *k, const struct body *b)
{
	struct writer w = writer_of(k->plain, sizeof k->plain);
	struct trouble t = {0};

	if (body_encode(k->codec, b, sample_signer, &w, &t) != ST_OK)
		fail_msg("%s", t.text);
	return writer_done(&w);
}

static inline status
encode_status(struct kit *k, const struct body *b)
{
	struct writer w = writer_of(k->plain, sizeof k->plain);

	return body_encode(k->codec, b, sample_signer, &w, NULL);
}

static inline status
decode(struct kit *k, struct span plain, struct body *out, struct trouble *t)
{
	return body_decode(k->codec, plain, sample_signer, k->a, out, t);
}

#endif
