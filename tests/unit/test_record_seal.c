/* test_record_seal.c - what goes into the next op: whole or small, what is carried on,
 * which names are kept (DESIGN 4.2). */
#include "record_laptop.h"

static void
a_small_record_stays_one_live_op(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 1; i <= 20; i++) {
		put(f->ann, F_NAME, i);
		(void)seal(f->ann);
	}
	assert_int_equal(view_of(f->ann).n_live, 1);
	assert_string_equal(shown(f->ann, F_NAME, 0), "20");
}

static void
a_small_op_supersedes_no_op(void **state)
{
	struct fixture *f = *state;
	struct record_sealing s;

	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 1000;
	put(f->ann, F_NAME, 1);
	(void)seal(f->ann);
	put(f->ann, F_NAME, 2);
	s = seal_only(f->ann);
	assert_false(s.is_whole);
	assert_int_equal(s.n_dots, 0);
	assert_int_equal(s.body.n_entries, 1);
	assert_int_equal(s.body.n_gone, 1);
}

static void
a_large_record_is_compacted_after_64_live_ops(void **state)
{
	struct fixture *f = *state;

	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 1000;
	for (uint64_t i = 1; i <= 65; i++) {
		mark(f->ann, i, 1);
		assert_int_equal(seal(f->ann).n_dots, 0);
	}
	assert_int_equal(view_of(f->ann).n_live, 65);
	mark(f->ann, 66, 1);
	assert_int_equal(seal(f->ann).n_dots, 65);
	assert_int_equal(view_of(f->ann).n_live, 1);
	for (uint64_t i = 1; i <= 66; i++)
		assert_string_equal(shown(f->ann, F_MARKS, i), "1");
}

static void
a_record_much_larger_than_what_it_says_is_compacted(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;

	f->ann->limits.whole_bytes = 0;
	do {
		put(f->ann, F_NAME, ++n);
	} while (seal(f->ann).n_dots == 0 && n < 60);
	assert_in_range(n, 3, 12);
}

static void
superseded_names_do_not_make_a_record_large(void **state)
{
	struct fixture *f = *state;

	f->ann->limits.whole_bytes = 100;
	for (uint64_t i = 1; i <= 60; i++) {
		put(f->ann, F_NAME, i);
		(void)seal(f->ann);
	}
	assert_int_equal(view_of(f->ann).n_live, 1);
}

/* The carry-on rule: only a whole op that carries everything in the view may list ops. */
static void
a_refused_pending_op_loses_nothing_that_a_whole_op_listed(void **state)
{
	struct fixture *f = *state;
	struct record_op first, second, third;

	put(f->ann, F_NAME, 1);
	first = seal(f->ann);
	put(f->ann, F_HELD, 2);
	second = seal(f->ann); /* whole: lists the first */
	mark(f->ann, 9, 3);
	third = seal(f->ann); /* whole: lists the second */
	assert_int_equal(second.n_dots, 1);
	assert_int_equal(third.n_dots, 1);
	/* The server refuses the second, but takes the first and the third. */
	refuse(f->ann, second);
	deliver(f->ben, first);
	deliver(f->ben, third);
	assert_string_equal(shown(f->ben, F_NAME, 0), "1");
	assert_string_equal(shown(f->ben, F_HELD, 0), "2");
	assert_string_equal(shown(f->ben, F_MARKS, 9), "3");
	assert_string_equal(shown(f->ann, F_HELD, 0), "2");
}

/* With more live ops than one op may list, all entries are carried on all the same. */
static void
a_whole_op_carries_on_entries_of_ops_that_it_does_not_list(void **state)
{
	struct fixture *f = *state;
	struct record_op whole;

	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 100000;
	f->ann->limits.live_ops = 1000;
	for (uint64_t i = 1; i <= 300; i++) {
		mark(f->ann, i, 1);
		(void)seal(f->ann);
	}
	f->ann->limits.live_ops = 64;
	mark(f->ann, 301, 1);
	whole = seal(f->ann);
	assert_int_equal(whole.n_dots, 256);
	assert_int_equal(whole.body->n_entries, 301);
	assert_int_equal(view_of(f->ann).n_live, 45);
	assert_int_equal(count_shown(f->ann, F_MARKS, 300), 1);
}

static void
a_copy_carried_on_by_somebody_who_had_not_seen_the_edit_does_not_bring_it_back(
    void **state)
{
	struct fixture *f = *state;
	struct record_op of_ben, first;

	put(f->ann, F_NAME, 1);
	first = seal(f->ann);
	deliver(f->ben, first);
	put(f->ann, F_NAME, 2); /* replaces 1, whole: the first op goes */
	put(f->ben, F_HELD, 7); /* carries 1 on: not seen it replaced */
	of_ben = seal(f->ben);
	(void)seal(f->ann);
	deliver(f->ann, of_ben);
	assert_string_equal(shown(f->ann, F_NAME, 0), "2");
}

static void
a_whole_op_keeps_every_superseded_name(void **state)
{
	struct fixture *f = *state;
	struct record_op first, late;

	put(f->ann, F_NAME, 1);
	first = seal(f->ann);
	deliver(f->ben, first);
	put(f->ben, F_HELD, 7);
	late = seal(f->ben); /* offline: carries 1 on */
	for (uint64_t i = 2; i <= 40; i++) {
		put(f->ann, F_NAME, i);
		(void)seal(f->ann);
	}
	deliver(f->ann, late);
	assert_string_equal(shown(f->ann, F_NAME, 0), "40");
}

static void
after_65_edits_a_late_copy_of_the_first_is_shown_again_and_nothing_is_lost(void **state)
{
	struct fixture *f = *state;
	struct record_op first, late;

	put(f->ann, F_NAME, 1);
	first = seal(f->ann);
	deliver(f->ben, first);
	put(f->ben, F_HELD, 7);
	late = seal(f->ben);
	for (uint64_t i = 2; i <= 67; i++) {
		put(f->ann, F_NAME, i);
		(void)seal(f->ann);
		pull_back(f->ann);
	}
	assert_int_equal(f->ann->ops[0].body->n_gone, 64);
	deliver(f->ann, late);
	assert_int_equal(count_shown(f->ann, F_NAME, 0), 2);
	assert_string_equal(shown(f->ann, F_HELD, 0), "7");
}

static void
the_cap_counts_each_map_key(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 40; i++) {
		for (uint64_t key = 1; key <= 3; key++)
			mark(f->ann, key, i);
		(void)seal(f->ann);
		pull_back(f->ann);
	}
	/* 117 names, each of the three keys has 39. */
	assert_int_equal(f->ann->ops[0].body->n_gone, 117);
	for (uint64_t i = 40; i < 80; i++) {
		for (uint64_t key = 1; key <= 3; key++)
			mark(f->ann, key, i);
		(void)seal(f->ann);
		pull_back(f->ann);
	}
	assert_int_equal(f->ann->ops[0].body->n_gone, 192);
}

/* Saves marks 1..keys at once: one agent. */
static void
mark_form(struct laptop *l, uint64_t keys, uint64_t n)
{
	const uint64_t agent = ++*l->fresh * 0x9E3779B97F4A7C15U;

	for (uint32_t i = 0; i < keys; i++) {
		struct record_view v = view_of(l);
		struct record_write w = write_of(l, F_MARKS, i + 1, number(n));
		struct record_edit_result r;

		w.name = (struct entry_name){agent, i};
		assert_int_equal(record_edit(l->a, &v, &w, &r, NULL), ST_OK);
		store_dirty(l, &r);
	}
}

static void
a_cap_that_falls_inside_a_form_keeps_its_last_names(void **state)
{
	struct fixture *f = *state;
	const struct body *b;
	uint64_t first_agent;

	f->ann->limits.names_kept = 1; /* for each of the three keys */
	mark_form(f->ann, 3, 1);
	first_agent = f->ann->dirty[0].entry.name.agent;
	(void)seal(f->ann);
	mark_form(f->ann, 3, 2);
	(void)seal(f->ann);
	for (size_t i = 0; i + 1 < f->ann->n_ops; i++)
		f->ann->ops[i] = f->ann->ops[f->ann->n_ops - 1];
	f->ann->n_ops = 1; /* base: the replaced op is gone */
	mark_form(f->ann, 1, 3);
	b = seal(f->ann).body;
	assert_int_equal(b->n_gone, 2);
	assert_int_equal(b->gone[0].agent, first_agent);
	assert_int_equal(b->gone[0].first, 1);
	assert_int_equal(b->gone[0].count, 2);
	assert_int_equal(b->gone[1].count, 1);
}

static void
the_cap_never_cuts_a_name_that_a_live_op_still_holds(void **state)
{
	struct fixture *f = *state;
	struct record_sealing s;

	f->ann->limits.names_kept = 2;
	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 100000;
	for (uint64_t i = 1; i <= 30; i++) {
		put(f->ann, F_NAME, i);
		(void)seal(f->ann); /* small: all 30 ops stay live */
	}
	f->ann->limits.whole_bytes = 100000;
	put(f->ann, F_NAME, 31);
	s = seal_only(f->ann);
	assert_true(s.is_whole);
	assert_int_equal(s.body.n_gone, 30);
	assert_int_equal(s.n_cut, 0);
	(void)store_sealing(f->ann, &s);
	put(f->ann, F_NAME, 32);
	assert_int_equal(seal_only(f->ann).n_cut, 0); /* the whole op may be refused */
	pull_back(f->ann);
	s = seal_only(f->ann); /* the old ops are gone: now it may cut */
	assert_int_equal(s.body.n_gone, 2);
	assert_int_equal(s.n_cut, 29);
}

static void
names_that_were_never_sealed_are_cut_first(void **state)
{
	struct fixture *f = *state;
	uint64_t sealed_agent;
	struct record_sealing s;
	bool has_sealed = false;

	f->ann->limits.names_kept = 3;
	put(f->ann, F_NAME, 1);
	sealed_agent = f->ann->dirty[0].entry.name.agent;
	(void)seal(f->ann);
	put(f->ann, F_NAME, 2); /* sealed name 1 is older than all that follow */
	for (uint64_t i = 3; i <= 20; i++)
		put(f->ann, F_NAME, i);
	f->ann->ops[0].body = &(struct body){.kind = 7}; /* nothing holds 1 any more */
	s = seal_only(f->ann);
	assert_int_equal(s.body.n_gone, 3);
	for (size_t i = 0; i < s.body.n_gone; i++)
		has_sealed = has_sealed || s.body.gone[i].agent == sealed_agent;
	assert_true(has_sealed);
}

static void
names_of_a_text_are_never_cut(void **state)
{
	struct fixture *f = *state;
	const struct body *last;
	size_t n_hollow = 0;

	f->ann->limits.names_kept = 2;
	for (int i = 0; i < 30; i++) {
		write_text(f->ann, i % 2 == 0 ? "one" : "other");
		(void)seal(f->ann);
	}
	last = f->ann->ops[f->ann->n_ops - 1].body;
	for (size_t i = 0; i < last->n_entries; i++)
		n_hollow += last->entries[i].value.hollow > 0;
	assert_int_equal(n_hollow, 29);
}

static void
two_concurrent_compactions_join_by_name(void **state)
{
	struct fixture *f = *state;
	struct record_op one, two, third;

	f->ann->limits.whole_bytes = f->ben->limits.whole_bytes = 0;
	f->ann->limits.size_factor = f->ben->limits.size_factor = 100000;
	for (uint64_t key = 1; key <= 5; key++) {
		mark(f->ann, key, key);
		deliver(f->ben, seal(f->ann));
	}
	one = compact(f->ann);
	two = compact(f->ben);
	deliver(f->ann, two);
	deliver(f->ben, one);
	assert_int_equal(view_of(f->ann).n_live, 2);
	third = compact(f->ann);
	assert_int_equal(third.n_dots, 2);
	deliver(f->ben, third);
	for (uint64_t key = 1; key <= 5; key++) {
		assert_int_equal(count_shown(f->ann, F_MARKS, key), 1);
		assert_string_equal(
		    shown(f->ann, F_MARKS, key), shown(f->ben, F_MARKS, key));
	}
	assert_int_equal(third.body->n_entries, 5);
}

static void
an_edit_survives_a_compaction_that_did_not_see_it(void **state)
{
	struct fixture *f = *state;
	struct record_op edit, whole;

	f->ben->limits.whole_bytes = 0;
	f->ben->limits.size_factor = 100000;
	put(f->ann, F_NAME, 1);
	deliver(f->ben, seal(f->ann));
	put(f->ben, F_NAME, 2);
	edit = seal(f->ben); /* small: stands beside the compaction */
	whole = compact(f->ann);
	deliver(f->ann, edit);
	deliver(f->ben, whole);
	assert_string_equal(shown(f->ann, F_NAME, 0), "2");
	assert_string_equal(shown(f->ben, F_NAME, 0), "2");
}

static void
a_compaction_is_no_resolution(void **state)
{
	struct fixture *f = *state;
	struct record_view before, after;

	put(f->ann, F_NAME, 1);
	put(f->ben, F_NAME, 2);
	(void)seal(f->ann);
	deliver(f->ann, seal(f->ben));
	before = view_of(f->ann);
	(void)compact(f->ann);
	after = view_of(f->ann);
	assert_int_equal(after.n_entries, before.n_entries);
	for (size_t i = 0; i < after.n_entries; i++) {
		const struct entry *x = before.entries[i].entry;
		const struct entry *y = after.entries[i].entry;

		assert_true(entry_name_equal(x->name, y->name));
		assert_true(value_equal(&x->value, &y->value));
		assert_int_equal(hlc_compare(x->time, y->time), 0);
		assert_memory_equal(&x->by, &y->by, sizeof x->by);
	}
	assert_int_equal(count_shown(f->ann, F_NAME, 0), 2);
}

static void
a_whole_op_does_not_list_an_op_that_arrives_after_the_view(void **state)
{
	struct fixture *f = *state;
	struct record_op whole, late;

	put(f->ann, F_NAME, 1);
	(void)seal(f->ann);
	put(f->ben, F_NAME, 2);
	late = seal(f->ben);
	put(f->ann, F_HELD, 3);
	whole = seal(f->ann);
	deliver(f->ann, late);
	deliver(f->ben, whole);
	assert_int_equal(count_shown(f->ann, F_NAME, 0), 2);
	assert_string_equal(shown(f->ann, F_NAME, 0), shown(f->ben, F_NAME, 0));
}

/* --- audit, twins, restores -----------------------------------------------------------
 */

static void
an_audit_record_is_never_carried_on(void **state)
{
	const struct compaction how = {1, 0};
	struct fixture *f = *state;
	struct record_op second;
	struct record_sealing s;
	struct record_view v;

	f->ann->is_audit = true;
	put(f->ann, F_NAME, 1);
	(void)seal(f->ann);
	put(f->ann, F_HELD, 2);
	second = seal(f->ann);
	assert_int_equal(second.n_dots, 0);
	assert_int_equal(second.body->n_entries, 1);
	v = view_of(f->ann);
	assert_int_equal(v.n_live, 2);
	assert_int_equal(
	    record_compact(f->a, &v, &f->ann->limits, &plain_measure, &how, &s, NULL),
	    ST_NOT_ALLOWED);
}

static void
an_audit_op_is_immune_to_dots(void **state)
{
	struct fixture *f = *state;
	struct record_op first;
	struct record_op *killer;

	f->ann->is_audit = true;
	put(f->ann, F_NAME, 1);
	first = seal(f->ann);
	put(f->ann, F_HELD, 2);
	(void)seal(f->ann);
	killer = &f->ann->ops[1];
	killer->n_dots = 1;
	killer->dots = &first.dot;
	assert_string_equal(shown(f->ann, F_NAME, 0), "1");
}

static void
a_body_that_is_too_large_for_a_whole_op_is_written_small(void **state)
{
	struct fixture *f = *state;
	struct record_view v;
	struct record_sealing s;

	for (uint64_t key = 1; key <= 20; key++)
		mark(f->ann, key, 1);
	(void)seal(f->ann);
	mark(f->ann, 1, 2);
	f->ann->limits.body_bytes_max = 200;
	s = seal_only(f->ann);
	assert_false(s.is_whole);
	f->ann->limits.body_bytes_max = 50;
	v = view_of(f->ann);
	assert_int_equal(
	    record_seal(f->a, &v, &f->ann->limits, &plain_measure, &s, NULL), ST_LIMIT);
}

/* A text of thousands of edits stays some full ops and a few small ones. */
static void
a_record_too_large_for_one_op_is_folded_into_few(void **state)
{
	struct fixture *f = *state;
	struct record_view v;

	f->ann->limits.body_bytes_max = 700;
	f->ann->limits.live_ops = 8;
	f->ann->limits.whole_bytes = 100;
	for (uint64_t key = 1; key <= 200; key++) {
		mark(f->ann, key, key % 3 + 1);
		assert_true(seal(f->ann).body->n_entries <= (700 - 40) / 12);
		v = view_of(f->ann);
		assert_true(v.n_live <= 8 + 200 * 12 / (700 - 40) * 2);
	}
	for (uint64_t key = 1; key <= 200; key++)
		assert_string_equal(shown(f->ann, F_MARKS, key), key % 3 == 0   ? "1"
								 : key % 3 == 1 ? "2"
										: "3");
}

static void
an_op_that_folds_some_ops_keeps_every_superseded_name(void **state)
{
	struct fixture *f = *state;
	struct record_op first;

	f->ann->limits.body_bytes_max = 700;
	f->ann->limits.live_ops = 8;
	f->ann->limits.whole_bytes = 100;
	f->ann->limits.names_kept = 1;
	for (uint64_t key = 1; key <= 40; key++)
		mark(f->ann, key, 1);
	first = seal(f->ann); /* full: it stays as it is */
	assert_int_equal(first.body->n_entries, 40);
	for (uint64_t key = 1; key <= 40; key++) {
		mark(f->ann, key, 2);
		(void)seal(f->ann);
	}
	assert_true(view_of(f->ann).n_live < 20);
	for (uint64_t key = 1; key <= 40; key++)
		assert_string_equal(shown(f->ann, F_MARKS, key), "2");
}

/* However few of the smallest are taken: each of them is full by itself. */
static void
an_edit_beside_full_ops_that_do_not_fold_is_a_small_op(void **state)
{
	struct fixture *f = *state;
	struct record_sealing s;

	f->ann->limits.body_bytes_max = 700;
	f->ann->limits.live_ops = 8;
	f->ann->limits.whole_bytes = 100;
	for (uint64_t op = 0; op < 10; op++) {
		for (uint64_t key = 1; key <= 50; key++)
			mark(f->ann, 100 * op + key, 1);
		(void)seal(f->ann);
	}
	assert_int_equal(view_of(f->ann).n_live, 10);
	mark(f->ann, 2000, 2);
	s = seal_only(f->ann);
	assert_false(s.is_whole);
	assert_int_equal(s.n_dots, 0);
	assert_int_equal(s.body.n_entries, 1);
}

/* Entries and superseded names have limits of their own. */
static void
an_op_of_too_many_entries_or_names_is_not_whole(void **state)
{
	struct fixture *f = *state;
	const struct record_limits usual = f->ann->limits;

	for (uint64_t key = 1; key <= 20; key++) {
		mark(f->ann, key, 1);
		(void)seal(f->ann);
	}
	mark(f->ann, 1, 2);
	assert_true(seal_only(f->ann).is_whole);
	f->ann->limits.entries_max = 20;
	assert_true(seal_only(f->ann).is_whole);
	f->ann->limits.entries_max = 19;
	assert_false(seal_only(f->ann).is_whole);
	f->ann->limits = usual;
	f->ann->limits.gone_max = 1;
	assert_true(seal_only(f->ann).is_whole);
	(void)seal(f->ann);
	mark(f->ann, 2, 2);
	assert_false(seal_only(f->ann).is_whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_small_record_stays_one_live_op),
	    T(a_small_op_supersedes_no_op),
	    T(a_large_record_is_compacted_after_64_live_ops),
	    T(a_record_much_larger_than_what_it_says_is_compacted),
	    T(superseded_names_do_not_make_a_record_large),
	    T(a_refused_pending_op_loses_nothing_that_a_whole_op_listed),
	    T(a_whole_op_carries_on_entries_of_ops_that_it_does_not_list),
	    T(a_copy_carried_on_by_somebody_who_had_not_seen_the_edit_does_not_bring_it_back),
	    T(a_whole_op_keeps_every_superseded_name),
	    T(after_65_edits_a_late_copy_of_the_first_is_shown_again_and_nothing_is_lost),
	    T(the_cap_counts_each_map_key),
	    T(a_cap_that_falls_inside_a_form_keeps_its_last_names),
	    T(the_cap_never_cuts_a_name_that_a_live_op_still_holds),
	    T(names_that_were_never_sealed_are_cut_first),
	    T(names_of_a_text_are_never_cut),
	    T(two_concurrent_compactions_join_by_name),
	    T(an_edit_survives_a_compaction_that_did_not_see_it),
	    T(a_compaction_is_no_resolution),
	    T(a_whole_op_does_not_list_an_op_that_arrives_after_the_view),
	    T(an_audit_record_is_never_carried_on),
	    T(an_audit_op_is_immune_to_dots),
	    T(a_body_that_is_too_large_for_a_whole_op_is_written_small),
	    T(a_record_too_large_for_one_op_is_folded_into_few),
	    T(an_op_that_folds_some_ops_keeps_every_superseded_name),
	    T(an_edit_beside_full_ops_that_do_not_fold_is_a_small_op),
	    T(an_op_of_too_many_entries_or_names_is_not_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
