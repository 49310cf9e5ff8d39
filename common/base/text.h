/* text.h - UTF-8 text of people: checks, normal form of names, comparing, width.
 *
 * Text is bytes with a length; nothing here stops at a NUL. Names become NFC at the
 * border (import rule I6, V4), long texts stay as typed. Comparing for search and for
 * near duplicates goes by "keys" (text_fold_key): case and diacritics removed, so that
 * `mraz` finds Mráz and `lukasz` Łukasz. No locale, no collation. Pure (utf8proc's tables
 * are constant; the buffers come from the arena). */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/writer.h"

enum {
	TEXT_NAME_POINTS_MAX = 120, /* I6 */
	TEXT_NAME_BYTES_MAX = 400,  /* I6 */
	TEXT_BAD_POINT = 0x110000   /* no code point */
};

/* ---- UTF-8 ---- */

/* Decodes the code point at s.bytes[*at] and moves *at behind it. TEXT_BAD_POINT, and *at
 * unmoved, for overlong forms, surrogates, values above 10FFFF and cut sequences. */
uint32_t text_next(struct span s, size_t *at);
/* Strict check. bad_offset (may be NULL): first byte of the first wrong sequence. */
bool text_is_utf8(struct span s, size_t *bad_offset);
/* Bytes written to out for a legal code point: 1..4. */
size_t text_encode(uint32_t point, uint8_t out[static 4]);
/* Code points of valid UTF-8. */
size_t text_points(struct span s);
/* Columns on a terminal (wide = 2, combining = 0), for valid UTF-8. */
size_t text_width(struct span s);
/* True if a control character is in it: below U+0020 except those in allow ("\t\n"),
 * U+007F..U+009F, U+2028 and U+2029. */
bool text_has_control(struct span s, const char *allow);
/* A file as strict UTF-8 without its BOM (I2): honours a BOM of UTF-8, UTF-16LE and
 * UTF-16BE, else the bytes must be UTF-8. Nothing is guessed. out is borrowed from file
 * or made in the arena.
 * Returns ST_MALFORMED with bad_offset = offset in the file (BOM counted) of the first
 * wrong byte; ST_NO_MEMORY. */
status text_decode_file(struct span file, struct arena *a, struct span *out,
    size_t *bad_offset, struct trouble *t);

/* ---- names ---- */

/* What text_clean_name changed or noticed; each is a warning of import rule I6 or I9. */
enum name_note {
	NAME_BREAK_JOINED = 1 << 0,   /* a line break or TAB became a space */
	NAME_HIDDEN_REMOVED = 1 << 1, /* zero-width or bidi control removed */
	NAME_BEYOND_BMP = 1 << 2,     /* emoji and other characters above U+FFFF */
	NAME_MIXED_SCRIPTS = 1 << 3,  /* letters of two scripts in one name */
	NAME_FORMULA = 1 << 4         /* begins with = + - @ (I9) */
};

/* The stored form of a name: NFC, trimmed (any Unicode space), inner runs of spaces to
 * one, zero-width and bidi controls removed. in: valid or invalid UTF-8. Returns
 * ST_MALFORMED (not UTF-8, control character, empty) or ST_LIMIT (over 120 code points or
 * 400 bytes); the trouble says which, never the name. */
status text_clean_name(struct span in, struct arena *a, struct span *out, unsigned *notes,
    struct trouble *t);
/* A name is stored as text_clean_name would store it, and within the limits (V4). */
bool text_is_name(struct span s);
/* NFC of valid UTF-8, in the arena; bytes NULL if memory is out. */
struct span text_nfc(struct span s, struct arena *a);
/* The search key: NFC, full case folding, diacritics removed, also from letters that do
 * not decompose (ł l, đ d, ß ss, ø o, ı i, æ ae, œ oe, þ th). bytes NULL if memory is
 * out. */
struct span text_fold_key(struct span s, struct arena *a);
/* As above but diacritics stay: "the same name" of import rule I8. */
struct span text_case_key(struct span s, struct arena *a);
/* A cell that a spreadsheet might run: begins with = + - @ (V5, I9). */
bool text_begins_like_formula(struct span s);
/* "+421 (2) 555-0101": a sign that a spreadsheet would take for a formula, and that
 * everybody writes. */
bool text_is_phone(struct span s);

/* ---- suggestions ---- */

/* Edits (insert, delete, replace, swap of neighbours) from a to b, by bytes; anything
 * above most is returned as most + 1. For codes and names that were mistyped (UX 1.8). */
unsigned text_distance(struct span a, struct span b, unsigned most);

/* ---- output ---- */

/* Appends formatted text, dropped whole if it does not fit (writer.h). */
void text_put(struct writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Appends s and spaces up to the given number of code points; a text of that length or
 * more is not cut and is followed by one space. */
void text_put_padded(struct writer *w, struct span s, size_t points);

#endif
