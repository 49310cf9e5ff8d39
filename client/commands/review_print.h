/* review_print.h - what needs a person, as text, rows or JSON (UX 3, UX 4). */
#ifndef CLIENT_COMMANDS_REVIEW_PRINT_H
#define CLIENT_COMMANDS_REVIEW_PRINT_H

#include "client/actions/review.h"
#include "client/actions/review_texts.h"
#include "client/commands/command.h"

/* In the style of the call. Human: each item with its choices and the command that
 * settles it. JSON: one object a line. Numbers count from 1. */
void review_print(struct call *c, const struct review_item *items, size_t n);
/* Hot spots, behind the items: the place, who wrote what, the command that settles. */
void review_print_texts(
    struct call *c, struct laptop *l, const struct review_text *texts, size_t n);
/* "1 of 3  SK-W9 · 4 Tadeáš Mráz · day 2, Tue 13 Apr" and the choices. */
void review_print_one(const struct review_item *item, size_t id, size_t n, FILE *to);

#endif
