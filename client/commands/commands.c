/* commands.c - the table of commands, made from commands.def. */
#include "client/commands/commands.h"

const struct command commands[] = {
#define COMMAND(name, function, args, least, most, options, summary, example)            \
	{name, args, least, most, options, summary, example, function},
#include "client/commands/commands.def"
#undef COMMAND
};

const size_t n_commands = sizeof commands / sizeof commands[0];
