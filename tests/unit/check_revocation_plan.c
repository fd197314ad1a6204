/* revocation, the plan: which hosts certificates make us ask. */
#include "diag/base/arena.h"
#include "diag/judge/judge.h"
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
    step_tls(s)->trusted = TRI_YES;
    list_push(r->arena, step_tls(s)->chain, step_tls(s)->n_chain, c);
    list_push(r->arena, x->steps, x->n_steps, s);
    list_push(r->arena, r->results, r->n_results, x);
    return r;
}

START_TEST(each_url_is_asked_for_once)
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
    ck_assert_uint_eq(r->endpoints[1]->n_also, 1);
    ck_assert_str_eq(r->endpoints[1]->also[0]->path, "/b.crl");
    ck_assert_str_eq(r->endpoints[1]->also[0]->expects, "crl");
    ck_assert_str_eq(r->endpoints[2]->id, "crl.example:8080");
    ck_assert_uint_eq(r->endpoints[2]->n_also, 0);
    ck_assert_uint_eq(r->run->n_notes, 0);
    report_free(r);
}
END_TEST

/* Somebody in between must not lead us to the site's own machines. */
START_TEST(what_nobody_vouches_for_sends_us_nowhere)
{
    static const char *urls[] = {"http://10.0.0.5/start?now"};
    struct cert c = {.crls = urls, .n_crls = 1, .ocsp = urls, .n_ocsp = 1};

    for (size_t i = 0; i < 5; i++) { /* the first time nobody does */
        struct report *r = showing(&c);
        struct tls_detail *d = step_tls(r->results[0]->steps[0]);
        enum tri *const by[] = {&d->trusted, &d->trusted_ignoring_time, &d->trusted_with_bridge,
                                &d->public_trust, &d->public_with_bridge};

        d->trusted = TRI_NO;
        *by[i] = i == 0 ? TRI_NO : TRI_YES;
        ck_assert_uint_eq(revocation_plan(r), i == 0 ? 0 : 1);
        ck_assert_uint_eq(r->run->n_notes, i == 0 ? 1 : 0);
        ck_assert(i > 0 || strstr(r->run->notes[0], "hub.example:443") != NULL);
        report_free(r);
    }
}
END_TEST

/* About each certificate the responder's URL is another one, and still the same to a filter. */
START_TEST(a_responder_is_asked_about_one_certificate)
{
    static const char *ocsp[] = {"http://ocsp.example/r", "http://ocsp.example/r/"};
    static const char *other[] = {"http://ocsp.example/s"};
    struct cert one = {.ocsp = ocsp, .n_ocsp = 2, .ocsp_request = "MEIw+/=="};
    struct cert two = {.ocsp = ocsp, .n_ocsp = 2, .ocsp_request = "MEIxAAAA"};
    struct cert three = {.ocsp = other, .n_ocsp = 1, .ocsp_request = "MEIy"};
    struct report *r = showing(&one);
    struct step *s = r->results[0]->steps[0];

    list_push(r->arena, step_tls(s)->chain, step_tls(s)->n_chain, &two);
    list_push(r->arena, step_tls(s)->chain, step_tls(s)->n_chain, &three);
    ck_assert_uint_eq(revocation_plan(r), 1);
    ck_assert_str_eq(r->endpoints[0]->path, "/r/MEIw%2B%2F%3D%3D");
    ck_assert_uint_eq(r->endpoints[0]->n_also, 1);
    ck_assert_str_eq(r->endpoints[0]->also[0]->path, "/s/MEIy");
    report_free(r);
}
END_TEST

/* Nothing is asked of a server that was not reached. */
START_TEST(further_urls_follow_where_the_first_was_asked_for)
{
    static const char *crls[] = {"http://crl.example/a.crl", "http://crl.example/b.crl"};
    struct cert c = {.crls = crls, .n_crls = 2};
    struct report *r = showing(&c);
    struct step *s = step_new(r, STEP_APP);
    struct wish *wishes;

    ck_assert_uint_eq(revocation_plan(r), 1);
    list_push(r->arena, r->results[1]->steps, r->results[1]->n_steps, s);
    ck_assert_uint_eq(revocation_further(r, &wishes), 0);
    s->outcome = OUTCOME_APP_UNEXPECTED;
    ck_assert_uint_eq(revocation_further(r, &wishes), 1);
    ck_assert(wishes[0].after == s && wishes[0].what == EXPERIMENT_OTHER_PATH);
    ck_assert_str_eq(wishes[0].question->path, "/b.crl");
    report_free(r);
}
END_TEST

START_TEST(one_server_is_asked_for_so_many_and_the_rest_is_said)
{
    static char texts[12][40];
    static const char *urls[12];
    struct cert c = {.crls = urls, .n_crls = 12};
    struct report *r = showing(&c);

    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        snprintf(texts[i], sizeof texts[i], "http://crl.example/%zu.crl", i);
        urls[i] = texts[i];
    }
    ck_assert_uint_eq(revocation_plan(r), 1);
    ck_assert_uint_eq(r->endpoints[0]->n_also, 7);
    ck_assert_uint_eq(r->run->n_notes, 1);
    ck_assert_ptr_nonnull(strstr(r->run->notes[0], "revocation: 4 further URLs"));
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
    const TTest *const tests[] = {each_url_is_asked_for_once,
                                  what_nobody_vouches_for_sends_us_nowhere,
                                  a_responder_is_asked_about_one_certificate,
                                  further_urls_follow_where_the_first_was_asked_for,
                                  one_server_is_asked_for_so_many_and_the_rest_is_said,
                                  one_certificate_makes_us_ask_so_many_and_no_more};

    return run_suite("revocation_plan", tests, ARRAY_LEN(tests));
}
