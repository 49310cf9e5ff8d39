/* store_copy.h - deep copies of what callers pass in, into the request's arena; for the
 * files of common/store only. All return false when memory is out. */
#ifndef STORE_STORE_COPY_H
#define STORE_STORE_COPY_H

#include "base/arena.h"
#include "store/store.h"

bool copy_span(struct arena *a, struct span *s);
/* A copy of n items of size bytes; false when memory is out. *out is NULL for none. */
bool copy_items(struct arena *a, const void *from, size_t n, size_t size, void **out);
/* Sets array to a copy of its n items. */
#define COPY_ITEMS(a, array, n)                                                          \
	__extension__({                                                                  \
		void *items_copy_ = NULL;                                                \
		bool ok_ = copy_items((a), (array), (n), sizeof *(array), &items_copy_); \
		(array) = items_copy_;                                                   \
		ok_;                                                                     \
	})
/* A batch with all that the merge and the rows need; bodies lie in the ops' wire bytes
 * and are not copied apart. */
bool copy_batch(struct arena *a, const struct batch *from, const struct batch **out);
bool copy_boxes(struct arena *a, size_t n, const struct store_box **boxes);
bool copy_append(struct arena *a, struct store_append *append);
bool copy_part(struct arena *a, struct store_part *part);

#endif
