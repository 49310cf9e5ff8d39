/* contacts.h - what the server knows of the laptops of a country: last contact, last
 * batch stored, how far each was told (DESIGN 5). A coordinator's laptop asks at each
 * sync about its country, an office's about NET, where every member reads; the answer is
 * kept, so that `device list`, `member show` and `erase --status` speak of it without a
 * network.
 *
 * The server's word: a server that lies about it can hide that a laptop lags behind, and
 * no more. "Told" means that a pull went to its last page; a laptop that was cut off just
 * then asks again from where it was, and its row goes back with it. */
#ifndef CLIENT_LAPTOP_CONTACTS_H
#define CLIENT_LAPTOP_CONTACTS_H

#include "client/laptop/laptop.h"
#include "proto/session.h"

/* One laptop, named by its present incarnation (r_device; core/membership.h). */
struct contact {
	struct author device;
	uint64_t time_s; /* unix, server's clock: its last pull; 0 = never seen */
	uint64_t cursor; /* lsn up to which it was told all of the space; 0 = nothing */
	uint64_t last;   /* lsn of its last batch stored in the space; 0 = none */
};

struct contacts_known {
	uint64_t asked_s; /* server's clock when it answered; 0 = it never was asked */
	uint64_t head;    /* lsn of the newest batch of the space at that time */
	size_t n;
	const struct contact *at;
};

/* May this laptop ask? Only coordinators and the office. */
bool contacts_are_ours(const struct laptop *l);
/* Queues the question about the home space. */
status contacts_ask(struct laptop *l, struct session *s);
/* Keeps one part of the answer. is_first: drops what was known. An answer without rows,
 * of a server that does not let us ask, leaves what was known. In a transaction of its
 * own. */
status contacts_take(
    struct laptop *l, const struct contacts *part, bool is_first, uint64_t server_time_s);

/* As answered last, in memory of a. All zero if it never was. */
status contacts_load(struct laptop *l, struct arena *a, struct contacts_known *out);
/* NULL if the server has not seen it. */
const struct contact *contacts_find(const struct contacts_known *k, struct author device);
/* The same of a laptop by its number, in whichever log it is vouched for: a guest's
 * stands under its incarnation in the host's. */
const struct contact *contacts_find_laptop(
    struct laptop *l, const struct contacts_known *k, const struct device_id *id);
/* Has the laptop been told all up to lsn? */
bool contacts_has_pulled(
    const struct contacts_known *k, struct author device, uint64_t lsn);

#endif
