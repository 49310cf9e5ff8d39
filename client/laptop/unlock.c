/* unlock.c - the kernel's keyring, then the passphrase. */
#include "client/laptop/unlock.h"

#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/laptop/counts.h"

struct vault_secrets *
secrets_new(void)
{
	struct vault_secrets *s = sodium_malloc(sizeof *s);

	if (s != NULL)
		sodium_memzero(s, sizeof *s);
	return s;
}

void
secrets_free(struct vault_secrets *s)
{
	sodium_free(s);
}

static status
no_memory(struct complaint *c)
{
	const struct trouble t = {ST_NO_MEMORY, "no memory for a passphrase"};

	return complain_trouble(c, &t);
}

bool
unlock_is_locked(const char *dir)
{
	uint8_t vault[VAULT_BYTES];
	struct vault_secrets *found = secrets_new();
	bool is_locked = found != NULL &&
			 vault_file_read(dir, VAULT_NAME, vault, NULL) == ST_OK &&
			 !kernel_key_find(span_of(vault, sizeof vault), found);

	secrets_free(found);
	return is_locked;
}

/* ---- complaints ---- */

static status
complain_locked(const char *dir, struct complaint *c)
{
	struct counts counts;

	(void)complain(c, PN_K05,
	    "the data in %s is sealed, and this session does not have "
	    "its key",
	    dir);
	if (counts_read(dir, &counts))
		complain_data(c, "nothing is lost: %llu change%s wait%s here to be sent",
		    (unsigned long long)counts.changes, counts.changes == 1 ? "" : "s",
		    counts.changes == 1 ? "s" : "");
	complain_next(c, "pnet unlock    asks for the passphrase, once for 15 minutes");
	complain_next(
	    c, "pnet status --passphrase-file FILE    where nobody can be asked");
	return ST_NOT_JOINED;
}

static status
complain_wrong(
    const char *dir, const char *name, int tries, struct span phrase, struct complaint *c)
{
	(void)complain(c, PN_K01, "it does not open %s/%s (%d %s)%s", dir, name, tries,
	    tries == 1 ? "try" : "tries",
	    passphrase_is_shouted(phrase) ? ": all in capitals, is Caps Lock on?"
					  : ": Caps Lock or another keyboard layout; a "
					    "damaged file looks the same");
	complain_data(c, "nothing was changed; no number of tries deletes anything");
	complain_next(c, "pnet unlock");
	return ST_NOT_JOINED;
}

static status
complain_damaged(const struct trouble *t, struct complaint *c)
{
	if (t->code == ST_NO_MEMORY)
		return complain_trouble(c, t);
	(void)complain(c, PN_D02, "%s", t->text);
	complain_data(
	    c, "without it nobody can open what lies here; nothing was changed");
	complain_next(
	    c, "pnet join CODE    in an empty folder, with a new invite to yourself");
	return ST_CORRUPT;
}

/* ---- an existing vault ---- */

/* Reads, asks, opens; a person may try three times. */
static status
try_phrases(const char *dir, const char *name, const char *prompt, struct span vault,
    const struct passphrase_source *s, struct complaint *c, struct passphrase *phrase,
    struct vault_secrets *out)
{
	int tries = passphrase_is_typed(s) ? PASSPHRASE_TRIES : 1;
	struct trouble t = {0};

	for (int i = 1; i <= tries; i++) {
		status st = passphrase_get(s, prompt, c, phrase);

		if (st != ST_OK)
			return st == ST_NOT_JOINED ? complain_locked(dir, c) : st;
		st = vault_open(vault, passphrase_span(phrase), out, &t);
		if (st == ST_OK)
			return ST_OK;
		if (st != ST_NOT_ALLOWED)
			return complain_damaged(&t, c);
		if (s->kept != NULL)
			s->kept->len = 0;
		if (i < tries)
			fprintf(stderr, "[!!] wrong passphrase, %d of %d tries%s\n", i,
			    tries,
			    passphrase_is_shouted(passphrase_span(phrase))
				? "; all in capitals: is Caps Lock on?"
				: "");
	}
	return complain_wrong(dir, name, tries, passphrase_span(phrase), c);
}

static status
open_by_phrase(const char *dir, const char *name, const char *prompt, struct span vault,
    const struct passphrase_source *s, struct complaint *c, struct vault_secrets *out)
{
	struct passphrase *phrase = passphrase_new();
	status st = phrase == NULL
			? no_memory(c)
			: try_phrases(dir, name, prompt, vault, s, c, phrase, out);

	passphrase_free(phrase);
	return st;
}

status
unlock_file(const char *dir, const char *name, const char *prompt,
    const struct passphrase_source *s, struct complaint *c, struct vault_secrets *out)
{
	uint8_t vault[VAULT_BYTES];
	struct trouble t = {0};

	if (vault_file_read(dir, name, vault, &t) != ST_OK)
		return complain_damaged(&t, c);
	return open_by_phrase(dir, name, prompt, span_of(vault, sizeof vault), s, c, out);
}

status
unlock(const char *dir, const struct passphrase_source *s, struct complaint *c,
    struct vault_secrets *out)
{
	uint8_t vault[VAULT_BYTES];
	struct span bytes = span_of(vault, sizeof vault);
	struct trouble t = {0};
	status st;

	if (vault_file_read(dir, VAULT_NAME, vault, &t) != ST_OK)
		return complain_damaged(&t, c);
	if (kernel_key_find(bytes, out))
		return ST_OK;
	st = open_by_phrase(
	    dir, VAULT_NAME, "Passphrase of this laptop: ", bytes, s, c, out);
	if (st == ST_OK && passphrase_is_typed(s))
		(void)kernel_key_keep(bytes, out, UNLOCK_SECONDS);
	return st;
}

/* ---- a new one ---- */

struct vault_cost
unlock_cost(const struct vault_cost *wanted)
{
	struct vault_cost cost = vault_cost_for(
	    (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));

	if (wanted->passes != 0)
		cost.passes = wanted->passes;
	if (wanted->memory_kib != 0)
		cost.memory_kib = wanted->memory_kib;
	return cost;
}

status
vault_put(const char *dir, const char *name, const struct vault_secrets *secrets,
    const struct passphrase *phrase, const struct vault_cost *wanted,
    const struct rng *rng, struct complaint *c)
{
	struct vault_cost cost = unlock_cost(wanted);
	uint8_t vault[VAULT_BYTES];
	struct trouble t = {0};
	status st = vault_seal(secrets, passphrase_span(phrase), &cost, rng, vault, &t);

	if (st == ST_OK)
		st = vault_file_write(dir, name, vault, &t);
	return st == ST_OK ? ST_OK : complain_trouble(c, &t);
}

static status
complain_nobody(struct complaint *c)
{
	(void)complain(
	    c, PN_K05, "a new passphrase is needed, and there is nobody to ask");
	complain_what(c, "this laptop needs a passphrase");
	complain_next(c,
	    "pnet help join    once more on a terminal, or with --passphrase-file "
	    "FILE, whose first line is the new passphrase");
	return ST_NOT_JOINED;
}

/* The vault that was just written, for the rest of this session's quarter of an hour. */
static void
stay_unlocked(const char *dir, const struct vault_secrets *secrets)
{
	uint8_t vault[VAULT_BYTES];

	if (vault_file_read(dir, VAULT_NAME, vault, NULL) == ST_OK)
		(void)kernel_key_keep(
		    span_of(vault, sizeof vault), secrets, UNLOCK_SECONDS);
}

status
unlock_new(const char *dir, const struct passphrase_source *s, const struct rng *rng,
    struct complaint *c, struct vault_secrets *out)
{
	struct passphrase *phrase = passphrase_new();
	status st = phrase == NULL ? no_memory(c)
				   : passphrase_choose(s, "this laptop", rng, c, phrase);

	if (st == ST_NOT_JOINED)
		st = complain_nobody(c);
	if (st == ST_OK) {
		rng_fill(rng, out, sizeof *out);
		st = vault_put(dir, VAULT_NAME, out, phrase, &s->cost, rng, c);
	}
	if (st == ST_OK)
		stay_unlocked(dir, out);
	passphrase_free(phrase);
	return st;
}
