/* cmd_close.c - pnet close, reopen, tally. */
#include <jansson.h>

#include "client/actions/closing.h"
#include "client/commands/commands.h"
#include "core/tally.h"

/* ---- tally ---- */

static status
print_text(struct laptop *l, const struct activity *a)
{
	struct span text;
	status st = closing_tally_text(l, a, &text);

	if (st == ST_OK)
		(void)fwrite(text.bytes, 1, text.len, stdout);
	return st;
}

/* {"schema":"pnet.tally/1","activity":"SK-W9","enrolled":13,...} */
static void
print_json(struct laptop *l, const struct activity *a, const struct field_value *values,
    size_t n)
{
	const struct kind *k = schema_kind(KIND_TALLY);
	json_t *o =
	    json_pack("{s:s, s:s}", "schema", "pnet.tally/1", "activity", a->code);

	for (size_t i = 0; i < n; i++) {
		const struct field *f = schema_field(k, values[i].field);
		const struct value *v = &values[i].value;
		struct span text = schema_value_text(f, v, l->arena);

		if (v->type == VALUE_INT)
			(void)json_object_set_new(
			    o, f->name, json_integer((json_int_t)v->number));
		else if (v->type == VALUE_TEXT && text.bytes != NULL)
			(void)json_object_set_new(
			    o, f->name, json_string((const char *)text.bytes));
	}
	(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

static void
print_rows(struct call *c, struct laptop *l, const struct activity *a,
    const struct field_value *values, size_t n)
{
	const struct kind *k = schema_kind(KIND_TALLY);
	struct listing *out = listing_new("pnet.tally/1", "activity,figure,value");

	for (size_t i = 0; i < n; i++) {
		const struct field *f = schema_field(k, values[i].field);
		struct span text = schema_value_text(f, &values[i].value, l->arena);

		if (values[i].value.type == VALUE_EMPTY)
			continue;
		listing_row(out);
		listing_cell(out, a->code);
		listing_cell(out, f->name);
		listing_cellf(out, "%.*s", (int)text.len, (const char *)text.bytes);
	}
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

static status
print_values(struct call *c, struct laptop *l, const struct activity *a)
{
	struct field_value values[TALLY_VALUES_MAX];
	size_t n = 0;
	status st = closing_tally_values(l, a, values, &n);

	if (st == ST_OK && c->global.style == STYLE_JSON)
		print_json(l, a, values, n);
	else if (st == ST_OK)
		print_rows(c, l, a, values, n);
	return st;
}

static status
print_tally(struct call *c, struct laptop *l, const struct activity *a)
{
	return c->global.style == STYLE_HUMAN ? print_text(l, a) : print_values(c, l, a);
}

status
cmd_tally(struct call *c)
{
	struct laptop *l = NULL;
	struct activity a;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_activity(l, c->args[0], &a);
	if (st == ST_OK)
		st = print_tally(c, l, &a);
	return command_close(l, st);
}

/* ---- close ---- */

static status
check_open(struct laptop *l, const struct activity *a)
{
	bool is_closed = false;
	uint32_t no = 0;
	status st = rolls_is_closed(l, a, &is_closed, NULL, &no);

	if (st != ST_OK || !is_closed)
		return st;
	st = complain(l->complaint, PN_C01, "its tally %u counts", (unsigned)no);
	complain_what(l->complaint, "%s is closed already", a->code);
	complain_next(l->complaint, "pnet tally %s", a->code);
	complain_next(
	    l->complaint, "pnet reopen %s --reason \"one mark was wrong\"", a->code);
	return trouble_set(&l->trouble, st, "closed already");
}

static status
write_closing(struct call *c, struct laptop *l, struct rolls *r, uint32_t *no)
{
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	return st != ST_OK ? st
			   : command_commit(c, e, closing_write(e, l, r, l->today, no));
}

status
cmd_close(struct call *c)
{
	struct laptop *l = NULL;
	struct activity a;
	struct rolls r;
	uint32_t no = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_activity(l, c->args[0], &a);
	if (st == ST_OK)
		st = closing_check_role(l, &a);
	if (st == ST_OK)
		st = check_open(l, &a);
	if (st == ST_OK)
		st = rolls_attend(l, &a, &r);
	if (st == ST_OK)
		st = closing_check_gates(l, &r);
	if (st == ST_OK)
		st = write_closing(c, l, &r, &no);
	if (st == ST_OK && !c->global.is_dry_run)
		st = print_tally(c, l, &a);
	/* Standard output is the tally, byte for byte; the talk goes beside it. */
	if (st == ST_OK && !c->global.is_quiet)
		fprintf(stderr, "[ok] %s %s tally %u    pnet sync sends it\n", a.code,
		    c->global.is_dry_run ? "could be closed:" : "is closed:",
		    (unsigned)no);
	return command_close(l, st);
}

/* ---- reopen ---- */

status
cmd_reopen(struct call *c)
{
	const char *reason = call_option(c, "reason");
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct activity a;
	status st;

	if (reason == NULL || *reason == '\0') {
		st = complain(c->complaint, PN_U01,
		    "--reason is missing: it stays with the tally for ever");
		complain_next(c->complaint,
		    "pnet reopen %s --reason \"one mark was wrong\"", c->args[0]);
		return st;
	}
	st = command_open(c, &l);
	if (st == ST_OK)
		st = find_activity(l, c->args[0], &a);
	if (st == ST_OK)
		st = closing_check_role(l, &a);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, closing_reopen(e, l, &a, reason));
	if (st == ST_OK)
		st = command_saved(c, l, "%s is open again", a.code);
	return command_close(l, st);
}
