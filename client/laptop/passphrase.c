/* passphrase.c - reads a passphrase without showing it, and suggests new ones. */
#include "client/laptop/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

struct passphrase *
passphrase_new(void)
{
	struct passphrase *p = sodium_malloc(sizeof *p);

	if (p != NULL)
		sodium_memzero(p, sizeof *p);
	return p;
}

void
passphrase_free(struct passphrase *p)
{
	sodium_free(p);
}

struct span
passphrase_span(const struct passphrase *p)
{
	return span_of(p->text, p->len);
}

/* ---- words ---- */

/* No z and y, which German, Czech, Slovak and Hungarian keyboards swap, and no g and q.
 */
static const char beginnings[] = "bcdfhjklmnprstvw";
static const char vowels[] = "aeio";
static const char ends[] = "dklmnrst";

_Static_assert(
    sizeof beginnings - 1 == 16 && sizeof vowels - 1 == 4 && sizeof ends - 1 == 8,
    "15 bits a word: 4 + 2 + 4 + 2 + 3");

void
passphrase_suggest(const struct rng *rng, char out[static PASSPHRASE_SUGGESTION_BYTES])
{
	for (size_t i = 0; i < PASSPHRASE_WORDS; i++) {
		uint64_t bits = rng_u64(rng);
		char *word = out + i * (PASSPHRASE_WORD_BYTES + 1);

		word[0] = beginnings[bits & 15];
		word[1] = vowels[bits >> 4 & 3];
		word[2] = beginnings[bits >> 6 & 15];
		word[3] = vowels[bits >> 10 & 3];
		word[4] = ends[bits >> 12 & 7];
		word[PASSPHRASE_WORD_BYTES] = i + 1 == PASSPHRASE_WORDS ? '\0' : ' ';
		sodium_memzero(&bits, sizeof bits);
	}
}

bool
passphrase_is_shouted(struct span text)
{
	bool has_capital = false;

	for (size_t i = 0; i < text.len; i++) {
		if (text.bytes[i] >= 'a' && text.bytes[i] <= 'z')
			return false;
		has_capital |= text.bytes[i] >= 'A' && text.bytes[i] <= 'Z';
	}
	return has_capital;
}

/* ---- the terminal ---- */

static volatile sig_atomic_t caught;

static void
on_signal(int number)
{
	caught = number;
}

static bool
read_byte(int fd, char *out, bool *is_end)
{
	ssize_t n = read(fd, out, 1);

	*is_end = n <= 0 || *out == '\n';
	return n >= 0;
}

/* One line, cut at the room; the rest of a longer one is read and dropped. Byte by byte:
 * a buffer of stdio would keep what it read. False: an error, a signal, or the end before
 * anything came. */
static bool
read_line(int fd, struct passphrase *out, bool *is_long)
{
	bool is_end = false, is_first = true;
	char byte = 0;

	out->len = 0;
	*is_long = false;
	for (;; is_first = false) {
		if (!read_byte(fd, &byte, &is_end) ||
		    (is_end && byte != '\n' && is_first))
			return false;
		if (is_end)
			break;
		if (out->len < PASSPHRASE_BYTES_MAX)
			out->text[out->len++] = byte;
		else
			*is_long = true;
		byte = 0;
	}
	if (out->len > 0 && out->text[out->len - 1] == '\r')
		out->len--;
	out->text[out->len] = '\0';
	return true;
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { N_SIGNALS = sizeof signals / sizeof signals[0] };

/* Asks on the terminal of stdin; what is typed is not shown. An interruption first gives
 * the terminal back as it was. */
static bool
ask_hidden(const char *prompt, struct passphrase *out, bool *is_long)
{
	struct sigaction action = {.sa_handler = on_signal}, before[N_SIGNALS];
	struct termios shown, hidden;
	bool ok;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return false;
	caught = 0;
	for (size_t i = 0; i < N_SIGNALS; i++)
		(void)sigaction(signals[i], &action, &before[i]);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hidden.c_lflag |= ICANON | ISIG;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fputs(prompt, stderr);
	(void)fflush(stderr);
	ok = read_line(STDIN_FILENO, out, is_long);
	fputc('\n', stderr);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &shown);
	for (size_t i = 0; i < N_SIGNALS; i++)
		(void)sigaction(signals[i], &before[i], NULL);
	if (caught != 0)
		(void)raise(caught);
	return ok;
}

static bool
may_ask(const struct passphrase_source *s)
{
	return !s->asks_nothing && isatty(STDIN_FILENO) != 0 &&
	       isatty(STDERR_FILENO) != 0;
}

/* ---- the sources ---- */

bool
passphrase_is_at_hand(const struct passphrase_source *s)
{
	return s->file != NULL || s->fd != NULL || may_ask(s);
}

bool
passphrase_is_typed(const struct passphrase_source *s)
{
	return s->file == NULL && s->fd == NULL && may_ask(s);
}

static status
complain_length(struct complaint *c)
{
	return complain(
	    c, PN_V03, "a passphrase has at most %d bytes", PASSPHRASE_BYTES_MAX);
}

/* The number of an open descriptor, or -1. */
static int
descriptor_of(const char *text)
{
	char *end = NULL;
	long n = strtol(text, &end, 10);

	return *text == '\0' || *end != '\0' || n < 0 || n > 65535 ? -1 : (int)n;
}

static status
read_given(const struct passphrase_source *s, struct complaint *c, struct passphrase *out)
{
	int fd =
	    s->file != NULL ? open(s->file, O_RDONLY | O_CLOEXEC) : descriptor_of(s->fd);
	bool is_long = false;
	bool ok = fd >= 0 && read_line(fd, out, &is_long);

	if (s->file != NULL && fd >= 0)
		(void)close(fd);
	if (ok)
		return is_long ? complain_length(c) : ST_OK;
	(void)complain(c, PN_F01, "no passphrase can be read from %s%s",
	    s->file != NULL ? "" : "descriptor ", s->file != NULL ? s->file : s->fd);
	complain_data(c, "nothing was changed");
	complain_next(
	    c, "pnet status --passphrase-file FILE    a file whose first line is it");
	return ST_NOT_FOUND;
}

static status
ask(const char *prompt, struct complaint *c, struct passphrase *out)
{
	bool is_long = false;

	if (!ask_hidden(prompt, out, &is_long))
		return ST_NOT_JOINED;
	return is_long ? complain_length(c) : ST_OK;
}

static status
keep(const struct passphrase_source *s, status st, const struct passphrase *p)
{
	if (st == ST_OK && s->kept != NULL && s->kept != p)
		memcpy(s->kept, p, sizeof *p);
	return st;
}

status
passphrase_get(const struct passphrase_source *s, const char *prompt, struct complaint *c,
    struct passphrase *out)
{
	if (s->kept != NULL && s->kept->len > 0) {
		memcpy(out, s->kept, sizeof *out);
		return ST_OK;
	}
	if (s->file != NULL || s->fd != NULL)
		return keep(s, read_given(s, c, out), out);
	return may_ask(s) ? keep(s, ask(prompt, c, out), out) : ST_NOT_JOINED;
}

static size_t
characters(const struct passphrase *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->len; i++) /* bytes that begin a character of UTF-8 */
		n += ((unsigned char)p->text[i] & 0xc0) != 0x80;
	return n;
}

static status
check_new(const struct passphrase *p, struct complaint *c)
{
	size_t n = characters(p);

	if (n >= PASSPHRASE_CHARACTERS_MIN)
		return ST_OK;
	(void)complain(c, PN_V03,
	    "a passphrase has at least %d characters, this one has %zu",
	    PASSPHRASE_CHARACTERS_MIN, n);
	complain_data(c, "nothing was changed");
	return ST_MALFORMED;
}

/* What was typed against what is typed once more. */
static status
confirm(const struct passphrase *p, struct complaint *c)
{
	struct passphrase *again = passphrase_new();
	status st = again == NULL ? ST_NO_MEMORY : ask("The same once more: ", c, again);

	if (st == ST_OK && !span_equal(passphrase_span(p), passphrase_span(again)))
		st = complain(c, PN_V03, "the two were not the same");
	passphrase_free(again);
	return st;
}

static status
choose_typed(
    const char *what, const struct rng *rng, struct complaint *c, struct passphrase *out)
{
	struct passphrase *words = passphrase_new();
	status st = words == NULL ? ST_NO_MEMORY : ST_OK;

	for (int i = 0; st == ST_OK && i < PASSPHRASE_TRIES; i++) {
		memset(c, 0, sizeof *c);
		passphrase_suggest(rng, words->text);
		words->len = PASSPHRASE_SUGGESTION_BYTES - 1;
		fprintf(stderr,
		    "Choose a passphrase for %s (5 words are suggested; Enter takes "
		    "them):\n     %s\n     Without the passphrase nobody can open this "
		    "laptop's unsent work.\n",
		    what, words->text);
		st = ask("Passphrase: ", c, out);
		if (st == ST_OK && out->len == 0) {
			memcpy(out, words, sizeof *out);
			fprintf(stderr, "[ok] the five words are it; write them down and "
					"keep them elsewhere than the laptop\n");
			break;
		}
		if (st == ST_OK)
			st = check_new(out, c);
		if (st == ST_OK)
			st = confirm(out, c);
		if (st == ST_OK)
			break;
		if (c->id == PN_V03 && i + 1 < PASSPHRASE_TRIES) {
			fprintf(stderr, "[!!] %s\n", c->why);
			st = ST_OK;
		}
	}
	passphrase_free(words);
	return st;
}

status
passphrase_choose(const struct passphrase_source *s, const char *what,
    const struct rng *rng, struct complaint *c, struct passphrase *out)
{
	status st;

	if (s->kept != NULL && s->kept->len > 0)
		memcpy(out, s->kept, sizeof *out);
	else if (passphrase_is_typed(s))
		return keep(s, choose_typed(what, rng, c, out), out);
	st = passphrase_get(s, "", c, out);
	return st == ST_OK ? check_new(out, c) : st;
}
