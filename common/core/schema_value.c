/* schema_value.c - values of the schema as text and back, the checks of one record, and
 * names by hash. Pure. */
#include "base/date.h"
#include "base/text.h"
#include "core/schema.h"

#include <assert.h>

enum { ID_BYTES = 16, HASH_BYTES = 32, COUNTRY_BYTES = 4, SET_WORDS_MAX = 64 };
_Static_assert(
    (int)ID_BYTES >= (int)SCHEMA_CODE_BYTES_MAX, "a code fits a part of a name");

/* ---- text -> value ---- */

static struct value
number_value(uint64_t n)
{
	return (struct value){.type = VALUE_INT, .number = n};
}

static struct value
bytes_value(enum value_type type, struct span bytes)
{
	return (struct value){.type = type, .bytes = bytes};
}

static bool
is_code(struct span text, uint64_t bytes_max)
{
	if (text.len == 0 || text.len > bytes_max)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.bytes[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static status
parse_int(const struct field *f, struct span text, struct value *out, struct trouble *t)
{
	uint64_t n = 0;
	bool is_number = text.len <= 15;

	for (size_t i = 0; i < text.len && is_number; i++) {
		is_number = text.bytes[i] >= '0' && text.bytes[i] <= '9';
		n = n * 10 + (uint64_t)(text.bytes[i] - '0');
	}
	if (!is_number || n < f->min || n > f->max)
		return trouble_set(t, ST_MALFORMED, "%s: a number %llu-%llu is expected",
		    f->name, (unsigned long long)f->min, (unsigned long long)f->max);
	*out = number_value(n);
	return ST_OK;
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static status
parse_hex(const struct field *f, struct span text, size_t len, struct arena *a,
    struct value *out, struct trouble *t)
{
	uint8_t *bytes;

	if (text.len != 2 * len)
		return trouble_set(
		    t, ST_MALFORMED, "%s: %zu hex digits are expected", f->name, 2 * len);
	bytes = arena_alloc(a, len);
	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "value of %s", f->name);
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text.bytes[2 * i]);
		int low = hex_digit(text.bytes[2 * i + 1]);

		if (high < 0 || low < 0)
			return trouble_set(t, ST_MALFORMED,
			    "%s: %zu hex digits are expected", f->name, 2 * len);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*out = bytes_value(VALUE_BYTES, span_of(bytes, len));
	return ST_OK;
}

/* Text that stays as typed; allow: controls that may stand in it. */
static status
parse_text(const struct field *f, struct span text, const char *allow, struct arena *a,
    struct value *out, struct trouble *t)
{
	if (!text_is_utf8(text, NULL))
		return trouble_set(t, ST_MALFORMED, "%s: not valid UTF-8", f->name);
	if (text_has_control(text, allow))
		return trouble_set(t, ST_MALFORMED,
		    "%s: control characters are not allowed (V4)", f->name);
	if (text.len > f->max)
		return trouble_set(t, ST_LIMIT, "%s: at most %llu bytes", f->name,
		    (unsigned long long)f->max);
	*out = bytes_value(VALUE_TEXT, arena_copy(a, text));
	return out->bytes.bytes == NULL
		   ? trouble_set(t, ST_NO_MEMORY, "text of %s", f->name)
		   : ST_OK;
}

static struct span
trim(struct span s)
{
	while (s.len > 0 && s.bytes[0] == ' ')
		s = span_of(s.bytes + 1, s.len - 1);
	while (s.len > 0 && s.bytes[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* Puts a word into its place among n sorted ones; a double is dropped. */
static size_t
set_insert(struct span *words, size_t n, struct span word)
{
	size_t at = 0;

	while (at < n && span_compare(words[at], word) < 0)
		at++;
	if (at < n && span_equal(words[at], word))
		return n;
	memmove(words + at + 1, words + at, (n - at) * sizeof *words);
	words[at] = word;
	return n + 1;
}

static struct span
join(const struct span *words, size_t n, struct arena *a)
{
	size_t len = 0;
	struct writer w;
	uint8_t *room;

	for (size_t i = 0; i < n; i++)
		len += words[i].len + 1;
	room = arena_alloc(a, len);
	if (room == NULL)
		return span_of(NULL, 0);
	w = writer_of(room, len);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			writer_u8(&w, ';');
		writer_span(&w, words[i]);
	}
	return writer_done(&w);
}

static status
parse_set(const struct field *f, struct span text, struct arena *a, struct value *out,
    struct trouble *t)
{
	struct span words[SET_WORDS_MAX];
	size_t n = 0, begin = 0;
	status st = parse_text(f, text, "", a, out, t);

	if (st != ST_OK)
		return st;
	text = out->bytes;
	for (size_t i = 0; i <= text.len; i++) {
		struct span word;

		if (i < text.len && text.bytes[i] != ';')
			continue;
		word = trim(span_of(text.bytes + begin, i - begin));
		begin = i + 1;
		if (word.len == 0)
			continue;
		if (n == SET_WORDS_MAX)
			return trouble_set(
			    t, ST_LIMIT, "%s: at most %d words", f->name, SET_WORDS_MAX);
		n = set_insert(words, n, word);
	}
	out->bytes = join(words, n, a);
	if (n == 0)
		*out = (struct value){.type = VALUE_EMPTY};
	return n > 0 && out->bytes.bytes == NULL
		   ? trouble_set(t, ST_NO_MEMORY, "words of %s", f->name)
		   : ST_OK;
}

static status
parse_word(const struct field *f, struct span text, struct arena *a, struct value *out,
    struct trouble *t)
{
	unsigned n = vocabulary_find((enum vocabulary)f->of, text);
	const char *list;

	if (n == 0) {
		list = vocabulary_list((enum vocabulary)f->of, a);
		return trouble_set(t, ST_MALFORMED, "%s: one of %s is expected (V1)",
		    f->name, list == NULL ? "the list" : list);
	}
	*out = number_value(n);
	return ST_OK;
}

static status
parse_name(const struct field *f, struct span text, struct arena *a, struct value *out,
    struct trouble *t)
{
	unsigned notes = 0;
	struct span name;

	if (text_clean_name(text, a, &name, &notes, t) != ST_OK)
		return trouble_wrap(t, "%s (V4)", f->name);
	*out = bytes_value(VALUE_TEXT, name);
	return ST_OK;
}

static status
parse_date(const struct field *f, struct span text, struct value *out, struct trouble *t)
{
	uint32_t days;

	if (!date_parse(text, &days))
		return trouble_set(t, ST_MALFORMED,
		    "%s: a real date YYYY-MM-DD is expected (V2)", f->name);
	*out = number_value(days);
	return ST_OK;
}

static status
parse_code(const struct field *f, struct span text, struct arena *a, struct value *out,
    struct trouble *t)
{
	if (!is_code(text, f->max))
		return trouble_set(t, ST_MALFORMED,
		    "%s: 1-%llu of A-Z 0-9 and - are expected", f->name,
		    (unsigned long long)f->max);
	return parse_text(f, text, "", a, out, t);
}

status
schema_value_parse(const struct field *f, struct span text, struct arena *a,
    struct value *out, struct trouble *t)
{
	struct trouble local;

	t = t == NULL ? &local : t; /* parse_name() returns what stands in it */
	*out = (struct value){.type = VALUE_EMPTY};
	if (text.len == 0)
		return ST_OK;
	switch (f->type) {
	case FIELD_TEXT:
		return parse_text(f, text, "", a, out, t);
	case FIELD_NAME:
		return parse_name(f, text, a, out, t);
	case FIELD_CODE:
		return parse_code(f, text, a, out, t);
	case FIELD_INT:
		return parse_int(f, text, out, t);
	case FIELD_DATE:
		return parse_date(f, text, out, t);
	case FIELD_VOCAB:
	case FIELD_MARKS:
		return parse_word(f, text, a, out, t);
	case FIELD_REF:
	case FIELD_PERSON:
		return parse_hex(f, text, ID_BYTES, a, out, t);
	case FIELD_SET:
		return parse_set(f, text, a, out, t);
	case FIELD_LONGTEXT:
	case FIELD_COPY:
		return parse_text(f, text, "\t\n", a, out, t);
	case FIELD_HASH:
		return parse_hex(f, text, HASH_BYTES, a, out, t);
	case FIELD_TYPE_COUNT:
		break;
	}
	return trouble_set(t, ST_BUG, "field %s has no type", f->name);
}

/* ---- value -> text ---- */

static struct span
hex_text(struct span bytes, struct arena *a)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t *out = arena_alloc(a, 2 * bytes.len + 1);

	if (out == NULL)
		return span_of(NULL, 0);
	out[2 * bytes.len] = '\0'; /* as the other texts have it */
	for (size_t i = 0; i < bytes.len; i++) {
		out[2 * i] = (uint8_t)hex[bytes.bytes[i] >> 4];
		out[2 * i + 1] = (uint8_t)hex[bytes.bytes[i] & 15];
	}
	return span_of(out, 2 * bytes.len);
}

static struct span
number_text(const struct field *f, uint64_t n, struct arena *a)
{
	const char *text;
	char date[DATE_TEXT_BYTES];

	if (f->type == FIELD_VOCAB || f->type == FIELD_MARKS) {
		text = vocabulary_word((enum vocabulary)f->of, n);
		/* A word of a newer version: shown, not hidden. */
		text =
		    text != NULL ? text : arena_text(a, "#%llu", (unsigned long long)n);
	} else if (f->type == FIELD_DATE && n <= DATE_DAYS_MAX) {
		date_format((uint32_t)n, date);
		text = arena_text(a, "%s", date);
	} else {
		text = arena_text(a, "%llu", (unsigned long long)n);
	}
	return text == NULL ? span_of(NULL, 0) : span_text(text);
}

struct span
schema_value_text(const struct field *f, const struct value *v, struct arena *a)
{
	switch (v->type) {
	case VALUE_EMPTY:
		return span_text("");
	case VALUE_INT:
		return number_text(f, v->number, a);
	case VALUE_TEXT:
	case VALUE_RUN:
	case VALUE_SEEN:
		return arena_copy(a, v->bytes);
	case VALUE_BYTES:
		return hex_text(v->bytes, a);
	}
	return span_text("");
}

/* ---- one record ---- */

/* What a value of the field must look like; rule is the number it breaks otherwise. */
struct shape {
	bool is_right;
	unsigned rule;
	const char *expected;
};

static struct shape
check_number(const struct field *f, const struct value *v)
{
	struct shape s = {v->type == VALUE_INT, 0, "a number"};

	if (f->type == FIELD_VOCAB || f->type == FIELD_MARKS) {
		s = (struct shape){s.is_right && vocabulary_word((enum vocabulary)f->of,
						     v->number) != NULL,
		    1, "a word of the vocabulary"};
	} else if (f->type == FIELD_DATE) {
		s = (struct shape){
		    s.is_right && v->number <= DATE_DAYS_MAX, 2, "a date YYYY-MM-DD"};
	} else {
		s.is_right = s.is_right && v->number >= f->min && v->number <= f->max;
		s.rule = f->max == SCHEMA_DAY_NO_MAX ? 3 : 1;
		s.expected =
		    f->max == SCHEMA_DAY_NO_MAX ? "a day 1-31" : "a number in its range";
	}
	return s;
}

static struct shape
check_text(const struct field *f, const struct value *v)
{
	bool has_lines = f->type == FIELD_LONGTEXT || f->type == FIELD_COPY;
	const char *allow = has_lines ? "\t\n" : "";
	bool is_text =
	    v->type == VALUE_TEXT || (f->type == FIELD_LONGTEXT && v->type == VALUE_RUN);

	if (f->type == FIELD_CODE)
		return (struct shape){
		    is_text && is_code(v->bytes, f->max), 4, "1-16 of A-Z 0-9 and -"};
	if (f->type == FIELD_NAME)
		return (struct shape){is_text && text_is_name(v->bytes), 4,
		    "a name of 1-120 characters without controls"};
	return (struct shape){is_text && v->bytes.len <= f->max &&
				  text_is_utf8(v->bytes, NULL) &&
				  !text_has_control(v->bytes, allow),
	    4, "text without controls within its length"};
}

static struct shape
check_value(const struct field *f, const struct value *v)
{
	struct shape s = {v->type == VALUE_BYTES, 1, "an id"};

	switch (f->type) {
	case FIELD_INT:
	case FIELD_DATE:
	case FIELD_VOCAB:
	case FIELD_MARKS:
		return check_number(f, v);
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_CODE:
	case FIELD_SET:
	case FIELD_LONGTEXT:
	case FIELD_COPY:
		return check_text(f, v);
	case FIELD_REF:
	case FIELD_PERSON:
		s.is_right = s.is_right && v->bytes.len == ID_BYTES;
		return s;
	case FIELD_HASH:
		s.is_right = s.is_right && v->bytes.len == HASH_BYTES;
		s.expected = "a hash of 32 bytes";
		return s;
	case FIELD_TYPE_COUNT:
		break;
	}
	return s;
}

static size_t
add_problem(struct problem *out, size_t cap, size_t n, struct problem p)
{
	if (n < cap)
		out[n] = p;
	return n + 1;
}

static const struct value *
value_of(uint16_t field, const struct field_value *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i].field == field && values[i].value.type != VALUE_EMPTY)
			return &values[i].value;
	}
	return NULL;
}

size_t
schema_check(const struct kind *k, const struct field_value *values, size_t n,
    struct problem *out, size_t cap)
{
	size_t found = 0;

	for (size_t i = 0; i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];

		if (f->is_required && value_of(f->id, values, n) == NULL)
			found = add_problem(
			    out, cap, found, (struct problem){f, 0, "a value"});
	}
	for (size_t i = 0; i < n; i++) {
		const struct field *f = schema_field(k, values[i].field);
		struct shape s;

		if (f == NULL || values[i].value.type == VALUE_EMPTY)
			continue;
		s = check_value(f, &values[i].value);
		if (!s.is_right)
			found = add_problem(
			    out, cap, found, (struct problem){f, s.rule, s.expected});
	}
	return found;
}

/* ---- names by hash ---- */

/* The bytes of one value in the hash; at most ID_BYTES. 0 if it has not its shape. */
static size_t
name_part(const struct field *f, const struct value *v, uint8_t out[static ID_BYTES])
{
	if (f->type == FIELD_REF || f->type == FIELD_PERSON) {
		if (v->type != VALUE_BYTES || v->bytes.len != ID_BYTES)
			return 0;
		memcpy(out, v->bytes.bytes, ID_BYTES);
		return ID_BYTES;
	}
	if (f->type == FIELD_INT) {
		out[0] = (uint8_t)v->number;
		return v->type == VALUE_INT && v->number <= UINT8_MAX ? 1 : 0;
	}
	assert(f->type == FIELD_CODE);
	if (v->type != VALUE_TEXT || !is_code(v->bytes, f->max))
		return 0;
	memset(out, 0, ID_BYTES);
	memcpy(out, v->bytes.bytes, v->bytes.len);
	return f->max <= COUNTRY_BYTES ? COUNTRY_BYTES : SCHEMA_CODE_BYTES_MAX;
}

status
schema_record_name(const struct kind *k, const struct value *values, size_t n,
    const struct checks *checks, struct record_id *out, struct trouble *t)
{
	uint8_t kind[2], parts[SCHEMA_NAMED_BY_MAX][ID_BYTES];
	struct span spans[1 + SCHEMA_NAMED_BY_MAX];
	struct hash32 hash;
	size_t used = 0;

	assert(k->naming == NAMED_BY_HASH);
	put_u16(kind, k->id);
	spans[0] = span_of(kind, sizeof kind);
	while (used < SCHEMA_NAMED_BY_MAX && k->named_by[used] != 0) {
		const struct field *f = schema_field(k, k->named_by[used]);
		size_t len =
		    f == NULL || used >= n ? 0 : name_part(f, &values[used], parts[used]);

		if (len == 0)
			return trouble_set(t, ST_MALFORMED,
			    "a %s cannot be named without its %s", k->singular,
			    f == NULL ? "key" : f->name);
		spans[1 + used] = span_of(parts[used], len);
		used++;
	}
	checks->hash(checks->ctx, "pnet/rid/1", spans, 1 + used, &hash);
	memcpy(out->bytes, hash.bytes, sizeof out->bytes);
	return ST_OK;
}
