/* counts.h - the two numbers that a locked laptop still shows: how many changes wait, and
 * when the last complete sync was. They lie in the plain file `waiting` of the folder,
 * are no secret (the sizes of the sealed files tell as much), and are all that lies
 * there. */
#ifndef CLIENT_LAPTOP_COUNTS_H
#define CLIENT_LAPTOP_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#define COUNTS_NAME "waiting"

struct counts {
	uint64_t changes;
	int64_t last_sync_ms; /* unix time; 0 = never */
};

/* False: nothing is known. */
bool counts_read(const char *dir, struct counts *out);
/* Always of one length, so it is written in its place, by one call, without waiting for
 * the disk: a lost number comes back with the next command. Where it cannot be written,
 * an old one is taken away. More changes are written before the transaction that saves
 * them (laptop_raise_counts), fewer after it: whenever a program is stopped, it says too
 * many rather than too few. After a power cut it may be older by what the file system had
 * not written. */
void counts_write(const char *dir, const struct counts *counts);

#endif
