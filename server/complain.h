/* complain.h - what the operator is told when something cannot be done: what, why, what
 * is safe, what next (UX 6). On stderr. */
#ifndef SERVER_COMPLAIN_H
#define SERVER_COMPLAIN_H

#include "base/status.h"

/* what: "the server cannot start". The reason is t's text, or that of the code. data and
 * next may be NULL; next is a command that runs. Returns the exit code (UX 5). */
int complain(status code, const struct trouble *t, const char *what, const char *data,
    const char *next);

#endif
