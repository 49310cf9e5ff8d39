/* fuzz_invite.c - an invite code as somebody typed it: what is read writes a code that
 * reads the same; what is refused says where within the text. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "proto/invite.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char text[INVITE_TEXT_MAX + 1];
	struct invite_fault where = {0};
	struct invite in;
	struct invite again;
	status st = invite_read(span_of(bytes, len), &in, &where, NULL);

	if (st == ST_OK) {
		assert(where.kind == INVITE_FAULT_NONE);
		assert(invite_write(&in, text) == strlen(text));
		assert(invite_read(span_text(text), &again, NULL, NULL) == ST_OK);
		assert(memcmp(&in, &again, sizeof in) == 0);
	} else if (st != ST_LIMIT) {
		assert(where.kind != INVITE_FAULT_NONE && where.at <= len);
		assert(ID_IS_ZERO(&in.secret));
	}
	return 0;
}
