/* spots.h - hot spots of one text field (core/text_spots.h), whatever kind it is of:
 * found, and settled by a wording or as it stands. Documents (writing.h) and the review
 * of other texts, which are numbered items there, both come here. */
#ifndef CLIENT_ACTIONS_SPOTS_H
#define CLIENT_ACTIONS_SPOTS_H

#include "client/actions/review.h"
#include "core/text_spots.h"

/* A text as it was read, and one spot of it. All memory is the laptop's arena. */
struct spot_place {
	struct record_ref ref;
	uint16_t field;
	struct text_opened opened;
	size_t at; /* of all spots of the text, as edit_settle() counts */
	const struct text_spot *spot;
};

/* The spots of a field that need a person, in the order of the text. */
status spots_open(struct laptop *l, const struct loaded *x, uint16_t field, size_t *n,
    struct spot_place **out);
/* What stands there now. */
struct span spot_now(const struct spot_place *p);
/* Settles it: take = 0 as it stands, else the wording of version number take, which the
 * caller has checked. ST_CHANGED if other words stand there now. */
status spot_settle(
    struct edit *e, struct laptop *l, const struct spot_place *p, size_t take);

/* Makes an item of it: wordings, and what tells later whether they are the same. */
status spot_describe(
    struct laptop *l, const struct spot_place *p, struct review_item *item);

#endif
