/* verify.c - checks space files against everything that they say of themselves. */
#include "server/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/membership_batch.h"
#include "core/merge.h"
#include "crypto/keybox.h"
#include "crypto/sign.h"
#include "proto/batch_codec.h"
#include "proto/log_codec.h"
#include "store/space_file.h"

enum { PATH_BYTES = 600, BOX_LISTS_MAX = LOG_ROTATIONS_MAX };

struct verifying {
	struct membership *m;
	struct checks checks;
	struct arena *arena; /* of one row */
	struct arena *lists; /* of one position */
	struct space_file *file;
	uint16_t space;
	struct hash32 chain;
	struct verify_figures n;
	struct verify_gap **gaps_end; /* of n.gaps, in the arena */
	/* Lists of one record, for its boxes. */
	bool has_position;
	uint16_t position;
	size_t n_lists;
	struct box_list parsed[BOX_LISTS_MAX];
};

/* ---- membership logs ---- */

struct list_check {
	struct verifying *v;
	const struct log_record *record;
};

static status
check_list(void *ctx, const struct store_box_list *l, struct trouble *t)
{
	const struct list_check *c = ctx;
	struct box_list list;
	status st = box_list_read(l->list, c->v->arena, &list, t);

	for (size_t i = 0; st == ST_OK && i < log_record_lists(c->record); i++)
		if (ID_EQUAL(log_record_list_hash(c->record, i), &list.hash))
			return ST_OK;
	return st != ST_OK ? st
			   : trouble_set(t, ST_CORRUPT,
				 "the box list of scope %u is not that of the record",
				 (unsigned)l->scope);
}

static status
check_record(void *ctx, const struct store_log_record *r, struct trouble *t)
{
	struct verifying *v = ctx;
	struct apply_how how = {.mode = APPLY_RECEIVED, .checks = &v->checks};
	struct log_record record;
	struct list_check c = {v, &record};
	status st;

	arena_reset(v->arena);
	st = log_record_read(r->record, v->arena, &record, t);
	if (st == ST_OK && (record.seq != r->seq || !ID_EQUAL(&record.id, &r->id)))
		st = trouble_set(t, ST_CORRUPT, "its bytes are not what its id says");
	if (st == ST_OK)
		st = membership_apply(v->m, &record, &how, NULL, t);
	if (st == ST_OK)
		st = space_file_each_list(v->file, (uint16_t)r->seq, check_list, &c, t);
	v->n.records++;
	if (st != ST_OK)
		(void)trouble_wrap(t, "record %u of the log", (unsigned)r->seq);
	return st;
}

/* ---- key boxes ---- */

static status
keep_list(void *ctx, const struct store_box_list *l, struct trouble *t)
{
	struct verifying *v = ctx;

	if (v->n_lists == BOX_LISTS_MAX)
		return trouble_set(t, ST_CORRUPT, "too many box lists");
	return box_list_read(l->list, v->lists, &v->parsed[v->n_lists++], t);
}

static bool
is_listed(const struct verifying *v, const struct hash32 *hash)
{
	for (size_t i = 0; i < v->n_lists; i++)
		for (size_t k = 0; k < v->parsed[i].n; k++)
			if (ID_EQUAL(&v->parsed[i].entries[k].box, hash))
				return true;
	return false;
}

static status
check_box(void *ctx, const struct store_box *b, struct trouble *t)
{
	struct verifying *v = ctx;
	struct sealed_box box;
	struct hash32 hash;
	status st = ST_OK;

	if (!v->has_position || v->position != b->position) {
		arena_reset(v->lists);
		v->has_position = true;
		v->position = b->position;
		v->n_lists = 0;
		st = space_file_each_list(v->file, b->position, keep_list, v, t);
	}
	if (st == ST_OK && b->box.len == sizeof box.bytes) {
		memcpy(box.bytes, b->box.bytes, sizeof box.bytes);
		hash = keybox_hash(&box);
		v->n.boxes++;
		if (is_listed(v, &hash))
			return ST_OK;
	}
	return st != ST_OK ? st
			   : trouble_set(t, ST_CORRUPT,
				 "a key box of record %u is not in its list",
				 (unsigned)b->position);
}

/* ---- batches ---- */

/* The columns by which the store finds an op say what its bytes say. */
static status
check_op(struct verifying *v, const struct batch *b, size_t i, const struct file_op *c,
    struct trouble *t)
{
	const struct op *op = &b->ops[i];
	bool lives = false;
	status st = ST_OK;

	if (c->is_live &&
	    (c->scope != b->scope || !ID_EQUAL(&c->record, &op->record) ||
		c->retention != op->retention || c->has_subject != op->has_subject ||
		(c->has_subject && !ID_EQUAL(&c->subject, &op->subject))))
		return trouble_set(
		    t, ST_CORRUPT, "op %zu is filed under what it is not", i);
	v->n.live_ops += c->is_live;
	for (size_t k = 0; op->is_present && st == ST_OK && k < op->n_dots; k++) {
		st = space_file_dot_lives(
		    v->file, &op->dots[k], b->scope, &op->record, &lives, t);
		if (st == ST_OK && lives)
			st = trouble_set(
			    t, ST_CORRUPT, "an op lives that its op %zu replaced", i);
	}
	return st;
}

/* False: the record that the batch cites is younger than the copy of its log. */
static status
check_author(struct verifying *v, const struct batch *b, bool *is_known,
    struct batch_answer *a, struct trouble *t)
{
	struct batch_question q = {.batch = b,
	    .now_s = (uint64_t)time(NULL),
	    .is_carried = true,
	    .is_history = true};

	membership_judge(v->m, &q, a);
	*is_known = a->has_context && a->device != NULL && a->standing == STANDING_OK;
	if (*is_known)
		return ST_OK;
	if (b->head >= membership_log_len(v->m, b->home)) {
		v->n.younger++;
		return ST_OK;
	}
	return trouble_set(
	    t, ST_CORRUPT, "its author may not have written it (%d)", (int)a->standing);
}

static status
check_content(struct verifying *v, const struct file_batch *f, struct trouble *t)
{
	size_t len = batch_wire_bytes(&f->row.batch);
	uint8_t *bytes = arena_alloc(v->arena, len);
	struct batch_answer a;
	struct batch_id id;
	struct batch b;
	struct writer w;
	bool is_known = false;
	status st;

	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a batch");
	w = writer_of(bytes, len);
	batch_write(&f->row.batch, &w);
	st = batch_decode(span_of(bytes, len), BATCH_PRUNED, &v->checks, v->arena, &b, t);
	if (st == ST_OK && (b.space != v->space || b.scope != f->row.batch.scope))
		st = trouble_set(t, ST_CORRUPT, "it is filed under another scope");
	if (st == ST_OK)
		st = check_author(v, &b, &is_known, &a, t);
	if (st == ST_OK && is_known) {
		st = batch_verify(
		    &b, &a.context, &a.device->keys.sign, &v->checks, v->arena, &id, t);
		if (st == ST_OK && !ID_EQUAL(&id, &f->row.id))
			st =
			    trouble_set(t, ST_HASH, "its bytes are not what its id says");
	}
	for (size_t i = 0; st == ST_OK && i < b.n_ops; i++)
		st = check_op(v, &b, i, &f->ops[i], t);
	return st;
}

static status
check_batch(void *ctx, const struct file_batch *f, struct trouble *t)
{
	struct verifying *v = ctx;
	struct hash32 next;
	status st = ST_OK;

	arena_reset(v->arena);
	merge_chain(&v->checks, &v->chain, &f->row.id, &next);
	v->chain = next;
	v->n.batches++;
	if (!ID_EQUAL(&next, &f->chain))
		st = trouble_set(t, ST_CORRUPT, "the running hash breaks there");
	else if (f->row.batch.header.len > 0)
		st = check_content(v, f, t);
	if (st != ST_OK)
		(void)trouble_wrap(t, "batch %llu", (unsigned long long)f->row.lsn);
	return st;
}

/* ---- gaps ---- */

static status
keep_gap(void *ctx, const struct file_gap *f, struct trouble *t)
{
	struct verifying *v = ctx;
	const struct member_device *d = membership_by_author(v->m, f->author);
	struct verify_gap *g = arena_zeros(v->arena, 1, sizeof *g);

	if (g == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a list");
	if (d != NULL) { /* or its record is younger than the copy of that log */
		g->member = d->member;
		g->device = d->id;
	}
	g->scope = f->scope;
	g->n_missing = f->n_missing;
	g->lsn = f->lsn;
	*v->gaps_end = g;
	v->gaps_end = &g->next;
	return ST_OK;
}

static status
list_gaps(struct verifying *v, struct trouble *t)
{
	arena_reset(v->arena);
	v->gaps_end = &v->n.gaps;
	return space_file_each_gap(v->file, keep_gap, v, t);
}

/* ---- spaces ---- */

static status
open_space(struct verifying *v, const char *folder, const char *name, struct trouble *t)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof path, "%.500s/%s.db", folder, name);
	space_file_close(v->file);
	v->file = NULL;
	v->n = (struct verify_figures){0};
	return space_file_open(&v->file, path, t);
}

static status
check_log(struct verifying *v, const char *folder, const char *name, struct trouble *t)
{
	status st = open_space(v, folder, name, t);

	if (st == ST_OK)
		st = space_file_each_record(v->file, check_record, v, t);
	if (st != ST_OK)
		(void)trouble_wrap(t, "%s", name);
	return st;
}

static status
check_space(struct verifying *v, const char *folder, const char *name, struct trouble *t)
{
	status st = open_space(v, folder, name, t);

	v->chain = (struct hash32){{0}};
	v->has_position = false;
	if (st == ST_OK)
		st = space_file_check_pages(v->file, t);
	if (st == ST_OK)
		st = space_file_check_rows(v->file, t);
	if (st == ST_OK)
		st = space_file_each_box(v->file, check_box, v, t);
	if (st == ST_OK)
		st = space_file_each_batch(v->file, check_batch, v, t);
	if (st == ST_OK)
		st = list_gaps(v, t);
	v->n.records = membership_log_len(v->m, v->space);
	if (st != ST_OK)
		(void)trouble_wrap(t, "%s", name);
	return st;
}

struct name {
	char text[5];
};

static struct name
name_at(const struct verifying *v, size_t i)
{
	struct name out = {{0}};
	const struct space_name *s =
	    i == 0 ? NULL : membership_space_name(v->m, membership_space_at(v->m, i));

	if (s != NULL)
		memcpy(out.text, s->text, sizeof s->text);
	else
		memcpy(out.text, "NET", 4);
	return out;
}

/* A batch of one space may cite the log of another: all logs come first. */
static status
check_logs(struct verifying *v, const char *folder, struct trouble *t)
{
	status st = check_log(v, folder, "NET", t);

	for (size_t i = 1; st == ST_OK && i < membership_n_spaces(v->m); i++)
		st = check_log(v, folder, name_at(v, i).text, t);
	return st;
}

status
verify_folder(const char *folder, const struct network_id *network, const char *only,
    void (*told)(void *ctx, const char *space, const struct verify_figures *f), void *ctx,
    struct trouble *t)
{
	struct verifying *v = calloc(1, sizeof *v);
	bool is_found = only == NULL;
	status st = ST_OK;

	if (v != NULL) {
		v->checks = sign_checks();
		v->m = membership_new(network);
		v->arena = arena_new(0);
		v->lists = arena_new(0);
	}
	if (v == NULL || v->m == NULL || v->arena == NULL || v->lists == NULL) {
		st = trouble_set(t, ST_NO_MEMORY, "no memory for the check");
		goto out;
	}
	st = check_logs(v, folder, t);
	for (size_t i = 0; st == ST_OK && i < membership_n_spaces(v->m); i++) {
		struct name name = name_at(v, i);

		if (only != NULL && strcmp(only, name.text) != 0)
			continue;
		is_found = true;
		v->space = i == 0 ? 0 : membership_space_at(v->m, i);
		st = check_space(v, folder, name.text, t);
		if (st == ST_OK)
			told(ctx, name.text, &v->n);
	}
	if (st == ST_OK && !is_found)
		st = trouble_set(t, ST_NOT_FOUND, "there is no space %s", only);
out:
	if (v != NULL) {
		space_file_close(v->file);
		membership_free(v->m);
		arena_free(v->arena);
		arena_free(v->lists);
	}
	free(v);
	return st;
}
