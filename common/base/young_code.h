/* young_code.h - the codes by which a young person leaves the screen: `Y-7KQ4M` (UX 2.1).
 *
 * First symbols: the first bits of the pid in Crockford base32, 5 bits each. Last symbol:
 * that number mod 37. pids are drawn until this check is one of the 32 ordinary symbols,
 * so a code never needs the five signs that nobody can say on the phone. All roster
 * entries of one person share the code. Pure. */
#ifndef BASE_YOUNG_CODE_H
#define BASE_YOUNG_CODE_H

#include "base/ids.h"
#include "base/rng.h"

enum {
	YOUNG_SYMBOLS = 4,      /* before the check symbol, as long as that is unique */
	YOUNG_SYMBOLS_MAX = 10, /* codes equal within one's reach are shown longer */
	YOUNG_CODE_BYTES = 2 + YOUNG_SYMBOLS_MAX + 1 + 1
};

/* A random pid whose code of YOUNG_SYMBOLS has a check among the 32, and whose
 * person_key is not zero. */
struct person_id young_draw(const struct rng *r);

/* "Y-" || symbols || check || NUL. False, and out is "", if the check of this length is
 * not one of the 32: then the next length has to do. symbols: 4..YOUNG_SYMBOLS_MAX. */
bool young_code(
    const struct person_key *key, size_t symbols, char out[static YOUNG_CODE_BYTES]);

/* A code read back: the first `symbols` * 5 bits of the person's key. */
struct young_prefix {
	uint64_t bits; /* right-aligned */
	size_t symbols;
};

/* Reads a code as people type it: any case, "Y-" may be missing, O is 0, I and L are 1.
 * False if the form or the check is wrong. */
bool young_code_parse(struct span text, struct young_prefix *out);
bool young_code_matches(const struct young_prefix *p, const struct person_key *key);

#endif
