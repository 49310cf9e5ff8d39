/* typed.h - writes the typed tables of the replica from the view of a record: what is
 * shown, marked where it is in conflict (DESIGN 4.4). */
#ifndef CLIENT_LAPTOP_TYPED_H
#define CLIENT_LAPTOP_TYPED_H

#include "client/laptop/records.h"
#include "core/defaults.h"

/* The statements, made from the schema once a process. */
struct typed_sql;
struct typed_sql *typed_sql_new(void);    /* NULL when out of memory */
void typed_sql_free(struct typed_sql *s); /* after the queries; NULL is legal */

/* Takes a record out of the tables of its kind. */
status typed_drop(struct laptop *l, uint16_t kind, int64_t rid);

/* Reads a row of a typed table back into values, maps and texts of several lines left out
 * (the latter come as VALUE_TEXT). out has room for SCHEMA_FIELDS_MAX; empty columns are
 * skipped. ST_NOT_FOUND. */
status typed_read(struct laptop *l, const struct kind *k, const struct record_id *name,
    struct field_value *out, size_t *n);

/* Statements over the table of a kind, made from the schema; the same pointer each time,
 * as query_of() wants it. NULL for a kind that has no `code`, or no table.
 *	by_code  ?1 code, ?2 space (0 = any) -> record, scope
 *	code_of  ?1 record -> code */
const char *typed_by_code(const struct laptop *l, uint16_t kind);
const char *typed_code_of(const struct laptop *l, uint16_t kind);
/* No parameter -> record, scope, space; by space, then by number or code, or where there
 * is none by the first number or date. Every kind has one. */
const char *typed_all(const struct laptop *l, uint16_t kind);

#endif
