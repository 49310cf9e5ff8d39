/* test_record_oom.c - every call on records with too little memory, byte by byte more: it
 * says ST_NO_MEMORY, changes nothing that it was given, and works once there is enough.
 */
#include "record_laptop.h"
#include "scant.h"

/* out is set to this before a call. */
static const uint8_t pattern[256] = {0xA5, 0x5A, 0xA5, 0x5A, 0xA5};

static void
assert_untouched(const void *out, size_t len)
{
	assert_memory_equal(out, pattern, len);
}

/* A sheet in several ops, with siblings, superseded marks, a conflict, a text in pieces
 * and dirty entries. */
static void
fill(struct fixture *f)
{
	static struct gone gone = {F_TEXT, 0, 1, 1};
	struct body *body;

	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 1000;
	write_text(f->ann, "abc");
	gone.agent = f->ann->dirty[0].entry.name.agent;
	for (uint64_t key = 1; key <= 6; key++) {
		mark(f->ann, key % 4, key);
		mark(f->ben, key, key);
		(void)seal(f->ann);
	}
	deliver(f->ann, seal(f->ben));
	body = arena_zeros(f->a, 1, sizeof *body);
	if (body == NULL)
		fail_msg("no memory");
	else
		*body = (struct body){.kind = 7, .n_gone = 1, .gone = &gone};
	deliver(f->ann, (struct record_op){.dot = {{{9}}, 9}, .body = body});
	mark(f->ann, 2, 9);
	put(f->ann, F_NAME, 3);
	f->ann->limits.whole_bytes = 100000;
	set_grave(f->ann, 3, GRAVE_BASE);
}

static status
call_view(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct record_view v;
	status st;

	memcpy(&v, pattern, sizeof v);
	st = record_view(a, &f->ann->input, &v, t);
	if (st != ST_OK)
		assert_untouched(&v, sizeof v);
	return st;
}

static status
call_edit(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct record_view v = view_of(f->ann);
	struct record_write w = write_of(f->ann, F_MARKS, 2, number(77));
	struct record_edit_result r;
	status st;

	memcpy(&r, pattern, sizeof r);
	st = record_edit(a, &v, &w, &r, t);
	if (st != ST_OK)
		assert_untouched(&r, sizeof r);
	return st;
}

static status
call_resolve(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct record_view v = view_of(f->ann);
	const struct record_cell *cell = record_cell_find(&v, F_MARKS, true, 1);
	struct record_write w = write_of(f->ann, F_MARKS, 1, number(77));
	struct entry_name shown[8];
	struct record_edit_result r;

	assert_non_null(cell);
	assert_true(cell->n > 1 && cell->n <= 8);
	for (size_t i = 0; i < cell->n; i++)
		shown[i] = cell->entries[i].entry->name;
	return record_resolve(a, &v, &w, cell->n, shown, &r, t);
}

static status
call_seal(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct record_view v = view_of(f->ann);
	struct record_sealing s;
	status st;

	memcpy(&s, pattern, sizeof s);
	st = record_seal(a, &v, &f->ann->limits, &plain_measure, &s, t);
	if (st != ST_OK)
		assert_untouched(&s, sizeof s);
	else
		assert_true(s.is_whole);
	return st;
}

static status
call_fold(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct record_view v = view_of(f->ann);
	struct record_sealing s;
	status st;

	memcpy(&s, pattern, sizeof s);
	st = record_seal(a, &v, &f->ann->limits, &plain_measure, &s, t);
	if (st != ST_OK)
		assert_untouched(&s, sizeof s);
	else
		assert_true(!s.is_whole && s.n_dots > 1);
	return st;
}

static status
call_compact(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	const struct compaction how = {1, 0};
	struct record_view v = view_of(f->ann);
	struct record_sealing s;
	status st;

	memcpy(&s, pattern, sizeof s);
	st = record_compact(a, &v, &f->ann->limits, &plain_measure, &how, &s, t);
	if (st != ST_OK)
		assert_untouched(&s, sizeof s);
	return st;
}

static status
call_check(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	const struct grave_test none = {NULL, NULL};
	struct carried_findings findings;
	struct record_op op = {
	    .dots = &f->ann->ops[0].dot, .n_dots = 1, .body = f->ann->ops[1].body};

	return record_check_carried(
	    a, &op, f->ann->n_ops, f->ann->ops, &none, &findings, t);
}

static status
call_text(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct record_view v = view_of(f->ann);
	struct text_state text;
	status st;

	memcpy(&text, pattern, sizeof text);
	st = text_read(a, record_field(&v, F_TEXT), &text, t);
	if (st != ST_OK)
		assert_untouched(&text, sizeof text);
	else
		assert_string_equal((const char *)text.text.bytes, "ac");
	return st;
}

static status
call_graves(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct graves set;

	return graves_build(a, f->ann->n_graves, f->ann->graves, &set, t);
}

static status
call_plan(void *ctx, struct arena *a, struct trouble *t)
{
	struct fixture *f = ctx;
	struct record_view v = view_of(f->ann);
	struct erase_plan plan;

	return erase_plan(a, 1, &v, 3, 256, &plan, t);
}

static void
every_call_with_too_little_memory_says_so_and_changes_nothing(void **state)
{
	static const scant_call calls[] = {call_view, call_edit, call_resolve, call_seal,
	    call_compact, call_check, call_text, call_graves, call_plan};
	struct fixture *f = *state;
	struct laptop *before;

	fill(f);
	(void)view_of(f->ann);
	before = laptop_clone(f->ann);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		scant_try(calls[i], f);
	assert_int_equal(f->ann->n_ops, before->n_ops);
	assert_memory_equal(f->ann->ops, before->ops, sizeof before->ops);
	assert_memory_equal(f->ann->dirty, before->dirty, sizeof before->dirty);
}

/* A full op, many small ones, one more edit: the small ones are folded. */
static void
folding_with_too_little_memory_says_so_and_changes_nothing(void **state)
{
	struct fixture *f = *state;

	f->ann->limits.body_bytes_max = 700;
	f->ann->limits.live_ops = 8;
	f->ann->limits.whole_bytes = 100;
	for (uint64_t key = 1; key <= 50; key++)
		mark(f->ann, key, 1);
	(void)seal(f->ann);
	for (uint64_t key = 51; key <= 58; key++) {
		mark(f->ann, key, 2);
		(void)seal(f->ann);
	}
	mark(f->ann, 60, 3);
	scant_try(call_fold, f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(every_call_with_too_little_memory_says_so_and_changes_nothing),
	    T(folding_with_too_little_memory_says_so_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
