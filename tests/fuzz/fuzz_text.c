/* Any bytes become printable UTF-8 of a bounded length. */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    size_t max = split_of(data, size);
    char *whole = text_printable(a, data, size, 16 * size + 16);
    char *cut = text_printable(a, data, size, max);

    MUST(text_is_printable(whole) && text_is_printable(cut));
    MUST(strlen(cut) <= max);
    MUST(strlen(whole) > max || strcmp(whole, cut) == 0);
    MUST(text_columns(whole) <= strlen(whole));
    arena_free(a);
    return 0;
}
