/* migrate.c - schema steps in one transaction. */
#include "store/migrate.h"

#include <assert.h>
#include <stdio.h>

static status
set_version(struct db *d, int version, struct trouble *t)
{
	char sql[48];

	snprintf(sql, sizeof sql, "PRAGMA user_version=%d", version);
	return db_exec(d, sql, t);
}

static status
run_steps(struct db *d, const struct migration *steps, size_t n, int64_t version,
    struct trouble *t)
{
	status st = ST_OK;

	for (size_t i = (size_t)version; st == ST_OK && i < n; i++) {
		assert(steps[i].version == (int)i + 1);
		st = db_exec(d, steps[i].sql, t);
		if (st != ST_OK)
			trouble_wrap(t, "schema version %d", steps[i].version);
	}
	if (st == ST_OK)
		st = set_version(d, (int)n, t);
	return st;
}

status
migrate_up(struct db *d, const struct migration *steps, size_t n, struct trouble *t)
{
	int64_t version = 0;
	status st = db_number(d, "PRAGMA user_version", &version, t);

	if (st != ST_OK)
		return st;
	if (version < 0 || (uint64_t)version > n)
		return trouble_set(t, ST_VERSION,
		    "the file has schema version %lld, this program knows %zu",
		    (long long)version, n);
	if ((size_t)version == n)
		return ST_OK;
	st = db_begin(d, t);
	if (st != ST_OK)
		return st;
	st = run_steps(d, steps, n, version, t);
	if (st == ST_OK)
		st = db_commit(d, t);
	if (st != ST_OK)
		db_rollback(d);
	return st;
}
