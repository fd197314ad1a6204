/* shape: see shape.h. */
#include "diag/model/shape.h"

#include "diag/base/arena.h"

#include <string.h>

void *shape_new(struct arena *a, const struct shape *shape)
{
    const int64_t unknown = INT_UNKNOWN;
    char *object = arena_alloc(a, shape->size);

    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct field *f = &shape->fields[i];

        if (f->kind == FIELD_INT || f->kind == FIELD_MS)
            memcpy(object + f->offset, &unknown, sizeof unknown);
    }
    return object;
}
