/* cmd_indicators.c - pnet indicators: countries, counts, tables for funders. */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "client/actions/indicators.h"
#include "client/actions/snapshots.h"
#include "client/commands/commands.h"

enum { TABLE_BYTES_MAX = 256 * 1024, K_MAX = 1000 };

/* ---- parse ---- */

struct indicators_wish {
	bool is_funder;
	enum funder_by by;
	uint32_t k;
	const char *country;  /* NULL = all */
	const char *snapshot; /* period or hash; NULL = live */
};

/* What a table is made of. */
struct source {
	struct indicators *rows;
	size_t n;
	const char *all; /* name of the sum */
};

static status
read_k(struct call *c, uint32_t *out)
{
	const char *text = call_option(c, "k");
	char *end;
	long n;

	*out = FUNDER_K;
	if (text == NULL)
		return ST_OK;
	n = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || n < 1 || n > K_MAX) {
		status st = complain(c->complaint, PN_U01,
		    "--k is the smallest count that is shown: 1 to %d", K_MAX);

		complain_next(c->complaint, "pnet indicators --funder gender --k 5");
		return st;
	}
	*out = (uint32_t)n;
	return ST_OK;
}

static status
read_wish(struct call *c, struct indicators_wish *out)
{
	static const struct {
		const char *word;
		enum funder_by by;
	} words[] = {{"gender", FUNDER_GENDER}, {"age", FUNDER_AGE}};
	const char *funder = call_option(c, "funder");
	status st;

	*out = (struct indicators_wish){.is_funder = funder != NULL,
	    .country = call_option(c, "country"),
	    .snapshot = call_option(c, "snapshot")};
	for (size_t i = 0; funder != NULL && i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i].word, funder) != 0)
			continue;
		out->by = words[i].by;
		funder = NULL;
	}
	if (funder == NULL)
		return read_k(c, &out->k);
	st = complain(c->complaint, PN_U01, "--funder is gender or age");
	complain_next(c->complaint, "pnet indicators --funder gender");
	return st;
}

/* ---- make ---- */

static struct writer
room(struct laptop *l)
{
	uint8_t *at = arena_zeros(l->arena, TABLE_BYTES_MAX, 1);

	return writer_of(at, at == NULL ? 0 : TABLE_BYTES_MAX);
}

/* A reader of one country would take its sum for that of all. */
static status
check_office(struct laptop *l, const struct indicators_wish *wish)
{
	status st;

	if (l->self.role == ROLE_OFFICE || (!wish->is_funder && wish->snapshot == NULL))
		return ST_OK;
	st = complain(l->complaint, PN_P01,
	    "%s the central office, which sees every country",
	    wish->is_funder ? "tables for funders are made by" : "snapshots are read by");
	complain_next(l->complaint, "pnet indicators    for the figures of your country");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
load_source(struct laptop *l, const struct indicators_wish *wish, struct source *out)
{
	struct frozen frozen;
	status st;

	out->all = "ALL";
	if (wish->snapshot == NULL)
		return indicators_load(l, NULL, &out->rows, &out->n);
	st = snapshots_find(l, wish->snapshot, &frozen);
	if (st != ST_OK)
		return st;
	out->all = snapshot_sum_name(&frozen.snapshot);
	out->n = frozen.snapshot.n;
	out->rows = snapshot_figures(&frozen.snapshot, l->arena);
	return out->rows != NULL ? ST_OK
				 : trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
}

static status
make_funder(struct laptop *l, const struct indicators_wish *wish,
    const struct source *source, struct writer *w)
{
	struct trouble why = {0};
	status st = indicators_funder(
	    w, source->rows, source->n, source->all, wish->by, wish->k, &why);

	if (st != ST_GATE)
		return st == ST_OK ? ST_OK : trouble_set(&l->trouble, st, "%s", why.text);
	st = complain(l->complaint, PN_C01, "%s", why.text);
	complain_what(l->complaint, "this table gives small counts away");
	complain_data(l->complaint, "nothing was written");
	complain_next(
	    l->complaint, "pnet indicators    for the figures within the network");
	return trouble_set(&l->trouble, st, "%s", why.text);
}

static status
make_countries(struct laptop *l, const struct indicators_wish *wish, struct listing **out)
{
	struct writer table = room(l), columns = room(l);
	struct source source;
	status st = check_office(l, wish);

	if (st == ST_OK)
		st = load_source(l, wish, &source);
	if (st == ST_OK && wish->is_funder)
		st = make_funder(l, wish, &source, &table);
	else if (st == ST_OK)
		indicators_table(&table, source.rows, source.n, source.all);
	if (st != ST_OK)
		return st;
	indicators_columns(&columns);
	writer_u8(&columns, '\0');
	if (table.is_full || columns.is_full)
		return trouble_set(&l->trouble, ST_LIMIT, "the table is too large");
	return command_table(l, wish->is_funder ? "pnet.funder/1" : "pnet.indicators/1",
	    wish->is_funder ? NULL : (const char *)columns.at, writer_done(&table),
	    wish->country, out);
}

static status
make_counts(struct laptop *l, const char *country, struct listing **out)
{
	struct count_row *rows;
	size_t n;
	status st = indicators_counts(l, &rows, &n);

	if (st != ST_OK)
		return st;
	*out = listing_new("pnet.indicators/1", "indicator,country,of,count#");
	for (size_t i = 0; i < n; i++) {
		if (country != NULL && strcmp(rows[i].country, country) != 0)
			continue;
		listing_row(*out);
		listing_cell(*out, rows[i].indicator);
		listing_cell(*out, rows[i].country);
		listing_cell(*out, rows[i].of);
		listing_cellf(*out, "%llu", (unsigned long long)rows[i].count);
	}
	return ST_OK;
}

/* ---- print ---- */

static FILE *
open_out(struct call *c)
{
	const char *path = call_option(c, "out");

	return path == NULL ? stdout : fopen(path, "we");
}

static status
close_out(struct call *c, FILE *to)
{
	bool failed = to == NULL || ferror(to) != 0;

	if (to != NULL && to != stdout)
		failed = fclose(to) != 0 || failed;
	return !failed ? ST_OK
		       : complain(c->complaint, PN_O01, "cannot write %s: %s",
			     call_option(c, "out") == NULL ? "standard output"
							   : call_option(c, "out"),
			     strerror(errno));
}

static status
print_listing(struct call *c, const struct listing *rows)
{
	bool is_file = call_option(c, "out") != NULL;
	enum style style =
	    is_file && c->global.style == STYLE_HUMAN ? STYLE_CSV : c->global.style;
	FILE *to = open_out(c);

	if (to != NULL)
		listing_print(rows, style, c->global.show_header, to);
	return close_out(c, to);
}

static status
print_all(
    struct call *c, struct laptop *l, struct listing *countries, const char *country)
{
	struct listing_part parts[] = {
	    {"countries", countries, false}, {"counts", NULL, false}};
	FILE *to;
	status st = make_counts(l, country, &parts[1].listing);

	if (st != ST_OK) {
		listing_free(countries);
		return st;
	}
	to = open_out(c);
	if (to != NULL) {
		listing_print_parts("pnet.indicators/1", parts, 2, c->global.style,
		    c->global.show_header, to);
		return close_out(c, to);
	}
	listing_free(countries);
	listing_free(parts[1].listing);
	return close_out(c, NULL);
}

status
cmd_indicators(struct call *c)
{
	struct indicators_wish wish;
	struct listing *countries = NULL;
	struct laptop *l = NULL;
	status st = read_wish(c, &wish);

	if (st != ST_OK)
		return st;
	st = command_open(c, &l);
	if (st == ST_OK)
		st = make_countries(l, &wish, &countries);
	if (st == ST_OK && call_has(c, "all") && !wish.is_funder)
		return command_close(l, print_all(c, l, countries, wish.country));
	if (st == ST_OK)
		st = print_listing(c, countries);
	if (st == ST_OK && wish.is_funder && wish.snapshot == NULL)
		fprintf(stderr, "[!!] live figures, not for publication: pnet consolidate"
				" PERIOD --freeze, then --snapshot PERIOD\n");
	listing_free(countries);
	return command_close(l, st);
}
