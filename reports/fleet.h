/*
 * fleet: many reports as one: what is wrong where, how often, and who has to act.
 *
 * Takes little out of each report, which may be freed at once: hundreds of them never are in
 * memory together. Of several reports of one sensor (same site, same name) the newest counts.
 */
#ifndef HOPPROOF_REPORTS_FLEET_H
#define HOPPROOF_REPORTS_FLEET_H

#include "diag/model/report.h"
#include "reports/text.h"

#include <stddef.h>

struct arena;
struct buf;

/* One report. */
struct fleet_member {
    const char *file, *site, *sensor, *started, *sentence;
    enum verdict verdict;
    bool complete;
    bool superseded; /* a newer report of the same sensor is there */
    struct fleet_hit **hits;
    size_t n_hits;
    struct fleet_state **states;
    size_t n_states;
    bool has_checklist; /* the codes of its points: */
    const char **unmet; /* that a sign-off needs */
    size_t n_unmet;
    const char **to_look; /* that it needs too, and that cannot be seen from the sensor */
    size_t n_to_look;
    const char **remarks; /* unmet, for information */
    size_t n_remarks;
};

/* A finding of one report. */
struct fleet_hit {
    const char
        *key; /* what makes two findings the same: cause, place (the endpoint too), severity */
    const struct fleet_member *member;
    enum cause cause;
    enum severity severity;
    enum sensor_class sensor_class;
    const char *at, *owner, *title, *remedy;
    const char **endpoints; /* each once */
    size_t n_endpoints;
};

/* A required endpoint of one report: its worst result. */
struct fleet_state {
    const char *key; /* id of the endpoint */
    const struct fleet_member *member;
    enum verdict verdict;
};

/* A name and a number: endpoints of a finding, members of a site. */
struct fleet_count {
    const char *name;
    size_t n;
};

/* One finding in all reports that have it. */
struct fleet_finding {
    const struct fleet_hit *first; /* for what they have in common */
    const struct fleet_member **members;
    size_t n_members, n_sites;
    struct fleet_count *endpoints; /* most frequent first */
    size_t n_endpoints;
    bool remedies_differ; /* in the names and addresses that they hold */
};

/* Verdicts at a site, or of an endpoint, by enum verdict. */
struct fleet_tally {
    const char *name;
    size_t n[4];
};

struct fleet {
    struct arena *arena;
    struct fleet_member **members;
    size_t n_members;
    struct fleet_skipped {
        const char *file, *why;
    } * skipped;
    size_t n_skipped;
    /* from fleet_finish on: */
    struct fleet_finding *findings; /* worst first, then the one with most sensors */
    size_t n_findings;
    struct fleet_tally *sites, *endpoints; /* those with most failures first */
    size_t n_sites, n_endpoints;
    size_t counts[4]; /* members by enum verdict, superseded ones aside */
    size_t n_superseded, n_incomplete;
};

struct fleet *fleet_new(void);
void fleet_free(struct fleet *f);

/* What to change, and of whom that is said where the sensors' reports name different machines. */
void fleet_remedy(const struct fleet_finding *finding, struct buf *to);

/* A report from `file`; what is needed is copied. */
void fleet_add(struct fleet *f, const char *file, const struct report *r);

/* A file that was no report, and why. */
void fleet_skip(struct fleet *f, const char *file, const char *why);

/* Group; to be called once, after the last report. */
void fleet_finish(struct fleet *f);

/* The worst verdict of all members that count. */
enum verdict fleet_verdict(const struct fleet *f);

/* One sentence: how many sensors fail, the first reason, who must act. */
void fleet_sentence(const struct fleet *f, struct buf *to);

/* "site / sensor", or the file's name where the report names neither. */
void fleet_name(const struct fleet_member *m, struct buf *to);

/* The checklist of a report, into what is kept of it; for fleet_add. */
void fleet_take_points(struct fleet *f, struct fleet_member *m, const struct report *r);

/* "unmet: route; to look at: software": what stands between a sensor and its sign-off. */
void fleet_sign_off(const struct fleet_member *m, struct buf *to);

/* On a terminal; in one line; as a page of at most a megabyte. */
void fleet_text(const struct fleet *f, struct text_style style, struct buf *out);
void fleet_line(const struct fleet *f, struct text_style style, struct buf *out);
void fleet_html(const struct fleet *f, struct buf *out);

#endif
