/* replica_check.c - every page through the VFS that the replica stands on. */
#include "store/replica_check.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_BYTES = 4096 };

/* Not through SQLite's cache: as the disk has them. */
static status
read_pages(struct db *d, struct replica_health *out, struct trouble *t)
{
	uint8_t page[PAGE_BYTES];
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int rc =
	    sqlite3_file_control(db_handle(d), "main", SQLITE_FCNTL_FILE_POINTER, &file);

	if (rc == SQLITE_OK)
		rc = file->pMethods->xFileSize(file, &size);
	if (rc != SQLITE_OK)
		return trouble_set(t, ST_IO, "the replica's file cannot be read");
	/* A part of a page at the end is one that does not read. */
	out->pages = ((uint64_t)size + PAGE_BYTES - 1) / PAGE_BYTES;
	for (uint64_t i = 0; i < out->pages; i++) {
		rc = file->pMethods->xRead(
		    file, page, PAGE_BYTES, (sqlite3_int64)(i * PAGE_BYTES));
		if (rc == SQLITE_OK)
			continue;
		if (out->n_bad < REPLICA_BAD_MAX)
			out->bad[out->n_bad] = i + 1;
		out->n_bad++;
	}
	return ST_OK;
}

static void
ask_sqlite(struct db *d, struct replica_health *out)
{
	sqlite3_stmt *s = NULL;
	int rc =
	    sqlite3_prepare_v2(db_handle(d), "PRAGMA integrity_check(1)", -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc != SQLITE_ROW)
		(void)snprintf(
		    out->says, sizeof out->says, "%s", sqlite3_errmsg(db_handle(d)));
	else if (strcmp((const char *)sqlite3_column_text(s, 0), "ok") != 0)
		(void)snprintf(out->says, sizeof out->says, "%s",
		    (const char *)sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
}

status
replica_check(struct db *d, struct replica_health *out, struct trouble *t)
{
	int64_t n_free = 0;
	status st;

	memset(out, 0, sizeof *out);
	st = db_checkpoint(d, t);
	if (st == ST_CORRUPT)
		st = ST_OK; /* the pages tell where */
	if (st == ST_OK && db_number(d, "PRAGMA freelist_count", &n_free, NULL) == ST_OK)
		out->free_pages = (uint64_t)n_free;
	if (st == ST_OK)
		st = read_pages(d, out, t);
	if (st == ST_OK)
		ask_sqlite(d, out);
	return st;
}
