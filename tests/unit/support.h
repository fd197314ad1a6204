/*
 * support: what the tests of decoders share: bytes in front of a page that may not be touched,
 * samples from files, reproducible chance.
 */
#ifndef HOPPROOF_TESTS_UNIT_SUPPORT_H
#define HOPPROOF_TESTS_UNIT_SUPPORT_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes that end where a forbidden page begins: one octet read too far is a crash. */
struct guard {
    uint8_t *map;
    size_t room, page;
};

static inline struct guard guard_new(size_t room)
{
    struct guard g = {.page = (size_t)sysconf(_SC_PAGESIZE)};

    g.room = (room + g.page - 1) / g.page * g.page;
    g.map = mmap(NULL, g.room + g.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(g.map, MAP_FAILED);
    ck_assert_int_eq(mprotect(g.map + g.room, g.page, PROT_NONE), 0);
    return g;
}

static inline uint8_t *guard_put(const struct guard *g, const void *bytes, size_t len)
{
    ck_assert_uint_le(len, g->room);
    if (len > 0)
        memcpy(g->map + g->room - len, bytes, len);
    return g->map + g->room - len;
}

static inline void guard_free(struct guard *g)
{
    munmap(g->map, g->room + g->page);
}

struct sample {
    uint8_t *data;
    size_t len;
};

/* A file under tests/unit/data; free(data) afterwards. */
static inline struct sample sample_read(const char *name)
{
    struct sample s = {.data = malloc(65536)};
    char path[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
    file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "no sample %s", path);
    s.len = fread(s.data, 1, 65536, file);
    ck_assert_uint_gt(s.len, 0);
    fclose(file);
    return s;
}

/* xorshift32: the same numbers in every run. */
static inline uint32_t chance(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Run one case of tests; the exit status of main. */
static inline int run_case(Suite *suite, TCase *tc)
{
    SRunner *runner;
    int failed;

    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ... made of these tests alone. */
static inline int run_suite(const char *name, const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);

    tcase_set_timeout(tc, 60);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(tc, tests[i]);
    return run_case(suite, tc);
}

#endif
