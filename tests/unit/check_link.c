/* Frames: tags in tags, what is no IP, every truncation. Whole link types are in tests/wire. */
#include "capture/link.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *what;
    uint16_t linktype;
    const char *bytes;
    size_t len;
    enum link_result result;
    uint16_t ethertype, vlan;
    size_t payload;
} frames[] = {
    {"Ethernet", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\x08\0E", 15, LINK_OK, 0x0800, 0, 1},
    {"ARP", 1,
     "\0\0\0\0\0\0\0\0\0\0\0\0\x08\x06"
     "a",
     15, LINK_OK, 0x0806, 0, 1},
    {"one tag", 1,
     "\0\0\0\0\0\0\0\0\0\0\0\0\x81\0\x60\x2a\x86\xdd"
     "6",
     19, LINK_OK, 0x86dd, 42, 1},
    {"two tags", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\x88\xa8\0\x07\x81\0\0\x2a\x08\0E", 23, LINK_OK,
     0x0800, 42, 1},
    {"PPPoE", 1,
     "\0\0\0\0\0\0\0\0\0\0\0\0\x88\x64\x11\0\0\1\0\3\0\x21"
     "E",
     23, LINK_OK, 0x0800, 0, 1},
    {"PPPoE control", 1,
     "\0\0\0\0\0\0\0\0\0\0\0\0\x88\x64\x11\0\0\1\0\3\xc0\x21"
     "x",
     23, LINK_OTHER, 0, 0, 1},
    {"spanning tree", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\x26\x42\x42\x03\0\0\0x", 21, LINK_OTHER, 0, 0,
     1},
    {"SNAP", 1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\x26\xaa\xaa\x03\0\0\0\x08\0E", 23, LINK_OK, 0x0800, 0,
     1},
    {"cooked v1", 113, "\0\0\0\1\0\6\0\0\0\0\0\0\0\0\x08\0E", 17, LINK_OK, 0x0800, 0, 1},
    {"cooked v2", 276,
     "\x86\xdd\0\0\0\0\0\5\0\1\0\6\0\0\0\0\0\0\0\0"
     "6",
     21, LINK_OK, 0x86dd, 0, 1},
    {"raw", 101, "\x45", 1, LINK_OK, 0x0800, 0, 1},
    {"raw of another version", 101, "\x75", 1, LINK_OTHER, 0, 0, 1},
    {"loopback of macOS, swapped", 0,
     "\0\0\0\x1e"
     "6",
     5, LINK_OK, 0x86dd, 0, 1},
    {"loopback of Linux", 0, "\x02\0\0\0E", 5, LINK_OK, 0x0800, 0, 1},
    {"PPP, protocol in one octet", 9,
     "\x21"
     "E",
     2, LINK_OK, 0x0800, 0, 1},
    {"PPP with address", 9,
     "\xff\x03\0\x57"
     "6",
     5, LINK_OK, 0x86dd, 0, 1},
};

START_TEST(frames_are_taken_off)
{
    struct link_packet p;

    ck_assert_msg(link_decode(frames[_i].linktype, (const uint8_t *)frames[_i].bytes,
                              frames[_i].len, &p) == frames[_i].result,
                  "%s", frames[_i].what);
    if (frames[_i].result != LINK_OK)
        return;
    ck_assert_msg(p.ethertype == frames[_i].ethertype, "%s: %04x", frames[_i].what, p.ethertype);
    ck_assert_msg(p.vlan == frames[_i].vlan, "%s: vlan %u", frames[_i].what, p.vlan);
    ck_assert_msg(bytes_left(&p.payload) == frames[_i].payload, "%s", frames[_i].what);
}
END_TEST

START_TEST(every_truncation_stays_inside)
{
    for (size_t n = 0; n + 1 < frames[_i].len; n++) {
        uint8_t *copy = malloc(n + 1);
        struct link_packet p;
        enum link_result result;

        memcpy(copy, frames[_i].bytes, n);
        result = link_decode(frames[_i].linktype, copy, n, &p);
        /* PPP may look complete in fewer octets: its protocol field has one or two */
        ck_assert_msg(result != LINK_OK || p.payload.end == copy + n, "%s", frames[_i].what);
        if (frames[_i].linktype == 1)
            ck_assert_msg(result != LINK_OK, "%s, %zu octets", frames[_i].what, n);
        free(copy);
    }
}
END_TEST

START_TEST(an_unknown_link_type_says_so)
{
    struct link_packet p;

    ck_assert_int_eq(link_decode(147, (const uint8_t *)"E", 1, &p), LINK_UNSUPPORTED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link");
    TCase *tc = tcase_create("link");
    int n = (int)(sizeof frames / sizeof frames[0]);

    tcase_add_loop_test(tc, frames_are_taken_off, 0, n);
    tcase_add_loop_test(tc, every_truncation_stays_inside, 0, n);
    tcase_add_test(tc, an_unknown_link_type_says_so);
    return run_case(suite, tc);
}
