/*
 * wire: what the packets of a capture file say. The one door for `check` (its own recording) and
 * `analyze` (somebody else's): facts only, no opinion about causes.
 *
 * Everything belongs to the struct wire_file and lives until wire_file_free. Text is raw as it was
 * on the wire unless said otherwise. Times are microseconds since 1970; frames are packet numbers
 * as Wireshark counts them; 0 means "there is none" for both.
 */
#ifndef HOPPROOF_CAPTURE_WIRE_H
#define HOPPROOF_CAPTURE_WIRE_H

#include "diag/base/addr.h"
#include "diag/base/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct arena;

/* An ICMP error about one of our packets (RFC 792, RFC 4443). */
struct wire_icmp {
    struct wire_icmp *next; /* further ones about the same flow, in order; at most 8 are kept */
    uint32_t frame;
    int64_t time_us;
    struct addr from; /* the router or host that sent it */
    uint8_t type, code;
    uint32_t mtu; /* next-hop MTU of "fragmentation needed" and "packet too big", else 0 */
};

enum wire_state {
    WIRE_SYN_SENT,     /* nothing came back */
    WIRE_SYN_ANSWERED, /* a SYN-ACK, not acknowledged */
    WIRE_ESTABLISHED,
    WIRE_MIDSTREAM, /* open, but its beginning is not in the capture */
    WIRE_CLOSING,   /* one side sent a FIN */
    WIRE_CLOSED,    /* both did */
    WIRE_RESET,
    WIRE_DATAGRAMS, /* UDP */
};

struct wire_gap;

/* One direction of a flow: what this side sent. */
struct wire_side {
    uint64_t bytes; /* payload on the wire, repeats included */
    uint32_t packets;
    uint32_t retransmits;  /* segments seen again, SYNs and FINs included */
    uint32_t out_of_order; /* late by less than the round trip: reordered, not repeated */
    uint32_t needless;     /* of the retransmits: the first had arrived, as the other side says */
    uint32_t unseen;       /* acknowledged by the other side, but not in the capture */
    uint32_t ifaces;       /* bit n: they were seen on interface n (of the first 32) */
    uint16_t iface;        /* where its packets were captured: wire_file.interfaces */
    uint16_t syns, fins, resets, zero_windows;
    uint16_t mss;             /* option of its SYN, 0 when none */
    uint8_t wscale;           /* option of its SYN, 255 when none */
    uint8_t ttl_min, ttl_max; /* TTL or hop limit of its packets that are no resets; 0: none */
    uint8_t reset_ttl;        /* of its first reset */
    uint16_t reset_id;        /* IPv4 identification of its first reset */
    uint16_t last_id;         /* ... of its last other packet */
    /*
     * Segment sizes, payload octets: the smallest that never got through although it was sent
     * again and again (or never arrived), 0 when none; the largest that was acknowledged.
     */
    uint16_t lost_len, passed_len;
    uint16_t seen_len;   /* the largest that was captured */
    uint16_t lost_times; /* how often what was lost was sent; 0: it never came by here */
    uint32_t lost_frame; /* its first try */
    uint32_t first_data_frame;
    uint32_t isn; /* sequence number of its SYN */
    int64_t first_data_us, last_data_us, lost_us;
    bool after_reset : 1; /* sent data or a FIN after its own reset: somebody forged that one */
    bool timestamps : 1;  /* option of its SYN */

    /* private: tracking; meanwhile lost_times, lost_frame, lost_us are of what waits at `una` */
    bool seq_known : 1;
    uint8_t last_flags; /* of its last packet that is no reset */
    uint16_t last_len;
    uint32_t last_seq;
    int64_t last_us;
    uint32_t next, una;
    uint16_t head_len, head_max, pending_max;
    struct wire_gap *gaps;
};

/*
 * A CONNECT request (RFC 9110 section 9.3.6), or one in plain HTTP for a page, and what came back.
 * Lives in the file's arena.
 */
struct wire_tunnel {
    struct wire_tunnel *next; /* a later one on the same connection: a retry or a nested tunnel */
    const char *method;       /* of a page: "GET", ... */
    const char *target;       /* "host:port", or of a page what stands in the request line */
    const char *host;         /* of a page: its Host field, NULL when none */
    const char *auth_scheme;  /* of Proxy-Authorization, NULL when none was sent */
    int64_t asked_us, answered_us;
    uint32_t ask_frame, answer_frame;
    int http; /* enum http1_state of the answer's head; HTTP1_MORE also when nothing came */
    unsigned status;
    const char *version, *reason, *via, *x_cache, *x_squid_error, *proxy_status, *server, *date,
        *location, *connection, *content_type, *title, *body, *generated_by, *rule;
    const char **proxy_authenticate;
    size_t n_proxy_authenticate;
    int64_t content_length; /* -1 when not announced */
    int64_t body_len;       /* octets that came */
    bool body_complete;
    bool is_crl, is_ocsp; /* the body begins as such a thing (diag/proto/revocation.h) */
    uint64_t received;    /* octets of the answer's head and body */
    const uint8_t *first; /* of what came and is no answer: the first octets, at most 64 */
    size_t n_first;
};

/* Certificates as presented in the clear (TLS 1.2 and older), shared between equal flows. */
struct wire_chain {
    size_t n;
    const uint8_t *der[16];
    size_t der_len[16];
};

/* The TLS handshake as far as it is in the clear. */
struct wire_tls {
    const char *sni;                /* NULL when none was sent or seen */
    bool ech;                       /* the real name is encrypted; `sni` is a decoy */
    bool hello_whole;               /* all of the ClientHello is in the capture */
    bool not_tls;                   /* the server answered something else */
    uint32_t hello_len;             /* octets of the message as announced */
    uint16_t max_version;           /* newest that was offered */
    uint16_t version;               /* chosen; 0: no ServerHello */
    uint16_t cipher, group;         /* chosen */
    const char *alpn;               /* TLS 1.2 only */
    const struct wire_chain *chain; /* NULL when encrypted or not seen */
    bool client_cert_requested;     /* in the clear, or told by the length of the answer */
    bool hello_retry;
    bool client_encrypted, server_encrypted; /* that side has changed to keys */
    /*
     * Both did, and the client finished and went on, or the server did: the handshake worked as
     * far as packets can tell. What a client thinks of the certificate is hidden.
     */
    bool finished;
    uint64_t finished_at; /* octets of payload that the client had sent by then */
    /* One encrypted record with the length of an alert was the last thing this side said. */
    bool client_maybe_alert, server_maybe_alert;
    int16_t alert, alert_sent; /* fatal, in the clear, by the server; by the client; or -1 */
    uint32_t hello_frame, server_hello_frame, alert_frame;
    int64_t hello_us, server_hello_us, finished_us, alert_us;
    uint64_t received;    /* octets from the server */
    const uint8_t *first; /* first octets from the server, when it does not speak TLS */
    size_t n_first;
};

/* What the two sides said to each other, as far as it is in the clear. */
struct wire_talk {
    struct wire_tunnel *tunnels;
    struct wire_tls *tls;      /* NULL: no ClientHello, no TLS answer */
    struct wire_tunnel *pages; /* what was asked for in plain HTTP, in order; at most 16 are kept */
    bool gap;                  /* a direction could not be read on: packets are missing or cut */
    bool cut;                  /* ... because the capture does not hold all of a packet */
    uint8_t socks; /* version of SOCKS that src began with, unless dst spoke it too; or 0 */
};

struct wire_flow {
    uint8_t src[16], dst[16]; /* src opened it, as far as is known */
    uint16_t src_port, dst_port;
    bool is_v6;
    uint8_t protocol;     /* IPPROTO_TCP, IPPROTO_UDP */
    uint8_t state;        /* enum wire_state */
    int8_t closed_by;     /* 0 src, 1 dst: whose FIN or RST was first; -1 */
    int8_t reset_by;      /* 0 src, 1 dst: whose RST was first; -1 */
    bool src_is_a;        /* private: in the flow table's key */
    uint16_t syn_stamp;   /* private: of the first SYN, the low half of its timestamp (RFC 7323) */
    uint32_t other_iface; /* packets of it seen on a second interface, otherwise ignored */
    uint32_t duplicates;  /* the same packet captured twice, otherwise ignored */
    uint32_t first_frame;
    int64_t first_us, last_us;
    int64_t syn_us, syn_ack_us, reset_us, fin_us; /* syn_us: of the SYN that was answered */
    int64_t used_us;   /* when src sent something after the newest pause; 0: never */
    uint32_t pause_ms; /* that pause: the silence of both sides, of two seconds or more */
    uint32_t syn_frame, syn_ack_frame, reset_frame, repeat_frame, fin_frame, zero_window_frame;
    uint32_t index;           /* of wire_flow_at */
    struct wire_side side[2]; /* 0: what src sent; 1: what dst sent */
    struct wire_icmp *icmp;   /* errors about it; NULL when none */
    struct wire_talk *talk;   /* NULL when nothing was said that we understand */
    void *reading;            /* private: NULL once the file is read */
    uint32_t older;           /* private: index + 1 of an earlier flow of the same addresses */
};

/* One question to a DNS server, with its repeats, and the answer. */
struct wire_dns {
    struct addr client, server;
    bool tcp;
    uint16_t id, type;
    const char *name; /* as in struct dns_message */
    unsigned queries; /* how often it was sent */
    bool answered, truncated, malformed;
    bool
        unchecked; /* asked without validation (CD), and not for signatures (DO): to find a fault */
    bool cut;      /* the capture does not hold all of the answer */
    uint16_t rcode;
    int64_t asked_us, answered_us;
    uint32_t ask_frame, answer_frame;
    uint32_t answer_len;
    int64_t ttl; /* seconds, -1 when none */
    const char **cnames;
    size_t n_cnames;
    struct addr *addresses;
    size_t n_addresses;
    const struct wire_flow *flow; /* its datagrams' flow; ICMP errors are there */
    uint32_t earlier;             /* private: index + 1 of the one before in the same slot */
};

/* What one client asked one time server, and what it said (diag/proto/ntp.h). */
struct wire_clock {
    struct addr client, server;
    unsigned queries, answers;
    int64_t first_us, asked_us; /* first and newest question */
    uint32_t ask_frame;         /* of the first */
    /* the newest answer, or the newest one that tells the time */
    bool told, cut; /* it tells the time; the capture does not hold all of it */
    int kind;       /* enum ntp_kind */
    unsigned stratum;
    char reference[16];
    int64_t received_us, sent_us;       /* by the server's clock */
    int64_t told_asked_us, answered_us; /* question and answer, as captured */
    uint32_t answer_frame;
    const struct wire_flow *flow; /* of the newest question; ICMP errors are there */

    /* private */
    uint64_t cookie;
    bool waiting;
};

/* Somebody asks for the link-layer address of a neighbour (ARP, RFC 4861). */
struct wire_neighbour {
    struct addr addr;  /* asked for */
    struct addr asker; /* by the first that asked */
    unsigned requests, replies;
    int64_t first_us;
    uint16_t iface;
};

enum { WIRE_CLAIMANTS = 4 };

/* Who says that an address of the link is his (claim.h). */
struct wire_claim {
    struct addr addr;
    uint16_t iface;
    unsigned n_macs; /* different ones */
    uint8_t macs[WIRE_CLAIMANTS][6];
};

/* A stretch of a TCP stream that holds a credential. */
struct wire_secret {
    const struct wire_flow *flow;
    uint8_t direction; /* 0: src to dst */
    uint32_t seq;      /* of its first octet */
    uint32_t len;
};

struct wire_interface {
    const char *name; /* printable; "" when the file does not say */
    uint16_t linktype;
    uint64_t packets;
    bool has_drops;
    uint64_t dropped_kernel, dropped_interface;
};

struct wire_file {
    struct arena *arena;
    bool own;      /* recorded by this program */
    bool redacted; /* ... and written again with pseudonyms (disguise.h): no signature holds */
    struct wire_interface *interfaces;
    size_t n_interfaces;
    struct wire_flow **chunks; /* see wire_flow_at */
    size_t n_flows;
    struct wire_dns **dns; /* in the order in which they were asked */
    size_t n_dns;
    struct wire_clock *clocks; /* in the order in which they were first asked */
    size_t n_clocks;
    struct wire_neighbour *neighbours;
    size_t n_neighbours;
    struct wire_claim *claims;
    size_t n_claims;
    struct wire_secret *secrets;
    size_t n_secrets;
    uint64_t packets, bytes; /* octets on the wire */
    uint64_t shortened;      /* packets of which the file does not hold all octets */
    int64_t first_us, last_us;
    /* what could not be used, by reason */
    uint64_t other_protocol, unsupported_link, malformed, cut, fragments_lost, flows_refused,
        dns_refused, icmp_foreign, undated;
    uint16_t unsupported_linktype; /* the first */
    /* why reading ended before the end of the file, NULL when it did not; and where */
    const char *trouble;
    uint64_t trouble_at;
    void *table; /* private: flows by address */
};

struct wire_options {
    size_t max_flows;          /* 0: a million */
    const uint16_t *dns_ports; /* besides 53: ports of resolvers */
    size_t n_dns_ports;
};

/*
 * Read a whole capture; "-" is standard input. 0, or -1 with a fault when it is no capture file or
 * cannot be read at all. A file that breaks in the middle is read up to there: see `trouble`.
 * `options` may be NULL.
 */
int wire_read(const char *path, const struct wire_options *options, struct wire_file **out,
              struct fault *f);

/* From the current position of a descriptor, which stays the caller's; from memory. */
int wire_read_fd(int fd, const struct wire_options *options, struct wire_file **out,
                 struct fault *f);
int wire_read_memory(const void *bytes, size_t len, const struct wire_options *options,
                     struct wire_file **out, struct fault *f);

/* NULL is fine. */
void wire_file_free(struct wire_file *file);

/* So many are in a piece of memory: a huge page of them. */
enum { WIRE_CHUNK = PAGES_SIZE / sizeof(struct wire_flow) };

/* The i-th flow (i < n_flows), in the order of their first packets. */
static inline struct wire_flow *wire_flow_at(const struct wire_file *file, size_t i)
{
    return &file->chunks[i / WIRE_CHUNK][i % WIRE_CHUNK];
}

/*
 * Was what follows `t` on its connection said into the void? The proxy asked for a login, ended the
 * connection, and nothing answered the next request: whoever has credentials connects anew.
 */
static inline bool wire_tunnel_ends(const struct wire_flow *f, const struct wire_tunnel *t)
{
    return t->next == NULL || (t->status == 407 && t->next->next == NULL &&
                               t->next->answered_us == 0 && f->closed_by == 1);
}

/* The two ends of a flow. */
struct addr wire_src(const struct wire_flow *f);
struct addr wire_dst(const struct wire_flow *f);

/*
 * The newest flow between these two ends, whoever opened it (NULL when there is none), and the
 * next older one of the same ends.
 */
struct wire_flow *wire_find(const struct wire_file *file, uint8_t protocol, const struct addr *a,
                            const struct addr *b);
struct wire_flow *wire_older(const struct wire_file *file, const struct wire_flow *f);

/* "host-unreachable", "admin-prohibited", "packet-too-big", ...: ICMP of either version. */
const char *wire_icmp_name(bool is_v6, uint8_t type, uint8_t code);

/* "syn-sent", ... */
const char *wire_state_name(enum wire_state state);

/* Did a reset of `direction` come from somebody else than its address says? enum tri. */
int wire_reset_foreign(const struct wire_flow *f, int direction);

#endif
