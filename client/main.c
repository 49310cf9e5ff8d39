/* main.c - pnet: settles what holds for the process, then runs one call. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include "client/commands/turn.h"

/* A crash must not leave names on the disk (SECURITY 11). */
static void
forbid_core_dumps(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
	(void)signal(SIGPIPE, SIG_IGN);
	forbid_core_dumps();
	if (sodium_init() < 0)
		return status_exit(ST_BUG);
	return turn_run(NULL, argc, argv);
}
