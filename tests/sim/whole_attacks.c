/* whole_attacks.c - what a member with a valid key can forge (SECURITY 14), on the real
 * client: his laptop seals and signs what no honest one would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "client/actions/review.h"
#include "client/laptop/unkept.h"
#include "client/sync/outbox_parts.h"
#include "proto/body_codec.h"
#include "whole_ground.h"

enum { PLAIN_BYTES = 4096 };

static int64_t
rid_of(struct home *h)
{
	struct record_ref r;
	int64_t rid = 0;

	sheet_ref(h, &r);
	assert_int_equal(record_find(home_open(h), &r, &rid), ST_OK);
	assert_true(rid != 0);
	return rid;
}

static bool
is_marked(struct home *h, const struct person_id *pid, const char *as)
{
	char sql[160];

	(void)snprintf(sql, sizeof sql,
	    "SELECT count(*) FROM sheet_marks WHERE person = %lld AND value LIKE '%s'",
	    (long long)person_key_of(pid).n, as);
	return number(h, sql) == 1;
}

typedef void forgery(struct body *body, const struct person_id *pid);

static size_t
entry_at(const struct body *body, const struct person_id *pid)
{
	for (size_t i = 0; i < body->n_entries; i++) {
		if (body->entries[i].has_key &&
		    body->entries[i].key == person_key_of(pid).n)
			return i;
	}
	fail_msg("the sheet has no such mark");
	return 0;
}

static void
drop(struct body *body, const struct person_id *pid)
{
	size_t at = entry_at(body, pid);

	for (size_t i = at + 1; i < body->n_entries; i++)
		body->entries[i - 1] = body->entries[i];
	body->n_entries--;
}

static void
change(struct body *body, const struct person_id *pid)
{
	body->entries[entry_at(body, pid)].value.number = MARK_ABSENT;
}

/* One op in a batch of its own, under the forger's own signature. Only what takes the
 * place of a victim is filed at the forger's, whose program could not read rubbish. */
static void
seal_and_sign(struct home *h, const struct body *body, const struct record_op *victim,
    struct span plain)
{
	struct laptop *l = home_open(h);
	struct scope_info scope = workshop_of(h);
	struct filling *x = filling_new(l);

	assert_non_null(x);
	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	assert_int_equal(outbox_enter(x, &scope), ST_OK);
	assert_int_equal(outbox_add(x, body, victim == NULL ? NULL : &victim->dot,
			     victim != NULL, plain, victim == NULL ? 0 : rid_of(h)),
	    ST_OK);
	assert_int_equal(outbox_finish(x), ST_OK);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
	filling_free(x);
}

/* A whole op of the sheet with a lie in it, which takes the place of its one live op or
 * stands beside it. */
static void
forge_as(struct home *h, forgery *lie, const struct person_id *pid, bool is_beside)
{
	struct laptop *l = home_open(h);
	struct arena *a = arena_new(0);
	struct loaded loaded;
	struct body body;
	uint8_t room[PLAIN_BYTES];
	struct writer w = writer_of(room, sizeof room);

	assert_non_null(a);
	assert_int_equal(record_load(l, rid_of(h), a, &loaded), ST_OK);
	assert_int_equal(loaded.input.n_ops, 1);
	body = *loaded.input.ops[0].body;
	lie(&body, pid);
	assert_int_equal(
	    body_encode(l->codec, &body, workshop_of(h).as, &w, NULL), ST_OK);
	seal_and_sign(h, &body, is_beside ? NULL : &loaded.input.ops[0], writer_done(&w));
	arena_free(a);
}

static void
forge(struct home *h, forgery *lie, const struct person_id *pid)
{
	forge_as(h, lie, pid, false);
}

/* Both trainers have one live op of the sheet, in which ada and ben are marked. */
static void
mark_both(struct home *honest, struct home *forger)
{
	mark(honest, &ada, MARK_PRESENT);
	mark(honest, &ben, MARK_LATE);
	(void)sync_of(honest);
	(void)sync_of(forger);
}

static struct unkept
told(struct home *h)
{
	struct unkept *list;
	size_t n = 0;

	assert_int_equal(unkept_list(home_open(h), &list, &n), ST_OK);
	assert_int_equal(n, 1);
	return list[0];
}

/* pnet undo --dropped */
static size_t
write_again(struct home *h)
{
	struct edit *e;
	size_t n = 0;

	assert_int_equal(edit_begin(home_open(h), &e), ST_OK);
	assert_int_equal(unkept_write_again(e, h->l, &n), ST_OK);
	assert_int_equal(edit_commit(e, NULL), ST_OK);
	return n;
}

static void
sec_73_a_dropped_value_is_told_with_its_signer_and_written_again(void **state)
{
	struct town *t = town_of(state);
	struct home *honest = &t->homes[TRAINER], *forger = &t->homes[OTHER];
	struct unkept lost;

	mark_both(honest, forger);
	forge(forger, drop, &ben);
	(void)sync_of(forger);
	(void)sync_of(honest);
	assert_false(is_marked(honest, &ben, "%"));
	assert_int_equal(number(honest, "SELECT count(*) FROM r_history"), 1);
	lost = told(honest);
	assert_string_equal(lost.member, forger->member);
	assert_true(lost.n_dropped == 1 && lost.n_changed == 0);
	assert_int_equal(write_again(honest), 1);
	assert_true(is_marked(honest, &ben, "late"));
	assert_int_equal(number(honest, "SELECT count(*) FROM r_unkept"), 0);
	assert_int_equal(write_again(honest), 0);
	(void)sync_of(honest);
	(void)sync_of(forger);
	assert_true(is_marked(forger, &ben, "late"));
	assert_true(is_marked(forger, &ada, "present"));
}

static void
sec_73_a_changed_value_is_told_and_the_old_one_written_over_it(void **state)
{
	struct town *t = town_of(state);
	struct home *honest = &t->homes[TRAINER], *forger = &t->homes[OTHER];
	struct unkept lost;

	mark_both(honest, forger);
	forge(forger, change, &ben);
	(void)sync_of(forger);
	(void)sync_of(honest);
	assert_true(is_marked(honest, &ben, "absent"));
	lost = told(honest);
	assert_true(lost.n_dropped == 0 && lost.n_changed == 1);
	assert_int_equal(write_again(honest), 1);
	assert_true(is_marked(honest, &ben, "late"));
}

/* Somebody has marked ben again meanwhile: that stays. */
static void
a_value_that_somebody_wrote_since_is_not_written_over(void **state)
{
	struct town *t = town_of(state);
	struct home *honest = &t->homes[TRAINER], *forger = &t->homes[OTHER];

	mark_both(honest, forger);
	forge(forger, drop, &ben);
	(void)sync_of(forger);
	(void)sync_of(honest);
	mark(honest, &ben, MARK_EXCUSED);
	assert_int_equal(write_again(honest), 0);
	assert_true(is_marked(honest, &ben, "excused"));
	assert_int_equal(number(honest, "SELECT count(*) FROM r_unkept"), 0);
}

static void
sec_30_rubbish_under_a_valid_signature_is_set_aside_and_the_others_go_on(void **state)
{
	struct town *t = town_of(state);
	struct home *honest = &t->homes[TRAINER], *forger = &t->homes[OTHER];
	struct arena *a = arena_new(0);
	struct loaded loaded;
	struct sync_report r;

	mark_both(honest, forger);
	assert_int_equal(
	    record_load(home_open(forger), rid_of(forger), a, &loaded), ST_OK);
	seal_and_sign(
	    forger, loaded.input.ops[0].body, NULL, span_text("\1 no body of any kind"));
	arena_free(a);
	mark(forger, &ada, MARK_EXCUSED);
	(void)sync_of(forger);
	r = sync_of(honest);
	assert_int_equal(r.received.n_quarantined, 1);
	assert_int_equal(r.received.marks, 1);
	assert_true(is_marked(honest, &ada, "excused"));
	assert_true(is_marked(honest, &ben, "late"));
	mark(honest, &ben, MARK_ABSENT);
	(void)sync_of(honest);
	(void)sync_of(forger);
	assert_true(is_marked(forger, &ben, "absent"));
	assert_int_equal(number(honest, "SELECT count(*) FROM r_quarantine"), 1);
}

/* The forger writes absent under the honest trainer's own name for his mark: who is named
 * as the author of both is the honest one, so the review names both signers. */
static void
sec_74_one_name_with_two_contents_is_told_with_both_signers(void **state)
{
	struct town *t = town_of(state);
	struct home *honest = &t->homes[TRAINER], *forger = &t->homes[OTHER];
	struct review_item *items;
	const struct review_choice *said;
	size_t n = 0;

	mark_both(honest, forger);
	forge_as(forger, change, &ben, true);
	(void)sync_of(forger);
	(void)sync_of(honest);
	assert_int_equal(review_list(home_open(honest), &items, &n), ST_OK);
	assert_int_equal(n, 1);
	said = items[0].choices;
	assert_int_equal(items[0].n_choices, 2);
	for (size_t i = 0; i < 2; i++) {
		bool is_forged = strcmp(said[i].text, "absent") == 0;

		assert_string_equal(said[i].member, honest->member);
		assert_non_null(said[i].twin_signer);
		assert_string_equal(
		    said[i].twin_signer, (is_forged ? forger : honest)->member);
	}
	mark(honest, &ben, MARK_LATE);
	assert_int_equal(review_list(home_open(honest), &items, &n), ST_OK);
	assert_int_equal(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SENTENCE(sec_73_a_dropped_value_is_told_with_its_signer_and_written_again),
	    SENTENCE(sec_73_a_changed_value_is_told_and_the_old_one_written_over_it),
	    SENTENCE(a_value_that_somebody_wrote_since_is_not_written_over),
	    SENTENCE(sec_74_one_name_with_two_contents_is_told_with_both_signers),
	    SENTENCE(
		sec_30_rubbish_under_a_valid_signature_is_set_aside_and_the_others_go_on),
	};

	if (!ground_ready())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
