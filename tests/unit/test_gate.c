/* test_gate.c - limits of connections: totals and address ranges; and the settings that
 * an operator writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/os_rng.h"
#include "proto/limits.h"
#include "server/gate.h"
#include "server/keyfile.h"

static struct sockaddr_storage
address(const char *text)
{
	struct sockaddr_storage out = {0};
	struct sockaddr_in *four = (struct sockaddr_in *)&out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&out;

	out.ss_family = AF_INET;
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
		return out;
	out.ss_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, text, &six->sin6_addr), 1);
	return out;
}

static enum gate_answer
knock(struct gate *g, uint64_t now_ms, const char *from, struct gate_pass *pass)
{
	struct sockaddr_storage a = address(from);

	return gate_enter(g, now_ms, &a, pass);
}

static struct gate *
gate_of(uint32_t most, uint32_t half_open, uint32_t of_prefix, uint32_t per_s)
{
	struct config_limits limits = {.connections_max = most,
	    .half_open_max = half_open,
	    .half_open_per_prefix_max = of_prefix,
	    .new_per_prefix_per_s = per_s,
	    .new_per_prefix_burst = 3};
	struct gate *g = gate_new(&limits);

	assert_non_null(g);
	return g;
}

static void
sec_11_half_open_peers_of_one_range_do_not_keep_others_out(void **state)
{
	struct gate *g = gate_of(100, 100, 2, 0);
	struct gate_pass pass[4];

	(void)state;
	assert_int_equal(knock(g, 0, "192.0.2.1", &pass[0]), GATE_OPEN);
	assert_int_equal(knock(g, 0, "192.0.2.99", &pass[1]), GATE_OPEN);
	assert_int_equal(knock(g, 0, "192.0.2.3", &pass[2]), GATE_HALF_OPEN);
	assert_int_equal(knock(g, 0, "192.0.3.3", &pass[2]), GATE_OPEN);
	assert_int_equal(gate_half_open(g), 3);
	gate_known(g, &pass[0]);
	assert_int_equal(knock(g, 0, "192.0.2.3", &pass[3]), GATE_OPEN);
	for (size_t i = 0; i < 4; i++)
		gate_leave(g, &pass[i]);
	assert_int_equal(gate_connections(g), 0);
	assert_int_equal(gate_half_open(g), 0);
	gate_free(g);
}

static void
a_range_has_a_burst_and_then_so_many_a_second(void **state)
{
	struct gate *g = gate_of(0, 0, 0, 2);
	struct gate_pass pass;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(knock(g, 1000, "2001:db8::1", &pass), GATE_OPEN);
	assert_int_equal(knock(g, 1000, "2001:db8::2", &pass), GATE_FAST);
	assert_int_equal(knock(g, 1000, "2001:db8:0:1::2", &pass), GATE_OPEN);
	assert_int_equal(knock(g, 1400, "2001:db8::1", &pass), GATE_FAST);
	assert_int_equal(knock(g, 1600, "2001:db8::1", &pass), GATE_OPEN);
	gate_free(g);
}

/* With the limits that a server has if nobody sets them: of 300 peers of one range eight
 * are let in, whoever comes from elsewhere goes on, and all places together end at 256.
 */
static void
sec_11_three_hundred_of_one_range_take_eight_places(void **state)
{
	struct config c;
	struct gate *g;
	struct gate_pass pass;
	size_t n = 0;
	char text[32];

	(void)state;
	config_init(&c);
	g = gate_new(&c.limits);
	assert_non_null(g);
	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(text, sizeof text, "192.0.2.%u", i % 256);
		n += knock(g, i * 1000, text, &pass) == GATE_OPEN;
	}
	assert_int_equal(n, HALF_OPEN_PER_PREFIX_MAX);
	for (unsigned i = 0; n < HALF_OPEN_MAX; i++, n++) {
		(void)snprintf(text, sizeof text, "198.%u.%u.1", i / 256, i % 256);
		assert_int_equal(knock(g, 0, text, &pass), GATE_OPEN);
	}
	assert_int_equal(knock(g, 0, "203.0.113.1", &pass), GATE_HALF_OPEN);
	gate_free(g);
}

/* A burst of thirty at once, ten more in each second. */
static void
new_connections_of_a_range_have_the_burst_and_rate_of_the_table(void **state)
{
	struct config c;
	struct gate *g;
	struct gate_pass pass;

	(void)state;
	config_init(&c);
	c.limits.half_open_per_prefix_max = 0;
	g = gate_new(&c.limits);
	assert_non_null(g);
	for (unsigned i = 0; i < NEW_PER_PREFIX_BURST; i++)
		assert_int_equal(knock(g, 1000, "192.0.2.1", &pass), GATE_OPEN);
	assert_int_equal(knock(g, 1000, "192.0.2.1", &pass), GATE_FAST);
	for (unsigned i = 0; i < NEW_PER_PREFIX_PER_S; i++)
		assert_int_equal(knock(g, 2000, "192.0.2.1", &pass), GATE_OPEN);
	assert_int_equal(knock(g, 2000, "192.0.2.1", &pass), GATE_FAST);
	gate_free(g);
}

static void
totals_hold_for_everybody(void **state)
{
	struct gate *g = gate_of(2, 0, 0, 0);
	struct gate_pass pass[3];

	(void)state;
	assert_int_equal(knock(g, 0, "192.0.2.1", &pass[0]), GATE_OPEN);
	assert_int_equal(knock(g, 0, "127.0.0.1", &pass[1]), GATE_OPEN);
	assert_int_equal(knock(g, 0, "127.0.0.1", &pass[2]), GATE_FULL);
	gate_leave(g, &pass[0]);
	assert_int_equal(knock(g, 0, "127.0.0.1", &pass[2]), GATE_OPEN);
	gate_free(g);
}

static void
the_machine_itself_has_no_limits_of_a_range(void **state)
{
	struct gate *g = gate_of(0, 0, 2, 1);
	struct gate_pass pass;

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(knock(g, 0, "127.0.0.1", &pass), GATE_OPEN);
		assert_int_equal(knock(g, 0, "::1", &pass), GATE_OPEN);
	}
	assert_int_equal(knock(g, 0, "127.0.1.1", &pass), GATE_OPEN);
	assert_int_equal(knock(g, 0, "127.0.1.2", &pass), GATE_OPEN);
	assert_int_equal(knock(g, 0, "127.0.1.3", &pass), GATE_HALF_OPEN);
	gate_free(g);
}

static void
more_ranges_than_places_find_a_place(void **state)
{
	struct gate *g = gate_of(0, 0, 2, 1);
	char text[32];
	struct gate_pass pass;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(text, sizeof text, "%u.%u.%u.1", 1 + i / 65536,
		    i / 256 % 256, i % 256);
		assert_int_equal(knock(g, i, text, &pass), GATE_OPEN);
		gate_known(g, &pass);
	}
	gate_free(g);
}

/* ---- settings ---- */

static status
read_text(const char *text, struct config *c, struct trouble *t)
{
	char path[] = "/tmp/pnetd-test-XXXXXX";
	int fd = mkstemp(path);
	status st;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
	config_init(c);
	st = config_read(c, path, t);
	(void)unlink(path);
	return st;
}

static void
settings_are_read_and_wrong_ones_named_by_line(void **state)
{
	struct config c;
	struct trouble t = {0};

	(void)state;
	assert_int_equal(read_text("# nothing\n\nlisten = [::1]:7000 # here\n"
				   "recovery=yes\nconnections_max = 5\n",
			     &c, &t),
	    ST_OK);
	assert_string_equal(c.listen, "::1");
	assert_int_equal(c.port, 7000);
	assert_true(c.is_recovery_open);
	assert_int_equal(c.limits.connections_max, 5);
	assert_false(c.has_network);
	assert_int_equal(read_text("recovery = no\nlisten = here\n", &c, &t), ST_CONFIG);
	assert_non_null(strstr(t.text, "line 2"));
	assert_int_equal(read_text("speed = high\n", &c, &t), ST_CONFIG);
	assert_int_equal(read_text("connections_max = -1\n", &c, &t), ST_CONFIG);
	assert_int_equal(read_text("connections_max = 99999999999\n", &c, &t), ST_CONFIG);
	assert_int_equal(read_text("listen = 1.2.3.4:70000\n", &c, &t), ST_CONFIG);
	assert_int_equal(read_text("network = ABC\n", &c, &t), ST_CONFIG);
	assert_int_equal(read_text("recovery\n", &c, &t), ST_CONFIG);
	assert_int_equal(config_read(&c, "/nowhere/pnetd.conf", &t), ST_NOT_FOUND);
}

static void
a_new_file_of_settings_is_read_back(void **state)
{
	char path[] = "/tmp/pnetd-test-XXXXXX";
	const struct network_id network = {{1, 2, 3}};
	struct config c;
	int fd = mkstemp(path);

	(void)state;
	(void)close(fd);
	(void)unlink(path);
	assert_int_equal(config_write_new(path, &network, NULL), ST_OK);
	assert_int_equal(config_write_new(path, &network, NULL), ST_EXISTS);
	config_init(&c);
	assert_int_equal(config_read(&c, path, NULL), ST_OK);
	assert_true(c.has_network);
	assert_memory_equal(c.network.bytes, network.bytes, sizeof network.bytes);
	(void)unlink(path);
}

static void
the_key_is_made_once_and_kept_from_others(void **state)
{
	char path[] = "/tmp/pnetd-test-XXXXXX";
	struct rng rng = os_rng();
	struct transport_pk made;
	struct transport_pk read;
	struct transport_sk sk;
	int fd = mkstemp(path);

	(void)state;
	(void)close(fd);
	(void)unlink(path);
	assert_int_equal(keyfile_read(path, &sk, &read, NULL), ST_NOT_FOUND);
	assert_int_equal(keyfile_make(path, &rng, &made, NULL), ST_OK);
	assert_int_equal(keyfile_make(path, &rng, &made, NULL), ST_EXISTS);
	assert_int_equal(keyfile_read(path, &sk, &read, NULL), ST_OK);
	assert_memory_equal(made.bytes, read.bytes, sizeof made.bytes);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(keyfile_read(path, &sk, &read, NULL), ST_NOT_ALLOWED);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(truncate(path, 31), 0);
	assert_int_equal(keyfile_read(path, &sk, &read, NULL), ST_MALFORMED);
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sec_11_half_open_peers_of_one_range_do_not_keep_others_out),
	    cmocka_unit_test(a_range_has_a_burst_and_then_so_many_a_second),
	    cmocka_unit_test(sec_11_three_hundred_of_one_range_take_eight_places),
	    cmocka_unit_test(
		new_connections_of_a_range_have_the_burst_and_rate_of_the_table),
	    cmocka_unit_test(totals_hold_for_everybody),
	    cmocka_unit_test(the_machine_itself_has_no_limits_of_a_range),
	    cmocka_unit_test(more_ranges_than_places_find_a_place),
	    cmocka_unit_test(settings_are_read_and_wrong_ones_named_by_line),
	    cmocka_unit_test(a_new_file_of_settings_is_read_back),
	    cmocka_unit_test(the_key_is_made_once_and_kept_from_others),
	};

	return cmocka_run_group_tests_name("gate", tests, NULL, NULL) != 0;
}
