/* DNS messages: what resolvers send, what they should not send, and every cut of both. */
#include "diag/proto/dns.h"
#include "tests/unit/support.h"

#include <netinet/in.h>

/* A message put together from literals: M("\x12\x34"); the NUL of a literal is left out. */
struct message {
    uint8_t b[4096];
    size_t n;
};

static void add(struct message *m, const char *bytes, size_t len)
{
    ck_assert_uint_le(m->n + len, sizeof m->b);
    memcpy(m->b + m->n, bytes, len);
    m->n += len;
}

#define M(literal) add(&m, literal, sizeof(literal) - 1)

/* contoso.azure-devices.net is at 12, "net" at 34; the records begin at 43. */
#define QUESTION(type) "\7contoso\15azure-devices\3net\0\0" type "\0\1"
#define HEADER(flags, answers, authority, additional)                                              \
    "\x12\x34" flags "\0\1\0" answers "\0" authority "\0" additional
#define OWNER              "\xc0\x0c"
#define IN_A(ttl)          "\0\1\0\1" ttl "\0\4"
#define IN_CNAME(ttl, len) "\0\5\0\1" ttl "\0" len

/* As a public resolver answers: an alias, its address, EDNS. */
static struct message iot_hub(void)
{
    struct message m = {.n = 0};

    M(HEADER("\x81\x80", "\2", "\0", "\1") QUESTION("\1"));
    M(OWNER IN_CNAME("\0\0\1\x2c", "\x1d") "\21ihsu-prod-ams-002\10cloudapp\xc0\x22");
    M("\xc0\x37" IN_A("\0\0\0\x0a") "\x14\x32\x01\x02");
    M("\0\0\x29\x04\xd0\0\0\0\0\0\0");
    return m;
}

static enum decode decode(const struct message *m, struct dns_message *out)
{
    struct guard g = guard_new(m->n);
    enum decode verdict = dns_decode(guard_put(&g, m->b, m->n), m->n, out);
    char ip[ADDR_TEXT];

    /* Nothing of the answer may point into the bytes. */
    guard_free(&g);
    for (size_t i = 0; i < out->n_addresses; i++)
        addr_text(&out->addresses[i], ip);
    for (size_t i = 0; i < out->n_cnames; i++)
        ck_assert_uint_gt(strlen(out->cnames[i]), 0);
    for (size_t i = 0; i < out->n_errors; i++)
        ck_assert_ptr_nonnull(out->errors[i].text);
    return verdict;
}

START_TEST(an_alias_leads_to_its_address)
{
    struct message m = iot_hub();
    struct dns_message d;
    char ip[ADDR_TEXT];

    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.id, 0x1234);
    ck_assert(d.response && d.rd && d.ra && !d.tc && !d.aa);
    ck_assert_uint_eq(d.rcode, DNS_NOERROR);
    ck_assert_str_eq(d.name, "contoso.azure-devices.net");
    ck_assert_uint_eq(d.type, DNS_A);
    ck_assert_uint_eq(d.n_cnames, 1);
    ck_assert_str_eq(d.cnames[0], "ihsu-prod-ams-002.cloudapp.net");
    ck_assert_uint_eq(d.n_addresses, 1);
    ck_assert_str_eq(addr_text(&d.addresses[0], ip), "20.50.1.2");
    ck_assert_int_eq(d.ttl, 10);
    ck_assert(d.edns && d.edns_udp_size == 1232 && !d.edns_do);
    ck_assert_uint_eq(d.strays, 0);
    ck_assert_uint_eq(d.trailing, 0);
    ck_assert(!d.more);
}
END_TEST

START_TEST(every_truncation_is_truncated_and_keeps_what_it_has)
{
    struct message whole = iot_hub();

    for (size_t len = 0; len < whole.n; len++) {
        struct message m = whole;
        struct dns_message d;

        m.n = len;
        ck_assert_msg(decode(&m, &d) == DECODE_TRUNCATED, "at %zu", len);
        ck_assert_int_eq(d.name != NULL, len >= 43);
        ck_assert_uint_eq(d.n_cnames, len >= 84);
        ck_assert_uint_eq(d.n_addresses, len >= 100);
    }
}
END_TEST

START_TEST(records_in_any_order_and_any_case_are_followed)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x80", "\4", "\0", "\0") QUESTION("\1"));
    M("\1b\0" IN_A("\0\0\0\x09") "\x14\0\0\1");
    M("\1A\0" IN_CNAME("\0\0\0\7", "\3") "\1B\0");
    M("\7CONTOSO\xc0\x14" IN_CNAME("\0\0\0\x08", "\3") "\1a\0");
    M("\5stray\0" IN_A("\0\0\0\1") "\x0a\0\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.n_cnames, 2);
    ck_assert_str_eq(d.cnames[0], "a");
    ck_assert_str_eq(d.cnames[1], "B");
    ck_assert_uint_eq(d.n_addresses, 1);
    ck_assert_int_eq(d.ttl, 7);
    ck_assert_uint_eq(d.strays, 1);
}
END_TEST

START_TEST(an_alias_loop_ends_without_addresses)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x80", "\3", "\0", "\0") QUESTION("\1"));
    M(OWNER IN_CNAME("\0\0\0\1", "\3") "\1x\0");
    M("\1x\0" IN_CNAME("\0\0\0\1", "\2") OWNER);
    M(OWNER IN_A("\0\0\0\1") "\x14\0\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert(d.cname_loop);
    ck_assert_uint_eq(d.n_cnames, 2);
    ck_assert_uint_eq(d.n_addresses, 0);
}
END_TEST

START_TEST(an_alias_of_itself_is_a_loop)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x80", "\1", "\0", "\0") QUESTION("\1") OWNER IN_CNAME("\0\0\0\1", "\2") OWNER);
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert(d.cname_loop);
}
END_TEST

START_TEST(long_chains_and_many_addresses_are_cut_and_said_so)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M("\x12\x34\x81\x80\0\1\0\x5a\0\0\0\0" QUESTION("\1"));
    M(OWNER IN_A("\0\0\0\1") "\x14\0\0\1");
    for (char i = 1; i < 0x5a; i++) {
        M(OWNER IN_A("\0\0\0\1") "\x14\0\0");
        add(&m, &i, 1);
    }
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.n_addresses, DNS_MAX_ADDRESSES);
    ck_assert(d.more);

    m.n = 0;
    M(HEADER("\x81\x80", "\x14", "\0", "\0") QUESTION("\1"));
    M(OWNER IN_CNAME("\0\0\0\1", "\3") "\1a\0");
    for (char c = 'a'; c < 'a' + 19; c++) {
        char next = (char)(c + 1);

        M("\1");
        add(&m, &c, 1);
        M("\0" IN_CNAME("\0\0\0\1", "\3") "\1");
        add(&m, &next, 1);
        M("\0");
    }
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.n_cnames, DNS_MAX_CNAMES);
    ck_assert(d.more && !d.cname_loop);
}
END_TEST

START_TEST(ipv6_addresses_are_read)
{
    struct message m = {.n = 0};
    struct dns_message d;
    char ip[ADDR_TEXT];

    M(HEADER("\x81\x80", "\1", "\0", "\0") QUESTION("\x1c"));
    M(OWNER "\0\x1c\0\1\0\0\0\x3c\0\x10"
            "\x26\x03\x10\x30\0\0\0\0\0\0\0\0\0\0\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_str_eq(addr_text(&d.addresses[0], ip), "2603:1030::1");
}
END_TEST

START_TEST(an_answer_without_records_tells_its_negative_ttl)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x83", "\0", "\1", "\0") QUESTION("\1"));
    M("\xc0\x14\0\6\0\1\0\0\x0e\x10\0\x21\3ns1\xc0\x14\4host\xc0\x14"
      "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\x3c");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.rcode, DNS_NXDOMAIN);
    ck_assert_int_eq(d.negative_ttl, 60);
    ck_assert_int_eq(d.ttl, -1);
}
END_TEST

START_TEST(edns_gives_the_extended_code_and_the_reason)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x85", "\0", "\0", "\1") QUESTION("\1"));
    M("\0\0\x29\x10\0\1\0\x80\0\0\x1a"
      "\0\x0a\0\4abcd"
      "\0\x0f\0\x08\0\x0fpolicy"
      "\0\x0f\0\2\0\x11");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.rcode, 0x15);
    ck_assert_str_eq(dns_rcode_name(d.rcode), "BADALG");
    ck_assert(d.edns_do && d.edns_udp_size == 4096 && d.edns_version == 0);
    ck_assert_uint_eq(d.n_errors, 2);
    ck_assert_uint_eq(d.errors[0].code, 15);
    ck_assert_str_eq(d.errors[0].text, "policy");
    ck_assert_str_eq(dns_error_name(d.errors[0].code), "Blocked");
    ck_assert_str_eq(d.errors[1].text, "");
    ck_assert_str_eq(dns_error_name(17), "Filtered");
}
END_TEST

START_TEST(contradictions_are_invalid)
{
    static const struct {
        const char *what, *answer;
        size_t len;
        char additional;
    } cases[] = {
#define CASE(what, literal) {what, literal, sizeof(literal) - 1, 0}
        CASE("an A of five octets", OWNER "\0\1\0\1\0\0\0\1\0\5"
                                          "\x14\0\0\1\1"),
        CASE("an A of three octets", OWNER "\0\1\0\1\0\0\0\1\0\3"
                                           "\x14\0\0"),
        CASE("an AAAA of four octets", OWNER "\0\x1c\0\1\0\0\0\1\0\4"
                                             "\x14\0\0\1"),
        CASE("an alias longer than its record", OWNER IN_CNAME("\0\0\0\1", "\2") "\1a\0"),
        CASE("an alias shorter than its record", OWNER IN_CNAME("\0\0\0\1", "\4") "\1a\0\0"),
        CASE("a pointer to itself", "\xc0\x2b" IN_A("\0\0\0\1") "\x14\0\0\1"),
        CASE("a pointer forward", "\xc0\x40" IN_A("\0\0\0\1") "\x14\0\0\1"
                                                              "\1a\0"),
        CASE("a pointer that comes back", "\1a\xc0\x2b" IN_A("\0\0\0\1") "\x14\0\0\1"),
        CASE("a label of an unknown kind", "\x40"
                                           "a\0" IN_A("\0\0\0\1") "\x14\0\0\1"),
        CASE("another one", "\x80"
                            "a\0" IN_A("\0\0\0\1") "\x14\0\0\1"),
#undef CASE
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct message m = {.n = 0};
        struct dns_message d;

        M(HEADER("\x81\x80", "\1", "\0", "\0") QUESTION("\1"));
        add(&m, cases[i].answer, cases[i].len);
        ck_assert_msg(decode(&m, &d) == DECODE_INVALID, "%s", cases[i].what);
        ck_assert_str_eq(d.name, "contoso.azure-devices.net");
        ck_assert_uint_eq(d.n_addresses, 0);
    }
}
END_TEST

START_TEST(a_pointer_names_what_stands_in_front_of_it)
{
    /* The label pointed at (45 octets from the "-" of the question on) ends in later records. */
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x80", "\2", "\0", "\0") QUESTION("\1"));
    M(OWNER IN_CNAME("\0\0\0\1", "\2") "\xc0\x1a");
    M("\1x\0" IN_A("\0\0\0\1") "\x14\0\0\1");
    ck_assert_uint_eq(m.b[0x1a], '-');
    ck_assert_int_eq(decode(&m, &d), DECODE_INVALID);
}
END_TEST

START_TEST(two_opt_records_are_invalid)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x80", "\0", "\0", "\2") QUESTION("\1"));
    M("\0\0\x29\x04\xd0\0\0\0\0\0\0"
      "\0\0\x29\x04\xd0\0\0\0\0\0\0");
    ck_assert_int_eq(decode(&m, &d), DECODE_INVALID);
    m.n = 0;
    M(HEADER("\x81\x80", "\0", "\0", "\1") QUESTION("\1"));
    M("\0\0\x29\x04\xd0\0\0\0\0\0\3"
      "\0\x0f\0");
    ck_assert_int_eq(decode(&m, &d), DECODE_INVALID);
}
END_TEST

START_TEST(a_name_of_255_octets_is_the_longest)
{
    struct message m = {.n = 0};
    struct dns_message d;
    char label[64];

    memset(label, 'x', sizeof label);
    label[0] = 63;
    M("\x12\x34\1\0\0\1\0\0\0\0\0\0");
    for (int i = 0; i < 3; i++)
        add(&m, label, 64);
    label[0] = 61;
    add(&m, label, 62);
    M("\0\0\1\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(strlen(d.name), 253);
    m.n -= 5 + 62;
    label[0] = 62;
    add(&m, label, 63);
    M("\0\0\1\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_INVALID);
    ck_assert_ptr_null(d.name);
}
END_TEST

START_TEST(names_from_outside_become_printable)
{
    struct message m = {.n = 0};
    struct dns_message d;
    uint8_t query[DNS_QUERY_ROOM];

    M("\x12\x34\1\0\0\1\0\0\0\0\0\0"
      "\11a.b\\c \"\xff;"
      "\1\0"
      "\0\0\1\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_str_eq(d.name, "a\\.b\\\\c\\032\\\"\\255\\;.\\000");
    /* ... and back to the same octets. */
    ck_assert_uint_eq(dns_query(query, 0x1234, d.name, 1, 0), m.n);
    ck_assert_mem_eq(query, m.b, m.n);
}
END_TEST

START_TEST(the_longest_escaped_name_fits)
{
    struct message m = {.n = 0};
    struct dns_message d;
    char label[64] = {63};

    M("\x12\x34\1\0\0\1\0\0\0\0\0\0");
    for (int i = 0; i < 3; i++)
        add(&m, label, 64);
    label[0] = 61;
    add(&m, label, 62);
    M("\0\0\1\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(strlen(d.name), 4 * 250 + 3);
    ck_assert_uint_lt(strlen(d.name), DNS_NAME_TEXT);
}
END_TEST

START_TEST(a_query_is_built_and_read_back)
{
    uint8_t query[DNS_QUERY_ROOM];
    struct dns_message d;
    size_t len = dns_query(query, 7, "contoso.azure-devices.net.", DNS_AAAA, 1232);

    ck_assert_uint_eq(len, 12 + 27 + 4 + 11);
    ck_assert_int_eq(dns_decode(query, len, &d), DECODE_OK);
    ck_assert(!d.response && d.rd && d.edns);
    ck_assert_str_eq(d.name, "contoso.azure-devices.net");
    ck_assert_uint_eq(d.type, DNS_AAAA);
    ck_assert_uint_eq(dns_query(query, 7, ".", DNS_NS, 0), 17);
}
END_TEST

START_TEST(what_is_no_name_makes_no_query)
{
    static const char *const names[] = {
        "",       "..",     ".a",
        "a..b",   "a\\",    "a\\25",
        "a\\256", "a\\2x5", "0123456789012345678901234567890123456789012345678901234567890123"};
    uint8_t query[DNS_QUERY_ROOM];
    char longest[300] = "";

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        ck_assert_msg(dns_query(query, 1, names[i], 1, 0) == 0, "%s", names[i]);
    for (size_t i = 0; i < 254; i += 2)
        strcat(longest, i == 252 ? "ab" : "a.");
    ck_assert_uint_eq(dns_query(query, 1, longest, 1, 0), 0);
    longest[253] = '\0';
    ck_assert_uint_eq(dns_query(query, 1, longest, 1, 4096), DNS_QUERY_ROOM);
}
END_TEST

START_TEST(names_are_the_same_in_either_case)
{
    ck_assert(dns_same_name("Contoso.Azure-Devices.NET.", "contoso.azure-devices.net"));
    ck_assert(dns_same_name("a\\046b", "a\\.b"));
    ck_assert(!dns_same_name("a.b", "a\\.b"));
    ck_assert(!dns_same_name("a", "b"));
    ck_assert(!dns_same_name("", ""));
}
END_TEST

START_TEST(hostile_counts_and_ttls_do_no_harm)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M("\x12\x34\x81\x80\0\1\xff\xff\xff\xff\xff\xff" QUESTION("\1"));
    M(OWNER IN_A("\xff\xff\xff\xff") "\x14\0\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_TRUNCATED);
    ck_assert_uint_eq(d.n_addresses, 1);
    ck_assert_int_eq(d.ttl, 0);
    m.n = 0;
    M(HEADER("\x81\x80", "\0", "\0", "\0") QUESTION("\1") "trailing");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.trailing, 8);
}
END_TEST

START_TEST(another_class_and_a_missing_question_give_no_addresses)
{
    struct message m = {.n = 0};
    struct dns_message d;

    M(HEADER("\x81\x80", "\1", "\0", "\0") QUESTION("\1") OWNER "\0\1\0\3\0\0\0\1\0\4"
                                                                "\x14\0\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_uint_eq(d.n_addresses, 0);
    m.n = 0;
    M("\x12\x34\x81\x80\0\0\0\1\0\0\0\0"
      "\1a\0" IN_A("\0\0\0\1") "\x14\0\0\1");
    ck_assert_int_eq(decode(&m, &d), DECODE_OK);
    ck_assert_ptr_null(d.name);
    ck_assert_uint_eq(d.n_addresses, 0);
    ck_assert_uint_eq(d.strays, 1);
}
END_TEST

START_TEST(a_refusal_is_its_header_whatever_stands_behind_it)
{
    /* Measured, Unbound 1.17 with "refuse_non_local": a question that is not counted. */
    static const uint8_t refused[] = {0x22, 0xa0, 0x81, 5,   0,   0,   0, 0, 0, 0, 0, 1, 7, 'e',
                                      'x',  'a',  'm',  'p', 'l', 'e', 0, 0, 1, 0, 1, 0, 0};
    static struct dns_message m;

    ck_assert_int_eq(dns_decode(refused, sizeof refused, &m), DECODE_OK);
    ck_assert_uint_eq(m.rcode, 5);
    ck_assert_uint_eq(m.id, 0x22a0);
}
END_TEST

START_TEST(damaged_messages_are_survived)
{
    struct message whole = iot_hub();
    struct guard g = guard_new(whole.n);
    uint32_t state = 1;

    for (int i = 0; i < 20000; i++) {
        uint8_t *p = guard_put(&g, whole.b, whole.n);
        static struct dns_message d;

        for (uint32_t k = chance(&state) % 6 + 1; k > 0; k--)
            p[chance(&state) % whole.n] = (uint8_t)chance(&state);
        if (dns_decode(p, whole.n, &d) == DECODE_OK && d.n_cnames > 0)
            ck_assert_uint_lt(strlen(d.cnames[0]), DNS_NAME_TEXT);
    }
    guard_free(&g);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_alias_leads_to_its_address,
        every_truncation_is_truncated_and_keeps_what_it_has,
        records_in_any_order_and_any_case_are_followed,
        an_alias_loop_ends_without_addresses,
        an_alias_of_itself_is_a_loop,
        long_chains_and_many_addresses_are_cut_and_said_so,
        ipv6_addresses_are_read,
        an_answer_without_records_tells_its_negative_ttl,
        edns_gives_the_extended_code_and_the_reason,
        contradictions_are_invalid,
        a_pointer_names_what_stands_in_front_of_it,
        two_opt_records_are_invalid,
        a_name_of_255_octets_is_the_longest,
        names_from_outside_become_printable,
        the_longest_escaped_name_fits,
        a_query_is_built_and_read_back,
        what_is_no_name_makes_no_query,
        names_are_the_same_in_either_case,
        hostile_counts_and_ttls_do_no_harm,
        another_class_and_a_missing_question_give_no_addresses,
        a_refusal_is_its_header_whatever_stands_behind_it,
        damaged_messages_are_survived,
    };

    return run_suite("dns", tests, ARRAY_LEN(tests));
}
