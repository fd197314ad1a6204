/* socks: see socks.h. */
#include "diag/proto/socks.h"

enum {
    V5_HEAD = 2, /* version 1 | number of methods 1 | methods */
    V4_HEAD = 8, /* version 1 | command 1 | port 2 | address 4 | user, ends with NUL */
    V4_BIND = 2, /* the greater of its two commands */
};

unsigned socks_version(const uint8_t *p, size_t len)
{
    if (len > V5_HEAD && p[0] == 5 && p[1] > 0 && len == V5_HEAD + (size_t)p[1])
        return 5;
    if (len > V4_HEAD && p[0] == 4 && p[1] > 0 && p[1] <= V4_BIND && p[len - 1] == 0)
        return 4;
    return 0;
}

bool socks_is_answer(unsigned version, uint8_t octet)
{
    return version == 5 ? octet == 5 : octet == 0; /* version 4 answers with a null */
}
