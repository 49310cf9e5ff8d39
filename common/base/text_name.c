/* text_name.c - names: their stored form (NFC, no hidden characters), and the keys by
 * which they are compared and found. Pure: utf8proc works on our buffers. */
#include "base/text.h"

#include <assert.h>
#include <utf8proc.h>

struct point_range {
	uint32_t first, last;
};

/* Sorted. Zero-width and bidi controls, soft hyphen: nobody sees them, and two names that
 * look the same would be two people. */
static const struct point_range hidden[] = {{0x00ad, 0x00ad}, {0x061c, 0x061c},
    {0x180e, 0x180e}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064},
    {0x2066, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0xe007f}};
static const struct point_range spaces[] = {{0x0020, 0x0020}, {0x00a0, 0x00a0},
    {0x1680, 0x1680}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f},
    {0x3000, 0x3000}};

enum script {
	SCRIPT_NONE,
	LATIN,
	GREEK,
	CYRILLIC,
	ARMENIAN,
	HEBREW,
	ARABIC,
	GEORGIAN,
	EAST
};

static const struct {
	struct point_range range;
	enum script script;
} scripts[] = {
    {{0x0041, 0x005a}, LATIN},
    {{0x0061, 0x007a}, LATIN},
    {{0x00c0, 0x00d6}, LATIN},
    {{0x00d8, 0x00f6}, LATIN},
    {{0x00f8, 0x024f}, LATIN},
    {{0x0370, 0x03ff}, GREEK},
    {{0x0400, 0x052f}, CYRILLIC},
    {{0x0531, 0x058f}, ARMENIAN},
    {{0x0590, 0x05ff}, HEBREW},
    {{0x0600, 0x077f}, ARABIC},
    {{0x10a0, 0x10ff}, GEORGIAN},
    {{0x1100, 0x11ff}, EAST},
    {{0x1c80, 0x1c8f}, CYRILLIC},
    {{0x1e00, 0x1eff}, LATIN},
    {{0x1f00, 0x1fff}, GREEK},
    {{0x2c60, 0x2c7f}, LATIN},
    {{0x2de0, 0x2dff}, CYRILLIC},
    {{0x3040, 0x30ff}, EAST},
    {{0x3400, 0x9fff}, EAST},
    {{0xa640, 0xa69f}, CYRILLIC},
    {{0xa720, 0xa7ff}, LATIN},
    {{0xac00, 0xd7af}, EAST},
    {{0xff21, 0xff5a}, LATIN},
};

static bool
in_ranges(uint32_t point, const struct point_range *ranges, size_t n)
{
	for (size_t i = 0; i < n && ranges[i].first <= point; i++) {
		if (point <= ranges[i].last)
			return true;
	}
	return false;
}
#define IN_RANGES(point, table)                                                          \
	in_ranges((point), (table), sizeof(table) / sizeof((table)[0]))

static enum script
script_of(uint32_t point)
{
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		if (point >= scripts[i].range.first && point <= scripts[i].range.last)
			return scripts[i].script;
	}
	return SCRIPT_NONE;
}

/* ---- normal forms ---- */

/* Letters that do not decompose into a base and a mark; after case folding. */
static const struct {
	uint32_t from;
	char to[3];
} plain_letters[] = {{0x00e6, "ae"}, {0x00f0, "d"}, {0x00f8, "o"}, {0x00fe, "th"},
    {0x0111, "d"}, {0x0127, "h"}, {0x0131, "i"}, {0x0142, "l"}, {0x014b, "n"},
    {0x0153, "oe"}, {0x0167, "t"}};

/* Code points of s under utf8proc's options, in the arena; NULL if memory is out or s is
 * not UTF-8. */
static utf8proc_int32_t *
decompose(struct span s, utf8proc_option_t options, struct arena *a, size_t *n)
{
	utf8proc_ssize_t need, got;
	utf8proc_int32_t *points;

	need = utf8proc_decompose(s.bytes, (utf8proc_ssize_t)s.len, NULL, 0, options);
	if (need < 0)
		return NULL;
	/* One more: utf8proc_reencode() ends its text with a NUL. */
	points = arena_alloc(a, ((size_t)need + 1) * sizeof *points);
	if (points == NULL)
		return NULL;
	got = utf8proc_decompose(s.bytes, (utf8proc_ssize_t)s.len, points, need, options);
	if (got < 0 || got > need)
		return NULL;
	*n = (size_t)got;
	return points;
}

static struct span
transform(struct span s, utf8proc_option_t options, struct arena *a)
{
	size_t n;
	utf8proc_int32_t *points = decompose(s, options, a, &n);
	utf8proc_ssize_t len;

	if (points == NULL)
		return span_of(NULL, 0);
	len = utf8proc_reencode(points, (utf8proc_ssize_t)n, options);
	return len < 0 ? span_of(NULL, 0) : span_of(points, (size_t)len);
}

struct span
text_nfc(struct span s, struct arena *a)
{
	return transform(s, UTF8PROC_STABLE | UTF8PROC_COMPOSE, a);
}

struct span
text_case_key(struct span s, struct arena *a)
{
	return transform(s, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD, a);
}

static size_t
put_plain(uint32_t point, uint8_t *out)
{
	for (size_t i = 0; i < sizeof plain_letters / sizeof plain_letters[0]; i++) {
		if (plain_letters[i].from == point) {
			size_t len = strlen(plain_letters[i].to);

			memcpy(out, plain_letters[i].to, len);
			return len;
		}
	}
	return text_encode(point, out);
}

struct span
text_fold_key(struct span s, struct arena *a)
{
	size_t n, used = 0;
	utf8proc_int32_t *points = decompose(s,
	    UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK,
	    a, &n);
	uint8_t *out = points == NULL ? NULL : arena_alloc(a, 4 * n);

	if (out == NULL)
		return span_of(NULL, 0);
	for (size_t i = 0; i < n; i++)
		used += put_plain((uint32_t)points[i], out + used);
	return span_of(out, used);
}

/* ---- names ---- */

bool
text_begins_like_formula(struct span s)
{
	return s.len > 0 && memchr("=+-@", s.bytes[0], 4) != NULL;
}

bool
text_is_phone(struct span s)
{
	static const char marks[] = " ()-/.";
	size_t digits = 0;

	if (s.len == 0 || s.bytes[0] != '+')
		return false;
	for (size_t i = 1; i < s.len; i++) {
		bool is_digit = s.bytes[i] >= '0' && s.bytes[i] <= '9';

		digits += is_digit;
		if (!is_digit && memchr(marks, s.bytes[i], sizeof marks - 1) == NULL)
			return false;
	}
	return digits > 0;
}

/* What one code point of a name becomes: itself, a space, nothing (0), or TEXT_BAD_POINT
 * where the name is refused. */
static uint32_t
name_point(uint32_t point, unsigned *notes)
{
	if (point == '\t' || point == '\n' || point == '\r') {
		*notes |= NAME_BREAK_JOINED;
		return ' ';
	}
	if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 ||
	    point == 0x2029)
		return TEXT_BAD_POINT;
	if (IN_RANGES(point, hidden)) {
		*notes |= NAME_HIDDEN_REMOVED;
		return 0;
	}
	return IN_RANGES(point, spaces) ? ' ' : point;
}

/* Copies the visible part of a name to out (at most in.len bytes), spaces trimmed and in
 * runs of one. False for a control character or bytes that are not UTF-8. */
static bool
filter_name(struct span in, uint8_t *out, size_t *len, unsigned *notes)
{
	bool pending = false; /* a space that only counts before a visible character */
	size_t at = 0;

	*len = 0;
	while (at < in.len) {
		uint32_t point = text_next(in, &at);

		if (point != TEXT_BAD_POINT)
			point = name_point(point, notes);
		if (point == TEXT_BAD_POINT)
			return false;
		if (point == ' ') {
			pending = true;
		} else if (point != 0) {
			if (pending && *len > 0)
				out[(*len)++] = ' ';
			pending = false;
			*len += text_encode(point, out + *len);
		}
	}
	return true;
}

static unsigned
look_at_name(struct span name)
{
	enum script first = SCRIPT_NONE;
	unsigned notes = text_begins_like_formula(name) ? NAME_FORMULA : 0;
	size_t at = 0;

	while (at < name.len) {
		uint32_t point = text_next(name, &at);
		enum script script = script_of(point);

		if (point > 0xffff)
			notes |= NAME_BEYOND_BMP;
		if (script != SCRIPT_NONE && first != SCRIPT_NONE && script != first)
			notes |= NAME_MIXED_SCRIPTS;
		if (first == SCRIPT_NONE)
			first = script;
	}
	return notes;
}

status
text_clean_name(
    struct span in, struct arena *a, struct span *out, unsigned *notes, struct trouble *t)
{
	/* A space of three bytes shrinks to one, so in.len is enough; +4 for
	 * text_encode(). */
	uint8_t *visible = arena_alloc(a, in.len + 4);
	size_t len;

	*notes = 0;
	*out = span_of(NULL, 0);
	if (visible == NULL)
		return trouble_set(t, ST_NO_MEMORY, "a name");
	if (!text_is_utf8(in, NULL))
		return trouble_set(t, ST_MALFORMED, "a name is not valid UTF-8");
	if (!filter_name(in, visible, &len, notes))
		return trouble_set(t, ST_MALFORMED, "a name has a control character");
	if (len == 0)
		return trouble_set(t, ST_MALFORMED, "a name is empty");
	*out = text_nfc(span_of(visible, len), a);
	if (out->bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "a name");
	if (text_points(*out) > TEXT_NAME_POINTS_MAX || out->len > TEXT_NAME_BYTES_MAX)
		return trouble_set(t, ST_LIMIT,
		    "a name is longer than %d characters or %d bytes",
		    TEXT_NAME_POINTS_MAX, TEXT_NAME_BYTES_MAX);
	*notes |= look_at_name(*out);
	return ST_OK;
}

/* NFC without an arena: a stored name is short, and composing never needs more code
 * points than its full decomposition, at most four for each. */
static bool
is_nfc(struct span s)
{
	enum { POINTS_MAX = 4 * TEXT_NAME_BYTES_MAX };
	utf8proc_int32_t points[POINTS_MAX + 1];
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_ssize_t n;

	assert(s.len <= TEXT_NAME_BYTES_MAX);
	n = utf8proc_decompose(
	    s.bytes, (utf8proc_ssize_t)s.len, points, POINTS_MAX, options);
	if (n < 0 || n > POINTS_MAX)
		return false;
	n = utf8proc_reencode(points, n, options);
	return n >= 0 && span_equal(span_of(points, (size_t)n), s);
}

bool
text_is_name(struct span s)
{
	uint8_t same[TEXT_NAME_BYTES_MAX + 4];
	unsigned notes = 0;
	size_t len;

	if (s.len == 0 || s.len > TEXT_NAME_BYTES_MAX ||
	    text_points(s) > TEXT_NAME_POINTS_MAX)
		return false;
	return filter_name(s, same, &len, &notes) && span_equal(span_of(same, len), s) &&
	       is_nfc(s);
}
