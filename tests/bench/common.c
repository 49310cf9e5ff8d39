/* common.c - time, processes, files, figures. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

double
bench_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void
bench_die(const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "bench: ");
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\n");
	exit(1);
}

void
bench_must(struct laptop *l, status st, const char *what)
{
	if (st == ST_OK)
		return;
	if (l == NULL)
		bench_die("%s: %s", what, status_name(st));
	bench_die("%s: %s; %s (%s)", what, status_name(st), l->trouble.text,
	    l->complaint == NULL ? "" : l->complaint->why);
}

pid_t
bench_spawn(const char *const argv[], const char *output)
{
	pid_t pid = fork();

	if (pid < 0)
		bench_die("fork: %s", strerror(errno));
	if (pid == 0) {
		int fd = output == NULL
			     ? -1
			     : open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd >= 0) {
			(void)dup2(fd, STDOUT_FILENO);
			(void)dup2(fd, STDERR_FILENO);
		}
		/* No server outlives a bench that gives up. */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static int
wait_for(pid_t pid)
{
	int how = 0;

	while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

int
bench_stop(pid_t pid)
{
	(void)kill(pid, SIGTERM);
	return wait_for(pid);
}

double
bench_run(const char *const argv[], const char *output)
{
	double begin = bench_now();
	int code = wait_for(bench_spawn(argv, output));

	if (code != 0)
		bench_die(
		    "%s %s exits %d", argv[0], argv[1] == NULL ? "" : argv[1], code);
	return bench_now() - begin;
}

void
bench_copy_folder(const char *from, const char *to)
{
	const char *argv[] = {"cp", "-r", from, to, NULL};

	(void)bench_run(argv, NULL);
}

long
bench_file_bytes(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 ? (long)info.st_size : 0;
}

long
bench_rss_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f != NULL)
		(void)fclose(f);
	return kib;
}

double
bench_cpu(pid_t pid)
{
	char path[64], text[1024] = "";
	unsigned long user = 0, kernel = 0;
	const char *after;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (f != NULL) {
		if (fread(text, 1, sizeof text - 1, f) == 0)
			text[0] = '\0';
		(void)fclose(f);
	}
	after = strrchr(text, ')');
	if (after != NULL)
		(void)sscanf(after + 2,
		    "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		    &kernel);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
figure(const char *name, double *values, size_t n, const char *unit, const char *goal,
    const char *note)
{
	double median, spread;

	qsort(values, n, sizeof values[0], compare);
	median = values[n / 2];
	/* From the 10th to the 90th of a hundred: one hiccup is not a spread. */
	spread = median == 0
		     ? 0
		     : (values[n - 1 - n / 10] - values[n / 10]) / fabs(median) * 100;
	(void)printf("%-34s %12.2f %-9s %6.1f  %-12s %s\n", name, median, unit, spread,
	    goal, note);
	(void)fflush(stdout);
}

void
figure_one(
    const char *name, double value, const char *unit, const char *goal, const char *note)
{
	figure(name, &value, 1, unit, goal, note);
}
