/* schema.c - the table of schema.def as constants, and looking things up in it. What
 * values look like is schema_value.c. Pure. */
#include "core/schema.h"

#include <assert.h>

/* One array of fields per kind. */
#define KIND(K, ...) static const struct field fields_##K[] = {
#define FIELD(K, F, id, name, type, of, merge, required, min, max, aliases, since)       \
	{(id), (name), FIELD_##type, (of), DEFAULT_##merge, (required) != 0, (min),      \
	    (max), (aliases), (since)},
#define KIND_END(K)                                                                      \
	}                                                                                \
	;                                                                                \
	_Static_assert(sizeof fields_##K / sizeof fields_##K[0] <= SCHEMA_FIELDS_MAX, #K);
#include "core/schema.def"
#undef KIND
#undef FIELD
#undef KIND_END

static const struct kind kinds[] = {
#define KIND(K, id, name, singular, where, retention, subject, naming, by1, by2, by3,    \
    editors, proviso, automatic, since)                                                  \
	{(id), (name), (singular), WHERE_##where, RETAIN_##retention, (subject) != 0,    \
	    NAMED_##naming, {(by1), (by2), (by3)}, (editors), PROVISO_##proviso,         \
	    (automatic) != 0, (since), fields_##K,                                       \
	    sizeof fields_##K / sizeof fields_##K[0]},
#define FIELD(...)
#define KIND_END(K)
#include "core/schema.def"
#undef KIND
#undef FIELD
#undef KIND_END
};

size_t
schema_kind_count(void)
{
	return sizeof kinds / sizeof kinds[0];
}

const struct kind *
schema_kind_at(size_t n)
{
	assert(n < schema_kind_count());
	return &kinds[n];
}

const struct kind *
schema_kind(uint16_t id)
{
	for (size_t i = 0; i < schema_kind_count(); i++) {
		if (kinds[i].id == id)
			return &kinds[i];
	}
	return NULL;
}

const struct kind *
schema_kind_named(struct span name)
{
	for (size_t i = 0; i < schema_kind_count(); i++) {
		if (span_equal(span_text(kinds[i].name), name))
			return &kinds[i];
	}
	return NULL;
}

const struct field *
schema_field(const struct kind *k, uint16_t id)
{
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].id == id)
			return &k->fields[i];
	}
	return NULL;
}

const struct field *
schema_field_named(const struct kind *k, struct span name)
{
	for (size_t i = 0; i < k->n_fields; i++) {
		if (span_equal(span_text(k->fields[i].name), name))
			return &k->fields[i];
	}
	return NULL;
}

/* Is word one of the parts of list, joined by `,`? */
static bool
list_has(const char *list, struct span word)
{
	while (list != NULL) {
		const char *end = strchr(list, ',');
		size_t len = end == NULL ? strlen(list) : (size_t)(end - list);

		if (span_equal(span_of(list, len), word))
			return true;
		list = end == NULL ? NULL : end + 1;
	}
	return false;
}

const struct field *
schema_column(const struct kind *k, struct span column)
{
	const struct field *f = schema_field_named(k, column);

	for (size_t i = 0; f == NULL && i < k->n_fields; i++) {
		if (list_has(k->fields[i].aliases, column))
			f = &k->fields[i];
	}
	return f;
}

bool
schema_may_edit(const struct kind *k, unsigned roles)
{
	return (k->editors & roles) != 0;
}

struct default_rule
schema_default(const struct field *f)
{
	/* Strictest first. An empty consent is as good as pending, so it stands before
	 * given. */
	static const int32_t consents[] = {CONSENT_REFUSED, CONSENT_WITHDRAWN,
	    CONSENT_PENDING, RANK_EMPTY, CONSENT_GIVEN};
	static const int32_t photos[] = {NO, RANK_EMPTY, YES};
	struct default_rule rule = {f->merge, 0, NULL};

	if (f->merge != DEFAULT_STRICTEST)
		return rule;
	if (f->of == VOC_CONSENT) {
		rule.ranks = consents;
		rule.n_ranks = sizeof consents / sizeof consents[0];
	} else {
		assert(f->of == VOC_YES_NO);
		rule.ranks = photos;
		rule.n_ranks = sizeof photos / sizeof photos[0];
	}
	return rule;
}

const char *
schema_sql_type(const struct field *f)
{
	static const char *const types[FIELD_TYPE_COUNT] = {
	    [FIELD_TEXT] = "TEXT",
	    [FIELD_NAME] = "TEXT",
	    [FIELD_CODE] = "TEXT",
	    [FIELD_INT] = "INTEGER",
	    [FIELD_DATE] = "TEXT",
	    [FIELD_VOCAB] = "TEXT",
	    [FIELD_REF] = "BLOB",
	    [FIELD_PERSON] = "BLOB",
	    [FIELD_SET] = "TEXT",
	    [FIELD_MARKS] = "TEXT",
	    [FIELD_LONGTEXT] = "TEXT",
	    [FIELD_HASH] = "BLOB",
	    [FIELD_COPY] = "TEXT",
	};

	return types[f->type];
}
