/* Chunked bodies: what is complete stays so, and a cut is no error. */
#include "diag/proto/http1.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cut = split_of(data, size), used, part_used;
    struct buf whole, part;
    enum decode verdict;

    buf_init(&whole, 4096);
    buf_init(&part, 4096);
    verdict = http1_unchunk(data, size, &whole, &used);
    MUST(used <= size && whole.len <= 4096);
    if (verdict == DECODE_OK) {
        MUST(http1_unchunk(data, cut, &part, &part_used) ==
             (cut < used ? DECODE_TRUNCATED : DECODE_OK));
        MUST(part.len <= whole.len);
        MUST(part.len == 0 || memcmp(part.data, whole.data, part.len) == 0);
    }
    buf_free(&whole);
    buf_free(&part);
    return 0;
}
