/* The bytes of a file, in order and each once, however they are looked at. */
#include "capture/ahead.h"
#include "capture/source.h"
#include "diag/base/worker.h"
#include "tests/unit/support.h"

#include <sched.h>
#include <stdbool.h>

enum { LARGE = 12 * 1024 * 1024 + 77 };

/* The octet of a file at `at`: no block of it is like another. */
static uint8_t octet_at(uint64_t at)
{
    return (uint8_t)(at * 2654435761u >> 16 ^ at >> 11);
}

/* A file of `len` octets without a name. */
static int file_of(size_t len)
{
    char path[] = "/tmp/hopproof-source-XXXXXX";
    int fd = mkstemp(path);
    uint8_t block[4096];

    ck_assert_int_ge(fd, 0);
    unlink(path);
    for (size_t done = 0; done < len;) {
        size_t n = len - done < sizeof block ? len - done : sizeof block;

        for (size_t i = 0; i < n; i++)
            block[i] = octet_at(done + i);
        ck_assert_int_eq(write(fd, block, n), (ssize_t)n);
        done += n;
    }
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static bool is_in_order(const struct source *s)
{
    for (size_t i = 0; s->p + i < s->end; i++) {
        if (s->p[i] != octet_at(s->offset + i))
            return false;
    }
    return true;
}

/* Look at and take stretches of any length up to the end; what was seen must be the file. */
static void read_through(struct source *s, size_t len, size_t most)
{
    uint32_t state = 5;

    for (;;) {
        size_t want = 1 + chance(&state) % most, have = source_peek(s, want);

        ck_assert(have >= want || s->offset + have == len);
        ck_assert(is_in_order(s));
        if (have == 0)
            break;
        source_take(s, 1 + chance(&state) % (have < want ? have : want));
    }
    ck_assert_uint_eq(s->offset, len);
    ck_assert_int_eq(s->error, 0);
    ck_assert_uint_eq(source_peek(s, 1), 0);
}

/* Within what a worker's block can be put behind, around that, and far beyond it. */
static const size_t stretches[] = {300000, AHEAD_KEEP + 2, 2 * AHEAD_MOST, 9 * 1024 * 1024};

START_TEST(a_large_file_is_read_whole)
{
    int fd = file_of(LARGE);
    struct source s;

    source_of_fd(&s, fd);
    read_through(&s, LARGE, stretches[_i]);
    ck_assert(s.ahead != NULL || !worker_helps());
    source_free(&s);
    close(fd);
}
END_TEST

START_TEST(one_processor_needs_no_worker)
{
    cpu_set_t before, one;
    size_t cpu = 0;
    int fd = file_of(LARGE);
    struct source s;

    ck_assert_int_eq(sched_getaffinity(0, sizeof before, &before), 0);
    while (!CPU_ISSET(cpu, &before))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    source_of_fd(&s, fd);
    read_through(&s, LARGE, 300000);
    ck_assert_ptr_null(s.ahead);
    source_free(&s);
    ck_assert_int_eq(sched_setaffinity(0, sizeof before, &before), 0);
    close(fd);
}
END_TEST

START_TEST(a_small_file_needs_no_worker)
{
    int fd = file_of(100000);
    struct source s;

    source_of_fd(&s, fd);
    read_through(&s, 100000, 3000);
    ck_assert_ptr_null(s.ahead);
    source_free(&s);
    close(fd);
}
END_TEST

START_TEST(reading_begins_where_the_descriptor_stands)
{
    int fd = file_of(LARGE);
    struct source s;

    ck_assert_int_eq(lseek(fd, 1000, SEEK_SET), 1000);
    source_of_fd(&s, fd);
    ck_assert_uint_ge(source_peek(&s, 1), 1);
    ck_assert_uint_eq(*s.p, octet_at(1000));
    source_free(&s);
    close(fd);
}
END_TEST

START_TEST(reading_may_end_anywhere)
{
    for (size_t taken = 0; taken < LARGE; taken += 700001) {
        int fd = file_of(LARGE);
        struct source s;

        source_of_fd(&s, fd);
        ck_assert_uint_eq(source_skip(&s, taken), taken);
        source_free(&s);
        close(fd);
    }
}
END_TEST

/* The end comes sooner than the size of the file said. */
START_TEST(a_file_may_shrink_meanwhile)
{
    int fd = file_of(LARGE);
    struct source s;
    size_t have;

    source_of_fd(&s, fd);
    ck_assert_uint_ge(source_peek(&s, 100), 100);
    ck_assert_int_eq(ftruncate(fd, 5000), 0);
    have = (size_t)source_skip(&s, LARGE);
    ck_assert_uint_ge(have, 5000);
    ck_assert_int_eq(s.error, 0);
    source_free(&s);
    close(fd);
}
END_TEST

START_TEST(a_pipe_is_read_as_it_comes)
{
    struct source s;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], "abc", 3), 3);
    source_of_fd(&s, ends[0]);
    ck_assert_uint_eq(source_peek(&s, 2), 3); /* would wait for ever if it wanted more */
    ck_assert_mem_eq(s.p, "abc", 3);
    close(ends[1]);
    ck_assert_uint_eq(source_peek(&s, 10), 3);
    source_free(&s);
    close(ends[0]);
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error)
{
    struct source s;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    source_of_fd(&s, ends[1]); /* can only be written */
    ck_assert_uint_eq(source_peek(&s, 1), 0);
    ck_assert_int_ne(s.error, 0);
    source_free(&s);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source");
    TCase *tc = tcase_create("source");

    tcase_add_loop_test(tc, a_large_file_is_read_whole, 0, ARRAY_LEN(stretches));
    tcase_add_test(tc, one_processor_needs_no_worker);
    tcase_add_test(tc, a_small_file_needs_no_worker);
    tcase_add_test(tc, reading_begins_where_the_descriptor_stands);
    tcase_add_test(tc, reading_may_end_anywhere);
    tcase_add_test(tc, a_file_may_shrink_meanwhile);
    tcase_add_test(tc, a_pipe_is_read_as_it_comes);
    tcase_add_test(tc, what_cannot_be_read_is_an_error);
    return run_case(suite, tc);
}
