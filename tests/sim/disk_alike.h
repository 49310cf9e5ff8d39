/* disk_alike.h - what both disks in memory (ram_disk, crash_disk) answer SQLite alike.
 * Locks are those of exclusive mode, which nobody else asks for. Included by one file
 * each. */
#ifndef TESTS_SIM_DISK_ALIKE_H
#define TESTS_SIM_DISK_ALIKE_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

static inline int
alike_lock(sqlite3_file *f, int level)
{
	(void)f;
	(void)level;
	return SQLITE_OK;
}

static inline int
alike_check_lock(sqlite3_file *f, int *out)
{
	(void)f;
	*out = 0;
	return SQLITE_OK;
}

static inline int
alike_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static inline int
alike_traits(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static inline int
alike_full_path(sqlite3_vfs *v, const char *name, int len, char *out)
{
	(void)v;
	(void)snprintf(out, (size_t)len, "%s", name);
	return SQLITE_OK;
}

/* The system's draws from the machine: a schedule must be the same every time. */
static inline int
alike_randomness(sqlite3_vfs *v, int len, char *out)
{
	static uint64_t state = 1;

	(void)v;
	for (int i = 0; i < len; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		out[i] = (char)(state >> 56);
	}
	return len;
}

#endif
