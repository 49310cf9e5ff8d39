/* main.c - pnetd: finds the command and runs it. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "server/complain.h"
#include "server/ops.h"

/* clang-format off */
/*        name      function    says */
#define OPS(X) \
	X("init",     op_init,    "DIR --network ID          makes the data folder and the server's key") \
	X("serve",    op_serve,   "--data DIR [--listen A:P] serves until SIGTERM") \
	X("status",   op_status,  "--data DIR [--json]       figures of the running server") \
	X("spaces",   op_admin,   "                          what each space holds") \
	X("devices",  op_admin,   "[CC]                      laptops: last contact, last batch, pulled to") \
	X("block",    op_admin,   "DEVICE [--remove]         lets a laptop in no more, at this server") \
	X("quota",    op_admin,   "CC SIZE                   how much may live in a country") \
	X("erasures", op_admin,   "[CC]                      erasures done, and what is pending") \
	X("compact",  op_admin,   "[CC]                      forgets old deaths, gives room back") \
	X("backup",   op_backup,  "DIR [--remove-old]        all spaces, serving or stopped") \
	X("restore",  op_restore, "BACKUP --data DIR         puts a backup back, ready to be served") \
	X("audit",    op_audit,   "                          does the trail of what was done hold together?") \
	X("verify",   op_verify,  "[CC] [--backup DIR]       is everything whole? names the first damage")
/* clang-format on */

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *says;
} ops[] = {
#define X(name, run, says) {(name), (run), (says)},
    OPS(X)
#undef X
};

static int
help(void)
{
	(void)printf(
	    "pnetd - the server of Prevent Net. It merges what it cannot read.\n\n");
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		(void)printf("  pnetd %-8s %s\n", ops[i].name, ops[i].says);
	(void)printf("  pnetd --version\n");
	return 0;
}

int
main(int argc, char **argv)
{
	struct trouble t = {0};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(027);
	if (sodium_init() < 0) {
		(void)trouble_set(&t, ST_BUG, "libsodium cannot be used here");
		return complain(ST_BUG, &t, "the program cannot start", NULL, NULL);
	}
	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("pnetd %s\n", PNET_VERSION);
		return 0;
	}
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strcmp(argv[1], ops[i].name) == 0)
			return ops[i].run(argc - 1, argv + 1);
	(void)trouble_set(&t, ST_USAGE, "%s is no command of pnetd", argv[1]);
	return complain(
	    ST_USAGE, &t, "the command is not understood", NULL, "pnetd help");
}
