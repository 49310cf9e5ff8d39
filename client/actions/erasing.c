/* erasing.c - finds a person with all that is held, writes erasures, and carries them out
 * scope by scope. */
#include "client/actions/erasing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/young_code.h"
#include "client/actions/form.h"
#include "client/laptop/sweep.h"
#include "client/sync/burial.h"
#include "client/sync/outbox.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an erasure");
}

status
erasing_check_coordinator(struct laptop *l)
{
	status st;

	if (l->self.role == ROLE_COORDINATOR)
		return ST_OK;
	st = complain(l->complaint, PN_P01,
	    "only a coordinator of the country erases a person, or sees all that is "
	    "held");
	complain_next(l->complaint, "pnet member list    to see who that is");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* ---- who it is ---- */

status
erasing_pids(
    struct laptop *l, const struct person_id *pid, struct person_id **out, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "WITH RECURSIVE one(pid) AS (VALUES(?1) UNION SELECT y.same_as FROM "
	    "young_person"
	    " y JOIN one ON y.pid = one.pid WHERE length(y.same_as) = 16 UNION SELECT "
	    "y.pid"
	    " FROM young_person y JOIN one ON y.same_as = one.pid) SELECT pid FROM one"
	    " ORDER BY pid <> ?1, pid");
	size_t cap = 0;
	status st;

	*n = 0;
	*out = NULL;
	query_blob(q, pid->bytes, sizeof pid->bytes);
	while (query_row(q)) {
		if (*n == cap) {
			size_t more = cap == 0 ? 4 : cap * 2;
			struct person_id *room =
			    arena_zeros(l->arena, more, sizeof *room);

			if (room == NULL)
				break;
			if (*n > 0)
				memcpy(room, *out, *n * sizeof *room);
			*out = room;
			cap = more;
		}
		query_column_copy(q, 0, (*out)[*n].bytes, sizeof(*out)[*n].bytes);
		++*n;
	}
	st = query_done(q, &l->trouble);
	return st == ST_OK && *n == 0 ? no_memory(l) : st;
}

/* ---- what is held ---- */

static bool
is_one_of(const struct erasing *x, const struct person_id *pid)
{
	for (size_t i = 0; i < x->n_pids; i++) {
		if (ID_EQUAL(&x->pids[i], pid))
			return true;
	}
	return false;
}

static void
count_row(struct erasing *x, const struct rolls *r, const struct roll_row *row)
{
	x->enrolments++;
	for (unsigned day = 1; day <= r->roll.days_planned; day++)
		x->marks += rolls_cell(r, row->person, (uint8_t)day).values != 0;
}

static status
count_texts(struct laptop *l, struct erasing *x)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->n_pids; i++) {
		struct query *q = query_of(l->queries,
		    "SELECT (SELECT count(*) FROM note WHERE pid = ?1), "
		    "max(coalesce(consent,"
		    " '') <> '' OR coalesce(photo_consent, '') <> ''),"
		    " max(coalesce(guardian_contact, '') <> '') FROM young_person WHERE "
		    "pid ="
		    " ?1");

		query_blob(q, x->pids[i].bytes, sizeof x->pids[i].bytes);
		if (query_row(q)) {
			x->notes += (size_t)query_column_int(q, 0);
			x->has_consent |= query_column_int(q, 1) != 0;
			x->has_contact |= query_column_int(q, 2) != 0;
		}
		st = query_done(q, &l->trouble);
	}
	return st;
}

status
erasing_find(
    struct laptop *l, const char *activity, const char *word, struct erasing *out)
{
	struct rolls *all = NULL;
	size_t n = 0;
	status st = people_one(l, activity, word, &out->who);
	const struct sighting *first = &out->who.entries[0];

	if (st == ST_OK)
		st = erasing_pids(l, &out->who.pid, &out->pids, &out->n_pids);
	if (st == ST_OK)
		st = people_rolls(l, &all, &n);
	if (st != ST_OK)
		return st;
	out->name = rolls_row_name(l, first->rolls, first->row);
	out->code = rolls_row_code(l, first->rolls, first->row);
	out->enrolments = out->marks = out->notes = out->n_activities = 0;
	out->has_consent = out->has_contact = false;
	out->activities = arena_zeros(l->arena, n + 1, sizeof *out->activities);
	if (out->activities == NULL)
		return no_memory(l);
	for (size_t i = 0; i < n; i++) {
		size_t before = out->enrolments;

		for (size_t k = 0; k < all[i].roll.n_rows; k++) {
			if (is_one_of(out, &all[i].pids[k]))
				count_row(out, &all[i], &all[i].roll.rows[k]);
		}
		if (out->enrolments > before)
			out->activities[out->n_activities++] = &all[i].activity;
	}
	return count_texts(l, out);
}

/* ---- the records ---- */

const char *
erasing_code(struct laptop *l, const struct record_id *name)
{
	struct person_key key = {get_u64(name->bytes)};
	char code[YOUNG_CODE_BYTES] = "";

	for (size_t n = YOUNG_SYMBOLS; n <= YOUNG_SYMBOLS_MAX; n++) {
		if (young_code(&key, n, code))
			break;
	}
	return arena_text(l->arena, "E-%s", code[0] == '\0' ? "" : code + 2);
}

/* Names are drawn until the code is as short as a person's. */
static status
draw(struct laptop *l, int64_t scope, struct record_ref *out)
{
	char code[YOUNG_CODE_BYTES];
	struct person_key key;
	status st;

	do {
		st = form_new(l, schema_kind(KIND_ERASURE), scope, NULL, 0, out);
		key.n = get_u64(out->name.bytes);
	} while (st == ST_OK && !young_code(&key, YOUNG_SYMBOLS, code));
	return st;
}

status
erasing_write(struct edit *e, struct laptop *l, const struct person_id *pids, size_t n,
    unsigned reason, const char **codes)
{
	const struct kind *k = schema_kind(KIND_ERASURE);
	struct scope_info coord;
	status st = scope_for(l, WHERE_COORD, l->self.author.home, NULL, &coord);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		const struct field_value values[] = {
		    {F_ERASURE_PID, value_bytes(pids[i].bytes, sizeof pids[i].bytes)},
		    {F_ERASURE_BY, value_text(l->self.member)},
		    {F_ERASURE_ON, value_int(l->today)},
		};
		struct record_ref ref;

		st = draw(l, coord.id, &ref);
		for (size_t v = 0; st == ST_OK && v < sizeof values / sizeof values[0];
		     v++)
			st = edit_set(e, &ref, values[v].field, NULL, &values[v].value);
		if (st == ST_OK)
			st = form_set(e, l, &ref, coord.space,
			    schema_field(k, F_ERASURE_REASON),
			    vocabulary_word(VOC_ERASURE, reason));
		codes[i] = st == ST_OK ? erasing_code(l, &ref.name) : "";
	}
	return st;
}

/* ---- carrying out ---- */

static status
seal_dirty(struct laptop *l)
{
	struct outbox_result sealed;
	status st;

	do
		st = outbox_seal(l, &sealed);
	while (st == ST_OK && sealed.has_more);
	return st;
}

status
erasing_bury_in(
    struct laptop *l, int64_t scope, const struct person_key *people, size_t n)
{
	status st = seal_dirty(l);

	for (size_t at = 0; st == ST_OK && (at == 0 || at < n); at += BURIAL_PEOPLE_MAX) {
		struct burial b = {.scope = scope, .people = people + at};

		b.n_people = n - at < BURIAL_PEOPLE_MAX ? n - at : BURIAL_PEOPLE_MAX;
		st = burial_seal(l, &b, NULL);
	}
	return st;
}

/* A person who is to be erased in a scope that holds something of him. */
struct task {
	int64_t scope;
	struct person_key person; /* 0: none, only sheets */
};

static int
compare_tasks(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	if (x->scope != y->scope)
		return x->scope < y->scope ? -1 : 1;
	return (x->person.n > y->person.n) - (x->person.n < y->person.n);
}

/* Where people of erasures have records or marks, and sheets to compact, in activities of
 * this country that have their place in the log. */
static status
list_tasks(struct laptop *l, struct arena *a, struct task **out, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT s.id, substr(e.pid, 1, 8) FROM erasure e JOIN r_record r ON r.person "
	    "="
	    " substr(e.pid, 1, 8) JOIN r_scope s ON s.id = r.scope WHERE s.space = ?1 AND"
	    " s.pos IS NOT NULL UNION SELECT s.id, NULL FROM r_sweep w JOIN r_record r ON"
	    " r.id = w.record JOIN r_scope s ON s.id = r.scope WHERE s.space = ?1 AND "
	    "s.pos"
	    " IS NOT NULL");
	size_t cap = 0;
	bool has_room = true;
	status st;

	*out = NULL;
	*n = 0;
	query_int(q, l->self.author.home);
	while (has_room && query_row(q)) {
		struct task t = {.scope = query_column_int(q, 0)};
		uint8_t key[8];

		if (!query_column_is_null(q, 1)) {
			query_column_copy(q, 1, key, sizeof key);
			t.person.n = get_u64(key);
		}
		if (*n == cap) {
			struct task *more =
			    arena_zeros(a, cap == 0 ? 16 : cap * 2, sizeof *more);

			has_room = more != NULL;
			if (!has_room)
				break;
			if (*n > 0)
				memcpy(more, *out, *n * sizeof *more);
			cap = cap == 0 ? 16 : cap * 2;
			*out = more;
		}
		(*out)[(*n)++] = t;
	}
	st = query_done(q, &l->trouble);
	return st == ST_OK && !has_room ? no_memory(l) : st;
}

/* Those of one scope, without whom has a grave already. */
static status
bury_scope(struct laptop *l, struct arena *a, const struct task *tasks, size_t n,
    size_t *batches)
{
	struct person_key *people = arena_zeros(a, n, sizeof *people);
	size_t n_people = 0;
	bool sweeps = false;
	status st = people == NULL ? no_memory(l) : ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct burial_state state = {.is_known = false};

		sweeps |= tasks[i].person.n == 0;
		if (tasks[i].person.n == 0)
			continue;
		st = burial_state(l, tasks[i].scope, tasks[i].person, &state);
		if (!state.is_known)
			people[n_people++] = tasks[i].person;
	}
	if (st != ST_OK || (n_people == 0 && !sweeps))
		return st;
	++*batches;
	return erasing_bury_in(l, tasks[0].scope, people, n_people);
}

status
erasing_bury(struct laptop *l, size_t *n)
{
	struct arena *a = arena_new(0);
	struct task *tasks = NULL;
	size_t n_tasks = 0, batches = 0;
	status st = a == NULL ? no_memory(l) : ST_OK;

	if (st == ST_OK && l->self.role == ROLE_COORDINATOR)
		st = list_tasks(l, a, &tasks, &n_tasks);
	if (n_tasks > 1)
		qsort(tasks, n_tasks, sizeof *tasks, compare_tasks);
	for (size_t i = 0, next; st == ST_OK && i < n_tasks; i = next) {
		for (next = i + 1; next < n_tasks && tasks[next].scope == tasks[i].scope;)
			next++;
		st = bury_scope(l, a, tasks + i, next - i, &batches);
	}
	arena_free(a);
	if (n != NULL)
		*n = batches;
	return st;
}

/* ---- paper ---- */

static const char *
print_key(struct laptop *l, const struct activity *a)
{
	return arena_text(l->arena, "printed %s", form_name(l, &a->name));
}

status
erasing_note_print(struct laptop *l, const struct activity *a)
{
	struct prints p = erasing_prints(l, a);
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = laptop_set_meta_int(
	    l, print_key(l, a), (int64_t)((uint64_t)(p.n + 1) << 32 | l->today));
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

struct prints
erasing_prints(struct laptop *l, const struct activity *a)
{
	int64_t kept = laptop_meta_int(l, print_key(l, a), 0);

	return (struct prints){
	    .n = (size_t)((uint64_t)kept >> 32), .last = (uint32_t)kept};
}
