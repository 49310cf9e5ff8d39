/* whole_town.c - founds a network over the line in memory: server, office, two countries,
 * their people. */
#include "whole_town.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/actions/network.h"
#include "client/sync/intents.h"
#include "crypto/sign.h"
#include "net/os_clock.h"
#include "ram_disk.h"
#include "server/host.h"
#include "store/store_sqlite.h"

#define START_MS 1800000000000u
#define ODD 0x9e3779b97f4a7c15u

void
town_fail(struct town *t, const char *why, ...)
{
	va_list args;

	if (t->failure[0] != '\0')
		return;
	va_start(args, why);
	(void)vsnprintf(t->failure, sizeof t->failure, why, args);
	va_end(args);
}

bool
town_has_failed(const struct town *t)
{
	return t->failure[0] != '\0';
}

void
town_say(const struct town *t, const char *what, ...)
{
	va_list args;

	if (!t->is_verbose)
		return;
	va_start(args, what);
	(void)vprintf(what, args);
	va_end(args);
	(void)putchar('\n');
}

uint64_t
town_below(struct town *t, uint64_t bound)
{
	return rng_below(&t->rng, bound);
}

bool
town_is_erased(const struct town *t, uint64_t person)
{
	for (size_t i = 0; i < t->n_erased; i++)
		if (t->erased[i] == person)
			return true;
	return false;
}

bool
town_chance(struct town *t, unsigned percent)
{
	return town_below(t, 100) < percent;
}

/* ---- folders ---- */

static void
copy_file(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = 0;

	while (in >= 0 && out >= 0 && (n = read(in, bytes, sizeof bytes)) > 0)
		if (write(out, bytes, (size_t)n) != n)
			abort();
	if (in < 0 || out < 0 || n < 0)
		abort();
	(void)close(in);
	(void)close(out);
}

static void
empty_folder(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[2 * FOLDER_BYTES + 300];

		(void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(path);
	}
	if (d != NULL)
		(void)closedir(d);
}

void
folder_copy(const char *from, const char *to)
{
	DIR *d = opendir(from);
	const struct dirent *e;

	if (d == NULL)
		abort();
	(void)mkdir(to, 0700);
	empty_folder(to);
	ram_disk_copy(from, to);
	while ((e = readdir(d)) != NULL) {
		char in[2 * FOLDER_BYTES + 300], out[2 * FOLDER_BYTES + 300];

		(void)snprintf(in, sizeof in, "%s/%s", from, e->d_name);
		(void)snprintf(out, sizeof out, "%s/%s", to, e->d_name);
		if (e->d_name[0] != '.')
			copy_file(in, out);
	}
	(void)closedir(d);
}

/* ---- laptops ---- */

static int
on_commit(void *ctx)
{
	struct home *h = ctx;

	if (h->commits_left == 0 || --h->commits_left > 0)
		return 0;
	h->is_crashed = true;
	return 1; /* the commit becomes a rollback, and the program stops */
}

bool
home_is_in_play(const struct home *h)
{
	return !h->is_revoked && !h->is_asleep;
}

void
home_crash_after(struct home *h, unsigned commits)
{
	h->commits_left = commits;
}

struct laptop *
home_open(struct home *h)
{
	const struct laptop_place place = {.dir = h->dir, .known = &h->secrets};

	memset(&h->complaint, 0, sizeof h->complaint);
	if (h->l == NULL && laptop_open(&place, false, &h->complaint, &h->l) != ST_OK) {
		town_fail(
		    h->town, "%s cannot be opened: %s", h->member, h->complaint.why);
		return NULL;
	}
	h->l->rng = (struct rng){rng_seeded(&h->seed, h->seed.state).fill, &h->seed};
	h->l->now_ms = (uint64_t)((int64_t)h->town->now_ms + h->skew_s * 1000);
	h->l->today = (uint32_t)(h->l->now_ms / 86400000);
	(void)sqlite3_commit_hook(db_handle(h->l->db), on_commit, h);
	return h->l;
}

/* The secrets of a device and its empty replica, made ahead: making the tables is dear,
 * so all but the first are copies of it, under its page key. */
static void
make_spare(struct town *t)
{
	struct home *h = &t->spares[t->n_spares];
	const struct rng rng = {t->rng.fill, &h->seed};

	*h = (struct home){.town = t};
	(void)snprintf(h->dir, sizeof h->dir, "%.200s/laptop-%zu", t->dir, t->n_spares++);
	(void)mkdir(h->dir, 0700);
	h->seed.state = t->number * 1000003 + t->n_spares;
	rng_fill(&rng, &h->secrets, sizeof h->secrets);
	if (h == t->spares) {
		(void)home_open(h);
		home_close(h);
	} else {
		h->secrets.page_key = t->spares[0].secrets.page_key;
		folder_copy(t->spares[0].dir, h->dir);
	}
}

void
home_close(struct home *h)
{
	laptop_close(h->l);
	h->l = NULL;
	h->commits_left = 0;
	h->is_crashed = false;
}

static void
seed_home(struct home *h)
{
	struct rng *rng = &h->town->rng;

	h->seed.state = rng_u64(rng);
}

struct home *
home_new(struct town *t, const char *member, enum member_role role)
{
	struct home *h = &t->homes[t->n_homes];

	if (t->n_homes == HOMES_MAX || t->n_taken == t->n_spares)
		abort();
	*h = t->spares[t->n_taken++];
	h->role = role;
	(void)snprintf(h->member, sizeof h->member, "%s", member);
	t->n_homes++;
	if (home_open(h) == NULL)
		return h;
	h->device = derive_device_id(&keyring_device(h->l->keys)->pk);
	h->l->complaint = &h->complaint;
	seed_home(h);
	return h;
}

struct home *
home_copy(struct home *h)
{
	struct town *t = h->town;
	struct home *copy = &t->homes[t->n_homes];

	if (t->n_homes == HOMES_MAX)
		abort();
	*copy = (struct home){.town = t,
	    .role = h->role,
	    .space = h->space,
	    .skew_s = h->skew_s,
	    .secrets = h->secrets,
	    .device = h->device,
	    .n_sure = h->n_sure,
	    .is_revoked = h->is_revoked};
	(void)snprintf(copy->member, sizeof copy->member, "%s", h->member);
	(void)snprintf(
	    copy->dir, sizeof copy->dir, "%.200s/copy-%zu", t->dir, t->n_homes++);
	seed_home(copy);
	folder_copy(h->dir, copy->dir);
	return copy;
}

/* The server has all that was saved here. */
static bool
is_settled(struct home *h, const struct sync_report *r)
{
	struct waiting waiting = {0};

	return r->is_complete && r->n_refused == 0 &&
	       records_waiting(h->l, &waiting) == ST_OK && waiting.changes == 0 &&
	       intents_count(h->l) == 0;
}

void
home_forget_unsure(struct home *h)
{
	struct town *t = h->town;

	for (size_t i = h->n_sure; i < t->n_tokens; i++)
		if (&t->homes[t->tokens[i].home] == h)
			t->tokens[i].is_unsure = true;
}

void
home_was_rolled_back(struct home *h)
{
	struct town *t = h->town;

	for (size_t i = 0; i < t->n_tokens; i++)
		if (&t->homes[t->tokens[i].home] == h &&
		    (h->is_revoked || i < h->restored_at))
			t->tokens[i].is_unsure = true;
	h->n_sure = 0;
}

bool
home_sync(struct home *h, struct sync_report *out)
{
	struct sync_report ignored;
	struct laptop *l = home_open(h);
	status st;

	if (l == NULL)
		return false;
	out = out == NULL ? &ignored : out;
	st = sync_run(l, 0, out);
	h->town->counts.syncs++;
	if (st == ST_OK && is_settled(h, out))
		h->n_sure = h->town->n_tokens;
	h->town->counts.renewals += out->has_renewed;
	h->town->counts.turned_away += h->complaint.id == PN_K02;
	if (st != ST_OK)
		town_say(h->town, "  %s: %s / %s", h->member, h->complaint.why,
		    l->trouble.text);
	if (h->is_crashed)
		home_close(h);
	return st == ST_OK;
}

struct home *
town_invite(struct town *t, struct home *by, const char *member, enum member_role role,
    const char *country)
{
	const struct invite_wish wish = {member, role, country, 14};
	char code[INVITE_TEXT_MAX + 1];
	struct joined joined;
	struct laptop *l = home_open(by);
	struct home *h;
	status st = l == NULL ? ST_BUG : network_invite(l, &wish, code);

	if (st != ST_OK && l != NULL) {
		/* A copy has asked for an identity of its own: a sync gets it. */
		(void)home_sync(by, NULL);
		l = home_open(by);
		st = l == NULL ? ST_BUG : network_invite(l, &wish, code);
	}
	if (st != ST_OK) {
		town_fail(t, "%s cannot invite %s: %s %s", by->member, member,
		    by->complaint.why, l == NULL ? "" : l->trouble.text);
		return NULL;
	}
	h = home_new(t, member, role);
	l = home_open(h);
	if (l == NULL || network_join(l, code, &joined) != ST_OK) {
		town_fail(t, "%s cannot join: %s %s", member, h->complaint.why,
		    l == NULL ? "" : l->trouble.text);
		return NULL;
	}
	h->space = l->self.author.home;
	t->counts.joins++;
	return h;
}

/* ---- the server ---- */

static uint64_t
town_clock(void *ctx)
{
	const struct town *t = ctx;

	return t->now_ms;
}

static uint64_t
town_mono(void *ctx)
{
	(void)ctx;
	return os_mono_ms();
}

static void
ignore(void *ctx, enum store_result r, const struct trouble *trouble)
{
	(void)ctx;
	(void)r;
	(void)trouble;
}

static status
open_store(void *ctx, const char *name, struct store **out, struct trouble *trouble)
{
	struct town *t = ctx;
	char path[FOLDER_BYTES + 32];
	struct store_sqlite_config config = {.path = path,
	    .may_create = true,
	    .epoch = t->epoch,
	    .checks = &t->checks,
	    .loop = NULL};
	status st;

	(void)snprintf(path, sizeof path, "%s/server/%s", t->dir, name);
	st = store_sqlite_open(out, &config, trouble);
	if (st == ST_OK && t->has_new_epoch) {
		store_restore(*out, &t->epoch, 0, NULL, ignore, NULL);
		while (store_pump(*out) > 0)
			;
	}
	return st;
}

static void
on_ready(void *ctx, status st, const struct trouble *trouble)
{
	struct town *t = ctx;

	t->is_ready = st == ST_OK;
	if (st != ST_OK)
		town_fail(t, "the server: %s", trouble->text);
}

static void
on_stopped(void *ctx)
{
	struct town *t = ctx;

	t->is_stopped = true;
}

void
town_start_server(struct town *t)
{
	struct host_config how = {.config = &t->config,
	    .secret = &t->secret,
	    .checks = t->checks,
	    .opener = {t, open_store},
	    .clock = {town_clock, town_mono, t},
	    .rng = rng_seeded(&t->server_seed, rng_u64(&t->rng)),
	    .ctx = t,
	    .on_ready = on_ready,
	    .on_stopped = on_stopped};
	status st;

	config_init(&t->config);
	t->config.network = t->network;
	t->config.is_recovery_open = t->is_recovery_open;
	memset(&t->config.limits, 0, sizeof t->config.limits);
	memset(t->secret.bytes, 0x55, sizeof t->secret.bytes);
	derive_transport_pk(&t->secret, &how.transport);
	t->loop = malloc(sizeof *t->loop);
	if (t->loop == NULL || uv_loop_init(t->loop) != 0)
		abort();
	t->net = net_loop_new(t->loop);
	t->host = host_new(t->net, &how, &st, NULL);
	if (st != ST_OK)
		abort();
	pipe_pump_stores(t->host);
	pipe_serve(t->host);
}

void
town_stop_server(struct town *t)
{
	pipe_serve(NULL);
	if (t->host == NULL)
		return;
	host_stop(t->host);
	(void)uv_run(t->loop, UV_RUN_DEFAULT);
	host_free(t->host);
	(void)uv_loop_close(t->loop);
	free(t->loop);
	net_loop_free(t->net);
	t->host = NULL;
}

uint64_t
town_heard(const struct town *t)
{
	return t->host->n.pushes_stored + t->host->n.appends;
}

uint32_t
town_log_len(const struct town *t, uint16_t space)
{
	return membership_log_len(t->host->m, space);
}

uint64_t
town_log_records(const struct town *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->host->n_spaces; i++)
		n += membership_log_len(t->host->m, t->host->spaces[i]->position);
	return n;
}

/* ---- founding ---- */

static void
found(struct town *t)
{
	struct home *office = home_new(t, "OF-1", ROLE_OFFICE);
	struct laptop *l = home_open(office);
	struct transport_pk key;
	struct sign_seed root;
	status st = ST_BUG;

	rng_fill(&t->rng, root.bytes, sizeof root.bytes);
	if (l != NULL)
		st = network_found(l, office->member, &root);

	if (st == ST_OK) {
		t->network = l->self.network;
		town_start_server(t);
		derive_transport_pk(&t->secret, &key);
		st = network_server(l, "server.example:7443", &key, &root);
	}
	if (st == ST_OK)
		st = network_country(l, "SK", &root);
	if (st == ST_OK)
		st = network_country(l, "CZ", &root);
	if (st == ST_OK)
		st = space_find(l, "SK", &t->sk);
	if (st == ST_OK)
		st = space_find(l, "CZ", &t->cz);
	if (st != ST_OK)
		town_fail(t, "founding: %s %s", office->complaint.why,
		    l == NULL ? "" : l->trouble.text);
}

static void
people(struct town *t)
{
	struct home *office = &t->homes[0];
	struct home *n1 = NULL, *cz = NULL;

	n1 = town_invite(t, office, "SK-N1", ROLE_COORDINATOR, "SK");
	if (n1 != NULL && home_sync(n1, NULL))
		cz = town_invite(t, office, "CZ-N1", ROLE_COORDINATOR, "CZ");
	if (cz == NULL || !home_sync(cz, NULL))
		town_fail(t, "the coordinators cannot sync");
	if (!town_has_failed(t))
		(void)town_invite(t, n1, "SK-T1", ROLE_TRAINER, NULL);
	if (!town_has_failed(t))
		(void)town_invite(t, n1, "SK-T2", ROLE_TRAINER, NULL);
	if (!town_has_failed(t))
		(void)town_invite(t, cz, "CZ-T1", ROLE_TRAINER, NULL);
	if (!town_has_failed(t) && !act_workshop(n1))
		town_fail(t, "no first workshop: %s", n1->complaint.why);
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; !town_has_failed(t) && i < t->n_homes; i++)
			if (!home_sync(&t->homes[i], NULL))
				town_fail(t, "%s cannot sync at first: %s",
				    t->homes[i].member, t->homes[i].complaint.why);
}

void
town_reseed(struct town *t, uint64_t seed, bool is_verbose)
{
	t->number = seed;
	t->is_verbose = is_verbose;
	t->rng = rng_seeded(&t->seed, seed * ODD + 1);
	t->server_seed.state = rng_u64(&t->rng);
	for (size_t i = 0; i < t->n_homes; i++)
		seed_home(&t->homes[i]);
	(void)uv_loop_fork(t->loop);
}

struct town *
town_new(const char *folder, uint64_t seed, bool is_verbose)
{
	struct town *t = calloc(1, sizeof *t);
	char server[FOLDER_BYTES + 16];

	if (t == NULL || (t->memory = arena_new(0)) == NULL)
		abort();
	t->number = seed;
	t->is_verbose = is_verbose;
	t->now_ms = START_MS;
	memcpy(t->epoch.bytes, "EPOC", 4);
	t->checks = sign_checks();
	t->rng = rng_seeded(&t->seed, seed);
	(void)snprintf(
	    t->dir, sizeof t->dir, "%.180s/town-%llu", folder, (unsigned long long)seed);
	(void)mkdir(folder, 0700);
	(void)mkdir(t->dir, 0700);
	(void)snprintf(server, sizeof server, "%s/server", t->dir);
	(void)mkdir(server, 0700);
	ram_disk_install();
	live_begin();
	while (t->n_spares < SPARES_MAX)
		make_spare(t);
	for (size_t i = 0; i < t->n_spares; i++)
		(void)home_open(&t->spares[i]);
	found(t);
	if (!town_has_failed(t))
		people(t);
	return t;
}

static void
remove_folder(const char *dir)
{
	empty_folder(dir);
	(void)rmdir(dir);
}

void
town_sweep(struct town *t)
{
	DIR *d = opendir(t->dir);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char dir[FOLDER_BYTES + 300];

		(void)snprintf(dir, sizeof dir, "%s/%s", t->dir, e->d_name);
		if (strncmp(e->d_name, "copy-", 5) == 0 || strcmp(e->d_name, "past") == 0)
			remove_folder(dir);
	}
	if (d != NULL)
		(void)closedir(d);
}

void
town_free(struct town *t)
{
	char dir[FOLDER_BYTES + 16];

	for (size_t i = 0; i < t->n_homes; i++)
		home_close(&t->homes[i]);
	for (size_t i = t->n_taken; i < t->n_spares; i++)
		home_close(&t->spares[i]);
	town_stop_server(t);
	town_sweep(t);
	for (size_t i = 0; i < t->n_spares; i++)
		remove_folder(t->spares[i].dir);
	ram_disk_remove(t->dir);
	(void)snprintf(dir, sizeof dir, "%s/server", t->dir);
	remove_folder(dir);
	(void)rmdir(t->dir);
	*strrchr(t->dir, '/') = '\0';
	(void)rmdir(t->dir); /* the folder too, if no other schedule is played in it */
	arena_free(t->memory);
	free(t->tokens);
	free(t);
}
