/* work.c - what trainers write, through the same edits that the commands use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "bench.h"
#include "client/actions/attendance.h"
#include "client/actions/writing.h"
#include "client/sync/link.h"

enum { GAP_MS_MIN = 2000, GAP_MS_SPAN = 7000 };

/* Writing happened in the past, some seconds between two marks. */
static void
let_time_pass(struct world *w, struct laptop *l)
{
	l->now_ms += GAP_MS_MIN + words_below(&w->words, GAP_MS_SPAN);
}

static void
plan_some(struct world *w, struct country_crew *c, struct laptop *l, unsigned n,
    struct workshop *out)
{
	struct edit *e;

	bench_must(l, edit_begin(l, &e), "edit");
	for (unsigned i = 0; i < n; i++) {
		struct workshop *s = &out[i];
		const struct new_activity wish = {.code = s->code,
		    .type = "youth_workshop",
		    .start = "2027-03-01",
		    .space = l->self.author.home};

		(void)snprintf(
		    s->code, sizeof s->code, "%s-W%u", c->code, ++c->n_workshops);
		bench_must(l, planning_new(e, l, &wish, &s->activity), "plan");
		s->space = wish.space;
		for (size_t k = 0; k < PEOPLE; k++)
			s->people[k] = words_next(&w->words);
	}
	bench_must(l, edit_commit(e, NULL), "commit");
}

/* Puts a trainer on the teams, which gives his laptop their keys. */
static void
grant_some(struct laptop *l, const char *member, unsigned n, const struct workshop *shops)
{
	const struct new_member m = {
	    .member = member, .function = "facilitator", .grants = true};
	struct edit *e;

	bench_must(l, edit_begin(l, &e), "edit");
	for (unsigned i = 0; i < n; i++) {
		struct activity a;

		bench_must(l, find_activity(l, shops[i].code, &a), "find");
		bench_must(l, planning_team(e, l, &a, &m), "team");
	}
	bench_must(l, edit_commit(e, NULL), "commit");
}

/* Numbers of the scopes on the laptop that writes. */
static void
look_up(struct laptop *l, unsigned n, struct workshop *shops)
{
	for (unsigned i = 0; i < n; i++) {
		struct scope_info home, own;

		bench_must(
		    l, scope_for(l, WHERE_OFFICE, shops[i].space, NULL, &home), "office");
		bench_must(l,
		    scope_for(
			l, WHERE_ACTIVITY, shops[i].space, &shops[i].activity, &own),
		    "the workshop's keys");
		shops[i].home = home.id;
		shops[i].scope = own.id;
	}
}

void
work_plan(
    struct world *w, unsigned country, struct device *d, unsigned n, struct workshop *out)
{
	enum { AT_ONCE = 200 };
	struct country_crew *c = &w->countries[country];
	bool is_trainer = d->l->self.role == ROLE_TRAINER;
	struct device *planner = is_trainer ? &c->coordinator : d;

	device_open(planner);
	for (unsigned done = 0; done < n;) {
		unsigned some = n - done < AT_ONCE ? n - done : AT_ONCE;

		plan_some(w, c, planner->l, some, out + done);
		if (is_trainer)
			grant_some(planner->l, d->l->self.member, some, out + done);
		line_sync_all(planner);
		done += some;
	}
	line_sync_all(d);
	look_up(d->l, n, out);
}

static struct value
activity_of(const struct workshop *s)
{
	return value_bytes(s->activity.bytes, sizeof s->activity.bytes);
}

/* Marks first: then the names of the entries count up in the order of the body. */
static void
write_sheet(struct world *w, struct laptop *l, struct edit *e, const struct workshop *s,
    uint8_t day_no)
{
	const struct value named_by[] = {activity_of(s), value_int(day_no)};
	struct record_ref ref;

	bench_must(l, form_new(l, schema_kind(KIND_SHEET), s->scope, named_by, 2, &ref),
	    "sheet");
	for (size_t i = 0; i < PEOPLE; i++) {
		struct value mark = value_int(words_mark(&w->words));

		let_time_pass(w, l);
		bench_must(
		    l, edit_set(e, &ref, F_SHEET_MARKS, &s->people[i], &mark), "mark");
	}
	bench_must(l, edit_set(e, &ref, F_SHEET_ACTIVITY, NULL, &named_by[0]), "sheet");
	bench_must(l, edit_set(e, &ref, F_SHEET_DAY_NO, NULL, &named_by[1]), "sheet");
}

void
work_sheets(struct world *w, struct device *d, const struct workshop *s)
{
	for (unsigned day = 1; day <= DAYS; day++) {
		struct edit *e;

		bench_must(d->l, edit_begin(d->l, &e), "edit");
		write_sheet(w, d->l, e, s, (uint8_t)day);
		bench_must(d->l, edit_commit(e, NULL), "commit");
	}
}

static void
write_note(struct world *w, struct laptop *l, struct edit *e, const struct workshop *s,
    uint8_t day_no)
{
	struct person_id pid = {{0}};
	struct value named_by[] = {
	    activity_of(s), value_bytes(pid.bytes, sizeof pid.bytes), value_int(day_no)};
	char note[NOTE_CHARACTERS + 1];
	struct record_ref ref;

	put_u64(pid.bytes, s->people[day_no % PEOPLE]);
	put_u64(pid.bytes + 8, s->people[day_no % PEOPLE] * 31);
	words_text(&w->words, NOTE_CHARACTERS, note);
	bench_must(
	    l, form_new(l, schema_kind(KIND_NOTE), s->scope, named_by, 3, &ref), "note");
	ref.has_person = true;
	ref.person = pid;
	bench_must(l, edit_set(e, &ref, F_NOTE_ACTIVITY, NULL, &named_by[0]), "note");
	bench_must(l, edit_set(e, &ref, F_NOTE_PID, NULL, &named_by[1]), "note");
	bench_must(l, edit_set(e, &ref, F_NOTE_DAY_NO, NULL, &named_by[2]), "note");
	let_time_pass(w, l);
	bench_must(l,
	    form_set(e, l, &ref, s->space,
		schema_field(schema_kind(KIND_NOTE), F_NOTE_TEXT), note),
	    "note");
}

/* ---- a report that is written day by day ---- */

static void
report_code(const struct workshop *s, char out[static 24])
{
	(void)snprintf(out, 24, "%s-R", s->code);
}

static void
new_report(struct laptop *l, struct edit *e, const struct workshop *s)
{
	const struct kind *k = schema_kind(KIND_REPORT);
	const struct {
		uint16_t field;
		const char *text;
	} fields[] = {
	    {F_REPORT_ACTIVITY, s->code}, {F_REPORT_AUTHORS_NEW, l->self.member}};
	struct scope_info all;
	struct record_ref ref;
	char code[24];

	report_code(s, code);
	bench_must(l, scope_for(l, WHERE_ALL, 0, NULL, &all), "the network's keys");
	bench_must(l, form_new(l, k, all.id, NULL, 0, &ref), "report");
	bench_must(
	    l, form_set(e, l, &ref, 0, schema_field(k, F_REPORT_CODE), code), "report");
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		bench_must(l,
		    form_set(e, l, &ref, s->space, schema_field(k, fields[i].field),
			fields[i].text),
		    "report");
}

/* Sections of 2,000 characters, as an editor gives them back. */
static void
write_sections(struct world *w, struct laptop *l, const struct workshop *s)
{
	char code[24], text[SECTIONS * (SECTION_CHARACTERS + 32)];
	struct writing opened;
	struct edit *e;
	size_t len = 0;

	for (unsigned i = 1; i <= SECTIONS; i++) {
		len += (size_t)snprintf(text + len, sizeof text - len, "# Part %u\n", i);
		words_text(&w->words, SECTION_CHARACTERS, text + len);
		len += SECTION_CHARACTERS;
		len += (size_t)snprintf(text + len, sizeof text - len, "\n\n");
	}
	report_code(s, code);
	bench_must(l, writing_open(l, l->arena, code, NULL, &opened), "report");
	bench_must(l, edit_begin(l, &e), "edit");
	bench_must(l, writing_save(e, l, &opened, span_of(text, len)), "sections");
	bench_must(l, edit_commit(e, NULL), "commit");
}

void
work_reports(struct world *w, struct device *d, unsigned n, const struct workshop *shops)
{
	struct edit *e;

	device_open(d);
	bench_must(d->l, edit_begin(d->l, &e), "edit");
	for (unsigned i = 0; i < n; i++)
		new_report(d->l, e, &shops[i]);
	bench_must(d->l, edit_commit(e, NULL), "commit");
	for (unsigned i = 0; i < n; i++)
		write_sections(w, d->l, &shops[i]);
	line_sync_all(d);
}

/* Where a sentence of the text begins, chosen by chance. */
static size_t
sentence_begin(struct world *w, struct span text)
{
	size_t at = words_below(&w->words, (unsigned)text.len);

	while (at >= 2 && (text.bytes[at - 2] != '.' || text.bytes[at - 1] != ' '))
		at--;
	return at < 2 ? 0 : at;
}

/* 200 characters, which are sentences, between two sentences of the section that this
 * week is about. */
static void
write_on(struct world *w, struct laptop *l, const struct workshop *s, uint8_t day_no)
{
	char code[24], section[12], added[ADDED_CHARACTERS + 1], *whole;
	struct arena *own = l->arena, *a = arena_new(0);
	struct writing opened;
	struct span text;
	struct edit *e;
	size_t at;

	report_code(s, code);
	(void)snprintf(section, sizeof section, "Part %d", (day_no - 1) / DAYS + 1);
	words_text(&w->words, ADDED_CHARACTERS, added);
	memcpy(added + ADDED_CHARACTERS - 2, ". ", 2);
	if (a == NULL)
		bench_die("no memory");
	l->arena = a;
	bench_must(l, writing_open(l, a, code, section, &opened), "report");
	bench_must(l, writing_text(l, &opened, &text), "report");
	at = sentence_begin(w, text);
	whole = arena_text(a, "%.*s%s%.*s", (int)at, (const char *)text.bytes, added,
	    (int)(text.len - at), (const char *)text.bytes + at);
	bench_must(l, edit_begin(l, &e), "edit");
	bench_must(l, writing_save(e, l, &opened, span_text(whole)), "report");
	bench_must(l, edit_commit(e, NULL), "commit");
	l->arena = own;
	arena_free(a);
}

void
work_day(struct world *w, struct device *d, const struct workshop *s, uint8_t day_no)
{
	struct edit *e;

	bench_must(d->l, edit_begin(d->l, &e), "edit");
	write_sheet(w, d->l, e, s, day_no);
	write_note(w, d->l, e, s, day_no);
	bench_must(d->l, edit_commit(e, NULL), "commit");
	let_time_pass(w, d->l);
	write_on(w, d->l, s, day_no);
}

void
work_roster(struct world *w, struct device *d, struct workshop *s)
{
	struct activity a;
	struct rolls r;
	struct edit *e;

	bench_must(d->l, find_activity(d->l, s->code, &a), "find");
	bench_must(d->l, rolls_load(d->l, &a, &r), "roll");
	bench_must(d->l, edit_begin(d->l, &e), "edit");
	for (unsigned i = 0; i < PEOPLE; i++) {
		char given[9], family[11];
		const struct newcomer n = {.given_name = given,
		    .family_name = family,
		    .birth_year = "2011",
		    .gender = "m",
		    .consent = "given",
		    .no = i + 1};
		struct person_id pid;

		words_text(&w->words, sizeof given - 1, given);
		words_text(&w->words, sizeof family - 1, family);
		given[0] = 'A';
		family[0] = (char)('A' + (int)i);
		bench_must(d->l, attendance_add(e, d->l, &r, &n, &pid), "young person");
		s->people[i] = person_key_of(&pid).n;
	}
	bench_must(d->l, edit_commit(e, NULL), "commit");
}
