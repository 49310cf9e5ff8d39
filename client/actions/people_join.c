/* people_join.c - joins and splits pids, enrols and unenrols. */
#include "client/actions/people.h"

/* ---- joining ---- */

status
people_check_coordinator(struct laptop *l)
{
	status st;

	if (l->self.role == ROLE_COORDINATOR)
		return ST_OK;
	st = complain(
	    l->complaint, PN_P01, "two entries are joined or split by a coordinator");
	complain_next(l->complaint, "pnet member list    to see who that is");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
write_same_as(
    struct edit *e, struct laptop *l, const struct sighting *s, const struct value *value)
{
	struct record_ref ref;
	status st = people_entry(l, s, &ref);

	return st != ST_OK ? st : edit_set(e, &ref, F_YOUNG_PERSON_SAME_AS, NULL, value);
}

static status
already_one(struct laptop *l, const struct somebody *who)
{
	const struct sighting *s = &who->entries[0];
	status st = complain(l->complaint, PN_V03, "%s (%s) is one person already",
	    rolls_row_name(l, s->rolls, s->row), rolls_row_code(l, s->rolls, s->row));

	complain_next(l->complaint, "pnet young show %s %s", s->rolls->activity.code,
	    rolls_row_code(l, s->rolls, s->row));
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
people_join(struct edit *e, struct laptop *l, const struct somebody *from,
    const struct somebody *into)
{
	const struct roll *roll = &from->entries[0].rolls->roll;
	struct value same_as = value_bytes(into->pid.bytes, sizeof into->pid.bytes);
	status st = ST_OK;

	/* Joined before, in either direction: a second join would close a ring. */
	if (roll_root(roll, person_key_of(&from->pid)).n ==
	    roll_root(roll, person_key_of(&into->pid)).n)
		return already_one(l, from);
	for (size_t i = 0; st == ST_OK && i < from->n; i++)
		st = write_same_as(e, l, &from->entries[i], &same_as);
	return st;
}

/* Entries of other pids that were joined to this one, in one roll. */
static status
split_roll(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct person_id *pid, size_t *n)
{
	const struct value empty = {.type = VALUE_EMPTY};
	uint64_t key = person_key_of(pid).n;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < r->roll.n_rows; i++) {
		const struct roll_row *row = &r->roll.rows[i];
		struct sighting s = {r, row};

		if (!row->has_same_as || (row->person.n != key && row->same_as.n != key))
			continue;
		st = write_same_as(e, l, &s, &empty);
		(*n)++;
	}
	return st;
}

status
people_split(struct edit *e, struct laptop *l, const struct somebody *who, size_t *n)
{
	const struct sighting *first = &who->entries[0];
	status st = ST_OK;

	*n = 0;
	for (size_t i = 0; st == ST_OK && i < who->n; i++)
		st = split_roll(e, l, who->entries[i].rolls, &who->pid, n);
	if (st != ST_OK || *n > 0)
		return st;
	st = complain(l->complaint, PN_F01, "%s is not joined with anybody",
	    rolls_row_name(l, first->rolls, first->row));
	complain_next(l->complaint, "pnet young list %s", first->rolls->activity.code);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* ---- enrolment ---- */

static const char *
day_word(struct laptop *l, uint8_t day_no)
{
	return day_no <= 1 ? "" : arena_text(l->arena, "%u", day_no);
}

/* The entry that knows most: of the activity that began last. */
static const struct sighting *
newest(const struct somebody *who)
{
	const struct sighting *best = &who->entries[0];

	for (size_t i = 1; i < who->n; i++) {
		if (who->entries[i].rolls->activity.start > best->rolls->activity.start)
			best = &who->entries[i];
	}
	return best;
}

/* Texts that the roll does not carry. */
static status
read_texts(struct laptop *l, const struct sighting *s, struct newcomer *n)
{
	struct person_id pid = people_pid(s);
	struct query *q = query_of(l->queries,
	    "SELECT y.guardian_contact, y.needs, o.code FROM young_person y"
	    " LEFT JOIN organisation o ON o.record = y.org"
	    " WHERE y.activity = ? AND y.pid = ?");

	query_blob(
	    q, s->rolls->activity.name.bytes, sizeof s->rolls->activity.name.bytes);
	query_blob(q, pid.bytes, sizeof pid.bytes);
	if (query_row(q)) {
		n->guardian_contact = arena_text(l->arena, "%s", query_column_text(q, 0));
		n->needs = arena_text(l->arena, "%s", query_column_text(q, 1));
		n->org = arena_text(l->arena, "%s", query_column_text(q, 2));
	}
	return query_done(q, &l->trouble);
}

static const char *
text_of(struct laptop *l, struct span s)
{
	return arena_text(l->arena, "%.*s", (int)s.len, (const char *)s.bytes);
}

static status
add_known(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct somebody *who, uint8_t day_no, uint32_t no)
{
	const struct sighting *s = newest(who);
	struct newcomer n = {.given_name = text_of(l, s->row->given_name),
	    .family_name = text_of(l, s->row->family_name),
	    .gender = vocabulary_word(VOC_GENDER, s->row->gender),
	    .no = no,
	    .joined_day = day_word(l, day_no),
	    .has_pid = true,
	    .pid = who->pid};
	status st = read_texts(l, s, &n);

	if (s->row->birth_year != 0)
		n.birth_year = arena_text(l->arena, "%u", s->row->birth_year);
	return st != ST_OK ? st : attendance_add(e, l, r, &n, NULL);
}

/* Back on a roster that he left, or on it from another day on. */
static status
come_back(struct edit *e, struct laptop *l, const struct sighting *s, uint8_t day_no)
{
	const struct kind *k = schema_kind(KIND_ENROLMENT);
	struct person_id pid = people_pid(s);
	struct record_ref ref;
	status st;

	if (s->row->left_day == 0 && day_no == 0) {
		st = complain(l->complaint, PN_V03, "%s is on the roster of %s already",
		    rolls_row_name(l, s->rolls, s->row), s->rolls->activity.code);
		complain_next(
		    l->complaint, "pnet young list %s", s->rolls->activity.code);
		return trouble_set(&l->trouble, st, "%s", l->complaint->why);
	}
	st = attendance_enrolment(l, s->rolls, &pid, &ref);
	if (st == ST_OK && s->row->left_day != 0)
		st = form_set(e, l, &ref, s->rolls->activity.space,
		    schema_field(k, F_ENROLMENT_LEFT_DAY), "");
	if (st == ST_OK && day_no != 0 && s->row->left_day == 0)
		st = form_set(e, l, &ref, s->rolls->activity.space,
		    schema_field(k, F_ENROLMENT_JOINED_DAY), day_word(l, day_no));
	return st;
}

status
people_enrol(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct somebody *who, uint8_t day_no, uint32_t *no)
{
	for (size_t i = 0; i < who->n; i++) {
		const struct sighting *s = &who->entries[i];

		if (ID_EQUAL(&s->rolls->activity.name, &r->activity.name))
			return come_back(e, l, s, day_no);
	}
	return add_known(e, l, r, who, day_no, (*no)++);
}

status
people_unenrol(
    struct edit *e, struct laptop *l, const struct rolls *r, size_t line, uint8_t day_no)
{
	const struct field *left =
	    schema_field(schema_kind(KIND_ENROLMENT), F_ENROLMENT_LEFT_DAY);
	struct value value = value_int(day_no);
	const struct roll_row **rows;
	size_t n;
	status st = rolls_entries(l, r, line, &rows, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct person_id pid = r->pids[rows[i] - r->roll.rows];
		struct record_ref ref;

		st = attendance_enrolment(l, r, &pid, &ref);
		if (st == ST_OK)
			st = edit_set(e, &ref, left->id, NULL, &value);
	}
	return st;
}
