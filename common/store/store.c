/* store.c - the calls of store.h: each becomes a request in the queue. */
#include "store/store.h"

#include "store/store_copy.h"
#include "store/store_work.h"

#include <assert.h>

static const char *const result_names[STORE_RESULT_COUNT] = {
#define X(name, text) #name,
    STORE_RESULTS(X)
#undef X
};

static const char *const result_texts[STORE_RESULT_COUNT] = {
#define X(name, text) text,
    STORE_RESULTS(X)
#undef X
};

const char *
store_result_name(enum store_result r)
{
	assert(r < STORE_RESULT_COUNT);
	return result_names[r];
}

const char *
store_result_text(enum store_result r)
{
	assert(r < STORE_RESULT_COUNT);
	return result_texts[r];
}

/* ---- copies of what a request names ---- */

static bool
copy_push(struct request *r)
{
	return copy_batch(r->arena, r->in.push.batch, &r->in.push.batch);
}

static bool
copy_pull(struct request *r)
{
	return COPY_ITEMS(r->arena, r->in.pull.scopes, r->in.pull.n_scopes);
}

static bool
copy_appended(struct request *r)
{
	return copy_append(r->arena, &r->in.append);
}

static bool
copy_put(struct request *r)
{
	return copy_boxes(r->arena, r->in.put.n, &r->in.put.boxes);
}

static bool
copy_restore(struct request *r)
{
	return COPY_ITEMS(r->arena, r->in.restore.graves, r->in.restore.n);
}

static bool
copy_staged(struct request *r)
{
	return copy_part(r->arena, &r->in.part);
}

static bool
copy_join(struct request *r)
{
	return COPY_ITEMS(r->arena, r->in.join.scopes, r->in.join.n);
}

static bool
copy_path(struct request *r)
{
	struct span text = {0};

	if (r->in.copy.path == NULL)
		return true;
	text = span_of((const uint8_t *)r->in.copy.path, strlen(r->in.copy.path) + 1);
	if (!copy_span(r->arena, &text))
		return false;
	r->in.copy.path = (const char *)text.bytes;
	return true;
}

/* ---- answers ---- */

#define IF_OK(pointer) (r->result == STORE_OK ? (pointer) : NULL)
#define ANSWER(name, what)                                                               \
	static void answer_##name(const struct request *r)                               \
	{                                                                                \
		r->call.name(r->call_ctx, r->result, (what), &r->trouble);               \
	}

/* clang-format off */
ANSWER(accepted,      IF_OK(&r->out.verdict))
ANSWER(pulled,        IF_OK(&r->out.page))
ANSWER(seen,          IF_OK(&r->out.figures))
ANSWER(appended,      &r->out.appended)
ANSWER(log_told,      IF_OK(&r->out.records))
ANSWER(keys_told,     IF_OK(&r->out.keys))
ANSWER(contacts_told, IF_OK(&r->out.contacts))
ANSWER(cuts_told,     IF_OK(&r->out.cuts))
ANSWER(gaps_told,     IF_OK(&r->out.gaps))
ANSWER(graves_told,   IF_OK(&r->out.graves))
ANSWER(joined,        IF_OK(&r->out.joined))
ANSWER(copied_told,   IF_OK(&r->out.copied))

static void
answer_done(const struct request *r)
{
	r->call.done(r->call_ctx, r->result, &r->trouble);
}

/*                                          copies         does           answers          */
static const struct request_kind accepting = {copy_push,     work_accept,   answer_accepted,      false, false};
static const struct request_kind pulling   = {copy_pull,     work_pull,     answer_pulled,        false, false};
static const struct request_kind looking   = {NULL,          work_look,     answer_seen,          false, false};
static const struct request_kind appending = {copy_appended, work_append,   answer_appended,      false, false};
static const struct request_kind telling_log = {NULL,        work_log,      answer_log_told,      false, false};
static const struct request_kind telling_keys = {NULL,       work_keys,     answer_keys_told,     false, false};
static const struct request_kind putting   = {copy_put,      work_put,      answer_done,          false, false};
static const struct request_kind giving    = {copy_appended, work_give,     answer_done,          false, false};
static const struct request_kind telling_contacts = {NULL,   work_contacts, answer_contacts_told, true, false};
static const struct request_kind telling_cuts = {NULL,       work_cuts,     answer_cuts_told,     false, false};
static const struct request_kind telling_gaps = {NULL,       work_gaps,     answer_gaps_told,     false, false};
static const struct request_kind telling_graves = {NULL,     work_graves,   answer_graves_told,   false, false};
static const struct request_kind restoring = {copy_restore,  work_restore,  answer_done,          false, false};
static const struct request_kind staging   = {copy_staged,   work_stage,    answer_done,          false, false};
static const struct request_kind joining   = {copy_join,     work_join,     answer_joined,        false, false};
static const struct request_kind trimming  = {NULL,          work_trim,     answer_done,          false, false};
static const struct request_kind copying   = {copy_path,     work_copy,     answer_copied_told,   false, true};
static const struct request_kind compacting = {NULL,         work_compact,  answer_done,          false, true};
/* clang-format on */

/* ---- calls ---- */

void
store_accept(
    struct store *s, const struct store_push *push, store_accepted *done, void *ctx)
{
	struct request r = {
	    .kind = &accepting, .in.push = *push, .call.accepted = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_pull(struct store *s, const struct store_pull *pull, store_pulled *done, void *ctx)
{
	struct request r = {
	    .kind = &pulling, .in.pull = *pull, .call.pulled = done, .call_ctx = ctx};

	r.answer_bytes = pull->bytes_max;
	store_submit(s, &r);
}

void
store_look(struct store *s, uint64_t lsn, store_seen *done, void *ctx)
{
	struct request r = {
	    .kind = &looking, .in.lsn = lsn, .call.seen = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_append(
    struct store *s, const struct store_append *append, store_appended *done, void *ctx)
{
	struct request r = {.kind = &appending,
	    .in.append = *append,
	    .call.appended = done,
	    .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_log(
    struct store *s, uint32_t from, size_t bytes_max, store_log_told *done, void *ctx)
{
	struct request r = {.kind = &telling_log,
	    .in.log = {from, bytes_max},
	    .call.log_told = done,
	    .call_ctx = ctx};

	r.answer_bytes = bytes_max;
	store_submit(s, &r);
}

void
store_keys(struct store *s, const struct box_pk *owner, uint32_t from,
    store_keys_told *done, void *ctx)
{
	struct request r = {.kind = &telling_keys,
	    .in.keys = {*owner, from},
	    .call.keys_told = done,
	    .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_put_boxes(struct store *s, size_t n, const struct store_box *boxes,
    const struct box_pk *drop, store_done *done, void *ctx)
{
	struct request r = {.kind = &putting,
	    .in.put = {.n = n, .boxes = boxes, .has_drop = drop != NULL},
	    .call.done = done,
	    .call_ctx = ctx};

	if (drop != NULL)
		r.in.put.drop = *drop;
	store_submit(s, &r);
}

void
store_put_keys(
    struct store *s, const struct store_append *keys, store_done *done, void *ctx)
{
	struct request r = {
	    .kind = &giving, .in.append = *keys, .call.done = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_contacts(struct store *s, store_contacts_told *done, void *ctx)
{
	struct request r = {
	    .kind = &telling_contacts, .call.contacts_told = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_cuts(struct store *s, struct author device, store_cuts_told *done, void *ctx)
{
	struct request r = {.kind = &telling_cuts,
	    .in.device = device,
	    .call.cuts_told = done,
	    .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_gaps(struct store *s, store_gaps_told *done, void *ctx)
{
	struct request r = {
	    .kind = &telling_gaps, .call.gaps_told = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_graves(struct store *s, store_graves_told *done, void *ctx)
{
	struct request r = {
	    .kind = &telling_graves, .call.graves_told = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_restore(struct store *s, const struct store_epoch *epoch, size_t n,
    const struct merge_grave *graves, store_done *done, void *ctx)
{
	struct request r = {.kind = &restoring,
	    .in.restore = {*epoch, n, graves},
	    .call.done = done,
	    .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_stage(struct store *s, const struct store_part *part, store_done *done, void *ctx)
{
	struct request r = {
	    .kind = &staging, .in.part = *part, .call.done = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_join(struct store *s, struct author device, size_t n_scopes, const uint16_t *scopes,
    store_joined *done, void *ctx)
{
	struct request r = {.kind = &joining,
	    .in.join = {device, n_scopes, scopes},
	    .call.joined = done,
	    .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_trim(struct store *s, uint64_t horizon, store_done *done, void *ctx)
{
	struct request r = {
	    .kind = &trimming, .in.lsn = horizon, .call.done = done, .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_copy(
    struct store *s, const char *path, int n_pages, store_copied_told *done, void *ctx)
{
	struct request r = {.kind = &copying,
	    .in.copy = {path, n_pages},
	    .call.copied_told = done,
	    .call_ctx = ctx};

	store_submit(s, &r);
}

void
store_compact(struct store *s, store_done *done, void *ctx)
{
	struct request r = {.kind = &compacting, .call.done = done, .call_ctx = ctx};

	store_submit(s, &r);
}
