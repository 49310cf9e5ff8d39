/* test_proviso.c - who may write a kind beside his role, told from one op. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/proviso.h"

static struct entry
text_entry(uint16_t field, const char *text)
{
	return (struct entry){
	    .field = field, .value = {.type = VALUE_TEXT, .bytes = span_text(text)}};
}

static bool
holds(uint16_t kind, const struct signer *s, const struct entry *e, size_t n)
{
	return proviso_holds(schema_kind(kind), s, e, n);
}

static void
a_rating_is_taken_from_the_member_whom_it_names_alone(void **state)
{
	const struct signer author = {span_text("SK-T2"), EDIT_TRAINER, true};
	const struct signer other = {span_text("SK-T3"), EDIT_TRAINER, true};
	struct entry e[] = {text_entry(F_RATING_BY, "SK-T2"),
	    text_entry(F_RATING_BY, "SK-T3"),
	    {.field = F_RATING_NEED, .value = {.type = VALUE_INT, .number = 3}}};

	(void)state;
	assert_true(holds(KIND_RATING, &author, e, 1));
	assert_false(holds(KIND_RATING, &other, e, 1));
	/* Two names, or none: nobody's own. */
	assert_false(holds(KIND_RATING, &author, e, 2));
	assert_false(holds(KIND_RATING, &author, e + 2, 1));
	e[0].value.type = VALUE_INT;
	assert_false(holds(KIND_RATING, &author, e, 1));
}

static void
a_signoff_of_somebody_else_is_set_aside(void **state)
{
	const struct signer other = {span_text("SK-N1"), EDIT_COORDINATOR, true};
	struct entry e = text_entry(F_SIGNOFF_BY, "SK-T2");

	(void)state;
	assert_false(holds(KIND_SIGNOFF, &other, &e, 1));
}

static void
a_coordinator_decides_nothing_but_a_withdrawal(void **state)
{
	const struct signer office = {span_text("OF-1"), EDIT_OFFICE, true};
	const struct signer coordinator = {span_text("SK-N1"), EDIT_COORDINATOR, true};
	struct entry e = {.field = F_DECISION_KIND,
	    .value = {.type = VALUE_INT, .number = DECISION_SELECT}};

	(void)state;
	assert_true(holds(KIND_DECISION, &office, &e, 1));
	assert_false(holds(KIND_DECISION, &coordinator, &e, 1));
	assert_false(holds(KIND_DECISION, &coordinator, NULL, 0));
	e.field = F_DECISION_OUTCOME; /* says nothing of its kind */
	assert_false(holds(KIND_DECISION, &coordinator, &e, 1));
	e.field = F_DECISION_KIND;
	e.value.number = DECISION_WITHDRAW;
	assert_true(holds(KIND_DECISION, &coordinator, &e, 1));
}

static void
the_office_plans_for_every_country_and_a_coordinator_for_his_own(void **state)
{
	struct signer office = {span_text("OF-1"), EDIT_OFFICE, true};
	struct signer coordinator = {span_text("SK-N1"), EDIT_COORDINATOR, false};

	(void)state;
	assert_true(holds(KIND_ACTIVITY, &office, NULL, 0));
	assert_true(holds(KIND_ACTIVITY, &coordinator, NULL, 0));
	office.is_in_all = false;
	coordinator.is_in_all = true;
	assert_false(holds(KIND_ACTIVITY, &office, NULL, 0));
	assert_false(holds(KIND_ACTIVITY, &coordinator, NULL, 0));
	/* The days of a summer school: a trainer may record there too. */
	assert_false(holds(KIND_ACTIVITY_DAY, &office, NULL, 0));
	assert_true(holds(KIND_ACTIVITY_DAY, &coordinator, NULL, 0));
}

static void
what_asks_other_records_is_not_decided_here(void **state)
{
	const struct signer stranger = {span_text("PL-T1"), EDIT_TRAINER, true};

	(void)state;
	assert_true(holds(KIND_REPORT_SECTION, &stranger, NULL, 0));
	assert_true(holds(KIND_REPORT, &stranger, NULL, 0));
	assert_true(holds(KIND_PRACTICE_SECTION, &stranger, NULL, 0));
	assert_true(holds(KIND_PRACTICE, &stranger, NULL, 0));
	assert_true(holds(KIND_SHEET, &stranger, NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rating_is_taken_from_the_member_whom_it_names_alone),
	    cmocka_unit_test(a_signoff_of_somebody_else_is_set_aside),
	    cmocka_unit_test(a_coordinator_decides_nothing_but_a_withdrawal),
	    cmocka_unit_test(
		the_office_plans_for_every_country_and_a_coordinator_for_his_own),
	    cmocka_unit_test(what_asks_other_records_is_not_decided_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
