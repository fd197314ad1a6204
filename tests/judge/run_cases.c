/*
 * run_cases: every case file of the judge.
 *
 *   run_cases CASES                       all must hold, and every cause must be expected somewhere
 *   run_cases --without BLOCK... -- CASES for each block: switched off, some case must fail
 */
#include "tests/judge/expect.h"
#include "tests/judge/hooks.h"

#include "diag/model/cause.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct case_file **cases;
static size_t n_cases;
static int unreadable;

static int add_case(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    size_t len = strlen(path);
    struct case_file *c;

    (void)st;
    (void)ftw;
    if (type != FTW_F || len < 5 || strcmp(path + len - 5, ".json") != 0)
        return 0;
    c = case_read(path);
    if (c == NULL) {
        unreadable++;
        return 0;
    }
    cases = realloc(cases, (n_cases + 1) * sizeof *cases);
    if (cases == NULL)
        abort();
    cases[n_cases++] = c;
    return 0;
}

static int run_all(void)
{
    size_t failed = 0, missing = 0;

    for (size_t i = 0; i < n_cases; i++)
        failed += !case_holds(cases[i], false);
    for (int cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
        const char *code = cause_info((enum cause)cause)->code;
        size_t n = 0;

        for (size_t i = 0; i < n_cases; i++)
            n += case_expects(cases[i], code);
        if (n == 0) {
            printf("no case expects %s\n", code);
            missing++;
        }
    }
    printf("%zu cases, %zu failed, %zu causes without a case\n", n_cases, failed, missing);
    return failed == 0 && missing == 0 && unreadable == 0 && n_cases > 0 ? EXIT_SUCCESS
                                                                         : EXIT_FAILURE;
}

static int run_without(char **blocks, int n)
{
    int survived = 0;

    for (int b = 0; b < n; b++) {
        bool noticed = false;

        hooks_switch_off(blocks[b]);
        for (size_t i = 0; i < n_cases && !noticed; i++)
            noticed = !case_holds(cases[i], true);
        if (!noticed) {
            printf("no case notices when the block %s is missing\n", blocks[b]);
            survived++;
        }
    }
    hooks_switch_off(NULL);
    printf("%d blocks, %d not noticed\n", n, survived);
    return survived == 0 && n > 0 && unreadable == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    bool without = argc > 3 && strcmp(argv[1], "--without") == 0;
    int status;

    if (argc < 2 || nftw(argv[argc - 1], add_case, 16, 0) != 0) {
        fprintf(stderr, "usage: %s [--without BLOCK... --] CASES\n", argv[0]);
        return 2;
    }
    status = without ? run_without(argv + 2, argc - 4) : run_all();
    for (size_t i = 0; i < n_cases; i++)
        case_free(cases[i]);
    free(cases);
    return status;
}
