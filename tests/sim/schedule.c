/* schedule.c - draws profiles and events from a seed; reads and writes lists. */
#include "schedule.h"

#include <inttypes.h>

static const char *const event_names[] = {
#define X(name, weight, text) #name,
    SIM_EVENTS(X)
#undef X
};

static const uint32_t event_weights[] = {
#define X(name, weight, text) (weight),
    SIM_EVENTS(X)
#undef X
};

const char *
sim_event_name(enum sim_event_kind kind)
{
	return event_names[kind];
}

static uint32_t
one_of(const struct rng *r, const uint32_t *values, size_t n)
{
	return values[rng_below(r, n)];
}

#define ONE_OF(r, ...)                                                                   \
	one_of((r), (const uint32_t[]){__VA_ARGS__},                                     \
	    sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* Half of the seeds run with the limits of the product, half with hard ones. */
static struct record_limits
draw_limits(const struct rng *r)
{
	struct record_limits l = record_limits_default;

	if (rng_below(r, 4) == 0)
		return l;
	l.whole_bytes = ONE_OF(r, 0, 0, 120, 250, 1024);
	l.live_ops = ONE_OF(r, 1, 2, 3, 6, 64);
	l.size_factor = ONE_OF(r, 1, 2, 4);
	l.names_kept = ONE_OF(r, 1, 2, 3, 64, 64);
	l.dots_max = ONE_OF(r, 1, 2, 5, 256);
	return l;
}

/* Faults are off on most seeds, each by itself, so that every mixture occurs. */
static uint32_t
fault_rate(const struct rng *r, uint32_t most)
{
	return rng_below(r, 2) == 0 ? 0 : (uint32_t)rng_below(r, most) + 1;
}

static void
draw_weights(const struct rng *r, uint32_t *weights)
{
	for (size_t i = 0; i < SIM_EVENT_COUNT; i++)
		weights[i] = event_weights[i] * 4;
	for (size_t i = SIM_CARRY; i < SIM_EVENT_COUNT; i++) {
		weights[i] = event_weights[i] * ONE_OF(r, 0, 0, 2, 4, 8);
	}
}

/* On some seeds batches overtake each other all the time: single pushes, few sessions. */
static void
draw_overtaking(const struct rng *r, struct sim_profile *p)
{
	uint32_t *weights = p->weights;

	if (rng_below(r, 8) != 0)
		return;
	p->batch_ops = 1;
	weights[SIM_PUSH] *= 4;
	weights[SIM_SYNC] = 0;
	weights[SIM_PULL] /= 2;
	weights[SIM_BACKUP] = 12;
	weights[SIM_ROLLBACK] = 8;
	weights[SIM_SAVE_IMAGE] = 8;
	weights[SIM_RESTORE] = 6;
}

static void
draw_profile(const struct rng *r, struct sim_profile *p)
{
	p->n_clients = 2 + (uint32_t)rng_below(r, 5);
	p->lost_request = fault_rate(r, 30);
	p->lost_ack = fault_rate(r, 50);
	p->cut_pull = fault_rate(r, 60);
	p->drop_stage = fault_rate(r, 30);
	p->refused = fault_rate(r, 15);
	p->old_epoch = fault_rate(r, 15);
	p->forged = fault_rate(r, 20);
	p->page_batches = ONE_OF(r, 1, 1, 2, 3, 100);
	p->batch_ops = ONE_OF(r, 1, 2, 3, 8);
	p->fields = ONE_OF(r, 1, 2, 4);
	p->first_record = (uint32_t)rng_below(r, 13);
	p->n_records = ONE_OF(r, 1, 3, 13, 13);
	p->erase_alone = ONE_OF(r, 0, 50, 100);
	p->limits = draw_limits(r);
	draw_weights(r, p->weights);
	draw_overtaking(r, p);
}

static enum sim_event_kind
draw_kind(const struct rng *r, const uint32_t *weights)
{
	uint64_t sum = 0, at;

	for (size_t i = 0; i < SIM_EVENT_COUNT; i++)
		sum += weights[i];
	at = rng_below(r, sum);
	for (size_t i = 0; i < SIM_EVENT_COUNT; i++) {
		if (at < weights[i])
			return (enum sim_event_kind)i;
		at -= weights[i];
	}
	return SIM_EDIT;
}

void
schedule_from_seed(struct schedule *s, uint64_t seed)
{
	struct rng_seeded state;
	const struct rng r = rng_seeded(&state, seed * 0x9e3779b97f4a7c15u + 1);

	s->seed = seed;
	draw_profile(&r, &s->profile);
	s->n_events = 80 + rng_below(&r, 121);
	for (size_t i = 0; i < s->n_events; i++) {
		s->events[i].kind = draw_kind(&r, s->profile.weights);
		s->events[i].client = (uint8_t)rng_below(&r, SCHEDULE_CLIENTS_MAX);
		s->events[i].seed = rng_u64(&r);
	}
}

/* --- text --- */

void
schedule_write(FILE *out, const struct schedule *s, const char *symptom)
{
	const struct sim_profile *p = &s->profile;
	const struct record_limits *l = &p->limits;

	fprintf(out, "# %s\n", symptom);
	fprintf(out, "seed %" PRIu64 "\n", s->seed);
	fprintf(out, "profile %u %u %u %u %u %u %u %u %u %u %u %u %u\n", p->n_clients,
	    p->lost_request, p->lost_ack, p->cut_pull, p->drop_stage, p->refused,
	    p->old_epoch, p->page_batches, p->batch_ops, p->fields, p->first_record,
	    p->n_records, p->erase_alone);
	fprintf(out, "limits %zu %zu %zu %zu %zu\n", l->whole_bytes, l->live_ops,
	    l->size_factor, l->names_kept, l->dots_max);
	fprintf(out, "forged %u\n", p->forged);
	for (size_t i = 0; i < s->n_events; i++)
		fprintf(out, "%s %u %" PRIu64 "\n", event_names[s->events[i].kind],
		    s->events[i].client, s->events[i].seed);
}

static bool
read_event(const char *line, struct sim_event *e)
{
	char name[32];
	unsigned client;

	if (sscanf(line, "%31s %u %" SCNu64, name, &client, &e->seed) != 3 ||
	    client > 255)
		return false;
	e->client = (uint8_t)client;
	for (size_t i = 0; i < SIM_EVENT_COUNT; i++) {
		if (strcmp(name, event_names[i]) == 0) {
			e->kind = (enum sim_event_kind)i;
			return true;
		}
	}
	return false;
}

static bool
read_profile(FILE *in, struct schedule *s)
{
	struct sim_profile *p = &s->profile;
	struct record_limits *l = &p->limits;

	return fscanf(in, "seed %" SCNu64 "\n", &s->seed) == 1 &&
	       fscanf(in, "profile %u %u %u %u %u %u %u %u %u %u %u %u %u\n",
		   &p->n_clients, &p->lost_request, &p->lost_ack, &p->cut_pull,
		   &p->drop_stage, &p->refused, &p->old_epoch, &p->page_batches,
		   &p->batch_ops, &p->fields, &p->first_record, &p->n_records,
		   &p->erase_alone) == 13 &&
	       fscanf(in, "limits %zu %zu %zu %zu %zu\n", &l->whole_bytes, &l->live_ops,
		   &l->size_factor, &l->names_kept, &l->dots_max) == 5;
}

bool
schedule_read(FILE *in, struct schedule *s)
{
	char line[256];

	s->n_events = 0;
	s->profile.limits = record_limits_default;
	s->profile.forged = 0;
	if (fgets(line, sizeof line, in) == NULL || line[0] != '#' ||
	    !read_profile(in, s))
		return false;
	/* Lists from before there were forgers lack the line. */
	if (fscanf(in, "forged %u\n", &s->profile.forged) < 0)
		return false;
	while (fgets(line, sizeof line, in) != NULL) {
		if (s->n_events == SCHEDULE_EVENTS_MAX ||
		    !read_event(line, &s->events[s->n_events]))
			return false;
		s->n_events++;
	}
	return true;
}
