/* report_print.h - how far a report has come, in sentences for people. */
#ifndef CLIENT_COMMANDS_REPORT_PRINT_H
#define CLIENT_COMMANDS_REPORT_PRINT_H

#include "client/actions/report_state.h"

/* Kind and state, what it is about, who signed this text, whose sign-offs are void, what
 * the office decided. */
void report_print_state(const struct report *r);
/* Several lines of a text, escaped for the terminal. */
void report_print_text(struct laptop *l, struct span text);

#endif
