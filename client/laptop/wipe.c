/* wipe.c - finds what is an erased person's by computing tags, and deletes it. */
#include "client/laptop/wipe.h"

#include "crypto/tag.h"

struct wiping {
	struct laptop *l;
	int64_t scope;
	const struct tag *subject;
	struct tag_key tag_key;
	enum wipe_depth depth;
};

status
wipe_tag_key(struct laptop *l, int64_t scope, struct tag_key *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT tag_key FROM r_scope WHERE id = ?");

	memset(out, 0, sizeof *out);
	query_int(q, scope);
	if (query_row(q))
		query_column_copy(q, 0, out->bytes, sizeof out->bytes);
	return query_done(q, &l->trouble);
}

static bool
is_he(const struct wiping *x, const uint8_t key[static 8])
{
	struct tag tag = tag_subject(&x->tag_key, (struct person_key){get_u64(key)});

	return ID_EQUAL(&tag, x->subject);
}

/* ---- his records ---- */

static status
empty_record(struct wiping *x, int64_t rid)
{
	static const struct {
		enum wipe_depth least;
		const char *sql;
	} rows[] = {{WIPE_PAST, "DELETE FROM r_history WHERE record = ?"},
	    {WIPE_PAST, "DELETE FROM r_step_cell WHERE record = ?"},
	    {WIPE_PAST, "DELETE FROM r_unkept WHERE record = ?"},
	    {WIPE_ALL, "DELETE FROM r_op WHERE record = ?"},
	    {WIPE_ALL, "DELETE FROM r_dirty WHERE record = ?"},
	    {WIPE_ALL, "DELETE FROM r_ahead WHERE record = ?"}};
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].least <= x->depth)
			st = laptop_run_on(x->l, rows[i].sql, rid);
	}
	return st;
}

typedef status record_action(struct wiping *x, int64_t rid);

static status
for_his_records(struct wiping *x, record_action *act)
{
	struct query *q = query_of(x->l->queries,
	    "SELECT id, person FROM r_record WHERE scope = ? AND person IS NOT NULL");
	status st = ST_OK, end;

	query_int(q, x->scope);
	while (st == ST_OK && query_row(q)) {
		int64_t rid = query_column_int(q, 0);
		uint8_t key[8] = {0};

		query_column_copy(q, 1, key, sizeof key);
		if (is_he(x, key))
			st = act(x, rid);
	}
	end = query_done(q, st == ST_OK ? &x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- his marks ---- */

/* Records of the scope at hand. */
#define HERE "(SELECT id FROM r_record WHERE scope = ?1)"
/* What was set aside when an access to it ended (aside.h). */
#define ASIDE_HERE "(space, home) = (SELECT space, name FROM r_scope WHERE id = ?1)"

static status
drop_key(struct wiping *x, const uint8_t key[static 8])
{
	static const struct {
		enum wipe_depth least;
		const char *sql;
	} rows[] = {
	    {WIPE_PAST, "DELETE FROM r_history WHERE key = ?2 AND record IN " HERE},
	    {WIPE_PAST, "DELETE FROM r_step_cell WHERE key = ?2 AND record IN " HERE},
	    {WIPE_PAST, "DELETE FROM r_unkept WHERE key = ?2 AND record IN " HERE},
	    {WIPE_ALL, "DELETE FROM r_dirty WHERE key = ?2 AND record IN " HERE},
	    {WIPE_ALL,
		"DELETE FROM r_aside WHERE (key = ?2 OR person = ?2) AND " ASIDE_HERE}};
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof rows / sizeof rows[0]; i++) {
		struct query *q;

		if (rows[i].least > x->depth)
			continue;
		q = query_of(x->l->queries, rows[i].sql);
		query_int(q, x->scope);
		query_blob(q, key, 8);
		st = query_run(q, &x->l->trouble);
	}
	return st;
}

static status
drop_marks(struct wiping *x)
{
	struct query *q = query_of(x->l->queries,
	    "SELECT DISTINCT key FROM r_dirty WHERE length(key) = 8 AND record IN " HERE
	    " UNION SELECT DISTINCT key FROM r_history WHERE length(key) = 8 AND record"
	    " IN " HERE " UNION SELECT DISTINCT key FROM r_step_cell WHERE length(key) ="
	    " 8 AND record IN " HERE " UNION SELECT DISTINCT key FROM r_unkept WHERE"
	    " length(key) = 8 AND record IN " HERE
	    " UNION SELECT DISTINCT key FROM r_aside WHERE length(key) = 8 "
	    "AND " ASIDE_HERE
	    " UNION SELECT DISTINCT person FROM r_aside WHERE person IS NOT"
	    " NULL AND " ASIDE_HERE);
	status st = ST_OK, end;

	query_int(q, x->scope);
	while (st == ST_OK && query_row(q)) {
		uint8_t key[8] = {0};

		query_column_copy(q, 0, key, sizeof key);
		if (is_he(x, key))
			st = drop_key(x, key);
	}
	end = query_done(q, st == ST_OK ? &x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- the whole ---- */

/* The list that `review` showed last names marks by their keys. */
static status
forget_lists(struct wiping *x)
{
	struct query *q =
	    query_of(x->l->queries, "DELETE FROM r_meta WHERE key = 'review_shown'");

	return query_run(q, &x->l->trouble);
}

status
wipe_person(
    struct laptop *l, int64_t scope, const struct tag *subject, enum wipe_depth depth)
{
	struct wiping x = {.l = l, .scope = scope, .subject = subject, .depth = depth};
	status st = wipe_tag_key(l, scope, &x.tag_key);

	if (st == ST_OK)
		st = for_his_records(&x, empty_record);
	if (st == ST_OK)
		st = drop_marks(&x);
	if (st == ST_OK)
		st = forget_lists(&x);
	explicit_bzero(&x.tag_key, sizeof x.tag_key);
	return st;
}

static status
drop_name(struct wiping *x, int64_t rid)
{
	return laptop_run_on(x->l,
	    "DELETE FROM r_record WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM r_op WHERE"
	    " record = ?1) AND NOT EXISTS (SELECT 1 FROM r_pending_op WHERE record = ?1)"
	    " AND NOT EXISTS (SELECT 1 FROM r_dirty WHERE record = ?1)",
	    rid);
}

status
wipe_names(struct laptop *l, int64_t scope, const struct tag *subject)
{
	struct wiping x = {.l = l, .scope = scope, .subject = subject};
	status st = wipe_tag_key(l, scope, &x.tag_key);

	if (st == ST_OK)
		st = for_his_records(&x, drop_name);
	explicit_bzero(&x.tag_key, sizeof x.tag_key);
	return st;
}
