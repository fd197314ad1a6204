/* Fields of intermediaries and challenges, as seen in the wild and as meant to confuse. */
#include "diag/base/arena.h"
#include "diag/proto/fields.h"
#include "tests/unit/support.h"

static struct arena *arena;

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    arena_free(arena);
    arena = NULL;
}

START_TEST(via_names_the_first_and_the_last)
{
    static const struct {
        const char *value, *first, *last, *comment;
    } cases[] = {
        {"1.1 p1 (squid/5.7)", "p1", "p1", "squid/5.7"},
        {"1.1 p2 (squid/5.7), 1.1 p1 (squid/5.7)", "p2", "p1", "squid/5.7"},
        {"1.0 fred, 1.1 p.example.net:8080", "fred", "p.example.net:8080", NULL},
        {"HTTP/1.1 [2001:db8::1]:3128", "[2001:db8::1]:3128", "[2001:db8::1]:3128", NULL},
        {", 1.1  a\t(b, (c) \\) d) ,", "a", "a", "b, (c) \\) d"},
        {"1.1 a(b)", "a", "a", "b"},
    };

    set_up();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct via v;

        ck_assert_msg(via_first(arena, cases[i].value, &v), "%s", cases[i].value);
        ck_assert_str_eq(v.by, cases[i].first);
        ck_assert(via_last(arena, cases[i].value, &v));
        ck_assert_str_eq(v.by, cases[i].last);
        ck_assert_pstr_eq(v.comment, cases[i].comment);
    }
    tear_down();
}
END_TEST

START_TEST(what_is_no_via_is_refused)
{
    static const char *const values[] = {"",        " ",           ",,",       "1.1",
                                         "1.1 ",    "1.1,p1",      "1.1 a (b", "1.1 a (b\\",
                                         "1.1 a b", "1.1 a (b) c", "(x) 1.1 a"};

    set_up();
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        struct via v;

        ck_assert_msg(!via_last(arena, values[i], &v), "%s", values[i]);
    }
    tear_down();
}
END_TEST

START_TEST(x_cache_names_its_author)
{
    set_up();
    ck_assert_pstr_eq(x_cache_host(arena, "MISS from p1.example"), "p1.example");
    ck_assert_pstr_eq(x_cache_host(arena, "HIT from p1:3128, MISS from p2"), "p1:3128");
    ck_assert_pstr_eq(x_cache_host(arena, "  TCP_MISS  from  a23 (AkamaiGHost)"), "a23");
    ck_assert_ptr_null(x_cache_host(arena, "MISS"));
    ck_assert_ptr_null(x_cache_host(arena, "MISS from"));
    ck_assert_ptr_null(x_cache_host(arena, "MISS from "));
    ck_assert_ptr_null(x_cache_host(arena, "MISS fromage p1"));
    ck_assert_ptr_null(x_cache_host(arena, ""));
    tear_down();
}
END_TEST

START_TEST(proxy_status_tells_who_and_why)
{
    struct proxy_status p[4];

    set_up();
    ck_assert_uint_eq(
        proxy_status_parse(arena, "ExampleCDN; error=connection_timeout; details=\"a \\\"b\\\"\"",
                           p, 4),
        1);
    ck_assert_str_eq(p[0].name, "ExampleCDN");
    ck_assert_str_eq(p[0].error, "connection_timeout");
    ck_assert_str_eq(p[0].details, "a \"b\"");
    ck_assert_int_eq(p[0].received_status, -1);
    ck_assert_uint_eq(proxy_status_parse(arena,
                                         "r34.example.net; received-status=504;extra, \"p 1\";"
                                         "error=dns_error;rcode=\"NXDOMAIN\"; "
                                         "next-hop=\"192.0.2.1:443\" ,x;error=tls_alert_received;"
                                         "alert-id=40;blob=:aGk=:;flag=?1;n=-1.5",
                                         p, 4),
                      3);
    ck_assert_int_eq(p[0].received_status, 504);
    ck_assert_ptr_null(p[0].error);
    ck_assert_str_eq(p[1].name, "p 1");
    ck_assert_str_eq(p[1].rcode, "NXDOMAIN");
    ck_assert_str_eq(p[1].next_hop, "192.0.2.1:443");
    ck_assert_int_eq(p[2].alert_id, 40);
    ck_assert_uint_eq(proxy_status_parse(arena, "a,b,c,d,e", p, 2), 2);
    tear_down();
}
END_TEST

START_TEST(a_malformed_proxy_status_is_ignored_as_a_whole)
{
    static const char *const values[] = {
        "",           "a,",        ",a",          "a;",        "a;Error=x", "a;error=",
        "a;error=(",  "\"a",       "\"a\\b\"",    "\"a\xff\"", "a b",       "a;error=:x",
        "a;error=?2", "=;error=x", "a;error=x y", "(a b);x=1", "a;1x=y",    "a ;error=x",
    };
    struct proxy_status p[4];

    set_up();
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        ck_assert_msg(proxy_status_parse(arena, values[i], p, 4) == 0, "%s", values[i]);
    tear_down();
}
END_TEST

/* The list of challenges as text: SCHEME[token68]{name=value;...} separated by blanks. */
static const char *listed(const char *value)
{
    struct challenges c = {.n = 0};
    const char *out = "";

    challenges_add(arena, value, &c);
    for (size_t i = 0; i < c.n; i++) {
        const struct challenge *one = &c.list[i];

        out = arena_printf(arena, "%s%s%s", out, i > 0 ? " " : "", one->scheme);
        if (one->token68 != NULL)
            out = arena_printf(arena, "%s[%s]", out, one->token68);
        for (size_t k = 0; k < one->n_params; k++)
            out = arena_printf(arena, "%s{%s=%s}", out, one->params[k].name, one->params[k].value);
    }
    return c.malformed ? arena_printf(arena, "%s !", out) : out;
}

START_TEST(challenges_are_told_from_parameters)
{
    static const struct {
        const char *value, *expected;
    } cases[] = {
        {"", ""},
        {"Basic realm=\"x\"", "Basic{realm=x}"},
        {"Negotiate", "Negotiate"},
        {"Negotiate, NTLM", "Negotiate NTLM"},
        {"Negotiate abc+/=", "Negotiate[abc+/=]"},
        {"Negotiate abc==, Basic realm=x", "Negotiate[abc==] Basic{realm=x}"},
        {"Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
         "Newauth{realm=apps}{type=1}{title=Login to \"apps\"} Basic{realm=simple}"},
        {"Digest realm=\"a, b\", nonce=\"x==\", qop=\"auth,auth-int\", stale=FALSE, Basic",
         "Digest{realm=a, b}{nonce=x==}{qop=auth,auth-int}{stale=FALSE} Basic"},
        {", ,Basic realm = \"x\" , charset = \"UTF-8\" ,", "Basic{realm=x}{charset=UTF-8}"},
        {"Basic realm=", "Basic[realm=]"}, /* the grammar leaves no other reading */
        {"Basic realm=, charset=\"UTF-8\"", "Basic[realm=] !"},
        {"Basic realm=\"\"", "Basic{realm=}"},
        {"Digest nonce=abc/+==", "Digest{nonce=abc/+==}"},
        {"Digest realm=\"x\" nonce=\"y\"", "Digest{realm=x}{nonce=y}"},
        {"Basic realm=\"x\" Negotiate", "Basic{realm=x} !"},
        {"Basic realm=\"x", "Basic !"},
        {"Basic realm=\"x\\", "Basic !"},
        {"Basic \"x\"", "Basic !"},
        {"realm=\"x\"", " !"},
        {"\"x\"", " !"},
        {"Basic realm=\"x\", \"y\"", "Basic{realm=x} !"},
        {"Negotiate abc def", "Negotiate !"},
    };

    set_up();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = listed(cases[i].value);

        ck_assert_msg(strcmp(got, cases[i].expected) == 0, "%s: %s", cases[i].value, got);
    }
    tear_down();
}
END_TEST

START_TEST(challenges_of_several_fields_are_one_list)
{
    struct challenges c = {.n = 0};

    set_up();
    challenges_add(arena, "Negotiate , NTLM", &c);
    challenges_add(arena, "  Basic realm=\"x\" ", &c);
    ck_assert_uint_eq(c.n, 3);
    ck_assert_str_eq(c.list[0].text, "Negotiate");
    ck_assert_str_eq(c.list[2].text, "Basic realm=\"x\"");
    ck_assert_str_eq(challenge_param(&c.list[2], "REALM"), "x");
    ck_assert_ptr_null(challenge_param(&c.list[2], "charset"));
    ck_assert(!c.malformed);
    tear_down();
}
END_TEST

START_TEST(the_number_of_challenges_and_parameters_is_bounded)
{
    struct challenges c = {.n = 0};
    char value[4096] = "Digest ";

    set_up();
    for (int i = 0; i < 40; i++)
        strcat(value, "a=\"b\",");
    for (int i = 0; i < 40; i++)
        strcat(value, "Basic,");
    challenges_add(arena, value, &c);
    ck_assert_uint_eq(c.n, FIELDS_MAX_CHALLENGES);
    ck_assert_uint_eq(c.list[0].n_params, FIELDS_MAX_PARAMS);
    ck_assert(c.malformed);
    tear_down();
}
END_TEST

START_TEST(every_prefix_of_a_list_is_survived)
{
    static const char value[] = "Digest realm=\"a, \\\"b\\\"\", nonce=x, Negotiate a/b==, Basic";
    struct guard g = guard_new(sizeof value);

    set_up();
    for (size_t len = 0; len < sizeof value; len++) {
        char *p = (char *)guard_put(&g, value, len + 1);
        struct challenges c = {.n = 0};
        struct proxy_status status[2];
        struct via v;

        p[len] = '\0';
        challenges_add(arena, p, &c);
        ck_assert_uint_le(c.n, 3);
        via_last(arena, p, &v);
        proxy_status_parse(arena, p, status, 2);
        x_cache_host(arena, p);
    }
    guard_free(&g);
    tear_down();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        via_names_the_first_and_the_last,
        what_is_no_via_is_refused,
        x_cache_names_its_author,
        proxy_status_tells_who_and_why,
        a_malformed_proxy_status_is_ignored_as_a_whole,
        challenges_are_told_from_parameters,
        challenges_of_several_fields_are_one_list,
        the_number_of_challenges_and_parameters_is_bounded,
        every_prefix_of_a_list_is_survived,
    };

    return run_suite("fields", tests, ARRAY_LEN(tests));
}
