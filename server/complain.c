/* complain.c - errors in four parts. */
#include "server/complain.h"

#include <stdio.h>

int
complain(status code, const struct trouble *t, const char *what, const char *data,
    const char *next)
{
	const char *why = t != NULL && t->text[0] != '\0' ? t->text : status_text(code);

	(void)fprintf(stderr, "pnetd: %s\n  why   %s\n", what, why);
	(void)fprintf(
	    stderr, "  data  %s\n", data != NULL ? data : "nothing was changed");
	if (next != NULL)
		(void)fprintf(stderr, "  next  %s\n", next);
	return status_exit(code);
}
