/* test_text_crdt.c - the order of runs (DESIGN 4.7). */
#include "record_laptop.h"

#include "base/rng.h"
#include "core/run.h"

static struct entry
run_of(uint64_t agent, uint32_t index, uint64_t parent, uint32_t at, enum run_side side,
    const char *text)
{
	struct entry e = {.name = {agent, index}, .field = F_TEXT};

	e.value = (struct value){.type = VALUE_RUN,
	    .bytes = span_text(text),
	    .parent = {parent, at},
	    .side = side};
	return e;
}

/* The text of a set of runs, which enter through a view like any others. */
static struct text_state
read_runs(
    struct fixture *f, size_t n, struct entry *runs, size_t n_gone, struct gone *gone)
{
	struct body body = {
	    .kind = 7, .n_entries = n, .entries = runs, .n_gone = n_gone, .gone = gone};
	struct record_op op = {.body = &body};
	struct record_view v;
	struct text_state state;

	f->ann->n_ops = 0;
	deliver(f->ann, op);
	v = view_of(f->ann);
	assert_int_equal(text_read(f->a, record_field(&v, F_TEXT), &state, NULL), ST_OK);
	return state;
}

#define TEXT_OF(f, runs)                                                                 \
	((const char *)read_runs(f, sizeof(runs) / sizeof *(runs), runs, 0, NULL)        \
		.text.bytes)

/* Did two people put something into one place? */
static bool
has_neighbours(const struct text_state *s)
{
	for (size_t i = 0; i < s->n_parts; i++) {
		if (s->parts[i].beside > 0)
			return true;
	}
	return false;
}

static void
superseded_characters_keep_their_place_not_their_text(void **state)
{
	struct fixture *f = *state;
	struct record_view v;

	write_text(f->ann, "Žádný text");
	deliver(f->ben, seal(f->ann));
	write_text(f->ben, "a new one");
	deliver(f->ann, seal(f->ben));
	assert_string_equal(shown_text(f->ann), "a new one");
	v = view_of(f->ann);
	assert_int_equal(record_field(&v, F_TEXT)->n, 2);
	assert_int_equal(f->ann->ops[1].body->n_gone, 0); /* the hollow run says it */
	for (size_t i = 0; i < 2; i++) {
		const struct value *value = &f->ann->ops[1].body->entries[i].value;

		assert_true(value->hollow == 0 || value->hollow == 10); /* code points */
		assert_true((value->hollow == 0) == (value->bytes.len > 0));
	}
}

static void
an_empty_text_is_an_entry(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(shown_text(f->ann), "");
	write_text(f->ann, "some");
	write_text(f->ann, "");
	assert_string_equal(shown_text(f->ann), "");
	assert_int_equal(count_shown(f->ann, F_TEXT, 0), 1);
}

static void
a_text_over_48_kib_is_refused(void **state)
{
	static uint8_t large[TEXT_BYTES_MAX + 1];
	struct value v;

	(void)state;
	assert_int_equal(text_edit(span_of(large, TEXT_BYTES_MAX), &v, NULL), ST_OK);
	assert_int_equal(
	    text_edit(span_of(large, TEXT_BYTES_MAX + 1), &v, NULL), ST_LIMIT);
}

static void
concurrent_texts_both_stay_beside_each_other(void **state)
{
	struct fixture *f = *state;
	struct record_op of_ann;
	struct record_view v;
	struct text_state text;

	write_text(f->ann, "one.");
	write_text(f->ben, "two.");
	of_ann = seal(f->ann);
	deliver(f->ann, seal(f->ben));
	deliver(f->ben, of_ann);
	assert_string_equal(shown_text(f->ann), shown_text(f->ben));
	v = view_of(f->ann);
	assert_int_equal(text_read(f->a, record_field(&v, F_TEXT), &text, NULL), ST_OK);
	assert_int_equal(text.text.len, 8);
	assert_int_equal(text.n_parts, 2);
	assert_true(has_neighbours(&text));
}

static void
equal_concurrent_texts_count_once(void **state)
{
	struct fixture *f = *state;
	struct record_view v;
	struct text_state text;

	write_text(f->ann, "same");
	write_text(f->ben, "same");
	(void)seal(f->ann);
	deliver(f->ann, seal(f->ben));
	v = view_of(f->ann);
	assert_int_equal(text_read(f->a, record_field(&v, F_TEXT), &text, NULL), ST_OK);
	assert_string_equal((const char *)text.text.bytes, "same");
	assert_false(has_neighbours(&text));
	assert_int_equal(text.n_repeats, 1);
	write_text(f->ann, "settled");
	assert_string_equal(shown_text(f->ann), "settled");
}

static void
a_run_inserted_in_the_middle_stands_there(void **state)
{
	struct fixture *f = *state;
	/* Fugue: c1 has a right child already, so the new run hangs left of c2. */
	struct entry runs[] = {run_of(5, 0, 0, 0, RUN_RIGHT, "abef"),
	    run_of(9, 0, 5, 2, RUN_LEFT, "cd"), run_of(7, 0, 5, 3, RUN_RIGHT, "!")};

	assert_string_equal(TEXT_OF(f, runs), "abcdef!");
}

static void
concurrent_runs_in_one_place_do_not_interleave(void **state)
{
	struct fixture *f = *state;
	struct text_state text;
	struct entry runs[] = {run_of(5, 0, 0, 0, RUN_RIGHT, "()"),
	    run_of(9, 0, 5, 1, RUN_LEFT, "bbb"), run_of(8, 0, 5, 1, RUN_LEFT, "aaa"),
	    run_of(9, 3, 9, 2, RUN_RIGHT, "BBB"), run_of(8, 3, 8, 2, RUN_RIGHT, "AAA")};

	assert_string_equal(TEXT_OF(f, runs), "(aaaAAAbbbBBB)");
	text = read_runs(f, 5, runs, 0, NULL);
	assert_true(has_neighbours(&text));
}

static void
right_children_stand_beside_the_rest_of_a_run_by_name(void **state)
{
	struct fixture *f = *state;
	struct entry before[] = {
	    run_of(5, 0, 0, 0, RUN_RIGHT, "ad"), run_of(3, 0, 5, 0, RUN_RIGHT, "bc")};
	struct entry after[] = {
	    run_of(5, 0, 0, 0, RUN_RIGHT, "ad"), run_of(7, 0, 5, 0, RUN_RIGHT, "bc")};

	assert_string_equal(TEXT_OF(f, before), "abcd");
	assert_string_equal(TEXT_OF(f, after), "adbc");
}

static void
superseded_characters_are_cut_out_of_a_run(void **state)
{
	struct fixture *f = *state;
	struct entry runs[] = {run_of(5, 0, 0, 0, RUN_RIGHT, "pří-dek")};
	struct gone gone[] = {{F_TEXT, 5, 3, 1}, {F_TEXT, 5, 0, 1}};
	struct text_state text = read_runs(f, 1, runs, 2, gone);

	assert_string_equal((const char *)text.text.bytes, "řídek");
	assert_false(has_neighbours(&text));
}

static void
a_run_whose_parent_is_gone_follows_the_nearest_character_before_it(void **state)
{
	struct fixture *f = *state;
	struct entry runs[] = {run_of(5, 0, 0, 0, RUN_RIGHT, "abc"),
	    run_of(7, 0, 5, 1, RUN_RIGHT, "x"), run_of(9, 0, 4, 1, RUN_LEFT, "y")};
	struct gone gone[] = {{F_TEXT, 5, 1, 1}};

	assert_string_equal(
	    (const char *)read_runs(f, 3, runs, 1, gone).text.bytes, "acxy");
}

static void
runs_that_hang_on_themselves_come_last(void **state)
{
	struct fixture *f = *state;
	struct entry runs[] = {run_of(5, 0, 6, 0, RUN_RIGHT, "x"),
	    run_of(6, 0, 5, 0, RUN_RIGHT, "y"), run_of(7, 0, 0, 0, RUN_RIGHT, "text"),
	    run_of(8, 0, 8, 1, RUN_LEFT, "zz")};
	struct text_state text = read_runs(f, 4, runs, 0, NULL);

	assert_int_equal(text.text.len, 8);
	assert_memory_equal(text.text.bytes, "text", 4);
}

static void
a_character_named_twice_counts_once(void **state)
{
	struct fixture *f = *state;
	struct entry runs[] = {run_of(5, 0, 0, 0, RUN_RIGHT, "abcd"),
	    run_of(5, 2, 0, 0, RUN_RIGHT, "XYZ"), run_of(5, 1, 0, 0, RUN_RIGHT, "b")};

	assert_string_equal(TEXT_OF(f, runs), "abcdZ");
}

/* --- against a naive Fugue -------------------------------------------------------------
 */

enum { CHARS_MAX = 160 };

/* One character: a node of the tree as the paper has it. */
struct naive {
	size_t n;
	struct {
		struct entry_name name, parent;
		enum run_side side;
		char c;
	} chars[CHARS_MAX];
};

static void naive_children(
    const struct naive *t, struct entry_name of, enum run_side side, char **to);

static void
naive_walk(const struct naive *t, size_t i, char **to)
{
	naive_children(t, t->chars[i].name, RUN_LEFT, to);
	*(*to)++ = t->chars[i].c;
	naive_children(t, t->chars[i].name, RUN_RIGHT, to);
}

/* Children by name: each time the least that is greater than the last one. */
static void
naive_children(const struct naive *t, struct entry_name of, enum run_side side, char **to)
{
	struct entry_name last = {0, 0};

	for (;;) {
		size_t next = t->n;

		for (size_t i = 0; i < t->n; i++) {
			if (entry_name_equal(t->chars[i].parent, of) &&
			    t->chars[i].side == side &&
			    entry_name_compare(t->chars[i].name, last) > 0 &&
			    (next == t->n || entry_name_compare(t->chars[i].name,
						 t->chars[next].name) < 0))
				next = i;
		}
		if (next == t->n)
			return;
		naive_walk(t, next, to);
		last = t->chars[next].name;
	}
}

/* Hangs a run anywhere, as runs of many concurrent authors would. */
static struct entry
random_run(struct naive *t, const struct rng *rng, struct arena *a, uint64_t agent)
{
	size_t len = 1 + rng_below(rng, 6), on = rng_below(rng, t->n + 1);
	char *text = arena_zeros(a, len + 1, 1);
	struct entry_name parent =
	    on == t->n ? (struct entry_name){0, 0} : t->chars[on].name;
	enum run_side side = on == t->n || rng_below(rng, 2) == 0 ? RUN_RIGHT : RUN_LEFT;
	struct entry e;

	for (size_t i = 0; i < len; i++)
		text[i] = (char)('!' + rng_below(rng, 90));
	e = run_of(agent, 0, parent.agent, parent.index, side, text);
	for (size_t i = 0; i < len; i++) {
		t->chars[t->n].name = (struct entry_name){agent, (uint32_t)i};
		t->chars[t->n].parent =
		    i == 0 ? parent : (struct entry_name){agent, (uint32_t)i - 1};
		t->chars[t->n].side = i == 0 ? side : RUN_RIGHT;
		t->chars[t->n++].c = text[i];
	}
	return e;
}

static void
any_set_of_runs_reads_as_the_naive_walk_of_its_characters(void **state)
{
	struct fixture *f = *state;
	struct rng_seeded seeded;

	for (uint64_t seed = 1; seed <= 500; seed++) {
		struct rng rng = rng_seeded(&seeded, seed);
		struct naive t = {0};
		struct entry runs[24];
		char expected[CHARS_MAX + 1] = {0}, *to = expected;

		arena_reset(f->a);
		f->ann = laptop_new(f->a, &f->fresh);
		for (size_t i = 0; i < 24; i++)
			runs[i] = random_run(&t, &rng, f->a, 1 + rng_u64(&rng) % 1000000);
		naive_children(&t, (struct entry_name){0, 0}, RUN_LEFT, &to);
		naive_children(&t, (struct entry_name){0, 0}, RUN_RIGHT, &to);
		assert_string_equal(TEXT_OF(f, runs), expected);
	}
}

static void
pieces_of_a_run_keep_the_names_of_their_characters(void **state)
{
	struct entry run = run_of(5, 10, 0, 0, RUN_RIGHT, "aéb€c");
	struct entry piece = run_piece(&run, 1, 4);

	(void)state;
	assert_int_equal(piece.name.index, 11);
	assert_int_equal(piece.value.parent.index, 10);
	assert_int_equal(piece.value.bytes.len, 6);
	assert_memory_equal(piece.value.bytes.bytes, "éb€", 6);
	assert_int_equal(text_length(run.value.bytes), 5);
}

static void
a_deep_chain_of_runs_is_read(void **state)
{
	struct fixture *f = *state;
	enum { DEPTH = 4000 };
	struct entry *runs = arena_zeros(f->a, DEPTH, sizeof *runs);
	struct text_state text;

	assert_non_null(runs);
	for (uint64_t i = 0; i < DEPTH; i++)
		runs[i] = run_of(i + 1, 0, i, 0, i % 2 == 0 ? RUN_LEFT : RUN_RIGHT, "ab");
	text = read_runs(f, DEPTH, runs, 0, NULL);
	assert_int_equal(text.text.len, 2 * DEPTH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(superseded_characters_keep_their_place_not_their_text),
	    T(an_empty_text_is_an_entry),
	    T(a_text_over_48_kib_is_refused),
	    T(concurrent_texts_both_stay_beside_each_other),
	    T(equal_concurrent_texts_count_once),
	    T(a_run_inserted_in_the_middle_stands_there),
	    T(concurrent_runs_in_one_place_do_not_interleave),
	    T(right_children_stand_beside_the_rest_of_a_run_by_name),
	    T(superseded_characters_are_cut_out_of_a_run),
	    T(a_run_whose_parent_is_gone_follows_the_nearest_character_before_it),
	    T(runs_that_hang_on_themselves_come_last),
	    T(a_character_named_twice_counts_once),
	    T(any_set_of_runs_reads_as_the_naive_walk_of_its_characters),
	    T(pieces_of_a_run_keep_the_names_of_their_characters),
	    T(a_deep_chain_of_runs_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
