/* units.c - the unit tests as one program, in a build with PNET_UNITS_TOGETHER: it runs
 * the one by whose name it is called (CMake makes a link for each). */
#include <stdio.h>
#include <string.h>

#include "units.h"

#define UNIT(name) {#name, name##_main},
static const struct {
	const char *name;
	int (*run)(void);
} units[] = {
#include "units.def"
};
#undef UNIT

int
main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash == NULL ? argv[0] : slash + 1;

	for (size_t i = 0; argc > 0 && i < sizeof units / sizeof units[0]; i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].run();
	fprintf(stderr, "units: called by the name of no test\n");
	return 64;
}
