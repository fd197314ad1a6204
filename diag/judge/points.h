/*
 * points: how each point of checklist.def is seen, and what these functions share. Private to
 * judge/checklist.c and judge/points_*.c.
 */
#ifndef HOPPROOF_JUDGE_POINTS_H
#define HOPPROOF_JUDGE_POINTS_H

#include "diag/judge/cell.h"

/* evidence NULL: what checklist.def says. */
struct answer {
    enum point_state state;
    const char *evidence;
};

/* One function for each point. */
#define POINT(symbol, ...) struct answer point_##symbol(struct judge *j);
#define ELSEWHERE(...)
#include "diag/model/checklist.def"
#undef POINT
#undef ELSEWHERE

/* The results of one route for the endpoints that decide. */
struct tally {
    const struct route *route;
    size_t pass, fail, skip;
    const struct cell *first; /* that fails; NULL */
};

struct tally tally_of(const struct judge *j, const struct route *route);

/* "4 of 4 endpoints answer over hop1, each with a finished TLS handshake"; "1 of 4 fails directly:
 * NAME (cause at PLACE)". */
struct answer tally_answer(struct judge *j, const struct tally *t);

/* Why addresses are unseen although the service tags were read. */
const char *no_name_resolved(struct judge *j);

/* NULL when there is none. */
const struct route *direct_route(const struct judge *j);
const struct route *required_route(const struct judge *j);

/* Is it an endpoint that the new method has to reach? */
bool endpoint_decides(const struct judge *j, const struct endpoint *e);

/* The address to which the sensor's connection to its first hop was tried, without port; NULL. */
const char *first_hop_address(struct judge *j);
bool is_private(const char *address);

#endif
