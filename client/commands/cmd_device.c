/* cmd_device.c - pnet device list|rename|revoke, member list|show|revoke|role. */
#include "client/actions/laptops.h"
#include "client/actions/network.h"
#include "client/actions/people.h"
#include "client/actions/sync.h"
#include "client/commands/commands.h"
#include "client/sync/intents.h"

/* ---- looking ---- */

/* "13 Apr 09:40", "2027-04-13T07:40:00Z", "" or "never". */
static const char *
time_cell(struct call *c, struct laptop *l, const struct known_laptop *x)
{
	char text[SCREEN_TIME_BYTES];

	if (!x->has_contact)
		return "";
	if (x->last_contact_s == 0)
		return "never";
	if (c->global.style == STYLE_HUMAN)
		screen_local_time(x->last_contact_s, text);
	else
		screen_utc_time(x->last_contact_s, text);
	return arena_text(l->arena, "%s", text);
}

/* What a laptop has not sent only that laptop knows. */
static const char *
unsent_cell(struct laptop *l, const struct known_laptop *x)
{
	struct waiting waiting;

	if (!x->is_own)
		return x->is_active ? "unknown" : "";
	if (records_waiting(l, &waiting) != ST_OK)
		return "unknown";
	return arena_text(l->arena, "%llu", (unsigned long long)waiting.changes);
}

static struct listing *
list_laptops(
    struct call *c, struct laptop *l, const struct laptops *all, const char *member)
{
	struct listing *out = listing_new("pnet.devices/1",
	    "country,member,role,active?,device,name,last_contact,up_to_date,unsent");

	for (size_t i = 0; i < all->n; i++) {
		const struct known_laptop *x = &all->items[i];

		if (member != NULL && strcmp(member, x->member) != 0)
			continue;
		listing_row(out);
		listing_cell(out, x->country);
		listing_cell(out, x->member);
		listing_cell(out, role_word(x->role));
		listing_cell(out, x->is_active ? "yes" : "no");
		listing_cellf(out, "%.8s", x->hex);
		listing_cell(out, x->is_own && x->label == NULL ? "this one" : x->label);
		listing_cell(out, time_cell(c, l, x));
		listing_cell(out, !x->has_contact ? "" : x->is_up_to_date ? "yes" : "no");
		listing_cell(out, unsent_cell(l, x));
	}
	return out;
}

/* The figures are the server's, of a moment that is over. */
static void
print_asked(struct call *c, const struct laptops *all)
{
	char text[SCREEN_TIME_BYTES];

	if (c->global.style != STYLE_HUMAN || c->global.is_quiet || all->asked_s == 0)
		return;
	screen_local_time(all->asked_s, text);
	printf("As the server told at %s.\n", text);
}

static status
print_new(struct call *c, struct laptop *l, const struct laptops *all)
{
	size_t n = 0;
	status st = laptops_look(l, all, &n);

	if (st == ST_OK && n > 0 && c->global.style == STYLE_HUMAN && !c->global.is_quiet)
		printf("[!!] %zu laptop%s new since you last looked here\n", n,
		    n == 1 ? " is" : "s are");
	return st;
}

status
cmd_device_list(struct call *c)
{
	const char *country = call_option(c, "country");
	struct laptop *l = NULL;
	struct laptops all;
	struct listing *out;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = laptops_list(l, country, &all);
	if (st == ST_OK) {
		out = list_laptops(c, l, &all, NULL);
		listing_print(out, c->global.style, c->global.show_header, stdout);
		listing_free(out);
		print_asked(c, &all);
	}
	if (st == ST_OK && country == NULL)
		st = print_new(c, l, &all);
	return command_close(l, st);
}

status
cmd_member_list(struct call *c)
{
	struct laptop *l = NULL;
	struct listing *out;
	struct query *q;
	const char *country = call_option(c, "country");
	status st = command_open(c, &l);

	if (st != ST_OK)
		return st;
	out = listing_new("pnet.members/1", "country,member,role,active?,laptops#");
	q = query_of(l->queries,
	    "SELECT s.code, d.member, min(d.role), max(d.is_active),"
	    " count(DISTINCT CASE d.is_active WHEN 1 THEN d.device END)"
	    " FROM r_device d JOIN r_space s ON s.pos = d.home WHERE (?1 IS NULL OR"
	    " s.code = ?1) AND d.role <> 4 GROUP BY d.home, d.member"
	    " ORDER BY d.home, d.member");
	if (country == NULL)
		query_null(q);
	else
		query_text(q, country);
	while (query_row(q)) {
		listing_row(out);
		listing_cell(out, query_column_text(q, 0));
		listing_cell(out, query_column_text(q, 1));
		listing_cell(out, role_word((enum member_role)query_column_int(q, 2)));
		listing_cell(out, query_column_int(q, 3) != 0 ? "yes" : "no");
		listing_cellf(out, "%lld", (long long)query_column_int(q, 4));
	}
	st = query_done(q, &l->trouble);
	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}

static bool
has_member(const struct laptops *all, const char *member)
{
	for (size_t i = 0; i < all->n; i++) {
		if (strcmp(all->items[i].member, member) == 0)
			return true;
	}
	return false;
}

static status
complain_member(struct laptop *l, const char *member)
{
	status st = complain(l->complaint, PN_F01,
	    "no member %s is known here, or he has not joined yet", member);

	complain_next(l->complaint, "pnet member list");
	return trouble_set(&l->trouble, st, "no member %s", member);
}

status
cmd_member_show(struct call *c)
{
	const char *member = c->n_args > 0 ? c->args[0] : NULL;
	struct laptop *l = NULL;
	struct laptops all;
	struct listing *out;
	status st = command_open(c, &l);

	if (st == ST_OK && member == NULL)
		member = l->self.member;
	if (st == ST_OK)
		st = laptops_list(l, NULL, &all);
	if (st == ST_OK && !has_member(&all, member))
		st = complain_member(l, member);
	if (st == ST_OK) {
		out = list_laptops(c, l, &all, member);
		listing_print(out, c->global.style, c->global.show_header, stdout);
		listing_free(out);
		print_asked(c, &all);
	}
	return command_close(l, st);
}

/* The one that is meant; several are named, so that he can say which. */
static status
find_one(struct laptop *l, const char *word, struct laptops *out)
{
	status st = laptops_find(l, word, out);

	if (st != ST_OK || out->n == 1)
		return st;
	st = complain(l->complaint, PN_F01, "%zu laptops are meant by %s", out->n, word);
	for (size_t i = 0; i < out->n && i + 1 < COMPLAINT_NEXT_MAX; i++)
		complain_next(l->complaint, "pnet %s %.8s    %s", l->command,
		    out->items[i].hex,
		    out->items[i].label == NULL ? "" : out->items[i].label);
	return trouble_set(&l->trouble, st, "several laptops");
}

status
cmd_device_rename(struct call *c)
{
	struct laptop *l = NULL;
	struct laptops found;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_one(l, c->args[0], &found);
	if (st == ST_OK)
		st = laptops_rename(l, &found.items[0], c->args[1]);
	if (st == ST_OK)
		printf("[ok] %.8s of %s is called '%s' on this laptop\n",
		    found.items[0].hex, found.items[0].member, c->args[1]);
	return command_close(l, st);
}

/* ---- revoking ---- */

static const char *
named(struct laptop *l, const char *member)
{
	const char *name = people_member_name(l, member);

	return name[0] == '\0' ? member : arena_text(l->arena, "%s (%s)", name, member);
}

static void
print_preview(struct call *c, struct laptop *l, const struct laptops *which,
    const struct revocation *r)
{
	for (size_t i = 0; i < which->n; i++) {
		const struct known_laptop *x = &which->items[i];
		const char *when = time_cell(c, l, x);

		fprintf(stderr,
		    "device %.8s of %s%s%s: last contact %s, unsent unknown\n", x->hex,
		    named(l, x->member), x->label == NULL ? "" : ", ",
		    x->label == NULL ? "" : x->label,
		    when[0] == '\0' ? "not known here (pnet sync)" : when);
	}
	fprintf(stderr,
	    "The server will take and give nothing more to %s; what was not sent stays "
	    "there. %zu scope%s of the country get%s new keys%s.\n",
	    which->n == 1 ? "it" : "them", r->n_scopes, r->n_scopes == 1 ? "" : "s",
	    r->n_scopes == 1 ? "s" : "",
	    r->needs_office ? ", those of all countries at the office's next sync" : "");
}

/* Carries out what waits, as far as the server can be reached. */
static status
carry_out(struct call *c, struct laptop *l, bool *done)
{
	struct sync_report report;
	status st = sync_run(l, 0, &report);

	*done = !laptops_revoking(l);
	if (*done && report.log_refused != NULL && st == ST_OK) {
		*done = false;
		st = complain(c->complaint, PN_P01, "the revocation was refused: %s",
		    report.log_refused);
		complain_next(c->complaint, "pnet member list");
	}
	if (st == ST_OK || *done)
		return st;
	if (st != ST_UNREACHABLE && st != ST_CUT && st != ST_BUSY)
		return st;
	memset(c->complaint, 0, sizeof *c->complaint);
	return ST_OK;
}

static void
print_revoked(struct call *c, const struct laptops *which, bool done)
{
	if (!done) {
		printf(
		    "[!!] the server could not be reached: the revocation waits on this "
		    "laptop, and until your next pnet sync the server goes on "
		    "serving %s\n",
		    which->n == 1 ? "that laptop" : "those laptops");
		c->exit_code = status_exit(ST_RETRY);
		return;
	}
	for (size_t i = 0; i < which->n; i++)
		printf("[ok] %.8s of %s is revoked: the server refuses it from now on\n",
		    which->items[i].hex, which->items[i].member);
}

/* member: all of his, his open invites too; else those laptops. */
static status
revoke_these(struct call *c, struct laptop *l, const struct laptops *which,
    const char *member, bool *done)
{
	const char *word =
	    member == NULL ? arena_text(l->arena, "%.8s", which->items[0].hex) : member;
	struct revocation r;
	bool yes = false;
	status st = laptops_may_revoke(l, which, &r);

	*done = false;
	if (st != ST_OK)
		return st;
	print_preview(c, l, which, &r);
	st = command_confirm(c, word, &yes);
	if (st != ST_OK || !yes)
		return st;
	st = member == NULL ? laptops_revoke(l, which) : laptops_revoke_member(l, member);
	if (st == ST_OK)
		st = carry_out(c, l, done);
	if (st == ST_OK)
		print_revoked(c, which, *done);
	return st;
}

status
cmd_device_revoke(struct call *c)
{
	struct laptop *l = NULL;
	struct laptops found;
	bool done = false;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_one(l, c->args[0], &found);
	if (st == ST_OK)
		st = revoke_these(c, l, &found, NULL, &done);
	if (st == ST_OK && done)
		printf("next: pnet invite %s --role %s    for a new laptop\n",
		    found.items[0].member, role_word(found.items[0].role));
	return command_close(l, st);
}

/* All that he has in use; none is no reason, an open invite may be all there is. */
static status
laptops_of(struct laptop *l, const char *member, struct laptops *out)
{
	size_t n = 0;
	status st = laptops_list(l, NULL, out);

	if (st == ST_OK && !has_member(out, member))
		return complain_member(l, member);
	for (size_t i = 0; st == ST_OK && i < out->n; i++) {
		if (out->items[i].is_active && strcmp(out->items[i].member, member) == 0)
			out->items[n++] = out->items[i];
	}
	out->n = n;
	return st;
}

status
cmd_member_revoke(struct call *c)
{
	struct laptop *l = NULL;
	struct laptops his;
	bool done = false;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = laptops_of(l, c->args[0], &his);
	if (st == ST_OK)
		st = revoke_these(c, l, &his, c->args[0], &done);
	return command_close(l, st);
}

/* A role is given when a laptop joins and stays with it (SECURITY 4): so his laptops go,
 * and he joins anew. */
status
cmd_member_role(struct call *c)
{
	struct invite_wish wish = {.member = c->args[0], .role = role_named(c->args[1])};
	char code[INVITE_TEXT_MAX + 1];
	struct laptop *l = NULL;
	struct laptops his;
	bool done = false;
	status st;

	if (wish.role != ROLE_COORDINATOR && wish.role != ROLE_TRAINER) {
		st = complain(c->complaint, PN_U01, "a role is coordinator or trainer");
		complain_next(
		    c->complaint, "pnet member role %s coordinator", c->args[0]);
		return st;
	}
	st = command_open(c, &l);
	if (st == ST_OK)
		st = laptops_of(l, c->args[0], &his);
	if (st == ST_OK)
		fprintf(stderr,
		    "%s joins anew as %s: let him sync first, what his laptops "
		    "have not sent stays on them.\n",
		    named(l, c->args[0]), c->args[1]);
	if (st == ST_OK)
		st = revoke_these(c, l, &his, c->args[0], &done);
	if (st == ST_OK && done)
		st = network_invite(l, &wish, code);
	if (st == ST_OK && done) {
		st = command_code(c, code);
		explicit_bzero(code, sizeof code);
		fprintf(stderr, "[ok] invite for %s as %s: works once, 14 days\n",
		    c->args[0], c->args[1]);
	}
	return command_close(l, st);
}
