/* orders.c - reads, changes and writes the operator's orders. */
#include "server/orders.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base32.h"

enum { LINE_BYTES = 96, PATH_BYTES = 512 };

static status
read_line(struct orders *o, const char *line, struct trouble *t)
{
	char space[8], device[LINE_BYTES];
	struct device_id id;
	unsigned mib;

	if (sscanf(line, "quota %7s %u", space, &mib) == 2)
		return orders_set_quota(o, space, mib, t);
	if (sscanf(line, "block %95s", device) == 1 &&
	    base32_read(device, id.bytes, sizeof id.bytes, NULL) == ST_OK)
		return orders_block(o, &id, true, t);
	return trouble_set(t, ST_CORRUPT, "no order: %.40s", line);
}

status
orders_read(const char *path, struct orders *out, struct trouble *t)
{
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	status st = ST_OK;

	*out = (struct orders){0};
	if (f == NULL)
		return errno == ENOENT
			   ? ST_OK
			   : trouble_set(t, ST_IO, "%s: %s", path, strerror(errno));
	while (st == ST_OK && fgets(line, sizeof line, f) != NULL)
		st = read_line(out, line, t);
	if (st == ST_OK && ferror(f))
		st = trouble_set(t, ST_IO, "%s cannot be read", path);
	(void)fclose(f);
	return st;
}

static bool
write_lines(FILE *f, const struct orders *o)
{
	char text[BASE32_SYMBOLS(sizeof(struct device_id)) + 1];
	bool is_good = true;

	for (size_t i = 0; is_good && i < o->n_quotas; i++)
		is_good = fprintf(f, "quota %s %u\n", o->quotas[i].space,
			      (unsigned)o->quotas[i].mib) > 0;
	for (size_t i = 0; is_good && i < o->n_blocked; i++) {
		base32_write(
		    span_of(o->blocked[i].bytes, sizeof o->blocked[i].bytes), text);
		is_good = fprintf(f, "block %s\n", text) > 0;
	}
	return is_good && fflush(f) == 0 && fsync(fileno(f)) == 0;
}

status
orders_write(const char *path, const struct orders *o, struct trouble *t)
{
	char temporary[PATH_BYTES];
	FILE *f;
	bool is_good;

	if ((size_t)snprintf(temporary, sizeof temporary, "%s.new", path) >=
	    sizeof temporary)
		return trouble_set(t, ST_NO_OUTPUT, "the name of the folder is too long");
	f = fopen(temporary, "we");
	if (f == NULL)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", temporary, strerror(errno));
	is_good = write_lines(f, o);
	if (fclose(f) != 0 || !is_good || rename(temporary, path) != 0)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", path, strerror(errno));
	return ST_OK;
}

uint32_t
orders_quota(const struct orders *o, const char *space, uint32_t other)
{
	for (size_t i = 0; i < o->n_quotas; i++)
		if (strcmp(o->quotas[i].space, space) == 0)
			return o->quotas[i].mib;
	return other;
}

status
orders_set_quota(struct orders *o, const char *space, uint32_t mib, struct trouble *t)
{
	size_t i = 0;

	while (i < o->n_quotas && strcmp(o->quotas[i].space, space) != 0)
		i++;
	if (i == ORDERS_QUOTAS_MAX)
		return trouble_set(
		    t, ST_LIMIT, "no more than %d quotas", ORDERS_QUOTAS_MAX);
	o->n_quotas = i < o->n_quotas ? o->n_quotas : i + 1;
	(void)snprintf(o->quotas[i].space, sizeof o->quotas[i].space, "%s", space);
	o->quotas[i].mib = mib;
	return ST_OK;
}

static size_t
find_blocked(const struct orders *o, const struct device_id *id)
{
	size_t i = 0;

	while (i < o->n_blocked && !ID_EQUAL(&o->blocked[i], id))
		i++;
	return i;
}

bool
orders_blocks(const struct orders *o, const struct device_id *id)
{
	return find_blocked(o, id) < o->n_blocked;
}

status
orders_block(
    struct orders *o, const struct device_id *id, bool is_blocked, struct trouble *t)
{
	size_t at = find_blocked(o, id);

	if ((at < o->n_blocked) == is_blocked)
		return ST_OK;
	if (!is_blocked) {
		o->blocked[at] = o->blocked[--o->n_blocked];
		return ST_OK;
	}
	if (at == ORDERS_BLOCKED_MAX)
		return trouble_set(
		    t, ST_LIMIT, "no more than %d laptops", ORDERS_BLOCKED_MAX);
	o->blocked[o->n_blocked++] = *id;
	return ST_OK;
}
