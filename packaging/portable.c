/*
 * Stand-ins of the portable binary, for what Debian's static libraries want and nobody needs.
 *
 * libpcap.a can also capture from D-Bus and then pulls in all of libdbus: the two functions of that
 * module are replaced, and the linker leaves it out. libevent_core.a was built for glibc 2.36
 * because of arc4random(3), which older systems do not have: here it comes from getrandom(2).
 * libzip has no static library at all: this binary writes no --bundle, and says "not supported".
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>
#include <zip.h>

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

/* Where reports/bundle.c begins. Nothing below it is reached after that. */
zip_source_t *zip_source_buffer_create(const void *data, zip_uint64_t len, int free_it,
                                       zip_error_t *error)
{
    (void)data, (void)len, (void)free_it, (void)error;
    errno = ENOTSUP;
    return NULL;
}

void zip_error_init(zip_error_t *error)
{
    (void)error;
}

void zip_error_fini(zip_error_t *error)
{
    (void)error;
}

const char *zip_libzip_version(void)
{
    return "none";
}

zip_t *zip_open_from_source(zip_source_t *source, int flags, zip_error_t *error)
{
    (void)source, (void)flags, (void)error;
    abort();
}

zip_source_t *zip_source_buffer(zip_t *zip, const void *data, zip_uint64_t len, int free_it)
{
    (void)zip, (void)data, (void)len, (void)free_it;
    abort();
}

zip_int64_t zip_file_add(zip_t *zip, const char *name, zip_source_t *source, zip_flags_t flags)
{
    (void)zip, (void)name, (void)source, (void)flags;
    abort();
}

int zip_file_set_mtime(zip_t *zip, zip_uint64_t index, time_t time, zip_flags_t flags)
{
    (void)zip, (void)index, (void)time, (void)flags;
    abort();
}

int zip_close(zip_t *zip)
{
    (void)zip;
    abort();
}

void zip_discard(zip_t *zip)
{
    (void)zip;
    abort();
}

void zip_source_free(zip_source_t *source)
{
    (void)source;
    abort();
}

void zip_source_keep(zip_source_t *source)
{
    (void)source;
    abort();
}

int zip_source_open(zip_source_t *source)
{
    (void)source;
    abort();
}

zip_int64_t zip_source_read(zip_source_t *source, void *data, zip_uint64_t len)
{
    (void)source, (void)data, (void)len;
    abort();
}

int zip_source_close(zip_source_t *source)
{
    (void)source;
    abort();
}
