/*
 * What analyze makes of captures in which somebody asked for very much: names of one address,
 * repeats of one question. Work is counted in comparisons, results in entries; nothing is timed.
 */
#include "diag/base/arena.h"
#include "diag/proto/dns.h"
#include "diag/reenact.h"
#include "diag/sighting_state.h"
#include "tests/unit/support.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MANY = 50000, FEW = 200 /* comparisons, for a look-up in MANY */ };

static size_t compared;

int __real_strcasecmp(const char *a, const char *b);
int __wrap_strcasecmp(const char *a, const char *b);
int __wrap_strcasecmp(const char *a, const char *b)
{
    compared++;
    return __real_strcasecmp(a, b);
}

bool __real_dns_same_name(const char *a, const char *b);
bool __wrap_dns_same_name(const char *a, const char *b);
bool __wrap_dns_same_name(const char *a, const char *b)
{
    compared++;
    return __real_dns_same_name(a, b);
}

int __real_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n)
{
    compared++;
    return __real_memcmp(a, b, n);
}

static struct arena *arena;
static struct wire_file file;
static struct wire_flow datagrams;
static struct site site;
static struct sighting sighting;
static struct addr blocked; /* the address that a filter gives for everything */

static void set_up(void)
{
    arena = arena_new();
    file = (struct wire_file){.arena = arena};
    site = (struct site){0};
    sighting = (struct sighting){.site = &site, .arena = arena, .file = &file};
    sighting.hosts = arena_alloc(arena, SIGHT_HOSTS * sizeof *sighting.hosts);
    sighting.ends = arena_alloc(arena, SIGHT_ENDS * sizeof *sighting.ends);
    ck_assert(addr_parse("192.0.2.1", &blocked));
}

static void tear_down(void)
{
    arena_free(arena);
}

/* One more exchange of A for the name, answered with the address. */
static void ask(const char *name)
{
    struct wire_dns *d = arena_new_of(arena, struct wire_dns);

    d->name = name;
    d->type = DNS_A;
    d->queries = 1;
    d->answered = true;
    d->ttl = -1;
    d->ask_frame = (uint32_t)file.n_dns + 1;
    d->client = d->server = blocked;
    d->client.port = (uint16_t)(1024 + file.n_dns);
    d->flow = &datagrams;
    list_push(arena, d->addresses, d->n_addresses, blocked);
    list_push(arena, file.dns, file.n_dns, d);
}

static const char *name_of(size_t i)
{
    return arena_printf(arena, "n%zu.example", (i * 7919) % MANY);
}

START_TEST(a_name_among_many_of_one_address_is_found_by_halves)
{
    bool is_one;

    for (size_t i = 0; i < MANY; i++)
        ask(name_of(i));
    sighting_names(&sighting);
    ck_assert_uint_eq(sighting.n_names, MANY);
    compared = 0;
    ck_assert_str_eq(sighting_name_of(&sighting, &blocked, "N777.example.", &is_one), name_of(0));
    ck_assert(is_one);
    sighting_name_of(&sighting, &blocked, "n777", &is_one); /* a label, with a domain behind it */
    ck_assert(is_one);
    sighting_name_of(&sighting, &blocked, "other.example", &is_one);
    ck_assert(!is_one);
    sighting_name_of(&sighting, &blocked, "exampl", &is_one);
    ck_assert(!is_one);
    ck_assert_uint_le(compared, 4 * FEW);
}
END_TEST

START_TEST(an_address_that_nobody_asked_for_has_no_name)
{
    struct addr other;
    bool is_one;

    ck_assert(addr_parse("192.0.2.2", &other));
    ck_assert_ptr_null(sighting_name_of(&sighting, &other, "a.example", &is_one));
    ask("a.example");
    sighting_names(&sighting);
    ck_assert_ptr_null(sighting_name_of(&sighting, &other, "a.example", &is_one));
    ck_assert(!is_one);
}
END_TEST

START_TEST(equal_answers_are_one_entry)
{
    for (size_t i = 0; i < 1000; i++)
        ask(i % 2 == 0 ? "www.example" : "WWW.Example");
    sighting_names(&sighting);
    ck_assert_uint_eq(sighting.n_names, 1);
}
END_TEST

/* A client that a proxy refused a tunnel to each of these names. */
static void refuse(const char *const *names, size_t n)
{
    struct wire_flow *flows = arena_alloc(arena, n * sizeof *flows);

    ck_assert_uint_le(n, WIRE_CHUNK);
    for (size_t i = 0; i < n; i++) {
        struct wire_tunnel *t = arena_new_of(arena, struct wire_tunnel);

        t->target = arena_printf(arena, "%s:443", names[i]);
        t->status = 503;
        flows[i].talk = arena_new_of(arena, struct wire_talk);
        flows[i].talk->tunnels = t;
    }
    list_push(arena, file.chunks, file.n_flows, flows);
    file.n_flows = n;
}

START_TEST(a_failed_name_is_known_by_its_address_unless_several_are)
{
    enum { N = 2000 };
    const char *names[N];

    for (size_t i = 0; i < N; i++) {
        names[i] = name_of(i);
        ask(names[i]);
    }
    ask(names[0]); /* once more, with the same answer */
    refuse(names, N);
    sighting_names(&sighting);
    file.n_flows = 1; /* of all, the first only */
    sighting_failed_names(&sighting);
    ck_assert_uint_eq(sighting.n_failed, 1);
    ck_assert_str_eq(sighting_failed_name_at(&sighting, blocked, 443), names[0]);
    ck_assert_ptr_null(sighting_failed_name_at(&sighting, blocked, 8443));
    file.n_flows = N;
    sighting_failed_names(&sighting);
    ck_assert_uint_eq(sighting.n_failed, N);
    compared = 0;
    ck_assert_ptr_null(sighting_failed_name_at(&sighting, blocked, 443));
    ck_assert_uint_le(compared, FEW);
}
END_TEST

/* A recording may show a tunnel in as many others as its maker likes, and then ask for a page. */
START_TEST(more_tunnels_than_a_route_has_hops_are_no_route)
{
    struct wire_tunnel tunnels[SIGHT_HOPS], page = {.target = "http://www.example/"};
    struct wire_talk talk = {.tunnels = tunnels, .pages = &page};
    struct wire_flow flow = {.protocol = IPPROTO_TCP, .talk = &talk};
    struct aim aims[SIGHT_AIMS];

    memset(tunnels, 0, sizeof tunnels);
    flow.side[0].syns = 1;
    sighting.guess_proxies = true;
    for (size_t i = 0; i < SIGHT_HOPS; i++) {
        /* The last one leads back: to a proxy that is known. */
        tunnels[i].target = arena_printf(arena, "p%zu.example:3128", i % (SIGHT_HOPS - 1));
        tunnels[i].status = 200;
        tunnels[i].next = i + 1 < SIGHT_HOPS ? &tunnels[i + 1] : NULL;
    }
    ck_assert_uint_eq(sighting_aims(&sighting, &flow, aims), 1);
    ck_assert_uint_le(aims[0].n_hops, SIGHT_HOPS);
    ck_assert_ptr_nonnull(strstr(sighting_route(&sighting, &aims[0]), "hop8"));
}
END_TEST

START_TEST(of_many_repeats_of_a_question_a_few_ports_are_listed)
{
    struct reenact r = {.report = report_new(), .file = &file};
    struct result *result = report_new_of(r.report, result);

    for (size_t i = 0; i < 100; i++)
        ask("www.example");
    ck_assert_uint_eq(reenact_lookups(&r, "www.example", (const struct wire_dns *const *)file.dns,
                                      file.n_dns, result),
                      1);
    ck_assert_uint_eq(step_dns(result->steps[0])->n_lookups, 1);
    ck_assert_uint_eq(step_dns(result->steps[0])->lookups[0]->n_local_ports, 32);
    ck_assert_uint_eq(step_dns(result->steps[0])->n_addresses, 1);
    report_free(r.report);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sighting");
    TCase *tc = tcase_create("sighting");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_name_among_many_of_one_address_is_found_by_halves);
    tcase_add_test(tc, an_address_that_nobody_asked_for_has_no_name);
    tcase_add_test(tc, equal_answers_are_one_entry);
    tcase_add_test(tc, a_failed_name_is_known_by_its_address_unless_several_are);
    tcase_add_test(tc, more_tunnels_than_a_route_has_hops_are_no_route);
    tcase_add_test(tc, of_many_repeats_of_a_question_a_few_ports_are_listed);
    return run_case(suite, tc);
}
