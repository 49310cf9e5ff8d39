/* keyring.c - one locked block with all secrets, sorted by place. It grows by moving into
 * a bigger block; the old one is wiped. Pure but for locked memory. */
#include "crypto/keyring.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 32, SLOTS_MAX = 1 << 20 };

/* The block. Lives in sodium_malloc memory, read-only between changes. */
struct block {
	struct device_seed seed;
	struct device_keys device;
	bool has_device;
	bool is_locked;
	size_t n;
	size_t cap;
	struct keyring_slot slots[]; /* ascending by place */
};

struct keyring {
	struct block *block; /* no secret outside of it */
};

static struct block *
block_new(size_t cap)
{
	size_t len = sizeof(struct block) + cap * sizeof(struct keyring_slot);
	/* sodium_malloc puts the end of the block at the guard page, so its begin is
	 * aligned only if the length is a multiple of the alignment. */
	size_t step = _Alignof(max_align_t);
	struct block *v;

	len = (len + step - 1) / step * step;
	v = sodium_malloc(len);
	if (v == NULL)
		return NULL;
	memset(v, 0, len);
	v->cap = cap;
	/* Locking again what sodium_malloc has locked is harmless and tells whether the
	 * system allowed it, which sodium_malloc does not. */
	v->is_locked = sodium_mlock(v, len) == 0;
	return v;
}

static void
make_writable(struct keyring *k)
{
	int bad = sodium_mprotect_readwrite(k->block);

	assert(bad == 0);
	(void)bad;
}

static void
make_readonly(struct keyring *k)
{
	int bad = sodium_mprotect_readonly(k->block);

	assert(bad == 0);
	(void)bad;
}

struct keyring *
keyring_new(void)
{
	struct keyring *k = malloc(sizeof *k);

	if (k == NULL)
		return NULL;
	k->block = block_new(SLOTS_FIRST);
	if (k->block == NULL) {
		free(k);
		return NULL;
	}
	make_readonly(k);
	return k;
}

void
keyring_free(struct keyring *k)
{
	if (k == NULL)
		return;
	sodium_free(k->block); /* wipes */
	free(k);
}

bool
keyring_is_locked(const struct keyring *k)
{
	return k->block->is_locked;
}

void
keyring_set_device(struct keyring *k, const struct device_seed *seed)
{
	make_writable(k);
	k->block->seed = *seed;
	derive_device(seed, &k->block->device);
	k->block->has_device = true;
	make_readonly(k);
}

const struct device_keys *
keyring_device(const struct keyring *k)
{
	return k->block->has_device ? &k->block->device : NULL;
}

const struct device_seed *
keyring_device_seed(const struct keyring *k)
{
	return k->block->has_device ? &k->block->seed : NULL;
}

static int
compare_places(const struct keyring_place *a, const struct keyring_place *b)
{
	int order = memcmp(a->space.text, b->space.text, sizeof a->space.text);

	if (order != 0)
		return order;
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	return (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

/* Index of the first slot that is not before place. */
static size_t
lower_bound(const struct block *v, const struct keyring_place *place)
{
	size_t low = 0, high = v->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_places(&v->slots[middle].place, place) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Moves everything into a block of twice the size. It is writable afterwards. */
static status
grow(struct keyring *k, struct trouble *t)
{
	const struct block *old = k->block;
	struct block *v;
	bool is_locked;

	if (old->cap >= SLOTS_MAX)
		return trouble_set(t, ST_LIMIT, "the keyring is full");
	v = block_new(old->cap * 2);
	if (v == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no locked memory for the keyring");
	is_locked = v->is_locked;
	v->seed = old->seed;
	v->device = old->device;
	v->has_device = old->has_device;
	v->is_locked = is_locked;
	v->n = old->n;
	memcpy(v->slots, old->slots, old->n * sizeof old->slots[0]);
	sodium_free(k->block);
	k->block = v;
	return ST_OK;
}

static bool
same_keys(const struct keyring_slot *slot, const struct epoch_seed *seed,
    const struct tag_key *tag_key)
{
	return sodium_memcmp(slot->seed.bytes, seed->bytes, sizeof seed->bytes) == 0 &&
	       sodium_memcmp(
		   slot->tag_key.bytes, tag_key->bytes, sizeof tag_key->bytes) == 0;
}

/* Puts the slot in its place. The block has room for it. */
static void
insert(struct block *v, const struct keyring_slot *fresh)
{
	size_t at = lower_bound(v, &fresh->place);
	struct keyring_slot *slot = &v->slots[at];

	assert(v->n < v->cap);
	memmove(slot + 1, slot, (v->n - at) * sizeof *slot);
	*slot = *fresh;
	v->n++;
}

status
keyring_add(struct keyring *k, struct keyring_place place, const struct epoch_seed *seed,
    const struct tag_key *tag_key, struct trouble *t)
{
	const struct keyring_slot *known = keyring_find(k, place);
	struct keyring_slot fresh = {.place = place, .seed = *seed, .tag_key = *tag_key};
	status st = ST_OK;

	if (known != NULL) {
		if (!same_keys(known, seed, tag_key))
			st = trouble_set(t, ST_EXISTS,
			    "scope %u, epoch %u: another key is held already",
			    place.scope, place.epoch);
		goto out;
	}
	/* From here on only fresh is read: seed and tag_key may lie in a slot of this
	 * keyring (a new epoch keeps the tag key), and slots move. */
	derive_op_key(&fresh.seed, &fresh.op_key);
	if (k->block->n == k->block->cap) {
		st = grow(k, t);
		if (st != ST_OK)
			goto out;
	} else {
		make_writable(k);
	}
	insert(k->block, &fresh);
	make_readonly(k);
out:
	sodium_memzero(&fresh, sizeof fresh);
	return st;
}

const struct keyring_slot *
keyring_find(const struct keyring *k, struct keyring_place place)
{
	const struct block *v = k->block;
	size_t at = lower_bound(v, &place);

	if (at == v->n || compare_places(&v->slots[at].place, &place) != 0)
		return NULL;
	return &v->slots[at];
}

/* One past the last slot of the scope. */
static size_t
end_of_scope(const struct block *v, size_t from, struct space_name space, uint16_t scope)
{
	while (from < v->n && v->slots[from].place.scope == scope &&
	       space_equal(&v->slots[from].place.space, &space))
		from++;
	return from;
}

const struct keyring_slot *
keyring_newest(const struct keyring *k, struct space_name space, uint16_t scope)
{
	const struct block *v = k->block;
	const struct keyring_place first = {space, scope, 0};
	size_t from = lower_bound(v, &first);
	size_t end = end_of_scope(v, from, space, scope);

	return end == from ? NULL : &v->slots[end - 1];
}

size_t
keyring_count(const struct keyring *k)
{
	return k->block->n;
}

const struct keyring_slot *
keyring_at(const struct keyring *k, size_t index)
{
	assert(index < k->block->n);
	return &k->block->slots[index];
}

void
keyring_drop_scope(struct keyring *k, struct space_name space, uint16_t scope)
{
	const struct keyring_place first = {space, scope, 0};
	struct block *v = k->block;
	size_t from = lower_bound(v, &first);
	size_t end = end_of_scope(v, from, space, scope);
	size_t gone = end - from;

	if (gone == 0)
		return;
	make_writable(k);
	memmove(&v->slots[from], &v->slots[end], (v->n - end) * sizeof v->slots[0]);
	v->n -= gone;
	sodium_memzero(&v->slots[v->n], gone * sizeof v->slots[0]);
	make_readonly(k);
}
