/* hooks: switch one block of the judge off (see sieve.h), or exchange two of them (see swap.py). */
#ifndef HOPPROOF_TESTS_JUDGE_HOOKS_H
#define HOPPROOF_TESTS_JUDGE_HOOKS_H

/* The block with this name does not apply from now on; NULL: all apply. */
void hooks_switch_off(const char *block);

/* The two blocks of this pair have changed places from now on; NULL: all stand where they are. */
void hooks_swap(const char *pair);

#endif
