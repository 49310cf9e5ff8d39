/* ask_marks.c - questions and answers on plain lines. */
#include "client/commands/ask_marks.h"

#include <stdlib.h>

struct question {
	size_t no;
	char *name;
	struct person_id pid;
	enum mark now;
	bool is_conflict;
	bool is_answered;
	enum mark answer;
};

/* Outlives the laptop that it was made from. */
struct asking {
	char weekday[16];
	size_t n;
	struct question *questions;
};

bool
ask_line(char *text, size_t cap)
{
	size_t len;

	if (fgets(text, (int)cap, stdin) == NULL)
		return false;
	len = strcspn(text, "\n");
	if (text[len] == '\0') { /* too long for any answer: the rest is passed over */
		for (int ch = 0; ch != '\n' && ch != EOF;)
			ch = getchar();
	}
	text[len] = '\0';
	return true;
}

static void
asking_free(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->questions[i].name);
	free(a->questions);
}

static status
collect(struct laptop *l, const struct marking *m, struct asking *out)
{
	const struct roll_view *v = &m->rolls.view;
	const char *date = find_day_text(l, &m->rolls.activity, m->day_no);

	(void)snprintf(
	    out->weekday, sizeof out->weekday, "%.*s", (int)strcspn(date, " "), date);
	out->questions = calloc(v->n_lines + 1, sizeof *out->questions);
	if (out->questions == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for questions");
	for (size_t i = 0; i < v->n_lines; i++) {
		struct cell cell = v->lines[i].cells[m->day_no - 1];
		struct question *q = &out->questions[out->n];

		if (!roll_is_enrolled(&v->lines[i], m->day_no))
			continue;
		*q = (struct question){.no = i + 1,
		    .name = strdup(rolls_name(l, &m->rolls, i)),
		    .pid = rolls_pid(&m->rolls, i),
		    .now = cell_mark(cell),
		    .is_conflict = cell_is_conflict(cell)};
		if (q->name == NULL)
			return trouble_set(
			    &l->trouble, ST_NO_MEMORY, "no memory for questions");
		out->n++;
	}
	return ST_OK;
}

/* ---- asking ---- */

static void
print_question(const struct asking *a, const struct question *q)
{
	const char *now = vocabulary_word(VOC_MARK, q->is_answered ? q->answer : q->now);

	printf("%zu ", q->no);
	screen_text(stdout, q->name);
	printf("%s%s", a->weekday[0] == '\0' ? "" : ", ", a->weekday);
	if (now != NULL)
		printf(" (%s)", now);
	printf("? [p]resent [l]ate [e]xcused [a]bsent [Enter skip, u back]: ");
	(void)fflush(stdout);
}

enum reply { REPLY_NEXT, REPLY_BACK, REPLY_AGAIN, REPLY_END };

static enum reply
ask_one(const struct asking *a, struct question *q)
{
	char text[64];
	enum mark mark;

	if (q->is_conflict) {
		printf("%zu ", q->no);
		screen_text(stdout, q->name);
		printf(": two values stand side by side, see pnet review\n");
		return REPLY_NEXT;
	}
	print_question(a, q);
	if (!ask_line(text, sizeof text)) {
		printf("\n");
		return REPLY_END;
	}
	if (text[0] == '\0')
		return REPLY_NEXT;
	if (strcmp(text, "u") == 0 || strcmp(text, "U") == 0)
		return REPLY_BACK;
	if (!cell_parse(span_text(text), &mark)) {
		printf("not understood: p, l, e, a, u or Enter\n");
		return REPLY_AGAIN;
	}
	q->is_answered = true;
	q->answer = mark;
	return REPLY_NEXT;
}

/* The question before, passing over those that are not asked. */
static size_t
before(const struct asking *a, size_t at)
{
	size_t back = at;

	while (back > 0 && a->questions[back - 1].is_conflict)
		back--;
	return back > 0 ? back - 1 : at;
}

static void
ask_all(struct asking *a)
{
	for (size_t i = 0; i < a->n;) {
		switch (ask_one(a, &a->questions[i])) {
		case REPLY_NEXT:
			i++;
			break;
		case REPLY_BACK:
			i = before(a, i);
			break;
		case REPLY_AGAIN:
			break;
		case REPLY_END:
			return;
		}
	}
}

/* ---- saving ---- */

/* Numbers may have moved meanwhile: people are found again by their pid. */
static bool
line_of(const struct marking *m, const struct person_id *pid, size_t *line)
{
	for (size_t i = 0; i < m->rolls.view.n_lines; i++) {
		struct person_id at = rolls_pid(&m->rolls, i);

		if (ID_EQUAL(&at, pid)) {
			*line = i;
			return true;
		}
	}
	return false;
}

static status
write_answers(struct edit *e, struct laptop *l, const struct asking *a, struct marking *m)
{
	status st = ST_OK;
	size_t line;

	for (size_t i = 0; st == ST_OK && i < a->n; i++) {
		const struct question *q = &a->questions[i];

		if (q->is_answered && line_of(m, &q->pid, &line))
			st = marking_set(e, l, m, line, q->answer);
	}
	return st;
}

static status
save(struct call *c, const char *day, const struct asking *a)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct marking m;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = marking_open(l, c->args[0], day, &m);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, write_answers(e, l, a, &m));
	if (st == ST_OK)
		st = command_saved(
		    c, l, "%s: %s", marking_day_text(l, &m), marking_counts_text(l, &m));
	return command_close(l, st);
}

status
ask_marks(struct call *c, struct laptop *l, const struct marking *m)
{
	struct asking a = {0};
	char day[8];
	status st = ST_OK;

	(void)snprintf(day, sizeof day, "%u", m->day_no);
	if (c->global.asks_nothing)
		st = complain(
		    c->complaint, PN_U01, "--ask and --no-input exclude each other");
	if (st == ST_OK)
		st = collect(l, m, &a);
	(void)command_close(l, st);
	if (st == ST_OK) {
		ask_all(&a);
		st = save(c, day, &a);
	}
	asking_free(&a);
	return st;
}
