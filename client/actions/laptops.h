/* laptops.h - the laptops of the members, with what the server last told of them; taking
 * them out of the network (DESIGN 3.3, SECURITY 7). */
#ifndef CLIENT_ACTIONS_LAPTOPS_H
#define CLIENT_ACTIONS_LAPTOPS_H

#include "client/laptop/contacts.h"

enum { LAPTOP_HEX_BYTES = 33, LAPTOP_LABEL_MAX = 40 };

struct known_laptop {
	char member[20];
	const char *country; /* "SK", in memory of the laptop's arena */
	enum member_role role;
	struct author author; /* present incarnation, in the log of its home */
	struct device_id id;
	char hex[LAPTOP_HEX_BYTES];
	const char *label; /* as this laptop calls it; NULL */
	bool is_active;
	bool is_own; /* the one in front of us */
	/* As the server told at asked_s of laptops_known(); has_contact false: nothing.
	 */
	bool has_contact;
	uint64_t last_contact_s; /* 0 = never seen */
	bool is_up_to_date;      /* it was told all that the server had then */
};

struct laptops {
	uint64_t asked_s; /* when the server was asked, by its clock; 0 = never */
	size_t n;
	struct known_laptop *items; /* by country, member, when it joined */
};

/* All, or of one country, in the laptop's arena. Guests stand under their own country. */
status laptops_list(struct laptop *l, const char *country, struct laptops *out);
/* How many of them somebody has not seen in a list before; from now on he has (SECURITY
 * 4). The first look finds none new. all: of every country. */
status laptops_look(struct laptop *l, const struct laptops *all, size_t *n_new);
/* Those that a word means, among the active ones: a label, the beginning (four characters
 * at least) of a device's number, or a member's code for all of his. PN-F01 if none. */
status laptops_find(struct laptop *l, const char *word, struct laptops *out);

/* Calls it so on this laptop only; "" takes the name away. PN-V03 if it is too long. */
status laptops_rename(struct laptop *l, const struct known_laptop *x, const char *label);

/* What a REVOKE of these would do. */
struct revocation {
	size_t n_scopes;   /* of the country that get new keys */
	bool needs_office; /* `all` gets a new key at the office's next sync */
};
/* May this member take them out? PN-P01: of another country, the laptop in front of us,
 * the last coordinator. */
status laptops_may_revoke(
    struct laptop *l, const struct laptops *which, struct revocation *out);

/* Notes that they go, or all of the member that there are by then; the next sync makes
 * the record. Each in a transaction of its own. */
status laptops_revoke(struct laptop *l, const struct laptops *which);
status laptops_revoke_member(struct laptop *l, const char *member);
/* Is there a revocation that no sync has carried out yet? */
bool laptops_revoking(struct laptop *l);

#endif
