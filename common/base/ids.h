/* ids.h - typed byte strings, so that ids, tags and keys cannot be swapped. Pure.
 * Sizes and meanings: DESIGN 2 and 4, SECURITY 3 and 9. */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include "base/bytes.h"

/* clang-format off */
struct network_id { uint8_t bytes[16]; }; /* first 16 of the id of the GENESIS record */
struct device_id  { uint8_t bytes[16]; }; /* BLAKE2b-128(sign pk || box pk || transport pk) */
struct record_id  { uint8_t bytes[16]; }; /* random, or a hash of names (DOMAIN 2, h:) */
struct person_id  { uint8_t bytes[16]; }; /* pid; its first 8 bytes are the person_key */
struct batch_id   { uint8_t bytes[32]; }; /* BLAKE2b-256 of header, op hashes, signature */
struct short_id   { uint8_t bytes[16]; }; /* first 16 of a batch_id */
struct op_hash    { uint8_t bytes[32]; };
struct log_id     { uint8_t bytes[32]; }; /* id of a membership record */
struct tag        { uint8_t bytes[16]; }; /* record tag or subject tag; zero = none */
struct hash32     { uint8_t bytes[32]; };
struct sign_pk    { uint8_t bytes[32]; }; /* Ed25519 */
struct box_pk     { uint8_t bytes[32]; }; /* X25519, for key boxes */
struct transport_pk { uint8_t bytes[32]; }; /* X25519, for Noise only */
struct signature  { uint8_t bytes[64]; };
struct fingerprint { uint8_t bytes[16]; }; /* tells which epoch seed a log record means */
struct space_name { char text[4]; };      /* "DE\0\0", "NET\0" */
/* clang-format on */

/* First 8 bytes of a person's id, big endian, as used for map keys and subject tags
 * (DESIGN 4.2). As a number, so that it is a cheap key everywhere. */
struct person_key {
	uint64_t n;
};

/* A readership inside a space: kind 1 byte || record id (zero unless activity). */
enum scope_kind {
	SCOPE_ALL = 1,
	SCOPE_OFFICE = 2,
	SCOPE_COUNTRY = 3,
	SCOPE_COORD = 4,
	SCOPE_ACTIVITY = 5,
	SCOPE_KIND_COUNT = 6
};

struct scope_name {
	uint8_t bytes[17];
};

/* The name of an op: the batch that brought it, and its index there. */
struct dot {
	struct short_id batch;
	uint8_t index;
};

#define ID_EQUAL(a, b) (memcmp((a)->bytes, (b)->bytes, sizeof(a)->bytes) == 0)
#define ID_IS_ZERO(a) (bytes_are_zero((a)->bytes, sizeof(a)->bytes))

static inline bool
bytes_are_zero(const uint8_t *at, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= at[i];
	return any == 0;
}

static inline bool
dot_equal(const struct dot *a, const struct dot *b)
{
	return a->index == b->index && ID_EQUAL(&a->batch, &b->batch);
}

static inline struct short_id
batch_short(const struct batch_id *id)
{
	struct short_id s;

	memcpy(s.bytes, id->bytes, sizeof s.bytes);
	return s;
}

static inline struct person_key
person_key_of(const struct person_id *pid)
{
	return (struct person_key){get_u64(pid->bytes)};
}

static inline struct space_name
space_of(const char *code)
{
	struct space_name s = {{0}};

	for (size_t i = 0; i < sizeof s.text && code[i] != '\0'; i++)
		s.text[i] = code[i];
	return s;
}

static inline bool
space_equal(const struct space_name *a, const struct space_name *b)
{
	return memcmp(a->text, b->text, sizeof a->text) == 0;
}

/* activity may be NULL unless kind is SCOPE_ACTIVITY. */
static inline struct scope_name
scope_of(enum scope_kind kind, const struct record_id *activity)
{
	struct scope_name s = {{0}};

	s.bytes[0] = (uint8_t)kind;
	if (activity != NULL)
		memcpy(s.bytes + 1, activity->bytes, sizeof activity->bytes);
	return s;
}

static inline enum scope_kind
scope_kind_of(const struct scope_name *s)
{
	return (enum scope_kind)s->bytes[0];
}

#endif
