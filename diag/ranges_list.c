/* ranges_list: the ranges of tags in the words of a firewall; see ranges.h. */
#include "diag/ranges.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_LEN = 31, /* of old nftables, the shortest limit of a set; ASA: 64 */
    /* PAN-OS: 63 for an object, of which the address takes up to 43 and a hyphen one. */
    NAME_MAX_LEN_OBJECT = 63 - 1 - 43,
};

static const char *set_name(const struct ranges *r)
{
    return r->o->set_name != NULL ? r->o->set_name : "azure";
}

/* "AzureIoTHub, Storage of 2025-11-10 (change 376)" for a comment. */
static const char *origin(const struct ranges *r)
{
    const char *text = r->all ? "all tags" : "";
    char date[16];

    for (size_t i = 0; i < r->n_names && !r->all; i++)
        text = arena_printf(r->a, "%s%s%s", text, i > 0 ? ", " : "", r->names[i]);
    if (strlen(text) > 100)
        text = arena_printf(r->a, "%zu service tags", r->n_names);
    text = arena_printf(r->a, "%s of %s", text, azure_cloud_text(r->t->of));
    if (r->t->published_s != SERVICE_TAGS_NO_DATE)
        text = arena_printf(r->a, "%s, %s", text, service_tags_date(r->t->published_s, date));
    if (r->t->change_number >= 0)
        text = arena_printf(r->a, "%s, change %lld", text, (long long)r->t->change_number);
    return text;
}

/* One line for each: also what an external dynamic list or an ipset takes. */
static void list_plain(const struct ranges *r, const struct prefix_set *s)
{
    char text[PREFIX_TEXT];

    (void)r;
    for (size_t i = 0; i < s->n; i++)
        puts(prefix_text(&s->list[i], text));
}

static void nft_set(const struct ranges *r, const struct prefix_set *s, bool six)
{
    const char *name = arena_printf(r->a, "inet hopproof %s_v%d", set_name(r), six ? 6 : 4);
    size_t n = 0;

    /* Ranges as published may overlap, which a set refuses unless it merges by itself. */
    printf("add set %s { type ipv%d_addr; flags interval;%s }\nflush set %s\n", name, six ? 6 : 4,
           r->o->no_merge ? " auto-merge;" : "", name);
    for (size_t i = 0; i < s->n; i++) {
        char text[PREFIX_TEXT];

        if (s->list[i].six != six)
            continue;
        if (n++ == 0)
            printf("add element %s {\n", name);
        else
            puts(",");
        printf("    %s", prefix_text(&s->list[i], text));
    }
    if (n > 0)
        puts("\n}");
}

/* A script for nft -f that can be run again: one transaction, old elements go. */
static void list_nft(const struct ranges *r, const struct prefix_set *s)
{
    printf("# %s\n# made by hopproof ranges; load with: nft -f FILE; use as: ip daddr @%s_v4\n"
           "add table inet hopproof\n",
           origin(r), set_name(r));
    if (r->o->family != 6)
        nft_set(r, s, false);
    if (r->o->family != 4)
        nft_set(r, s, true);
}

static const char *mask_of(const struct prefix *p, char text[PREFIX_TEXT])
{
    struct prefix mask = {.bits = p->bits};

    memset(mask.ip, 0xff, 4);
    prefix_align(&mask);
    return prefix_addr_text(&mask, text);
}

/* Cisco ASA 9.x: IPv4 with a mask, IPv6 with a length, both in one group. */
static void list_cisco(const struct ranges *r, const struct prefix_set *s)
{
    printf("! made by hopproof ranges\nobject-group network %s\n description %.190s\n", set_name(r),
           origin(r));
    for (size_t i = 0; i < s->n; i++) {
        const struct prefix *p = &s->list[i];
        char text[PREFIX_TEXT], mask_text[PREFIX_TEXT];

        if (p->bits == (p->six ? 128 : 32))
            printf(" network-object host %s\n", prefix_addr_text(p, text));
        else if (p->six)
            printf(" network-object %s\n", prefix_text(p, text));
        else
            printf(" network-object %s %s\n", prefix_addr_text(p, text), mask_of(p, mask_text));
    }
}

static void ios_group(const struct ranges *r, const struct prefix_set *s, bool six)
{
    char text[PREFIX_TEXT], mask_text[PREFIX_TEXT];
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        const struct prefix *p = &s->list[i];

        if (p->six != six)
            continue;
        if (n++ == 0) /* an empty group is deleted at once */
            printf("object-group %s %s%s\n", six ? "v6-network" : "network", set_name(r),
                   six ? "_v6" : "");
        if (p->bits == (six ? 128 : 32))
            printf(" host %s\n", prefix_addr_text(p, text));
        else if (six)
            printf(" %s\n", prefix_text(p, text));
        else
            printf(" %s %s\n", prefix_addr_text(p, text), mask_of(p, mask_text));
    }
}

/* Cisco IOS and IOS XE: IPv6 has a group of its own, and entries have no word in front. */
static void list_ios(const struct ranges *r, const struct prefix_set *s)
{
    printf("! made by hopproof ranges: %.190s\n", origin(r));
    ios_group(r, s, false);
    ios_group(r, s, true);
}

/* Set commands of PAN-OS; names of objects have letters, digits, hyphens and underscores. */
static void list_paloalto(const struct ranges *r, const struct prefix_set *s)
{
    for (size_t i = 0; i < s->n; i++) {
        char text[PREFIX_TEXT], object[PREFIX_TEXT];

        prefix_text(&s->list[i], text);
        strcpy(object, text);
        for (char *p = object; *p != '\0'; p++) {
            if (*p == ':' || *p == '/' || *p == '.')
                *p = '-';
        }
        printf("set address %s-%s ip-netmask %s\n", set_name(r), object, text);
        printf("set address-group %s static %s-%s\n", set_name(r), set_name(r), object);
    }
}

static void list_json(const struct ranges *r, const struct prefix_set *s)
{
    json_t *tags = json_array();

    for (size_t i = 0; i < r->n_names; i++) {
        struct prefix_set own = r->o->no_merge ? ranges_published(r, r->t, r->names[i])
                                               : ranges_merged(r, r->t, r->names[i]);

        json_array_append_new(
            tags, json_pack("{s:s, s:o}", "name", r->names[i], "prefixes", ranges_json(&own)));
    }
    json_object_set_new(r->json, "merged", json_boolean(!r->o->no_merge));
    json_object_set_new(r->json, "tags", tags);
    json_object_set_new(r->json, "prefixes", ranges_json(s));
}

static const struct format {
    const char *name;
    void (*write)(const struct ranges *r, const struct prefix_set *s);
} formats[] = {
    {"plain", list_plain}, {"json", list_json}, {"nft", list_nft},
    {"cisco", list_cisco}, {"ios", list_ios},   {"paloalto", list_paloalto},
};

enum { FORMATS = sizeof formats / sizeof formats[0] };

static const struct format *format_of(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}

bool ranges_list_check(const char *format, const char *name, struct fault *f)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t len = name != NULL ? strlen(name) : 0;
    bool objects = format != NULL && strcmp(format, "paloalto") == 0;
    int most = objects ? NAME_MAX_LEN_OBJECT : NAME_MAX_LEN;

    if (format != NULL && format_of(format) == NULL) {
        fault_set(f,
                  "--format: \"%.40s\" is not known; give plain, json, nft, cisco, ios or paloalto",
                  format);
        return false;
    }
    if (name != NULL && (len > (size_t)most || strspn(name, letters) == 0 ||
                         strspn(name + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-") != len - 1)) {
        fault_set(f,
                  "--name: \"%.40s\" is no name of a set; give a letter, then letters, digits, _ "
                  "and -, up to %d",
                  name, most);
        return false;
    }
    return true;
}

/* As published: every range of every tag once, in order. */
static struct prefix_set as_published(const struct ranges *r)
{
    struct prefix_set s = {0};
    size_t n = 0;

    for (size_t i = 0; i < r->n_names; i++) {
        struct prefix_set own = ranges_published(r, r->t, r->names[i]);

        for (size_t k = 0; k < own.n; k++)
            list_push(r->a, s.list, s.n, own.list[k]);
    }
    if (s.n > 0)
        qsort(s.list, s.n, sizeof *s.list, prefix_compare);
    for (size_t i = 0; i < s.n; i++) {
        if (n == 0 || prefix_compare(&s.list[n - 1], &s.list[i]) != 0)
            s.list[n++] = s.list[i];
    }
    s.n = n;
    return s;
}

int ranges_list(struct ranges *r)
{
    struct prefix_set s = r->o->no_merge ? as_published(r) : ranges_wanted(r, r->t);
    const char *format = r->o->range_format != NULL ? r->o->range_format : "plain";

    format_of(r->json != NULL ? "json" : format)->write(r, &s);
    return STATUS_PASS;
}
