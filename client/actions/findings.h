/* findings.h - what breaks a rule (DOMAIN 4) in what this laptop can read, and whether an
 * action is blocked by it. What it cannot read is unknown, never a violation: the office
 * finds what the counts of tallies and provisional figures say, a country device what its
 * keys open.
 *
 * Every gate in the program asks here: closing, signing, submitting, accepting, adding to
 * a compendium, building a paper, printing and exporting names. */
#ifndef CLIENT_ACTIONS_FINDINGS_H
#define CLIENT_ACTIONS_FINDINGS_H

#include "client/laptop/records.h"
#include "core/findings.h"

/* All findings, sorted as they print (DOMAIN 6.8). subject: the code of one activity,
 * practice, document or paper, or NULL for all; grouped rules then speak of the subject
 * alone. ST_NOT_FOUND with PN-F01 if nothing here has that code. Lists in l->arena. */
status findings_list(struct laptop *l, const char *subject, struct finding_list *out);

/* The open gates that block one action on one subject; out->n 0 means go on. subject:
 * code of an activity (CLOSE, NAMES), document (SIGN, SUBMIT, ACCEPT), practice (PART_A,
 * PART_B) or paper (PAPER). */
status findings_gate(
    struct laptop *l, enum gate gate, const char *subject, struct finding_list *out);

/* As above and PN-C01 if any is open: names each rule, and the commands that settle it.
 */
status findings_check_gate(struct laptop *l, enum gate gate, const char *subject);

/* Fills the tables of one run without asking any rule: f_space, f_activity, f_report and
 * the others of findings_parts.h, for queries that count by state. */
status findings_tables(struct laptop *l);

/* The command that settles a finding, "pnet review"; in l->arena. */
const char *findings_settle(struct laptop *l, const struct finding *f);

#endif
