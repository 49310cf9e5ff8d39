/* home.h - `pnet` alone on a terminal (UX 1.1): what a person needs today, numbered; a
 * choice runs the same command that could be typed. Before joining it asks for the
 * invite. Everything is appended, nothing repainted, no escape sequence is written. */
#ifndef CLIENT_COMMANDS_HOME_H
#define CLIENT_COMMANDS_HOME_H

#include "client/commands/command.h"

/* Is somebody there who can be asked? A terminal on both sides, words for people. */
bool home_may_ask(const struct call *c);
/* Until he leaves, or the input ends. The exit code is that of the last choice. */
status home_run(struct call *c);

#endif
