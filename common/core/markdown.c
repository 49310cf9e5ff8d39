/* markdown.c - pieces of pages. Pure. */
#include "core/markdown.h"

#include "base/text.h"

void
markdown_text(struct writer *w, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.bytes[i] == '#' && (i == 0 || text.bytes[i - 1] == '\n'))
			writer_u8(w, '\\');
		writer_u8(w, text.bytes[i]);
	}
	if (text.len > 0 && text.bytes[text.len - 1] != '\n')
		writer_u8(w, '\n');
}

size_t
markdown_text_room(struct span text)
{
	/* Each byte may be a # at the beginning of a line. */
	return 2 * text.len + 1;
}

void
markdown_word(struct writer *w, const char *word, bool is_first_large)
{
	for (size_t i = 0; word[i] != '\0'; i++) {
		char c = word[i] == '_' ? ' ' : word[i];

		if (i == 0 && is_first_large && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		writer_u8(w, (uint8_t)c);
	}
}

void
markdown_hash(struct writer *w, const struct hash32 *hash)
{
	for (size_t i = 0; i < sizeof hash->bytes; i++)
		text_put(w, "%02x", hash->bytes[i]);
}
