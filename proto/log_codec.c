/* log_codec.c - bytes of membership records. Pure. */
#include "proto/log_codec.h"

#include <assert.h>

#include "base/reader.h"
#include "crypto/derive.h"
#include "crypto/hash.h"
#include "crypto/labels.h"
#include "crypto/sign.h"
#include "proto/limits.h"
#include "proto/pack.h"

/* The shape table of spec/membership.md 2: elements of the body after the nine that every
 * kind has. */
enum { COMMON_ELEMENTS = 9, SIGNATURE_BYTES = 64, RECORD_OVERHEAD_BYTES = 3 };

#define UINT53_MAX ((UINT64_C(1) << 53) - 1)

_Static_assert(LOG_POSITION_MAX + 1 == LOG_RECORDS_MAX, "positions fill the log");

static size_t
kind_elements(enum log_kind kind)
{
	switch (kind) {
	case LOG_GENESIS:
		return 2;
	case LOG_SERVER:
		return 2;
	case LOG_SPACE:
		return 1;
	case LOG_SCOPE:
		return 3;
	case LOG_INVITE:
		return 8;
	case LOG_JOIN:
		return 4;
	case LOG_GRANT:
		return 5;
	case LOG_REVOKE:
		return 5;
	case LOG_ROTATE:
		return 5;
	case LOG_RENEW:
		return 1;
	}
	return 0;
}

/* ---- writing ---- */

#define PUT_ID(w, id) pack_put_bin((w), span_of((id)->bytes, sizeof(id)->bytes))

static void
put_space(struct writer *w, const struct space_name *s)
{
	pack_put_bin(w, span_of(s->text, sizeof s->text));
}

static void
put_author(struct writer *w, struct author a)
{
	pack_put_array(w, 2);
	pack_put_uint(w, a.home);
	pack_put_uint(w, a.device);
}

static void
put_common(struct writer *w, const struct log_record *r)
{
	pack_put_uint(w, LOG_RECORD_VERSION);
	pack_put_uint(w, r->kind);
	PUT_ID(w, &r->network);
	put_space(w, &r->space);
	pack_put_uint(w, r->seq);
	PUT_ID(w, &r->prev);
	pack_put_uint(w, r->time_s);
	if (r->has_author)
		put_author(w, r->author);
	else
		pack_put_nil(w);
	if (log_record_is_net(r)) {
		pack_put_nil(w);
	} else {
		pack_put_array(w, 2);
		pack_put_uint(w, r->net_position);
		PUT_ID(w, &r->net_id);
	}
}

static void
put_positions(struct writer *w, const uint16_t *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pack_put_uint(w, items[i]);
}

static void
put_scopes(struct writer *w, const struct scope_set *s)
{
	pack_put_array(w, 1 + s->n_activities);
	pack_put_uint(w, s->kinds);
	put_positions(w, s->activities, s->n_activities);
}

static void
put_rotation(struct writer *w, const struct rotation *r)
{
	pack_put_uint(w, r->scope);
	pack_put_uint(w, r->epoch);
	PUT_ID(w, &r->fingerprint);
	PUT_ID(w, &r->boxes);
	PUT_ID(w, &r->wrap);
}

static void
put_keys(struct writer *w, const struct member_keys *k)
{
	PUT_ID(w, &k->sign);
	PUT_ID(w, &k->box);
	PUT_ID(w, &k->transport);
}

static void
put_invite(struct writer *w, const struct log_record *r)
{
	pack_put_str(w, span_text(r->invite.member.text));
	PUT_ID(w, &r->invite.sign);
	PUT_ID(w, &r->invite.box);
	pack_put_uint(w, r->invite.role);
	put_scopes(w, &r->invite.scopes);
	pack_put_uint(w, r->invite.expiry_s);
	pack_put_uint(w, r->invite.needs_confirm ? 1 : 0);
	PUT_ID(w, &r->invite.boxes);
}

static void
put_grant(struct writer *w, const struct log_record *r)
{
	if (r->grant.is_new_guest) {
		pack_put_nil(w);
		pack_put_array(w, 5);
		put_keys(w, &r->grant.keys);
		pack_put_uint(w, r->grant.country);
		pack_put_str(w, span_text(r->grant.member.text));
	} else {
		put_author(w, r->grant.device);
		pack_put_nil(w);
	}
	put_scopes(w, &r->grant.scopes);
	pack_put_uint(w, r->grant.end_s);
	PUT_ID(w, &r->grant.boxes);
}

static void
put_revoke(struct writer *w, const struct log_record *r)
{
	pack_put_array(w, r->revoke.n_devices);
	put_positions(w, r->revoke.devices, r->revoke.n_devices);
	pack_put_array(w, r->revoke.n_invites);
	put_positions(w, r->revoke.invites, r->revoke.n_invites);
	pack_put_array(w, r->revoke.n_leaves);
	for (size_t i = 0; i < r->revoke.n_leaves; i++) {
		pack_put_array(w, 2);
		pack_put_uint(w, r->revoke.leaves[i].device);
		pack_put_uint(w, r->revoke.leaves[i].scope);
	}
	pack_put_array(w, r->revoke.n_cuts);
	for (size_t i = 0; i < r->revoke.n_cuts; i++) {
		const struct cut *c = &r->revoke.cuts[i];

		pack_put_array(w, 4);
		pack_put_uint(w, c->device);
		pack_put_uint(w, c->space);
		pack_put_uint(w, c->scope);
		PUT_ID(w, &c->last);
	}
	pack_put_array(w, r->revoke.n_rotations);
	for (size_t i = 0; i < r->revoke.n_rotations; i++) {
		pack_put_array(w, 5);
		put_rotation(w, &r->revoke.rotations[i]);
	}
}

static void
put_fields(struct writer *w, const struct log_record *r)
{
	switch (r->kind) {
	case LOG_GENESIS:
		PUT_ID(w, &r->genesis.root);
		pack_put_uint(w, r->genesis.created_s);
		break;
	case LOG_SERVER:
		PUT_ID(w, &r->server.key);
		pack_put_str(w, span_text(r->server.address.text));
		break;
	case LOG_SPACE:
		put_space(w, &r->country.country);
		break;
	case LOG_SCOPE:
		PUT_ID(w, &r->scope.name);
		PUT_ID(w, &r->scope.fingerprint);
		PUT_ID(w, &r->scope.boxes);
		break;
	case LOG_INVITE:
		put_invite(w, r);
		break;
	case LOG_JOIN:
		put_keys(w, &r->join.keys);
		pack_put_uint(w, r->join.invite);
		break;
	case LOG_GRANT:
		put_grant(w, r);
		break;
	case LOG_REVOKE:
		put_revoke(w, r);
		break;
	case LOG_ROTATE:
		put_rotation(w, &r->rotate);
		break;
	case LOG_RENEW:
		PUT_ID(w, &r->renew.device);
		break;
	}
}

status
log_body_write(const struct log_record *r, struct writer *w, struct trouble *t)
{
	status st = log_record_check(r, t);

	if (st != ST_OK)
		return st;
	pack_put_array(w, COMMON_ELEMENTS + kind_elements(r->kind));
	put_common(w, r);
	put_fields(w, r);
	if (w->is_full)
		return trouble_set(t, ST_LIMIT, "%s record: longer than %d bytes",
		    log_kind_text(r->kind), LOG_RECORD_BYTES_MAX);
	return ST_OK;
}

/* ---- reading ---- */

#define TAKE_ID(p, id) pack_take_id((p), (id)->bytes, sizeof(id)->bytes)

/* A decode under way: the reader keeps the first failure of form, memory apart. */
struct decode {
	struct pack_reader p;
	struct arena *a;
	bool is_out_of_memory;
};

static void *
decode_array(struct decode *d, size_t n, size_t size)
{
	void *items = arena_zeros(d->a, n > 0 ? n : 1, size);

	if (items == NULL)
		d->is_out_of_memory = true;
	return items;
}

static uint16_t
take_position(struct decode *d)
{
	return (uint16_t)pack_take_uint(&d->p, LOG_POSITION_MAX);
}

static void
take_space(struct decode *d, struct space_name *out)
{
	pack_take_id(&d->p, out->text, sizeof out->text);
}

static void
take_text(struct decode *d, char *out, size_t bytes_max)
{
	struct span s = pack_take_str(&d->p, 1, bytes_max);

	if (s.len > 0 && memchr(s.bytes, 0, s.len) != NULL)
		pack_fail(&d->p, "a NUL in a text");
	else if (s.len > 0)
		memcpy(out, s.bytes, s.len);
	out[s.len] = '\0';
}

static struct author
take_author(struct decode *d)
{
	struct author a = {0, 0};

	(void)pack_take_array(&d->p, 2, 2);
	a.home = take_position(d);
	a.device = take_position(d);
	return a;
}

static uint16_t *
take_positions(struct decode *d, size_t n)
{
	uint16_t *items = decode_array(d, n, sizeof *items);

	for (size_t i = 0; items != NULL && i < n && pack_is_ok(&d->p); i++)
		items[i] = take_position(d);
	return items;
}

static void
take_scopes(struct decode *d, struct scope_set *out)
{
	size_t n = pack_take_array(&d->p, 1, LOG_LIST_MAX);

	out->kinds = (unsigned)pack_take_uint(&d->p, (1u << SCOPE_KIND_COUNT) - 1);
	out->n_activities = n > 0 ? n - 1 : 0;
	out->activities = take_positions(d, out->n_activities);
}

static void
take_rotation(struct decode *d, struct rotation *out)
{
	out->scope = take_position(d);
	out->epoch = (uint16_t)pack_take_uint(&d->p, UINT16_MAX);
	TAKE_ID(&d->p, &out->fingerprint);
	TAKE_ID(&d->p, &out->boxes);
	TAKE_ID(&d->p, &out->wrap);
}

static void
take_keys(struct decode *d, struct member_keys *out, struct device_id *id)
{
	struct device_public pk;

	TAKE_ID(&d->p, &out->sign);
	TAKE_ID(&d->p, &out->box);
	TAKE_ID(&d->p, &out->transport);
	pk = (struct device_public){out->sign, out->box, out->transport};
	*id = derive_device_id(&pk);
}

static void
take_invite(struct decode *d, struct log_record *r)
{
	take_text(d, r->invite.member.text, MEMBER_CODE_BYTES_MAX);
	TAKE_ID(&d->p, &r->invite.sign);
	TAKE_ID(&d->p, &r->invite.box);
	r->invite.role = (enum member_role)pack_take_uint(&d->p, ROLE_COUNT - 1);
	take_scopes(d, &r->invite.scopes);
	r->invite.expiry_s = pack_take_uint(&d->p, UINT53_MAX);
	r->invite.needs_confirm = pack_take_uint(&d->p, 1) == 1;
	TAKE_ID(&d->p, &r->invite.boxes);
}

static void
take_grant(struct decode *d, struct log_record *r)
{
	r->grant.is_new_guest = pack_take_nil(&d->p);
	if (r->grant.is_new_guest) {
		(void)pack_take_array(&d->p, 5, 5);
		take_keys(d, &r->grant.keys, &r->grant.id);
		r->grant.country = take_position(d);
		take_text(d, r->grant.member.text, MEMBER_CODE_BYTES_MAX);
	} else {
		r->grant.device = take_author(d);
		if (!pack_take_nil(&d->p))
			pack_fail(&d->p, "a grant to a device and to a new guest");
	}
	take_scopes(d, &r->grant.scopes);
	r->grant.end_s = pack_take_uint(&d->p, UINT53_MAX);
	TAKE_ID(&d->p, &r->grant.boxes);
}

static struct leave *
take_leaves(struct decode *d, size_t n)
{
	struct leave *items = decode_array(d, n, sizeof *items);

	for (size_t i = 0; items != NULL && i < n && pack_is_ok(&d->p); i++) {
		(void)pack_take_array(&d->p, 2, 2);
		items[i].device = take_position(d);
		items[i].scope = take_position(d);
	}
	return items;
}

static struct cut *
take_cuts(struct decode *d, size_t n)
{
	struct cut *items = decode_array(d, n, sizeof *items);

	for (size_t i = 0; items != NULL && i < n && pack_is_ok(&d->p); i++) {
		(void)pack_take_array(&d->p, 4, 4);
		items[i].device = take_position(d);
		items[i].space = take_position(d);
		items[i].scope = take_position(d);
		TAKE_ID(&d->p, &items[i].last);
	}
	return items;
}

static struct rotation *
take_rotations(struct decode *d, size_t n)
{
	struct rotation *items = decode_array(d, n, sizeof *items);

	for (size_t i = 0; items != NULL && i < n && pack_is_ok(&d->p); i++) {
		(void)pack_take_array(&d->p, 5, 5);
		take_rotation(d, &items[i]);
	}
	return items;
}

static void
take_revoke(struct decode *d, struct log_record *r)
{
	r->revoke.n_devices = pack_take_array(&d->p, 0, LOG_LIST_MAX);
	r->revoke.devices = take_positions(d, r->revoke.n_devices);
	r->revoke.n_invites = pack_take_array(&d->p, 0, LOG_LIST_MAX);
	r->revoke.invites = take_positions(d, r->revoke.n_invites);
	r->revoke.n_leaves = pack_take_array(&d->p, 0, LOG_LIST_MAX);
	r->revoke.leaves = take_leaves(d, r->revoke.n_leaves);
	r->revoke.n_cuts = pack_take_array(&d->p, 0, LOG_LIST_MAX);
	r->revoke.cuts = take_cuts(d, r->revoke.n_cuts);
	r->revoke.n_rotations = pack_take_array(&d->p, 0, LOG_ROTATIONS_MAX);
	r->revoke.rotations = take_rotations(d, r->revoke.n_rotations);
}

static void
take_fields(struct decode *d, struct log_record *r)
{
	switch (r->kind) {
	case LOG_GENESIS:
		TAKE_ID(&d->p, &r->genesis.root);
		r->genesis.created_s = pack_take_uint(&d->p, UINT53_MAX);
		break;
	case LOG_SERVER:
		TAKE_ID(&d->p, &r->server.key);
		take_text(d, r->server.address.text, SERVER_ADDRESS_BYTES_MAX);
		break;
	case LOG_SPACE:
		take_space(d, &r->country.country);
		break;
	case LOG_SCOPE:
		TAKE_ID(&d->p, &r->scope.name);
		TAKE_ID(&d->p, &r->scope.fingerprint);
		TAKE_ID(&d->p, &r->scope.boxes);
		break;
	case LOG_INVITE:
		take_invite(d, r);
		break;
	case LOG_JOIN:
		take_keys(d, &r->join.keys, &r->join.device);
		r->join.invite = take_position(d);
		break;
	case LOG_GRANT:
		take_grant(d, r);
		break;
	case LOG_REVOKE:
		take_revoke(d, r);
		break;
	case LOG_ROTATE:
		take_rotation(d, &r->rotate);
		break;
	case LOG_RENEW:
		TAKE_ID(&d->p, &r->renew.device);
		break;
	}
}

static void
take_common(struct decode *d, struct log_record *r)
{
	TAKE_ID(&d->p, &r->network);
	take_space(d, &r->space);
	r->seq = take_position(d);
	TAKE_ID(&d->p, &r->prev);
	r->time_s = pack_take_uint(&d->p, UINT53_MAX);
	r->has_author = !pack_take_nil(&d->p);
	if (r->has_author)
		r->author = take_author(d);
	if (log_record_is_net(r)) {
		if (!pack_take_nil(&d->p))
			pack_fail(&d->p, "a NET head in the NET log");
	} else {
		(void)pack_take_array(&d->p, 2, 2);
		r->net_position = take_position(d);
		TAKE_ID(&d->p, &r->net_id);
	}
}

static status
read_body(struct decode *d, struct log_record *r, struct trouble *t)
{
	size_t elements = pack_take_array(&d->p, 2, 64);
	uint64_t version = pack_take_uint(&d->p, UINT16_MAX);
	uint64_t kind = pack_take_uint(&d->p, UINT16_MAX);
	status st;

	if (!pack_is_ok(&d->p))
		return pack_status(&d->p, "log record", t);
	if (version != LOG_RECORD_VERSION || !log_kind_is_known(kind))
		return trouble_set(t, ST_VERSION, "log record: version %u, kind %u",
		    (unsigned)version, (unsigned)kind);
	r->kind = (enum log_kind)kind;
	if (elements != COMMON_ELEMENTS + kind_elements(r->kind))
		return trouble_set(t, ST_MALFORMED, "%s record: %zu elements",
		    log_kind_text(r->kind), elements);
	take_common(d, r);
	take_fields(d, r);
	if (d->is_out_of_memory)
		return trouble_set(t, ST_NO_MEMORY, "log record");
	st = pack_end(&d->p, log_kind_text(r->kind), t);
	return st != ST_OK ? st : log_record_check(r, t);
}

/* Signatures, message and id from the bytes as received. */
static status
read_seal(struct decode *d, struct reader *rest, struct span body, struct log_record *r,
    struct trouble *t)
{
	uint8_t n = 0;
	struct span signatures = {0};
	struct span parts[2];
	struct hash32 id;
	uint8_t *message;
	bool is_short =
	    reader_u8(rest, &n) != ST_OK || n != log_kind_signatures(r->kind) ||
	    reader_span(rest, (uint64_t)n * SIGNATURE_BYTES, &signatures) != ST_OK ||
	    reader_end(rest) != ST_OK;

	if (is_short)
		return trouble_set(t, ST_MALFORMED,
		    "%s record: signatures missing or too many", log_kind_text(r->kind));
	message = arena_alloc(d->a, sizeof LABEL_LOG + body.len);
	if (message == NULL)
		return trouble_set(t, ST_NO_MEMORY, "log record");
	memcpy(message, LABEL_LOG, sizeof LABEL_LOG);
	memcpy(message + sizeof LABEL_LOG, body.bytes, body.len);
	r->message = span_of(message, sizeof LABEL_LOG + body.len);
	r->n_signatures = n;
	memcpy(r->signatures, signatures.bytes, signatures.len);
	parts[0] = body;
	parts[1] = signatures;
	hash_256(LABEL_RECORD, parts, 2, &id);
	memcpy(r->id.bytes, id.bytes, sizeof r->id.bytes);
	return ST_OK;
}

status
log_record_read(
    struct span wire, struct arena *a, struct log_record *out, struct trouble *t)
{
	struct reader rest = reader_of(wire);
	struct decode d = {.a = a};
	struct span body = {0};
	uint16_t body_len = 0;
	status st;

	memset(out, 0, sizeof *out);
	if (wire.len > LOG_RECORD_BYTES_MAX)
		return trouble_set(t, ST_LIMIT, "log record of %zu bytes", wire.len);
	if (reader_u16(&rest, &body_len) != ST_OK ||
	    reader_span(&rest, body_len, &body) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "log record: cut short");
	d.p = pack_reader_of(body);
	st = read_body(&d, out, t);
	if (st != ST_OK)
		return st;
	return read_seal(&d, &rest, body, out, t);
}

/* ---- building ---- */

/* More than the body of any record of this size takes. */
static size_t
body_room(const struct log_record *r)
{
	size_t room = 768;

	if (r->kind == LOG_INVITE)
		room += 3 * r->invite.scopes.n_activities;
	if (r->kind == LOG_GRANT)
		room += 3 * r->grant.scopes.n_activities;
	if (r->kind == LOG_REVOKE)
		room += 3 * (r->revoke.n_devices + r->revoke.n_invites) +
			7 * r->revoke.n_leaves + 48 * r->revoke.n_cuts +
			104 * r->revoke.n_rotations;
	return room;
}

status
log_record_build(const struct log_record *r, const struct sign_sk *const *keys,
    struct arena *a, struct span *wire, struct log_record *out, struct trouble *t)
{
	size_t n = log_kind_signatures(r->kind);
	size_t most = LOG_RECORD_BYTES_MAX - RECORD_OVERHEAD_BYTES - n * SIGNATURE_BYTES;
	size_t cap = body_room(r) < most ? body_room(r) : most;
	uint8_t *scratch = arena_alloc(a, sizeof LABEL_LOG + cap);
	uint8_t *bytes;
	struct signature signature;
	struct writer w;
	struct writer body;
	status st;

	if (scratch == NULL)
		return trouble_set(t, ST_NO_MEMORY, "log record");
	memcpy(scratch, LABEL_LOG, sizeof LABEL_LOG);
	body = writer_of(scratch + sizeof LABEL_LOG, cap);
	st = log_body_write(r, &body, t);
	if (st != ST_OK)
		return st;
	bytes = arena_alloc(a, RECORD_OVERHEAD_BYTES + body.used + n * SIGNATURE_BYTES);
	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "log record");
	w = writer_of(bytes, RECORD_OVERHEAD_BYTES + body.used + n * SIGNATURE_BYTES);
	writer_u16(&w, (uint16_t)body.used);
	writer_span(&w, writer_done(&body));
	writer_u8(&w, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		sign_message(
		    keys[i], span_of(scratch, sizeof LABEL_LOG + body.used), &signature);
		writer_bytes(&w, signature.bytes, sizeof signature.bytes);
	}
	assert(!w.is_full);
	*wire = writer_done(&w);
	return log_record_read(*wire, a, out, t);
}

struct network_id
log_network_id(const struct log_record *genesis)
{
	struct network_id network;

	memcpy(network.bytes, genesis->id.bytes, sizeof network.bytes);
	return network;
}
