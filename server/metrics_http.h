/* metrics_http.h - answers GET /metrics and GET /healthz by HTTP/1.0, on loopback only: a
 * collector on the same machine reads it. A request is one header of at most 2 KiB that
 * has to be there within 5 s; one answer, then it closes. */
#ifndef SERVER_METRICS_HTTP_H
#define SERVER_METRICS_HTTP_H

#include "server/host.h"

struct metrics_http;

/* Port 0: any free one. ST_CONFIG: an address beyond this machine; ST_IO. */
struct metrics_http *metrics_http_new(
    struct host *h, const char *address, uint16_t port, status *st, struct trouble *t);
uint16_t metrics_http_port(const struct metrics_http *s);
void metrics_http_close(struct metrics_http *s); /* NULL is legal */

#endif
