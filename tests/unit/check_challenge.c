/* Challenges of proxies, as seen in the wild and as meant to confuse. */
#include "diag/base/arena.h"
#include "diag/proto/challenge.h"
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
    ck_assert_uint_eq(c.n, CHALLENGES_MAX);
    ck_assert_uint_eq(c.list[0].n_params, CHALLENGE_MAX_PARAMS);
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

        p[len] = '\0';
        challenges_add(arena, p, &c);
        ck_assert_uint_le(c.n, 3);
    }
    guard_free(&g);
    tear_down();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        challenges_are_told_from_parameters,
        challenges_of_several_fields_are_one_list,
        the_number_of_challenges_and_parameters_is_bounded,
        every_prefix_of_a_list_is_survived,
    };

    return run_suite("challenge", tests, ARRAY_LEN(tests));
}
