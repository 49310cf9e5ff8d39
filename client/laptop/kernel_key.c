/* kernel_key.c - add_key(2) and keyctl(2) by their numbers: libkeyutils is not linked. */
#include "client/laptop/kernel_key.h"

#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sodium.h>

#include "crypto/hash.h"

enum {
	NAME_BYTES = sizeof "pnet:" + 32,
	/* Everything for who has the session, nothing for anybody else, the same user's
	 * other sessions included. (From keyctl_setperm(3); no header has the numbers.)
	 */
	POSSESSOR_ALL = 0x3f000000
};

/* Any change of the file, a new passphrase too, makes it another key. */
static void
name_of(struct span vault, char out[static NAME_BYTES])
{
	uint8_t id[16];

	hash_128(NULL, &vault, 1, id);
	memcpy(out, "pnet:", 5);
	(void)sodium_bin2hex(out + 5, NAME_BYTES - 5, id, sizeof id);
}

static long
keyctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	return syscall(SYS_keyctl, op, a, b, c, d);
}

/* The session's keyring. Asking for it first, without making one, gives a process that
 * has none the user's own session; add_key would make one that ends with the process. */
static long
session(void)
{
	return keyctl(
	    KEYCTL_GET_KEYRING_ID, (unsigned long)KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
}

static long
search(struct span vault)
{
	char name[NAME_BYTES];
	long ring = session();

	name_of(vault, name);
	return ring < 0 ? -1
			: keyctl(KEYCTL_SEARCH, (unsigned long)ring,
			      (unsigned long)"user", (unsigned long)name, 0);
}

bool
kernel_key_find(struct span vault, struct vault_secrets *out)
{
	long key = search(vault);
	long n = key < 0 ? -1
			 : keyctl(KEYCTL_READ, (unsigned long)key, (unsigned long)out,
			       sizeof *out, 0);

	if (n == (long)sizeof *out)
		return true;
	sodium_memzero(out, sizeof *out);
	return false;
}

bool
kernel_key_keep(struct span vault, const struct vault_secrets *secrets, unsigned seconds)
{
	char name[NAME_BYTES];
	long ring = session(), key;

	(void)kernel_key_drop(vault);
	name_of(vault, name);
	key = ring < 0
		  ? -1
		  : syscall(SYS_add_key, "user", name, secrets, sizeof *secrets, ring);
	if (key < 0)
		return false;
	if (keyctl(KEYCTL_SETPERM, (unsigned long)key, POSSESSOR_ALL, 0, 0) == 0 &&
	    keyctl(KEYCTL_SET_TIMEOUT, (unsigned long)key, seconds, 0, 0) == 0)
		return true;
	(void)keyctl(KEYCTL_REVOKE, (unsigned long)key, 0, 0, 0);
	return false; /* a key without an end is none that we keep */
}

bool
kernel_key_drop(struct span vault)
{
	long key = search(vault);

	if (key < 0)
		return false;
	(void)keyctl(KEYCTL_REVOKE, (unsigned long)key, 0, 0, 0);
	(void)keyctl(KEYCTL_UNLINK, (unsigned long)key, (unsigned long)session(), 0, 0);
	return true;
}
