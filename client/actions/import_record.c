/* import_record.c - rows of any kind. Which record a row is: by its code, by what names
 * it, by the name that an export wrote, or, where nothing names it, the one that says the
 * same. */
#include "client/actions/import_record.h"

#include "client/laptop/typed.h"

bool
import_is_open(const struct kind *k)
{
	static const uint16_t closed[] = {KIND_SHEET, KIND_FINAL_SHEET, KIND_ADULT_SHEET,
	    KIND_TALLY, KIND_REOPEN, KIND_ERASURE};

	for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
		if (closed[i] == k->id)
			return false;
	}
	return !k->is_automatic && !k->has_subject;
}

static const char *
cell(struct laptop *l, const struct record_row *x, const char *name)
{
	return import_cell(l, x->row, import_column(x->header, name));
}

static void
forget_complaint(struct laptop *l)
{
	memset(l->complaint, 0, sizeof *l->complaint);
}

/* ---- what the row says ---- */

struct row_wishes {
	struct wish at[SCHEMA_FIELDS_MAX];
	size_t n;
};

static void
add_wish(struct row_wishes *w, const char *name, const char *text)
{
	if (w->n < SCHEMA_FIELDS_MAX)
		w->at[w->n++] = (struct wish){name, text};
}

static const char *
wish_text(const struct row_wishes *w, const char *field)
{
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->at[i].name, field) == 0)
			return w->at[i].text;
	}
	return "";
}

/* A practice lies where everybody reads it, its organisation does not: the name is
 * copied, or the code while the organisation has not come from its country. */
static void
wish_origin(struct laptop *l, const char *code, struct row_wishes *out)
{
	struct record_id org;
	const char *name = "";

	if (find_code(l, KIND_ORGANISATION, code, 0, &org, NULL) == ST_OK) {
		add_wish(out, "origin_org", code);
		name =
		    find_text(l, "SELECT name FROM organisation WHERE record = ?", &org);
	}
	if (*wish_text(out, "origin_name") == '\0')
		add_wish(out, "origin_name", *name == '\0' ? code : name);
}

static void
read_row(struct laptop *l, const struct record_row *x, struct row_wishes *out)
{
	const char *origin = "";

	out->n = 0;
	for (size_t i = 0; i < x->header->n_cells; i++) {
		const struct kind *owner;
		const struct field *f =
		    catalog_field(x->kind, x->header->cells[i], &owner);
		const char *text = import_cell(l, x->row, i);

		/* A column of marks: those have a door of their own. */
		if (f == NULL || f->type == FIELD_MARKS || *text == '\0')
			continue;
		if (owner->id == KIND_PRACTICE && f->id == F_PRACTICE_ORIGIN_ORG)
			origin = text;
		else
			add_wish(out, f->name, text);
	}
	if (*origin != '\0')
		wish_origin(l, origin, out);
	if (x->kind->id == KIND_COUNTRY && *wish_text(out, "order") == '\0')
		add_wish(out, "order", arena_text(l->arena, "%zu", x->no));
}

/* ---- where it goes ---- */

static bool
is_own(const struct laptop *l, uint16_t space)
{
	return l->self.role == ROLE_OFFICE || space == l->self.author.home;
}

bool
import_space(struct laptop *l, const struct record_row *x, uint16_t *space)
{
	const char *country = cell(l, x, "country");

	*space = l->self.author.home;
	if (x->kind->where == WHERE_ALL) {
		*space = 0;
		return true;
	}
	if (*country == '\0')
		return l->self.role != ROLE_OFFICE;
	return space_find(l, country, space) == ST_OK && is_own(l, *space);
}

/* Of a row without a country: that of the first record it refers to. */
static bool
space_of_refs(struct laptop *l, const struct record_row *x, const struct row_wishes *w,
    uint16_t *space)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct field *f = schema_column(x->kind, span_text(w->at[i].name));
		struct scope_info info;
		struct record_id name;
		int64_t scope;

		if (f == NULL || f->type != FIELD_REF || f->of == KIND_NONE ||
		    typed_by_code(l, f->of) == NULL ||
		    find_code(l, f->of, w->at[i].text, 0, &name, &scope) != ST_OK ||
		    scope_by_id(l, scope, &info) != ST_OK || info.space == 0)
			continue;
		*space = info.space;
		return is_own(l, *space);
	}
	return false;
}

/* What lies where its activity does is taken by those who are at home there. */
static bool
place_by_activity(struct laptop *l, const struct record_row *x, struct place *out)
{
	const char *code = cell(l, x, "activity");
	struct activity a;

	if (x->activity != NULL && strcmp(x->activity, code) != 0)
		return false;
	if (find_activity(l, code, &a) != ST_OK) {
		forget_complaint(l);
		return false;
	}
	out->space = a.space;
	out->has_activity = true;
	out->activity = a.name;
	return a.space == l->self.author.home;
}

static bool
place_of_row(struct laptop *l, const struct record_row *x, const struct row_wishes *w,
    struct place *out)
{
	*out = (struct place){.is_lenient = true};
	if (x->kind->where == WHERE_HOME || x->kind->where == WHERE_ACTIVITY)
		return place_by_activity(l, x, out);
	if (import_space(l, x, &out->space))
		return true;
	return *cell(l, x, "country") == '\0' && space_of_refs(l, x, w, &out->space);
}

/* ---- which record it is ---- */

static bool
says_the_same(struct laptop *l, const struct kind *k, const struct record_id *name,
    const struct row_wishes *w)
{
	struct field_value values[SCHEMA_FIELDS_MAX];
	size_t n = 0;

	if (typed_read(l, k, name, values, &n) != ST_OK)
		return false;
	for (size_t i = 0; i < w->n; i++) {
		const struct field *f = schema_column(k, span_text(w->at[i].name));
		const char *text = NULL;

		for (size_t v = 0; f != NULL && v < n; v++) {
			if (values[v].field == f->id)
				text = form_text(l, f, &values[v].value);
		}
		if (text == NULL || strcmp(text, w->at[i].text) != 0)
			return false;
	}
	return true;
}

/* Nothing names it: is there one that says just this? */
static status
find_same(struct laptop *l, const struct kind *k, const struct row_wishes *w, bool *found)
{
	const struct shelf all = {.words = "", .kind = k->id};
	struct catalog_row *rows;
	size_t n;
	status st = catalog_list(l, &all, NULL, &rows, &n);

	*found = false;
	for (size_t i = 0; st == ST_OK && !*found && i < n; i++)
		*found = says_the_same(l, k, &rows[i].ref.name, w);
	return st;
}

/* `record`, as an export writes it. */
static bool
exported_name(struct laptop *l, const struct record_row *x, struct record_id *out)
{
	static const struct field any = {.name = "record", .type = FIELD_REF};
	const char *text = cell(l, x, "record");
	struct value v;

	if (*text == '\0' ||
	    schema_value_parse(&any, span_text(text), l->arena, &v, NULL) != ST_OK)
		return false;
	memcpy(out->bytes, v.bytes.bytes, sizeof out->bytes);
	return true;
}

/* The record whose name this one has. */
static status
find_owner(struct laptop *l, const struct record_row *x, struct record_id *out)
{
	uint16_t kind = x->kind->named_by[0];
	const char *code = cell(l, x, "code");

	if (*code == '\0')
		code = cell(l, x, "ref");
	if (find_code(l, kind, code, 0, out, NULL) == ST_OK)
		return ST_OK;
	return trouble_set(&l->trouble, ST_NOT_FOUND, "no %s with this code is here",
	    schema_kind(kind)->singular);
}

static status
write_new(struct edit *e, struct laptop *l, const struct record_row *x,
    const struct place *place, const struct row_wishes *w)
{
	struct record_id name;
	struct record_ref ref;
	bool has_name = false, found = false;
	status st = ST_OK;

	if (x->kind->naming == NAMED_AS_OTHER) {
		st = find_owner(l, x, &name);
		has_name = true;
	} else if (x->kind->naming == NAMED_RANDOM) {
		has_name = exported_name(l, x, &name);
		if (!has_name && typed_by_code(l, x->kind->id) == NULL)
			st = find_same(l, x->kind, w, &found);
	}
	return st != ST_OK || found ? st
				    : catalog_new(e, l, x->kind, place,
					  has_name ? &name : NULL, w->at, w->n, &ref);
}

static status
take_row(struct edit *e, struct laptop *l, const struct record_row *x, bool *is_passed)
{
	bool has_code = schema_field_named(x->kind, span_text("code")) != NULL;
	struct record_ref ref = {.kind = x->kind->id};
	struct row_wishes w;
	struct place place;
	const char *code;
	status st;

	read_row(l, x, &w);
	*is_passed = !place_of_row(l, x, &w, &place);
	if (*is_passed)
		return ST_OK;
	code = wish_text(&w, "code");
	if (has_code && *code != '\0' && x->kind->naming == NAMED_RANDOM &&
	    find_code(l, x->kind->id, code, place.space, &ref.name, &ref.scope) == ST_OK)
		st = catalog_change(e, l, &ref, w.at, w.n);
	else
		st = write_new(e, l, x, &place, &w);
	forget_complaint(l);
	return st;
}

/* What a row takes is given back with it: a file may have 20,000. */
status
import_record(
    struct edit *e, struct laptop *l, const struct record_row *x, bool *is_passed)
{
	struct arena *kept = l->arena, *scratch = arena_new(0);
	status st;

	if (scratch == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a row");
	l->arena = scratch;
	st = take_row(e, l, x, is_passed);
	l->arena = kept;
	arena_free(scratch);
	return st;
}
