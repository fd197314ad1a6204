/*
 * Stand-ins of the portable binary, for what Debian's static libraries want and nobody needs.
 *
 * libpcap.a can also capture from D-Bus and then pulls in all of libdbus: the two functions of that
 * module are replaced, and the linker leaves it out. libevent_core.a was built for glibc 2.36
 * because of arc4random(3), which older systems do not have: here it comes from getrandom(2).
 */
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

int dbus_findalldevs(void *devices, char *error);
pcap_t *dbus_create(const char *device, char *error, int *is_ours);
uint32_t arc4random(void);
void arc4random_buf(void *to, size_t len);

int dbus_findalldevs(void *devices, char *error)
{
    (void)devices, (void)error;
    return 0;
}

pcap_t *dbus_create(const char *device, char *error, int *is_ours)
{
    (void)device, (void)error;
    *is_ours = 0;
    return NULL;
}

/* getrandom cannot fail for these lengths once the kernel is up (getrandom(2)). */
void arc4random_buf(void *to, size_t len)
{
    char *p = to;

    while (len > 0) {
        ssize_t n = getrandom(p, len < 256 ? len : 256, 0);

        if (n <= 0)
            abort();
        p += n;
        len -= (size_t)n;
    }
}

uint32_t arc4random(void)
{
    uint32_t value;

    arc4random_buf(&value, sizeof value);
    return value;
}
