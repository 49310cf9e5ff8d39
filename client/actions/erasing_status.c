/* erasing_status.c - joins erasures, graves and what the server told of the laptops. */
#include "client/actions/erasing_status.h"

#include <stdio.h>
#include <strings.h>

#include "base/writer.h"
#include "base/young_code.h"
#include "client/laptop/contacts.h"
#include "client/laptop/sweep.h"
#include "client/sync/burial.h"
#include "client/sync/logs.h"

enum { DAY_S = 86400, RECEIPT_BYTES_MAX = 64 * 1024 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list of erasures");
}

/* What all reports are made from. */
struct reporting {
	struct laptop *l;
	const struct membership *m;
	struct contacts_known known;
	size_t n_scopes; /* of activities of this country, with keys here */
	struct scope_info *scopes;
	const char **codes; /* of their activities */
};

/* ---- scopes ---- */

static status
load_scopes(struct reporting *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_scope");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	status st = query_done(q, &l->trouble);

	x->scopes = arena_zeros(l->arena, cap + 1, sizeof *x->scopes);
	x->codes = arena_zeros(l->arena, cap + 1, sizeof *x->codes);
	if (x->scopes == NULL || x->codes == NULL)
		return no_memory(l);
	q = query_of(l->queries,
	    "SELECT id, space, pos, name, epoch, as_home, as_device FROM r_scope WHERE"
	    " space = ? AND pos IS NOT NULL ORDER BY pos");
	query_int(q, l->self.author.home);
	while (st == ST_OK && x->n_scopes < cap && query_row(q)) {
		struct scope_info *s = &x->scopes[x->n_scopes];

		scope_read(q, s);
		x->n_scopes += s->name.bytes[0] == SCOPE_ACTIVITY;
	}
	st = query_done(q, st == ST_OK ? &l->trouble : NULL);
	for (size_t i = 0; st == ST_OK && i < x->n_scopes; i++) {
		struct record_id activity;
		struct span name = scope_activity(&x->scopes[i]);

		memcpy(activity.bytes, name.bytes, sizeof activity.bytes);
		x->codes[i] = find_code_of(l, KIND_ACTIVITY, &activity);
	}
	return st;
}

/* ---- laptops ---- */

/* What of an erasure one laptop could read. */
struct reach {
	bool could_read, may_read;
	uint64_t head; /* it knows all when it was told up to here */
	const char *activity;
};

static void
judge_laptop(const struct reporting *x, const struct member_device *d,
    const struct reach *reach, uint64_t at_s, struct erasure_laptop *out)
{
	const struct contact *c = contacts_find(&x->known, member_author(d));
	uint64_t now_s = x->l->now_ms / 1000;

	out->member = arena_text(x->l->arena, "%s", d->member.text);
	out->activity = reach->activity;
	out->is_guest = d->role == ROLE_GUEST;
	out->last_s = c == NULL ? 0 : c->time_s;
	out->days_since =
	    out->last_s == 0 || out->last_s > now_s ? 0 : (now_s - out->last_s) / DAY_S;
	/* Whose access has ended leaves the scope at his next contact. */
	out->is_done = reach->may_read
			   ? reach->head > 0 && contacts_has_pulled(&x->known,
						    member_author(d), reach->head)
			   : at_s > 0 && out->last_s >= at_s;
}

static void
add_laptop(struct reporting *x, struct erasure_report *r, const struct member_device *d,
    const struct burial_state *states)
{
	struct laptop *l = x->l;
	uint64_t now_s = x->known.asked_s != 0 ? x->known.asked_s : l->now_ms / 1000;
	struct reach reach = {.activity = ""};
	bool stands = r->n_standing == r->n_scopes;

	for (size_t i = 0; i < x->n_scopes; i++) {
		uint16_t pos = (uint16_t)x->scopes[i].pos;

		if (!states[i].is_known ||
		    !membership_could_write(x->m, member_author(d), d->home, pos))
			continue;
		reach.could_read = true;
		reach.may_read |=
		    membership_may_read(x->m, member_author(d), d->home, pos, now_s);
		if (states[i].head > reach.head)
			reach.head = states[i].head;
		reach.activity = x->codes[i];
	}
	if (!reach.could_read)
		return;
	if (!stands)
		reach.head = 0;
	judge_laptop(x, d, &reach, stands ? r->at_s : 0, &r->laptops[r->n_laptops]);
	r->n_done += r->laptops[r->n_laptops++].is_done;
}

static status
add_laptops(
    struct reporting *x, struct erasure_report *r, const struct burial_state *states)
{
	uint16_t home = x->l->self.author.home;
	size_t n = membership_n_devices(x->m, home);

	r->laptops = arena_zeros(x->l->arena, n + 1, sizeof *r->laptops);
	if (r->laptops == NULL)
		return no_memory(x->l);
	for (size_t i = 0; i < n; i++) {
		const struct member_device *d = membership_device_at(x->m, home, i);

		if (membership_is_active(x->m, d) &&
		    d->position != x->l->self.author.device)
			add_laptop(x, r, d, states);
	}
	return ST_OK;
}

/* ---- one erasure ---- */

static status
follow(struct reporting *x, struct erasure_report *r)
{
	struct laptop *l = x->l;
	struct burial_state *states =
	    arena_zeros(l->arena, x->n_scopes + 1, sizeof *states);
	status st = states == NULL ? no_memory(l) : ST_OK;

	r->activities = "";
	for (size_t i = 0; st == ST_OK && i < x->n_scopes; i++) {
		st = burial_state(l, x->scopes[i].id, person_key_of(&r->pid), &states[i]);
		if (!states[i].is_known)
			continue;
		r->n_scopes++;
		r->n_standing += states[i].stands;
		if (states[i].at_s > r->at_s)
			r->at_s = states[i].at_s;
		r->activities = arena_text(l->arena, "%s%s%s", r->activities,
		    *r->activities == '\0' ? "" : ", ", x->codes[i]);
	}
	return st != ST_OK ? st : add_laptops(x, r, states);
}

static const char *
code_of(struct laptop *l, const struct person_id *pid)
{
	struct person_key key = person_key_of(pid);
	char code[YOUNG_CODE_BYTES] = "";

	for (size_t n = YOUNG_SYMBOLS; n <= YOUNG_SYMBOLS_MAX; n++) {
		if (young_code(&key, n, code))
			break;
	}
	return arena_text(l->arena, "%s", code);
}

static bool
is_meant(const struct erasure_report *r, const char *word)
{
	return word == NULL || strcasecmp(word, r->code) == 0 ||
	       strcasecmp(word, r->person) == 0;
}

static status
read_records(struct laptop *l, const char *word, struct erasure_report **out, size_t *n)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM erasure");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	status st = query_done(q, &l->trouble);

	*n = 0;
	*out = arena_zeros(l->arena, cap + 1, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	q = query_of(l->queries, "SELECT record, pid, \"by\", \"on\", reason FROM erasure"
				 " WHERE length(pid) = 16 ORDER BY \"on\", record");
	while (*n < cap && query_row(q)) {
		struct erasure_report *r = &(*out)[*n];

		query_column_copy(q, 0, r->record.bytes, sizeof r->record.bytes);
		query_column_copy(q, 1, r->pid.bytes, sizeof r->pid.bytes);
		r->by = arena_text(l->arena, "%s", query_column_text(q, 2));
		r->on = arena_text(l->arena, "%s", query_column_text(q, 3));
		r->reason = arena_text(l->arena, "%s", query_column_text(q, 4));
		r->code = erasing_code(l, &r->record);
		r->person = code_of(l, &r->pid);
		*n += is_meant(r, word);
	}
	return query_done(q, st == ST_OK ? &l->trouble : NULL);
}

status
erasing_reports(
    struct laptop *l, const char *word, struct erasure_report **out, size_t *n)
{
	struct logs logs = {.l = l};
	struct reporting x = {.l = l, .m = logs_whole(&logs)};
	status st = x.m == NULL ? l->trouble.code : read_records(l, word, out, n);

	if (st == ST_OK && *n == 0 && word != NULL) {
		st =
		    complain(l->complaint, PN_F01, "no erasure has the code %.40s", word);
		complain_next(l->complaint, "pnet erase --status    lists all");
		st = trouble_set(&l->trouble, st, "%s", l->complaint->why);
	}
	if (st == ST_OK)
		st = contacts_load(l, l->arena, &x.known);
	if (st == ST_OK)
		st = load_scopes(&x);
	for (size_t i = 0; st == ST_OK && i < *n; i++)
		st = follow(&x, &(*out)[i]);
	logs_forget(&logs);
	return st;
}

status
erasing_sheets_left(struct laptop *l, uint64_t *out)
{
	return sweep_count(l, out);
}

/* ---- the receipt ---- */

static void
line(struct writer *w, const char *label, const char *text)
{
	char buffer[600];
	int n = snprintf(buffer, sizeof buffer, "%-14s%s\n", label, text);

	writer_span(w, span_of(buffer, n < 0                       ? 0
				       : (size_t)n < sizeof buffer ? (size_t)n
								   : sizeof buffer - 1));
}

static void
laptop_lines(struct laptop *l, struct writer *w, const struct erasure_report *r)
{
	for (size_t i = 0; i < r->n_laptops; i++) {
		const struct erasure_laptop *d = &r->laptops[i];

		line(w, i == 0 ? "laptops" : "",
		    arena_text(
			l->arena, "%s: %s", d->member, d->is_done ? "done" : "not yet"));
	}
}

status
erasing_receipt(struct laptop *l, const struct erasure_report *r, struct span *out)
{
	uint8_t *buffer = arena_alloc(l->arena, RECEIPT_BYTES_MAX);
	struct writer w = writer_of(buffer, RECEIPT_BYTES_MAX);
	char at[SCREEN_TIME_BYTES];

	if (buffer == NULL)
		return no_memory(l);
	screen_utc_time(r->at_s, at);
	writer_span(&w, span_text("Receipt of an erasure\n\n"));
	line(&w, "receipt", r->code);
	line(&w, "person",
	    arena_text(l->arena, "%s (a code; the name is not kept)", r->person));
	line(&w, "decided on", r->on);
	line(&w, "by", r->by);
	line(&w, "reason", r->reason);
	line(&w, "activities", *r->activities == '\0' ? "none" : r->activities);
	line(&w, "server",
	    r->n_scopes == 0              ? "held nothing"
	    : r->n_standing < r->n_scopes ? "not yet"
					  : arena_text(l->arena, "done %s", at));
	laptop_lines(l, &w, r);
	writer_span(&w, span_text("\nSigned tallies keep their numbers, which name "
				  "nobody. Paper, exported files"
				  "\nand sticks are outside the program's reach.\n"));
	*out = writer_done(&w);
	return w.is_full ? trouble_set(&l->trouble, ST_LIMIT, "the receipt is too long")
			 : ST_OK;
}
