/* hooks: see hooks.h. */
#include "tests/judge/hooks.h"

#include "diag/judge/sieve.h"

#include <string.h>

static const char *switched_off, *swapped;

void hooks_switch_off(const char *block)
{
    switched_off = block;
}

void hooks_swap(const char *pair)
{
    swapped = pair;
}

bool judge_block(const char *name)
{
    return switched_off == NULL || strcmp(switched_off, name) != 0;
}

bool judge_swapped(const char *pair)
{
    return swapped != NULL && strcmp(swapped, pair) == 0;
}
