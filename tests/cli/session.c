/* session.c - runs a command in a session of its own of the kernel's keyrings, so that
 *the keys of a story end with it and no limit of keys is met. session [--no-keys]
 *COMMAND...
 * --no-keys: the kernel denies all keys, as in many containers. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
deny_keys(void)
{
	struct sock_filter rules[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_add_key, 1, 0),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_keyctl, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

int
main(int argc, char **argv)
{
	int at = 1;

	if (argc > 1 && strcmp(argv[1], "--no-keys") == 0) {
		at = 2;
		if (!deny_keys()) {
			perror("session: seccomp");
			return 77;
		}
	} else
		(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (at >= argc) {
		fprintf(stderr, "usage: session [--no-keys] COMMAND...\n");
		return 64;
	}
	(void)execvp(argv[at], argv + at);
	perror(argv[at]);
	return 127;
}
