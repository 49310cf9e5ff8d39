/* dump.c - the canonical text of what a replica shows, hashed: rows of the typed tables
 * by the names of their records and scopes, never by local numbers. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { SQL_BYTES_MAX = 4096 };

struct dumping {
	struct laptop *l;
	crypto_generichash_state hash;
	struct dump *out;
};

static void
take(struct dumping *x, const void *bytes, size_t len)
{
	uint8_t size[8];

	put_u64(size, len);
	(void)crypto_generichash_update(&x->hash, size, sizeof size);
	if (len > 0)
		(void)crypto_generichash_update(&x->hash, bytes, len);
}

static void
take_rows(struct dumping *x, const char *name, const char *sql, uint64_t *count)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *handle = db_handle(x->l->db);
	int code = sqlite3_prepare_v2(handle, sql, -1, &s, NULL);

	take(x, name, strlen(name));
	while (code == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(s); i++) {
			uint8_t type = (uint8_t)sqlite3_column_type(s, i);
			const void *bytes = sqlite3_column_blob(s, i);

			take(x, &type, 1);
			take(x, bytes, (size_t)sqlite3_column_bytes(s, i));
		}
		(*count)++;
	}
	if (code != SQLITE_OK)
		bench_die("dump of %s: %s", name, sqlite3_errmsg(handle));
	(void)sqlite3_finalize(s);
}

static void
take_kind(struct dumping *x, const struct kind *k)
{
	char sql[SQL_BYTES_MAX];
	int at = snprintf(sql, sizeof sql, "SELECT s.space, s.name, t.record");

	for (size_t i = 0; i < k->n_fields; i++)
		if (k->fields[i].type != FIELD_MARKS)
			at += snprintf(sql + at, sizeof sql - (size_t)at, ", t.\"%s\"",
			    k->fields[i].name);
	(void)snprintf(sql + at, sizeof sql - (size_t)at,
	    " FROM %s t JOIN r_scope s ON s.id = t.scope JOIN bench_scopes b ON"
	    " b.space = s.space AND b.name = s.name ORDER BY 1, 2, 3",
	    k->name);
	take_rows(x, k->name, sql, &x->out->rows);
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type != FIELD_MARKS)
			continue;
		(void)snprintf(sql, sizeof sql,
		    "SELECT s.space, s.name, t.record, m.person, m.value, m.siblings FROM"
		    " %s_%s m JOIN %s t ON t.rid = m.rid JOIN r_scope s ON s.id ="
		    " t.scope JOIN bench_scopes b ON b.space = s.space AND b.name ="
		    " s.name ORDER BY 1, 2, 3, 4",
		    k->name, k->fields[i].name, k->name);
		take_rows(x, k->fields[i].name, sql, &x->out->marks);
	}
}

/* The scopes of `with`, as a temporary table of d. */
static void
list_scopes(struct laptop *l, struct laptop *with)
{
	struct query *q =
	    query_of(with->queries, "SELECT space, name FROM r_scope WHERE pos NOTNULL");

	bench_must(l,
	    db_exec(l->db,
		"DROP TABLE IF EXISTS temp.bench_scopes; CREATE TEMP TABLE"
		" bench_scopes(space INTEGER, name BLOB, PRIMARY KEY(space, name))",
		&l->trouble),
	    "scopes");
	while (query_row(q)) {
		struct query *put =
		    query_of(l->queries, "INSERT INTO temp.bench_scopes VALUES(?, ?)");

		query_int(put, query_column_int(q, 0));
		query_span(put, query_column_span(q, 1));
		bench_must(l, query_run(put, &l->trouble), "scopes");
	}
	bench_must(with, query_done(q, &with->trouble), "scopes");
}

void
dump_common(struct device *d, struct device *with, struct dump *out)
{
	struct dumping x = {.out = out};

	device_open(d);
	device_open(with);
	x.l = d->l;
	memset(out, 0, sizeof *out);
	list_scopes(d->l, with->l);
	(void)crypto_generichash_init(&x.hash, NULL, 0, sizeof out->hash);
	for (size_t i = 0; i < schema_kind_count(); i++)
		take_kind(&x, schema_kind_at(i));
	(void)crypto_generichash_final(&x.hash, out->hash, sizeof out->hash);
}

void
dump_must_equal(struct device *a, struct device *b, uint64_t n_marks)
{
	struct dump x, y;

	dump_common(a, b, &x);
	dump_common(b, a, &y);
	if (memcmp(x.hash, y.hash, sizeof x.hash) != 0)
		bench_die(
		    "read-back differs: %s has %llu rows and %llu marks, %s %llu and"
		    " %llu",
		    a->dir, (unsigned long long)x.rows, (unsigned long long)x.marks,
		    b->dir, (unsigned long long)y.rows, (unsigned long long)y.marks);
	if (x.marks < n_marks)
		bench_die("read-back has %llu marks of %llu", (unsigned long long)x.marks,
		    (unsigned long long)n_marks);
}
