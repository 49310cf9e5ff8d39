/* replica_schema.h - the tables of a laptop's replica that hold what syncs (DESIGN 4.4).
 * The typed tables, one per record kind, are made from the schema (replica.c).
 *
 * Space, device and scope positions are those of the membership logs; scope ids are
 * local, since a scope founded offline has no position yet. Blobs are big endian or raw
 * ids. Private to replica*.c; other readers use the typed tables. */
#ifndef STORE_REPLICA_SCHEMA_H
#define STORE_REPLICA_SCHEMA_H

static const char replica_tables[] =
    "CREATE TABLE r_meta(key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"

    /* What is known of each space: cursor, store epoch and running hash of the last
     * applied pull; log_applied is the log length at that pull (what HELLO tells). */
    "CREATE TABLE r_space(pos INTEGER PRIMARY KEY, code TEXT NOT NULL,"
    " store_epoch BLOB, cursor INTEGER NOT NULL DEFAULT 0, chain BLOB,"
    " log_applied INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE r_log(space INTEGER, seq INTEGER, id BLOB NOT NULL, record BLOB NOT "
    "NULL,"
    " PRIMARY KEY(space, seq)) STRICT, WITHOUT ROWID;"
    /* Who is who, kept from the logs, so that no command has to replay them. */
    "CREATE TABLE r_device(home INTEGER, pos INTEGER, member TEXT NOT NULL,"
    " role INTEGER NOT NULL, device BLOB NOT NULL, is_active INTEGER NOT NULL,"
    " PRIMARY KEY(home, pos)) STRICT, WITHOUT ROWID;"
    /* pos is NULL while the SCOPE record waits to be appended; prev: short id of this
     * device's last batch there; as_*: the incarnation under which it writes there (a
     * guest has one in the host's log); end_s: when a guest's access ends, 0 = never. */
    "CREATE TABLE r_scope(id INTEGER PRIMARY KEY, space INTEGER NOT NULL, pos INTEGER,"
    " name BLOB NOT NULL, epoch INTEGER NOT NULL, tag_key BLOB NOT NULL,"
    " prev BLOB, as_home INTEGER NOT NULL, as_device INTEGER NOT NULL,"
    " end_s INTEGER NOT NULL DEFAULT 0, UNIQUE(space, name)) STRICT;"
    "CREATE INDEX r_scope_pos ON r_scope(space, pos);"
    "CREATE TABLE r_seed(scope INTEGER, epoch INTEGER, seed BLOB NOT NULL,"
    " PRIMARY KEY(scope, epoch)) STRICT, WITHOUT ROWID;"
    /* Log records that wait to be appended, with their keys already made. */
    "CREATE TABLE r_intent(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " space INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"

    "CREATE TABLE r_record(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " name BLOB NOT NULL, scope INTEGER NOT NULL, person BLOB,"
    " UNIQUE(name, kind, scope)) STRICT;"
    "CREATE INDEX r_record_person ON r_record(person) WHERE person IS NOT NULL;"

    /* Base: the server's state at the cursor. */
    "CREATE TABLE r_batch(space INTEGER, lsn INTEGER, short BLOB NOT NULL,"
    " home INTEGER NOT NULL, device INTEGER NOT NULL, scope INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, header BLOB NOT NULL, signature BLOB NOT NULL,"
    " hashes BLOB NOT NULL, PRIMARY KEY(space, lsn)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX r_batch_short ON r_batch(short);"
    "CREATE TABLE r_op(space INTEGER, lsn INTEGER, idx INTEGER, record INTEGER,"
    " wire BLOB NOT NULL, PRIMARY KEY(space, lsn, idx)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX r_op_record ON r_op(record);"
    "CREATE TABLE r_grave(scope INTEGER, subject BLOB, in_base INTEGER NOT NULL,"
    " PRIMARY KEY(scope, subject)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE r_doa(space INTEGER, batch BLOB, idx INTEGER, scope INTEGER,"
    " tag BLOB, PRIMARY KEY(space, batch, idx, scope, tag)) STRICT, WITHOUT ROWID;"
    /* Pages of a pull that has not reached the head yet. */
    "CREATE TABLE r_stage(space INTEGER, seq INTEGER, page BLOB NOT NULL,"
    " PRIMARY KEY(space, seq)) STRICT, WITHOUT ROWID;"

    /* Pending: sealed, not yet seen in a pull. state: 0 waits, 1 stored by the server
     * (said so, not seen yet), 2 refused. */
    "CREATE TABLE r_pending(id INTEGER PRIMARY KEY, space INTEGER NOT NULL,"
    " scope INTEGER NOT NULL, batch BLOB NOT NULL UNIQUE, wire BLOB NOT NULL,"
    " is_carried INTEGER NOT NULL, changes INTEGER NOT NULL, marks INTEGER NOT NULL,"
    " state INTEGER NOT NULL, reason TEXT, sealed_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE r_pending_op(pending INTEGER, idx INTEGER, record INTEGER NOT NULL,"
    " PRIMARY KEY(pending, idx)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX r_pending_op_record ON r_pending_op(record);"

    /* Dirty: saved on this laptop, not sealed. is_change: a person wrote it. */
    "CREATE TABLE r_dirty(id INTEGER PRIMARY KEY, record INTEGER NOT NULL,"
    " field INTEGER NOT NULL, key BLOB NOT NULL, entry BLOB NOT NULL,"
    " seen BLOB NOT NULL, saved_ms INTEGER NOT NULL, is_change INTEGER NOT NULL,"
    " is_mark INTEGER NOT NULL, UNIQUE(record, field, key)) STRICT;"

    /* Replaced values, for log and undo; personal ones 30 days, gone with the person. */
    "CREATE TABLE r_history(id INTEGER PRIMARY KEY, record INTEGER NOT NULL,"
    " field INTEGER NOT NULL, key BLOB NOT NULL, entry BLOB NOT NULL,"
    " replaced_ms INTEGER NOT NULL)"
    " STRICT;"
    "CREATE INDEX r_history_record ON r_history(record);"
    /* Cells with more than one different value. */
    "CREATE TABLE r_conflict(record INTEGER, field INTEGER, key BLOB,"
    " PRIMARY KEY(record, field, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE r_quarantine(space INTEGER, lsn INTEGER, idx INTEGER,"
    " reason TEXT NOT NULL, PRIMARY KEY(space, lsn, idx)) STRICT, WITHOUT ROWID;";

/* Step 2: batches seen of which nothing is kept but the name, so that a restored server
 * can be told that what it still holds of them is dead (client/laptop/claim.h). */
static const char replica_tables_2[] =
    "CREATE TABLE r_known(space INTEGER, id BLOB, PRIMARY KEY(space, id)) STRICT,"
    " WITHOUT ROWID;";

/* Step 3: what each command wrote, for undo and redo (client/laptop/steps.h). final_kind:
 * it wrote a record that is never taken back, a tally for one; 0 = none. now: names of
 * the entries that stand there if nobody changed it since, 12 bytes each; past: the
 * entries that stood there before; dirty: the row of r_dirty that was replaced; of a text
 * only past, the characters that came and went (client/laptop/steps_text.h); is_undone:
 * of this cell, since some of a step may have been left as they were. */
static const char replica_tables_3[] =
    "CREATE TABLE r_step(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " command TEXT NOT NULL, is_undone INTEGER NOT NULL, final_kind INTEGER NOT NULL)"
    " STRICT;"
    "CREATE TABLE r_step_cell(step INTEGER, record INTEGER, field INTEGER, key BLOB,"
    " is_undone INTEGER NOT NULL, now BLOB, past BLOB, dirty BLOB,"
    " PRIMARY KEY(step, record, field, key)) STRICT,"
    " WITHOUT ROWID;";

/* Step 4: whose signatures count, by every incarnation that the logs know; kept like
 * r_device, so that a pull of what others wrote does not replay them. */
static const char replica_tables_4[] =
    "CREATE TABLE r_signer(home INTEGER, pos INTEGER, device BLOB NOT NULL,"
    " sign BLOB NOT NULL, role INTEGER NOT NULL, PRIMARY KEY(home, pos)) STRICT,"
    " WITHOUT ROWID;";

/* Step 5: entries whose stamp was more than 24 h ahead of the server's time when they
 * came (V8): kept and shown like others, and listed. */
static const char replica_tables_5[] =
    "CREATE TABLE r_ahead(record INTEGER, agent INTEGER, idx INTEGER,"
    " home INTEGER NOT NULL, device INTEGER NOT NULL, seconds INTEGER NOT NULL,"
    " PRIMARY KEY(record, agent, idx)) STRICT, WITHOUT ROWID;";

/* Step 6: at a coordinator's, the activities whose figures may have changed, and the open
 * findings of each as last counted (client/laptop/due.h). */
static const char replica_tables_6[] =
    "CREATE TABLE r_due(activity BLOB PRIMARY KEY, is_due INTEGER NOT NULL,"
    " findings INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX r_due_is_due ON r_due(activity) WHERE is_due = 1;";

/* Step 7: copied and restored laptops (client/sync/renewal.h). r_self: the incarnations
 * that this replica is, and the present one by the log; r_mine: the batches that it
 * sealed under them; r_clone: incarnations of other laptops that were found to be two. */
static const char replica_tables_7[] =
    "CREATE TABLE r_self(home INTEGER PRIMARY KEY, device INTEGER NOT NULL,"
    " latest INTEGER NOT NULL) STRICT;"
    "CREATE TABLE r_mine(home INTEGER, short BLOB, PRIMARY KEY(home, short)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE r_clone(home INTEGER, device INTEGER, at_s INTEGER NOT NULL,"
    " is_told INTEGER NOT NULL, PRIMARY KEY(home, device)) STRICT, WITHOUT ROWID;"
    /* prev: 16 bytes of the header from byte 35 on. */
    "CREATE INDEX r_batch_prev ON r_batch(substr(header, 36, 16), device);"
    "INSERT OR IGNORE INTO r_mine SELECT b.home, b.short FROM r_batch b WHERE"
    " (b.home, b.device) IN (SELECT as_home, as_device FROM r_scope);"
    "INSERT OR IGNORE INTO r_mine SELECT s.as_home, substr(p.batch, 1, 16) FROM"
    " r_pending p JOIN r_scope s ON s.id = p.scope WHERE p.is_carried = 0;"
    "INSERT OR IGNORE INTO r_mine SELECT s.as_home, substr(k.id, 1, 16) FROM r_known k"
    " JOIN r_scope s ON s.space = k.space;";

/* Step 8: when this laptop saw a grave stand at the server: the head of that pull, so
 * that who was told up to there knows of it, and the server's clock; 0 = before this
 * step. Sheets in which an erased person's marks still lie as ciphertext (sweep.h). */
static const char replica_tables_8[] =
    "ALTER TABLE r_grave ADD COLUMN head INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE r_grave ADD COLUMN at_s INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE r_sweep(record INTEGER PRIMARY KEY) STRICT;";

/* Step 9: values that were shown and went without a word of who replaced them
 * (client/laptop/vanished.h); by: who wrote them. No content. */
static const char replica_tables_9[] =
    "CREATE TABLE r_vanished(record INTEGER, field INTEGER, agent INTEGER, idx INTEGER,"
    " home INTEGER NOT NULL, device INTEGER NOT NULL, since_ms INTEGER NOT NULL,"
    " PRIMARY KEY(record, field, agent, idx)) STRICT, WITHOUT ROWID;";

/* Step 10: values that the signer of an op dropped or changed when it took the place of
 * theirs (client/laptop/unkept.h). No content; key: of a map, else empty. */
static const char replica_tables_10[] =
    "CREATE TABLE r_unkept(record INTEGER, field INTEGER, agent INTEGER, idx INTEGER,"
    " key BLOB NOT NULL, home INTEGER NOT NULL, device INTEGER NOT NULL, is_changed "
    "INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, PRIMARY KEY(record, field, agent, idx)) STRICT,"
    " WITHOUT ROWID;";

/* Step 11: a guest's own changes that were not sent when his access ended
 * (client/laptop/aside.h); home: the name of their scope, place: the code of its
 * activity, the rest as in r_record and r_dirty. */
static const char replica_tables_11[] =
    "CREATE TABLE r_aside(id INTEGER PRIMARY KEY, space INTEGER NOT NULL,"
    " home BLOB NOT NULL, place TEXT NOT NULL, kind INTEGER NOT NULL,"
    " name BLOB NOT NULL, person BLOB, field INTEGER NOT NULL, key BLOB NOT NULL,"
    " entry BLOB NOT NULL, seen BLOB NOT NULL, saved_ms INTEGER NOT NULL,"
    " is_change INTEGER NOT NULL, is_mark INTEGER NOT NULL) STRICT;";

/* Step 12: key boxes that this laptop sealed, as the record at (space, seq) lists them,
 * and wrapped seeds of whoever, as the server had them: it may lose them
 * (client/sync/keys_made.h). lists: each with its length, u32, before it; boxes end to
 * end. */
static const char replica_tables_12[] =
    "CREATE TABLE r_made(space INTEGER, seq INTEGER, at_s INTEGER NOT NULL,"
    " lists BLOB NOT NULL, boxes BLOB NOT NULL, PRIMARY KEY(space, seq)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE r_wrap(space INTEGER, scope INTEGER, epoch INTEGER,"
    " wrap BLOB NOT NULL, PRIMARY KEY(space, scope, epoch)) STRICT, WITHOUT ROWID;";

/* Step 13: batches by what came before them in their scope. The index of step 7 led with
 * prev, which is zero in a device's first batch of each scope: a laptop with thousands of
 * scopes found thousands of them for each new one. */
static const char replica_tables_13[] =
    "DROP INDEX r_batch_prev;"
    "CREATE INDEX r_batch_prev ON r_batch(scope, device, substr(header, 36, 16));";

/* Step 14: this laptop's last batch in a scope that it left, at the server, and the
 * incarnation that wrote it (client/sync/logs_leave.c): what it writes there when it is
 * given access again follows that one. Names only. And batches that the server lost
 * (client/laptop/lost.h); state: 0 nobody was told, 1 told, 2 accepted; is_named: in the
 * answer at hand. */
static const char replica_tables_14[] =
    "CREATE TABLE r_left(space INTEGER, scope INTEGER, home INTEGER NOT NULL,"
    " device INTEGER NOT NULL, prev BLOB NOT NULL, PRIMARY KEY(space, scope)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE r_lost(space INTEGER, missing BLOB, home INTEGER NOT NULL,"
    " device INTEGER NOT NULL, scope INTEGER NOT NULL, state INTEGER NOT NULL,"
    " is_named INTEGER NOT NULL, PRIMARY KEY(space, missing)) STRICT, WITHOUT ROWID;";

#endif
