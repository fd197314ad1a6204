/*
 * nsg_read: a network security group as Azure exports it (`az network nsg show` or `rule list`, or
 * the REST form with "properties"), into plain structures.
 */
#ifndef HOPPROOF_SITE_NSG_READ_H
#define HOPPROOF_SITE_NSG_READ_H

#include "diag/base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct fault;

enum { NSG_RULES_MAX = 5000, NSG_ITEMS_MAX = 10000, NSG_GROUPS_MAX = 100 };

struct nsg_rule {
    const char *name;
    unsigned long line; /* of its name in the file; 0: built in, not in the file */
    unsigned priority;  /* the smallest is looked at first */
    bool inbound, allow;
    const char *protocol;                 /* "Tcp", "Udp", "Icmp", "*" */
    const char **sources, **destinations; /* prefixes, service tags, "*" */
    size_t n_sources, n_destinations;
    const char **ports; /* destination ports: "3128", "1000-2000", "*" */
    size_t n_ports;
    bool groups;  /* application security groups are named: members are not in the file */
    bool builtin; /* 65000 and above */
};

struct nsg {
    const char *name;
    struct nsg_rule *rules; /* by priority, inbound and outbound mixed */
    size_t n_rules;
};

/* All groups of a file: one object, or a list. -1 with a fault "LABEL:LINE: ...". */
int nsg_read(struct arena *a, const char *label, const char *bytes, size_t len, struct nsg **groups,
             size_t *n, struct fault *f);

/* --- what a group does (nsg_match.c) --- */

enum nsg_answer { NSG_ALLOW, NSG_DENY, NSG_UNDECIDED };

/* One packet. A service tag stands for its sender where the sender has no address to write. */
struct nsg_packet {
    bool inbound;
    const char *protocol;                     /* "Tcp" */
    struct addr source, destination;          /* family 0: not known */
    const char *source_tag, *destination_tag; /* "AzureLoadBalancer", "Internet", or NULL */
    unsigned port;
};

/* The first rule by priority that matches decides; *by becomes it, or the one in doubt. */
enum nsg_answer nsg_ask(const struct nsg *g, const struct nsg_packet *p,
                        const struct nsg_rule **by);

/* Does the address lie in "10.1.0.0/16" or "10.1.0.4"? False also for what is no prefix. */
bool nsg_prefix_has(const char *prefix, const struct addr *address);

/* The first address of a prefix that a machine may have; false when it is none. */
bool nsg_prefix_sample(const char *prefix, struct addr *out);

/* Is the port among the rule's? */
bool nsg_rule_has_port(const struct nsg_rule *rule, unsigned port);

#endif
