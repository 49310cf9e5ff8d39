/* import_file.c - file to text, rows to report. */
#include "client/actions/import_file.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static status
cannot_read(struct laptop *l, const char *path, const char *why)
{
	(void)complain(l->complaint, PN_F01, "%s: %s", path, why);
	complain_data(l->complaint, "nothing was imported");
	complain_next(l->complaint, "pnet help import");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", why);
}

/* The whole file, or as much of it as there still is when it shrinks under our hands. */
static status
read_whole(struct laptop *l, const char *path, struct span *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat info;
	uint8_t *bytes;
	size_t used = 0;

	if (fd < 0)
		return cannot_read(l, path, strerror(errno)); /* NOLINT: one thread */
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
		(void)close(fd);
		return cannot_read(l, path, "that is no regular file");
	}
	if (info.st_size > CSV_FILE_BYTES_MAX) {
		(void)close(fd);
		return trouble_set(
		    &l->trouble, ST_LIMIT, "the file has more than 16 MiB");
	}
	bytes = arena_alloc(l->arena, (size_t)info.st_size + 1);
	while (bytes != NULL && used < (size_t)info.st_size) {
		ssize_t n = read(fd, bytes + used, (size_t)info.st_size - used);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	(void)close(fd);
	*out = span_of(bytes, used);
	return bytes == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
			     : ST_OK;
}

/* On demand only: never guessed (import rule I2). */
static status
convert(struct laptop *l, const char *encoding, struct span *text)
{
	static const struct {
		const char *name, *iconv_name;
	} known[] = {{"cp1250", "CP1250"}, {"latin2", "ISO-8859-2"}, {"utf8", "UTF-8"}};
	const char *from = NULL;
	size_t cap = text->len * 4 + 4, left, room = cap;
	char *out = arena_alloc(l->arena, cap);
	char *at = out;
	char *in =
	    arena_text(l->arena, "%.*s", (int)text->len, (const char *)text->bytes);
	iconv_t conversion;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(encoding, known[i].name) == 0)
			from = known[i].iconv_name;
	}
	if (from == NULL || out == NULL || in == NULL)
		return complain(l->complaint, PN_U01,
		    "--encoding is cp1250 or latin2, not '%.20s'", encoding);
	left = strlen(in); /* a NUL ends the text: no such byte is legal in it */
	conversion = iconv_open("UTF-8", from);
	if (iconv(conversion, &in, &left, &at, &room) == (size_t)-1) {
		(void)iconv_close(conversion);
		return trouble_set(&l->trouble, ST_MALFORMED, "not valid %s at byte %zu",
		    encoding, text->len - left);
	}
	(void)iconv_close(conversion);
	*text = span_of(out, cap - room);
	return ST_OK;
}

static status
not_text(struct laptop *l, const char *path, size_t at)
{
	(void)complain(l->complaint, PN_V02, "%s: not valid UTF-8 at byte %zu", path, at);
	complain_data(l->complaint, "nothing was imported");
	complain_next(l->complaint, "pnet help import    with --encoding cp1250 or "
				    "latin2, if it is one of these");
	return trouble_set(&l->trouble, ST_MALFORMED, "not UTF-8");
}

status
import_text(struct laptop *l, const char *path, const char *encoding, struct span *out)
{
	struct span file;
	size_t bad = 0;
	status st = read_whole(l, path, &file);

	if (st == ST_LIMIT)
		return import_refused(l, path);
	if (st != ST_OK)
		return st;
	if (encoding != NULL) {
		st = convert(l, encoding, &file);
		*out = file;
		return st == ST_MALFORMED ? import_refused(l, path) : st;
	}
	st = text_decode_file(file, l->arena, out, &bad, &l->trouble);
	return st == ST_MALFORMED ? not_text(l, path, bad) : st;
}

status
import_refused(struct laptop *l, const char *path)
{
	char why[TROUBLE_BYTES];

	if (l->complaint->id != PN_NONE || l->trouble.code == ST_NO_MEMORY)
		return l->trouble.code;
	(void)snprintf(why, sizeof why, "%s", l->trouble.text);
	(void)complain(l->complaint, PN_V01, "%s is refused: %s", path, why);
	complain_data(l->complaint, "nothing was imported");
	complain_next(l->complaint, "pnet help import    says what can be named");
	return trouble_set(&l->trouble, ST_MALFORMED, "%s", why);
}

void
import_note(struct laptop *l, struct import_report *r, size_t line,
    enum import_verdict verdict, const char *reason)
{
	size_t *counter = verdict == IMPORT_WARNING ? &r->n_warned
			  : verdict == IMPORT_HELD  ? &r->n_held
						    : &r->n_rejected;

	(*counter)++;
	if ((r->n_lines & (r->n_lines + 1)) == 0 || r->lines == NULL) {
		struct import_line *more =
		    arena_zeros(l->arena, 2 * r->n_lines + 2, sizeof *more);

		if (more == NULL)
			return; /* counted, not listed */
		if (r->n_lines > 0)
			memcpy(more, r->lines, r->n_lines * sizeof *more);
		r->lines = more;
	}
	r->lines[r->n_lines++] = (struct import_line){line, verdict, reason};
}

size_t
import_column(const struct csv_row *header, const char *name)
{
	for (size_t i = 0; i < header->n_cells; i++) {
		if (span_equal(header->cells[i], span_text(name)))
			return i;
	}
	return SIZE_MAX;
}

const char *
import_cell(struct laptop *l, const struct csv_row *row, size_t column)
{
	struct span copy;

	if (column >= row->n_cells)
		return "";
	copy = arena_copy(l->arena, row->cells[column]);
	return copy.bytes == NULL ? "" : (const char *)copy.bytes;
}
