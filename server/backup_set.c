/* backup_set.c - the files of a backup and their manifest. */
#include "server/backup_set.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char title[] = "pnetd-backup 1";

enum { PIECE_BYTES = 64 * 1024, LINE_BYTES = 400, HEX = 2 * sizeof(struct hash32) };

/* ---- files ---- */

static status
fail(const char *path, struct trouble *t)
{
	return trouble_set(t,
	    errno == ENOENT   ? ST_NOT_FOUND
	    : errno == ENOSPC ? ST_FULL
			      : ST_IO,
	    "%s: %s", path, strerror(errno));
}

static bool
write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static status
move_bytes(int in, int out, const char *from, const char *to, struct backup_file *file,
    struct trouble *t)
{
	uint8_t piece[PIECE_BYTES];
	crypto_generichash_state hash;
	ssize_t n;

	file->bytes = 0;
	(void)crypto_generichash_init(&hash, NULL, 0, sizeof file->hash.bytes);
	while ((n = read(in, piece, sizeof piece)) > 0) {
		(void)crypto_generichash_update(&hash, piece, (size_t)n);
		file->bytes += (uint64_t)n;
		if (out >= 0 && !write_all(out, piece, (size_t)n))
			return fail(to, t);
	}
	if (n < 0)
		return fail(from, t);
	(void)crypto_generichash_final(&hash, file->hash.bytes, sizeof file->hash.bytes);
	return out < 0 || fsync(out) == 0 ? ST_OK : fail(to, t);
}

status
backup_copy_file(
    const char *from, const char *to, struct backup_file *out, struct trouble *t)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int target = -1;
	status st;

	if (in < 0)
		return fail(from, t);
	if (to != NULL)
		target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	st = to != NULL && target < 0 ? fail(to, t)
				      : move_bytes(in, target, from, to, out, t);
	(void)close(in);
	if (target >= 0 && close(target) != 0 && st == ST_OK)
		st = fail(to, t);
	return st;
}

status
backup_sync_folder(const char *path, struct trouble *t)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_synced = fd >= 0 && fsync(fd) == 0;
	status st = is_synced ? ST_OK : fail(path, t);

	if (fd >= 0)
		(void)close(fd);
	return st;
}

/* ---- the manifest ---- */

/* Lines and the hash over them, which the last line states. */
struct lines {
	FILE *f;
	crypto_generichash_state hash;
	bool is_good;
};

static void
add_line(struct lines *l, const char *line)
{
	(void)crypto_generichash_update(&l->hash, (const uint8_t *)line, strlen(line));
	l->is_good = l->is_good && fputs(line, l->f) >= 0;
}

static void
end_text(struct lines *l, char out[static LINE_BYTES])
{
	struct hash32 hash;
	char hex[HEX + 1];

	(void)crypto_generichash_final(&l->hash, hash.bytes, sizeof hash.bytes);
	(void)sodium_bin2hex(hex, sizeof hex, hash.bytes, sizeof hash.bytes);
	(void)snprintf(out, LINE_BYTES, "end %s\n", hex);
}

static status
manifest_path(const char *folder, char out[static BACKUP_PATH_BYTES], struct trouble *t)
{
	if ((size_t)snprintf(out, BACKUP_PATH_BYTES, "%s/manifest", folder) <
	    BACKUP_PATH_BYTES)
		return ST_OK;
	return trouble_set(t, ST_USAGE, "the name of the folder is too long");
}

status
backup_write_manifest(const char *folder, const struct backup_set *set, struct trouble *t)
{
	char path[BACKUP_PATH_BYTES], line[LINE_BYTES], hex[HEX + 1];
	struct lines l = {.is_good = true};
	status st = manifest_path(folder, path, t);

	if (st != ST_OK)
		return st;
	l.f = fopen(path, "wxe");
	if (l.f == NULL)
		return fail(path, t);
	(void)crypto_generichash_init(&l.hash, NULL, 0, sizeof(struct hash32));
	(void)snprintf(line, sizeof line, "%s\n", title);
	add_line(&l, line);
	for (size_t i = 0; i < set->n; i++) {
		const struct backup_file *f = &set->files[i];

		(void)sodium_bin2hex(
		    hex, sizeof hex, f->hash.bytes, sizeof f->hash.bytes);
		(void)snprintf(line, sizeof line, "file %s %" PRIu64 " %s %s\n", f->name,
		    f->bytes, hex, f->facts);
		add_line(&l, line);
	}
	end_text(&l, line);
	l.is_good = l.is_good && fputs(line, l.f) >= 0 && fflush(l.f) == 0 &&
		    fsync(fileno(l.f)) == 0;
	if (fclose(l.f) != 0 || !l.is_good)
		return fail(path, t);
	return ST_OK;
}

static bool
read_file_line(const char *line, struct backup_file *out)
{
	char hex[HEX + 1];
	int at = 0;
	size_t len = 0;

	if (sscanf(line, "file %31s %" SCNu64 " %64s %n", out->name, &out->bytes, hex,
		&at) != 3 ||
	    strchr(out->name, '/') != NULL ||
	    sodium_hex2bin(out->hash.bytes, sizeof out->hash.bytes, hex, strlen(hex),
		NULL, &len, NULL) != 0 ||
	    len != sizeof out->hash.bytes)
		return false;
	(void)snprintf(out->facts, sizeof out->facts, "%.*s",
	    (int)strcspn(line + at, "\n"), line + at);
	return true;
}

static bool
read_lines(struct lines *l, struct backup_set *out)
{
	char line[LINE_BYTES], end[LINE_BYTES];

	for (size_t n = 0; fgets(line, sizeof line, l->f) != NULL; n++) {
		if (n > 0 && strncmp(line, "end ", 4) == 0) {
			end_text(l, end);
			return strcmp(line, end) == 0 && fgetc(l->f) == EOF;
		}
		(void)crypto_generichash_update(
		    &l->hash, (const uint8_t *)line, strlen(line));
		if (n == 0 && strncmp(line, title, strlen(title)) != 0)
			return false;
		if (n > 0 && (out->n == BACKUP_FILES_MAX ||
				 !read_file_line(line, &out->files[out->n++])))
			return false;
	}
	return false;
}

status
backup_read_manifest(const char *folder, struct backup_set *out, struct trouble *t)
{
	char path[BACKUP_PATH_BYTES];
	struct lines l = {0};
	status st = manifest_path(folder, path, t);

	out->n = 0;
	if (st != ST_OK)
		return st;
	l.f = fopen(path, "re");
	if (l.f == NULL)
		return fail(path, t);
	(void)crypto_generichash_init(&l.hash, NULL, 0, sizeof(struct hash32));
	if (!read_lines(&l, out))
		st = trouble_set(t, ST_CORRUPT, "%s was cut or changed", path);
	(void)fclose(l.f);
	return st;
}

status
backup_check_files(const char *folder, const struct backup_set *set, struct trouble *t)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < set->n; i++) {
		const struct backup_file *f = &set->files[i];
		struct backup_file found;
		char path[BACKUP_PATH_BYTES];

		(void)snprintf(path, sizeof path, "%.460s/%s", folder, f->name);
		st = backup_copy_file(path, NULL, &found, t);
		if (st == ST_OK &&
		    (found.bytes != f->bytes || !ID_EQUAL(&found.hash, &f->hash)))
			st = trouble_set(
			    t, ST_HASH, "%s is not what the manifest says", path);
	}
	return st;
}
