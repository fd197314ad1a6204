/* What `hopproof ranges` reads besides tags: lists of firewalls, and which tag a name belongs to.
 */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/model/azure.h"
#include "diag/site/allowed.h"
#include "tests/unit/support.h"

/* "LINE:PREFIX LINE:PREFIX", or the fault. */
static const char *read_list(struct arena *a, const char *text)
{
    struct allowed *list = NULL;
    struct fault f = {""};
    const char *said = "";

    if (allowed_parse(text, strlen(text), "fw.txt", a, &list, &f) != 0) {
        ck_assert_ptr_null(list);
        return arena_strdup(a, f.text);
    }
    for (size_t i = 0; i < list->n_entries; i++) {
        char to[PREFIX_TEXT];

        said = arena_printf(a, "%s%s%lu:%s", said, i > 0 ? " " : "", list->entries[i].line,
                            prefix_text(&list->entries[i].prefix, to));
    }
    return list->n_denials == 0 ? said : arena_printf(a, "%s -%zu", said, list->n_denials);
}

START_TEST(lists_of_many_firewalls_are_read)
{
    static const struct {
        const char *text, *ranges;
    } cases[] = {
        {"20.60.0.0/16\n2603:1030::/32", "1:20.60.0.0/16 2:2603:1030::/32"},
        {"20.60.0.0/16\r\n\r\n20.61.0.1\r\n", "1:20.60.0.0/16 3:20.61.0.1/32"},
        {"20.60.7.9/16", "1:20.60.0.0/16"},
        /* Cisco ASA, IOS; nftables; Squid; CSV; JSON; PAN-OS; iptables */
        {" network-object 20.60.0.0 255.255.0.0", "1:20.60.0.0/16"},
        {" network-object host 20.60.0.7", "1:20.60.0.7/32"},
        {"access-list 101 permit tcp any 20.60.0.0 0.0.255.255 eq 443", "1:20.60.0.0/16"},
        {"permit ip any 0.0.0.0 0.0.0.0", "1:0.0.0.0/0"},
        {"permit ip host 10.1.1.1 20.60.1.0 0.0.0.255", "1:10.1.1.1/32 1:20.60.1.0/24"},
        {"permit 20.60.1.1 0.0.0.0", "1:20.60.1.1/32"},
        {"elements = { 20.60.0.0/16, 20.61.0.0-20.61.0.255 }", "1:20.60.0.0/16 1:20.61.0.0/24"},
        {"acl azure dst 20.60.0.0/255.255.0.0 20.61.0.0/24", "1:20.60.0.0/16 1:20.61.0.0/24"},
        {"\"rule 7\",\"allow\",\"20.60.0.0/16;20.61.0.1\"", "1:20.60.0.0/16 1:20.61.0.1/32"},
        {"{\"addressPrefixes\": [\"20.60.0.0/16\",\n\"::1/128\"]}", "1:20.60.0.0/16 2:::1/128"},
        {"set address a ip-range 20.60.0.0-20.60.0.2", "1:20.60.0.0/31 1:20.60.0.2/32"},
        {"set address azure-20.49.109.0-24 ip-netmask 20.49.109.0/24", "1:20.49.109.0/24"},
        {"-A OUTPUT -d 20.60.0.0/16 -j ACCEPT", "1:20.60.0.0/16"},
        {"20.60.0.0 255.0.255.0", "1:20.60.0.0/32 1:255.0.255.0/32"}, /* no mask of a range */
        {"20.60.0.0 20.61.0.0", "1:20.60.0.0/32 1:20.61.0.0/32"},
        {"# 1.1.1.1\n! 2.2.2.2\n// 3.3.3.3\n20.60.1.1 # 4.4.4.4", "4:20.60.1.1/32"},
        {"deny ip any 1.1.1.1\nno network-object host 2.2.2.2\n20.60.1.1\nDROP 3.3.3.3",
         "3:20.60.1.1/32 -3"},
        {"version 1.2.3 of 12:30:00, port 443/tcp, 1/2, a/b\n20.60.1.1", "2:20.60.1.1/32"},
        {"2603:1030::-2603:1030::1", "1:2603:1030::/127"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *a = arena_new();

        ck_assert_str_eq(read_list(a, cases[i].text), cases[i].ranges);
        arena_free(a);
    }
}
END_TEST

START_TEST(broken_lists_are_refused_at_their_line)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "fw.txt: names no address range"},
        {"# 20.60.0.0/16\n", "fw.txt: names no address range"},
        {"any any\n", "fw.txt: names no address range"},
        {"20.60.0.0/16\n20.60.0.0/33\n", "fw.txt:2: \"20.60.0.0/33\" is no address range"},
        {"20.60.0/16", "fw.txt:1: \"20.60.0/16\" is no address range"},
        {"20.60.0.0/255.0.255.0", "fw.txt:1: \"20.60.0.0/255.0.255.0\" is no address range"},
        {"20.60.0.0/255.255.0", "fw.txt:1: \"20.60.0.0/255.255.0\" is no address range"},
        {"\n\n2603:1030:::/32", "fw.txt:3: \"2603:1030:::/32\" is no address range"},
        {"20.60.0.9-20.60.0.1", "fw.txt:1: \"20.60.0.9-20.60.0.1\" ends before it begins"},
        {"20.60.0.9-2603::1", "fw.txt:1: \"20.60.0.9-2603::1\" ends before it begins"},
    };
    struct allowed *list = NULL;
    struct arena *a = arena_new();
    struct fault f;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(strstr(read_list(a, cases[i].text), cases[i].says) != NULL, "%s: %s",
                      cases[i].text, read_list(a, cases[i].text));
    ck_assert_int_eq(allowed_parse("20.60.0.0\0", 10, "fw.txt", a, &list, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "binary data"));
    arena_free(a);
}
END_TEST

/* Any bytes: nothing is read behind the end, and every range comes out aligned. */
START_TEST(chance_bytes_do_no_harm)
{
    static const char letters[] = "0123456789abcdef:./- \n\r\t#!\"'host255.255.0.0";
    const struct guard guard = guard_new(256);
    uint32_t state = 42;

    for (int round = 0; round < 20000; round++) {
        struct arena *a = arena_new();
        struct allowed *list = NULL;
        char text[200];
        size_t len = chance(&state) % sizeof text;
        struct fault f;

        for (size_t i = 0; i < len; i++)
            text[i] = chance(&state) % 50 == 0 ? (char)chance(&state)
                                               : letters[chance(&state) % (sizeof letters - 1)];
        text[len] = '\0';
        if (allowed_parse((char *)guard_put(&guard, text, len + 1), len, "f", a, &list, &f) == 0) {
            for (size_t i = 0; i < list->n_entries; i++)
                ck_assert(prefix_is_aligned(&list->entries[i].prefix));
        }
        arena_free(a);
    }
}
END_TEST

START_TEST(names_have_the_tag_of_their_service_and_cloud)
{
    static const struct {
        const char *host, *tags;
        enum azure_cloud cloud;
    } cases[] = {
        {"contoso.azure-devices.net", "AzureIoTHub", AZURE_PUBLIC},
        {"CONTOSO.Azure-Devices.NET", "AzureIoTHub", AZURE_PUBLIC},
        {"*.blob.core.windows.net", "Storage", AZURE_PUBLIC},
        {"a.b.servicebus.windows.net", "EventHub or ServiceBus", AZURE_PUBLIC},
        {"global.azure-devices-provisioning.net", "AzureIoTHub", AZURE_PUBLIC},
        {"download.microsoft.com", "no tag", AZURE_PUBLIC},
        {"contoso.azure-devices.us", "AzureIoTHub", AZURE_GOVERNMENT},
        {"contoso.blob.core.usgovcloudapi.net", "Storage", AZURE_GOVERNMENT},
        {"contoso.servicebus.chinacloudapi.cn", "EventHub or ServiceBus", AZURE_CHINA},
        {"contoso.azure-devices.net.example", NULL, AZURE_UNKNOWN},
        {"notazure-devices.net", NULL, AZURE_UNKNOWN},
        {"microsoft.com", NULL, AZURE_UNKNOWN},
        {"", NULL, AZURE_UNKNOWN},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct azure_name *name = azure_name_of(cases[i].host);
        char text[80];

        ck_assert_msg((name == NULL) == (cases[i].tags == NULL), "%s", cases[i].host);
        if (name == NULL)
            continue;
        ck_assert_str_eq(azure_tags_text(name, text, sizeof text), cases[i].tags);
        ck_assert_int_eq(name->cloud, cases[i].cloud);
    }
    ck_assert_ptr_null(azure_name_of(NULL));
}
END_TEST

START_TEST(a_region_is_of_its_tag_and_a_longer_name_is_not)
{
    ck_assert(azure_tag_is("Storage", 7, "Storage"));
    ck_assert(azure_tag_is("Storage.WestEurope,X", 18, "storage"));
    ck_assert(!azure_tag_is("StorageSyncService", 18, "Storage"));
    ck_assert(!azure_tag_is("Stor", 4, "Storage"));
    ck_assert(!azure_tag_is("Storage.WestEurope", 18, NULL));
    ck_assert_int_eq(azure_cloud_of("AzureUSGovernment"), AZURE_GOVERNMENT);
    ck_assert_int_eq(azure_cloud_of("AzureChinaCloud"), AZURE_CHINA);
    ck_assert_int_eq(azure_cloud_of("AzureCloud"), AZURE_PUBLIC);
    ck_assert_int_eq(azure_cloud_of(""), AZURE_UNKNOWN);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        lists_of_many_firewalls_are_read,
        broken_lists_are_refused_at_their_line,
        chance_bytes_do_no_harm,
        names_have_the_tag_of_their_service_and_cloud,
        a_region_is_of_its_tag_and_a_longer_name_is_not,
    };

    return run_suite("ranges", tests, ARRAY_LEN(tests));
}
