/* Capture files: what the writer writes the reader reads; times, every truncation, what is none. */
#include "capture/pcapng_write.h"
#include "capture/reader.h"
#include "diag/base/fault.h"
#include "tests/unit/support.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t bytes[64 * 1024];
static size_t n_bytes;

/* Two interfaces, three packets (one commented, one empty), names, statistics. */
static void write_file(void)
{
    static const char *const comments[] = {"first comment", "second comment"};
    const struct pcapng_name names[2] = {
        {{.family = AF_INET, .ip = {192, 0, 2, 1}}, "www.example"},
        {{.family = AF_INET6, .ip = {0x20, 1, 0xd, 0xb8}}, "v6.example"},
    };
    const struct pcapng_counts counts = {1, 2, 10, 3, 4};
    struct pcapng_writer w;
    int fd = memfd_create("pcapng", MFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pcapng_writer_init(&w, fd), 0);
    pcapng_section(&w, "about", false);
    pcapng_secrets(&w, "CLIENT_RANDOM 00 11\n", 20);
    pcapng_secrets(&w, "CLIENT_RANDOM 0022 11\n\n", 23); /* needs padding */
    pcapng_interface(&w, "eth0", 1, 65535, "port 53");
    pcapng_interface(&w, "any", 276, 0, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        struct pcapng_packet p = {.iface = i % 2,
                                  .time_us = 1800000000123456 + i,
                                  .data = (const uint8_t *)"0123456789",
                                  .len = i * 5,
                                  .wire_len = i * 5 + 1000,
                                  .comments = comments,
                                  .n_comments = i == 1 ? 2 : 0};

        pcapng_packet(&w, &p);
    }
    pcapng_names(&w, names, 2);
    pcapng_statistics(&w, 1, &counts);
    ck_assert_int_eq(pcapng_flush(&w), 0);
    n_bytes = (size_t)w.written;
    ck_assert_uint_le(n_bytes, sizeof bytes);
    ck_assert_int_eq(pread(fd, bytes, sizeof bytes, 0), (ssize_t)n_bytes);
    pcapng_writer_free(&w);
    close(fd);
}

START_TEST(what_was_written_is_read)
{
    struct reader r;
    struct packet p;

    write_file();
    ck_assert_int_eq(reader_open_memory(&r, bytes, n_bytes, NULL), 0);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert(reader_next(&r, &p));
        ck_assert_uint_eq(p.number, i + 1);
        ck_assert_uint_eq(p.iface, i % 2);
        ck_assert_uint_eq(p.linktype, i % 2 == 0 ? 1 : 276);
        ck_assert_int_eq(p.time_us, 1800000000123456 + (int64_t)i);
        ck_assert_uint_eq(p.len, i * 5);
        ck_assert_uint_eq(p.wire_len, i * 5 + 1000);
        ck_assert_mem_eq(p.data, "0123456789", p.len);
        ck_assert_mem_eq(bytes + p.data_at, p.data, p.len);
    }
    ck_assert(!reader_next(&r, &p));
    ck_assert(!reader_next(&r, &p));
    ck_assert_str_eq(r.trouble, "");
    ck_assert(r.own);
    ck_assert_uint_eq(r.n_interfaces, 2);
    ck_assert_str_eq(r.interfaces[0].name, "eth0");
    ck_assert_uint_eq(r.interfaces[0].snaplen, 65535);
    ck_assert(!r.interfaces[0].has_drops && r.interfaces[1].has_drops);
    ck_assert_uint_eq(r.interfaces[1].received, 10);
    ck_assert_uint_eq(r.interfaces[1].dropped_interface, 3);
    ck_assert_uint_eq(r.interfaces[1].dropped_kernel, 4);
    reader_free(&r);
}
END_TEST

/* Cut anywhere, the packets in front of the cut are read, and the place of the cut is told. */
START_TEST(every_truncation)
{
    write_file();
    for (size_t n = 0; n < n_bytes; n++) {
        uint8_t *copy = malloc(n + 1);
        struct fault f;
        struct reader r;
        struct packet p;
        size_t packets = 0;

        memcpy(copy, bytes, n);
        if (reader_open_memory(&r, copy, n, &f) == 0) {
            while (reader_next(&r, &p)) {
                packets++;
                ck_assert_uint_le(p.data_at + p.len, n);
            }
            ck_assert_uint_le(packets, 3);
            ck_assert_uint_le(r.trouble_at, n);
        } else {
            ck_assert_uint_lt(n, 100);
        }
        reader_free(&r);
        free(copy);
    }
}
END_TEST

/* A pipe gives little at a time and cannot be sought in. */
START_TEST(a_pipe_is_read_like_a_file)
{
    int ends[2];
    struct reader r;
    struct packet p;
    size_t packets = 0;

    write_file();
    ck_assert_int_eq(pipe(ends), 0);
    if (fork() == 0) {
        for (size_t i = 0; i < n_bytes; i++)
            if (write(ends[1], bytes + i, 1) != 1)
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    ck_assert_int_eq(reader_open_fd(&r, ends[0], NULL), 0);
    while (reader_next(&r, &p))
        packets++;
    ck_assert_uint_eq(packets, 3);
    ck_assert_str_eq(r.trouble, "");
    reader_free(&r);
    close(ends[0]);
}
END_TEST

static void put_u32(size_t at, uint32_t v)
{
    memcpy(bytes + at, &v, 4);
}

/* One interface with this resolution and offset, one packet at this time. */
static const struct {
    uint8_t resolution;
    int64_t offset;
    uint64_t units;
    int64_t time_us;
} times[] = {
    {6, 0, 1800000000123456, 1800000000123456},
    {9, 0, 1800000000123456789, 1800000000123456},
    {3, 0, 1800000000123, 1800000000123000},
    {0, 0, 1800000000, 1800000000000000},
    {0x80, 0, 1800000000, 1800000000000000},
    {0x8a, 0, 1800000000ull * 1024 + 512, 1800000000500000},
    {0x94, 0, (1800000000ull << 20) + (1 << 19), 1800000000500000},
    {6, 100, 1000000, 101000000},
    {6, -1, 3000000, 2000000},
    {127, 0, 5, 0},
    {0xff, 0, 5, 0},
};

START_TEST(resolutions_and_offsets)
{
    struct reader r;
    struct packet p;

    memset(bytes, 0, 256);
    put_u32(0, 0x0a0d0d0a), put_u32(4, 28), put_u32(8, 0x1a2b3c4d), put_u32(12, 1);
    put_u32(24, 28);
    put_u32(28, 1), put_u32(32, 48), put_u32(36, 1);
    put_u32(44, 9 | 1 << 16), bytes[48] = times[_i].resolution;
    put_u32(52, 14 | 8 << 16), memcpy(bytes + 56, &times[_i].offset, 8);
    put_u32(72, 48);
    put_u32(76, 6), put_u32(80, 32);
    put_u32(88, (uint32_t)(times[_i].units >> 32)), put_u32(92, (uint32_t)times[_i].units);
    put_u32(104, 32);
    ck_assert_int_eq(reader_open_memory(&r, bytes, 108, NULL), 0);
    ck_assert_msg(reader_next(&r, &p), "row %d: %s", _i, r.trouble);
    ck_assert_msg(p.time_us == times[_i].time_us, "row %d: %lld", _i, (long long)p.time_us);
    reader_free(&r);
}
END_TEST

START_TEST(what_is_no_capture_is_told)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *word;
    } rows[] = {
        {"", 0, "empty"},
        {"\x1f\x8b\x08\0", 4, "gunzip"},
        {"PK\3\4", 4, "it is a ZIP file; unpack it first"},
        {"\x0a\x0d\x0d\x0a", 4, "section header"},
        {"\xd4\xc3\xb2\xa1\2\0\4\0", 8, "header"},
        {"a", 1, "not a capture"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fault f = {""};
        struct reader r;

        ck_assert_int_eq(reader_open_memory(&r, rows[i].bytes, rows[i].len, &f), -1);
        ck_assert_msg(strstr(f.text, rows[i].word) != NULL, "%s", f.text);
        reader_free(&r);
    }
}
END_TEST

START_TEST(a_full_disk_is_an_error_once_and_for_good)
{
    struct pcapng_writer w;
    int fd = open("/dev/full", O_WRONLY);

    if (fd < 0)
        return; /* a system without it */
    ck_assert_int_eq(pcapng_writer_init(&w, fd), 0);
    pcapng_section(&w, NULL, false);
    ck_assert_int_eq(pcapng_flush(&w), -1);
    ck_assert_int_ne(w.error, 0);
    pcapng_section(&w, NULL, false);
    ck_assert_int_eq(pcapng_flush(&w), -1);
    pcapng_writer_free(&w);
    close(fd);
}
END_TEST

enum { LARGE_PACKETS = 20000, LARGE_LEN = 200 }; /* several blocks of the reader's */

/* A file of many packets, each filled with the lowest octet of its number. */
static int large_file(bool pcapng)
{
    /* pcap: magic, version 2.4, zone, accuracy, snapshot length, Ethernet */
    const uint32_t head[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1};
    uint8_t data[LARGE_LEN];
    struct pcapng_writer w;
    int fd = memfd_create("large", MFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pcapng_writer_init(&w, fd), 0);
    if (pcapng) {
        pcapng_section(&w, NULL, false);
        pcapng_interface(&w, "eth0", 1, 65535, NULL);
    } else {
        ck_assert_int_eq(write(fd, head, sizeof head), sizeof head);
    }
    for (uint32_t i = 1; i <= LARGE_PACKETS; i++) {
        struct pcapng_packet p = {
            .time_us = i, .data = data, .len = LARGE_LEN, .wire_len = LARGE_LEN};
        uint32_t record[4] = {0, i, LARGE_LEN, LARGE_LEN};

        memset(data, (int)(i & 255), sizeof data);
        if (pcapng) {
            pcapng_packet(&w, &p);
        } else {
            ck_assert_int_eq(write(fd, record, sizeof record), sizeof record);
            ck_assert_int_eq(write(fd, data, sizeof data), sizeof data);
        }
    }
    ck_assert_int_eq(pcapng_flush(&w), 0);
    pcapng_writer_free(&w);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* As long as the next packet is at hand, those before it stay where they are. */
START_TEST(packets_at_hand_do_not_move)
{
    enum { BATCH_MAX = 64 };
    struct packet batch[BATCH_MAX];
    uint8_t wanted[LARGE_LEN];
    struct reader r;
    int fd = large_file(_i == 1);
    size_t n, all = 0, batches = 0;

    ck_assert_int_eq(reader_open_fd(&r, fd, NULL), 0);
    do {
        n = 0;
        while (n < BATCH_MAX && (n == 0 || reader_has_next(&r)) && reader_next(&r, &batch[n]))
            n++;
        for (size_t i = 0; i < n; i++) {
            ck_assert_uint_eq(batch[i].number, ++all);
            memset(wanted, (int)(all & 255), sizeof wanted);
            ck_assert_mem_eq(batch[i].data, wanted, sizeof wanted);
        }
        batches += n > 0;
    } while (n > 0);
    ck_assert_uint_eq(all, LARGE_PACKETS);
    ck_assert_uint_lt(batches, LARGE_PACKETS / BATCH_MAX * 2); /* it says yes, mostly */
    ck_assert(!reader_has_next(&r));
    ck_assert_str_eq(r.trouble, "");
    reader_free(&r);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pcapng");
    TCase *tc = tcase_create("pcapng");

    tcase_add_test(tc, what_was_written_is_read);
    tcase_add_test(tc, every_truncation);
    tcase_add_test(tc, a_pipe_is_read_like_a_file);
    tcase_add_loop_test(tc, packets_at_hand_do_not_move, 0, 2);
    tcase_add_loop_test(tc, resolutions_and_offsets, 0, (int)(sizeof times / sizeof times[0]));
    tcase_add_test(tc, what_is_no_capture_is_told);
    tcase_add_test(tc, a_full_disk_is_an_error_once_and_for_good);
    return run_case(suite, tc);
}
