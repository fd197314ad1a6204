/* descriptors: see descriptors.h. */
#include "diag/base/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>

/* More than any run has open at once; a limit above it is none. */
#define PLENTY 65536
/* Numbers above are only given when all below are taken (open(2): the lowest one that is free). */
#define LOOKED_AT 1024

size_t descriptors_free(void)
{
    struct rlimit limit;
    size_t most = PLENTY, taken = 0;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return PLENTY;
    if (limit.rlim_cur < PLENTY && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < PLENTY ? limit.rlim_max : PLENTY;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return PLENTY;
    }
    if (limit.rlim_cur < PLENTY)
        most = (size_t)limit.rlim_cur;
    for (int fd = 0; fd < LOOKED_AT && (size_t)fd < most; fd++)
        taken += fcntl(fd, F_GETFD) != -1;
    return most - taken;
}
