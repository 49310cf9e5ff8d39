/* screen.h - all text for people passes here: control characters are escaped, tables are
 * aligned by display width, and one listing comes out as human, plain, CSV or JSON
 * (UX 4). */
#ifndef CLIENT_TERMINAL_SCREEN_H
#define CLIENT_TERMINAL_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"

enum style { STYLE_HUMAN, STYLE_PLAIN, STYLE_CSV, STYLE_JSON };

/* Writes text with every control character (C0, DEL, C1, bidi and zero-width controls,
 * bytes that are not UTF-8) as \xNN or \uNNNN; line feeds become spaces. */
void screen_text(FILE *to, const char *text);
/* As screen_text, then spaces up to width columns. */
void screen_padded(FILE *to, const char *text, size_t width);

enum { SCREEN_TIME_BYTES = 32 };
/* Unix time as "13 Apr 09:40" by the laptop's zone, and as "2027-04-13T07:40:00Z"; 0 is
 * the empty text. */
void screen_local_time(uint64_t seconds, char out[static SCREEN_TIME_BYTES]);
void screen_utc_time(uint64_t seconds, char out[static SCREEN_TIME_BYTES]);

/* A listing: columns with names, rows of cells. All texts are copied. */
struct listing;

/* schema: "pnet.young/1", for JSON. columns: comma separated names; a name that ends in
 * '#' holds whole numbers (JSON prints them bare); one that ends in '?' holds yes or no.
 */
struct listing *listing_new(const char *schema, const char *columns);
/* Starts a row; then listing_cell fills it from left to right. */
void listing_row(struct listing *l);
/* text may be NULL: an empty cell. */
void listing_cell(struct listing *l, const char *text);
void listing_cellf(struct listing *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Human: aligned, header first. Plain: TAB separated, header only with show_header.
 * CSV: RFC 4180 with the formula guard. JSON: {"schema":..., "rows":[{...}]}. */
void listing_print(const struct listing *l, enum style style, bool show_header, FILE *to);
/* Several in one answer. JSON: one object, {"schema":..., NAME:[{...}], ...}, NAME:{...}
 * where the listing is_one row. Human: each that has rows, an empty line between. Plain
 * and CSV: one after the other. */
struct listing_part {
	const char *name;
	struct listing *listing; /* owned: freed */
	bool is_one;
};
void listing_print_parts(const char *schema, const struct listing_part *parts, size_t n,
    enum style style, bool show_header, FILE *to);
size_t listing_count(const struct listing *l);
void listing_free(struct listing *l);

#endif
