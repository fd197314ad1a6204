/* squid_other: see squid_other.h. */
#include "diag/site/squid_other.h"

#include "diag/base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MINUTES = 24 * 60 };

/* Days (which Squid only complains about), or hours that do not pass midnight. */
static bool is_time(const char *value)
{
    unsigned from_h, from_m, to_h, to_m;

    if (value[0] < '0' || value[0] > '9')
        return true;
    if (strlen(value) > 11 || sscanf(value, "%2u:%2u-%2u:%2u", &from_h, &from_m, &to_h, &to_m) != 4)
        return false;
    return from_h * 60 + from_m <= to_h * 60 + to_m && to_h * 60 + to_m <= DAY_MINUTES;
}

/* "1/3", "1:3" or "0.33": more than never, less than always. */
static bool is_chance(const char *value)
{
    unsigned part, whole;
    char *end;
    double chance;

    if (sscanf(value, "%9u/%9u", &part, &whole) == 2 ||
        sscanf(value, "%9u:%9u", &part, &whole) == 2)
        return part > 0 && part < whole;
    chance = strtod(value, &end);
    return *end == '\0' && chance > 0 && chance < 1;
}

static bool is_count(const char *value)
{
    unsigned long count;

    return text_parse_uint(value, 0x7fffffff, &count) && count > 0;
}

const char *squid_other_refused(const char *type, const char *value)
{
    if (strcmp(type, "time") == 0)
        return is_time(value) ? NULL
                              : "write hours as 08:00-18:00; a night takes two lines, one up to "
                                "24:00 and one from 00:00";
    if (strcmp(type, "random") == 0)
        return is_chance(value) ? NULL : "write 1/3 or 0.33";
    if (strcmp(type, "maxconn") == 0)
        return is_count(value) ? NULL : "write a number from 1 on";
    return NULL;
}
