/* revocation, the plan: which hosts certificates make us ask. */
#include "diag/base/arena.h"
#include "diag/model/report.h"
#include "diag/revocation.h"
#include "tests/unit/support.h"

#include <stdbool.h>

/* A report with one result on a required route, whose server showed this certificate. */
static struct report *showing(struct cert *c)
{
    struct report *r = report_new();
    struct result *x = report_new_of(r, result);
    struct step *s = step_new(r, STEP_TLS);

    x->of_route = report_new_of(r, route);
    x->of_route->id = "direct";
    x->of_route->required = true;
    list_push(r->arena, r->routes, r->n_routes, x->of_route);
    s->target = "hub.example:443";
    list_push(r->arena, step_tls(s)->chain, step_tls(s)->n_chain, c);
    list_push(r->arena, x->steps, x->n_steps, s);
    list_push(r->arena, r->results, r->n_results, x);
    return r;
}

START_TEST(each_host_is_asked_once)
{
    static const char *crls[] = {"http://crl.example/a.crl", "http://CRL.example:80/b.crl",
                                 "ldap://crl.example/", "http://crl.example:8080/a.crl"};
    static const char *ocsp[] = {"http://ocsp.example"};
    struct cert c = {.crls = crls, .n_crls = ARRAY_LEN(crls), .ocsp = ocsp, .n_ocsp = 1};
    struct report *r = showing(&c);

    ck_assert_uint_eq(revocation_plan(r), 3);
    ck_assert_str_eq(r->endpoints[0]->id, "ocsp.example:80");
    ck_assert_str_eq(r->endpoints[1]->id, "crl.example:80");
    ck_assert_str_eq(r->endpoints[1]->path, "/a.crl");
    ck_assert_str_eq(r->endpoints[2]->id, "crl.example:8080");
    report_free(r);
}
END_TEST

/* A certificate may name as many as its maker likes. */
START_TEST(one_certificate_makes_us_ask_so_many_and_no_more)
{
    static char texts[200][40];
    static const char *urls[200];
    struct cert c = {.crls = urls, .n_crls = 100, .ocsp = urls + 100, .n_ocsp = 100};
    struct report *r = showing(&c);

    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        snprintf(texts[i], sizeof texts[i], "http://h%zu.example/", i);
        urls[i] = texts[i];
    }
    ck_assert_uint_eq(revocation_plan(r), 64);
    ck_assert_uint_eq(r->n_endpoints, 64);
    report_free(r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_host_is_asked_once,
                                  one_certificate_makes_us_ask_so_many_and_no_more};

    return run_suite("revocation_plan", tests, ARRAY_LEN(tests));
}
