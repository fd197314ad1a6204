/*
 * learned: what no step shows by itself: what experiments, other results and other routes tell of
 * it. Learned before the sieves run, or across results after them.
 */
#ifndef HOPPROOF_JUDGE_LEARNED_H
#define HOPPROOF_JUDGE_LEARNED_H

#include "diag/judge/cell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- misled.c: a name that leads to the wrong machine --- */

enum { MISLED_OTHERS = 2 }; /* one address of each family */

/* What kind of address is usual in this run. */
void misled_learn(struct judge *j);
/* Addresses that other sources give for the name and the used one does not; the number of them. */
size_t misled_others(const struct cell *c, const char *others[MISLED_OTHERS]);
/* May this failure come from a wrong address at all? Then other addresses are worth a try. */
bool misled_is_possible(const struct cell *c, const struct step *failing);
/* Did the same work at another source's address? */
bool misled_is_shown(const struct cell *c);
/* The answer is to blame and not the network: true when that was concluded. */
bool misled_concludes(struct cell *c, const struct step *failing);
/* A proxy's name that misleads one result misleads all that begin with it. */
void misled_inherit(struct judge *j);

/* --- experiments.c --- */

enum fate experiment_fate(const struct cell *c, enum experiment what);
/* The probe of an experiment, NULL when it was not made. */
const struct probe *experiment_probe(const struct cell *c, enum experiment what);
/* A tunnel to the address stood up at the hop of this tunnel step: what it lacks is the name. */
bool address_is_reached(const struct cell *c, const struct step *s);
/* The step of such a question that ended so; NULL. One is asked for each family. */
const struct step *step_by_address(const struct cell *c, const struct step *s,
                                   enum outcome outcome);
/* One for which the hop says nothing, though it connects to the name's other one; NULL. */
const struct step *silent_address(const struct cell *c, const struct step *s);
/* What an experiment shows of TLS in one step. */
enum fate fate_of_tls(const struct step *s);

/* The handshake with a large ClientHello, and what it says beside ours that passed. */
struct step *large_hello_step(const struct cell *c);
const char *large_hello_note(struct cell *c);

/* --- neighbour.c: what is wrong on the sensor's own link, and the kernel does not know --- */

/* The link-layer address that an entry made by hand gives the step's next router; NULL: none. */
const char *held_by_hand(const struct step *s);
/* Silence behind such a router, from where nothing at all came in this run; and silence where two
 * machines of the link claim an address that the way leads by. */
void neighbour_across(struct judge *j);
/* Was the latter said of the step? */
bool is_doubled(const struct judge *j, const struct step *s);

/* --- trace.c: where on the way silence begins --- */

/* Note the traces of the report, before any cell is judged. */
void trace_learn(struct judge *j);
/* The trace to this ADDR:PORT, whichever result it was made for; NULL. */
const struct step *trace_to(const struct judge *j, const char *address);
/* Are the two, "ADDR" and "ADDR" or "ADDR:PORT", in one network: IPv4 /24, IPv6 /64? */
bool in_network_of(const char *router, const char *address);
/* What it showed, as a part of a sentence; NULL when there is none. */
const char *trace_words(struct judge *j, const char *address);
/* The same about several steps as sentences of their own, or what to begin with; NULL. */
const char *trace_tell(struct judge *j, const struct step *const *about, size_t n, bool advise);
/* An ICMP error that refuses, which only the trace heard; NULL. */
const struct trace_hop *trace_refusal(const struct judge *j, const char *address);
/* The destination answered a later attempt. */
bool trace_was_answered(const struct judge *j, const char *address);

/* --- speaker.c: which hop wrote an answer --- */

struct speaker {
    const char *hop;
    bool certain;    /* false: nothing tells, it is the first hop by convention */
    const char *how; /* what told it */
};

/* Learn by which names the hops are known, before any cell is judged. */
void speaker_learn(struct judge *j);
/* Who wrote the answer in this tunnel step; never without a hop. */
struct speaker speaker_of(const struct cell *c, const struct step *s);
/* Does this hop pass requests on to a further one by its own configuration? */
bool hop_forwards(const struct cell *c, const char *hop);
/* What the machine that answered a CONNECT calls itself: a member behind a load balancer; or NULL.
 */
const char *speaker_node(struct judge *j, const struct step *s);
/* Where some tries pass: the node that answered every one that failed; NULL. */
const char *failing_node(const struct cell *c);
/* ... and the address at which every one failed and none passed, without port; NULL. */
const char *failing_address(const struct cell *c);

/* --- chain.c: proxies that are each other's parent, and one that does not use its own --- */

/* Is this the answer to a request that came back to a proxy which had passed it on? */
bool chain_went_round(const struct step *s);
/* Note what the answer in this tunnel step tells of the hop that was asked. */
void chain_learn(const struct step *s, struct hop_facts *f);
/* Do requests through the hop of this tunnel step go round in a circle of proxies? */
bool chain_is_circle(const struct judge *j, const struct step *s);
/* The leg on which a request through `hop` is sent back. */
const char *chain_circle_leg(const struct cell *c, const char *hop);
/* Did `hop`, which wrote this answer, try the endpoint itself, though a proxy is behind it? */
bool chain_goes_past(const struct cell *c, const struct step *s, const char *hop);
/* Is this cause, on a leg between two hops, one of the endpoint instead, for that reason? */
bool chain_is_passed_by(const struct judge *j, enum cause cause, const char *leg);

/* --- silence.c: a proxy that says nothing on a CONNECT --- */

/* A hop that gives its own page, and no CONNECT gets an answer, wherever to. `f` may be NULL. */
bool hangs_at_connect(const struct cell *c, const struct hop_facts *f);

/* A tunnel step that timed out; `hop` is the one that was asked. */
void silence_sieve(struct cell *c, struct step *s, const char *hop);
/* A repetition was answered in words: they are the result. False when there was none such. */
bool silence_is_broken(struct cell *c, const struct step *failing);
/* What one result's silence tells about another one's. */
void silence_across(struct judge *j);

/* --- clock.c --- */

/* Fill in j->clock, before any cell is judged. */
void clock_learn(struct judge *j);
/* Do two offsets of the clock, in seconds, differ by more than a stale Date or a long run explains?
 */
bool clock_differs(int64_t a_s, int64_t b_s);
/* Does the validity of this chain fail only because of our clock? The reason in *why. */
bool clock_is_wrong(const struct cell *c, const struct step *s, bool too_early, const char **why);
/* Seconds since 1970 of an HTTP Date (RFC 9110 section 5.6.7); INT64_MIN when it is none. */
int64_t clock_parse_http_date(const char *date);

/* --- intercept.c --- */

/* Collect good issuers and bad leaves, before any cell is judged. */
void intercept_learn(struct judge *j);
/* A name that only public authorities may vouch for. */
bool name_is_public(const struct endpoint *e);
struct interception {
    bool found;
    enum verdict verdict;
    const char *at;       /* hop or leg */
    const char *resigner; /* name of the issuer */
    const char *why;
};
/* Is the certificate of this TLS step somebody else's? docs/judgement.md has the table. */
struct interception intercept_of(const struct cell *c, const struct step *s);
/* How far a chain is believed: 3 public, 2 by this machine, 0 not at all. Time aside. */
int chain_rank(const struct tls_detail *d);

/* Does a chain that nobody believes look as if its server forgot an intermediate? */
bool chain_looks_incomplete(const struct tls_detail *d);
/* Is this the subject of a certificate that stands above a believed leaf somewhere in this run? */
bool issuer_is_known(const struct judge *j, const char *issuer);

/* --- crowd.c: what happened only because much was asked at the same time --- */

/* Count, after the steps were judged and before anything is concluded from them. */
void crowd_learn(struct judge *j);
const struct crowd *crowd_of(const struct cell *c); /* that of its route */
/* Were so many connections made on its route that a limit may have been met? */
bool crowd_is_one(const struct cell *c);
/* Was one met? Then crowd_words say so. */
bool crowd_met_a_limit(const struct cell *c);
/* For each route: to whom it failed over which family. Behind crowd_learn. */
void family_learn(struct judge *j);
/*
 * Of a finding about some addresses of endpoints: "IPv4" or "IPv6" where nobody on this result's
 * route connects over it, several endpoints have addresses of it, and all others work; or NULL.
 */
const char *family_of_finding(const struct cell *c, enum cause cause, const char *at);
const char *crowd_words(struct cell *c);
/* Is this ADDR:PORT (NULL: no) one of IPv6? */
bool address_is_v6(const char *address);
/* May a limit of connections show as this cause? */
bool cause_may_be_limit(enum cause cause);
/* Did this try fail so, or was only a later SYN of it answered? */
bool probe_was_turned_away(const struct judge *j, const struct probe *p);
/* Did this try fail, or have to wait, because of such a limit and of nothing else? */
bool crowd_excuses(const struct cell *c, const struct probe *p);
/* A connection that stood when a later SYN was answered: the first answer did not just take long.
 */
bool syn_went_unanswered(const struct step *s);

/* --- across.c: what one result tells about another one --- */

/* Results that experiments of others decide too; after each has been concluded by itself. */
void judge_across(struct judge *j);
/* A handshake's silent death as it looks without experiments: 0 to SYMPTOMS - 1; -1: it is none. */
enum { SYMPTOMS = 6 };
int symptom_of(const struct cell *c);

#endif
