/* keyfile.c - the server's transport key on disk. */
#include "server/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/derive.h"

status
keyfile_make(
    const char *path, const struct rng *rng, struct transport_pk *pk, struct trouble *t)
{
	struct transport_sk sk;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool is_written;

	if (fd < 0)
		return trouble_set(t, errno == EEXIST ? ST_EXISTS : ST_NO_OUTPUT,
		    "%s: %s", path, strerror(errno));
	rng_fill(rng, sk.bytes, sizeof sk.bytes);
	derive_transport_pk(&sk, pk);
	is_written = write(fd, sk.bytes, sizeof sk.bytes) == (ssize_t)sizeof sk.bytes &&
		     fsync(fd) == 0;
	keys_wipe(&sk, sizeof sk);
	if (close(fd) != 0 || !is_written) {
		(void)unlink(path);
		return trouble_set(t, ST_NO_OUTPUT, "%s: %s", path, strerror(errno));
	}
	return ST_OK;
}

/* For nobody but its owner; or root's own, which he lets one service read, as systemd
 * does with a credential (the mode then shows the mask of its access list). */
static bool
is_private(const struct stat *s)
{
	return (s->st_mode & 077) == 0 || (s->st_uid == 0 && (s->st_mode & 0777) == 0440);
}

status
keyfile_read(
    const char *path, struct transport_sk *sk, struct transport_pk *pk, struct trouble *t)
{
	struct stat s;
	uint8_t more;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return trouble_set(t, errno == ENOENT ? ST_NOT_FOUND : ST_IO, "%s: %s",
		    path, strerror(errno));
	if (fstat(fd, &s) != 0 || !is_private(&s)) {
		(void)close(fd);
		return trouble_set(t, ST_NOT_ALLOWED, "%s can be read by others", path);
	}
	n = read(fd, sk->bytes, sizeof sk->bytes);
	if (n == (ssize_t)sizeof sk->bytes && read(fd, &more, 1) != 0)
		n = 0;
	(void)close(fd);
	if (n != (ssize_t)sizeof sk->bytes)
		return trouble_set(t, ST_MALFORMED, "%s is no key of 32 bytes", path);
	derive_transport_pk(sk, pk);
	return ST_OK;
}
