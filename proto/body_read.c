/* body_read.c - columns into entries (spec/ops.md 2). Refuses whatever body_write.c would
 * have written otherwise, so that one content has one form. Pure. */
#include <assert.h>

#include "base/text.h"
#include "proto/body_columns.h"

/* What all the steps below work on. A rule that is broken ends in r->why. */
struct scan {
	struct body_work *work;
	struct author signer;
	struct arena *a;
	struct body *out;
	struct entry *entries; /* out->entries, n of them */
	size_t n;
	bool has_origin;
	bool is_out_of_memory;
	struct pack_reader r;
};

/* --- head and agents --------------------------------------------------------- */

static void
take_head(struct scan *s)
{
	struct body *b = s->out;
	uint8_t person[8];

	(void)pack_take_array(&s->r, BODY_ELEMENTS, BODY_ELEMENTS);
	b->kind = (uint16_t)pack_take_uint(&s->r, UINT16_MAX);
	pack_take_id(&s->r, b->record.bytes, sizeof b->record.bytes);
	b->has_person = !pack_take_nil(&s->r);
	if (b->has_person) {
		pack_take_id(&s->r, person, sizeof person);
		b->person.n = get_u64(person);
	}
}

static void
take_agents(struct scan *s)
{
	struct body_work *work = s->work;
	struct span raw = pack_take_bin(&s->r, 8, (size_t)8 * BODY_AGENTS_MAX);

	if (raw.len % 8 != 0)
		pack_fail(&s->r, "agents: not a multiple of 8");
	work->n_agents = raw.len / 8;
	for (size_t i = 0; i < work->n_agents; i++) {
		uint64_t agent = get_u64(raw.bytes + 8 * i);

		if (agent == 0)
			pack_fail(&s->r, "agent 0");
		work->agents[i] = (struct body_agent){agent, s->signer, false};
		work->has_author[i] = false;
		work->has_entry[i] = false;
		work->has_name[i] = false;
	}
	if (work->n_agents > 0)
		s->out->agent = work->agents[0].agent;
}

/* A number of a line in the dictionary. */
static uint32_t
take_line(struct scan *s)
{
	uint64_t line = pack_take_uint(&s->r, UINT16_MAX);

	if (line >= s->work->n_agents) {
		pack_fail(&s->r, "no such agent");
		return 0;
	}
	return (uint32_t)line;
}

/* The agent of a name that is mentioned; must be the first line of its agent. */
static uint64_t
take_named_agent(struct scan *s)
{
	const struct body_agent *lines = s->work->agents;
	uint32_t line = take_line(s);

	if (line > 0 && (lines[line].agent == lines[0].agent ||
			    (line > 1 && lines[line].agent == lines[line - 1].agent)))
		pack_fail(&s->r, "not the first line of its agent");
	if (s->work->n_agents == 0)
		return 0;
	s->work->has_name[line] = true;
	return lines[line].agent;
}

static void
take_by(struct scan *s)
{
	struct body_work *work = s->work;
	size_t n = pack_take_array(&s->r, 0, (size_t)BY_COLUMNS * BODY_AGENTS_MAX);
	uint32_t last = 0;

	if (n % BY_COLUMNS != 0)
		pack_fail(&s->r, "authors: not rows of three");
	for (size_t i = 0; i < n / BY_COLUMNS && pack_is_ok(&s->r); i++) {
		uint32_t line = take_line(s);
		struct author by;

		by.home = (uint16_t)pack_take_uint(&s->r, UINT16_MAX);
		by.device = (uint16_t)pack_take_uint(&s->r, UINT16_MAX);
		if (line <= last)
			pack_fail(&s->r, "authors: not ascending");
		if (author_equal(by, s->signer))
			pack_fail(&s->r, "authors: the signer himself");
		last = line;
		work->agents[line].by = by;
		work->has_author[line] = true;
	}
}

static void
take_origin(struct scan *s)
{
	struct body_work *work = s->work;
	size_t n;

	work->n_runs = 0;
	s->has_origin = !pack_take_nil(&s->r);
	if (!s->has_origin)
		return;
	(void)pack_take_array(&s->r, 2, 2);
	n = pack_take_array(&s->r, RUN_COLUMNS, (size_t)RUN_COLUMNS * BODY_ENTRIES_MAX);
	if (n % RUN_COLUMNS != 0)
		pack_fail(&s->r, "runs: not rows of three");
	while (work->n_runs < n / RUN_COLUMNS && pack_is_ok(&s->r)) {
		struct body_run *run = &work->runs[work->n_runs++];

		run->agent = take_line(s);
		run->first = (uint32_t)pack_take_uint(&s->r, UINT32_MAX);
		run->count = (uint32_t)pack_take_uint(&s->r, BODY_ENTRIES_MAX);
		if (run->count == 0)
			pack_fail(&s->r, "runs: empty row");
	}
	if (work->n_runs == 1 && work->runs[0].agent == 0 && work->runs[0].first == 0)
		pack_fail(&s->r, "runs: said without need");
	take_by(s);
}

/* After all names are read: is every line used, and where it would have been put? */
static void
check_agents(struct scan *s)
{
	const struct body_work *work = s->work;
	const struct body_agent *lines = work->agents;

	for (size_t i = 1; i < work->n_agents; i++) {
		bool is_alone =
		    lines[i].agent != lines[0].agent &&
		    (i == 1 || lines[i].agent != lines[i - 1].agent) &&
		    (i + 1 == work->n_agents || lines[i].agent != lines[i + 1].agent);

		if (i > 1 && body_agent_compare(&lines[i - 1], &lines[i]) >= 0)
			pack_fail(&s->r, "agents: not ascending");
		if (lines[i].agent == lines[0].agent &&
		    author_equal(lines[i].by, s->signer))
			pack_fail(&s->r, "agents: agent 0 twice");
		if (work->has_author[i] && !work->has_entry[i])
			pack_fail(&s->r, "authors: of an agent without entries");
		if (!work->has_entry[i] && !(work->has_name[i] && is_alone))
			pack_fail(&s->r, "agents: one that nothing names");
	}
}

/* --- columns ----------------------------------------------------------------- */

/* Reads a column of n numbers; put stores the i-th and may fail the reader. The first
 * number stands for all leading equal ones: so many that the others end the column. */
static void
take_column(struct scan *s, size_t n, uint64_t max,
    void (*put)(struct scan *s, size_t i, uint64_t number))
{
	bool is_array = n == 0 || pack_peek(&s->r) == PACK_ARRAY;
	size_t len = 1, leading;
	uint64_t first = 0, number = 0;

	if (is_array)
		len = pack_take_array(&s->r, n == 0 ? 0 : 2, n);
	leading = n - len;
	for (size_t i = 0; i < n && pack_is_ok(&s->r); i++) {
		if (i == 0 || i > leading)
			number = pack_take_uint(&s->r, max);
		if (i == 0)
			first = number;
		if (i == leading + 1 && number == first)
			pack_fail(&s->r, "column of equal elements");
		put(s, i, number);
	}
}

static void
put_field(struct scan *s, size_t i, uint64_t number)
{
	s->entries[i].field = (uint16_t)number;
}

static void
put_step(struct scan *s, size_t i, uint64_t number)
{
	uint64_t from = s->entries[i].time.seconds;
	uint64_t by = number / 2 + number % 2;
	bool is_back = number % 2 != 0;

	if (is_back ? by > from : by > BODY_NUMBER_MAX - from) {
		pack_fail(&s->r, "time out of range");
		return;
	}
	s->entries[i + 1].time.seconds = is_back ? from - by : from + by;
}

static void
put_counter(struct scan *s, size_t i, uint64_t number)
{
	s->entries[i].time.counter = (uint32_t)number;
}

static void
take_keys(struct scan *s)
{
	struct span keys;

	if (pack_take_nil(&s->r))
		return;
	keys = pack_take_bin(&s->r, 8, 8 * s->n);
	if (keys.len % 8 != 0)
		pack_fail(&s->r, "keys: not a multiple of 8");
	for (size_t i = 0; i < keys.len / 8; i++) {
		s->entries[i].has_key = true;
		s->entries[i].key = get_u64(keys.bytes + 8 * i);
	}
}

static void
take_times(struct scan *s)
{
	if (s->n == 0) {
		if (!pack_take_nil(&s->r))
			pack_fail(&s->r, "times of no entry");
		return;
	}
	(void)pack_take_array(&s->r, 3, 3);
	s->entries[0].time.seconds = pack_take_uint(&s->r, BODY_NUMBER_MAX);
	take_column(s, s->n - 1, 2 * BODY_NUMBER_MAX, put_step);
	take_column(s, s->n, UINT32_MAX, put_counter);
}

static void
take_text(struct scan *s, struct value *v, size_t min)
{
	v->bytes = pack_take_str(&s->r, min, BODY_ARRAY_BYTES_MAX);
	if (!text_is_utf8(v->bytes, NULL))
		pack_fail(&s->r, "text that is not UTF-8");
}

static void
take_run(struct scan *s, struct value *v)
{
	uint64_t side;

	v->type = VALUE_RUN;
	(void)pack_take_array(&s->r, 4, 4);
	if (pack_take_nil(&s->r)) {
		(void)pack_take_uint(&s->r, 0);
	} else {
		v->parent.agent = take_named_agent(s);
		v->parent.index = (uint32_t)pack_take_uint(&s->r, UINT32_MAX);
	}
	side = pack_take_uint(&s->r, BODY_SIDE_SEEN);
	if (side == BODY_SIDE_SEEN)
		v->type = VALUE_SEEN;
	else
		v->side = side == RUN_RIGHT ? RUN_RIGHT : RUN_LEFT;
	if (v->type == VALUE_RUN && pack_peek(&s->r) == PACK_UINT) {
		v->hollow = (uint32_t)pack_take_uint(&s->r, UINT32_MAX);
		if (v->hollow == 0)
			pack_fail(&s->r, "run of no characters");
		return;
	}
	take_text(s, v, v->type == VALUE_RUN);
}

static void
take_value(struct scan *s, struct value *v)
{
	switch (pack_peek(&s->r)) {
	case PACK_NIL:
		(void)pack_take_nil(&s->r);
		v->type = VALUE_EMPTY;
		return;
	case PACK_UINT:
		v->type = VALUE_INT;
		v->number = pack_take_uint(&s->r, BODY_NUMBER_MAX);
		return;
	case PACK_STR:
		v->type = VALUE_TEXT;
		take_text(s, v, 0);
		return;
	case PACK_BIN:
		v->type = VALUE_BYTES;
		v->bytes = pack_take_bin(&s->r, 0, BODY_ARRAY_BYTES_MAX);
		return;
	case PACK_ARRAY:
		take_run(s, v);
		return;
	case PACK_END:
	case PACK_BAD:
		(void)pack_take_any(&s->r); /* fails, with the reason */
		return;
	}
}

/* Runs never collapse, so an array is always the whole column. */
static void
take_values(struct scan *s)
{
	bool is_full = s->n == 0 || pack_peek(&s->r) == PACK_ARRAY;
	bool is_same = true;

	if (!is_full) {
		take_value(s, &s->entries[0].value);
		for (size_t i = 1; i < s->n && pack_is_ok(&s->r); i++)
			s->entries[i].value = s->entries[0].value;
		return;
	}
	(void)pack_take_array(&s->r, s->n, s->n);
	for (size_t i = 0; i < s->n && pack_is_ok(&s->r); i++) {
		struct value *v = &s->entries[i].value;

		take_value(s, v);
		is_same = is_same && v->type != VALUE_RUN && v->type != VALUE_SEEN &&
			  value_equal(v, &s->entries[0].value);
	}
	if (s->n > 0 && is_same)
		pack_fail(&s->r, "column of equal elements");
}

static void
take_gone(struct scan *s)
{
	size_t n;

	if (pack_take_nil(&s->r))
		return;
	n = pack_take_array(&s->r, GONE_COLUMNS, (size_t)GONE_COLUMNS * BODY_GONE_MAX);
	if (n % GONE_COLUMNS != 0)
		pack_fail(&s->r, "superseded names: not rows of four");
	s->out->gone = arena_zeros(s->a, n / GONE_COLUMNS, sizeof *s->out->gone);
	if (s->out->gone == NULL) {
		s->is_out_of_memory = true;
		return;
	}
	s->out->n_gone = n / GONE_COLUMNS;
	for (size_t i = 0; i < s->out->n_gone && pack_is_ok(&s->r); i++) {
		struct gone *g = &s->out->gone[i];

		g->field = (uint16_t)pack_take_uint(&s->r, UINT16_MAX);
		g->agent = take_named_agent(s);
		g->first = (uint32_t)pack_take_uint(&s->r, UINT32_MAX);
		g->count = (uint32_t)pack_take_uint(&s->r, UINT32_MAX);
		if (g->count == 0 || g->count - 1 > UINT32_MAX - g->first)
			pack_fail(&s->r, "superseded names: count");
	}
}

/* --- names ------------------------------------------------------------------- */

/* Names count on inside a row; how far depends on the values, so this comes last. */
static void
name_entries(struct scan *s)
{
	const struct body_run signers = {0, 0, (uint32_t)s->n};
	const struct body_run *runs = s->has_origin ? s->work->runs : &signers;
	size_t n_runs = s->has_origin ? s->work->n_runs : s->n > 0;
	uint64_t next = 0;
	size_t at = 0;

	for (size_t i = 0; i < n_runs; i++) {
		const struct body_agent *line = &s->work->agents[runs[i].agent];

		if (i > 0 && runs[i].agent == runs[i - 1].agent && runs[i].first == next)
			pack_fail(&s->r, "runs: two rows that are one");
		s->work->has_entry[runs[i].agent] = true;
		next = runs[i].first;
		if (runs[i].count > s->n - at) {
			pack_fail(&s->r, "runs: more entries than there are");
			return;
		}
		for (uint32_t k = 0; k < runs[i].count; k++, at++) {
			struct entry *e = &s->entries[at];

			e->name = (struct entry_name){line->agent, (uint32_t)next};
			e->by = line->by;
			next += record_names_of(&e->value);
			if (next > UINT64_C(1) << 32) {
				pack_fail(&s->r, "name past 2^32");
				return;
			}
		}
	}
	if (at != s->n)
		pack_fail(&s->r, "runs: fewer entries than there are");
}

static void
take_entries(struct scan *s)
{
	s->n = (size_t)pack_take_uint(&s->r, s->work->entries_max);
	s->entries = arena_zeros(s->a, s->n, sizeof *s->entries);
	if (s->entries == NULL) {
		s->is_out_of_memory = true;
		return;
	}
	s->out->n_entries = s->n;
	s->out->entries = s->entries;
	take_column(s, s->n, UINT16_MAX, put_field);
	take_keys(s);
	take_times(s);
	take_values(s);
}

status
body_read(struct body_work *work, struct span array, struct author signer,
    struct arena *a, struct body *out, struct trouble *t)
{
	struct scan s = {.work = work, .signer = signer, .a = a, .out = out};

	*out = (struct body){0};
	s.r = pack_reader_of(array);
	take_head(&s);
	take_agents(&s);
	take_origin(&s);
	take_entries(&s);
	if (!s.is_out_of_memory)
		take_gone(&s);
	if (s.is_out_of_memory)
		return trouble_set(t, ST_NO_MEMORY, "body: arena is used up");
	if (pack_is_ok(&s.r)) {
		name_entries(&s);
		check_agents(&s);
	}
	return pack_end(&s.r, "body", t);
}
