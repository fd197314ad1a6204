/*
 * pages: large zeroed memory straight from the kernel, in huge pages where it has them
 * (madvise(2)): hundreds of page faults fewer, and nothing in the allocator's heap.
 */
#ifndef HOPPROOF_BASE_PAGES_H
#define HOPPROOF_BASE_PAGES_H

#include <stddef.h>

enum { PAGES_SIZE = 2 * 1024 * 1024 }; /* a huge page; sizes are best multiples of it */

/* NULL without memory. */
void *pages_new(size_t size);

/* NULL is fine. */
void pages_free(void *pages, size_t size);

#endif
