/* interop_log.c - makes a network's membership logs with every kind of record, for the
 * second reader (read_log.py), and says beside each record what has to be found in it.
 *
 *   interop_log FILE */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "proto/log_build.h"

static json_t *records;

static json_t *
hex(const void *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);
	json_t *j;

	if (text == NULL)
		abort();
	(void)sodium_bin2hex(text, 2 * len + 1, bytes, len);
	j = json_string(text);
	free(text);
	return j;
}

/* The device that the record brings into the log, or null. */
static json_t *
introduced(const struct log_record *r)
{
	if (r->kind == LOG_JOIN)
		return hex(r->join.device.bytes, 16);
	if (r->kind == LOG_GRANT && r->grant.is_new_guest)
		return hex(r->grant.id.bytes, 16);
	if (r->kind == LOG_RENEW)
		return hex(r->renew.device.bytes, 16);
	return json_null();
}

static void
keep(const struct built_record *b)
{
	const struct log_record *r = &b->record;
	json_t *lists = json_array();

	for (size_t i = 0; i < b->n_lists; i++)
		json_array_append_new(lists, hex(b->lists[i].bytes, b->lists[i].len));
	json_array_append_new(records,
	    json_pack("{s:o, s:o, s:{s:o, s:s, s:o, s:i, s:o}}", "wire",
		hex(b->wire.bytes, b->wire.len), "lists", lists, "expect", "id",
		hex(r->id.bytes, 32), "kind", log_kind_text(r->kind), "space",
		hex(r->space.text, 4), "seq", (int)r->seq, "introduces", introduced(r)));
}

/* Every record that log_world.h makes passes through here. */
static status
build_and_keep(const struct build_how *how, const struct log_record *draft,
    const struct sign_sk *const *keys, struct built_record *out, struct trouble *t)
{
	status st = build_record(how, draft, keys, out, t);

	if (st == ST_OK)
		keep(out);
	return st;
}

#define build_record build_and_keep
#include "unit/log_world.h"
#undef build_record

#define TAKEN(call) assert_int_equal((call), REFUSAL_NONE)

/* Each kind at least once, and each form of GRANT and REVOKE. */
static void
every_kind(struct world *w)
{
	const struct scope_set activity = {
	    .n_activities = 1, .activities = &w->sk_activity};
	struct laptop de_coordinator, guest;
	struct author as;

	world_open(w);
	world_open_de(w, &de_coordinator, &guest);
	TAKEN(world_grant(w, w->sk, &w->coordinator, &w->trainer, activity, 0));
	TAKEN(world_guest(w, w->sk, &w->coordinator, &guest, activity,
	    w->now_s + 30 * WORLD_DAY_S, &as));
	TAKEN(world_renew(w, &w->trainer));
	TAKEN(world_rotate(w, w->sk, &w->coordinator, w->sk_activity));
	TAKEN(world_revoke_device(w, w->sk, &w->coordinator, &w->trainer));
	TAKEN(world_rotate(w, 0, &w->office, w->all));
}

int
main(int argc, char **argv)
{
	struct world w;
	const struct network_id *network;
	json_t *all;

	if (argc != 2) {
		(void)fprintf(stderr, "use: interop_log FILE\n");
		return 64;
	}
	records = json_array();
	every_kind(&w);
	network = membership_network(w.m);
	all = json_pack(
	    "{s:o, s:o}", "network", hex(network->bytes, 16), "records", records);
	if (all == NULL || json_dump_file(all, argv[1], JSON_INDENT(1)) != 0) {
		(void)fprintf(stderr, "cannot write %s\n", argv[1]);
		return 1;
	}
	json_decref(all);
	world_close(&w);
	return 0;
}
