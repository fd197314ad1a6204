/*
 * few: a small report for tests of drawing: one endpoint, a required route and one for
 * information, a result for each.
 */
#ifndef HOPPROOF_TESTS_FEW_H
#define HOPPROOF_TESTS_FEW_H

#include "diag/base/arena.h"
#include "diag/model/report.h"

#include <string.h>

static inline struct result *few_result(struct report *r, size_t endpoint, size_t route)
{
    struct result *result = report_new_of(r, result);

    result->of_endpoint = r->endpoints[endpoint];
    result->of_route = r->routes[route];
    result->endpoint = result->of_endpoint->id;
    result->route = result->of_route->id;
    result->required = result->of_route->required;
    result->verdict = VERDICT_PASS;
    result->duration_us = 12345;
    list_push(r->arena, r->results, r->n_results, result);
    return result;
}

static inline struct endpoint *few_endpoint(struct report *r, const char *id)
{
    struct endpoint *e = report_new_of(r, endpoint);

    e->id = id;
    list_push(r->arena, r->endpoints, r->n_endpoints, e);
    return e;
}

static inline struct report *few_report(void)
{
    static const char *const routes[] = {"proxy", "direct"};
    struct report *r = report_new();

    r->run->complete = true;
    few_endpoint(r, "a.example:443");
    for (size_t i = 0; i < 2; i++) {
        struct route *route = report_new_of(r, route);

        route->id = routes[i];
        route->required = i == 0;
        list_push(r->arena, r->routes, r->n_routes, route);
        few_result(r, 0, i);
    }
    return r;
}

static inline size_t few_times(const char *s, const char *part)
{
    size_t n = 0;

    for (; (s = strstr(s, part)) != NULL; s++)
        n++;
    return n;
}

#endif
