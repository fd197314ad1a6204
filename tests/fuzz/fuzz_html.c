/* Pages: the result is short, printable, and there is one for every input. */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/html.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    const char *software = NULL;
    char *title = html_title(a, data, size, 64), *text = html_text(a, data, size, 256);
    char *host = html_generated_by(a, data, size, &software);

    MUST(title == NULL || (strlen(title) <= 64 && text_is_printable(title)));
    MUST(text == NULL || (strlen(text) <= 256 && text_is_printable(text)));
    MUST(text == NULL || (text[0] != ' ' && strstr(text, "  ") == NULL));
    MUST(host == NULL || (host[0] != '\0' && text_is_printable(host)));
    MUST(software == NULL || text_is_printable(software));
    arena_free(a);
    return 0;
}
