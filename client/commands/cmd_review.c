/* cmd_review.c - pnet review: one question after the other on a terminal, otherwise the
 * list; and one decision by its number. How items look is in review_print.c. */
#include <stdlib.h>
#include <unistd.h>

#include "client/commands/ask_marks.h"
#include "client/commands/commands.h"
#include "client/commands/review_print.h"

/* ---- list ---- */

static status
list_all(struct laptop *l, size_t *n, struct review_item **items)
{
	status st = review_list(l, items, n);

	return st != ST_OK ? st : review_remember(l, *items, *n);
}

/* Hot spots of texts come last; each is settled by a command of its own. */
static status
print_texts(struct call *c, struct laptop *l, size_t n_items)
{
	struct review_text *texts;
	size_t n;
	status st = review_texts(l, &texts, &n);

	if (st != ST_OK)
		return st;
	if (n_items + n == 0 && c->global.style == STYLE_HUMAN)
		printf("nothing needs you\n");
	review_print_texts(c, l, texts, n);
	return ST_OK;
}

static status
print_list(struct call *c, struct laptop *l)
{
	struct review_item *items;
	size_t n;
	status st = list_all(l, &n, &items);

	if (st == ST_OK)
		review_print(c, items, n);
	return st != ST_OK ? st : print_texts(c, l, n);
}

/* ---- one decision ---- */

static const char *
words_of(struct laptop *l, const struct review_item *item, const struct value *v)
{
	for (size_t i = 0; i < item->n_choices; i++) {
		if (value_equal(&item->choices[i].value, v))
			return item->choices[i].text;
	}
	return item->kind == REVIEW_TEXT ? item->now : form_text(l, item->field, v);
}

static status
take_value(struct call *c, struct laptop *l, const struct review_item *item,
    const struct value *value)
{
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	if (st == ST_OK)
		st = command_commit(c, e, review_take(e, l, item, value));
	return st != ST_OK ? st
			   : command_saved(c, l, "%s. The other %s stays in the history.",
				 words_of(l, item, value),
				 item->kind == REVIEW_TEXT ? "wording" : "value");
}

static status
take_pair(
    struct call *c, struct laptop *l, const struct review_item *item, const char *word)
{
	unsigned keep = (unsigned)strtoul(word, NULL, 10);
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	if (st == ST_OK)
		st = command_commit(c, e, review_join(e, l, item, keep));
	return st != ST_OK ? st
			   : command_saved(c, l,
				 "%s and %s are one person; both keep their marks",
				 item->choices[0].text, item->choices[1].text);
}

static status
take(struct call *c, struct laptop *l, const struct review_item *item, const char *word)
{
	struct value value;
	status st;

	if (item->kind == REVIEW_DUPLICATE)
		return take_pair(c, l, item, word);
	st = review_value(l, item, word, &value);
	return st != ST_OK ? st : take_value(c, l, item, &value);
}

/* Back to what stood when the workshop was closed. */
static status
reject(struct call *c, struct laptop *l, const struct review_item *item)
{
	struct value value = value_int(item->final);
	status st;

	if (item->final == MARK_NONE)
		value = (struct value){.type = VALUE_EMPTY};
	if (item->has_final)
		return take_value(c, l, item, &value);
	st = complain(c->complaint, PN_U01,
	    "--reject brings back what stood at closing; this is not a closed "
	    "workshop's");
	complain_next(c->complaint, "pnet review --list");
	return st;
}

static status
read_id(struct call *c, size_t *id)
{
	char *end = NULL;
	unsigned long n = strtoul(c->args[0], &end, 10);
	status st;

	*id = n;
	if (c->args[0][0] >= '0' && c->args[0][0] <= '9' && *end == '\0')
		return ST_OK;
	st = complain(
	    c->complaint, PN_U01, "'%.40s' is no number of the list", c->args[0]);
	complain_next(c->complaint, "pnet review --list");
	return st;
}

static status
decide(struct call *c)
{
	const char *word = call_option(c, "take");
	struct review_item item;
	struct laptop *l = NULL;
	size_t id = 0;
	status st = read_id(c, &id);

	if (st == ST_OK)
		st = command_open(c, &l);
	if (st == ST_OK)
		st = review_shown(l, id, &item);
	if (st != ST_OK)
		return command_close(l, st);
	if (word != NULL)
		st = take(c, l, &item, word);
	else if (call_has(c, "reject"))
		st = reject(c, l, &item);
	else
		review_print_one(&item, id, review_n_shown(l), stdout);
	return command_close(l, st);
}

/* ---- one by one ---- */

static const char *const prompts[REVIEW_KIND_COUNT] = {
    [REVIEW_CONFLICT] = "Choose 1, 2, another mark, or s to skip: ",
    [REVIEW_LATE] = "Choose 1, 2, another mark, or s to skip: ",
    [REVIEW_DUPLICATE] = "Keep 1, keep 2, or s to skip (they may be two people): ",
    [REVIEW_TEXT] = "Choose 1, 2, now (as it stands), or s to skip: ",
};

/* Prints item id of n and says whether there is something to ask. */
static status
show_one(struct call *c, size_t id, size_t n, char *prompt, size_t cap)
{
	struct review_item item;
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = review_shown(l, id, &item);
	if (st == ST_OK) {
		review_print_one(&item, id, n, stdout);
		(void)snprintf(prompt, cap, "%s", prompts[item.kind]);
	}
	return command_close(l, st);
}

static status
take_one(struct call *c, size_t id, const char *word)
{
	struct review_item item;
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = review_shown(l, id, &item);
	if (st == ST_OK)
		st = take(c, l, &item, word);
	return command_close(l, st);
}

/* Nothing holds the replica while the person thinks. What goes wrong with one item does
 * not end the round. */
static bool
ask_item(struct call *c, size_t id, size_t n)
{
	char prompt[80], text[200];
	status st = show_one(c, id, n, prompt, sizeof prompt);

	while (st == ST_OK) {
		printf("%s", prompt);
		(void)fflush(stdout);
		if (!ask_line(text, sizeof text)) {
			printf("\n");
			return false;
		}
		if (text[0] == '\0' || strcmp(text, "s") == 0)
			return true;
		st = take_one(c, id, text);
		if (st == ST_OK)
			return true;
		if (c->complaint->id != PN_V03)
			break;
		complaint_print(c->complaint, stderr);
		memset(c->complaint, 0, sizeof *c->complaint);
		st = ST_OK;
	}
	complaint_print(c->complaint, stderr);
	memset(c->complaint, 0, sizeof *c->complaint);
	return true;
}

static status
ask_all(struct call *c)
{
	struct review_item *items;
	struct laptop *l = NULL;
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = list_all(l, &n, &items);
	(void)command_close(l, st);
	if (st != ST_OK)
		return st;
	for (size_t id = 1; id <= n && ask_item(c, id, n); id++)
		continue;
	st = command_open(c, &l);
	if (st == ST_OK)
		st = print_texts(c, l, n);
	return command_close(l, st);
}

static bool
may_ask(const struct call *c)
{
	return !call_has(c, "list") && !c->global.asks_nothing && !c->global.is_dry_run &&
	       c->global.style == STYLE_HUMAN && isatty(STDIN_FILENO) &&
	       isatty(STDOUT_FILENO);
}

status
cmd_review(struct call *c)
{
	struct laptop *l = NULL;
	status st;

	if (c->n_args > 0)
		return decide(c);
	if (call_has(c, "take") || call_has(c, "reject")) {
		st = complain(c->complaint, PN_U01, "which one? its number is missing");
		complain_next(c->complaint, "pnet review --list");
		return st;
	}
	if (may_ask(c))
		return ask_all(c);
	st = command_open(c, &l);
	if (st == ST_OK)
		st = print_list(c, l);
	return command_close(l, st);
}
