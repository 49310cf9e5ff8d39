/* logs.c - membership records and keys come into the replica. */
#include "client/laptop/opening.h"
#include "client/sync/keys_made.h"
#include "client/sync/logs_parts.h"
#include "client/sync/renewal.h"

#include "crypto/hash.h"
#include "crypto/keybox_open.h"
#include "crypto/wrap_open.h"
#include "proto/log_codec.h"

static status
store_record(
    struct laptop *l, uint16_t space, const struct log_record *r, struct span wire)
{
	struct query *q = query_of(l->queries, "INSERT INTO r_log VALUES(?, ?, ?, ?)");
	status st;

	query_int(q, space);
	query_int(q, r->seq);
	query_blob(q, r->id.bytes, sizeof r->id.bytes);
	query_span(q, wire);
	st = query_run(q, &l->trouble);
	/* What follows from the logs is owed, until logs_settle. */
	return st != ST_OK ? st : laptop_set_meta_int(l, LOGS_SETTLED, 0);
}

static const char *
hex_start(struct laptop *l, const uint8_t *id, size_t len)
{
	char text[9] = {0};

	for (size_t i = 0; i < len && i < 4; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", id[i]);
	return arena_text(l->arena, "%s", text);
}

status
logs_complain_fork(struct laptop *l, uint16_t space, uint32_t position, struct span there)
{
	struct space_name name = {"?"};
	struct log_id ours = {{0}};

	(void)space_name_of(l, space, &name);
	(void)logs_record_id(l, space, position, &ours);
	(void)complain(l->complaint, PN_S02,
	    "record %u of the log of %.4s is %s at the server and %s here",
	    (unsigned)position, name.text, hex_start(l, there.bytes, there.len),
	    hex_start(l, ours.bytes, sizeof ours.bytes));
	complain_data(l->complaint, "nothing is lost: everything stays on this laptop");
	complain_next(l->complaint,
	    "pnet verify    and compare the digits with your coordinator by phone before "
	    "anything else");
	return trouble_set(&l->trouble, ST_FORK, "the membership log is another one");
}

static status
complain_refused(
    struct laptop *l, enum refusal why, uint16_t space, const struct log_record *r)
{
	struct log_id known;

	if (why == REFUSAL_NET_FORK)
		return logs_complain_fork(l, 0, r->net_position,
		    span_of(r->net_id.bytes, sizeof r->net_id.bytes));
	if (why == REFUSAL_FORK && logs_record_id(l, space, r->seq, &known) == ST_OK)
		return logs_complain_fork(
		    l, space, r->seq, span_of(r->id.bytes, sizeof r->id.bytes));
	/* It follows another record than our last one. */
	if (why == REFUSAL_FORK && r->seq > 0)
		return logs_complain_fork(
		    l, space, r->seq - 1, span_of(r->prev.bytes, sizeof r->prev.bytes));
	return trouble_wrap(&l->trouble, "membership record %u", (unsigned)r->seq);
}

static status
take_record(struct laptop *l, struct membership *m, uint16_t space, struct span wire,
    enum apply_mode mode, bool *is_new)
{
	const struct apply_how how = {.mode = mode, .checks = &l->checks};
	struct log_record r;
	enum refusal why = REFUSAL_NONE;
	status st = log_record_read(wire, l->arena, &r, &l->trouble);

	*is_new = false;
	if (st != ST_OK)
		return st;
	st = membership_apply(m, &r, &how, &why, &l->trouble);
	if (why == REFUSAL_KNOWN)
		return ST_OK;
	if (st != ST_OK)
		return complain_refused(l, why, space, &r);
	*is_new = true;
	if (r.kind == LOG_RENEW)
		st = renewal_note_clone(l, r.author, r.time_s);
	return st != ST_OK ? st : store_record(l, space, &r, wire);
}

status
logs_take(struct laptop *l, struct membership *m, uint16_t space, uint32_t from,
    const struct span *records, size_t n, size_t *n_new)
{
	status st = ST_OK;

	(void)from; /* each record says its own position */
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		bool is_new;

		st = take_record(l, m, space, records[i], APPLY_RECEIVED, &is_new);
		if (n_new != NULL)
			*n_new += is_new;
	}
	return st;
}

status
logs_take_own(struct laptop *l, struct membership *m, uint16_t space, struct span record)
{
	bool is_new;

	return take_record(l, m, space, record, APPLY_STORED, &is_new);
}

/* ---- keys ---- */

static status
scope_row(struct laptop *l, uint16_t space, const struct member_scope *s,
    const struct tag_key *tag_key, int64_t *id)
{
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_scope(space, pos, name, epoch, tag_key, as_home, as_device)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(space, name) DO UPDATE SET"
	    " pos = excluded.pos, epoch = max(epoch, excluded.epoch) RETURNING id");

	query_int(q, space);
	query_int(q, s->position);
	query_blob(q, s->name.bytes, sizeof s->name.bytes);
	query_int(q, s->epoch);
	query_blob(q, tag_key->bytes, sizeof tag_key->bytes);
	query_int(q, l->self.author.home);
	query_int(q, l->self.author.device);
	*id = query_row(q) ? query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}

static status
store_seed(struct laptop *l, int64_t scope, uint16_t epoch, const struct epoch_seed *seed,
    size_t *n_new)
{
	struct query *q =
	    query_of(l->queries, "INSERT OR IGNORE INTO r_seed VALUES(?, ?, ?)");
	status st;

	query_int(q, scope);
	query_int(q, epoch);
	query_blob(q, seed->bytes, sizeof seed->bytes);
	st = query_run(q, &l->trouble);
	if (st == ST_OK && n_new != NULL)
		*n_new += (size_t)sqlite3_changes(db_handle(l->db));
	return st;
}

/* The box lists of one message, read once: a list may have thousands of entries, and a
 * message as many boxes. */
struct lists {
	size_t n;
	const struct list_row *rows;
	struct box_list *read; /* empty where a list is not well formed */
};

static status
read_lists(struct laptop *l, const struct key_rows *rows, struct lists *out)
{
	*out = (struct lists){rows->n_lists, rows->lists,
	    arena_zeros(l->arena, rows->n_lists + 1, sizeof *out->read)};
	if (out->read == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for box lists");
	for (size_t i = 0; i < out->n; i++) {
		if (box_list_read(out->rows[i].list, l->arena, &out->read[i], NULL) !=
		    ST_OK)
			out->read[i] = (struct box_list){0};
	}
	return ST_OK;
}

/* A record's author hashes the boxes that he made: one that stands in no list of that
 * record was slipped in. A box that this device uploaded to itself has no list. */
static bool
is_listed(const struct lists *lists, const struct box_row *row, const struct hash32 *hash)
{
	bool any = false;

	for (size_t i = 0; i < lists->n; i++) {
		if (lists->rows[i].position != row->position)
			continue;
		any = true;
		for (size_t n = 0; n < lists->read[i].n; n++) {
			if (ID_EQUAL(&lists->read[i].entries[n].box, hash))
				return true;
		}
	}
	return !any;
}

static bool
holds_seed(struct laptop *l, uint16_t space, uint16_t scope, uint16_t epoch)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_seed JOIN r_scope s ON s.id = scope WHERE s.space = ? AND"
	    " s.pos = ? AND r_seed.epoch = ?");
	bool found;

	query_int(q, space);
	query_int(q, scope);
	query_int(q, epoch);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

static status
take_box(struct laptop *l, struct membership *m, const struct box_pair *pair,
    const struct lists *lists, const struct box_row *row, size_t *n_new)
{
	struct sealed_box sealed;
	struct hash32 hash;
	const struct member_scope *s = membership_scope(m, row->space, row->scope);
	const struct fingerprint *fingerprint;
	struct keybox_place place = {.network = l->self.network, .epoch = row->epoch};
	struct keybox box;
	int64_t id;
	status st;

	if (s == NULL || holds_seed(l, row->space, row->scope, row->epoch))
		return ST_OK; /* nothing to gain */
	if (row->box.len != sizeof sealed.bytes)
		return trouble_set(
		    &l->trouble, ST_MALFORMED, "a key box has %zu bytes", row->box.len);
	memcpy(sealed.bytes, row->box.bytes, sizeof sealed.bytes);
	hash = keybox_hash(&sealed);
	if (!is_listed(lists, row, &hash))
		return trouble_set(&l->trouble, ST_HASH, "a key box stands in no list");
	fingerprint = membership_fingerprint(m, s->space, s->position, row->epoch, NULL);
	if (fingerprint == NULL)
		return trouble_set(
		    &l->trouble, ST_HASH, "a key box is of an unknown epoch");
	place.space = *membership_space_name(m, s->space);
	place.scope = s->name;
	st = keybox_open(
	    &sealed, &pair->pk, pair->sk, &place, fingerprint, &box, &l->trouble);
	if (st == ST_OK)
		st = scope_row(l, s->space, s, &box.tag_key, &id);
	if (st == ST_OK)
		st = store_seed(l, id, row->epoch, &box.seed, n_new);
	explicit_bzero(&box, sizeof box);
	return st;
}

/* The seed of epoch-1; where that was lost when the next epoch began, an older one. The
 * place that it opens in says which. */
static status
open_wrapped(const struct wrap_key *key, struct wrap_place *place,
    const struct wrapped_seed *wrapped, struct epoch_seed *out, struct trouble *t)
{
	status st = ST_HASH;

	for (place->epoch++; st == ST_HASH && place->epoch > 1;) {
		place->epoch--;
		st = wrap_open(key, place, wrapped, out, t);
	}
	return st;
}

/* Opens the seed of epoch-1 with that of epoch, if the latter is here. */
static status
take_wrap(struct laptop *l, struct membership *m, uint16_t space,
    const struct wrap_row *row, size_t *n_new)
{
	const struct member_scope *s = membership_scope(m, space, row->scope);
	struct wrap_place place = {
	    .network = l->self.network, .epoch = (uint32_t)row->epoch - 1};
	struct scope_info scope;
	struct wrapped_seed wrapped;
	struct epoch_seed seed, previous;
	struct wrap_key key;
	struct query *q;
	bool found;
	status st;

	if (s == NULL || row->wrap.len != sizeof wrapped.bytes || row->epoch < 2)
		return ST_OK;
	if (scope_by_pos(l, space, row->scope, &scope) != ST_OK)
		return ST_OK; /* no key of it is held: not ours to open */
	q = query_of(l->queries, "SELECT seed FROM r_seed WHERE scope = ? AND epoch = ?");
	query_int(q, scope.id);
	query_int(q, row->epoch);
	found = query_row(q);
	if (found)
		query_column_copy(q, 0, seed.bytes, sizeof seed.bytes);
	st = query_done(q, &l->trouble);
	if (st != ST_OK || !found)
		return st;
	memcpy(wrapped.bytes, row->wrap.bytes, sizeof wrapped.bytes);
	place.space = *membership_space_name(m, space);
	place.scope = s->name;
	derive_wrap_key(&seed, &key);
	st = open_wrapped(&key, &place, &wrapped, &previous, &l->trouble);
	if (st == ST_OK)
		st = store_seed(l, scope.id, (uint16_t)place.epoch, &previous, n_new);
	explicit_bzero(&seed, sizeof seed);
	explicit_bzero(&previous, sizeof previous);
	explicit_bzero(&key, sizeof key);
	return st;
}

status
logs_take_keys(struct laptop *l, struct membership *m, uint16_t space,
    const struct box_pair *pair, const struct key_rows *rows, size_t *n_new)
{
	struct lists lists;
	status st = read_lists(l, rows, &lists);

	for (size_t i = 0; st == ST_OK && i < rows->n_boxes; i++)
		st = take_box(l, m, pair, &lists, &rows->boxes[i], n_new);
	/* Newest epoch first, whatever the order they came in: each opens the next. */
	for (size_t round = 0; st == ST_OK && round < rows->n_wraps; round++) {
		size_t before = *n_new;

		for (size_t i = 0; st == ST_OK && i < rows->n_wraps; i++)
			st = take_wrap(l, m, space, &rows->wraps[i], n_new);
		if (*n_new == before)
			break;
	}
	return st != ST_OK ? st : keys_made_keep_wraps(l, space, rows);
}

status
logs_new_scope(
    struct laptop *l, uint16_t space, const struct scope_name *name, int64_t *id)
{
	struct tag_key tag_key;
	struct epoch_seed seed;
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_scope(space, name, epoch, tag_key, as_home, as_device)"
	    " VALUES(?, ?, 1, ?, ?, ?) RETURNING id");
	status st;

	rng_fill(&l->rng, tag_key.bytes, sizeof tag_key.bytes);
	rng_fill(&l->rng, seed.bytes, sizeof seed.bytes);
	query_int(q, space);
	query_blob(q, name->bytes, sizeof name->bytes);
	query_blob(q, tag_key.bytes, sizeof tag_key.bytes);
	query_int(q, l->self.author.home);
	query_int(q, l->self.author.device);
	*id = query_row(q) ? query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	if (st == ST_OK)
		st = store_seed(l, *id, 1, &seed, NULL);
	explicit_bzero(&tag_key, sizeof tag_key);
	explicit_bzero(&seed, sizeof seed);
	return st;
}

status
logs_keep_seed(struct laptop *l, uint16_t space, uint16_t scope, uint16_t epoch,
    const struct epoch_seed *seed)
{
	struct scope_info at;
	status st = scope_by_pos(l, space, scope, &at);

	return st != ST_OK ? st : store_seed(l, at.id, epoch, seed, NULL);
}
