/* clock: the two clocks of a run, in microseconds (clock_gettime(2)). */
#ifndef HOPPROOF_BASE_CLOCK_H
#define HOPPROOF_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Monotonic time: for durations and timeouts. */
int64_t clock_monotonic_us(void);

/* Time of day since 1970 (UTC): for what a person or a capture compares. */
int64_t clock_wall_us(void);

/*
 * RFC 3339 in UTC with milliseconds, "2026-11-24T09:30:00.123Z"; of a time outside the years 1000
 * to 9999 the nearest one within. `to` has at least 32 bytes.
 */
void clock_rfc3339(int64_t wall_us, char *to, size_t room);

/* Seconds since 1970 of an RFC 3339 time in UTC as above; INT64_MIN when it is none. */
int64_t clock_parse_rfc3339(const char *text);

#endif
