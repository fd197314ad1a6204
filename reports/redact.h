/*
 * redact: a report without addresses, user names and names of internal machines.
 *
 * Each gets a pseudonym that is the same everywhere, in all reports that one redactor sees, and
 * that keeps structure: two addresses in one /24 (IPv6: /64) stay neighbours, two hosts of one
 * domain stay in one. Names of public cloud services and of the built-in endpoint lists stay, as
 * do loopback and unspecified addresses, which name nobody and are evidence. What is not known to
 * be harmless goes: a dotted name outside the known cloud domains is taken for an internal one,
 * bodies of error pages and members that this version does not know are dropped.
 *
 * Pseudonyms: 240.N.N.H for public IPv4 addresses, 241 for private, 242 for link-local, 243 for
 * special ones (the block is reserved, so none is real); 2001:db8:f00K:N::H for IPv6, with the
 * same K from 0; user-N; hopN; site-N; sensor-N; if-N; file-N. Of a host name each label gets a
 * pseudonym of its own length ("host_01", "h_1"), so that packets can carry it too: the ends that
 * public names have (".com") stay.
 */
#ifndef HOPPROOF_REPORTS_REDACT_H
#define HOPPROOF_REPORTS_REDACT_H

#include "diag/base/addr.h"
#include "diag/model/report.h"

#include <stdint.h>
#include <stdio.h>

struct redactor;

struct redactor *redact_new(void);
void redact_free(struct redactor *rd);

/* All texts of a report, in place; new texts come from the report's arena. */
void redact_report(struct redactor *rd, struct report *r);

/* One text by what is known so far, e.g. a message about a report; in `a`. */
const char *redact_text(struct redactor *rd, struct arena *a, const char *s);

/*
 * Of what stands in packets, by the same pseudonyms: an address (its port stays), a hardware
 * address, a host name (of the same length, dots in the same places), an interface.
 */
struct addr redact_addr(struct redactor *rd, const struct addr *a);
void redact_mac_octets(struct redactor *rd, const uint8_t mac[6], uint8_t to[6]);
const char *redact_name(struct redactor *rd, const char *name);
const char *redact_interface(struct redactor *rd, const char *name);

/* From here on texts have the interface's pseudonym too; NULL is fine. */
void redact_learn_interface(struct redactor *rd, const char *name);

/* The key as JSON: {"pseudonym": "what it stands for", ...}. 0, or -1 with errno. */
int redact_write_key(const struct redactor *rd, FILE *out);

#endif
