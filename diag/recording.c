/* recording: see recording.h. */
#include "diag/recording.h"

#include "capture/bpf.h"
#include "capture/recorder.h"
#include "capture/wire.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/join.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "probes/kernel.h"

#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum {
    READY_MS = 3000, /* opening an interface takes 10 to 30 ms; longer is a fault */
    HTTP_PORT = 80,  /* clock and revocation are asked there */
};

struct recording {
    struct report *report;
    const struct site *site;
    bool wanted;                /* the user asked for packets */
    bool credentials;           /* ... with those of the proxies in the clear */
    const struct vault *keylog; /* ... and with these TLS secrets */
    struct recorder *recorder;
    struct wire_file *wire;
    uint16_t *dns_ports; /* of the resolvers */
    size_t n_dns_ports;
    const char *interfaces[RECORDER_INTERFACES];
    size_t n_interfaces;
};

/* There will be no packets. Where the user named an interface, that is not what was asked for. */
static void give_up(struct recording *rec, const char *why)
{
    struct report *r = rec->report;

    r->capture->enabled = false;
    r->capture->reason = arena_strdup(r->arena, why);
    recorder_free(rec->recorder);
    rec->recorder = NULL;
    if (rec->site->interface_given || rec->wanted) {
        r->run->complete = false;
        report_note(r, "no packets were recorded, although they were asked for: %s", why);
    }
}

static void add_interface(struct recording *rec, const char *name)
{
    if (rec->n_interfaces == RECORDER_INTERFACES)
        return;
    for (size_t i = 0; i < rec->n_interfaces; i++) {
        if (strcmp(rec->interfaces[i], name) == 0)
            return;
    }
    rec->interfaces[rec->n_interfaces++] = arena_strdup(rec->report->arena, name);
}

/* The interface that the kernel would send through to this address. */
static void add_way_to(struct recording *rec, const char *address)
{
    struct kernel_route route;
    struct addr to;

    if (addr_parse_port(address, 0, &to) && kernel_route(&to, &route, NULL) == 0 &&
        route.interface[0] != '\0' &&
        (route.way == KERNEL_WAY_ROUTE || route.way == KERNEL_WAY_LOCAL))
        add_interface(rec, route.interface);
}

/* The kernel has no way to anywhere: what happens then happens on any interface, or on none. */
static void add_all(struct recording *rec)
{
    struct if_nameindex *all = if_nameindex();

    for (struct if_nameindex *i = all; i != NULL && i->if_index != 0; i++)
        add_interface(rec, i->if_name);
    if (all != NULL)
        if_freenameindex(all);
}

/*
 * The user's first; then every one that the kernel may use for this site, so that traffic that
 * goes elsewhere is seen there. Names are not resolved yet: the ways to the world stand for them.
 */
static void choose_interfaces(struct recording *rec)
{
    static const char *const world[] = {"198.51.100.1", "2001:db8::1"};
    const struct site *s = rec->site;
    char text[ADDR_TEXT];

    if (s->interface != NULL)
        add_interface(rec, s->interface);
    for (size_t i = 0; i < sizeof world / sizeof world[0]; i++)
        add_way_to(rec, world[i]);
    for (size_t i = 0; i < s->n_proxies; i++)
        add_way_to(rec, s->proxies[i]->host);
    for (size_t i = 0; i < s->n_resolvers; i++)
        add_way_to(rec, addr_text(&s->resolvers[i]->addr, text));
    for (size_t i = 0; i < s->n_endpoints; i++)
        add_way_to(rec, s->endpoints[i]->host); /* does nothing for a name */
    if (rec->n_interfaces == 0)
        add_all(rec);
}

static const char *choose_filter(struct recording *rec)
{
    const struct site *s = rec->site;
    struct arena *a = rec->report->arena;
    uint16_t *ports = NULL;
    size_t n = 0;

    for (size_t i = 0; i < s->n_endpoints; i++)
        list_push(a, ports, n, s->endpoints[i]->port);
    for (size_t i = 0; i < s->n_proxies; i++)
        list_push(a, ports, n, s->proxies[i]->port);
    for (size_t i = 0; i < s->n_resolvers; i++) {
        list_push(a, ports, n, s->resolvers[i]->addr.port);
        list_push(a, rec->dns_ports, rec->n_dns_ports, s->resolvers[i]->addr.port);
    }
    for (size_t i = 0; i < s->n_ntp; i++) /* no result's: for the kept evidence */
        list_push(a, ports, n, s->ntp[i]->port);
    list_push(a, ports, n, HTTP_PORT);
    return bpf_text(a, ports, n);
}

struct recording *recording_start(const struct options *o, struct report *r)
{
    struct recording *rec;
    struct recorder_conf conf = {0};
    struct fault f;

    r->capture->enabled = false;
    if (!o->site->capture) {
        r->capture->reason = "not wanted (--no-capture)";
        return NULL;
    }
    rec = arena_new_of(r->arena, struct recording);
    rec->report = r;
    rec->site = o->site;
    rec->wanted = o->pcap != NULL || o->keylog;
    rec->credentials = o->pcap_credentials;
    rec->keylog = o->site->keylog;
    choose_interfaces(rec);
    if (rec->n_interfaces == 0) {
        give_up(rec, "there is no interface to record on");
        return rec;
    }
    conf.interfaces = rec->interfaces;
    conf.n_interfaces = rec->n_interfaces;
    conf.filter = choose_filter(rec);
    r->capture->interface = rec->interfaces[0];
    if (recorder_start(&conf, &rec->recorder, &f) != 0)
        give_up(rec, f.text);
    return rec;
}

void recording_wait(struct recording *rec)
{
    struct fault f;

    if (rec == NULL || rec->recorder == NULL)
        return;
    switch (recorder_ready(rec->recorder, READY_MS, &f)) {
    case 1:
        rec->report->capture->enabled = true;
        break;
    case 0:
        give_up(rec, "the recorder did not get ready in time");
        break;
    default:
        give_up(rec, f.text);
    }
}

static void read_packets(struct recording *rec)
{
    struct wire_options options = {.dns_ports = rec->dns_ports, .n_dns_ports = rec->n_dns_ports};
    int file = recorder_file(rec->recorder);
    struct fault f = {"it cannot be read again from its beginning"};

    if (lseek(file, 0, SEEK_SET) < 0 || wire_read_fd(file, &options, &rec->wire, &f) != 0) {
        report_note(rec->report, "the recorded packets cannot be read: %s", f.text);
        return;
    }
    join_report(rec->report, rec->wire);
}

void recording_stop(struct recording *rec)
{
    struct recorder_stats stats;
    struct fault f;
    struct capture *c;

    if (rec == NULL || rec->recorder == NULL)
        return;
    c = rec->report->capture;
    if (recorder_stop(rec->recorder, &stats, &f) != 0) {
        c->reason = arena_strdup(rec->report->arena, f.text);
        report_note(rec->report, "%s", f.text);
    }
    c->dropped_kernel = (int64_t)stats.dropped_kernel;
    c->dropped_interface = (int64_t)stats.dropped_interface;
    read_packets(rec);
    c->whole = stats.complete && rec->wire != NULL && rec->wire->trouble == NULL;
}

struct packets recording_packets(const struct recording *rec)
{
    if (rec == NULL || rec->wire == NULL)
        return (struct packets){.file = -1};
    return (struct packets){.wire = rec->wire,
                            .file = recorder_file(rec->recorder),
                            .credentials = rec->credentials,
                            .keylog = rec->keylog};
}

void recording_free(struct recording *rec)
{
    if (rec == NULL)
        return;
    wire_file_free(rec->wire);
    recorder_free(rec->recorder);
    rec->wire = NULL; /* the rest is the report's */
    rec->recorder = NULL;
}
