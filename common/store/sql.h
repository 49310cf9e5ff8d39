/* sql.h - the schema of a space's file and every statement on it, as a table; for
 * store_sqlite*.c only.
 *
 * Rows are keyed by (lsn, index) as one number, lsn * 256 + index, so that they are
 * appended (PERFORMANCE 6, 1). Keys of random bytes: batch_short and op_subject only, and
 * tables that stay small. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

/* class of an op row: a retention class while it lives (1..3), else */
enum { CLASS_HASH = 0, CLASS_ERASE = 4 };

/* op: wire holds the bytes as received; of a dead op its hash, record and subject gone.
 * batch: header and signature are NULL once nothing is left to serve; the rows of its ops
 * are deleted then. doa, grave: DESIGN 4.3. author: last batch of a device in a scope. */
static const char space_schema[] =
    "CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id = 1), epoch BLOB NOT NULL,"
    " horizon INTEGER NOT NULL, live_ops INTEGER NOT NULL, live_bytes INTEGER NOT NULL)"
    " STRICT;"
    "CREATE TABLE batch(lsn INTEGER PRIMARY KEY, id BLOB NOT NULL, scope INTEGER NOT "
    "NULL,"
    " chain BLOB NOT NULL, header BLOB, signature BLOB) STRICT;"
    "CREATE UNIQUE INDEX batch_short ON batch(substr(id, 1, 16));"
    "CREATE INDEX batch_scope ON batch(scope, lsn) WHERE header IS NOT NULL;"
    "CREATE TABLE op(key INTEGER PRIMARY KEY, scope INTEGER NOT NULL,"
    " class INTEGER NOT NULL, record BLOB, subject BLOB, wire BLOB NOT NULL) STRICT;"
    "CREATE INDEX op_subject ON op(subject) WHERE subject IS NOT NULL;"
    "CREATE TABLE dead(kill INTEGER, key INTEGER, PRIMARY KEY(kill, key))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE doa(batch BLOB, idx INTEGER, scope INTEGER, record BLOB,"
    " PRIMARY KEY(batch, idx, scope, record)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE grave(scope INTEGER, subject BLOB, lsn INTEGER NOT NULL,"
    " PRIMARY KEY(scope, subject)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE author(home INTEGER, device INTEGER, scope INTEGER,"
    " lsn INTEGER NOT NULL, PRIMARY KEY(home, device, scope)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE contact(home INTEGER, device INTEGER, time INTEGER NOT NULL,"
    " cursor INTEGER NOT NULL, PRIMARY KEY(home, device)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE log(seq INTEGER PRIMARY KEY, id BLOB NOT NULL, record BLOB NOT NULL)"
    " STRICT;"
    "CREATE TABLE box(owner BLOB, position INTEGER, space INTEGER, scope INTEGER,"
    " epoch INTEGER, box BLOB NOT NULL,"
    " PRIMARY KEY(owner, position, space, scope, epoch)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE box_list(position INTEGER, scope INTEGER, list BLOB NOT NULL,"
    " PRIMARY KEY(position, scope)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE wrap(scope INTEGER, epoch INTEGER, wrap BLOB NOT NULL,"
    " PRIMARY KEY(scope, epoch)) STRICT, WITHOUT ROWID;"
    /* What devices staged for a recovery; ahome, adevice: the batch's author. */
    "CREATE TABLE stage_batch(home INTEGER, device INTEGER, id BLOB, ahome INTEGER,"
    " adevice INTEGER, scope INTEGER, header BLOB, signature BLOB,"
    " PRIMARY KEY(home, device, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stage_op(home INTEGER, device INTEGER, id BLOB, idx INTEGER,"
    " type INTEGER, class INTEGER, record BLOB, subject BLOB, dots BLOB, wire BLOB,"
    " hash BLOB, PRIMARY KEY(home, device, id, idx)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stage_grave(home INTEGER, device INTEGER, scope INTEGER, subject BLOB,"
    " PRIMARY KEY(home, device, scope, subject)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stage_doa(home INTEGER, device INTEGER, batch BLOB, idx INTEGER,"
    " scope INTEGER, record BLOB, PRIMARY KEY(home, device, batch, idx, scope, record))"
    " STRICT, WITHOUT ROWID;";

/* clang-format off */
#define SPACE_SQL(X) \
	X(SQL_META,          "SELECT epoch, horizon, live_ops, live_bytes FROM meta") \
	X(SQL_META_NEW,      "INSERT INTO meta VALUES(1, ?1, 0, 0, 0)") \
	X(SQL_META_LIVE,     "UPDATE meta SET live_ops = ?1, live_bytes = ?2") \
	X(SQL_META_EPOCH,    "UPDATE meta SET epoch = ?1") \
	X(SQL_META_HORIZON,  "UPDATE meta SET horizon = ?1") \
	X(SQL_HEAD,          "SELECT lsn, chain FROM batch ORDER BY lsn DESC LIMIT 1") \
	X(SQL_CHAIN,         "SELECT chain FROM batch WHERE lsn = ?1") \
	X(SQL_BATCH_FIND,    "SELECT lsn, id FROM batch WHERE substr(id, 1, 16) = ?1") \
	X(SQL_BATCH_ADD,     "INSERT INTO batch VALUES(?1, ?2, ?3, ?4, ?5, ?6)") \
	X(SQL_BATCH_READ,    "SELECT id, scope, header, signature FROM batch WHERE lsn = ?1") \
	X(SQL_BATCH_NEXT,    "SELECT lsn FROM batch WHERE scope = ?1 AND lsn > ?2" \
	                     " AND header IS NOT NULL ORDER BY lsn LIMIT 1") \
	X(SQL_BATCH_PRUNE,   "UPDATE batch SET header = NULL, signature = NULL WHERE lsn = ?1") \
	X(SQL_OP_ADD,        "INSERT INTO op VALUES(?1, ?2, ?3, ?4, ?5, ?6)") \
	X(SQL_OP_LIVE,       "SELECT key, scope, class, record FROM op WHERE key >= ?1 AND key <= ?2" \
	                     " AND class BETWEEN 1 AND 3 ORDER BY key LIMIT 1") \
	X(SQL_OP_WIRE,       "SELECT wire FROM op WHERE key = ?1") \
	X(SQL_OP_DROP,       "UPDATE op SET class = 0, record = NULL, subject = NULL, wire = ?2" \
	                     " WHERE key = ?1") \
	X(SQL_OP_KEPT,       "SELECT 1 FROM op WHERE key >= ?1 AND key <= ?2 AND class > 0 LIMIT 1") \
	X(SQL_OP_PRUNE,      "DELETE FROM op WHERE key >= ?1 AND key <= ?2") \
	X(SQL_OP_SUBJECT,    "SELECT key FROM op WHERE subject = ?1 AND scope = ?2 LIMIT 1") \
	X(SQL_OP_READ,       "SELECT class, wire FROM op WHERE key >= ?1 AND key <= ?2 ORDER BY key") \
	X(SQL_DEAD_ADD,      "INSERT INTO dead VALUES(?1, ?2)") \
	X(SQL_DEAD_EACH,     "SELECT d.kill, d.key, b.scope FROM dead d JOIN batch b" \
	                     " ON b.lsn = d.key >> 8 WHERE d.kill > ?1 ORDER BY d.kill, d.key") \
	X(SQL_DEAD_TRIM,     "DELETE FROM dead WHERE kill <= ?1") \
	X(SQL_DOA_OF,        "SELECT 1 FROM doa WHERE batch = ?1 LIMIT 1") \
	X(SQL_DOA_HAS,       "SELECT 1 FROM doa WHERE batch = ?1 AND idx = ?2 AND scope = ?3 AND record = ?4") \
	X(SQL_DOA_ADD,       "INSERT OR IGNORE INTO doa VALUES(?1, ?2, ?3, ?4)") \
	X(SQL_DOA_DROP,      "DELETE FROM doa WHERE batch = ?1") \
	X(SQL_DOA_EACH,      "SELECT batch, idx, scope, record FROM doa") \
	X(SQL_GRAVE_HAS,     "SELECT 1 FROM grave WHERE scope = ?1 AND subject = ?2") \
	X(SQL_GRAVE_ADD,     "INSERT OR IGNORE INTO grave VALUES(?1, ?2, ?3)") \
	X(SQL_GRAVE_EACH,    "SELECT scope, subject, lsn FROM grave") \
	X(SQL_COUNTS,        "SELECT (SELECT count(*) FROM grave), (SELECT count(*) FROM doa)") \
	X(SQL_AUTHOR_PUT,    "INSERT INTO author VALUES(?1, ?2, ?3, ?4)" \
	                     " ON CONFLICT DO UPDATE SET lsn = excluded.lsn") \
	X(SQL_AUTHOR_EACH,   "SELECT a.home, a.device, a.scope, a.lsn, b.id FROM author a" \
	                     " JOIN batch b ON b.lsn = a.lsn ORDER BY 1, 2, 3") \
	X(SQL_AUTHOR_OF,     "SELECT a.home, a.device, a.scope, a.lsn, b.id FROM author a" \
	                     " JOIN batch b ON b.lsn = a.lsn WHERE a.home = ?1 AND a.device = ?2" \
	                     " ORDER BY 3") \
	X(SQL_CONTACT_PUT,   "INSERT OR REPLACE INTO contact VALUES(?1, ?2, ?3, ?4)") \
	X(SQL_CONTACT_EACH,  "SELECT home, device, time, cursor FROM contact ORDER BY 1, 2") \
	/* Bytes 3 to 8 of a header are home, device and scope, 35 to 50 prev. */ \
	X(SQL_GAP_EACH,      "SELECT substr(b.header, 4, 6), substr(b.header, 36, 16), min(b.lsn)" \
	                     " FROM batch b WHERE b.header IS NOT NULL AND substr(b.header, 36, 16)" \
	                     " <> zeroblob(16) AND NOT EXISTS (SELECT 1 FROM batch k WHERE" \
	                     " substr(k.id, 1, 16) = substr(b.header, 36, 16))" \
	                     " GROUP BY 1, 2 ORDER BY 3 LIMIT ?1") \
	X(SQL_LOG_HEAD,      "SELECT seq, id FROM log ORDER BY seq DESC LIMIT 1") \
	X(SQL_LOG_ADD,       "INSERT INTO log VALUES(?1, ?2, ?3)") \
	X(SQL_LOG_READ,      "SELECT id, record FROM log WHERE seq = ?1") \
	X(SQL_BOX_PUT,       "INSERT OR REPLACE INTO box VALUES(?1, ?2, ?3, ?4, ?5, ?6)") \
	X(SQL_BOX_DROP,      "DELETE FROM box WHERE owner = ?1") \
	X(SQL_BOX_EACH,      "SELECT position, space, scope, epoch, box FROM box WHERE owner = ?1" \
	                     " AND position >= ?2 AND (?2 = 0 OR position < 65535)" \
	                     " ORDER BY position, space, scope, epoch") \
	X(SQL_LIST_PUT,      "INSERT OR REPLACE INTO box_list VALUES(?1, ?2, ?3)") \
	X(SQL_LIST_READ,     "SELECT list FROM box_list WHERE position = ?1 AND scope = ?2") \
	X(SQL_WRAP_PUT,      "INSERT OR REPLACE INTO wrap VALUES(?1, ?2, ?3)") \
	X(SQL_WRAP_EACH,     "SELECT epoch, wrap FROM wrap WHERE scope = ?1 ORDER BY epoch") \
	X(SQL_STAGE_DROP_BATCH, "DELETE FROM stage_batch WHERE home = ?1 AND device = ?2") \
	X(SQL_STAGE_DROP_OP, "DELETE FROM stage_op WHERE home = ?1 AND device = ?2") \
	X(SQL_STAGE_DROP_GRAVE, "DELETE FROM stage_grave WHERE home = ?1 AND device = ?2") \
	X(SQL_STAGE_DROP_DOA, "DELETE FROM stage_doa WHERE home = ?1 AND device = ?2") \
	X(SQL_STAGE_NAME,    "INSERT OR IGNORE INTO stage_batch(home, device, id) VALUES(?1, ?2, ?3)") \
	X(SQL_STAGE_BATCH,   "INSERT OR REPLACE INTO stage_batch VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)") \
	X(SQL_STAGE_OP,      "INSERT OR REPLACE INTO stage_op" \
	                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)") \
	X(SQL_STAGE_GRAVE,   "INSERT OR IGNORE INTO stage_grave VALUES(?1, ?2, ?3, ?4)") \
	X(SQL_STAGE_DOA,     "INSERT OR IGNORE INTO stage_doa VALUES(?1, ?2, ?3, ?4, ?5, ?6)") \
	X(SQL_STAGE_ANY,     "SELECT 1 FROM stage_batch WHERE home = ?1 AND device = ?2 UNION ALL" \
	                     " SELECT 1 FROM stage_grave WHERE home = ?1 AND device = ?2 UNION ALL" \
	                     " SELECT 1 FROM stage_doa WHERE home = ?1 AND device = ?2 LIMIT 1") \
	X(SQL_STAGE_BATCHES, "SELECT id, ahome, adevice, scope, header, signature FROM stage_batch" \
	                     " WHERE home = ?1 AND device = ?2") \
	X(SQL_STAGE_OPS,     "SELECT type, class, record, subject, dots, wire, hash FROM stage_op" \
	                     " WHERE home = ?1 AND device = ?2 AND id = ?3 ORDER BY idx") \
	X(SQL_STAGE_GRAVES,  "SELECT scope, subject FROM stage_grave WHERE home = ?1 AND device = ?2") \
	X(SQL_STAGE_DOAS,    "SELECT batch, idx, scope, record FROM stage_doa" \
	                     " WHERE home = ?1 AND device = ?2") \
	X(SQL_STAGE_KNOWS,   "SELECT 1 FROM stage_batch WHERE home = ?1 AND device = ?2" \
	                     " AND id >= ?3 AND id <= ?4 LIMIT 1")
/* clang-format on */

enum space_sql {
#define X(name, text) name,
	SPACE_SQL(X)
#undef X
	    SPACE_SQL_COUNT
};

#endif
