/* op_audit.c - `pnetd audit`: does the trail hold together? */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "server/audit.h"
#include "server/complain.h"
#include "server/ops.h"

static const char next_audit[] = "pnetd audit [--data DIR]";

int
op_audit(int argc, char **argv)
{
	static const struct option options[] = {
	    {"data", required_argument, NULL, 'd'}, {0}};
	struct audit_figures f;
	struct trouble t = {0};
	const char *data = ".";
	status st;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'd')
			return complain(ST_USAGE, NULL, "the command is not understood",
			    NULL, next_audit);
		data = optarg;
	}
	st = audit_check(data, &f, &t);
	if (st != ST_OK)
		return complain(st, &t, "the trail is not whole",
		    "nothing was changed; lines before that one are as they were written",
		    "mv audit audit.damaged    the server begins a new one when it "
		    "starts");
	(void)printf("%" PRIu64 " lines, whole, end %s\n", f.lines, f.head);
	return 0;
}
