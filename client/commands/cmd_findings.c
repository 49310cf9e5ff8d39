/* cmd_findings.c - pnet findings: what breaks a rule, and what settles it. */
#include "client/actions/findings.h"
#include "client/commands/commands.h"

/* The command that settles stands beside what people and programs read line by line; the
 * CSV is the table of DOMAIN 6.8. */
static void
print_findings(struct call *c, struct laptop *l, const struct finding_list *list)
{
	bool has_next = c->global.style == STYLE_HUMAN || c->global.style == STYLE_JSON;
	struct listing *out = listing_new(
	    "pnet.findings/1", has_next ? "rule,severity,subject,count#,message,next"
					: "rule,severity,subject,count#,message");

	for (size_t i = 0; i < list->n; i++) {
		const struct finding *f = &list->at[i];

		listing_row(out);
		listing_cellf(out, "V%u", f->rule);
		listing_cell(out, rules_severity_name(f->severity));
		listing_cellf(
		    out, "%.*s", (int)f->subject.len, (const char *)f->subject.bytes);
		listing_cellf(out, "%u", (unsigned)f->count);
		listing_cell(out, f->message);
		if (has_next)
			listing_cell(out, findings_settle(l, f));
	}
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

/* With --gate only what blocks something. Returns whether any gate is open. */
static bool
keep_gates(struct finding_list *list, bool only_gates)
{
	bool any = false;
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		bool is_gate = list->at[i].severity == SEVERITY_GATE;

		any = any || is_gate;
		if (is_gate || !only_gates)
			list->at[kept++] = list->at[i];
	}
	list->n = kept;
	return any;
}

status
cmd_findings(struct call *c)
{
	struct laptop *l = NULL;
	struct finding_list list;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = findings_list(l, c->n_args > 0 ? c->args[0] : NULL, &list);
	if (st == ST_OK) {
		c->exit_code = keep_gates(&list, call_has(c, "gate")) ? 3 : 0;
		print_findings(c, l, &list);
	}
	return command_close(l, st);
}
