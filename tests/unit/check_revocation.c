/* What revocation servers answer: lists and responses, their beginnings, and what stands in their
 * place. */
#include "diag/proto/revocation.h"
#include "tests/unit/support.h"

/* A list with a version and one without; OCSP "successful" with its first octets, "unauthorized"
 * alone. */
static const uint8_t list_v2[] = {0x30, 0x12, 0x30, 0x10, 0x02, 0x01, 0x01, 0x30, 0x0b, 0x06,
                                  0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
static const uint8_t list_v1[] = {0x30, 0x81, 0x07, 0x30, 0x05, 0x30, 0x03, 0x06, 0x01, 0x2a};
static const uint8_t good[] = {0x30, 0x07, 0x0a, 0x01, 0x00, 0xa0, 0x02, 0x30, 0x00};
static const uint8_t unauthorized[] = {0x30, 0x03, 0x0a, 0x01, 0x06};
static const uint8_t certificate[] = {0x30, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x02, 0x01, 0x02};
static const uint8_t endless[] = {0x30, 0x80, 0x30, 0x80, 0x30, 0x80, 0x06, 0x01};
static const uint8_t huge[] = {0x30, 0x85, 1, 0, 0, 0, 0, 0x30, 0x03, 0x30, 0x01, 0x06, 0x00};
static const uint8_t status_seven[] = {0x30, 0x03, 0x0a, 0x01, 0x07};

#define BYTES(a) a, sizeof a

static const struct {
    const char *what;
    const void *body;
    size_t len;
    bool crl, ocsp;
} bodies[] = {
    {"list, version 2", BYTES(list_v2), true, false},
    {"list, version 1", BYTES(list_v1), true, false},
    {"OCSP, successful", BYTES(good), false, true},
    {"OCSP, unauthorized", BYTES(unauthorized), false, true},
    {"OCSP, no such status", BYTES(status_seven), false, false},
    {"certificate", BYTES(certificate), false, false},
    {"indefinite lengths are no DER", BYTES(endless), false, false},
    {"a length of 5 octets", BYTES(huge), false, false},
    {"page", "<html><title>Blocked</title>", 28, false, false},
    {"page that begins with a zero", "0x<html>", 8, false, false},
    {"nothing", "", 0, false, false},
};

START_TEST(lists_and_responses_are_told_from_pages)
{
    bool crl = revocation_is_crl(bodies[_i].body, bodies[_i].len, true);
    bool ocsp = revocation_is_ocsp(bodies[_i].body, bodies[_i].len, true);

    ck_assert_msg(crl == bodies[_i].crl && ocsp == bodies[_i].ocsp, "%s", bodies[_i].what);
}
END_TEST

/* No octet behind the end is read, and a part is never the whole. */
START_TEST(every_beginning_is_safe)
{
    struct guard g = guard_new(64);

    for (size_t len = 0; len < bodies[_i].len; len++) {
        const uint8_t *cut = guard_put(&g, bodies[_i].body, len);

        ck_assert(!revocation_is_crl(cut, len, true) && !revocation_is_ocsp(cut, len, true));
        (void)revocation_is_crl(cut, len, false);
        (void)revocation_is_ocsp(cut, len, false);
    }
    guard_free(&g);
}
END_TEST

START_TEST(the_beginning_of_a_long_list_will_do)
{
    uint8_t body[300] = {0x30, 0x83, 0x10, 0, 0, 0x30, 0x83, 0x0f, 0, 0, 0x30, 0x0d, 0x06, 0x09};

    ck_assert(revocation_is_crl(body, sizeof body, false));
    ck_assert(!revocation_is_crl(body, sizeof body, true));
    body[2] = 0; /* shorter than what came: not one list */
    body[3] = 0;
    body[4] = 9;
    ck_assert(!revocation_is_crl(body, sizeof body, false));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("revocation");
    TCase *tc = tcase_create("revocation");
    int n = (int)(sizeof bodies / sizeof bodies[0]);

    tcase_add_loop_test(tc, lists_and_responses_are_told_from_pages, 0, n);
    tcase_add_loop_test(tc, every_beginning_is_safe, 0, n);
    tcase_add_test(tc, the_beginning_of_a_long_list_will_do);
    return run_case(suite, tc);
}
