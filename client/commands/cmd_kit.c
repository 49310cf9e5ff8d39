/* cmd_kit.c - pnet kit print|check, pnet recover. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base32.h"
#include "client/actions/kit.h"
#include "client/actions/sync.h"
#include "client/commands/commands.h"
#include "proto/kit.h"

enum { SHEET_BYTES_MAX = 4096 };

/* ---- printing ---- */

static void
print_key(const uint8_t *bytes, size_t len)
{
	char text[BASE32_SYMBOLS(32) + 1];

	base32_write(span_of(bytes, len), text);
	printf("%s", text);
}

static void
print_sheet(
    const struct laptop *l, enum kit_sheet sheet, const struct device_seed *secret)
{
	static const char *const titles[] = {[KIT_WHOLE] = "",
	    [KIT_FIRST_HALF] = ", sheet 1 of 2",
	    [KIT_SECOND_HALF] = ", sheet 2 of 2"};
	char code[KIT_TEXT_BYTES];

	kit_write(sheet, secret, code);
	printf("Recovery kit of %.4s%s\n\n%s\n\nKeep it in a safe. Who has it%s reads "
	       "all of "
	       "%.4s. When all laptops are lost:\npnet recover %s ",
	    l->self.home.text, titles[sheet], code,
	    sheet == KIT_WHOLE ? "" : " and the other sheet", l->self.home.text,
	    l->self.server);
	print_key(l->self.network.bytes, sizeof l->self.network.bytes);
	printf(" ");
	print_key(l->self.server_key.bytes, sizeof l->self.server_key.bytes);
	printf(" --member YOUR-CODE\n");
	explicit_bzero(code, sizeof code);
}

static void
print_sheets(struct laptop *l, const struct device_seed *seed, bool is_halved)
{
	struct device_seed first, second;

	if (!is_halved) {
		print_sheet(l, KIT_WHOLE, seed);
		return;
	}
	rng_fill(&l->rng, first.bytes, sizeof first.bytes);
	kit_combine(&first, seed, &second);
	print_sheet(l, KIT_FIRST_HALF, &first);
	printf("\f\n");
	print_sheet(l, KIT_SECOND_HALF, &second);
	explicit_bzero(&first, sizeof first);
	explicit_bzero(&second, sizeof second);
}

status
cmd_kit_print(struct call *c)
{
	const char *sheets = call_option_or(c, "sheets", "1");
	struct device_seed seed;
	struct laptop *l = NULL;
	status st;

	if (strcmp(sheets, "1") != 0 && strcmp(sheets, "2") != 0) {
		st = complain(c->complaint, PN_U01, "--sheets is 1 or 2");
		complain_next(c->complaint, "pnet kit print --sheets 2");
		return st;
	}
	st = command_open(c, &l);
	if (st == ST_OK)
		st = kit_make(l, &seed);
	if (st == ST_OK) {
		print_sheets(l, &seed, sheets[0] == '2');
		explicit_bzero(&seed, sizeof seed);
		fprintf(stderr,
		    "[ok] the kit is in force; it is printed once and kept "
		    "nowhere else\nnext: pnet kit check    type it back in\n");
	}
	return command_close(l, st);
}

/* ---- reading ---- */

/* The sheets that were typed or lie in the file, joined: one whole, or both halves. */
struct sheets {
	bool has[KIT_SECOND_HALF + 1];
	struct device_seed at[KIT_SECOND_HALF + 1];
};

static status
complain_sheet(struct call *c, const char *why)
{
	status st = complain(c->complaint, PN_I01, "%s", why);

	complain_what(c->complaint, "the recovery kit is mistyped");
	complain_data(c->complaint, "nothing was sent; nothing was changed");
	complain_next(
	    c->complaint, "pnet kit check    with the 14 groups as they are printed");
	return st;
}

static status
take_line(struct call *c, struct sheets *x, const char *line)
{
	struct trouble t = {0};
	struct device_seed secret;
	enum kit_sheet sheet;
	status st = kit_read(line, &sheet, &secret, &t);

	if (st != ST_OK)
		return complain_sheet(c, t.text);
	x->has[sheet] = true;
	x->at[sheet] = secret;
	explicit_bzero(&secret, sizeof secret);
	return ST_OK;
}

/* One line a sheet; others on a printed sheet are not of its length. */
static bool
is_code(const char *line)
{
	size_t n = 0;

	for (; *line != '\0'; line++)
		n += *line != ' ' && *line != '-' && *line != '\r';
	return n == KIT_SYMBOLS;
}

static status
read_sheets(struct call *c, struct sheets *x)
{
	const char *path = call_option(c, "file");
	FILE *f = path == NULL ? stdin : fopen(path, "re");
	char line[SHEET_BYTES_MAX];
	bool any = false;
	status st = ST_OK;

	*x = (struct sheets){0};
	if (f == NULL)
		return complain(c->complaint, PN_F01, "cannot read %s", path);
	if (f == stdin && isatty(STDIN_FILENO) != 0 && !c->global.asks_nothing)
		fprintf(stderr,
		    "The code of the kit (two lines if it has two sheets, then "
		    "Ctrl-D):\n");
	while (st == ST_OK && fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || (path != NULL && !is_code(line)))
			continue;
		any = true;
		st = take_line(c, x, line);
	}
	explicit_bzero(line, sizeof line);
	if (f != stdin)
		(void)fclose(f);
	return st == ST_OK && !any
		   ? complain_sheet(c, "there is no code of 56 characters")
		   : st;
}

/* False: one of two halves alone. */
static bool
join_sheets(const struct sheets *x, struct device_seed *out)
{
	if (x->has[KIT_WHOLE])
		*out = x->at[KIT_WHOLE];
	else if (x->has[KIT_FIRST_HALF] && x->has[KIT_SECOND_HALF])
		kit_combine(&x->at[KIT_FIRST_HALF], &x->at[KIT_SECOND_HALF], out);
	else
		return false;
	return true;
}

status
cmd_kit_check(struct call *c)
{
	static const char *const says[] = {
	    [KIT_UNKNOWN] =
		"[!!] typed right, but no kit that this laptop knows of: pnet sync",
	    [KIT_IN_FORCE] = "[ok] typed right, and in force",
	    [KIT_REVOKED] =
		"[!!] typed right, but revoked: pnet kit print    makes a new one"};
	struct sheets sheets;
	struct device_seed seed;
	struct laptop *l = NULL;
	enum kit_standing standing;
	status st = read_sheets(c, &sheets);

	if (st == ST_OK && !join_sheets(&sheets, &seed)) {
		printf("[ok] typed right: one of two sheets; the other is needed to "
		       "recover\n");
		explicit_bzero(&sheets, sizeof sheets);
		return ST_OK;
	}
	if (st == ST_OK)
		st = command_open(c, &l);
	if (st == ST_OK) {
		standing = kit_standing(l, &seed);
		printf("%s\n", says[standing]);
		c->exit_code = standing != KIT_IN_FORCE;
	}
	explicit_bzero(&sheets, sizeof sheets);
	explicit_bzero(&seed, sizeof seed);
	return command_close(l, st);
}

/* ---- recovering ---- */

static status
read_place(struct call *c, struct kit_place *out)
{
	status st;

	out->address = c->args[0];
	if (server_address_is_valid(span_text(c->args[0])) &&
	    base32_read(c->args[1], out->network.bytes, sizeof out->network.bytes,
		NULL) == ST_OK &&
	    base32_read(c->args[2], out->server.bytes, sizeof out->server.bytes, NULL) ==
		ST_OK)
		return ST_OK;
	st = complain(c->complaint, PN_V03,
	    "server, network or key are not those of the sheet's last line");
	complain_next(c->complaint, "pnet help recover");
	return st;
}

static status
complain_member(struct call *c)
{
	status st = complain(c->complaint, PN_U01, "who are you? --member is missing");

	complain_next(c->complaint, "pnet recover HOST:PORT NETWORK KEY --member SK-N1");
	return st;
}

status
cmd_recover(struct call *c)
{
	const char *member = call_option(c, "member");
	struct arena *a = arena_new(0);
	struct laptop_place folder = command_place(c);
	struct kit_place place = {0};
	struct joined joined;
	struct device_seed seed;
	struct sheets sheets;
	struct laptop *l = NULL;
	struct stat info;
	bool was_there;
	status st = member == NULL ? complain_member(c) : read_place(c, &place);

	folder.dir = laptop_folder(c->global.data_dir, a);
	folder.phrase.kept = passphrase_new();
	was_there = stat(folder.dir, &info) == 0;
	if (st == ST_OK)
		st = command_cost(c, &folder.phrase.cost);
	if (st == ST_OK)
		st = read_sheets(c, &sheets);
	if (st == ST_OK && !join_sheets(&sheets, &seed))
		st = complain_sheet(c, "this is one of two sheets: type both");
	if (st == ST_OK)
		st = command_open_fresh(c, &folder, was_there, &l);
	if (st == ST_OK)
		st = kit_recover(l, &place, &seed, member, &joined);
	explicit_bzero(&sheets, sizeof sheets);
	explicit_bzero(&seed, sizeof seed);
	if (st == ST_OK) {
		printf(
		    "[ok] this laptop is %s's now, a coordinator of %s, invited by the "
		    "recovery kit\n",
		    joined.member, joined.country);
		st = command_first_sync(c, l);
		printf("next: pnet device list    and revoke what was lost: pnet device "
		       "revoke "
		       "DEVICE\n");
	}
	if (st != ST_OK) {
		(void)command_close(l, st);
		l = NULL;
		command_clean_up(folder.dir, was_there);
	}
	passphrase_free(folder.phrase.kept);
	arena_free(a);
	return l == NULL ? st : command_close(l, st);
}
