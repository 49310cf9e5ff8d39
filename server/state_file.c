/* state_file.c - figures of the running server in a file. */
#include "server/state_file.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
state_add(struct state *s, const char *key, const char *value)
{
	struct state_line *line = &s->lines[s->n];

	assert(s->n < STATE_LINES_MAX);
	s->n++;
	(void)snprintf(line->key, sizeof line->key, "%s", key);
	(void)snprintf(line->value, sizeof line->value, "%s", value);
}

void
state_add_number(struct state *s, const char *key, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, value);
	state_add(s, key, text);
}

void
state_of_host(const struct host *h, uint16_t port, struct state *out)
{
	size_t devices = 0;

	out->n = 0;
	for (size_t i = 0; i < membership_n_spaces(h->m); i++)
		devices += membership_n_devices(h->m, membership_space_at(h->m, i));
	state_add(out, "running", h->is_stopping ? "no" : "yes");
	state_add_number(out, "pid", (uint64_t)getpid());
	state_add_number(out, "port", port);
	state_add_number(out, "written", host_now_s(h));
	state_add_number(out, "spaces", h->n_spaces);
	state_add_number(out, "devices", devices);
	state_add_number(out, "connections_now", gate_connections(h->gate));
	state_add_number(out, "half_open_now", gate_half_open(h->gate));
	state_add_number(out, "connections", h->n.connections);
	state_add_number(out, "connections_refused", h->n.refused_connections);
	state_add_number(out, "pushes_stored", h->n.pushes_stored);
	state_add_number(out, "pushes_known", h->n.pushes_known);
	state_add_number(out, "pushes_refused", h->n.pushes_refused);
	state_add_number(out, "log_records_appended", h->n.appends);
	state_add_number(out, "pages", h->n.pages);
	state_add_number(out, "bytes_in", h->n.bytes_in);
	state_add_number(out, "bytes_out", h->n.bytes_out);
	state_add_number(out, "graves_unwritten", h->n.graves_unwritten);
}

status
state_write(const char *path, const struct state *s, struct trouble *t)
{
	char temporary[CONFIG_TEXT_BYTES + 16];
	FILE *f;
	bool is_written = true;

	(void)snprintf(temporary, sizeof temporary, "%s.new", path);
	f = fopen(temporary, "we");
	if (f == NULL)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", temporary, strerror(errno));
	for (size_t i = 0; i < s->n; i++)
		is_written =
		    fprintf(f, "%s = %s\n", s->lines[i].key, s->lines[i].value) > 0 &&
		    is_written;
	if (fclose(f) != 0 || !is_written || rename(temporary, path) != 0)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", path, strerror(errno));
	return ST_OK;
}

status
state_read(const char *path, struct state *out, struct trouble *t)
{
	FILE *f = fopen(path, "re");
	char line[160];

	out->n = 0;
	if (f == NULL)
		return trouble_set(t, errno == ENOENT ? ST_NOT_FOUND : ST_IO, "%s: %s",
		    path, strerror(errno));
	while (out->n < STATE_LINES_MAX && fgets(line, sizeof line, f) != NULL) {
		struct state_line *l = &out->lines[out->n];

		if (sscanf(line, "%39[a-z_] = %79[^\n]", l->key, l->value) == 2)
			out->n++;
	}
	(void)fclose(f);
	return ST_OK;
}

const char *
state_value(const struct state *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->lines[i].key, key) == 0)
			return s->lines[i].value;
	return NULL;
}

bool
state_is_running(const struct state *s)
{
	const char *pid = state_value(s, "pid");
	const char *running = state_value(s, "running");

	return pid != NULL && running != NULL && strcmp(running, "yes") == 0 &&
	       (kill((pid_t)atoi(pid), 0) == 0 || errno == EPERM);
}
