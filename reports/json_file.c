/* json_file: reports from files; see json.h. */
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "reports/json.h"
#include "reports/json_skim.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The whole file; -1 with a fault when it cannot be read or is larger than any report. */
static int read_file(const char *path, const char *name, struct buf *bytes, struct fault *f)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    char piece[65536];
    size_t n;
    int result = 0;

    if (file == NULL)
        return fault_set(f, "%s: %s; %s", name, strerror(errno),
                         errno == ENOENT ? "give a report that hopproof wrote with --json"
                                         : file_todo(errno));
    while ((n = fread(piece, 1, sizeof piece, file)) > 0 && buf_add(bytes, piece, n) == 0)
        ;
    if (ferror(file))
        result = fault_set(f, "%s: %s; %s", name, strerror(errno),
                           errno == EISDIR ? "it is a folder: name the reports in it"
                                           : file_todo(errno));
    else if (bytes->overflow)
        result = fault_set(
            f, "%s: larger than any report; give a file that hopproof wrote with --json", name);
    else if (bytes->len == 0)
        result = fault_set(f,
                           "%s: is empty: the run that should have written it did not get that "
                           "far, or its disk was full; give a file that hopproof wrote with --json",
                           name);
    else if (file_is_zip(bytes->data, bytes->len))
        result = fault_set(f,
                           "%s: is a ZIP file; unpack it first: the report of a bundle is "
                           "report.json in it",
                           name);
    if (file != stdin)
        fclose(file);
    return result;
}

static int read_path(const char *path, bool outline, struct report **out, struct fault *f)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    struct buf bytes;
    int result;

    buf_init(&bytes, JSON_MAX_BYTES);
    result = read_file(path, name, &bytes, f);
    if (result == 0 && outline)
        bytes.len = json_skim((char *)bytes.data, bytes.len);
    if (result == 0)
        result = json_read_bytes(name, bytes.data, bytes.len, out, f);
    buf_free(&bytes);
    return result;
}

int json_read(const char *path, struct report **out, struct fault *f)
{
    return read_path(path, false, out, f);
}

int json_read_outline(const char *path, struct report **out, struct fault *f)
{
    return read_path(path, true, out, f);
}
