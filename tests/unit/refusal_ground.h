/* refusal_ground.h - membership records that could come next, but for one wrong value,
 * and why they are refused. */
#ifndef TESTS_REFUSAL_GROUND_H
#define TESTS_REFUSAL_GROUND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_world.h"

/* A record that could come next, but for its fields. */
static inline struct log_record
next(const struct world *w, enum log_kind kind, uint16_t space, const struct laptop *by)
{
	struct log_record r;

	assert_int_equal(membership_next(w->m, space, &r, NULL), ST_OK);
	r.kind = kind;
	r.time_s = w->now_s;
	r.has_author = by != NULL;
	if (by != NULL)
		r.author = by->as;
	return r;
}

/* Why it is refused. Refused or not, nothing was changed. */
static inline enum refusal
judge_as(const struct world *w, const struct log_record *r, enum apply_mode mode)
{
	const struct apply_how how = {
	    .mode = mode, .checks = &w->checks, .now_s = w->now_s};
	enum refusal why = REFUSAL_COUNT;
	struct trouble t = {0};
	status st = membership_check(w->m, r, &how, &why, &t);

	assert_int_equal(st == ST_OK, why == REFUSAL_NONE);
	if (st != ST_OK)
		assert_true(strlen(t.text) > 0);
	return why;
}

#define REFUSED(record, refusal)                                                         \
	assert_int_equal(judge_as(&w, record, APPLY_STORED), refusal)
#define TAKEN(record) REFUSED(record, REFUSAL_NONE)

static inline struct scope_set
kinds(unsigned mask)
{
	return (struct scope_set){.kinds = mask};
}

#endif
