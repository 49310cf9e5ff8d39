/* invite.c - invite codes: writing, forgiving reading, and where a code is wrong. Pure.
 */
#include "proto/invite.h"

#include <assert.h>

#include "base/base32.h"
#include "base/writer.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

enum { VERSION = 1, CHECKSUM_BYTES = 4, CHECKED_BYTES = INVITE_BYTES - CHECKSUM_BYTES };

_Static_assert(INVITE_SYMBOLS == BASE32_SYMBOLS(INVITE_BYTES), "111 symbols");

static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The symbol that a typed character means (base/base32.h), or 0. */
static char
symbol_of(uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	return (char)(c != 0 && strchr(symbols, c) != NULL ? c : 0);
}

/* ---- checksum ---- */

static void
checksum(struct span address, const uint8_t bytes[static CHECKED_BYTES],
    uint8_t out[static CHECKSUM_BYTES])
{
	struct span parts[2] = {address, span_of(bytes, CHECKED_BYTES)};
	struct hash32 hash;

	hash_256(LABEL_CODE, parts, 2, &hash);
	memcpy(out, hash.bytes, CHECKSUM_BYTES);
}

static bool
is_right(struct span address, const char *text, uint8_t bytes[static INVITE_BYTES])
{
	uint8_t wanted[CHECKSUM_BYTES];

	if (base32_read(text, bytes, INVITE_BYTES, NULL) != ST_OK)
		return false;
	checksum(address, bytes, wanted);
	return memcmp(wanted, bytes + CHECKED_BYTES, CHECKSUM_BYTES) == 0;
}

size_t
invite_write(const struct invite *in, char out[static INVITE_TEXT_MAX + 1])
{
	struct span address = span_text(in->address.text);
	uint8_t bytes[INVITE_BYTES];
	struct writer w = writer_of(bytes, sizeof bytes);

	assert(server_address_is_valid(address));
	writer_u8(&w, VERSION);
	writer_bytes(&w, in->network.bytes, sizeof in->network.bytes);
	writer_bytes(&w, in->server.bytes, sizeof in->server.bytes);
	writer_bytes(&w, in->secret.bytes, sizeof in->secret.bytes);
	assert(w.used == CHECKED_BYTES);
	checksum(address, bytes, bytes + CHECKED_BYTES);
	memcpy(out, address.bytes, address.len);
	out[address.len] = '/';
	base32_write(span_of(bytes, sizeof bytes), out + address.len + 1);
	keys_wipe(bytes, sizeof bytes);
	return address.len + 1 + INVITE_SYMBOLS;
}

/* ---- reading ---- */

/* What somebody typed, taken apart; at[] says where each piece stood. Secret. */
struct typed {
	uint8_t address[SERVER_ADDRESS_BYTES_MAX];
	size_t address_at[SERVER_ADDRESS_BYTES_MAX];
	size_t address_len;
	char symbols[INVITE_SYMBOLS + 1];
	size_t at[INVITE_SYMBOLS];
	size_t n; /* symbols in the text, also those too many */
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
fault_set(struct invite_fault *f, enum invite_fault_kind kind, size_t at)
{
	f->kind = kind;
	f->at = at;
	f->group = 0;
}

static void
fault_at_symbol(
    struct invite_fault *f, enum invite_fault_kind kind, size_t at, size_t index)
{
	fault_set(f, kind, at);
	f->group = index / INVITE_GROUP + 1;
}

/* Up to the slash; false with the fault set. at: in, out: offset in the text. */
static bool
take_address(struct span text, size_t *at, struct typed *out, struct invite_fault *f)
{
	for (; *at < text.len; (*at)++) {
		uint8_t c = text.bytes[*at];

		if (c == '/')
			break;
		if (is_blank(c))
			continue;
		if (out->address_len == sizeof out->address) {
			fault_set(f, INVITE_FAULT_ADDRESS, *at);
			return false;
		}
		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c - 'A' + 'a');
		out->address[out->address_len] = c;
		out->address_at[out->address_len] = *at;
		out->address_len++;
	}
	if (*at == text.len ||
	    !server_address_is_valid(span_of(out->address, out->address_len))) {
		fault_set(f, INVITE_FAULT_ADDRESS, *at);
		return false;
	}
	(*at)++;
	return true;
}

static bool
take_symbols(struct span text, size_t at, struct typed *out, struct invite_fault *f)
{
	size_t first_too_much = text.len;

	for (; at < text.len; at++) {
		uint8_t c = text.bytes[at];
		char symbol = symbol_of(c);

		if (is_blank(c) || c == '-')
			continue;
		if (symbol == 0) {
			fault_at_symbol(f, INVITE_FAULT_SYMBOL, at, out->n);
			return false;
		}
		if (out->n < INVITE_SYMBOLS) {
			out->symbols[out->n] = symbol;
			out->at[out->n] = at;
		} else if (out->n == INVITE_SYMBOLS) {
			first_too_much = at;
		}
		out->n++;
	}
	f->symbols = out->n;
	if (out->n < INVITE_SYMBOLS)
		fault_at_symbol(f, INVITE_FAULT_SHORT, text.len, out->n);
	else if (out->n > INVITE_SYMBOLS)
		fault_at_symbol(f, INVITE_FAULT_LONG, first_too_much, INVITE_SYMBOLS - 1);
	return out->n == INVITE_SYMBOLS;
}

/* ---- finding the typing error ----
 * A code with one wrong character has, but for a chance of one in a million, exactly one
 * neighbour with a right checksum. It is shown, never taken: the person looks again. */

static bool
find_wrong_symbol(struct typed *code, struct invite_fault *f)
{
	struct span address = span_of(code->address, code->address_len);
	uint8_t bytes[INVITE_BYTES];
	bool is_found = false;

	for (size_t i = 0; i < INVITE_SYMBOLS && !is_found; i++) {
		char was = code->symbols[i];

		for (const char *n = symbols; *n != '\0' && !is_found; n++) {
			code->symbols[i] = *n;
			is_found = *n != was && is_right(address, code->symbols, bytes);
		}
		code->symbols[i] = was;
		if (is_found)
			fault_at_symbol(f, INVITE_FAULT_TYPO, code->at[i], i);
	}
	keys_wipe(bytes, sizeof bytes);
	return is_found;
}

static void
swap_symbols(struct typed *code, size_t i)
{
	char first = code->symbols[i];

	code->symbols[i] = code->symbols[i + 1];
	code->symbols[i + 1] = first;
}

static bool
find_swap(struct typed *code, struct invite_fault *f)
{
	struct span address = span_of(code->address, code->address_len);
	uint8_t bytes[INVITE_BYTES];
	bool is_found = false;

	for (size_t i = 0; i + 1 < INVITE_SYMBOLS && !is_found; i++) {
		swap_symbols(code, i);
		is_found = is_right(address, code->symbols, bytes);
		swap_symbols(code, i);
		if (is_found)
			fault_at_symbol(f, INVITE_FAULT_SWAP, code->at[i], i);
	}
	keys_wipe(bytes, sizeof bytes);
	return is_found;
}

static bool
find_wrong_address(struct typed *code, struct invite_fault *f)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-:[]";
	struct span address = span_of(code->address, code->address_len);
	uint8_t bytes[INVITE_BYTES];
	bool is_found = false;

	for (size_t i = 0; i < code->address_len && !is_found; i++) {
		uint8_t was = code->address[i];

		for (size_t n = 0; n < sizeof characters - 1 && !is_found; n++) {
			code->address[i] = (uint8_t)characters[n];
			is_found = server_address_is_valid(address) &&
				   is_right(address, code->symbols, bytes);
		}
		code->address[i] = was;
		if (is_found)
			fault_set(f, INVITE_FAULT_TYPO, code->address_at[i]);
	}
	keys_wipe(bytes, sizeof bytes);
	return is_found;
}

static void
find_fault(struct typed *code, size_t text_len, struct invite_fault *f)
{
	if (find_wrong_symbol(code, f) || find_swap(code, f) ||
	    find_wrong_address(code, f))
		return;
	fault_set(f, INVITE_FAULT_SOMEWHERE, text_len);
}

static status
fault_status(const struct invite_fault *f, struct trouble *t)
{
	switch (f->kind) {
	case INVITE_FAULT_NONE:
		return ST_OK;
	case INVITE_FAULT_ADDRESS:
		return trouble_set(t, ST_MALFORMED,
		    "invite: it does not begin with HOST:PORT/ in small letters");
	case INVITE_FAULT_SYMBOL:
		return trouble_set(t, ST_MALFORMED,
		    "invite: group %zu has a character that no invite has", f->group);
	case INVITE_FAULT_SHORT:
		return trouble_set(t, ST_MALFORMED,
		    "invite: %zu of %d characters are there", f->symbols, INVITE_SYMBOLS);
	case INVITE_FAULT_LONG:
		return trouble_set(t, ST_MALFORMED,
		    "invite: %zu characters, %d are right", f->symbols, INVITE_SYMBOLS);
	case INVITE_FAULT_TYPO:
		if (f->group == 0)
			return trouble_set(
			    t, ST_MALFORMED, "invite: a wrong character in HOST:PORT");
		return trouble_set(
		    t, ST_MALFORMED, "invite: a wrong character in group %zu", f->group);
	case INVITE_FAULT_SWAP:
		return trouble_set(t, ST_MALFORMED,
		    "invite: two characters changed places in group %zu", f->group);
	case INVITE_FAULT_SOMEWHERE:
		return trouble_set(
		    t, ST_MALFORMED, "invite: more than one character is wrong");
	case INVITE_FAULT_VERSION:
		return trouble_set(t, ST_VERSION, "invite: made by a newer version");
	}
	return trouble_set(t, ST_BUG, "invite");
}

static void
take_fields(const struct typed *code, const uint8_t bytes[static INVITE_BYTES],
    struct invite *out)
{
	const uint8_t *at = bytes + 1;

	memcpy(out->address.text, code->address, code->address_len);
	memcpy(out->network.bytes, at, sizeof out->network.bytes);
	at += sizeof out->network.bytes;
	memcpy(out->server.bytes, at, sizeof out->server.bytes);
	at += sizeof out->server.bytes;
	memcpy(out->secret.bytes, at, sizeof out->secret.bytes);
}

status
invite_read(
    struct span text, struct invite *out, struct invite_fault *where, struct trouble *t)
{
	struct invite_fault fault = {.kind = INVITE_FAULT_NONE, .at = text.len};
	struct typed code = {0};
	uint8_t bytes[INVITE_BYTES];
	size_t at = 0;

	memset(out, 0, sizeof *out);
	if (text.len > INVITE_INPUT_MAX)
		return trouble_set(t, ST_LIMIT, "invite: %zu characters", text.len);
	if (take_address(text, &at, &code, &fault) &&
	    take_symbols(text, at, &code, &fault)) {
		if (!is_right(
			span_of(code.address, code.address_len), code.symbols, bytes))
			find_fault(&code, text.len, &fault);
		else if (bytes[0] != VERSION)
			fault_set(&fault, INVITE_FAULT_VERSION, text.len);
		else
			take_fields(&code, bytes, out);
	}
	keys_wipe(bytes, sizeof bytes);
	keys_wipe(&code, sizeof code);
	if (where != NULL)
		*where = fault;
	return fault_status(&fault, t);
}
