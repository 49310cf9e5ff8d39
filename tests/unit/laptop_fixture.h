/* laptop_fixture.h - a joined laptop in a temporary folder, without network or server:
 * rows that a membership log would have brought are written directly, and commands run as
 * main.c runs them. Other members' edits are made on the same replica: sealed, hidden
 * while somebody else writes, and shown again. Included by one test each. */
#ifndef UNIT_LAPTOP_FIXTURE_H
#define UNIT_LAPTOP_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "client/commands/commands.h"
#include "client/laptop/counts.h"
#include "client/laptop/unlock.h"
#include "client/sync/logs.h"
#include "client/sync/outbox.h"
#include "net/os_rng.h"
#include "unit/words.h"

enum { FIXTURE_OUT_BYTES = 256 * 1024 };

struct laptop_fixture {
	char dir[64];
	char today[16];
	char phrase[80];             /* a file with its passphrase */
	char out[FIXTURE_OUT_BYTES]; /* of the last command */
	char err[FIXTURE_OUT_BYTES];
	const char *input; /* its standard input; NULL = empty */
};

/* Who sits at the laptop. Position and home are those of his log. */
struct fixture_member {
	const char *code;
	enum member_role role;
	uint16_t home, device;
};

static const struct fixture_member fixture_n1 = {"SK-N1", ROLE_COORDINATOR, 1, 5};
static const struct fixture_member fixture_t2 = {"SK-T2", ROLE_TRAINER, 1, 6};
static const struct fixture_member fixture_t3 = {"DE-T3", ROLE_TRAINER, 2, 7};

#define FIXTURE_PHRASE "a phrase of tests"

/* One vault for all laptops of a program: a passphrase is slow on purpose. Its key is put
 * into the kernel as `pnet unlock` does; where that is denied each command derives it. */
struct fixture_key {
	bool is_made;
	struct vault_secrets secrets;
	uint8_t vault[VAULT_BYTES];
};

static inline const struct fixture_key *
fixture_key(void)
{
	static const struct vault_cost cheapest = {VAULT_PASSES_MIN, VAULT_KIB_MIN};
	static struct fixture_key key;
	const struct rng rng = os_rng();

	if (!key.is_made) {
		rng_fill(&rng, &key.secrets, sizeof key.secrets);
		assert_int_equal(vault_seal(&key.secrets, span_text(FIXTURE_PHRASE),
				     &cheapest, &rng, key.vault, NULL),
		    ST_OK);
		(void)kernel_key_keep(
		    span_of(key.vault, sizeof key.vault), &key.secrets, 3600);
		key.is_made = true;
	}
	return &key;
}

/* The folder has that vault, and a file with the passphrase. */
static inline void
fixture_lock(struct laptop_fixture *f)
{
	FILE *file;

	(void)snprintf(f->phrase, sizeof f->phrase, "%s/phrase", f->dir);
	file = fopen(f->phrase, "w");
	assert_non_null(file);
	(void)fputs(FIXTURE_PHRASE "\n", file);
	(void)fclose(file);
	assert_int_equal(
	    vault_file_write(f->dir, VAULT_NAME, fixture_key()->vault, NULL), ST_OK);
}

static inline struct laptop *
fixture_open(struct laptop_fixture *f)
{
	static struct complaint complaint;
	const struct laptop_place place = {
	    .dir = f->dir, .today = f->today, .known = &fixture_key()->secrets};
	struct laptop *l = NULL;

	memset(&complaint, 0, sizeof complaint);
	if (laptop_open(&place, false, &complaint, &l) != ST_OK)
		fail_msg("laptop_open: %s", complaint.why);
	return l;
}

static inline void
fixture_exec(struct laptop *l, const char *sql)
{
	assert_int_equal(db_exec(l->db, sql, NULL), ST_OK);
}

static inline void
fixture_scope(struct laptop *l, uint16_t space, enum scope_kind kind, int pos)
{
	struct scope_name name = scope_of(kind, NULL);
	char sql[128];
	int64_t id;

	assert_int_equal(logs_new_scope(l, space, &name, &id), ST_OK);
	(void)snprintf(sql, sizeof sql, "UPDATE r_scope SET pos = %d WHERE id = %lld",
	    pos, (long long)id);
	fixture_exec(l, sql);
}

static inline void
fixture_device(struct laptop *l, const struct fixture_member *m)
{
	char sql[160];

	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO r_device VALUES(%u, %u, '%s', %d, zeroblob(16), 1)", m->home,
	    m->device, m->code, (int)m->role);
	fixture_exec(l, sql);
}

/* From now on the commands are his: as if the laptop were another one that has pulled
 * everything. */
static inline void
fixture_become(struct laptop_fixture *f, const struct fixture_member *m)
{
	struct laptop *l = fixture_open(f);
	struct self self = {.role = m->role,
	    .author = {m->home, m->device},
	    .home = space_of(m->home == 1 ? "SK" : "DE")};
	char sql[160];

	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	assert_int_equal(laptop_become(l, &self, m->code, "localhost:7443"), ST_OK);
	(void)snprintf(sql, sizeof sql, "UPDATE r_scope SET as_home = %u, as_device = %u",
	    m->home, m->device);
	fixture_exec(l, sql);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
	laptop_close(l);
}

static inline void
fixture_start(struct laptop_fixture *f)
{
	struct laptop *l;

	assert_true(sodium_init() >= 0);
	memset(f, 0, sizeof *f);
	(void)snprintf(f->dir, sizeof f->dir, "/tmp/pnet-laptop-XXXXXX");
	(void)snprintf(f->today, sizeof f->today, "2027-04-13");
	assert_non_null(mkdtemp(f->dir));
	fixture_lock(f);
	l = fixture_open(f);
	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	fixture_exec(l, "INSERT INTO r_space(pos, code) VALUES(0, 'NET'), (1, 'SK')");
	fixture_exec(l, "INSERT INTO r_log VALUES(0, 0, randomblob(32), x'00'),"
			" (1, 0, randomblob(32), x'00'), (2, 0, randomblob(32), x'00')");
	fixture_scope(l, 0, SCOPE_ALL, 1);
	fixture_scope(l, 1, SCOPE_OFFICE, 1);
	fixture_scope(l, 1, SCOPE_COUNTRY, 2);
	fixture_scope(l, 1, SCOPE_COORD, 3);
	fixture_device(l, &fixture_n1);
	fixture_device(l, &fixture_t2);
	fixture_device(l, &fixture_t3);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
	laptop_close(l);
	fixture_become(f, &fixture_n1);
}

static inline void
fixture_end(struct laptop_fixture *f)
{
	static const char *const names[] = {"replica.db", "replica.db-wal",
	    "replica.db-journal", VAULT_NAME, COUNTS_NAME, "phrase", "stdin", "stdout",
	    "stderr", "sheet.txt"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
}

/* ---- running commands ---- */

/* Sends fd to a file of the folder; returns what it was. */
static inline int
fixture_redirect(struct laptop_fixture *f, int fd, const char *name)
{
	char path[128];
	int kept = dup(fd), to;

	(void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
	to = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(kept >= 0 && to >= 0);
	if (fd == STDIN_FILENO && f->input != NULL) {
		assert_true(write(to, f->input, strlen(f->input)) >= 0);
		assert_int_equal(lseek(to, 0, SEEK_SET), 0);
	}
	assert_true(dup2(to, fd) >= 0);
	(void)close(to);
	return kept;
}

static inline void
fixture_restore(struct laptop_fixture *f, int fd, int kept, const char *name, char *text)
{
	char path[128];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
	assert_true(dup2(kept, fd) >= 0);
	(void)close(kept);
	if (text == NULL)
		return;
	file = fopen(path, "rb");
	assert_non_null(file);
	n = fread(text, 1, FIXTURE_OUT_BYTES - 1, file);
	text[n] = '\0';
	(void)fclose(file);
}

static inline int
fixture_main(struct laptop_fixture *f, char *line)
{
	static struct call call;
	char *words[WORDS_MAX];
	struct complaint complaint = {0};
	status st;

	memset(&call, 0, sizeof call);
	call.complaint = &complaint;
	call.global.data_dir = f->dir;
	call.global.today = f->today;
	call.global.passphrase_file = f->phrase;
	st = call_parse(&call, words_cut(line, words), words);
	if (st == ST_OK)
		st = call.command->run(&call);
	if (complaint.id == PN_NONE)
		return status_exit(st);
	complaint_print(&complaint, stderr);
	return complaint_exit(&complaint);
}

/* Runs "attend SK-W9 2 --rest present" as a program would; out and err hold what it
 * printed. Returns the exit code. */
static inline int
fixture_run(struct laptop_fixture *f, const char *line)
{
	char *copy = strdup(line);
	int in, out, err, code;

	assert_non_null(copy);
	(void)fflush(stdout);
	(void)fflush(stderr);
	clearerr(stdin);
	in = fixture_redirect(f, STDIN_FILENO, "stdin");
	out = fixture_redirect(f, STDOUT_FILENO, "stdout");
	err = fixture_redirect(f, STDERR_FILENO, "stderr");
	code = fixture_main(f, copy);
	(void)fflush(stdout);
	(void)fflush(stderr);
	fixture_restore(f, STDIN_FILENO, in, "stdin", NULL);
	fixture_restore(f, STDOUT_FILENO, out, "stdout", f->out);
	fixture_restore(f, STDERR_FILENO, err, "stderr", f->err);
	free(copy);
	return code;
}

#define FIXTURE_OK(f, line)                                                              \
	do {                                                                             \
		int code_ = fixture_run((f), (line));                                    \
		if (code_ != 0)                                                          \
			fail_msg(                                                        \
			    "%s: exit %d\n%s%s", (line), code_, (f)->out, (f)->err);     \
	} while (0)

#define FIXTURE_SAYS(text, wanted)                                                       \
	do {                                                                             \
		if (strstr((text), (wanted)) == NULL)                                    \
			fail_msg("'%s' is not in:\n%s", (wanted), (text));               \
	} while (0)

/* ---- other people's edits ---- */

/* Seals what is dirty; returns the greatest pending batch before. */
static inline int64_t
fixture_seal(struct laptop_fixture *f)
{
	struct laptop *l = fixture_open(f);
	struct outbox_result result;
	int64_t before = 0;

	fixture_exec(l, "UPDATE r_scope SET pos = 100 + id WHERE pos IS NULL");
	assert_int_equal(
	    db_number(l->db, "SELECT coalesce(max(id), 0) FROM r_pending", &before, NULL),
	    ST_OK);
	if (outbox_seal(l, &result) != ST_OK)
		fail_msg("outbox_seal: %s", l->trouble.text);
	laptop_close(l);
	return before;
}

/* Batches after `after` are out of everybody's view, or all are back in it. */
static inline void
fixture_hide(struct laptop_fixture *f, int64_t after, bool is_hidden)
{
	struct laptop *l = fixture_open(f);
	int64_t n = 0;
	char sql[96];

	(void)snprintf(sql, sizeof sql, "UPDATE r_pending SET state = %d WHERE id > %lld",
	    is_hidden ? 2 : 0, (long long)after);
	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	fixture_exec(l, sql);
	assert_int_equal(
	    db_number(l->db, "SELECT coalesce(max(id), 0) FROM r_record", &n, NULL),
	    ST_OK);
	for (int64_t rid = 1; rid <= n; rid++)
		assert_int_equal(record_refresh(l, rid, l->arena), ST_OK);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
	laptop_close(l);
}

#endif
