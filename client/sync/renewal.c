/* renewal.c - notices copies of this laptop, and makes it a laptop of its own. */
#include "client/sync/renewal.h"

#include "client/sync/intents.h"
#include "client/sync/outbox.h"

/* r_meta: a copy's batch was seen; a command wants to append. */
#define SEEN "renew_seen"
#define WANTED "renew_wanted"

static bool
exists(struct query *q)
{
	bool found = query_row(q);

	(void)query_done(q, NULL);
	return found;
}

static status
set_flag(struct laptop *l, const char *key, bool value)
{
	return (laptop_meta_int(l, key, 0) != 0) == value
		   ? ST_OK
		   : laptop_set_meta_int(l, key, value);
}

/* ---- noticing ---- */

status
renewal_note_sealed(struct laptop *l, uint16_t home, const struct short_id *name)
{
	struct query *q =
	    query_of(l->queries, "INSERT OR IGNORE INTO r_mine VALUES(?, ?)");

	query_int(q, home);
	query_blob(q, name->bytes, sizeof name->bytes);
	return query_run(q, &l->trouble);
}

status
renewal_see_batch(struct laptop *l, struct author as, const struct batch *b,
    const struct short_id *name)
{
	struct query *q;

	if (b->home != as.home || b->device != as.device)
		return ST_OK;
	q = query_of(l->queries, "SELECT 1 FROM r_mine WHERE home = ? AND short = ?");
	query_int(q, as.home);
	query_blob(q, name->bytes, sizeof name->bytes);
	return exists(q) ? ST_OK : set_flag(l, SEEN, true);
}

/* The first incarnation is what a JOIN or GRANT made of this device; a later one counts
 * only if this replica made it. */
static status
settle_log(struct laptop *l, const struct membership *m, const struct member_device *d)
{
	bool is_active = !d->is_revoked && membership_is_active(m, d);
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_self VALUES(?1, ?2, CASE ?4 WHEN 1 THEN ?3 ELSE ?2 END) ON"
	    " CONFLICT(home) DO UPDATE SET latest = CASE ?4 WHEN 1 THEN ?3 ELSE device"
	    " END WHERE latest IS NOT CASE ?4 WHEN 1 THEN ?3 ELSE device END");

	query_int(q, d->home);
	query_int(q, d->first);
	query_int(q, d->position);
	query_int(q, is_active);
	return query_run(q, &l->trouble);
}

status
renewal_settle(struct laptop *l, const struct membership *m)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < membership_n_spaces(m); i++) {
		const struct member_device *d =
		    membership_device_in(m, membership_space_at(m, i), &l->self.device);

		if (d != NULL)
			st = settle_log(l, m, d);
	}
	return st;
}

struct author
renewal_incarnation(struct laptop *l, struct author present)
{
	struct query *q =
	    query_of(l->queries, "SELECT device FROM r_self WHERE home = ?");

	query_int(q, present.home);
	if (query_row(q))
		present.device = (uint16_t)query_column_int(q, 0);
	(void)query_done(q, NULL);
	return present;
}

bool
renewal_is_outdated(struct laptop *l)
{
	return exists(
	    query_of(l->queries, "SELECT 1 FROM r_self WHERE device <> latest LIMIT 1"));
}

bool
renewal_is_due(struct laptop *l, struct logs *logs)
{
	if (laptop_meta_int(l, SEEN, 0) != 0)
		return true;
	return renewal_is_outdated(l) && (laptop_meta_int(l, WANTED, 0) != 0 ||
					     outbox_any(l) || intents_any_ready(l, logs));
}

status
renewal_want(struct laptop *l)
{
	return set_flag(l, WANTED, true);
}

/* ---- renewing ---- */

static status
queue_one(struct laptop *l, struct membership *m, const struct member_device *d,
    uint64_t server_time_s, struct appends *x)
{
	const struct sign_sk *const keys[] = {&keyring_device(l->keys)->sign_sk};
	const struct author author = member_author(d);
	const struct draft_how how = {m, d->home, &author, server_time_s};
	struct log_record draft;
	status st = draft_renew(&how, &l->self.device, &draft, &l->trouble);

	/* Where it will stand, if it is taken: a server that has another record there
	 * takes none. */
	return st != ST_OK ? st
			   : appends_add(x, &draft, keys, 0,
				 (int64_t)d->home << 16 | (int64_t)draft.seq);
}

status
renewal_queue(
    struct laptop *l, struct membership *m, uint64_t server_time_s, struct appends *x)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < membership_n_spaces(m); i++) {
		const struct member_device *d =
		    membership_device_in(m, membership_space_at(m, i), &l->self.device);

		if (d == NULL || d->is_revoked || !membership_is_active(m, d))
			continue;
		st = queue_one(l, m, d, server_time_s, x);
		/* Where the log lets it do nothing more there is nothing to renew. */
		if (st != ST_OK && appends_refused_here(x) != REFUSAL_NONE)
			st = ST_OK;
	}
	return st;
}

static status
become(struct laptop *l, int64_t tag)
{
	static const char *const sql[] = {
	    "UPDATE r_self SET device = ?2, latest = max(latest, ?2) WHERE home = ?1",
	    "UPDATE r_scope SET as_device = ?2, prev = NULL WHERE as_home = ?1",
	    "DELETE FROM r_mine WHERE home = ?1 AND ?2 > 0"};
	uint16_t home = (uint16_t)(tag >> 16), device = (uint16_t)tag;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof sql / sizeof sql[0]; i++) {
		struct query *q = query_of(l->queries, sql[i]);

		query_int(q, home);
		query_int(q, device);
		st = query_run(q, &l->trouble);
	}
	if (st != ST_OK || home != l->self.author.home)
		return st;
	l->self.author.device = device;
	return laptop_set_meta_int(l, "incarnation", device);
}

status
renewal_store(struct laptop *l, struct appends *x, struct membership *m)
{
	status st = appends_store(x, m, become);

	if (st == ST_OK && appends_all_taken(x))
		st = set_flag(l, SEEN, false);
	if (st == ST_OK && appends_all_taken(x))
		st = set_flag(l, WANTED, false);
	return st;
}

/* ---- what others are told ---- */

status
renewal_note_clone(struct laptop *l, struct author by, uint64_t at_s)
{
	struct query *q =
	    query_of(l->queries, "INSERT OR IGNORE INTO r_clone VALUES(?, ?, ?, 0)");

	query_int(q, by.home);
	query_int(q, by.device);
	query_int(q, (int64_t)at_s);
	return query_run(q, &l->trouble);
}

status
renewal_see_pair(
    struct laptop *l, const struct batch *b, const struct short_id *name, uint64_t at_s)
{
	/* The column as r_batch_prev has it: prev in the header (SECURITY 9.4). What a
	 * laptop gave to a stick and had to seal again under the next key follows the
	 * same one, and both may come; a copy that wrote under two keys is told by its
	 * RENEW. */
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_batch INDEXED BY r_batch_prev WHERE"
	    " substr(header, 36, 16) = ? AND home = ? AND device = ? AND space = ? AND"
	    " scope = ? AND epoch = ? AND short <> ? LIMIT 1");

	query_blob(q, b->prev.bytes, sizeof b->prev.bytes);
	query_int(q, b->home);
	query_int(q, b->device);
	query_int(q, b->space);
	query_int(q, b->scope);
	query_int(q, b->epoch);
	query_blob(q, name->bytes, sizeof name->bytes);
	return exists(q)
		   ? renewal_note_clone(l, (struct author){b->home, b->device}, at_s)
		   : ST_OK;
}

static status
read_clones(struct laptop *l, uint64_t since_s, bool new_only, struct clone_notice *out,
    size_t cap, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(d.member, '?'), c.at_s FROM r_clone c LEFT JOIN r_device d "
	    "ON"
	    " d.home = c.home AND d.pos = c.device WHERE c.at_s >= ?1 AND (?2 = 0 OR"
	    " c.is_told = 0) AND d.device IS NOT ?3 AND NOT EXISTS(SELECT 1 FROM r_clone "
	    "c2"
	    " JOIN r_device d2 ON d2.home = c2.home AND d2.pos = c2.device WHERE "
	    "d2.device ="
	    " d.device AND c2.at_s BETWEEN c.at_s - 86400 AND c.at_s AND (c2.at_s, "
	    "c2.device)"
	    " < (c.at_s, c.device)) ORDER BY c.at_s DESC, c.home, c.device LIMIT ?4");
	status st;

	*n = 0;
	query_int(q, (int64_t)since_s);
	query_int(q, new_only);
	query_blob(q, l->self.device.bytes, sizeof l->self.device.bytes);
	query_int(q, (int64_t)cap);
	while (*n < cap && query_row(q)) {
		out[*n].member = arena_text(l->arena, "%s", query_column_text(q, 0));
		out[*n].at_s = (uint64_t)query_column_int(q, 1);
		(*n)++;
	}
	st = query_done(q, &l->trouble);
	return st;
}

status
renewal_clones(struct laptop *l, uint64_t since_s, bool new_only,
    struct clone_notice **out, size_t *n)
{
	enum { SHOWN_MAX = 64 };
	status st;

	*out = arena_zeros(l->arena, SHOWN_MAX, sizeof **out);
	if (*out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for notices");
	st = read_clones(l, since_s, new_only, *out, SHOWN_MAX, n);
	if (st == ST_OK && new_only && *n > 0)
		st = query_run(query_of(l->queries,
				   "UPDATE r_clone SET is_told = 1 WHERE is_told = 0"),
		    &l->trouble);
	return st;
}
