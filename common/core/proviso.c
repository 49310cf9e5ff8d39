/* proviso.c - what one op tells about its writer. */
#include "core/proviso.h"

/* Every entry of the field has this text, and there is one. Such records are small, so
 * each op of them is whole and holds the field. */
static bool
all_say(uint16_t field, struct span text, const struct entry *entries, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (entries[i].field != field)
			continue;
		if (entries[i].value.type != VALUE_TEXT ||
		    !span_equal(entries[i].value.bytes, text))
			return false;
		any = true;
	}
	return any;
}

static bool
all_withdraw(const struct entry *entries, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (entries[i].field != F_DECISION_KIND)
			continue;
		if (entries[i].value.number != DECISION_WITHDRAW)
			return false;
		any = true;
	}
	return any;
}

bool
proviso_holds(const struct kind *k, const struct signer *s, const struct entry *entries,
    size_t n_entries)
{
	bool is_office = (s->roles & EDIT_OFFICE) != 0;
	const struct field *by;

	switch (k->proviso) {
	case PROVISO_HOST:
		return is_office == s->is_in_all;
	case PROVISO_OFFICE_IN_ALL:
		return !is_office || s->is_in_all;
	case PROVISO_ITSELF:
		by = schema_field_named(k, span_text("by"));
		return by != NULL && all_say(by->id, s->member, entries, n_entries);
	case PROVISO_DECIDER:
		return is_office || all_withdraw(entries, n_entries);
	case PROVISO_ANY:
	case PROVISO_ORIGIN:
	case PROVISO_ORIGIN_OR_AUTHOR:
	case PROVISO_AUTHOR:
	case PROVISO_AUTHOR_OR_HOST:
		break;
	}
	return true;
}
