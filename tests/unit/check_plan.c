/* The plan: which routes there are, which one decides, which legs they have; revocation hosts. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/plan.h"
#include "diag/revocation.h"
#include "tests/unit/support.h"

struct plan_case {
    const char *name;
    enum chain chain;
    size_t n_proxies;
    const char *routes[4]; /* asked for */
    const char *required;  /* asked for */
    const char *expect[6]; /* ids, in order; the required one ends in "!" */
    const char *legs;      /* of the required route */
    const char *method;
};

static const struct plan_case cases[] = {
    {"no proxy", CHAIN_FORWARDED, 0, {NULL}, NULL, {"direct!"}, "sensor>endpoint", NULL},
    {"one proxy",
     CHAIN_FORWARDED,
     1,
     {NULL},
     NULL,
     {"direct", "hop1!"},
     "sensor>hop1 hop1>endpoint",
     NULL},
    {"forwarded chain",
     CHAIN_FORWARDED,
     2,
     {NULL},
     NULL,
     {"direct", "hop1!", "hop2"},
     "sensor>hop1 hop1>hop2 hop2>endpoint",
     NULL},
    {"forwarded chain of three",
     CHAIN_FORWARDED,
     3,
     {NULL},
     NULL,
     {"direct", "hop1!", "hop2", "hop3"},
     "sensor>hop1 hop1>hop2 hop2>hop3 hop3>endpoint",
     NULL},
    {"nested chain",
     CHAIN_NESTED,
     2,
     {NULL},
     NULL,
     {"direct", "hop1", "hop1>hop2!"},
     "sensor>hop1 hop1>hop2 hop2>endpoint",
     NULL},
    {"another route is required",
     CHAIN_FORWARDED,
     1,
     {NULL},
     "direct",
     {"direct!", "hop1"},
     "sensor>endpoint",
     NULL},
    {"only one route",
     CHAIN_FORWARDED,
     2,
     {"hop2"},
     "hop2",
     {"hop2!"},
     "sensor>hop2 hop2>endpoint",
     NULL},
    {"the required route joins those asked for",
     CHAIN_NESTED,
     2,
     {"direct"},
     NULL,
     {"direct", "hop1>hop2!"},
     "sensor>hop1 hop1>hop2 hop2>endpoint",
     NULL},
    {"the direct method beside a proxy",
     CHAIN_FORWARDED,
     1,
     {NULL},
     NULL,
     {"direct!", "hop1"},
     "sensor>endpoint",
     "direct"},
    {"the direct method, and another route is required",
     CHAIN_FORWARDED,
     1,
     {NULL},
     "hop1",
     {"direct", "hop1!"},
     "sensor>hop1 hop1>endpoint",
     "direct"},
    {"another cloud, through a proxy",
     CHAIN_FORWARDED,
     1,
     {NULL},
     NULL,
     {"direct", "hop1!"},
     "sensor>hop1 hop1>endpoint",
     "multicloud"},
    {"another cloud, without one",
     CHAIN_FORWARDED,
     0,
     {NULL},
     NULL,
     {"direct!"},
     "sensor>endpoint",
     "multicloud"},
};

static const char *const hop_names[] = {"hop1", "hop2", "hop3"};

static struct report *plan(const struct plan_case *c, struct fault *f, int *result)
{
    struct report *r = report_new();
    struct site site = {
        .chain = c->chain, .required_route = c->required, .method = c->method, .attempts = 1};
    struct site_endpoint *e = arena_new_of(r->arena, struct site_endpoint);

    e->host = "contoso.azure-devices.net";
    e->port = 443;
    list_push(r->arena, site.endpoints, site.n_endpoints, e);
    for (size_t i = 0; i < c->n_proxies; i++) {
        struct site_proxy *p = arena_new_of(r->arena, struct site_proxy);

        p->name = hop_names[i];
        p->host = hop_names[i];
        p->port = 3128;
        list_push(r->arena, site.proxies, site.n_proxies, p);
    }
    for (size_t i = 0; c->routes[i] != NULL; i++)
        list_push(r->arena, site.routes, site.n_routes, c->routes[i]);
    *result = plan_make(&site, r, f);
    return r;
}

START_TEST(routes_are_those_of_the_contract)
{
    const struct plan_case *c = &cases[_i];
    struct fault f;
    int failed;
    struct report *r = plan(c, &f, &failed);
    const char *legs = "";
    size_t n = 0;

    ck_assert_int_eq(failed, 0);
    for (; c->expect[n] != NULL; n++) {
        ck_assert_msg(n < r->n_routes, "%s: %s is missing", c->name, c->expect[n]);
        ck_assert_str_eq(
            arena_printf(r->arena, "%s%s", r->routes[n]->id, r->routes[n]->required ? "!" : ""),
            c->expect[n]);
        if (!r->routes[n]->required)
            continue;
        ck_assert_str_eq(r->site->required_route, r->routes[n]->id);
        for (size_t k = 0; k < r->results[n]->n_legs; k++)
            legs = arena_printf(r->arena, "%s%s%s", legs, k > 0 ? " " : "",
                                leg_name(r, r->results[n]->legs[k]));
        ck_assert_str_eq(legs, c->legs);
    }
    ck_assert_uint_eq(r->n_routes, n);
    ck_assert_uint_eq(r->n_results, n);
    report_free(r);
}
END_TEST

START_TEST(a_route_over_an_unknown_proxy_is_refused)
{
    static const struct plan_case c = {"unknown", CHAIN_FORWARDED, 1,    {"hop9"},
                                       NULL,      {NULL},          NULL, NULL};
    struct fault f;
    int failed;
    struct report *r = plan(&c, &f, &failed);

    ck_assert_int_eq(failed, -1);
    ck_assert_ptr_nonnull(strstr(f.text, "hop9"));
    report_free(r);
}
END_TEST

START_TEST(revocation_hosts_are_asked_once_each)
{
    static const char *const urls[] = {
        "http://ocsp.digicert.com",      "http://OCSP.digicert.com/again",
        "http://crl.example.net:8080/a", "ldap://crl.example.net/",
        "http://user@evil.example/",     "http://[::1]/",
        "http://evil name.example/",     "http:///nothing",
        "http://x.example:99999/",       "http://bad.example/a b",
    };
    struct fault f;
    int failed;
    struct report *r = plan(&cases[0], &f, &failed);
    struct step *s = step_new(r, STEP_TLS);
    struct cert *c = report_new_of(r, cert);
    const char *list = "http://crl3.digicert.com/g2.crl?x=1#y";

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        list_push(r->arena, c->ocsp, c->n_ocsp, urls[i]);
    list_push(r->arena, c->crls, c->n_crls, list);
    c->ocsp_request = "MA+/=";
    step_tls(s)->trusted = TRI_YES;
    list_push(r->arena, step_tls(s)->chain, step_tls(s)->n_chain, c);
    list_push(r->arena, r->results[0]->steps, r->results[0]->n_steps, s);
    ck_assert_uint_eq(revocation_plan(r), 3);
    ck_assert_uint_eq(r->n_results, 4);
    ck_assert_str_eq(r->results[1]->endpoint, "ocsp.digicert.com:80");
    ck_assert_str_eq(r->results[2]->endpoint, "crl.example.net:8080");
    ck_assert_str_eq(r->results[3]->endpoint, "crl3.digicert.com:80");
    ck_assert_str_eq(r->results[1]->of_endpoint->path, "/MA%2B%2F%3D");
    ck_assert_str_eq(r->results[1]->of_endpoint->expects, "ocsp");
    ck_assert_str_eq(r->results[2]->of_endpoint->path, "/a/MA%2B%2F%3D");
    ck_assert_str_eq(r->results[3]->of_endpoint->path, "/g2.crl?x=1");
    ck_assert_str_eq(r->results[3]->of_endpoint->expects, "crl");
    ck_assert(r->results[1]->of_endpoint->optional && !r->results[1]->required);
    report_free(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tc = tcase_create("plan");

    tcase_add_loop_test(tc, routes_are_those_of_the_contract, 0,
                        (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tc, a_route_over_an_unknown_proxy_is_refused);
    tcase_add_test(tc, revocation_hosts_are_asked_once_each);
    return run_case(suite, tc);
}
