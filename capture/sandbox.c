/*
 * sandbox: see sandbox.h. The order matters: the bounding set and the groups first, while we may;
 * the user; then the capabilities, which a change of user does not always take; no_new_privs,
 * which the filter of system calls needs; that filter last, because it forbids all of the above.
 */
#include "capture/sandbox.h"

#include "diag/base/fault.h"
#include "diag/base/owner.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static int become_user(struct fault *f)
{
    uid_t uid;
    gid_t gid;

    if (geteuid() != 0)
        return 0;
    if (!owner_of_run(&uid, &gid) || uid == 0)
        uid = gid = NOBODY;
    if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) {
        /* A container may have no other user than its root. Its capabilities go all the same. */
        if (errno == EINVAL || errno == EPERM)
            return 0;
        return fault_set(f, "cannot become user %u: %s", (unsigned)uid, strerror(errno));
    }
    return 0;
}

static int drop_capabilities(struct fault *f)
{
    capng_clear(CAPNG_SELECT_BOTH);
    if (capng_apply(CAPNG_SELECT_CAPS) != 0)
        return fault_set(f, "cannot drop capabilities: %s", strerror(errno));
    if (capng_get_caps_process() != 0 || capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)
        return fault_set(f, "capabilities are left after dropping all of them");
    return 0;
}

/*
 * What libc, malloc and libpcap's ring need. When an interface goes down, libpcap asks for the name
 * of its socket and, by ioctl(2), for the state of the interface. Whoever wants more is told no,
 * not killed: another version of a library that tries something new shall not cost the evidence.
 */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(getsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(ftruncate),
};

static int filter_calls(struct fault *f)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int error = ctx == NULL ? -ENOMEM : 0;

    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0] && error == 0; i++)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    if (error == 0)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                                 SCMP_A1(SCMP_CMP_EQ, SIOCGIFFLAGS, 0));
    /* Memory, but none that can be executed. */
    if (error == 0)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (error == 0)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (error == 0)
        error = seccomp_load(ctx);
    seccomp_release(ctx);
    if (error != 0)
        return fault_set(f, "cannot filter system calls: %s", strerror(-error));
    return 0;
}

int sandbox_enter(bool filter, struct fault *f)
{
    capng_clear(CAPNG_SELECT_BOTH);
    if (capng_apply(CAPNG_SELECT_BOUNDS) != 0)
        errno = 0; /* needs CAP_SETPCAP; without it there is no way up anyway */
    if (become_user(f) != 0 || drop_capabilities(f) != 0)
        return -1;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fault_set(f, "no_new_privs: %s", strerror(errno));
    return filter ? filter_calls(f) : 0;
}
