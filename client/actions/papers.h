/* papers.h - working papers: the advocacy reports of all countries merged from what was
 * handed in, passages that stay in their country replaced already (DOMAIN 6.6). */
#ifndef CLIENT_ACTIONS_PAPERS_H
#define CLIENT_ACTIONS_PAPERS_H

#include "client/laptop/records.h"
#include "core/paper.h"

/* What is handed in, from every country: sources in the order of countries; lists of
 * codes "PL, SK" of those without a report and of those whose report is not accepted. In
 * the arena. */
status papers_sources(struct laptop *l, struct paper *out);

/* The paper of that code with its synthesis, by the central office (PN-P01). Unless it is
 * a draft, V44 is asked (PN-C01). PN-F01. */
status papers_open(struct laptop *l, const char *code, bool is_draft, struct paper *out);

/* A new paper, with an empty synthesis to be written by `pnet report edit`. */
status papers_new(struct edit *e, struct laptop *l, const char *code, const char *title,
    const char *edition, const char *language);

/* PN-P01 unless this is the central office. what: "a working paper is built". */
status papers_check_office(struct laptop *l, const char *what);

#endif
