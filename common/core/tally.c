/* tally.c - figures to field values and back, the signed text, the digest. Pure. */
#include "core/tally.h"

#include "base/text.h"
#include "core/table.h"

#include <assert.h>
#include <stdlib.h>

enum { DAYS_TEXT_BYTES = SCHEMA_DAY_NO_MAX * 22, FINAL_MARK_BYTES = 10 };

/* ---- values ---- */

static struct field_value
number_value(unsigned field, uint32_t n)
{
	return (struct field_value){(uint16_t)field, {.type = VALUE_INT, .number = n}};
}

/* One token a day: figures of a held day, `#` not held, `?` not decided. */
static void
put_days(struct writer *w, const struct figures *f)
{
	for (size_t i = 0; i < f->days_planned; i++) {
		if (i > 0)
			writer_u8(w, ' ');
		if (f->days[i].held == HELD_YES)
			table_range(w, f->days[i].attended);
		else
			writer_u8(w, f->days[i].held == HELD_NO ? '#' : '?');
	}
}

static bool
days_value(const struct figures *f, struct arena *a, struct field_value *out)
{
	uint8_t *room = arena_alloc(a, DAYS_TEXT_BYTES);
	struct writer w = writer_of(room, DAYS_TEXT_BYTES);

	if (room == NULL)
		return false;
	put_days(&w, f);
	assert(!w.is_full);
	*out = (struct field_value){
	    F_TALLY_DAYS, {.type = VALUE_TEXT, .bytes = writer_done(&w)}};
	if (w.used == 0)
		out->value = (struct value){.type = VALUE_EMPTY};
	return true;
}

size_t
tally_values(const struct figures *f, struct arena *a,
    struct field_value out[static TALLY_VALUES_MAX])
{
	size_t n_slots, n = 0;
	const struct figure_slot *slots = figures_slots(&n_slots);
	bool has_days = false;

	for (size_t i = 0; i < n_slots; i++) {
		const uint32_t *numbers =
		    (const uint32_t *)(const void *)((const uint8_t *)f +
						     slots[i].offset);

		if (!has_days && slots[i].field > F_TALLY_DAYS) {
			if (!days_value(f, a, &out[n++]))
				return 0;
			has_days = true;
		}
		out[n++] = number_value(slots[i].field, numbers[0]);
		if (!slots[i].is_range)
			continue;
		out[n] = number_value(slots[i].field + 1U, numbers[1]);
		if (numbers[0] ==
		    numbers[1]) /* cleared: an older maximum may stand there */
			out[n].value = (struct value){.type = VALUE_EMPTY};
		n++;
	}
	return n;
}

/* ---- and back ---- */

static bool
number_of(const struct field_value *values, size_t n, unsigned field, uint32_t *out)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i].field == field && values[i].value.type == VALUE_INT &&
		    values[i].value.number <= UINT32_MAX) {
			*out = (uint32_t)values[i].value.number;
			return true;
		}
	}
	return false;
}

/* A run of digits at *at; false if there is none or it is longer than 9. */
static bool
take_number(struct span s, size_t *at, uint32_t *out)
{
	size_t begin = *at;

	*out = 0;
	while (
	    *at < s.len && *at - begin < 9 && s.bytes[*at] >= '0' && s.bytes[*at] <= '9')
		*out = *out * 10 + (uint32_t)(s.bytes[(*at)++] - '0');
	return *at > begin;
}

static bool
take_day(struct span s, size_t *at, struct figure_day *day)
{
	if (*at < s.len && (s.bytes[*at] == '#' || s.bytes[*at] == '?')) {
		day->held = s.bytes[(*at)++] == '#' ? HELD_NO : HELD_OPEN;
		return true;
	}
	day->held = HELD_YES;
	if (!take_number(s, at, &day->attended.min))
		return false;
	day->attended.max = day->attended.min;
	if (*at >= s.len || s.bytes[*at] != '-')
		return true;
	++*at;
	return take_number(s, at, &day->attended.max) &&
	       day->attended.max >= day->attended.min;
}

static bool
take_days(struct span s, struct figures *f)
{
	size_t at = 0;

	for (size_t i = 0; i < f->days_planned; i++) {
		if (i > 0 && (at >= s.len || s.bytes[at++] != ' '))
			return false;
		if (!take_day(s, &at, &f->days[i]))
			return false;
	}
	return at == s.len;
}

static struct span
days_of(const struct field_value *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i].field == F_TALLY_DAYS && values[i].value.type == VALUE_TEXT)
			return values[i].value.bytes;
	}
	return span_of(NULL, 0);
}

status
tally_figures(
    const struct field_value *values, size_t n, struct figures *out, struct trouble *t)
{
	size_t n_slots;
	const struct figure_slot *slots = figures_slots(&n_slots);
	struct span days = days_of(values, n);

	*out = (struct figures){0};
	for (size_t i = 0; i < n_slots; i++) {
		uint32_t *numbers =
		    (uint32_t *)(void *)((uint8_t *)out + slots[i].offset);

		(void)number_of(values, n, slots[i].field, &numbers[0]);
		if (!slots[i].is_range)
			continue;
		if (!number_of(values, n, slots[i].field + 1U, &numbers[1]))
			numbers[1] = numbers[0];
		if (numbers[1] < numbers[0])
			return trouble_set(t, ST_MALFORMED,
			    "figures: field %u has a maximum below its minimum",
			    slots[i].field);
	}
	if (out->days_planned > SCHEMA_DAY_NO_MAX)
		return trouble_set(
		    t, ST_MALFORMED, "figures: %u days", (unsigned)out->days_planned);
	if (days.len > 0 && !take_days(days, out))
		return trouble_set(
		    t, ST_MALFORMED, "figures: the list of days is not one");
	return ST_OK;
}

/* ---- text ---- */

static void
put_labelled(struct writer *w, const char *label, struct range r)
{
	text_put(w, "%s ", label);
	table_range(w, r);
}

static void
put_marks(struct writer *w, const struct figures *f)
{
	put_labelled(w, "present", f->present);
	put_labelled(w, "  late", f->late);
	put_labelled(w, "  excused", f->excused);
	put_labelled(w, "  absent", f->absent);
	put_labelled(w, "  missing", f->missing);
	put_labelled(w, "\nattended", f->attended);
	text_put(w, "  rate ");
	if (f->expected == 0)
		text_put(w, "-");
	table_rate(w, f->attended, f->expected);
	text_put(w, " %%");
	put_labelled(w, "  completers", f->completers);
	/* At least 80 % of the held days, so 4 of 5, 4 of 4, 3 of 3. */
	text_put(w, " (at least %u of %u held days)\n",
	    (unsigned)(4 * f->days_held + 4) / 5, (unsigned)f->days_held);
}

static void
put_people(struct writer *w, const struct figures *f)
{
	text_put(w, "gender: f %u  m %u  d %u  n %u\n", (unsigned)f->gender[GENDER_F],
	    (unsigned)f->gender[GENDER_M], (unsigned)f->gender[GENDER_D],
	    (unsigned)f->gender[GENDER_N]);
	text_put(w,
	    "age (start year minus birth year): under_14 %u  14_15 %u  16_17 %u  18_20 %u"
	    "  21_up %u  not stated %u\n",
	    (unsigned)f->ages[AGE_UNDER_14], (unsigned)f->ages[AGE_14_15],
	    (unsigned)f->ages[AGE_16_17], (unsigned)f->ages[AGE_18_20],
	    (unsigned)f->ages[AGE_21_UP], (unsigned)f->ages[AGE_NOT_STATED]);
	text_put(w, "cofacilitated: %s (%u new, %u experienced)\n",
	    figures_is_cofacilitated(f) ? "yes" : "no", (unsigned)f->team_new,
	    (unsigned)f->team_experienced);
}

void
tally_text(struct writer *w, const struct tally_head *head, const struct figures *f)
{
	text_put(w, "workshop ");
	writer_span(w, head->activity);
	text_put(w, "  practice ");
	writer_span(w, head->practice.len == 0 ? span_text("-") : head->practice);
	text_put(w, "  country ");
	writer_span(w, head->country);
	text_put(w, "  days planned %u  days held %u\n", (unsigned)f->days_planned,
	    (unsigned)f->days_held);
	text_put(w, "enrolled %u  expected marks %u\n", (unsigned)f->enrolled,
	    (unsigned)f->expected);
	put_marks(w, f);
	text_put(w, "attended per day:");
	for (size_t i = 0; i < f->days_planned; i++) {
		writer_u8(w, ' ');
		table_range(w, f->days[i].attended);
	}
	writer_u8(w, '\n');
	put_people(w, f);
}

/* ---- digest ---- */

static int
compare_marks(const void *a, const void *b)
{
	const struct final_mark *x = a, *y = b;

	if (x->day_no != y->day_no)
		return x->day_no < y->day_no ? -1 : 1;
	return (x->person.n > y->person.n) - (x->person.n < y->person.n);
}

status
tally_digest(struct final_mark *marks, size_t n, const struct checks *checks,
    struct arena *a, struct hash32 *out, struct trouble *t)
{
	uint8_t *bytes;
	struct writer w;
	struct span part;

	if (n > SIZE_MAX / FINAL_MARK_BYTES)
		return trouble_set(t, ST_LIMIT, "%zu marks", n);
	bytes = arena_alloc(a, n * FINAL_MARK_BYTES);
	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "digest of %zu marks", n);
	if (n > 0)
		qsort(marks, n, sizeof *marks, compare_marks);
	w = writer_of(bytes, n * FINAL_MARK_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (marks[i].mark == MARK_NONE)
			continue;
		writer_u8(&w, marks[i].day_no);
		writer_u64(&w, marks[i].person.n);
		writer_u8(&w, (uint8_t)marks[i].mark);
	}
	part = writer_done(&w);
	checks->hash(checks->ctx, "pnet/tally/1", &part, 1, out);
	return ST_OK;
}
