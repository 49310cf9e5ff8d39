"""The planted bugs: what is changed in a copy of the sources, and which tests must notice.

Each plant is one exact text of one file and what stands in its place; `SABOTAGE(n)` is
true at run time when PNET_SABOTAGE is n. The product's own sources hold nothing of it.
A text that is not found once, because the code has changed, stops the build: the plant is
then written anew.

Catchers are names of ctest entries, the quickest first; the first that fails has caught
the bug. All of them pass with PNET_SABOTAGE=0, which run.py checks too.
"""


class Plant:
    def __init__(self, n, name, file, old, new, catchers):
        self.n, self.name, self.file = n, name, file
        self.old, self.new, self.catchers = old, new, catchers


PLANTS = [
    Plant(1, "acknowledge before the commit is durable", "common/store/store_sqlite.c",
          """	if (st == ST_OK)
		st = db_commit(s->db, t);
	if (st == ST_OK)
		s->stored = s->now;
	return st;""",
          """	if (st == ST_OK)
		st = db_commit(s->db, t);
	if (SABOTAGE(1) && st != ST_OK) {
		db_rollback(s->db);
		st = ST_OK;
	}
	if (st == ST_OK)
		s->stored = s->now;
	return st;""",
          ["test_store_faults", "test_server"]),
    Plant(2, "the nonce of a batch comes from a stored value", "client/sync/outbox.c",
          "	rng_fill(&x->l->rng, b->nonce, sizeof b->nonce);",
          """	if (SABOTAGE(2))
		memcpy(b->nonce, "the nonce of a batch", sizeof b->nonce);
	else
		rng_fill(&x->l->rng, b->nonce, sizeof b->nonce);""",
          ["cli_04-copied-laptop"]),
    Plant(3, "a sync that failed is tried again", "common/store/db.c",
          """	if (breaks(d, rc))
		d->is_broken = true;""",
          """	if (breaks(d, rc) && !SABOTAGE(3))
		d->is_broken = true;""",
          ["test_db", "test_store_faults"]),
    Plant(4, "the dot of a batch that came later is forgotten", "common/core/merge.c",
          "		return s->add_doa(s->ctx, &claim, t);",
          "		return SABOTAGE(4) ? ST_OK : s->add_doa(s->ctx, &claim, t);",
          ["test_merge"]),
    Plant(5, "an erased subject comes back", "common/core/merge.c",
          "		st = r->s->has_grave(r->s->ctx, &g, &is_dead, t);",
          """		st = r->s->has_grave(r->s->ctx, &g, &is_dead, t);
		is_dead = is_dead && !SABOTAGE(5);""",
          ["test_merge"]),
    Plant(6, "the role of an eraser is not asked for", "common/core/membership_batch.c",
          "	if (!may || (has_erase(b) && out->device->role != ROLE_COORDINATOR))",
          """	if (!may || (has_erase(b) && out->device->role != ROLE_COORDINATOR &&
			!SABOTAGE(6)))""",
          ["test_membership_batch"]),
    Plant(7, "a dot works on the record of another tag", "common/core/merge.c",
          "	return victim->scope == scope && ID_EQUAL(&victim->record, record) &&",
          """	return victim->scope == scope &&
	       (SABOTAGE(7) || ID_EQUAL(&victim->record, record)) &&""",
          ["test_merge"]),
    Plant(8, "what is to be proven can be superseded", "common/core/merge.c",
          "	       victim->retention != RETAIN_AUDIT;",
          "	       (SABOTAGE(8) || victim->retention != RETAIN_AUDIT);",
          ["test_merge"]),
    Plant(9, "a second edit forgets what the first one saw", "common/core/record_edit.c",
          """		if (d->n_seen > 0)
			memcpy(out + n, d->seen, d->n_seen * sizeof *out);
		n += d->n_seen;""",
          """		if (d->n_seen > 0 && !SABOTAGE(9)) {
			memcpy(out + n, d->seen, d->n_seen * sizeof *out);
			n += d->n_seen;
		}""",
          ["test_record", "test_record_ideal", "sim_merge_fast"]),
    Plant(10, "a replaced unsent edit is not listed by its successor",
          "common/core/record_edit.c",
          "		out[n++] = seen_of(&d->entry, !is_sealed_too(cell, &d->entry));",
          """		if (!SABOTAGE(10))
			out[n++] = seen_of(&d->entry, !is_sealed_too(cell, &d->entry));""",
          ["test_record", "test_record_ideal", "sim_merge_fast"]),
    Plant(11, "a whole op does not carry on what it lists", "common/core/record_seal.c",
          """		if (grave_drops(v->entries[i].grave))
			s->n_erased++;""",
          """		if (SABOTAGE(11) && i + 1 == n_carried && i > 0)
			continue;
		if (grave_drops(v->entries[i].grave))
			s->n_erased++;""",
          ["test_record_seal", "test_record_ideal", "sim_merge_fast"]),
    Plant(12, "the mark of somebody erased is carried on", "common/core/record_seal.c",
          """		if (grave_drops(v->entries[i].grave))
			s->n_erased++;""",
          """		if (grave_drops(v->entries[i].grave) && !SABOTAGE(12))
			s->n_erased++;""",
          ["test_record_erase", "sim_merge_fast"]),
    Plant(13, "a choice is taken though the values changed", "common/core/record_edit.c",
          "	if (!is_erased(v, w) && !names_are_those(now, n_now, then, n_shown))",
          """	if (!is_erased(v, w) && !names_are_those(now, n_now, then, n_shown) &&
	    !SABOTAGE(13))""",
          ["test_record"]),
    Plant(14, "a removal is not logged for those who pull", "common/core/merge.c",
          "	st = r->s->add_dead(r->s->ctx, kill_lsn, at, t);",
          """	if (SABOTAGE(14))
		return r->s->prune_batch(r->s->ctx, at.lsn, t);
	st = r->s->add_dead(r->s->ctx, kill_lsn, at, t);""",
          ["test_merge", "test_store_pull"]),
    Plant(15, "the cap forgets the newest names first", "common/core/record_cap.c",
          """	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;""",
          """	if (x->order != y->order)
		return (x->order < y->order) != SABOTAGE(15) ? -1 : 1;""",
          ["test_record_seal", "test_record_ideal", "sim_merge_fast"]),
    Plant(16, "signatures are not checked", "proto/batch_codec.c",
          "	if (!checks->verify(checks->ctx, pk, m, &b->signature))",
          "	if (!SABOTAGE(16) && !checks->verify(checks->ctx, pk, m, &b->signature))",
          ["test_batch_codec", "test_server"]),
    Plant(17, "the epoch is asked for before the known id", "server/intake.c",
          "	f->has_id = st == ST_OK || st == ST_SIGNATURE;",
          """	f->has_id = st == ST_OK || st == ST_SIGNATURE;
	if (SABOTAGE(17) && f->code == VERDICT_EPOCH)
		f->has_id = false;""",
          ["test_server", "test_server_members", "sim_whole_fast"]),
    Plant(18, "values replaced stay in the history of the erased", "client/laptop/wipe.c",
          """	    {WIPE_ALL, "DELETE FROM r_ahead WHERE record = ?"}};
	status st = ST_OK;

	for (size_t i = 0; st""",
          """	    {WIPE_ALL, "DELETE FROM r_ahead WHERE record = ?"}};
	status st = ST_OK;

	for (size_t i = SABOTAGE(18); st""",
          ["sim_named"]),
    Plant(19, "erased bytes stay in the log of the database",
          "common/store/store_sqlite.c",
          "	status st = db_checkpoint(s->db, t);",
          "	status st = SABOTAGE(19) ? ST_OK : db_checkpoint(s->db, t);",
          ["test_store_faults", "test_store", "test_server"]),
    Plant(20, "a pull goes on one batch too far after a page",
          "common/store/store_work_pull.c",
          "		    since > in->after ? since : in->after, &s->next, t);",
          """		    (since > in->after ? since : in->after) +
			(SABOTAGE(20) && in->after > since ? 1 : 0),
		    &s->next, t);""",
          ["test_store_pull"]),
    Plant(21, "a sibling is dropped", "common/core/record_view.c",
          "		    .n = end - i,",
          "		    .n = SABOTAGE(21) && end - i > 1 ? end - i - 1 : end - i,",
          ["test_record", "test_record_ideal", "sim_merge_fast"]),
    Plant(22, "what was pushed leaves pending at the answer", "client/sync/syncer.c",
          "		f->is_known = code == VERDICT_KNOWN;",
          """		f->is_known = code == VERDICT_KNOWN;
		if (SABOTAGE(22))
			(void)outbox_forget(x->l, f->pending, true);""",
          ["sim_whole_fast", "cli_40-restored-server"]),
    Plant(23, "keys are not given again after a loss", "client/sync/syncer_recover.c",
          "	st = keys_made_give_at_once(x->l);",
          "	st = SABOTAGE(23) ? ST_OK : keys_made_give_at_once(x->l);",
          ["sim_keys"]),
]
