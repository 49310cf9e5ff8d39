/* log_build.c - membership records ready to be sent, with their key boxes and wraps.
 * Pure.
 */
#include "proto/log_build.h"

#include <assert.h>

#include "crypto/hash.h"

enum { DAY_S = 86400 };

/* ---- drafts ---- */

static status
draft(const struct draft_how *how, enum log_kind kind, struct log_record *out,
    struct trouble *t)
{
	status st = membership_next(how->membership, how->space, out, t);

	if (st != ST_OK)
		return st;
	out->kind = kind;
	out->time_s = how->time_s;
	out->has_author = how->author != NULL;
	if (how->author != NULL)
		out->author = *how->author;
	return ST_OK;
}

/* A text of a record; one that is too long is cut and then refused by its form. */
static void
copy_text(char *out, size_t bytes_max, const char *text)
{
	size_t len = strnlen(text, bytes_max + 1);

	memset(out, 0, bytes_max + 1);
	if (len <= bytes_max)
		memcpy(out, text, len);
}

void
draft_genesis(const struct sign_pk *root, uint64_t time_s, struct log_record *out)
{
	memset(out, 0, sizeof *out);
	out->kind = LOG_GENESIS;
	out->space = space_of("NET");
	out->time_s = time_s;
	out->genesis.root = *root;
	out->genesis.created_s = time_s;
}

status
draft_server(const struct draft_how *how, const struct transport_pk *key,
    const char *address, struct log_record *out, struct trouble *t)
{
	status st = draft(how, LOG_SERVER, out, t);

	if (st != ST_OK)
		return st;
	out->server.key = *key;
	copy_text(out->server.address.text, SERVER_ADDRESS_BYTES_MAX, address);
	return ST_OK;
}

status
draft_space(const struct draft_how *how, const struct space_name *country,
    struct log_record *out, struct trouble *t)
{
	status st = draft(how, LOG_SPACE, out, t);

	if (st == ST_OK)
		out->country.country = *country;
	return st;
}

status
draft_scope(const struct draft_how *how, const struct scope_name *name,
    struct log_record *out, struct trouble *t)
{
	status st = draft(how, LOG_SCOPE, out, t);

	if (st == ST_OK)
		out->scope.name = *name;
	return st;
}

status
draft_invite(const struct draft_how *how, const struct draft_invite *in,
    struct log_record *out, struct trouble *t)
{
	status st = draft(how, LOG_INVITE, out, t);

	if (st != ST_OK)
		return st;
	copy_text(out->invite.member.text, MEMBER_CODE_BYTES_MAX, in->member);
	out->invite.sign = in->keys->sign_pk;
	out->invite.box = in->keys->box_pk;
	out->invite.role = in->role;
	out->invite.scopes = in->scopes;
	out->invite.expiry_s = how->time_s + (uint64_t)in->days * DAY_S;
	out->invite.needs_confirm = in->needs_confirm;
	return ST_OK;
}

status
draft_join(const struct draft_how *how, const struct device_public *keys, uint16_t invite,
    struct log_record *out, struct trouble *t)
{
	status st = draft(how, LOG_JOIN, out, t);

	if (st != ST_OK)
		return st;
	out->join.keys = (struct member_keys){keys->sign, keys->box, keys->transport};
	out->join.device = derive_device_id(keys);
	out->join.invite = invite;
	return ST_OK;
}

status
draft_grant(const struct draft_how *how, struct author device,
    const struct scope_set *scopes, uint64_t end_s, struct log_record *out,
    struct trouble *t)
{
	status st = draft(how, LOG_GRANT, out, t);

	if (st != ST_OK)
		return st;
	out->grant.device = device;
	out->grant.scopes = *scopes;
	out->grant.end_s = end_s;
	return ST_OK;
}

status
draft_grant_guest(const struct draft_how *how, const struct member_device *guest,
    const struct scope_set *scopes, uint64_t end_s, struct log_record *out,
    struct trouble *t)
{
	status st = draft(how, LOG_GRANT, out, t);

	if (st != ST_OK)
		return st;
	out->grant.is_new_guest = true;
	out->grant.keys = guest->keys;
	out->grant.id = guest->id;
	out->grant.country = guest->home;
	out->grant.member = guest->member;
	out->grant.scopes = *scopes;
	out->grant.end_s = end_s;
	return ST_OK;
}

status
draft_revoke(const struct draft_how *how, const struct draft_revoke *in, struct arena *a,
    struct log_record *out, struct trouble *t)
{
	status st = draft(how, LOG_REVOKE, out, t);
	struct rotation *rotations;
	const uint16_t *scopes;
	size_t n;

	if (st != ST_OK)
		return st;
	out->revoke.n_devices = in->n_devices;
	out->revoke.devices = in->devices;
	out->revoke.n_invites = in->n_invites;
	out->revoke.invites = in->invites;
	out->revoke.n_leaves = in->n_leaves;
	out->revoke.leaves = in->leaves;
	out->revoke.n_cuts = in->n_cuts;
	out->revoke.cuts = in->cuts;
	st = membership_affected_scopes(how->membership, out, a, &scopes, &n, t);
	if (st != ST_OK)
		return st;
	if (n > LOG_ROTATIONS_MAX)
		n = LOG_ROTATIONS_MAX;
	rotations = arena_zeros(a, n + 1, sizeof *rotations);
	if (rotations == NULL)
		return trouble_set(t, ST_NO_MEMORY, "REVOKE record");
	for (size_t i = 0; i < n; i++) {
		const struct member_scope *s =
		    membership_scope(how->membership, how->space, scopes[i]);

		rotations[i].scope = scopes[i];
		rotations[i].epoch = (uint16_t)(s->epoch + 1);
	}
	out->revoke.n_rotations = n;
	out->revoke.rotations = rotations;
	return ST_OK;
}

status
draft_rotate(const struct draft_how *how, uint16_t scope, struct log_record *out,
    struct trouble *t)
{
	status st = draft(how, LOG_ROTATE, out, t);
	const struct member_scope *s;

	if (st != ST_OK)
		return st;
	s = membership_scope(how->membership, how->space, scope);
	if (s == NULL)
		return trouble_set(t, ST_NOT_FOUND, "no scope at position %u", scope);
	out->rotate.scope = scope;
	out->rotate.epoch = (uint16_t)(s->epoch + 1);
	return ST_OK;
}

status
draft_renew(const struct draft_how *how, const struct device_id *device,
    struct log_record *out, struct trouble *t)
{
	status st = draft(how, LOG_RENEW, out, t);

	if (st == ST_OK)
		out->renew.device = *device;
	return st;
}

/* ---- the usual scopes of an invite ---- */

static unsigned
kinds_there(const struct draft_how *how, unsigned kinds)
{
	unsigned there = 1u << SCOPE_ALL;

	for (int kind = SCOPE_OFFICE; kind <= SCOPE_COORD; kind++) {
		struct scope_name name = scope_of((enum scope_kind)kind, NULL);

		if ((kinds & 1u << kind) != 0 &&
		    membership_scope_find(how->membership, how->space, &name) != NULL)
			there |= 1u << kind;
	}
	return there;
}

/* The newest, if there are more than a record holds: who needs the others is granted
 * them by a coordinator's laptop at its sync. */
static status
all_activities(const struct draft_how *how, struct arena *a, struct scope_set *out,
    struct trouble *t)
{
	size_t n = membership_n_scopes(how->membership, how->space);
	size_t found = 0;
	uint16_t *items = arena_zeros(a, n + 1, sizeof *items);

	if (items == NULL)
		return trouble_set(t, ST_NO_MEMORY, "scopes of an invite");
	for (size_t i = 0; i < n; i++) {
		const struct member_scope *s =
		    membership_scope_at(how->membership, how->space, i);

		if (scope_kind_of(&s->name) == SCOPE_ACTIVITY)
			items[found++] = s->position;
	}
	out->n_activities = found < LOG_LIST_MAX ? found : LOG_LIST_MAX - 1;
	out->activities = items + (found - out->n_activities);
	return ST_OK;
}

status
draft_invite_scopes(const struct draft_how *how, enum member_role role,
    bool needs_confirm, struct arena *a, struct scope_set *out, struct trouble *t)
{
	const struct member_device *author =
	    how->author == NULL ? NULL
				: membership_by_author(how->membership, *how->author);
	unsigned office = 1u << SCOPE_OFFICE;
	unsigned member = office | 1u << SCOPE_COUNTRY;

	*out = (struct scope_set){.kinds = 1u << SCOPE_ALL};
	if (author == NULL)
		return ST_OK;
	if (how->space == 0) {
		out->kinds |= office;
		return ST_OK;
	}
	if (author->role == ROLE_OFFICE)
		return ST_OK;
	if (author->role != ROLE_COORDINATOR) {
		out->kinds = kinds_there(how, office);
		return ST_OK;
	}
	if (role != ROLE_COORDINATOR || needs_confirm) {
		out->kinds = kinds_there(how, member);
		return ST_OK;
	}
	out->kinds = kinds_there(how, member | 1u << SCOPE_COORD);
	return all_activities(how, a, out, t);
}

/* ---- boxes ---- */

/* A record under construction. */
struct building {
	const struct build_how *how;
	struct log_record r;
	struct rotation *rotations; /* own copies of those of r */
	size_t n_rotations;
	struct built_record *out;
	struct span *lists;
	struct span *boxes;
	size_t cap_boxes;
	struct span *wraps;
};

static status
find_seed(const struct building *b, uint16_t space, uint16_t scope, uint16_t epoch,
    struct keybox *out, struct trouble *t)
{
	const struct seed_source *seeds = b->how->seeds;

	if (seeds == NULL ||
	    !seeds->find(seeds->ctx, space, scope, epoch, &out->seed, &out->tag_key))
		return trouble_set(t, ST_NOT_FOUND,
		    "no key of scope %u in space %u for epoch %u", scope, space, epoch);
	return ST_OK;
}

static struct keybox_place
place_of(const struct building *b, uint16_t space, uint16_t scope, uint32_t epoch)
{
	const struct membership *m = b->how->membership;
	const struct member_scope *known = membership_scope(m, space, scope);
	struct keybox_place place = {.network = b->r.network, .epoch = epoch};

	place.space = *membership_space_name(m, space);
	place.scope = known != NULL ? known->name : b->r.scope.name;
	return place;
}

/* Room for the boxes of one more list. */
static status
reserve_boxes(struct building *b, size_t more, struct trouble *t)
{
	size_t cap = b->out->n_boxes + more;
	struct span *boxes = arena_zeros(b->how->arena, cap + 1, sizeof *boxes);

	if (boxes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "key boxes");
	if (b->out->n_boxes > 0)
		memcpy(boxes, b->boxes, b->out->n_boxes * sizeof *boxes);
	b->boxes = boxes;
	b->cap_boxes = cap;
	return ST_OK;
}

static status
seal_box(struct building *b, const struct box_recipient *to, struct box_entry *entry,
    struct trouble *t)
{
	struct sealed_box *sealed = arena_alloc(b->how->arena, sizeof *sealed);
	struct keybox box;
	status st;

	if (sealed == NULL)
		return trouble_set(t, ST_NO_MEMORY, "key box");
	*entry = to->entry;
	box.place = place_of(b, entry->space, entry->scope, entry->epoch);
	st = find_seed(b, entry->space, entry->scope, entry->epoch, &box, t);
	if (st == ST_OK)
		st = keybox_seal(&box, &to->key, b->how->rng, sealed, t);
	keys_wipe(&box, sizeof box);
	if (st != ST_OK)
		return st;
	entry->box = keybox_hash(sealed);
	assert(b->out->n_boxes < b->cap_boxes);
	b->boxes[b->out->n_boxes++] = span_of(sealed->bytes, sizeof sealed->bytes);
	return ST_OK;
}

static struct hash32 *
list_hash_of(struct building *b, size_t index)
{
	switch (b->r.kind) {
	case LOG_SCOPE:
		return &b->r.scope.boxes;
	case LOG_INVITE:
		return &b->r.invite.boxes;
	case LOG_GRANT:
		return &b->r.grant.boxes;
	case LOG_ROTATE:
		return &b->r.rotate.boxes;
	case LOG_REVOKE:
		return &b->rotations[index].boxes;
	case LOG_GENESIS:
	case LOG_SERVER:
	case LOG_SPACE:
	case LOG_JOIN:
	case LOG_RENEW:
		break;
	}
	return NULL;
}

/* The office hands on only those `office` scopes of countries that it can open. */
static bool
is_left_out(const struct building *b, const struct box_recipient *to)
{
	struct keybox box = {0};
	bool is_foreign =
	    b->r.kind == LOG_INVITE && log_record_is_net(&b->r) && to->entry.space != 0;
	status st = is_foreign ? find_seed(b, to->entry.space, to->entry.scope,
				     to->entry.epoch, &box, NULL)
			       : ST_OK;

	keys_wipe(&box, sizeof box);
	return st != ST_OK;
}

static status
build_list(struct building *b, size_t index, struct trouble *t)
{
	struct arena *a = b->how->arena;
	const struct box_recipient *to;
	struct box_entry *entries;
	struct hash32 *hash = list_hash_of(b, index);
	struct box_list list;
	size_t n_to;
	size_t n = 0;
	status st =
	    membership_recipients(b->how->membership, &b->r, index, a, &to, &n_to, t);

	assert(hash != NULL);
	if (st == ST_OK)
		st = reserve_boxes(b, n_to, t);
	if (st != ST_OK)
		return st;
	entries = arena_zeros(a, n_to + 1, sizeof *entries);
	if (entries == NULL)
		return trouble_set(t, ST_NO_MEMORY, "box list");
	for (size_t i = 0; i < n_to; i++) {
		if (is_left_out(b, &to[i]))
			continue;
		st = seal_box(b, &to[i], &entries[n], t);
		if (st != ST_OK)
			return st;
		n++;
	}
	st = box_list_build(n, entries, a, &b->lists[index], &list, t);
	if (st == ST_OK)
		*hash = list.hash;
	return st;
}

/* ---- rotations ---- */

/* The seed before; where that is lost, the newest of those before it (seal.md 4). */
static status
find_newest(const struct building *b, uint16_t space, const struct rotation *rotation,
    uint16_t *epoch, struct keybox *out, struct trouble *t)
{
	status st = ST_NOT_FOUND;

	for (*epoch = rotation->epoch; st == ST_NOT_FOUND && *epoch > 1;) {
		--*epoch;
		st = find_seed(b, space, rotation->scope, *epoch, out, t);
	}
	return st;
}

/* Fingerprint of the new seed, and the old seed wrapped under it. */
static status
build_rotation(
    struct building *b, struct rotation *rotation, size_t index, struct trouble *t)
{
	struct wrapped_seed *wrapped = arena_alloc(b->how->arena, sizeof *wrapped);
	struct keybox new_box = {0};
	struct keybox old_box = {0};
	struct keybox_place place;
	struct wrap_place wrap;
	struct wrap_key key;
	struct span bytes;
	uint16_t space = 0, before = 0;
	status st;

	if (wrapped == NULL)
		return trouble_set(t, ST_NO_MEMORY, "wrapped seed");
	(void)membership_space_find(b->how->membership, &b->r.space, &space);
	st = find_seed(b, space, rotation->scope, rotation->epoch, &new_box, t);
	if (st == ST_OK)
		st = find_newest(b, space, rotation, &before, &old_box, t);
	if (st == ST_OK) {
		place = place_of(b, space, rotation->scope, before);
		wrap = (struct wrap_place){
		    place.network, place.space, place.scope, place.epoch};
		derive_wrap_key(&new_box.seed, &key);
		wrap_seed(&key, &wrap, &old_box.seed, b->how->rng, wrapped);
		keys_wipe(&key, sizeof key);
		rotation->fingerprint = derive_fingerprint(&new_box.seed);
		bytes = span_of(wrapped->bytes, sizeof wrapped->bytes);
		hash_256(NULL, &bytes, 1, &rotation->wrap);
		b->wraps[index] = bytes;
	}
	keys_wipe(&new_box, sizeof new_box);
	keys_wipe(&old_box, sizeof old_box);
	return st;
}

static status
build_rotations(struct building *b, struct trouble *t)
{
	status st = ST_OK;

	if (b->r.kind == LOG_ROTATE) {
		b->n_rotations = 1;
		b->rotations = &b->r.rotate;
	} else if (b->r.kind == LOG_REVOKE) {
		b->n_rotations = b->r.revoke.n_rotations;
		b->rotations =
		    arena_zeros(b->how->arena, b->n_rotations + 1, sizeof *b->rotations);
		if (b->rotations == NULL)
			return trouble_set(t, ST_NO_MEMORY, "REVOKE record");
		for (size_t i = 0; i < b->n_rotations; i++)
			b->rotations[i] = b->r.revoke.rotations[i];
		b->r.revoke.rotations = b->rotations;
	}
	b->wraps = arena_zeros(b->how->arena, b->n_rotations + 1, sizeof *b->wraps);
	if (b->wraps == NULL)
		return trouble_set(t, ST_NO_MEMORY, "wrapped seeds");
	for (size_t i = 0; i < b->n_rotations && st == ST_OK; i++)
		st = build_rotation(b, &b->rotations[i], i, t);
	return st;
}

/* A new scope's fingerprint, from the seed that the founder drew. */
static status
build_scope(struct building *b, struct trouble *t)
{
	struct keybox box;
	uint16_t space = 0;
	status st;

	(void)membership_space_find(b->how->membership, &b->r.space, &space);
	st = find_seed(b, space, b->r.seq, 1, &box, t);
	if (st == ST_OK)
		b->r.scope.fingerprint = derive_fingerprint(&box.seed);
	keys_wipe(&box, sizeof box);
	return st;
}

status
build_record(const struct build_how *how, const struct log_record *draft_record,
    const struct sign_sk *const *keys, struct built_record *out, struct trouble *t)
{
	struct building b = {.how = how, .r = *draft_record, .out = out};
	size_t n_lists = log_record_lists(draft_record);
	status st;

	memset(out, 0, sizeof *out);
	b.lists = arena_zeros(how->arena, n_lists + 1, sizeof *b.lists);
	if (b.lists == NULL)
		return trouble_set(t, ST_NO_MEMORY, "box lists");
	st = b.r.kind == LOG_SCOPE ? build_scope(&b, t) : build_rotations(&b, t);
	for (size_t i = 0; i < n_lists && st == ST_OK; i++)
		st = build_list(&b, i, t);
	if (st == ST_OK)
		st =
		    log_record_build(&b.r, keys, how->arena, &out->wire, &out->record, t);
	if (st != ST_OK)
		return st;
	out->n_lists = n_lists;
	out->lists = b.lists;
	out->boxes = b.boxes;
	out->n_wraps = b.n_rotations;
	out->wraps = b.wraps;
	return ST_OK;
}
