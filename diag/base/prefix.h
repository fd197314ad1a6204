/*
 * prefix: ranges of addresses as RFC 4632 and RFC 4291 section 2.3 write them, and sets of them.
 *
 * Two prefixes are either nested or have nothing in common, which is what makes a sorted array
 * searchable: whatever contains an address stands before it, each one inside the one before.
 */
#ifndef HOPPROOF_BASE_PREFIX_H
#define HOPPROOF_BASE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
struct arena;

struct prefix {
    uint8_t ip[16]; /* network byte order; the first 4 for IPv4, the rest zero */
    uint8_t bits;   /* 0 to 32, 0 to 128 */
    bool six;       /* IPv6 */
};

enum { PREFIX_TEXT = 64 }; /* room for any prefix as text */

/*
 * "192.0.2.0/24", "2001:db8::/32"; an address alone is a prefix of itself. Bits behind the length
 * are kept (see prefix_is_aligned). False, and *out untouched, when it is none.
 */
bool prefix_parse(const char *text, struct prefix *out);

/* The address alone; an IPv4-mapped IPv6 address is its IPv4 address. `a` is an address. */
struct prefix prefix_of_addr(const struct addr *a);

/* All bits behind the length are zero; make them so. */
bool prefix_is_aligned(const struct prefix *p);
void prefix_align(struct prefix *p);

/* "ADDR/BITS" into `to` (PREFIX_TEXT bytes), which is returned; "ADDR" alone. */
const char *prefix_text(const struct prefix *p, char *to);
const char *prefix_addr_text(const struct prefix *p, char *to);

/* Every address of `inner` is in `outer`; both aligned. */
bool prefix_contains(const struct prefix *outer, const struct prefix *inner);

/* IPv4 first, then by address, the larger range first: the order of sets, for qsort(3). */
int prefix_compare(const void *a, const void *b);

/* Addresses as a set: sorted, no two overlap, no two could be written as one. */
struct prefix_set {
    struct prefix *list;
    size_t n;
};

/* The same addresses as few prefixes as possible; `list` is aligned and stays as it is. */
struct prefix_set prefix_merge(struct arena *a, const struct prefix *list, size_t n);

/* All addresses from `low` to `high`, both included and of one family; none when low > high. */
struct prefix_set prefix_span(struct arena *a, const struct prefix *low, const struct prefix *high);

/* The addresses of `from` that are not in `without`. */
struct prefix_set prefix_subtract(struct arena *a, const struct prefix_set *from,
                                  const struct prefix_set *without);

/* All of `p` is in the set; a part of it is. Logarithmic. */
bool prefix_set_contains(const struct prefix_set *s, const struct prefix *p);
bool prefix_set_overlaps(const struct prefix_set *s, const struct prefix *p);

/* Number of IPv4 addresses in the set. */
uint64_t prefix_set_addresses4(const struct prefix_set *s);

#endif
