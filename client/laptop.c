/* laptop.c - opens the data folder: replica, device key, who this device is. */
#include "client/laptop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "client/catch_up.h"
#include "client/typed.h"
#include "crypto/sign.h"
#include "net/os_clock.h"
#include "net/os_rng.h"
#include "store/replica.h"

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

/* The device seed: read, or drawn and written durably before anything uses it. */
static status
load_seed(struct laptop *l, bool may_create, struct device_seed *out)
{
	const char *path = arena_text(l->arena, "%s/device.key", l->dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd >= 0) {
		n = read(fd, out->bytes, sizeof out->bytes);
		(void)close(fd);
		if (n != (ssize_t)sizeof out->bytes)
			return trouble_set(&l->trouble, ST_CORRUPT,
			    "%s does not hold a device seed", path);
		return ST_OK;
	}
	if (!may_create)
		return trouble_set(&l->trouble, ST_CORRUPT, "%s is missing", path);
	rng_fill(&l->rng, out->bytes, sizeof out->bytes);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return trouble_set(&l->trouble, ST_IO, "cannot write %s", path);
	n = write(fd, out->bytes, sizeof out->bytes);
	if (fsync(fd) != 0 || n != (ssize_t)sizeof out->bytes) {
		(void)close(fd);
		return trouble_set(&l->trouble, ST_IO, "cannot write %s", path);
	}
	(void)close(fd);
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

static status
open_replica(struct laptop *l, bool may_create)
{
	const char *path = arena_text(l->arena, "%s/replica.db", l->dir);
	status st = ST_BUSY;

	for (int i = 0; i < OPEN_TRIES && st == ST_BUSY; i++) {
		const struct timespec wait = {0, OPEN_WAIT_MS * 1000000};

		if (i > 0)
			(void)nanosleep(&wait, NULL);
		st = replica_open(&l->db, path, NULL, may_create, &l->trouble);
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
fill(struct laptop *l, bool may_create, const char *today)
{
	struct clock_source clock = os_clock();
	struct device_seed seed;
	status st = ST_OK;

	l->now_ms = clock.now_ms(clock.ctx);
	l->today = day_of(l->now_ms);
	if (today != NULL && !date_parse(span_text(today), &l->today))
		return complain(
		    l->complaint, PN_V03, "--today wants YYYY-MM-DD, not %s", today);
	l->rng = os_rng();
	l->checks = sign_checks();
	l->codec = body_codec_new();
	l->keys = keyring_new();
	if (l->codec == NULL || l->keys == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for the keys");
	if (may_create)
		st = make_folder(l->dir, &l->trouble);
	if (st == ST_OK)
		st = load_seed(l, may_create, &seed);
	if (st == ST_OK)
		st = open_replica(l, may_create);
	if (st != ST_OK)
		return st;
	keyring_set_device(l->keys, &seed);
	explicit_bzero(&seed, sizeof seed);
	l->queries = queries_new(l->db);
	l->typed = typed_sql_new();
	if (l->queries == NULL || l->typed == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for statements");
	load_self(l);
	return catch_up(l);
}

/* The office that has founded a network and named no server yet. */
static status
no_server_yet(struct complaint *complaint)
{
	status st = complain(
	    complaint, PN_K04, "the network is founded, but its server is not named yet");

	complain_next(complaint,
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

status
laptop_open(const char *dir, bool must_exist, const char *today,
    struct complaint *complaint, struct laptop **out)
{
	struct laptop *l = calloc(1, sizeof *l);
	struct stat info;
	status st = ST_OK;

	*out = NULL;
	if (l != NULL)
		l->arena = arena_new(0);
	if (l == NULL || l->arena == NULL) {
		free(l);
		return complain(complaint, PN_X01, "out of memory");
	}
	l->complaint = complaint;
	l->dir = strdup(laptop_folder(dir, l->arena));
	if (l->dir == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	else
		st = check_folder(l);
	if (st == ST_OK && must_exist &&
	    stat(arena_text(l->arena, "%s/replica.db", l->dir), &info) != 0)
		st = not_joined(complaint, l->dir);
	if (st == ST_OK)
		st = fill(l, !must_exist, today);
	if (st == ST_OK) {
		*out = l;
		return ST_OK;
	}
	st = laptop_fail(l);
	laptop_close(l);
	return st;
}

status
laptop_open_joined(
    const char *dir, const char *today, struct complaint *complaint, struct laptop **out)
{
	status st = laptop_open(dir, true, today, complaint, out);

	if (st == ST_OK && !(*out)->self.has_joined) {
		st = laptop_meta_text(*out, "founder") != NULL
			 ? no_server_yet(complaint)
			 : not_joined(complaint, (*out)->dir);
		laptop_close(*out);
		*out = NULL;
	}
	return st;
}

void
laptop_close(struct laptop *l)
{
	if (l == NULL)
		return;
	queries_free(l->queries);
	typed_sql_free(l->typed);
	db_close(l->db);
	keyring_free(l->keys);
	body_codec_free(l->codec);
	arena_free(l->arena);
	free(l->dir);
	free(l);
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
