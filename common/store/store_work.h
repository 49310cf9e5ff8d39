/* store_work.h - what each call does inside its transaction, over any engine; for the
 * files of common/store only. */
#ifndef STORE_STORE_WORK_H
#define STORE_STORE_WORK_H

#include "store/store_queue.h"

typedef status request_work(struct store_engine *e, struct request *r, struct trouble *t);

request_work work_accept, work_look, work_restore, work_trim; /* store_work.c */
request_work work_stage, work_join, work_graves;
request_work work_copy, work_compact;
request_work work_append, work_log, work_keys, work_put, work_give; /* store_work_log.c */
request_work work_contacts, work_cuts, work_gaps;
request_work work_pull; /* store_work_pull.c */

#endif
