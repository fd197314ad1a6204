/* Large memory: zeroed, aligned, apart, from the kernel or from stock. */
#include "diag/base/pages.h"
#include "tests/unit/support.h"

enum { MANY = 20 };

static void take_and_give_back(void)
{
    unsigned char *pages[MANY];

    for (size_t i = 0; i < MANY; i++) {
        pages[i] = pages_new();
        ck_assert_ptr_nonnull(pages[i]);
        ck_assert_uint_eq((uintptr_t)pages[i] % PAGES_SIZE, 0);
        for (size_t k = 0; k < PAGES_SIZE; k += 4096)
            ck_assert_uint_eq(pages[i][k], 0);
        memset(pages[i], (int)i + 1, PAGES_SIZE);
    }
    for (size_t i = 0; i < MANY; i++) {
        ck_assert_uint_eq(pages[i][0], i + 1);
        ck_assert_uint_eq(pages[i][PAGES_SIZE - 1], i + 1);
        pages_free(pages[i]);
    }
    pages_free(NULL);
}

START_TEST(from_the_kernel)
{
    take_and_give_back();
}
END_TEST

/* Kilobytes of address space in use. */
static size_t in_use(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    size_t pages = 0;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%zu", &pages), 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

START_TEST(from_stock)
{
    size_t before;

    pages_stock(); /* what a worker needs once for all is there after this */
    take_and_give_back();
    pages_stock_end();
    before = in_use();
    for (int i = 0; i < MANY; i++) {
        pages_stock();
        if (i % 2 == 0) /* else it ends full, perhaps */
            take_and_give_back();
        pages_stock_end();
    }
    ck_assert_uint_lt(in_use(), before + MANY * (PAGES_SIZE / 1024)); /* nothing stays behind */
    pages_stock_end();                                                /* without a stock: nothing */
    take_and_give_back();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pages");
    TCase *tc = tcase_create("pages");

    tcase_add_test(tc, from_the_kernel);
    tcase_add_test(tc, from_stock);
    return run_case(suite, tc);
}
