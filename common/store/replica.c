/* replica.c - makes the tables: those of replica_schema.h, and the typed ones from the
 * schema. */
#include "store/replica.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/replica_schema.h"
#include "store/scrub_vfs.h"
#include "store/sealed_vfs.h"

enum { APPLICATION_ID = 0x504e4c31, CACHE_KIB = 8192, SQL_BYTES_MAX = 4096 };

static const struct migration migrations[] = {{1, replica_tables}, {2, replica_tables_2},
    {3, replica_tables_3}, {4, replica_tables_4}, {5, replica_tables_5},
    {6, replica_tables_6}, {7, replica_tables_7}, {8, replica_tables_8},
    {9, replica_tables_9}, {10, replica_tables_10}, {11, replica_tables_11},
    {12, replica_tables_12}, {13, replica_tables_13}, {14, replica_tables_14}};

/* The table exists and has the column; column NULL asks for the table alone. */
static status
has_column(
    struct db *d, const char *table, const char *column, bool *out, struct trouble *t)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db_handle(d),
	    "SELECT 1 FROM pragma_table_info(?1) WHERE ?2 IS NULL OR name = ?2", -1, &s,
	    NULL);

	if (code != SQLITE_OK)
		return db_fail(d, code, "look at the tables", t);
	db_bind_text(s, 1, table);
	db_bind_text(s, 2, column);
	code = sqlite3_step(s);
	*out = code == SQLITE_ROW;
	(void)sqlite3_finalize(s);
	return code == SQLITE_ROW || code == SQLITE_DONE
		   ? ST_OK
		   : db_fail(d, code, "look at the tables", t);
}

static status
make_map(struct db *d, const struct kind *k, const struct field *f, struct trouble *t)
{
	char sql[SQL_BYTES_MAX];

	(void)snprintf(sql, sizeof sql,
	    "CREATE TABLE IF NOT EXISTS %s_%s(rid INTEGER, person INTEGER, value TEXT,"
	    " siblings INTEGER NOT NULL, PRIMARY KEY(rid, person)) STRICT, WITHOUT ROWID",
	    k->name, f->name);
	return db_exec(d, sql, t);
}

static status
add_column(struct db *d, const struct kind *k, const struct field *f, struct trouble *t)
{
	char sql[SQL_BYTES_MAX];
	bool is_there = false;
	status st = has_column(d, k->name, f->name, &is_there, t);

	if (st != ST_OK || is_there)
		return st;
	(void)snprintf(sql, sizeof sql, "ALTER TABLE %s ADD COLUMN \"%s\" %s", k->name,
	    f->name, schema_sql_type(f));
	return db_exec(d, sql, t);
}

static status
index_reference(
    struct db *d, const struct kind *k, const struct field *f, struct trouble *t)
{
	char sql[SQL_BYTES_MAX];

	(void)snprintf(sql, sizeof sql, "CREATE INDEX IF NOT EXISTS %s_%s ON %s(\"%s\")",
	    k->name, f->name, k->name, f->name);
	return db_exec(d, sql, t);
}

/* A field of a table that has only what an earlier version gave it, or of a new one. */
static status
add_field(struct db *d, const struct kind *k, const struct field *f, bool is_new,
    struct trouble *t)
{
	status st = ST_OK;

	if (f->type == FIELD_MARKS)
		return make_map(d, k, f, t);
	if (!is_new)
		st = add_column(d, k, f, t);
	if (st == ST_OK && (f->type == FIELD_REF || f->type == FIELD_PERSON))
		st = index_reference(d, k, f, t);
	return st;
}

/* With all its columns: one that is added later lets SQLite read every table anew, which
 * was most of the time that a new replica took. */
static status
make_kind(struct db *d, const struct kind *k, struct trouble *t)
{
	char sql[SQL_BYTES_MAX];
	int at = snprintf(sql, sizeof sql,
	    "CREATE TABLE %s(rid INTEGER PRIMARY KEY, record BLOB NOT NULL,"
	    " scope INTEGER NOT NULL",
	    k->name);

	for (size_t i = 0; i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];

		if (f->type == FIELD_MARKS)
			continue;
		at += snprintf(sql + at, sizeof sql - (size_t)at, ", \"%s\" %s", f->name,
		    schema_sql_type(f));
		assert((size_t)at < sizeof sql - sizeof ") STRICT");
	}
	(void)snprintf(sql + at, sizeof sql - (size_t)at, ") STRICT");
	return db_exec(d, sql, t);
}

/* Asked for by records that refer to it, and by people who type its code. */
static status
index_kind(struct db *d, const struct kind *k, struct trouble *t)
{
	static const char *const columns[] = {"record", "code"};
	char sql[SQL_BYTES_MAX];
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof columns / sizeof columns[0]; i++) {
		if (i > 0 && schema_field_named(k, span_text(columns[i])) == NULL)
			continue;
		(void)snprintf(sql, sizeof sql,
		    "CREATE INDEX IF NOT EXISTS %s_of_%s ON %s(%s)", k->name, columns[i],
		    k->name, columns[i]);
		st = db_exec(d, sql, t);
	}
	return st;
}

static status
add_kind(struct db *d, const struct kind *k, struct trouble *t)
{
	bool is_there = false;
	status st = has_column(d, k->name, NULL, &is_there, t);

	if (st == ST_OK && !is_there)
		st = make_kind(d, k, t);
	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++)
		st = add_field(d, k, &k->fields[i], !is_there, t);
	return st == ST_OK ? index_kind(d, k, t) : st;
}

status
replica_match_schema(struct db *d, struct trouble *t)
{
	char sql[96];
	int64_t version = 0;
	status st = db_number(
	    d, "SELECT value FROM r_meta WHERE key = 'schema_version'", &version, t);

	if (st == ST_NOT_FOUND)
		version = 0;
	else if (st != ST_OK)
		return st;
	if (version == SCHEMA_VERSION)
		return ST_OK;
	if (version > SCHEMA_VERSION)
		return trouble_set(t, ST_VERSION,
		    "the replica was written by a newer program (schema %lld, here %d)",
		    (long long)version, SCHEMA_VERSION);
	st = db_begin(d, t);
	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++)
		st = add_kind(d, schema_kind_at(i), t);
	(void)snprintf(sql, sizeof sql,
	    "INSERT OR REPLACE INTO r_meta VALUES('schema_version', %d)", SCHEMA_VERSION);
	if (st == ST_OK)
		st = db_exec(d, sql, t);
	if (st == ST_OK)
		return db_commit(d, t);
	db_rollback(d);
	return st;
}

/* SQLite would make the file with the umask's mode. */
static status
make_private(const char *path, struct trouble *t)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return trouble_set(t, ST_IO, "cannot make %s", path);
	(void)close(fd);
	return ST_OK;
}

status
replica_open(struct db **out, const char *path, const char *vfs, bool may_create,
    struct trouble *t)
{
	const struct db_config config = {
	    .path = path,
	    .may_create = may_create,
	    .cache_kib = CACHE_KIB,
	    .vfs = vfs == NULL ? scrub_vfs() : vfs,
	    .reserve_bytes = vfs == NULL ? 0 : SEALED_RESERVE_BYTES,
	    .keeps_log = true,
	    .application_id = APPLICATION_ID,
	    .migrations = migrations,
	    .n_migrations = sizeof migrations / sizeof migrations[0],
	};
	struct stat info;
	status st = ST_OK;

	*out = NULL;
	if (may_create && stat(path, &info) != 0)
		st = make_private(path, t);
	if (st == ST_OK)
		st = db_open(out, &config, t);
	if (st == ST_OK)
		st = replica_match_schema(*out, t);
	if (st != ST_OK) {
		db_close(*out);
		*out = NULL;
	}
	return st;
}
