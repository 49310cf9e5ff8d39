/* cheap_crypto.h - a stand-in below libsodium for the simulator of the whole system:
 * keyed mixing with the sizes and the failures of the real thing (a flipped bit, another
 * key, nonce, header or signer is refused) and nothing of its strength. Linked with
 * --wrap, so that padding, labels, headers, derivations and handshakes stay the
 * product's. Hashes stay BLAKE2b. */
#ifndef TESTS_SIM_CHEAP_CRYPTO_H
#define TESTS_SIM_CHEAP_CRYPTO_H

#include <stdbool.h>
#include <stdint.h>

/* Keys that were made under the one are none under the other: chosen before anything is
 * founded. False at first. */
void cheap_crypto(bool is_cheap);

/* Every (key, nonce) that sealed a body or a page since the process began. */
struct nonces {
	uint64_t seals, repeated; /* repeated: again, over other bytes */
};
struct nonces cheap_crypto_nonces(void);

#endif
