/* screen.c - escapes, aligns and prints; the only place that knows the output styles. */
#include "client/terminal/screen.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

void
screen_local_time(uint64_t seconds, char out[static SCREEN_TIME_BYTES])
{
	time_t at = (time_t)seconds;
	char rest[SCREEN_TIME_BYTES - 4];
	struct tm tm;

	out[0] = '\0';
	if (seconds == 0 || localtime_r(&at, &tm) == NULL)
		return;
	(void)strftime(rest, sizeof rest, "%b %H:%M", &tm);
	(void)snprintf(out, SCREEN_TIME_BYTES, "%d %s", tm.tm_mday % 100, rest);
}

void
screen_utc_time(uint64_t seconds, char out[static SCREEN_TIME_BYTES])
{
	time_t at = (time_t)seconds;
	struct tm tm;

	out[0] = '\0';
	if (seconds != 0 && gmtime_r(&at, &tm) != NULL)
		(void)strftime(out, SCREEN_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

struct listing {
	char *schema;
	char **columns;
	size_t n_columns;
	/* Row by row, where in `text` each begins; 0 = empty. A country's list has half a
	 * million cells of a few bytes: each by itself would cost ten times as much. */
	size_t *cells;
	size_t n_cells;
	size_t cap_cells;
	size_t n_rows;
	char *text;
	size_t text_used;
	size_t text_cap;
};

/* Bidi and zero-width controls could reorder or hide what a person reads. */
static bool
is_hidden(uint32_t point)
{
	return (point >= 0x200b && point <= 0x200f) ||
	       (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x2069) || point == 0xfeff;
}

static void
put_text(FILE *to, struct span s)
{
	for (size_t at = 0; at < s.len;) {
		size_t from = at;
		uint32_t point = text_next(s, &at);

		if (point == TEXT_BAD_POINT)
			fprintf(to, "\\x%02X", s.bytes[at++]);
		else if (point == '\n')
			fputc(' ', to);
		else if (point < 0x20 || (point >= 0x7f && point < 0xa0))
			fprintf(to, "\\x%02X", (unsigned)point);
		else if (is_hidden(point))
			fprintf(to, "\\u%04X", (unsigned)point);
		else
			fwrite(s.bytes + from, 1, at - from, to);
	}
}

void
screen_text(FILE *to, const char *text)
{
	put_text(to, span_text(text));
}

static size_t
width_of(const char *text)
{
	return text == NULL ? 0 : text_width(span_text(text));
}

void
screen_padded(FILE *to, const char *text, size_t width)
{
	screen_text(to, text);
	for (size_t w = width_of(text); w < width; w++)
		fputc(' ', to);
}

static void *
must(void *memory)
{
	if (memory == NULL)
		abort(); /* a listing that does not fit into memory cannot be shown */
	return memory;
}

struct listing *
listing_new(const char *schema, const char *columns)
{
	struct listing *l = must(calloc(1, sizeof *l));
	char *rest = must(strdup(columns));
	char *at = rest;

	l->schema = must(strdup(schema));
	for (char *name; (name = strsep(&at, ",")) != NULL;) {
		l->columns =
		    must(realloc(l->columns, (l->n_columns + 1) * sizeof(char *)));
		l->columns[l->n_columns++] = must(strdup(name));
	}
	free(rest);
	return l;
}

/* By a half more each time, as the text may be the largest thing in memory. */
static void *
grown(void *items, size_t *cap, size_t needed, size_t size)
{
	if (needed <= *cap)
		return items;
	*cap = needed + needed / 2 + 64;
	return must(reallocarray(items, *cap, size));
}

static void
add_cell(struct listing *l, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);
	size_t at = 0;

	if (len > 0) {
		at = l->text_used == 0 ? 1 : l->text_used;
		l->text = grown(l->text, &l->text_cap, at + len + 1, 1);
		memcpy(l->text + at, text, len + 1);
		l->text_used = at + len + 1;
	}
	l->cells = grown(l->cells, &l->cap_cells, l->n_cells + 1, sizeof *l->cells);
	l->cells[l->n_cells++] = at;
}

void
listing_row(struct listing *l)
{
	while (l->n_cells < l->n_rows * l->n_columns)
		add_cell(l, NULL);
	l->n_rows++;
}

void
listing_cell(struct listing *l, const char *text)
{
	if (l->n_cells < l->n_rows * l->n_columns)
		add_cell(l, text);
}

void
listing_cellf(struct listing *l, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	listing_cell(l, text);
	free(text);
}

static const char *
cell(const struct listing *l, size_t row, size_t column)
{
	size_t at = row * l->n_columns + column;

	return at < l->n_cells && l->cells[at] != 0 ? l->text + l->cells[at] : "";
}

/* The column's name without its type mark. */
static size_t
name_len(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && (name[n - 1] == '#' || name[n - 1] == '?') ? n - 1 : n;
}

static void
print_human(const struct listing *l, FILE *to)
{
	size_t widths[64] = {0};

	for (size_t c = 0; c < l->n_columns && c < 64; c++) {
		widths[c] = name_len(l->columns[c]);
		for (size_t r = 0; r < l->n_rows; r++) {
			size_t w = width_of(cell(l, r, c));

			widths[c] = w > widths[c] ? w : widths[c];
		}
	}
	for (size_t r = 0; r <= l->n_rows && l->n_rows > 0; r++) {
		for (size_t c = 0; c < l->n_columns && c < 64; c++) {
			char name[64];
			const char *text = r > 0 ? cell(l, r - 1, c) : name;

			(void)snprintf(name, sizeof name, "%.*s",
			    (int)name_len(l->columns[c]), l->columns[c]);
			screen_padded(to, text, c + 1 < l->n_columns ? widths[c] + 2 : 0);
		}
		fputc('\n', to);
	}
}

static void
print_plain(const struct listing *l, bool show_header, FILE *to)
{
	for (size_t c = 0; show_header && c < l->n_columns; c++)
		fprintf(to, "%.*s%c", (int)name_len(l->columns[c]), l->columns[c],
		    c + 1 < l->n_columns ? '\t' : '\n');
	for (size_t r = 0; r < l->n_rows; r++) {
		for (size_t c = 0; c < l->n_columns; c++) {
			screen_text(to, cell(l, r, c));
			fputc(c + 1 < l->n_columns ? '\t' : '\n', to);
		}
	}
}

static void
print_csv_cell(const char *text, FILE *to)
{
	bool is_formula = text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
	bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (is_quoted)
		fputc('"', to);
	if (is_formula)
		fputc('\'', to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', to);
		fputc(*text, to);
	}
	if (is_quoted)
		fputc('"', to);
}

static void
print_csv(const struct listing *l, FILE *to)
{
	for (size_t c = 0; c < l->n_columns; c++)
		fprintf(to, "%.*s%c", (int)name_len(l->columns[c]), l->columns[c],
		    c + 1 < l->n_columns ? ',' : '\n');
	for (size_t r = 0; r < l->n_rows; r++) {
		for (size_t c = 0; c < l->n_columns; c++) {
			print_csv_cell(cell(l, r, c), to);
			fputc(c + 1 < l->n_columns ? ',' : '\n', to);
		}
	}
}

static json_t *
json_cell(const char *column, const char *text)
{
	char mark = column[name_len(column)];

	if (*text == '\0')
		return json_null();
	if (mark == '#')
		return json_integer(strtoll(text, NULL, 10));
	if (mark == '?')
		return json_boolean(strcmp(text, "yes") == 0);
	return json_string(text);
}

static json_t *
json_row(const struct listing *l, size_t r)
{
	json_t *row = json_object();

	for (size_t c = 0; c < l->n_columns; c++) {
		char name[64];

		(void)snprintf(name, sizeof name, "%.*s", (int)name_len(l->columns[c]),
		    l->columns[c]);
		(void)json_object_set_new(
		    row, name, json_cell(l->columns[c], cell(l, r, c)));
	}
	return row;
}

/* Takes the reference. */
static void
put_json(json_t *value, FILE *to)
{
	(void)json_dumpf(value, to, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
}

static void
put_json_name(const char *name, FILE *to)
{
	put_json(json_string(name), to);
	fputc(':', to);
}

/* Row by row: the tree of all would take ten times the memory of the listing. */
static void
put_json_rows(const struct listing *l, FILE *to)
{
	fputc('[', to);
	for (size_t r = 0; r < l->n_rows; r++) {
		if (r > 0)
			fputc(',', to);
		put_json(json_row(l, r), to);
	}
	fputc(']', to);
}

static void
begin_json(const char *schema, FILE *to)
{
	fputc('{', to);
	put_json_name("schema", to);
	put_json(json_string(schema), to);
}

static void
print_json(const struct listing *l, FILE *to)
{
	begin_json(l->schema, to);
	fputc(',', to);
	put_json_name("rows", to);
	put_json_rows(l, to);
	fputs("}\n", to);
}

void
listing_print(const struct listing *l, enum style style, bool show_header, FILE *to)
{
	switch (style) {
	case STYLE_HUMAN:
		print_human(l, to);
		break;
	case STYLE_PLAIN:
		print_plain(l, show_header, to);
		break;
	case STYLE_CSV:
		print_csv(l, to);
		break;
	case STYLE_JSON:
		print_json(l, to);
		break;
	}
}

static void
print_json_parts(const char *schema, const struct listing_part *parts, size_t n, FILE *to)
{
	begin_json(schema, to);
	for (size_t i = 0; i < n; i++) {
		const struct listing *l = parts[i].listing;

		fputc(',', to);
		put_json_name(parts[i].name, to);
		if (parts[i].is_one && l->n_rows > 0)
			put_json(json_row(l, 0), to);
		else
			put_json_rows(l, to);
	}
	fputs("}\n", to);
}

void
listing_print_parts(const char *schema, const struct listing_part *parts, size_t n,
    enum style style, bool show_header, FILE *to)
{
	bool is_first = true;

	if (style == STYLE_JSON)
		print_json_parts(schema, parts, n, to);
	for (size_t i = 0; i < n; i++) {
		if (style != STYLE_JSON && parts[i].listing->n_rows > 0) {
			if (style == STYLE_HUMAN && !is_first)
				fputc('\n', to);
			listing_print(parts[i].listing, style, show_header, to);
			is_first = false;
		}
		listing_free(parts[i].listing);
	}
}

size_t
listing_count(const struct listing *l)
{
	return l->n_rows;
}

void
listing_free(struct listing *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n_columns; i++)
		free(l->columns[i]);
	free(l->columns);
	free(l->cells);
	free(l->text);
	free(l->schema);
	free(l);
}
