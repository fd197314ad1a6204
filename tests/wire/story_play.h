/*
 * story_play: a story while it is played: its hosts and flows, and the packets that its lines send.
 */
#ifndef HOPPROOF_TESTS_WIRE_STORY_PLAY_H
#define HOPPROOF_TESTS_WIRE_STORY_PLAY_H

#include "diag/base/addr.h"
#include "diag/base/buf.h"
#include "tests/wire/story_file.h"

#include <stdbool.h>
#include <stdint.h>

enum { HOSTS = 16, FLOWS = 16, SEGMENTS = 64 };

struct host {
    char name[32];
    struct addr addr;
    unsigned ttl;
};

/* What was sent, to send it again. */
struct sent {
    uint32_t seq, flags;
    struct buf payload;
};

struct end {
    struct host *host;
    uint16_t port;
    uint32_t isn, next, acked; /* acked: the last acknowledgement that this end sent */
    unsigned id;
    struct sent sent[SEGMENTS];
    size_t n_sent;
};

struct flow {
    char name[32];
    struct end end[2];
    struct buf newest; /* the newest IP packet of the first end, for ICMP errors */
};

struct play {
    struct story *story;
    struct story_file file;
    struct host hosts[HOSTS];
    struct flow flows[FLOWS];
    size_t n_hosts, n_flows;
    const char *path;
    unsigned line;
};

struct ip_words {
    unsigned ttl, id, frag, iface;
};

/* Says what is wrong with the line that is played; -1. */
int mistake(const struct play *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* NULL: there is none of that name. */
struct host *host_of(struct play *p, const char *name);
struct flow *flow_of(struct play *p, const char *name);

/* Is the word KEY with a value behind it? */
bool value_of(const char *word, const char *key, const char **value);

void be16(struct buf *b, unsigned v);
void be32(struct buf *b, uint32_t v);
void zeros(struct buf *b, size_t n);

/* Send `payload` (its checksum is filled in, except for UDP) in IP packets; the first into `copy`
 * too. */
void send_ip(struct play *p, int64_t time_us, const struct addr *src, const struct addr *dst,
             unsigned protocol, const struct ip_words *w, const struct buf *payload,
             struct buf *copy);

/*
 * Lines of the grammar. `d` is the sending end of the flow, `words` what stands behind the arrow.
 * They return -1 after mistake().
 */
int play_segment(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n);
int play_dns(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n);
int play_ntp(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n);
int play_icmp(struct play *p, int64_t time_us, const struct host *from, char **words, size_t n);
int play_arp(struct play *p, int64_t time_us, bool reply, char **words, size_t n);

#endif
