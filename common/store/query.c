/* query.c - statements kept by the address of their text; first error sticks. */
#include "store/query.h"

#include <assert.h>
#include <stdlib.h>

struct query {
	const char *sql;
	sqlite3_stmt *statement;
	struct db *db;
	int n_bound;
	struct trouble error; /* the first one */
	struct query *next;
};

enum { BUCKETS = 64 };

struct queries {
	struct db *db;
	struct query *buckets[BUCKETS];
};

struct queries *
queries_new(struct db *db)
{
	struct queries *set = calloc(1, sizeof *set);

	if (set != NULL)
		set->db = db;
	return set;
}

void
queries_free(struct queries *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (set->buckets[i] != NULL) {
			struct query *q = set->buckets[i];

			set->buckets[i] = q->next;
			(void)sqlite3_finalize(q->statement);
			free(q);
		}
	}
	free(set);
}

static void
check(struct query *q, int code)
{
	if (q->error.code == ST_OK && code != SQLITE_OK && code != SQLITE_ROW &&
	    code != SQLITE_DONE)
		(void)db_fail(q->db, code, "use the replica", &q->error);
}

struct query *
query_of(struct queries *set, const char *sql)
{
	struct query **bucket = &set->buckets[((uintptr_t)sql >> 3) % BUCKETS];
	struct query *q = *bucket;

	while (q != NULL && q->sql != sql)
		q = q->next;
	if (q == NULL) {
		q = calloc(1, sizeof *q);
		if (q == NULL)
			abort(); /* some hundred bytes, once per statement */
		q->sql = sql;
		q->db = set->db;
		q->next = *bucket;
		*bucket = q;
	}
	q->error.code = ST_OK;
	q->error.text[0] = '\0';
	q->n_bound = 0;
	if (q->statement == NULL)
		check(q, sqlite3_prepare_v3(db_handle(set->db), sql, -1,
			     SQLITE_PREPARE_PERSISTENT, &q->statement, NULL));
	else
		(void)sqlite3_reset(q->statement);
	return q;
}

void
query_int(struct query *q, int64_t n)
{
	if (q->error.code == ST_OK)
		check(q, sqlite3_bind_int64(q->statement, ++q->n_bound, n));
}

void
query_null(struct query *q)
{
	if (q->error.code == ST_OK)
		check(q, sqlite3_bind_null(q->statement, ++q->n_bound));
}

void
query_text(struct query *q, const char *text)
{
	if (q->error.code == ST_OK)
		check(q, sqlite3_bind_text(
			     q->statement, ++q->n_bound, text, -1, SQLITE_STATIC));
}

void
query_blob(struct query *q, const void *bytes, size_t len)
{
	/* A NULL pointer would store NULL instead of an empty blob. */
	if (q->error.code == ST_OK)
		check(q, sqlite3_bind_blob64(q->statement, ++q->n_bound,
			     len == 0 ? "" : bytes, len, SQLITE_STATIC));
}

void
query_span(struct query *q, struct span s)
{
	query_blob(q, s.bytes, s.len);
}

bool
query_row(struct query *q)
{
	int code;

	if (q->error.code != ST_OK)
		return false;
	assert(sqlite3_bind_parameter_count(q->statement) == q->n_bound);
	code = sqlite3_step(q->statement);
	check(q, code);
	return code == SQLITE_ROW;
}

int64_t
query_column_int(struct query *q, int column)
{
	return q->error.code == ST_OK ? sqlite3_column_int64(q->statement, column) : 0;
}

bool
query_column_is_null(struct query *q, int column)
{
	return q->error.code != ST_OK ||
	       sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

const char *
query_column_text(struct query *q, int column)
{
	const unsigned char *text =
	    q->error.code == ST_OK ? sqlite3_column_text(q->statement, column) : NULL;

	return text == NULL ? "" : (const char *)text;
}

struct span
query_column_span(struct query *q, int column)
{
	const void *bytes;

	if (q->error.code != ST_OK)
		return span_of(NULL, 0);
	bytes = sqlite3_column_blob(q->statement, column);
	return span_of(bytes, (size_t)sqlite3_column_bytes(q->statement, column));
}

void
query_column_copy(struct query *q, int column, void *out, size_t len)
{
	struct span s = query_column_span(q, column);

	if (s.len == len) {
		memcpy(out, s.bytes, len);
	} else {
		memset(out, 0, len);
		if (q->error.code == ST_OK)
			(void)trouble_set(&q->error, ST_CORRUPT,
			    "column %d has %zu bytes instead of %zu", column, s.len, len);
	}
}

status
query_done(struct query *q, struct trouble *t)
{
	if (q->statement != NULL) {
		(void)sqlite3_reset(q->statement);
		(void)sqlite3_clear_bindings(q->statement);
	}
	return q->error.code == ST_OK
		   ? ST_OK
		   : trouble_set(t, q->error.code, "%s", q->error.text);
}

status
query_run(struct query *q, struct trouble *t)
{
	while (query_row(q))
		;
	return query_done(q, t);
}
