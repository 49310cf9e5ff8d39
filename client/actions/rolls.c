/* rolls.c - SQL rows to plain values. */
#include "client/actions/rolls.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/text.h"
#include "base/young_code.h"
#include "core/sheet.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an attendance list");
}

static size_t
count_of(struct laptop *l, const char *sql, const struct record_id *activity)
{
	struct query *q = query_of(l->queries, sql);
	size_t n;

	query_blob(q, activity->bytes, sizeof activity->bytes);
	n = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	(void)query_done(q, NULL);
	return n;
}

static status
load_days(struct laptop *l, struct rolls *out)
{
	struct roll_day *days = arena_zeros(l->arena, SCHEMA_DAY_NO_MAX, sizeof *days);
	struct query *q = query_of(l->queries,
	    "SELECT day_no, date, held FROM activity_day WHERE activity = ?"
	    " AND day_no BETWEEN 1 AND 31 ORDER BY day_no");

	if (days == NULL)
		return no_memory(l);
	query_blob(q, out->activity.name.bytes, sizeof out->activity.name.bytes);
	while (out->roll.n_days < SCHEMA_DAY_NO_MAX && query_row(q)) {
		struct roll_day *d = &days[out->roll.n_days++];
		const char *held = query_column_text(q, 2);

		d->day_no = (uint8_t)query_column_int(q, 0);
		d->has_date = date_parse(span_text(query_column_text(q, 1)), &d->date);
		d->held = strcmp(held, "yes") == 0  ? HELD_YES
			  : strcmp(held, "no") == 0 ? HELD_NO
						    : HELD_OPEN;
	}
	out->roll.days = days;
	return query_done(q, &l->trouble);
}

static struct span
column_copy(struct laptop *l, struct query *q, int column)
{
	return arena_copy(l->arena, span_text(query_column_text(q, column)));
}

struct cell
rolls_cell_of(const char *text)
{
	struct cell cell = {0};

	while (*text != '\0') {
		size_t n = strcspn(text, "|");

		cell.values |=
		    cell_of((enum mark)vocabulary_find(VOC_MARK, span_of(text, n)))
			.values;
		text += text[n] == '|' ? n + 1 : n;
	}
	return cell;
}

/* Of the people of an activity: one row of a table, so that adults are read as young
 * people are. */
struct roll_source {
	bool of_adults;
	const char *count_rows, *rows, *count_marks, *marks;
};

static const struct roll_source young_people = {false,
    "SELECT count(*) FROM young_person WHERE activity = ?",
    "SELECT y.pid, y.same_as, y.given_name, y.family_name,"
    " coalesce(y.birth_year, 0), y.gender, y.consent, y.consent_by,"
    " coalesce(e.no, 0), coalesce(e.joined_day, 0), coalesce(e.left_day, 0),"
    " coalesce(e.record, y.record) FROM young_person y LEFT JOIN enrolment e"
    " ON e.activity = y.activity AND e.pid = y.pid WHERE y.activity = ?"
    " AND y.pid IS NOT NULL",
    "SELECT count(*) FROM sheet s JOIN sheet_marks m ON m.rid = s.rid"
    " WHERE s.activity = ?",
    "SELECT s.day_no, m.person, m.value FROM sheet s JOIN sheet_marks m"
    " ON m.rid = s.rid WHERE s.activity = ? AND s.day_no BETWEEN 1 AND 31"};

/* Whoever has no name that is readable here is called by the code. */
static const struct roll_source adults = {true,
    "SELECT count(*) FROM participation WHERE activity = ?",
    "SELECT t.who, NULL, coalesce(p.given_name, c.given_name, t.code, ''),"
    " coalesce(p.family_name, c.family_name, ''), 0, '', 'given', '',"
    " coalesce(t.no, 0), coalesce(t.joined_day, 0), coalesce(t.left_day, 0), t.record"
    " FROM participation t LEFT JOIN person p ON p.record = t.who"
    " LEFT JOIN stakeholder_contact c ON c.record = t.who WHERE t.activity = ?"
    " AND t.who IS NOT NULL",
    "SELECT count(*) FROM adult_sheet s JOIN adult_sheet_marks m ON m.rid = s.rid"
    " WHERE s.activity = ?",
    "SELECT s.day_no, m.person, m.value FROM adult_sheet s JOIN adult_sheet_marks m"
    " ON m.rid = s.rid WHERE s.activity = ? AND s.day_no BETWEEN 1 AND 31"};

static status
load_rows(struct laptop *l, const struct roll_source *from, struct rolls *out)
{
	size_t cap = count_of(l, from->count_rows, &out->activity.name);
	struct roll_row *rows = arena_zeros(l->arena, cap, sizeof *rows);
	struct query *q = query_of(l->queries, from->rows);
	size_t n = 0;

	out->pids = arena_zeros(l->arena, cap, sizeof *out->pids);
	if (rows == NULL || out->pids == NULL)
		return no_memory(l);
	query_blob(q, out->activity.name.bytes, sizeof out->activity.name.bytes);
	while (n < cap && query_row(q)) {
		struct roll_row *r = &rows[n];
		struct person_id same;

		query_column_copy(q, 0, out->pids[n].bytes, sizeof out->pids[n].bytes);
		r->person = person_key_of(&out->pids[n]);
		r->has_same_as = !query_column_is_null(q, 1);
		if (r->has_same_as) {
			query_column_copy(q, 1, same.bytes, sizeof same.bytes);
			r->same_as = person_key_of(&same);
		}
		r->given_name = column_copy(l, q, 2);
		r->family_name = column_copy(l, q, 3);
		r->birth_year = (uint16_t)query_column_int(q, 4);
		r->gender = (enum gender)vocabulary_find(
		    VOC_GENDER, span_text(query_column_text(q, 5)));
		r->consent = (enum consent)vocabulary_find(
		    VOC_CONSENT, span_text(query_column_text(q, 6)));
		r->consent_by = (enum consent_by)vocabulary_find(
		    VOC_CONSENT_BY, span_text(query_column_text(q, 7)));
		r->no = (uint32_t)query_column_int(q, 8);
		r->joined_day = (uint8_t)query_column_int(q, 9);
		r->left_day = (uint8_t)query_column_int(q, 10);
		query_column_copy(q, 11, r->record.bytes, sizeof r->record.bytes);
		n++;
	}
	out->roll.rows = rows;
	out->roll.n_rows = n;
	return query_done(q, &l->trouble);
}

static status
load_marks(struct laptop *l, const struct roll_source *from, struct rolls *out)
{
	size_t cap = count_of(l, from->count_marks, &out->activity.name);
	struct roll_mark *marks = arena_zeros(l->arena, cap, sizeof *marks);
	struct query *q = query_of(l->queries, from->marks);
	size_t n = 0;

	if (marks == NULL)
		return no_memory(l);
	query_blob(q, out->activity.name.bytes, sizeof out->activity.name.bytes);
	while (n < cap && query_row(q)) {
		marks[n].day_no = (uint8_t)query_column_int(q, 0);
		marks[n].person.n = (uint64_t)query_column_int(q, 1);
		marks[n].cell = rolls_cell_of(query_column_text(q, 2));
		n++;
	}
	out->roll.marks = marks;
	out->roll.n_marks = n;
	return query_done(q, &l->trouble);
}

static status
load_team(struct laptop *l, struct rolls *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(sum(experience = 'new'), 0),"
	    " coalesce(sum(experience = 'experienced'), 0) FROM team WHERE activity = ?");

	query_blob(q, out->activity.name.bytes, sizeof out->activity.name.bytes);
	if (query_row(q)) {
		out->roll.team_new = (unsigned)query_column_int(q, 0);
		out->roll.team_experienced = (unsigned)query_column_int(q, 1);
	}
	return query_done(q, &l->trouble);
}

status
rolls_is_closed(struct laptop *l, const struct activity *a, bool *is_closed,
    struct record_id *tally, uint32_t *no)
{
	struct query *q = query_of(l->queries,
	    "SELECT record, no FROM tally t WHERE activity = ?1 AND NOT EXISTS"
	    " (SELECT 1 FROM reopen r WHERE r.tally = t.record) ORDER BY no DESC LIMIT "
	    "1");

	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	*is_closed = query_row(q);
	if (*is_closed && tally != NULL)
		query_column_copy(q, 0, tally->bytes, sizeof tally->bytes);
	if (*is_closed && no != NULL)
		*no = (uint32_t)query_column_int(q, 1);
	return query_done(q, &l->trouble);
}

static status
no_access(struct laptop *l, const struct activity *a)
{
	status st = complain(l->complaint, PN_P01,
	    "no access to the young people of %s: their names stay with its team and the"
	    " coordinators of the country",
	    a->code);

	complain_next(l->complaint, "pnet totals %s    for the figures", a->code);
	return trouble_set(&l->trouble, st, "no access");
}

bool
rolls_are_open(struct laptop *l, const struct activity *a)
{
	struct scope_info scope;

	return scope_for(l, WHERE_ACTIVITY, a->space, &a->name, &scope) == ST_OK;
}

/* out->activity and out->scope are known. */
static status
load(struct laptop *l, const struct roll_source *from, struct rolls *out)
{
	const struct activity *a = &out->activity;
	status st = find_country(l, a->space, &out->country);

	out->of_adults = from->of_adults;
	out->roll.days_planned = figures_days_planned(a->type);
	out->roll.start_year = a->has_start ? date_civil(a->start).year : 0;
	if (st == ST_OK)
		st = load_days(l, out);
	if (st == ST_OK)
		st = load_rows(l, from, out);
	if (st == ST_OK)
		st = load_marks(l, from, out);
	if (st == ST_OK)
		st = load_team(l, out);
	if (st == ST_OK)
		st = rolls_is_closed(l, a, &out->is_closed, NULL, NULL);
	if (st == ST_OK)
		st = roll_make(&out->roll, l->arena, &out->view, &l->trouble);
	if (st == ST_OK)
		out->state =
		    figures_state(&out->view.figures, a->is_cancelled, out->is_closed);
	return st;
}

status
rolls_load(struct laptop *l, const struct activity *a, struct rolls *out)
{
	status st;

	memset(out, 0, sizeof *out);
	out->activity = *a;
	st = scope_for(l, WHERE_ACTIVITY, a->space, &a->name, &out->scope);
	if (st == ST_NOT_FOUND)
		return no_access(l, a);
	return st != ST_OK ? st : load(l, &young_people, out);
}

status
rolls_attend(struct laptop *l, const struct activity *a, struct rolls *out)
{
	if (a->type == YOUTH_WORKSHOP)
		return rolls_load(l, a, out);
	memset(out, 0, sizeof *out);
	out->activity = *a;
	out->scope = a->scope;
	return load(l, &adults, out);
}

status
rolls_open(struct laptop *l, const char *code, struct rolls *out)
{
	struct activity activity;
	status st = find_activity(l, code, &activity);

	return st != ST_OK ? st : rolls_load(l, &activity, out);
}

const char *
rolls_row_name(struct laptop *l, const struct rolls *r, const struct roll_row *row)
{
	size_t cap = row->given_name.len + row->family_name.len + 2;
	char *out = arena_zeros(l->arena, 1, cap);
	struct writer w = writer_of(out, cap - 1);

	if (out == NULL)
		return "";
	sheet_name(&w, r->country.name_order, row->given_name, row->family_name);
	return out;
}

const char *
rolls_name(struct laptop *l, const struct rolls *r, size_t line)
{
	return rolls_row_name(l, r, r->view.lines[line].row);
}

struct person_id
rolls_pid(const struct rolls *r, size_t line)
{
	return r->pids[r->view.lines[line].row - r->roll.rows];
}

/* Adults have codes of their own. */
static const char *
adult_code(struct laptop *l, const struct roll_row *row)
{
	return find_text(
	    l, "SELECT code FROM participation WHERE record = ?", &row->record);
}

static const char *
pid_code(struct laptop *l, const struct rolls *r, const struct roll_row *row)
{
	char *out = arena_zeros(l->arena, 1, YOUNG_CODE_BYTES);
	uint64_t own = row->person.n;
	size_t symbols = YOUNG_SYMBOLS;

	/* Codes that are equal within one's reach are shown longer. */
	for (size_t i = 0; out != NULL && i < r->roll.n_rows; i++) {
		uint64_t other = r->roll.rows[i].person.n;

		while (other != own && symbols < YOUNG_SYMBOLS_MAX &&
		       other >> (64 - 5 * symbols) == own >> (64 - 5 * symbols))
			symbols++;
	}
	while (out != NULL && symbols <= YOUNG_SYMBOLS_MAX &&
	       !young_code(&row->person, symbols, out))
		symbols++;
	return out == NULL ? "" : out;
}

const char *
rolls_row_code(struct laptop *l, const struct rolls *r, const struct roll_row *row)
{
	return r->of_adults ? adult_code(l, row) : pid_code(l, r, row);
}

const char *
rolls_code(struct laptop *l, const struct rolls *r, size_t line)
{
	return rolls_row_code(l, r, r->view.lines[line].row);
}

status
rolls_entries(struct laptop *l, const struct rolls *r, size_t line,
    const struct roll_row ***out, size_t *n)
{
	const struct roll_row *shown = r->view.lines[line].row;
	struct person_key root = roll_root(&r->roll, shown->person);

	*n = 0;
	*out = arena_zeros(l->arena, r->view.lines[line].n_entries, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	(*out)[(*n)++] = shown;
	for (size_t i = 0; i < r->roll.n_rows; i++) {
		const struct roll_row *row = &r->roll.rows[i];

		if (row != shown && *n < r->view.lines[line].n_entries &&
		    roll_root(&r->roll, row->person).n == root.n)
			(*out)[(*n)++] = row;
	}
	return ST_OK;
}

struct cell
rolls_cell(const struct rolls *r, struct person_key person, uint8_t day_no)
{
	for (size_t i = 0; i < r->roll.n_marks; i++) {
		const struct roll_mark *m = &r->roll.marks[i];

		if (m->day_no == day_no && m->person.n == person.n)
			return m->cell;
	}
	return (struct cell){0};
}

/* Any part: "mraz", "tad mraz", "mráz tadeáš": each word begins somewhere in the name. */
static bool
is_part(struct laptop *l, const struct roll_row *row, const char *word)
{
	char *both = arena_text(l->arena, "%.*s %.*s %.*s", (int)row->given_name.len,
	    (const char *)row->given_name.bytes, (int)row->family_name.len,
	    (const char *)row->family_name.bytes, (int)row->given_name.len,
	    (const char *)row->given_name.bytes);
	struct span key = text_fold_key(span_text(both), l->arena);
	struct span wanted = text_fold_key(span_text(word), l->arena);

	return key.bytes != NULL && wanted.len > 0 &&
	       memmem(key.bytes, key.len, wanted.bytes, wanted.len) != NULL;
}

/* The whole name as it stands, diacritics too: tells namesakes apart. */
static bool
is_whole(
    struct laptop *l, const struct rolls *r, const struct roll_row *row, const char *word)
{
	char *given_first = arena_text(l->arena, "%.*s %.*s", (int)row->given_name.len,
	    (const char *)row->given_name.bytes, (int)row->family_name.len,
	    (const char *)row->family_name.bytes);

	return strcmp(given_first, word) == 0 ||
	       strcmp(rolls_row_name(l, r, row), word) == 0;
}

bool
rolls_row_is(struct laptop *l, const struct rolls *r, const struct roll_row *row,
    const char *word, enum rolls_how how)
{
	struct young_prefix prefix;

	switch (how) {
	case ROLLS_BY_CODE:
		if (r->of_adults)
			return strcasecmp(adult_code(l, row), word) == 0;
		return (word[0] == 'Y' || word[0] == 'y') && word[1] == '-' &&
		       young_code_parse(span_text(word), &prefix) &&
		       young_code_matches(&prefix, &row->person);
	case ROLLS_BY_NAME:
		return is_whole(l, r, row, word);
	case ROLLS_BY_PART:
		return is_part(l, row, word);
	}
	return false;
}

void
rolls_near(struct laptop *l, const struct rolls *r, const char *word, struct near *near)
{
	struct span typed = text_fold_key(span_text(word), l->arena);

	for (size_t i = 0; i < r->roll.n_rows && typed.len > 2; i++) {
		const struct roll_row *row = &r->roll.rows[i];
		const char *name = rolls_row_name(l, r, row);
		const struct span parts[] = {
		    row->given_name, row->family_name, span_text(name)};

		for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
			struct span key = text_fold_key(parts[k], l->arena);

			if (key.bytes != NULL)
				near_offer(near, (const char *)typed.bytes,
				    (const char *)key.bytes, name);
		}
	}
}

static status
complain_candidates(struct laptop *l, const struct rolls *r, const char *word,
    const size_t *found, size_t n)
{
	char names[600] = "", question[600];
	struct near near;
	size_t used = 0;
	status st;

	near_begin(&near);
	rolls_near(l, r, word, &near);
	for (size_t i = 0; i < n && used < sizeof names - 100; i++)
		used += (size_t)snprintf(names + used, sizeof names - used, "%s%zu %s",
		    i == 0 ? "" : ", ", found[i] + 1, rolls_name(l, r, found[i]));
	if (n == 0)
		st = complain(l->complaint, PN_F01, "nobody in %s is called %s%s",
		    r->activity.code, word,
		    near_question(&near, "", question, sizeof question));
	else
		st = complain(l->complaint, PN_F01, "%s may be one of: %s", word, names);
	complain_next(l->complaint, "pnet young list %s    shows numbers and codes",
	    r->activity.code);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* Any of the entries that a line stands for: a code that was handed out before two
 * entries were joined still means the person. */
static bool
line_is(struct laptop *l, const struct rolls *r, const struct roll_line *line,
    const char *word, enum rolls_how how)
{
	struct person_key root;

	if (rolls_row_is(l, r, line->row, word, how))
		return true;
	if (line->n_entries < 2)
		return false;
	root = roll_root(&r->roll, line->row->person);
	for (size_t i = 0; i < r->roll.n_rows; i++) {
		const struct roll_row *row = &r->roll.rows[i];

		if (roll_root(&r->roll, row->person).n == root.n &&
		    rolls_row_is(l, r, row, word, how))
			return true;
	}
	return false;
}

status
rolls_find(struct laptop *l, const struct rolls *r, const char *word, size_t *line)
{
	static const enum rolls_how ways[] = {
	    ROLLS_BY_CODE, ROLLS_BY_NAME, ROLLS_BY_PART};
	size_t found[32], n = 0;
	char *end = NULL;
	unsigned long no = strtoul(word, &end, 10);

	if (isdigit((unsigned char)word[0]) && *end == '\0' && no >= 1 &&
	    no <= r->view.n_lines) {
		*line = no - 1;
		return ST_OK;
	}
	for (size_t w = 0; w < sizeof ways / sizeof ways[0] && n == 0; w++) {
		for (size_t i = 0; i < r->view.n_lines && n < 32; i++) {
			if (line_is(l, r, &r->view.lines[i], word, ways[w]))
				found[n++] = i;
		}
	}
	if (n != 1)
		return complain_candidates(l, r, word, found, n);
	*line = found[0];
	return ST_OK;
}

void
rolls_age_range(struct laptop *l, const struct rolls *r, unsigned *min, unsigned *max)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(age_min, 0), coalesce(age_max, 0) FROM practice"
	    " WHERE record = ?");

	*min = *max = 0;
	query_blob(q, r->activity.practice.bytes, sizeof r->activity.practice.bytes);
	if (query_row(q)) {
		*min = (unsigned)query_column_int(q, 0);
		*max = (unsigned)query_column_int(q, 1);
	}
	(void)query_done(q, NULL);
}

status
rolls_findings(struct laptop *l, struct rolls *r, struct person_finding **out, size_t *n)
{
	struct roll_rules rules = {
	    .consent_below_age = r->country.consent_below_age, .state = r->state};

	*out = NULL;
	*n = 0;
	if (r->of_adults)
		return ST_OK; /* V10 to V16 are about young people */
	rolls_age_range(l, r, &rules.age_min, &rules.age_max);
	return findings_roll(&r->roll, &r->view, &rules, l->arena, out, n, &l->trouble);
}

const char *
rolls_mark_text(struct laptop *l, const struct roll_line *line, unsigned day_no)
{
	struct cell cell = line->cells[day_no - 1];
	char *out = NULL;

	if (!roll_is_enrolled(line, day_no))
		return "not enrolled";
	for (unsigned mark = MARK_NONE; mark < MARK_COUNT; mark++) {
		const char *word = vocabulary_word(VOC_MARK, mark);

		if ((cell.values & (1U << mark)) == 0 ||
		    (mark == MARK_NONE && !cell_is_conflict(cell)))
			continue;
		out = arena_text(l->arena, "%s%s%s", out == NULL ? "" : out,
		    out == NULL ? "" : " or ", word == NULL ? "cleared" : word);
	}
	return out == NULL ? "" : out;
}
