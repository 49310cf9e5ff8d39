/* logs_parts.h - what the parts of the membership logs on a laptop share. Private to
 * logs*.c.
 *
 *	logs.c         records and keys come in
 *	logs_ask.c     what is asked of them: answered by a row, else by replaying them
 *	logs_settle.c  the rows that follow from them
 *	logs_leave.c   scopes that are no longer this laptop's
 */
#ifndef CLIENT_SYNC_LOGS_PARTS_H
#define CLIENT_SYNC_LOGS_PARTS_H

#include "client/sync/logs.h"

/* r_meta: which set of rows stands as it follows from the records in r_log; 0 = none.
 * Every record that is stored sets it back, in its own transaction. */
#define LOGS_SETTLED "logs_settled"
enum { LOGS_SETTLED_ROWS = 3 }; /* more when logs_settle() keeps more */

/* r_meta: the server's key as the NET log names it. */
#define LOGS_SERVER "logs_server"

/* Notes when logs_leave() has something to do next. Needs an open transaction. */
status logs_plan_leave(struct laptop *l, const struct membership *m);

#endif
