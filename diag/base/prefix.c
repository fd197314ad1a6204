/* prefix: see prefix.h. */
#include "diag/base/prefix.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned width(const struct prefix *p)
{
    return p->six ? 128 : 32;
}

bool prefix_parse(const char *text, struct prefix *out)
{
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
    char host[INET6_ADDRSTRLEN];
    struct prefix p = {.six = memchr(text, ':', len) != NULL};
    unsigned long bits = width(&p);

    if (len == 0 || len >= sizeof host)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    if (inet_pton(p.six ? AF_INET6 : AF_INET, host, p.ip) != 1)
        return false;
    if (slash != NULL && (strlen(slash + 1) > 3 || !text_parse_uint(slash + 1, bits, &bits)))
        return false;
    p.bits = (uint8_t)bits;
    *out = p;
    return true;
}

struct prefix prefix_of_addr(const struct addr *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 section 2.5.5.2 */
    struct prefix p = {.six = a->family == AF_INET6, .bits = 128};

    if (p.six && memcmp(a->ip, mapped, sizeof mapped) != 0) {
        memcpy(p.ip, a->ip, 16);
        return p;
    }
    memcpy(p.ip, p.six ? a->ip + 12 : a->ip, 4);
    p.six = false;
    p.bits = 32;
    return p;
}

/* Octet `i` of the mask of so many bits. */
static uint8_t mask_octet(unsigned bits, unsigned i)
{
    if (bits >= i * 8 + 8)
        return 0xff;
    if (bits <= i * 8)
        return 0;
    return (uint8_t)((0xffu << (i * 8 + 8 - bits)) & 0xffu);
}

bool prefix_is_aligned(const struct prefix *p)
{
    for (unsigned i = p->bits / 8; i < width(p) / 8; i++) {
        if ((p->ip[i] & ~mask_octet(p->bits, i)) != 0)
            return false;
    }
    return true;
}

void prefix_align(struct prefix *p)
{
    for (unsigned i = p->bits / 8; i < width(p) / 8; i++)
        p->ip[i] &= mask_octet(p->bits, i);
}

const char *prefix_addr_text(const struct prefix *p, char *to)
{
    /* Neither can fail: family and room are right. */
    if (inet_ntop(p->six ? AF_INET6 : AF_INET, p->ip, to, PREFIX_TEXT) == NULL)
        to[0] = '\0';
    return to;
}

const char *prefix_text(const struct prefix *p, char *to)
{
    size_t len;

    prefix_addr_text(p, to);
    len = strlen(to);
    snprintf(to + len, PREFIX_TEXT - len, "/%u", p->bits);
    return to;
}

bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
    unsigned whole = outer->bits / 8;

    if (outer->six != inner->six || outer->bits > inner->bits ||
        memcmp(outer->ip, inner->ip, whole) != 0)
        return false;
    return outer->bits % 8 == 0 ||
           ((outer->ip[whole] ^ inner->ip[whole]) & mask_octet(outer->bits, whole)) == 0;
}

int prefix_compare(const void *a, const void *b)
{
    const struct prefix *x = a, *y = b;
    int order;

    if (x->six != y->six)
        return x->six ? 1 : -1;
    order = memcmp(x->ip, y->ip, sizeof x->ip);
    return order != 0 ? order : (int)x->bits - (int)y->bits;
}

/* One half of a prefix that has halves: the lower one, the upper one. */
static struct prefix half(const struct prefix *p, bool upper)
{
    struct prefix h = *p;

    if (upper)
        h.ip[p->bits / 8] |= (uint8_t)(0x80 >> (p->bits % 8));
    h.bits++;
    return h;
}

/* Two halves of one prefix, `a` the lower: that prefix in *whole. */
static bool join(const struct prefix *a, const struct prefix *b, struct prefix *whole)
{
    struct prefix w = *a;

    if (a->six != b->six || a->bits != b->bits || a->bits == 0)
        return false;
    w.bits--;
    if (!prefix_is_aligned(&w) || !prefix_contains(&w, b) || prefix_compare(a, b) == 0)
        return false;
    *whole = w;
    return true;
}

/* Append to a sorted set what sorts behind all of it: swallowed, joined with its half, or as is. */
static void append(struct prefix_set *s, const struct prefix *p)
{
    if (s->n > 0 && prefix_contains(&s->list[s->n - 1], p))
        return;
    s->list[s->n++] = *p;
    while (s->n > 1 && join(&s->list[s->n - 2], &s->list[s->n - 1], &s->list[s->n - 2]))
        s->n--;
}

struct prefix_set prefix_merge(struct arena *a, const struct prefix *list, size_t n)
{
    struct prefix_set s = {.list = arena_alloc(a, (n + 1) * sizeof *s.list)};

    if (n == 0)
        return s;
    memcpy(s.list, list, n * sizeof *list);
    qsort(s.list, n, sizeof *s.list, prefix_compare);
    for (size_t i = 0; i < n; i++) {
        struct prefix p = s.list[i]; /* reading stays ahead of writing */

        append(&s, &p);
    }
    return s;
}

/* The last address of a prefix. */
static struct prefix last_of(const struct prefix *p)
{
    struct prefix last = *p;

    for (unsigned i = p->bits / 8; i < width(p) / 8; i++)
        last.ip[i] |= (uint8_t)~mask_octet(p->bits, i);
    last.bits = (uint8_t)width(p);
    return last;
}

/* The part of `p` between two addresses; as deep as a prefix has bits. */
static void span(struct arena *a, struct prefix_set *s, const struct prefix *p,
                 const struct prefix *low, const struct prefix *high)
{
    struct prefix first = *p, last = last_of(p), lower, upper;

    first.bits = (uint8_t)width(p);
    if (prefix_compare(&last, low) < 0 || prefix_compare(&first, high) > 0)
        return;
    if (prefix_compare(&first, low) >= 0 && prefix_compare(&last, high) <= 0) {
        list_push(a, s->list, s->n, *p);
        return;
    }
    lower = half(p, false);
    upper = half(p, true);
    span(a, s, &lower, low, high);
    span(a, s, &upper, low, high);
}

struct prefix_set prefix_span(struct arena *a, const struct prefix *low, const struct prefix *high)
{
    struct prefix all = {.six = low->six}, from = *low, to = *high;
    struct prefix_set s = {0};

    from.bits = to.bits = (uint8_t)width(low);
    if (low->six == high->six && prefix_compare(&from, &to) <= 0)
        span(a, &s, &all, &from, &to);
    return s;
}

/* Number of members that sort before `p` or are equal to it. */
static size_t not_behind(const struct prefix_set *s, const struct prefix *p)
{
    size_t low = 0, high = s->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (prefix_compare(&s->list[middle], p) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool prefix_set_contains(const struct prefix_set *s, const struct prefix *p)
{
    size_t n = not_behind(s, p);

    return n > 0 && prefix_contains(&s->list[n - 1], p);
}

bool prefix_set_overlaps(const struct prefix_set *s, const struct prefix *p)
{
    size_t n = not_behind(s, p);

    return (n > 0 && prefix_contains(&s->list[n - 1], p)) ||
           (n < s->n && prefix_contains(p, &s->list[n]));
}

/* `p` without the members of `w`, which all lie inside of it or contain it; splits on the way. */
static void subtract(struct arena *a, struct prefix_set *out, const struct prefix *p,
                     struct prefix_set w)
{
    struct prefix lower, upper;
    struct prefix_set rest;
    size_t n;

    if (w.n == 0) {
        list_push(a, out->list, out->n, *p);
        return;
    }
    if (prefix_contains(&w.list[0], p))
        return;
    lower = half(p, false);
    upper = half(p, true);
    for (n = 0; n < w.n && prefix_contains(&lower, &w.list[n]);)
        n++;
    rest = (struct prefix_set){w.list + n, w.n - n};
    w.n = n;
    subtract(a, out, &lower, w);
    subtract(a, out, &upper, rest);
}

struct prefix_set prefix_subtract(struct arena *a, const struct prefix_set *from,
                                  const struct prefix_set *without)
{
    struct prefix_set out = {0};

    for (size_t i = 0; i < from->n; i++) {
        const struct prefix *p = &from->list[i];
        size_t first = not_behind(without, p), end;

        /* Either one member contains it, or those inside of it stand together behind it. */
        if (first > 0 && prefix_contains(&without->list[first - 1], p))
            continue;
        for (end = first; end < without->n && prefix_contains(p, &without->list[end]);)
            end++;
        subtract(a, &out, p, (struct prefix_set){without->list + first, end - first});
    }
    return out;
}

uint64_t prefix_set_addresses4(const struct prefix_set *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < s->n && !s->list[i].six; i++)
        sum += UINT64_C(1) << (32 - s->list[i].bits);
    return sum;
}
