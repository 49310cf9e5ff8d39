/* whole_trust.c - acts of trust and distrust: laptops that are revoked, copied, restored,
 * people who are erased, bundles on a stick, a server that is rolled back. */
#include <stdio.h>
#include <stdlib.h>

#include "client/actions/erasing.h"
#include "client/actions/laptops.h"
#include "client/sync/carry.h"
#include "client/sync/intents.h"
#include "ram_disk.h"
#include "whole_deed.h"

/* ---- revocation ---- */

static bool
is_coordinator(const struct home *h)
{
	return h->role == ROLE_COORDINATOR && !h->is_revoked;
}

/* From now on nobody promises that what these laptops save arrives. */
static void
note_revoked(struct town *t, const struct device_id *id)
{
	for (size_t i = 0; i < t->n_homes; i++) {
		struct home *h = &t->homes[i];

		if (ID_EQUAL(&h->device, id)) {
			h->is_revoked = true;
			h->revoked_at = h->n_sure;
		}
	}
}

static struct home *
some_trainer(struct town *t, uint16_t space)
{
	size_t from = town_below(t, t->n_homes);

	for (size_t i = 0; i < t->n_homes; i++) {
		struct home *h = &t->homes[(from + i) % t->n_homes];

		if (h->role == ROLE_TRAINER && h->space == space && !h->is_revoked)
			return h;
	}
	return NULL;
}

static size_t
n_trainers(const struct town *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_homes; i++)
		n += t->homes[i].role == ROLE_TRAINER && !t->homes[i].is_revoked;
	return n;
}

void
act_revoke(struct home *h)
{
	struct town *t = h->town;
	struct laptop *l = home_open(h);
	struct home *gone = some_trainer(t, h->space);
	struct laptops which;
	struct revocation what;
	status st;

	if (!is_coordinator(h) || gone == NULL || l == NULL || n_trainers(t) < 3)
		return;
	st = laptops_find(l, gone->member, &which);
	if (st == ST_OK)
		st = laptops_may_revoke(l, &which, &what);
	if (st == ST_OK)
		st = laptops_revoke(l, &which);
	if (st != ST_OK) {
		/* Not known here yet, or somebody else was quicker. */
		h->complaint = (struct complaint){.id = PN_NONE};
		return;
	}
	for (size_t i = 0; i < which.n; i++)
		note_revoked(t, &which.items[i].id);
	t->counts.revocations++;
	town_say(t, "  revokes %zu laptops of %s", which.n, gone->member);
	(void)home_sync(h, NULL);
	if (t->n_taken + 1 < t->n_spares && town_chance(t, 50) &&
	    !laptops_revoking(home_open(h)))
		(void)town_invite(t, h, gone->member, ROLE_TRAINER, NULL);
}

/* ---- erasure ---- */

void
act_erase(struct home *h)
{
	struct town *t = h->town;
	struct laptop *l = home_open(h);
	struct person_id *pids;
	const char *codes[PERSONS_MAX] = {NULL};
	struct edit *e = NULL;
	size_t n = 0;
	status st;

	if (!is_coordinator(h) || h->space != t->sk || t->n_persons == 0 || l == NULL ||
	    t->n_erased == PERSONS_MAX)
		return;
	st = erasing_pids(l, &t->persons[town_below(t, t->n_persons)], &pids, &n);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = erasing_write(e, l, pids, n, 1, codes);
	if (st == ST_OK)
		st = edit_commit(e, NULL);
	else
		edit_abandon(e);
	if (st == ST_OK) {
		t->erased[t->n_erased++] = person_key_of(&pids[0]).n;
		t->counts.erased++;
		town_say(t, "  erases %016llx",
		    (unsigned long long)t->erased[t->n_erased - 1]);
		st = erasing_bury(l, NULL);
	}
	if (st != ST_OK && !h->is_crashed)
		town_fail(t, "%s cannot erase: %s %s", h->member, l->trouble.text,
		    h->complaint.why);
	if (h->is_crashed)
		home_close(h);
}

/* ---- bundles ---- */

/* What lies on the stick; the oldest goes first. */
static void
leave(struct town *t, struct span file)
{
	struct bundle *b = &t->stick[t->n_bundles % BUNDLES_MAX];

	b->bytes = arena_copy(t->memory, file);
	t->n_bundles++;
}

static void
take(struct home *h, const struct bundle *b)
{
	struct town *t = h->town;
	struct laptop *l = home_open(h);
	struct carry_report r = {0};
	uint64_t time_s = 0;
	status st;

	if (l == NULL)
		return;
	st = carry_take(l, "bundle", b->bytes, &time_s, &r);
	if (st != ST_OK)
		town_fail(t, "%s cannot take a bundle: %s %s", h->member,
		    h->complaint.why, l->trouble.text);
	t->counts.bundles++;
	t->counts.unread_bundles += r.batches.n_unopened > 0;
	if (h->is_crashed)
		home_close(h);
}

/* One flipped bit, anywhere: nothing of the file is taken. */
static void
take_damaged(struct home *h, const struct bundle *b)
{
	struct town *t = h->town;
	struct laptop *l = home_open(h);
	struct span file = arena_copy(t->memory, b->bytes);
	uint8_t *bytes = (uint8_t *)(uintptr_t)file.bytes;
	struct carry_report r = {0};
	uint64_t time_s = 0;

	bytes[town_below(t, file.len)] ^= (uint8_t)(1u << town_below(t, 8));
	if (l != NULL && carry_take(l, "bundle", file, &time_s, &r) == ST_OK)
		town_fail(t, "%s takes a damaged bundle", h->member);
	h->complaint = (struct complaint){.id = PN_NONE};
}

void
act_carry(struct home *h)
{
	struct town *t = h->town;
	struct laptop *l = home_open(h);
	struct arena *a = arena_new(0);
	struct span file;

	if (l != NULL && town_chance(t, 60)) {
		if (carry_make(l, a, &file) == ST_OK)
			leave(t, file);
		else
			town_fail(t, "%s makes no bundle: %s %s", h->member,
			    h->complaint.why, l->trouble.text);
	} else if (l != NULL && t->n_bundles > 0) {
		size_t n = t->n_bundles < BUNDLES_MAX ? t->n_bundles : BUNDLES_MAX;
		const struct bundle *b = &t->stick[town_below(t, n)];

		if (town_chance(t, 15))
			take_damaged(h, b);
		else
			take(h, b);
	}
	arena_free(a);
}

/* ---- copies and images ---- */

void
act_copy(struct home *h)
{
	if (h->town->n_homes + 4 >= HOMES_MAX)
		return;
	(void)home_copy(h);
	h->town->counts.copies++;
}

/* An image of a disk, and the day when it is put back. What was not sent since is lost:
 * it was in that laptop alone. */
void
act_restore(struct home *h)
{
	struct town *t = h->town;
	char past[FOLDER_BYTES + 8];

	/* Out of bounds (README.md): the server may lose the key boxes that he gets back
	 * his own keys from. */
	if (t->past_of == NULL && h->role != ROLE_TRAINER &&
	    (t->faults & (OLD_SERVER | LOST_SERVER)) != 0)
		return;
	(void)snprintf(past, sizeof past, "%s/past", t->dir);
	if (t->past_of == NULL) {
		folder_copy(h->dir, past);
		t->past_of = h;
		return;
	}
	h = t->past_of;
	t->past_of = NULL;
	home_close(h);
	folder_copy(past, h->dir);
	home_forget_unsure(h);
	if (h->role == ROLE_COORDINATOR)
		t->n_erased_unsure = t->n_erased;
	h->restored_at = t->n_tokens;
	t->counts.restores++;
}

/* ---- the server ---- */

/* A laptop that knows the whole log of the space and that the backup knows: it takes
 * nothing back from a stranger. NULL if there is none. */
static struct home *
who_knows(struct town *t, uint16_t space, uint32_t len)
{
	size_t from = town_below(t, t->n_homes);

	for (size_t i = 0; i < t->n_homes; i++) {
		struct home *h = &t->homes[(from + i) % t->n_homes];
		struct laptop *l;
		uint32_t known = 0;

		/* The office has the logs of all. */
		if ((space != 0 && h->space != space && h != t->homes) ||
		    !home_is_in_play(h) || h >= t->homes + t->n_backup_homes)
			continue;
		l = home_open(h);
		if (l != NULL && logs_len(l, space, &known) == ST_OK && known >= len)
			return h;
	}
	return NULL;
}

/* A membership record that only one laptop knows could be overtaken by another one: that
 * is a fork, and no promise. So whoever knows all of a log comes first, as the operator's
 * manual asks. */
struct log_lens {
	uint32_t len[3];
};

static bool
somebody_knows(struct town *t, struct log_lens *out)
{
	const uint16_t spaces[] = {0, t->sk, t->cz};

	for (size_t i = 0; i < 3; i++) {
		out->len[i] = town_log_len(t, spaces[i]);
		if (who_knows(t, spaces[i], out->len[i]) == NULL)
			return false;
	}
	return true;
}

static void
give_logs_back(struct town *t, const struct log_lens *lens)
{
	const uint16_t spaces[] = {0, t->sk, t->cz};

	for (size_t i = 0; i < 3; i++) {
		if (town_log_len(t, spaces[i]) < lens->len[i])
			(void)home_sync(who_knows(t, spaces[i], lens->len[i]), NULL);
		if (town_log_len(t, spaces[i]) < lens->len[i])
			town_fail(t, "log %zu stays short after a loss", i);
	}
}

/* What a server that is not what it was begins with: its operator's word that laptops may
 * give back what it lost. */
static void
start_again(struct town *t)
{
	t->is_recovery_open = true;
	town_start_server(t);
	t->has_new_epoch = false;
	t->was_rolled_back = true;
	t->backup_records = 0;
	for (size_t i = 0; i < t->n_homes; i++)
		home_was_rolled_back(&t->homes[i]);
}

/* An older state of its files. */
void
act_roll_back(struct home *h)
{
	struct town *t = h->town;
	struct log_lens lens;
	char dir[FOLDER_BYTES + 16], kept[FOLDER_BYTES + 16];

	(void)snprintf(dir, sizeof dir, "%s/server", t->dir);
	(void)snprintf(kept, sizeof kept, "%s/backup", t->dir);
	if (t->backup_records == 0 || !somebody_knows(t, &lens)) {
		pipe_pump_stores(t->host);
		ram_disk_copy(dir, kept);
		t->backup_records = town_log_records(t);
		t->n_backup_homes = t->n_homes;
		return;
	}
	town_stop_server(t);
	ram_disk_copy(kept, dir);
	t->has_new_epoch = town_chance(t, 50);
	rng_fill(&t->rng, t->epoch.bytes, sizeof t->epoch.bytes);
	start_again(t);
	t->counts.rollbacks++;
	give_logs_back(t, &lens);
}

/* None of its files is left but its key. It knows nobody then, so the office's laptop,
 * which has all logs, comes first. */
void
act_lose_server(struct home *h)
{
	struct town *t = h->town;
	struct home *office = &t->homes[0];
	struct log_lens lens;
	char dir[FOLDER_BYTES + 16];

	office->is_asleep = false;
	t->n_backup_homes = 1;
	if (!home_sync(office, NULL) || !somebody_knows(t, &lens))
		return;
	(void)snprintf(dir, sizeof dir, "%s/server", t->dir);
	town_stop_server(t);
	ram_disk_remove(dir);
	rng_fill(&t->rng, t->epoch.bytes, sizeof t->epoch.bytes);
	start_again(t);
	t->counts.losses++;
	town_say(t, "  the server is lost");
	(void)home_sync(office, NULL);
	give_logs_back(t, &lens);
}
