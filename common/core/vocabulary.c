/* vocabulary.c - the words behind the numbers of schema.h. Append only: a number that was
 * stored once keeps its word for ever. Pure. */
#include "core/schema.h"

static const char *const yes_no[] = {"no", "yes"};
static const char *const marks[] = {"present", "late", "excused", "absent"};
static const char *const genders[] = {"f", "m", "d", "n"};
static const char *const consents[] = {"refused", "withdrawn", "pending", "given"};
static const char *const consent_bys[] = {"self", "guardian"};
static const char *const name_orders[] = {"given_family", "family_given"};
static const char *const organisations[] = {
    "coordinator", "partner", "associated", "youth_club", "school", "authority", "other"};
static const char *const roles[] = {"trainer", "practitioner", "coordinator", "office"};
static const char *const activity_types[] = {"summer_school", "peer_coaching",
    "youth_workshop", "prevent_seminar", "roundtable_meeting"};
static const char *const functions[] = {
    "trainer", "facilitator", "coach", "lead", "support", "chair"};
static const char *const experiences[] = {"new", "experienced"};
static const char *const practice_sections[] = {"summary", "aims", "target_group",
    "method", "materials", "facilitators", "risks", "evidence", "transfer_hints"};
static const char *const decisions[] = {
    "select", "description", "transfer", "withdraw", "report"};
static const char *const outcomes[] = {
    "selected", "rejected", "accepted", "returned", "proven", "not_proven", "withdrawn"};
static const char *const platforms[] = {"new", "existing"};
static const char *const levels[] = {"local", "regional", "national"};
static const char *const sectors[] = {"youth_work", "school", "police", "municipality",
    "ministry", "ngo", "academia", "faith", "media", "other"};
static const char *const engagements[] = {"supportive", "neutral", "difficult"};
static const char *const report_sections[] = {"context", "kept", "changed", "seen",
    "resources", "risks", "recommendation", "other"};
static const char *const verdicts[] = {
    "transferable", "transferable_with_adaptation", "not_transferable"};
static const char *const advocacy_sections[] = {"potentials", "challenges", "strategies"};
static const char *const submissions[] = {"advocacy_report", "minutes"};
static const char *const acceptances[] = {"accepted", "returned"};
static const char *const paper_parts[] = {
    "potentials", "challenges", "strategies", "synthesis"};
static const char *const publications[] = {"compendium", "working_paper"};
static const char *const publication_parts[] = {"A", "B"};
static const char *const erasures[] = {"request", "consent", "retention", "error"};

#define WORDS(list)                                                                      \
	{                                                                                \
		(list), sizeof(list) / sizeof((list)[0])                                 \
	}
static const struct {
	const char *const *words;
	size_t n;
} vocabularies[VOC_COUNT] = {
    [VOC_NONE] = {NULL, 0},
    [VOC_YES_NO] = WORDS(yes_no),
    [VOC_MARK] = WORDS(marks),
    [VOC_GENDER] = WORDS(genders),
    [VOC_CONSENT] = WORDS(consents),
    [VOC_CONSENT_BY] = WORDS(consent_bys),
    [VOC_NAME_ORDER] = WORDS(name_orders),
    [VOC_ORGANISATION] = WORDS(organisations),
    [VOC_ROLE] = WORDS(roles),
    [VOC_ACTIVITY_TYPE] = WORDS(activity_types),
    [VOC_FUNCTION] = WORDS(functions),
    [VOC_EXPERIENCE] = WORDS(experiences),
    [VOC_PRACTICE_SECTION] = WORDS(practice_sections),
    [VOC_DECISION] = WORDS(decisions),
    [VOC_OUTCOME] = WORDS(outcomes),
    [VOC_PLATFORM] = WORDS(platforms),
    [VOC_LEVEL] = WORDS(levels),
    [VOC_SECTOR] = WORDS(sectors),
    [VOC_ENGAGEMENT] = WORDS(engagements),
    [VOC_REPORT_SECTION] = WORDS(report_sections),
    [VOC_VERDICT] = WORDS(verdicts),
    [VOC_ADVOCACY_SECTION] = WORDS(advocacy_sections),
    [VOC_SUBMISSION] = WORDS(submissions),
    [VOC_ACCEPTANCE] = WORDS(acceptances),
    [VOC_PAPER_PART] = WORDS(paper_parts),
    [VOC_PUBLICATION] = WORDS(publications),
    [VOC_PUBLICATION_PART] = WORDS(publication_parts),
    [VOC_ERASURE] = WORDS(erasures),
};

_Static_assert(sizeof marks / sizeof marks[0] == MARK_COUNT - 1, "enum mark");
_Static_assert(sizeof genders / sizeof genders[0] == GENDER_COUNT - 1, "enum gender");
_Static_assert(sizeof consents / sizeof consents[0] == CONSENT_COUNT - 1, "enum consent");
_Static_assert(
    sizeof activity_types / sizeof activity_types[0] == ACTIVITY_TYPE_COUNT - 1,
    "enum activity_type");
_Static_assert(
    sizeof decisions / sizeof decisions[0] == DECISION_KIND_COUNT - 1, "enum decision");
_Static_assert(sizeof outcomes / sizeof outcomes[0] == OUTCOME_COUNT - 1, "enum outcome");

size_t
vocabulary_size(enum vocabulary v)
{
	return vocabularies[v].n;
}

const char *
vocabulary_word(enum vocabulary v, uint64_t n)
{
	return n == 0 || n > vocabularies[v].n ? NULL : vocabularies[v].words[n - 1];
}

unsigned
vocabulary_find(enum vocabulary v, struct span word)
{
	for (size_t i = 0; i < vocabularies[v].n; i++) {
		if (span_equal(span_text(vocabularies[v].words[i]), word))
			return (unsigned)i + 1;
	}
	return 0;
}

const char *
vocabulary_list(enum vocabulary v, struct arena *a)
{
	const char *list = "";

	for (size_t i = 0; i < vocabularies[v].n && list != NULL; i++)
		list = arena_text(
		    a, "%s%s%s", list, i == 0 ? "" : ", ", vocabularies[v].words[i]);
	return list;
}
