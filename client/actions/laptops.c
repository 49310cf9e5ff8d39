/* laptops.c - rows of the membership logs beside what the server told of them. */
#include "client/actions/laptops.h"

#include "client/sync/intents.h"
#include "client/sync/logs.h"

enum { WORD_MIN = 4 }; /* of a device's number */

/* ---- who is there ---- */

static const char *
label_key(struct laptop *l, const char *hex)
{
	return arena_text(l->arena, "laptop %s", hex);
}

/* Only of laptops that read the space that was asked about the server can tell: those of
 * the country and its guests, or of all where that space is NET. */
static void
add_contact(struct laptop *l, struct known_laptop *x, const struct contacts_known *k)
{
	const struct contact *c = contacts_find_laptop(l, k, &x->id);
	uint16_t home = l->self.author.home;

	x->has_contact =
	    k->asked_s != 0 && (c != NULL || home == 0 || x->author.home == home);
	if (c == NULL)
		return;
	x->last_contact_s = c->time_s;
	x->is_up_to_date = c->cursor >= k->head;
}

static void
read_laptop(struct laptop *l, struct query *q, struct known_laptop *x)
{
	x->country = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)snprintf(x->member, sizeof x->member, "%s", query_column_text(q, 1));
	x->role = (enum member_role)query_column_int(q, 2);
	x->author = (struct author){
	    (uint16_t)query_column_int(q, 3), (uint16_t)query_column_int(q, 4)};
	query_column_copy(q, 5, x->id.bytes, sizeof x->id.bytes);
	(void)snprintf(x->hex, sizeof x->hex, "%s", query_column_text(q, 6));
	x->is_active = query_column_int(q, 7) != 0;
	x->is_own = ID_EQUAL(&x->id, &l->self.device);
}

/* One row a laptop: its present incarnation, in the log of its own country. */
static const char all_sql[] =
    "SELECT s.code, d.member, d.role, d.home, max(d.pos), d.device,"
    " lower(hex(d.device)), d.is_active FROM r_device d JOIN r_space s ON s.pos ="
    " d.home WHERE d.role <> 4 AND (?1 IS NULL OR s.code = ?1)"
    " GROUP BY d.home, d.device ORDER BY d.home, d.member, min(d.pos)";

static status
read_all(struct laptop *l, const char *country, struct laptops *out, size_t cap)
{
	struct query *q = query_of(l->queries, all_sql);

	if (country == NULL)
		query_null(q);
	else
		query_text(q, country);
	while (out->n < cap && query_row(q))
		read_laptop(l, q, &out->items[out->n++]);
	return query_done(q, &l->trouble);
}

status
laptops_list(struct laptop *l, const char *country, struct laptops *out)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_device");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	struct contacts_known known;
	status st;

	(void)query_done(q, NULL);
	*out =
	    (struct laptops){.items = arena_zeros(l->arena, cap + 1, sizeof *out->items)};
	if (out->items == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for laptops");
	st = contacts_load(l, l->arena, &known);
	if (st == ST_OK)
		st = read_all(l, country, out, cap);
	out->asked_s = known.asked_s;
	for (size_t i = 0; st == ST_OK && i < out->n; i++) {
		struct known_laptop *x = &out->items[i];

		add_contact(l, x, &known);
		x->label = laptop_meta_text(l, label_key(l, x->hex));
		if (x->label != NULL && x->label[0] == '\0')
			x->label = NULL; /* the name was taken away */
	}
	return st;
}

status
laptops_look(struct laptop *l, const struct laptops *all, size_t *n_new)
{
	static const char seen_key[] = "laptops_seen";
	int64_t seen = laptop_meta_int(l, seen_key, (int64_t)all->n);
	status st = db_begin(l->db, &l->trouble);

	/* Laptops that go stay in the list, so their number only grows. */
	*n_new = (int64_t)all->n > seen ? all->n - (size_t)seen : 0;
	if (st == ST_OK)
		st = laptop_set_meta_int(l, seen_key, (int64_t)all->n);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* ---- which one ---- */

static bool
is_meant(const struct known_laptop *x, const char *word)
{
	size_t len = strlen(word);

	if (x->label != NULL && strcmp(x->label, word) == 0)
		return true;
	return strcmp(x->member, word) == 0 ||
	       (len >= WORD_MIN && strncasecmp(x->hex, word, len) == 0);
}

status
laptops_find(struct laptop *l, const char *word, struct laptops *out)
{
	size_t n = 0;
	status st = laptops_list(l, NULL, out);

	for (size_t i = 0; st == ST_OK && i < out->n; i++) {
		if (out->items[i].is_active && is_meant(&out->items[i], word))
			out->items[n++] = out->items[i];
	}
	out->n = n;
	if (st != ST_OK || n > 0)
		return st;
	st = complain(l->complaint, PN_F01,
	    "no laptop in use has that name or number, and no member %s has one", word);
	complain_next(l->complaint, "pnet device list");
	return trouble_set(&l->trouble, st, "no laptop %s", word);
}

status
laptops_rename(struct laptop *l, const struct known_laptop *x, const char *label)
{
	status st;

	if (strlen(label) > LAPTOP_LABEL_MAX)
		return complain(l->complaint, PN_V03,
		    "a name of a laptop has at most %d characters", LAPTOP_LABEL_MAX);
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK)
		st = laptop_set_meta_text(l, label_key(l, x->hex), label);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* ---- revoking ---- */

static status
deny(struct laptop *l, const char *why, const char *next)
{
	status st = complain(l->complaint, PN_P01, "%s", why);

	complain_next(l->complaint, "%s", next);
	return trouble_set(&l->trouble, st, "%s", why);
}

static bool
is_among(const struct laptops *which, const struct device_id *id)
{
	for (size_t i = 0; i < which->n; i++) {
		if (ID_EQUAL(&which->items[i].id, id))
			return true;
	}
	return false;
}

static status
check_role(struct laptop *l, const struct laptops *which)
{
	for (size_t i = 0; i < which->n; i++) {
		const struct known_laptop *x = &which->items[i];

		if (x->is_own)
			return deny(l, "that is the laptop you sit at",
			    "pnet device list    and the same command on another laptop");
		if (x->author.home == l->self.author.home && contacts_are_ours(l))
			continue;
		return deny(l,
		    arena_text(l->arena,
			"laptops of %s are revoked by %s; a guest leaves a team with "
			"'activity team A remove'",
			x->country,
			x->author.home == 0 ? "the office" : "its coordinators"),
		    "pnet member list    to see who that is");
	}
	return ST_OK;
}

/* Somebody has to be left who can give rights. */
static status
check_last(struct laptop *l, const struct membership *m, const struct laptops *which)
{
	uint16_t home = l->self.author.home;
	bool goes = false, stays = false;

	for (size_t i = 0; i < membership_n_devices(m, home); i++) {
		const struct member_device *d = membership_device_at(m, home, i);

		if (d->role != ROLE_COORDINATOR || d->is_revoked)
			continue;
		goes = goes || is_among(which, &d->id);
		stays = stays || (d->is_confirmed && !is_among(which, &d->id));
	}
	return goes && !stays
		   ? deny(l, "the last coordinator of the country would go",
			 "pnet invite MEMBER --role coordinator    somebody else first")
		   : ST_OK;
}

static status
count_scopes(struct laptop *l, const struct membership *m, const struct laptops *which,
    struct revocation *out)
{
	uint16_t home = l->self.author.home;
	uint16_t *devices = arena_zeros(l->arena, which->n + 1, sizeof *devices);
	struct log_record r = {.kind = LOG_REVOKE,
	    .space = *membership_space_name(m, home),
	    .time_s = l->now_ms / 1000};
	const uint16_t *scopes;

	if (devices == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for scopes");
	for (size_t i = 0; i < which->n; i++)
		devices[i] = which->items[i].author.device;
	r.revoke.devices = devices;
	r.revoke.n_devices = which->n;
	out->needs_office = home != 0;
	return membership_affected_scopes(
	    m, &r, l->arena, &scopes, &out->n_scopes, &l->trouble);
}

status
laptops_may_revoke(struct laptop *l, const struct laptops *which, struct revocation *out)
{
	struct membership *m;
	status st = check_role(l, which);

	*out = (struct revocation){0};
	if (st != ST_OK)
		return st;
	m = logs_load(l);
	if (m == NULL)
		return l->trouble.code;
	if (l->self.role == ROLE_COORDINATOR)
		st = check_last(l, m, which);
	if (st == ST_OK)
		st = count_scopes(l, m, which, out);
	membership_free(m);
	return st;
}

static status
in_transaction(struct laptop *l, const struct laptops *which, const char *member)
{
	struct device_id *ids = arena_zeros(l->arena, which->n + 1, sizeof *ids);
	status st;

	if (ids == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for laptops");
	for (size_t i = 0; i < which->n; i++)
		ids[i] = which->items[i].id;
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK)
		st = member == NULL ? intent_revoke_devices(l, ids, which->n)
				    : intent_revoke_member(l, member);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
laptops_revoke(struct laptop *l, const struct laptops *which)
{
	return in_transaction(l, which, NULL);
}

status
laptops_revoke_member(struct laptop *l, const char *member)
{
	const struct laptops none = {0};

	return in_transaction(l, &none, member);
}

bool
laptops_revoking(struct laptop *l)
{
	return intents_waiting(l).revocations > 0;
}
