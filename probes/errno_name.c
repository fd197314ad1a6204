/* errno_name: see errno_name.h; errno(3). strerrorname_np is missing in musl and old glibc. */
#include "probes/errno_name.h"

#include <errno.h>
#include <stddef.h>

static const struct {
    int number;
    const char *name;
} names[] = {
#define E(name)                                                                                    \
    {                                                                                              \
        name, #name                                                                                \
    }
    E(ECONNREFUSED), E(ECONNRESET), E(ECONNABORTED), E(ETIMEDOUT),     E(EHOSTUNREACH),
    E(ENETUNREACH),  E(ENETDOWN),   E(EHOSTDOWN),    E(EADDRNOTAVAIL), E(EADDRINUSE),
    E(EAFNOSUPPORT), E(EACCES),     E(EPERM),        E(EPIPE),         E(EMFILE),
    E(ENFILE),       E(ENOMEM),     E(ENOBUFS),      E(EINVAL),        E(EPROTO),
    E(ENOPROTOOPT),  E(ENETRESET),  E(EMSGSIZE),     E(ENODEV),        E(EBADF),
    E(ENONET),       E(EIO),
#undef E
};

const char *errno_name(int error)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == error)
            return names[i].name;
    }
    return "unknown error";
}
