/* body_write.c - entries into columns (spec/ops.md 2). Pure. */
#include <stdlib.h>

#include "base/text.h"
#include "proto/body_columns.h"

/* What all the steps below work on. */
struct scribe {
	struct body_work *work;
	const struct body *b;
	struct author signer;
	const struct entry *const *entries; /* in the order of the body */
	size_t n;
	struct writer *w;
};

/* --- the dictionary of agents ------------------------------------------------ */

static void
add_agent(struct body_work *work, uint64_t agent, struct author by, bool is_name_only)
{
	const struct body_agent *last = &work->agents[work->n_agents - 1];

	/* Neighbours of one saved edit share a line: most bodies need no sorting at all.
	 */
	if (last->agent == agent && author_equal(last->by, by) &&
	    last->is_name_only == is_name_only)
		return;
	work->agents[work->n_agents++] = (struct body_agent){agent, by, is_name_only};
}

static bool
names_parent(const struct value *v)
{
	return v->type == VALUE_RUN || v->type == VALUE_SEEN;
}

static void
gather_agents(struct scribe *s)
{
	struct body_work *work = s->work;

	work->agents[0] = (struct body_agent){s->b->agent, s->signer, false};
	work->n_agents = 1;
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *e = s->entries[i];

		if (e->name.agent != s->b->agent || !author_equal(e->by, s->signer))
			add_agent(work, e->name.agent, e->by, false);
		if (names_parent(&e->value) && e->value.parent.agent != 0 &&
		    e->value.parent.agent != s->b->agent)
			add_agent(work, e->value.parent.agent, s->signer, true);
	}
	for (size_t i = 0; i < s->b->n_gone; i++) {
		if (s->b->gone[i].agent != s->b->agent)
			add_agent(work, s->b->gone[i].agent, s->signer, true);
	}
}

static int
compare_agents(const void *a, const void *b)
{
	return body_agent_compare(a, b);
}

/* Sorts lines 1.. and drops those that say nothing new. */
static void
settle_agents(struct body_work *work)
{
	struct body_agent *lines = work->agents;
	size_t kept = 1;

	if (work->n_agents > 2)
		qsort(lines + 1, work->n_agents - 1, sizeof *lines, compare_agents);
	for (size_t i = 1; i < work->n_agents; i++) {
		const struct body_agent *last = &lines[kept - 1];
		bool is_known =
		    kept > 1 && last->agent == lines[i].agent &&
		    (lines[i].is_name_only || author_equal(last->by, lines[i].by));

		if (!is_known)
			lines[kept++] = lines[i];
	}
	work->n_agents = kept;
}

/* First line whose agent, or agent and author, is not below the one wanted. */
static uint32_t
agent_line(const struct body_work *work, const struct body_agent *wanted)
{
	size_t low = 1, high = work->n_agents;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (body_agent_compare(&work->agents[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

static uint32_t
line_of_entry(const struct scribe *s, const struct entry *e)
{
	struct body_agent wanted = {e->name.agent, e->by, false};

	if (e->name.agent == s->b->agent && author_equal(e->by, s->signer))
		return 0;
	return agent_line(s->work, &wanted);
}

/* A name that is only mentioned stands for its agent whoever the author is: the first
 * line of it. */
static uint32_t
line_of_name(const struct scribe *s, uint64_t agent)
{
	struct body_agent wanted = {agent, {0, 0}, false};

	return agent == s->b->agent ? 0 : agent_line(s->work, &wanted);
}

static void
put_agents(const struct scribe *s)
{
	pack_put_bin_head(s->w, 8 * s->work->n_agents);
	for (size_t i = 0; i < s->work->n_agents; i++)
		writer_u64(s->w, s->work->agents[i].agent);
}

/* --- who wrote the entries --------------------------------------------------- */

static void
gather_runs(struct scribe *s)
{
	struct body_work *work = s->work;
	uint64_t next = 0;

	work->n_runs = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct entry *e = s->entries[i];
		uint32_t line = line_of_entry(s, e);
		struct body_run *run = &work->runs[work->n_runs];

		if (work->n_runs > 0 && run[-1].agent == line && next == e->name.index) {
			run[-1].count++;
		} else {
			*run = (struct body_run){line, e->name.index, 1};
			work->n_runs++;
		}
		next = (uint64_t)e->name.index + record_names_of(&e->value);
	}
}

static void
put_by(const struct scribe *s)
{
	const struct body_work *work = s->work;
	size_t n = 0;

	for (size_t i = 1; i < work->n_agents; i++)
		n += !author_equal(work->agents[i].by, s->signer);
	pack_put_array(s->w, n * BY_COLUMNS);
	for (size_t i = 1; i < work->n_agents; i++) {
		if (author_equal(work->agents[i].by, s->signer))
			continue;
		pack_put_uint(s->w, i);
		pack_put_uint(s->w, work->agents[i].by.home);
		pack_put_uint(s->w, work->agents[i].by.device);
	}
}

static void
put_origin(const struct scribe *s)
{
	const struct body_work *work = s->work;

	if (work->n_runs == 0 ||
	    (work->n_runs == 1 && work->runs[0].agent == 0 && work->runs[0].first == 0)) {
		pack_put_nil(s->w);
		return;
	}
	pack_put_array(s->w, 2);
	pack_put_array(s->w, work->n_runs * RUN_COLUMNS);
	for (size_t i = 0; i < work->n_runs; i++) {
		pack_put_uint(s->w, work->runs[i].agent);
		pack_put_uint(s->w, work->runs[i].first);
		pack_put_uint(s->w, work->runs[i].count);
	}
	put_by(s);
}

/* --- columns ----------------------------------------------------------------- */

static uint64_t
field_at(const struct scribe *s, size_t i)
{
	return s->entries[i]->field;
}

static uint64_t
step_at(const struct scribe *s, size_t i)
{
	return zigzag(s->entries[i]->time.seconds, s->entries[i + 1]->time.seconds);
}

static uint64_t
counter_at(const struct scribe *s, size_t i)
{
	return s->entries[i]->time.counter;
}

/* The numbers behind the leading equal ones, with one for these before them; alone it is
 * no array. */
static void
put_column(
    const struct scribe *s, size_t n, uint64_t (*at)(const struct scribe *, size_t))
{
	size_t same = 0;

	while (same < n && at(s, same) == at(s, 0))
		same++;
	if (n == 0 || same < n)
		pack_put_array(s->w, n == 0 ? 0 : 1 + n - same);
	if (n > 0)
		pack_put_uint(s->w, at(s, 0));
	for (size_t i = same; i < n; i++)
		pack_put_uint(s->w, at(s, i));
}

static void
put_keys(const struct scribe *s)
{
	size_t k = 0;

	while (k < s->n && s->entries[k]->has_key)
		k++;
	if (k == 0) {
		pack_put_nil(s->w);
		return;
	}
	pack_put_bin_head(s->w, 8 * k);
	for (size_t i = 0; i < k; i++)
		writer_u64(s->w, s->entries[i]->key);
}

static void
put_times(const struct scribe *s)
{
	if (s->n == 0) {
		pack_put_nil(s->w);
		return;
	}
	pack_put_array(s->w, 3);
	pack_put_uint(s->w, s->entries[0]->time.seconds);
	put_column(s, s->n - 1, step_at);
	put_column(s, s->n, counter_at);
}

static void
put_run(const struct scribe *s, const struct value *v)
{
	pack_put_array(s->w, 4);
	if (v->parent.agent == 0)
		pack_put_nil(s->w);
	else
		pack_put_uint(s->w, line_of_name(s, v->parent.agent));
	pack_put_uint(s->w, v->parent.index);
	pack_put_uint(s->w, v->type == VALUE_SEEN ? BODY_SIDE_SEEN : (uint64_t)v->side);
	if (v->hollow > 0)
		pack_put_uint(s->w, v->hollow);
	else
		pack_put_str(s->w, v->bytes);
}

static void
put_value(const struct scribe *s, const struct value *v)
{
	switch (v->type) {
	case VALUE_EMPTY:
		pack_put_nil(s->w);
		return;
	case VALUE_INT:
		pack_put_uint(s->w, v->number);
		return;
	case VALUE_TEXT:
		pack_put_str(s->w, v->bytes);
		return;
	case VALUE_BYTES:
		pack_put_bin(s->w, v->bytes);
		return;
	case VALUE_RUN:
	case VALUE_SEEN:
		put_run(s, v);
		return;
	}
}

static void
put_values(const struct scribe *s)
{
	size_t same = 0;

	while (same < s->n && !names_parent(&s->entries[same]->value) &&
	       value_equal(&s->entries[same]->value, &s->entries[0]->value))
		same++;
	if (s->n > 0 && same == s->n) {
		put_value(s, &s->entries[0]->value);
		return;
	}
	pack_put_array(s->w, s->n);
	for (size_t i = 0; i < s->n; i++)
		put_value(s, &s->entries[i]->value);
}

static void
put_gone(const struct scribe *s)
{
	if (s->b->n_gone == 0) {
		pack_put_nil(s->w);
		return;
	}
	pack_put_array(s->w, s->b->n_gone * GONE_COLUMNS);
	for (size_t i = 0; i < s->b->n_gone; i++) {
		const struct gone *g = &s->b->gone[i];

		pack_put_uint(s->w, g->field);
		pack_put_uint(s->w, line_of_name(s, g->agent));
		pack_put_uint(s->w, g->first);
		pack_put_uint(s->w, g->count);
	}
}

/* --- what cannot be written -------------------------------------------------- */

static const char *
value_fault(const struct value *v)
{
	bool is_text = v->type == VALUE_TEXT || names_parent(v);

	if (v->type == VALUE_INT && v->number > BODY_NUMBER_MAX)
		return "number above 2^53";
	if (is_text && !text_is_utf8(v->bytes, NULL))
		return "text that is not UTF-8";
	if (v->type == VALUE_RUN && (v->bytes.len == 0) != (v->hollow > 0))
		return "run with characters and without, or with neither";
	if (names_parent(v) && v->parent.agent == 0 && v->parent.index != 0)
		return "parent without an agent";
	return NULL;
}

static const char *
entry_fault(const struct entry *e)
{
	const char *fault = value_fault(&e->value);

	if (fault != NULL)
		return fault;
	if (e->name.agent == 0)
		return "agent 0";
	if (record_names_of(&e->value) - 1 > UINT32_MAX - e->name.index)
		return "name past 2^32";
	return e->time.seconds > BODY_NUMBER_MAX ? "time above 2^53" : NULL;
}

static status
check_body(const struct body *b, struct trouble *t)
{
	if (b->n_entries > BODY_ENTRIES_MAX || b->n_gone > BODY_GONE_MAX)
		return trouble_set(t, ST_LIMIT, "body: %zu entries, %zu names superseded",
		    b->n_entries, b->n_gone);
	if (b->agent == 0)
		return trouble_set(t, ST_MALFORMED, "body: agent 0");
	for (size_t i = 0; i < b->n_entries; i++) {
		const char *fault = entry_fault(&b->entries[i]);

		if (fault != NULL)
			return trouble_set(t, ST_MALFORMED, "entry %zu: %s", i, fault);
	}
	for (size_t i = 0; i < b->n_gone; i++) {
		const struct gone *g = &b->gone[i];

		if (g->agent == 0 || g->count == 0 ||
		    g->count - 1 > UINT32_MAX - g->first)
			return trouble_set(t, ST_MALFORMED, "name superseded %zu", i);
	}
	return ST_OK;
}

/* Entries with a map key first, so that the key column needs no mask; else as given. */
static void
order_entries(struct scribe *s)
{
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < s->b->n_entries; i++) {
			if (s->b->entries[i].has_key == (pass == 0))
				s->work->ordered[n++] = &s->b->entries[i];
		}
	}
	s->entries = s->work->ordered;
	s->n = n;
}

status
body_write(struct body_work *work, const struct body *b, struct author signer,
    struct writer *w, struct trouble *t)
{
	struct scribe s = {work, b, signer, NULL, 0, w};
	uint8_t person[8];
	status st = check_body(b, t);

	if (st != ST_OK)
		return st;
	order_entries(&s);
	gather_agents(&s);
	settle_agents(work);
	if (work->n_agents > BODY_AGENTS_MAX)
		return trouble_set(t, ST_LIMIT, "body: %zu agents", work->n_agents);
	gather_runs(&s);

	pack_put_array(w, BODY_ELEMENTS);
	pack_put_uint(w, b->kind);
	pack_put_bin(w, span_of(b->record.bytes, sizeof b->record.bytes));
	put_u64(person, b->person.n);
	if (b->has_person)
		pack_put_bin(w, span_of(person, sizeof person));
	else
		pack_put_nil(w);
	put_agents(&s);
	put_origin(&s);
	pack_put_uint(w, s.n);
	put_column(&s, s.n, field_at);
	put_keys(&s);
	put_times(&s);
	put_values(&s);
	put_gone(&s);
	return ST_OK;
}
