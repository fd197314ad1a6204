/*
 * conclude: from the steps' conclusions to those of connections, results, hops, findings and
 * checklist, and to the words of all of them.
 */
#ifndef HOPPROOF_JUDGE_CONCLUDE_H
#define HOPPROOF_JUDGE_CONCLUDE_H

#include "diag/judge/cell.h"

#include <stdbool.h>
#include <stddef.h>

/* --- connections.c, routes.c: from steps to connections, and from these to results --- */

/* A conclusion for every step, and with it a verdict for every probe. */
void cell_judge_steps(struct cell *c);
/* Verdict, cause and place of the result from those of its probes. */
void cell_conclude(struct cell *c);
/* The result is what this step says. */
void cell_set_from(struct cell *c, enum verdict verdict, struct step *s);

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
/* Is one certificate shown in the place of several public services? */
bool is_one_certificate(const struct cell *c, enum cause cause);
/* Does somebody else show a certificate of his own in the place of a public service? */
bool is_own_certificate(const struct cell *c, enum cause cause, const char *at);
/* Who has to act, and the sensor's own class of it, at this place. */
const char *owner_of(struct judge *j, enum cause cause, const char *at, const struct step *s);

#endif
