/* query.h - prepared statements of one connection, with errors kept until the end.
 *
 * A statement is prepared once per text (the texts are constants) and reset when it is
 * taken again. Parameters are bound in order; columns are read by number. The first error
 * sticks: every later call on the query does nothing, and query_done() reports it. So a
 * use is written without a check on each line:
 *
 *	struct query *q = query_of(set, "SELECT a FROM t WHERE b = ?");
 *	query_int(q, b);
 *	while (query_row(q))
 *		use(query_column_int(q, 0));
 *	return query_done(q, t);
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store/db.h"

struct queries;
struct query;

/* All statements of one connection. NULL when out of memory. */
struct queries *queries_new(struct db *db);
void queries_free(struct queries *set); /* before the connection closes; NULL is legal */

/* sql: its address is its name, so pass constants. Never NULL. The query before it under
 * the same text is ended. */
struct query *query_of(struct queries *set, const char *sql);

void query_int(struct query *q, int64_t n);
void query_null(struct query *q);
void query_text(struct query *q, const char *text);
/* Borrowed until query_done or the next query_of of the same text. An empty blob stays a
 * blob (not NULL). */
void query_blob(struct query *q, const void *bytes, size_t len);
void query_span(struct query *q, struct span s);

/* True when there is a row. */
bool query_row(struct query *q);
int64_t query_column_int(struct query *q, int column);
bool query_column_is_null(struct query *q, int column);
/* Borrowed until the next row or query_done; "" for NULL. */
const char *query_column_text(struct query *q, int column);
struct span query_column_span(struct query *q, int column);
/* Copies exactly len bytes; another length sets the query's error to ST_CORRUPT. */
void query_column_copy(struct query *q, int column, void *out, size_t len);

/* Ends the use: resets, and returns the first error. */
status query_done(struct query *q, struct trouble *t);
/* Runs a statement that gives no rows, then query_done. */
status query_run(struct query *q, struct trouble *t);

#endif
