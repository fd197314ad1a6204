/* clock: see clock.h. */
#include "diag/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The years 1000 to 9999: strftime(3) writes earlier ones without zeroes in front. */
#define FIRST_US (INT64_C(-30610224000) * 1000000)
#define LAST_US  (INT64_C(253402300799) * 1000000 + 999999)

static int64_t now_us(clockid_t id)
{
    struct timespec t = {0};

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
    return now_us(CLOCK_REALTIME);
}

void clock_rfc3339(int64_t wall_us, char *to, size_t room)
{
    /* A capture may claim any time; the format has years of four digits. */
    const int64_t us = wall_us < FIRST_US ? FIRST_US : wall_us > LAST_US ? LAST_US : wall_us;
    const int64_t ms = us / 1000 - (us % 1000 < 0); /* rounded down, also before 1970 */
    const time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    struct tm tm = {0};
    char date[24];

    gmtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(to, room, "%s.%03dZ", date, (int)(ms - (int64_t)seconds * 1000));
}

int64_t clock_parse_rfc3339(const char *text)
{
    struct tm tm = {0};
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

    if (rest == NULL)
        return INT64_MIN;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    return strcmp(rest, "Z") == 0 ? (int64_t)timegm(&tm) : INT64_MIN;
}
