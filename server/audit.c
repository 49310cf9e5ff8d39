/* audit.c - writes and checks the trail. */
#include "server/audit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base32.h"
#include "crypto/hash.h"

enum {
	PATH_BYTES = 512,
	LINE_BYTES = 320,
	HEX = 32, /* 16 bytes of hash at the end of each line */
	DAY_S = 86400
};

static const char peers_name[] = "audit-peers-";

struct audit {
	FILE *f;
	FILE *peers; /* of the day; NULL = not open */
	uint64_t day;
	uint64_t next_session;
	uint64_t turned_away;
	bool is_torn; /* something could not be written since the last flush */
	char folder[PATH_BYTES];
	char head[HEX + 1];
};

/* ---- the chain ---- */

/* Hash of a line without its end, over that of the line before. */
static void
chain(const char *before, const char *text, size_t len, char out[static HEX + 1])
{
	const struct span parts[] = {span_text(before), span_of(text, len)};
	uint8_t hash[HEX / 2];

	hash_128("pnet/audit/1", parts, 2, hash);
	for (size_t i = 0; i < sizeof hash; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static void __attribute__((format(printf, 3, 4)))
add(struct audit *a, uint64_t now_s, const char *format, ...)
{
	char line[LINE_BYTES];
	char head[HEX + 1];
	time_t t = (time_t)now_s;
	struct tm tm;
	va_list args;
	size_t len;

	(void)gmtime_r(&t, &tm);
	len = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%SZ ", &tm);
	va_start(args, format);
	len += (size_t)vsnprintf(line + len, sizeof line - len, format, args);
	va_end(args);
	chain(a->head, line, len, head);
	if (fprintf(a->f, "%s %s\n", line, head) < 0)
		a->is_torn = true;
	else
		memcpy(a->head, head, sizeof head);
}

/* ---- addresses ---- */

/* "audit-peers-20645" of a day that is long gone: deleted. */
static void
drop_old(const struct audit *a)
{
	DIR *d = opendir(a->folder);
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[2 * PATH_BYTES];
		unsigned long long day;

		if (sscanf(e->d_name, "audit-peers-%llu", &day) != 1 ||
		    day + AUDIT_DAYS >= a->day)
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", a->folder, e->d_name);
		(void)unlink(path);
	}
	if (d != NULL)
		(void)closedir(d);
}

static void
turn_day(struct audit *a, uint64_t now_s)
{
	char path[PATH_BYTES + 64];
	uint64_t day = now_s / DAY_S;

	if (a->peers != NULL && a->day == day)
		return;
	if (a->peers != NULL)
		(void)fclose(a->peers);
	a->day = day;
	(void)snprintf(path, sizeof path, "%s/%s%" PRIu64, a->folder, peers_name, day);
	a->peers = fopen(path, "ae");
	a->is_torn = a->is_torn || a->peers == NULL;
	drop_old(a);
}

static void
prefix_text(const struct sockaddr_storage *from, char out[static INET6_ADDRSTRLEN + 4])
{
	struct sockaddr_in four = *(const struct sockaddr_in *)from;
	struct sockaddr_in6 six = *(const struct sockaddr_in6 *)from;
	const char *end = "/24";

	(void)snprintf(out, INET6_ADDRSTRLEN, "unknown");
	if (from->ss_family == AF_INET) {
		four.sin_addr.s_addr &= htonl(0xffffff00);
		(void)inet_ntop(AF_INET, &four.sin_addr, out, INET6_ADDRSTRLEN);
	} else if (from->ss_family == AF_INET6) {
		memset(six.sin6_addr.s6_addr + 8, 0, 8);
		(void)inet_ntop(AF_INET6, &six.sin6_addr, out, INET6_ADDRSTRLEN);
		end = "/64";
	}
	(void)strncat(out, end, 4);
}

/* ---- what happens ---- */

struct device_text {
	char text[BASE32_SYMBOLS(sizeof(struct device_id)) + 1];
};

static struct device_text
device_text(const struct device_id *id)
{
	struct device_text out;

	base32_write(span_of(id->bytes, sizeof id->bytes), out.text);
	return out;
}

void
audit_begin(struct audit *a, struct audit_session *s, uint64_t now_s,
    const struct sockaddr_storage *from)
{
	char prefix[INET6_ADDRSTRLEN + 4];

	if (a == NULL)
		return;
	s->number = a->next_session++;
	turn_day(a, now_s);
	prefix_text(from, prefix);
	if (a->peers == NULL ||
	    fprintf(a->peers, "%" PRIu64 " %s\n", s->number, prefix) < 0)
		a->is_torn = true;
}

void
audit_end(struct audit *a, const struct audit_session *s, uint64_t now_s,
    const struct device_id *device)
{
	if (a != NULL && s->number > 0)
		add(a, now_s,
		    "session %" PRIu64 " device %s stored %" PRIu64 " known %" PRIu64
		    " refused %" PRIu64 " bytes %" PRIu64,
		    s->number, device_text(device).text, s->stored, s->known, s->refused,
		    s->bytes);
}

void
audit_turned_away(struct audit *a)
{
	if (a != NULL)
		a->turned_away++;
}

void
audit_record(struct audit *a, uint64_t now_s, const char *space, unsigned position)
{
	if (a != NULL)
		add(a, now_s, "record %s %u", space, position);
}

void
audit_erasure(struct audit *a, uint64_t now_s, const char *space, uint64_t lsn,
    const struct device_id *device)
{
	if (a != NULL)
		add(a, now_s, "erasure %s batch %" PRIu64 " device %s", space, lsn,
		    device_text(device).text);
}

bool
audit_flush(struct audit *a, uint64_t now_s)
{
	bool is_whole;

	if (a == NULL)
		return true;
	if (a->turned_away > 0)
		add(a, now_s, "turned away %" PRIu64, a->turned_away);
	a->turned_away = 0;
	turn_day(a, now_s);
	is_whole = fflush(a->f) == 0 && (a->peers == NULL || fflush(a->peers) == 0) &&
		   !a->is_torn;
	a->is_torn = false;
	return is_whole;
}

/* ---- reading ---- */

/* Checks one line, its newline cut off, and moves head on. */
static bool
follow(const char *line, char head[static HEX + 1])
{
	size_t len = strlen(line);
	char wanted[HEX + 1];

	if (len < HEX + 2 || line[len - HEX - 1] != ' ')
		return false;
	chain(head, line, len - HEX - 1, wanted);
	memcpy(head, wanted, sizeof wanted);
	return strcmp(line + len - HEX, wanted) == 0;
}

static status
check_lines(FILE *f, struct audit_figures *out, long *whole_to, struct trouble *t)
{
	char line[LINE_BYTES + HEX + 4];

	*out = (struct audit_figures){0};
	*whole_to = 0;
	while (fgets(line, sizeof line, f) != NULL) {
		size_t len = strlen(line);

		if (line[len - 1] != '\n')
			break; /* a crash cut it */
		line[len - 1] = '\0';
		out->lines++;
		if (!follow(line, out->head))
			return trouble_set(t, ST_CORRUPT,
			    "line %" PRIu64 " of the trail does not follow from the one "
			    "before",
			    out->lines);
		*whole_to += (long)len;
	}
	return ferror(f) ? trouble_set(t, ST_IO, "the trail cannot be read") : ST_OK;
}

static status
open_trail(const char *folder, const char *mode, FILE **out, struct trouble *t)
{
	char path[PATH_BYTES];

	(void)snprintf(path, sizeof path, "%.480s/audit", folder);
	*out = fopen(path, mode);
	if (*out != NULL)
		return ST_OK;
	return trouble_set(
	    t, errno == ENOENT ? ST_NOT_FOUND : ST_IO, "%s: %s", path, strerror(errno));
}

status
audit_check(const char *folder, struct audit_figures *out, struct trouble *t)
{
	FILE *f;
	long whole_to;
	status st = open_trail(folder, "re", &f, t);

	if (st != ST_OK)
		return st;
	st = check_lines(f, out, &whole_to, t);
	(void)fclose(f);
	return st;
}

/* Sessions are numbered on from where the trail ends, never twice: addresses of a week
 * are found by them. */
static status
begin_at_end(struct audit *a, struct trouble *t)
{
	struct audit_figures found;
	long whole_to;
	status st = check_lines(a->f, &found, &whole_to, t);

	if (st != ST_OK)
		return st;
	memcpy(a->head, found.head, sizeof a->head);
	if (ftruncate(fileno(a->f), whole_to) != 0 || fseek(a->f, 0, SEEK_END) != 0)
		return trouble_set(t, ST_IO, "the trail: %s", strerror(errno));
	return ST_OK;
}

status
audit_open(struct audit **out, const char *folder, uint64_t now_s, struct trouble *t)
{
	struct audit *a = calloc(1, sizeof *a);
	status st;

	*out = NULL;
	if (a == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for the trail");
	(void)snprintf(a->folder, sizeof a->folder, "%.480s", folder);
	a->next_session = now_s << 16;
	st = open_trail(folder, "a+e", &a->f, t);
	if (st == ST_OK)
		st = begin_at_end(a, t);
	if (st != ST_OK) {
		audit_close(a);
		return st;
	}
	turn_day(a, now_s);
	add(a, now_s, "started");
	*out = a;
	return ST_OK;
}

void
audit_close(struct audit *a)
{
	if (a == NULL)
		return;
	if (a->f != NULL) {
		(void)fflush(a->f);
		(void)fsync(fileno(a->f));
		(void)fclose(a->f);
	}
	if (a->peers != NULL)
		(void)fclose(a->peers);
	free(a);
}
