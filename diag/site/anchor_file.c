/* anchor_file: see anchor_file.h. */
#include "diag/site/anchor_file.h"

#include "diag/base/fault.h"
#include "diag/base/file.h"

#include <stddef.h>
#include <string.h>

enum { MOST_BYTES = 16 << 20 }; /* a system's whole bundle has a quarter of a megabyte */

int anchor_file_check(struct arena *a, const char *path, struct fault *f)
{
    /* "BEGIN CERTIFICATE", and OpenSSL's own "X509 CERTIFICATE" and "TRUSTED CERTIFICATE" */
    static const char mark[] = "CERTIFICATE-----";
    const char *bytes;
    size_t len;

    if (file_read(a, path, MOST_BYTES, &bytes, &len, f) != 0)
        return -1;
    if (len == 0)
        return fault_set(f, "%s: is empty; give a PEM file of certificates", file_label(a, path));
    if (memmem(bytes, len, mark, sizeof mark - 1) == NULL)
        return fault_set(f, "%s: no certificate in PEM form; it must hold BEGIN CERTIFICATE lines",
                         file_label(a, path));
    return 0;
}
