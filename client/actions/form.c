/* form.c - one way from words to values. */
#include "client/actions/form.h"

#include <stdio.h>

#include "core/text_crdt.h"

static status
bad_value(struct laptop *l, const struct field *f, const char *text)
{
	char why[TROUBLE_BYTES];

	(void)snprintf(why, sizeof why, "%s", l->trouble.text);
	(void)complain(l->complaint, PN_V03, "%s '%.80s': %s", f->name, text, why);
	complain_next(l->complaint, "pnet help    shows what is expected");
	return trouble_set(&l->trouble, ST_MALFORMED, "%s: %s", f->name, why);
}

status
form_person(struct laptop *l, const char *code, struct record_id *out, bool *is_known)
{
	struct span parts[1] = {span_text(code)};
	struct hash32 hash;
	status st = find_code(l, KIND_PERSON, code, 0, out, NULL);

	*is_known = st == ST_OK;
	if (st != ST_NOT_FOUND)
		return st;
	l->checks.hash(l->checks.ctx, "pnet/member/1", parts, 1, &hash);
	memcpy(out->bytes, hash.bytes, sizeof out->bytes);
	return ST_OK;
}

static status
reference(struct laptop *l, uint16_t space, const struct field *f, const char *text,
    struct value *out)
{
	struct record_id *id = arena_zeros(l->arena, 1, sizeof *id);
	bool is_known;
	status st;

	if (id == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	/* The name itself, as an export writes it where no code is known. */
	if (schema_value_parse(f, span_text(text), l->arena, out, NULL) == ST_OK)
		return ST_OK;
	if (f->of == KIND_PERSON)
		st = form_person(l, text, id, &is_known);
	else if (f->of == KIND_NONE)
		st = find_any_code(l, text, id, NULL);
	else
		st = find_code(l, f->of, text, 0, id, NULL);
	(void)space;
	if (st == ST_NOT_FOUND)
		return trouble_set(&l->trouble, ST_NOT_FOUND,
		    "no %s with this code is here",
		    f->of == KIND_NONE ? "record" : schema_kind(f->of)->singular);
	*out = value_bytes(id->bytes, sizeof id->bytes);
	return st;
}

status
form_value(struct laptop *l, uint16_t space, const struct field *f, const char *text,
    struct value *out)
{
	status st;

	if (*text == '\0') {
		*out = (struct value){.type = VALUE_EMPTY};
		return ST_OK;
	}
	if (f->type == FIELD_LONGTEXT)
		st = text_edit(span_text(text), out, &l->trouble);
	else if (f->type == FIELD_REF)
		st = reference(l, space, f, text, out);
	else
		st = schema_value_parse(f, span_text(text), l->arena, out, &l->trouble);
	return st == ST_OK || st == ST_NO_MEMORY ? st : bad_value(l, f, text);
}

const char *
form_text(struct laptop *l, const struct field *f, const struct value *v)
{
	struct record_id name;
	struct span text;

	if (f->type == FIELD_REF && v->type == VALUE_BYTES &&
	    v->bytes.len == sizeof name.bytes) {
		memcpy(name.bytes, v->bytes.bytes, sizeof name.bytes);
		return find_code_of(l, f->of, &name);
	}
	text = schema_value_text(f, v, l->arena);
	return text.bytes == NULL ? "" : (const char *)text.bytes;
}

static const char *
hex_of(struct laptop *l, struct span bytes)
{
	char *out = arena_zeros(l->arena, 1, 2 * bytes.len + 1);

	for (size_t i = 0; out != NULL && i < bytes.len; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes.bytes[i]);
	return out == NULL ? "" : out;
}

const char *
form_hash(struct laptop *l, const struct hash32 *hash)
{
	return hex_of(l, span_of(hash->bytes, sizeof hash->bytes));
}

const char *
form_name(struct laptop *l, const struct record_id *name)
{
	return hex_of(l, span_of(name->bytes, sizeof name->bytes));
}

status
form_set(struct edit *e, struct laptop *l, const struct record_ref *r, uint16_t space,
    const struct field *f, const char *text)
{
	struct value value;
	status st = form_value(l, space, f, text, &value);

	return st != ST_OK ? st : edit_set(e, r, f->id, NULL, &value);
}

status
form_new(struct laptop *l, const struct kind *k, int64_t scope,
    const struct value *named_by, size_t n, struct record_ref *out)
{
	memset(out, 0, sizeof *out);
	out->kind = k->id;
	out->scope = scope;
	if (k->naming == NAMED_AS_OTHER) {
		if (n != 1 || named_by[0].bytes.len != sizeof out->name.bytes)
			return trouble_set(&l->trouble, ST_BUG,
			    "a %s is named as another record", k->singular);
		memcpy(out->name.bytes, named_by[0].bytes.bytes, sizeof out->name.bytes);
		return ST_OK;
	}
	if (k->naming == NAMED_BY_HASH)
		return schema_record_name(
		    k, named_by, n, &l->checks, &out->name, &l->trouble);
	rng_fill(&l->rng, out->name.bytes, sizeof out->name.bytes);
	return ST_OK;
}
