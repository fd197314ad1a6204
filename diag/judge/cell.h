/*
 * cell: what the judge holds of a report while it works: routes as paths, results with their steps
 * in order (cells), and what was learned of the hops, the clock and the certificates. No judgement
 * is in it.
 */
#ifndef HOPPROOF_JUDGE_CELL_H
#define HOPPROOF_JUDGE_CELL_H

#include "diag/judge/judge.h"
#include "diag/model/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    const char *passes_on_to;        /* a hop behind it answers even for a loopback address */
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

#endif
