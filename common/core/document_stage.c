/* document_stage.c - an edit makes a draft of whatever was decided before. Pure. */
#include "core/document_stage.h"

enum document_stage
document_stage(const struct document_facts *f)
{
	if (!f->is_submitted || !f->is_same)
		return DOCUMENT_DRAFT;
	if (f->is_accepted)
		return f->is_published ? DOCUMENT_PUBLISHED : DOCUMENT_ACCEPTED;
	return f->is_returned ? DOCUMENT_RETURNED : DOCUMENT_SUBMITTED;
}

const char *
document_stage_name(enum document_stage s)
{
	static const char *const names[] = {
	    "draft", "submitted", "accepted", "returned", "published"};

	_Static_assert(
	    sizeof names / sizeof names[0] == DOCUMENT_STAGE_COUNT, "a name each");
	return names[s];
}
