/* redact_parts: pseudonyms and the scanner that puts them into a text; see redact.h. */
#ifndef HOPPROOF_REPORTS_REDACT_PARTS_H
#define HOPPROOF_REPORTS_REDACT_PARTS_H

#include "diag/base/addr.h"
#include "reports/dict.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* A /24 or /64: its pseudonym without the host, and how many hosts have one. */
struct redact_network {
    char text[40];
    unsigned hosts;
};

struct redactor {
    struct arena *arena;
    struct dict names; /* words and phrases known to be internal: hops, site, proxies' own names */
    struct dict addresses; /* IPv4, IPv6 and hardware addresses */
    struct dict networks;  /* the /24 or /64 of an address: index into `network` */
    struct redact_network *network;
    size_t n_networks;
    struct dict hosts, labels, users, files, interfaces;
    struct dict machines; /* labels that name a machine wherever they stand alone */
    struct dict kept;     /* endpoints' own names that stay */
    struct dict tails;    /* what stands behind their dots */
    struct dict given;    /* pseudonyms of labels and hardware addresses */
    size_t n_labels[64];  /* pseudonyms by length */
    size_t n_sites, n_sensors, n_macs, n_quotes;
};

/* The pseudonym of an address (itself where it stays); NULL where the text is none. */
const char *redact_address(struct redactor *rd, const char *s, size_t len);
const char *redact_mac(struct redactor *rd, const char *s, size_t len);

/* An endpoint's name that stays. */
void redact_keep_name(struct redactor *rd, const char *name);

/* Of a host name with or without dots, of a user, of a file's path. */
const char *redact_host(struct redactor *rd, const char *s, size_t len);
const char *redact_user(struct redactor *rd, const char *s, size_t len);
const char *redact_file(struct redactor *rd, const char *s, size_t len);

/* A dotted name that can stand in public: an endpoint's or in a domain of the clouds and CAs. */
bool redact_is_public_name(const struct redactor *rd, const char *s, size_t len);

/* The pseudonym of a stranger's words, into `to`; false where they say nothing of anybody. */
bool redact_quote(struct redactor *rd, const char *s, char *to, size_t room);

/* `s` with everything replaced, appended to `out`. */
void redact_scan(struct redactor *rd, const char *s, struct buf *out);

#endif
