/* op_admin.c - the commands that ask a server, or the files where none runs, and print
 * what it answers (admin.h). */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/admin.h"
#include "server/admin_link.h"
#include "server/complain.h"
#include "server/ops.h"

/* clang-format off */
/*        name        next line of an error */
static const struct {
	const char *name;
	const char *usage;
} asked[] = {
	{"spaces",   "pnetd spaces [--data DIR]"},
	{"devices",  "pnetd devices [CC] [--data DIR]"},
	{"erasures", "pnetd erasures [CC] [--data DIR]"},
	{"compact",  "pnetd compact [CC] [--data DIR]"},
	{"quota",    "pnetd quota CC SIZE [--data DIR]    SIZE: 512M, 2G, 0 = no limit"},
	{"block",    "pnetd block DEVICE [--remove] [--data DIR]"},
};
/* clang-format on */

static void
print(void *ctx, const char *line)
{
	(void)ctx;
	(void)puts(line);
}

static const char *
usage_of(const char *name)
{
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		if (strcmp(asked[i].name, name) == 0)
			return asked[i].usage;
	return "pnetd help";
}

/* "512M" or "512" is 512, "2G" is 2048; false if it is neither. */
static bool
read_size(const char *text, char out[static 24])
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || text[0] == '-' || n > 4000000)
		return false;
	if (strcmp(end, "G") == 0)
		n *= 1024;
	else if (*end != '\0' && strcmp(end, "M") != 0)
		return false;
	(void)snprintf(out, 24, "%lu", n);
	return true;
}

struct asking {
	const char *data;
	const char *name;
	char line[ADMIN_LINE_BYTES];
};

static status
read_asked(int argc, char **argv, struct asking *a)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
	    {"remove", no_argument, NULL, 'r'}, {0}};
	char size[24];
	size_t len;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			a->data = optarg;
		else if (o == 'r' && strcmp(a->name, "block") == 0)
			a->name = "unblock";
		else
			return ST_USAGE;
	}
	len = (size_t)snprintf(a->line, sizeof a->line, "%s", a->name);
	for (int i = optind; i < argc && len < sizeof a->line; i++) {
		const char *word = argv[i];

		if (strcmp(a->name, "quota") == 0 && i == optind + 1) {
			if (!read_size(word, size))
				return ST_USAGE;
			word = size;
		}
		if (strpbrk(word, " \n") != NULL)
			return ST_USAGE;
		len += (size_t)snprintf(a->line + len, sizeof a->line - len, " %s", word);
	}
	return len < sizeof a->line ? ST_OK : ST_USAGE;
}

int
op_admin(int argc, char **argv)
{
	struct asking a = {.data = ".", .name = argv[0]};
	struct admin_link *link = NULL;
	struct trouble t = {0};
	status st = read_asked(argc, argv, &a);

	if (st == ST_OK)
		st = admin_link_open(&link, a.data, &t);
	if (st == ST_OK)
		st = admin_link_ask(link, a.line, print, NULL, &t);
	admin_link_close(link);
	if (st == ST_OK)
		return 0;
	return complain(st, &t,
	    st == ST_USAGE ? "the command is not understood" : "the server did not do it",
	    NULL, usage_of(argv[0]));
}
