/* hlc.c - hybrid logical clock. Pure. */
#include "core/hlc.h"

struct hlc
hlc_next(struct hlc last, uint64_t now_s)
{
	if (now_s > last.seconds)
		return (struct hlc){now_s, 0};
	if (last.counter == UINT32_MAX)
		return (struct hlc){last.seconds + 1, 0};
	return (struct hlc){last.seconds, last.counter + 1};
}

bool
hlc_is_ahead(struct hlc stamp, uint64_t reference_s)
{
	/* Compared by difference: a sum could wrap. */
	return stamp.seconds > reference_s &&
	       stamp.seconds - reference_s > HLC_AHEAD_SECONDS_MAX;
}

bool
hlc_receive(struct hlc *last, struct hlc stamp, uint64_t reference_s)
{
	if (hlc_is_ahead(stamp, reference_s))
		return false;
	if (hlc_compare(*last, stamp) < 0)
		*last = stamp;
	return true;
}

bool
hlc_settle(struct hlc *last, uint64_t server_s)
{
	if (!hlc_is_ahead(*last, server_s))
		return false;
	*last = (struct hlc){server_s, 0};
	return true;
}
