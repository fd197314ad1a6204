/* environment: see environment.h. */
#include "diag/environment.h"

#include "diag/base/addr.h"
#include "diag/base/buf.h"
#include "diag/base/clock.h"

#include <ares.h>
#include <arpa/inet.h>
#include <event2/event.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <jansson.h>
#include <net/if.h>
#include <openssl/crypto.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <yaml.h>
#include <zlib.h>

static void versions(struct buf *out)
{
    struct utsname system;

    buf_str(out, "versions\n");
    if (uname(&system) == 0)
        buf_printf(out, "  %s %s %s\n", system.sysname, system.release, system.machine);
    buf_printf(out,
               "  hopproof %s\n  c-ares %s\n  %s\n  libevent %s\n  %s\n  jansson %s\n  libyaml %s\n"
               "  zlib %s\n",
               HOPPROOF_VERSION, ares_version(NULL), OpenSSL_version(OPENSSL_VERSION),
               event_get_version(), pcap_lib_version(), JANSSON_VERSION, yaml_get_version_string(),
               zlibVersion());
}

static void clocks(struct buf *out)
{
    struct timex state = {0};
    char now[32];

    clock_rfc3339(clock_wall_us(), now, sizeof now);
    buf_printf(out, "clock\n  %s, up %" PRId64 " s, ", now, clock_monotonic_us() / 1000000);
    if (adjtimex(&state) < 0)
        buf_str(out, "synchronisation unknown\n");
    else
        buf_printf(out, "%s, estimated error %ld us\n",
                   (state.status & STA_UNSYNC) != 0 ? "NOT synchronised" : "synchronised",
                   state.esterror);
}

static void interfaces(struct buf *out)
{
    struct ifaddrs *list = NULL;

    buf_str(out, "interfaces\n");
    if (getifaddrs(&list) != 0)
        return;
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        struct addr a;
        char text[ADDR_TEXT];

        if (i->ifa_addr == NULL || !addr_from_sockaddr(i->ifa_addr, &a))
            continue;
        buf_printf(out, "  %s %s%s%s\n", i->ifa_name, addr_text(&a, text),
                   (i->ifa_flags & IFF_UP) == 0 ? " DOWN" : "",
                   (i->ifa_flags & IFF_RUNNING) == 0 ? " no carrier" : "");
    }
    freeifaddrs(list);
}

/* proc(5), /proc/net/route: addresses as the bytes of network order read as a number. */
static void routes4(struct buf *out)
{
    FILE *f = fopen("/proc/net/route", "re");
    char line[512], name[32];
    uint32_t to, gateway, mask;
    unsigned flags, metric;

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        char text[2][INET_ADDRSTRLEN];

        if (sscanf(line, "%31s %" SCNx32 " %" SCNx32 " %x %*u %*u %u %" SCNx32, name, &to, &gateway,
                   &flags, &metric, &mask) != 6)
            continue;
        inet_ntop(AF_INET, &to, text[0], sizeof text[0]);
        inet_ntop(AF_INET, &gateway, text[1], sizeof text[1]);
        buf_printf(out, "  %s/%d via %s dev %s metric %u\n", text[0], __builtin_popcount(mask),
                   gateway == 0 ? "link" : text[1], name, metric);
    }
    if (f != NULL)
        fclose(f);
}

/* 32 hexadecimal digits to an address. */
static const char *hex_address(const char *hex, char *to)
{
    uint8_t ip[16];
    struct addr a;

    for (size_t i = 0; i < 16; i++) {
        const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

        ip[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    a = addr_from_ip(AF_INET6, ip, 0);
    return addr_text(&a, to);
}

static void routes6(struct buf *out)
{
    FILE *f = fopen("/proc/net/ipv6_route", "re");
    char line[512], to[33], gateway[33], name[32];
    unsigned length, metric;

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        char text[2][ADDR_TEXT];

        if (sscanf(line, "%32s %x %*s %*x %32s %x %*x %*x %*x %31s", to, &length, gateway, &metric,
                   name) != 5 ||
            strlen(to) != 32 || strlen(gateway) != 32)
            continue;
        buf_printf(out, "  %s/%u via %s dev %s metric %u\n", hex_address(to, text[0]), length,
                   strspn(gateway, "0") == 32 ? "link" : hex_address(gateway, text[1]), name,
                   metric);
    }
    if (f != NULL)
        fclose(f);
}

/* Servers and options; the search domains name the owner and decide nothing for full names. */
static void resolvers(struct buf *out)
{
    FILE *f = fopen("/etc/resolv.conf", "re");
    char line[512];

    buf_str(out, "resolver configuration\n");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "nameserver", 10) == 0 || strncmp(line, "options", 7) == 0) {
            line[strcspn(line, "\n")] = '\0';
            buf_printf(out, "  %s\n", line);
        }
    }
    if (f != NULL)
        fclose(f);
}

void environment_text(struct buf *out)
{
    versions(out);
    clocks(out);
    interfaces(out);
    buf_str(out, "routes\n");
    routes4(out);
    routes6(out);
    resolvers(out);
}
