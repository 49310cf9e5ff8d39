/* crash_image.c - what a power cut leaves of a disk. */
#include "crash_disk.h"

#include <assert.h>
#include <stdlib.h>

static void
resize(struct bytes *b, size_t len)
{
	if (len > b->room) {
		b->room = len + len / 2;
		b->at = realloc(b->at, b->room);
		assert(b->at != NULL);
	}
	if (len > b->len)
		memset(b->at + b->len, 0, len - b->len);
	b->len = len;
}

void
image_copy(struct image *to, const struct image *from)
{
	*to = *from;
	for (int i = 0; i < from->n_files; i++) {
		to->files[i] = (struct bytes){0};
		resize(&to->files[i], from->files[i].len);
		if (from->files[i].len > 0)
			memcpy(to->files[i].at, from->files[i].at, from->files[i].len);
	}
}

void
image_free(struct image *i)
{
	for (int k = 0; k < i->n_files; k++)
		free(i->files[k].at);
	*i = (struct image){0};
}

static void
unlink_name(struct image *i, const char *name)
{
	for (int k = 0; k < DISK_NAMES; k++)
		if (strcmp(i->names[k].name, name) == 0)
			i->names[k].name[0] = '\0';
}

/* A file has one name: a rename takes the old one. */
static void
link_name(struct image *i, const char *name, int file)
{
	unlink_name(i, name);
	for (int k = 0; k < DISK_NAMES; k++)
		if (i->names[k].name[0] != '\0' && i->names[k].file == file)
			i->names[k].name[0] = '\0';
	for (int k = 0; k < DISK_NAMES; k++)
		if (i->names[k].name[0] == '\0') {
			memcpy(i->names[k].name, name, strlen(name) + 1);
			i->names[k].file = file;
			return;
		}
	assert(!"the folder is full");
}

static void
write_part(struct bytes *b, const struct step *s, size_t from, size_t to)
{
	size_t end = (size_t)s->at + to;

	if (b->len < end)
		resize(b, end);
	memcpy(b->at + s->at + from, s->bytes + from, to - from);
}

/* Some of the sectors that a write touches. */
static void
write_torn(struct bytes *b, const struct step *s, const struct rng *rng)
{
	uint64_t kept = rng_u64(rng);

	for (size_t from = 0; from < s->len; kept = kept >> 1 | kept << 63) {
		size_t sector = (size_t)s->at + from;
		size_t to = from + DISK_SECTOR - sector % DISK_SECTOR;

		if (to > s->len)
			to = s->len;
		if ((kept & 1) != 0)
			write_part(b, s, from, to);
		from = to;
	}
}

static void
apply(struct image *i, const struct step *s)
{
	if (s->kind != STEP_FOLDER && s->kind != STEP_UNLINK && s->file >= i->n_files)
		i->n_files = s->file + 1;
	switch (s->kind) {
	case STEP_WRITE:
		write_part(&i->files[s->file], s, 0, s->len);
		break;
	case STEP_CUT:
		resize(&i->files[s->file], (size_t)s->at);
		break;
	case STEP_LINK:
		link_name(i, s->name, s->file);
		break;
	case STEP_UNLINK:
		unlink_name(i, s->name);
		break;
	case STEP_SYNC:
	case STEP_FOLDER:
		break;
	}
}

static bool
is_folder_step(const struct step *s)
{
	return s->kind == STEP_LINK || s->kind == STEP_UNLINK;
}

void
walk_begin(struct walk *w, const struct image *start, const struct step *steps,
    size_t n_steps, bool is_strict)
{
	*w = (struct walk){.steps = steps, .is_strict = is_strict};
	image_copy(&w->durable, start);
	w->is_waiting = calloc(n_steps + 1, 1);
	assert(w->is_waiting != NULL);
}

void
walk_end(struct walk *w)
{
	image_free(&w->durable);
	free(w->is_waiting);
}

/* Whether a sync makes an earlier step durable. In the strict model a file's own sync of
 * the folder is one of its entry alone. */
static bool
forces(const struct walk *w, const struct step *sync, const struct step *s)
{
	if (!is_folder_step(s))
		return sync->kind == STEP_SYNC && s->file == sync->file;
	if (!w->is_strict)
		return true;
	return sync->kind == STEP_FOLDER &&
	       (sync->name[0] == '\0' || strcmp(sync->name, s->name) == 0);
}

/* Makes durable what a sync forces, in the order of the steps. */
static void
settle(struct walk *w, const struct step *sync)
{
	for (size_t k = w->first; k < w->n; k++) {
		const struct step *s = &w->steps[k];
		bool is_forced = forces(w, sync, s);

		if (w->is_waiting[k] && is_forced) {
			apply(&w->durable, s);
			w->is_waiting[k] = false;
		}
	}
	while (w->first < w->n && !w->is_waiting[w->first])
		w->first++;
}

void
walk_step(struct walk *w)
{
	const struct step *s = &w->steps[w->n];

	if (s->kind == STEP_SYNC || s->kind == STEP_FOLDER)
		settle(w, s);
	else
		w->is_waiting[w->n] = true;
	w->n++;
}

size_t
walk_waiting(const struct walk *w)
{
	size_t n = 0;

	for (size_t k = w->first; k < w->n; k++)
		n += w->is_waiting[k];
	return n;
}

/* One waiting step when some are kept: lost, kept, or, if it is a write, torn. */
static void
maybe(struct image *i, const struct step *s, unsigned kept_of_8, const struct rng *rng)
{
	if (rng_below(rng, 8) >= kept_of_8)
		return;
	if (s->kind == STEP_WRITE && rng_below(rng, 3) == 0) {
		if (s->file >= i->n_files)
			i->n_files = s->file + 1;
		write_torn(&i->files[s->file], s, rng);
	} else {
		apply(i, s);
	}
}

/* Writes of one file may reach the disk in any order, so a waiting one may be applied
 * before an older one; the folder keeps its order. */
static void
shuffle(size_t *order, size_t n, const struct step *steps, const struct rng *rng)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = rng_below(rng, i);
		size_t a = order[i - 1], b = order[j];

		if (steps[a].kind == STEP_WRITE && steps[b].kind == STEP_WRITE) {
			order[i - 1] = b;
			order[j] = a;
		}
	}
}

void
walk_crash(
    const struct walk *w, enum crash_keep keep, const struct rng *rng, struct image *out)
{
	unsigned kept_of_8;
	size_t *order;
	size_t n = 0;

	image_copy(out, &w->durable);
	if (keep == KEEP_NONE)
		return;
	order = calloc(w->n - w->first + 1, sizeof *order);
	assert(order != NULL);
	for (size_t k = w->first; k < w->n; k++)
		if (w->is_waiting[k])
			order[n++] = k;
	if (keep == KEEP_SOME) {
		kept_of_8 = (unsigned)rng_below(rng, 8) + 1;
		if (rng_below(rng, 2) == 0)
			shuffle(order, n, w->steps, rng);
		for (size_t k = 0; k < n; k++)
			maybe(out, &w->steps[order[k]], kept_of_8, rng);
	} else {
		for (size_t k = 0; k < n; k++)
			apply(out, &w->steps[order[k]]);
	}
	free(order);
}
