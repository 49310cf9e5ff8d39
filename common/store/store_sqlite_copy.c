/* store_sqlite_copy.c - a copy of a space while it is written, piece by piece by SQLite's
 * backup calls, and giving back room. What is written to the space between two pieces
 * goes into the copy too, since both use one connection. */
#include "store/store_sqlite_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct sqlite_copy {
	char *path;
	sqlite3 *to;
	sqlite3_backup *backup; /* NULL once it is finished */
};

void
sqlite_copy_end(struct sqlite_store *s)
{
	struct sqlite_copy *c = s->copy;

	s->copy = NULL;
	if (c == NULL)
		return;
	(void)sqlite3_backup_finish(c->backup); /* NULL is legal */
	(void)sqlite3_close(c->to);
	free(c->path);
	free(c);
}

/* The copy is not yet anybody's file: whoever finds half of one throws it away, so its
 * journal may lie in memory. Its pages are synced when the backup ends. */
static status
open_target(struct sqlite_store *s, struct sqlite_copy *c, struct trouble *t)
{
	int fd = open(c->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0 || close(fd) != 0)
		return trouble_set(t, errno == EEXIST ? ST_EXISTS : ST_NO_OUTPUT,
		    "%s: %s", c->path, strerror(errno));
	rc = sqlite3_open_v2(
	    c->path, &c->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, s->config.vfs);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(c->to,
		    "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=FULL", NULL, NULL,
		    NULL);
	if (rc == SQLITE_OK) {
		c->backup = sqlite3_backup_init(c->to, "main", db_handle(s->db), "main");
		rc = c->backup != NULL ? SQLITE_OK : sqlite3_errcode(c->to);
	}
	if (rc == SQLITE_OK)
		return ST_OK;
	return trouble_set(t, rc == SQLITE_NOMEM ? ST_NO_MEMORY : ST_NO_OUTPUT, "%s: %s",
	    c->path, c->to != NULL ? sqlite3_errmsg(c->to) : "no memory");
}

static status
begin_copy(struct sqlite_store *s, const char *path, struct trouble *t)
{
	struct sqlite_copy *c = calloc(1, sizeof *c);
	status st;

	if (c == NULL || (c->path = strdup(path)) == NULL) {
		free(c);
		return trouble_set(t, ST_NO_MEMORY, "no memory for a copy");
	}
	s->copy = c;
	st = open_target(s, c, t);
	if (st != ST_OK)
		sqlite_copy_end(s);
	return st;
}

static status
count_graves(struct sqlite_store *s, struct store_copied *out, struct trouble *t)
{
	int64_t n = 0;
	status st = db_number(s->db, "SELECT count(*) FROM grave", &n, t);

	out->graves = (uint64_t)n;
	return st;
}

/* All pages are there: the last call syncs them. */
static status
finish_copy(struct sqlite_store *s, struct store_copied *out, struct trouble *t)
{
	struct sqlite_copy *c = s->copy;
	int rc = sqlite3_backup_finish(c->backup);
	status st = ST_OK;

	c->backup = NULL;
	if (rc != SQLITE_OK)
		st = trouble_set(
		    t, db_status_of(rc), "%s: %s", c->path, sqlite3_errmsg(c->to));
	out->is_complete = st == ST_OK;
	out->epoch = s->now.epoch;
	out->log = s->now.log;
	out->head = s->now.head;
	out->chain = s->now.chain;
	out->live_ops = s->now.live_ops;
	if (st == ST_OK)
		st = count_graves(s, out, t);
	sqlite_copy_end(s);
	return st;
}

static status
copy(
    void *ctx, const char *path, int n_pages, struct store_copied *out, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	status st = ST_OK;
	int rc;

	if (s->copy != NULL && (path == NULL || strcmp(s->copy->path, path) != 0))
		sqlite_copy_end(s);
	if (path == NULL)
		return trouble_set(t, ST_NOT_FOUND, "no copy is wanted");
	if (s->copy == NULL)
		st = begin_copy(s, path, t);
	if (st != ST_OK)
		return st;
	rc = sqlite3_backup_step(s->copy->backup, n_pages);
	out->pages = (uint64_t)sqlite3_backup_pagecount(s->copy->backup);
	out->pages_left = (uint64_t)sqlite3_backup_remaining(s->copy->backup);
	if (rc == SQLITE_OK)
		return ST_OK;
	if (rc == SQLITE_DONE)
		return finish_copy(s, out, t);
	st =
	    trouble_set(t, db_status_of(rc), "%s: %s", s->copy->path, sqlite3_errstr(rc));
	sqlite_copy_end(s);
	return st;
}

static status
compact(void *ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	int64_t pages = 0, free_pages = 0;
	status st = db_number(s->db, "PRAGMA page_count", &pages, t);

	if (st == ST_OK)
		st = db_number(s->db, "PRAGMA freelist_count", &free_pages, t);
	if (st == ST_OK && free_pages * 8 >= pages)
		st = db_exec(s->db, "VACUUM", t);
	if (st == ST_OK)
		st = db_checkpoint(s->db, t);
	sqlite3_db_release_memory(db_handle(s->db)); /* as after every checkpoint */
	return st;
}

void
sqlite_copy_calls(struct store_engine *e)
{
	e->copy = copy;
	e->compact = compact;
}
