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

static status
changed_meanwhile(struct laptop *l, const char *path)
{
	(void)complain(l->complaint, PN_V01, "%s changed while it was read", path);
	complain_data(l->complaint, "nothing was imported");
	complain_next(l->complaint, "pnet help import    once nobody writes to it");
	return trouble_set(&l->trouble, ST_MALFORMED, "the file changed");
}

static bool
read_all(int fd, uint8_t *bytes, size_t len)
{
	for (size_t used = 0; used < len;) {
		ssize_t n = read(fd, bytes + used, len - used);

		if (n <= 0)
			return false;
		used += (size_t)n;
	}
	return true;
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static status
read_open(struct laptop *l, const char *path, int fd, struct span *out)
{
	struct stat before, after;
	uint8_t *bytes;

	if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode))
		return cannot_read(l, path, "that is no regular file");
	if (before.st_size > CSV_FILE_BYTES_MAX)
		return trouble_set(
		    &l->trouble, ST_LIMIT, "the file has more than 16 MiB");
	bytes = arena_alloc(l->arena, (size_t)before.st_size + 1);
	if (bytes == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for the file");
	if (!read_all(fd, bytes, (size_t)before.st_size) || fstat(fd, &after) != 0 ||
	    !is_same_file(&before, &after))
		return changed_meanwhile(l, path);
	*out = span_of(bytes, (size_t)before.st_size);
	return ST_OK;
}

/* The whole file. Half a file that somebody cuts or writes at this moment is none. */
static status
read_whole(struct laptop *l, const char *path, struct span *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not wait */
	status st;

	if (fd < 0)
		return cannot_read(l, path, strerror(errno)); /* NOLINT: one thread */
	st = read_open(l, path, fd, out);
	(void)close(fd);
	return st;
}

/* iconv takes what it only reads by a pointer that is not const. */
static size_t
iconv_step(iconv_t conversion, struct span *in, char **out, size_t *room)
{
	union {
		const uint8_t *from;
		char *to;
	} at = {in->bytes};
	size_t result = iconv(conversion, &at.to, &in->len, out, room);

	in->bytes = at.from;
	return result;
}

/* Length of the text in UTF-8: converted piece by piece into nothing, so that the file
 * and its text are all that has to fit in memory. false: *in begins at the bad byte. */
static bool
converted_length(iconv_t conversion, struct span *in, size_t *len)
{
	char piece[4096];

	for (*len = 0; in->len > 0;) {
		char *at = piece;
		size_t room = sizeof piece;
		size_t left = in->len;
		size_t result = iconv_step(conversion, in, &at, &room);

		*len += sizeof piece - room;
		if (result == (size_t)-1 && in->len == left)
			return false;
	}
	return true;
}

static status
convert_with(
    struct laptop *l, iconv_t conversion, const char *encoding, struct span *text)
{
	struct span in = *text;
	size_t len, room;
	char *out, *at;

	if (!converted_length(conversion, &in, &len))
		return trouble_set(&l->trouble, ST_MALFORMED, "not valid %s at byte %zu",
		    encoding, text->len - in.len);
	at = out = arena_alloc(l->arena, len + 1);
	if (out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for the file");
	room = len;
	(void)iconv(conversion, NULL, NULL, NULL, NULL);
	(void)iconv_step(conversion, text, &at, &room);
	*text = span_of(out, len - room);
	return ST_OK;
}

/* On demand only: never guessed (import rule I2). A NUL stays one: its row is rejected.
 */
static status
convert(struct laptop *l, const char *encoding, struct span *text)
{
	static const struct {
		const char *name, *iconv_name;
	} known[] = {{"cp1250", "CP1250"}, {"latin2", "ISO-8859-2"}, {"utf8", "UTF-8"}};
	const char *from = NULL;
	iconv_t conversion;
	status st;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strcmp(encoding, known[i].name) == 0)
			from = known[i].iconv_name;
	}
	if (from == NULL)
		return complain(l->complaint, PN_U01,
		    "--encoding is cp1250 or latin2, not '%.20s'", encoding);
	conversion = iconv_open("UTF-8", from);
	st = convert_with(l, conversion, encoding, text);
	(void)iconv_close(conversion);
	return st;
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
	const struct import_line *last =
	    r->n_lines > 0 ? &r->lines[r->n_lines - 1] : NULL;

	(*counter)++;
	if (last != NULL && last->line == line && last->verdict == verdict &&
	    strcmp(last->reason, reason) == 0)
		return;
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

size_t
import_map(const char *text, struct span *left, struct span *right)
{
	size_t n = 0;

	while (text != NULL && *text != '\0' && n < IMPORT_MAP_MAX) {
		size_t len = strcspn(text, ",");
		size_t eq = strcspn(text, "=");

		if (eq < len) {
			left[n] = span_of(text, eq);
			right[n++] = span_of(text + eq + 1, len - eq - 1);
		}
		text += text[len] == ',' ? len + 1 : len;
	}
	return n;
}

status
import_activity(struct laptop *l, const struct import_wish *wish, struct rolls *out)
{
	struct activity a;
	status st;

	if (wish->activity == NULL) {
		st = complain(
		    l->complaint, PN_U01, "--activity is missing: whose list is it?");
		complain_next(l->complaint, "pnet import %s %s --activity SK-W9",
		    wish->kind, wish->path);
		return trouble_set(&l->trouble, st, "no activity");
	}
	st = find_activity(l, wish->activity, &a);
	return st != ST_OK ? st : rolls_load(l, &a, out);
}

bool
import_is_wanted(const struct import_wish *wish, const struct import_report *out)
{
	return !wish->is_dry_run && out->n_accepted > 0 &&
	       (wish->is_partial || out->n_rejected + out->n_held == 0);
}
