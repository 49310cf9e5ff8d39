/* limits.h - every bound on what comes from outside, in one table (SECURITY 13).
 *
 * A limit is enforced at the first byte that can break it, and tested one below, at, and
 * one above. Those that an operator may change (marked "configurable") are the defaults
 * of server/config.h. What core needs too stands there: bounds on ops and batches in
 * core/op.h, on devices, invites and records' times in core/membership.h. Pure. */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

/* clang-format off */
/*        name                          value             why this and not more */
#define LIMITS_TABLE(X) \
	X(LIMITS_NUMBER,                 1,               "names this table in handshake message 2") \
	X(HANDSHAKE_MESSAGE_BYTES_MAX,   512,             "HELLO of 18 spaces; more never comes before the key is known") \
	X(UNKNOWN_PEER_BYTES_MAX,        1024,            "all that a peer without a verified key may make us hold") \
	X(FRAME_BYTES_MAX,               65535,           "a Noise message, and what u16 can say") \
	X(FRAME_PAD_BYTES,               64,              "lengths show in steps of this") \
	X(PACKET_BYTES_MAX,              448 * 1024,      "a pull page, its dead refs and one batch above the mark") \
	X(PACKET_MESSAGES_MAX,           8192,            "a packet of the smallest pushes; bounds the work of one packet") \
	X(MESSAGE_DEPTH_MAX,             8,               "msgpack nesting; messages use 5") \
	X(MESSAGE_ELEMENTS_MAX,          1024,            "elements of one msgpack container in a message") \
	X(HELLO_SPACES_MAX,              64,              "a device reads NET, its country and the hosts of its guest grants") \
	X(PULL_PAGE_BYTES,               128 * 1024,      "mark at which a page ends; one batch may pass it; never more than PAGE_BATCHES_MAX") \
	X(ROWS_BYTES_MAX,                64 * 1024,       "dead refs, graves or doa of one PAGE; more follow in the next") \
	X(LOG_RECORD_BYTES_MAX,          64 * 1024,       "a REVOKE that rotates every scope of a large country") \
	X(LOG_RECORDS_MAX,               65536,           "positions are u16") \
	X(KEY_BOX_BYTES,                 164,             "sealed box of 116 bytes (SECURITY 3)") \
	X(WRAPPED_SEED_BYTES,            72,              "nonce 24, seed 32, tag 16") \
	X(BOX_LIST_BYTES_MAX,            128 * 1024,      "42 a recipient, 2,048 recipients and room") \
	X(APPEND_BOXES_MAX,              2048,            "one REVOKE that rotates 100 activities and the country") \
	X(PAGE_BATCHES_MAX,              1024,            "batches of one PAGE, as MESSAGE_ELEMENTS_MAX") \
	X(OUT_QUEUE_BYTES_MAX,           1024 * 1024,     "a slow reader holds this much; then we stop reading him") \
	X(PUSHES_IN_SESSION_MAX,         65536,           "the server remembers an lsn each; a longer queue takes another session") \
	X(OWN_ROWS_MAX,                  4096,            "own rows of one PAGE; more follow in the next") \
	X(REKEY_MESSAGES,                16384,           "messages of one direction under one key") \
	X(HANDSHAKE_MS_MAX,              10 * 1000,       "a slow link needs 2 s; half-open peers cost memory") \
	X(IDLE_MS_MAX,                   60 * 1000,       "nothing asked, nothing to say") \
	X(WAIT_MS_MAX,                   10 * 60 * 1000,  "a doorbell session without traffic of its own") \
	X(PING_MS,                       50 * 1000,       "below the idle deadline and the usual NAT time-out") \
	X(SESSION_MS_MAX,                60 * 60 * 1000,  "keys and rights are looked up again after this") \
	X(PROGRESS_MS,                   30 * 1000,       "window in which a peer has to take or give PROGRESS_BYTES") \
	X(PROGRESS_BYTES,                4 * 1024,        "EDGE gives 35 times as much; less is a dribbler") \
	X(CONNECTIONS_MAX,               12288,           "configurable: 10,000 idle sessions and room") \
	X(CONNECTIONS_PER_DEVICE_MAX,    4,               "a sync, a doorbell, and their successors after a cut") \
	X(TURNED_AWAY_MAX,               64,              "peers at a time that are told that there is no room; more are reset") \
	X(HALF_OPEN_MAX,                 256,             "configurable: handshakes take 10 s at worst") \
	X(HALF_OPEN_PER_PREFIX_MAX,      8,               "configurable: one address range cannot take all of them") \
	X(NEW_PER_PREFIX_PER_S,          10,              "configurable: a club behind one address") \
	X(NEW_PER_PREFIX_BURST,          30,              "configurable: the evening of a workshop day") \
	X(QUOTA_MIB,                     512,             "configurable: op bytes of a country, ten large ones in ten years") \
	X(QUOTA_OPS,                     2000000,         "configurable: ops that live in a country") \
	X(PREFIXES_MAX,                  4096,            "buckets remembered; the oldest makes room") \
	X(BUNDLE_BYTES_MAX,              256 * 1024 * 1024, "a file on a stick: the joined state of the largest country, ten times") \
	X(DEVICES_ASKED_MAX,             64,              "laptops whose last batches one REVOKE has to name") \
	X(FAILED_JOINS_PER_INVITE_MAX,   5,               "guesses at one invite") \
	X(FAILED_JOINS_PER_PREFIX_MAX,   20,              "guesses an hour from one address range")
/* clang-format on */

enum {
#define X(name, value, reason) name = (value),
	LIMITS_TABLE(X)
#undef X
};

#endif
