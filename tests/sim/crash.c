/* crash.c - the power goes at every write of the sealed replica.
 *
 * Each deed runs once over a disk in memory. Then, for every step of its trace and two
 * models of the folder, what may be left is opened again: the file must be whole, hold
 * one of the states that a commit made, and none older than the last acknowledged one.
 *
 * usage: sim_crash [--states N] [--shard K OF] [--seed N]
 *        sim_crash --canary              deeds with a known fault: each must be found
 *        sim_crash --faults [--shard K OF]   each call of the disk fails */
#include "crash.h"

#include "crypto/keys.h"
#include "store/sealed_vfs.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { COMPOUND_ONE_IN = 12, COMPOUND_CUTS = 3 };

struct count {
	size_t states, second, corrupt, lost;
};

static struct disk after; /* where recovery runs */
static struct rng_seeded nonce_state, draw_state;
static struct rng nonces, draw;

/* Opens what is left; NULL and a text when that is impossible. Between the two keys of a
 * rekeying the right one is not known: the vault holds one or the other. */
static struct db *
recover(struct run *r, const struct deed *deed, struct trouble *t)
{
	static const char *const both[] = {"sealed", "new key"};
	struct db *d = NULL;

	if (strcmp(deed->name, "new key") != 0)
		return crash_open(r, both[0], deed->version, 0, &d, t) == ST_OK ? d
										: NULL;
	for (int i = 0; i < 2 && d == NULL; i++)
		(void)crash_open(r, both[i], deed->version, 0, &d, t);
	return d;
}

static bool
is_whole(sqlite3 *h)
{
	sqlite3_stmt *s = NULL;
	bool is_ok =
	    sqlite3_prepare_v2(h, "PRAGMA integrity_check", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;

	sqlite3_finalize(s);
	return is_ok;
}

/* The last transaction acknowledged by then; -1 before the first. */
static int
acked_at(const struct run *r, size_t step, int before)
{
	int number = before;

	for (int i = 0; i < r->n_acks && r->acks[i].step <= step; i++)
		number = r->acks[i].number;
	return number;
}

static void
judge(struct run *r, const struct deed *deed, size_t step, int before, struct count *c)
{
	struct trouble t = {0};
	struct db *d = recover(r, deed, &t);
	char digest[DIGEST_BYTES];
	int last = d == NULL ? -1 : crash_last(db_handle(d));
	const char *what = NULL;

	if (d == NULL || !is_whole(db_handle(d)) || !crash_digest(db_handle(d), digest)) {
		c->corrupt++;
		what = t.text[0] != '\0' ? t.text : "not whole";
	} else if (last < acked_at(r, step, before) || last > r->n_done ||
		   strcmp(digest, r->digest[last]) != 0) {
		c->lost++;
		what = "lost or half a transaction";
	}
	if (what != NULL && c->corrupt + c->lost <= 2)
		printf("%s, step %zu: %s (has %d, acknowledged %d)\n", deed->name, step,
		    what, last, acked_at(r, step, before));
	db_close(d);
}

/* The power goes a second time, while the first is being recovered from. */
static void
judge_second(struct run *r, const struct deed *deed, const struct image *first,
    size_t step, int before, struct count *c)
{
	struct step *steps = after.steps;
	size_t n = after.n_steps;
	struct walk w;

	after.steps = NULL; /* kept here, while the disk is used for the second time */
	after.n_steps = after.room = 0;
	after.keeps_trace = false;
	for (int i = 0; n > 0 && i < COMPOUND_CUTS; i++) {
		size_t cut = rng_below(&draw, n) + 1;
		struct image left;

		walk_begin(&w, first, steps, n, rng_below(&draw, 2) == 0);
		while (w.n < cut)
			walk_step(&w);
		walk_crash(&w, (enum crash_keep)rng_below(&draw, 3), &draw, &left);
		walk_end(&w);
		disk_load(&after, &left);
		image_free(&left);
		judge(r, deed, step, before, c);
		c->second++;
	}
	for (size_t i = 0; i < n; i++)
		free(steps[i].bytes);
	free(steps);
}

static void
judge_state(struct run *r, const struct deed *deed, const struct walk *w,
    enum crash_keep keep, int before, struct count *c)
{
	bool is_compound = rng_below(&draw, COMPOUND_ONE_IN) == 0;
	struct image left;

	walk_crash(w, keep, &draw, &left);
	disk_load(&after, &left);
	after.keeps_trace = is_compound;
	judge(r, deed, w->n, before, c);
	c->states++;
	if (is_compound)
		judge_second(r, deed, &left, w->n, before, c);
	image_free(&left);
}

/* One pass over a trace; rounds random states at each step where something waits, and
 * the two plain ones in the first pass. */
static void
walk_trace(struct run *r, const struct deed *deed, const struct image *start, int before,
    bool is_strict, bool is_first, unsigned shard, unsigned of, struct count *c)
{
	struct walk w;

	walk_begin(&w, start, r->disk->steps, r->disk->n_steps, is_strict);
	while (w.n < r->disk->n_steps) {
		walk_step(&w);
		if (w.n % of != shard)
			continue;
		if (is_first)
			judge_state(r, deed, &w, KEEP_NONE, before, c);
		if (walk_waiting(&w) == 0)
			continue;
		if (is_first)
			judge_state(r, deed, &w, KEEP_ALL, before, c);
		for (int i = 0; i < 3; i++)
			judge_state(r, deed, &w, KEEP_SOME, before, c);
	}
	walk_end(&w);
}

struct prepared {
	struct disk disk;
	struct run run;
	struct image start;
	int before; /* acknowledged before the trace begins */
	int prepared_done;
};

static void
seal_over(const char *name, const char *below, uint8_t key)
{
	const struct page_key k = {{key}};
	status st = sealed_vfs_register(name, below, &k, &nonces, NULL);

	assert(st == ST_OK);
	(void)st;
}

/* The disk of the deeds has the name that sync_folder() looks for; it is gone before
 * recovery begins, when the other one takes that name. */
static void
do_deed(struct prepared *p, const struct deed *deed)
{
	memset(p, 0, sizeof *p);
	disk_open(&p->disk, "disk");
	seal_over("sealed", "disk", 1);
	seal_over("new key", "disk", 2);
	p->run = (struct run){.disk = &p->disk, .vfs = "sealed"};
	deed->prepare(&p->run);
	image_copy(&p->start, &p->disk.live);
	p->before = p->run.n_done > 0 ? p->run.n_done : -1;
	disk_load(&p->disk, &p->start);
	p->prepared_done = p->run.n_done;
	p->run.n_acks = 0;
	deed->act(&p->run);
	sealed_vfs_unregister("sealed");
	sealed_vfs_unregister("new key");
	sqlite3_vfs_unregister(&p->disk.vfs);
}

static void
open_after(void)
{
	disk_open(&after, "disk");
	seal_over("sealed", "disk", 1);
	seal_over("new key", "disk", 2);
}

static void
close_after(void)
{
	sealed_vfs_unregister("sealed");
	sealed_vfs_unregister("new key");
	disk_close(&after);
}

/* Walks through the traces again and again until there are as many states as asked.
 * False when a deed on the list came through unharmed and must not, or the other way. */
static bool
crash_all(const struct deed *list, size_t n, bool must_fail, size_t states,
    unsigned shard, unsigned of, struct count *sum)
{
	struct prepared *all = calloc(n, sizeof *all);
	struct count each[16] = {{0}};
	bool is_right = true;

	assert(all != NULL && n <= 16);
	for (size_t i = 0; i < n; i++)
		do_deed(&all[i], &list[i]);
	open_after();
	for (int pass = 0; sum->states + sum->second < states; pass++) {
		*sum = (struct count){0};
		for (size_t i = 0; i < n; i++) {
			for (int strict = 0; strict < 2; strict++)
				walk_trace(&all[i].run, &list[i], &all[i].start,
				    all[i].before, strict == 1, pass == 0, shard, of,
				    &each[i]);
			sum->states += each[i].states;
			sum->second += each[i].second;
			sum->corrupt += each[i].corrupt;
			sum->lost += each[i].lost;
		}
	}
	close_after();
	for (size_t i = 0; i < n; i++) {
		printf("%-12s %5zu steps %7zu states %6zu twice %4zu corrupt %4zu lost\n",
		    list[i].name, all[i].disk.n_steps, each[i].states, each[i].second,
		    each[i].corrupt, each[i].lost);
		sqlite3_vfs_register(&all[i].disk.vfs, 0);
		disk_close(&all[i].disk);
		image_free(&all[i].start);
		is_right = is_right && (each[i].corrupt + each[i].lost > 0) == must_fail;
	}
	free(all);
	return is_right;
}

/* A call of the disk fails, once or from then on: the deed ends with an error, or without
 * one if nothing was lost by it, and the file opens again. */
static void
fault_once(struct prepared *p, const struct deed *deed, int fault, long at, bool for_ever,
    struct count *c)
{
	struct run r = {.disk = &after, .vfs = "sealed", .n_done = p->prepared_done};
	jmp_buf on_fault;
	volatile int before = p->before;

	memcpy(r.digest, p->run.digest, sizeof r.digest);
	r.on_fault = &on_fault;
	disk_load(&after, &p->start);
	after.keeps_trace = false;
	after.fault = fault;
	after.fault_at = at;
	after.is_for_ever = for_ever;
	if (setjmp(on_fault) == 0)
		deed->act(&r);
	crash_let_go(&r);
	after.fault = FAULT_NONE;
	r.n_done = p->run.n_done; /* the one that failed may be there or not */
	judge(&r, deed, SIZE_MAX, before, c);
	c->states++;
}

/* Every call of every deed; the kinds of fault take turns. */
static bool
fault_all(unsigned shard, unsigned of, struct count *c)
{
	static struct prepared p;

	for (size_t i = 0; i < n_deeds; i++) {
		struct count one = {0};

		do_deed(&p, &deeds[i]);
		open_after();
		for (long at = 1 + (long)shard; at <= p.disk.n_calls; at += of)
			for (int k = 0; k < 2; k++)
				fault_once(&p, &deeds[i],
				    FAULT_ERROR + (int)((at + k) % 3), at, k == 1, &one);
		close_after();
		printf("%-12s %5ld calls %7zu faults %4zu corrupt %4zu lost\n",
		    deeds[i].name, p.disk.n_calls, one.states, one.corrupt, one.lost);
		c->states += one.states;
		c->corrupt += one.corrupt;
		c->lost += one.lost;
		sqlite3_vfs_register(&p.disk.vfs, 0);
		disk_close(&p.disk);
		image_free(&p.start);
	}
	return c->corrupt + c->lost == 0;
}

static unsigned long
number(int argc, char **argv, const char *name, unsigned long otherwise, int which)
{
	for (int i = 1; i + which < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return strtoul(argv[i + which], NULL, 10);
	return otherwise;
}

int
main(int argc, char **argv)
{
	struct count sum = {0};
	bool is_right;

	if (sodium_init() < 0) /* picks the code for this processor */
		return 70;
	nonces = rng_seeded(&nonce_state, 1);
	draw = rng_seeded(&draw_state, number(argc, argv, "--seed", 1, 1));
	if (argc > 1 && strcmp(argv[1], "--canary") == 0) {
		is_right = crash_all(canaries, n_canaries, true, 1, 0, 1, &sum);
		puts(is_right ? "every planted fault was found"
			      : "a planted fault was missed");
		return is_right ? 0 : 1;
	}
	if (argc > 1 && strcmp(argv[1], "--faults") == 0) {
		is_right = fault_all((unsigned)number(argc, argv, "--shard", 0, 1),
		    (unsigned)number(argc, argv, "--shard", 1, 2), &sum);
		printf("%zu faults: %zu corrupt, %zu lost\n", sum.states, sum.corrupt,
		    sum.lost);
		return is_right ? 0 : 1;
	}
	is_right =
	    crash_all(deeds, n_deeds, false, number(argc, argv, "--states", 3000, 1),
		(unsigned)number(argc, argv, "--shard", 0, 1),
		(unsigned)number(argc, argv, "--shard", 1, 2), &sum);
	printf("%zu crash states, %zu of them a second crash in recovery: %zu corrupt, "
	       "%zu lost\n",
	    sum.states + sum.second, sum.second, sum.corrupt, sum.lost);
	return is_right ? 0 : 1;
}
