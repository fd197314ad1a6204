/* hooks: switch one block of the judge off; see sieve.h. */
#ifndef HOPPROOF_TESTS_JUDGE_HOOKS_H
#define HOPPROOF_TESTS_JUDGE_HOOKS_H

/* The block with this name does not apply from now on; NULL: all apply. */
void hooks_switch_off(const char *block);

#endif
