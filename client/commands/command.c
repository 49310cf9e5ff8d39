/* command.c - parses a call against the table of commands, and prints help from it. */
#include "client/commands/command.h"

#include <stdlib.h>
#include <string.h>

#include "client/terminal/near.h"

const char call_global_options[] = "json,plain,csv,header,quiet,verbose,dry-run,yes,"
				   "no-input,data=DIR,today=DATE,passphrase-file=FILE,"
				   "passphrase-fd=N,color=WHEN,help,version";

/* Finds name in a list "a,b=VALUE,c"; *takes_value says which form it has. */
static bool
list_has(const char *list, const char *name, size_t len, bool *takes_value)
{
	for (const char *at = list; at != NULL && *at != '\0';) {
		size_t n = strcspn(at, ",=");

		if (n == len && memcmp(at, name, len) == 0) {
			*takes_value = at[n] == '=';
			return true;
		}
		at = strchr(at, ',');
		if (at != NULL)
			at++;
	}
	return false;
}

/* Complains of a word and offers what is near; before: what stands in front of it. */
static status
unknown(struct call *call, const char *kind, const char *word, const struct near *near,
    const char *before)
{
	char question[256];
	status st = complain(call->complaint, PN_U01, "there is no %s '%s'%s", kind, word,
	    near_question(near, before, question, sizeof question));

	for (size_t i = 0; *before == '\0' && i < near->n && i + 1 < COMPLAINT_NEXT_MAX;
	     i++)
		complain_next(call->complaint, "pnet %s --help", near->words[i]);
	if (*before != '\0' && call->command != NULL)
		complain_next(call->complaint, "pnet %s --help", call->command->name);
	complain_next(call->complaint, "pnet help");
	return st;
}

/* Do commands of several words begin with this one? */
static bool
begins_commands(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < n_commands; i++) {
		if (strncmp(commands[i].name, word, len) == 0 &&
		    commands[i].name[len] == ' ')
			return true;
	}
	return false;
}

/* The commands that are near to one or two words; second may be NULL. Behind a word that
 * is right only its own are. */
static void
near_commands(struct near *near, const char *first, const char *second)
{
	char both[NEAR_WORD_BYTES], begin[NEAR_WORD_BYTES];
	bool is_right = begins_commands(first);

	near_begin(near);
	(void)snprintf(both, sizeof both, "%s %s", first, second == NULL ? "" : second);
	for (size_t i = 0; i < n_commands; i++) {
		const char *name = commands[i].name;

		(void)snprintf(begin, sizeof begin, "%s", name);
		begin[strcspn(begin, " ")] = '\0';
		if (strchr(name, ' ') != NULL && second != NULL)
			near_offer(near, both, name, name);
		else if (!is_right || strcmp(first, begin) == 0)
			near_offer(near, first, begin, name);
	}
}

/* Complains of words that begin no command; two of them may be meant. */
static status
unknown_command(struct call *call, int argc, char **argv)
{
	bool has_second = argc > 1 && argv[1][0] != '-';
	char word[NEAR_WORD_BYTES];
	struct near near;

	near_commands(&near, argv[0], has_second ? argv[1] : NULL);
	if (has_second && near.n == 0)
		near_commands(&near, argv[0], NULL);
	(void)snprintf(word, sizeof word, "%s%s%s", argv[0],
	    near.n > 0 && has_second && strchr(near.words[0], ' ') != NULL ? " " : "",
	    near.n > 0 && has_second && strchr(near.words[0], ' ') != NULL ? argv[1]
									   : "");
	return unknown(call, "command", word, &near, "");
}

/* How many words of the call the name takes; 0 if they are others. */
static int
words_taken(const char *name, int argc, char **argv)
{
	int n = 0;

	for (;; n++) {
		size_t len = strcspn(name, " ");

		if (n == argc || strlen(argv[n]) != len ||
		    memcmp(argv[n], name, len) != 0)
			return 0;
		if (name[len] == '\0')
			return n + 1;
		name += len + 1;
	}
}

/* The row whose name takes the most words at the front; *used of them, 1 if there is
 * none. */
static const struct command *
find_command(int argc, char **argv, int *used)
{
	const struct command *found = NULL;

	*used = 1;
	for (size_t i = 0; i < n_commands; i++) {
		int n = words_taken(commands[i].name, argc, argv);

		if (n > 0 && (found == NULL || n > *used)) {
			found = &commands[i];
			*used = n;
		}
	}
	return found;
}

static status
set_global(struct call *call, const char *name, const char *value)
{
	struct call_globals *g = &call->global;
	static const struct {
		const char *name;
		size_t offset;
	} flags[] = {
	    {"header", offsetof(struct call_globals, show_header)},
	    {"quiet", offsetof(struct call_globals, is_quiet)},
	    {"dry-run", offsetof(struct call_globals, is_dry_run)},
	    {"yes", offsetof(struct call_globals, says_yes)},
	    {"no-input", offsetof(struct call_globals, asks_nothing)},
	};
	static const struct {
		const char *name;
		size_t offset;
	} values[] = {
	    {"data", offsetof(struct call_globals, data_dir)},
	    {"today", offsetof(struct call_globals, today)},
	    {"passphrase-file", offsetof(struct call_globals, passphrase_file)},
	    {"passphrase-fd", offsetof(struct call_globals, passphrase_fd)},
	};
	static const struct {
		const char *name;
		enum style style;
	} styles[] = {{"json", STYLE_JSON}, {"plain", STYLE_PLAIN}, {"csv", STYLE_CSV}};

	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		if (strcmp(name, flags[i].name) == 0)
			*(bool *)(void *)((char *)g + flags[i].offset) = true;
	}
	for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++) {
		if (strcmp(name, styles[i].name) == 0)
			g->style = styles[i].style;
	}
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (strcmp(name, values[i].name) == 0)
			*(const char **)(void *)((char *)g + values[i].offset) = value;
	}
	if (strcmp(name, "verbose") == 0)
		g->verbosity++;
	if (call->n_options < CALL_OPTIONS_MAX)
		call->options[call->n_options++] = (struct call_option){name, value};
	return ST_OK;
}

static const char *
short_name(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} map[] = {{'n', "dry-run"}, {'h', "help"}, {'q', "quiet"}, {'v', "verbose"},
	    {'o', "out"}, {'F', "file"}};

	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) {
		if (map[i].letter == letter)
			return map[i].name;
	}
	return NULL;
}

static void
near_options(struct near *near, const char *list, const char *typed)
{
	for (const char *at = list; at != NULL && *at != '\0';) {
		char name[NEAR_WORD_BYTES];

		(void)snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ",="), at);
		near_offer(near, typed, name, name);
		at = strchr(at, ',');
		if (at != NULL)
			at++;
	}
}

/* What the command takes is offered before what all take. */
static status
unknown_option(struct call *call, const struct command *command, const char *word)
{
	char typed[NEAR_WORD_BYTES];
	struct near near;

	near_begin(&near);
	(void)snprintf(typed, sizeof typed, "%.*s",
	    (int)strcspn(word + strspn(word, "-"), "="), word + strspn(word, "-"));
	if (typed[0] != '\0' && typed[1] != '\0') {
		near_options(&near, command == NULL ? "" : command->options, typed);
		near_options(&near, call_global_options, typed);
	}
	return unknown(call, "option", word, &near, "--");
}

/* Takes the option at argv[at]; *used arguments. command may be NULL (before it). */
static status
take_option(struct call *call, const struct command *command, int argc, char **argv,
    int at, int *used)
{
	const char *name = argv[at] + 2;
	size_t len;
	bool takes_value = false;
	const char *value = "";

	if (argv[at][1] != '-') {
		name = argv[at][2] == '\0' ? short_name(argv[at][1]) : NULL;
		if (name == NULL)
			return unknown_option(call, command, argv[at]);
	}
	len = strcspn(name, "=");
	if (!list_has(call_global_options, name, len, &takes_value) &&
	    (command == NULL || !list_has(command->options, name, len, &takes_value)))
		return unknown_option(call, command, argv[at]);
	*used = 1;
	if (name[len] == '=') {
		if (!takes_value)
			return complain(call->complaint, PN_U01, "--%.*s takes no value",
			    (int)len, name);
		value = name + len + 1;
	} else if (takes_value) {
		if (at + 1 >= argc)
			return complain(
			    call->complaint, PN_U01, "--%s needs a value", name);
		value = argv[at + 1];
		*used = 2;
	}
	if (name[len] == '=')
		argv[at][2 + len] = '\0'; /* a long option: its name ends here */
	return set_global(call, name, value);
}

static status
count_args(struct call *call)
{
	const struct command *command = call->command;
	status st;

	if (call_has(call, "help") ||
	    (call->n_args >= command->args_min && call->n_args <= command->args_max))
		return ST_OK;
	st = complain(call->complaint, PN_U01, "%s: pnet %s %s",
	    call->n_args < command->args_min ? "something is missing" : "too many words",
	    command->name, command->args);
	complain_next(call->complaint, "pnet %s --help", command->name);
	return st;
}

status
call_parse(struct call *call, int argc, char **argv)
{
	bool only_args = false;

	for (int at = 1; at < argc;) {
		int used = 1;
		status st = ST_OK;

		if (!only_args && strcmp(argv[at], "--") == 0)
			only_args = true;
		else if (!only_args && argv[at][0] == '-' && argv[at][1] != '\0')
			st = take_option(call, call->command, argc, argv, at, &used);
		else if (call->command == NULL) {
			call->command = find_command(argc - at, argv + at, &used);
			if (call->command == NULL)
				return unknown_command(call, argc - at, argv + at);
		} else if (call->n_args == CALL_ARGS_MAX)
			return complain(
			    call->complaint, PN_U01, "more than %d words", CALL_ARGS_MAX);
		else
			call->args[call->n_args++] = argv[at];
		if (st != ST_OK)
			return st;
		at += used;
	}
	return call->command == NULL ? ST_OK : count_args(call);
}

const char *
call_option(const struct call *c, const char *name)
{
	for (size_t i = c->n_options; i > 0; i--) {
		if (strcmp(c->options[i - 1].name, name) == 0)
			return c->options[i - 1].value;
	}
	return NULL;
}

const char *
call_option_or(const struct call *c, const char *name, const char *otherwise)
{
	const char *value = call_option(c, name);

	return value == NULL ? otherwise : value;
}

bool
call_has(const struct call *c, const char *name)
{
	return call_option(c, name) != NULL;
}

/* Is the word one of the list, | between them? */
static bool
is_among(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; *at != '\0';) {
		size_t len = strcspn(at, "|");

		if (len == n && memcmp(at, word, n) == 0)
			return true;
		at += len + (at[len] == '|');
	}
	return false;
}

const struct option_text *
command_option_text(const struct command *command, const char *option, size_t len)
{
	const struct option_text *general = NULL;

	for (size_t i = 0; i < n_option_texts; i++) {
		const struct option_text *o = &option_texts[i];

		if (strlen(o->option) != len || memcmp(o->option, option, len) != 0)
			continue;
		if (o->commands[0] == '\0')
			general = o;
		else if (command != NULL && is_among(o->commands, command->name))
			return o;
	}
	return general;
}

static size_t
widest_option(const char *list)
{
	size_t widest = 0;

	for (const char *at = list; *at != '\0';) {
		size_t n = strcspn(at, ",");

		widest = n > widest ? n : widest;
		at += n + (at[n] == ',');
	}
	return widest;
}

static void
help_options(const struct command *command, const char *list)
{
	size_t width = widest_option(list);

	for (const char *at = list; *at != '\0';) {
		size_t n = strcspn(at, ",");
		const struct option_text *o = command_option_text(command, at, n);

		printf("  --%.*s%*s  %s\n", (int)n, at, (int)(width - n), "",
		    o == NULL ? "" : o->text);
		at += n + (at[n] == ',');
	}
}

static void
help_one(const struct command *command)
{
	printf("pnet %s %s\n\n%s\n", command->name, command->args, command->summary);
	if (command->options[0] != '\0') {
		printf("\nOptions:\n");
		help_options(command, command->options);
	}
	printf("\nExample:\n  %s\n", command->example);
}

static void
help_all(void)
{
	printf("pnet - attendance and reports of prevention workshops, offline first\n\n"
	       "usage: pnet [GLOBAL] COMMAND [ARGS]\n\n");
	for (size_t i = 0; i < n_commands; i++)
		printf("  %-16s %s\n", commands[i].name, commands[i].summary);
	printf("\nGlobal options:\n");
	help_options(NULL, call_global_options);
	printf("\npnet help COMMAND shows one command with an example.\n");
}

status
call_help(struct call *c)
{
	struct complaint_kind kind;
	char topic[64] = "";
	struct near near;
	bool found = false;

	if (c->command != NULL && strcmp(c->command->name, "help") != 0) {
		help_one(c->command);
		return ST_OK;
	}
	if (c->n_args == 0) {
		help_all();
		return ST_OK;
	}
	if (complaint_kind(c->args[0], &kind)) {
		printf("%s    %s (exit %d)\n\n%s\n", kind.code, kind.what, kind.exit_code,
		    kind.advice);
		return ST_OK;
	}
	for (size_t i = 0; i < c->n_args; i++) {
		size_t used = strlen(topic);

		(void)snprintf(topic + used, sizeof topic - used, "%s%s",
		    i == 0 ? "" : " ", c->args[i]);
	}
	for (size_t i = 0; i < n_commands; i++) {
		size_t n = strlen(topic);
		const char *name = commands[i].name;

		if (strncmp(name, topic, n) != 0 || (name[n] != '\0' && name[n] != ' '))
			continue;
		if (found)
			printf("\n");
		help_one(&commands[i]);
		found = true;
	}
	if (found)
		return ST_OK;
	near_commands(&near, c->args[0], c->n_args > 1 ? c->args[1] : NULL);
	return unknown(c, "help topic", c->args[0], &near, "");
}
