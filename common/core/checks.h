/* checks.h - the interface stands in base, where crypto can see it too. */
#ifndef CORE_CHECKS_H
#define CORE_CHECKS_H

#include "base/checks.h"

#endif
