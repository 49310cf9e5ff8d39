/* verify.c - hashes what the logs say, and writes it as digits. */
#include "client/actions/verify.h"

#include <stdio.h>

#include "client/sync/logs.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

enum { DIGIT_BYTES = 5, HALF_GROUPS = VERIFY_GROUPS / 2 };

/* Everything so far and one thing more. */
static void
add(struct hash32 *sum, struct span what)
{
	const struct span parts[] = {span_of(sum->bytes, sizeof sum->bytes), what};
	struct hash32 next;

	hash_256(LABEL_VERIFY, parts, 2, &next);
	*sum = next;
}

static void
add_log(struct hash32 *sum, const struct membership *m, uint16_t space)
{
	uint32_t len = membership_log_len(m, space);
	const struct log_id *head = membership_record_id(m, space, len - 1);

	if (head != NULL)
		add(sum, span_of(head->bytes, sizeof head->bytes));
	for (size_t i = 0; i < membership_n_devices(m, space); i++) {
		const struct member_device *d = membership_device_at(m, space, i);

		if (d->is_revoked)
			continue;
		add(sum, span_of(d->keys.sign.bytes, sizeof d->keys.sign.bytes));
		add(sum, span_of(d->keys.box.bytes, sizeof d->keys.box.bytes));
		add(sum,
		    span_of(d->keys.transport.bytes, sizeof d->keys.transport.bytes));
	}
}

/* Five bytes a group: 40 bits modulo 100,000 lean by less than one in ten million. */
static size_t
write_groups(const struct hash32 *sum, char *out, size_t used)
{
	for (size_t i = 0; i < HALF_GROUPS; i++) {
		const uint8_t *at = sum->bytes + i * DIGIT_BYTES;
		uint64_t n = (uint64_t)at[0] << 32 | get_u32(at + 1);

		used += (size_t)snprintf(out + used, VERIFY_TEXT_BYTES - used, "%s%05u",
		    used == 0 ? "" : " ", (unsigned)(n % 100000));
	}
	return used;
}

status
verify_digits(struct laptop *l, const char *country, char out[static VERIFY_TEXT_BYTES])
{
	uint16_t space = l->self.author.home;
	struct hash32 sum = {{0}};
	struct membership *m;
	size_t used;
	status st;

	if (country != NULL && space_find(l, country, &space) != ST_OK) {
		st = complain(l->complaint, PN_F01,
		    "the country %s is not admitted, or this laptop has not heard of it",
		    country);
		complain_next(l->complaint, "pnet network show    lists the countries");
		return trouble_set(&l->trouble, st, "no country %s", country);
	}
	m = logs_load(l);
	if (m == NULL)
		return l->trouble.code;
	add(&sum, span_of(l->self.network.bytes, sizeof l->self.network.bytes));
	add_log(&sum, m, 0);
	if (space != 0)
		add_log(&sum, m, space);
	membership_free(m);
	used = write_groups(&sum, out, 0);
	add(&sum, span_text("more"));
	(void)write_groups(&sum, out, used);
	return ST_OK;
}
