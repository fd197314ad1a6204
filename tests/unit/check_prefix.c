/* Prefixes and sets of them, against a model that counts single addresses. */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/prefix.h"
#include "tests/unit/support.h"

static struct prefix parse(const char *text)
{
    struct prefix p;

    ck_assert_msg(prefix_parse(text, &p), "%s", text);
    return p;
}

START_TEST(prefixes_are_read_and_written_back)
{
    static const struct {
        const char *text, *back;
        bool aligned;
    } cases[] = {
        {"192.0.2.0/24", "192.0.2.0/24", true},
        {"192.0.2.1/24", "192.0.2.1/24", false},
        {"192.0.2.1", "192.0.2.1/32", true},
        {"0.0.0.0/0", "0.0.0.0/0", true},
        {"128.0.0.0/1", "128.0.0.0/1", true},
        {"64.0.0.0/1", "64.0.0.0/1", false},
        {"10.0.0.2/31", "10.0.0.2/31", true},
        {"10.0.0.3/31", "10.0.0.3/31", false},
        {"2001:DB8::/32", "2001:db8::/32", true},
        {"2001:db8::1/127", "2001:db8::1/127", false},
        {"::/0", "::/0", true},
        {"2603:1030:d::/47", "2603:1030:d::/47", false},
        {"::1", "::1/128", true},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char to[PREFIX_TEXT];
        struct prefix p = parse(cases[i].text);

        ck_assert_str_eq(prefix_text(&p, to), cases[i].back);
        ck_assert_msg(prefix_is_aligned(&p) == cases[i].aligned, "%s", cases[i].text);
        prefix_align(&p);
        ck_assert(prefix_is_aligned(&p));
    }
}
END_TEST

START_TEST(what_is_no_prefix_leaves_the_target_alone)
{
    static const char *const texts[] = {
        "",
        "/",
        "/24",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0/24",
        "10.0.0.0/ 8",
        "10.0.0.0/8/8",
        "2001:db8::/129",
        "2001:db8::/0128",
        "::1%lo",
        "10.0.0.0/8 ",
        "any",
        "999.0.0.0/8",
        "2001:db8:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0/64",
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct prefix p = {.bits = 77};

        ck_assert_msg(!prefix_parse(texts[i], &p), "%s", texts[i]);
        ck_assert_uint_eq(p.bits, 77);
    }
}
END_TEST

START_TEST(a_mapped_address_is_its_ipv4_address)
{
    struct addr a;
    struct prefix p, q = parse("192.0.2.1");
    char to[PREFIX_TEXT];

    ck_assert(addr_parse("::ffff:192.0.2.1", &a));
    p = prefix_of_addr(&a);
    ck_assert_int_eq(prefix_compare(&p, &q), 0);
    ck_assert(addr_parse("2001:db8::7", &a));
    p = prefix_of_addr(&a);
    ck_assert_str_eq(prefix_text(&p, to), "2001:db8::7/128");
    ck_assert(addr_parse("198.51.100.7", &a));
    p = prefix_of_addr(&a);
    ck_assert_str_eq(prefix_text(&p, to), "198.51.100.7/32");
}
END_TEST

START_TEST(containment_needs_the_family_and_every_bit)
{
    static const struct {
        const char *outer, *inner;
        bool yes;
    } cases[] = {
        {"10.0.0.0/8", "10.255.255.255", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/9", "10.128.0.0/9", false},
        {"10.0.0.0/9", "10.0.0.0/8", false},
        {"10.0.0.0/9", "10.127.255.255/32", true},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "1.2.3.4", false},
        {"2603:1030:c::/47", "2603:1030:d::/48", true},
        {"2603:1030:c::/47", "2603:1030:e::/48", false},
        {"192.0.2.4/30", "192.0.2.7", true},
        {"192.0.2.4/30", "192.0.2.8", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.6", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct prefix outer = parse(cases[i].outer), inner = parse(cases[i].inner);

        ck_assert_msg(prefix_contains(&outer, &inner) == cases[i].yes, "%s %s", cases[i].outer,
                      cases[i].inner);
    }
}
END_TEST

/* --- the model: 256 addresses, each there or not --- */

struct model {
    bool has[256];
};

/* The last octet of a prefix within 203.0.113.0/24 or 2001:db8::/120, and how many it spans. */
static void add_to_model(struct model *m, const struct prefix *p)
{
    unsigned rest = (p->six ? 128U : 32U) - p->bits, first = p->ip[p->six ? 15 : 3];

    ck_assert_uint_le(rest, 8);
    for (unsigned i = 0; i < 1U << rest; i++)
        m->has[first + i] = true;
}

static struct prefix any_prefix(uint32_t *state, bool six)
{
    struct prefix p = parse(six ? "2001:db8::/120" : "203.0.113.0/24");

    p.ip[six ? 15 : 3] = (uint8_t)chance(state);
    p.bits = (uint8_t)(p.bits + chance(state) % 9);
    prefix_align(&p);
    return p;
}

static void is_proper(const struct prefix_set *s, const struct model *m)
{
    struct model seen = {0};
    size_t blocks = 0;

    for (size_t i = 0; i < s->n; i++) {
        ck_assert(prefix_is_aligned(&s->list[i]));
        if (i > 0) {
            ck_assert_int_lt(prefix_compare(&s->list[i - 1], &s->list[i]), 0);
            ck_assert(!prefix_contains(&s->list[i - 1], &s->list[i]));
        }
        add_to_model(&seen, &s->list[i]);
    }
    ck_assert_mem_eq(&seen, m, sizeof seen);
    /* The fewest prefixes: from each address not yet covered, the largest block that fits. */
    for (unsigned at = 0; at < 256;) {
        unsigned size = 1;

        if (!m->has[at]) {
            at++;
            continue;
        }
        for (unsigned next = 2; at % next == 0 && at + next <= 256; next *= 2) {
            bool full = true;

            for (unsigned i = 0; i < next; i++)
                full = full && m->has[at + i];
            if (!full)
                break;
            size = next;
        }
        blocks++;
        at += size;
    }
    ck_assert_uint_eq(s->n, blocks);
}

START_TEST(sets_are_what_the_model_says)
{
    uint32_t state = 4711;

    for (int round = 0; round < 3000; round++) {
        struct arena *a = arena_new();
        bool six = round % 2 == 1;
        struct prefix list[2][24];
        struct prefix_set s[2], rest;
        struct model m[2] = {0}, want;

        for (int k = 0; k < 2; k++) {
            size_t n = chance(&state) % 24;

            for (size_t i = 0; i < n; i++) {
                list[k][i] = any_prefix(&state, six);
                add_to_model(&m[k], &list[k][i]);
            }
            s[k] = prefix_merge(a, list[k], n);
            is_proper(&s[k], &m[k]);
        }
        for (int i = 0; i < 256; i++)
            want.has[i] = m[0].has[i] && !m[1].has[i];
        rest = prefix_subtract(a, &s[0], &s[1]);
        is_proper(&rest, &want);
        for (int i = 0; i < 20; i++) {
            struct prefix p = any_prefix(&state, six);
            struct model q = {0};
            bool all = true, some = false;

            add_to_model(&q, &p);
            for (int k = 0; k < 256; k++) {
                all = all && (!q.has[k] || m[0].has[k]);
                some = some || (q.has[k] && m[0].has[k]);
            }
            ck_assert_int_eq(prefix_set_contains(&s[0], &p), all);
            ck_assert_int_eq(prefix_set_overlaps(&s[0], &p), some);
        }
        arena_free(a);
    }
}
END_TEST

START_TEST(spans_are_what_the_model_says)
{
    uint32_t state = 815;

    for (int round = 0; round < 2000; round++) {
        struct arena *a = arena_new();
        bool six = round % 2 == 1;
        struct prefix low = any_prefix(&state, six), high = any_prefix(&state, six);
        unsigned octet = six ? 15 : 3;
        struct prefix_set s = prefix_span(a, &low, &high);
        struct model m = {0};

        for (unsigned i = low.ip[octet]; i <= high.ip[octet]; i++)
            m.has[i] = true;
        is_proper(&s, &m);
        arena_free(a);
    }
}
END_TEST

START_TEST(the_ends_of_the_address_space_hold)
{
    struct arena *a = arena_new();
    struct prefix halves[] = {parse("128.0.0.0/1"), parse("0.0.0.0/1"), parse("8000::/1"),
                              parse("::/1")};
    struct prefix_set all = prefix_merge(a, halves, 4), hole, rest;
    struct prefix one = parse("255.255.255.255"), first = parse("0.0.0.0"), six = parse("::");
    char to[PREFIX_TEXT];

    ck_assert_uint_eq(all.n, 2);
    ck_assert_str_eq(prefix_text(&all.list[0], to), "0.0.0.0/0");
    ck_assert_str_eq(prefix_text(&all.list[1], to), "::/0");
    ck_assert_uint_eq(prefix_set_addresses4(&all), UINT64_C(1) << 32);
    hole = prefix_merge(a, &one, 1);
    rest = prefix_subtract(a, &all, &hole);
    ck_assert_uint_eq(rest.n, 33);
    ck_assert_uint_eq(prefix_set_addresses4(&rest), (UINT64_C(1) << 32) - 1);
    ck_assert(prefix_set_contains(&rest, &first) && prefix_set_contains(&rest, &six));
    ck_assert(!prefix_set_contains(&rest, &one) && !prefix_set_overlaps(&rest, &one));
    rest = prefix_span(a, &first, &one);
    ck_assert_uint_eq(rest.n, 1);
    ck_assert_str_eq(prefix_text(&rest.list[0], to), "0.0.0.0/0");
    ck_assert_uint_eq(prefix_span(a, &one, &first).n, 0);
    ck_assert_uint_eq(prefix_span(a, &one, &six).n, 0);
    arena_free(a);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        prefixes_are_read_and_written_back,   what_is_no_prefix_leaves_the_target_alone,
        a_mapped_address_is_its_ipv4_address, containment_needs_the_family_and_every_bit,
        sets_are_what_the_model_says,         spans_are_what_the_model_says,
        the_ends_of_the_address_space_hold,
    };

    return run_suite("prefix", tests, ARRAY_LEN(tests));
}
