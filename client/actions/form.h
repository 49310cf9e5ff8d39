/* form.h - records from words: a field's name and the text that a person or a file gave
 * for it. One way for commands, forms and imports, driven by the schema. */
#ifndef CLIENT_ACTIONS_FORM_H
#define CLIENT_ACTIONS_FORM_H

#include "client/actions/find.h"

/* Text to value: codes become references (of the space's records first), everything else
 * as the schema says. PN-V03 with the expected form. Memory is the laptop's arena. */
status form_value(struct laptop *l, uint16_t space, const struct field *f,
    const char *text, struct value *out);

/* The other way, for people: codes for references, "" for the empty value and for what is
 * not known here. In the arena or static. */
const char *form_text(struct laptop *l, const struct field *f, const struct value *v);

/* Hex digits: what a field of a hash is given, and a reference whose code might mean
 * records of several kinds. In the arena. */
const char *form_hash(struct laptop *l, const struct hash32 *hash);
const char *form_name(struct laptop *l, const struct record_id *name);

/* Writes one field of a record. */
status form_set(struct edit *e, struct laptop *l, const struct record_ref *r,
    uint16_t space, const struct field *f, const char *text);

/* The record_ref of something new: a random name, the hash that the kind is named by
 * (values in the order of named_by), or the name of another record (one value of 16
 * bytes). */
status form_new(struct laptop *l, const struct kind *k, int64_t scope,
    const struct value *named_by, size_t n, struct record_ref *out);

/* A person by his member code: the record of his country where it is here, otherwise a
 * name derived from the code, so that two laptops which only know the code meet. */
status form_person(
    struct laptop *l, const char *code, struct record_id *out, bool *is_known);

#endif
