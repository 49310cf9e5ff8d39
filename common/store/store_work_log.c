/* store_work_log.c - the membership log, key boxes, contacts and cuts, over any engine.
 */
#include "store/store_work.h"

static status
no_memory(struct trouble *t)
{
	return trouble_set(t, ST_NO_MEMORY, "store answer");
}

/* ---- append ---- */

struct last_batch {
	uint16_t scope;
	struct batch_id id; /* zero until found */
};

static status
visit_last(void *ctx, struct author device, uint16_t scope, uint64_t lsn,
    const struct batch_id *id, struct trouble *t)
{
	struct last_batch *last = ctx;

	(void)device;
	(void)lsn;
	(void)t;
	if (scope == last->scope)
		last->id = *id;
	return ST_OK;
}

static status
check_cuts(struct store_engine *e, const struct store_append *a, bool *is_wrong,
    struct trouble *t)
{
	for (size_t i = 0; i < a->n_cuts; i++) {
		struct last_batch last = {a->cuts[i].scope, {{0}}};
		status st =
		    e->each_author(e->ctx, &a->cuts[i].device, visit_last, &last, t);

		if (st != ST_OK)
			return st;
		if (!ID_EQUAL(&last.id, &a->cuts[i].id)) {
			*is_wrong = true;
			return trouble_set(t, ST_CHANGED,
			    "the device has written in scope %u since",
			    (unsigned)a->cuts[i].scope);
		}
	}
	return ST_OK;
}

static status
add_keys(struct store_engine *e, const struct store_append *a, struct trouble *t)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < a->n_drop; i++)
		st = e->drop_boxes(e->ctx, &a->drop[i], t);
	for (size_t i = 0; st == ST_OK && i < a->n_boxes; i++)
		st = e->put_box(e->ctx, &a->boxes[i], t);
	for (size_t i = 0; st == ST_OK && i < a->n_lists; i++)
		st = e->put_list(e->ctx, &a->lists[i], t);
	for (size_t i = 0; st == ST_OK && i < a->n_wraps; i++)
		st = e->put_wrap(e->ctx, &a->wraps[i], t);
	return st;
}

status
work_append(struct store_engine *e, struct request *r, struct trouble *t)
{
	const struct store_append *a = &r->in.append;
	struct store_appended_now *now = &r->out.appended;
	status st;

	*now = (struct store_appended_now){0};
	st = e->log_head(e->ctx, &now->head, t);
	if (st != ST_OK)
		return st;
	if (now->head.len != a->head.len ||
	    (now->head.len > 0 && !ID_EQUAL(&now->head.id, &a->head.id)))
		return trouble_set(t, ST_CHANGED,
		    "the log ends elsewhere, with %u records", (unsigned)now->head.len);
	st = check_cuts(e, a, &now->is_cut_wrong, t);
	if (st != ST_OK)
		return st;
	r->has_written = true;
	st = e->add_record(e->ctx, now->head.len, &a->id, a->record, t);
	if (st == ST_OK)
		st = add_keys(e, a, t);
	if (st == ST_OK)
		now->head = (struct store_log_head){now->head.len + 1, a->id};
	return st;
}

/* ---- reading the log ---- */

status
work_log(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct store_records *out = &r->out.records;
	struct store_log_record *records = NULL;
	size_t cap = 0;
	size_t bytes = 0;
	status st;

	*out = (struct store_records){0};
	st = e->log_head(e->ctx, &out->head, t);
	for (uint32_t seq = r->in.log.from; st == ST_OK && seq < out->head.len; seq++) {
		if (bytes >= r->in.log.bytes_max && out->n_records > 0) {
			out->is_more = true;
			break;
		}
		records =
		    list_grow(r->arena, records, out->n_records, &cap, sizeof *records);
		if (records == NULL)
			return no_memory(t);
		st = e->read_record(e->ctx, seq, r->arena, &records[out->n_records], t);
		if (st == ST_OK)
			bytes += records[out->n_records++].record.len;
	}
	out->records = records;
	return st;
}

/* ---- keys ---- */

struct key_lists {
	struct store_engine *e;
	struct arena *arena;
	size_t n_boxes, n_lists, n_wraps;
	size_t boxes_cap, lists_cap, wraps_cap;
	struct store_box *boxes;
	struct store_box_list *lists;
	struct store_wrap *wraps;
};

static status
keep_box(void *ctx, const struct store_box *b, struct trouble *t)
{
	struct key_lists *k = ctx;
	struct store_box *kept;

	k->boxes =
	    list_grow(k->arena, k->boxes, k->n_boxes, &k->boxes_cap, sizeof *k->boxes);
	if (k->boxes == NULL)
		return no_memory(t);
	kept = &k->boxes[k->n_boxes++];
	*kept = *b;
	kept->box = arena_copy(k->arena, b->box);
	return kept->box.bytes == NULL ? no_memory(t) : ST_OK;
}

static status
keep_wrap(void *ctx, const struct store_wrap *w, struct trouble *t)
{
	struct key_lists *k = ctx;
	struct store_wrap *kept;

	k->wraps =
	    list_grow(k->arena, k->wraps, k->n_wraps, &k->wraps_cap, sizeof *k->wraps);
	if (k->wraps == NULL)
		return no_memory(t);
	kept = &k->wraps[k->n_wraps++];
	*kept = *w;
	kept->wrap = arena_copy(k->arena, w->wrap);
	return kept->wrap.bytes == NULL ? no_memory(t) : ST_OK;
}

/* The box list of a record for a scope (0 = over all of its scopes), if there is one and
 * it is not told yet. */
static status
keep_list(struct key_lists *k, uint16_t position, uint16_t scope, struct trouble *t)
{
	struct store_box_list list = {position, scope, {NULL, 0}};
	status st;

	for (size_t i = 0; i < k->n_lists; i++)
		if (k->lists[i].position == position && k->lists[i].scope == scope)
			return ST_OK;
	st = k->e->read_list(k->e->ctx, position, scope, k->arena, &list.list, t);
	if (st != ST_OK || list.list.bytes == NULL)
		return st;
	k->lists =
	    list_grow(k->arena, k->lists, k->n_lists, &k->lists_cap, sizeof *k->lists);
	if (k->lists == NULL)
		return no_memory(t);
	k->lists[k->n_lists++] = list;
	return ST_OK;
}

static status
keep_wraps_of(struct key_lists *k, size_t box, struct trouble *t)
{
	for (size_t i = 0; i < box; i++)
		if (k->boxes[i].scope == k->boxes[box].scope)
			return ST_OK; /* told with an earlier box */
	return k->e->each_wrap(k->e->ctx, k->boxes[box].scope, keep_wrap, k, t);
}

status
work_keys(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct key_lists k = {.e = e, .arena = r->arena};
	status st =
	    e->each_box(e->ctx, &r->in.keys.owner, r->in.keys.from, keep_box, &k, t);

	for (size_t i = 0; st == ST_OK && i < k.n_boxes; i++) {
		st = keep_list(&k, k.boxes[i].position, 0, t);
		if (st == ST_OK)
			st = keep_list(&k, k.boxes[i].position, k.boxes[i].scope, t);
		if (st == ST_OK)
			st = keep_wraps_of(&k, i, t);
	}
	r->out.keys = (struct store_keys){
	    k.n_boxes, k.boxes, k.n_lists, k.lists, k.n_wraps, k.wraps};
	return st;
}

status
work_put(struct store_engine *e, struct request *r, struct trouble *t)
{
	status st = ST_OK;

	r->has_written = true;
	if (r->in.put.has_drop)
		st = e->drop_boxes(e->ctx, &r->in.put.drop, t);
	for (size_t i = 0; st == ST_OK && i < r->in.put.n; i++)
		st = e->put_box(e->ctx, &r->in.put.boxes[i], t);
	return st;
}

status
work_give(struct store_engine *e, struct request *r, struct trouble *t)
{
	r->has_written = true;
	return add_keys(e, &r->in.append, t);
}

/* ---- devices ---- */

struct cut_list {
	struct arena *arena;
	size_t n;
	size_t cap;
	struct store_cut *at;
};

static status
keep_cut(void *ctx, struct author device, uint16_t scope, uint64_t lsn,
    const struct batch_id *id, struct trouble *t)
{
	struct cut_list *list = ctx;

	(void)lsn;
	list->at =
	    list_grow(list->arena, list->at, list->n, &list->cap, sizeof *list->at);
	if (list->at == NULL)
		return no_memory(t);
	list->at[list->n++] = (struct store_cut){device, scope, *id};
	return ST_OK;
}

status
work_cuts(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct cut_list list = {.arena = r->arena};
	status st = e->each_author(e->ctx, &r->in.device, keep_cut, &list, t);

	r->out.cuts = (struct store_cuts){list.n, list.at};
	return st;
}

struct contact_list {
	struct arena *arena;
	size_t n;
	size_t cap;
	struct store_contact *at;
};

static int
author_compare(struct author a, struct author b)
{
	if (a.home != b.home)
		return a.home < b.home ? -1 : 1;
	return (a.device > b.device) - (a.device < b.device);
}

/* The device's row, or where it has to stand; the list is by (home, device). */
static size_t
find_contact(const struct contact_list *list, struct author device)
{
	size_t low = 0;
	size_t high = list->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (author_compare(list->at[mid].device, device) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct store_contact *
contact_row(struct contact_list *list, struct author device)
{
	size_t i = find_contact(list, device);

	if (i < list->n && author_compare(list->at[i].device, device) == 0)
		return &list->at[i];
	list->at =
	    list_grow(list->arena, list->at, list->n, &list->cap, sizeof *list->at);
	if (list->at == NULL)
		return NULL;
	memmove(&list->at[i + 1], &list->at[i], (list->n - i) * sizeof *list->at);
	list->n++;
	list->at[i] = (struct store_contact){.device = device};
	return &list->at[i];
}

static status
keep_contact(void *ctx, const struct store_contact *c, struct trouble *t)
{
	struct store_contact *row = contact_row(ctx, c->device);

	if (row == NULL)
		return no_memory(t);
	*row = *c;
	row->last_lsn = 0;
	return ST_OK;
}

static status
keep_last_lsn(void *ctx, struct author device, uint16_t scope, uint64_t lsn,
    const struct batch_id *id, struct trouble *t)
{
	struct store_contact *row = contact_row(ctx, device);

	(void)scope;
	(void)id;
	if (row == NULL)
		return no_memory(t);
	if (lsn > row->last_lsn)
		row->last_lsn = lsn;
	return ST_OK;
}

status
work_contacts(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct contact_list list = {.arena = r->arena};
	status st = e->each_contact(e->ctx, keep_contact, &list, t);

	if (st == ST_OK)
		st = e->each_author(e->ctx, NULL, keep_last_lsn, &list, t);
	r->out.contacts = (struct store_contacts){list.n, list.at};
	return st;
}

struct gap_list {
	struct arena *arena;
	struct store_gap *at;
	size_t n, cap;
};

static status
keep_gap(void *ctx, const struct store_gap *g, struct trouble *t)
{
	struct gap_list *list = ctx;
	struct store_gap *more =
	    list_grow(list->arena, list->at, list->n, &list->cap, sizeof *more);

	if (more == NULL)
		return no_memory(t);
	list->at = more;
	list->at[list->n++] = *g;
	return ST_OK;
}

status
work_gaps(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct gap_list list = {.arena = r->arena};
	status st = e->each_gap(e->ctx, STORE_GAPS_MAX, keep_gap, &list, t);

	r->out.gaps = (struct store_gaps){list.n, list.at};
	return st;
}
