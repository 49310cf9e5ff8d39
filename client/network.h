/* network.h - founding and growing a network: what is done at the server with its answer
 * awaited (DESIGN 3.1, 3.3). Each either happens whole or not at all. */
#ifndef CLIENT_NETWORK_H
#define CLIENT_NETWORK_H

#include "client/laptop.h"
#include "core/membership.h"
#include "proto/invite.h"

/* Makes the root key (root.key in the data folder) and the GENESIS record; member is the
 * office's own code. Offline. PN-V03 if the folder holds a network already. */
status network_found(struct laptop *l, const char *member);
/* Names the server: appends GENESIS, SERVER, the scope `all`, and joins this laptop as
 * the first office device. key: the server's public key. */
status network_server(
    struct laptop *l, const char *address, const struct transport_pk *key);
/* Admits a country. Signed by the root key. */
status network_country(struct laptop *l, const char *code);

/* The server has another key, as the office said: this laptop takes no other one from now
 * on, until a SERVER record names the next. */
status network_pin(struct laptop *l, const struct transport_pk *key);

struct invite_wish {
	const char *member;
	enum member_role role;
	const char *country; /* NULL = the inviter's own */
	unsigned days;
};
/* Appends INVITE and gives the code. */
status network_invite(struct laptop *l, const struct invite_wish *wish,
    char code[static INVITE_TEXT_MAX + 1]);

/* Joins with a code; the inviter may be offline. Nothing remains of a join that fails. */
struct joined {
	char member[20];
	char country[8];
	enum member_role role;
	char inviter[20];
};
status network_join(struct laptop *l, const char *code, struct joined *out);

#endif
