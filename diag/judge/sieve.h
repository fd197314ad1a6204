/*
 * sieve: how one step is judged, and how a sieve speaks.
 *
 * A sieve looks at one step and says verdict, cause, place and a short note. Its blocks stand most
 * specific first; each is one cause, and says why. What needs other steps (experiments, other
 * results, other routes) is learned before the sieves run (learned.h), so that a block can ask for
 * it.
 */
#ifndef HOPPROOF_JUDGE_SIEVE_H
#define HOPPROOF_JUDGE_SIEVE_H

#include "diag/judge/cell.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * BLOCK("name") stands in front of the condition of each block. The tests' build can switch single
 * blocks off, to show that some case notices (tests/judge/mutate), and exchange neighbours
 * (judge_swapped, in copies that tests/judge/swap.py writes).
 */
#ifdef JUDGE_HOOKS
bool judge_block(const char *name);
bool judge_swapped(const char *pair);
#define BLOCK(name) judge_block(name)
#else
#define BLOCK(name) true
#endif

/* --- speak.c: how a sieve says what it found; places on the path --- */

/* The step's conclusion; the last one said counts. A pass and a skip have no cause. `at`: a place
 * of contract section 1, NULL for the first leg; `note`: the {detail} of the texts, in the arena,
 * or NULL. say_fail is the usual case. */
void say_pass(struct step *s);
void say_skip(struct step *s);
void say(struct cell *c, struct step *s, enum verdict verdict, enum cause cause, const char *at,
         const char *note);
void say_fail(struct cell *c, struct step *s, enum cause cause, const char *at, const char *note);
/* The same of what the sensor's own system does to its packets: the place stays the leg, but the
 * sensor's administrator has to act. Whoever says something else of the step takes it back. */
void say_own(struct cell *c, struct step *s, enum cause cause, const char *at, const char *note);
bool is_own(const struct judge *j, const struct step *s);
/* Is it read from a recording of the sensor's own traffic? A check's connections are hopproof's. */
bool is_recording(const struct judge *j);
/* Is it one of these? NULL is none. */
bool is_among(const struct step *const *steps, size_t n, const struct step *s);

/* printf into the report's arena. */
const char *text(struct judge *j, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What is said of an interface (its name, or NULL) without a link; `route` as in the details: a
 * stopped interface has lost its routes, one without a carrier keeps them. */
const char *link_down_words(struct judge *j, const char *interface, const char *route);
bool link_was_down(const struct step *s); /* says this step (may be NULL) that of its interface? */

/* The legs at both ends of the result's path, as "from>to". */
const char *first_leg(const struct cell *c);
const char *last_leg(const struct cell *c);
/* The leg that leaves a station, the leg that leads to it; NULL when the path has none. */
const char *leg_after(const struct cell *c, const char *station);
const char *leg_into(const struct cell *c, const char *station);
/* The station behind another one on the path, or NULL. */
const char *station_after(const struct cell *c, const char *station);

/* The hop that a TLS or tunnel step talks to; NULL when it is the endpoint. */
const char *step_hop(const struct cell *c, const struct probe *p, const struct step *s);

bool same_text(const char *a, const char *b);   /* both there, and equal */
bool has_text(const char *s, const char *part); /* there, and contains it, in any case */
/* What is known of the hop of this name; NULL when there is no such hop. */
struct hop_facts *facts_of_hop(const struct judge *j, const char *name);
/* Did it deny the sensor's every request for a tunnel, to several endpoints? Then its rules may be
 * about who asks, and not for what. */
bool hop_denies_all(const struct judge *j, const char *hop);
/* The sensor's own address on the way of this result; NULL. */
const char *client_of(const struct cell *c);
/* The conclusion that a step is still without: outcome none, cancelled, our own error. */
bool not_tried(const struct step *s);
/* A finding beside the results' own; the struct is copied. */
void remark(struct judge *j, struct remark remark);

/* --- the sieves: each says one step's conclusion from its outcome and details --- */

void dns_sieve(struct cell *c, struct step *s);
/* The part of it that reads an answer with addresses. */
void dns_judge_answer(struct cell *c, struct step *s, const struct dns_detail *d);
void tcp_sieve(struct cell *c, struct step *s);
/* Did the target itself, with no router before it, not answer on the link (ARP, RFC 826)? */
bool is_missed_on_link(const struct step *s);
/* Does the sensor have a way and an address, and no free port to start from (ip(7))? */
bool lacks_port(const struct step *s);
void proxy_sieve(struct cell *c, struct probe *p, struct step *s);
void tls_sieve(struct cell *c, struct probe *p, struct step *s);
/* Was the connection refused by the first router or before it, as the reset's TTL has it? */
bool is_near_reset(const struct judge *j, const struct step *s);
/*
 * Where the handshake of this step died: on the last leg, unless what was said there was sent again
 * and never acknowledged (RFC 9293 section 3.8.1): then it did not even reach the first station.
 */
const char *leg_of_death(const struct cell *c, const struct step *s);
/* A handshake without an answer on a connection of which the server hears only the SYN. */
bool tls_is_one_way(const struct cell *c, const struct step *s);
/* Was this death in the handshake, by the experiments for it or for its like, one of TLS 1.3? */
bool tls_dies_of_13(const struct cell *c, enum cause cause);
/* The trust anchor on this machine that ends this step's chain, where it has expired; or NULL. */
const char *cert_expired_anchor(const struct step *s);
void cert_sieve(struct cell *c, struct step *s, const char *hop);
void app_sieve(struct cell *c, struct step *s);
/* The same of the experiments app-amqp and app-page; the warning that follows on a pass. */
void app_more_sieve(struct cell *c, struct step *s);
bool app_warns(struct cell *c, struct step **s, const char **note);

/* revocation.c: a URL that was not to be had where another one of the same server was: then the
 * result fails of that, true; and the warnings about all that fail, after everything else. */
bool revocation_lacks(struct cell *c);
void revocation_warns(struct judge *j);

/* idle.c: the last step of an idle connection and of its control; the warning that follows from
 * both; a few words about one that is no reason to warn, or NULL. */
void idle_sieve(struct cell *c, struct step *s);
bool idle_warns(struct cell *c, struct step **s, const char **at, const char **note);
const char *idle_words(const struct cell *c);
long long idle_seconds(const struct cell *c); /* how long it was left alone; 0: it was not */

/* Refine one failing step, and warn about a passing result, by what the packets say. */
void wire_refine(struct cell *c, struct step *s);
void wire_conclude(struct judge *j); /* packets that left past the proxy where nothing passed */
bool wire_warns(struct cell *c, struct step **s, enum cause *cause, const char **at,
                const char **note);

/*
 * portal.c: a redirect of somebody else in the place of a server without TLS. Where it leads, NULL
 * when it is none; the same as a verdict, for a step that passes. Who leads where is learned first.
 */
void portal_learn(struct judge *j);
const char *portal_of(const struct cell *c, const struct step *s);
void portal_sieve(struct cell *c, struct step *s);

/* dns.c: the step whose answer the system would use; a failing one when there is no answer. */
struct step *dns_decisive(const struct cell *c);
bool dns_is_private(const char *address);             /* link-local too */
bool dns_is_in_other_tag(const struct dns_detail *d); /* the first address, in any tag at all */
/* Is this ADDR:PORT one that a DNS filter put into the answer, with others or alone? */
bool dns_leads_to_sinkhole(const struct cell *c, const char *address);
/* True with the filter as the result's cause: it took some of the name's addresses away, and nobody
 * connects to the others. On a site with one family only, that is the name blocked. */
bool dns_sinkhole_concludes(struct cell *c, const struct step *failing);
/* Learn what silent resolvers said over TCP; what this one (address of a step) said. */
void dns_learn(struct judge *j);
/* Has the server an answer, and refuses it because its DNSSEC validation fails? And does it say
 * that signatures are out of date (which may be its clock's fault)? */
bool dns_fails_to_validate(const struct cell *c);
bool dns_finds_signatures_out_of_date(const struct cell *c);
/*
 * wrong_answer.c: which of the wrong answers are one matter (the key of a finding), NULL for other
 * causes. Answers that several services share have to be found first.
 */
void dns_find_shared_answers(struct judge *j);
/* Are these endpoints services of different kinds, which Azure never puts at one address? */
bool are_services_apart(const struct cell *a, const struct cell *b);
const char *dns_wrong_answer(const struct cell *c, enum cause cause, const struct step *s);
/* Does the server answer over UDP from another address than it was asked at? */
bool dns_answers_from_elsewhere(const struct step *s);

/* Does the server that this step asked seem to limit the questions of one client in a second? */
bool dns_limits_questions(const struct judge *j, const struct step *s);
enum tcp_word dns_over_tcp(const struct judge *j, const char *resolver);
/* Remarks and warnings about the other resolvers. True with a step that is worth a warning. */
bool dns_warns(struct cell *c, struct step **out);

/* --- private_link.c: names of Azure resources that have a private endpoint --- */

/* The canonical name that a private endpoint gives a resource, in public DNS too; NULL. */
const char *private_link_of(const struct dns_detail *d);
/* Why this resolve step gave a public address; how two of them differ in kind. */
const char *private_link_why_public(struct cell *c, const struct step *s);
const char *private_link_why_both(struct cell *c, const struct step *used,
                                  const struct step *other);
/* Patterns for text_fill about an unexpected address; NULL where it is no matter of these. */
const char *private_link_explanation(const struct cell *c, const struct step *s);
const char *private_link_remedy(const struct cell *c, const struct step *s);

#endif
