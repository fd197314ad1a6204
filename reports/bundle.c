/*
 * bundle: see bundle.h. minizip makes the file, in memory, because it wants to seek. (libzip, the
 * other one, has no static library in Debian, and the portable binary must carry it.)
 */
#include "reports/bundle.h"

#include "diag/base/buf.h"
#include "diag/base/clock.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/text.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zip.h>

enum { PARTS = 3 };

struct bundle {
    zipFile zip;
    json_t *files, *left_out;
    zip_fileinfo info; /* of every entry: the start of the run, in UTC */
};

/* --- a file in memory for minizip: bytes and a position --- */

struct memory {
    struct buf bytes;
    size_t at;
};

static voidpf memory_open(voidpf opaque, const char *name, int mode)
{
    (void)name;
    (void)mode;
    return opaque;
}

static uLong memory_read(voidpf opaque, voidpf stream, void *to, uLong size)
{
    (void)opaque;
    (void)stream;
    (void)to;
    (void)size;
    return 0; /* what is created anew is never read back */
}

/* Over what is there, and behind it. */
static uLong memory_write(voidpf opaque, voidpf stream, const void *from, uLong size)
{
    struct memory *m = stream;
    size_t over = m->bytes.len - m->at;

    (void)opaque;
    over = over < size ? over : size;
    if (over > 0)
        memcpy(m->bytes.data + m->at, from, over);
    if (buf_add(&m->bytes, (const char *)from + over, size - over) != 0)
        return 0;
    m->at += size;
    return size;
}

static long memory_tell(voidpf opaque, voidpf stream)
{
    const struct memory *m = stream;

    (void)opaque;
    return (long)m->at;
}

static long memory_seek(voidpf opaque, voidpf stream, uLong offset, int origin)
{
    struct memory *m = stream;
    const size_t from = origin == ZLIB_FILEFUNC_SEEK_SET   ? 0
                        : origin == ZLIB_FILEFUNC_SEEK_CUR ? m->at
                                                           : m->bytes.len;

    (void)opaque;
    if (offset > m->bytes.len - from)
        return -1;
    m->at = from + offset;
    return 0;
}

static int memory_close(voidpf opaque, voidpf stream)
{
    (void)opaque;
    (void)stream;
    return 0;
}

static int memory_error(voidpf opaque, voidpf stream)
{
    const struct memory *m = stream;

    (void)opaque;
    return m->bytes.overflow;
}

/* --- entries --- */

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

static int store(struct bundle *b, const char *name, const void *data, size_t len)
{
    int result;

    if (len > UINT_MAX || zipOpenNewFileInZip(b->zip, name, &b->info, NULL, 0, NULL, 0, NULL,
                                              Z_DEFLATED, Z_DEFAULT_COMPRESSION) != ZIP_OK)
        return -1;
    result = zipWriteInFileInZip(b->zip, data, (unsigned)len);
    return zipCloseFileInZip(b->zip) == ZIP_OK && result == ZIP_OK ? 0 : -1;
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

/* The start of the run as an MS-DOS time; without one, the first that there is. */
static zip_fileinfo time_of(const struct report *r)
{
    const int64_t started =
        r->run->started == NULL ? INT64_MIN : clock_parse_rfc3339(r->run->started);
    const time_t t = started == INT64_MIN ? 0 : (time_t)started;
    zip_fileinfo info = {.tmz_date = {.tm_mday = 1, .tm_year = 1980}};
    struct tm tm;

    if (gmtime_r(&t, &tm) != NULL && tm.tm_year >= 80 && tm.tm_year < 200)
        info.tmz_date = (tm_zip){.tm_sec = (uInt)tm.tm_sec,
                                 .tm_min = (uInt)tm.tm_min,
                                 .tm_hour = (uInt)tm.tm_hour,
                                 .tm_mday = (uInt)tm.tm_mday,
                                 .tm_mon = (uInt)tm.tm_mon,
                                 .tm_year = (uInt)tm.tm_year + 1900};
    return info;
}

int bundle_write(const struct report *r, const struct bundle_file *files, size_t n, FILE *out)
{
    struct memory memory = {.at = 0};
    zlib_filefunc_def functions = {memory_open, memory_read,  memory_write, memory_tell,
                                   memory_seek, memory_close, memory_error, &memory};
    struct bundle b = {.files = json_array(), .left_out = json_array(), .info = time_of(r)};
    struct buf parts[PARTS];
    char *manifest = NULL;
    int result = -1;

    buf_init(&memory.bytes, INT_MAX);
    errno = ENOMEM; /* what goes wrong before the writing is for want of memory */
    if (draw_parts(r, parts) == 0 && b.files != NULL && b.left_out != NULL)
        b.zip = zipOpen2("memory", APPEND_STATUS_CREATE, NULL, &functions);
    if (b.zip != NULL)
        result = fill(&b, r, parts, files, n, &manifest);
    if (b.zip != NULL && zipClose(b.zip, NULL) != ZIP_OK)
        result = -1;
    if (result == 0 &&
        fwrite(buf_text(&memory.bytes), 1, memory.bytes.len, out) != memory.bytes.len)
        result = -1;
    json_decref(b.files);
    json_decref(b.left_out);
    free(manifest);
    for (int i = 0; i < PARTS; i++)
        buf_free(&parts[i]);
    buf_free(&memory.bytes);
    return result;
}
