/* audit.h - the trail of a server, DIR/audit: who came, how much was taken and refused,
 * which records were appended, which erasures done. One line each, chained: every line
 * ends with a hash over the line before's hash and itself, so a line changed, dropped or
 * put in between shows. No name, no body, no tag. Addresses, cut to /24 or /64, stand
 * beside it in DIR/audit-peers-DAY, by the number of the session, and go after 7 days;
 * the chain does not need them. Cost on the way of a push: none, sessions count. */
#ifndef SERVER_AUDIT_H
#define SERVER_AUDIT_H

#include <netinet/in.h>

#include "base/ids.h"
#include "base/status.h"

enum { AUDIT_DAYS = 7 };

struct audit;

/* What one session did; kept by its peer. */
struct audit_session {
	uint64_t number; /* 0 = not begun */
	uint64_t stored;
	uint64_t known;
	uint64_t refused;
	uint64_t bytes; /* of pushes */
};

/* Opens the trail for appending, at the hash where it ends; a line that a crash cut is
 * dropped. ST_CORRUPT: its end is no line. */
status audit_open(
    struct audit **out, const char *folder, uint64_t now_s, struct trouble *t);
/* NULL is legal, here and below: nothing is kept then. */
void audit_close(struct audit *a);
/* Writes what is buffered, the connections turned away since, and drops old addresses.
 * False: lines were lost. */
bool audit_flush(struct audit *a, uint64_t now_s);

void audit_begin(struct audit *a, struct audit_session *s, uint64_t now_s,
    const struct sockaddr_storage *from);
void audit_end(struct audit *a, const struct audit_session *s, uint64_t now_s,
    const struct device_id *device);
/* Counted, and told at the next flush: a flood must not fill the disk. */
void audit_turned_away(struct audit *a);
void audit_record(struct audit *a, uint64_t now_s, const char *space, unsigned position);
void audit_erasure(struct audit *a, uint64_t now_s, const char *space, uint64_t lsn,
    const struct device_id *device);

struct audit_figures {
	uint64_t lines;
	char head[33]; /* of the last line, hex */
};
/* Walks the chain. ST_NOT_FOUND; ST_CORRUPT names the first line that does not fit. */
status audit_check(const char *folder, struct audit_figures *out, struct trouble *t);

#endif
