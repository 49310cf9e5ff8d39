/* opening.c - finds the key, opens, decodes, and checks that the content is what the tags
 * say. */
#include "client/laptop/opening.h"

#include "crypto/seal_open.h"
#include "crypto/tag.h"

status
space_name_of(struct laptop *l, uint16_t space, struct space_name *out)
{
	struct query *q = query_of(l->queries, "SELECT code FROM r_space WHERE pos = ?");
	bool found;
	status st;

	query_int(q, space);
	found = query_row(q);
	if (found)
		*out = space_of(query_column_text(q, 0));
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(
		    &l->trouble, ST_NOT_FOUND, "space %u is not known here", space);
	return st;
}

status
batch_place(struct laptop *l, const struct batch *b, struct batch_place *out)
{
	status st = space_name_of(l, b->space, &out->space_name);

	out->space = b->space;
	return st != ST_OK ? st : scope_by_pos(l, b->space, b->scope, &out->scope);
}

const struct keyring_slot *
opening_keys(struct laptop *l, const struct batch_place *place, uint16_t epoch)
{
	struct keyring_place where = {
	    place->space_name, (uint16_t)place->scope.pos, epoch};
	const struct keyring_slot *slot = keyring_find(l->keys, where);
	struct epoch_seed seed;
	struct tag_key tag_key;
	struct query *q;
	bool found;

	if (slot != NULL)
		return slot;
	q = query_of(l->queries,
	    "SELECT seed, tag_key FROM r_seed JOIN r_scope"
	    " ON r_scope.id = scope WHERE scope = ? AND r_seed.epoch = ?");
	query_int(q, place->scope.id);
	query_int(q, epoch);
	found = query_row(q);
	if (found) {
		query_column_copy(q, 0, seed.bytes, sizeof seed.bytes);
		query_column_copy(q, 1, tag_key.bytes, sizeof tag_key.bytes);
	}
	if (query_done(q, &l->trouble) != ST_OK)
		return NULL;
	if (!found) {
		(void)trouble_set(
		    &l->trouble, ST_NOT_FOUND, "the key of epoch %u is not here", epoch);
		return NULL;
	}
	if (keyring_add(l->keys, where, &seed, &tag_key, &l->trouble) == ST_OK)
		slot = keyring_find(l->keys, where);
	explicit_bzero(&seed, sizeof seed);
	return slot;
}

/* The opener trusts no tag that it has not computed itself. */
static status
check_tags(struct laptop *l, const struct keyring_slot *slot, const struct op *o,
    const struct body *body)
{
	struct tag tag = tag_record(&slot->tag_key, body->kind, &body->record);

	if (!ID_EQUAL(&tag, &o->record))
		return trouble_set(
		    &l->trouble, ST_HASH, "an op is filed under another record");
	if (body->has_person != o->has_subject)
		return trouble_set(
		    &l->trouble, ST_HASH, "an op has no subject, or one too many");
	if (!body->has_person)
		return ST_OK;
	tag = tag_subject(&slot->tag_key, body->person);
	if (!ID_EQUAL(&tag, &o->subject))
		return trouble_set(
		    &l->trouble, ST_HASH, "an op is filed under another person");
	return ST_OK;
}

status
opening_op(struct laptop *l, const struct batch_place *place, const struct batch *b,
    size_t index, struct arena *a, struct body *out)
{
	const struct op *o = &b->ops[index];
	const struct keyring_slot *slot = opening_keys(l, place, b->epoch);
	struct seal_ad ad = {
	    .network = l->self.network,
	    .space = place->space_name,
	    .scope = place->scope.name,
	    .epoch = b->epoch,
	    .record = o->record,
	    .subject = o->subject,
	    .retention = (uint8_t)o->retention,
	    .index = (uint32_t)index,
	};
	const struct author signer = {b->home, b->device};
	struct span plain;
	status st;

	if (slot == NULL)
		return l->trouble.code;
	memcpy(ad.nonce, b->nonce, sizeof ad.nonce);
	st = seal_open(&slot->op_key, &ad, o->body, a, &plain, &l->trouble);
	if (st == ST_OK)
		st = body_decode(l->codec, plain, signer, a, out, &l->trouble);
	return st != ST_OK ? st : check_tags(l, slot, o, out);
}
