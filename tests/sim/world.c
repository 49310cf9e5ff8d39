/* world.c - builds the laptops and the server, plays the events, heals, and judges. */
#include "world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES_MAX = 256 << 20, HEAL_ROUNDS_MAX = 12 };

bool
world_fail(struct world *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->failure, sizeof w->failure, format, args);
	va_end(args);
	return false;
}

void
world_say(const struct world *w, const char *format, ...)
{
	va_list args;

	if (!w->is_verbose)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

bool
world_is_hit(const struct rng *r, uint32_t per_cent)
{
	/* Always one draw, so that a rate of 0 does not shift what follows. */
	return rng_below(r, 100) < per_cent;
}

int
world_batch(const struct world *w, const struct short_id *id)
{
	for (size_t i = w->n_sealed; i > 0; i--) {
		if (memcmp(w->sealed[i - 1].id.bytes, id->bytes, sizeof id->bytes) == 0)
			return (int)(i - 1);
	}
	return ORACLE_NONE;
}

/* --- building --- */

struct world *
world_new(const char *folder)
{
	struct world *w = calloc(1, sizeof *w);

	assert(w != NULL);
	w->oracle = oracle_new();
	w->hub = hub_new(folder);
	w->kept = arena_new(ARENA_BYTES_MAX);
	w->brief = arena_new(ARENA_BYTES_MAX);
	w->sealed = calloc(ORACLE_BATCHES_MAX, sizeof *w->sealed);
	w->clients = calloc(SCHEDULE_CLIENTS_MAX, sizeof *w->clients);
	w->images = calloc(SCHEDULE_CLIENTS_MAX, sizeof *w->images);
	assert(w->kept != NULL && w->brief != NULL && w->sealed != NULL);
	assert(w->clients != NULL && w->images != NULL);
	return w;
}

void
world_free(struct world *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < SCHEDULE_CLIENTS_MAX; i++)
		oracle_list_free(&w->clients[i].form.names);
	oracle_free(w->oracle);
	hub_free(w->hub);
	arena_free(w->kept);
	arena_free(w->brief);
	free(w->sealed);
	free(w->clients);
	free(w->images);
	free(w);
}

static void
add_record(struct world *w, enum world_kind kind, uint16_t scope, uint64_t person)
{
	struct world_record *r = &w->records[w->n_records];

	assert(w->n_records < WORLD_RECORDS_MAX);
	*r = (struct world_record){
	    .kind = (uint16_t)kind,
	    .scope = scope,
	    .has_person = person != 0,
	    .person = person,
	    .retention = kind == WORLD_SIGNED                          ? RETAIN_AUDIT
			 : kind == WORLD_MARKS || kind == WORLD_PERSON ? RETAIN_PERSONAL
								       : RETAIN_ORDINARY,
	};
	r->id.bytes[15] = (uint8_t)(w->n_records + 1);
	memcpy(r->tag.bytes, "rtag", 4);
	put_u16(r->tag.bytes + 12, scope);
	put_u16(r->tag.bytes + 14, (uint16_t)(w->n_records + 1));
	w->n_records++;
}

/* One scope without persons, two activities that share two young people. */
static void
add_records(struct world *w)
{
	w->n_records = 0;
	add_record(w, WORLD_PLAIN, 1, 0);
	add_record(w, WORLD_PLAIN, 1, 0);
	add_record(w, WORLD_PROSE, 1, 0);
	add_record(w, WORLD_SIGNED, 1, 0);
	add_record(w, WORLD_MARKS, 2, 0);
	add_record(w, WORLD_MARKS, 2, 0);
	add_record(w, WORLD_MARKS, 3, 0);
	for (uint64_t person = 1; person <= WORLD_PERSONS; person++)
		add_record(w, WORLD_PERSON, 2, person);
	add_record(w, WORLD_PERSON, 3, 1);
	add_record(w, WORLD_PERSON, 3, 2);
}

static void
reset(struct world *w, const struct schedule *s)
{
	w->schedule = s;
	w->profile = &s->profile;
	w->is_calm = false;
	arena_reset(w->kept);
	arena_reset(w->brief);
	oracle_clear(w->oracle);
	hub_reset(w->hub);
	w->n_sealed = 0;
	w->server_known = (struct batch_set){0};
	w->has_backup = false;
	w->step = 0;
	w->trace = 0;
	w->failure[0] = '\0';
	add_records(w);
	w->n_clients = s->profile.n_clients;
	for (size_t i = 0; i < w->n_clients; i++) {
		struct client *c = &w->clients[i];

		memset(&c->r, 0, sizeof c->r);
		c->image = NULL;
		c->is_coordinator = i % 2 == 0;
		c->device = (uint16_t)(10 + i);
		c->form.is_open = false;
		c->clock = (struct hlc){0};
	}
}

/* --- disks and the server's backups --- */

static bool
act_clone(struct world *w, const struct client *c)
{
	struct client *twin = &w->clients[w->n_clients];

	if (w->n_clients == SCHEDULE_CLIENTS_MAX)
		return true;
	twin->r = c->r;
	twin->image = NULL;
	twin->is_coordinator = c->is_coordinator;
	twin->device = c->device;
	twin->form.is_open = false;
	twin->clock = c->clock;
	w->n_clients++;
	w->counts.clones++;
	return true;
}

static bool
act_save_image(struct world *w, struct client *c)
{
	c->image = &w->images[c - w->clients];
	*c->image = c->r;
	return true;
}

static bool
act_restore(struct world *w, struct client *c)
{
	if (c->image == NULL)
		return true;
	c->r = *c->image;
	c->form.is_open = false;
	w->counts.restores++;
	return judge_view(w, c);
}

static bool
act_backup(struct world *w)
{
	hub_backup(w->hub);
	w->backup_known = w->server_known;
	w->has_backup = true;
	return true;
}

/* The list of graves is kept outside the backups. */
static void
keep_graves(struct world *w)
{
	for (size_t i = 0; i < w->n_sealed; i++) {
		const struct batch *b = &w->sealed[i].batch;

		for (size_t k = 0; w->sealed[i].was_accepted && k < b->n_ops; k++) {
			if (b->ops[k].type == OP_ERASE)
				oracle_add_grave(
				    &w->server_known, b->scope, &b->ops[k].subject);
		}
	}
}

static bool
act_rollback(struct world *w, const struct rng *r)
{
	const uint64_t epoch = rng_u64(r) | 1;

	if (!w->has_backup)
		return true;
	if (!hub_rollback(w->hub, epoch))
		return world_fail(w, "the backup could not be restored");
	w->server_known = w->backup_known;
	keep_graves(w);
	w->counts.rollbacks++;
	return judge_server(w);
}

static bool
act_trim(struct world *w, const struct rng *r)
{
	const struct store_figures f = hub_look(w->hub);
	enum store_result got = hub_trim(w->hub, rng_below(r, f.head + 1));

	w->counts.trims++;
	return got == STORE_OK ||
	       world_fail(w, "trim answered %s", store_result_name(got));
}

/* --- playing --- */

static bool
play(struct world *w, const struct sim_event *e, struct client *c, const struct rng *r)
{
	switch (e->kind) {
	case SIM_EDIT:
		return act_edit(w, c, r);
	case SIM_RESOLVE:
		return act_resolve(w, c, r);
	case SIM_SHOW:
		return act_show(w, c, r);
	case SIM_SEAL:
		return act_seal(w, c, r);
	case SIM_PUSH:
		return act_push(w, c, r);
	case SIM_PULL:
		return act_pull(w, c, r);
	case SIM_SYNC:
		return act_sync(w, c, r);
	case SIM_CARRY:
		return act_carry(w, c, r);
	case SIM_REPLAY:
		return act_replay(w, r);
	case SIM_COMPACT:
		return act_compact(w, c, r);
	case SIM_ERASE:
		return act_erase(w, c, r);
	case SIM_TIDY:
		return act_tidy(w, c, r);
	case SIM_CLONE:
		return act_clone(w, c);
	case SIM_SAVE_IMAGE:
		return act_save_image(w, c);
	case SIM_RESTORE:
		return act_restore(w, c);
	case SIM_BACKUP:
		return act_backup(w);
	case SIM_ROLLBACK:
		return act_rollback(w, r);
	case SIM_TRIM:
		return act_trim(w, r);
	case SIM_EVENT_COUNT:
		break;
	}
	return false;
}

static bool
play_all(struct world *w, size_t until)
{
	const struct schedule *s = w->schedule;

	for (; w->step < s->n_events && w->step < until; w->step++) {
		const struct sim_event *e = &s->events[w->step];
		struct client *c = &w->clients[e->client % w->n_clients];
		struct rng_seeded state;
		const struct rng r = rng_seeded(&state, e->seed);

		arena_reset(w->brief);
		world_say(w, "%zu: %s by %zu", w->step, sim_event_name(e->kind),
		    (size_t)(c - w->clients));
		if (!play(w, e, c, &r))
			return false;
	}
	return true;
}

static bool
is_settled(const struct world *w)
{
	for (size_t i = 0; i < w->n_clients; i++) {
		if (w->clients[i].r.n_pending > 0 || w->clients[i].r.n_dirty > 0)
			return false;
	}
	return true;
}

/* Faults stop; everybody syncs until there is nothing to do. */
static bool
heal(struct world *w)
{
	struct rng_seeded state;
	const struct rng r = rng_seeded(&state, w->schedule->seed ^ 0x68656c21);
	size_t quiet = 0;

	w->is_calm = true;
	for (size_t round = 0; round < HEAL_ROUNDS_MAX && quiet < 2; round++) {
		size_t sealed = w->n_sealed;

		for (size_t i = 0; i < w->n_clients; i++) {
			struct client *c = &w->clients[i];

			arena_reset(w->brief);
			world_say(w, "heal %zu: client %zu", round, i);
			if (!act_sync(w, c, &r) || !act_tidy(w, c, &r) ||
			    !act_pull(w, c, &r))
				return false;
		}
		quiet = is_settled(w) && sealed == w->n_sealed ? quiet + 1 : 0;
	}
	return quiet == 2 || world_fail(w, "the replicas do not come to rest");
}

bool
world_run(struct world *w, const struct schedule *s, size_t until)
{
	struct oracle_list held = {0};
	bool is_good;

	reset(w, s);
	is_good = play_all(w, until);
	if (is_good) {
		judge_hold(w, &held);
		is_good = heal(w) && judge_end(w, &held);
	}
	oracle_list_free(&held);
	return is_good;
}
