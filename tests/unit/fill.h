/*
 * fill: an object of any shape with every field set to something, the same for the same seed.
 * Strings are taken from the including test's own list: define fill_samples and FILL_SAMPLES first.
 */
#ifndef HOPPROOF_TESTS_FILL_H
#define HOPPROOF_TESTS_FILL_H

#include "diag/base/arena.h"
#include "diag/model/report.h"

#include <string.h>

static unsigned fill_next(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16 & 0x7fff;
}

static const char *fill_sample(unsigned *seed)
{
    unsigned n = fill_next(seed) % (FILL_SAMPLES + 1);

    return n == FILL_SAMPLES ? NULL : fill_samples[n];
}

static void *fill(struct arena *a, const struct shape *shape, unsigned *seed);

static void fill_list(struct arena *a, const struct field *f, char *object, unsigned *seed)
{
    size_t n = fill_next(seed) % 3, done = 0;
    size_t size = f->kind == FIELD_INTS ? sizeof(int64_t) : sizeof(void *);
    char *list = NULL;

    while (done < n) {
        list = arena_grow(a, list, done, size);
        if (f->kind == FIELD_INTS) {
            ((int64_t *)(void *)list)[done] = fill_next(seed);
        } else {
            const char *s = fill_sample(seed);

            ((const void **)(void *)list)[done] = f->kind == FIELD_OBJS ? fill(a, f->shape, seed)
                                                  : s == NULL           ? ""
                                                                        : s;
        }
        done++;
    }
    memcpy(object + f->offset, &list, sizeof list);
    memcpy(object + f->count_offset, &n, sizeof n);
}

static void fill_field(struct arena *a, const struct field *f, char *object, unsigned *seed)
{
    void *to = object + f->offset;

    switch (f->kind) {
    case FIELD_STR:
        *(const char **)to = fill_sample(seed);
        break;
    case FIELD_INT:
    case FIELD_MS:
        if (fill_next(seed) % 4 != 0)
            *(int64_t *)to = (int64_t)fill_next(seed) * fill_next(seed) - 1000;
        break;
    case FIELD_BOOL:
        *(bool *)to = fill_next(seed) % 2 != 0;
        break;
    case FIELD_TRI:
        *(enum tri *)to = (enum tri)(fill_next(seed) % 3);
        break;
    case FIELD_NAME:
        *(int *)to = (int)(fill_next(seed) % f->names->n);
        break;
    case FIELD_STRS:
    case FIELD_INTS:
    case FIELD_OBJS:
        fill_list(a, f, object, seed);
        break;
    case FIELD_OBJ:
        if (fill_next(seed) % 4 != 0)
            *(void **)to = fill(a, f->shape, seed);
        break;
    case FIELD_DETAIL:
        *(void **)to = fill(a, step_detail_shape(((struct step *)(void *)object)->step), seed);
        break;
    }
}

static void *fill(struct arena *a, const struct shape *shape, unsigned *seed)
{
    char *object = shape_new(a, shape);

    for (size_t i = 0; i < shape->n_fields; i++)
        fill_field(a, &shape->fields[i], object, seed);
    if (fill_next(seed) % 4 == 0)
        *(const char **)(void *)(object + shape->unknown_offset) = "\"newer\":{\"a\":[1,2.5]}";
    return object;
}

#endif
