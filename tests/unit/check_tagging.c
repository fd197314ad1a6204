/* Tags of resolved addresses, and what is noted about names that no tag can have. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/model/report.h"
#include "diag/model/site.h"
#include "diag/site/service_tags.h"
#include "diag/tagging.h"
#include "tests/unit/support.h"

static const char file[] =
    "{\"cloud\": \"Public\", \"values\": ["
    "{\"name\": \"Storage\", \"properties\": {\"addressPrefixes\": [\"20.60.0.0/16\"]}},"
    "{\"name\": \"Storage.WestEurope\", \"properties\": {\"addressPrefixes\": "
    "[\"20.60.40.0/24\"]}},"
    "{\"name\": \"AzureIoTHub\", \"properties\": {\"addressPrefixes\": [\"2603:1030:b::/48\"]}}]}";

static struct service_tags *tags(struct report *r)
{
    struct service_tags *t = NULL;
    struct fault f = {""};

    ck_assert_msg(service_tags_parse(file, strlen(file), "tags.json", r->arena, &t, &f) == 0, "%s",
                  f.text);
    return t;
}

/* A result of a new endpoint with one answer for `name`. */
static struct dns_detail *add(struct report *r, const char *host, const char *name,
                              const char *const *addresses, size_t n)
{
    struct endpoint *e = report_new_of(r, endpoint);
    struct result *result = report_new_of(r, result);
    struct step *s = step_new(r, STEP_RESOLVE);
    struct dns_detail *d = step_dns(s);

    e->host = host;
    result->of_endpoint = e;
    d->name = name;
    d->used = true;
    for (size_t i = 0; i < n; i++)
        list_push(r->arena, d->addresses, d->n_addresses, addresses[i]);
    list_push(r->arena, result->steps, result->n_steps, s);
    list_push(r->arena, r->endpoints, r->n_endpoints, e);
    list_push(r->arena, r->results, r->n_results, result);
    return d;
}

static const char *const blob = "contoso.blob.core.windows.net";

START_TEST(every_address_gets_its_tags)
{
    static const char *const addresses[] = {"20.60.40.7",        "20.60.1.1",      "99.1.2.3",
                                            "::ffff:20.60.40.7", "2603:1030:b::1", "10.0.0.4"};
    static const char *const wanted[] = {
        "20.60.40.7=Storage.WestEurope,Storage",        "20.60.1.1=Storage",          "99.1.2.3=",
        "::ffff:20.60.40.7=Storage.WestEurope,Storage", "2603:1030:b::1=AzureIoTHub", "10.0.0.4="};
    struct report *r = report_new();
    struct dns_detail *d = add(r, blob, "Contoso.blob.core.windows.net", addresses, 6);

    tagging_apply(tags(r), r);
    ck_assert(r->site->tagged);
    ck_assert_uint_eq(d->n_tags, ARRAY_LEN(wanted));
    for (size_t i = 0; i < d->n_tags; i++)
        ck_assert_str_eq(d->tags[i], wanted[i]);
    ck_assert_uint_eq(r->run->n_notes, 0);
    tagging_apply(tags(r), r); /* an answer that several results share is filled once */
    ck_assert_uint_eq(d->n_tags, ARRAY_LEN(wanted));
    report_free(r);
}
END_TEST

START_TEST(what_dns64_made_is_looked_through)
{
    /* The prefix that everybody knows; the site's own, beside the record it was made from. */
    static const char *const known[] = {"64:ff9b::20.60.40.7", "64:ff9b::99.1.2.3"};
    static const char *const own[] = {"20.60.40.7", "2a02:7b40:64::143c:2807", "2a02:7b40:64::1"};
    struct report *r = report_new();
    struct dns_detail *d = add(r, blob, blob, known, 2), *e = add(r, blob, blob, own, 3);

    tagging_apply(tags(r), r);
    ck_assert_uint_eq(d->n_tags, 2);
    ck_assert_str_eq(d->tags[0], "64:ff9b::20.60.40.7=Storage.WestEurope,Storage");
    ck_assert_str_eq(d->tags[1], "64:ff9b::99.1.2.3=");
    ck_assert_uint_eq(e->n_tags, 3);
    ck_assert_str_eq(e->tags[1], "2a02:7b40:64::143c:2807=Storage.WestEurope,Storage");
    ck_assert_str_eq(e->tags[2], "2a02:7b40:64::1=");
    report_free(r);
}
END_TEST

START_TEST(a_proxys_address_is_not_an_endpoints)
{
    static const char *const addresses[] = {"99.1.2.3"};
    struct report *r = report_new();
    struct dns_detail *d = add(r, blob, "proxy.plant.example", addresses, 1);

    tagging_apply(tags(r), r);
    ck_assert_uint_eq(d->n_tags, 0);
    ck_assert_uint_eq(r->run->n_notes, 0);
    report_free(r);
}
END_TEST

START_TEST(names_of_another_cloud_are_not_compared)
{
    static const char *const addresses[] = {"99.1.2.3"};
    struct report *r = report_new();
    struct dns_detail *us = add(r, "c.azure-devices.us", "c.azure-devices.us", addresses, 1);
    struct dns_detail *cn = add(r, "c.azure-devices.cn", "c.azure-devices.cn", addresses, 1);

    tagging_apply(tags(r), r);
    ck_assert_uint_eq(us->n_tags + cn->n_tags, 0);
    ck_assert_uint_eq(r->run->n_notes, 1);
    ck_assert_str_eq(r->run->notes[0],
                     "tags.json is of Azure Public; 2 endpoints of another cloud "
                     "(c.azure-devices.us is of Azure Government) were not held against it: give "
                     "the file of that cloud");
    report_free(r);
}
END_TEST

START_TEST(a_service_that_the_file_lacks_is_not_compared)
{
    static const char *const addresses[] = {"99.1.2.3"};
    struct report *r = report_new();
    const char *host = "c.servicebus.windows.net";
    struct dns_detail *d = add(r, host, host, addresses, 1);

    tagging_apply(tags(r), r);
    ck_assert_uint_eq(d->n_tags, 0);
    ck_assert_uint_eq(r->run->n_notes, 1);
    ck_assert_str_eq(r->run->notes[0],
                     "tags.json has no tag EventHub, so that c.servicebus.windows.net and others "
                     "like it were not held against it");
    report_free(r);
}
END_TEST

START_TEST(names_in_no_tag_are_told)
{
    static const char *const outside[] = {"10.0.0.4", "23.222.126.21"}, *const in[] = {"20.60.1.1"},
                             *const private[] = {"10.0.0.4"};
    struct report *r = report_new();

    add(r, "download.microsoft.com", "download.microsoft.com", outside, 2);
    add(r, "relay.plant.example", "relay.plant.example", outside, 2);
    add(r, "inside.example", "inside.example", in, 1);
    add(r, "private.example", "private.example", private, 1);
    add(r, blob, blob, outside, 2); /* the judge's */
    tagging_apply(tags(r), r);
    ck_assert_uint_eq(r->run->n_notes, 2);
    ck_assert_ptr_nonnull(strstr(r->run->notes[0], "download.microsoft.com (23.222.126.21) is in "
                                                   "no service tag, as a content network serves"));
    ck_assert_ptr_nonnull(
        strstr(r->run->notes[1], "relay.plant.example (23.222.126.21) is in no service tag; "));
    report_free(r);
}
END_TEST

START_TEST(a_public_address_behind_a_private_link_name_is_told)
{
    static const struct {
        const char *address, *cname, *expect;
        bool used, noted;
    } cases[] = {
        {"20.60.1.1", "contoso.privatelink.blob.core.windows.net", NULL, true, true},
        {"20.60.1.1", "contoso.privatelink.blob.core.windows.net", NULL, false, false},
        {"20.60.1.1", "contoso.privatelink.blob.core.windows.net", "private", true, false},
        {"20.60.1.1", "contoso.privatelink.blob.core.windows.net", "public", true, false},
        {"10.60.1.1", "contoso.privatelink.blob.core.windows.net", NULL, true, false},
        {"20.60.1.1", "blob.ams.store.core.windows.net", NULL, true, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct report *r = report_new();
        struct dns_detail *d = add(r, blob, blob, &cases[i].address, 1);
        struct lookup *l = report_new_of(r, lookup);

        list_push(r->arena, l->cnames, l->n_cnames, cases[i].cname);
        list_push(r->arena, d->lookups, d->n_lookups, l);
        d->used = cases[i].used;
        r->endpoints[0]->expect_address = cases[i].expect;
        tagging_note_private_links(r);
        ck_assert_msg(r->run->n_notes == cases[i].noted, "case %zu", i);
        report_free(r);
    }
}
END_TEST

START_TEST(a_site_without_a_file_and_one_with_a_bad_file)
{
    struct report *r = report_new();
    struct site s = {0};
    struct service_tags *t = NULL;
    struct fault f = {""};

    ck_assert_int_eq(tagging_read(&s, r->arena, r, &t, &f), 0);
    ck_assert_ptr_null(t);
    tagging_apply(t, r);
    ck_assert(!r->site->tagged);
    s.service_tags = "/nonexistent/tags.json";
    ck_assert_int_eq(tagging_read(&s, r->arena, r, &t, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "/nonexistent/tags.json: cannot be opened"));
    report_free(r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_address_gets_its_tags,
        what_dns64_made_is_looked_through,
        a_proxys_address_is_not_an_endpoints,
        names_of_another_cloud_are_not_compared,
        a_service_that_the_file_lacks_is_not_compared,
        names_in_no_tag_are_told,
        a_public_address_behind_a_private_link_name_is_told,
        a_site_without_a_file_and_one_with_a_bad_file,
    };

    return run_suite("tagging", tests, ARRAY_LEN(tests));
}
