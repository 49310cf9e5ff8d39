/* graves_file.c - reads and extends the list of erasures. */
#include "server/graves_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 96, HEX_DIGITS = 2 * sizeof(struct tag) };

static bool
read_tag(const char *text, struct tag *out)
{
	if (strlen(text) != HEX_DIGITS || strspn(text, "0123456789abcdef") != HEX_DIGITS)
		return false;
	for (size_t i = 0; i < sizeof out->bytes; i++) {
		unsigned value = 0;

		(void)sscanf(text + 2 * i, "%2x", &value);
		out->bytes[i] = (uint8_t)value;
	}
	return true;
}

static status
read_line(const char *line, const char *space, bool *is_ours, struct merge_grave *out,
    struct trouble *t)
{
	char name[8], hex[LINE_BYTES];
	unsigned scope;

	if (sscanf(line, "%7s %u %63s", name, &scope, hex) != 3 || scope > UINT16_MAX ||
	    !read_tag(hex, &out->subject))
		return trouble_set(t, ST_CORRUPT, "no grave: %.40s", line);
	out->scope = (uint16_t)scope;
	*is_ours = strcmp(name, space) == 0;
	return ST_OK;
}

static status
add_one(struct arena *a, const struct merge_grave *g, struct merge_grave **out, size_t *n,
    struct trouble *t)
{
	if ((*n & (*n - 1)) == 0) { /* full at each power of two */
		size_t cap = *n == 0 ? 1 : *n * 2;
		struct merge_grave *more = arena_zeros(a, cap, sizeof *more);

		if (more == NULL)
			return trouble_set(t, ST_NO_MEMORY, "no memory for the graves");
		if (*n > 0)
			memcpy(more, *out, *n * sizeof *more);
		*out = more;
	}
	(*out)[(*n)++] = *g;
	return ST_OK;
}

status
graves_file_read(const char *path, const char *space, struct arena *a,
    struct merge_grave **out, size_t *n, struct trouble *t)
{
	char line[LINE_BYTES];
	FILE *f = fopen(path, "re");
	status st = ST_OK;

	*out = NULL;
	*n = 0;
	if (f == NULL)
		return errno == ENOENT
			   ? ST_OK
			   : trouble_set(t, ST_IO, "%s: %s", path, strerror(errno));
	while (st == ST_OK && fgets(line, sizeof line, f) != NULL) {
		struct merge_grave g;
		bool is_ours = false;

		st = read_line(line, space, &is_ours, &g, t);
		if (st == ST_OK && is_ours)
			st = add_one(a, &g, out, n, t);
	}
	if (st == ST_OK && ferror(f))
		st = trouble_set(t, ST_IO, "%s cannot be read", path);
	(void)fclose(f);
	return st;
}

static bool
holds(const struct merge_grave *graves, size_t n, const struct merge_grave *g)
{
	for (size_t i = 0; i < n; i++)
		if (graves[i].scope == g->scope &&
		    ID_EQUAL(&graves[i].subject, &g->subject))
			return true;
	return false;
}

static bool
write_line(FILE *f, const char *space, const struct merge_grave *g)
{
	char hex[HEX_DIGITS + 1];

	for (size_t i = 0; i < sizeof g->subject.bytes; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", g->subject.bytes[i]);
	return fprintf(f, "%s %u %s\n", space, (unsigned)g->scope, hex) > 0;
}

static status
append_missing(const char *path, const char *space, const struct merge_grave *known,
    size_t n_known, const struct merge_grave *graves, size_t n, struct trouble *t)
{
	FILE *f = NULL;
	bool is_good = true;

	for (size_t i = 0; is_good && i < n; i++) {
		if (holds(known, n_known, &graves[i]))
			continue;
		if (f == NULL && (f = fopen(path, "ae")) == NULL)
			return trouble_set(t, ST_IO, "%s: %s", path, strerror(errno));
		is_good = write_line(f, space, &graves[i]);
	}
	if (f == NULL)
		return ST_OK;
	is_good = is_good && fflush(f) == 0 && fsync(fileno(f)) == 0;
	is_good = fclose(f) == 0 && is_good;
	return is_good ? ST_OK : trouble_set(t, ST_IO, "%s: %s", path, strerror(errno));
}

status
graves_file_add(const char *path, const char *space, const struct merge_grave *graves,
    size_t n, struct trouble *t)
{
	struct arena *a = arena_new(0);
	struct merge_grave *known = NULL;
	size_t n_known = 0;
	status st = a == NULL ? trouble_set(t, ST_NO_MEMORY, "no memory for the graves")
			      : graves_file_read(path, space, a, &known, &n_known, t);

	if (st == ST_OK)
		st = append_missing(path, space, known, n_known, graves, n, t);
	arena_free(a);
	return st;
}
