/* ffault.c - reads the line of options of the fault proxy (ffault.h).
 *
 *	ffault --to PORT [--edge] [--cut up|down:BYTES:fin|rst|silence|drop] ...
 *	ffault --answer FILE     a captive portal: says the file to whoever connects
 *
 * Prints
 *	port N
 *	connection 1 up 812 down 1024 trips 2 ms 14 end client
 *	sum connections 1 up 812 down 1024 trips 2
 * where end is client, server, fin, rst, silence or stopped. A trip is a turn from up to
 * down: a question and its answer. The TCP connect is none, but costs a round trip of the
 * link's latency. */
#include "ffault.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The line of a village (PERFORMANCE 2). */
enum {
	EDGE_LATENCY_MS = 300, /* one way */
	EDGE_UP_BITS = 35000,
	EDGE_DOWN_BITS = 120000,
	EDGE_SEGMENT_BYTES = 1400,
	EDGE_HEADER_BYTES = 40
};

static const char *const fault_names[FAULT_COUNT] = {
    "none", "fin", "rst", "silence", "drop"};

static int
usage(const char *why)
{
	fprintf(stderr,
	    "ffault: %s\n"
	    "usage: ffault --to PORT | --answer FILE\n"
	    "  --edge                             RTT 600 ms, 35 and 120 kbit/s\n"
	    "  --latency MS                       one way, both directions\n"
	    "  --rate-up BITS, --rate-down BITS   per second\n"
	    "  --segment BYTES                    largest piece passed on at once\n"
	    "  --cut up|down:BYTES:fin|rst|silence|drop\n"
	    "  --only N                           the fault strikes connection N alone\n"
	    "  --listen PORT                      take this port again\n"
	    "  --seconds N, --port-file FILE\n"
	    "  --record FILE                      adds what passes, both ways, to it\n",
	    why);
	return 64;
}

static void
set_edge(struct proxy_options *o)
{
	o->header_bytes = EDGE_HEADER_BYTES;
	for (int d = 0; d < DIRECTIONS; d++) {
		o->direction[d].latency_ms = EDGE_LATENCY_MS;
		o->direction[d].segment_bytes = EDGE_SEGMENT_BYTES;
	}
	o->direction[UP].rate_bits = EDGE_UP_BITS;
	o->direction[DOWN].rate_bits = EDGE_DOWN_BITS;
}

/* "up:123:rst" */
static bool
set_cut(struct proxy_options *o, const char *text)
{
	char way[8];
	char kind[16];
	unsigned long long bytes;
	struct direction *d;

	if (sscanf(text, "%7[a-z]:%llu:%15[a-z]", way, &bytes, kind) != 3)
		return false;
	if (strcmp(way, "up") != 0 && strcmp(way, "down") != 0)
		return false;
	d = &o->direction[strcmp(way, "up") == 0 ? UP : DOWN];
	d->after_bytes = bytes;
	for (int f = FAULT_FIN; f < FAULT_COUNT; f++) {
		if (strcmp(kind, fault_names[f]) == 0)
			d->fault = (enum fault)f;
	}
	return d->fault != FAULT_NONE;
}

static bool
take_number(const char *text, uint64_t most, uint64_t *out)
{
	char *end;

	*out = strtoull(text, &end, 10);
	return *end == '\0' && end != text && *out <= most;
}

/* One option; false when its value is not in the right form. */
static bool
take(struct proxy_options *o, int option, const char *value)
{
	uint64_t n = 0;

	switch (option) {
	case 'e':
		set_edge(o);
		return true;
	case 'c':
		return set_cut(o, value);
	case 'a':
		o->answer = value;
		return true;
	case 'p':
		o->port_file = value;
		return true;
	case 'w':
		o->record = value;
		return true;
	default:
		break;
	}
	if (!take_number(value, strchr("tL", option) ? UINT16_MAX : 1000000000, &n))
		return false;
	switch (option) {
	case 't':
		o->to_port = (uint16_t)n;
		return n != 0;
	case 'L':
		o->listen_port = (uint16_t)n;
		return true;
	case 'l':
		o->direction[UP].latency_ms = o->direction[DOWN].latency_ms = (unsigned)n;
		return true;
	case 'u':
		o->direction[UP].rate_bits = n;
		return true;
	case 'd':
		o->direction[DOWN].rate_bits = n;
		return true;
	case 'g':
		o->direction[UP].segment_bytes = o->direction[DOWN].segment_bytes = n;
		return n != 0;
	case 'o':
		o->only_connection = (unsigned)n;
		return true;
	case 's':
		o->seconds = (unsigned)n;
		return true;
	default:
		return false;
	}
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"to", required_argument, NULL, 't'},
	    {"answer", required_argument, NULL, 'a'}, {"edge", no_argument, NULL, 'e'},
	    {"listen", required_argument, NULL, 'L'},
	    {"latency", required_argument, NULL, 'l'},
	    {"rate-up", required_argument, NULL, 'u'},
	    {"rate-down", required_argument, NULL, 'd'},
	    {"segment", required_argument, NULL, 'g'},
	    {"cut", required_argument, NULL, 'c'}, {"only", required_argument, NULL, 'o'},
	    {"seconds", required_argument, NULL, 's'},
	    {"port-file", required_argument, NULL, 'p'},
	    {"record", required_argument, NULL, 'w'}, {0}};
	struct proxy_options o = {0};
	int option;

	for (int d = 0; d < DIRECTIONS; d++)
		o.direction[d].segment_bytes = 65536;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?' || !take(&o, option, optarg))
			return usage("an option is not in the right form");
	}
	if (optind != argc || (o.to_port == 0) == (o.answer == NULL))
		return usage("either --to or --answer");
	return proxy_run(&o);
}
