/* version.c - the hash of a document's text (DOMAIN 3). Pure. */
#include "core/version.h"

#include "base/text.h"

enum { PARTS_OF_SECTION = 3, LENGTH_BYTES = 4 };

/* One part and its length before it. */
static void
put_part(struct span text, uint8_t length[static LENGTH_BYTES], struct span *to)
{
	put_u32(length, (uint32_t)text.len);
	to[0] = span_of(length, LENGTH_BYTES);
	to[1] = text;
}

status
version_hash(const struct section *sections, size_t n, const struct checks *checks,
    struct arena *a, struct hash32 *out, struct trouble *t)
{
	size_t n_parts = n * PARTS_OF_SECTION;
	uint8_t(*lengths)[LENGTH_BYTES] = arena_zeros(a, n_parts, LENGTH_BYTES);
	struct span *spans = arena_zeros(a, n_parts, 2 * sizeof *spans);
	bool is_whole = lengths != NULL && spans != NULL;

	for (size_t i = 0; is_whole && i < n; i++) {
		const struct span parts[PARTS_OF_SECTION] = {span_text(sections[i].kind),
		    text_nfc(sections[i].heading, a), text_nfc(sections[i].text, a)};

		for (size_t k = 0; k < PARTS_OF_SECTION; k++) {
			size_t at = i * PARTS_OF_SECTION + k;

			is_whole = is_whole && parts[k].bytes != NULL;
			put_part(parts[k], lengths[at], &spans[2 * at]);
		}
	}
	if (!is_whole)
		return trouble_set(t, ST_NO_MEMORY, "no memory left for a version hash");
	checks->hash(checks->ctx, "pnet/version/1", spans, 2 * n_parts, out);
	return ST_OK;
}
