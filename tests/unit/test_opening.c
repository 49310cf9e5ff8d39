/* test_opening.c - the opener believes no tag that it has not computed itself
 * (spec/ops.md 3; SECURITY 9.2, attack tests 28 and 29). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "client/laptop/laptop.h"
#include "client/laptop/opening.h"
#include "golden/sample_batch.h"

static struct sample_world world;
static struct laptop laptop; /* as far as the opener looks: keys, network, codec */
static struct batch_place place;
static struct arena *a;

static int
set_up(void **state)
{
	struct keyring_place keys;

	(void)state;
	if (sodium_init() < 0)
		return 1;
	sample_world_fill(&world);
	a = arena_new(0);
	laptop.codec = body_codec_new();
	laptop.keys = keyring_new();
	if (a == NULL || laptop.codec == NULL || laptop.keys == NULL)
		return 1;
	laptop.self.network = world.context.network;
	place = (struct batch_place){
	    .space = 4, .space_name = world.context.space, .scope = {.pos = 11}};
	place.scope.name = world.context.scope;
	keys = (struct keyring_place){world.context.space, 11, 2};
	return keyring_add(laptop.keys, keys, &world.seed, &world.tag_key, NULL) != ST_OK;
}

static int
tear_down(void **state)
{
	(void)state;
	keyring_free(laptop.keys);
	body_codec_free(laptop.codec);
	arena_free(a);
	return 0;
}

/* One op that says what body says, and is filed and sealed under these tags: all that a
 * member with the keys of the scope can forge. */
static struct batch
filed_under(const struct body *body, struct tag record, const struct tag *subject)
{
	struct batch b = sample_header(&world, 0x21);
	struct seal_ad ad = {.network = world.context.network,
	    .space = world.context.space,
	    .scope = world.context.scope,
	    .epoch = b.epoch,
	    .record = record,
	    .retention = RETAIN_PERSONAL};
	struct writer plain =
	    writer_of(arena_alloc(a, BODY_PLAIN_BYTES_MAX), BODY_PLAIN_BYTES_MAX);
	struct writer sealed;

	assert_int_equal(
	    body_encode(laptop.codec, body, sample_signer, &plain, NULL), ST_OK);
	if (subject != NULL)
		ad.subject = *subject;
	memcpy(ad.nonce, b.nonce, sizeof ad.nonce);
	sealed =
	    writer_of(arena_alloc(a, seal_bytes(plain.used)), seal_bytes(plain.used));
	assert_int_equal(
	    seal_body(&world.key, &ad, writer_done(&plain), &sealed, NULL), ST_OK);
	b.n_ops = 1;
	b.ops = arena_zeros(a, 2, sizeof *b.ops);
	assert_non_null(b.ops);
	b.ops[0] = (struct op){.is_present = true,
	    .type = OP_WRITE,
	    .retention = RETAIN_PERSONAL,
	    .record = record,
	    .has_subject = subject != NULL,
	    .subject = ad.subject,
	    .body = writer_done(&sealed)};
	return b;
}

static status
opens(const struct batch *b, size_t index)
{
	struct body out;

	return opening_op(&laptop, &place, b, index, a, &out);
}

static void
an_op_that_is_what_its_tags_say_opens(void **state)
{
	const struct body *note = sample_note(a);
	struct tag record = tag_record(&world.tag_key, note->kind, &note->record);
	struct tag subject = tag_subject(&world.tag_key, note->person);
	struct batch b = filed_under(note, record, &subject);
	struct body out;

	(void)state;
	assert_int_equal(opening_op(&laptop, &place, &b, 0, a, &out), ST_OK);
	assert_true(sample_body_equal(note, &out));
}

static void
sec_29_an_op_under_the_tag_of_another_record_is_refused(void **state)
{
	const struct body *note = sample_note(a);
	const struct record_id other = sample_record(0x41);
	struct tag subject = tag_subject(&world.tag_key, note->person);
	struct tag record = tag_record(&world.tag_key, note->kind, &other);
	struct batch b = filed_under(note, record, &subject);

	(void)state;
	assert_int_equal(opens(&b, 0), ST_HASH);
	/* the same record as another kind */
	record = tag_record(&world.tag_key, (uint16_t)(note->kind + 1), &note->record);
	b = filed_under(note, record, &subject);
	assert_int_equal(opens(&b, 0), ST_HASH);
}

static void
sec_29_an_op_of_another_person_than_its_subject_is_refused(void **state)
{
	const struct body *note = sample_note(a);
	const struct body *sheet = sample_sheet(a, 3, SAMPLE_AT_ONCE);
	struct tag record = tag_record(&world.tag_key, note->kind, &note->record);
	struct tag other = tag_subject(&world.tag_key, (struct person_key){7});
	struct batch b = filed_under(note, record, &other);

	(void)state;
	assert_int_equal(opens(&b, 0), ST_HASH);
	b = filed_under(note, record, NULL); /* it would outlive the person */
	assert_int_equal(opens(&b, 0), ST_HASH);
	record = tag_record(&world.tag_key, sheet->kind, &sheet->record);
	b = filed_under(sheet, record, &other); /* it would go with somebody else */
	assert_int_equal(opens(&b, 0), ST_HASH);
	b = filed_under(sheet, record, NULL);
	assert_int_equal(opens(&b, 0), ST_OK);
}

static void
sec_28_a_body_that_was_moved_does_not_open(void **state)
{
	const struct body *sheet = sample_sheet(a, 3, SAMPLE_AT_ONCE);
	struct tag record = tag_record(&world.tag_key, sheet->kind, &sheet->record);
	struct batch b = filed_under(sheet, record, NULL);
	const struct batch_place kept = place;

	(void)state;
	b.ops[1] = b.ops[0];
	assert_int_equal(opens(&b, 1), ST_HASH);
	place.scope.name.bytes[16] ^= 1;
	assert_int_equal(opens(&b, 0), ST_HASH);
	place = kept;
	laptop.self.network.bytes[0] ^= 1;
	assert_int_equal(opens(&b, 0), ST_HASH);
	laptop.self.network.bytes[0] ^= 1;
	b.ops[0].retention = RETAIN_ORDINARY;
	assert_int_equal(opens(&b, 0), ST_HASH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_op_that_is_what_its_tags_say_opens),
	    cmocka_unit_test(sec_29_an_op_under_the_tag_of_another_record_is_refused),
	    cmocka_unit_test(sec_29_an_op_of_another_person_than_its_subject_is_refused),
	    cmocka_unit_test(sec_28_a_body_that_was_moved_does_not_open),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}
