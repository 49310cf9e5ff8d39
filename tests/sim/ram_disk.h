/* ram_disk.h - files in the memory of this process, as the VFS that SQLite takes by
 * default: no disk, no syncs, and a process that forks takes its files along. For the
 * simulator of the whole system alone; nothing survives the process. */
#ifndef TESTS_SIM_RAM_DISK_H
#define TESTS_SIM_RAM_DISK_H

#include "base/bytes.h"

/* From now on it stands below every VFS of the product. Idempotent. */
void ram_disk_install(void);
/* The files below folder `from`, as they are now, become those of `to`; what `to` had is
 * gone. Neither may be open. */
void ram_disk_copy(const char *from, const char *to);
void ram_disk_remove(const char *folder);
/* Every place below the folder where the text stands. What on_found is given ends with a
 * NUL, some bytes further on. */
void ram_disk_search(const char *folder, const char *text,
    void (*on_found)(void *ctx, const char *at), void *ctx);

#endif
