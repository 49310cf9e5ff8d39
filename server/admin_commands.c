/* admin_commands.c - what the operator asks of the spaces: figures, laptops, erasures,
 * copies, and his orders. */
#include "server/admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base32.h"

enum {
	COPY_PIECE_PAGES = 256,     /* 1 MiB: pushes wait some milliseconds */
	AWAY_S = 180 * 24 * 60 * 60 /* a laptop that was not seen for so long
				     * gets the list of what lives (DESIGN 4.5) */
};

struct device_text {
	char text[BASE32_SYMBOLS(sizeof(struct device_id)) + 1];
};

static struct device_text
device_text(const struct device_id *id)
{
	struct device_text out;

	base32_write(span_of(id->bytes, sizeof id->bytes), out.text);
	return out;
}

struct time_text {
	char text[24];
};

static struct time_text
time_text(uint64_t unix_s)
{
	struct time_text out = {"never"};
	time_t t = (time_t)unix_s;
	struct tm tm;

	if (unix_s > 0 && gmtime_r(&t, &tm) != NULL)
		(void)strftime(out.text, sizeof out.text, "%Y-%m-%dT%H:%MZ", &tm);
	return out;
}

/* ---- spaces ---- */

static void
on_figures(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct admin_job *j = ctx;
	const struct space *s = j->space;

	if (!admin_answered(j, r, t))
		return;
	admin_say(j,
	    "%-4s %7zu %8u %9" PRIu64 " %9" PRIu64 " %11" PRIu64 " %11" PRIu64
	    " %7u %8" PRIu64,
	    host_space_text(s).text, membership_n_devices(j->host->m, s->position),
	    (unsigned)f->log.len, f->head, f->live_ops, f->live_bytes, f->file_bytes,
	    (unsigned)host_quota_mib(s), f->graves);
	admin_next(j);
}

static void
look_at(struct admin_job *j, struct space *s)
{
	store_look(s->store, 0, on_figures, j);
}

void
admin_spaces(struct admin_job *j)
{
	admin_say(j, "%-4s %7s %8s %9s %9s %11s %11s %7s %8s", "", "devices", "records",
	    "batches", "live ops", "live bytes", "file bytes", "quota M", "erasures");
	j->at_space = look_at;
	admin_next(j);
}

/* ---- devices ---- */

static const struct store_contact *
contact_of(const struct store_contacts *c, const struct member_device *d)
{
	const struct store_contact *best = NULL;

	/* A laptop that was renewed has one row an incarnation. */
	for (size_t i = 0; i < c->n; i++)
		if (c->at[i].device.home == d->home &&
		    c->at[i].device.device >= d->first &&
		    c->at[i].device.device <= d->position &&
		    (best == NULL || c->at[i].time_ms > best->time_ms))
			best = &c->at[i];
	return best;
}

static const char *
standing_of(const struct host *h, const struct member_device *d)
{
	if (orders_blocks(&h->orders, &d->id))
		return "blocked";
	return d->is_revoked ? "revoked" : "active";
}

static void
say_device(struct admin_job *j, const struct member_device *d,
    const struct store_contacts *contacts)
{
	static const struct store_contact never = {0};
	const struct store_contact *c = contact_of(contacts, d);

	c = c != NULL ? c : &never;
	admin_say(j, "%s %-4s %-8s %-17s %10" PRIu64 " %10" PRIu64,
	    device_text(&d->id).text, host_space_text(j->space).text,
	    standing_of(j->host, d), time_text(c->time_ms / 1000).text, c->last_lsn,
	    c->cursor);
}

static void
on_contacts(void *ctx, enum store_result r, const struct store_contacts *c,
    const struct trouble *t)
{
	struct admin_job *j = ctx;
	const struct membership *m = j->host->m;

	if (!admin_answered(j, r, t))
		return;
	for (size_t i = 0; i < membership_n_devices(m, j->space->position); i++)
		say_device(j, membership_device_at(m, j->space->position, i), c);
	admin_next(j);
}

static void
ask_contacts(struct admin_job *j, struct space *s)
{
	store_contacts(s->store, on_contacts, j);
}

void
admin_devices(struct admin_job *j)
{
	admin_say(j, "%-26s %-4s %-8s %-17s %10s %10s", "device", "in", "standing",
	    "last contact", "last batch", "pulled to");
	j->at_space = ask_contacts;
	admin_next(j);
}

/* ---- erasures ---- */

static void
on_graves(
    void *ctx, enum store_result r, const struct store_graves *g, const struct trouble *t)
{
	struct admin_job *j = ctx;

	if (!admin_answered(j, r, t))
		return;
	for (size_t i = 0; i < g->n; i++) {
		char hex[2 * sizeof g->at[i].subject.bytes + 1];

		for (size_t k = 0; k < sizeof g->at[i].subject.bytes; k++)
			(void)snprintf(hex + 2 * k, 3, "%02x", g->at[i].subject.bytes[k]);
		admin_say(j, "%-4s %5u %s", host_space_text(j->space).text,
		    (unsigned)g->at[i].scope, hex);
	}
	admin_next(j);
}

static void
on_erasure_figures(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct admin_job *j = ctx;

	if (!admin_answered(j, r, t))
		return;
	if (f->owes_checkpoint)
		admin_say(j, "%-4s       erased bytes are still in the log: pending",
		    host_space_text(j->space).text);
	store_graves(j->space->store, on_graves, j);
}

static void
ask_erasures(struct admin_job *j, struct space *s)
{
	store_look(s->store, 0, on_erasure_figures, j);
}

void
admin_erasures(struct admin_job *j)
{
	admin_say(j, "%-4s %5s %s", "", "scope", "subject tag");
	j->at_space = ask_erasures;
	admin_next(j);
}

/* ---- compact ---- */

static void
on_after(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct admin_job *j = ctx;

	if (!admin_answered(j, r, t))
		return;
	admin_say(j,
	    "%-4s %" PRIu64 " bytes, were %" PRIu64
	    "; what died is told from batch %" PRIu64 " on",
	    host_space_text(j->space).text, f->file_bytes, j->figures.file_bytes,
	    f->horizon + 1);
	admin_next(j);
}

static void
on_compacted(void *ctx, enum store_result r, const struct trouble *t)
{
	struct admin_job *j = ctx;

	if (admin_answered(j, r, t))
		store_look(j->space->store, 0, on_after, j);
}

static void
on_trimmed(void *ctx, enum store_result r, const struct trouble *t)
{
	struct admin_job *j = ctx;

	if (admin_answered(j, r, t))
		store_compact(j->space->store, on_compacted, j);
}

/* Everybody who was seen lately has pulled past what is forgotten. */
static void
on_cursors(void *ctx, enum store_result r, const struct store_contacts *c,
    const struct trouble *t)
{
	struct admin_job *j = ctx;
	uint64_t now_s = host_now_s(j->host);
	uint64_t horizon = j->figures.head;

	if (!admin_answered(j, r, t))
		return;
	for (size_t i = 0; i < c->n; i++) {
		const struct member_device *d =
		    membership_by_author(j->host->m, c->at[i].device);
		bool is_away = c->at[i].time_ms / 1000 + AWAY_S < now_s;

		if (d == NULL || d->is_revoked || is_away ||
		    d->position != c->at[i].device.device)
			continue;
		if (c->at[i].cursor < horizon)
			horizon = c->at[i].cursor;
	}
	store_trim(j->space->store, horizon, on_trimmed, j);
}

static void
on_before(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct admin_job *j = ctx;

	if (!admin_answered(j, r, t))
		return;
	j->figures = *f;
	store_contacts(j->space->store, on_cursors, j);
}

static void
compact_space(struct admin_job *j, struct space *s)
{
	store_look(s->store, 0, on_before, j);
}

void
admin_compact(struct admin_job *j)
{
	j->at_space = compact_space;
	admin_next(j);
}

/* ---- copy ---- */

static void
copy_ends(struct admin_job *j, status st)
{
	j->host->is_copying = false;
	if (st != ST_OK)
		(void)unlink(j->path);
	admin_end(j, st);
}

static void
say_copied(struct admin_job *j, const struct store_copied *c)
{
	char chain[2 * sizeof c->chain.bytes + 1];

	for (size_t i = 0; i < sizeof c->chain.bytes; i++)
		(void)snprintf(chain + 2 * i, 3, "%02x", c->chain.bytes[i]);
	admin_say(j, "%s", j->path);
	admin_say(j,
	    "records %u batches %" PRIu64 " live %" PRIu64 " erasures %" PRIu64
	    " chain %s",
	    (unsigned)c->log.len, c->head, c->live_ops, c->graves, chain);
}

static void
on_piece(
    void *ctx, enum store_result r, const struct store_copied *c, const struct trouble *t)
{
	struct admin_job *j = ctx;

	if (r != STORE_OK) {
		j->trouble = *t;
		copy_ends(j, t->code != ST_OK ? t->code : ST_IO);
	} else if (c->is_complete) {
		say_copied(j, c);
		copy_ends(j, ST_OK);
	} else if (j->host->is_stopping) {
		copy_ends(
		    j, trouble_set(&j->trouble, ST_CLOSED, "the server is stopping"));
	} else {
		store_copy(j->space->store, j->path, COPY_PIECE_PAGES, on_piece, j);
	}
}

static void
copy_space(struct admin_job *j, struct space *s)
{
	char file[24];

	(void)snprintf(file, sizeof file, "copy/%s.db", host_space_text(s).text);
	if (!host_path(j->host, file, sizeof j->path, j->path)) {
		admin_end(j, trouble_set(&j->trouble, ST_NO_OUTPUT, "no folder"));
		return;
	}
	(void)unlink(j->path);
	j->host->is_copying = true;
	store_copy(s->store, j->path, COPY_PIECE_PAGES, on_piece, j);
}

/* Into DIR/copy/CC.db, whence the asking process takes it: this one may write nowhere
 * else. What an unfinished copy left there goes first. */
void
admin_copy(struct admin_job *j)
{
	char folder[CONFIG_TEXT_BYTES + 16];

	if (j->host->is_copying) {
		admin_end(
		    j, trouble_set(&j->trouble, ST_BUSY, "another copy is being made"));
		return;
	}
	if (!host_path(j->host, "copy", sizeof folder, folder) ||
	    (mkdir(folder, 0700) != 0 && errno != EEXIST)) {
		admin_end(j, trouble_set(&j->trouble, ST_NO_OUTPUT, "%s: %s", folder,
				 strerror(errno)));
		return;
	}
	j->at_space = copy_space;
	admin_next(j);
}

/* ---- orders ---- */

static void
keep_orders(struct admin_job *j, const struct orders *changed)
{
	struct host *h = j->host;
	char path[CONFIG_TEXT_BYTES + 16];
	status st = ST_OK;

	if (host_path(h, "orders", sizeof path, path))
		st = orders_write(path, changed, &j->trouble);
	if (st == ST_OK)
		h->orders = *changed;
	admin_end(j, st);
}

static bool
has_space(const struct host *h, const char *name)
{
	for (size_t i = 0; i < h->n_spaces; i++)
		if (strcmp(host_space_text(h->spaces[i]).text, name) == 0)
			return true;
	return false;
}

void
admin_quota(struct admin_job *j)
{
	struct orders changed = j->host->orders;
	char *end;
	unsigned long mib = strtoul(j->args[1], &end, 10);
	status st;

	if (*end != '\0' || mib > UINT32_MAX)
		st = trouble_set(
		    &j->trouble, ST_USAGE, "%s is no number of MiB", j->args[1]);
	else if (!has_space(j->host, j->args[0]))
		st = trouble_set(
		    &j->trouble, ST_NOT_FOUND, "there is no space %s", j->args[0]);
	else
		st = orders_set_quota(&changed, j->args[0], (uint32_t)mib, &j->trouble);
	if (st != ST_OK) {
		admin_end(j, st);
		return;
	}
	admin_say(j, "%s may hold %lu MiB of live changes%s", j->args[0], mib,
	    mib == 0 ? ": no limit" : "");
	keep_orders(j, &changed);
}

static bool
is_known(const struct membership *m, const struct device_id *id)
{
	for (size_t i = 0; i < membership_n_spaces(m); i++)
		if (membership_device_in(m, membership_space_at(m, i), id) != NULL)
			return true;
	return false;
}

static void
set_block(struct admin_job *j, bool is_blocked)
{
	struct orders changed = j->host->orders;
	struct device_id id;
	status st = base32_read(j->args[0], id.bytes, sizeof id.bytes, &j->trouble);

	if (st == ST_OK && is_blocked && !is_known(j->host->m, &id))
		st = trouble_set(
		    &j->trouble, ST_NOT_FOUND, "no log knows the laptop %s", j->args[0]);
	if (st == ST_OK)
		st = orders_block(&changed, &id, is_blocked, &j->trouble);
	if (st != ST_OK) {
		admin_end(j, st);
		return;
	}
	admin_say(j, "%s is %s", device_text(&id).text,
	    is_blocked ? "not let in any more" : "let in again");
	keep_orders(j, &changed);
}

void
admin_block(struct admin_job *j)
{
	struct host *h = j->host;

	set_block(j, true);
	host_drop_revoked(h);
}

void
admin_unblock(struct admin_job *j)
{
	set_block(j, false);
}
