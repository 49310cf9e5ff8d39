/* cmd_network.c - pnet network found|server|country|show, invite, verify, server. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base32.h"
#include "client/actions/network.h"
#include "client/actions/verify.h"
#include "client/commands/commands.h"
#include "client/laptop/root_key.h"
#include "client/sync/logs.h"

/* ---- network ---- */

/* As people read it out: Crockford's base32. */
static void
print_network(const struct laptop *l)
{
	char text[BASE32_SYMBOLS(sizeof l->self.network.bytes) + 1];

	base32_write(span_of(l->self.network.bytes, sizeof l->self.network.bytes), text);
	printf("%s", text);
}

static void
print_founded(const struct laptop *l)
{
	print_network(l);
	printf("\n");
	fprintf(stderr,
	    "[ok] network founded; its root key is in %s/" ROOT_KEY_NAME ", sealed under "
	    "the passphrase: keep a copy of it in a safe\n"
	    "next: pnetd init DIR --network ID    on the server\n",
	    l->dir);
}

status
cmd_network_found(struct call *c)
{
	const char *member = c->n_args > 0 ? c->args[0] : "OF-1";
	struct laptop_place place = command_place(c);
	struct laptop *l = NULL;
	struct sign_seed root;
	status st = command_cost(c, &place.phrase.cost);

	place.phrase.kept = passphrase_new(); /* one for the laptop and its root key */
	if (st == ST_OK)
		st = laptop_open(&place, false, c->complaint, &l);
	if (st == ST_OK)
		st = network_may_found(l, member);
	if (st == ST_OK)
		st = root_key_make(l, &root);
	if (st == ST_OK)
		st = network_found(l, member, &root);
	if (st == ST_OK)
		print_founded(l);
	explicit_bzero(&root, sizeof root);
	passphrase_free(place.phrase.kept);
	return command_close(l, st);
}

status
cmd_network_server(struct call *c)
{
	struct laptop_place place = command_place(c);
	struct laptop *l = NULL;
	struct transport_pk key;
	struct sign_seed root;
	status st = laptop_open(&place, true, c->complaint, &l);
	bool is_another = st == ST_OK && l->self.has_joined;

	if (st == ST_OK &&
	    base32_read(c->args[1], key.bytes, sizeof key.bytes, NULL) != ST_OK)
		st = complain(c->complaint, PN_V03,
		    "%s is no server key: pnetd init prints it", c->args[1]);
	if (st == ST_OK)
		st = network_may_name_server(l, c->args[0]);
	if (st == ST_OK)
		st = root_key_open(l, &root);
	if (st == ST_OK)
		st = network_server(l, c->args[0], &key, &root);
	if (st == ST_OK && is_another)
		printf("[ok] server %s named: from now on all laptops look for its "
		       "key\n",
		    c->args[0]);
	else if (st == ST_OK)
		printf("[ok] server %s named, this laptop joined as %s (office)\n",
		    c->args[0], l->self.member);
	explicit_bzero(&root, sizeof root);
	return command_close(l, st);
}

status
cmd_network_country(struct call *c)
{
	struct laptop *l = NULL;
	struct sign_seed root;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = root_key_open(l, &root);
	if (st == ST_OK)
		st = network_country(l, c->args[0], &root);
	if (st == ST_OK)
		printf(
		    "[ok] country %s admitted\nnext: pnet invite %s-N1 --role coordinator"
		    " --country %s\n",
		    c->args[0], c->args[0], c->args[0]);
	explicit_bzero(&root, sizeof root);
	return command_close(l, st);
}

status
cmd_network_show(struct call *c)
{
	struct laptop *l = NULL;
	struct listing *out;
	struct membership *m = NULL;
	status st = command_open(c, &l);

	if (st != ST_OK)
		return st;
	m = logs_load(l);
	if (m == NULL)
		return command_close(l, l->trouble.code);
	if (c->global.style == STYLE_HUMAN) {
		printf("network  ");
		print_network(l);
		printf("\nserver   %s\n", l->self.server);
	}
	out = listing_new("pnet.network/1", "space,records#,devices#");
	for (size_t i = 0; i < membership_n_spaces(m); i++) {
		uint16_t space = membership_space_at(m, i);

		listing_row(out);
		listing_cellf(out, "%.4s", membership_space_name(m, space)->text);
		listing_cellf(out, "%u", (unsigned)membership_log_len(m, space));
		listing_cellf(out, "%zu", membership_n_devices(m, space));
	}
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	membership_free(m);
	return command_close(l, ST_OK);
}

/* ---- is it the same for all? ---- */

status
cmd_verify(struct call *c)
{
	char digits[VERIFY_TEXT_BYTES];
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = verify_digits(l, c->n_args > 0 ? c->args[0] : NULL, digits);
	if (st == ST_OK) {
		printf("%s\n", digits);
		fprintf(stderr,
		    "Sync both, then read them to each other: equal digits, the "
		    "same members and keys.\n");
	}
	return command_close(l, st);
}

/* Until the network's log names another one, which the office signs. */
status
cmd_server(struct call *c)
{
	struct laptop *l = NULL;
	struct transport_pk key;
	status st = command_open(c, &l);

	if (st == ST_OK &&
	    base32_read(c->args[0], key.bytes, sizeof key.bytes, NULL) != ST_OK)
		st = complain(c->complaint, PN_V03,
		    "%s is no server key: the office reads it out", c->args[0]);
	if (st == ST_OK)
		st = network_pin(l, &key);
	if (st == ST_OK)
		printf(
		    "[ok] from now on only the server with this key is ours\nnext: pnet "
		    "sync\n");
	return command_close(l, st);
}

/* ---- invite ---- */

status
cmd_invite(struct call *c)
{
	bool is_self = call_has(c, "self");
	struct invite_wish wish = {.member = c->n_args > 0 ? c->args[0] : NULL,
	    .role = role_named(call_option(c, "role")),
	    .country = call_option(c, "country")};
	const char *days = call_option(c, "expires");
	char code[INVITE_TEXT_MAX + 1];
	struct laptop *l = NULL;
	status st;

	if (is_self == (c->n_args > 0) || (!is_self && (int)wish.role == 0)) {
		st = complain(c->complaint, PN_U01,
		    is_self          ? "--self invites yourself: no member is to be named"
		    : c->n_args == 0 ? "who? name a member, or say --self"
				     : "--role is trainer, coordinator or office");
		complain_next(c->complaint, "pnet invite %s --role trainer",
		    c->n_args > 0 ? c->args[0] : "SK-T2");
		if (c->n_args == 0 || is_self)
			complain_next(c->complaint, "pnet invite --self");
		return st;
	}
	if (days != NULL)
		wish.days = (unsigned)strtoul(days, NULL, 10);
	st = command_open(c, &l);
	if (st == ST_OK && is_self) {
		wish.member = l->self.member;
		wish.role = (int)wish.role == 0 ? l->self.role : wish.role;
	}
	if (st == ST_OK)
		st = network_invite(l, &wish, code);
	if (st == ST_OK)
		st = command_code(c, code);
	if (st == ST_OK)
		fprintf(stderr, "[ok] invite for %s: works once, %u days\n", wish.member,
		    wish.days == 0 ? 14 : wish.days);
	explicit_bzero(code, sizeof code);
	return command_close(l, st);
}
