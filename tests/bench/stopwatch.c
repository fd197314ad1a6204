/*
 * Runs one command and says what it cost: bench_stopwatch REPORT COMMAND [ARGUMENT...]
 *
 * Writes {"wall_ms", "user_ms", "sys_ms", "rss_kib", "status"} into the file REPORT.
 * A program of its own because the kernel carries the parent's memory peak over a fork: measured
 * from Python, no child would ever show less than Python's own 15 MiB. CPU and peak include the
 * command's own children, also those that it did not wait for (a recorder that ends a moment
 * later): they are handed to this program (PR_SET_CHILD_SUBREAPER, prctl(2)) and added. The wall
 * time is the command's own. The peak is that of the largest one, not a sum.
 */
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double milliseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: bench_stopwatch REPORT COMMAND [ARGUMENT...]\n");
        return 2;
    }
    struct timespec begin, end;
    pid_t child;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    int error = posix_spawnp(&child, argv[2], NULL, NULL, argv + 2, environ);
    if (error) {
        fprintf(stderr, "bench_stopwatch: %s: %s\n", argv[2], strerror(error));
        return 3;
    }
    int status;
    struct rusage usage;
    if (wait4(child, &status, 0, &usage) != child)
        return 3;
    clock_gettime(CLOCK_MONOTONIC, &end);
    double user_ms = milliseconds(usage.ru_utime), sys_ms = milliseconds(usage.ru_stime);
    struct rusage left;
    while (wait4(-1, NULL, 0, &left) > 0) {
        user_ms += milliseconds(left.ru_utime);
        sys_ms += milliseconds(left.ru_stime);
        if (usage.ru_maxrss < left.ru_maxrss)
            usage.ru_maxrss = left.ru_maxrss;
    }

    double wall_ms =
        (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *report = fopen(argv[1], "we");
    if (!report) {
        perror(argv[1]);
        return 3;
    }
    fprintf(report,
            "{\"wall_ms\": %.3f, \"user_ms\": %.3f, \"sys_ms\": %.3f, "
            "\"rss_kib\": %ld, \"status\": %d}\n",
            wall_ms, user_ms, sys_ms, usage.ru_maxrss, code);
    return fclose(report) == 0 ? 0 : 3;
}
