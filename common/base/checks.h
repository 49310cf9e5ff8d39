/* checks.h - hashes and signature checks that core needs, passed in, so that core stays
 * free of any crypto library and the simulator can run with a cheap stand-in
 * (DESIGN 8). The real table is sign_checks() of crypto/sign.h. Pure. */
#ifndef BASE_CHECKS_H
#define BASE_CHECKS_H

#include "base/ids.h"

struct checks {
	void *ctx;
	/* BLAKE2b-256 over the label with its NUL, then the parts in order. */
	void (*hash)(void *ctx, const char *label, const struct span *parts, size_t n,
	    struct hash32 *out);
	/* Ed25519 over message as received. */
	bool (*verify)(void *ctx, const struct sign_pk *pk, struct span message,
	    const struct signature *signature);
};

#endif
