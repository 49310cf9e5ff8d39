/* import_rows.c - the loop over rows, and what is asked of each. */
#include "client/actions/import_rows.h"

#include <stdio.h>

/* ---- rows ---- */

const char *
row_cell(const struct importing *x, const struct csv_row *row, const char *name)
{
	return import_cell(x->l, row, import_column(&x->header, name));
}

void
row_forgive(struct importing *x)
{
	memset(x->l->complaint, 0, sizeof *x->l->complaint);
}

enum row_result
row_bad(struct importing *x, const char *reason)
{
	struct laptop *l = x->l;

	(void)trouble_set(&l->trouble, ST_MALFORMED, "%s",
	    reason != NULL ? reason : arena_text(l->arena, "%s", l->trouble.text));
	row_forgive(x);
	return ROW_BAD;
}

enum row_result
row_done(struct importing *x, status st)
{
	return st == ST_OK ? ROW_TAKEN : row_bad(x, NULL);
}

bool
row_space(struct importing *x, const struct csv_row *row, uint16_t *space)
{
	const char *country = row_cell(x, row, "country");
	bool is_office = x->l->self.role == ROLE_OFFICE;

	*space = x->l->self.author.home;
	if (*country == '\0')
		return !is_office;
	if (space_find(x->l, country, space) != ST_OK)
		return false;
	return is_office || *space == x->l->self.author.home;
}

bool
row_activity(struct importing *x, const struct csv_row *row, struct activity *out)
{
	const struct import_wish *wish = x->wish;
	const char *code = row_cell(x, row, "activity");
	bool found = find_activity(x->l, code, out) == ST_OK;

	if (!found)
		row_forgive(x);
	return found && out->space == x->l->self.author.home &&
	       (wish->activity == NULL || strcmp(wish->activity, out->code) == 0);
}

/* ---- codes of this file ---- */

/* Open addressing; a power of two, at most half full. */
struct made {
	size_t cap, n;
	struct made_code {
		const char *code; /* NULL = free */
		struct record_ref ref;
	} * at;
};

static size_t
place_of_code(const struct made *m, const char *code)
{
	size_t i = 5381;

	for (const char *c = code; *c != '\0'; c++)
		i = i * 33 + (unsigned char)*c;
	for (i &= m->cap - 1; m->at[i].code != NULL; i = (i + 1) & (m->cap - 1)) {
		if (strcmp(m->at[i].code, code) == 0)
			break;
	}
	return i;
}

bool
import_made(const struct importing *x, const char *code, struct record_ref *out)
{
	const struct made *m = x->made;
	size_t i = m->cap == 0 ? 0 : place_of_code(m, code);

	if (m->cap == 0 || m->at[i].code == NULL)
		return false;
	*out = m->at[i].ref;
	return true;
}

static status
grow_made(struct importing *x)
{
	struct made *m = x->made, old = *m;

	m->cap = old.cap == 0 ? 64 : 2 * old.cap;
	m->at = arena_zeros(x->l->arena, m->cap, sizeof *m->at);
	if (m->at == NULL)
		return trouble_set(
		    &x->l->trouble, ST_NO_MEMORY, "no memory for an import");
	for (size_t i = 0; i < old.cap; i++) {
		if (old.at[i].code != NULL)
			m->at[place_of_code(m, old.at[i].code)] = old.at[i];
	}
	return ST_OK;
}

status
import_make(struct importing *x, const char *code, const struct record_ref *ref)
{
	struct made *m = x->made;
	status st = 2 * m->n < m->cap ? ST_OK : grow_made(x);

	if (st != ST_OK)
		return st;
	m->at[place_of_code(m, code)] = (struct made_code){code, *ref};
	m->n++;
	return ST_OK;
}

/* ---- the same again ---- */

bool
import_is_there(struct laptop *l, const struct same_question *same)
{
	struct query *q = query_of(l->queries, same->sql);
	bool found;

	for (size_t i = 0; i < 2 && same->names[i] != NULL; i++)
		query_blob(q, same->names[i]->bytes, sizeof same->names[i]->bytes);
	for (size_t i = 0; i < 3 && same->texts[i] != NULL; i++)
		query_text(q, same->texts[i]);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found;
}

/* ---- the loop ---- */

static void
count_row(struct importing *x, const struct csv_row *row, enum row_result result,
    size_t written_before)
{
	struct laptop *l = x->l;

	switch (result) {
	case ROW_TAKEN:
		x->out->n_accepted++;
		x->out->n_known += edit_written(x->e) == written_before;
		break;
	case ROW_PASSED:
		x->out->n_passed++;
		break;
	case ROW_BAD:
		import_note(l, x->out, row->line, IMPORT_REJECTED,
		    arena_text(l->arena, "%s", l->trouble.text));
		break;
	}
}

static status
take_rows(struct importing *x, row_taker *take)
{
	struct laptop *l = x->l;
	struct csv_row row;
	bool has_row = false;
	status st = ST_OK;

	while (x->failed == ST_OK &&
	       (st = csv_next(&x->csv, l->arena, &row, &has_row, &l->trouble)) == ST_OK &&
	       has_row) {
		size_t before = edit_written(x->e);

		x->row_no++;
		if (row.fault != CSV_OK)
			import_note(l, x->out, row.line, IMPORT_REJECTED,
			    csv_fault_text(row.fault));
		else
			count_row(x, &row, take(x, &row), before);
	}
	return x->failed != ST_OK ? x->failed : st;
}

static status
check_whole(struct laptop *l, const struct import_wish *wish)
{
	status st;

	if (!wish->is_partial)
		return ST_OK;
	st = complain(l->complaint, PN_U01,
	    "--partial is for rosters and marks; a file of the kind %.40s is taken whole",
	    wish->kind);
	complain_next(l->complaint, "pnet import %s %s -n    says what is wrong with it",
	    wish->kind, wish->path);
	return trouble_set(&l->trouble, st, "no part of such a file");
}

status
import_rows(struct laptop *l, const struct import_wish *wish, const struct kind *k,
    row_taker *take, void *own, struct span text, struct import_report *out)
{
	struct made made = {0};
	struct importing x = {.l = l, .wish = wish, .k = k, .out = out, .made = &made};
	status st = check_whole(l, wish);

	x.own = own;
	if (st != ST_OK)
		return st;
	st = csv_open(&x.csv, text, l->arena, &x.header, &l->trouble);
	if (st != ST_OK)
		return import_refused(l, wish->path);
	st = edit_begin(l, &x.e);
	if (st != ST_OK)
		return st;
	st = take_rows(&x, take);
	if (st == ST_OK && !wish->is_dry_run && out->n_rejected == 0)
		return edit_commit(x.e, &out->n_changes);
	edit_abandon(x.e);
	return st == ST_OK ? ST_OK : import_refused(l, wish->path);
}
