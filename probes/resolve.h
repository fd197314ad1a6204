/*
 * resolve: every name once, at every configured resolver by itself (RFC 1034, RFC 1035), A and
 * AAAA, with what each of them said and how.
 *
 * c-ares carries the queries, one channel per resolver, so that an answer is known to come from
 * it; the octets are decoded by diag/proto/dns.
 */
#ifndef HOPPROOF_PROBES_RESOLVE_H
#define HOPPROOF_PROBES_RESOLVE_H

#include "diag/base/addr.h"
#include "diag/model/report.h"
#include "diag/model/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct loop;
struct resolve;

/* What is known of a name. */
struct resolved {
    const char *name;
    struct step **steps; /* one per source: hosts file, then each resolver, in order */
    size_t n_steps;
    struct addr *addresses; /* of the answer that the system would use; port 0 */
    size_t n_addresses;
};

/*
 * Called once per resolve_name as soon as the addresses are known, or known not to come: the
 * steps of slower resolvers may still be filled in afterwards, until the loop ends.
 */
typedef void resolved_fn(void *arg, const struct resolved *r);

/* NULL with a fault when the DNS library does not start. Facts go to the report's arena. */
struct resolve *resolve_new(struct loop *l, struct report *r, const struct site *s,
                            int64_t epoch_us, struct fault *f);

/* Ends all queries first: the steps of those that were still running say "cancelled". */
void resolve_free(struct resolve *r);

/*
 * Ask for a name (an IP literal has no steps and its own address). The callback comes from the
 * loop, or at once when the answer is already there.
 */
void resolve_name(struct resolve *r, const char *name, resolved_fn *done, void *arg);

/*
 * The experiment "dns-tcp": the question of the resolve step `after` to the same resolver over TCP,
 * as a step of its own at the end of `result`. False when that resolver is none of the site's.
 */
bool resolve_over_tcp(struct resolve *r, const struct step *after, struct result *result);

/*
 * The experiment "dns-unchecked": the question of `after` to the same resolver with EDNS, with and
 * without validation; else as resolve_over_tcp.
 */
bool resolve_unchecked(struct resolve *r, const struct step *after, struct result *result);

/* True while a query runs or waits; `fn` is called whenever that ends. */
bool resolve_busy(const struct resolve *r);
void resolve_on_idle(struct resolve *r, void (*fn)(void *arg), void *arg);

#endif
