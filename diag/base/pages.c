/* pages: see pages.h. */
#include "diag/base/pages.h"

#include "diag/base/worker.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

enum { STOCK = 4 };

static struct {
    bool open;
    pthread_t worker;
    sem_t room, ready; /* places of `pages` that are free; that are filled */
    atomic_bool stop;
    void *pages[STOCK]; /* in the order of `next`, round and round; NULL: no memory */
    size_t next;
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
static void *keep_stock(void *unused)
{
    for (size_t i = 0;; i = (i + 1) % STOCK) { /* ends when told */
        worker_wait(&stock.room);
        if (atomic_load(&stock.stop))
            return unused;
        stock.pages[i] = from_kernel();
        if (stock.pages[i] != NULL)
            *(volatile char *)stock.pages[i] = 0;
        sem_post(&stock.ready);
    }
}

void *pages_new(void)
{
    void *p;

    if (!stock.open)
        return from_kernel();
    worker_wait(&stock.ready);
    p = stock.pages[stock.next];
    stock.next = (stock.next + 1) % STOCK;
    sem_post(&stock.room);
    return p;
}

void pages_stock(void)
{
    if (!worker_helps())
        return;
    stock.next = 0;
    atomic_store(&stock.stop, false);
    sem_init(&stock.room, 0, STOCK);
    sem_init(&stock.ready, 0, 0);
    stock.open = worker_start(&stock.worker, keep_stock, NULL) == 0;
}

void pages_stock_end(void)
{
    if (!stock.open)
        return;
    stock.open = false;
    atomic_store(&stock.stop, true);
    sem_post(&stock.room);
    pthread_join(stock.worker, NULL);
    while (sem_trywait(&stock.ready) == 0) { /* ends: nobody raises it any more */
        pages_free(stock.pages[stock.next]);
        stock.next = (stock.next + 1) % STOCK;
    }
    sem_destroy(&stock.room);
    sem_destroy(&stock.ready);
}
