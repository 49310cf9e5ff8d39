/* graves_file.h - the erasures of all spaces in DIR/graves, a file that no backup
 * replaces: a restored server buries again before anything is served (DESIGN 4.3,
 * SECURITY 10). Lines of `SPACE scope subject`, the subject as 32 hex digits; they only
 * become more. */
#ifndef SERVER_GRAVES_FILE_H
#define SERVER_GRAVES_FILE_H

#include "base/arena.h"
#include "core/merge.h"

/* Graves of one space ("SK"), in the arena. No such file: none. ST_CORRUPT names the
 * line. */
status graves_file_read(const char *path, const char *space, struct arena *a,
    struct merge_grave **out, size_t *n, struct trouble *t);
/* Adds those that are not there yet, durably. */
status graves_file_add(const char *path, const char *space,
    const struct merge_grave *graves, size_t n, struct trouble *t);

#endif
