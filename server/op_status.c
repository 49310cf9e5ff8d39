/* op_status.c - `pnetd status [--data DIR] [--json]`: the figures that the running server
 * left in its state file. Sizes, counts and times; never a name. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/complain.h"
#include "server/ops.h"
#include "server/state_file.h"

static const char next_status[] = "pnetd status --data DIR [--json]";

static void
print_json(const struct state *s, bool alive)
{
	(void)printf(
	    "{\"schema\":\"pnetd.status/1\",\"running\":%s", alive ? "true" : "false");
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->lines[i].key, "running") != 0)
			(void)printf(",\"%s\":%s", s->lines[i].key, s->lines[i].value);
	(void)printf("}\n");
}

static void
print_text(const struct state *s, bool alive)
{
	(void)printf("%-22s %s\n", "running", alive ? "yes" : "no");
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->lines[i].key, "running") != 0)
			(void)printf("%-22s %s\n", s->lines[i].key, s->lines[i].value);
}

/* What stands in the file goes out as JSON: only digits may. */
static bool
is_sound(const struct state *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->lines[i].key, "running") != 0 &&
		    strspn(s->lines[i].value, "0123456789") != strlen(s->lines[i].value))
			return false;
	return true;
}

int
op_status(int argc, char **argv)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
	    {"json", no_argument, NULL, 'j'}, {0}};
	char path[CONFIG_TEXT_BYTES + 16];
	const char *dir = ".";
	struct trouble t = {0};
	struct state s;
	bool as_json = false;
	status st;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			dir = optarg;
		else if (o == 'j')
			as_json = true;
		else
			return complain(ST_USAGE, NULL, "the command is not understood",
			    NULL, next_status);
	}
	(void)snprintf(path, sizeof path, "%.250s/state", dir);
	st = state_read(path, &s, &t);
	if (st == ST_OK && !is_sound(&s))
		st = trouble_set(&t, ST_CORRUPT, "%s is not a state file", path);
	if (st != ST_OK)
		return complain(
		    st, &t, "no server has left its figures there", NULL, next_status);
	if (as_json)
		print_json(&s, state_is_running(&s));
	else
		print_text(&s, state_is_running(&s));
	return 0;
}
