/* bench.h - what the measuring programs share: a server of its own on loopback, laptops
 * that joined it, work that trainers do, one timed sync, and the read-back that every
 * figure depends on (PERFORMANCE 1). A failure ends the program: no figure without it. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/actions/planning.h"
#include "client/actions/sync.h"
#include "words.h"

enum {
	BENCH_PATH_MAX = 512,
	PEOPLE = 15, /* of a workshop */
	DAYS = 5,
	WORKSHOP_MARKS = PEOPLE * DAYS,
	DAYS_MAX = 31, /* that day_no allows: days measured in one workshop */
	NOTE_CHARACTERS = 400,
	SECTION_CHARACTERS = 2000,
	ADDED_CHARACTERS = 200,
	SECTIONS = (DAYS_MAX + DAYS - 1) / DAYS, /* of a report: one a week */
	ROUNDS_MAX = 100
};

double bench_now(void); /* seconds, monotonic */
_Noreturn void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Ends with the laptop's own words unless st is ST_OK. */
void bench_must(struct laptop *l, status st, const char *what);
/* Starts a program with its output in a file (NULL = ours). */
pid_t bench_spawn(const char *const argv[], const char *output);
/* Ends it by SIGTERM; returns its exit code. */
int bench_stop(pid_t pid);
/* Runs to the end; seconds it took. Output to a file; dies unless it exits 0. */
double bench_run(const char *const argv[], const char *output);
void bench_copy_folder(const char *from, const char *to);
long bench_file_bytes(const char *path); /* 0 if there is none */
long bench_rss_kib(pid_t pid);
/* Seconds of CPU that a process used so far. */
double bench_cpu(pid_t pid);

/* ---- figures ---- */

/* Prints "name value unit spread% goal note": the median of n values. */
void figure(const char *name, double *values, size_t n, const char *unit,
    const char *goal, const char *note);
void figure_one(
    const char *name, double value, const char *unit, const char *goal, const char *note);

/* ---- server and laptops (world.c) ---- */

struct device {
	char dir[BENCH_PATH_MAX];
	char phrase[BENCH_PATH_MAX]; /* the file with its passphrase */
	struct complaint complaint;
	struct laptop *l; /* NULL while closed */
};

struct country_crew {
	char code[4];
	struct device coordinator;
	unsigned n_trainers, n_workshops, n_readers;
};

struct world {
	char dir[BENCH_PATH_MAX];
	const char *pnet, *pnetd, *line; /* programs */
	pid_t server;
	uint16_t port;
	struct device office;
	struct sign_seed root; /* of the network */
	unsigned n_countries;
	struct country_crew *countries;
	struct device reader; /* a coordinator of the first, who joined before any work */
	struct words words;
};

struct world_options {
	const char *dir; /* made; what was there goes */
	const char *pnet, *pnetd, *line;
	unsigned n_countries;
	uint64_t seed;
};

void world_found(struct world *w, const struct world_options *o);
void world_end(struct world *w); /* stops the server, closes what it opened */
void world_stop_server(struct world *w);
void world_start_server(struct world *w);
/* Stops it in order (which truncates its logs) and starts it again. */
void world_restart(struct world *w);
/* The server's file of a space, by its name. */
const char *world_space_file(const struct world *w, const char *code);
/* A trainer, or a further coordinator, who joins and fetches what he may read. */
void world_join(struct world *w, unsigned country, bool is_trainer, struct device *out);
void device_open(struct device *d);
void device_close(struct device *d);
/* The laptop talks to 127.0.0.1:port from now on, also after it is closed. */
void device_use_port(struct device *d, uint16_t port);

/* ---- work (work.c) ---- */

struct workshop {
	struct record_id activity;
	int64_t home, scope; /* local ids on the laptop that writes */
	uint16_t space;
	char code[20];
	uint64_t people[PEOPLE]; /* map keys */
};

/* n new workshops that the (open) laptop writes in: a coordinator plans and announces
 * them; a trainer is on their teams. */
void work_plan(struct world *w, unsigned country, struct device *d, unsigned n,
    struct workshop *out);
/* The five sheets of a workshop, an edit each; marks some seconds apart. */
void work_sheets(struct world *w, struct device *d, const struct workshop *s);
/* A report for each workshop, by the trainer who writes its days, in sections of 2,000
 * characters; synced, so that the days after it are what a sync carries. */
void work_reports(
    struct world *w, struct device *d, unsigned n, const struct workshop *shops);
/* A trainer's day: a sheet of 15 marks, a note of 400 characters, 200 characters put into
 * a section of the workshop's report. */
void work_day(
    struct world *w, struct device *d, const struct workshop *s, uint8_t day_no);
/* A roster, for what needs names. */
void work_roster(struct world *w, struct device *d, struct workshop *s);

/* ---- one sync, timed (line.c) ---- */

struct timed {
	double connect_s; /* start of the connect */
	double acked_s;   /* last push durable at the server, 0 = none pushed */
	double end_s;
	double acked_cpu_s, end_cpu_s; /* the laptop's processor time until then */
	uint64_t up, down;             /* payload bytes */
	struct sync_report report;
};

/* A whole sync of the laptop, without a coordinator's duties. */
void line_sync(struct device *d, struct timed *out);
/* Syncs until all is there, as the command does: batches of a device that was not known
 * when the laptop asked come with the next answer. */
void line_sync_all(struct device *d);

/* ---- read-back (dump.c) ---- */

struct dump {
	uint8_t hash[32];
	uint64_t rows, marks;
};

/* Everything that the typed tables show, of the scopes that both laptops can read. */
void dump_common(struct device *d, struct device *with, struct dump *out);
/* Dies unless both show the same, at least n_marks of them. */
void dump_must_equal(struct device *a, struct device *b, uint64_t n_marks);

/* ---- measures ---- */

void measure_day(struct world *w, unsigned rounds);
void measure_bulk(struct world *w, unsigned n_marks, unsigned rounds);
void measure_slope(struct world *small, struct world *large, unsigned rounds);
void measure_start(struct world *w, unsigned rounds);
void measure_load(struct world *w, unsigned n_clients, unsigned n_days);
void measure_idle(struct world *w, unsigned n_sessions);
void measure_syncs(struct world *w, unsigned rounds);

#endif
