/* cmd_join.c - pnet join: reads the code, asks for a passphrase, joins, fetches. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/actions/laptops.h"
#include "client/actions/network.h"
#include "client/actions/sync.h"
#include "client/commands/commands.h"
#include "client/laptop/counts.h"
#include "client/laptop/reseal.h"

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
	static const char *const files[] = {REPLICA_NAME, REPLICA_NAME "-wal",
	    REPLICA_NAME "-journal", VAULT_NAME, COUNTS_NAME};
	char path[CODE_BYTES_MAX * 4 + 32];

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

/* A stump is replaced under the passphrase that was given for it. */
status
command_open_fresh(
    struct call *c, const struct laptop_place *place, bool was_there, struct laptop **out)
{
	char dir[CODE_BYTES_MAX * 4];
	status st = laptop_open(place, false, c->complaint, out);

	if (st != ST_OK || !was_there || !is_stump(*out))
		return st;
	(void)snprintf(dir, sizeof dir, "%s", (*out)->dir);
	laptop_close(*out);
	*out = NULL;
	command_clean_up(dir, false);
	return laptop_open(place, false, c->complaint, out);
}

/* The code is read before anything is asked or made, and joined with last. */
static status
join(
    struct call *c, const struct laptop_place *place, bool was_there, struct laptop **out)
{
	char code[CODE_BYTES_MAX];
	struct invite invite;
	struct joined joined;
	status st = read_code(c, code);

	if (st == ST_OK)
		st = network_read_code(c->complaint, code, &invite);
	if (st == ST_OK) {
		printf("[ok] code complete    server %s is the one the invite names\n",
		    invite.address.text);
		(void)fflush(stdout);
		st = command_open_fresh(c, place, was_there, out);
	}
	if (st == ST_OK)
		st = network_join(*out, code, &joined);
	explicit_bzero(code, sizeof code);
	explicit_bzero(&invite, sizeof invite);
	if (st == ST_OK)
		printf(
		    "[ok] keys made, local data sealed, joined %s as %s (%s), key boxes "
		    "opened: ready    invited by %s\n",
		    joined.country, role_word(joined.role), joined.member,
		    joined.inviter);
	return st;
}

/* Whoever made the code may have used one himself, and be a laptop of this member's. The
 * join stands, whether they can be listed or not. */
static void
tell_of_others(struct laptop *l)
{
	struct laptops all;

	if (laptops_list(l, NULL, &all) != ST_OK)
		return;
	for (size_t i = 0; i < all.n; i++) {
		const struct known_laptop *x = &all.items[i];

		if (x->is_active && !x->is_own && strcmp(x->member, l->self.member) == 0)
			printf("[!!] %s has another laptop, %.8s: is it yours? If not, "
			       "tell a coordinator: pnet device revoke %.8s\n",
			    x->member, x->hex, x->hex);
	}
}

status
cmd_join(struct call *c)
{
	struct arena *a = arena_new(0);
	struct laptop_place place = command_place(c);
	struct laptop *l = NULL;
	struct stat info;
	bool was_there;
	status st = command_cost(c, &place.phrase.cost);

	place.dir = laptop_folder(c->global.data_dir, a);
	place.phrase.kept = passphrase_new();
	was_there = stat(place.dir, &info) == 0;
	if (st == ST_OK)
		st = join(c, &place, was_there, &l);
	if (st == ST_OK)
		st = command_first_sync(c, l);
	if (st == ST_OK)
		tell_of_others(l);
	if (st != ST_OK) {
		(void)command_close(l, st);
		l = NULL;
		command_clean_up(place.dir, was_there);
	}
	passphrase_free(place.phrase.kept);
	arena_free(a);
	return l == NULL ? st : command_close(l, st);
}
