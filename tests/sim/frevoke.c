/* frevoke.c - revokes the laptops of a member who has written nothing, from the laptop of
 * a coordinator: what the stories need to see a revoked laptop.
 *
 *	frevoke FOLDER MEMBER
 *
 * One record revokes the devices and rotates every scope of the country that they read
 * (DESIGN 3.3); nothing of theirs lies at the server, so no cut is named. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "client/logwork.h"
#include "crypto/keyring.h"

enum { DEVICES_MAX = 8 };

struct revoking {
	const char *member;
	size_t n;
	uint16_t devices[DEVICES_MAX];
};

static void
find_devices(const struct membership *m, uint16_t space, struct revoking *x)
{
	x->n = 0;
	for (size_t i = 0; i < membership_n_devices(m, space); i++) {
		const struct member_device *d = membership_device_at(m, space, i);

		if (!d->is_revoked && x->n < DEVICES_MAX &&
		    strcmp(d->member.text, x->member) == 0)
			x->devices[x->n++] = d->position;
	}
}

/* A fresh seed for the epoch that the record begins. */
static status
new_seed(struct laptop *l, uint16_t space, const struct rotation *r)
{
	struct query *q = query_of(l->queries, "INSERT OR REPLACE INTO r_seed(scope, "
					       "epoch, seed) SELECT id, ?, ? FROM r_scope"
					       " WHERE space = ? AND pos = ?");
	struct epoch_seed seed;
	status st;

	rng_fill(&l->rng, seed.bytes, sizeof seed.bytes);
	query_int(q, r->epoch);
	query_blob(q, seed.bytes, sizeof seed.bytes);
	query_int(q, space);
	query_int(q, r->scope);
	st = query_run(q, &l->trouble);
	explicit_bzero(&seed, sizeof seed);
	return st;
}

static status
build(struct logwork *w, void *ctx)
{
	struct laptop *l = w->l;
	struct revoking *x = ctx;
	const struct sign_sk *const keys[] = {&keyring_device(l->keys)->sign_sk};
	const struct draft_how how = {w->m, w->space, &l->self.author, w->server_time_s};
	struct draft_revoke wish = {.devices = x->devices};
	struct log_record draft;
	status st;

	find_devices(w->m, w->space, x);
	if (x->n == 0)
		return trouble_set(
		    &l->trouble, ST_NOT_FOUND, "no laptop of %s", x->member);
	wish.n_devices = x->n;
	st = draft_revoke(&how, &wish, l->arena, &draft, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < draft.revoke.n_rotations; i++)
		st = new_seed(l, w->space, &draft.revoke.rotations[i]);
	return st != ST_OK ? st : appends_add(w->appends, &draft, keys, 0, 0);
}

int
main(int argc, char **argv)
{
	struct complaint complaint = {0};
	struct laptop *l = NULL;
	struct revoking x = {.member = argc == 3 ? argv[2] : ""};
	struct logwork w = {.fetches = true, .build = build, .ctx = &x};
	status st;

	if (argc != 3) {
		fprintf(stderr, "usage: frevoke FOLDER MEMBER\n");
		return 64;
	}
	if (sodium_init() < 0)
		return 1;
	st = laptop_open_joined(argv[1], NULL, &complaint, &l);
	if (st != ST_OK) {
		complaint_print(&complaint, stderr);
		return 1;
	}
	w.l = l;
	w.server = l->self.server_key;
	w.address = l->self.server;
	w.incarnation = l->self.author.device;
	w.space = l->self.author.home;
	w.m = logs_load(l);
	st = w.m == NULL ? l->trouble.code : logwork_run(&w);
	if (st != ST_OK)
		fprintf(stderr, "frevoke: %s %s\n", l->trouble.text, complaint.why);
	membership_free(w.m);
	laptop_close(l);
	return st == ST_OK ? 0 : 1;
}
