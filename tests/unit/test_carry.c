/* test_carry.c - a bundle that holds more than this program takes by file: that it was
 * left alone is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/sync/carry.h"
#include "crypto/sign.h"
#include "proto/bundle.h"
#include "unit/laptop_fixture.h"

static void
sign(void *ctx, struct span message, struct signature *out)
{
	sign_message(ctx, message, out);
}

/* Of a laptop of the same network: it knows one batch of a scope, of which nothing lives.
 */
static struct span
bundle_of_a_state(struct laptop *l)
{
	static const struct batch_id known = {{7}};
	struct bundle_section section = {.kind = BUNDLE_STATE,
	    .state = {.space = 1, .scope = 2, .n_ids = 1, .ids = &known}};
	const struct bundle_parts parts = {.head = {.network = l->self.network,
					       .writer = {1, 9},
					       .time_s = l->now_ms / 1000},
	    .n = 1,
	    .sections = &section};
	struct sign_sk sk;
	const struct batch_signer signer = {&sk, sign};
	struct span file = {NULL, 0};

	memset(&sk, 1, sizeof sk);
	assert_int_equal(
	    bundle_build(&parts, &signer, &l->checks, l->arena, &file, &l->trouble),
	    ST_OK);
	return file;
}

static void
put_bundle(struct laptop_fixture *f, const char *path)
{
	struct laptop *l = fixture_open(f);
	struct span file = bundle_of_a_state(l);
	FILE *out = fopen(path, "wb");

	fixture_exec(l, "DELETE FROM r_log"); /* its records are none that can be read */
	assert_non_null(out);
	assert_int_equal(fwrite(file.bytes, 1, file.len, out), file.len);
	assert_int_equal(fclose(out), 0);
	laptop_close(l);
}

static void
a_whole_state_on_a_stick_is_left_alone_and_told(void **state)
{
	static struct laptop_fixture f;
	char stick[80], path[160], line[160];

	(void)state;
	fixture_start(&f);
	FIXTURE_OK(&f, "org add SK-C1 --set kind=youth_club --set name=Klub");
	(void)fixture_seal(&f);
	(void)snprintf(stick, sizeof stick, "%s/stick", f.dir);
	(void)snprintf(path, sizeof path, "%s/other.pnet", stick);
	(void)snprintf(line, sizeof line, "sync --via %s", stick);
	assert_int_equal(mkdir(stick, 0700), 0);
	put_bundle(&f, path);
	FIXTURE_OK(&f, line);
	FIXTURE_SAYS(f.out, "read 1 bundle: 0 new changes");
	FIXTURE_SAYS(
	    f.out, "[!!] 1 part was left alone: the whole state of a group of readers");
	(void)snprintf(line, sizeof line, "rm -r %s", stick);
	assert_int_equal(system(line), 0); /* NOLINT: a path of our own */
	fixture_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_whole_state_on_a_stick_is_left_alone_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
