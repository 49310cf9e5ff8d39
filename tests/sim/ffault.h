/* ffault.h - a bad line between a client and a server, as a TCP proxy on loopback.
 *
 * One link for all connections, each direction with its own latency and rate, and one
 * fault: what a connection suffers after a given number of bytes. It counts payload bytes
 * and trips and knows nothing of what it carries. */
#ifndef TESTS_SIM_FFAULT_H
#define TESTS_SIM_FFAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UP, DOWN, DIRECTIONS }; /* client to server, and back */

enum fault {
	FAULT_NONE,
	FAULT_FIN,     /* both ends see an orderly end */
	FAULT_RST,     /* both ends see a reset */
	FAULT_SILENCE, /* both sockets stay open, nothing comes through any more */
	FAULT_DROP,    /* this direction loses the rest, the other one goes on */
	FAULT_COUNT
};

struct direction {
	unsigned latency_ms;
	uint64_t rate_bits;   /* per second, 0 = as fast as it goes */
	size_t segment_bytes; /* largest piece that is passed on at once */
	enum fault fault;     /* strikes when after_bytes have been passed on */
	uint64_t after_bytes;
};

struct proxy_options {
	uint16_t listen_port;     /* 0 = a free one that no later socket gets by chance */
	uint16_t to_port;         /* 127.0.0.1, unless answer is set */
	const char *answer;       /* say this file to whoever connects, then end */
	unsigned seconds;         /* ends by itself, 0 = never */
	unsigned only_connection; /* the one that suffers the fault, 0 = each */
	const char *port_file;
	const char *record;    /* all bytes of both directions are added to this file */
	unsigned header_bytes; /* of each segment, costs time but is not counted */
	struct direction direction[DIRECTIONS];
};

/* Listens, prints "port N", runs until SIGTERM or the end of its time, prints a line per
 * connection that ended and the sums. Exit code of the program. */
int proxy_run(const struct proxy_options *options);

#endif
