/* world.c - founds a network for one measurement: office, server, countries, members. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base32.h"
#include "bench.h"
#include "client/actions/network.h"
#include "client/laptop/unlock.h"

static const char *const codes[] = {"CZ", "DE", "AT", "HU", "PL", "RO", "SI", "SK"};

/* DIR/part, in one of some static rooms. */
static const char *
path_of(const struct world *w, const char *part)
{
	static char rooms[8][BENCH_PATH_MAX + 64];
	static unsigned next;
	char *out = rooms[next++ % 8];

	(void)snprintf(out, sizeof rooms[0], "%s/%.60s", w->dir, part);
	return out;
}

/* ---- laptops ---- */

static void
write_phrase(const struct world *w)
{
	FILE *f = fopen(path_of(w, "phrase"), "w");

	if (f == NULL || fputs("a phrase to measure with\n", f) < 0 || fclose(f) != 0)
		bench_die("the passphrase: %s", strerror(errno));
}

/* A figure is that of an unlocked laptop, however long the measuring takes. */
static void
stay_unlocked(struct device *d)
{
	const struct passphrase_source phrase = {.file = d->phrase};
	uint8_t vault[VAULT_BYTES];
	struct vault_secrets secrets;

	bench_must(d->l, vault_file_read(d->dir, VAULT_NAME, vault, NULL), "vault");
	bench_must(d->l,
	    unlock_file(d->dir, VAULT_NAME, "", &phrase, &d->complaint, &secrets),
	    "unlock");
	if (!kernel_key_keep(span_of(vault, sizeof vault), &secrets, UNLOCK_SECONDS_MAX))
		bench_die("the kernel keeps no keys for this session");
	explicit_bzero(&secrets, sizeof secrets);
}

static void
device_make(struct world *w, struct device *d, const char *name)
{
	struct laptop_place place = {
	    .phrase = {.cost = {VAULT_PASSES_MIN, VAULT_KIB_MIN}}};

	memset(d, 0, sizeof *d);
	(void)snprintf(d->dir, sizeof d->dir, "%.400s/devices/%.40s", w->dir, name);
	place.dir = d->dir;
	place.phrase.file = d->phrase;
	(void)snprintf(d->phrase, sizeof d->phrase, "%.400s/phrase", w->dir);
	bench_must(NULL, laptop_open(&place, false, &d->complaint, &d->l), d->dir);
	stay_unlocked(d);
}

void
device_open(struct device *d)
{
	const struct laptop_place place = {.dir = d->dir, .phrase = {.file = d->phrase}};
	status st;

	if (d->l != NULL)
		return;
	st = laptop_open_joined(&place, &d->complaint, &d->l);
	if (st != ST_OK)
		bench_die("%s: %s", d->dir, d->complaint.why);
}

void
device_close(struct device *d)
{
	laptop_close(d->l);
	d->l = NULL;
}

void
device_use_port(struct device *d, uint16_t port)
{
	bool was_open = d->l != NULL;

	device_open(d);
	(void)snprintf(
	    d->l->self.server, sizeof d->l->self.server, "127.0.0.1:%u", (unsigned)port);
	bench_must(
	    d->l, laptop_set_meta_text(d->l, "server", d->l->self.server), "the port");
	if (!was_open)
		device_close(d);
}

/* ---- the server ---- */

static void
wait_for_port(struct world *w, const char *path)
{
	const struct timespec pause = {0, 5000000};
	unsigned port = 0;

	for (int i = 0; i < 4000 && port == 0; i++) {
		FILE *f = fopen(path, "re");

		if (f != NULL) {
			if (fscanf(f, "%u", &port) != 1)
				port = 0;
			(void)fclose(f);
		}
		if (port == 0)
			(void)nanosleep(&pause, NULL);
	}
	if (port == 0)
		bench_die("the server does not start; see %s/server.log", w->dir);
	w->port = (uint16_t)port;
}

void
world_start_server(struct world *w)
{
	const char *port_file = path_of(w, "port");
	const char *data = path_of(w, "server");
	char listen[32];
	const char *argv[] = {w->pnetd, "serve", "--data", data, "--listen", listen,
	    "--port-file", port_file, "--allow-root", NULL};

	(void)snprintf(listen, sizeof listen, "127.0.0.1:%u", (unsigned)w->port);
	(void)unlink(port_file);
	w->server = bench_spawn(argv, path_of(w, "server.log"));
	wait_for_port(w, port_file);
}

void
world_stop_server(struct world *w)
{
	int code = w->server > 0 ? bench_stop(w->server) : 0;

	w->server = 0;
	if (code != 0)
		bench_die("the server exits %d; see %s/server.log", code, w->dir);
}

void
world_restart(struct world *w)
{
	world_stop_server(w);
	world_start_server(w);
}

const char *
world_space_file(const struct world *w, const char *code)
{
	char part[32];

	(void)snprintf(part, sizeof part, "server/%.8s.db", code);
	return path_of(w, part);
}

/* Limits of one address range are off: all laptops of a bench are one machine. */
static void
init_server(struct world *w, struct transport_pk *key)
{
	char network[BASE32_SYMBOLS(sizeof w->office.l->self.network.bytes) + 1];
	const char *data = path_of(w, "server");
	const char *said = path_of(w, "init");
	const char *argv[] = {w->pnetd, "init", data, "--network", network, NULL};
	char line[256], shown[128] = "";
	FILE *f;

	base32_write(span_of(w->office.l->self.network.bytes,
			 sizeof w->office.l->self.network.bytes),
	    network);
	(void)bench_run(argv, said);
	f = fopen(said, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL) /* its last line */
		(void)sscanf(line, "%127s", shown);
	if (f != NULL)
		(void)fclose(f);
	if (base32_read(shown, key->bytes, sizeof key->bytes, NULL) != ST_OK)
		bench_die("pnetd init says no key: %s", shown);
	f = fopen(path_of(w, "server/pnetd.conf"), "ae");
	if (f == NULL)
		bench_die("pnetd.conf: %s", strerror(errno));
	(void)fprintf(f, "new_per_prefix_per_s = 0\nhalf_open_per_prefix_max = 0\n"
			 "half_open_max = 0\nconnections_per_device_max = 0\n");
	(void)fclose(f);
}

/* ---- members ---- */

static void
join(struct world *w, struct device *by, const char *member, enum member_role role,
    const char *country, struct device *out)
{
	const struct invite_wish wish = {member, role, country, 0};
	char code[INVITE_TEXT_MAX + 1];
	struct joined joined;
	struct sync_report report;

	bench_must(by->l, network_invite(by->l, &wish, code), member);
	device_make(w, out, member);
	bench_must(out->l, network_join(out->l, code, &joined), member);
	bench_must(out->l, sync_run(out->l, 0, &report), member);
}

void
world_join(struct world *w, unsigned country, bool is_trainer, struct device *out)
{
	struct country_crew *c = &w->countries[country];
	char member[24];
	struct timed t;

	if (is_trainer)
		(void)snprintf(member, sizeof member, "%s-T%u", c->code, ++c->n_trainers);
	else
		(void)snprintf(member, sizeof member, "%s-N%u", c->code, ++c->n_readers);
	device_open(&c->coordinator);
	line_sync(&c->coordinator, &t); /* keys that an invite has to carry */
	join(w, &c->coordinator, member, is_trainer ? ROLE_TRAINER : ROLE_COORDINATOR,
	    NULL, out);
}

static void
admit(struct world *w, unsigned i)
{
	struct country_crew *c = &w->countries[i];
	char member[24];

	(void)snprintf(c->code, sizeof c->code, "%s", codes[i]);
	(void)snprintf(member, sizeof member, "%s-N%u", c->code, ++c->n_readers);
	bench_must(w->office.l, network_country(w->office.l, c->code, &w->root), c->code);
	join(w, &w->office, member, ROLE_COORDINATOR, c->code, &c->coordinator);
}

void
world_found(struct world *w, const struct world_options *o)
{
	const char *remove[] = {"rm", "-rf", o->dir, NULL};
	char address[32];
	struct transport_pk key;

	memset(w, 0, sizeof *w);
	(void)snprintf(w->dir, sizeof w->dir, "%s", o->dir);
	w->pnet = o->pnet;
	w->pnetd = o->pnetd;
	w->line = o->line;
	w->words.state = o->seed;
	w->n_countries = o->n_countries;
	w->countries = calloc(o->n_countries, sizeof *w->countries);
	if (w->countries == NULL || o->n_countries > sizeof codes / sizeof codes[0])
		bench_die("%u countries", o->n_countries);
	(void)bench_run(remove, NULL);
	if (mkdir(o->dir, 0700) != 0)
		bench_die("%s: %s", o->dir, strerror(errno));
	write_phrase(w);
	device_make(w, &w->office, "OF-1");
	rng_fill(&w->office.l->rng, w->root.bytes, sizeof w->root.bytes);
	bench_must(w->office.l, network_found(w->office.l, "OF-1", &w->root), "found");
	init_server(w, &key);
	world_start_server(w);
	(void)snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)w->port);
	bench_must(
	    w->office.l, network_server(w->office.l, address, &key, &w->root), "server");
	for (unsigned i = 0; i < w->n_countries; i++)
		admit(w, i);
}

void
world_end(struct world *w)
{
	device_close(&w->office);
	for (unsigned i = 0; i < w->n_countries; i++)
		device_close(&w->countries[i].coordinator);
	world_stop_server(w);
	free(w->countries);
	w->countries = NULL;
}
