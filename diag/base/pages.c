/* pages: see pages.h. */
#include "diag/base/pages.h"

#include "diag/base/supply.h"
#include "diag/base/worker.h"

#include <stdint.h>
#include <sys/mman.h>

enum { STOCK = 4 };

static struct {
    bool open;
    struct supply supply;
    void *pages[STOCK]; /* its places; NULL: no memory */
} stock;

static void *from_kernel(void)
{
    /* Only what is aligned can become a huge page: take more, give back what stands over. */
    size_t taken = 2 * (size_t)PAGES_SIZE, front;
    char *p = mmap(NULL, taken, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return NULL;
    front = (PAGES_SIZE - (uintptr_t)p % PAGES_SIZE) % PAGES_SIZE;
    if (front > 0)
        munmap(p, front);
    munmap(p + front + PAGES_SIZE, taken - front - PAGES_SIZE);
    (void)madvise(p + front, PAGES_SIZE, MADV_HUGEPAGE); /* without, it is only slower */
    return p + front;
}

void pages_free(void *pages)
{
    if (pages != NULL)
        munmap(pages, PAGES_SIZE);
}

/* Touched, not populated (madvise(2)): that would make others wait who want address space. */
static bool touch_one(void *unused, size_t place)
{
    (void)unused;
    stock.pages[place] = from_kernel();
    if (stock.pages[place] != NULL)
        *(volatile char *)stock.pages[place] = 0;
    return true;
}

static void drop_one(void *unused, size_t place)
{
    (void)unused;
    pages_free(stock.pages[place]);
}

void *pages_new(void)
{
    void *p;

    if (!stock.open)
        return from_kernel();
    p = stock.pages[supply_take(&stock.supply)];
    supply_give_back(&stock.supply);
    return p;
}

void pages_stock(void)
{
    stock.open = worker_helps() && supply_begin(&stock.supply, STOCK, touch_one, NULL) == 0;
}

void pages_stock_end(void)
{
    if (stock.open)
        supply_end(&stock.supply, drop_one);
    stock.open = false;
}
