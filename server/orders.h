/* orders.h - what the operator ordered while the server runs, in DIR/orders: quotas of
 * single countries and laptops that are not let in. Lines `quota CC MIB` and
 * `block DEVICE`, replaced whole and durably. */
#ifndef SERVER_ORDERS_H
#define SERVER_ORDERS_H

#include "base/ids.h"
#include "base/status.h"

enum { ORDERS_QUOTAS_MAX = 64, ORDERS_BLOCKED_MAX = 256 };

struct orders {
	size_t n_quotas;
	struct {
		char space[8]; /* "SK" */
		uint32_t mib;  /* 0 = no limit */
	} quotas[ORDERS_QUOTAS_MAX];
	size_t n_blocked;
	struct device_id blocked[ORDERS_BLOCKED_MAX];
};

/* No such file: no orders. ST_CORRUPT names the line. */
status orders_read(const char *path, struct orders *out, struct trouble *t);
status orders_write(const char *path, const struct orders *o, struct trouble *t);

/* MiB of live ops that the space may hold, 0 = no limit; other if nothing was ordered. */
uint32_t orders_quota(const struct orders *o, const char *space, uint32_t other);
/* ST_LIMIT: no room for another one. */
status orders_set_quota(
    struct orders *o, const char *space, uint32_t mib, struct trouble *t);
bool orders_blocks(const struct orders *o, const struct device_id *id);
/* ST_LIMIT as above. Idempotent, both ways. */
status orders_block(
    struct orders *o, const struct device_id *id, bool is_blocked, struct trouble *t);

#endif
