/* tag.c - record and subject tags: keyed BLAKE2b-128. Pure. */
#include "crypto/tag.h"

#include "crypto/hash.h"
#include "crypto/labels.h"

struct tag
tag_record(const struct tag_key *key, uint16_t kind, const struct record_id *record)
{
	uint8_t named[2 + sizeof record->bytes] = {
	    0}; /* gcc with sanitizers sees no write */
	const struct span part = span_of(named, sizeof named);
	struct tag tag;

	put_u16(named, kind);
	memcpy(named + 2, record->bytes, sizeof record->bytes);
	hash_128_keyed(span_of(key->bytes, sizeof key->bytes), LABEL_RECORD_TAG, &part, 1,
	    tag.bytes);
	return tag;
}

struct tag
tag_subject(const struct tag_key *key, struct person_key person)
{
	uint8_t named[8] = {0}; /* gcc with sanitizers sees no write */
	const struct span part = span_of(named, sizeof named);
	struct tag tag;

	put_u64(named, person.n);
	hash_128_keyed(span_of(key->bytes, sizeof key->bytes), LABEL_SUBJECT_TAG, &part,
	    1, tag.bytes);
	return tag;
}
