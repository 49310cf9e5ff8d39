/* commands.c - the tables of commands and their options, made from commands.def and
 * options.def. */
#include "client/commands/commands.h"

const struct command commands[] = {
#define COMMAND(name, function, args, least, most, options, summary, example)            \
	{name, args, least, most, options, summary, example, function},
#include "client/commands/commands.def"
#undef COMMAND
};

const size_t n_commands = sizeof commands / sizeof commands[0];

const struct option_text option_texts[] = {
#define OPTION(option, command, text) {option, command, text},
#include "client/commands/options.def"
#undef OPTION
};

const size_t n_option_texts = sizeof option_texts / sizeof option_texts[0];
