/* test_record.c - the join of entries, edits and resolutions (DESIGN 4.2, 4.4). */
#include "record_laptop.h"

static void
an_edit_that_saw_a_value_replaces_it(void **state)
{
	struct fixture *f = *state;

	put(f->ann, F_NAME, 1);
	deliver(f->ben, seal(f->ann));
	put(f->ben, F_NAME, 2);
	assert_string_equal(shown(f->ben, F_NAME, 0), "2");
	deliver(f->ann, seal(f->ben));
	assert_string_equal(shown(f->ann, F_NAME, 0), "2");
}

static void
edits_that_did_not_see_each_other_both_stay(void **state)
{
	struct fixture *f = *state;
	struct record_op of_ann, of_ben;

	put(f->ann, F_NAME, 1);
	put(f->ben, F_NAME, 2);
	of_ann = seal(f->ann);
	of_ben = seal(f->ben);
	deliver(f->ann, of_ben);
	deliver(f->ben, of_ann);
	assert_int_equal(count_shown(f->ann, F_NAME, 0), 2);
	assert_string_equal(shown(f->ann, F_NAME, 0), shown(f->ben, F_NAME, 0));
}

static void
a_conflict_is_about_one_field_never_the_record(void **state)
{
	struct fixture *f = *state;
	struct record_op of_ann;

	put(f->ann, F_NAME, 1);
	put(f->ben, F_HELD, 2);
	of_ann = seal(f->ann);
	deliver(f->ann, seal(f->ben));
	deliver(f->ben, of_ann);
	assert_string_equal(shown(f->ann, F_NAME, 0), "1");
	assert_string_equal(shown(f->ann, F_HELD, 0), "2");
	assert_string_equal(shown(f->ben, F_HELD, 0), "2");
}

static void
two_authors_who_mark_different_people_merge_without_conflict(void **state)
{
	struct fixture *f = *state;
	struct record_op of_ann, of_ben;

	for (uint64_t key = 1; key <= 15; key++)
		mark(key % 2 == 0 ? f->ann : f->ben, key, key % 4);
	of_ann = seal(f->ann);
	of_ben = seal(f->ben);
	deliver(f->ann, of_ben);
	deliver(f->ben, of_ann);
	for (uint64_t key = 1; key <= 15; key++) {
		assert_int_equal(count_shown(f->ann, F_MARKS, key), 1);
		assert_string_equal(
		    shown(f->ann, F_MARKS, key), shown(f->ben, F_MARKS, key));
	}
}

static void
equal_values_are_no_conflict(void **state)
{
	struct fixture *f = *state;
	struct record_view v;
	const struct record_cell *cell;

	put(f->ann, F_NAME, 5);
	put(f->ben, F_NAME, 5);
	deliver(f->ann, seal(f->ben));
	v = view_of(f->ann);
	cell = record_field(&v, F_NAME);
	assert_int_equal(cell->n, 2);
	assert_int_equal(cell->n_values, 1);
}

static void
a_clone_that_seals_the_same_edit_counts_once(void **state)
{
	struct fixture *f = *state;
	struct laptop *clone;
	struct record_view v;

	put(f->ann, F_NAME, 1);
	clone = laptop_clone(f->ann);
	deliver(f->ben, seal(f->ann));
	deliver(f->ben, seal(clone));
	v = view_of(f->ben);
	assert_int_equal(v.n_live, 2);
	assert_int_equal(record_field(&v, F_NAME)->n, 1);
}

static void
a_later_edit_on_the_original_replaces_what_the_clone_sealed(void **state)
{
	struct fixture *f = *state;
	struct laptop *clone;

	put(f->ann, F_NAME, 1);
	clone = laptop_clone(f->ann);
	put(f->ann, F_NAME, 2); /* lists the replaced dirty entry by name */
	assert_int_equal(f->ann->n_dirty, 1);
	deliver(f->ben, seal(clone));
	deliver(f->ben, seal(f->ann));
	assert_string_equal(shown(f->ben, F_NAME, 0), "2");
}

static void
a_replaced_dirty_entry_is_listed_by_its_successor(void **state)
{
	struct fixture *f = *state;
	struct entry_name first;
	const struct record_dirty *d;

	put(f->ann, F_NAME, 1);
	deliver(f->ben, seal(f->ann));
	put(f->ben, F_NAME, 2);
	first = f->ben->dirty[0].entry.name;
	put(f->ben, F_NAME, 3);
	d = &f->ben->dirty[0];
	assert_int_equal(d->n_seen, 2); /* what the first listed, then the first itself */
	assert_false(d->seen[0].is_unsealed);
	assert_int_equal(d->seen[1].agent, first.agent);
	assert_true(d->seen[1].is_unsealed);
}

static void
a_second_edit_also_replaces_what_was_pulled_in_between(void **state)
{
	struct fixture *f = *state;

	put(f->ann, F_NAME, 1);
	put(f->ben, F_NAME, 2);
	deliver(f->ann, seal(f->ben));
	assert_int_equal(count_shown(f->ann, F_NAME, 0), 2);
	put(f->ann, F_NAME, 3);
	assert_string_equal(shown(f->ann, F_NAME, 0), "3");
	deliver(f->ben, seal(f->ann));
	assert_string_equal(shown(f->ben, F_NAME, 0), "3");
}

static void
an_edit_equal_to_the_only_value_writes_nothing(void **state)
{
	struct fixture *f = *state;

	assert_true(put(f->ann, F_NAME, 1));
	assert_false(put(f->ann, F_NAME, 1));
	assert_true(put(f->ann, F_NAME, 2));
}

static void
clearing_is_an_entry_and_never_an_absence(void **state)
{
	struct fixture *f = *state;

	put(f->ann, F_NAME, 1);
	deliver(f->ben, seal(f->ann));
	put_value(f->ben, F_NAME, 0, (struct value){.type = VALUE_EMPTY});
	deliver(f->ann, seal(f->ben));
	assert_string_equal(shown(f->ann, F_NAME, 0), "-");
}

static void
a_resolution_supersedes_the_siblings_that_were_shown(void **state)
{
	struct fixture *f = *state;
	struct record_view v;
	const struct record_cell *cell;
	struct entry_name names[2];
	struct record_write w;
	struct record_edit_result r;

	put(f->ann, F_NAME, 1);
	put(f->ben, F_NAME, 2);
	(void)seal(f->ann);
	deliver(f->ann, seal(f->ben));
	v = view_of(f->ann);
	cell = record_field(&v, F_NAME);
	names[1] = cell->entries[0].entry->name;
	names[0] = cell->entries[1].entry->name;
	w = write_of(f->ann, F_NAME, 0, number(2));
	assert_int_equal(record_resolve(f->a, &v, &w, 2, names, &r, NULL), ST_OK);
	store_dirty(f->ann, &r);
	assert_string_equal(shown(f->ann, F_NAME, 0), "2");
	deliver(f->ben, seal(f->ann));
	assert_string_equal(shown(f->ben, F_NAME, 0), "2");
}

static void
a_stale_resolution_is_refused(void **state)
{
	struct fixture *f = *state;
	struct laptop *cem = laptop_new(f->a, &f->fresh);
	struct record_view v;
	struct entry_name names[2];
	struct record_write w;
	struct record_edit_result r = {.is_needed = false};

	put(f->ann, F_NAME, 1);
	put(f->ben, F_NAME, 2);
	put(cem, F_NAME, 3);
	(void)seal(f->ann);
	deliver(f->ann, seal(f->ben));
	v = view_of(f->ann);
	for (size_t i = 0; i < 2; i++)
		names[i] = record_field(&v, F_NAME)->entries[i].entry->name;
	deliver(f->ann, seal(cem));
	v = view_of(f->ann);
	w = write_of(f->ann, F_NAME, 0, number(2));
	assert_int_equal(record_resolve(f->a, &v, &w, 2, names, &r, NULL), ST_CHANGED);
	assert_false(r.is_needed);
	assert_int_equal(record_resolve(f->a, &v, &w, 0, NULL, &r, NULL), ST_CHANGED);
}

static void
a_resolution_to_an_equal_value_is_written(void **state)
{
	struct fixture *f = *state;
	struct record_view v;
	struct record_write w;
	struct record_edit_result r;

	put(f->ann, F_NAME, 1);
	v = view_of(f->ann);
	w = write_of(f->ann, F_NAME, 0, number(1));
	assert_int_equal(
	    record_resolve(f->a, &v, &w, 1, &f->ann->dirty[0].entry.name, &r, NULL),
	    ST_OK);
	assert_true(r.is_needed);
}

static void
sec_74_one_name_with_two_contents_shows_both_in_both_orders(void **state)
{
	struct fixture *f = *state;
	struct record_op forged, honest;
	struct body body;
	struct entry entry;
	struct record_view v;
	const struct record_cell *cell;

	put(f->ann, F_NAME, 1);
	honest = forged = seal(f->ann);
	body = *forged.body;
	entry = body.entries[0];
	entry.value.number = 666;
	body.entries = &entry;
	forged.body = &body;
	forged.dot.index++;
	deliver(f->ann, forged);
	v = view_of(f->ann);
	cell = record_field(&v, F_NAME);
	assert_int_equal(cell->n, 2);
	assert_true(cell->entries[0].is_twin && cell->entries[1].is_twin);
	/* The same, whichever came first. */
	deliver(f->ben, forged);
	deliver(f->ben, honest);
	assert_string_equal(shown(f->ann, F_NAME, 0), "1|666");
	assert_string_equal(shown(f->ben, F_NAME, 0), "1|666");
	/* An edit that saw both replaces both, with one name. */
	put(f->ann, F_NAME, 3);
	assert_int_equal(f->ann->dirty[0].n_seen, 1);
	assert_string_equal(shown(f->ann, F_NAME, 0), "3");
}

static void
a_restored_laptop_that_holds_an_outdated_dirty_entry_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct laptop *backup;

	put(f->ann, F_NAME, 1);
	backup = laptop_clone(f->ann);
	deliver(f->ben, seal(f->ann));
	put(f->ben, F_NAME, 2);
	deliver(backup, seal(f->ben));
	assert_string_equal(shown(backup, F_NAME, 0), "2");
	deliver(f->ben, seal(backup));
	assert_string_equal(shown(f->ben, F_NAME, 0), "2");
}

static void
the_view_does_not_depend_on_the_order_of_ops(void **state)
{
	struct fixture *f = *state;
	struct record_op ops[6];

	for (uint64_t i = 0; i < 3; i++) {
		put(f->ann, F_NAME, i);
		ops[2 * i] = seal(f->ann);
		put(f->ben, F_NAME, 10 + i);
		ops[2 * i + 1] = seal(f->ben);
	}
	f->ann->n_ops = 0;
	f->ben->n_ops = 0;
	for (size_t i = 0; i < 6; i++) {
		deliver(f->ann, ops[i]);
		deliver(f->ben, ops[5 - i]);
	}
	assert_string_equal(shown(f->ann, F_NAME, 0), shown(f->ben, F_NAME, 0));
	assert_int_equal(count_shown(f->ann, F_NAME, 0), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(an_edit_that_saw_a_value_replaces_it),
	    T(edits_that_did_not_see_each_other_both_stay),
	    T(a_conflict_is_about_one_field_never_the_record),
	    T(two_authors_who_mark_different_people_merge_without_conflict),
	    T(equal_values_are_no_conflict),
	    T(a_clone_that_seals_the_same_edit_counts_once),
	    T(a_later_edit_on_the_original_replaces_what_the_clone_sealed),
	    T(a_replaced_dirty_entry_is_listed_by_its_successor),
	    T(a_second_edit_also_replaces_what_was_pulled_in_between),
	    T(an_edit_equal_to_the_only_value_writes_nothing),
	    T(clearing_is_an_entry_and_never_an_absence),
	    T(a_resolution_supersedes_the_siblings_that_were_shown),
	    T(a_stale_resolution_is_refused),
	    T(a_resolution_to_an_equal_value_is_written),
	    T(sec_74_one_name_with_two_contents_shows_both_in_both_orders),
	    T(a_restored_laptop_that_holds_an_outdated_dirty_entry_changes_nothing),
	    T(the_view_does_not_depend_on_the_order_of_ops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
