/* root_key.c - a vault whose second secret is the root's seed. */
#include "client/laptop/root_key.h"

#include <string.h>

#include "client/laptop/unlock.h"

_Static_assert(
    sizeof(struct sign_seed) == sizeof(struct device_seed), "one vault for both");

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for the root key");
}

static status
put(struct laptop *l, const struct sign_seed *seed)
{
	struct vault_secrets *secrets = secrets_new();
	struct passphrase *phrase = passphrase_new();
	status st = secrets == NULL || phrase == NULL
			? no_memory(l)
			: passphrase_choose(
			      &l->phrase, "the root key", &l->rng, l->complaint, phrase);

	if (st == ST_OK) {
		rng_fill(&l->rng, &secrets->page_key, sizeof secrets->page_key);
		memcpy(secrets->seed.bytes, seed->bytes, sizeof seed->bytes);
		st = vault_put(l->dir, ROOT_KEY_NAME, secrets, phrase, &l->phrase.cost,
		    &l->rng, l->complaint);
	}
	passphrase_free(phrase);
	secrets_free(secrets);
	return st;
}

status
root_key_make(struct laptop *l, struct sign_seed *out)
{
	if (vault_file_is_there(l->dir, ROOT_KEY_NAME))
		return complain(
		    l->complaint, PN_V03, "%s/" ROOT_KEY_NAME " exists already", l->dir);
	rng_fill(&l->rng, out->bytes, sizeof out->bytes);
	return put(l, out);
}

/* The laptop may well be unlocked; to unlock it would not help. */
static void
complain_asked(struct laptop *l)
{
	(void)complain(l->complaint, PN_K05,
	    "the root key has its passphrase asked each time, and there is nobody to "
	    "ask");
	complain_what(l->complaint, "the root key is locked");
	complain_data(l->complaint, "nothing was changed");
	complain_next(l->complaint,
	    "pnet network show    and then the same command as before on a terminal, "
	    "or with --passphrase-file FILE");
}

status
root_key_open(struct laptop *l, struct sign_seed *out)
{
	struct vault_secrets *secrets;
	status st;

	if (!vault_file_is_there(l->dir, ROOT_KEY_NAME)) {
		st = complain(l->complaint, PN_P01, "the root key is not in %s", l->dir);
		complain_next(l->complaint,
		    "pnet network show    and then the same command on the laptop that "
		    "holds root.key");
		return trouble_set(&l->trouble, st, "no root key");
	}
	secrets = secrets_new();
	if (secrets == NULL)
		return no_memory(l);
	st = unlock_file(l->dir, ROOT_KEY_NAME,
	    "Passphrase of the root key: ", &l->phrase, l->complaint, secrets);
	if (st == ST_NOT_JOINED && l->complaint->id == PN_K05)
		complain_asked(l);
	if (st == ST_OK)
		memcpy(out->bytes, secrets->seed.bytes, sizeof out->bytes);
	secrets_free(secrets);
	return st;
}
