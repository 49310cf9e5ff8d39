/* test_typos.c - every slip of one key (a letter left out, put in, taken for another, two
 * swapped) in every command, option, code and name: at least 95 of 100 get the right word
 * offered (UX 1.8, G16). A slip that is itself a word is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "client/actions/rolls.h"
#include "unit/laptop_fixture.h"

enum { SLIP_BYTES = 128, RIGHT_PERCENT_MIN = 95 };

/* Under sanitizers every seventh slip: all of them take the better part of a minute. */
static unsigned
step(void)
{
	return getenv("PNET_SANITIZED") == NULL ? 1 : 7;
}

/* How many slips were made, and how many got the right word offered, alone or among
 * others. */
struct score {
	unsigned n, right, first;
};

/* The word with one slip, by number; false if there are no more. Letters that are typed
 * wrong are those of the alphabet, or digits for a digit. */
static bool
slip(const char *word, unsigned number, char out[static SLIP_BYTES])
{
	size_t len = strlen(word);
	unsigned kind = number % 54; /* per place: 26 other, 26 more, 1 less, 1 swap */
	size_t at = number / 54;
	char letter = (char)('a' + kind % 26);

	if (at >= len || len + 2 > SLIP_BYTES)
		return false;
	if (word[at] >= 'A' && word[at] <= 'Z')
		letter = (char)(letter - 'a' + 'A');
	if (word[at] >= '0' && word[at] <= '9')
		letter = (char)('0' + kind % 26 % 10);
	(void)snprintf(out, SLIP_BYTES, "%s", word);
	if (kind < 26)
		out[at] = letter;
	else if (kind < 52) {
		memmove(out + at + 1, word + at, len - at + 1);
		out[at] = letter;
	} else if (kind == 52)
		memmove(out + at, word + at + 1, len - at);
	else if (at + 1 < len) {
		out[at] = word[at + 1];
		out[at + 1] = word[at];
	}
	return true;
}

/* Is `word` one of those that the question offers? */
static bool
is_offered(const char *question, const char *word, bool *is_first)
{
	const char *from = strstr(question, "; do you mean ");
	size_t len = strlen(word);

	*is_first = false;
	if (from == NULL)
		return false;
	from += strlen("; do you mean ");
	from += strspn(from, "-");
	*is_first = strncmp(from, word, len) == 0;
	for (const char *at = from; (at = strstr(at, word)) != NULL; at++) {
		if ((at == from || at[-1] == ' ' || at[-1] == '-') &&
		    strchr(",? ", at[len]) != NULL)
			return true;
	}
	return false;
}

static void
count(struct score *s, const char *question, const char *word)
{
	bool is_first;

	s->n++;
	s->right += is_offered(question, word, &is_first);
	s->first += is_first;
}

static void
report(const char *what, const struct score *s)
{
	print_message("%s: %u slips, %u.%u %% offered the right one, %u.%u %% first\n",
	    what, s->n, s->right * 100 / s->n, s->right * 1000 / s->n % 10,
	    s->first * 100 / s->n, s->first * 1000 / s->n % 10);
	assert_true(s->n > 100);
	assert_true(s->right * 100 >= s->n * RIGHT_PERCENT_MIN);
}

static struct call call;
static struct complaint complaint;

static status
parse(char *first, char *second, char *third)
{
	static char program[] = "pnet";
	char *words[] = {program, first, second, third, NULL};
	int n = third != NULL ? 4 : second != NULL ? 3 : 2;

	memset(&call, 0, sizeof call);
	memset(&complaint, 0, sizeof complaint);
	call.complaint = &complaint;
	return call_parse(&call, n, words);
}

/* "activity list" with a slip in it is two words again. */
static status
parse_line(const char *line)
{
	static char copy[SLIP_BYTES];
	char *space;

	(void)snprintf(copy, sizeof copy, "%s", line);
	space = strchr(copy, ' ');
	if (space != NULL)
		*space++ = '\0';
	return parse(copy, space == NULL || *space == '\0' ? NULL : space, NULL);
}

static void
slips_in_commands(void **state)
{
	struct score s = {0};
	char word[SLIP_BYTES];

	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		for (unsigned k = 0; slip(commands[i].name, k, word); k += step()) {
			if (strcmp(word, commands[i].name) == 0 || word[0] == ' ')
				continue;
			if (parse_line(word) == ST_OK || call.command != NULL)
				continue;
			count(&s, complaint.why, commands[i].name);
		}
	}
	report("commands", &s);
}

static void
slips_in_options(void **state)
{
	struct score s = {0};

	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		char list[512];
		char *rest = list;

		(void)snprintf(list, sizeof list, "%s", commands[i].options);
		for (char *o; (o = strsep(&rest, ",")) != NULL && *o != '\0';) {
			char word[SLIP_BYTES], name[64], option[SLIP_BYTES + 2];
			char *space;

			o[strcspn(o, "=")] = '\0';
			for (unsigned k = 0; slip(o, k, word); k += step()) {
				(void)snprintf(option, sizeof option, "--%s", word);
				(void)snprintf(name, sizeof name, "%s", commands[i].name);
				space = strchr(name, ' ');
				if (space != NULL)
					*space++ = '\0';
				(void)(space == NULL ? parse(name, option, NULL)
						     : parse(name, space, option));
				if (strstr(complaint.why, "there is no option") != NULL)
					count(&s, complaint.why, o);
			}
		}
	}
	report("options", &s);
}

/* ---- codes and names ---- */

static struct laptop_fixture fixture;

static int
start(void **state)
{
	struct laptop_fixture *f = &fixture;
	const char *root = getenv("PNET_SOURCE");
	char line[700];

	fixture_start(f);
	FIXTURE_OK(f, "org add SK-C1 --set kind=youth_club --set name=Klub");
	FIXTURE_OK(f, "practice new GP01 --set title=\"Street art\"");
	for (int i = 1; i <= 3; i++) {
		(void)snprintf(line, sizeof line,
		    "workshop new SK-W%d --practice GP01 --org SK-C1 --start 2027-04-1%d",
		    i, i);
		FIXTURE_OK(f, line);
	}
	(void)snprintf(line, sizeof line,
	    "import young %s/tests/data/scenarios/roster_SK-W9.csv --activity SK-W1",
	    root == NULL ? "." : root);
	FIXTURE_OK(f, line);
	*state = f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

static void
slips_in_codes(void **state)
{
	static const char *const codes[] = {"SK-W1", "SK-W2", "SK-W3"};
	struct laptop *l = fixture_open(*state);
	struct score s = {0};
	char word[SLIP_BYTES];

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		for (unsigned k = 0; slip(codes[i], k, word); k += step()) {
			struct activity a;

			if (find_activity(l, word, &a) != ST_OK)
				count(&s, l->complaint->why, codes[i]);
		}
	}
	laptop_close(l);
	report("codes", &s);
}

/* Given name, family name, or both as they are on the list. */
static void
slips_in_names(void **state)
{
	struct laptop *l = fixture_open(*state);
	struct score s = {0};
	char word[SLIP_BYTES];
	struct rolls r;

	assert_int_equal(rolls_open(l, "SK-W1", &r), ST_OK);
	for (size_t i = 0; i < r.view.n_lines; i++) {
		const struct roll_row *row = r.view.lines[i].row;
		const char *name = rolls_name(l, &r, i);
		const char *parts[] = {
		    arena_text(l->arena, "%.*s", (int)row->family_name.len,
			(const char *)row->family_name.bytes),
		    name};

		for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
			for (unsigned k = 0; slip(parts[p], k, word); k += step()) {
				size_t line;

				if (text_is_utf8(span_text(word), NULL) &&
				    rolls_find(l, &r, word, &line) != ST_OK &&
				    strstr(l->complaint->why, "may be") == NULL)
					count(&s, l->complaint->why, name);
			}
		}
	}
	laptop_close(l);
	report("names", &s);
}

static void
what_is_far_from_everything_gets_no_guess(void **state)
{
	struct laptop *l;

	assert_int_equal(parse_line("xylophone"), ST_USAGE);
	assert_null(strstr(complaint.why, "do you mean"));
	assert_string_equal(complaint.next[0], "pnet help");
	l = fixture_open(*state);
	assert_string_equal(find_near(l, KIND_NONE, "HU-XYZZY"), "");
	assert_string_equal(find_near(l, KIND_NONE, "GP1"), "; do you mean GP01?");
	laptop_close(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(slips_in_commands),
	    cmocka_unit_test(slips_in_options),
	    cmocka_unit_test(slips_in_codes),
	    cmocka_unit_test(slips_in_names),
	    cmocka_unit_test(what_is_far_from_everything_gets_no_guess),
	};

	return cmocka_run_group_tests(tests, start, end) != 0;
}
