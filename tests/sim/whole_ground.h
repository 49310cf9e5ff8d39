/* whole_ground.h - the town of the tests that are sentences: seed 1, a coordinator, two
 * trainers and a guest, with one workshop; and what one person writes at a time. Included
 * by one program each. */
#ifndef TESTS_SIM_WHOLE_GROUND_H
#define TESTS_SIM_WHOLE_GROUND_H

#include <stdlib.h>
#include <sys/stat.h>

#include <sodium.h>

#include "whole_deed.h"

#define FOLDER "/tmp/pnet-whole-tests"

enum { COORDINATOR = 1, TRAINER = 3, OTHER = 4, GUEST = 5 };

static inline struct town *
town_of(void **state)
{
	return *state;
}

static inline int
begin(void **state)
{
	const char *folder = getenv("PNET_SIM_FOLDER");
	struct town *t = town_new(folder == NULL ? FOLDER : folder, 1, false);

	assert_string_equal(t->failure, "");
	*state = t;
	return 0;
}

static inline int
end(void **state)
{
	town_free(*state);
	return 0;
}

static inline struct sync_report
sync_of(struct home *h)
{
	struct sync_report r;

	if (!home_sync(h, &r))
		fail_msg("%s: %s", h->member, h->complaint.why);
	return r;
}

static inline int64_t
number(struct home *h, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(db_number(home_open(h)->db, sql, &n, NULL), ST_OK);
	return n;
}

static inline struct scope_info
workshop_of(struct home *h)
{
	struct town *t = h->town;
	struct scope_name name = scope_of(SCOPE_ACTIVITY, &t->activities[0]);
	struct scope_info scope;

	assert_int_equal(scope_find(home_open(h), t->sk, &name, &scope), ST_OK);
	return scope;
}

static const struct person_id ada = {{0xad, 0xa, 1}}, ben = {{0xbe, 0x2, 2}};

static inline void
sheet_ref(struct home *h, struct record_ref *out)
{
	struct value named_by[2] = {
	    value_bytes(h->town->activities[0].bytes, 16), value_int(1)};

	assert_int_equal(form_new(home_open(h), schema_kind(KIND_SHEET),
			     workshop_of(h).id, named_by, 2, out),
	    ST_OK);
}

static inline void
young_ref(struct home *h, const struct person_id *pid, struct record_ref *out)
{
	struct value named_by[2] = {
	    value_bytes(h->town->activities[0].bytes, 16), value_bytes(pid->bytes, 16)};

	assert_int_equal(form_new(home_open(h), schema_kind(KIND_YOUNG_PERSON),
			     workshop_of(h).id, named_by, 2, out),
	    ST_OK);
	out->has_person = true;
	out->person = *pid;
}

static inline void
write_one(struct home *h, const struct record_ref *r, uint16_t field, const uint64_t *key,
    struct value v)
{
	struct edit *e;

	assert_int_equal(edit_begin(home_open(h), &e), ST_OK);
	assert_int_equal(edit_set(e, r, field, key, &v), ST_OK);
	assert_int_equal(edit_commit(e, NULL), ST_OK);
}

static inline void
mark(struct home *h, const struct person_id *pid, uint64_t value)
{
	uint64_t key = person_key_of(pid).n;
	struct record_ref r;

	sheet_ref(h, &r);
	write_one(h, &r, F_SHEET_MARKS, &key, value_int(value));
}

static inline void
name(struct home *h, const struct person_id *pid, const char *given)
{
	struct record_ref r;

	young_ref(h, pid, &r);
	write_one(h, &r, F_YOUNG_PERSON_GIVEN_NAME, NULL, value_text(given));
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, begin, end)

static inline bool
ground_ready(void)
{
	const char *folder = getenv("PNET_SIM_FOLDER");

	(void)mkdir(folder == NULL ? FOLDER : folder, 0700);
	return sodium_init() >= 0;
}

#endif
