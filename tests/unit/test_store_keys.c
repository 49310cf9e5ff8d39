/* test_store_keys.c - membership log, key boxes, devices: one suite for every store
 * engine (SECURITY 3, 4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

static const struct box_pk anna = {{'a'}};
static const struct box_pk invite = {{'i'}};

static struct store_box
box_for(const struct box_pk *owner, uint16_t position, uint16_t scope, const char *text)
{
	return (struct store_box){.owner = *owner,
	    .position = position,
	    .space = 1,
	    .scope = scope,
	    .epoch = 1,
	    .box = span_text(text)};
}

/* ---- log ---- */

static void
append_that_lost_the_race_learns_the_head_and_changes_nothing(void **state)
{
	struct ground *g = *state;
	struct store_append a = {0};
	struct store_appended_now now = append_now(g, a, 'a');

	assert_int_equal(g->result, STORE_OK);
	assert_int_equal(now.head.len, 1);
	assert_int_equal(now.head.id.bytes[0], 'a');
	a.head = now.head;
	now = append_now(g, a, 'b');
	assert_int_equal(now.head.len, 2);

	now = append_now(g, a, 'c'); /* still on the head of a */
	assert_int_equal(g->result, STORE_REFUSED);
	assert_false(now.is_cut_wrong);
	assert_int_equal(now.head.len, 2);
	assert_int_equal(now.head.id.bytes[0], 'b');
	a.head = (struct store_log_head){2, {{'x'}}}; /* right length, other record */
	append_now(g, a, 'd');
	assert_int_equal(g->result, STORE_REFUSED);
	assert_int_equal(look_now(g, 0).log.len, 2);
}

struct told_log {
	struct ground *g;
	struct store_records records;
	char texts[8][8];
};

static void
on_log(void *ctx, enum store_result r, const struct store_records *records,
    const struct trouble *t)
{
	struct told_log *l = ctx;

	take_result(l->g, r, t);
	if (records == NULL)
		return;
	l->records = *records;
	for (size_t i = 0; i < records->n_records; i++)
		memcpy(l->texts[i], records->records[i].record.bytes,
		    records->records[i].record.len);
}

static struct told_log
log_now(struct ground *g, uint32_t from, size_t bytes_max)
{
	struct told_log l = {.g = g};

	g->is_answered = false;
	store_log(g->store, from, bytes_max, on_log, &l);
	(void)wait_for(g);
	return l;
}

static void
log_is_told_in_order_and_in_parts(void **state)
{
	struct ground *g = *state;
	struct store_append a = {0};
	struct told_log l;

	for (char c = 'a'; c < 'e'; c++)
		a.head = append_now(g, a, c).head;
	l = log_now(g, 1, 1000);
	assert_int_equal(l.records.n_records, 3);
	assert_false(l.records.is_more);
	assert_string_equal(l.texts[0], "rec b");
	assert_string_equal(l.texts[2], "rec d");
	l = log_now(g, 0, 1);
	assert_int_equal(l.records.n_records, 1);
	assert_true(l.records.is_more);
	assert_int_equal(l.records.head.len, 4);
	assert_int_equal(log_now(g, 4, 1000).records.n_records, 0);
}

static void
append_with_a_wrong_cut_is_refused(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *first =
	    fx_batch_by(&g->fx, 7, 1, 1, &(struct fx_op){.record = 'x'});
	const struct fx_batch *last =
	    fx_batch_by(&g->fx, 7, 1, 1, &(struct fx_op){.record = 'y'});
	struct store_cut cuts[] = {{{1, 7}, 1, first->id}, {{1, 7}, 2, {{0}}}};
	const struct store_append a = {.n_cuts = 2, .cuts = cuts};

	push_now(g, first);
	push_now(g, last);
	assert_true(append_now(g, a, 'a').is_cut_wrong);
	assert_int_equal(g->result, STORE_REFUSED);
	assert_int_equal(look_now(g, 0).log.len, 0);
	cuts[0].id = last->id;
	append_now(g, a, 'a');
	assert_int_equal(g->result, STORE_OK);
}

/* ---- keys ---- */

struct told_keys {
	struct ground *g;
	struct store_keys keys;
	struct store_box boxes[8];
	char box_texts[8][8];
	char list_text[8];
	char wrap_text[8];
};

static void
on_keys(void *ctx, enum store_result r, const struct store_keys *keys,
    const struct trouble *t)
{
	struct told_keys *k = ctx;

	take_result(k->g, r, t);
	if (keys == NULL)
		return;
	k->keys = *keys;
	for (size_t i = 0; i < keys->n_boxes; i++) {
		k->boxes[i] = keys->boxes[i];
		memcpy(k->box_texts[i], keys->boxes[i].box.bytes, keys->boxes[i].box.len);
	}
	if (keys->n_lists > 0)
		memcpy(k->list_text, keys->lists[0].list.bytes, keys->lists[0].list.len);
	if (keys->n_wraps > 0)
		memcpy(k->wrap_text, keys->wraps[0].wrap.bytes, keys->wraps[0].wrap.len);
}

static struct told_keys
keys_now(struct ground *g, const struct box_pk *owner, uint32_t from)
{
	struct told_keys k = {.g = g};

	g->is_answered = false;
	store_keys(g->store, owner, from, on_keys, &k);
	(void)wait_for(g);
	return k;
}

static void
boxes_lists_and_wraps_come_with_their_record(void **state)
{
	struct ground *g = *state;
	const struct store_box boxes[] = {box_for(&anna, 0, 5, "box a"),
	    box_for(&invite, 0, 5, "box i"), box_for(&anna, 0, 4, "box b")};
	const struct store_box_list lists[] = {{0, 5, span_text("list")}};
	const struct store_wrap wraps[] = {
	    {5, 2, span_text("wrap")}, {9, 2, span_text("no")}};
	const struct store_append a = {.n_boxes = 3,
	    .boxes = boxes,
	    .n_lists = 1,
	    .lists = lists,
	    .n_wraps = 2,
	    .wraps = wraps};
	struct told_keys k;

	append_now(g, a, 'a');
	assert_int_equal(g->result, STORE_OK);
	k = keys_now(g, &anna, 0);
	assert_int_equal(k.keys.n_boxes, 2);
	assert_int_equal(k.boxes[0].scope, 4);
	assert_int_equal(k.boxes[0].space, 1);
	assert_string_equal(k.box_texts[0], "box b");
	assert_string_equal(k.box_texts[1], "box a");
	assert_int_equal(k.keys.n_lists, 1);
	assert_string_equal(k.list_text, "list");
	assert_int_equal(k.keys.n_wraps, 1);
	assert_string_equal(k.wrap_text, "wrap");
	assert_int_equal(keys_now(g, &anna, 1).keys.n_boxes, 0);
	assert_int_equal(keys_now(g, &(struct box_pk){{'x'}}, 0).keys.n_boxes, 0);
}

static void
keys_of_a_record_that_is_there_come_again(void **state)
{
	struct ground *g = *state;
	const struct store_box boxes[] = {box_for(&anna, 0, 5, "box a")};
	const struct store_box_list lists[] = {{0, 5, span_text("list")}};
	const struct store_wrap wraps[] = {{5, 2, span_text("wrap")}};
	const struct store_append a = {.n_boxes = 1,
	    .boxes = boxes,
	    .n_lists = 1,
	    .lists = lists,
	    .n_wraps = 1,
	    .wraps = wraps};
	const struct store_append bare = {0};
	struct told_keys k;

	append_now(g, bare, 'a');
	assert_int_equal(keys_now(g, &anna, 0).keys.n_boxes, 0);
	for (size_t i = 0; i < 2; i++) { /* twice is once */
		g->is_answered = false;
		store_put_keys(g->store, &a, on_done, g);
		assert_int_equal(wait_for(g), STORE_OK);
	}
	k = keys_now(g, &anna, 0);
	assert_int_equal(k.keys.n_boxes, 1);
	assert_string_equal(k.box_texts[0], "box a");
	assert_string_equal(k.list_text, "list");
	assert_string_equal(k.wrap_text, "wrap");
}

static void
refused_append_leaves_no_box(void **state)
{
	struct ground *g = *state;
	const struct store_box boxes[] = {box_for(&anna, 0, 5, "box a")};
	const struct store_append a = {
	    .head = {3, {{'z'}}}, .n_boxes = 1, .boxes = boxes};

	append_now(g, a, 'a');
	assert_int_equal(g->result, STORE_REFUSED);
	assert_int_equal(keys_now(g, &anna, 0).keys.n_boxes, 0);
}

static void
own_boxes_of_a_joiner_take_the_place_of_the_invites(void **state)
{
	struct ground *g = *state;
	const struct store_box first = box_for(&invite, 0, 5, "box i");
	struct store_box own = box_for(&anna, STORE_BOX_OWN, 5, "own");
	struct told_keys k;

	g->is_answered = false;
	store_put_boxes(g->store, 1, &first, NULL, on_done, g);
	assert_int_equal(wait_for(g), STORE_OK);
	assert_int_equal(keys_now(g, &invite, 0).keys.n_boxes, 1);
	for (size_t i = 0; i < 2; i++) { /* the second replaces the first */
		g->is_answered = false;
		store_put_boxes(g->store, 1, &own, &invite, on_done, g);
		assert_int_equal(wait_for(g), STORE_OK);
		own.box = span_text("new");
	}
	assert_int_equal(keys_now(g, &invite, 0).keys.n_boxes, 0);
	k = keys_now(g, &anna, 0);
	assert_int_equal(k.keys.n_boxes, 1);
	assert_string_equal(k.box_texts[0], "new");
	assert_int_equal(keys_now(g, &anna, 1).keys.n_boxes, 0);
}

static void
append_can_drop_the_boxes_of_a_spent_invite(void **state)
{
	struct ground *g = *state;
	const struct store_box boxes[] = {box_for(&invite, 0, 5, "box i")};
	struct store_append a = {.n_boxes = 1, .boxes = boxes};

	a.head = append_now(g, a, 'a').head;
	a.n_boxes = 0;
	a.n_drop = 1;
	a.drop = &invite;
	append_now(g, a, 'b');
	assert_int_equal(keys_now(g, &invite, 0).keys.n_boxes, 0);
}

/* ---- devices ---- */

struct told_contacts {
	struct ground *g;
	size_t n;
	struct store_contact at[8];
};

static void
on_contacts(void *ctx, enum store_result r, const struct store_contacts *c,
    const struct trouble *t)
{
	struct told_contacts *k = ctx;

	take_result(k->g, r, t);
	k->n = c->n;
	for (size_t i = 0; i < c->n; i++)
		k->at[i] = c->at[i];
}

static struct told_contacts
contacts_now(struct ground *g)
{
	struct told_contacts c = {.g = g};

	g->is_answered = false;
	store_contacts(g->store, on_contacts, &c);
	(void)wait_for(g);
	return c;
}

static void
contact_costs_no_commit_and_shows_with_the_last_batch(void **state)
{
	struct ground *g = *state;
	const struct fx_op op = {.record = 'x'};
	struct told_contacts c;

	store_note_contact(g->store, (struct author){1, 9}, 1000, 0);
	store_note_contact(g->store, (struct author){1, 9}, 2000, 5);
	assert_int_equal(look_now(g, 0).commits, 0);
	push_now(g, fx_batch_by(&g->fx, 3, 1, 1, &op));
	push_now(g, fx_batch_by(&g->fx, 9, 2, 1, &op));
	push_now(g, fx_batch_by(&g->fx, 9, 1, 1, &op));
	assert_int_equal(look_now(g, 0).commits, 3);
	store_note_contact(g->store, (struct author){0, 4}, 3000, 2);
	c = contacts_now(g);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.at[0].device.home, 0);
	assert_int_equal(c.at[0].last_lsn, 0);
	assert_int_equal(c.at[1].device.device, 3);
	assert_int_equal(c.at[1].time_ms, 0);
	assert_int_equal(c.at[1].last_lsn, 1);
	assert_int_equal(c.at[2].time_ms, 2000);
	assert_int_equal(c.at[2].cursor, 5);
	assert_int_equal(c.at[2].last_lsn, 3);
}

struct told_cuts {
	struct ground *g;
	size_t n;
	struct store_cut at[4];
};

static void
on_cuts(
    void *ctx, enum store_result r, const struct store_cuts *c, const struct trouble *t)
{
	struct told_cuts *k = ctx;

	take_result(k->g, r, t);
	k->n = c->n;
	for (size_t i = 0; i < c->n; i++)
		k->at[i] = c->at[i];
}

static void
cuts_name_the_last_batch_of_a_device_in_each_scope(void **state)
{
	struct ground *g = *state;
	const struct fx_op op = {.record = 'x'};
	const struct fx_batch *b[] = {fx_batch_by(&g->fx, 9, 1, 1, &op),
	    fx_batch_by(&g->fx, 9, 1, 1, &op), fx_batch_by(&g->fx, 9, 2, 1, &op),
	    fx_batch_by(&g->fx, 8, 1, 1, &op)};
	struct told_cuts c = {.g = g};

	for (size_t i = 0; i < 4; i++)
		push_now(g, b[i]);
	g->is_answered = false;
	store_cuts(g->store, (struct author){1, 9}, on_cuts, &c);
	assert_int_equal(wait_for(g), STORE_OK);
	assert_int_equal(c.n, 2);
	assert_true(ID_EQUAL(&c.at[0].id, &b[1]->id));
	assert_int_equal(c.at[1].scope, 2);
	assert_true(ID_EQUAL(&c.at[1].id, &b[2]->id));
}

struct told_gaps {
	struct ground *g;
	size_t n;
	struct store_gap at[4];
};

static void
on_gaps(void *ctx, enum store_result r, const struct store_gaps *gaps,
    const struct trouble *t)
{
	struct told_gaps *k = ctx;

	take_result(k->g, r, t);
	k->n = gaps->n;
	for (size_t i = 0; i < gaps->n; i++)
		k->at[i] = gaps->at[i];
}

static struct told_gaps
gaps_now(struct ground *g)
{
	struct told_gaps told = {.g = g};

	g->is_answered = false;
	store_gaps(g->store, on_gaps, &told);
	assert_int_equal(wait_for(g), STORE_OK);
	return told;
}

/* Its header says that it follows the other one: bytes of SECURITY 9.4. */
static const struct fx_batch *
after(struct ground *g, const struct fx_batch *before)
{
	const struct fx_op op = {.record = 'x'};
	const struct fx_batch *b = fx_batch_by(&g->fx, 9, 2, 1, &op);
	uint8_t *header = (uint8_t *)(uintptr_t)b->batch.header.bytes;
	struct short_id prev = batch_short(&before->id);

	put_u16(header + 3, 1);
	put_u16(header + 5, 9);
	put_u16(header + 7, 2);
	memcpy(header + 35, prev.bytes, sizeof prev.bytes);
	return b;
}

static void
batches_that_others_follow_and_nobody_brought_are_listed(void **state)
{
	struct ground *g = *state;
	const struct fx_op op = {.record = 'x'};
	const struct fx_batch *first = fx_batch_by(&g->fx, 9, 2, 1, &op);
	const struct fx_batch *second = after(g, first), *third = after(g, second),
			      *copy = after(g, second), *fourth = after(g, third);
	struct told_gaps told;

	push_now(g, first);
	push_now(g, third);
	push_now(g, copy); /* one batch is missing, whoever follows it */
	push_now(g, fourth);
	told = gaps_now(g);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.at[0].device.home, 1);
	assert_int_equal(told.at[0].device.device, 9);
	assert_int_equal(told.at[0].scope, 2);
	assert_int_equal(told.at[0].lsn, 2);
	assert_memory_equal(
	    told.at[0].missing.bytes, second->id.bytes, sizeof told.at[0].missing.bytes);
	push_now(g, second);
	assert_int_equal(gaps_now(g).n, 0);
}

struct told_graves {
	struct ground *g;
	size_t n;
	struct merge_grave last;
};

static void
on_graves(void *ctx, enum store_result r, const struct store_graves *graves,
    const struct trouble *t)
{
	struct told_graves *k = ctx;

	take_result(k->g, r, t);
	k->n = graves->n;
	if (k->n > 0)
		k->last = graves->at[k->n - 1];
}

static void
graves_are_listed_for_the_file_outside_the_backups(void **state)
{
	struct ground *g = *state;
	const struct fx_op gone = {.subject = 'p', .is_erase = true};
	struct told_graves told = {.g = g};

	push_now(g, fx_batch(&g->fx, 2, 1, &gone));
	push_now(g, fx_batch(&g->fx, 2, 1, &gone)); /* a second erase adds none */
	g->is_answered = false;
	store_graves(g->store, on_graves, &told);
	assert_int_equal(wait_for(g), STORE_OK);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.last.scope, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(batches_that_others_follow_and_nobody_brought_are_listed),
	    EACH(append_that_lost_the_race_learns_the_head_and_changes_nothing),
	    EACH(log_is_told_in_order_and_in_parts),
	    EACH(append_with_a_wrong_cut_is_refused),
	    EACH(boxes_lists_and_wraps_come_with_their_record),
	    EACH(keys_of_a_record_that_is_there_come_again),
	    EACH(refused_append_leaves_no_box),
	    EACH(own_boxes_of_a_joiner_take_the_place_of_the_invites),
	    EACH(append_can_drop_the_boxes_of_a_spent_invite),
	    EACH(contact_costs_no_commit_and_shows_with_the_last_batch),
	    EACH(cuts_name_the_last_batch_of_a_device_in_each_scope),
	    EACH(graves_are_listed_for_the_file_outside_the_backups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
