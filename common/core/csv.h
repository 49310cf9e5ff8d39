/* csv.h - reads rows of CSV out of UTF-8 text: import rules I1 and I3..I5 of
 * tests/data/hostile/EXPECT.md. Decoding a file is text_decode_file() (I2), what the
 * cells mean is core/roster.h. Pure.
 *
 * One row at a time; a bad row is returned with its fault and the reading goes on behind
 * it. Only an unclosed quote swallows the rest of the file, as one row. */
#ifndef CORE_CSV_H
#define CORE_CSV_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/status.h"

enum {
	CSV_FILE_BYTES_MAX = 16 * 1024 * 1024, /* a roster of 20,000 rows has 2 MiB */
	CSV_ROWS_MAX = 20000,
	CSV_CELL_BYTES_MAX = 4096,
	CSV_CELLS_MAX = 256
};

enum csv_fault {
	CSV_OK,
	CSV_NUL,       /* a NUL byte in a cell */
	CSV_CONTROL,   /* another control character; TAB and line breaks are allowed */
	CSV_CELL_LONG, /* a cell over CSV_CELL_BYTES_MAX */
	CSV_CELLS, /* more than CSV_CELLS_MAX cells, or not as many as the header has */
	CSV_AFTER_QUOTE, /* text between a closing quote and the delimiter */
	CSV_QUOTE_OPEN,  /* a quote that is never closed */
	CSV_FAULT_COUNT
};

struct csv_row {
	size_t line;          /* of the row's first character, from 1 */
	enum csv_fault fault; /* cells are valid only if CSV_OK */
	size_t n_cells;
	struct span *cells; /* in the arena or borrowed from the text; unquoted */
};

/* Open struct, but only csv.c touches it. */
struct csv {
	struct span text;
	size_t at;
	size_t line;
	uint8_t delimiter;
	size_t n_header; /* cells of the header; every row has as many */
	size_t n_rows;   /* data rows returned */
};

/* Reads an optional line `sep=;` and the header, whose line decides the delimiter among
 * , ; TAB. text: UTF-8 without BOM, borrowed as long as the reader is used.
 * Returns ST_LIMIT (file too large), ST_MALFORMED (empty file, header with a fault, an
 * empty or a doubled column). */
status csv_open(struct csv *c, struct span text, struct arena *a, struct csv_row *header,
    struct trouble *t);
/* The next row that is not empty. *has_row false at the end. Returns ST_LIMIT at the row
 * after CSV_ROWS_MAX, ST_NO_MEMORY. */
status csv_next(struct csv *c, struct arena *a, struct csv_row *row, bool *has_row,
    struct trouble *t);
/* A sentence part for the report; static storage. */
const char *csv_fault_text(enum csv_fault fault);

#endif
