/* report_print.c - the lines above a report's text. */
#include "client/commands/report_print.h"

#include "client/terminal/screen.h"

void
report_print_text(struct laptop *l, struct span text)
{
	for (size_t at = 0; at <= text.len;) {
		size_t end = at;

		while (end < text.len && text.bytes[end] != '\n')
			end++;
		screen_text(stdout, arena_text(l->arena, "%.*s", (int)(end - at),
					end == at ? "" : (const char *)text.bytes + at));
		printf("\n");
		at = end + 1;
	}
}

static void
print_about(const struct report *r)
{
	const struct {
		const char *name, *value;
	} facts[] = {{"activity", r->activity}, {"practice", r->practice},
	    {"country", r->country}, {"language", r->language}, {"new", r->authors_new},
	    {"experienced", r->authors_experienced}};
	bool any = false;

	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		if (*facts[i].value == '\0')
			continue;
		printf("%s%s ", any ? "  " : "", facts[i].name);
		screen_text(stdout, facts[i].value);
		any = true;
	}
	printf(any ? "\n" : "");
}

static size_t
print_signoffs(const struct report *r)
{
	size_t n_void = 0;

	for (size_t i = 0; i < r->n_signoffs; i++) {
		const struct page_signoff *s = &r->signoffs[i];

		n_void += !s->is_of_text;
		if (s->is_of_text)
			printf("signed by %.*s (%.*s) on %.*s\n", (int)s->by.len,
			    (const char *)s->by.bytes, (int)s->experience.len,
			    (const char *)s->experience.bytes, (int)s->on.len,
			    (const char *)s->on.bytes);
	}
	return n_void;
}

static void
print_void(const struct report *r, size_t n_void)
{
	if (n_void > 0)
		printf(
		    "[!!] %zu sign-off%s of another text %s void: pnet report sign %s\n",
		    n_void, n_void == 1 ? "" : "s", n_void == 1 ? "is" : "are", r->code);
}

static void
print_submission(const struct report *r)
{
	if (r->leak.section != NULL)
		printf("[!!] a passage that stays keeps it in the country: "
		       "pnet report stays %s\n",
		    r->code);
	if (!r->facts.is_submitted)
		return;
	printf("submitted on %s\n", r->submitted_on);
	if (!r->facts.is_same && !r->is_copy)
		printf("[!!] the text changed since, it is a draft again: "
		       "pnet report submit %s\n",
		    r->code);
}

void
report_print_state(const struct report *r)
{
	printf("%s: %s, %s\n", r->code, report_word(r), document_stage_name(r->stage));
	print_about(r);
	print_void(r, print_signoffs(r));
	print_submission(r);
	if (r->facts.is_same && (r->facts.is_accepted || r->facts.is_returned)) {
		printf("%s on %s by %s", r->facts.is_accepted ? "accepted" : "returned",
		    r->decided_on, r->decided_by);
		printf(*r->reason == '\0' ? "" : ": ");
		screen_text(stdout, r->reason);
		printf("\n");
	}
}
