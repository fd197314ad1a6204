/*
 * run_cases: every case file of the judge.
 *
 *   run_cases CASES                       all must hold, and every cause must be expected by
 * several run_cases --without BLOCK... -- CASES for each block: switched off, some case must fail
 *   run_cases --swapped PAIRS ORDER_FREE CASES
 *                                         for each pair: exchanged, some case must fail; but not
 * for those that are listed with a reason ("PAIR: reason")
 */
#include "tests/judge/expect.h"
#include "tests/judge/hooks.h"

#include "diag/model/cause.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
    enum { ENOUGH = 3 }; /* several times, and a near miss */
    size_t failed = 0, missing = 0;

    for (size_t i = 0; i < n_cases; i++)
        failed += !case_holds(cases[i], false);
    for (int cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
        const char *code = cause_info((enum cause)cause)->code;
        size_t n = 0;

        for (size_t i = 0; i < n_cases; i++)
            n += case_expects(cases[i], code);
        if (n < ENOUGH) {
            printf("only %zu of at least %d cases expect %s\n", n, ENOUGH, code);
            missing++;
        }
    }
    printf("%zu cases, %zu failed, %zu causes with too few cases\n", n_cases, failed, missing);
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

enum { LINE_SIZE = 512 };

/* "FIRST / SECOND: why their order is free", or a comment. */
struct listed {
    char pair[LINE_SIZE];
    bool seen;
};

static struct listed *listed;
static size_t n_listed;

static int read_listed(const char *path)
{
    char line[LINE_SIZE];
    FILE *in = fopen(path, "r");

    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        char *reason = strstr(line, ": ");

        if (line[0] == '#' || line[0] == '\n')
            continue;
        listed = realloc(listed, (n_listed + 1) * sizeof *listed);
        if (listed == NULL || reason == NULL || reason[2] == '\n') {
            fprintf(stderr, "%s: a pair without a reason: %s", path, line);
            fclose(in);
            return -1;
        }
        *reason = '\0';
        listed[n_listed].seen = false;
        snprintf(listed[n_listed++].pair, LINE_SIZE, "%s", line);
    }
    if (in == NULL || fclose(in) != 0) {
        perror(path);
        return -1;
    }
    return 0;
}

static bool is_listed(const char *pair)
{
    for (size_t i = 0; i < n_listed; i++) {
        if (strcmp(listed[i].pair, pair) == 0) {
            listed[i].seen = true;
            return true;
        }
    }
    return false;
}

/* In a process of its own: a block may rely on the one before it to rule out a null pointer. */
static bool is_noticed(const char *pair)
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        bool noticed = false;

        hooks_swap(pair);
        for (size_t i = 0; i < n_cases && !noticed; i++)
            noticed = !case_holds(cases[i], true);
        _exit(noticed);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    return status != 0;
}

static int run_swapped(const char *pairs, const char *order_free)
{
    char pair[LINE_SIZE];
    size_t n = 0, bad = 0;
    FILE *in = fopen(pairs, "r");

    if (in == NULL || read_listed(order_free) != 0) {
        fprintf(stderr, "%s or %s cannot be read\n", pairs, order_free);
        if (in != NULL)
            fclose(in);
        return EXIT_FAILURE;
    }
    for (; fgets(pair, sizeof pair, in) != NULL; n++) {
        bool free_order, noticed;

        pair[strcspn(pair, "\n")] = '\0';
        free_order = is_listed(pair);
        noticed = is_noticed(pair);
        if (noticed == free_order)
            printf(noticed ? "listed as order-free, but a case notices: %s\n"
                           : "no case notices when these change places: %s\n",
                   pair);
        bad += noticed == free_order;
    }
    fclose(in);
    for (size_t i = 0; i < n_listed; i++) {
        if (!listed[i].seen)
            printf("listed as order-free, but there is no such pair: %s\n", listed[i].pair);
        bad += !listed[i].seen;
    }
    printf("%zu pairs, %zu of them order-free, %zu wrong\n", n, n_listed, bad);
    free(listed);
    return bad == 0 && n > 0 && unreadable == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    bool without = argc > 3 && strcmp(argv[1], "--without") == 0;
    bool swapped = argc == 5 && strcmp(argv[1], "--swapped") == 0;
    int status;

    if (argc < 2 || nftw(argv[argc - 1], add_case, 16, 0) != 0) {
        fprintf(stderr, "usage: %s [--without BLOCK... -- | --swapped PAIRS ORDER_FREE] CASES\n",
                argv[0]);
        return 2;
    }
    status = without   ? run_without(argv + 2, argc - 4)
             : swapped ? run_swapped(argv[2], argv[3])
                       : run_all();
    for (size_t i = 0; i < n_cases; i++)
        case_free(cases[i]);
    free(cases);
    return status;
}
