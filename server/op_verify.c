/* op_verify.c - `pnetd verify [CC]`: checks all that the server holds on a copy that it
 * makes now, or that a backup holds, and names the first damage. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base32.h"
#include "server/admin_link.h"
#include "server/backup_set.h"
#include "server/complain.h"
#include "server/config.h"
#include "server/ops.h"
#include "server/verify.h"

static const char next_verify[] = "pnetd verify [CC] [--data DIR | --backup DIR]";

enum { SPACES_MAX = 300, NAME_BYTES = 8, LINE_BYTES = 32 };

struct verifier {
	const char *data;
	const char *backup; /* NULL: the server's own files */
	const char *only;
	struct config config;
	struct backup_set set;
	size_t n_spaces;
	char spaces[SPACES_MAX][NAME_BYTES];
	char folder[CONFIG_TEXT_BYTES + 16];
	uint64_t younger;
};

/* What laptops held and nobody brought: by member and laptop, never silent. */
static void
print_gap(const struct verify_gap *g)
{
	char device[BASE32_SYMBOLS(sizeof g->device) + 1]; /* as pnetd devices shows it */

	base32_write(span_of(g->device.bytes, sizeof g->device.bytes), device);
	(void)printf("     gap: at least %" PRIu64 " batch%s of %s missing before batch "
		     "%" PRIu64 " (laptop %s, scope %u)\n",
	    g->n_missing, g->n_missing == 1 ? "" : "es",
	    g->member.text[0] != '\0' ? g->member.text : "somebody unknown", g->lsn,
	    device, (unsigned)g->scope);
}

static void
on_whole(void *ctx, const char *space, const struct verify_figures *f)
{
	struct verifier *v = ctx;

	v->younger += f->younger;
	(void)printf("%-4s whole: %" PRIu64 " records, %" PRIu64 " key boxes, %" PRIu64
		     " batches, %" PRIu64 " live ops\n",
	    space, f->records, f->boxes, f->batches, f->live_ops);
	for (const struct verify_gap *g = f->gaps; g != NULL; g = g->next)
		print_gap(g);
}

static void
take_space(void *ctx, const char *line)
{
	struct verifier *v = ctx;
	char name[NAME_BYTES];

	if (line[0] != ' ' && sscanf(line, "%7s", name) == 1 && v->n_spaces < SPACES_MAX)
		memcpy(v->spaces[v->n_spaces++], name, sizeof name);
}

static void
ignore(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/* Copies of all spaces, NET last: the other logs cite its log. */
static status
copy_all(struct verifier *v, struct trouble *t)
{
	struct admin_link *link = NULL;
	status st = admin_link_open(&link, v->data, t);

	if (st == ST_OK)
		st = admin_link_ask(link, "spaces", take_space, v, t);
	for (size_t i = 1; st == ST_OK && i <= v->n_spaces; i++) {
		char line[LINE_BYTES];

		(void)snprintf(line, sizeof line, "copy %s", v->spaces[i % v->n_spaces]);
		st = admin_link_ask(link, line, ignore, NULL, t);
	}
	admin_link_close(link);
	(void)snprintf(v->folder, sizeof v->folder, "%s/copy", v->data);
	return st;
}

static void
remove_copies(const struct verifier *v)
{
	for (size_t i = 0; i < v->n_spaces; i++) {
		char path[CONFIG_TEXT_BYTES + 32];

		(void)snprintf(path, sizeof path, "%s/%s.db", v->folder, v->spaces[i]);
		(void)unlink(path);
	}
}

static status
check_backup(struct verifier *v, struct trouble *t)
{
	status st = backup_read_manifest(v->backup, &v->set, t);

	(void)snprintf(v->folder, sizeof v->folder, "%s", v->backup);
	return st == ST_OK ? backup_check_files(v->backup, &v->set, t) : st;
}

/* Whatever does not fit is damage, and one exit code. */
static status
damage_of(status st)
{
	switch ((int)st) {
	case ST_OK:
	case ST_NO_MEMORY:
	case ST_NOT_FOUND:
	case ST_IO:
		return st;
	default:
		return ST_CORRUPT;
	}
}

static status
run(struct verifier *v, struct trouble *t)
{
	char path[CONFIG_TEXT_BYTES + 16];
	status st;

	config_init(&v->config);
	(void)snprintf(path, sizeof path, "%.250s/pnetd.conf",
	    v->backup != NULL ? v->backup : v->data);
	st = v->backup != NULL ? check_backup(v, t) : ST_OK;
	if (st == ST_OK)
		st = config_read(&v->config, path, t);
	if (st == ST_OK && v->backup == NULL)
		st = copy_all(v, t);
	if (st == ST_OK)
		st = damage_of(verify_folder(
		    v->folder, &v->config.network, v->only, on_whole, v, t));
	remove_copies(v);
	return st;
}

static status
read_verify(int argc, char **argv, struct verifier *v)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
	    {"backup", required_argument, NULL, 'b'}, {0}};
	int o;

	v->data = ".";
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			v->data = optarg;
		else if (o == 'b')
			v->backup = optarg;
		else
			return ST_USAGE;
	}
	if (optind < argc)
		v->only = argv[optind++];
	return optind == argc && strlen(v->data) < CONFIG_TEXT_BYTES ? ST_OK : ST_USAGE;
}

int
op_verify(int argc, char **argv)
{
	struct verifier *v = calloc(1, sizeof *v);
	struct trouble t = {0};
	status st = v == NULL ? ST_NO_MEMORY : read_verify(argc, argv, v);
	int code = 0;

	if (st != ST_OK)
		code = complain(
		    st, NULL, "the command is not understood", NULL, next_verify);
	else if ((st = run(v, &t)) != ST_OK)
		code = complain(st, &t, "what the server holds is not whole",
		    "nothing was changed; laptops hold copies of what they read",
		    v->backup != NULL
			? "pnetd verify --backup DIR    of an older backup"
			: "stop pnetd, then pnetd restore BACKUP --data DIR --replace, "
			  "of the newest backup that pnetd verify --backup finds whole");
	else if (v->younger > 0)
		(void)fprintf(stderr,
		    "[!!] %" PRIu64
		    " batches cite records that are younger than the copy\n",
		    v->younger);
	free(v);
	return code;
}
