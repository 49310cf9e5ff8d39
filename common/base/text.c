/* text.c - UTF-8, and text put into a writer. Names and folding are text_name.c. Pure. */
#include "base/text.h"

#include <stdio.h>
#include <utf8proc.h>

/* ---- UTF-8 (RFC 3629, table 3-7 of the Unicode standard) ---- */

/* Length and least legal value of a sequence by its first byte; 0 if it begins none. */
static size_t
sequence_len(uint8_t first, uint32_t *least)
{
	*least = first < 0x80 ? 0 : first < 0xe0 ? 0x80 : first < 0xf0 ? 0x800 : 0x10000;
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

uint32_t
text_next(struct span s, size_t *at)
{
	uint32_t least, point;
	size_t len;

	if (*at >= s.len)
		return TEXT_BAD_POINT;
	len = sequence_len(s.bytes[*at], &least);
	if (len == 0 || len > s.len - *at)
		return TEXT_BAD_POINT;
	point = len == 1 ? s.bytes[*at] : s.bytes[*at] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		uint8_t next = s.bytes[*at + i];

		if ((next & 0xc0) != 0x80)
			return TEXT_BAD_POINT;
		point = point << 6 | (next & 0x3fU);
	}
	if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return TEXT_BAD_POINT;
	*at += len;
	return point;
}

bool
text_is_utf8(struct span s, size_t *bad_offset)
{
	size_t at = 0;

	while (at < s.len) {
		if (s.bytes[at] < 0x80)
			at++;
		else if (text_next(s, &at) == TEXT_BAD_POINT)
			break;
	}
	if (bad_offset != NULL)
		*bad_offset = at;
	return at == s.len;
}

size_t
text_encode(uint32_t point, uint8_t out[static 4])
{
	if (point < 0x80) {
		out[0] = (uint8_t)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (uint8_t)(0xc0 | point >> 6);
		out[1] = (uint8_t)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (uint8_t)(0xe0 | point >> 12);
		out[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (point & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | point >> 18);
	out[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (point & 0x3f));
	return 4;
}

size_t
text_points(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += (s.bytes[i] & 0xc0) != 0x80;
	return n;
}

size_t
text_width(struct span s)
{
	size_t width = 0, at = 0;

	while (at < s.len) {
		uint32_t point = text_next(s, &at);
		int columns;

		if (point ==
		    TEXT_BAD_POINT) { /* not for us to fix: one column for the byte */
			at++;
			width++;
			continue;
		}
		columns = utf8proc_charwidth((utf8proc_int32_t)point);
		width += columns > 0 ? (size_t)columns : 0;
	}
	return width;
}

bool
text_has_control(struct span s, const char *allow)
{
	size_t at = 0;

	while (at < s.len) {
		uint32_t point = text_next(s, &at);

		if (point == TEXT_BAD_POINT) {
			at++;
			continue;
		}
		if (point < 0x20 && (point == 0 || strchr(allow, (int)point) == NULL))
			return true;
		if ((point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029)
			return true;
	}
	return false;
}

/* ---- files ---- */

static uint32_t
utf16_unit(struct span s, size_t at, bool is_big)
{
	return is_big ? (uint32_t)s.bytes[at] << 8 | s.bytes[at + 1]
		      : (uint32_t)s.bytes[at + 1] << 8 | s.bytes[at];
}

/* The code point at *at of UTF-16, moving on; TEXT_BAD_POINT for a lone surrogate or a
 * lone byte at the end. */
static uint32_t
utf16_next(struct span s, size_t *at, bool is_big)
{
	uint32_t high, low;

	if (s.len - *at < 2)
		return TEXT_BAD_POINT;
	high = utf16_unit(s, *at, is_big);
	if (high < 0xd800 || high >= 0xe000) {
		*at += 2;
		return high;
	}
	if (high >= 0xdc00 || s.len - *at < 4)
		return TEXT_BAD_POINT;
	low = utf16_unit(s, *at + 2, is_big);
	if (low < 0xdc00 || low >= 0xe000)
		return TEXT_BAD_POINT;
	*at += 4;
	return 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
}

static status
decode_utf16(struct span file, bool is_big, struct arena *a, struct span *out,
    size_t *bad_offset, struct trouble *t)
{
	/* A unit of 2 bytes becomes at most 3 bytes. */
	uint8_t *bytes =
	    file.len > SIZE_MAX / 2 ? NULL : arena_alloc(a, file.len / 2 * 3);
	size_t at = 2, used = 0; /* behind the BOM */

	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "text of %zu bytes", file.len);
	while (at < file.len) {
		uint32_t point = utf16_next(file, &at, is_big);

		if (point == TEXT_BAD_POINT) {
			*bad_offset = at;
			return trouble_set(
			    t, ST_MALFORMED, "not valid UTF-16 at byte %zu", at);
		}
		used += text_encode(point, bytes + used);
	}
	*out = span_of(bytes, used);
	return ST_OK;
}

status
text_decode_file(struct span file, struct arena *a, struct span *out, size_t *bad_offset,
    struct trouble *t)
{
	static const uint8_t bom[3] = {0xef, 0xbb, 0xbf};
	size_t skip = 0, at;

	*bad_offset = 0;
	if (file.len >= 2 && file.bytes[0] == 0xff && file.bytes[1] == 0xfe)
		return decode_utf16(file, false, a, out, bad_offset, t);
	if (file.len >= 2 && file.bytes[0] == 0xfe && file.bytes[1] == 0xff)
		return decode_utf16(file, true, a, out, bad_offset, t);
	if (file.len >= sizeof bom && memcmp(file.bytes, bom, sizeof bom) == 0)
		skip = sizeof bom;
	*out = skip == 0 ? file : span_of(file.bytes + skip, file.len - skip);
	if (!text_is_utf8(*out, &at)) {
		*bad_offset = at + skip;
		return trouble_set(
		    t, ST_MALFORMED, "not valid UTF-8 at byte %zu", *bad_offset);
	}
	return ST_OK;
}

/* ---- suggestions ---- */

enum { DISTANCE_BYTES_MAX = 64 };

static unsigned
least3(unsigned a, unsigned b, unsigned c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* Optimal string alignment: three rows of the table are enough, since a swap of
 * neighbours looks two rows back. */
unsigned
text_distance(struct span a, struct span b, unsigned most)
{
	unsigned rows[3][DISTANCE_BYTES_MAX + 1];

	if (a.len > DISTANCE_BYTES_MAX || b.len > DISTANCE_BYTES_MAX)
		return span_equal(a, b) ? 0 : most + 1;
	/* Each step makes one shorter or longer by one byte at most. */
	if (a.len > b.len + most || b.len > a.len + most)
		return most + 1;
	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *now = rows[i % 3];
		const unsigned *last = rows[(i + 2) % 3];
		const unsigned *before = rows[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned differs = a.bytes[i - 1] != b.bytes[j - 1];

			now[j] =
			    least3(last[j] + 1, now[j - 1] + 1, last[j - 1] + differs);
			if (i > 1 && j > 1 && a.bytes[i - 1] == b.bytes[j - 2] &&
			    a.bytes[i - 2] == b.bytes[j - 1] &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
	}
	return rows[a.len % 3][b.len] > most ? most + 1 : rows[a.len % 3][b.len];
}

/* ---- output ---- */

void
text_put(struct writer *w, const char *format, ...)
{
	char text[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof text)
		w->is_full = true;
	else
		writer_bytes(w, text, (size_t)len);
}

void
text_put_padded(struct writer *w, struct span s, size_t points)
{
	size_t n = text_points(s);

	writer_span(w, s);
	do
		writer_u8(w, ' ');
	while (++n < points);
}
