/* turn.c - parse, run, complain. */
#include "client/commands/turn.h"

#include <stdlib.h>
#include <string.h>

#include "client/commands/home.h"
#include "client/commands/pager.h"

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
	if (call->command == NULL) {
		call->command = command_named("status");
		if (home_may_ask(call))
			return home_run(call);
	}
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
turn_run(const struct call_globals *globals, int argc, char **argv)
{
	struct call *call = calloc(1, sizeof *call); /* some kilobytes */
	struct complaint complaint = {0};
	struct pager pager = {0};
	int code;
	status st;

	if (call == NULL)
		return status_exit(ST_NO_MEMORY);
	if (globals != NULL)
		call->global = *globals;
	call->complaint = &complaint;
	st = call_parse(call, argc, argv);
	if (st == ST_OK) {
		pager = pager_begin(call);
		st = run(call);
	}
	if (fflush(stdout) != 0 && st == ST_OK)
		st = complain(
		    &complaint, PN_O01, "standard output refused what was written");
	pager_end(&pager);
	code = st == ST_OK ? call->exit_code : status_exit(st);
	if (complaint.id != PN_NONE) {
		say_next(call, &complaint);
		if (call->global.style == STYLE_JSON)
			complaint_print_json(&complaint, stdout);
		else
			complaint_print(&complaint, stderr);
		code = complaint_exit(&complaint);
	}
	free(call);
	return code;
}
