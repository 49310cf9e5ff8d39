/* page_open.h - opening sealed pages and headers. Not in the server program. Pure. */
#ifndef CRYPTO_PAGE_OPEN_H
#define CRYPTO_PAGE_OPEN_H

#include "crypto/page.h"

/* Opens a page; the reserved bytes of plain become zero. False, and plain all zero, when
 * it was not sealed under this key for this place. plain may be sealed. */
bool page_open(const struct page_key *key, const struct page_place *place,
    const uint8_t *sealed, uint8_t *plain);

/* Opens a slot into len bytes. False, and plain all zero, as above. */
bool page_open_slot(const struct page_key *key, const struct page_place *place,
    const uint8_t *slot, uint8_t *plain, size_t len);

#endif
