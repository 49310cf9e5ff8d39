/* cmd_history.c - pnet history: who wrote what, in plain sentences, or as rows. */
#include <time.h>

#include "base/date.h"
#include "client/actions/history.h"
#include "client/commands/commands.h"

static const char *const state_names[HAPPENING_STATE_COUNT] = {
    "stands", "replaced", "undone"};

/* "2027-04-13": from its beginning, by the local clock. */
static status
read_since(struct call *c, uint64_t *out)
{
	const char *word = call_option(c, "since");
	struct tm tm = {.tm_isdst = -1};
	uint32_t day;
	status st;

	*out = 0;
	if (word == NULL)
		return ST_OK;
	if (date_parse(span_text(word), &day)) {
		struct civil date = date_civil(day);
		time_t at;

		tm.tm_year = date.year - 1900;
		tm.tm_mon = date.month - 1;
		tm.tm_mday = date.day;
		at = mktime(&tm);
		*out = at > 0 ? (uint64_t)at : 0;
		return ST_OK;
	}
	st = complain(
	    c->complaint, PN_V03, "--since '%.40s' is no date like 2027-04-13", word);
	complain_next(c->complaint, "pnet help history");
	return st;
}

static const char *
utc(struct laptop *l, uint64_t seconds)
{
	time_t at = (time_t)seconds;
	struct tm tm;
	char text[32];

	if (gmtime_r(&at, &tm) == NULL)
		return "";
	(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_text(l->arena, "%s", text);
}

static void
print_sentences(struct story *s, const struct happening *all, size_t n)
{
	size_t used;

	if (n == 0)
		printf("nothing was written there\n");
	for (size_t i = 0; i < n; i += used) {
		screen_text(stdout, history_sentence(s, all, n, i, &used));
		fputc('\n', stdout);
	}
}

static void
add_row(struct listing *out, struct story *s, const struct happening *h)
{
	const struct story_record *r = h->record;
	const struct field *f = schema_field(r->kind, h->entry.field);

	listing_row(out);
	listing_cell(out, utc(s->l, h->entry.time.seconds));
	listing_cell(out, author_member(s->l, h->entry.by));
	listing_cell(out, r->kind->name);
	listing_cell(out, r->label);
	listing_cell(out, h->entry.has_key ? story_young(s, r, h->entry.key) : r->young);
	if (r->day_no == 0)
		listing_cell(out, NULL);
	else
		listing_cellf(out, "%u", r->day_no);
	listing_cell(out, f->name);
	if (h->text != NULL) {
		listing_cell(out, story_words(s->l, span_text(h->text->came)));
		listing_cell(out, story_words(s->l, span_text(h->text->gone)));
	} else {
		listing_cell(out, story_value(s, r, f->id, &h->entry.value));
		listing_cell(out, h->before == NULL
				      ? NULL
				      : story_value(s, r, f->id, &h->before->value));
	}
	listing_cell(out, state_names[h->state]);
}

static void
print(struct call *c, struct story *s, const struct happening *all, size_t n)
{
	struct listing *out;

	if (c->global.style == STYLE_HUMAN) {
		print_sentences(s, all, n);
		return;
	}
	out = listing_new(
	    "pnet.history/1", "at,by,kind,record,young,day#,field,value,before,state");
	for (size_t i = 0; i < n; i++)
		add_row(out, s, &all[i]);
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

status
cmd_history(struct call *c)
{
	struct history_filter filter = {.member = call_option(c, "by")};
	struct laptop *l = NULL;
	struct story s = {0};
	struct happening *all;
	size_t n;
	status st = read_since(c, &filter.since_s);

	if (st != ST_OK)
		return st;
	st = command_open(c, &l);
	s.l = l;
	if (st == ST_OK)
		st = history_of(&s, c->args[0], &filter, &all, &n);
	if (st == ST_OK)
		print(c, &s, all, n);
	return command_close(l, st);
}
