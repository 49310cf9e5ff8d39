/* findings_roll.c - rules about the young people of one activity (V10..V19), for those
 * who may see names, and their counts for those who may not. Pure. */
#include "base/text.h"
#include "core/findings.h"

#include <stdlib.h>

/* Everything one pass needs. */
struct pass {
	const struct roll *roll;
	const struct roll_view *view;
	const struct roll_rules *rules;
	struct name_keys *keys; /* of each line */
	struct arena *arena;
	struct person_finding *out;
	size_t n, cap;
	bool is_out_of_memory;
};

static void
add(struct pass *p, struct person_finding f)
{
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 16 : p->cap * 2;
		struct person_finding *out = arena_zeros(p->arena, cap, sizeof *out);

		if (out == NULL) {
			p->is_out_of_memory = true;
			return;
		}
		if (p->n > 0)
			memcpy(out, p->out, p->n * sizeof *out);
		p->out = out;
		p->cap = cap;
	}
	p->out[p->n++] = f;
}

static void
add_line(struct pass *p, bool is_broken, unsigned rule, size_t line)
{
	if (is_broken)
		add(p, (struct person_finding){rule, line, SIZE_MAX, 0});
}

/* ---- one line ---- */

static void
check_age(struct pass *p, size_t line)
{
	const struct roll_row *row = p->view->lines[line].row;
	int age = p->roll->start_year - row->birth_year;
	bool is_known = row->birth_year != 0;
	bool is_young = p->rules->age_min != 0 && age < (int)p->rules->age_min;
	bool is_old = p->rules->age_max != 0 && age > (int)p->rules->age_max;

	bool is_outside = age < (int)rules_limit(LIMIT_AGE_MIN) ||
			  age > (int)rules_limit(LIMIT_AGE_MAX);

	add_line(p, is_known && is_outside, 10, line);
	add_line(p, !is_known, 11, line);
	add_line(p, is_known && (is_young || is_old), 12, line);
}

static void
check_consent(struct pass *p, size_t line)
{
	const struct roll_row *row = p->view->lines[line].row;
	int age = p->roll->start_year - row->birth_year;
	bool is_under_way = p->rules->state == STATE_RUNNING ||
			    p->rules->state == STATE_HELD ||
			    p->rules->state == STATE_CLOSED;
	bool is_pending =
	    row->consent == CONSENT_PENDING || row->consent == CONSENT_UNSET;
	bool is_below = row->birth_year != 0 && age < (int)p->rules->consent_below_age;

	add_line(p, is_under_way && is_pending, 14, line);
	add_line(p, row->consent == CONSENT_REFUSED || row->consent == CONSENT_WITHDRAWN,
	    15, line);
	add_line(p,
	    is_below && row->consent == CONSENT_GIVEN &&
		row->consent_by != CONSENT_BY_GUARDIAN,
	    16, line);
}

static void
check_marks(struct pass *p, size_t line)
{
	const struct roll_line *l = &p->view->lines[line];
	const struct figures *f = &p->view->figures;

	for (unsigned day = 1; day <= f->days_planned; day++) {
		struct cell c = l->cells[day - 1];
		bool is_expected =
		    f->days[day - 1].held == HELD_YES && roll_is_enrolled(l, day);
		unsigned rule = 0;

		if (!is_expected)
			rule = cell_is_missing(c) ? 0 : 17;
		else if (cell_is_missing(c))
			rule = 18;
		else if (cell_is_conflict(c))
			rule = 19;
		if (rule != 0)
			add(p,
			    (struct person_finding){rule, line, SIZE_MAX, (uint8_t)day});
	}
}

/* ---- pairs ---- */

bool
findings_near(const struct name_keys *a, const struct name_keys *b)
{
	bool same = span_equal(a->given, b->given) && span_equal(a->family, b->family);
	bool swapped = span_equal(a->given, b->family) && span_equal(a->family, b->given);

	if (a->birth_year != b->birth_year && a->birth_year != 0 && b->birth_year != 0)
		return false;
	return same || swapped;
}

static bool
make_keys(struct pass *p)
{
	p->keys = arena_zeros(p->arena, p->view->n_lines, sizeof *p->keys);
	if (p->keys == NULL)
		return false;
	for (size_t i = 0; i < p->view->n_lines; i++) {
		const struct roll_row *row = p->view->lines[i].row;

		p->keys[i].given = text_fold_key(row->given_name, p->arena);
		p->keys[i].family = text_fold_key(row->family_name, p->arena);
		p->keys[i].birth_year = row->birth_year;
		if (p->keys[i].given.bytes == NULL || p->keys[i].family.bytes == NULL)
			return false;
	}
	return true;
}

static void
check_pairs(struct pass *p, size_t line)
{
	/* A row without any name resembles every other one; V4 speaks about it. */
	if (p->keys[line].given.len + p->keys[line].family.len == 0)
		return;
	for (size_t other = line + 1; other < p->view->n_lines; other++) {
		if (findings_near(&p->keys[line], &p->keys[other]))
			add(p, (struct person_finding){13, line, other, 0});
	}
}

/* ---- the whole ---- */

static int
compare_person_findings(const void *a, const void *b)
{
	const struct person_finding *x = a, *y = b;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->other != y->other)
		return x->other < y->other ? -1 : 1;
	return (x->day_no > y->day_no) - (x->day_no < y->day_no);
}

static void
count(struct figures *f, const struct person_finding *findings, size_t n)
{
	memset(f->rules, 0, sizeof f->rules);
	for (size_t i = 0; i < n; i++)
		f->rules[FIG_V10 + (findings[i].rule - 10)]++;
}

status
findings_roll(const struct roll *r, struct roll_view *view,
    const struct roll_rules *rules, struct arena *a, struct person_finding **out,
    size_t *n, struct trouble *t)
{
	struct pass p = {.roll = r, .view = view, .rules = rules, .arena = a};

	*out = NULL;
	*n = 0;
	if (!make_keys(&p))
		return trouble_set(t, ST_NO_MEMORY, "findings");
	for (size_t line = 0; line < view->n_lines; line++) {
		check_age(&p, line);
		check_consent(&p, line);
		check_marks(&p, line);
		check_pairs(&p, line);
	}
	if (p.is_out_of_memory)
		return trouble_set(t, ST_NO_MEMORY, "findings");
	if (p.n > 0)
		qsort(p.out, p.n, sizeof *p.out, compare_person_findings);
	count(&view->figures, p.out, p.n);
	*out = p.out;
	*n = p.n;
	return ST_OK;
}
