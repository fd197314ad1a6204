/*
 * sandbox: give up every right that a process does not need any more, for good.
 */
#ifndef HOPPROOF_CAPTURE_SANDBOX_H
#define HOPPROOF_CAPTURE_SANDBOX_H

#include <stdbool.h>

struct fault;

/*
 * Become the user behind sudo (else "nobody", when we are root), drop every capability, forbid
 * new ones (no_new_privs), and, with `filter`, allow only the system calls of a process that
 * reads descriptors which it has, writes to them and ends. 0, or -1 with a fault; then nothing
 * may be parsed.
 */
int sandbox_enter(bool filter, struct fault *f);

#endif
