/* document_text.c - lines to sections and back. Pure. */
#include "core/document_text.h"

#include "base/writer.h"

struct lines {
	struct span file;
	size_t n_known;
	const struct span *known;
	bool is_free; /* every line behind a blank one is a heading */
};

static struct span
trimmed(struct span s)
{
	while (s.len > 0 &&
	       (s.bytes[0] == ' ' || s.bytes[0] == '\t' || s.bytes[0] == '\n')) {
		s.bytes++;
		s.len--;
	}
	while (s.len > 0 && (s.bytes[s.len - 1] == ' ' || s.bytes[s.len - 1] == '\t' ||
				s.bytes[s.len - 1] == '\n'))
		s.len--;
	return s;
}

/* Whole lines: blank ones at the beginning and the end go, blanks inside stay. */
static struct span
without_blank_lines(struct span s)
{
	struct span inner = trimmed(s);

	return inner.len == 0 ? span_of(s.bytes, 0) : inner;
}

static struct span
line_at(struct span file, size_t at)
{
	size_t end = at;

	while (end < file.len && file.bytes[end] != '\n')
		end++;
	return span_of(file.bytes + at, end - at);
}

static bool
is_marked(struct span line)
{
	return line.len >= 2 && line.bytes[0] == '#' && line.bytes[1] == ' ';
}

/* `target_group` and `Target group` are one heading. */
static bool
is_same_heading(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		uint8_t x = a.bytes[i], y = b.bytes[i];

		x = x == '_' ? ' ' : x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
		y = y == '_' ? ' ' : y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
		if (x != y)
			return false;
	}
	return true;
}

static bool
is_heading(const struct lines *l, struct span line, bool follows_blank, bool is_first)
{
	struct span text = trimmed(line);

	if (is_marked(line))
		return true;
	if (!follows_blank || text.len == 0)
		return false;
	if (l->is_free)
		return !is_first;
	for (size_t i = 0; i < l->n_known; i++) {
		if (l->known[i].len > 0 && is_same_heading(l->known[i], text))
			return true;
	}
	return false;
}

static bool
has_marks(struct span file)
{
	for (size_t at = 0; at < file.len;) {
		struct span line = line_at(file, at);

		if (is_marked(line))
			return true;
		at += line.len + 1;
	}
	return false;
}

static struct span
without_cr(struct arena *a, struct span file)
{
	uint8_t *out;
	size_t n = 0;

	if (file.len == 0 || memchr(file.bytes, '\r', file.len) == NULL)
		return file.len == 0 ? span_of("", 0) : file;
	out = arena_alloc(a, file.len);
	for (size_t i = 0; out != NULL && i < file.len; i++) {
		if (file.bytes[i] != '\r')
			out[n++] = file.bytes[i];
	}
	return span_of(out, n);
}

/* Text that stood under the last heading, or the title. */
static void
end_part(struct document_parts *out, struct span text)
{
	if (out->n == 0)
		out->title = without_blank_lines(text);
	else
		out->items[out->n - 1].text = without_blank_lines(text);
}

status
document_text_read(struct arena *a, struct span file, size_t n_known,
    const struct span *known, struct document_parts *out, struct trouble *t)
{
	struct lines l = {without_cr(a, file), n_known, known, false};
	size_t n_lines = 1, from = 0;
	bool follows_blank = true, is_first = true;

	*out = (struct document_parts){0};
	for (size_t i = 0; l.file.bytes != NULL && i < l.file.len; i++)
		n_lines += l.file.bytes[i] == '\n';
	out->items = arena_zeros(a, n_lines, sizeof *out->items);
	if (out->items == NULL || l.file.bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a document");
	out->has_marks = has_marks(l.file);
	l.is_free = n_known == 0 && !out->has_marks;
	for (size_t at = 0; at < l.file.len;) {
		struct span line = line_at(l.file, at), text = trimmed(line);

		if (is_heading(&l, line, follows_blank, is_first)) {
			end_part(out, span_of(l.file.bytes + from, at - from));
			out->items[out->n++].heading =
			    is_marked(line)
				? trimmed(span_of(line.bytes + 2, line.len - 2))
				: text;
			from =
			    at + line.len < l.file.len ? at + line.len + 1 : l.file.len;
		}
		is_first = is_first && text.len == 0;
		follows_blank = text.len == 0;
		at += line.len + 1;
	}
	end_part(out, span_of(l.file.bytes + from, l.file.len - from));
	return ST_OK;
}

struct span
document_text_write(struct arena *a, size_t n, const struct document_part *parts)
{
	size_t room = 1;
	struct writer w;
	uint8_t *bytes;

	for (size_t i = 0; i < n; i++)
		room += parts[i].heading.len + parts[i].text.len + 5;
	bytes = arena_alloc(a, room);
	if (bytes == NULL)
		return span_of(NULL, 0);
	w = writer_of(bytes, room);
	for (size_t i = 0; i < n; i++) {
		writer_span(&w, i == 0 ? span_text("# ") : span_text("\n# "));
		writer_span(&w, parts[i].heading);
		writer_span(&w, span_text("\n"));
		writer_span(&w, parts[i].text);
		writer_span(&w, parts[i].text.len == 0 ? span_text("") : span_text("\n"));
	}
	return writer_done(&w);
}
