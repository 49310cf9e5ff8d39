/* whole_tests.c - what once broke between laptops and a server, each under its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "client/sync/inbox.h"
#include "client/sync/intents.h"
#include "client/sync/outbox.h"
#include "crypto/tag.h"
#include "server/host.h"
#include "whole_ground.h"

/* A last page that moves nothing. */
static struct page
still_page(struct home *h)
{
	struct page p = {.space = h->town->sk, .kind = PAGE_LAST};
	struct query *q = query_of(home_open(h)->queries,
	    "SELECT cursor, chain, log_applied FROM r_space WHERE pos = ?");
	const struct log_id *head;

	query_int(q, h->town->sk);
	assert_true(query_row(q));
	p.head = (uint64_t)query_column_int(q, 0);
	p.from = p.head;
	query_column_copy(q, 1, p.hash, sizeof p.hash);
	p.log_len = (uint32_t)query_column_int(q, 2);
	assert_int_equal(query_done(q, NULL), ST_OK);
	head = membership_record_id(h->town->host->m, h->town->sk, p.log_len - 1);
	assert_non_null(head);
	memcpy(p.log_head, head->bytes, sizeof p.log_head);
	return p;
}

static status
apply(struct home *h, const struct page *p, struct received *out)
{
	const struct push_list none = {NULL, 0};
	struct logs logs = {.l = home_open(h)};
	status st;

	assert_non_null(logs.l);
	st = inbox_apply(h->l, &logs, p, &none, h->town->now_ms / 1000, out);
	logs_forget(&logs);
	return st;
}

/* The server says that a person was erased in the workshop. */
static void
bury(struct home *h, const struct person_id *pid)
{
	struct scope_info scope = workshop_of(h);
	struct query *q =
	    query_of(home_open(h)->queries, "SELECT tag_key FROM r_scope WHERE id = ?");
	struct page p = still_page(h);
	struct received received = {0};
	struct grave_row grave = {.scope = (uint16_t)scope.pos};
	struct tag_key key;

	query_int(q, scope.id);
	assert_true(query_row(q));
	query_column_copy(q, 0, key.bytes, sizeof key.bytes);
	assert_int_equal(query_done(q, NULL), ST_OK);
	grave.subject = tag_subject(&key, person_key_of(pid));
	p.n_graves = 1;
	p.graves = &grave;
	assert_int_equal(apply(h, &p, &received), ST_OK);
}

/* ---- sealing ---- */

static void
older_keys_of_a_record_do_not_move_the_key_it_is_sealed_with(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR];

	for (uint8_t i = 0; i < 20; i++) {
		struct person_id pid = {{0x11, i}};

		name(n, &pid, "Ada");
	}
	(void)sync_of(n);
	home_close(n); /* the keys are loaded anew, the newest first */
	act_rotate(n);
	for (uint8_t i = 0; i < 20; i++) {
		struct person_id pid = {{0x11, i}};

		name(n, &pid, "Adela");
	}
	(void)sync_of(n);
	assert_int_equal(number(n, "SELECT count(*) FROM r_quarantine"), 0);
	assert_int_equal(number(n, "SELECT count(*) FROM young_person WHERE given_name ="
				   " 'Adela'"),
	    20);
}

static void
a_second_edit_before_sealing_replaces_the_first(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];

	name(h, &ada, "Ada");
	name(h, &ada, "Adela");
	assert_int_equal(number(h, "SELECT count(*) FROM r_dirty"), 1);
	(void)sync_of(h);
	(void)sync_of(&h->town->homes[OTHER]);
	assert_int_equal(
	    number(&h->town->homes[OTHER], "SELECT count(*) FROM r_conflict"), 0);
}

static void
batches_refused_for_old_keys_are_sealed_again_and_keep_their_references(void **state)
{
	struct town *t = town_of(state);
	struct home *h = &t->homes[TRAINER];
	struct outbox_result sealed;
	struct sync_report r;

	name(h, &ada, "Ada");
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	name(h, &ada, "Adela"); /* a whole op that lists the pending one */
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	act_rotate(&t->homes[COORDINATOR]);
	assert_int_equal(t->counts.rotations, 1);
	r = sync_of(h);
	assert_int_equal(r.n_refused, 0);
	assert_int_equal(r.sent, 2);
	assert_true(r.is_complete);
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending"), 0);
	assert_int_equal(number(h, "SELECT count(*) FROM r_doa"), 0);
	(void)sync_of(&t->homes[OTHER]);
	assert_int_equal(
	    number(&t->homes[OTHER], "SELECT count(*) FROM r_op JOIN r_record"
				     " r ON r.id = record WHERE kind = 8"),
	    1);
}

static void
what_would_be_refused_again_waits(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	struct outbox_result sealed;
	size_t n = 9;
	int64_t pending;

	name(h, &ada, "Ada");
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	pending = number(h, "SELECT id FROM r_pending");
	assert_int_equal(outbox_reseal(h->l, &pending, 1, &n), ST_OK);
	assert_int_equal(n, 0);
	assert_int_equal(number(h, "SELECT id FROM r_pending"), pending);
}

static void
a_refused_batch_leaves_the_view_at_once(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	struct outbox_result sealed;

	name(h, &ada, "Ada");
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	assert_int_equal(
	    outbox_refuse(h->l, number(h, "SELECT id FROM r_pending"), "VERDICT_ROLE"),
	    ST_OK);
	assert_int_equal(number(h, "SELECT count(*) FROM young_person"), 0);
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending WHERE state = 2"), 1);
}

/* All at once was minutes of silence after a season offline: the server took the line
 * for dead (PN-N03), and nothing of it had been sent. */
static void
what_waits_is_sealed_and_sent_in_portions(void **state)
{
	struct town *t = town_of(state);
	struct home *h = &t->homes[TRAINER];
	struct person_id pid = {{0x10}};
	struct value value = value_text("Ada");
	struct outbox_result sealed;
	struct record_ref ref;
	struct sync_report r;
	struct edit *e;
	int64_t n;

	assert_int_equal(edit_begin(home_open(h), &e), ST_OK);
	for (unsigned i = 0; i <= OUTBOX_RECORDS_MAX; i++) {
		put_u32(pid.bytes + 1, i);
		young_ref(h, &pid, &ref);
		assert_int_equal(
		    edit_set(e, &ref, F_YOUNG_PERSON_GIVEN_NAME, NULL, &value), ST_OK);
	}
	assert_int_equal(edit_commit(e, NULL), ST_OK);
	assert_int_equal(
	    number(h, "SELECT count(*) FROM young_person"), OUTBOX_RECORDS_MAX + 1);
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	assert_true(sealed.has_more);
	n = number(h, "SELECT count(*) FROM r_dirty");
	assert_in_range(n, 1, OUTBOX_RECORDS_MAX);
	r = sync_of(h);
	assert_int_equal(r.sent, OUTBOX_RECORDS_MAX + 1);
	assert_int_equal(r.stored, OUTBOX_RECORDS_MAX + 1);
	assert_true(r.is_complete);
	assert_int_equal(number(h, "SELECT count(*) FROM r_dirty"), 0);
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending"), 0);
	(void)sync_of(&t->homes[OTHER]);
	assert_int_equal(
	    number(&t->homes[OTHER], "SELECT count(*) FROM r_record WHERE kind = 8"),
	    OUTBOX_RECORDS_MAX + 1);
}

/* ---- pulling ---- */

static void
an_own_push_of_a_staged_page_is_taken_by_its_content(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	struct outbox_result sealed;
	struct own_row own = {0, 0};
	struct page p = still_page(h);
	struct received received = {0};
	int64_t pending[2];

	name(h, &ada, "Ada");
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	pending[0] = number(h, "SELECT max(id) FROM r_pending");
	name(h, &ben, "Ben");
	assert_int_equal(outbox_seal(h->l, &sealed), ST_OK);
	pending[1] = number(h, "SELECT max(id) FROM r_pending");
	own.lsn = p.head + 1;
	own.push = 1; /* Ben, in the session that is cut */
	p.kind = PAGE_MORE;
	p.head++;
	p.own = &own;
	p.n_own = 1;
	assert_int_equal(inbox_stage(h->l, &p, &(struct push_list){pending, 2}), ST_OK);
	p.kind = PAGE_LAST;
	p.from = p.head;
	p.n_own = 0;
	assert_int_equal(apply(h, &p, &received), ST_OK);
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending"), 1);
	assert_int_equal(number(h, "SELECT id FROM r_pending"), pending[0]);
	assert_int_equal(number(h, "SELECT count(*) FROM r_op o JOIN young_person y ON"
				   " y.rid = o.record WHERE given_name = 'Ben'"),
	    1);
}

static void
a_stage_goes_when_the_next_page_begins_before_its_end(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	const struct push_list none = {NULL, 0};
	struct page p = still_page(h);

	p.kind = PAGE_MORE;
	p.head += 3;
	assert_int_equal(inbox_stage(home_open(h), &p, &none), ST_OK);
	p.from = p.head;
	p.head += 3;
	assert_int_equal(inbox_stage(h->l, &p, &none), ST_OK);
	assert_int_equal(number(h, "SELECT count(*) FROM r_stage"), 2);
	p.from = 0;
	p.head = 2;
	assert_int_equal(inbox_stage(h->l, &p, &none), ST_OK);
	assert_int_equal(number(h, "SELECT count(*) FROM r_stage"), 1);
}

static void
removals_of_several_pages_are_one_list(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	struct removals r = {0};
	const struct dead_row first[2] = {{7, 1}, {7, 2}}, second[1] = {{9, 0}};
	const struct grave_row grave = {.scope = 4};
	const struct page tail = {.kind = PAGE_TAIL, .n_dead = 2, .dead = first};
	const struct page last = {.kind = PAGE_LAST,
	    .n_dead = 1,
	    .dead = second,
	    .n_graves = 1,
	    .graves = &grave};

	assert_int_equal(inbox_gather(home_open(h), &r, &tail), ST_OK);
	assert_int_equal(inbox_gather(h->l, &r, &last), ST_OK);
	assert_int_equal(r.n_dead, 3);
	assert_int_equal(r.dead[1].index, 2);
	assert_int_equal(r.dead[2].born, 9);
	assert_int_equal(r.n_graves, 1);
	inbox_forget(&r);
	assert_false(r.is_open);
}

static void
a_push_that_the_server_made_up_is_refused(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	struct page p = still_page(h);
	struct own_row own = {p.head + 1, 0};
	struct received received = {0};

	p.head++;
	p.own = &own;
	p.n_own = 1;
	assert_int_equal(apply(h, &p, &received), ST_MALFORMED);
	assert_true(still_page(h).head + 1 == p.head);
}

static void
a_change_counts_once_however_often_it_is_carried_on(void **state)
{
	struct town *t = town_of(state);
	struct home *h = &t->homes[TRAINER], *other = &t->homes[OTHER];
	struct record_ref r;

	name(h, &ada, "Ada");
	(void)sync_of(h);
	assert_int_equal(sync_of(other).received.changes, 1);
	young_ref(h, &ada, &r);
	write_one(h, &r, F_YOUNG_PERSON_NEEDS, NULL, value_text("a ramp"));
	(void)sync_of(h); /* a whole op, with the name in it */
	assert_int_equal(sync_of(other).received.changes, 1);
	assert_int_equal(sync_of(other).received.changes, 0);
}

static void
what_others_replaced_is_in_the_history(void **state)
{
	struct town *t = town_of(state);
	struct home *h = &t->homes[TRAINER], *other = &t->homes[OTHER];

	name(h, &ada, "Ada");
	(void)sync_of(h);
	(void)sync_of(other);
	name(other, &ada, "Adela");
	(void)sync_of(other);
	(void)sync_of(h);
	assert_int_equal(number(h, "SELECT count(*) FROM r_history"), 1);
	t->now_ms += UINT64_C(31) * 86400000; /* personal: 30 days */
	mark(other, &ada, MARK_LATE);
	(void)sync_of(other);
	(void)sync_of(h);
	assert_int_equal(number(h, "SELECT count(*) FROM r_history"), 0);
}

/* The power goes between a push and its pull; somebody replaces what came in. */
static void
push_unseen(struct home *h)
{
	struct pipe_plan plan = pipe_plain;
	int64_t before = 0;

	/* Cut the answer: ever later, until the server has the batch. */
	for (uint64_t bytes = 400; before == 0; bytes += 40) {
		plan.cut_after = bytes;
		pipe_next(&plan);
		(void)home_sync(h, NULL);
		before = (int64_t)h->town->host->n.pushes_stored;
	}
	assert_true(number(h, "SELECT count(*) FROM r_pending") > 0);
}

static void
a_batch_that_died_before_its_own_pull_leaves_pending(void **state)
{
	struct town *t = town_of(state);
	struct home *h = &t->homes[TRAINER], *other = &t->homes[OTHER];

	t->host->n.pushes_stored = 0;
	name(h, &ada, "Ada");
	push_unseen(h);
	(void)sync_of(other);
	name(other, &ada, "Adela");
	(void)sync_of(other);
	(void)sync_of(h);
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending"), 0);
	assert_int_equal(
	    number(h, "SELECT count(*) FROM r_op JOIN young_person ON rid = r_op.record"),
	    1);
}

static void
an_op_that_died_before_its_own_pull_is_not_in_base(void **state)
{
	struct town *t = town_of(state);
	struct home *h = &t->homes[TRAINER], *other = &t->homes[OTHER];

	t->host->n.pushes_stored = 0;
	name(h, &ada, "Ada");
	name(h, &ben, "Ben"); /* stays: the batch is pruned, not empty */
	push_unseen(h);
	(void)sync_of(other);
	name(other, &ada, "Adela");
	(void)sync_of(other);
	(void)sync_of(h);
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending"), 0);
	assert_int_equal(
	    number(h, "SELECT count(*) FROM r_op JOIN young_person ON rid = r_op.record"),
	    2);
	assert_int_equal(number(h, "SELECT count(*) FROM young_person"), 2);
}

/* ---- erasure ---- */

static void
a_grave_takes_what_is_typed_sealed_and_replaced(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	struct outbox_result sealed;

	name(h, &ada, "Ada");
	name(h, &ben, "Ben");
	(void)sync_of(h);
	name(h, &ada, "Adela"); /* history */
	mark(h, &ada, MARK_LATE);
	mark(h, &ben, MARK_ABSENT);
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	name(h, &ada, "Adele"); /* dirty */
	mark(h, &ada, MARK_PRESENT);
	bury(h, &ada);
	assert_int_equal(number(h, "SELECT count(*) FROM r_dirty"), 0);
	assert_int_equal(number(h, "SELECT count(*) FROM r_history"), 0);
	assert_int_equal(number(h, "SELECT count(*) FROM young_person"), 1);
	assert_int_equal(number(h, "SELECT count(*) FROM sheet_marks"), 1);
	/* Of the sealed batch Ben's mark is left. */
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending_op"), 1);
	(void)sync_of(h);
	(void)sync_of(&h->town->homes[OTHER]);
	assert_int_equal(
	    number(&h->town->homes[OTHER], "SELECT count(*) FROM sheet_marks"), 1);
}

static void
a_refused_batch_stays_refused_without_the_erased(void **state)
{
	struct home *h = &town_of(state)->homes[TRAINER];
	struct outbox_result sealed;

	mark(h, &ada, MARK_LATE);
	mark(h, &ben, MARK_ABSENT);
	assert_int_equal(outbox_seal(home_open(h), &sealed), ST_OK);
	assert_int_equal(
	    outbox_refuse(h->l, number(h, "SELECT id FROM r_pending"), "VERDICT_ROLE"),
	    ST_OK);
	bury(h, &ada);
	assert_int_equal(number(h, "SELECT count(*) FROM r_pending WHERE state = 2 AND"
				   " reason = 'VERDICT_ROLE'"),
	    1);
}

/* ---- logs ---- */

/* The join comes with the pull, after what waits was tried. */
static void
a_right_given_before_the_join_comes_with_the_next_sync(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR];
	struct laptop *l = home_open(n);
	struct home *late;
	const struct scope_name room = scope_of(SCOPE_ACTIVITY, &t->activities[0]);
	struct scope_info found;

	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	assert_int_equal(intent_grant(l, t->sk, "SK-T9", &t->activities[0], 0), ST_OK);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
	(void)sync_of(n);
	late = town_invite(t, n, "SK-T9", ROLE_TRAINER, NULL);
	assert_non_null(late);
	(void)sync_of(n);
	(void)sync_of(late);
	assert_int_equal(scope_find(late->l, t->sk, &room, &found), ST_OK);
}

/* A right waits for a member who has not joined: it is nothing to say, or the two copies
 * that hold it would renew in turn at every sync. */
static void
copies_with_a_right_that_waits_do_not_renew_in_turn(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR];
	struct laptop *l = home_open(n);
	struct home *copy;
	struct sync_report r;

	assert_int_equal(db_begin(l->db, NULL), ST_OK);
	assert_int_equal(intent_grant(l, t->sk, "SK-T9", &t->activities[0], 0), ST_OK);
	assert_int_equal(db_commit(l->db, NULL), ST_OK);
	home_close(n);
	copy = home_copy(n);
	for (unsigned i = 0; i < 3; i++) {
		name(n, &ada, "Ada");
		name(copy, &ben, "Ben");
		(void)sync_of(n);
		(void)sync_of(copy);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_true(home_sync(n, &r));
		assert_false(r.has_renewed);
		assert_true(home_sync(copy, &r));
		assert_false(r.has_renewed);
	}
	assert_int_equal(intents_count(home_open(n)), 1);
	assert_int_equal(intents_count(home_open(copy)), 1);
}

static void
a_power_cut_at_any_commit_leaves_a_new_workshop_that_syncs(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR];

	for (unsigned commits = 1; commits < 5; commits++) {
		assert_true(act_workshop(n));
		home_crash_after(n, commits);
		(void)home_sync(n, NULL);
		n->commits_left = 0;
		(void)sync_of(n);
		assert_int_equal(number(n, "SELECT count(*) FROM r_dirty"), 0);
		assert_int_equal(number(n, "SELECT count(*) FROM r_pending"), 0);
		assert_int_equal(
		    number(n, "SELECT count(*) FROM r_scope WHERE pos IS NULL"), 0);
		assert_int_equal(intents_count(n->l), 0);
	}
}

static void
a_guest_loses_the_scope_when_his_access_has_ended(void **state)
{
	struct town *t = town_of(state);
	struct home *guest = &t->homes[GUEST];

	name(guest, &ada, "Ada");
	(void)sync_of(guest);
	name(guest, &ben, "Ben"); /* never sent */
	assert_int_equal(number(guest, "SELECT count(*) FROM young_person"), 2);
	t->now_ms += UINT64_C(500) * 86400000;
	(void)sync_of(guest);
	assert_int_equal(number(guest, "SELECT count(*) FROM young_person"), 0);
	assert_int_equal(number(guest, "SELECT count(*) FROM r_dirty"), 0);
	assert_int_equal(
	    number(guest, "SELECT count(*) FROM r_record WHERE kind IN (8, 11)"), 0);
	assert_int_equal(
	    number(guest, "SELECT count(*) FROM r_scope s JOIN r_space p ON p.pos ="
			  " s.space WHERE p.code = 'SK'"),
	    0);
	/* His own country's and the others' are as they were. */
	assert_true(number(guest, "SELECT count(*) FROM r_scope") >= 3);
	(void)sync_of(&t->homes[TRAINER]);
	assert_int_equal(
	    number(&t->homes[TRAINER], "SELECT count(*) FROM young_person"), 1);
}

static void
a_wrong_local_clock_takes_no_scope_away(void **state)
{
	struct home *guest = &town_of(state)->homes[GUEST];

	guest->skew_s = INT64_C(500) * 86400;
	name(guest, &ada, "Ada");
	(void)sync_of(guest);
	assert_int_equal(number(guest, "SELECT count(*) FROM young_person"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SENTENCE(older_keys_of_a_record_do_not_move_the_key_it_is_sealed_with),
	    SENTENCE(a_second_edit_before_sealing_replaces_the_first),
	    SENTENCE(
		batches_refused_for_old_keys_are_sealed_again_and_keep_their_references),
	    SENTENCE(what_would_be_refused_again_waits),
	    SENTENCE(a_refused_batch_leaves_the_view_at_once),
	    SENTENCE(what_waits_is_sealed_and_sent_in_portions),
	    SENTENCE(an_own_push_of_a_staged_page_is_taken_by_its_content),
	    SENTENCE(a_stage_goes_when_the_next_page_begins_before_its_end),
	    SENTENCE(removals_of_several_pages_are_one_list),
	    SENTENCE(a_push_that_the_server_made_up_is_refused),
	    SENTENCE(a_batch_that_died_before_its_own_pull_leaves_pending),
	    SENTENCE(an_op_that_died_before_its_own_pull_is_not_in_base),
	    SENTENCE(a_change_counts_once_however_often_it_is_carried_on),
	    SENTENCE(what_others_replaced_is_in_the_history),
	    SENTENCE(a_grave_takes_what_is_typed_sealed_and_replaced),
	    SENTENCE(a_refused_batch_stays_refused_without_the_erased),
	    SENTENCE(a_power_cut_at_any_commit_leaves_a_new_workshop_that_syncs),
	    SENTENCE(a_right_given_before_the_join_comes_with_the_next_sync),
	    SENTENCE(copies_with_a_right_that_waits_do_not_renew_in_turn),
	    SENTENCE(a_guest_loses_the_scope_when_his_access_has_ended),
	    SENTENCE(a_wrong_local_clock_takes_no_scope_away),
	};

	if (!ground_ready())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
