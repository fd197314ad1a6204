/* Redaction: whatever stands around a secret in a text, the secret goes, and the rest stays
 * printable. */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "reports/redact.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct redactor *rd = redact_new();
    struct arena *a = arena_new();
    const char *around = text_printable(a, data, size, 4096);
    const char *text =
        arena_printf(a, "%s 10.77.66.55 %s geheim.intern.example %s", around, around, around);
    const char *once = redact_text(rd, a, text), *twice = redact_text(rd, a, once);

    /* An input that says it by itself, within another word, says something else. */
    if (strstr(around, "10.77") == NULL && strstr(around, "intern") == NULL)
        MUST(strstr(once, "10.77.66.55") == NULL && strstr(once, "intern") == NULL);
    MUST(text_is_printable(once) && text_is_printable(twice));
    arena_free(a);
    redact_free(rd);
    return 0;
}
