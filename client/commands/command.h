/* command.h - one row of the table of commands, and one parsed call of it. The table
 * (commands.def) drives parser, help and suggestions (UX 1.7). */
#ifndef CLIENT_COMMANDS_COMMAND_H
#define CLIENT_COMMANDS_COMMAND_H

#include "client/terminal/complaint.h"
#include "client/terminal/screen.h"

enum { CALL_ARGS_MAX = 256, CALL_OPTIONS_MAX = 512 };

/* What stands before the command and holds for all of them. */
struct call_globals {
	enum style style;
	bool show_header;
	bool is_quiet;
	int verbosity;
	bool is_dry_run;   /* -n: says what would happen, changes nothing */
	bool says_yes;     /* --yes */
	bool asks_nothing; /* --no-input */
	const char *data_dir;
	const char *today; /* --today YYYY-MM-DD, NULL = the clock's */
	const char *passphrase_file, *passphrase_fd; /* NULL: the kernel, or a person */
};

struct call_option {
	const char *name;  /* without dashes, from the table */
	const char *value; /* "" for a flag */
};

struct command;

/* One call. Strings are borrowed from argv. */
struct call {
	struct call_globals global;
	const struct command *command;
	size_t n_args;
	const char *args[CALL_ARGS_MAX]; /* after the command's words */
	size_t n_options;
	struct call_option options[CALL_OPTIONS_MAX]; /* in the order given */
	struct complaint *complaint;
	int exit_code; /* of a call that did not fail: 1 = no, 3 = needs a person */
};

struct command {
	const char *name; /* "young add" */
	const char *args; /* "ACTIVITY NAME...": for help */
	size_t args_min, args_max;
	const char *options; /* "to=PLACE,yes,set=P=MARK": name, =VALUE if it takes one */
	const char *summary;
	const char *example;
	status (*run)(struct call *c);
};

extern const struct command commands[];
extern const size_t n_commands;

/* What an option does. */
struct option_text {
	const char *option;   /* "timeout=SECONDS", as in command.options */
	const char *commands; /* "totals|indicators"; "" = of the others */
	const char *text;
};

extern const struct option_text option_texts[];
extern const size_t n_option_texts;

/* The row of an option of a command, NULL of call_global_options; len bytes of its list.
 * NULL if there is none. */
const struct option_text *command_option_text(
    const struct command *command, const char *option, size_t len);

/* What every command takes, in the form of command.options. */
extern const char call_global_options[];

/* Fills call from argv. ST_USAGE with a complaint (and a suggestion) otherwise. */
status call_parse(struct call *call, int argc, char **argv);
/* The last value given for an option, NULL if absent ("" for a flag). */
const char *call_option(const struct call *c, const char *name);
/* The same, or what stands for it where it is not given. */
const char *call_option_or(const struct call *c, const char *name, const char *otherwise);
bool call_has(const struct call *c, const char *name);
/* pnet help [TOPIC]; prints to stdout. */
status call_help(struct call *c);

#endif
