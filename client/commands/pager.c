/* pager.c - a child that reads what we print. */
#include "client/commands/pager.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* By the last word of their names: none of these asks anything. */
static const char *const read_words[] = {"list", "show", "history", "find", "findings",
    "totals", "indicators", "consolidate", "tally"};

static bool
is_read(const struct command *command)
{
	const char *space = command == NULL ? NULL : strrchr(command->name, ' ');
	const char *word = space != NULL     ? space + 1
			   : command == NULL ? ""
					     : command->name;

	for (size_t i = 0; i < sizeof read_words / sizeof read_words[0]; i++) {
		if (strcmp(word, read_words[i]) == 0)
			return true;
	}
	return false;
}

/* less ends by itself where the text fits the screen (F), and may write nothing: neither
 * what was searched for nor a copy of the text. A pager that is not there leaves standard
 * input untouched for cat. */
static _Noreturn void
run_pager(int from)
{
	(void)dup2(from, STDIN_FILENO);
	(void)setenv("LESS", "FRX", 0);
	(void)setenv("LESSHISTFILE", "-", 1);
	(void)setenv("LESSSECURE", "1", 1);
	(void)execl("/bin/sh", "sh", "-c", "eval \"$PAGER\" || exec cat", (char *)NULL);
	_exit(127);
}

struct pager
pager_begin(const struct call *call)
{
	struct pager p = {0};
	const char *wanted = getenv("PAGER");
	int ends[2];
	pid_t pid;

	if (wanted == NULL || *wanted == '\0' || call->global.style != STYLE_HUMAN ||
	    !is_read(call->command) || isatty(STDOUT_FILENO) == 0 || pipe(ends) != 0)
		return p;
	pid = fork();
	if (pid == 0) {
		(void)close(ends[1]);
		run_pager(ends[0]);
	}
	p.terminal = dup(STDOUT_FILENO);
	if (pid > 0 && p.terminal >= 0 && dup2(ends[1], STDOUT_FILENO) >= 0)
		p.pid = pid;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return p;
}

void
pager_end(struct pager *p)
{
	if (p->pid == 0)
		return;
	(void)dup2(p->terminal, STDOUT_FILENO); /* the pager's end of text */
	(void)close(p->terminal);
	(void)waitpid((pid_t)p->pid, NULL, 0);
	p->pid = 0;
}
