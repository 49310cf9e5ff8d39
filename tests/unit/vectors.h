/* vectors.h - reading test vectors in JSON: the public ones of tests/data/vectors and
 * those of tests/golden. For unit tests. */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

/* The JSON of a file below tests/; ends the test when it cannot be read. */
static inline json_t *
vectors_load(const char *name)
{
	const char *root = getenv("PNET_SOURCE");
	char path[512];
	json_error_t error;
	json_t *all;

	(void)snprintf(path, sizeof path, "%s/tests/%s", root == NULL ? "." : root, name);
	all = json_load_file(path, 0, &error);
	if (all == NULL)
		fail_msg("%s: %s", path, error.text);
	return all;
}

/* Decodes a member in hex into out; a missing member is empty. Returns its length. */
static inline size_t
vectors_hex(const json_t *object, const char *key, uint8_t *out, size_t cap)
{
	const json_t *member = json_object_get(object, key);
	size_t len = 0;

	if (member == NULL)
		return 0;
	if (sodium_hex2bin(out, cap, json_string_value(member),
		json_string_length(member), NULL, &len, NULL) != 0)
		fail_msg("%s is not hex or too long", key);
	return len;
}

static inline bool
vectors_has(const json_t *object, const char *key)
{
	return json_object_get(object, key) != NULL;
}

static inline const char *
vectors_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* As vectors_hex for a member that must be there and fill out exactly. */
static inline void
vectors_exact(const json_t *object, const char *key, void *out, size_t len)
{
	if (vectors_hex(object, key, out, len) != len)
		fail_msg("%s has not %zu bytes", key, len);
}

/* first, first + 1, ...: the inputs that golden/crypto.py uses. */
static inline void
vectors_fill(void *out, uint8_t first, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)out)[i] = (uint8_t)(first + i);
}

#endif
