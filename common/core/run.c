/* run.c - characters of a run of text. Pure. */
#include "core/run.h"

#include <assert.h>

static bool
begins_char(uint8_t byte)
{
	return (byte & 0xC0) != 0x80;
}

size_t
run_chars(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += begins_char(text.bytes[i]);
	return n;
}

size_t
run_bytes(struct span text, size_t n)
{
	size_t at = 0;

	assert(text.bytes != NULL || text.len == 0);
	while (at < text.len && (n > 0 || !begins_char(text.bytes[at]))) {
		if (begins_char(text.bytes[at]))
			n--;
		at++;
	}
	return at;
}

struct entry
run_piece(const struct entry *e, uint32_t from, uint32_t to)
{
	struct entry piece = *e;
	struct span text = e->value.bytes;

	assert(e->value.type == VALUE_RUN && from < to);
	if (e->value.hollow > 0)
		piece.value.hollow = to - from;
	if (from > 0 && text.bytes != NULL) {
		size_t skip = run_bytes(text, from);

		text = span_of(text.bytes + skip, text.len - skip);
	}
	piece.value.bytes = span_of(text.bytes, run_bytes(text, to - from));
	if (from > 0) {
		piece.name.index += from;
		piece.value.parent =
		    (struct entry_name){e->name.agent, piece.name.index - 1};
		piece.value.side = RUN_RIGHT;
	}
	return piece;
}

struct entry
run_hollow(const struct entry *e, uint32_t from, uint32_t to)
{
	struct entry piece = run_piece(e, from, to);

	piece.value.bytes = span_of(NULL, 0);
	piece.value.hollow = to - from;
	return piece;
}

bool
run_goes_on(const struct entry *e)
{
	const struct value *v = &e->value;

	return v->type == VALUE_RUN && e->name.index > 0 && v->side == RUN_RIGHT &&
	       v->parent.agent == e->name.agent && v->parent.index == e->name.index - 1;
}
