/* ram_heap.h - memory for SQLite in a process that forks again and again: what a child
 * asks for was never touched before, and what it gives back of its parent's stays where
 * it is. So the pages of the parent are copied only where something is written. */
#ifndef TESTS_SIM_RAM_HEAP_H
#define TESTS_SIM_RAM_HEAP_H

/* Before SQLite is initialized. */
void ram_heap_install(void);

#endif
