/* test_record_erase.c - erased people in views and ops (DESIGN 4.2, SECURITY 10). */
#include "record_laptop.h"

static void
a_grave_in_pending_hides_but_does_not_drop(void **state)
{
	struct fixture *f = *state;
	struct record_op whole;

	mark(f->ann, 5, 1);
	mark(f->ann, 6, 2);
	(void)seal(f->ann);
	set_grave(f->ann, 5, GRAVE_PENDING);
	assert_string_equal(shown(f->ann, F_MARKS, 5), "");
	mark(f->ann, 6, 3);
	whole = seal(f->ann);
	assert_int_equal(whole.body->n_entries, 2);
	set_grave(f->ann, 5, GRAVE_NONE); /* the erase was refused */
	assert_string_equal(shown(f->ann, F_MARKS, 5), "1");
}

static void
a_mark_of_an_erased_person_is_not_carried_on(void **state)
{
	struct fixture *f = *state;
	struct record_sealing s;

	mark(f->ann, 5, 1);
	mark(f->ann, 6, 2);
	(void)seal(f->ann);
	mark(f->ann, 5, 7); /* now the name of the first mark is superseded */
	(void)seal(f->ann);
	set_grave(f->ann, 5, GRAVE_BASE);
	mark(f->ann, 6, 3);
	s = seal_only(f->ann);
	assert_true(s.is_whole);
	assert_int_equal(s.body.n_entries, 1);
	assert_int_equal(s.body.entries[0].key, 6);
	assert_int_equal(s.n_erased, 1);
}

static void
names_of_erased_marks_are_left_out_where_the_mark_is_held(void **state)
{
	struct fixture *f = *state;
	struct record_op whole;

	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 100000;
	mark(f->ann, 5, 1);
	mark(f->ann, 6, 2);
	(void)seal(f->ann);
	mark(f->ann, 5, 7);
	mark(f->ann, 6, 8);
	(void)seal(f->ann); /* small: names two superseded marks */
	set_grave(f->ann, 5, GRAVE_BASE);
	whole = compact(f->ann);
	assert_int_equal(whole.body->n_entries, 1);
	assert_int_equal(whole.body->n_gone, 1);
	assert_string_equal(shown(f->ann, F_MARKS, 6), "8");
}

static void
the_erasers_compaction_drops_marks_with_a_grave_of_the_same_batch(void **state)
{
	struct fixture *f = *state;

	mark(f->ann, 5, 1);
	mark(f->ann, 6, 2);
	(void)seal(f->ann);
	set_grave(f->ann, 5, GRAVE_SEALING);
	assert_int_equal(compact(f->ann).body->n_entries, 1);
}

static void
dirty_marks_of_an_erased_person_may_go(void **state)
{
	struct fixture *f = *state;
	struct record_sealing s;

	mark(f->ann, 5, 1);
	set_grave(f->ann, 5, GRAVE_PENDING);
	assert_int_equal(seal_only(f->ann).body.n_entries, 1);
	set_grave(f->ann, 5, GRAVE_BASE);
	s = seal_only(f->ann);
	assert_false(s.is_needed);
	assert_int_equal(s.n_erased, 1);
}

static void
a_person_with_a_grave_in_base_is_not_sealed_at_all(void **state)
{
	struct fixture *f = *state;
	struct record_view v;

	f->ann->has_person = true;
	put(f->ann, F_NAME, 1);
	(void)seal(f->ann);
	put(f->ann, F_NAME, 2);
	set_grave(f->ann, 77, GRAVE_PENDING);
	assert_string_equal(shown(f->ann, F_NAME, 0), "");
	assert_int_equal(seal_only(f->ann).n_dots, 1);
	set_grave(f->ann, 77, GRAVE_BASE);
	assert_false(seal_only(f->ann).is_needed);
	v = view_of(f->ann);
	assert_int_equal(v.n_live + v.n_entries + v.n_cells, 0);
}

static void
an_erased_person_cannot_be_edited(void **state)
{
	struct fixture *f = *state;
	struct record_view v;
	struct record_write w = write_of(f->ann, F_MARKS, 5, number(1));
	struct record_edit_result r;

	set_grave(f->ann, 5, GRAVE_PENDING);
	v = view_of(f->ann);
	assert_int_equal(record_edit(f->a, &v, &w, &r, NULL), ST_NOT_FOUND);
	assert_int_equal(record_resolve(f->a, &v, &w, 0, NULL, &r, NULL), ST_NOT_FOUND);
}

static void
a_late_sheet_brings_no_erased_mark_back(void **state)
{
	struct fixture *f = *state;
	struct record_op late;

	mark(f->ann, 5, 1);
	deliver(f->ben, seal(f->ann));
	mark(f->ben, 5, 2);
	mark(f->ben, 6, 3);
	late = seal(f->ben);
	set_grave(f->ann, 5, GRAVE_BASE);
	(void)compact(f->ann);
	deliver(f->ann, late);
	assert_string_equal(shown(f->ann, F_MARKS, 5), "");
	assert_string_equal(shown(f->ann, F_MARKS, 6), "3");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_grave_in_pending_hides_but_does_not_drop),
	    T(a_mark_of_an_erased_person_is_not_carried_on),
	    T(names_of_erased_marks_are_left_out_where_the_mark_is_held),
	    T(the_erasers_compaction_drops_marks_with_a_grave_of_the_same_batch),
	    T(dirty_marks_of_an_erased_person_may_go),
	    T(a_person_with_a_grave_in_base_is_not_sealed_at_all),
	    T(an_erased_person_cannot_be_edited),
	    T(a_late_sheet_brings_no_erased_mark_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
