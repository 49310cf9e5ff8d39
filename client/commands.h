/* commands.h - one function per row of commands.def. Each opens the laptop, acts through
 * client/actions, and prints; what went wrong is in call->complaint. */
#ifndef CLIENT_COMMANDS_H
#define CLIENT_COMMANDS_H

#include "client/command.h"
#include "client/laptop.h"

#define COMMAND(name, function, args, least, most, options, summary, example)            \
	status function(struct call *c);
#include "client/commands.def"
#undef COMMAND

/* Opens the folder of the call's globals for a member. */
status command_open(struct call *c, struct laptop **out);
/* Closes it; a status without a complaint gets one from l->trouble. Returns st. */
status command_close(struct laptop *l, status st);
/* The line after every saved edit: "[ok] WHAT    saved on this laptop, 13 changes wait".
 */
status command_saved(struct call *c, struct laptop *l, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

#endif
