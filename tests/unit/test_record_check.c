/* test_record_check.c - did an op carry on what it replaced (SECURITY 9.5.8). */
#include "record_laptop.h"

/* --- what readers check
 * ------------------------------------------------------------------ */

static size_t
count_findings(struct fixture *f, struct record_op op, const struct record_op *held,
    enum carried_fault *fault)
{
	struct carried_findings findings;
	const struct grave_test none = {NULL, NULL};

	assert_int_equal(
	    record_check_carried(f->a, &op, 1, held, &none, &findings, NULL), ST_OK);
	if (findings.n > 0)
		*fault = findings.items[0].fault;
	return findings.n;
}

static void
an_honest_whole_op_gives_no_finding(void **state)
{
	struct fixture *f = *state;
	struct record_op first, second;
	enum carried_fault fault;

	put(f->ann, F_NAME, 1);
	write_text(f->ann, "ahoj");
	first = seal(f->ann);
	put(f->ann, F_NAME, 2);
	second = seal(f->ann);
	assert_int_equal(count_findings(f, second, &first, &fault), 0);
}

static void
sec_73_an_op_that_drops_or_changes_what_it_replaces_is_found(void **state)
{
	struct fixture *f = *state;
	struct record_op first, second;
	struct body body;
	struct entry entries[2];
	enum carried_fault fault = CARRIED_CHANGED;

	put(f->ann, F_NAME, 1);
	first = seal(f->ann);
	put(f->ann, F_HELD, 2);
	second = seal(f->ann);
	body = *second.body;
	assert_int_equal(body.n_entries, 2);
	memcpy(entries, body.entries, sizeof entries);
	body.entries = entries;
	second.body = &body;
	assert_int_equal(entries[1].field, F_NAME);
	body.n_entries = 1;
	assert_int_equal(count_findings(f, second, &first, &fault), 1);
	assert_int_equal(fault, CARRIED_DROPPED);
	body.n_entries = 2;
	entries[1].value.number = 9;
	assert_int_equal(count_findings(f, second, &first, &fault), 1);
	assert_int_equal(fault, CARRIED_CHANGED);
}

static void
an_op_that_supersedes_nothing_of_ours_gives_no_finding(void **state)
{
	struct fixture *f = *state;
	struct record_op first, second;
	enum carried_fault fault;

	put(f->ann, F_NAME, 1);
	first = seal(f->ann);
	put(f->ben, F_NAME, 2);
	second = seal(f->ben);
	assert_int_equal(count_findings(f, second, &first, &fault), 0);
}

static void
a_run_that_is_carried_on_in_pieces_gives_no_finding(void **state)
{
	struct fixture *f = *state;
	struct gone gone = {F_TEXT, 0, 2, 1};
	struct body body = {.kind = 7, .n_gone = 1, .gone = &gone};
	struct record_op first, whole;
	enum carried_fault fault = CARRIED_CHANGED;

	write_text(f->ann, "abcdef");
	first = seal(f->ann);
	gone.agent = first.body->entries[0].name.agent;
	deliver(f->ann, (struct record_op){.dot = {{{9}}, 9}, .body = &body});
	whole = compact(f->ann);
	assert_int_equal(whole.body->n_entries, 3); /* ab, one hollow, def */
	assert_int_equal(count_findings(f, whole, &first, &fault), 0);
	whole.body->entries[2].value.bytes = span_text("dxf");
	assert_int_equal(count_findings(f, whole, &first, &fault), 1);
	assert_int_equal(fault, CARRIED_CHANGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(an_honest_whole_op_gives_no_finding),
	    T(sec_73_an_op_that_drops_or_changes_what_it_replaces_is_found),
	    T(an_op_that_supersedes_nothing_of_ours_gives_no_finding),
	    T(a_run_that_is_carried_on_in_pieces_gives_no_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
