/* messages.h - what two sessions say to each other, as values, and their codecs
 * (spec/messages.md is normative).
 *
 * A packet is one msgpack array of messages, each an array whose first element is its
 * number. Integers are in shortest form, byte strings are bin, nothing nests deeper than
 * MESSAGE_DEPTH_MAX; whatever else comes is ST_MALFORMED. Spaces, scopes and devices are
 * named by log positions (DESIGN 3.3), 0 is NET. Pure. */
#ifndef PROTO_MESSAGES_H
#define PROTO_MESSAGES_H

#include "base/arena.h"
#include "base/ids.h"
#include "base/writer.h"
#include "proto/limits.h"

/* Who may send a message: the server, a device in the log, a peer that is in no log. */
enum { FROM_SERVER = 1, FROM_DEVICE = 2, FROM_STRANGER = 4 };
#define FROM_ANYBODY (FROM_DEVICE | FROM_STRANGER)

/* clang-format off */
/*        kind          no  from             elements  says */
#define MESSAGES(X) \
	X(MSG_HELLO,     1, FROM_ANYBODY,     3,  4, "who I am, how far I have pulled, and perhaps a PULL; in handshake message 3 only") \
	X(MSG_PUSH,      2, FROM_ANYBODY,     3,  3, "a batch, to be taken or refused") \
	X(MSG_PULL,      3, FROM_ANYBODY,     2,  3, "send what is new in my spaces, after the pushes before this") \
	X(MSG_APPEND,    4, FROM_ANYBODY,     6,  6, "a membership record with its key boxes") \
	X(MSG_BOXES,     5, FROM_DEVICE,      3,  3, "key boxes to myself, after a JOIN") \
	X(MSG_RECOVER,   6, FROM_DEVICE,      7,  7, "what I know of a restored server's past, a part of it") \
	X(MSG_INVITED,   7, FROM_STRANGER,    2,  2, "show me the logs and the boxes of this invite") \
	X(MSG_WAIT,      8, FROM_DEVICE,      1,  1, "I stay; ring when a space that I read has grown") \
	X(MSG_PING,      9, FROM_ANYBODY | FROM_SERVER, 1, 1, "I am here; the server says it back") \
	X(MSG_VERDICT,  10, FROM_SERVER,      2, 1024, "one verdict a push, in order, after the durable commit") \
	X(MSG_PAGE,     11, FROM_SERVER,      6, 12, "batches and removals of one space") \
	X(MSG_STORE,    12, FROM_SERVER,      5,  5, "which store this is; before its pages") \
	X(MSG_DOORBELL, 13, FROM_SERVER,      2,  2, "a space has grown") \
	X(MSG_BYE,      15, FROM_ANYBODY | FROM_SERVER, 1, 2, "the end; nothing follows") \
	X(MSG_LOGS,     16, FROM_SERVER,      4,  4, "membership records of one space") \
	X(MSG_KEYBOXES, 17, FROM_SERVER,      5,  5, "key boxes and wrapped seeds that the peer may open") \
	X(MSG_APPENDED, 18, FROM_SERVER,      4,  4, "what became of an APPEND or BOXES") \
	X(MSG_RECOVERED,19, FROM_SERVER,      3,  3, "what became of a recovery; pull from zero now") \
	X(MSG_LOG,      20, FROM_ANYBODY,     3,  3, "send membership records of one space from a position on") \
	X(MSG_DEVICES,  21, FROM_DEVICE,      3,  3, "how far the laptops of a space have come, and where these of them ended") \
	X(MSG_CONTACTS, 22, FROM_SERVER,      6,  7, "the answer to DEVICES, a part of it")
/* clang-format on */

enum message_kind {
#define X(name, number, from, least, most, says) name = number,
	MESSAGES(X)
#undef X
};

/* Verdict of a push. Those below VERDICT_FIRST_REFUSED leave the batch at the server. */
/* clang-format off */
#define VERDICTS(X) \
	X(VERDICT_OK,         0, "stored") \
	X(VERDICT_KNOWN,      1, "stored before") \
	X(VERDICT_ERASED,     2, "stored, but ops of an erased subject were dropped: wipe them") \
	X(VERDICT_SIZE,       8, "larger than the limits allow") \
	X(VERDICT_SHAPE,      9, "not in the right form, or ops are missing") \
	X(VERDICT_DEVICE,    10, "its device is not known") \
	X(VERDICT_REVOKED,   11, "its device was revoked") \
	X(VERDICT_RENEWED,   12, "sealed by an older incarnation of its device") \
	X(VERDICT_ROLE,      13, "its device may not write there") \
	X(VERDICT_EPOCH,     14, "sealed under an old epoch; detail is the present one") \
	X(VERDICT_LOG,       15, "cites a log position that is not known here") \
	X(VERDICT_FORK,      16, "cites another record at a log position") \
	X(VERDICT_SIGNATURE, 17, "its signature does not verify") \
	X(VERDICT_HASH,      18, "a hash in it does not match, or its short id is taken") \
	X(VERDICT_QUOTA,     19, "the quota of the space is used up") \
	X(VERDICT_AGAIN,     20, "the server could not store it now; push it again later")
/* clang-format on */

enum verdict {
#define X(name, number, text) name = number,
	VERDICTS(X)
#undef X
	    VERDICT_FIRST_REFUSED = VERDICT_SIZE
};

/* Name ("VERDICT_EPOCH") and sentence of a verdict; static. NULL for an unknown number.
 */
const char *verdict_name(enum verdict v);
const char *verdict_text(enum verdict v);
const char *message_name(enum message_kind kind); /* NULL for an unknown number */
unsigned message_from(enum message_kind kind);    /* FROM_* bits, 0 if unknown */

/* First bytes of the store epoch and of the running hash: a token that clients echo. */
struct store_mark {
	uint8_t epoch[4];
	uint8_t hash[8]; /* running hash at the cursor */
};

/* How far the sender has pulled one space. */
struct space_state {
	uint16_t space;
	uint32_t log_len;       /* records of the space's log at its last applied pull */
	uint64_t cursor;        /* lsn of its last applied pull; 0 = never */
	struct store_mark mark; /* zero if cursor is 0 and the store was never seen */
	bool is_staged;         /* pages beyond the cursor are staged, not yet applied: */
	uint64_t staged;        /* lsn of the last staged page */
	uint8_t staged_hash[8]; /* running hash there */
	uint32_t staged_log_len; /* log length when that page was sent */
};

/* Highest lsn, and sizes of rows in a bin: lsn 6 || index 1; scope 2 || tag 16;
 * short id 16 || index 1 || scope 2 || tag 16; lsn 6 || push 4; home 2 || device 2 ||
 * time 6 || cursor 6 || last 6; device 2 || space 2 || scope 2 || batch id 32;
 * home 2 || device 2 || scope 2 || short id 16 || lsn 6. */
#define LSN_MAX ((UINT64_C(1) << 48) - 1)
enum { DEAD_ROW_BYTES = 7, GRAVE_ROW_BYTES = 18, DOA_ROW_BYTES = 35, OWN_ROW_BYTES = 10 };
enum { CONTACT_ROW_BYTES = 22, CUT_ROW_BYTES = 38, GAP_ROW_BYTES = 28 };

/* flags of PULL */
enum { PULL_LAST = 1 };

struct dead_row {      /* an op that is no longer live */
	uint64_t born; /* lsn of its batch */
	uint8_t index;
};

struct grave_row {
	uint16_t scope;
	struct tag subject;
};

struct doa_row { /* superseded before it arrived */
	struct dot dot;
	uint16_t scope;
	struct tag record;
};

/* "Your push number `push` is lsn `lsn`": so a push leaves pending without a way back. */
struct own_row {
	uint64_t lsn;
	uint32_t push; /* order in the session, from 0 */
};

/* What the server knows of a laptop that reads or writes in a space. home, device: its
 * present incarnation, in the log of the space where that vouches for it. */
struct contact_row {
	uint16_t home;
	uint16_t device;
	uint64_t
	    time_s; /* server's clock at its last pull of the space; 0 = never seen */
	uint64_t cursor; /* lsn up to which it was told all; 0 = nothing yet */
	uint64_t last;   /* lsn of its last batch stored in the space; 0 = none */
};

/* The last batch that the server took from a device in one scope. */
struct cut_row {
	uint16_t device; /* position in the log of the space that was asked about */
	uint16_t space;  /* of the scope: that one, or another in which it writes */
	uint16_t scope;
	struct batch_id last;
};

struct page_batch {
	uint64_t lsn;
	struct span wire; /* batch bytes, dropped ops as hashes (SECURITY 9.4) */
};

/* clang-format off */
enum page_kind {
	PAGE_MORE = 0, /* batches up to `head`; more pages follow; to be staged */
	PAGE_TAIL = 1, /* a part of the last transaction; the rest follows at once */
	PAGE_LAST = 2, /* the end: apply the stage and this in one transaction */
	PAGE_KIND_COUNT = 3
};
/* clang-format on */

/* One PAGE. Pages come in lsn order; `head` is the lsn up to which this and the pages
 * before it tell everything readable, own pushes of the session as rows. The rows of
 * removals (dead, graves, doa) come with PAGE_TAIL and PAGE_LAST only, all from one
 * server transaction (DESIGN 4.5). `from` is the head of the page before; in the first
 * page it is the staged lsn of the request, or less: then the stage is to be discarded.
 * Below the cursor lie scopes that are readable since (backfill). */
struct page {
	uint16_t space;
	enum page_kind kind;
	bool is_short; /* PAGE_LAST without batches and removals; from is not told: it is
			* the place where the request left off */
	uint64_t
	    from; /* the page tells what lies after this lsn; 0 = from the beginning */
	uint64_t head;
	uint32_t log_len;    /* length of the space's log at the server */
	uint8_t hash[8];     /* running hash at head */
	uint8_t log_head[4]; /* first bytes of the id of the log's last record */
	uint32_t own_run;    /* k > 0: head-k+1..head are the last k pushes there */
	size_t n_own;        /* else rows */
	const struct own_row *own;
	size_t n_batches;
	const struct page_batch *batches;
	bool lists_live; /* too old for the dead log: `dead` names the live ops instead */
	size_t n_dead;
	const struct dead_row *dead;
	size_t n_graves;
	const struct grave_row *graves;
	size_t n_doa;
	const struct doa_row *doa;
};

/* One key box for the peer. position: of the record of this log that it belongs to, or
 * BOX_OF_ITS_OWN for one that the device made for itself. space: that of the scope, 0
 * for `all` of NET, whichever log the record lies in. */
struct box_row {
	uint16_t position;
	uint16_t space;
	uint16_t scope;
	uint16_t epoch;
	struct span box; /* KEY_BOX_BYTES */
};
enum { BOX_OF_ITS_OWN = UINT16_MAX };

/* A box list that the record at `position` hashes; scope 0 if it covers several. */
struct list_row {
	uint16_t position;
	uint16_t scope;
	struct span list;
};

/* The seed of epoch-1, wrapped under epoch (SECURITY 3); of a scope of this space. */
struct wrap_row {
	uint16_t scope;
	uint16_t epoch;
	struct span wrap; /* WRAPPED_SEED_BYTES */
};

/* What one space's store holds for a peer's box key. */
struct key_rows {
	size_t n_boxes;
	const struct box_row *boxes;
	size_t n_lists;
	const struct list_row *lists;
	size_t n_wraps;
	const struct wrap_row *wraps;
};

/* A membership record that its author wants appended, and what belongs to it. lists has
 * one box list per scope that the record names, in its order; boxes are in the order of
 * the lists; wraps in the order of the record's rotations. */
struct append {
	uint16_t space;
	struct span record;
	size_t n_lists;
	const struct span *lists;
	size_t n_boxes;
	const struct span *boxes;
	size_t n_wraps;
	const struct span *wraps;
};

/* clang-format off */
enum append_result {
	APPEND_OK = 0,
	APPEND_HEAD = 1,    /* another record is there already: fetch, rebuild, try again */
	APPEND_REFUSED = 2, /* against the rules of the log; detail = SECURITY 4's case */
	APPEND_AGAIN = 3,   /* the server could not store it now */
	APPEND_RESULT_COUNT = 4
};

enum store_state {
	STORE_FIRST = 0,   /* the peer had nothing of this space: take the epoch over */
	STORE_CHANGED = 1, /* epoch or hash differ, or the head lies below the cursor */
	STORE_STATE_COUNT = 2
};

enum recover_result {
	RECOVER_DONE = 0,
	RECOVER_CLOSED = 1, /* the operator has not opened recovery */
	RECOVER_FAILED = 2, /* parts were refused or could not be stored; nothing changed */
	RECOVER_RESULT_COUNT = 3
};

/* Why a side ends the session. */
enum bye_reason {
	BYE_DONE = 0,
	BYE_REVOKED = 1,  /* the device was revoked */
	BYE_BUSY = 2,     /* too many connections, or the store is closed */
	BYE_VERSION = 3,  /* the versions do not fit */
	BYE_PROTOCOL = 4, /* the other side broke the protocol */
	BYE_TIME = 5,     /* a deadline passed */
	BYE_REASON_COUNT = 6
};
/* clang-format on */

/* A part of a recovery: rows of what the sender knows in one space. `is_end` marks the
 * last part; until then everything is staged (DESIGN 4.5). */
struct recover {
	uint16_t space;
	bool is_end;
	size_t n_ids;
	const struct batch_id *ids; /* of batches known */
	size_t n_batches;
	const struct span *batches; /* with their live ops, the others as hashes */
	size_t n_graves;
	const struct grave_row *graves;
	size_t n_doa;
	const struct doa_row *doa;
};

/* A batch that the server lost: another one of that author and scope follows it. */
struct gap_row {
	uint16_t home;
	uint16_t device; /* incarnation that wrote it, in the log of home */
	uint16_t scope;
	struct short_id missing;
	uint64_t lsn; /* first batch that follows it */
};

/* A part of what the server tells of the laptops of a space; the last one has is_end. */
struct contacts {
	uint16_t space;
	bool is_end;
	uint64_t head; /* lsn of the space's newest batch */
	size_t n_rows;
	const struct contact_row *rows;
	size_t n_cuts;
	const struct cut_row *cuts;
	bool has_gaps; /* told while recovery is open, and then in each part */
	size_t n_gaps;
	const struct gap_row *gaps;
};

struct message {
	enum message_kind kind;
	union {
		struct {
			uint16_t incarnation; /* log position; 0 for a stranger */
			size_t n_spaces;
			const struct space_state *spaces;
			bool has_pull;  /* as a PULL of these spaces right behind, */
			unsigned flags; /* when nothing else is to be said */
		} hello;
		struct {
			uint16_t space;
			struct span batch;
		} push;
		struct {
			unsigned flags;
			bool has_spaces; /* a new list in place of HELLO's */
			size_t n_spaces;
			const struct space_state *spaces;
		} pull;
		struct append append;
		struct {
			uint16_t space;
			size_t n_boxes;
			const struct box_row *boxes;
		} boxes;
		struct recover recover;
		struct {
			struct sign_pk invite;
		} invited;
		struct {
			size_t n;
			const uint8_t *codes; /* enum verdict */
			const uint16_t *details;
		} verdict;
		struct page page;
		struct {
			uint16_t space;
			enum store_state state;
			uint64_t head;
			struct store_mark mark; /* hash is that at the asked cursor */
		} store;
		struct {
			uint16_t space;
		} doorbell;
		struct {
			enum bye_reason reason;
		} bye;
		struct {
			uint16_t space;
			uint32_t from; /* position of the first record */
			size_t n_records;
			const struct span *records;
		} logs;
		struct {
			uint16_t space;
			struct key_rows rows;
		} keyboxes;
		struct {
			uint16_t space;
			enum append_result result;
			uint32_t
			    detail; /* APPEND_OK, APPEND_HEAD: length of the log now */
		} appended;
		struct {
			uint16_t space;
			enum recover_result result;
		} recovered;
		struct {
			uint16_t space;
			uint32_t from;
		} log;
		struct {
			uint16_t space;
			size_t n;                /* at most DEVICES_ASKED_MAX */
			const uint16_t *devices; /* whose cuts are wanted, ascending */
		} devices;
		struct contacts contacts;
	};
};

/* Appends the message. Sets w->is_full if it does not fit. Asserts what only we can get
 * wrong: counts above the limits, a box of another length. */
void message_write(struct writer *w, const struct message *m);
/* At most this many bytes are written by message_write. */
size_t message_bytes_max(const struct message *m);

/* The messages of one packet, in order. */
struct packet {
	struct span rest; /* bytes of the messages not yet taken, borrowed */
	size_t n_left;
};

/* Checks the shape of the whole packet (depth, counts, exact length) before anything is
 * decoded. bytes stay borrowed. ST_MALFORMED, ST_LIMIT. */
status packet_open(struct packet *p, struct span bytes, struct trouble *t);
/* Takes the next message; arrays come from the arena, byte strings are borrowed from the
 * packet. n_left must not be 0. ST_MALFORMED for a number, count, length or range that
 * spec/messages.md does not allow; ST_NO_MEMORY. */
status packet_next(
    struct packet *p, struct arena *a, struct message *out, struct trouble *t);
/* Writes the array header that stands before n messages: 1 or 3 bytes. */
void packet_begin(struct writer *w, size_t n);

/* Payload of handshake message 2: 16 bytes, [version, unix time, number of limits]. */
enum { WELCOME_BYTES = 16 };
struct welcome {
	uint32_t version;
	uint64_t server_time_s;
	uint32_t limits;
};
void welcome_write(uint8_t out[static WELCOME_BYTES], const struct welcome *m);
status welcome_read(struct span in, struct welcome *out, struct trouble *t);

#endif
