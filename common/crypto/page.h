/* page.h - sealing what the replica's database writes to disk: pages, headers of WAL and
 * journal, their checksums (SECURITY 11). Only store/sealed_vfs.c includes this. Opening:
 * page_open.h. Pure. */
#ifndef CRYPTO_PAGE_H
#define CRYPTO_PAGE_H

#include "crypto/keys.h"

enum {
	PAGE_BYTES = 4096,
	PAGE_RESERVED_BYTES = 40, /* at the end of a page: nonce 24, tag 16 */
	PAGE_CONTENT_BYTES = PAGE_BYTES - PAGE_RESERVED_BYTES,
	PAGE_NONCE_BYTES = 24,
	PAGE_TAG_BYTES = 16,
	PAGE_SLOT_OVERHEAD = PAGE_NONCE_BYTES + PAGE_TAG_BYTES,
	PAGE_SLOT_PLAIN_MAX = 512, /* a journal header fills a sector */
	PAGE_AD_BYTES = 33
};

/* What a sealed piece is. Append only: the numbers are on disks. */
enum page_kind {
	PAGE_DB = 1,           /* page of the database file; number = page number */
	PAGE_WAL = 2,          /* page in a WAL frame; number = index of the frame */
	PAGE_JOURNAL = 3,      /* page in a rollback journal; number = its offset there */
	PAGE_WAL_HEADER = 4,   /* slot; number 0 */
	PAGE_FRAME_HEADER = 5, /* slot; number = index of the frame */
	PAGE_JOURNAL_HEADER = 6, /* slot; number = its offset */
	PAGE_KIND_COUNT
};

/* Where a piece stands. It opens nowhere else: not on another page, not in another file,
 * not in another generation of the WAL. */
struct page_place {
	enum page_kind kind;
	uint8_t file[16]; /* drawn when the file is made */
	uint8_t salts[8]; /* of the WAL generation; zero for db and journal */
	uint64_t number;
};

/* Seals one page.
 * nonce   24 fresh random bytes
 * plain   PAGE_BYTES; the reserved bytes are zero (assert), since SQLite's checksums
 *         cover them
 * sealed  PAGE_BYTES: content encrypted, nonce and tag in the reserved bytes; may not
 *         overlap plain */
void page_seal(const struct page_key *key, const struct page_place *place,
    const uint8_t nonce[static PAGE_NONCE_BYTES], const uint8_t *plain, uint8_t *sealed);

/* Seals a header of len bytes, 1..PAGE_SLOT_PLAIN_MAX, into a slot of
 * len + PAGE_SLOT_OVERHEAD: nonce || ciphertext || tag. */
void page_seal_slot(const struct page_key *key, const struct page_place *place,
    const uint8_t nonce[static PAGE_NONCE_BYTES], const uint8_t *plain, size_t len,
    uint8_t *slot);

/* What the 4-byte checksum behind a journal page is xored with, either way: a keyed hash
 * of the page's nonce, so that the checksum of plaintext tells nothing. */
uint32_t page_mask(
    const struct page_key *key, const uint8_t nonce[static PAGE_NONCE_BYTES]);

/* Associated data: kind 1 || file 16 || salts 8 || number 8. For page_open.c. */
void page_ad_bytes(const struct page_place *place, uint8_t out[static PAGE_AD_BYTES]);

#endif
