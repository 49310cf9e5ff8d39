/* cmd_network.c - pnet network found|server|country|show, invite, join,
 * verify, server. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base32.h"
#include "client/actions/verify.h"
#include "client/commands.h"
#include "client/logs.h"
#include "client/network.h"
#include "client/sync.h"

/* ---- network ---- */

/* As people read it out: Crockford's base32. */
static void
print_network(const struct laptop *l)
{
	char text[BASE32_SYMBOLS(sizeof l->self.network.bytes) + 1];

	base32_write(span_of(l->self.network.bytes, sizeof l->self.network.bytes), text);
	printf("%s", text);
}

status
cmd_network_found(struct call *c)
{
	struct laptop *l = NULL;
	status st =
	    laptop_open(c->global.data_dir, false, c->global.today, c->complaint, &l);

	if (st == ST_OK)
		st = network_found(l, c->n_args > 0 ? c->args[0] : "OF-1");
	if (st == ST_OK) {
		print_network(l);
		printf("\n");
		fprintf(stderr,
		    "[ok] network founded; its root key is in %s/root.key: keep a copy "
		    "of it"
		    " in a safe\nnext: pnetd init DIR --network ID    on the server\n",
		    l->dir);
	}
	return command_close(l, st);
}

status
cmd_network_server(struct call *c)
{
	struct laptop *l = NULL;
	struct transport_pk key;
	status st =
	    laptop_open(c->global.data_dir, true, c->global.today, c->complaint, &l);

	if (st == ST_OK &&
	    base32_read(c->args[1], key.bytes, sizeof key.bytes, NULL) != ST_OK)
		st = complain(c->complaint, PN_V03,
		    "%s is no server key: pnetd init prints it", c->args[1]);
	if (st == ST_OK)
		st = network_server(l, c->args[0], &key);
	if (st == ST_OK)
		printf("[ok] server %s named, this laptop joined as %s (office)\n",
		    c->args[0], l->self.member);
	return command_close(l, st);
}

status
cmd_network_country(struct call *c)
{
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = network_country(l, c->args[0]);
	if (st == ST_OK)
		printf(
		    "[ok] country %s admitted\nnext: pnet invite %s-N1 --role coordinator"
		    " --country %s\n",
		    c->args[0], c->args[0], c->args[0]);
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

/* ---- join ---- */

enum { CODE_BYTES_MAX = 1024 };

static status
read_code(struct call *c, char code[static CODE_BYTES_MAX])
{
	const char *path = call_option(c, "file");
	FILE *f = path == NULL ? stdin : fopen(path, "re");
	size_t n;
	status st;

	if (c->n_args > 0) {
		(void)snprintf(code, CODE_BYTES_MAX, "%s", c->args[0]);
		if (f != NULL && f != stdin)
			(void)fclose(f);
		return ST_OK;
	}
	if (f == NULL)
		return complain(c->complaint, PN_F01, "cannot read %s", path);
	if (f == stdin && isatty(STDIN_FILENO) != 0 && !c->global.asks_nothing)
		fprintf(stderr, "Invite code: ");
	n = fread(code, 1, CODE_BYTES_MAX - 1, f);
	code[n] = '\0';
	code[strcspn(code, "\r\n")] = '\0';
	if (f != stdin)
		(void)fclose(f);
	if (code[0] != '\0')
		return ST_OK;
	st = complain(c->complaint, PN_I01, "there is no code");
	complain_next(c->complaint, "pnet join --file invite.txt");
	return st;
}

void
command_clean_up(const char *dir, bool was_there)
{
	static const char *const files[] = {
	    "replica.db", "replica.db-wal", "replica.db-journal", "device.key"};
	char path[4096];

	if (was_there)
		return;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

/* What a join left that was killed: its key may be in the log already, without anybody
 * who holds its state, so a new join draws a new one. A founder's folder is none. */
static bool
is_stump(struct laptop *l)
{
	return !l->self.has_joined && laptop_meta_blob(l, "network").len == 0;
}

status
command_open_fresh(struct call *c, const char *dir, bool was_there, struct laptop **out)
{
	status st = laptop_open(dir, false, c->global.today, c->complaint, out);

	if (st != ST_OK || !was_there || !is_stump(*out))
		return st;
	laptop_close(*out);
	command_clean_up(dir, false);
	return laptop_open(dir, false, c->global.today, c->complaint, out);
}

/* Everything that the member may read, so that the first mark needs no network. */
status
command_first_sync(struct call *c, struct laptop *l)
{
	struct sync_report report;
	status st = sync_run(l, 0, &report);

	if (st == ST_OK)
		printf("[ok] fetched %llu changes\nnext: pnet activity list    pnet "
		       "status\n",
		    (unsigned long long)report.received.changes);
	else
		fprintf(stderr, "[!!] joined, but not everything could be fetched: "
				"pnet sync\n");
	if (st != ST_OK)
		memset(c->complaint, 0, sizeof *c->complaint);
	return ST_OK;
}

status
cmd_join(struct call *c)
{
	struct arena *a = arena_new(0);
	const char *dir = laptop_folder(c->global.data_dir, a);
	char code[CODE_BYTES_MAX];
	struct laptop *l = NULL;
	struct joined joined;
	struct stat info;
	bool was_there = stat(dir, &info) == 0;
	status st = read_code(c, code);

	if (st == ST_OK)
		st = command_open_fresh(c, dir, was_there, &l);
	if (st == ST_OK)
		st = network_join(l, code, &joined);
	explicit_bzero(code, sizeof code);
	if (st == ST_OK) {
		printf("[ok] keys made, joined %s as %s (%s), key boxes opened: ready"
		       "    invited by %s\n",
		    joined.country, role_word(joined.role), joined.member,
		    joined.inviter);
		st = command_first_sync(c, l);
	}
	if (st != ST_OK && l != NULL) {
		(void)laptop_fail(l);
		laptop_close(l);
		l = NULL;
		command_clean_up(dir, was_there);
	}
	arena_free(a);
	return l == NULL ? st : command_close(l, st);
}
