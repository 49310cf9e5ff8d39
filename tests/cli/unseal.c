/* unseal.c - what a laptop's sealed files hold, as plain files that sqlite3 and grep
 *read: unseal FOLDER PASSPHRASE-FILE OUT writes OUT and, if there is a log, OUT-wal, byte
 *for byte as SQLite sees them, unused pages and the unused middles of pages too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <sqlite3.h>

#include "client/laptop/reseal.h"
#include "client/laptop/unlock.h"
#include "net/os_rng.h"
#include "store/sealed_vfs.h"

#define VFS_NAME "unseal"

enum { PATH_BYTES = 4300, PAGE_BYTES = 4096, LOG_HEADER = 32, FRAME = 24 + PAGE_BYTES };

static _Noreturn void
die(const char *what, const char *why)
{
	fprintf(stderr, "unseal: %s: %s\n", what, why);
	exit(1);
}

struct source {
	sqlite3_file *file;
	FILE *out;
	sqlite3_int64 at, size;
};

/* A part as SQLite would read it; false at the end. */
static bool
copy_part(struct source *s, int len)
{
	uint8_t part[FRAME];
	int rc;

	if (s->at + len > s->size)
		return false;
	rc = s->file->pMethods->xRead(s->file, part, len, s->at);
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		die("page", sqlite3_errstr(rc));
	if (fwrite(part, 1, (size_t)len, s->out) != (size_t)len)
		die("output", "cannot be written");
	s->at += len;
	return true;
}

static void
copy_file(sqlite3 *h, int which, const char *to, bool is_log)
{
	struct source s = {0};

	if (sqlite3_file_control(h, "main", which, &s.file) != SQLITE_OK ||
	    s.file->pMethods == NULL) /* no log */
		return;
	s.out = fopen(to, "wb");
	if (s.out == NULL || s.file->pMethods->xFileSize(s.file, &s.size) != SQLITE_OK)
		die(to, "cannot be made");
	if (is_log && copy_part(&s, LOG_HEADER))
		while (copy_part(&s, FRAME)) /* zeros behind the end of the log */
			;
	while (!is_log && copy_part(&s, PAGE_BYTES))
		;
	if (fclose(s.out) != 0)
		die(to, "cannot be written");
}

/* The log is read as SQLite opened it: its name alone does not say whose it is. */
static void
copy_both(const char *path, const char *to)
{
	char log[PATH_BYTES];
	sqlite3 *h = NULL;
	int rc = sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, VFS_NAME);

	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(
		    h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(h,
		    "PRAGMA locking_mode=EXCLUSIVE; SELECT count(*) FROM sqlite_schema",
		    NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		die(path, sqlite3_errstr(rc));
	copy_file(h, SQLITE_FCNTL_FILE_POINTER, to, false);
	(void)snprintf(log, sizeof log, "%s-wal", to);
	copy_file(h, SQLITE_FCNTL_JOURNAL_POINTER, log, true);
	(void)sqlite3_close(h);
}

static void
write_seed(const struct vault_secrets *secrets, const char *path)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(&secrets->seed, sizeof secrets->seed, 1, f) != 1 ||
	    fclose(f) != 0)
		die(path, "cannot be written");
}

int
main(int argc, char **argv)
{
	struct passphrase_source phrase = {.asks_nothing = true};
	struct complaint complaint = {0};
	struct vault_secrets *secrets;
	struct rng rng;
	char path[PATH_BYTES];

	if (argc < 4 || argc > 5 || sodium_init() < 0)
		die("usage", "unseal FOLDER PASSPHRASE-FILE OUT [SEED-FILE]");
	phrase.file = argv[2];
	secrets = secrets_new();
	if (unlock(argv[1], &phrase, &complaint, secrets) != ST_OK)
		die(argv[1], complaint.why);
	rng = os_rng();
	if (sealed_vfs_register(VFS_NAME, NULL, &secrets->page_key, &rng, NULL) != ST_OK)
		die("vfs", "cannot be registered");
	(void)snprintf(path, sizeof path, "%s/" REPLICA_NAME, argv[1]);
	copy_both(path, argv[3]);
	if (argc == 5)
		write_seed(secrets, argv[4]);
	sealed_vfs_unregister(VFS_NAME);
	secrets_free(secrets);
	return 0;
}
