/* main.c - pnet: parses the call, runs one row of the table, prints what went wrong. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

#include "client/command.h"

/* A crash must not leave names on the disk (SECURITY 11). */
static void
forbid_core_dumps(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static const struct command *
command_named(const char *name)
{
	for (size_t i = 0; i < n_commands; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static status
run(struct call *call)
{
	if (call_has(call, "version")) {
		printf("pnet %s\n", PNET_VERSION);
		return ST_OK;
	}
	if (call_has(call, "help"))
		return call_help(call);
	if (call->command == NULL)
		call->command = command_named("status");
	return call->command->run(call);
}

/* Every complaint says what to do next; where nobody knew better, it is the help. */
static void
say_next(const struct call *call, struct complaint *c)
{
	if (c->next[0][0] != '\0')
		return;
	if (c->id == PN_D01)
		complain_next(c, "pnet status    when there are 2 MB of room again, "
				 "then the same once more");
	else if (c->id == PN_D04)
		complain_next(
		    c, "pnet status    when the folder can be read and written");
	else if (call->command == NULL)
		complain_next(c, "pnet help");
	else
		complain_next(c, "pnet help %s", call->command->name);
}

int
main(int argc, char **argv)
{
	static struct call call; /* some kilobytes */
	struct complaint complaint = {0};
	status st;

	(void)signal(SIGPIPE, SIG_IGN);
	forbid_core_dumps();
	if (sodium_init() < 0)
		return status_exit(ST_BUG);
	call.complaint = &complaint;
	st = call_parse(&call, argc, argv);
	if (st == ST_OK)
		st = run(&call);
	if (fflush(stdout) != 0 && st == ST_OK)
		st = complain(
		    &complaint, PN_O01, "standard output refused what was written");
	if (complaint.id != PN_NONE) {
		say_next(&call, &complaint);
		if (call.global.style == STYLE_JSON)
			complaint_print_json(&complaint, stdout);
		else
			complaint_print(&complaint, stderr);
		return complaint_exit(&complaint);
	}
	return st == ST_OK ? call.exit_code : status_exit(st);
}
