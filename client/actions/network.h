/* network.h - founding and growing a network: what is done at the server with its answer
 * awaited (DESIGN 3.1, 3.3). Each either happens whole or not at all. */
#ifndef CLIENT_ACTIONS_NETWORK_H
#define CLIENT_ACTIONS_NETWORK_H

#include "client/laptop/laptop.h"
#include "core/membership.h"
#include "proto/invite.h"

/* May this laptop found a network, with member as the office's own code? PN-V03. */
status network_may_found(struct laptop *l, const char *member);
/* Makes the GENESIS record, signed by the root key. Offline. */
status network_found(struct laptop *l, const char *member, const struct sign_seed *root);
/* Was a network founded here, or joined, and is this an address? PN-V03. */
status network_may_name_server(struct laptop *l, const char *address);
/* Names the server: appends GENESIS, SERVER, the scope `all`, and joins this laptop as
 * the first office device. key: the server's public key. Of a laptop that has joined:
 * appends another SERVER record at the new server, which has the logs already. */
status network_server(struct laptop *l, const char *address,
    const struct transport_pk *key, const struct sign_seed *root);
struct logwork;
/* As logwork_run, by a device that has joined; the caller sets space, build, stored and
 * ctx. A key that others have replaced since the last sync and that the record hands on
 * is got by one sync, after which the record is built anew; PN-K06 if it did not come. */
status network_run(struct laptop *l, struct logwork *w);

/* Admits a country. */
status network_country(struct laptop *l, const char *code, const struct sign_seed *root);

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

/* Checks a code without any packet: PN-I01 says what is wrong with it. */
status network_read_code(
    struct complaint *complaint, const char *code, struct invite *out);
/* Joins with a code; the inviter may be offline. Nothing remains of a join that fails. */
struct joined {
	char member[20];
	char country[8];
	enum member_role role;
	char inviter[20];
};
status network_join(struct laptop *l, const char *code, struct joined *out);

#endif
