/* ask_marks.h - attend --ask: one question a line, nothing repainted, for screen readers
 * and slow terminals (UX 8). Writes what --set would write. */
#ifndef CLIENT_COMMANDS_ASK_MARKS_H
#define CLIENT_COMMANDS_ASK_MARKS_H

#include "client/actions/marking.h"
#include "client/commands/commands.h"

/* Asks for everybody who is enrolled on the day, then saves all answers in one edit; the
 * end of the input saves what was answered so far. Closes l before the first question,
 * because nothing may hold the replica while a person thinks. */
status ask_marks(struct call *c, struct laptop *l, const struct marking *m);

/* Reads a line of the standard input into text, without its end; false at the end. */
bool ask_line(char *text, size_t cap);

#endif
