/* laptop.c - opens the data folder: vault, replica, who this device is. */
#include "client/laptop/laptop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base32.h"
#include "base/date.h"
#include "client/laptop/catch_up.h"
#include "client/laptop/counts.h"
#include "client/laptop/pending_batch.h"
#include "client/laptop/records.h"
#include "client/laptop/reseal.h"
#include "client/laptop/typed.h"
#include "client/laptop/unlock.h"
#include "crypto/sign.h"
#include "net/os_clock.h"
#include "net/os_rng.h"
#include "store/replica.h"
#include "store/sealed_vfs.h"

enum { OPEN_TRIES = 50, OPEN_WAIT_MS = 100 };

const char *
laptop_folder(const char *option, struct arena *a)
{
	const char *from;

	if (option != NULL)
		return option;
	from = getenv("PNET_DATA");
	if (from != NULL && *from != '\0')
		return arena_text(a, "%s", from);
	from = getenv("XDG_DATA_HOME");
	if (from != NULL && *from != '\0')
		return arena_text(a, "%s/pnet", from);
	from = getenv("HOME");
	return arena_text(a, "%s/.local/share/pnet", from == NULL ? "" : from);
}

/* As mkdir -p, private. */
static status
make_folder(const char *dir, struct trouble *t)
{
	char part[4096];
	size_t len = strlen(dir);

	if (len == 0 || len >= sizeof part)
		return trouble_set(
		    t, ST_USAGE, "the name of the data folder is too long");
	memcpy(part, dir, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return trouble_set(t, ST_IO, "cannot make the folder %s", part);
		part[i] = dir[i];
	}
	return ST_OK;
}

/* Without a right to write in the folder not even reading works: SQLite keeps its log
 * beside the replica. */
static status
check_folder(struct laptop *l)
{
	status st;

	if (access(l->dir, R_OK | W_OK | X_OK) == 0 || errno == ENOENT)
		return ST_OK;
	st = complain(l->complaint, PN_D04,
	    "the folder %s cannot be read and written: %s", l->dir, strerror(errno));
	complain_data(l->complaint, "nothing was changed");
	complain_next(l->complaint,
	    "pnet status    as the user whose folder it is, or on a disk that is not "
	    "read-only");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static bool
is_in_folder(struct laptop *l, const char *name)
{
	return access(arena_text(l->arena, "%s/%s", l->dir, name), F_OK) == 0;
}

static status
complain_unsealed(struct complaint *c)
{
	(void)complain(c, PN_K05,
	    "its data is of an earlier version and not sealed; that takes a new "
	    "passphrase, "
	    "and there is nobody to ask");
	complain_what(c, "this laptop needs a passphrase");
	complain_next(c, "pnet unlock    on a terminal");
	complain_next(
	    c, "pnet unlock --passphrase-file FILE    whose first line is the new one");
	return ST_NOT_JOINED;
}

/* A folder of an earlier version: its owner chooses a passphrase, and it is sealed. */
static status
take_over(struct laptop *l, const struct passphrase_source *s, struct vault_secrets *out)
{
	struct passphrase *phrase;
	status st;

	if (!is_in_folder(l, DEVICE_KEY_NAME))
		return trouble_set(
		    &l->trouble, ST_CORRUPT, "%s/" DEVICE_KEY_NAME " is missing", l->dir);
	if (!passphrase_is_at_hand(s))
		return complain_unsealed(l->complaint);
	phrase = passphrase_new();
	if (phrase == NULL)
		return trouble_set(
		    &l->trouble, ST_NO_MEMORY, "no memory for a passphrase");
	fprintf(stderr,
	    "[..] the data in %s is of an earlier version: it is sealed now\n", l->dir);
	st = passphrase_choose(s, "this laptop", &l->rng, l->complaint, phrase);
	if (st == ST_OK)
		st =
		    reseal_take_over(l->dir, phrase, &s->cost, &l->rng, out, &l->trouble);
	passphrase_free(phrase);
	if (st == ST_OK)
		fprintf(stderr, "[ok] sealed; the files of the earlier version are "
				"overwritten and gone\n");
	return st;
}

/* Page key and device seed, from wherever this folder has them. */
static status
find_secrets(struct laptop *l, const struct laptop_place *place, bool may_create,
    struct vault_secrets *out)
{
	const struct passphrase_source *s = &place->phrase;

	if (place->known != NULL) {
		memcpy(out, place->known, sizeof *out);
		return ST_OK;
	}
	if (reseal_is_plain(l->dir))
		return take_over(l, s, out);
	if (is_in_folder(l, VAULT_NAME) || is_in_folder(l, REPLICA_NAME))
		return unlock(l->dir, s, l->complaint, out);
	if (!may_create)
		return trouble_set(&l->trouble, ST_CORRUPT, "no vault in %s", l->dir);
	return unlock_new(l->dir, s, &l->rng, l->complaint, out);
}

/* From here on what is written to the replica is sealed. */
static status
take_secrets(struct laptop *l, const struct laptop_place *place, bool may_create)
{
	struct vault_secrets *secrets = secrets_new();
	const struct rng rng = os_rng();
	status st = secrets == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for the keys")
			: find_secrets(l, place, may_create, secrets);

	if (st == ST_OK) {
		keyring_set_device(l->keys, &secrets->seed);
		(void)snprintf(l->vfs, sizeof l->vfs, "pnet-%p", (void *)l);
		st = sealed_vfs_register(
		    l->vfs, NULL, &secrets->page_key, &rng, &l->trouble);
		if (st != ST_OK)
			l->vfs[0] = '\0';
	}
	secrets_free(secrets);
	return st;
}

static status
open_replica(struct laptop *l, bool may_create)
{
	const char *path = arena_text(l->arena, "%s/" REPLICA_NAME, l->dir);
	status st = ST_BUSY;

	for (int i = 0; i < OPEN_TRIES && st == ST_BUSY; i++) {
		const struct timespec wait = {0, OPEN_WAIT_MS * 1000000};

		if (i > 0)
			(void)nanosleep(&wait, NULL);
		st = replica_open(&l->db, path, l->vfs, may_create, &l->trouble);
	}
	if (st == ST_BUSY) {
		(void)complain(l->complaint, PN_D03, "%s; waited 5 s", l->trouble.text);
		complain_data(l->complaint, "nothing was changed by this call");
		complain_next(l->complaint, "pnet status    when the other one is done");
	}
	return st;
}

static void
load_self(struct laptop *l)
{
	struct self *s = &l->self;
	const char *member = laptop_meta_text(l, "member");
	struct span blob;

	s->has_joined = member != NULL;
	if (member != NULL)
		(void)snprintf(s->member, sizeof s->member, "%s", member);
	s->role = (enum member_role)laptop_meta_int(l, "role", 0);
	s->author.home = (uint16_t)laptop_meta_int(l, "home", 0);
	s->author.device = (uint16_t)laptop_meta_int(l, "incarnation", 0);
	member = laptop_meta_text(l, "home_code");
	s->home = space_of(member == NULL ? "" : member);
	member = laptop_meta_text(l, "server");
	(void)snprintf(s->server, sizeof s->server, "%s", member == NULL ? "" : member);
	blob = laptop_meta_blob(l, "network");
	if (blob.len == sizeof s->network.bytes)
		memcpy(s->network.bytes, blob.bytes, blob.len);
	blob = laptop_meta_blob(l, "server_key");
	if (blob.len == sizeof s->server_key.bytes)
		memcpy(s->server_key.bytes, blob.bytes, blob.len);
	s->device = derive_device_id(&keyring_device(l->keys)->pk);
	l->clock.seconds = (uint64_t)laptop_meta_int(l, "hlc_seconds", 0);
	l->clock.counter = (uint32_t)laptop_meta_int(l, "hlc_counter", 0);
}

/* The civil day of the clock, in local time. */
static uint32_t
day_of(uint64_t now_ms)
{
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm tm;
	uint32_t days = 0;

	(void)localtime_r(&seconds, &tm);
	(void)date_of_civil(
	    (struct civil){tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday}, &days);
	return days;
}

static status
fill(struct laptop *l, const struct laptop_place *place, bool may_create)
{
	struct clock_source clock = os_clock();
	const char *today = place->today;
	status st = ST_OK;

	l->now_ms = clock.now_ms(clock.ctx);
	l->today = day_of(l->now_ms);
	if (today != NULL && !date_parse(span_text(today), &l->today))
		return complain(
		    l->complaint, PN_V03, "--today wants YYYY-MM-DD, not %s", today);
	l->checks = sign_checks();
	l->codec = body_codec_new();
	l->keys = keyring_new();
	if (l->codec == NULL || l->keys == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for the keys");
	if (may_create)
		st = make_folder(l->dir, &l->trouble);
	if (st == ST_OK)
		st = take_secrets(l, place, may_create);
	if (st == ST_OK)
		st = open_replica(l, may_create);
	if (st != ST_OK)
		return st;
	l->queries = queries_new(l->db);
	l->typed = typed_sql_new();
	if (l->queries == NULL || l->typed == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for statements");
	load_self(l);
	return catch_up(l);
}

/* The office that has founded a network and named no server yet; who no longer sees what
 * `network found` printed finds the network's id here. */
static status
no_server_yet(struct laptop *l)
{
	char id[BASE32_SYMBOLS(sizeof l->self.network) + 1];
	status st = complain(l->complaint, PN_K04,
	    "the network is founded, but its server is not named yet");

	base32_write(span_of(l->self.network.bytes, sizeof l->self.network.bytes), id);
	complain_next(l->complaint,
	    "pnetd init DIR --network %s    on the server, unless that is done", id);
	complain_next(l->complaint,
	    "pnet network server HOST:PORT KEY    with what pnetd init printed");
	return st;
}

static status
not_joined(struct complaint *complaint, const char *dir)
{
	status st = complain(complaint, PN_K04, "there is no joined replica in %s", dir);

	complain_data(complaint, "nothing was changed");
	complain_next(
	    complaint, "pnet join CODE    with the invite code of your coordinator");
	return st;
}

/* Everything before the folder is read: may it be, is it whole, is it there at all? */
static status
look_at_folder(struct laptop *l, const struct laptop_place *place, bool must_exist)
{
	status st = check_folder(l);

	if (st == ST_OK && place->known == NULL)
		st = reseal_resume(l->dir, &l->rng, &l->trouble);
	if (st == ST_OK && must_exist && !is_in_folder(l, REPLICA_NAME))
		st = not_joined(l->complaint, l->dir);
	return st;
}

status
laptop_open(const struct laptop_place *place, bool must_exist,
    struct complaint *complaint, struct laptop **out)
{
	struct laptop *l = calloc(1, sizeof *l);
	status st = ST_OK;

	*out = NULL;
	if (l != NULL)
		l->arena = arena_new(0);
	if (l == NULL || l->arena == NULL) {
		free(l);
		return complain(complaint, PN_X01, "out of memory");
	}
	l->complaint = complaint;
	l->rng = os_rng();
	l->phrase = place->phrase;
	l->dir = strdup(laptop_folder(place->dir, l->arena));
	if (l->dir == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	else
		st = look_at_folder(l, place, must_exist);
	if (st == ST_OK)
		st = fill(l, place, !must_exist);
	if (st == ST_OK) {
		*out = l;
		return ST_OK;
	}
	l->trouble.code = st;
	st = laptop_fail(l);
	laptop_close(l);
	return st;
}

status
laptop_open_joined(
    const struct laptop_place *place, struct complaint *complaint, struct laptop **out)
{
	status st = laptop_open(place, true, complaint, out);

	if (st == ST_OK && !(*out)->self.has_joined) {
		st = laptop_meta_text(*out, "founder") != NULL
			 ? no_server_yet(*out)
			 : not_joined(complaint, (*out)->dir);
		laptop_close(*out);
		*out = NULL;
	}
	return st;
}

void
laptop_raise_counts(struct laptop *l, size_t more)
{
	struct counts was = {0};
	struct waiting waiting;
	bool is_known = counts_read(l->dir, &was);

	if (!l->self.has_joined)
		return;
	if (is_known && more != SIZE_MAX) {
		was.changes += more;
		if (more > 0)
			counts_write(l->dir, &was);
		return;
	}
	if (records_waiting(l, &waiting) != ST_OK ||
	    (is_known && was.changes >= waiting.changes))
		return;
	counts_write(l->dir,
	    &(struct counts){waiting.changes, laptop_meta_int(l, "last_sync_ms", 0)});
}

/* If this command changed anything, what waits may be another number now. */
static void
keep_counts(struct laptop *l)
{
	struct waiting waiting;

	if (l->queries == NULL || !l->self.has_joined || db_in_transaction(l->db) ||
	    sqlite3_total_changes64(db_handle(l->db)) == 0 ||
	    records_waiting(l, &waiting) != ST_OK)
		return;
	counts_write(l->dir,
	    &(struct counts){waiting.changes, laptop_meta_int(l, "last_sync_ms", 0)});
}

void
laptop_close(struct laptop *l)
{
	if (l == NULL)
		return;
	keep_counts(l);
	queries_free(l->queries);
	typed_sql_free(l->typed);
	db_close(l->db);
	if (l->vfs[0] != '\0')
		sealed_vfs_unregister(l->vfs);
	keyring_free(l->keys);
	body_codec_free(l->codec);
	pending_batch_free(l->pending);
	arena_free(l->arena);
	free(l->dir);
	free(l);
}

status
laptop_run_on(struct laptop *l, const char *sql, int64_t n)
{
	struct query *q = query_of(l->queries, sql);

	query_int(q, n);
	return query_run(q, &l->trouble);
}

status
laptop_fail(struct laptop *l)
{
	if (l->complaint->id != PN_NONE)
		return l->trouble.code != ST_OK ? l->trouble.code : ST_BUG;
	return complain_trouble(l->complaint, &l->trouble);
}

static struct query *
meta_get(struct laptop *l, const char *key)
{
	struct query *q = query_of(l->queries, "SELECT value FROM r_meta WHERE key = ?");

	query_text(q, key);
	return q;
}

const char *
laptop_meta_text(struct laptop *l, const char *key)
{
	struct query *q = meta_get(l, key);
	const char *out = NULL;

	if (query_row(q) && !query_column_is_null(q, 0))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)query_done(q, NULL);
	return out;
}

struct span
laptop_meta_blob(struct laptop *l, const char *key)
{
	struct query *q = meta_get(l, key);
	struct span out = {NULL, 0};

	if (query_row(q) && !query_column_is_null(q, 0))
		out = arena_copy(l->arena, query_column_span(q, 0));
	(void)query_done(q, NULL);
	return out;
}

int64_t
laptop_meta_int(struct laptop *l, const char *key, int64_t absent)
{
	struct query *q = meta_get(l, key);
	int64_t out = absent;

	if (query_row(q) && !query_column_is_null(q, 0))
		out = query_column_int(q, 0);
	(void)query_done(q, NULL);
	return out;
}

static struct query *
meta_set(struct laptop *l, const char *key)
{
	struct query *q =
	    query_of(l->queries, "INSERT OR REPLACE INTO r_meta VALUES(?, ?)");

	query_text(q, key);
	return q;
}

status
laptop_set_meta_text(struct laptop *l, const char *key, const char *value)
{
	struct query *q = meta_set(l, key);

	query_text(q, value);
	return query_run(q, &l->trouble);
}

status
laptop_set_meta_blob(struct laptop *l, const char *key, struct span value)
{
	struct query *q = meta_set(l, key);

	query_span(q, value);
	return query_run(q, &l->trouble);
}

status
laptop_set_meta_int(struct laptop *l, const char *key, int64_t value)
{
	struct query *q = meta_set(l, key);

	query_int(q, value);
	return query_run(q, &l->trouble);
}

status
laptop_become(
    struct laptop *l, const struct self *self, const char *member, const char *server)
{
	char home[5] = {0};
	status st;

	memcpy(home, self->home.text, sizeof self->home.text);
	st = laptop_set_meta_text(l, "member", member);
	if (st == ST_OK)
		st = laptop_set_meta_text(l, "server", server);
	if (st == ST_OK)
		st = laptop_set_meta_text(l, "home_code", home);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, "role", self->role);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, "home", self->author.home);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, "incarnation", self->author.device);
	if (st == ST_OK)
		st = laptop_set_meta_blob(l, "server_key",
		    span_of(self->server_key.bytes, sizeof self->server_key.bytes));
	if (st == ST_OK)
		st = laptop_set_meta_blob(l, "network",
		    span_of(self->network.bytes, sizeof self->network.bytes));
	if (st == ST_OK)
		load_self(l);
	return st;
}
