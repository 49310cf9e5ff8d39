/* stops.c - what kills would leave behind, all of one run:
 *	stops FOLDER INTO CALL[/FACTOR][,CALL...] COMMAND...
 * runs the command to its end and, as it enters a call of these names, leaves a copy of
 * FOLDER as INTO/NNN.CALL. A process that is stopped there has done to its files what one
 * killed there has done. FACTOR: before the 1st, FACTORth, FACTOR^2th... such call only.
 * Ends as the command does. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 4300, IS_CALL = 0x80, NAMES_MAX = 16 };

/* A name stands for all calls that do the same; no machine has all of them. */
static const struct {
	const char *name;
	unsigned long long number;
} calls[] = {
#ifdef SYS_rename
    {"rename", SYS_rename},
    {"unlink", SYS_unlink},
    {"link", SYS_link},
#endif
#ifdef SYS_renameat
    {"rename", SYS_renameat},
#endif
    {"rename", SYS_renameat2},
    {"unlink", SYS_unlinkat},
    {"link", SYS_linkat},
    {"fsync", SYS_fsync},
    {"fsync", SYS_fdatasync},
    {"ftruncate", SYS_ftruncate},
    {"write", SYS_write},
    {"pwrite64", SYS_pwrite64},
};

/* A name on the command line, and how often it was called. */
struct watched {
	const char *name;
	unsigned long factor, seen, next;
};

struct stops {
	const char *folder, *into;
	struct watched names[NAMES_MAX];
	size_t n;
	unsigned copies;
	pid_t command;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "stops: %s: %s\n", what, strerror(errno));
	exit(125);
}

static bool
is_known(const char *name)
{
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (strcmp(calls[i].name, name) == 0)
			return true;
	return false;
}

static void
read_names(struct stops *s, char *text)
{
	for (char *name = strtok(text, ","); name != NULL; name = strtok(NULL, ",")) {
		char *slash = strchr(name, '/');
		struct watched w = {name, 1, 0, 1};

		if (slash != NULL) {
			*slash = '\0';
			w.factor = strtoul(slash + 1, NULL, 10);
		}
		errno = EINVAL;
		if (s->n == NAMES_MAX || w.factor == 0 || !is_known(name))
			die(name);
		s->names[s->n++] = w;
	}
}

static void
copy_folder(struct stops *s, const char *call)
{
	char to[PATH_BYTES];
	int status = -1;
	pid_t pid;

	(void)snprintf(to, sizeof to, "%s/%03u.%s", s->into, ++s->copies, call);
	pid = fork();
	if (pid == 0) {
		(void)execlp("cp", "cp", "-a", "--", s->folder, to, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		die(to);
}

static void
before_call(struct stops *s, unsigned long long number)
{
	const char *name = NULL;

	for (size_t i = 0; name == NULL && i < sizeof calls / sizeof calls[0]; i++)
		if (calls[i].number == number)
			name = calls[i].name;
	for (size_t i = 0; name != NULL && i < s->n; i++) {
		struct watched *w = &s->names[i];

		if (strcmp(w->name, name) != 0 || ++w->seen != w->next)
			continue;
		w->next = w->factor == 1 ? w->next + 1 : w->next * w->factor;
		copy_folder(s, name);
	}
}

/* One thread or child of the command has stopped. The signal it goes on with. */
static int
stopped(struct stops *s, pid_t pid, int status)
{
	struct __ptrace_syscall_info info;

	if (WSTOPSIG(status) == (SIGTRAP | IS_CALL)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0)
			die("PTRACE_GET_SYSCALL_INFO");
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			before_call(s, info.entry.nr);
		return 0;
	}
	/* An event, or the first stop of a new thread. */
	if (status >> 16 != 0 || WSTOPSIG(status) == SIGSTOP)
		return 0;
	return WSTOPSIG(status);
}

static int
watch(struct stops *s)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			die("waitpid");
		if (WIFSTOPPED(status)) {
			int signal = stopped(s, pid, status);

			if (ptrace(PTRACE_SYSCALL, pid, NULL, signal) < 0 &&
			    errno != ESRCH)
				die("PTRACE_SYSCALL");
		} else if (pid == s->command)
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
	}
}

int
main(int argc, char **argv)
{
	struct stops s = {0};
	int status;

	if (argc < 5) {
		fprintf(stderr, "usage: stops FOLDER INTO CALLS COMMAND...\n");
		return 64;
	}
	s.folder = argv[1];
	s.into = argv[2];
	read_names(&s, argv[3]);
	s.command = fork();
	if (s.command == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && raise(SIGSTOP) == 0)
			(void)execvp(argv[4], argv + 4);
		die(argv[4]);
	}
	if (s.command < 0 || waitpid(s.command, &status, __WALL) != s.command ||
	    ptrace(PTRACE_SETOPTIONS, s.command, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
		    PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) < 0 ||
	    ptrace(PTRACE_SYSCALL, s.command, NULL, NULL) < 0)
		die("ptrace");
	return watch(&s);
}
