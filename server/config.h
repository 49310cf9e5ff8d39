/* config.h - what an operator may set: `key = value` lines of pnetd.conf in the data
 * folder, overridden by options of the command line. */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include "base/ids.h"
#include "base/status.h"

enum { CONFIG_TEXT_BYTES = 256 };

/* Numbers of SECURITY 13 that depend on the place; 0 = no limit. */
struct config_limits {
	uint32_t connections_max;
	uint32_t connections_per_device_max;
	uint32_t half_open_max;
	uint32_t half_open_per_prefix_max;
	uint32_t new_per_prefix_per_s;
	uint32_t new_per_prefix_burst;
	uint32_t quota_mib;               /* op bytes that live in one space */
	uint32_t quota_ops;               /* and how many ops */
	uint32_t failed_joins_per_prefix; /* in an hour */
	uint32_t failed_joins_per_invite;
};

struct config {
	char data[CONFIG_TEXT_BYTES];    /* folder: key, space files, status */
	char listen[CONFIG_TEXT_BYTES];  /* numeric address */
	uint16_t port;                   /* 0 = any free one */
	char metrics[CONFIG_TEXT_BYTES]; /* loopback address; empty = none */
	uint16_t metrics_port;
	bool has_network;
	struct network_id network;
	bool is_recovery_open; /* devices may hand a restored server its past */
	struct config_limits limits;
};

/* The defaults: 127.0.0.1:7443, limits.h. */
void config_init(struct config *c);
/* Reads the file over what c holds. ST_NOT_FOUND: no such file; ST_NOT_ALLOWED: it
 * may not be read; ST_CONFIG names line and key. */
status config_read(struct config *c, const char *path, struct trouble *t);
/* "127.0.0.1:7443", "[::1]:7443". ST_CONFIG. */
status config_set_listen(struct config *c, const char *text, struct trouble *t);
/* The same for metrics, which stay on this machine. */
status config_set_metrics(struct config *c, const char *text, struct trouble *t);
/* Text of a new pnetd.conf, every key with what it does. */
status config_write_new(
    const char *path, const struct network_id *network, struct trouble *t);

#endif
