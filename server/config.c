/* config.c - reads `key = value` lines; '#' begins a comment. */
#include "server/config.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base32.h"
#include "proto/limits.h"

enum { LINE_BYTES = 512, PORT_DEFAULT = 7443 };

static status
set_number(const char *value, uint32_t *out, struct trouble *t)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno != 0 || *value < '0' || *value > '9' || *end != '\0' || n > UINT32_MAX)
		return trouble_set(t, ST_CONFIG, "%s is no number", value);
	*out = (uint32_t)n;
	return ST_OK;
}

/* "ADDRESS:PORT" into a text of CONFIG_TEXT_BYTES and a number. */
static status
set_address(const char *text, char out[static CONFIG_TEXT_BYTES], uint16_t *out_port,
    struct trouble *t)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	uint32_t port = 0;
	status st;

	if (len == 0 || len >= CONFIG_TEXT_BYTES)
		return trouble_set(t, ST_CONFIG, "%s is not ADDRESS:PORT", text);
	st = set_number(colon + 1, &port, t);
	if (st != ST_OK || port > UINT16_MAX)
		return trouble_set(t, ST_CONFIG, "%s is no port", colon + 1);
	if (text[0] == '[' && colon[-1] == ']') {
		text++;
		len -= 2;
	}
	memcpy(out, text, len);
	out[len] = '\0';
	*out_port = (uint16_t)port;
	return ST_OK;
}

status
config_set_listen(struct config *c, const char *text, struct trouble *t)
{
	return set_address(text, c->listen, &c->port, t);
}

status
config_set_metrics(struct config *c, const char *text, struct trouble *t)
{
	return set_address(text, c->metrics, &c->metrics_port, t);
}

static status
set_network(struct config *c, const char *value, struct trouble *t)
{
	status st = base32_read(value, c->network.bytes, sizeof c->network.bytes, t);

	c->has_network = st == ST_OK;
	return st == ST_OK ? ST_OK
			   : trouble_set(t, ST_CONFIG, "%s is no network id", value);
}

static status
set_yes_no(const char *value, bool *out, struct trouble *t)
{
	*out = strcmp(value, "yes") == 0;
	if (*out || strcmp(value, "no") == 0)
		return ST_OK;
	return trouble_set(t, ST_CONFIG, "%s is neither yes nor no", value);
}

static status
set_key(struct config *c, const char *key, const char *value, struct trouble *t)
{
	const struct {
		const char *key;
		uint32_t *number;
	} numbers[] = {
	    {"connections_max", &c->limits.connections_max},
	    {"connections_per_device_max", &c->limits.connections_per_device_max},
	    {"half_open_max", &c->limits.half_open_max},
	    {"half_open_per_prefix_max", &c->limits.half_open_per_prefix_max},
	    {"new_per_prefix_per_s", &c->limits.new_per_prefix_per_s},
	    {"new_per_prefix_burst", &c->limits.new_per_prefix_burst},
	    {"quota_mib", &c->limits.quota_mib},
	    {"quota_ops", &c->limits.quota_ops},
	    {"failed_joins_per_prefix", &c->limits.failed_joins_per_prefix},
	    {"failed_joins_per_invite", &c->limits.failed_joins_per_invite},
	};

	if (strcmp(key, "network") == 0)
		return set_network(c, value, t);
	if (strcmp(key, "listen") == 0)
		return config_set_listen(c, value, t);
	if (strcmp(key, "metrics") == 0)
		return config_set_metrics(c, value, t);
	if (strcmp(key, "recovery") == 0)
		return set_yes_no(value, &c->is_recovery_open, t);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (strcmp(key, numbers[i].key) == 0)
			return set_number(value, numbers[i].number, t);
	return trouble_set(t, ST_CONFIG, "%s is no setting", key);
}

/* Cuts blanks off both ends, in place. */
static char *
trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static status
read_line(struct config *c, char *line, struct trouble *t)
{
	char *comment = strchr(line, '#');
	char *equals;

	if (comment != NULL)
		*comment = '\0';
	line = trim(line);
	if (*line == '\0')
		return ST_OK;
	equals = strchr(line, '=');
	if (equals == NULL)
		return trouble_set(t, ST_CONFIG, "a line without =");
	*equals = '\0';
	return set_key(c, trim(line), trim(equals + 1), t);
}

void
config_init(struct config *c)
{
	*c = (struct config){
	    .listen = "127.0.0.1",
	    .port = PORT_DEFAULT,
	    .limits = {CONNECTIONS_MAX, CONNECTIONS_PER_DEVICE_MAX, HALF_OPEN_MAX,
		HALF_OPEN_PER_PREFIX_MAX, NEW_PER_PREFIX_PER_S, NEW_PER_PREFIX_BURST,
		QUOTA_MIB, QUOTA_OPS, FAILED_JOINS_PER_PREFIX_MAX,
		FAILED_JOINS_PER_INVITE_MAX},
	};
}

status
config_read(struct config *c, const char *path, struct trouble *t)
{
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	status st = ST_OK;

	if (f == NULL)
		return trouble_set(t,
		    errno == ENOENT   ? ST_NOT_FOUND
		    : errno == EACCES ? ST_NOT_ALLOWED
				      : ST_CONFIG,
		    "%s: %s", path, strerror(errno));
	for (int n = 1; st == ST_OK && fgets(line, sizeof line, f) != NULL; n++) {
		st = read_line(c, line, t);
		if (st != ST_OK)
			(void)trouble_wrap(t, "%s, line %d", path, n);
	}
	(void)fclose(f);
	return st;
}

status
config_write_new(const char *path, const struct network_id *network, struct trouble *t)
{
	char text[BASE32_SYMBOLS(sizeof network->bytes) + 1];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool is_written;

	if (f == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return trouble_set(t, errno == EEXIST ? ST_EXISTS : ST_NO_OUTPUT,
		    "%s: %s", path, strerror(errno));
	}
	base32_write(span_of(network->bytes, sizeof network->bytes), text);
	is_written =
	    fprintf(f,
		"# pnetd.conf - settings of this server; read when it starts.\n"
		"network = %s\n"
		"# listen = 127.0.0.1:%d             numeric address and port\n"
		"# metrics = 127.0.0.1:7444          Prometheus text; loopback only\n"
		"# recovery = no                     yes: devices may hand back what a\n"
		"#                                   restored backup has lost\n"
		"# connections_max = %d\n"
		"# connections_per_device_max = %d\n"
		"# half_open_max = %d                handshakes not finished\n"
		"# half_open_per_prefix_max = %d     of one /24 or /64\n"
		"# new_per_prefix_per_s = %d         0 = no limit\n"
		"# new_per_prefix_burst = %d\n"
		"# quota_mib = %d                  of one country; erasing goes on\n"
		"# quota_ops = %d               the same, in ops\n"
		"# failed_joins_per_prefix = %d      in an hour, of one /24 or /64\n"
		"# failed_joins_per_invite = %d\n",
		text, PORT_DEFAULT, CONNECTIONS_MAX, CONNECTIONS_PER_DEVICE_MAX,
		HALF_OPEN_MAX, HALF_OPEN_PER_PREFIX_MAX, NEW_PER_PREFIX_PER_S,
		NEW_PER_PREFIX_BURST, QUOTA_MIB, QUOTA_OPS, FAILED_JOINS_PER_PREFIX_MAX,
		FAILED_JOINS_PER_INVITE_MAX) > 0;
	is_written = fflush(f) == 0 && fsync(fd) == 0 && is_written;
	if (fclose(f) != 0 || !is_written)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", path, strerror(errno));
	return ST_OK;
}
