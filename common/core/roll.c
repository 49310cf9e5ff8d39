/* roll.c - rows, joins and marks of one activity become lines and figures.
 *
 * The story: sort the entries by the person they stand for, make one line of each person,
 * put the marks into the lines, decide which days were held, count. Pure. */
#include "core/roll.h"

#include "core/rules.h"

#include <assert.h>
#include <stdlib.h>

/* An entry on its way into a line. */
struct seat {
	const struct roll_row *row;
	struct person_key root; /* the person it stands for */
	size_t line;
};

/* ---- order ---- */

static int
compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By (no, record name); an entry without a number comes last. */
static int
compare_rows(const struct roll_row *a, const struct roll_row *b)
{
	int order =
	    compare_u64(a->no == 0 ? UINT32_MAX : a->no, b->no == 0 ? UINT32_MAX : b->no);

	if (order == 0)
		order = memcmp(a->record.bytes, b->record.bytes, sizeof a->record.bytes);
	return order != 0 ? order : compare_u64(a->person.n, b->person.n);
}

static int
compare_seats_by_person(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;
	int order = compare_u64(x->row->person.n, y->row->person.n);

	return order != 0 ? order : compare_rows(x->row, y->row);
}

/* By person meant; within one, first the entry that the others were joined to. */
static int
compare_seats_by_root(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;
	int order = compare_u64(x->root.n, y->root.n);

	if (order != 0)
		return order;
	if ((x->row->person.n == x->root.n) != (y->row->person.n == y->root.n))
		return x->row->person.n == x->root.n ? -1 : 1;
	return compare_rows(x->row, y->row);
}

static int
compare_lines(const void *a, const void *b)
{
	const struct roll_line *x = a, *y = b;

	return compare_rows(x->row, y->row);
}

/* ---- joins ---- */

/* The row of a person in these rows, NULL if there is none. */
static const struct roll_row *
row_of(const struct roll *r, struct person_key person)
{
	for (size_t i = 0; i < r->n_rows; i++) {
		if (r->rows[i].person.n == person.n)
			return &r->rows[i];
	}
	return NULL;
}

/* The person that this one was joined to; false at the end of the chain. */
static bool
joined_to(const struct roll *r, struct person_key person, struct person_key *next)
{
	const struct roll_row *row = row_of(r, person);

	if (row == NULL || !row->has_same_as)
		return false;
	*next = row->same_as;
	return true;
}

struct person_key
roll_root(const struct roll *r, struct person_key person)
{
	struct person_key at = person, least;

	for (size_t steps = 0; steps <= r->n_rows; steps++) {
		if (!joined_to(r, at, &at))
			return at;
	}
	/* More steps than entries: at is on a ring now, whose smallest key is kept. */
	least = at;
	for (struct person_key on = at;;) {
		bool goes_on = joined_to(r, on, &on);

		assert(goes_on);
		if (on.n == at.n)
			return least;
		if (on.n < least.n)
			least = on;
	}
}

/* ---- lines ---- */

bool
roll_is_enrolled(const struct roll_line *line, unsigned day_no)
{
	return day_no >= 1 && day_no <= SCHEMA_DAY_NO_MAX &&
	       (line->days & (1U << (day_no - 1))) != 0;
}

/* Days from joined to left as bits, at most up to planned. */
static uint32_t
enrolled_days(const struct roll_row *row, unsigned planned)
{
	unsigned first = row->joined_day == 0 ? 1 : row->joined_day;
	unsigned last =
	    row->left_day == 0 || row->left_day > planned ? planned : row->left_day;
	uint32_t days = 0;

	for (unsigned day = first; day <= last; day++)
		days |= 1U << (day - 1);
	return days;
}

/* One line for each person meant. seats are sorted by root; their line is set. */
static void
make_lines(const struct roll *r, struct seat *seats, struct roll_view *v)
{
	for (size_t i = 0; i < r->n_rows; i++) {
		bool is_first = i == 0 || seats[i].root.n != seats[i - 1].root.n;
		struct roll_line *line;

		if (is_first)
			v->lines[v->n_lines++].row = seats[i].row;
		line = &v->lines[v->n_lines - 1];
		line->n_entries++;
		line->days |= enrolled_days(seats[i].row, r->days_planned);
	}
	qsort(v->lines, v->n_lines, sizeof *v->lines, compare_lines);
}

/* Tells every seat its line, now that the lines are sorted. */
static void
number_seats(const struct roll *r, struct seat *seats, const struct roll_view *v)
{
	size_t line = 0;

	for (size_t i = 0; i < r->n_rows; i++) {
		if (i == 0 || seats[i].root.n != seats[i - 1].root.n) {
			const struct roll_line key = {.row = seats[i].row};
			const struct roll_line *at = bsearch(
			    &key, v->lines, v->n_lines, sizeof *v->lines, compare_lines);

			assert(at != NULL);
			line = (size_t)(at - v->lines);
		}
		seats[i].line = line;
	}
}

static void
place_marks(const struct roll *r, struct seat *seats, struct roll_view *v)
{
	qsort(seats, r->n_rows, sizeof *seats, compare_seats_by_person);
	for (size_t i = 0; i < r->n_marks; i++) {
		const struct roll_mark *m = &r->marks[i];
		size_t low = 0, high = r->n_rows;
		struct cell *cell;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (seats[middle].row->person.n < m->person.n)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == r->n_rows || seats[low].row->person.n != m->person.n)
			continue;
		cell = &v->lines[seats[low].line].cells[m->day_no - 1];
		*cell = cell_join(*cell, m->cell);
	}
}

/* ---- figures ---- */

static void
decide_days(const struct roll *r, struct figures *f)
{
	f->days_planned = r->days_planned;
	for (size_t i = 0; i < r->n_days; i++) {
		if (r->days[i].day_no <= r->days_planned)
			f->days[r->days[i].day_no - 1].held = r->days[i].held;
	}
	for (size_t i = 0; i < r->n_marks; i++) {
		const struct roll_mark *m = &r->marks[i];

		if (m->day_no <= r->days_planned && !cell_is_missing(m->cell) &&
		    f->days[m->day_no - 1].held == HELD_OPEN)
			f->days[m->day_no - 1].held = HELD_YES;
	}
	for (size_t i = 0; i < r->days_planned; i++)
		f->days_held += f->days[i].held == HELD_YES;
}

/* Adds one cell to a figure that counts the marks of a set: surely if no other value is
 * possible, perhaps if one of them is. */
static void
count_if(struct range *range, struct cell c, unsigned wanted)
{
	range->min += (c.values & wanted) != 0 && (c.values & ~wanted) == 0;
	range->max += (c.values & wanted) != 0;
}

#define BIT(mark) (1U << (mark))

static void
count_cell(struct figures *f, struct figure_day *day, struct range *line, struct cell c)
{
	const unsigned attended = BIT(MARK_PRESENT) | BIT(MARK_LATE);

	if (c.values == 0)
		c = cell_of(MARK_NONE);
	f->expected++;
	count_if(&f->present, c, BIT(MARK_PRESENT));
	count_if(&f->late, c, BIT(MARK_LATE));
	count_if(&f->excused, c, BIT(MARK_EXCUSED));
	count_if(&f->absent, c, BIT(MARK_ABSENT));
	count_if(&f->missing, c, BIT(MARK_NONE));
	count_if(&f->attended, c, attended);
	count_if(&day->attended, c, attended);
	count_if(line, c, attended);
	f->rules[FIG_V18] += cell_is_missing(c);
	f->rules[FIG_V19] += cell_is_conflict(c);
}

/* Attended at least 80 % of the held days; integers only (DOMAIN 6.2). */
static bool
completes(uint32_t attended, uint32_t held)
{
	return 100 * attended >= rules_limit(LIMIT_COMPLETER_PERCENT) * held;
}

static void
count_line(const struct roll *r, struct figures *f, struct roll_line *line)
{
	enum gender gender = line->row->gender;

	for (unsigned day = 1; day <= r->days_planned; day++) {
		struct figure_day *d = &f->days[day - 1];

		if (d->held == HELD_YES && roll_is_enrolled(line, day))
			count_cell(f, d, &line->attended, line->cells[day - 1]);
	}
	f->enrolled++;
	f->gender[gender == GENDER_UNSET ? GENDER_N : gender]++;
	f->ages[figures_age_band(r->start_year, line->row->birth_year)]++;
	if (f->days_held > 0) {
		f->completers.min += completes(line->attended.min, f->days_held);
		f->completers.max += completes(line->attended.max, f->days_held);
	}
}

/* ---- the whole ---- */

static status
check_days(const struct roll *r, struct trouble *t)
{
	bool is_right = r->days_planned <= SCHEMA_DAY_NO_MAX;

	for (size_t i = 0; i < r->n_days; i++)
		is_right = is_right && r->days[i].day_no >= 1 &&
			   r->days[i].day_no <= SCHEMA_DAY_NO_MAX;
	for (size_t i = 0; i < r->n_marks; i++)
		is_right = is_right && r->marks[i].day_no >= 1 &&
			   r->marks[i].day_no <= SCHEMA_DAY_NO_MAX;
	for (size_t i = 0; i < r->n_rows; i++)
		is_right = is_right && r->rows[i].joined_day <= SCHEMA_DAY_NO_MAX &&
			   r->rows[i].gender < GENDER_COUNT;
	return is_right ? ST_OK
			: trouble_set(t, ST_MALFORMED, "a day number is not 1-%d (V3)",
			      SCHEMA_DAY_NO_MAX);
}

status
roll_make(const struct roll *r, struct arena *a, struct roll_view *out, struct trouble *t)
{
	struct seat *seats = arena_zeros(a, r->n_rows, sizeof *seats);
	status st = check_days(r, t);

	*out = (struct roll_view){0};
	if (st != ST_OK)
		return st;
	out->lines = arena_zeros(a, r->n_rows, sizeof *out->lines);
	if (seats == NULL || out->lines == NULL)
		return trouble_set(t, ST_NO_MEMORY, "a roll of %zu rows", r->n_rows);
	for (size_t i = 0; i < r->n_rows; i++) {
		seats[i].row = &r->rows[i];
		seats[i].root = r->rows[i].has_same_as ? roll_root(r, r->rows[i].person)
						       : r->rows[i].person;
	}
	qsort(seats, r->n_rows, sizeof *seats, compare_seats_by_root);
	make_lines(r, seats, out);
	number_seats(r, seats, out);
	place_marks(r, seats, out);
	decide_days(r, &out->figures);
	for (size_t i = 0; i < out->n_lines; i++)
		count_line(r, &out->figures, &out->lines[i]);
	out->figures.team_new = r->team_new;
	out->figures.team_experienced = r->team_experienced;
	return ST_OK;
}

/* Places of the expected cells for which is_wanted holds. */
static status
places(const struct roll_view *v, bool (*is_wanted)(struct cell), struct arena *a,
    struct roll_place **out, size_t *n, struct trouble *t)
{
	const struct figures *f = &v->figures;

	*n = 0;
	*out = arena_zeros(a, f->expected, sizeof **out);
	if (*out == NULL)
		return trouble_set(t, ST_NO_MEMORY, "%u places", (unsigned)f->expected);
	for (size_t i = 0; i < v->n_lines; i++) {
		for (unsigned day = 1; day <= f->days_planned; day++) {
			struct cell c = v->lines[i].cells[day - 1];

			if (f->days[day - 1].held != HELD_YES ||
			    !roll_is_enrolled(&v->lines[i], day) || !is_wanted(c))
				continue;
			(*out)[(*n)++] = (struct roll_place){i, (uint8_t)day, c};
		}
	}
	return ST_OK;
}

status
roll_missing(const struct roll_view *v, struct arena *a, struct roll_place **out,
    size_t *n, struct trouble *t)
{
	return places(v, cell_is_missing, a, out, n, t);
}

status
roll_conflicts(const struct roll_view *v, struct arena *a, struct roll_place **out,
    size_t *n, struct trouble *t)
{
	return places(v, cell_is_conflict, a, out, n, t);
}
