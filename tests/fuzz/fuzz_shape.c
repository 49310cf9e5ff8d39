/* fuzz_shape.c - shape check and strict reader: what passes is one whole message for
 * msgpack-c too, has the same values there, and msgpack_packer writes it back the same.
 */
#include "fuzz/fuzz.h"

#include <msgpack.h>

#include "proto/pack.h"
#include "proto/shape.h"

static void
same_as_object(struct pack_reader *r, const msgpack_object *o)
{
	switch ((int)o->type) {
	case MSGPACK_OBJECT_NIL:
		assert(pack_take_nil(r));
		return;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		assert(pack_take_uint(r, UINT64_MAX) == o->via.u64);
		return;
	case MSGPACK_OBJECT_BIN:
		assert(span_equal(pack_take_bin(r, 0, SIZE_MAX),
		    span_of(o->via.bin.ptr, o->via.bin.size)));
		return;
	case MSGPACK_OBJECT_STR:
		assert(span_equal(pack_take_str(r, 0, SIZE_MAX),
		    span_of(o->via.str.ptr, o->via.str.size)));
		return;
	case MSGPACK_OBJECT_ARRAY:
		assert(pack_take_array(r, 0, SIZE_MAX) == o->via.array.size);
		for (uint32_t i = 0; i < o->via.array.size; i++)
			same_as_object(r, &o->via.array.ptr[i]);
		return;
	default:
		assert(o->type == MSGPACK_OBJECT_NIL); /* no other type passes */
	}
}

static void
agrees_with_msgpack_c(const uint8_t *bytes, size_t len)
{
	struct pack_reader r = pack_reader_of(span_of(bytes, len));
	msgpack_unpacked u;
	msgpack_sbuffer again;
	msgpack_packer p;
	size_t used = 0;

	msgpack_unpacked_init(&u);
	msgpack_sbuffer_init(&again);
	msgpack_packer_init(&p, &again, msgpack_sbuffer_write);
	assert(msgpack_unpack_next(&u, (const char *)bytes, len, &used) ==
	       MSGPACK_UNPACK_SUCCESS);
	assert(used == len);
	same_as_object(&r, &u.data);
	assert(pack_end(&r, "fuzz", NULL) == ST_OK);
	assert(msgpack_pack_object(&p, u.data) == 0);
	assert(span_equal(span_of(again.data, again.size), span_of(bytes, len)));
	msgpack_sbuffer_destroy(&again);
	msgpack_unpacked_destroy(&u);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct pack_reader r = pack_reader_of(span_of(bytes, len));
	struct span any = pack_take_any(&r);
	bool is_one = pack_end(&r, "fuzz", NULL) == ST_OK;

	assert(any.len <= len);
	if (shape_check(span_of(bytes, len), SHAPE_ELEMENTS_MAX, NULL) != ST_OK)
		return 0;
	assert(is_one);
	agrees_with_msgpack_c(bytes, len);
	return 0;
}
