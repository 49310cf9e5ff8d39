/* pinned.c - sections to one text and back. Pure. */
#include "core/pinned.h"

#include "base/writer.h"

enum { INDENT_BYTES = 2, HEADER_BYTES = 4 /* "[", "] " and the line end */ };

static status
no_memory(struct trouble *t)
{
	return trouble_set(t, ST_NO_MEMORY, "no memory left for a copy of a text");
}

/* Length of the first line of s, its end not counted. */
static size_t
line_len(struct span s)
{
	const uint8_t *end = s.len == 0 ? NULL : memchr(s.bytes, '\n', s.len);

	return end == NULL ? s.len : (size_t)(end - s.bytes);
}

static size_t
count_lines(struct span s)
{
	size_t n = s.len > 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.bytes[i] == '\n';
	return n;
}

/* ---- writing ---- */

static size_t
room_for(const struct section *s)
{
	return HEADER_BYTES + strlen(s->kind) + s->heading.len + s->text.len +
	       count_lines(s->text) * (INDENT_BYTES + 1);
}

static void
write_text(struct writer *w, struct span text)
{
	size_t n_lines = count_lines(text);

	for (size_t i = 0; i < n_lines; i++) {
		size_t len = line_len(text);

		writer_bytes(w, "  ", INDENT_BYTES);
		writer_bytes(w, text.bytes, len);
		writer_u8(w, '\n');
		if (i + 1 < n_lines)
			text = span_of(text.bytes + len + 1, text.len - len - 1);
	}
}

status
pinned_write(const struct section *sections, size_t n, struct arena *a, struct span *out,
    struct trouble *t)
{
	struct writer w;
	size_t room = 1;
	uint8_t *bytes;

	for (size_t i = 0; i < n; i++)
		room += room_for(&sections[i]);
	bytes = arena_zeros(a, 1, room);
	if (bytes == NULL)
		return no_memory(t);
	w = writer_of(bytes, room);
	for (size_t i = 0; i < n; i++) {
		writer_u8(&w, '[');
		writer_bytes(&w, sections[i].kind, strlen(sections[i].kind));
		writer_bytes(&w, "] ", 2);
		writer_span(&w, sections[i].heading);
		writer_u8(&w, '\n');
		write_text(&w, sections[i].text);
	}
	*out = writer_done(&w);
	return ST_OK;
}

/* ---- reading ---- */

static status
not_a_copy(struct trouble *t)
{
	return trouble_set(t, ST_MALFORMED, "not the copy of a document");
}

/* "[risks] 6. Risks" */
static status
read_header(struct span line, struct arena *a, struct section *out, struct trouble *t)
{
	const uint8_t *end = memchr(line.bytes, ']', line.len);
	size_t kind_len = end == NULL ? 0 : (size_t)(end - line.bytes) - 1;
	size_t heading_at = kind_len + 3;
	char *kind;

	if (end == NULL || heading_at > line.len || end[1] != ' ')
		return not_a_copy(t);
	kind = arena_zeros(a, 1, kind_len + 1);
	if (kind == NULL)
		return no_memory(t);
	memcpy(kind, line.bytes + 1, kind_len);
	out->kind = kind;
	out->heading = span_of(line.bytes + heading_at, line.len - heading_at);
	return ST_OK;
}

/* Appends a line to the text that grows at the writer. */
static void
read_line(struct writer *w, struct span line, bool is_first)
{
	if (!is_first)
		writer_u8(w, '\n');
	writer_bytes(w, line.bytes + INDENT_BYTES, line.len - INDENT_BYTES);
}

static bool
is_header(struct span line)
{
	return line.len > 0 && line.bytes[0] == '[';
}

static bool
is_text(struct span line)
{
	return line.len >= INDENT_BYTES && memcmp(line.bytes, "  ", INDENT_BYTES) == 0;
}

static size_t
count_sections(struct span copy)
{
	size_t n = 0;

	while (copy.len > 0) {
		size_t len = line_len(copy);

		n += is_header(span_of(copy.bytes, len));
		len += len < copy.len;
		copy = span_of(copy.bytes + len, copy.len - len);
	}
	return n;
}

/* The lines of a section's text, taken from *copy. */
static void
read_text(struct span *copy, struct writer *w, struct section *out)
{
	size_t from = writer_done(w).len;
	bool is_first = true;

	while (copy->len > 0) {
		size_t len = line_len(*copy);
		struct span line = span_of(copy->bytes, len);

		if (!is_text(line))
			break;
		read_line(w, line, is_first);
		is_first = false;
		len += len < copy->len;
		*copy = span_of(copy->bytes + len, copy->len - len);
	}
	out->text = span_of(writer_done(w).bytes + from, writer_done(w).len - from);
}

status
pinned_read(
    struct span copy, struct arena *a, struct section **out, size_t *n, struct trouble *t)
{
	size_t n_sections = count_sections(copy);
	uint8_t *texts = arena_zeros(a, 1, copy.len + 1);
	struct writer w = writer_of(texts, copy.len + 1);
	status st = ST_OK;

	*n = 0;
	*out = arena_zeros(a, n_sections + 1, sizeof **out);
	if (*out == NULL || texts == NULL)
		return no_memory(t);
	while (st == ST_OK && copy.len > 0) {
		size_t len = line_len(copy);
		struct section *s = &(*out)[*n];

		if (!is_header(span_of(copy.bytes, len)))
			return not_a_copy(t);
		st = read_header(span_of(copy.bytes, len), a, s, t);
		len += len < copy.len;
		copy = span_of(copy.bytes + len, copy.len - len);
		if (st == ST_OK)
			read_text(&copy, &w, s);
		*n += st == ST_OK;
	}
	return st;
}
