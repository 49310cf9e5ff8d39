/* guesses.h - how often somebody failed to join within the hour, by address range and by
 * invite (SECURITY 13): 128 bits are not guessed, but nobody needs fifty tries. Pure of
 * I/O. */
#ifndef SERVER_GUESSES_H
#define SERVER_GUESSES_H

#include "server/config.h"

struct guesses;

enum guess_kind { GUESS_PREFIX, GUESS_INVITE, GUESS_KIND_COUNT };

struct guesses *guesses_new(const struct config_limits *limits); /* NULL: no memory */
void guesses_free(struct guesses *g);                            /* NULL is legal */
/* Not too often yet? key: gate_pass.prefix, or space and position of the invite. */
bool guesses_may(
    const struct guesses *g, enum guess_kind kind, uint64_t key, uint64_t now_ms);
void guesses_failed(
    struct guesses *g, enum guess_kind kind, uint64_t key, uint64_t now_ms);

#endif
