/* guests.h - keys: of guests' laptops. A guest's laptop stands in two logs: that of his
 * own country, and that of the host, by a GRANT. Revoked at home it is served nothing
 * more anywhere, but only the host can replace the host's keys: a coordinator's laptop
 * there looks into the logs of its guests' countries once a day, and revokes what they
 * revoked (SECURITY 7). Others do nothing here. */
#ifndef CLIENT_SYNC_GUESTS_H
#define CLIENT_SYNC_GUESTS_H

#include "client/laptop/laptop.h"

/* A country whose log is to be fetched: of a guest with access here, not fetched for a
 * day by the server's time, and not in this session. */
bool guests_want_log(struct laptop *l, const bool *has_fetched, size_t n_spaces,
    uint64_t server_time_s, uint16_t *space);
/* It was fetched now. Other laptops note nothing. */
status guests_note_log(struct laptop *l, uint16_t space, uint64_t server_time_s);

/* Intends the revocation of guests' laptops that their own country revoked; the next
 * round makes the record. A transaction of its own. */
status guests_expel(struct laptop *l);

#endif
