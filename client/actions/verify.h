/* verify.h - sixty digits that two members read to each other by phone (SECURITY 4):
 * equal exactly if both see the same network, the same logs of NET and of one country,
 * and the same keys of every laptop in use. A server that shows them different members
 * cannot make them equal. */
#ifndef CLIENT_ACTIONS_VERIFY_H
#define CLIENT_ACTIONS_VERIFY_H

#include "client/laptop/laptop.h"

enum { VERIFY_GROUPS = 12, VERIFY_GROUP_DIGITS = 5, VERIFY_TEXT_BYTES = 72 };

/* "12345 67890 ..." for NET and that country (NULL = one's own). PN-F01 if its log is not
 * here. */
status verify_digits(
    struct laptop *l, const char *country, char out[static VERIFY_TEXT_BYTES]);

#endif
