/* Proxy credentials: the examples of the RFCs, odd passwords, and what cannot be answered. */
#include "diag/base/arena.h"
#include "diag/base/secret.h"
#include "probes/auth.h"
#include "tests/unit/support.h"

/* One answer to the challenges of up to two fields. */
struct asked {
    const char *field, *field2;
    const char *user, *password, *method, *target, *cnonce;
    unsigned nc;
};

static enum auth_result answer(const struct asked *q, struct auth *out)
{
    struct secret *password = secret_new(q->password, strlen(q->password));
    struct auth_request request = {.user = q->user,
                                   .password = password,
                                   .method = q->method,
                                   .target = q->target,
                                   .cnonce = q->cnonce,
                                   .nc = q->nc};
    struct challenges offered = {.n = 0};
    struct arena *a = arena_new();
    enum auth_result result;

    challenges_add(a, q->field, &offered);
    if (q->field2 != NULL)
        challenges_add(a, q->field2, &offered);
    result = auth_answer(&offered, &request, out);
    arena_free(a);
    secret_free(password);
    return result;
}

START_TEST(basic_is_what_rfc_7617_shows)
{
    static const struct {
        const char *user, *password, *value;
    } cases[] = {
        {"Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"test", "123\xc2\xa3", "Basic dGVzdDoxMjPCow=="},
        {"sensor", "p@ss:w#rd% /\xc3\xbc ", "Basic c2Vuc29yOnBAc3M6dyNyZCUgL8O8IA=="},
        {"", "x", "Basic Ong="},
        {"x", "", "Basic eDo="},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct asked q = {.field = "Basic realm=\"WallyWorld\"",
                          .user = cases[i].user,
                          .password = cases[i].password,
                          .method = "CONNECT",
                          .target = "a.example:443",
                          .cnonce = "0"};
        struct auth auth = {.len = 0};

        ck_assert_int_eq(answer(&q, &auth), AUTH_OK);
        ck_assert_str_eq(auth.scheme, "Basic");
        ck_assert_str_eq(auth.value, cases[i].value);
        ck_assert_uint_eq(auth.len, strlen(auth.value));
        auth_free(&auth);
        ck_assert_ptr_null(auth.value);
        auth_free(&auth);
    }
}
END_TEST

#define RFC7616_CHALLENGE                                                                          \
    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=%s, "               \
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "                                     \
    "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""

START_TEST(digest_is_what_rfc_7616_shows)
{
    static const struct {
        const char *algorithm, *response;
    } cases[] = {
        {"MD5", "response=\"8ca523f5e9506fed4657c9700eebdbec\""},
        {"SHA-256",
         "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char field[512];
        struct asked q = {.field = field,
                          .user = "Mufasa",
                          .password = "Circle of Life",
                          .method = "GET",
                          .target = "/dir/index.html",
                          .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                          .nc = 1};
        struct auth auth;

        snprintf(field, sizeof field, RFC7616_CHALLENGE, cases[i].algorithm);
        ck_assert_int_eq(answer(&q, &auth), AUTH_OK);
        ck_assert_str_eq(auth.scheme, "Digest");
        ck_assert_msg(strstr(auth.value, cases[i].response) != NULL, "%s", auth.value);
        ck_assert_ptr_nonnull(strstr(auth.value, "username=\"Mufasa\", realm=\"http-auth@"));
        ck_assert_ptr_nonnull(strstr(auth.value, ", uri=\"/dir/index.html\", algorithm="));
        ck_assert_ptr_nonnull(strstr(auth.value, ", nc=00000001, cnonce=\"f2/wE4q74E6z"));
        ck_assert_ptr_nonnull(strstr(auth.value, ", qop=auth, "));
        ck_assert_ptr_nonnull(strstr(auth.value, ", opaque=\"FQhe/qaU925kfnzjCev0ciny7Q"));
        auth_free(&auth);
    }
}
END_TEST

START_TEST(older_and_newer_digests_are_answered)
{
    static const struct {
        struct asked q;
        const char *parts[4];
    } cases[] = {
        /* RFC 2617 section 3.5 */
        {{"Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
          "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
          NULL, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b", 1},
         {"response=\"6629fae49393a05397450978507c4ef1\"", "realm=\"testrealm@host.com\", uri="}},
        /* RFC 2069 section 2.4, with its erratum: no qop, no cnonce */
        {{"Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
          "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
          NULL, "Mufasa", "CircleOfLife", "GET", "/dir/index.html", "unused", 1},
         {"response=\"1949323746fe6a43ef61f9606e7febea\"", "opaque=\"5ccc069c403ebaf9f0171e95"}},
        /* RFC 7616 section 3.9.2 with the hash of its erratum 4897; response by other means */
        {{"Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
          "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", charset=UTF-8, userhash=true",
          NULL, "J\xc3\xa4s\xc3\xb8n Doe", "Secret, or not?", "GET", "/doe.json",
          "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", 1},
         {"username=\"793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b\"",
          "response=\"7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c\"",
          ", userhash=true"}},
        /* computed with another implementation */
        {{"Digest realm=\"plant \\\"north\\\" \\\\ 1\", nonce=abc==, qop=auth, algorithm=md5-SESS",
          NULL, "sensor", "p@ss:w#rd% /\xc3\xbc", "CONNECT", "contoso.azure-devices.net:443",
          "0123", 1},
         {"response=\"fd1cc7fa1be31cbfece49bae2cea473b\"", "algorithm=MD5-sess",
          "realm=\"plant \\\"north\\\" \\\\ 1\"", "nonce=\"abc==\""}},
        {{"Digest realm=\"plant \\\"north\\\" \\\\ 1\", nonce=abc==, qop=auth, "
          "algorithm=SHA-256-sess",
          NULL, "sensor", "p@ss:w#rd% /\xc3\xbc", "CONNECT", "contoso.azure-devices.net:443",
          "0123", 1},
         {"response=\"7a0ad3c77e60d6e2f175954083eb275d15f27818e8ffb2f8a2e1d8794ca004b9\""}},
        {{"Digest realm=\"plant \\\"north\\\" \\\\ 1\", nonce=abc==, qop=\"auth-int,auth\"", NULL,
          "sensor", "p@ss:w#rd% /\xc3\xbc", "CONNECT", "contoso.azure-devices.net:443", "0123", 10},
         {"response=\"0c6a48b7cad5e6fa8dc7feb399c06022\"", "nc=0000000a"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct auth auth;

        ck_assert_int_eq(answer(&cases[i].q, &auth), AUTH_OK);
        for (size_t k = 0; k < 4 && cases[i].parts[k] != NULL; k++)
            ck_assert_msg(strstr(auth.value, cases[i].parts[k]) != NULL, "%s in %s",
                          cases[i].parts[k], auth.value);
        ck_assert_int_eq(strstr(auth.value, "cnonce=") != NULL,
                         strstr(cases[i].q.field, "qop") != NULL);
        auth_free(&auth);
    }
}
END_TEST

START_TEST(the_best_scheme_that_can_be_done_is_taken)
{
    static const struct {
        const char *field, *field2, *user;
        enum auth_result result;
        const char *begin;
    } cases[] = {
        {"Basic realm=x, Digest realm=x, nonce=y, qop=auth", NULL, "u", AUTH_OK, "Digest "},
        {"Digest realm=x, nonce=md5, qop=auth",
         "Digest realm=x, nonce=sha, qop=auth, algorithm=SHA-256", "u", AUTH_OK,
         "Digest username=\"u\", realm=\"x\", uri=\"a:443\", algorithm=SHA-256, nonce=\"sha\""},
        {"Digest realm=x, nonce=y, algorithm=SHA-1, Basic realm=x", NULL, "u", AUTH_OK, "Basic "},
        {"Digest realm=x, nonce=y, qop=auth-int, Basic realm=x", NULL, "u", AUTH_OK, "Basic "},
        {"Digest realm=x, nonce=y, algorithm=MD5-sess", "Basic", "u", AUTH_OK, "Basic "},
        {"Digest realm=x, qop=auth", NULL, "u", AUTH_NO_SCHEME, NULL},
        {"Digest nonce=x, qop=auth", NULL, "u", AUTH_NO_SCHEME, NULL},
        {"Negotiate, NTLM", NULL, "u", AUTH_NO_SCHEME, NULL},
        {"Negotiate, NTLM", "BASIC realm=x", "u", AUTH_OK, "Basic "},
        {"Basic realm=x", NULL, "domain:user", AUTH_UNUSABLE, NULL},
        {"Basic realm=x, Digest realm=x, nonce=y, qop=auth", NULL, "domain:user", AUTH_OK,
         "Digest username=\"domain:user\""},
        {"Digest realm=x, nonce=y, qop=auth", NULL, "CORP\\user", AUTH_OK,
         "Digest username=\"CORP\\\\user\""},
        {"Basic realm=x", NULL, "user\r\nX: y", AUTH_UNUSABLE, NULL},
        {"Digest realm=x, nonce=y, qop=auth", NULL, "us\ner", AUTH_UNUSABLE, NULL},
        {"", NULL, "u", AUTH_NO_SCHEME, NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct asked q = {.field = cases[i].field,
                          .field2 = cases[i].field2,
                          .user = cases[i].user,
                          .password = "p",
                          .method = "CONNECT",
                          .target = "a:443",
                          .cnonce = "c",
                          .nc = 1};
        struct auth auth = {.len = 0};

        ck_assert_msg(answer(&q, &auth) == cases[i].result, "%s", cases[i].field);
        if (cases[i].begin != NULL)
            ck_assert_msg(strncmp(auth.value, cases[i].begin, strlen(cases[i].begin)) == 0, "%s",
                          auth.value);
        else
            ck_assert_ptr_null(auth.value);
        auth_free(&auth);
    }
}
END_TEST

START_TEST(the_longest_texts_fit)
{
    static char user[4000], realm[8000], field[8200];
    struct asked q = {.field = field,
                      .user = user,
                      .password = "p",
                      .method = "CONNECT",
                      .target = "a:443",
                      .cnonce = "c",
                      .nc = 0xffffffff};
    struct auth auth;

    memset(user, '"', sizeof user - 1);
    memset(realm, '\\', sizeof realm - 2); /* an even number: pairs */
    snprintf(field, sizeof field, "Digest realm=\"%s\", nonce=y, qop=auth", realm);
    ck_assert_int_eq(answer(&q, &auth), AUTH_OK);
    ck_assert_uint_gt(auth.len, 2 * (sizeof user - 1) + sizeof realm - 2);
    auth_free(&auth);
}
END_TEST

START_TEST(a_stale_nonce_is_told)
{
    struct challenges offered = {.n = 0};
    struct arena *a = arena_new();

    challenges_add(a, "Negotiate, NTLM, negotiate", &offered);
    challenges_add(a, "Basic realm=x, stale=true", &offered);
    ck_assert(!auth_stale(&offered));
    challenges_add(a, "Digest realm=x, nonce=y, stale=false", &offered);
    ck_assert(!auth_stale(&offered));
    challenges_add(a, "Digest realm=x, nonce=y, stale=TRUE", &offered);
    ck_assert(auth_stale(&offered));
    arena_free(a);
}
END_TEST

START_TEST(client_nonces_differ)
{
    char one[AUTH_CNONCE_ROOM], two[AUTH_CNONCE_ROOM];

    ck_assert(auth_cnonce(one) && auth_cnonce(two));
    ck_assert_uint_eq(strlen(one), AUTH_CNONCE_ROOM - 1);
    ck_assert_str_ne(one, two);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        basic_is_what_rfc_7617_shows,
        digest_is_what_rfc_7616_shows,
        older_and_newer_digests_are_answered,
        the_best_scheme_that_can_be_done_is_taken,
        the_longest_texts_fit,
        a_stale_nonce_is_told,
        client_nonces_differ,
    };

    return run_suite("auth", tests, ARRAY_LEN(tests));
}
