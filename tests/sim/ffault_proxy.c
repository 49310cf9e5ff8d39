/* ffault_proxy.c - the loop of the fault proxy: accept, read, hold back, pass on, strike.
 *
 * What a direction has read waits in a queue of pieces, each with the moment at which the
 * link has carried it. The link is shared: a piece leaves when the one before it, of any
 * connection, has left. */
#include "ffault.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 256,
	QUEUE_BYTES_MAX = 1 << 20,
	READ_BYTES_MAX = 65536,
	PORT_FIRST = 15000,
	PORTS = 15000,
	BIND_TRIES = 100
};

struct piece {
	struct piece *next;
	uint64_t due_us;
	size_t len; /* 0: the end of the stream */
	size_t passed;
	uint8_t bytes[];
};

/* One direction of one connection: from its source socket to the other one. */
struct flow {
	struct piece *first, *last;
	size_t queued_bytes;
	uint64_t passed_bytes;
	bool has_read_end, has_passed_end, is_dropping;
};

struct connection {
	unsigned number;
	int fd[DIRECTIONS]; /* source of that direction; -1 = none */
	struct flow flow[DIRECTIONS];
	unsigned trips;
	int last_direction;
	uint64_t start_us;
	const char *end; /* NULL while it lives */
	bool is_silent;
};

struct proxy {
	const struct proxy_options *o;
	int listener;
	FILE *record; /* NULL: nothing is kept */
	unsigned accepted;
	size_t n_connections;
	struct connection *connections[CONNECTIONS_MAX];
	uint64_t link_free_us[DIRECTIONS];
	uint64_t sum_bytes[DIRECTIONS];
	unsigned sum_trips;
};

static volatile sig_atomic_t is_told_to_end;

static void
on_signal(int number)
{
	(void)number;
	is_told_to_end = 1;
}

static uint64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- the link ---- */

/* When a segment that enters now has arrived at the other side. */
static uint64_t
link_arrival(struct proxy *p, const struct connection *c, int d, size_t len)
{
	const struct direction *way = &p->o->direction[d];
	/* The TCP connect costs a round trip before the first byte can leave. */
	uint64_t opened = c->start_us + (p->o->direction[UP].latency_ms +
					    p->o->direction[DOWN].latency_ms) *
					    UINT64_C(1000);
	uint64_t start = now_us();

	if (start < opened)
		start = opened;
	if (start < p->link_free_us[d])
		start = p->link_free_us[d];
	if (way->rate_bits > 0 && len > 0)
		start += (len + p->o->header_bytes) * 8 * 1000000 / way->rate_bits;
	p->link_free_us[d] = start;
	return start + way->latency_ms * UINT64_C(1000);
}

static void
flow_queue(struct proxy *p, struct connection *c, int d, const uint8_t *bytes, size_t len)
{
	struct flow *f = &c->flow[d];
	struct piece *piece = malloc(sizeof *piece + len);

	if (piece == NULL)
		abort();
	*piece = (struct piece){.due_us = link_arrival(p, c, d, len), .len = len};
	if (len > 0)
		memcpy(piece->bytes, bytes, len);
	if (f->last == NULL)
		f->first = piece;
	else
		f->last->next = piece;
	f->last = piece;
	f->queued_bytes += len;
}

static void
flow_pop(struct flow *f)
{
	struct piece *piece = f->first;

	f->queued_bytes -= piece->len;
	f->first = piece->next;
	if (f->first == NULL)
		f->last = NULL;
	free(piece);
}

/* ---- ends ---- */

static void
reset_socket(int fd)
{
	const struct linger now = {1, 0};

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* how: 0 orderly, 1 by reset. */
static void
connection_close(struct connection *c, bool by_reset, const char *end)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		if (by_reset)
			reset_socket(c->fd[d]);
		if (c->fd[d] >= 0)
			(void)close(c->fd[d]);
		c->fd[d] = -1;
		while (c->flow[d].first != NULL)
			flow_pop(&c->flow[d]);
	}
	if (c->end == NULL)
		c->end = end;
}

static void
connection_report(struct proxy *p, const struct connection *c)
{
	printf("connection %u up %" PRIu64 " down %" PRIu64 " trips %u ms %" PRIu64
	       " end %s\n",
	    c->number, c->flow[UP].passed_bytes, c->flow[DOWN].passed_bytes, c->trips,
	    (now_us() - c->start_us) / 1000, c->end);
	(void)fflush(stdout);
	p->sum_bytes[UP] += c->flow[UP].passed_bytes;
	p->sum_bytes[DOWN] += c->flow[DOWN].passed_bytes;
	p->sum_trips += c->trips;
}

/* An orderly end in both ways: who has not read all yet still can. */
static void
cut_by_fin(struct connection *c)
{
	for (int d = 0; d < DIRECTIONS; d++) {
		uint8_t rest[4096];

		/* Unread bytes would turn the close into a reset. */
		while (
		    c->fd[d] >= 0 && recv(c->fd[d], rest, sizeof rest, MSG_DONTWAIT) > 0)
			;
		if (c->fd[d] >= 0)
			(void)shutdown(c->fd[d], SHUT_WR);
	}
	connection_close(c, false, "fin");
}

static void
strike(struct connection *c, int d, enum fault fault)
{
	switch (fault) {
	case FAULT_FIN:
		cut_by_fin(c);
		break;
	case FAULT_RST:
		connection_close(c, true, "rst");
		break;
	case FAULT_SILENCE:
		c->is_silent = true;
		break;
	case FAULT_DROP:
		c->flow[d].is_dropping = true;
		break;
	case FAULT_NONE:
	case FAULT_COUNT:
	default:
		break;
	}
}

/* ---- passing on ---- */

/* How many bytes direction d may still pass before its fault strikes. */
static uint64_t
bytes_left(const struct proxy *p, const struct connection *c, int d)
{
	const struct direction *way = &p->o->direction[d];

	if (way->fault == FAULT_NONE ||
	    (p->o->only_connection != 0 && p->o->only_connection != c->number))
		return UINT64_MAX;
	return way->after_bytes > c->flow[d].passed_bytes
		   ? way->after_bytes - c->flow[d].passed_bytes
		   : 0;
}

static bool
is_alive(const struct connection *c)
{
	return c->end == NULL && !c->is_silent;
}

/* The end of the stream has come through. */
static void
pass_end(struct connection *c, int d)
{
	int to = c->fd[!d];

	flow_pop(&c->flow[d]);
	c->flow[d].has_passed_end = true;
	if (to >= 0)
		(void)shutdown(to, SHUT_WR);
	if (c->flow[!d].has_passed_end)
		connection_close(c, false, d == UP ? "server" : "client");
}

/* Writes what it can of the first piece; false when the socket takes no more now. */
static bool
pass_piece(struct connection *c, int d, uint64_t left)
{
	struct flow *f = &c->flow[d];
	struct piece *piece = f->first;
	size_t len = piece->len - piece->passed;
	int to = c->fd[!d];
	ssize_t n;

	if (len > left)
		len = (size_t)left;
	n = f->is_dropping || to < 0
		? (ssize_t)len
		: send(to, piece->bytes + piece->passed, len, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			connection_close(c, true, d == UP ? "server" : "client");
		return false;
	}
	piece->passed += (size_t)n;
	if (!f->is_dropping)
		f->passed_bytes += (uint64_t)n;
	if (piece->passed == piece->len)
		flow_pop(f);
	return true;
}

/* Passes on what is due in direction d; *wait_us is lowered to what is due next. */
static void
flow_pass(struct proxy *p, struct connection *c, int d, uint64_t *wait_us)
{
	struct flow *f = &c->flow[d];

	while (is_alive(c) && f->first != NULL) {
		uint64_t now = now_us();
		uint64_t left = f->is_dropping ? UINT64_MAX : bytes_left(p, c, d);

		if (f->first->due_us > now) {
			if (f->first->due_us - now < *wait_us)
				*wait_us = f->first->due_us - now;
			return;
		}
		if (f->first->len == 0) {
			if (f->is_dropping)
				flow_pop(f); /* nobody hears that the peer has gone */
			else
				pass_end(c, d);
			continue;
		}
		if (left > 0 && !pass_piece(c, d, left))
			return;
		if (is_alive(c) && !f->is_dropping && bytes_left(p, c, d) == 0)
			strike(c, d, p->o->direction[d].fault);
	}
}

static void
flow_read(struct proxy *p, struct connection *c, int d)
{
	static uint8_t buffer[READ_BYTES_MAX];
	size_t most = p->o->direction[d].segment_bytes;
	ssize_t n =
	    recv(c->fd[d], buffer, most < sizeof buffer ? most : sizeof buffer, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		c->flow[d].has_read_end = true;
		flow_queue(p, c, d, NULL, 0);
		return;
	}
	if (d == DOWN && c->last_direction == UP)
		c->trips++;
	c->last_direction = d;
	if (p->record != NULL) {
		(void)fwrite(buffer, 1, (size_t)n, p->record);
		(void)fflush(p->record);
	}
	flow_queue(p, c, d, buffer, (size_t)n);
}

/* ---- connections ---- */

static int
dial(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static void
make_quick(int fd)
{
	const int yes = 1;

	if (fd < 0)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
}

/* The captive portal: its page is all that the server side says. */
static void
queue_answer(struct proxy *p, struct connection *c)
{
	static uint8_t page[READ_BYTES_MAX];
	FILE *f = fopen(p->o->answer, "re");
	size_t len = f == NULL ? 0 : fread(page, 1, sizeof page, f);

	if (f != NULL)
		(void)fclose(f);
	if (len > 0)
		flow_queue(p, c, DOWN, page, len);
	flow_queue(p, c, DOWN, NULL, 0);
	c->flow[DOWN].has_read_end = true;
}

static void
take_connection(struct proxy *p)
{
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
	struct connection *c;

	if (fd < 0)
		return;
	c = p->n_connections == CONNECTIONS_MAX ? NULL : calloc(1, sizeof *c);
	if (c == NULL) {
		(void)close(fd);
		return;
	}
	*c = (struct connection){
	    .number = ++p->accepted, .fd = {fd, -1}, .start_us = now_us()};
	p->connections[p->n_connections++] = c;
	if (p->o->answer != NULL)
		queue_answer(p, c);
	else if ((c->fd[DOWN] = dial(p->o->to_port)) < 0)
		connection_close(c, true, "refused");
	make_quick(c->fd[UP]);
	make_quick(c->fd[DOWN]);
}

static void
remove_ended(struct proxy *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_connections; i++) {
		struct connection *c = p->connections[i];

		if (c->end == NULL) {
			p->connections[kept++] = c;
			continue;
		}
		connection_report(p, c);
		free(c);
	}
	p->n_connections = kept;
}

/* ---- the loop ---- */

/* What the loop waits for at the source of direction d and, for what is due, its target.
 */
static short
wanted(const struct connection *c, int d)
{
	const struct flow *out = &c->flow[!d]; /* what is written to this socket */
	short events = 0;

	if (!is_alive(c) || c->fd[d] < 0)
		return 0;
	if (!c->flow[d].has_read_end && c->flow[d].queued_bytes < QUEUE_BYTES_MAX)
		events |= POLLIN;
	if (out->first != NULL && out->first->len > 0 && out->first->due_us <= now_us())
		events |= POLLOUT;
	return events;
}

static void
turn(struct proxy *p, uint64_t wait_us, const sigset_t *mask)
{
	static struct pollfd fds[1 + CONNECTIONS_MAX * DIRECTIONS];
	struct timespec wait = {
	    (time_t)(wait_us / 1000000), (long)(wait_us % 1000000) * 1000};
	size_t n = p->n_connections;

	fds[0] = (struct pollfd){p->listener, POLLIN, 0};
	for (size_t i = 0; i < n * DIRECTIONS; i++) {
		struct connection *c = p->connections[i / DIRECTIONS];
		int d = (int)(i % DIRECTIONS);
		short events = wanted(c, d);

		fds[1 + i] = (struct pollfd){events == 0 ? -1 : c->fd[d], events, 0};
	}
	if (ppoll(fds, 1 + n * DIRECTIONS, &wait, mask) <= 0)
		return;
	for (size_t i = 0; i < n * DIRECTIONS; i++) {
		struct connection *c = p->connections[i / DIRECTIONS];
		int d = (int)(i % DIRECTIONS);

		if ((fds[1 + i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    is_alive(c) && c->fd[d] >= 0 && !c->flow[d].has_read_end)
			flow_read(p, c, d);
	}
	if ((fds[0].revents & POLLIN) != 0)
		take_connection(p);
}

static void
loop(struct proxy *p, const sigset_t *mask)
{
	uint64_t end_us = p->o->seconds == 0
			      ? UINT64_MAX
			      : now_us() + p->o->seconds * UINT64_C(1000000);

	while (!is_told_to_end && now_us() < end_us) {
		uint64_t wait_us = end_us - now_us();

		if (wait_us > 1000000)
			wait_us = 1000000;
		for (size_t i = 0; i < p->n_connections; i++) {
			flow_pass(p, p->connections[i], UP, &wait_us);
			flow_pass(p, p->connections[i], DOWN, &wait_us);
		}
		remove_ended(p);
		turn(p, wait_us, mask);
	}
	for (size_t i = 0; i < p->n_connections; i++) {
		struct connection *c = p->connections[i];

		connection_close(c, false, c->is_silent ? "silence" : "stopped");
	}
	remove_ended(p);
}

/* Binds the port asked for, or one below those that the system gives away by itself: who
 * ends and comes back on the same port must find it free. */
static bool
bind_port(int fd, uint16_t wanted)
{
	const int yes = 1;
	unsigned seed = (unsigned)getpid() * 2654435761u + (unsigned)now_us();

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	for (int i = 0; i < (wanted != 0 ? 1 : BIND_TRIES); i++) {
		struct sockaddr_in at = {
		    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

		seed = seed * 1103515245u + 12345u;
		at.sin_port = htons(
		    wanted != 0 ? wanted : (uint16_t)(PORT_FIRST + (seed >> 8) % PORTS));
		if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
		    listen(fd, CONNECTIONS_MAX) == 0)
			return true;
	}
	return false;
}

static bool
listen_now(struct proxy *p)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	FILE *f = NULL;

	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->listener < 0 || !bind_port(p->listener, p->o->listen_port) ||
	    getsockname(p->listener, (struct sockaddr *)&at, &len) != 0)
		return false;
	printf("port %u\n", (unsigned)ntohs(at.sin_port));
	(void)fflush(stdout);
	if (p->o->port_file == NULL)
		return true;
	f = fopen(p->o->port_file, "we");
	if (f == NULL)
		return false;
	fprintf(f, "%u\n", (unsigned)ntohs(at.sin_port));
	return fclose(f) == 0;
}

int
proxy_run(const struct proxy_options *options)
{
	static struct proxy p;
	struct sigaction end = {.sa_handler = on_signal};
	sigset_t blocked;
	sigset_t open;

	p.o = options;
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigaddset(&blocked, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &blocked, &open);
	(void)sigaction(SIGTERM, &end, NULL);
	(void)sigaction(SIGINT, &end, NULL);
	if (options->record != NULL)
		p.record = fopen(options->record, "ae");
	if ((options->record != NULL && p.record == NULL) || !listen_now(&p)) {
		perror("ffault");
		return 74;
	}
	loop(&p, &open);
	(void)close(p.listener);
	printf("sum connections %u up %" PRIu64 " down %" PRIu64 " trips %u\n",
	    p.accepted, p.sum_bytes[UP], p.sum_bytes[DOWN], p.sum_trips);
	return 0;
}
