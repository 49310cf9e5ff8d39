/* test_audit.c - the trail of a server: its chain, and addresses that go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/audit.h"

enum { TEXT_BYTES = 8192, NOW_S = 1807520400, DAY_S = 86400 };

static char folder[64];

static int
set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/pnet-audit-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static void
path_of(const char *name, char out[static 128])
{
	(void)snprintf(out, 128, "%s/%.60s", folder, name);
}

static int
tear_down(void **state)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	char path[128];

	(void)state;
	while ((e = readdir(d)) != NULL) {
		path_of(e->d_name, path);
		(void)unlink(path);
	}
	(void)closedir(d);
	return rmdir(folder);
}

static size_t
read_file(const char *name, char out[static TEXT_BYTES])
{
	char path[128];
	size_t n;
	FILE *f;

	path_of(name, path);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(out, 1, TEXT_BYTES - 1, f);
	(void)fclose(f);
	out[n] = '\0';
	return n;
}

static void
write_file(const char *name, const char *text, size_t len)
{
	char path[128];
	FILE *f;

	path_of(name, path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static struct audit *
open_at(uint64_t now_s)
{
	struct audit *a = NULL;

	assert_int_equal(audit_open(&a, folder, now_s, NULL), ST_OK);
	return a;
}

static void
one_session(struct audit *a, uint64_t now_s, const char *address)
{
	const struct device_id id = {{7}};
	struct audit_session s = {.stored = 3, .refused = 1, .bytes = 1200};
	struct sockaddr_storage from = {.ss_family = AF_INET};

	(void)inet_pton(AF_INET, address, &((struct sockaddr_in *)&from)->sin_addr);
	audit_begin(a, &s, now_s, &from);
	audit_end(a, &s, now_s, &id);
}

static void
write_trail(void)
{
	const struct device_id id = {{7}};
	struct audit *a = open_at(NOW_S);

	one_session(a, NOW_S, "203.0.113.77");
	audit_record(a, NOW_S, "SK", 9);
	audit_erasure(a, NOW_S + 1, "SK", 12, &id);
	audit_turned_away(a);
	audit_turned_away(a);
	assert_true(audit_flush(a, NOW_S + 2));
	audit_close(a);
}

static void
a_trail_tells_what_was_done_and_goes_on_after_a_restart(void **state)
{
	struct audit_figures f;
	char text[TEXT_BYTES];

	(void)state;
	write_trail();
	audit_close(open_at(NOW_S + 100));
	assert_int_equal(audit_check(folder, &f, NULL), ST_OK);
	assert_int_equal(f.lines, 6);
	(void)read_file("audit", text);
	assert_non_null(strstr(text, "2027-04-12T09:00:00Z session "));
	assert_non_null(strstr(text, " stored 3 known 0 refused 1 bytes 1200 "));
	assert_non_null(strstr(text, " record SK 9 "));
	assert_non_null(strstr(text, " erasure SK batch 12 device "));
	assert_non_null(strstr(text, " turned away 2 "));
	assert_null(strstr(text, "203.0"));
}

/* Each bit of each byte but of the last newline: a cut line is a crash, not a lie. */
static void
any_changed_byte_of_the_trail_is_found(void **state)
{
	struct audit_figures f;
	char text[TEXT_BYTES];
	size_t len;

	(void)state;
	write_trail();
	len = read_file("audit", text);
	for (size_t i = 0; i + 1 < len; i++) {
		text[i] ^= 1;
		write_file("audit", text, len);
		assert_int_equal(audit_check(folder, &f, NULL), ST_CORRUPT);
		text[i] ^= 1;
	}
}

static void
a_line_taken_out_is_found(void **state)
{
	struct audit_figures f;
	struct trouble t;
	char text[TEXT_BYTES];
	size_t len, at;

	(void)state;
	write_trail();
	len = read_file("audit", text);
	at = strcspn(text, "\n") + 1;
	write_file("audit", text + at, len - at);
	assert_int_equal(audit_check(folder, &f, &t), ST_CORRUPT);
	assert_non_null(strstr(t.text, "line 1 "));
}

static void
a_line_that_a_crash_cut_is_dropped(void **state)
{
	struct audit_figures f;
	char text[TEXT_BYTES];
	size_t len;

	(void)state;
	write_trail();
	len = read_file("audit", text);
	write_file("audit", text, len - 10);
	assert_int_equal(audit_check(folder, &f, NULL), ST_OK);
	assert_int_equal(f.lines, 4);
	audit_close(open_at(NOW_S + 5));
	assert_int_equal(audit_check(folder, &f, NULL), ST_OK);
	assert_int_equal(f.lines, 5);
}

static void
addresses_are_cut_to_their_range_and_gone_after_seven_days(void **state)
{
	struct audit_figures f;
	char name[64], text[TEXT_BYTES], path[128];
	struct audit *a;

	(void)state;
	write_trail();
	(void)snprintf(name, sizeof name, "audit-peers-%d", NOW_S / DAY_S);
	(void)read_file(name, text);
	assert_non_null(strstr(text, " 203.0.113.0/24\n"));
	path_of(name, path);
	a = open_at(NOW_S + 7 * DAY_S);
	assert_int_equal(access(path, F_OK), 0);
	assert_true(audit_flush(a, NOW_S + 8 * DAY_S)); /* while it runs */
	assert_int_not_equal(access(path, F_OK), 0);
	audit_close(a);
	assert_int_equal(audit_check(folder, &f, NULL), ST_OK);
}

int
main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    EACH(a_trail_tells_what_was_done_and_goes_on_after_a_restart),
	    EACH(any_changed_byte_of_the_trail_is_found),
	    EACH(a_line_taken_out_is_found),
	    EACH(a_line_that_a_crash_cut_is_dropped),
	    EACH(addresses_are_cut_to_their_range_and_gone_after_seven_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
