/* review_print.c - prints items of a review; decides nothing. */
#include "client/commands/review_print.h"

#include <jansson.h>

#include "base/text.h"

enum { WHO_BYTES = 512, GAP = 3 };

static const char *const kind_names[REVIEW_KIND_COUNT] = {
    "", "conflict", "late", "duplicate", "text"};

/* ---- human ---- */

/* "Tadeáš Varga (SK-T2)", or what is known of that. */
static void
who_of(const struct review_choice *choice, char out[static WHO_BYTES])
{
	if (*choice->name != '\0' && *choice->member != '\0')
		(void)snprintf(out, WHO_BYTES, "%s (%s)", choice->name, choice->member);
	else
		(void)snprintf(out, WHO_BYTES, "%s%s", choice->name, choice->member);
}

static size_t
widest(const struct review_item *item, bool is_who)
{
	char who[WHO_BYTES];
	size_t most = 0;

	for (size_t i = 0; i < item->n_choices; i++) {
		const char *text = item->choices[i].text;
		size_t width;

		who_of(&item->choices[i], who);
		width = text_width(span_text(is_who ? who : text));
		most = width > most ? width : most;
	}
	return most + GAP;
}

/* Whose word it is: the name under a forged value is anybody's. */
static void
print_twin(const struct review_choice *choice, FILE *to)
{
	if (choice->twin_signer == NULL)
		return;
	fprintf(to, "   forged or damaged: one edit with two contents");
	if (*choice->twin_signer == '\0')
		return;
	fprintf(to, ", this one signed by ");
	screen_text(to, choice->twin_signer);
}

void
review_print_one(const struct review_item *item, size_t id, size_t n, FILE *to)
{
	size_t text_width_max = widest(item, false), who_width_max = widest(item, true);

	fprintf(to, "%zu of %zu  ", id, n);
	screen_text(to, item->title);
	fputc('\n', to);
	if (item->kind == REVIEW_TEXT) {
		fprintf(to, "  now  ");
		screen_text(to, item->now);
		fputc('\n', to);
	}
	for (size_t i = 0; i < item->n_choices; i++) {
		const struct review_choice *choice = &item->choices[i];
		char when[SCREEN_TIME_BYTES], who[WHO_BYTES];

		screen_local_time(choice->seconds, when);
		who_of(choice, who);
		fprintf(to, "  %zu  ", i + 1);
		screen_padded(to, choice->text, text_width_max);
		if (when[0] == '\0')
			screen_text(to, who);
		else
			screen_padded(to, who, who_width_max);
		fprintf(to, "%s%s", when, choice->is_mine ? "   your change" : "");
		print_twin(choice, to);
		fputc('\n', to);
	}
}

/* The command that settles it, under each item. */
static void
print_how(const struct review_item *item, size_t id)
{
	const char *then = vocabulary_word(VOC_MARK, item->final);

	if (item->kind == REVIEW_DUPLICATE)
		printf("  keep the first: pnet review %zu --take 1\n", id);
	else if (item->kind == REVIEW_TEXT)
		printf(
		    "  settle: pnet review %zu --take now    as it stands, or --take 1\n",
		    id);
	else if (!item->has_final)
		printf("  settle: pnet review %zu --take 1    or another of them\n", id);
	else
		printf("  settle: pnet review %zu --reject    as closed: %s\n", id,
		    then == NULL ? "no mark" : then);
}

static void
print_human(const struct review_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		review_print_one(&items[i], i + 1, n, stdout);
		print_how(&items[i], i + 1);
	}
}

/* ---- programs ---- */

/* "..." for a text, null for nothing. */
static json_t *
json_text(const char *text)
{
	return text == NULL || *text == '\0' ? json_null() : json_string(text);
}

static json_t *
json_choices(const struct review_item *item)
{
	json_t *out = json_array();

	for (size_t i = 0; i < item->n_choices; i++) {
		const struct review_choice *choice = &item->choices[i];
		char at[SCREEN_TIME_BYTES];

		screen_utc_time(choice->seconds, at);
		if (item->kind == REVIEW_DUPLICATE)
			(void)json_array_append_new(
			    out, json_pack("{s:i, s:s}", "n", (int)i + 1, "young",
				     choice->member));
		else
			(void)json_array_append_new(out,
			    json_pack("{s:i, s:s, s:o, s:o, s:b, s:o}", "n", (int)i + 1,
				"value", choice->text, "by", json_text(choice->member),
				"at", json_text(at), "twin", choice->twin_signer != NULL,
				"signer", json_text(choice->twin_signer)));
	}
	return out;
}

static void
print_json(const struct review_item *item, size_t id)
{
	char schema[32];
	json_t *o;

	(void)snprintf(schema, sizeof schema, "pnet.%s/1", kind_names[item->kind]);
	o = json_pack("{s:s, s:i, s:o, s:s, s:o, s:o, s:o, s:o}", "schema", schema, "id",
	    (int)id, "activity", json_text(item->activity), "kind",
	    item->of == NULL ? "" : item->of->name, "field",
	    json_text(item->field == NULL ? NULL : item->field->name), "young",
	    json_text(item->young), "day",
	    item->day_no == 0 ? json_null() : json_integer(item->day_no), "siblings",
	    json_choices(item));
	if (o != NULL && item->kind == REVIEW_TEXT)
		(void)json_object_set_new(o, "now", json_string(item->now));
	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

static void
list_item(struct listing *out, const struct review_item *item, size_t id)
{
	for (size_t i = 0; i < item->n_choices; i++) {
		const struct review_choice *choice = &item->choices[i];
		bool is_pair = item->kind == REVIEW_DUPLICATE;
		char at[SCREEN_TIME_BYTES];

		screen_utc_time(choice->seconds, at);
		listing_row(out);
		listing_cellf(out, "%zu", id);
		listing_cell(out, kind_names[item->kind]);
		listing_cell(out, item->activity);
		listing_cell(out, is_pair ? choice->member : item->young);
		if (item->day_no == 0)
			listing_cell(out, NULL);
		else
			listing_cellf(out, "%u", item->day_no);
		listing_cell(out, item->field == NULL ? NULL : item->field->name);
		listing_cellf(out, "%zu", i + 1);
		listing_cell(out, is_pair ? NULL : choice->text);
		listing_cell(out, is_pair ? NULL : choice->member);
		listing_cell(out, at);
	}
}

void
review_print(struct call *c, const struct review_item *items, size_t n)
{
	struct listing *out;

	if (c->global.style == STYLE_HUMAN) {
		print_human(items, n);
		return;
	}
	if (c->global.style == STYLE_JSON) {
		for (size_t i = 0; i < n; i++)
			print_json(&items[i], i + 1);
		return;
	}
	out = listing_new(
	    "pnet.review/1", "id#,kind,activity,young,day#,field,n#,value,by,at");
	for (size_t i = 0; i < n; i++)
		list_item(out, &items[i], i + 1);
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}
