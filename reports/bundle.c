/* bundle: see bundle.h; libzip makes the file, in memory, because it wants to seek. */
#include "reports/bundle.h"

#include "diag/base/buf.h"
#include "diag/base/clock.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/text.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { PARTS = 3 };

struct bundle {
    zip_source_t *memory;
    zip_t *zip;
    json_t *files, *left_out;
    time_t time; /* of every entry: the start of the run */
};

static json_t *digest_of(const void *data, size_t len)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned n = 0;

    if (EVP_Digest(data, len, digest, &n, EVP_sha256(), NULL) != 1)
        return NULL;
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return json_string(hex);
}

/* An entry of the archive; the data must live until the archive is closed. */
static int store(struct bundle *b, const char *name, const void *data, size_t len)
{
    zip_source_t *source = zip_source_buffer(b->zip, data, len, 0);
    zip_int64_t index;

    if (source == NULL)
        return -1;
    index = zip_file_add(b->zip, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return -1;
    }
    return zip_file_set_mtime(b->zip, (zip_uint64_t)index, b->time, 0);
}

/* The same, and its line in the manifest. */
static int add(struct bundle *b, const char *name, const void *data, size_t len)
{
    json_t *digest = digest_of(data, len);
    json_t *line = digest == NULL ? NULL
                                  : json_pack("{s:s, s:I, s:o}", "name", name, "bytes",
                                              (json_int_t)len, "sha256", digest);

    if (line == NULL || json_array_append_new(b->files, line) != 0)
        return -1;
    return store(b, name, data, len);
}

static int draw_parts(const struct report *r, struct buf parts[PARTS])
{
    const struct text_style style = {.utf8 = true, .verbose = true};

    for (int i = 0; i < PARTS; i++)
        buf_init(&parts[i], (size_t)1 << 30);
    json_write_buf(r, &parts[0]);
    html_draw(r, &parts[1]);
    text_draw(r, style, &parts[2]);
    return parts[0].overflow || parts[1].overflow || parts[2].overflow ? -1 : 0;
}

static char *manifest_of(const struct bundle *b, const struct report *r)
{
    json_t *manifest =
        json_pack("{s:s, s:s?, s:s?, s:O, s:O}", "schema", "hopproof.bundle/1", "run", r->run->id,
                  "started", r->run->started, "files", b->files, "left_out", b->left_out);
    char *text = manifest == NULL ? NULL : json_dumps(manifest, JSON_INDENT(1));

    json_decref(manifest);
    return text;
}

static int fill(struct bundle *b, const struct report *r, struct buf parts[PARTS],
                const struct bundle_file *files, size_t n, char **manifest)
{
    static const char *const names[PARTS] = {"report.json", "report.html", "report.txt"};

    for (int i = 0; i < PARTS; i++) {
        if (add(b, names[i], buf_text(&parts[i]), parts[i].len) != 0)
            return -1;
    }
    for (size_t i = 0; i < n; i++) {
        json_t *line;

        if (files[i].data != NULL) {
            if (add(b, files[i].name, files[i].data, files[i].len) != 0)
                return -1;
            continue;
        }
        line = json_pack("{s:s, s:s}", "name", files[i].name, "why", files[i].why);
        if (line == NULL || json_array_append_new(b->left_out, line) != 0)
            return -1;
    }
    *manifest = manifest_of(b, r);
    return *manifest == NULL ? -1 : store(b, "manifest.json", *manifest, strlen(*manifest));
}

static int copy_out(zip_source_t *memory, FILE *out)
{
    char piece[65536];
    zip_int64_t n;
    int result = 0;

    if (zip_source_open(memory) != 0)
        return -1;
    while (result == 0 && (n = zip_source_read(memory, piece, sizeof piece)) != 0) {
        if (n < 0 || fwrite(piece, 1, (size_t)n, out) != (size_t)n)
            result = -1;
    }
    zip_source_close(memory);
    return result;
}

int bundle_write(const struct report *r, const struct bundle_file *files, size_t n, FILE *out)
{
    const int64_t started =
        r->run->started == NULL ? INT64_MIN : clock_parse_rfc3339(r->run->started);
    struct bundle b = {.time = started == INT64_MIN ? 0 : (time_t)started};
    struct buf parts[PARTS];
    char *manifest = NULL;
    int result = -1;
    zip_error_t error;

    zip_error_init(&error);
    errno = ENOMEM; /* what goes wrong before the writing is for want of memory */
    if (draw_parts(r, parts) != 0)
        goto out;
    b.files = json_array();
    b.left_out = json_array();
    b.memory = zip_source_buffer_create(NULL, 0, 0, &error);
    if (b.memory == NULL || b.files == NULL || b.left_out == NULL)
        goto out;
    zip_source_keep(b.memory); /* the archive takes one reference; the other reads it afterwards */
    b.zip = zip_open_from_source(b.memory, ZIP_TRUNCATE, &error);
    if (b.zip == NULL) {
        zip_source_free(b.memory);
        goto out;
    }
    if (fill(&b, r, parts, files, n, &manifest) != 0 || zip_close(b.zip) != 0)
        goto out;
    b.zip = NULL;
    result = copy_out(b.memory, out);
out:
    if (b.zip != NULL)
        zip_discard(b.zip);
    if (b.memory != NULL)
        zip_source_free(b.memory);
    json_decref(b.files);
    json_decref(b.left_out);
    free(manifest);
    for (int i = 0; i < PARTS; i++)
        buf_free(&parts[i]);
    zip_error_fini(&error);
    return result;
}
