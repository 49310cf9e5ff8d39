/* body_columns.h - what the halves of the body codec share: the dictionary of agents and
 * the work memory. Private to proto/body_*.c. Pure. */
#ifndef PROTO_BODY_COLUMNS_H
#define PROTO_BODY_COLUMNS_H

#include "base/text.h"
#include "core/record.h"
#include "proto/body_codec.h"
#include "proto/pack.h"

#define BODY_NUMBER_MAX (UINT64_C(1) << 53)

/* In the place of a run's side: no run, but a passage that somebody saw. */
enum { BODY_SIDE_SEEN = 2 };

enum { BODY_ELEMENTS = 11, RUN_COLUMNS = 3, BY_COLUMNS = 3, GONE_COLUMNS = 4 };

/* One line of the dictionary of agents. An agent belongs to one device, but a forger may
 * sign entries under an agent of somebody else; both claims must survive a compaction.
 * So a line is an agent together with an author. */
struct body_agent {
	uint64_t agent;
	struct author by;
	bool is_name_only; /* no entry of it: only named as superseded or as a parent */
};

/* count entries in a row with ascending names of one agent. */
struct body_run {
	uint32_t agent; /* line of the dictionary */
	uint32_t first;
	uint32_t count;
};

/* Raw lines before equal ones are dropped: one per entry, parent and row of gone. */
enum { BODY_AGENTS_RAW_MAX = 2 * BODY_ENTRIES_MAX + BODY_GONE_MAX };

struct body_work {
	size_t entries_max; /* of the body at hand */
	size_t n_agents;    /* line 0 included */
	struct body_agent agents[BODY_AGENTS_RAW_MAX + 1];
	size_t n_runs;
	struct body_run runs[BODY_ENTRIES_MAX];
	/* writing */
	const struct entry *ordered[BODY_ENTRIES_MAX];
	/* reading: how a line of the dictionary is used */
	bool has_author[BODY_AGENTS_MAX];
	bool has_entry[BODY_AGENTS_MAX];
	bool has_name[BODY_AGENTS_MAX];
};

static inline bool
author_equal(struct author a, struct author b)
{
	return a.home == b.home && a.device == b.device;
}

/* By agent, then author; name-only lines after the others of their agent. */
static inline int
body_agent_compare(const struct body_agent *a, const struct body_agent *b)
{
	if (a->agent != b->agent)
		return a->agent < b->agent ? -1 : 1;
	if (a->is_name_only != b->is_name_only)
		return a->is_name_only ? 1 : -1;
	if (a->by.home != b->by.home)
		return a->by.home < b->by.home ? -1 : 1;
	return (a->by.device > b->by.device) - (a->by.device < b->by.device);
}

/* Differences of times, small whatever their sign: 0, -1, 1, -2 -> 0, 1, 2, 3. Both times
 * are at most BODY_NUMBER_MAX, so nothing overflows. */
static inline uint64_t
zigzag(uint64_t from, uint64_t to)
{
	return to >= from ? (to - from) * 2 : (from - to) * 2 - 1;
}

/* The msgpack array of element 0 to 10. */
status body_write(struct body_work *work, const struct body *b, struct author signer,
    struct writer *w, struct trouble *t);
status body_read(struct body_work *work, struct span array, struct author signer,
    struct arena *a, struct body *out, struct trouble *t);

#endif
