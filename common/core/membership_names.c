/* membership_names.c - finds devices, invites and scopes by their keys and ids: one open
 * hash table over all logs. Pure but for malloc. */
#include <assert.h>
#include <stdlib.h>

#include "core/membership_state.h"

enum { NAMES_PER_RECORD_MAX = 4, NAMES_CAP_FIRST = 64 };

/* Where the search for a name begins. Keys and ids are random but for what an insider
 * forges, who then slows down his own network only. */
static size_t
slot_of(const struct membership *m, enum name_type type, const uint8_t *key)
{
	/* A scope's kind byte stands before its id. */
	uint64_t n = get_u64(key) ^ get_u64(key + 8) << 1 ^ (uint64_t)type << 56;

	n *= UINT64_C(0x9E3779B97F4A7C15); /* Knuth's multiplicative hashing */
	return (size_t)(n >> 20) & (m->cap_names - 1);
}

static struct span
key_of(const struct membership *m, const struct name *n)
{
	const struct log *log = &m->logs[n->log];

	switch ((enum name_type)n->type) {
	case NAME_DEVICE:
		return span_of(log->devices[n->item].pub.id.bytes, 16);
	case NAME_SIGN:
		return span_of(log->devices[n->item].pub.keys.sign.bytes, 32);
	case NAME_BOX:
		return span_of(log->devices[n->item].pub.keys.box.bytes, 32);
	case NAME_TRANSPORT:
		return span_of(log->devices[n->item].pub.keys.transport.bytes, 32);
	case NAME_INVITE:
		return span_of(log->invites[n->item].pub.sign.bytes, 32);
	case NAME_SCOPE:
		return span_of(log->scopes[n->item].pub.name.bytes, 17);
	}
	return (struct span){0};
}

const struct name *
names_find(const struct membership *m, enum name_type type, const uint8_t *key,
    size_t len, size_t log)
{
	const struct name *best = NULL;

	if (m->cap_names == 0)
		return NULL;
	for (size_t i = slot_of(m, type, key); m->names[i].is_used;
	     i = (i + 1) & (m->cap_names - 1)) {
		const struct name *n = &m->names[i];

		if (n->type != type || (log != SIZE_MAX && n->log != log) ||
		    !span_equal(key_of(m, n), span_of(key, len)))
			continue;
		if (best == NULL || n->log < best->log)
			best = n;
	}
	return best;
}

static void
insert(struct membership *m, struct name n)
{
	size_t i = slot_of(m, (enum name_type)n.type, key_of(m, &n).bytes);

	while (m->names[i].is_used)
		i = (i + 1) & (m->cap_names - 1);
	m->names[i] = n;
}

/* Half of the table stays empty, so that every search ends soon. */
bool
names_reserve(struct membership *m)
{
	size_t n_old = m->cap_names;
	size_t cap = n_old == 0 ? NAMES_CAP_FIRST : n_old;
	struct name *old = m->names;
	struct name *names;

	while ((m->n_names + NAMES_PER_RECORD_MAX) * 2 > cap)
		cap *= 2;
	if (cap == n_old)
		return true;
	names = calloc(cap, sizeof *names);
	if (names == NULL)
		return false;
	m->names = names;
	m->cap_names = cap;
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].is_used)
			insert(m, old[i]);
	}
	free(old);
	return true;
}

void
names_put(struct membership *m, enum name_type type, size_t log, size_t item)
{
	assert((m->n_names + 1) * 2 <= m->cap_names && log <= UINT16_MAX);
	insert(m, (struct name){.is_used = true,
		      .type = (uint8_t)type,
		      .log = (uint16_t)log,
		      .item = (uint16_t)item});
	m->n_names++;
}
