/* Service tags files: what is read, what is refused and where, look-ups against a plain search. */
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/site/service_tags.h"
#include "tests/unit/support.h"

#include <string.h>

static const char small[] =
    "{\r\n"
    "  \"changeNumber\": 376,\r\n"
    "  \"cloud\": \"Public\",\r\n"
    "  \"values\": [\r\n"
    "    {\"name\": \"Storage\", \"id\": \"Storage\", \"properties\": {\"region\": \"\",\r\n"
    "      \"addressPrefixes\": [\"20.60.0.0/16\", \"2603:1030:c::/47\"], \"networkFeatures\": "
    "null}},\r\n"
    "    {\"name\": \"AzureCloud\", \"properties\": {\"region\": \"\",\r\n"
    "      \"addressPrefixes\": [\"20.0.0.0/8\", \"2603:1000::/24\"]}},\r\n"
    "    {\"name\": \"Storage.WestEurope\", \"properties\": {\"region\": \"westeurope\",\r\n"
    "      \"addressPrefixes\": [\"20.60.26.0/23\", \"20.60.27.0/24\", \"20.60.0.0/16\"]}},\r\n"
    "    {\"name\": \"Empty\", \"properties\": {\"addressPrefixes\": []}}\r\n"
    "  ]\r\n"
    "}\r\n";

static struct service_tags *parse(struct arena *a, const char *text, const char *label)
{
    struct service_tags *t = NULL;
    struct fault f = {""};

    ck_assert_msg(service_tags_parse(text, strlen(text), label, a, &t, &f) == 0, "%s", f.text);
    return t;
}

/* "NAME=PREFIX NAME=PREFIX" of an address. */
static const char *tags_of(struct arena *a, const struct service_tags *t, const char *address)
{
    struct tag_hit hits[64];
    struct prefix p;
    char prefix[PREFIX_TEXT];
    const char *text = "";
    size_t n;

    ck_assert(prefix_parse(address, &p));
    n = service_tags_lookup(t, &p, hits, ARRAY_LEN(hits));
    ck_assert_uint_le(n, ARRAY_LEN(hits));
    for (size_t i = 0; i < n; i++)
        text = arena_printf(a, "%s%s%s=%s", text, i > 0 ? " " : "", hits[i].tag->name,
                            prefix_text(hits[i].by, prefix));
    return text;
}

START_TEST(a_file_with_windows_line_ends_is_read)
{
    static const struct {
        const char *address, *tags;
    } cases[] = {
        {"20.60.27.1",
         "Storage.WestEurope=20.60.27.0/24 Storage=20.60.0.0/16 AzureCloud=20.0.0.0/8"},
        {"20.60.26.0/23",
         "Storage.WestEurope=20.60.26.0/23 Storage=20.60.0.0/16 AzureCloud=20.0.0.0/8"},
        {"20.60.30.1",
         "Storage=20.60.0.0/16 Storage.WestEurope=20.60.0.0/16 AzureCloud=20.0.0.0/8"},
        {"20.0.0.0", "AzureCloud=20.0.0.0/8"},
        {"20.0.0.0/7", ""},
        {"19.255.255.255", ""},
        {"21.0.0.0", ""},
        {"2603:1030:d:1::1", "Storage=2603:1030:c::/47 AzureCloud=2603:1000::/24"},
        {"2603:1030:e::1", "AzureCloud=2603:1000::/24"},
        {"::", ""},
        {"0.0.0.0", ""},
        {"ffff:ffff::", ""},
    };
    struct arena *a = arena_new();
    struct service_tags *t = parse(a, small, "x/ServiceTags_Public_20251110.json");
    char date[16];

    ck_assert_int_eq(t->change_number, 376);
    ck_assert_str_eq(t->cloud, "Public");
    ck_assert_int_eq(t->of, AZURE_PUBLIC);
    ck_assert_int_eq(t->name_says, AZURE_PUBLIC);
    ck_assert_str_eq(service_tags_date(t->published_s, date), "2025-11-10");
    ck_assert_uint_eq(t->n_tags, 4);
    ck_assert_uint_eq(t->n_prefixes, 7);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_str_eq(tags_of(a, t, cases[i].address), cases[i].tags);
    arena_free(a);
}
END_TEST

START_TEST(more_hits_than_room_are_counted)
{
    struct arena *a = arena_new();
    struct service_tags *t = parse(a, small, "f.json");
    struct tag_hit one;
    struct prefix p;

    ck_assert(prefix_parse("20.60.30.1", &p));
    ck_assert_uint_eq(service_tags_lookup(t, &p, &one, 1), 3);
    ck_assert_str_eq(one.tag->name, "Storage");
    arena_free(a);
}
END_TEST

START_TEST(tags_are_found_in_any_case_and_near_misses_are_named)
{
    struct arena *a = arena_new();
    struct service_tags *t = parse(a, small, "f.json");
    struct fault f;

    ck_assert_str_eq(service_tags_find(t, "storage.westeurope", &f)->name, "Storage.WestEurope");
    ck_assert_ptr_null(service_tags_find(t, "Storage.WestEurop", &f));
    ck_assert_str_eq(f.text,
                     "f.json has no tag \"Storage.WestEurop\"; did you mean Storage.WestEurope?");
    ck_assert_ptr_null(service_tags_find(t, "Qwertyuiop", &f));
    ck_assert_ptr_nonnull(strstr(f.text, "give a name like"));
    arena_free(a);
}
END_TEST

#define WITH(prefix)                                                                               \
    "{\"cloud\": \"Public\", \"values\": [\n {\"name\": \"A\", \"properties\": {\n"                \
    "  \"addressPrefixes\": [\"20.0.0.0/8\",\n   " prefix "]}}]}"

START_TEST(broken_files_are_refused_at_their_line)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "f.json: is empty; download the file again"},
        {"[", "f.json:1: is broken JSON"},
        {"{\n\"values\": [\n{\n", "f.json:4: is broken JSON"},
        {"{\"values\": [],\n \"values\": []}", "f.json:2: is broken JSON: duplicate object key"},
        {"\xff\xfe{", "f.json:1: is broken JSON"},
        {"[1]", "f.json:1: is no service tags file"},
        {"{\"endpoints\": []}", "f.json:1: is no service tags file"},
        {"{\"values\": []}", "f.json:1: is no service tags file"},
        {"{\"values\": {}}", "f.json:1: is no service tags file"},
        {"{\n\"cloud\": 7, \"values\": [1]}", "f.json:2: \"cloud\" is no text"},
        {"{\n\"values\": [1]}", "f.json:2: member 0 of \"values\" has no name"},
        {"{\"values\": [\n{\"name\": \"A b\"}]}", "f.json:2: tag A b: that is no name"},
        {"{\"values\": [\n{\"name\": \"A\"}]}", "f.json:2: tag A: has no \"properties\""},
        {"{\"values\": [\n{\"name\": \"A\", \"properties\": {}}]}", "f.json:2: tag A: has no list"},
        {"{\"values\": [\n{\"name\": \"A\", \"properties\": {\"addressPrefixes\": \"x\"}}]}",
         "f.json:2: tag A: has no list"},
        {"{\"values\": [\n{\"name\": \"A\", \"properties\": {\"addressPrefixes\": []}}]}",
         "f.json:1: no tag has an address prefix"},
        {"{\"values\": [{\"name\": \"A\", \"properties\": {\"addressPrefixes\": []}},\n"
         "{\"name\": \"a\", \"properties\": {\"addressPrefixes\": []}}]}",
         "stands there twice"},
        {WITH("7"), "f.json:3: tag A: a prefix is no text"},
        {WITH("null"), "f.json:3: tag A: a prefix is no text"},
        {WITH("\"20.0.0.1/8\""), "f.json:4: tag A: \"20.0.0.1/8\" has bits behind its length"},
        {WITH("\"20.0.0.0/33\""), "f.json:4: tag A: \"20.0.0.0/33\" is no address prefix"},
        {WITH("\"contoso\\u001b[2J\""),
         "f.json:2: tag A: \"contoso\\x1b[2J\" is no address prefix"},
        {WITH("\"2603:1030:d::/47\""), "f.json:4: tag A: \"2603:1030:d::/47\" has bits behind"},
        {WITH("\"10.0.0.0/8\\u0000\""), "f.json:4: is broken JSON"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new();
        struct service_tags *t = NULL;
        struct fault f = {""};

        ck_assert_msg(
            service_tags_parse(cases[i].text, strlen(cases[i].text), "f.json", a, &t, &f) == -1,
            "%s", cases[i].text);
        ck_assert_ptr_null(t);
        ck_assert_msg(strstr(f.text, cases[i].says) != NULL, "%s\n%s\n%s", cases[i].text,
                      cases[i].says, f.text);
        ck_assert_ptr_nonnull(strstr(f.text, "; download the file again"));
        arena_free(a);
    }
}
END_TEST

START_TEST(every_truncation_is_refused_or_whole)
{
    const struct guard guard = guard_new(sizeof small);
    size_t end = strlen(small);

    for (size_t len = 0; len <= end; len++) {
        struct arena *a = arena_new();
        struct service_tags *t = NULL;
        struct fault f;
        char *text = (char *)guard_put(&guard, small, len + 1);
        int rc;

        text[len] = '\0';
        rc = service_tags_parse(text, len, "f.json", a, &t, &f);
        ck_assert_int_eq(rc, len >= end - 2 ? 0 : -1); /* the last line end may be missing */
        arena_free(a);
    }
}
END_TEST

START_TEST(a_byte_order_mark_and_missing_facts_are_borne)
{
    struct arena *a = arena_new();
    struct service_tags *t = parse(a,
                                   "\xef\xbb\xbf{\"changeNumber\": \"58\", \"values\": [{\"name\": "
                                   "\"A\", \"properties\": {\"addressPrefixes\": [\"::1\"]}}]}",
                                   "f.json");

    ck_assert_int_eq(t->of, AZURE_UNKNOWN);
    ck_assert_int_eq(t->change_number, 58);
    ck_assert(t->published_s == SERVICE_TAGS_NO_DATE);
    ck_assert_str_eq(tags_of(a, t, "::1"), "A=::1/128");
    arena_free(a);
}
END_TEST

START_TEST(dates_come_from_the_name)
{
    static const struct {
        const char *label, *date;
    } cases[] = {
        {"ServiceTags_Public_20251110.json", "2025-11-10"},
        {"20240101/ServiceTags_China_20260229.json", "unknown date"}, /* no such day */
        {"20240101/tags.json", "unknown date"},
        {"ServiceTags_20240229 (1).json", "2024-02-29"},
        {"ServiceTags_AzureGovernment_20261123_20260101.json", "2026-01-01"},
        {"tags-120251110.json", "unknown date"},
        {"tags-00000000.json", "unknown date"},
        {"tags-20251301.json", "unknown date"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new();
        char date[16];

        ck_assert_str_eq(service_tags_date(parse(a, small, cases[i].label)->published_s, date),
                         cases[i].date);
        arena_free(a);
    }
}
END_TEST

START_TEST(old_files_and_files_of_the_wrong_cloud_are_told)
{
    static const struct {
        const char *label, *cloud;
        int64_t now_s, saved_s;
        const char *says[SERVICE_TAGS_DOUBTS];
    } cases[] = {
        /* 10 Nov 2025 is 1762732800. */
        {"P_20251110.json", "Public", 1762732800, 0, {NULL}},
        {"P_20251110.json", "Public", 1762732800 + 7 * 86400, 0, {NULL}},
        {"P_20251110.json", "Public", 1762732801 + 7 * 86400, 0, {"is of 2025-11-10, more than"}},
        {"P.json", "Public", 1762732801 + 7 * 86400, 1762732800, {"was saved on 2025-11-10"}},
        {"P.json", "Public", 1762732801, 1762732800, {NULL}},
        {"Public.json",
         "AzureGovernment",
         0,
         0,
         {"is of Azure Government, although its name says Azure Public"}},
        {"ServiceTags_China_1.json", "AzureChinaCloud", 0, 0, {NULL}},
        {"P_20251110.json",
         "Moon",
         INT64_C(1) << 40,
         0,
         {"more than a week", "does not say of which"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new();
        struct service_tags *t =
            parse(a,
                  arena_printf(a,
                               "{\"cloud\": \"%s\", \"values\": [{\"name\": \"A\", "
                               "\"properties\": {\"addressPrefixes\": "
                               "[\"::1\"]}}]}",
                               cases[i].cloud),
                  cases[i].label);
        const char *doubts[SERVICE_TAGS_DOUBTS];
        size_t n, wanted = 0;

        t->saved_s = cases[i].saved_s;
        n = service_tags_doubts(t, cases[i].now_s, a, doubts);
        while (wanted < SERVICE_TAGS_DOUBTS && cases[i].says[wanted] != NULL)
            wanted++;
        ck_assert_msg(n == wanted, "case %zu: %zu", i, n);
        for (size_t k = 0; k < n; k++)
            ck_assert_msg(strstr(doubts[k], cases[i].says[k]) != NULL, "%s", doubts[k]);
        arena_free(a);
    }
}
END_TEST

/* --- many prefixes --- */

struct text {
    char *bytes;
    size_t len, room;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    t->len += (size_t)vsnprintf(t->bytes + t->len, t->room - t->len, format, args);
    va_end(args);
    ck_assert_uint_lt(t->len, t->room);
}

/*
 * Nested ranges of both families, some listed by several tags; their first octets are `spread`:
 * with few, every address is in hundreds of tags, with many in a few, as in the real file.
 */
static struct text many(size_t n_tags, size_t each, unsigned spread)
{
    struct text t = {.room = n_tags * each * 64 + n_tags * 128 + 256};
    uint32_t state = 20251110;

    t.bytes = malloc(t.room);
    ck_assert_ptr_nonnull(t.bytes);
    add(&t, "{\"cloud\": \"Public\", \"values\": [");
    for (size_t i = 0; i < n_tags; i++) {
        add(&t, "%s\n{\"name\": \"T%zu\", \"properties\": {\"addressPrefixes\": [",
            i > 0 ? "," : "", i);
        for (size_t k = 0; k < each; k++) {
            struct prefix p = {.six = chance(&state) % 4 == 0};
            char to[PREFIX_TEXT];

            p.bits = (uint8_t)(p.six ? 24 + chance(&state) % 41 : 8 + chance(&state) % 25);
            for (size_t b = 0; b < (p.six ? 16 : 4); b++)
                p.ip[b] = (uint8_t)(b == 0 ? 20 + chance(&state) % spread : chance(&state));
            prefix_align(&p);
            add(&t, "%s\n\"%s\"", k > 0 ? "," : "", prefix_text(&p, to));
        }
        add(&t, "]}}");
    }
    add(&t, "]}\n");
    return t;
}

static size_t plain_search(const struct service_tags *t, const struct prefix *p)
{
    size_t found = 0;

    for (size_t i = 0; i < t->n_tags; i++) {
        bool has = false;

        for (size_t k = 0; k < t->tags[i].n_prefixes; k++)
            has = has || prefix_contains(&t->tags[i].prefixes[k], p);
        found += has;
    }
    return found;
}

START_TEST(look_ups_find_what_a_plain_search_finds)
{
    struct text text = many(40, 250, 2);
    struct arena *a = arena_new();
    struct service_tags *t = parse(a, text.bytes, "f.json");
    uint32_t state = 99;

    for (int i = 0; i < 1000; i++) {
        struct prefix p = {.six = i % 4 == 0, .bits = i % 4 == 0 ? 128 : 32};
        struct tag_hit hits[64];
        size_t n;

        for (size_t b = 0; b < (p.six ? 16 : 4); b++)
            p.ip[b] = (uint8_t)(b == 0 ? 20 + chance(&state) % 2 : chance(&state));
        n = service_tags_lookup(t, &p, hits, ARRAY_LEN(hits));
        ck_assert_uint_eq(n, plain_search(t, &p));
        for (size_t k = 0; k < n; k++)
            ck_assert(prefix_contains(hits[k].by, &p));
    }
    arena_free(a);
    free(text.bytes);
}
END_TEST

/* Sanitizers and a busy machine included: the bound is for orders of magnitude. */
START_TEST(a_hundred_thousand_prefixes_are_read_and_searched_fast)
{
    struct text text = many(3000, 34, 200);
    struct arena *a = arena_new();
    int64_t began = clock_monotonic_us(), read, done;
    struct service_tags *t = parse(a, text.bytes, "f.json");
    uint32_t state = 5;
    size_t found = 0;

    read = clock_monotonic_us();
    ck_assert_uint_eq(t->n_prefixes, 102000);
    for (int i = 0; i < 100000; i++) {
        struct prefix p = {.bits = 32};
        struct tag_hit hits[64];

        for (size_t b = 0; b < 4; b++)
            p.ip[b] = (uint8_t)(b == 0 ? 20 + chance(&state) % 200 : chance(&state));
        found += service_tags_lookup(t, &p, hits, ARRAY_LEN(hits));
    }
    done = clock_monotonic_us();
    ck_assert_uint_gt(found, 100000);
    printf("%zu bytes, %zu prefixes: read in %lld ms, a look-up takes %.2f us\n", text.len,
           t->n_prefixes, (long long)(read - began) / 1000, (double)(done - read) / 100000);
    ck_assert_int_lt(read - began, 10000000);
    ck_assert_int_lt(done - read, 20000000);
    arena_free(a);
    free(text.bytes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_file_with_windows_line_ends_is_read,
        more_hits_than_room_are_counted,
        tags_are_found_in_any_case_and_near_misses_are_named,
        broken_files_are_refused_at_their_line,
        every_truncation_is_refused_or_whole,
        a_byte_order_mark_and_missing_facts_are_borne,
        dates_come_from_the_name,
        old_files_and_files_of_the_wrong_cloud_are_told,
        look_ups_find_what_a_plain_search_finds,
        a_hundred_thousand_prefixes_are_read_and_searched_fast,
    };

    return run_suite("service_tags", tests, ARRAY_LEN(tests));
}
