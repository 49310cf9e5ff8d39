/* fuzz.h - what every target in this folder shares. A target is one function over bytes
 * from outside; it checks a property, not only that nothing crashes. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* Always 0; called with every input of the corpus and whatever libFuzzer makes of it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#endif
