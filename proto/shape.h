/* shape.h - is this one element of strict msgpack? Runs before anything else looks at
 * bytes from a peer or a file, allocates nothing, and stops at the first byte that breaks
 * a rule (DESIGN 5, SECURITY 13, RELIABILITY 1.2). What the elements mean is not its
 * business. Pure. */
#ifndef PROTO_SHAPE_H
#define PROTO_SHAPE_H

#include "base/bytes.h"
#include "base/status.h"

enum {
	SHAPE_DEPTH_MAX = 8,            /* arrays within arrays; the outermost counts 1 */
	SHAPE_ELEMENTS_MAX = 1024,      /* per array, in messages and records */
	SHAPE_BODY_ELEMENTS_MAX = 65536 /* per array, in the body of an op */
};

/* Checks that in is exactly one element made of nil, unsigned integers, bin, str and
 * arrays: shortest forms, depth at most SHAPE_DEPTH_MAX, no array longer than
 * elements_max or than the bytes that are left, nothing behind it.
 * ST_MALFORMED, or ST_LIMIT for depth and elements_max. */
status shape_check(struct span in, size_t elements_max, struct trouble *t);

#endif
