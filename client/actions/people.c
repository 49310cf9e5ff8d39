/* people.c - finds young people and members by word or code. What is written about them
 * is in people_join.c. */
#include "client/actions/people.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/text.h"

enum { CANDIDATES_MAX = 6, AGE_MIN = 6, AGE_MAX = 30 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list of people");
}

status
people_rolls(struct laptop *l, struct rolls **out, size_t *n)
{
	struct activity *activities;
	size_t n_activities = 0;
	status st = find_activities(l, YOUTH_WORKSHOP, &activities, &n_activities);

	*n = 0;
	*out = arena_zeros(l->arena, n_activities, sizeof **out);
	if (st == ST_OK && *out == NULL)
		return no_memory(l);
	for (size_t i = 0; st == ST_OK && i < n_activities; i++) {
		struct scope_info scope;

		st = scope_for(
		    l, WHERE_ACTIVITY, activities[i].space, &activities[i].name, &scope);
		if (st == ST_OK)
			st = rolls_load(l, &activities[i], &(*out)[(*n)++]);
		else if (st == ST_NOT_FOUND)
			st = ST_OK; /* not this member's */
	}
	return st;
}

/* ---- entries ---- */

static size_t
count_rows(const struct rolls *rolls, size_t n_rolls)
{
	size_t n = 0;

	for (size_t i = 0; i < n_rolls; i++)
		n += rolls[i].roll.n_rows;
	return n;
}

status
people_find(struct laptop *l, const struct rolls *rolls, size_t n_rolls, const char *word,
    struct sighting **out, size_t *n)
{
	static const enum rolls_how ways[] = {
	    ROLLS_BY_CODE, ROLLS_BY_NAME, ROLLS_BY_PART};

	*n = 0;
	*out = arena_zeros(l->arena, count_rows(rolls, n_rolls), sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	for (size_t w = 0; w < sizeof ways / sizeof ways[0] && *n == 0; w++) {
		for (size_t i = 0; i < n_rolls; i++) {
			const struct rolls *r = &rolls[i];

			for (size_t k = 0; k < r->roll.n_rows; k++) {
				if (rolls_row_is(l, r, &r->roll.rows[k], word, ways[w]))
					(*out)[(*n)++] =
					    (struct sighting){r, &r->roll.rows[k]};
			}
		}
	}
	return ST_OK;
}

struct person_id
people_pid(const struct sighting *s)
{
	return s->rolls->pids[s->row - s->rolls->roll.rows];
}

status
people_entry(struct laptop *l, const struct sighting *s, struct record_ref *out)
{
	struct person_id pid = people_pid(s);

	return attendance_young(l, s->rolls, &pid, out);
}

/* ---- one person ---- */

static status
complain_people(struct laptop *l, const char *word, const char *near,
    const struct sighting *at, size_t n)
{
	char names[700] = "";
	size_t used = 0;

	for (size_t i = 0; i < n && i < CANDIDATES_MAX && used < sizeof names; i++)
		used +=
		    (size_t)snprintf(names + used, sizeof names - used, "%s%s (%s, %s)",
			i == 0 ? "" : "; ", rolls_row_name(l, at[i].rolls, at[i].row),
			rolls_row_code(l, at[i].rolls, at[i].row),
			at[i].rolls->activity.code);
	if (n == 0)
		(void)complain(l->complaint, PN_F01,
		    "nobody on this laptop is called %s%s", word, near);
	else
		(void)complain(l->complaint, PN_F01, "%s may be one of: %s%s", word,
		    names, n > CANDIDATES_MAX ? "; and others" : "");
	if (n == 0)
		complain_next(l->complaint, "pnet workshop list");
	else
		complain_next(
		    l->complaint, "pnet young list %s", at[0].rolls->activity.code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

static bool
is_one_pid(const struct sighting *at, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (at[i].row->person.n != at[0].row->person.n)
			return false;
	}
	return n > 0;
}

/* A word that is a list number counts lines of the one activity. */
static bool
is_list_number(const struct rolls *r, const char *word, size_t *line)
{
	char *end = NULL;
	unsigned long no = strtoul(word, &end, 10);

	if (!isdigit((unsigned char)word[0]) || *end != '\0' || no < 1 ||
	    no > r->view.n_lines)
		return false;
	*line = no - 1;
	return true;
}

/* Names on any of the rolls; where none is near, a code of something else may be. */
static const char *
near_people(struct laptop *l, const struct rolls *rolls, size_t n_rolls, const char *word)
{
	char question[600];
	struct near near;

	near_begin(&near);
	for (size_t i = 0; i < n_rolls; i++)
		rolls_near(l, &rolls[i], word, &near);
	return near.n == 0 ? find_near(l, KIND_NONE, word)
			   : arena_text(l->arena, "%s",
				 near_question(&near, "", question, sizeof question));
}

/* The entry meant by the word: first among those of the named activity. */
static status
find_entry(struct laptop *l, const struct rolls *rolls, size_t n_rolls, const char *word,
    struct sighting *out)
{
	struct sighting *found;
	size_t n, line;
	status st;

	if (n_rolls == 1 && is_list_number(&rolls[0], word, &line)) {
		*out = (struct sighting){&rolls[0], rolls[0].view.lines[line].row};
		return ST_OK;
	}
	st = people_find(l, rolls, n_rolls, word, &found, &n);
	if (st == ST_OK && !is_one_pid(found, n))
		return complain_people(
		    l, word, n > 0 ? "" : near_people(l, rolls, n_rolls, word), found, n);
	*out = found[0];
	return st;
}

static status
collect_entries(struct laptop *l, const struct rolls *rolls, size_t n_rolls,
    const struct sighting *first, struct somebody *out)
{
	out->pid = people_pid(first);
	out->n = 0;
	out->entries = arena_zeros(l->arena, n_rolls + 1, sizeof *out->entries);
	if (out->entries == NULL)
		return no_memory(l);
	out->entries[out->n++] = *first;
	for (size_t i = 0; i < n_rolls; i++) {
		const struct rolls *r = &rolls[i];

		if (ID_EQUAL(&r->activity.name, &first->rolls->activity.name))
			continue;
		for (size_t k = 0; k < r->roll.n_rows; k++) {
			if (ID_EQUAL(&r->pids[k], &out->pid))
				out->entries[out->n++] =
				    (struct sighting){r, &r->roll.rows[k]};
		}
	}
	return ST_OK;
}

status
people_one(struct laptop *l, const char *activity, const char *word, struct somebody *out)
{
	struct rolls *all, *named = NULL;
	struct sighting first;
	size_t n = 0;
	status st = people_rolls(l, &all, &n);

	if (st == ST_OK && activity != NULL) {
		named = arena_zeros(l->arena, 1, sizeof *named);
		st = named == NULL ? no_memory(l) : rolls_open(l, activity, named);
	}
	if (st == ST_OK)
		st = find_entry(
		    l, named == NULL ? all : named, named == NULL ? n : 1, word, &first);
	return st != ST_OK ? st : collect_entries(l, all, n, &first, out);
}

/* ---- checks ---- */

status
people_check_age(struct laptop *l, const struct activity *a, const char *birth_year)
{
	char *end = NULL;
	long year = birth_year == NULL ? 0 : strtol(birth_year, &end, 10);
	long age;
	status st;

	if (birth_year == NULL || *birth_year == '\0' || *end != '\0' || !a->has_start)
		return ST_OK;
	age = date_civil(a->start).year - year;
	if (age >= AGE_MIN && age <= AGE_MAX)
		return ST_OK;
	st = complain(l->complaint, PN_V03,
	    "born %s means %ld years old at the start; %d to %d are possible (V10)",
	    birth_year, age, AGE_MIN, AGE_MAX);
	complain_next(l->complaint, "pnet young list %s", a->code);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

bool
people_near(struct laptop *l, const struct rolls *r, const char *given,
    const char *family, const char *birth_year, size_t *line)
{
	struct name_keys new = {.given = text_fold_key(span_text(given), l->arena),
	    .family = text_fold_key(span_text(family), l->arena),
	    .birth_year =
		birth_year == NULL ? 0 : (unsigned)strtoul(birth_year, NULL, 10)};

	for (size_t i = 0; i < r->view.n_lines; i++) {
		const struct roll_row *row = r->view.lines[i].row;
		struct name_keys known = {
		    .given = text_fold_key(row->given_name, l->arena),
		    .family = text_fold_key(row->family_name, l->arena),
		    .birth_year = row->birth_year};

		if (findings_near(&new, &known)) {
			*line = i;
			return true;
		}
	}
	return false;
}

uint32_t
people_next_no(const struct rolls *r)
{
	uint32_t greatest = 0;

	for (size_t i = 0; i < r->roll.n_rows; i++) {
		if (r->roll.rows[i].no > greatest)
			greatest = r->roll.rows[i].no;
	}
	return greatest + 1;
}

/* ---- members ---- */

const char *
people_member_name(struct laptop *l, const char *member)
{
	struct query *q = query_of(l->queries,
	    "SELECT name FROM (SELECT given_name || ' ' || family_name AS name, 1 AS rank"
	    " FROM person WHERE code = ?1 UNION ALL SELECT name, 2 FROM team"
	    " WHERE code = ?1) WHERE name IS NOT NULL ORDER BY rank LIMIT 1");
	const char *out = "";

	query_text(q, member);
	if (query_row(q))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)query_done(q, NULL);
	return out;
}
