/* test_rules_documents.c - rules about reports, practices and papers (V30 to V45): a case
 * below, at and above each limit, every message, and the gates that they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/actions/findings.h"
#include "core/version.h"
#include "unit/rules_fixture.h"

static struct laptop_fixture fixture;

/* The hash of the report's two sections as SQL, x'...'. */
static const char *
version_of(struct laptop_fixture *f, const char *context, const char *kept)
{
	static char out[2 * sizeof(struct hash32) + 4];
	const struct section sections[] = {{"context", span_text(""), span_text(context)},
	    {"kept", span_text(""), span_text(kept)}};
	struct laptop *l = fixture_open(f);
	struct hash32 hash;
	size_t at = 2;

	assert_int_equal(
	    version_hash(sections, 2, &l->checks, l->arena, &hash, NULL), ST_OK);
	laptop_close(l);
	memcpy(out, "x'", 2);
	for (size_t i = 0; i < sizeof hash.bytes; i++, at += 2)
		(void)snprintf(out + at, 3, "%02x", hash.bytes[i]);
	memcpy(out + at, "'", 2);
	return out;
}

/* SQL with one %s for a hash. */
static void
sql_with(
    struct laptop_fixture *f, const char *before, const char *hash, const char *after)
{
	char sql[2048];

	(void)snprintf(sql, sizeof sql, "%s%s%s", before, hash, after);
	rules_sql(f, sql);
}

/* SK-W1 was closed; its report SK-W1-TR is complete, signed by both and submitted. */
static int
begin(void **state)
{
	struct laptop_fixture *f = &fixture;
	const char *hash;

	rules_start(f);
	rules_sql(f,
	    "INSERT INTO practice(rid, record, scope, code, title, origin_country) VALUES"
	    " (10, " R(
		10) ", 1, 'GP01', 'Street art', 'DE');"
		    "INSERT INTO activity(rid, record, scope, code, type, practice, "
		    "start) VALUES"
		    " (29, " R(29) ", 2, 'SK-K1', 'peer_coaching', " R(
			10) ", '2027-04-01'),"
			    " (30, " R(
				30) ", 1, 'SS-1', 'roundtable_meeting', NULL, "
				    "'2026-07-06'),"
				    " (32, " R(32) ", 2, 'SK-W1', 'youth_workshop', " R(
					10) ", '2027-04-12');"
					    "INSERT INTO activity_day(rid, record, "
					    "scope, activity, day_no, date, held) VALUES"
					    " (101, " R(101) ", 2, " R(
						29) ", 1, '2027-04-01', 'yes'),"
						    " (102, " R(102) ", 2, " R(
							29) ", 2, '2027-04-02', 'yes'),"
							    " (125, " R(125) ", 2, " R(
								32) ", 5, '2027-04-16', "
								    "'yes');"
								    "INSERT INTO "
								    "team(rid, record, "
								    "scope, activity, "
								    "person, code, "
								    "experience) VALUES"
								    " (50, " R(50) ", "
										   "2,"
										   " " R(32) ", " R(
										       40) ", 'SK-T2', 'new'),"
											   " (51, " R(51) ", 2, " R(32) ", " R(
											       41) ", 'DE-T3', 'experienced');"
												   "INSERT INTO activity(rid, record, scope, code, type, start, cancelled) VALUES"
												   " (33, " R(
												       33) ", 1, 'SS-2', 'summer_school', '2026-07-06', NULL);"
													   "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 39)"
													   " INSERT INTO participation(rid, record, scope, activity, who)"
													   " SELECT 200 + i, " R(200 + i) ", 1, " R(33) ", " R(
													       40 +
													       i) " FROM n;"
														  "INSERT INTO session(rid, record, scope, activity, day_no, practice, led_by, held)"
														  " VALUES(60, " R(60) ", 1, " R(33) ", 1, " R(
														      10) ", 'DE-T3', 'yes');"
															  "INSERT INTO tally(rid, record, scope, activity, no, \"on\", days_planned,"
															  " days_held, days) VALUES(71, " R(
															      71) ", 2, " R(32) ", 1, '2027-04-17', 5, 5,"
																		" '8 8 8 8 8')");
	hash = version_of(f, "In a club.", "The wall.");
	rules_sql(f,
	    "INSERT INTO report_section(rid, record, scope, report, kind, \"order\", "
	    "text)"
	    " VALUES(81, " R(81) ", 1, " R(80) ", 'kept', 2, 'The wall.'),"
					       " (82, " R(82) ", 1, " R(
						   80) ", 'context', 1, 'In a club.')");
	sql_with(f,
	    "INSERT INTO report(rid, record, scope, code, activity, practice, "
	    "host_country,"
	    " authors_new, authors_experienced, submitted) VALUES(80, " R(
		80) ", 1,"
		    " 'SK-W1-TR', " R(32) ", " R(10) ", 'SK', 'SK-T2', 'DE-T3', ",
	    hash, ")");
	sql_with(f,
	    "INSERT INTO signoff(rid, record, scope, report, \"by\", experience, version)"
	    " SELECT 90 + column1, " R(90 + column1) ", 1, " R(80) ", column2, column3, ",
	    hash, " FROM (VALUES(0, 'SK-T2', 'new'), (1, 'DE-T3', 'experienced'))");
	rules_sql(f,
	    "INSERT INTO rating(rid, record, scope, report, \"by\", experience, need,"
	    " target_group_fit, acceptance, institutional_fit, resources, competences,"
	    " core_kept, effect_seen, verdict) VALUES"
	    " (95, " R(95) ", 1, " R(
		80) ", 'SK-T2', 'new', 2, 2, 2, 2, 2, 2, 2, 0,"
		    "  'transferable'),"
		    " (96, " R(96) ", 1, " R(
			80) ", 'DE-T3', 'experienced', 3, 3, 3, 3, 3, 3, 3, 3,"
			    "  'transferable')");
	*state = f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

/* How many gates stop an action. */
static size_t
gates(struct laptop_fixture *f, enum gate gate, const char *subject)
{
	struct laptop *l = fixture_open(f);
	struct finding_list list;

	assert_int_equal(findings_gate(l, gate, subject, &list), ST_OK);
	laptop_close(l);
	return list.n;
}

static void
a_complete_report_has_no_findings(void **state)
{
	struct laptop_fixture *f = *state;

	rules_finds(f, "");
	assert_int_equal(gates(f, GATE_SIGN, "SK-W1-TR"), 0);
	assert_int_equal(gates(f, GATE_SUBMIT, "SK-W1-TR"), 0);
	assert_int_equal(gates(f, GATE_ACCEPT, "SK-W1-TR"), 0);
}

static void
v30_a_draft_is_late_after_14_days(void **state)
{
	struct laptop_fixture *f = *state;
	static const char line[] =
	    "V30,warning,SK-W1-TR,1,report still draft more than 14"
	    " days after the workshop\n";

	rules_finds_on(f, "2027-05-02", "");
	rules_sql(f, "UPDATE report SET submitted = NULL");
	rules_finds_on(f, "2027-04-29", "");
	rules_finds_on(f, "2027-04-30", ""); /* the 14th day after 16 April */
	rules_finds_on(f, "2027-05-01", line);
	/* What was submitted and then edited is a draft again. */
	rules_sql(f, "UPDATE report SET submitted = " HASH(1));
	rules_finds_on(f, "2027-05-01", line);
}

static void
v31_a_section_is_empty(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f, "UPDATE report SET submitted = NULL");
	rules_sql(f, "UPDATE report_section SET text = char(10) || ' ' WHERE rid = 81");
	rules_finds_on(f, "2027-04-20", "V31,gate,SK-W1-TR,1,empty section\n");
	assert_int_equal(gates(f, GATE_SIGN, "SK-W1-TR"), 1);
	rules_sql(f, "UPDATE report_section SET text = '.' WHERE rid = 81");
	rules_finds_on(f, "2027-04-20", "");
	rules_sql(f,
	    "INSERT INTO practice_section(rid, record, scope, practice, kind, text)"
	    " VALUES(85, " R(85) ", 1, " R(
		10) ", 'aims', NULL);"
		    "INSERT INTO advocacy(rid, record, scope, code, country) VALUES"
		    " (86, " R(86) ", 3, 'SK-AR', 'SK');"
				   "INSERT INTO advocacy_section(rid, record, scope, "
				   "advocacy, kind, text)"
				   " VALUES(87, " R(87) ", 3, " R(
				       86) ", 'potentials', ''),"
					   " (88, " R(88) ", 3, " R(
					       86) ", 'challenges', '');"
						   "INSERT INTO minutes(rid, record, "
						   "scope, activity, code, text) VALUES"
						   " (89, " R(89) ", 3, " R(
						       30) ", 'SK-RM1-M', '')");
	rules_finds_on(f, "2027-04-20",
	    "V31,gate,GP01,1,empty section\n"
	    "V31,gate,SK-AR,2,empty section\n"
	    "V31,gate,SK-RM1-M,1,empty section\n");
}

static void
v6_a_text_names_somebody_on_a_roster(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f,
	    "INSERT INTO minutes(rid, record, scope, activity, code, text) VALUES"
	    " (89, " R(89) ", 3, " R(30) ", 'SK-RM1-M', 'We heard of Lubica.')");
	rules_finds(f, "");
	rules_sql(f, "INSERT INTO young_person(rid, record, scope, activity, pid,"
		     " given_name, family_name) VALUES(180, " R(180) ", 2, " R(
			 32) ","
			     " " R(181) ", 'Ľubica', 'B')");
	rules_finds(f, "V6,warning,SK-RM1-M,1,text names a young person\n");
	rules_sql(f, "DELETE FROM young_person;"
		     " UPDATE minutes SET text = 'Of Ľubica (13), too.'");
	rules_finds(f, "V6,warning,SK-RM1-M,1,text names a young person\n");
}

static void
v32_each_author_rates_once(void **state)
{
	struct laptop_fixture *f = *state;
	static const char line[] =
	    "V32,gate,SK-W1-TR,1,not exactly one rating per author\n";

	rules_sql(f, "UPDATE rating SET need = NULL WHERE rid = 95");
	rules_finds(f, line);
	rules_sql(f, "UPDATE rating SET need = 0, verdict = NULL WHERE rid = 95");
	rules_finds(f, line);
	rules_sql(f, "UPDATE rating SET verdict = 'transferable', \"by\" = 'SK-T'"
		     " WHERE rid = 95"); /* no author */
	rules_finds(f, line);
	assert_int_equal(gates(f, GATE_SIGN, "SK-W1-TR"), 0);
	assert_int_equal(gates(f, GATE_SUBMIT, "SK-W1-TR"), 1);
	rules_sql(f, "UPDATE rating SET \"by\" = 'SK-T2' WHERE rid = 95");
	rules_finds(f, "");
}

static void
v33_a_new_and_an_experienced_one_sign_one_text(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f, "UPDATE signoff SET version = " HASH(1) " WHERE rid = 91");
	rules_finds(
	    f, "V33,gate,SK-W1-TR,1,only one sign-off; report cannot be accepted\n");
	rules_sql(f, "UPDATE signoff SET version = " HASH(1));
	rules_finds(f, "V33,gate,SK-W1-TR,1,no sign-off; report cannot be accepted\n");
	/* Not listed while it is a draft, but no draft is submitted without. */
	rules_sql(f, "UPDATE report SET submitted = NULL");
	rules_finds_on(f, "2027-04-20", "");
	assert_int_equal(gates(f, GATE_SUBMIT, "SK-W1-TR"), 1);
	assert_int_equal(gates(f, GATE_ACCEPT, "SK-W1-TR"), 1);
	assert_int_equal(gates(f, GATE_SIGN, "SK-W1-TR"), 0);
}

static void
v33_two_of_the_same_experience_are_not_enough(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f, "UPDATE signoff SET experience = 'new'");
	rules_finds(f, "V33,gate,SK-W1-TR,1,no sign-off by an experienced practitioner;"
		       " report cannot be accepted\n");
	rules_sql(f, "UPDATE signoff SET experience = 'experienced'");
	rules_finds(f, "V33,gate,SK-W1-TR,1,no sign-off by a new practitioner; report"
		       " cannot be accepted\n");
}

static void
v35_verdicts_differ(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f, "UPDATE rating SET verdict = 'not_transferable' WHERE rid = 95");
	rules_finds(f, "V35,warning,transferability reports,1,the two verdicts differ\n");
	FIXTURE_OK(f, "--csv findings SK-W1-TR");
	FIXTURE_SAYS(f->out, "V35,warning,SK-W1-TR,1,the two verdicts differ\n");
}

/* Accepted on 1 May, and GP01 was selected and described before. */
static void
accept(struct laptop_fixture *f)
{
	rules_sql(f,
	    "INSERT INTO decision(rid, record, scope, subject, kind, outcome, \"on\") "
	    "VALUES"
	    " (150, " R(150) ", 1, " R(
		80) ", 'report', 'accepted', '2027-05-01'),"
		    " (151, " R(151) ", 1, " R(
			10) ", 'select', 'selected', '2026-04-20'),"
			    " (152, " R(152) ", 1, " R(
				10) ", 'description', 'accepted', '2026-05-18')");
}

static void
v41_the_description_is_accepted_anew_on_a_later_date(void **state)
{
	struct laptop_fixture *f = *state;
	static const char line[] =
	    "V41,gate,GP01,1,description not revised after the latest accepted report\n";

	accept(f);
	rules_finds(f, line);
	rules_sql(f, "UPDATE decision SET \"on\" = '2027-05-01' WHERE rid = 152");
	rules_finds(f, line);
	rules_sql(f, "UPDATE decision SET \"on\" = '2027-05-02' WHERE rid = 152");
	rules_finds(f, "");
	rules_sql(f,
	    "UPDATE decision SET \"on\" = '2026-05-18' WHERE rid = 152;"
	    "INSERT INTO decision(rid, record, scope, subject, kind, outcome,"
	    " \"on\") VALUES(153, " R(153) ", 1, " R(10) ", 'transfer',"
							 " 'not_proven', '2027-05-03')");
	rules_finds(f, ""); /* not asked for what is not proven */
	rules_sql(f, "UPDATE decision SET kind = 'withdraw', outcome = 'withdrawn'"
		     " WHERE rid = 153");
	rules_finds(f, "");
}

static void
v40_part_a_asks_for_all_and_part_b_for_less(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f,
	    "INSERT INTO publication(rid, record, scope, code, edition, kind) VALUES"
	    " (160, " R(160) ", 1, 'CO-2', 2, 'compendium');"
			     "INSERT INTO publication_item(rid, record, scope, "
			     "publication, practice, part)"
			     " VALUES(161, " R(161) ", 1, " R(160) ", " R(10) ", 'A')");
	rules_finds(f,
	    "V40,gate,GP01,1,\"not selected; no accepted transferability report signed by"
	    " a new and an experienced practitioner; no decision \"\"proven\"\"\"\n");
	accept(f);
	rules_finds(f,
	    "V41,gate,GP01,1,description not revised after the latest accepted report\n"
	    "V40,gate,GP01,1,\"description not revised after the latest accepted report;"
	    " no decision \"\"proven\"\"\"\n");
	assert_int_equal(gates(f, GATE_PART_A, "GP01"), 2);
	assert_int_equal(gates(f, GATE_PART_B, "GP01"), 0);
	rules_sql(f,
	    "UPDATE decision SET \"on\" = '2027-05-02' WHERE rid = 152;"
	    "INSERT INTO decision(rid, record, scope, subject, kind, outcome,"
	    " \"on\") VALUES(153, " R(153) ", 1, " R(10) ", 'transfer',"
							 " 'proven', '2027-05-03')");
	rules_finds(f, "");
	assert_int_equal(gates(f, GATE_PART_A, "GP01"), 0);
	rules_sql(f, "INSERT INTO r_conflict VALUES(10, 5, x'')");
	rules_finds(f, "V40,gate,GP01,1,an open conflict in its fields\n");
	rules_sql(f, "DELETE FROM r_conflict");
	rules_sql(f, "UPDATE practice SET origin_country = 'SK'");
	rules_finds(
	    f, "V40,gate,GP01,1,no closed youth workshop outside the origin country\n");
	/* A released edition is history. */
	rules_sql(f, "UPDATE publication SET released_on = '2027-06-01'");
	rules_finds(f, "");
	rules_sql(f, "UPDATE session SET held = 'no' WHERE rid = 60");
	assert_int_equal(gates(f, GATE_PART_B, "GP01"), 1);
}

static void
v44_every_advocacy_report_is_accepted(void **state)
{
	struct laptop_fixture *f = *state;

	rules_sql(f, "INSERT INTO paper(rid, record, scope, code, title) VALUES"
		     " (170, " R(170) ", 1, 'WP-1', 'Advocacy')");
	rules_finds(f, "V44,gate,WP-1,2,\"DE, SK advocacy reports not accepted; working"
		       " paper cannot be published\"\n");
	rules_sql(f,
	    "INSERT INTO submission(rid, record, scope, document, kind, hash) VALUES"
	    " (171, " R(171) ", 2, " R(180) ", 'advocacy_report', " HASH(
		1) "),"
		   " (172, " R(172) ", 5, " R(181) ", 'advocacy_report', " HASH(
		       2) ");"
			  "INSERT INTO acceptance(rid, record, scope, hash, outcome, "
			  "\"on\") VALUES"
			  " (173, " R(173) ", 5, " HASH(2) ", 'accepted', '2027-01-20')");
	rules_finds(f, "V44,gate,WP-1,1,SK advocacy report not accepted; working paper"
		       " cannot be published\n");
	assert_int_equal(gates(f, GATE_PAPER, "WP-1"), 1);
	rules_sql(f,
	    "INSERT INTO acceptance(rid, record, scope, hash, outcome, \"on\") VALUES"
	    " (174, " R(174) ", 2, " HASH(1) ", 'accepted', '2027-01-20')");
	rules_finds(f, "");
	assert_int_equal(gates(f, GATE_PAPER, "WP-1"), 0);
	rules_sql(f,
	    "INSERT INTO acceptance(rid, record, scope, hash, outcome, \"on\") VALUES"
	    " (175, " R(175) ", 2, " HASH(1) ", 'returned', '2027-01-21')");
	rules_finds(f, "V44,gate,WP-1,1,SK advocacy report not accepted; working paper"
		       " cannot be published\n");
}

/* Writes a field of a record in `all`, as a command of a central office would. */
static status
write_field(struct laptop_fixture *f, uint16_t kind, unsigned name, uint16_t field,
    const struct value *value)
{
	struct record_ref ref = {.kind = kind, .scope = IN_ALL};
	struct laptop *l = fixture_open(f);
	struct edit *e = NULL;
	status st;

	ref.name.bytes[0] = (uint8_t)name;
	assert_int_equal(edit_begin(l, &e), ST_OK);
	st = edit_set(e, &ref, field, NULL, value);
	if (st == ST_OK)
		st = edit_commit(e, NULL);
	else
		edit_abandon(e);
	if (st != ST_OK)
		(void)snprintf(f->err, sizeof f->err, "%s", l->complaint->why);
	laptop_close(l);
	return st;
}

static void
v45_an_item_of_a_released_edition_does_not_change(void **state)
{
	static const struct fixture_member office = {"OF-1", ROLE_OFFICE, 0, 9};
	struct laptop_fixture *f = *state;
	struct record_id edition = {{7}};
	struct value a = value_int(1), b = value_int(2), code = value_text("CO-1");
	struct value on = value_int(20000), one = value_int(1);
	struct value of = value_bytes(edition.bytes, sizeof edition.bytes);
	struct laptop *l = fixture_open(f);

	fixture_device(l, &office);
	laptop_close(l);
	fixture_become(f, &office);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION, 7, F_PUBLICATION_CODE, &code), ST_OK);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION, 7, F_PUBLICATION_EDITION, &one), ST_OK);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION, 7, F_PUBLICATION_KIND, &one), ST_OK);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION_ITEM, 8, F_PUBLICATION_ITEM_PUBLICATION, &of),
	    ST_OK);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION_ITEM, 8, F_PUBLICATION_ITEM_PART, &a), ST_OK);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION_ITEM, 8, F_PUBLICATION_ITEM_PART, &b), ST_OK);
	(void)fixture_seal(f);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION, 7, F_PUBLICATION_RELEASED_ON, &on), ST_OK);
	rules_finds(f, "");
	/* The same value is no edit, another one is refused. */
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION_ITEM, 8, F_PUBLICATION_ITEM_PART, &b), ST_OK);
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION_ITEM, 8, F_PUBLICATION_ITEM_PART, &a),
	    ST_GATE);
	assert_string_equal(
	    f->err, "CO-1 is released: what it printed does not change any more (V45)");
	/* A merge brings it all the same: the other laptop had not heard of the release.
	 */
	rules_sql(f, "UPDATE publication SET released_on = NULL");
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION_ITEM, 8, F_PUBLICATION_ITEM_PART, &a), ST_OK);
	rules_sql(f, "UPDATE publication SET released_on = '2024-10-04'");
	rules_finds(f,
	    "V45,warning,CO-1,1,edit of a released publication item; make a new"
	    " edition\n");
	/* So does an item that another laptop added. */
	rules_sql(f, "UPDATE publication SET released_on = NULL");
	assert_int_equal(
	    write_field(f, KIND_PUBLICATION_ITEM, 9, F_PUBLICATION_ITEM_PUBLICATION, &of),
	    ST_OK);
	rules_sql(f, "UPDATE publication SET released_on = '2024-10-04'");
	rules_finds(f,
	    "V45,warning,CO-1,2,edit of a released publication item; make a new"
	    " edition\n");
}

#define RULE_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    RULE_TEST(a_complete_report_has_no_findings),
	    RULE_TEST(v30_a_draft_is_late_after_14_days),
	    RULE_TEST(v31_a_section_is_empty),
	    RULE_TEST(v6_a_text_names_somebody_on_a_roster),
	    RULE_TEST(v32_each_author_rates_once),
	    RULE_TEST(v33_a_new_and_an_experienced_one_sign_one_text),
	    RULE_TEST(v33_two_of_the_same_experience_are_not_enough),
	    RULE_TEST(v35_verdicts_differ),
	    RULE_TEST(v41_the_description_is_accepted_anew_on_a_later_date),
	    RULE_TEST(v40_part_a_asks_for_all_and_part_b_for_less),
	    RULE_TEST(v45_an_item_of_a_released_edition_does_not_change),
	    RULE_TEST(v44_every_advocacy_report_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
