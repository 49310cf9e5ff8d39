/* cmd_completion.c - pnet completion: scripts for shells, made from the table of
 * commands; codes come from this laptop's replica, offline, through pnet itself. */
#include <string.h>

#include "client/commands/commands.h"
#include "client/laptop/typed.h"

/* ---- the table, as a shell reads it ---- */

static size_t
first_len(const char *name)
{
	return strcspn(name, " ");
}

static bool
is_first_seen(size_t at)
{
	size_t len = first_len(commands[at].name);

	for (size_t i = 0; i < at; i++) {
		if (first_len(commands[i].name) == len &&
		    memcmp(commands[i].name, commands[at].name, len) == 0)
			return true;
	}
	return false;
}

static void
print_firsts(void)
{
	for (size_t i = 0; i < n_commands; i++) {
		if (!is_first_seen(i))
			printf(
			    " %.*s", (int)first_len(commands[i].name), commands[i].name);
	}
}

/* The second words below the first word of row `at`; how many there are. */
static size_t
print_seconds(size_t at, const char *before)
{
	size_t len = first_len(commands[at].name), n = 0;

	for (size_t i = at; i < n_commands; i++) {
		const char *name = commands[i].name;

		if (first_len(name) == len && name[len] == ' ' &&
		    memcmp(name, commands[at].name, len) == 0)
			printf("%s%s", n++ == 0 ? before : " ", name + len + 1);
	}
	return n;
}

/* " --set --rest"; with values: those of an option that names them ("yes no"). */
static void
print_options(const char *list, const char *dashes)
{
	for (const char *at = list; *at != '\0';) {
		size_t len = strcspn(at, ",");

		printf(" %s%.*s", dashes, (int)strcspn(at, ",="), at);
		at += len + (at[len] == ',');
	}
}

/* "held=yes|no" has values to choose from, "take=N|VALUE" has not. */
static bool
has_choice(const char *option, size_t len)
{
	const char *from = memchr(option, '=', len);

	if (from == NULL || memchr(option, '|', len) == NULL)
		return false;
	for (const char *at = from + 1; at < option + len; at++) {
		if (*at >= 'A' && *at <= 'Z')
			return false;
	}
	return true;
}

/* ---- bash, and zsh through its bash mode ---- */

static void
bash_values(void)
{
	for (size_t i = 0; i < n_commands; i++) {
		for (const char *at = commands[i].options; *at != '\0';) {
			size_t len = strcspn(at, ","), name = strcspn(at, "=");

			if (has_choice(at, len)) {
				printf("\t'%s --%.*s') echo '", commands[i].name,
				    (int)name, at);
				for (size_t k = name + 1; k < len; k++)
					putchar(at[k] == '|' ? ' ' : at[k]);
				printf("' ;;\n");
			}
			at += len + (at[len] == ',');
		}
	}
}

static void
bash_tables(void)
{
	printf("_pnet_firsts() { echo '");
	print_firsts();
	printf("'; }\n_pnet_seconds() {\n\tcase $1 in\n");
	for (size_t i = 0; i < n_commands; i++) {
		size_t len = first_len(commands[i].name);

		if (is_first_seen(i) || commands[i].name[len] != ' ')
			continue;
		printf("\t%.*s) echo '", (int)len, commands[i].name);
		(void)print_seconds(i, "");
		printf("' ;;\n");
	}
	printf("\tesac\n}\n_pnet_options() {\n\techo '");
	print_options(call_global_options, "--");
	printf("'\n\tcase $1 in\n");
	for (size_t i = 0; i < n_commands; i++) {
		if (commands[i].options[0] == '\0')
			continue;
		printf("\t'%s') echo '", commands[i].name);
		print_options(commands[i].options, "--");
		printf("' ;;\n");
	}
	printf("\tesac\n}\n_pnet_values() {\n\tcase $1 in\n");
	bash_values();
	printf("\tesac\n}\n");
}

static const char bash_end[] =
    "_pnet() {\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "\tlocal i word first= name= data= words=\n"
    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
    "\t\tword=${COMP_WORDS[i]}\n"
    "\t\tcase $word in\n"
    "\t\t--data) data=${COMP_WORDS[i + 1]}; ((i++)) ;;\n"
    "\t\t-*) ;;\n"
    "\t\t*)\n"
    "\t\t\tif [ -z \"$first\" ]; then\n"
    "\t\t\t\tfirst=$word name=$word\n"
    "\t\t\telif [ \"$name\" = \"$first\" ] &&\n"
    "\t\t\t    [[ \" $(_pnet_seconds \"$first\") \" = *\" $word \"* ]]; then\n"
    "\t\t\t\tname=\"$first $word\"\n"
    "\t\t\tfi ;;\n"
    "\t\tesac\n"
    "\tdone\n"
    "\tif [ -z \"$first\" ]; then\n"
    "\t\twords=$(_pnet_firsts)\n"
    "\telif [[ $cur = -* ]]; then\n"
    "\t\twords=$(_pnet_options \"$name\")\n"
    "\telif [ -n \"$(_pnet_values \"$name $prev\")\" ]; then\n"
    "\t\twords=$(_pnet_values \"$name $prev\")\n"
    "\telif [ \"$name\" = \"$first\" ] && [ -n \"$(_pnet_seconds \"$first\")\" ]; then\n"
    "\t\twords=$(_pnet_seconds \"$first\")\n"
    "\telif [ \"$first\" = help ]; then\n"
    "\t\twords=$(_pnet_firsts)\n"
    "\telse\n"
    "\t\twords=$(\"${COMP_WORDS[0]}\" ${data:+--data \"$data\"} completion codes"
    " 2>/dev/null)\n"
    "\tfi\n"
    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    "\t[ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "}\n"
    "complete -F _pnet pnet\n";

static void
print_bash(void)
{
	printf("# Completion of pnet for bash:  eval \"$(pnet completion bash)\"\n");
	bash_tables();
	fputs(bash_end, stdout);
}

static void
print_zsh(void)
{
	printf("#compdef pnet\n"
	       "# Completion of pnet for zsh:  eval \"$(pnet completion zsh)\"\n"
	       "autoload -U +X bashcompinit && bashcompinit\n");
	bash_tables();
	fputs(bash_end, stdout);
}

/* ---- fish ---- */

/* A text between single quotes. */
static void
print_quoted(const char *text)
{
	putchar('\'');
	for (; *text != '\0'; text++)
		printf(*text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
	putchar('\'');
}

static void
fish_options(const struct command *c, const char *list)
{
	for (const char *at = list; *at != '\0';) {
		size_t len = strcspn(at, ","), name = strcspn(at, ",=");
		const struct option_text *o = command_option_text(c, at, len);

		printf("complete -c pnet ");
		if (c != NULL)
			printf("-n '__fish_seen_subcommand_from %.*s' ",
			    (int)first_len(c->name), c->name);
		printf("-l %.*s%s -d ", (int)name, at, at[name] == '=' ? " -r" : "");
		print_quoted(o == NULL ? "" : o->text);
		putchar('\n');
		at += len + (at[len] == ',');
	}
}

static void
print_fish(void)
{
	printf("# Completion of pnet for fish:  pnet completion fish | source\n"
	       "complete -c pnet -f\n");
	for (size_t i = 0; i < n_commands; i++) {
		const char *name = commands[i].name;
		size_t len = first_len(name);

		if (name[len] == ' ')
			printf("complete -c pnet -n '__fish_seen_subcommand_from %.*s' "
			       "-a %s -d ",
			    (int)len, name, name + len + 1);
		else
			printf(
			    "complete -c pnet -n __fish_use_subcommand -a %s -d ", name);
		print_quoted(commands[i].summary);
		putchar('\n');
		if (name[len] == ' ' && !is_first_seen(i))
			printf("complete -c pnet -n __fish_use_subcommand -a %.*s\n",
			    (int)len, name);
		fish_options(&commands[i], commands[i].options);
	}
	fish_options(NULL, call_global_options);
	printf(
	    "complete -c pnet -n 'not __fish_use_subcommand' -a '(pnet completion codes"
	    " 2>/dev/null)'\n");
}

/* ---- codes ---- */

static status
print_codes(struct call *c)
{
	struct laptop *l = NULL;
	status st;

	c->global.asks_nothing = true; /* somebody is typing a line */
	st = command_open(c, &l);
	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);
		struct query *q;

		if (typed_by_code(l, k->id) == NULL)
			continue;
		q = query_of(l->queries,
		    arena_text(l->arena,
			"SELECT code FROM %s WHERE code IS NOT NULL ORDER BY code",
			k->name));
		while (query_row(q)) {
			screen_text(stdout, query_column_text(q, 0));
			putchar('\n');
		}
		st = query_done(q, &l->trouble);
	}
	return command_close(l, st);
}

status
cmd_completion(struct call *c)
{
	static const struct {
		const char *shell;
		void (*print)(void);
	} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
	const char *word = c->args[0];
	status st;

	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
		if (strcmp(word, shells[i].shell) == 0) {
			shells[i].print();
			return ST_OK;
		}
	}
	if (strcmp(word, "codes") == 0)
		return print_codes(c);
	st = complain(
	    c->complaint, PN_U01, "'%.40s' is none of bash, zsh, fish, codes", word);
	complain_next(c->complaint, "pnet completion bash");
	return st;
}
