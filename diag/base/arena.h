/*
 * arena: memory that lives as long as the run, freed in one go.
 *
 * Everything that ends up in a report comes from the report's arena: no destructor to get wrong,
 * no leak. Live things (sockets, TLS connections) do not belong here. Out of memory ends the
 * process through arena_exhausted(), because a report that lost part of itself silently would
 * be worse than none; the program installs a handler that still writes what it can.
 */
#ifndef HOPPROOF_BASE_ARENA_H
#define HOPPROOF_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new, empty arena; never NULL (see arena_on_exhausted). */
struct arena *arena_new(void);

/* Free the arena and all that was taken from it; NULL is fine. */
void arena_free(struct arena *a);

/* `size` zeroed bytes, aligned for any type; never NULL. */
void *arena_alloc(struct arena *a, size_t size);

/* A copy of `len` bytes with a NUL behind; of a string (NULL gives NULL); printf-like. */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Bytes handed out so far (without overhead): for tests of memory bounds. */
size_t arena_used(const struct arena *a);

/*
 * Called once when the system has no memory left; it may write a last report, and must not
 * return. The default prints a line and exits with status 3.
 */
void arena_on_exhausted(void (*handler)(void));

/* arena_new_of(a, struct x): one zeroed object. */
#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))

/*
 * list_push(a, list, n, item): append to a growing array in the arena. `list` and `n` are
 * lvalues; the capacity is implied: the array is moved whenever n reaches a power of two.
 */
#define list_push(a, list, n, item)                                                                \
    do {                                                                                           \
        (list) = arena_grow((a), (list), (n), sizeof *(list));                                     \
        (list)[(n)++] = (item);                                                                    \
    } while (0)

/* The array with room for one element more than `n`, moved if needed; see list_push. */
void *arena_grow(struct arena *a, void *list, size_t n, size_t size);

#endif
