/* store_memory_stage.c - what devices stage for a recovery, in memory. */
#include "store/store_copy.h"
#include "store/store_memory_rows.h"

static struct mem_stage *
find_stage(struct memory *m, struct author device)
{
	for (size_t i = 0; i < m->stages_n.n; i++)
		if (m->stages[i].device.home == device.home &&
		    m->stages[i].device.device == device.device)
			return &m->stages[i];
	return NULL;
}

static status
no_memory(struct trouble *t)
{
	return trouble_set(t, ST_NO_MEMORY, "recovery stage");
}

/* Finds it or makes it; NULL when out of memory. */
static struct mem_stage *
make_stage(struct memory *m, struct author device)
{
	struct mem_stage *found = find_stage(m, device);
	struct arena *a;

	if (found != NULL)
		return found;
	if (MEMORY_GROW(m->stages, m->stages_n, NULL) != ST_OK)
		return NULL;
	a = arena_new(0);
	if (a == NULL)
		return NULL;
	found = &m->stages[m->stages_n.n++];
	*found = (struct mem_stage){.device = device, .arena = a};
	return found;
}

static status
drop_stage(void *ctx, struct author device, struct trouble *t)
{
	struct memory *m = ctx;
	struct mem_stage *s = find_stage(m, device);

	(void)t;
	if (s != NULL) {
		arena_free(s->arena);
		*s = m->stages[--m->stages_n.n];
	}
	return ST_OK;
}

static status
stage_batch(
    void *ctx, struct author device, const struct merge_theirs *b, struct trouble *t)
{
	struct mem_stage *s = make_stage(ctx, device);
	struct merge_theirs row = *b;

	if (s == NULL)
		return no_memory(t);
	s->batches = list_grow(
	    s->arena, s->batches, s->batches_n.n, &s->batches_n.cap, sizeof *s->batches);
	if (s->batches == NULL ||
	    (b->batch != NULL && !copy_batch(s->arena, b->batch, &row.batch)))
		return no_memory(t);
	s->batches[s->batches_n.n++] = row;
	return ST_OK;
}

static status
stage_grave(
    void *ctx, struct author device, const struct merge_grave *g, struct trouble *t)
{
	struct mem_stage *s = make_stage(ctx, device);

	if (s == NULL)
		return no_memory(t);
	s->graves = list_grow(
	    s->arena, s->graves, s->graves_n.n, &s->graves_n.cap, sizeof *s->graves);
	if (s->graves == NULL)
		return no_memory(t);
	s->graves[s->graves_n.n++] = *g;
	return ST_OK;
}

static status
stage_doa(void *ctx, struct author device, const struct merge_doa *d, struct trouble *t)
{
	struct mem_stage *s = make_stage(ctx, device);

	if (s == NULL)
		return no_memory(t);
	s->doa = list_grow(s->arena, s->doa, s->doa_n.n, &s->doa_n.cap, sizeof *s->doa);
	if (s->doa == NULL)
		return no_memory(t);
	s->doa[s->doa_n.n++] = *d;
	return ST_OK;
}

static status
next_batch(void *ctx, bool *is_end, struct merge_theirs *out, struct trouble *t)
{
	struct mem_stage *s = ctx;

	(void)t;
	*is_end = s->next_batch == s->batches_n.n;
	if (!*is_end)
		*out = s->batches[s->next_batch++];
	return ST_OK;
}

static status
next_grave(void *ctx, bool *is_end, struct merge_grave *out, struct trouble *t)
{
	struct mem_stage *s = ctx;

	(void)t;
	*is_end = s->next_grave == s->graves_n.n;
	if (!*is_end)
		*out = s->graves[s->next_grave++];
	return ST_OK;
}

static status
next_doa(void *ctx, bool *is_end, struct merge_doa *out, struct trouble *t)
{
	struct mem_stage *s = ctx;

	(void)t;
	*is_end = s->next_doa == s->doa_n.n;
	if (!*is_end)
		*out = s->doa[s->next_doa++];
	return ST_OK;
}

static status
knows(void *ctx, const struct short_id *batch, bool *out, struct trouble *t)
{
	const struct mem_stage *s = ctx;

	(void)t;
	*out = false;
	for (size_t i = 0; i < s->batches_n.n && !*out; i++) {
		struct short_id id = batch_short(&s->batches[i].id);

		*out = ID_EQUAL(&id, batch);
	}
	return ST_OK;
}

static status
open_stage(void *ctx, struct author device, struct arena *a, struct merge_other *out,
    struct trouble *t)
{
	struct mem_stage *s = find_stage(ctx, device);

	(void)a;
	if (s == NULL)
		return trouble_set(t, ST_NOT_FOUND, "the device staged nothing");
	s->next_batch = s->next_grave = s->next_doa = 0;
	*out = (struct merge_other){s, next_batch, next_grave, next_doa, knows, NULL};
	return ST_OK;
}

static void
close_stage(void *ctx)
{
	(void)ctx;
}

void
memory_stage_calls(struct store_engine *e)
{
	e->drop_stage = drop_stage;
	e->stage_batch = stage_batch;
	e->stage_grave = stage_grave;
	e->stage_doa = stage_doa;
	e->open_stage = open_stage;
	e->close_stage = close_stage;
}
