/*
 * bpf: the filter of the recorder, as pcap-filter(7) text.
 *
 * By ports, not by addresses: what the names resolve to is not known before the capture runs.
 */
#ifndef HOPPROOF_CAPTURE_BPF_H
#define HOPPROOF_CAPTURE_BPF_H

#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * ARP, ICMP, ICMPv6, later fragments, DNS (port 53), and TCP and UDP of these ports (proxies,
 * endpoints, resolvers; any order, repeats are fine). With more different ports than the kernel's
 * filter can hold: all of TCP, and UDP of port 53.
 */
char *bpf_text(struct arena *a, const uint16_t *ports, size_t n);

#endif
