/* keys.c - overwriting secrets. Pure. */
#include "crypto/keys.h"

#include <sodium.h>

void
keys_wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}
