/* catch_up.h - what came while an older program was installed: it kept records of kinds
 * that it did not know, and their tables were empty until now. */
#ifndef CLIENT_LAPTOP_CATCH_UP_H
#define CLIENT_LAPTOP_CATCH_UP_H

#include "client/laptop/laptop.h"

/* Fills the typed tables of kinds that are newer than the program which wrote this
 * replica last. Once after an update; nothing otherwise. */
status catch_up(struct laptop *l);

#endif
