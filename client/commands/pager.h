/* pager.h - $PAGER for what is read: lists, texts, findings, when standard output is a
 * terminal (UX 2.1). Commands that ask something never get one. */
#ifndef CLIENT_COMMANDS_PAGER_H
#define CLIENT_COMMANDS_PAGER_H

#include "client/commands/command.h"

struct pager {
	long pid;     /* 0 = none runs */
	int terminal; /* standard output as it was */
};

/* From here on standard output goes through $PAGER, if the call is one that is read, in
 * human style. A pager that cannot start costs nothing: the text comes without it. */
struct pager pager_begin(const struct call *call);
/* Waits until the person has left the pager; standard output is the terminal again. */
void pager_end(struct pager *p);

#endif
