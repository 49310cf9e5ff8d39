/* passphrase.h - where a passphrase comes from: a terminal, a file, an open descriptor.
 * Never an argument and never the environment, since other programs read those (UX 1.8).
 */
#ifndef CLIENT_LAPTOP_PASSPHRASE_H
#define CLIENT_LAPTOP_PASSPHRASE_H

#include "base/bytes.h"
#include "base/rng.h"
#include "client/terminal/complaint.h"
#include "crypto/vault.h"

enum {
	PASSPHRASE_BYTES_MAX = 1024,
	PASSPHRASE_CHARACTERS_MIN = 12,
	PASSPHRASE_TRIES = 3,      /* on a terminal */
	PASSPHRASE_WORDS = 5,      /* suggested; 15 bits each, 75 together */
	PASSPHRASE_WORD_BYTES = 5, /* consonant, vowel, consonant, vowel, consonant */
	PASSPHRASE_SUGGESTION_BYTES = PASSPHRASE_WORDS * (PASSPHRASE_WORD_BYTES + 1)
};

/* In locked memory with guards around it; wiped when it is freed. */
struct passphrase {
	size_t len;
	char text[PASSPHRASE_BYTES_MAX + 1];
};
struct passphrase *passphrase_new(void); /* NULL without memory */
void passphrase_free(struct passphrase *p);
struct span passphrase_span(const struct passphrase *p);

/* What one call says about it. Strings are borrowed. */
struct passphrase_source {
	const char *file; /* --passphrase-file, NULL if not given */
	const char *fd;   /* --passphrase-fd, likewise */
	bool asks_nothing;
	/* What a new vault costs to guess at; zero = what fits this machine. */
	struct vault_cost cost;
	/* Once read or typed it stays here, so that one call asks once; may be NULL. */
	struct passphrase *kept;
};

/* Is there a file, a descriptor or a person? */
bool passphrase_is_at_hand(const struct passphrase_source *s);
/* Does a person type it, who may be wrong and try again? */
bool passphrase_is_typed(const struct passphrase_source *s);

/* The passphrase of what exists. prompt: "Passphrase of this laptop: ".
 * ST_NOT_JOINED when nobody can be asked (without a complaint: the caller knows what
 * for); ST_NOT_FOUND with PN-F01 when the file cannot be read. */
status passphrase_get(const struct passphrase_source *s, const char *prompt,
    struct complaint *complaint, struct passphrase *out);

/* A new one: on a terminal words are suggested, Enter takes them, others are typed twice.
 * what: "this laptop". PN-V03 when it is too short; else as passphrase_get. */
status passphrase_choose(const struct passphrase_source *s, const char *what,
    const struct rng *rng, struct complaint *complaint, struct passphrase *out);

/* Words that can be spoken and typed on any keyboard of the partner countries, drawn by
 * rng: 75 bits. */
void passphrase_suggest(
    const struct rng *rng, char out[static PASSPHRASE_SUGGESTION_BYTES]);
/* Does it have letters, and none of them small? Then Caps Lock may be on. */
bool passphrase_is_shouted(struct span text);

#endif
