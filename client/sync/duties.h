/* duties.h - keys: what no command asks for. Rights that nobody has to ask for: at its
 * sync a coordinator's laptop grants his country's laptops the scopes that they should
 * read and cannot (DESIGN 3.2). A coordinator who joins late gets the keys of the
 * workshops that his invite had no room for; a member's second laptop gets those of the
 * teams that the member is in; and so does a guest's, once the log of his country that
 * tells of it was fetched (client/sync/guests.h). */
#ifndef CLIENT_SYNC_DUTIES_H
#define CLIENT_SYNC_DUTIES_H

#include "client/sync/logs.h"

/* The member code of a country's recovery kit ends so: "SK-KIT". */
#define KIT_MEMBER_END "-KIT"

/* One GRANT to be made. */
struct duty {
	struct author device;
	struct scope_set scopes;
	uint64_t end_s; /* of a guest; 0 = none */
	/* Not NULL: it stands in no log of this country yet, and device is not set. */
	const struct member_device *guest;
};

/* What this laptop can grant now, a part of it at a time, so that a cut link keeps what
 * was taken: call it again when these are appended. None if this laptop is no
 * coordinator's, and none of scopes whose newest key is not here. In the arena. */
status duties_list(struct laptop *l, const struct membership *m, struct arena *a,
    const struct duty **out, size_t *n);
/* Is the newest key of the scope here, so that it can be handed on? */
bool duties_can_give(struct laptop *l, const struct member_scope *s);
/* Scopes of the country (at the office of NET) whose present key somebody holds who may
 * read them no more, a few at a time (DESIGN 3.2); positions in the arena. Only such as
 * this laptop has the key of; and those whose key is lost (duties_note_gaps). */
status duties_rotations(struct laptop *l, const struct membership *m, uint64_t now_s,
    struct arena *a, const uint16_t **out, size_t *n);
/* Is there at least one duty of either sort, by the server's time? */
bool duties_any(struct laptop *l, struct logs *logs, uint64_t now_s);

/* Notes whether the logs owe anybody anything, and when a key is to be replaced, so that
 * duties_any() need not replay them when they do not. Needs an open transaction. */
status duties_note_owed(struct laptop *l, const struct membership *m);

/* Notes how many scopes this laptop should read whose newest key has not come.
 * access: what the logs give it. Needs an open transaction. */
status duties_note_awaited(struct laptop *l, const struct membership *m,
    const struct member_access *access, size_t n);
/* A pull was complete that asked for all keys which are missing here, and they did not
 * come: notes from when on such a scope gets a new key without the lost one. At once if
 * nobody else could rotate it, else when the others had a week. Needs an open
 * transaction. */
status duties_note_gaps(struct laptop *l, const struct membership *m, uint64_t now_s);

/* How much of the log of a space the server is told to be here: not the records whose key
 * box is still missing, so that it tells their keys again; else what was applied. */
uint32_t duties_keys_from(struct laptop *l, uint16_t space, uint32_t applied);
/* As noted last. */
size_t duties_awaited(struct laptop *l);

#endif
