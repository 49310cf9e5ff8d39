/* home.c - the menu. It holds the laptop open only while it reads what to show. */
#include "client/commands/home.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "client/actions/rolls.h"
#include "client/commands/ask_marks.h"
#include "client/commands/commands.h"
#include "client/commands/turn.h"

enum {
	ENTRIES_MAX = 24,
	TODAY_MAX = 6,
	TEXT_BYTES = 160,
	LINE_BYTES = 1024,
	WORDS_MAX = 128
};

/* One line of the menu. */
struct entry_line {
	char text[TEXT_BYTES];
	char call[TEXT_BYTES]; /* as it would be typed after `pnet` */
};

struct menu {
	char head[TEXT_BYTES * 2];
	size_t n;
	struct entry_line entries[ENTRIES_MAX];
};

/* Below what is special today; the same for everybody. */
static const struct {
	const char *text, *call;
} always[] = {
    {"exchange with the server", "sync"},
    {"what needs you", "review"},
    {"what breaks a rule, and what settles it", "findings"},
    {"take back the last change", "undo"},
    {"all activities", "activity list"},
    {"what waits, and since when", "status"},
    {"all commands", "help"},
};

bool
home_may_ask(const struct call *c)
{
	return !c->global.asks_nothing && c->global.style == STYLE_HUMAN &&
	       isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* ---- what to show ---- */

static void
add(struct menu *m, const char *call, const char *text)
{
	struct entry_line *e = &m->entries[m->n];

	if (m->n == ENTRIES_MAX)
		return;
	(void)snprintf(e->text, sizeof e->text, "%s", text);
	(void)snprintf(e->call, sizeof e->call, "%s", call);
	m->n++;
}

/* Activities with a day today whose people this member may see. */
static status
add_today(struct laptop *l, struct menu *m)
{
	struct query *q = query_of(l->queries,
	    "SELECT a.code, d.day_no FROM activity_day d JOIN activity a"
	    " ON a.record = d.activity WHERE d.date = ? AND coalesce(a.cancelled, '') <>"
	    " 'yes' ORDER BY a.code LIMIT 20");
	struct civil c = date_civil(l->today);
	struct {
		char code[20];
		int day_no;
	} found[20];
	size_t n = 0;
	status st;

	query_text(q, arena_text(l->arena, "%04d-%02d-%02d", c.year, c.month, c.day));
	while (n < 20 && query_row(q)) {
		(void)snprintf(
		    found[n].code, sizeof found[n].code, "%s", query_column_text(q, 0));
		found[n++].day_no = (int)query_column_int(q, 1);
	}
	st = query_done(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < n && m->n < TODAY_MAX; i++) {
		struct activity a;

		if (find_activity(l, found[i].code, &a) == ST_OK && rolls_are_open(l, &a))
			add(m,
			    arena_text(l->arena, "attend %s %d --ask", found[i].code,
				found[i].day_no),
			    arena_text(l->arena, "attendance of %s, day %d: today",
				found[i].code, found[i].day_no));
	}
	memset(l->complaint, 0, sizeof *l->complaint);
	return st;
}

static const char *
last_sync(struct laptop *l)
{
	int64_t ms = laptop_meta_int(l, "last_sync_ms", 0);
	time_t at = (time_t)(ms / 1000);
	char text[32];
	struct tm tm;

	if (ms == 0 || localtime_r(&at, &tm) == NULL)
		return "never";
	(void)strftime(text, sizeof text, "%a %d %b %H:%M", &tm);
	return arena_text(l->arena, "%s", text);
}

static status
write_head(struct laptop *l, struct menu *m)
{
	struct waiting waiting;
	struct query *q;
	int64_t n_open;
	status st = records_waiting(l, &waiting);

	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "SELECT count(*) FROM r_conflict");
	n_open = query_row(q) ? query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	(void)snprintf(m->head, sizeof m->head,
	    "%s    %llu change%s wait%s    last sync %s    needs you: %s", l->self.member,
	    (unsigned long long)waiting.changes, waiting.changes == 1 ? "" : "s",
	    waiting.changes == 1 ? "s" : "", last_sync(l),
	    n_open == 0 ? "nothing"
			: arena_text(l->arena, "%lld conflict%s", (long long)n_open,
			      n_open == 1 ? "" : "s"));
	return st;
}

static status
read_menu(struct call *c, struct menu *m)
{
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	memset(m, 0, sizeof *m);
	if (st == ST_OK)
		st = write_head(l, m);
	if (st == ST_OK)
		st = add_today(l, m);
	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		add(m, always[i].call, always[i].text);
	return command_close(l, st);
}

static void
print_menu(const struct menu *m)
{
	printf("\n%s\n\n", m->head);
	for (size_t i = 0; i < m->n; i++)
		printf("  %2zu  %-42s pnet %s\n", i + 1, m->entries[i].text,
		    m->entries[i].call);
	printf("   q  leave\n\n");
}

/* ---- a choice ---- */

/* Cuts a typed line at spaces; "double quotes" keep them. */
static int
cut_words(char *line, char **words)
{
	int n = 0;

	for (char *at = line; *at != '\0';) {
		char *to;
		bool is_quoted = false;

		at += strspn(at, " \t");
		if (*at == '\0' || n + 1 == WORDS_MAX)
			break;
		words[n++] = to = at;
		for (; *at != '\0' && (is_quoted || *at != ' '); at++) {
			if (*at == '"')
				is_quoted = !is_quoted;
			else
				*to++ = *at;
		}
		at += *at == ' ';
		*to = '\0';
	}
	words[n] = NULL;
	return n;
}

/* A line as typed after the name of the program, which may be typed too. */
static int
run_line(const struct call *c, const char *text)
{
	char line[LINE_BYTES];
	char *words[WORDS_MAX + 1];
	static char program[] = "pnet";
	int n;

	(void)snprintf(line, sizeof line, "%s", text);
	words[0] = program;
	n = cut_words(line, words + 1) + 1;
	if (n > 1 && strcmp(words[1], program) == 0)
		return turn_run(&c->global, n - 1, words + 1);
	return turn_run(&c->global, n, words);
}

/* The number of the menu, or anything that may be typed after `pnet`. */
static int
run_choice(const struct call *c, const struct menu *m, const char *text)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (*end != '\0')
		return run_line(c, text);
	if (n >= 1 && n <= m->n)
		return run_line(c, m->entries[n - 1].call);
	printf("1 to %zu, q to leave, or a command\n", m->n);
	return status_exit(ST_USAGE);
}

static bool
is_leaving(const char *text)
{
	return strcmp(text, "q") == 0 || strcmp(text, "quit") == 0 ||
	       strcmp(text, "exit") == 0;
}

static bool
ask(const char *prompt, char *text, size_t cap)
{
	printf("%s", prompt);
	(void)fflush(stdout);
	if (ask_line(text, cap))
		return true;
	printf("\n");
	return false;
}

/* ---- before joining ---- */

static int
ask_invite(const struct call *c)
{
	char text[LINE_BYTES], line[LINE_BYTES + 16];

	printf("This laptop has not joined a network yet. Your coordinator gives you an "
	       "invite,\nas text or as a file; joining needs the server once.\n\n");
	if (!ask("Invite code or file (Enter to leave): ", text, sizeof text) ||
	    text[0] == '\0')
		return status_exit(ST_NOT_JOINED);
	(void)snprintf(line, sizeof line, "join %s\"%s\"",
	    access(text, R_OK) == 0 ? "--file " : "", text);
	return run_line(c, line);
}

/* ---- the whole ---- */

status
home_run(struct call *c)
{
	char text[LINE_BYTES];
	struct menu menu;
	status st = read_menu(c, &menu);

	if (st != ST_OK && c->complaint->id == PN_K04) {
		memset(c->complaint, 0, sizeof *c->complaint);
		c->exit_code = ask_invite(c);
		if (c->exit_code != 0)
			return ST_OK;
		st = read_menu(c, &menu);
	}
	while (st == ST_OK) {
		print_menu(&menu);
		if (!ask("Choose a number, or type a command: ", text, sizeof text) ||
		    is_leaving(text))
			return ST_OK;
		if (text[0] == '\0')
			continue;
		printf("\n");
		c->exit_code = run_choice(c, &menu, text);
		st = read_menu(c, &menu);
	}
	return st;
}
