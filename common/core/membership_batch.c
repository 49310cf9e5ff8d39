/* membership_batch.c - whether the membership log lets a batch in. Pure. */
#include "core/membership_batch.h"

#include "core/membership_state.h"

/* Who sealed it: device, incarnation, revocation. */
static enum batch_standing
judge_device(
    const struct membership *m, const struct batch_question *q, struct batch_answer *out)
{
	const struct batch *b = q->batch;
	const struct log *home = state_log(m, b->home);

	if (home == NULL || b->device >= home->len)
		return STANDING_LOG;
	out->device = membership_by_author(m, (struct author){b->home, b->device});
	if (out->device == NULL)
		return STANDING_DEVICE;
	if (q->is_history)
		return STANDING_OK;
	if (out->device->is_revoked || !membership_is_active(m, out->device))
		return STANDING_REVOKED;
	return out->device->position == b->device ? STANDING_OK : STANDING_RENEWED;
}

static bool
has_erase(const struct batch *b)
{
	for (size_t i = 0; i < b->n_ops; i++) {
		if (b->ops[i].is_present && b->ops[i].type == OP_ERASE)
			return true;
	}
	return false;
}

static enum batch_standing
judge_scope(const struct membership *m, const struct batch_question *q,
    const struct batch_answer *out)
{
	const struct batch *b = q->batch;
	const struct log *log = state_log(m, b->space);
	struct author a = {b->home, b->device};
	bool may = false;

	if (log == NULL || b->scope >= log->len)
		return STANDING_LOG;
	if (state_scope(log, b->scope) == NULL)
		return STANDING_ROLE;
	may = q->is_history ? membership_could_write(m, a, b->space, b->scope)
			    : membership_may_write(m, a, b->space, b->scope, q->now_s);
	if (!may || (has_erase(b) && out->device->role != ROLE_COORDINATOR))
		return STANDING_ROLE;
	return STANDING_OK;
}

static enum batch_standing
judge_epoch(
    const struct membership *m, const struct batch_question *q, struct batch_answer *out)
{
	const struct batch *b = q->batch;

	out->present_epoch = membership_scope(m, b->space, b->scope)->epoch;
	if (b->epoch == 0 || b->epoch > out->present_epoch)
		return STANDING_LOG;
	if (b->epoch < out->present_epoch && !q->is_carried && !q->is_history)
		return STANDING_EPOCH;
	return STANDING_OK;
}

static enum batch_standing
judge_head(const struct membership *m, const struct batch_question *q)
{
	const struct batch *b = q->batch;
	const struct log_id *head = membership_record_id(m, b->home, b->head);

	if (head == NULL)
		return STANDING_LOG;
	return memcmp(head->bytes, b->head_check, sizeof b->head_check) == 0
		   ? STANDING_OK
		   : STANDING_FORK;
}

static void
fill_context(const struct membership *m, const struct batch *b, struct batch_answer *out)
{
	out->context.network = *membership_network(m);
	out->context.space = *membership_space_name(m, b->space);
	out->context.scope = membership_scope(m, b->space, b->scope)->name;
	out->context.device = out->device->id;
	out->context.home_head = *membership_record_id(m, b->home, b->head);
	out->has_context = true;
}

void
membership_judge(
    const struct membership *m, const struct batch_question *q, struct batch_answer *out)
{
	const struct batch *b = q->batch;

	memset(out, 0, sizeof *out);
	out->standing = judge_device(m, q, out);
	if (out->device != NULL && membership_scope(m, b->space, b->scope) != NULL &&
	    membership_record_id(m, b->home, b->head) != NULL)
		fill_context(m, b, out);
	if (out->standing == STANDING_OK)
		out->standing = judge_scope(m, q, out);
	if (out->standing == STANDING_OK)
		out->standing = judge_epoch(m, q, out);
	if (out->standing == STANDING_OK)
		out->standing = judge_head(m, q);
}
