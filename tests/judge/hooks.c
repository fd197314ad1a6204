/* hooks: see hooks.h. */
#include "tests/judge/hooks.h"

#include "diag/judge/sieve.h"

#include <string.h>

static const char *switched_off;

void hooks_switch_off(const char *block)
{
    switched_off = block;
}

bool judge_block(const char *name)
{
    return switched_off == NULL || strcmp(switched_off, name) != 0;
}
