/* review_memory.c - the list that was shown last, kept as the names of the entries in it:
 *	u8 version || u16 items || items
 *	item: u8 kind || u8 targets || targets
 *	target: u64 rid || u16 field || u8 has_key || u64 key || u16 names || names
 *	name: u64 agent || u32 index
 * Only this laptop reads it. */
#include "client/actions/review.h"

#include <stdio.h>
#include <time.h>

#include "base/reader.h"
#include "base/writer.h"

enum {
	MEMORY_VERSION = 1,
	ITEM_BYTES = 2,
	TARGET_BYTES = 21,
	NAME_BYTES = 12,
	ITEMS_MAX = UINT16_MAX
};

static const char memory_key[] = "review_shown";

/* ---- writing ---- */

static size_t
bytes_of(const struct review_item *items, size_t n)
{
	size_t bytes = 3;

	for (size_t i = 0; i < n; i++) {
		bytes += ITEM_BYTES;
		for (size_t k = 0; k < items[i].n_targets; k++)
			bytes += TARGET_BYTES + items[i].targets[k].n * NAME_BYTES;
	}
	return bytes;
}

static void
put_target(struct writer *w, const struct review_target *t)
{
	writer_u64(w, (uint64_t)t->rid);
	writer_u16(w, t->field);
	writer_u8(w, t->has_key);
	writer_u64(w, t->key);
	writer_u16(w, (uint16_t)t->n);
	for (size_t i = 0; i < t->n; i++) {
		writer_u64(w, t->names[i].agent);
		writer_u32(w, t->names[i].index);
	}
}

static status
store(struct laptop *l, struct span bytes)
{
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = laptop_set_meta_blob(l, memory_key, bytes);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
review_remember(struct laptop *l, const struct review_item *items, size_t n)
{
	size_t cap = bytes_of(items, n > ITEMS_MAX ? ITEMS_MAX : n);
	uint8_t *buffer = arena_alloc(l->arena, cap);
	struct writer w = writer_of(buffer, cap);

	if (buffer == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
	if (n > ITEMS_MAX)
		n = ITEMS_MAX;
	writer_u8(&w, MEMORY_VERSION);
	writer_u16(&w, (uint16_t)n);
	for (size_t i = 0; i < n; i++) {
		writer_u8(&w, (uint8_t)items[i].kind);
		writer_u8(&w, (uint8_t)items[i].n_targets);
		for (size_t k = 0; k < items[i].n_targets; k++)
			put_target(&w, &items[i].targets[k]);
	}
	return store(l, writer_done(&w));
}

/* ---- reading ---- */

static bool
get_target(struct reader *r, struct arena *a, struct review_target *out)
{
	uint64_t rid = 0;
	uint16_t n = 0;
	uint8_t has_key = 0;
	bool ok = reader_u64(r, &rid) == ST_OK && reader_u16(r, &out->field) == ST_OK &&
		  reader_u8(r, &has_key) == ST_OK && reader_u64(r, &out->key) == ST_OK &&
		  reader_u16(r, &n) == ST_OK;

	if (!ok || n > r->left / NAME_BYTES)
		return false;
	out->rid = (int64_t)rid;
	out->has_key = has_key != 0;
	out->n = n;
	out->names = arena_zeros(a, n, sizeof *out->names);
	for (size_t i = 0; out->names != NULL && i < n; i++) {
		(void)reader_u64(r, &out->names[i].agent);
		(void)reader_u32(r, &out->names[i].index);
	}
	return out->names != NULL;
}

static bool
get_item(struct reader *r, struct arena *a, struct review_item *out)
{
	uint8_t kind = 0, n = 0;

	if (reader_u8(r, &kind) != ST_OK || reader_u8(r, &n) != ST_OK || kind == 0 ||
	    kind >= REVIEW_KIND_COUNT)
		return false;
	*out = (struct review_item){.kind = (enum review_kind)kind, .n_targets = n};
	out->targets = arena_zeros(a, n, sizeof *out->targets);
	for (size_t i = 0; out->targets != NULL && i < n; i++) {
		if (!get_target(r, a, &out->targets[i]))
			return false;
	}
	return out->targets != NULL;
}

/* The whole list; *n 0 if there is none, or none that can be read. */
static struct review_item *
recall(struct laptop *l, size_t *n)
{
	struct span bytes = laptop_meta_blob(l, memory_key);
	struct reader r = reader_of(bytes);
	struct review_item *items;
	uint8_t version = 0;
	uint16_t count = 0;

	*n = 0;
	if (bytes.len == 0 || reader_u8(&r, &version) != ST_OK ||
	    version != MEMORY_VERSION || reader_u16(&r, &count) != ST_OK)
		return NULL;
	items = arena_zeros(l->arena, count, sizeof *items);
	for (size_t i = 0; items != NULL && i < count; i++) {
		if (!get_item(&r, l->arena, &items[i]))
			return NULL;
		*n = i + 1;
	}
	return items;
}

size_t
review_n_shown(struct laptop *l)
{
	size_t n;

	(void)recall(l, &n);
	return n;
}

/* ---- one of them, now ---- */

static bool
is_same_place(const struct review_item *a, const struct review_item *b)
{
	const struct review_target *x = a->targets, *y = b->targets;

	return a->kind == b->kind && a->n_targets > 0 && b->n_targets > 0 &&
	       x->rid == y->rid && x->field == y->field && x->key == y->key &&
	       (a->kind != REVIEW_DUPLICATE || x[1].rid == y[1].rid);
}

/* Of a text: other words in that place. Of values: other entries. */
static bool
is_changed(
    struct laptop *l, const struct review_item *shown, const struct review_item *now)
{
	const struct review_target *x = shown->targets, *y = now->targets;
	bool is_same = x->n == y->n;

	if (shown->kind != REVIEW_TEXT)
		return review_is_changed(l, shown);
	for (size_t i = 0; is_same && i < x->n; i++)
		is_same = entry_name_equal(x->names[i], y->names[i]);
	return !is_same;
}

static status
not_shown(struct laptop *l, size_t id)
{
	(void)complain(l->complaint, PN_F01, "the list shown last has no number %zu", id);
	complain_next(l->complaint, "pnet review --list");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

static status
settled_meanwhile(struct laptop *l, size_t id)
{
	status st = complain(l->complaint, PN_C02,
	    "number %zu is not open any more: it was settled meanwhile", id);

	complain_next(l->complaint, "pnet review --list");
	return trouble_set(&l->trouble, st, "settled meanwhile");
}

/* Says the values of now, and from here on they count as shown. */
static status
changed_meanwhile(struct laptop *l, size_t id, struct review_item *shown, size_t n,
    const struct review_item *now)
{
	char why[600] = "";
	size_t used = 0;
	status st;

	for (size_t i = 0; i < now->n_choices && used < sizeof why; i++)
		used += (size_t)snprintf(why + used, sizeof why - used, "%s%zu %s%s%s",
		    i == 0 ? "" : ", ", i + 1, now->choices[i].text,
		    *now->choices[i].member == '\0' ? "" : " by ",
		    now->choices[i].member);
	shown[id - 1] = *now;
	st = review_remember(l, shown, n);
	if (st != ST_OK)
		return st;
	st = complain(l->complaint, PN_C02, "%s: now it is %s", now->title, why);
	complain_next(l->complaint, "pnet review %zu --take 1    or another of them", id);
	return trouble_set(&l->trouble, st, "changed meanwhile");
}

status
review_shown(struct laptop *l, size_t id, struct review_item *out)
{
	struct review_item *shown, *now;
	size_t n_shown = 0, n_now = 0;
	status st;

	shown = recall(l, &n_shown);
	if (id < 1 || id > n_shown)
		return not_shown(l, id);
	st = review_list(l, &now, &n_now);
	for (size_t i = 0; st == ST_OK && i < n_now; i++) {
		if (!is_same_place(&shown[id - 1], &now[i]))
			continue;
		if (is_changed(l, &shown[id - 1], &now[i]))
			return changed_meanwhile(l, id, shown, n_shown, &now[i]);
		*out = now[i];
		return ST_OK;
	}
	return st != ST_OK ? st : settled_meanwhile(l, id);
}
