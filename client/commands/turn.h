/* turn.h - one call of pnet from its words to its exit code: parses, runs the row of the
 * table, prints what went wrong. main.c does one; the home menu one for each choice. */
#ifndef CLIENT_COMMANDS_TURN_H
#define CLIENT_COMMANDS_TURN_H

#include "client/commands/command.h"

/* globals: what holds already, or NULL; argv[0] is not read. Writes into argv (the ends
 * of option names). Returns the exit code. */
int turn_run(const struct call_globals *globals, int argc, char **argv);

#endif
