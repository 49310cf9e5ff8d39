/* drafts.c - walks the folder: which names editors choose is theirs. */
#include "client/laptop/drafts.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "client/laptop/disk.h"

#define PREFIX "edit-"

/* Editors put . or # or both before the name, and whatever they like behind it. */
static bool
is_draft(const char *file, const char *name)
{
	const char *plain = file + strspn(file, ".#");

	return strncmp(plain, name, strlen(name)) == 0;
}

/* The next of them in an open folder; NULL after the last. */
static const char *
next_draft(DIR *folder, const char *name)
{
	struct dirent *file;

	while ((file = readdir(folder)) != NULL) { /* NOLINT: one thread */
		if (is_draft(file->d_name, name))
			return file->d_name;
	}
	return NULL;
}

size_t
drafts_count(const char *dir)
{
	DIR *folder = opendir(dir);
	size_t n = 0;

	if (folder == NULL)
		return 0;
	while (next_draft(folder, PREFIX) != NULL)
		n++;
	(void)closedir(folder);
	return n;
}

status
drafts_shred(const char *dir, const char *name, const struct rng *rng, struct trouble *t)
{
	DIR *folder = opendir(dir);
	const char *file;
	status st = ST_OK;

	if (folder == NULL)
		return trouble_set(
		    t, ST_IO, "cannot read the folder %s: %s", dir, strerror(errno));
	while ((file = next_draft(folder, name == NULL ? PREFIX : name)) != NULL) {
		status one = file_shred(dir, file, rng, st == ST_OK ? t : NULL);

		st = st == ST_OK ? one : st;
	}
	(void)closedir(folder);
	return st;
}
