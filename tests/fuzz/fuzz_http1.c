/* Heads of answers and requests: where the bytes are cut must not matter. */
#include "diag/base/arena.h"
#include "diag/proto/http1.h"
#include "tests/fuzz/fuzz.h"

static void check_same(const struct http1 *a, const struct http1 *b)
{
    MUST(a->state == b->state && a->status == b->status && a->interim == b->interim);
    MUST(a->rule == b->rule);
    MUST(a->n_fields == b->n_fields);
    MUST(strcmp(http1_reason(a), http1_reason(b)) == 0);
    MUST(strcmp(http1_target(a), http1_target(b)) == 0);
    for (size_t i = 0; i < a->n_fields; i++) {
        MUST(strcmp(http1_field_name(a, i), http1_field_name(b, i)) == 0);
        MUST(strcmp(http1_field_value(a, i), http1_field_value(b, i)) == 0);
    }
}

static void check_complete(const struct http1 *h)
{
    struct arena *arena = arena_new();
    uint64_t len;

    for (size_t i = 0; i < h->n_fields; i++) {
        const char *value = http1_field_value(h, i);

        MUST(strpbrk(value, "\r\n") == NULL);
        MUST(http1_get(h, http1_field_name(h, i), 0) != NULL);
        MUST(http1_joined(h, http1_field_name(h, i), arena) != NULL);
    }
    http1_content_length(h, &len);
    http1_framing(h, "GET", &len);
    http1_has_token(h, "Connection", "close");
    arena_free(arena);
}

static void check(enum http1_kind kind, const uint8_t *data, size_t size)
{
    size_t cut = split_of(data, size), used, first, rest, one = 0;
    struct http1 whole, split, single;

    http1_init(&whole, kind);
    http1_init(&split, kind);
    http1_init(&single, kind);
    http1_feed(&whole, data, size, &used);
    MUST(used <= size && whole.received == used);
    MUST(whole.state != HTTP1_MORE || used == size);
    http1_feed(&split, data, cut, &first);
    http1_feed(&split, data + first, size - first, &rest);
    check_same(&whole, &split);
    while (one < size && single.state == HTTP1_MORE)
        http1_feed(&single, data + one++, 1, &rest);
    check_same(&whole, &single);
    if (whole.state == HTTP1_OK) {
        MUST(split.received == used && single.received == used);
        MUST(data[used - 1] == '\n');
        check_complete(&whole);
    }
    http1_free(&whole);
    http1_free(&split);
    http1_free(&single);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(HTTP1_ANSWER, data, size);
    check(HTTP1_REQUEST, data, size);
    return 0;
}
