/* pages: see pages.h. */
#include "diag/base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

void *pages_new(size_t size)
{
    /* Only what is aligned can become a huge page: take more, give back what stands over. */
    size_t taken = size + PAGES_SIZE, front;
    char *p;

    if (size > SIZE_MAX / 2)
        return NULL;
    p = mmap(NULL, taken, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    front = (PAGES_SIZE - (uintptr_t)p % PAGES_SIZE) % PAGES_SIZE;
    if (front > 0)
        munmap(p, front);
    munmap(p + front + size, taken - front - size);
    (void)madvise(p + front, size, MADV_HUGEPAGE); /* without, it is only slower */
    return p + front;
}

void pages_free(void *pages, size_t size)
{
    if (pages != NULL)
        munmap(pages, size);
}
