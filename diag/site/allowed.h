/*
 * allowed: the address ranges that a firewall lets through, out of whatever it exports.
 *
 * Every word that is an address or a range counts: "20.60.0.0/16", "20.60.0.0/255.255.0.0" (Squid),
 * "20.60.0.0 255.255.0.0" (Cisco ASA), "20.60.0.0 0.0.255.255" (Cisco IOS),
 * "20.60.0.0-20.60.255.255", "host 20.60.1.1", JSON and CSV as they are. "#", "!", "//" begin a
 * comment. A line that begins with deny, drop, reject, block or no is not allowed and passed over.
 */
#ifndef HOPPROOF_SITE_ALLOWED_H
#define HOPPROOF_SITE_ALLOWED_H

#include "diag/base/prefix.h"

#include <stddef.h>

struct arena;
struct fault;

struct allowed_entry {
    struct prefix prefix; /* aligned */
    unsigned long line;
};

struct allowed {
    const char *label; /* the file, printable */
    struct allowed_entry *entries;
    size_t n_entries;
    size_t n_denials; /* lines that were passed over */
};

/*
 * Read a file. 0, or -1 with a fault "FILE:LINE: ..." where something looks like a range and is
 * none, or "FILE: ..." where there is no range at all.
 */
int allowed_read(const char *path, struct arena *a, struct allowed **out, struct fault *f);

/* The same from memory; a NUL stands at text[len]. */
int allowed_parse(const char *text, size_t len, const char *label, struct arena *a,
                  struct allowed **out, struct fault *f);

#endif
