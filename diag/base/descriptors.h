/* descriptors: how many more file descriptors this process may open (getrlimit(2)). */
#ifndef HOPPROOF_BASE_DESCRIPTORS_H
#define HOPPROOF_BASE_DESCRIPTORS_H

#include <stddef.h>

/* The number that are free now, after the soft limit was raised as far as the hard one allows. */
size_t descriptors_free(void);

#endif
