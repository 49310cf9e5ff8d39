/* find.c - lookups by the words that people use. */
#include "client/actions/find.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "client/laptop/typed.h"
#include "client/terminal/near.h"

#define ACTIVITY_COLUMNS                                                                 \
	"SELECT a.record, a.scope, s.space, a.code, a.type, coalesce(a.title, ''),"      \
	" a.start, a.cancelled, a.practice, a.org FROM activity a JOIN r_scope s"        \
	" ON s.id = a.scope "

static status
take_activity(struct laptop *l, struct query *q, struct activity *out)
{
	memset(out, 0, sizeof *out);
	query_column_copy(q, 0, out->name.bytes, sizeof out->name.bytes);
	out->home = query_column_int(q, 1);
	out->space = (uint16_t)query_column_int(q, 2);
	(void)snprintf(out->code, sizeof out->code, "%s", query_column_text(q, 3));
	out->type = (enum activity_type)vocabulary_find(
	    VOC_ACTIVITY_TYPE, span_text(query_column_text(q, 4)));
	out->title = arena_text(l->arena, "%s", query_column_text(q, 5));
	out->has_start = date_parse(span_text(query_column_text(q, 6)), &out->start);
	out->is_cancelled = strcmp(query_column_text(q, 7), "yes") == 0;
	out->has_practice = !query_column_is_null(q, 8);
	if (out->has_practice)
		query_column_copy(q, 8, out->practice.bytes, sizeof out->practice.bytes);
	out->has_org = !query_column_is_null(q, 9);
	if (out->has_org)
		query_column_copy(q, 9, out->org.bytes, sizeof out->org.bytes);
	return scope_by_id(l, out->home, &out->scope);
}

/* What is typed right is the code of something else: no slip of the fingers. */
static void
offer_codes(struct laptop *l, struct near *near, const struct kind *k, const char *typed)
{
	struct query *q = query_of(l->queries,
	    arena_text(l->arena,
		"SELECT code FROM %s WHERE code IS NOT NULL ORDER BY code", k->name));

	while (query_row(q)) {
		const char *code = query_column_text(q, 0);

		if (strcmp(typed, code) != 0)
			near_offer(near, typed, code, code);
	}
	(void)query_done(q, NULL);
}

const char *
find_near(struct laptop *l, uint16_t kind, const char *word)
{
	char *typed = arena_text(l->arena, "%s", word);
	char question[256];
	struct near near;

	near_begin(&near);
	for (size_t i = 0; typed != NULL && typed[i] != '\0'; i++)
		typed[i] = (char)toupper((unsigned char)typed[i]);
	for (size_t i = 0; typed != NULL && i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		if ((kind == KIND_NONE || kind == k->id) &&
		    typed_by_code(l, k->id) != NULL)
			offer_codes(l, &near, k, typed);
	}
	return arena_text(
	    l->arena, "%s", near_question(&near, "", question, sizeof question));
}

static status
no_activity(struct laptop *l, const char *code)
{
	(void)complain(l->complaint, PN_F01, "no activity %s is on this laptop%s", code,
	    find_near(l, KIND_ACTIVITY, code));
	complain_next(l->complaint, "pnet activity list");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

/* "SK-W9", or "SK-W9@3f02" with the first digits of the record's name where two laptops
 * gave one code. */
static struct query *
activities_called(struct laptop *l, const char *word)
{
	struct query *q = query_of(l->queries,
	    ACTIVITY_COLUMNS "WHERE a.code = upper(?1) AND"
			     " lower(hex(a.record)) GLOB lower(?2) || '*'"
			     " ORDER BY a.record");
	size_t len = strcspn(word, "@");
	const char *digits = word[len] == '@' ? word + len + 1 : "";

	query_text(q, arena_text(l->arena, "%.*s", (int)len, word));
	query_text(q,
	    strspn(digits, "0123456789abcdefABCDEF") == strlen(digits) ? digits : "none");
	return q;
}

/* Names both, in a form that every command takes. */
static status
two_activities(struct laptop *l, const char *code)
{
	struct query *q = activities_called(l, code);
	char next[COMPLAINT_NEXT_MAX][64];
	size_t n = 0;
	status st;

	while (n < COMPLAINT_NEXT_MAX && query_row(q)) {
		struct record_id name;

		query_column_copy(q, 0, name.bytes, sizeof name.bytes);
		(void)snprintf(next[n++], sizeof next[0],
		    "pnet activity show %s@%02x%02x%02x%02x", query_column_text(q, 3),
		    name.bytes[0], name.bytes[1], name.bytes[2], name.bytes[3]);
	}
	(void)query_done(q, NULL);
	st = complain(l->complaint, PN_F01,
	    "several activities have the code %s (V7): say which, or give one of them "
	    "another with: activity edit CODE@... --set code=NEW",
	    code);
	for (size_t i = 0; i < n; i++)
		complain_next(l->complaint, "%s", next[i]);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
find_activity(struct laptop *l, const char *code, struct activity *out)
{
	struct query *q = activities_called(l, code);
	status st = ST_OK, end;
	bool found, again;

	found = query_row(q);
	if (found)
		st = take_activity(l, q, out);
	again = found && query_row(q);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	if (st != ST_OK || end != ST_OK)
		return st != ST_OK ? st : end;
	if (!found)
		return no_activity(l, code);
	return again ? two_activities(l, code) : ST_OK;
}

status
find_activity_named(struct laptop *l, const struct record_id *name, struct activity *out)
{
	struct query *q = query_of(l->queries,
	    ACTIVITY_COLUMNS "JOIN r_record r ON r.id = a.rid"
			     " WHERE r.name = ?1 AND r.kind = 5 LIMIT 1");
	status st = ST_NOT_FOUND, end;

	query_blob(q, name->bytes, sizeof name->bytes);
	if (query_row(q))
		st = take_activity(l, q, out);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
find_activities(
    struct laptop *l, enum activity_type type, struct activity **out, size_t *n)
{
	struct query *q = query_of(l->queries,
	    ACTIVITY_COLUMNS "LEFT JOIN r_space p ON p.pos = s.space LEFT JOIN country c"
			     " ON c.code = p.code WHERE ?1 = '' OR a.type = ?1"
			     " ORDER BY coalesce(c.\"order\", 999), s.space, a.code");
	const char *word = vocabulary_word(VOC_ACTIVITY_TYPE, type);
	size_t cap = 0;
	status st = ST_OK, end;

	*out = NULL;
	*n = 0;
	query_text(q, word == NULL ? "" : word);
	while (st == ST_OK && query_row(q)) {
		if (*n == cap) {
			struct activity *more;

			cap = cap == 0 ? 32 : cap * 2;
			more = arena_zeros(l->arena, cap, sizeof *more);
			if (more == NULL) {
				st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
				break;
			}
			if (*n > 0)
				memcpy(more, *out, *n * sizeof *more);
			*out = more;
		}
		st = take_activity(l, q, &(*out)[(*n)++]);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* Date of a day; false if it has none or there is no such day. */
static bool
day_date(struct laptop *l, const struct activity *a, uint8_t day_no, uint32_t *date)
{
	struct query *q = query_of(l->queries,
	    "SELECT date FROM activity_day WHERE activity = ? AND day_no = ?");
	bool found;

	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	query_int(q, day_no);
	found = query_row(q) && date_parse(span_text(query_column_text(q, 0)), date);
	(void)query_done(q, NULL);
	return found;
}

status
find_day(struct laptop *l, const struct activity *a, const char *word, uint8_t *day_no)
{
	unsigned planned = figures_days_planned(a->type);
	char *end = NULL;
	unsigned long n = strtoul(word, &end, 10);
	bool again = false;
	uint32_t date;

	if (isdigit((unsigned char)word[0]) && *end == '\0' && n >= 1 && n <= planned) {
		*day_no = (uint8_t)n;
		return ST_OK;
	}
	*day_no = 0;
	for (uint8_t day = 1; day <= planned; day++) {
		if (day_date(l, a, day, &date) &&
		    strncasecmp(word, date_weekday_name(date_weekday(date)), 3) == 0) {
			again = *day_no != 0;
			*day_no = day;
		}
	}
	if (*day_no != 0 && !again)
		return ST_OK;
	(void)complain(l->complaint, PN_F01,
	    again ? "%s has the days 1 to %u, and %s is more than one of them"
		  : "%s has the days 1 to %u; %s is none of them, nor the weekday of one",
	    a->code, planned, word);
	complain_next(l->complaint, "pnet activity show %s", a->code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

const char *
find_day_text(struct laptop *l, const struct activity *a, uint8_t day_no)
{
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	uint32_t date;
	struct civil c;
	char *out;

	if (!day_date(l, a, day_no, &date))
		return "";
	c = date_civil(date);
	out = arena_text(l->arena, "%s %d %s", date_weekday_name(date_weekday(date)),
	    c.day, months[c.month - 1]);
	if (out != NULL)
		out[0] = (char)toupper((unsigned char)out[0]);
	return out;
}

status
find_code(struct laptop *l, uint16_t kind, const char *code, uint16_t space,
    struct record_id *name, int64_t *scope)
{
	const char *sql = typed_by_code(l, kind);
	struct query *q;
	bool found;
	status st;

	if (sql == NULL)
		return trouble_set(&l->trouble, ST_BUG, "kind %u has no codes", kind);
	q = query_of(l->queries, sql);
	query_text(q, code);
	query_int(q, space);
	found = query_row(q);
	if (found)
		query_column_copy(q, 0, name->bytes, sizeof name->bytes);
	if (found && scope != NULL)
		*scope = query_column_int(q, 1);
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(&l->trouble, ST_NOT_FOUND, "no %s %s",
		    schema_kind(kind)->singular, code);
	return st;
}

status
find_any_code(struct laptop *l, const char *code, struct record_id *name, uint16_t *kind)
{
	for (size_t i = 0; i < schema_kind_count(); i++) {
		uint16_t k = schema_kind_at(i)->id;
		status st = typed_by_code(l, k) == NULL
				? ST_NOT_FOUND
				: find_code(l, k, code, 0, name, NULL);

		if (st == ST_OK && kind != NULL)
			*kind = k;
		if (st != ST_NOT_FOUND)
			return st;
	}
	return trouble_set(&l->trouble, ST_NOT_FOUND, "nothing here is called %s", code);
}

const char *
find_text(struct laptop *l, const char *sql, const struct record_id *name)
{
	struct query *q = query_of(l->queries, sql);
	const char *out = "";

	query_blob(q, name->bytes, sizeof name->bytes);
	if (query_row(q))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)query_done(q, NULL);
	return out;
}

/* Which kind with codes has a record of that name here. */
static uint16_t
kind_of_name(struct laptop *l, const struct record_id *name)
{
	struct query *q =
	    query_of(l->queries, "SELECT kind FROM r_record WHERE name = ?");
	uint16_t kind = KIND_NONE;

	query_blob(q, name->bytes, sizeof name->bytes);
	while (kind == KIND_NONE && query_row(q)) {
		uint16_t k = (uint16_t)query_column_int(q, 0);

		kind = typed_code_of(l, k) == NULL ? KIND_NONE : k;
	}
	(void)query_done(q, NULL);
	return kind;
}

const char *
find_code_of(struct laptop *l, uint16_t kind, const struct record_id *name)
{
	const char *sql =
	    typed_code_of(l, kind == KIND_NONE ? kind_of_name(l, name) : kind);

	return sql == NULL ? "" : find_text(l, sql, name);
}

status
find_country(struct laptop *l, uint16_t space, struct country *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT p.code, coalesce(c.\"order\", 999), coalesce(c.name_order, ''),"
	    " coalesce(c.guardian_consent_below_age, 0) FROM r_space p"
	    " LEFT JOIN country c ON c.code = p.code WHERE p.pos = ?");

	memset(out, 0, sizeof *out);
	query_int(q, space);
	if (query_row(q)) {
		(void)snprintf(
		    out->code, sizeof out->code, "%s", query_column_text(q, 0));
		out->order = (uint32_t)query_column_int(q, 1);
		out->name_order = (enum name_order)vocabulary_find(
		    VOC_NAME_ORDER, span_text(query_column_text(q, 2)));
		out->consent_below_age = (unsigned)query_column_int(q, 3);
	}
	return query_done(q, &l->trouble);
}
