/* metrics.c - one table of figures of the host, one of figures of each space. */
#include "server/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/messages.h"

enum { FIRST_BYTES = 8192 };

/* What one space said. */
struct space_view {
	struct space_text name;
	bool is_seen;
	struct store_figures figures;
	size_t devices;
	uint64_t
	    oldest_s; /* contact of the active device that was away longest; 0 = none */
	uint64_t quota_bytes;
};

struct gathering {
	struct host *host;
	void (*done)(void *ctx, struct metrics_text text);
	void *ctx;
	size_t n;
	size_t at;
	struct space_view views[];
};

/* clang-format off */
/*        name                          type       value                            help */
#define HOST_METRICS(X) \
	X("pnetd_ready",                "gauge",   h->is_ready && !h->is_stopping,  "1 while peers are let in") \
	X("pnetd_recovery_open",        "gauge",   h->how.config->is_recovery_open, "1 while devices may hand back what a restore lost") \
	X("pnetd_connections",          "gauge",   gate_connections(h->gate),       "connections now") \
	X("pnetd_half_open",            "gauge",   gate_half_open(h->gate),         "handshakes not finished") \
	X("pnetd_connections_total",    "counter", h->n.connections,                "connections let in") \
	X("pnetd_log_records_total",    "counter", h->n.appends,                    "membership records appended") \
	X("pnetd_pages_total",          "counter", h->n.pages,                      "pages of pulls") \
	X("pnetd_received_bytes_total", "counter", h->n.bytes_in,                   "of connections that have ended") \
	X("pnetd_sent_bytes_total",     "counter", h->n.bytes_out,                  "of connections that have ended") \
	X("pnetd_graves_unwritten_total", "counter", h->n.graves_unwritten,         "times that the list of erasures could not be kept") \
	X("pnetd_audit_unwritten_total", "counter", h->n.audit_unwritten,           "lines of the audit trail that could not be kept")

#define SPACE_METRICS(X) \
	X("pnetd_space_devices",          v->devices,               "devices that are active") \
	X("pnetd_space_live_ops",         v->figures.live_ops,      "ops that live") \
	X("pnetd_space_live_bytes",       v->figures.live_bytes,    "their bytes, which the quota counts") \
	X("pnetd_space_quota_bytes",      v->quota_bytes,           "0 = no limit") \
	X("pnetd_space_file_bytes",       v->figures.file_bytes,    "of the file") \
	X("pnetd_space_batches",          v->figures.head,          "batches stored") \
	X("pnetd_space_erasures",         v->figures.graves,        "erasures") \
	X("pnetd_space_erase_pending",    v->figures.owes_checkpoint, "1: erased bytes wait for a checkpoint") \
	X("pnetd_space_reopened",         v->figures.reopened,      "times that the disk failed") \
	X("pnetd_space_oldest_contact_seconds", v->oldest_s,        "unix time at which the device away longest was seen, 0 = none was")
/* clang-format on */

/* ---- text ---- */

static void __attribute__((format(printf, 2, 3)))
add(struct metrics_text *out, const char *format, ...)
{
	va_list args;
	int n;

	if (out->cap - out->len < 512) {
		size_t cap = out->cap == 0 ? FIRST_BYTES : out->cap * 2;
		char *more = out->is_torn ? NULL : realloc(out->bytes, cap);

		if (more == NULL) {
			out->is_torn = true;
			return;
		}
		out->bytes = more;
		out->cap = cap;
	}
	va_start(args, format);
	n = vsnprintf(out->bytes + out->len, out->cap - out->len, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < out->cap - out->len)
		out->len += (size_t)n;
	else
		out->is_torn = true;
}

static void
head(struct metrics_text *out, const char *name, const char *type, const char *help)
{
	add(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
add_host(struct metrics_text *out, const struct host *h)
{
#define X(name, type, value, help)                                                       \
	head(out, name, type, help);                                                     \
	add(out, "%s %" PRIu64 "\n", name, (uint64_t)(value));
	HOST_METRICS(X)
#undef X
	head(out, "pnetd_build_info", "gauge", "version of the program");
	add(out, "pnetd_build_info{version=\"%s\"} 1\n", PNET_VERSION);
	head(out, "pnetd_connections_refused_total", "counter", "by reason");
	for (size_t i = 0; i < GATE_ANSWER_COUNT; i++)
		if (i != GATE_OPEN)
			add(out,
			    "pnetd_connections_refused_total{reason=\"%s\"} %" PRIu64
			    "\n",
			    gate_answer_text((enum gate_answer)i), h->n.turned_away[i]);
}

/* "VERDICT_EPOCH" is epoch. */
static void
add_verdicts(struct metrics_text *out, const struct host *h)
{
	static const enum verdict verdicts[] = {
#define X(name, number, text) name,
	    VERDICTS(X)
#undef X
	};

	head(out, "pnetd_pushes_total", "counter", "pushes by verdict");
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		char low[24] = {0};
		const char *name = verdict_name(verdicts[i]) + sizeof "VERDICT";

		for (size_t k = 0; name[k] != '\0' && k + 1 < sizeof low; k++)
			low[k] = (char)(name[k] | 0x20);
		add(out, "pnetd_pushes_total{verdict=\"%s\"} %" PRIu64 "\n", low,
		    h->n.verdicts[verdicts[i]]);
	}
}

static void
add_latency(struct metrics_text *out, const struct gathering *g)
{
	static const char name[] = "pnetd_commit_seconds";

	head(out, name, "histogram", "how long a transaction took to become durable");
	for (size_t i = 0; i < g->n; i++) {
		const struct space_view *v = &g->views[i];
		uint64_t sum = 0;

		for (size_t k = 0; k < STORE_TOOK_STEPS; k++) {
			char until[16] = "+Inf";

			sum += v->figures.commit_took[k];
			if (k + 1 < STORE_TOOK_STEPS)
				(void)snprintf(until, sizeof until, "%.3f",
				    (double)(UINT64_C(2) << k) / 1000);
			add(out, "%s_bucket{space=\"%s\",le=\"%s\"} %" PRIu64 "\n", name,
			    v->name.text, until, sum);
		}
		add(out,
		    "%s_sum{space=\"%s\"} %.6f\n%s_count{space=\"%s\"} %" PRIu64 "\n",
		    name, v->name.text, (double)v->figures.commit_us / 1e6, name,
		    v->name.text, sum);
	}
}

static void
add_spaces(struct metrics_text *out, const struct gathering *g)
{
#define X(metric, value, help)                                                           \
	head(out, metric, "gauge", help);                                                \
	for (size_t i = 0; i < g->n; i++) {                                              \
		const struct space_view *v = &g->views[i];                               \
                                                                                         \
		add(out, "%s{space=\"%s\"} %" PRIu64 "\n", metric, v->name.text,         \
		    (uint64_t)(value));                                                  \
	}
	SPACE_METRICS(X)
#undef X
	head(out, "pnetd_space_conflicts", "gauge",
	    "unknown (blind): only laptops see them");
	for (size_t i = 0; i < g->n; i++)
		add(out, "pnetd_space_conflicts{space=\"%s\"} NaN\n",
		    g->views[i].name.text);
}

/* ---- gathering ---- */

static void look_on(struct gathering *g);

static void
finish(struct gathering *g, bool is_whole)
{
	struct metrics_text out = {0};

	if (is_whole) {
		add_host(&out, g->host);
		add_verdicts(&out, g->host);
		add_spaces(&out, g);
		add_latency(&out, g);
	}
	if (out.is_torn) {
		free(out.bytes);
		out = (struct metrics_text){0};
	}
	g->done(g->ctx, out);
	free(g);
}

static void
on_contacts(void *ctx, enum store_result r, const struct store_contacts *c,
    const struct trouble *t)
{
	struct gathering *g = ctx;
	struct space_view *v = &g->views[g->at];
	const struct membership *m = g->host->m;

	(void)t;
	for (size_t i = 0; r == STORE_OK && i < c->n; i++) {
		const struct member_device *d = membership_by_author(m, c->at[i].device);
		uint64_t seen_s = c->at[i].time_ms / 1000;

		if (d == NULL || d->is_revoked || d->position != c->at[i].device.device ||
		    seen_s == 0)
			continue;
		if (v->oldest_s == 0 || seen_s < v->oldest_s)
			v->oldest_s = seen_s;
	}
	g->at++;
	look_on(g);
}

static void
on_figures(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct gathering *g = ctx;
	struct space *s = g->host->spaces[g->at];
	struct space_view *v = &g->views[g->at];

	(void)t;
	v->is_seen = r == STORE_OK;
	if (v->is_seen)
		v->figures = *f;
	if (g->host->is_stopping)
		finish(g, false);
	else
		store_contacts(s->store, on_contacts, g);
}

static void
look_on(struct gathering *g)
{
	struct host *h = g->host;
	struct space_view *v = &g->views[g->at];
	struct space *s;

	if (h->is_stopping || g->at == g->n) {
		finish(g, !h->is_stopping);
		return;
	}
	s = h->spaces[g->at];
	v->name = host_space_text(s);
	v->quota_bytes = (uint64_t)host_quota_mib(s) << 20;
	for (size_t i = 0; i < membership_n_devices(h->m, s->position); i++)
		v->devices += !membership_device_at(h->m, s->position, i)->is_revoked;
	store_look(s->store, 0, on_figures, g);
}

void
metrics_gather(
    struct host *h, void (*done)(void *ctx, struct metrics_text text), void *ctx)
{
	struct gathering *g =
	    calloc(1, sizeof *g + h->n_spaces * sizeof(struct space_view));

	if (g == NULL) {
		done(ctx, (struct metrics_text){0});
		return;
	}
	g->host = h;
	g->done = done;
	g->ctx = ctx;
	g->n = h->n_spaces;
	look_on(g);
}

bool
metrics_is_healthy(const struct host *h, const char **why)
{
	*why = "ok";
	if (h->is_stopping || !h->is_ready)
		*why = h->is_stopping ? "stopping" : "starting";
	for (size_t i = 0; i < h->n_spaces; i++)
		if (!h->spaces[i]->is_ready)
			*why = "a space cannot be read";
	if (h->n.graves_unwritten > 0)
		*why = "the list of erasures could not be kept";
	return strcmp(*why, "ok") == 0;
}
