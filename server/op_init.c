/* op_init.c - `pnetd init DIR --network ID`: the data folder, the server's key, and its
 * settings. Prints the public key, which the office names in `pnet network server`. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base32.h"
#include "net/os_rng.h"
#include "server/complain.h"
#include "server/config.h"
#include "server/keyfile.h"
#include "server/ops.h"

static const char next_init[] = "pnetd init DIR --network ID";

static int
usage(const char *why)
{
	struct trouble t;

	(void)trouble_set(&t, ST_USAGE, "%s", why);
	return complain(ST_USAGE, &t, "the command is not understood", NULL, next_init);
}

static status
make(const char *dir, const struct network_id *network, struct transport_pk *pk,
    struct trouble *t)
{
	char path[CONFIG_TEXT_BYTES];
	struct rng rng = os_rng();
	status st;

	if (mkdir(dir, 0750) != 0 && errno != EEXIST)
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", dir, strerror(errno));
	if ((size_t)snprintf(path, sizeof path, "%s/server.key", dir) >= sizeof path)
		return trouble_set(t, ST_USAGE, "the name of the folder is too long");
	st = keyfile_make(path, &rng, pk, t);
	if (st != ST_OK)
		return st;
	(void)snprintf(path, sizeof path, "%s/pnetd.conf", dir);
	return config_write_new(path, network, t);
}

int
op_init(int argc, char **argv)
{
	static const struct option options[] = {
	    {"network", required_argument, NULL, 'n'}, {0}};
	char key[BASE32_SYMBOLS(sizeof(struct transport_pk)) + 1];
	const char *network_text = NULL;
	struct network_id network;
	struct transport_pk pk;
	struct trouble t = {0};
	status st;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'n')
			return usage("init takes --network only");
		network_text = optarg;
	}
	if (optind + 1 != argc || network_text == NULL)
		return usage("init needs a folder and the network's id");
	if (base32_read(network_text, network.bytes, sizeof network.bytes, &t) != ST_OK)
		return complain(ST_USAGE, &t, "the network's id is mistyped", NULL,
		    "pnet network show   prints the id");
	st = make(argv[optind], &network, &pk, &t);
	if (st != ST_OK)
		return complain(st, &t, "the data folder cannot be made",
		    "an existing key stays as it is",
		    "install -d -o USER -m 750 DIR    as root, and then init as USER");
	base32_write(span_of(pk.bytes, sizeof pk.bytes), key);
	(void)printf("%s\n", key);
	(void)fprintf(stderr,
	    "[ok] %s is ready. The office admits this server with that key:\n"
	    "next: pnet network server HOST:PORT %s\n"
	    "      pnetd serve --data %s\n",
	    argv[optind], key, argv[optind]);
	return 0;
}
