/* outfile.h - files that a command leaves in a folder: pages and tables. Each appears
 * whole or not at all, so that what was printed before is never half overwritten. */
#ifndef CLIENT_COMMANDS_OUTFILE_H
#define CLIENT_COMMANDS_OUTFILE_H

#include "client/commands/commands.h"

/* "DIR/NAME.ending" for --out DIR, else "NAME.ending"; in the arena. NULL without
 * memory. */
const char *outfile_path(
    struct call *c, struct laptop *l, const char *name, const char *ending);
/* Makes the folder of --out if it is missing (not those above it), and writes the file.
 * PN-O01. */
status outfile_write(
    struct call *c, struct laptop *l, const char *path, struct span text);
/* A listing as CSV, likewise. */
status outfile_table(
    struct call *c, struct laptop *l, const char *path, const struct listing *rows);

#endif
