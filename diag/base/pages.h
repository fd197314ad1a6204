/*
 * pages: large zeroed memory straight from the kernel, in huge pages where it has them
 * (madvise(2)): hundreds of page faults fewer, and nothing in the allocator's heap.
 */
#ifndef HOPPROOF_BASE_PAGES_H
#define HOPPROOF_BASE_PAGES_H

#include <stddef.h>

enum { PAGES_SIZE = 2 * 1024 * 1024 }; /* a huge page */

/* PAGES_SIZE octets; NULL without memory. */
void *pages_new(void);

/* NULL is fine. */
void pages_free(void *pages);

/*
 * For a time in which one thread wants many: a worker keeps a few in stock that it has touched, so
 * that the kernel's zeroing costs the caller no time. Does nothing where a worker does not help.
 * Not nested.
 */
void pages_stock(void);
void pages_stock_end(void);

#endif
