/*
 * sieve: what the files of the judge share: a result with its steps in order (a cell), what was
 * learned of the hops, the clock and the certificates, and how a sieve speaks.
 *
 * A sieve looks at one step and says verdict, cause, place and a short note. Its blocks stand most
 * specific first; each is one cause, and says why. What needs other steps (experiments, other
 * results, other routes) is learned before the sieves run, so that a block can ask for it.
 */
#ifndef HOPPROOF_JUDGE_SIEVE_H
#define HOPPROOF_JUDGE_SIEVE_H

#include "diag/judge/judge.h"
#include "diag/model/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* The stations of a route, and the legs between them as text. */
struct path {
    const struct route *route;
    const char **stations; /* "sensor", hops, "endpoint" */
    const char **legs;     /* legs[i] leads from stations[i] to stations[i + 1] */
    size_t n_legs;
    size_t passed;   /* results on it that pass, known when texts are written */
    size_t believed; /* results on it whose certificate convinced somebody */
    bool beyond;     /* forwarded: somebody behind its own hop was heard on it */
};

/* One connection: the steps of a result that share a probe number. */
struct probe {
    int64_t number, attempt;
    enum experiment experiment; /* EXPERIMENT_NONE: a normal try */
    struct step **steps;
    size_t n;
    struct step *failing; /* the first step that is not a pass; NULL when all passed */
    enum verdict verdict; /* skip: it was not carried to its end */
};

/* What an experiment showed. */
enum fate {
    FATE_UNKNOWN, /* not made, or it failed before it could show anything */
    FATE_DIES,    /* as the normal try did, or another death without words */
    FATE_ANSWERS, /* the far side spoke TLS, if only to refuse */
    FATE_LIVES,   /* the handshake brought the certificate */
};

/* One result while it is judged. */
struct cell {
    struct judge *judge;
    struct result *result;
    size_t index; /* in the report */
    const struct path *path;
    struct step **resolves; /* of the normal tries */
    size_t n_resolves;
    struct step *over_tcp;  /* the experiment "dns-tcp"; NULL */
    struct step *unchecked; /* the experiment "dns-unchecked"; NULL */
    struct probe *probes;   /* normal tries and experiments, in order of their first step */
    size_t n_probes;
    const struct step *leaf;      /* TLS step that showed the endpoint's certificate; NULL */
    struct step *decisive;        /* the step that the conclusion rests on; NULL */
    const char *note;             /* the {detail} of texts */
    size_t tested, passed;        /* tries with a verdict, tries that passed */
    bool experimented;            /* a control experiment of TLS was made for it */
    const char *told_router;      /* who said so of the same address in another result; NULL */
    const struct cell *taught_by; /* the result whose experiments decided this one too; NULL */
    const char *shared_answer;    /* the unexpected address that several services get; NULL */
    const char *box; /* key of the box that answers for several, or of the portal; NULL */
};

/* What was learned of one hop. */
struct hop_facts {
    struct hop *hop;
    const char **names; /* by which it is known in Via, X-Cache, error pages */
    size_t n_names;
    bool is_proxy;                   /* it opened a tunnel or showed a proxy's headers */
    bool asked;                      /* it ever asked for credentials */
    bool served;                     /* it answered a CONNECT for good without asking */
    enum tri alive;                  /* it answers what it need not pass on */
    enum tri handles;                /* it answers a CONNECT to its own loopback address */
    enum tri page;                   /* it answers a request for a plain page behind it */
    bool denies_itself;              /* ... by its rules, before a helper was asked, maybe */
    enum tri speaks_tls;             /* though it is configured without */
    bool goes_round;                 /* what it was asked came back to it: a circle of parents */
    bool goes_past;                  /* it connects to endpoints itself, past the hop behind it */
    bool stuck_at_addresses;         /* it cannot forward (Squid) where there is no name either */
    const struct endpoint *answered; /* an endpoint for which it gave any answer */
    bool answered_others;            /* and for another one too */
};

/* What the run says about the local clock. */
struct clock_facts {
    bool known;       /* somebody told the time */
    bool weak;        /* only a proxy did */
    int64_t offset_s; /* local clock minus that time */
    const char *source;
    bool dated;             /* a server in the cloud told it (Date) */
    int64_t dated_offset_s; /* local clock minus what those tell */
    const char *dated_by;
    size_t failing[2]; /* different leaf certificates that fail by time: 0 expired, 1 too early */
    size_t valid;      /* different leaf certificates that are valid by the local clock */
};

/* What a silent resolver did when it was asked over TCP. */
enum tcp_word { TCP_UNASKED, TCP_ANSWERS, TCP_REFUSES, TCP_SILENT };

struct tcp_answer {
    const char *resolver; /* its address, as in the steps */
    enum tcp_word word;
};

/* What became of the connections of one route, many of which were made at the same time. */
struct crowd {
    size_t tries;       /* normal connections */
    size_t at_once;     /* of these, of the first round: the user may want several (--attempts) */
    size_t turned_away; /* of these, failed as at a limit, or only a later SYN was answered */
    size_t refused;     /* of these, failed */
    size_t recovered;   /* of those that were made again by themselves, passed at once */
    size_t relapsed;    /* ... and did not */
    bool stands[2];     /* somebody's connection does: over IPv4, over IPv6 */
    bool lossy;         /* other segments than SYNs were lost too */
    const char *failed_host[2]; /* an endpoint to which no connection over IPv4, IPv6 was made */
    bool failed_of_several[2];  /* there are others */
};

/* A finding that does not come from a result's verdict. */
struct remark {
    enum cause cause;
    const char *at, *note;
    enum severity severity;
    struct cell *cell; /* NULL: of no result */
    struct step *step;
};

struct judge {
    struct report *r;
    struct path *paths;        /* one for each route */
    struct cell *cells;        /* one for each result */
    struct cell **by_endpoint; /* sorted by endpoint, then index */
    struct hop_facts *hops;    /* one for each hop */
    struct crowd *crowds;      /* one for each route */
    struct clock_facts clock;
    bool public_answers;  /* some endpoint has a public address */
    bool reserved_works;  /* some endpoint works at an address for documentation */
    const char **portals; /* hosts that endpoints apart from each other are sent to */
    size_t n_portals;
    struct tcp_answer *over_tcp; /* one for each resolver that was asked so */
    size_t n_over_tcp;
    const char *
        *good_issuers; /* subjects of intermediates and anchors of believed chains, sorted */
    size_t n_good_issuers;
    struct cell **bad_leaves; /* cells with a leaf of an unknown issuer, sorted by issuer */
    size_t n_bad_leaves;
    const struct step **traces; /* the steps of the experiment trace */
    size_t n_traces;
    const struct step **own; /* what the sensor itself did, though it shows on a leg */
    size_t n_own;
    const struct step **near; /* refused by the first router or before it */
    size_t n_near;
    const struct step **doubled; /* silent, and two machines claim an address on its way */
    size_t n_doubled;
    struct remark *remarks;
    size_t n_remarks;
};

/* --- collect.c: from the report to cells --- */

/* Everything that the sieves may ask for; all conclusions of the report are wiped. */
void judge_collect(struct judge *j, struct report *r);

/* The last step of a probe. */
struct step *probe_last(const struct probe *p);

/* Other results of the same endpoint: first of `n` neighbours in by_endpoint. */
struct cell **cell_siblings(const struct cell *c, size_t *n);

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

/* --- connections.c, routes.c: from steps to connections, and from these to results --- */

/* A conclusion for every step, and with it a verdict for every probe. */
void cell_judge_steps(struct cell *c);
/* Verdict, cause and place of the result from those of its probes. */
void cell_conclude(struct cell *c);
/* The result is what this step says. */
void cell_set_from(struct cell *c, enum verdict verdict, struct step *s);

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

/* --- wishes.c, hops.c, text.c, evidence.c, write.c, findings.c --- */

/* The next experiments, in the arena; their number. */
size_t wishes_of(struct judge *j, struct wish **out);

/* hops.c: from_sensor and from_previous of every hop. */
void hops_conclude(struct judge *j);

/* ntp.c: the site's time servers. */
void ntp_conclude(struct judge *j);

/* method.c: what the site's connection method does not want, and what its set-up adds to texts. */
void method_conclude(struct judge *j);
/* "still connects to HUB": what the sensor's own traffic shows of the legacy hub, and in which
 * result; NULL where it shows nothing, or is hopproof's own. */
const char *method_hub_use(struct judge *j, struct cell **where);
/* A name that was looked up alone is no connection. */
bool connects(const struct result *x);
void method_add(struct judge *j, struct finding *f, const struct step *s);
/* Does it say that a proxy accepts connections and opens no tunnels, or not always? */
bool cause_of_member(enum cause cause);
/*
 * Does the route lead to the endpoint's own service, whatever that then answers? It works, or the
 * handshake brought the certificate and only its dates or the service's answer are wrong.
 */
bool reaches_service(const struct cell *c);
/* The site's first proxy, where the method puts it into Azure; NULL. */
const char *method_azure_hop(const struct judge *j);

/* checklist.c, after the findings: what the method and a migration ask for. */
void checklist_conclude(struct judge *j);

/* The result in one sentence. */
const char *text_summary(struct cell *c);
void cell_evidence(struct cell *c); /* what the result rests on, what was ruled out and by what */
void cell_write(struct cell *c);    /* summary, remedy, evidence, legs, retest */
/* The endpoint as texts about this step name it: on the way there a step may be about a hop, whose
 * name is looked up, or whose port an earlier hop is asked for. A copy; nothing is owned. */
struct endpoint subject_of(const struct cell *c, const struct step *s);
/* "ADDR:PORT" without the port; whatever else it is, as it is. */
const char *without_port(struct judge *j, const char *s);
/* Is the step's address the one that answered it? Behind a proxy it is only the first hop's. */
bool address_answers(const struct step *s);
/* "line 7 of /etc/hosts": where a resolve step from the hosts file comes from. */
const char *hosts_lines(struct judge *j, const struct step *s);
/* The explanation and the remedy of a cause at this place that rests on this step, of this cell
 * (both may be NULL). */
const char *explanation_pattern(const struct judge *j, const struct cell *c, enum cause cause,
                                const struct step *s, const char *at);
const char *remedy_pattern(const struct judge *j, const struct cell *c, enum cause cause,
                           const struct step *s, const char *at);
/* The type of the kernel's route to the step's address, where it is one that refuses packets:
 * "unreachable", "prohibit", "blackhole" (ip-route(8)); else NULL. */
const char *refusing_route(const struct step *s);
/* A text of cause.def with its placeholders filled in; `addresses` for {address} when it is about
 * several results, else NULL. */
const char *text_fill(struct judge *j, const char *pattern, const struct cell *c,
                      const struct step *s, const char *at, const char *note,
                      const char *addresses);
/* The {detail} of an explanation or a remedy about these steps: the note, or what traces tell. */
const char *text_detail(struct judge *j, enum cause cause, const char *note,
                        const struct step *const *about, size_t n, bool remedy);
/* box.c: the boxes that answer in the place of several endpoints; fills cell.box. */
void boxes_find(struct judge *j);

void findings_conclude(struct judge *j);
/* Did the proxy say that it cannot get to the next one, whose port refuses the sensor as well? */
bool refuses_everybody(const struct judge *j, enum cause cause, const char *at);
/* Did the next station take the proxy's connection and break it? */
bool broke_behind(enum cause cause, const struct step *s);
/* Is it a portal that answers in the endpoint's place? */
bool is_portal_page(const struct cell *c, enum cause cause, const struct step *s);
/* Does somebody else show a certificate of his own in the place of a public service? */
bool is_own_certificate(const struct cell *c, enum cause cause, const char *at);
/* Who has to act, and the sensor's own class of it, at this place. */
const char *owner_of(struct judge *j, enum cause cause, const char *at, const struct step *s);

#endif
