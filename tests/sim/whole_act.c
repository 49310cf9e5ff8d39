/* whole_act.c - what people do: edits, resolutions, workshops, syncs, new keys. */
#include <stdio.h>
#include <stdlib.h>

#include "client/actions/spots.h"
#include "client/sync/appends.h"
#include "client/sync/inbox.h"
#include "client/sync/intents.h"
#include "client/sync/logwork.h"
#include "core/text_crdt.h"
#include "whole_deed.h"

/* ---- words ---- */

static const char *
word(struct deed *d)
{
	struct town *t = d->h->town;

	return arena_text(d->l->arena, "%s" WORD "%u.", d->h->member, ++t->next_word);
}

/* ---- records ---- */

static bool
pick_activity(struct home *h, struct scope_info *scope, struct record_id *activity)
{
	struct town *t = h->town;
	struct scope_name name;

	if (t->n_activities == 0)
		return false;
	*activity = t->activities[town_below(t, t->n_activities)];
	name = scope_of(SCOPE_ACTIVITY, activity);
	return scope_find(h->l, t->sk, &name, scope) == ST_OK;
}

static bool
pick_ref(struct deed *d, uint16_t kind, const struct scope_info *scope,
    const struct value *named_by, size_t n, struct record_ref *out)
{
	const struct kind *k = schema_kind(kind);

	d->st = form_new(d->l, k, scope->id, named_by, n, out);
	for (size_t i = 0; d->st == ST_OK && i < n; i++)
		if (named_by[i].type == VALUE_INT || kind != KIND_PERSON)
			deed_set(d, out, k->named_by[i], NULL, named_by[i]);
	return d->st == ST_OK;
}

static struct person_id
some_person(struct town *t)
{
	if (t->is_narrow && t->n_persons > 0)
		return t->persons[0];
	if (t->n_persons < 3 || (t->n_persons < PERSONS_MAX && town_chance(t, 15)))
		rng_fill(&t->rng, t->persons[t->n_persons++].bytes, 16);
	return t->persons[town_below(t, t->n_persons)];
}

static void
write_young(struct deed *d)
{
	struct town *t = d->h->town;
	struct person_id pid = some_person(t);
	struct record_id activity;
	struct scope_info scope;
	struct record_ref ref;
	struct value named_by[2];
	static const uint16_t texts[] = {
	    F_YOUNG_PERSON_GIVEN_NAME, F_YOUNG_PERSON_FAMILY_NAME, F_YOUNG_PERSON_NEEDS};

	if (!pick_activity(d->h, &scope, &activity))
		return;
	named_by[0] = value_bytes(activity.bytes, 16);
	named_by[1] = value_bytes(pid.bytes, 16);
	d->st =
	    form_new(d->l, schema_kind(KIND_YOUNG_PERSON), scope.id, named_by, 2, &ref);
	ref.has_person = true;
	ref.person = pid;
	deed_set(d, &ref, F_YOUNG_PERSON_ACTIVITY, NULL, named_by[0]);
	deed_set(d, &ref, F_YOUNG_PERSON_PID, NULL, named_by[1]);
	deed_set(d, &ref, texts[town_below(t, 3)], NULL, value_text(word(d)));
	if (town_chance(t, 50))
		deed_set(d, &ref, F_YOUNG_PERSON_CONSENT, NULL,
		    value_int(1 + town_below(t, 4)));
	if (town_chance(t, 10))
		deed_set(d, &ref, F_YOUNG_PERSON_FORM_NO, NULL,
		    (struct value){.type = VALUE_EMPTY});
}

static void
write_note(struct deed *d)
{
	struct town *t = d->h->town;
	struct person_id pid = some_person(t);
	struct record_id activity;
	struct scope_info scope;
	struct record_ref ref;
	struct value named_by[3], text = {0};
	char *long_text;

	if (!pick_activity(d->h, &scope, &activity))
		return;
	named_by[0] = value_bytes(activity.bytes, 16);
	named_by[1] = value_bytes(pid.bytes, 16);
	named_by[2] = value_int(1 + town_below(t, 2));
	d->st = form_new(d->l, schema_kind(KIND_NOTE), scope.id, named_by, 3, &ref);
	ref.has_person = true;
	ref.person = pid;
	deed_set(d, &ref, F_NOTE_ACTIVITY, NULL, named_by[0]);
	deed_set(d, &ref, F_NOTE_PID, NULL, named_by[1]);
	deed_set(d, &ref, F_NOTE_DAY_NO, NULL, named_by[2]);
	long_text = arena_text(
	    d->l->arena, "%s\n%0*d", word(d), (int)(1 + town_below(t, 1500)), 7);
	if (town_chance(t, 10)) {
		*long_text = '\0';
	}
	if (d->st == ST_OK)
		d->st = text_edit(span_text(long_text), &text, NULL);
	deed_set(d, &ref, F_NOTE_TEXT, NULL, text);
	if (d->st == ST_OK)
		d->wrote[d->n - 1].word = *long_text == '\0' ? 0 : t->next_word;
}

static void
write_marks(struct deed *d)
{
	struct town *t = d->h->town;
	struct record_id activity;
	struct scope_info scope;
	struct record_ref ref;
	struct value named_by[2];
	size_t n = 1 + town_below(t, 4);
	uint64_t keys[4] = {0};

	if (!pick_activity(d->h, &scope, &activity))
		return;
	named_by[0] = value_bytes(activity.bytes, 16);
	named_by[1] = value_int(1 + town_below(t, t->is_narrow ? 1 : 2));
	if (!pick_ref(d, KIND_SHEET, &scope, named_by, 2, &ref))
		return;
	for (size_t i = 0; i < n; i++) {
		struct person_id pid = some_person(t);
		bool is_double = false;

		keys[i] = person_key_of(&pid).n;
		for (size_t k = 0; k < i; k++)
			is_double = is_double || keys[k] == keys[i];
		if (!is_double)
			deed_set(d, &ref, F_SHEET_MARKS, &keys[i],
			    value_int(1 + town_below(t, 4)));
	}
}

static void
write_day(struct deed *d)
{
	struct town *t = d->h->town;
	struct record_id activity;
	struct scope_info scope;
	struct record_ref ref;
	struct value named_by[2];

	/* The office has no days of its own. */
	if (d->h->role == ROLE_OFFICE || !pick_activity(d->h, &scope, &activity) ||
	    scope_for(d->l, WHERE_HOME, t->sk, &activity, &scope) != ST_OK)
		return;
	named_by[0] = value_bytes(activity.bytes, 16);
	named_by[1] = value_int(1 + town_below(t, t->is_narrow ? 1 : 5));
	if (!pick_ref(d, KIND_ACTIVITY_DAY, &scope, named_by, 2, &ref))
		return;
	if (town_chance(t, 60))
		deed_set(d, &ref, F_ACTIVITY_DAY_TOPIC, NULL, value_text(word(d)));
	else
		deed_set(
		    d, &ref, F_ACTIVITY_DAY_HELD, NULL, value_int(1 + town_below(t, 2)));
}

static bool
some_record(struct deed *d, uint16_t kind, struct record_ref *out)
{
	struct query *q =
	    query_of(d->l->queries, "SELECT name, scope FROM r_record WHERE kind = ? "
				    "ORDER BY name LIMIT 1 OFFSET ?");
	bool found;

	memset(out, 0, sizeof *out);
	query_int(q, kind);
	query_int(q, (int64_t)town_below(d->h->town, 3));
	found = query_row(q);
	if (found) {
		query_column_copy(q, 0, out->name.bytes, sizeof out->name.bytes);
		out->kind = kind;
		out->scope = query_column_int(q, 1);
	}
	return query_done(q, NULL) == ST_OK && found;
}

/* Practices of all, organisations of a country, the activity itself. */
static void
write_open(struct deed *d)
{
	static const struct {
		uint16_t kind, field;
		enum where where;
	} what[] = {{KIND_PRACTICE, F_PRACTICE_TITLE, WHERE_ALL},
	    {KIND_PRACTICE, F_PRACTICE_SUMMARY, WHERE_ALL},
	    {KIND_ORGANISATION, F_ORGANISATION_NAME, WHERE_OFFICE},
	    {KIND_ACTIVITY, F_ACTIVITY_TITLE, WHERE_HOME}};
	struct town *t = d->h->town;
	size_t i = town_below(t, d->h->role == ROLE_OFFICE ? 2 : 4);
	struct scope_info scope;
	struct record_ref ref;

	if (d->h->role == ROLE_TRAINER)
		return;
	if (!some_record(d, what[i].kind, &ref)) {
		if (what[i].where == WHERE_HOME ||
		    scope_for(d->l, what[i].where, d->h->space, NULL, &scope) != ST_OK)
			return;
		d->st =
		    form_new(d->l, schema_kind(what[i].kind), scope.id, NULL, 0, &ref);
	} else if (scope_by_id(d->l, ref.scope, &scope) != ST_OK ||
		   (scope.space != 0 && scope.space != d->h->space)) {
		return;
	}
	deed_set(d, &ref, what[i].field, NULL, value_text(word(d)));
}

void
act_edit(struct home *h)
{
	struct deed d;
	unsigned dice = (unsigned)town_below(h->town, 100);

	deed_begin(&d, h);
	if (d.st == ST_OK && dice < 25)
		write_young(&d);
	else if (d.st == ST_OK && dice < 55)
		write_marks(&d);
	else if (d.st == ST_OK && dice < 68)
		write_note(&d);
	else if (d.st == ST_OK && dice < 85)
		write_day(&d);
	else if (d.st == ST_OK)
		write_open(&d);
	if (d.e != NULL)
		(void)deed_end(&d);
}

/* ---- conflicts ---- */

static bool
some_conflict(struct deed *d, struct record_ref *ref, struct spot *cell)
{
	struct query *q = query_of(d->l->queries,
	    "SELECT r.kind, r.name, r.scope, r.person, c.field, c.key FROM r_conflict c"
	    " JOIN r_record r ON r.id = c.record ORDER BY r.name, c.field, c.key LIMIT 1"
	    " OFFSET ?");
	uint64_t n = 0;
	bool found;

	(void)inbox_conflicts(d->l, &n);
	memset(ref, 0, sizeof *ref);
	memset(cell, 0, sizeof *cell);
	query_int(q, (int64_t)town_below(d->h->town, n > 0 ? n : 1));
	found = query_row(q);
	if (found) {
		struct span key = query_column_span(q, 5);

		ref->kind = (uint16_t)query_column_int(q, 0);
		cell->kind = ref->kind;
		query_column_copy(q, 1, ref->name.bytes, sizeof ref->name.bytes);
		ref->scope = query_column_int(q, 2);
		ref->has_person = !query_column_is_null(q, 3);
		if (ref->has_person)
			query_column_copy(q, 3, ref->person.bytes, 8);
		cell->field = (uint16_t)query_column_int(q, 4);
		cell->has_key = key.len == 8;
		cell->key = key.len == 8 ? get_u64(key.bytes) : 0;
	}
	return query_done(q, NULL) == ST_OK && found;
}

static struct home *
who_has_conflicts(struct home *h)
{
	struct town *t = h->town;
	size_t from = (size_t)(h - t->homes);

	for (size_t i = 0; i < t->n_homes; i++) {
		struct home *x = &t->homes[(from + i) % t->n_homes];
		uint64_t n = 0;

		if (x->l != NULL && inbox_conflicts(x->l, &n) == ST_OK && n > 0)
			return x;
	}
	return h;
}

/* One of the wordings of its first hot spot, or all as it stands. */
static void
settle_text(
    struct deed *d, const struct record_ref *ref, uint16_t field, const struct loaded *x)
{
	struct spot_place *spots = NULL;
	size_t n = 0;

	d->st = spots_open(d->l, x, field, &n, &spots);
	if (d->st == ST_OK && n > 0)
		(void)deed_note(d, ref, field, NULL);
	if (d->st == ST_OK && n > 0)
		d->st = spot_settle(d->e, d->l, spots,
		    town_below(d->h->town, spots->spot->n_versions + 1));
	d->h->town->counts.resolutions += d->st == ST_OK && n > 0;
}

/* One of the siblings; sometimes with siblings shown that are not those of now. */
static void
settle_value(struct deed *d, const struct record_ref *ref, const struct spot *at,
    const struct record_cell *cell)
{
	struct town *t = d->h->town;
	const uint64_t *key = at->has_key ? &at->key : NULL;
	struct entry_name shown[SEEN_MAX];
	bool is_stale = town_chance(t, 20);
	size_t n = 0;

	for (; n < cell->n && n < SEEN_MAX; n++)
		shown[n] = cell->entries[n].entry->name;
	(void)deed_note(d, ref, at->field, key);
	if (d->st == ST_OK)
		d->st = edit_resolve(d->e, ref, at->field, key,
		    &cell->entries[town_below(t, cell->n)].entry->value,
		    is_stale ? n - 1 : n, shown);
	if (is_stale && d->st != ST_CHANGED)
		town_fail(t, "a resolution of %zu of %zu siblings was taken", n - 1, n);
	t->counts.resolutions += d->st == ST_OK;
}

/* The office settles nothing of the activities of one country. */
static bool
may_settle(const struct home *h, const struct record_ref *ref)
{
	return h->role != ROLE_OFFICE &&
	       schema_may_edit(schema_kind(ref->kind), 1u << (h->role - 1));
}

static void
resolve(struct home *h)
{
	struct deed d;
	struct record_ref ref;
	struct spot at;
	struct town *t = h->town;
	const struct record_cell *cell = NULL;
	struct loaded x;
	int64_t rid = 0;

	deed_begin(&d, h);
	if (d.st == ST_OK && some_conflict(&d, &ref, &at)) {
		(void)record_find(d.l, &ref, &rid);
		d.st = record_load(d.l, rid, d.a, &x);
		if (d.st == ST_OK)
			cell = record_cell_find(&x.view, at.field, at.has_key, at.key);
	}
	if (cell != NULL && may_settle(h, &ref)) {
		if (spot_is_text(&at))
			settle_text(&d, &ref, at.field, &x);
		else
			settle_value(&d, &ref, &at, cell);
	}
	if (d.st == ST_CHANGED) {
		t->counts.refused_resolutions++;
		edit_abandon(d.e);
		arena_free(d.a);
	} else if (d.e != NULL) {
		(void)deed_end(&d);
	}
}

void
act_resolve(struct home *h)
{
	resolve(who_has_conflicts(h));
}

/* ---- workshops ---- */

bool
act_workshop(struct home *h)
{
	static const char *const team[] = {"SK-T1", "SK-T2", "CZ-T1"};
	struct town *t = h->town;
	char code[20];
	struct new_activity wish = {.code = code,
	    .type = "youth_workshop",
	    .title = "Workshop",
	    .start = "2027-04-12",
	    .space = t->sk};
	struct laptop *l = home_open(h);
	struct record_id name;
	struct activity a;
	struct edit *e = NULL;
	status st = l == NULL ? ST_BUG : edit_begin(l, &e);

	if (t->n_activities == ACTIVITIES_MAX) {
		edit_abandon(e);
		return true;
	}
	(void)snprintf(code, sizeof code, "SK-W%u", ++t->next_code);
	if (st == ST_OK)
		st = planning_new(e, l, &wish, &name);
	if (st == ST_OK)
		st = edit_commit(e, NULL);
	else
		edit_abandon(e);
	e = NULL;
	if (st == ST_OK) {
		t->activities[t->n_activities++] = name;
		st = find_activity(l, code, &a);
	}
	if (st == ST_OK)
		st = edit_begin(l, &e);
	for (size_t i = 0; st == ST_OK && i < sizeof team / sizeof team[0]; i++) {
		const struct new_member m = {.member = team[i],
		    .function = "facilitator",
		    .grants = true,
		    .until = (uint32_t)(t->now_ms / 86400000) + 400};

		st = planning_team(e, l, &a, &m);
	}
	if (st == ST_OK)
		st = edit_commit(e, NULL);
	else
		edit_abandon(e);
	t->counts.workshops += st == ST_OK;
	if (h->is_crashed) {
		t->counts.crashes++;
		home_close(h);
		return true;
	}
	return st == ST_OK;
}

/* ---- syncs ---- */

struct interlude {
	struct home *other;
};

static void
sync_other(void *ctx)
{
	struct interlude *x = ctx;

	(void)home_sync(x->other, NULL);
}

struct home *
some_home(struct town *t)
{
	struct home *h;

	do
		h = &t->homes[town_below(t, t->n_homes)];
	while (h->is_asleep);
	return h;
}

/* Everybody syncs, so that all know of the same conflicts. */
static void
meet(struct town *t)
{
	for (size_t i = 0; i < t->n_homes; i++)
		if (home_is_in_play(&t->homes[i]))
			(void)home_sync(&t->homes[i], NULL);
}

void
act_sync(struct home *h)
{
	struct town *t = h->town;
	struct pipe_plan plan = pipe_plain;
	struct interlude between = {some_home(t)};
	bool ended;

	if ((t->faults & BAD_LINE) != 0 && town_chance(t, 50)) {
		plan.cut_after = town_below(t, town_chance(t, 50) ? 2500 : 12000);
		plan.is_late = town_chance(t, 40);
	}
	if ((t->faults & RACES) != 0 && town_chance(t, 40) && between.other != h) {
		plan.interlude_after = town_below(t, 2500);
		plan.interlude = sync_other;
		plan.ctx = &between;
		t->counts.races++;
	}
	if ((t->faults & POWER) != 0 && town_chance(t, 30)) {
		if (home_open(h) == NULL)
			return;
		home_crash_after(h, 1 + (unsigned)town_below(t, 6));
	}
	pipe_set_page_bytes(town_chance(t, 60) ? 1 + town_below(t, 4000) : 0);
	pipe_next(&plan);
	ended = home_sync(h, NULL);
	pipe_next(&pipe_plain);
	t->counts.syncs_failed += !ended;
	h->commits_left = 0;
	if (town_chance(t, 50))
		pipe_deliver_late();
	if (t->is_narrow && town_chance(t, 40))
		meet(t);
}

/* ---- keys ---- */

static status
build_rotation(struct logwork *w, void *ctx)
{
	const struct home *h = ctx;
	struct laptop *l = w->l;
	const struct sign_sk *const keys[] = {&keyring_device(l->keys)->sign_sk};
	struct draft_how how = {w->m, w->space, &l->self.author, w->server_time_s};
	struct scope_name name = scope_of(SCOPE_ACTIVITY, &h->town->activities[0]);
	const struct member_scope *s = membership_scope_find(w->m, w->space, &name);
	struct log_record draft;
	status st;

	if (s == NULL)
		return trouble_set(&l->trouble, ST_NOT_FOUND, "not founded yet");
	st = draft_rotate(&how, s->position, &draft, &l->trouble);
	return st != ST_OK ? st : appends_add_rotation(w->appends, &draft, keys, 0);
}

void
act_rotate(struct home *h)
{
	struct town *t = h->town;
	struct laptop *l = home_open(h);
	struct logwork w = {.l = l, .space = t->sk, .build = build_rotation, .ctx = h};
	status st;

	if (l == NULL || t->n_activities == 0)
		return;
	w.server = l->self.server_key;
	w.address = l->self.server;
	w.incarnation = l->self.author.device;
	w.fetches = true;
	w.m = logs_load(l);
	if (w.m == NULL)
		return;
	(void)membership_server(w.m, &w.server, NULL);
	st = logwork_run(&w);
	membership_free(w.m);
	t->counts.rotations += st == ST_OK;
	if (st != ST_OK)
		town_say(t, "  no rotation: %s", l->trouble.text);
}

/* ---- accidents ---- */

void
act_crash_in_edit(struct home *h)
{
	if (home_open(h) == NULL)
		return;
	home_crash_after(h, 1);
	act_edit(h);
	h->commits_left = 0;
}
