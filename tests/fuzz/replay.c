/* replay.c - runs a fuzz target over its kept corpus, without libFuzzer.
 *   fuzz_x CORPUS_DIR */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"

enum { INPUT_BYTES_MAX = 1 << 20 };

/* 1 if a file was run, 0 for what is no file. */
static int
run_file(const char *dir, const char *name, uint8_t *room)
{
	char path[1024];
	uint8_t *exact;
	FILE *f;
	size_t len;

	if (name[0] == '.')
		return 0;
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (f == NULL) {
		perror(path);
		exit(1);
	}
	len = fread(room, 1, INPUT_BYTES_MAX, f);
	(void)fclose(f);
	/* In a block of its own length, so that a sanitizer sees a read past the end. */
	exact = malloc(len == 0 ? 1 : len);
	assert(exact != NULL);
	for (size_t i = 0; i < len; i++)
		exact[i] = room[i];
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 1;
}

int
main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	uint8_t *room = malloc(INPUT_BYTES_MAX);
	struct dirent *entry;
	int n = 0;

	if (dir == NULL || room == NULL) {
		(void)fprintf(stderr, "use: %s CORPUS_DIR\n", argv[0]);
		return 64;
	}
	while ((entry = readdir(dir)) != NULL)
		n += run_file(argv[1], entry->d_name, room);
	(void)closedir(dir);
	free(room);
	(void)printf("%d inputs of %s\n", n, argv[1]);
	return n == 0; /* an empty corpus proves nothing */
}
