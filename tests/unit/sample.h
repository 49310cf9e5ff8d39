/* sample.h - reads files of tests/data for unit tests. Included by one test each. */
#ifndef UNIT_SAMPLE_H
#define UNIT_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "core/csv.h"

/* Bytes of tests/data/NAME in the arena; the test fails if it cannot be read. */
static struct span
sample_bytes(struct arena *a, const char *name)
{
	const char *root = getenv("PNET_SOURCE");
	char *path = arena_text(a, "%s/tests/data/%s", root == NULL ? "." : root, name);
	FILE *f = path == NULL ? NULL : fopen(path, "rb");
	uint8_t *bytes;
	long len;

	if (f == NULL)
		fail_msg("cannot open %s (run from the source folder)", name);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	len = ftell(f);
	assert_true(len >= 0);
	rewind(f);
	bytes = arena_alloc(a, (size_t)len + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, (size_t)len, f), (size_t)len);
	assert_int_equal(fclose(f), 0);
	return span_of(bytes, (size_t)len);
}

#endif
