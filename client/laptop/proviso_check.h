/* proviso_check.h - the provisos of the schema at the keyboard: asked of every record
 * that an edit wrote, after the typed tables follow it and before it is durable. */
#ifndef CLIENT_LAPTOP_PROVISO_CHECK_H
#define CLIENT_LAPTOP_PROVISO_CHECK_H

#include "client/laptop/records.h"

/* PN-P01 with who may, unless this member may write that record. Inside the edit's
 * transaction. */
status proviso_check(
    struct laptop *l, const struct record_ref *ref, const struct scope_info *scope);

#endif
