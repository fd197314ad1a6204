/* endpoint_file: see endpoint_file.h. */
#include "diag/site/endpoint_file.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/site/endpoints.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* One UTF-16 unit; units behind the end read as zero. */
static uint32_t unit(const unsigned char *p, size_t left, bool big_endian)
{
    if (left < 2)
        return 0;
    return big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3f));
    to[2] = (char)(0x80 | (c >> 6 & 0x3f));
    to[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* What PowerShell's ">" and old Excel write (RFC 2781); lone surrogates become U+FFFD. */
static const char *from_utf16(struct arena *a, const char *bytes, size_t len, bool big_endian,
                              size_t *out_len)
{
    const unsigned char *p = (const unsigned char *)bytes;
    char *text = arena_alloc(a, len * 2 + 4); /* two octets become at most three */
    size_t n = 0;

    for (size_t i = 2; i + 1 < len; i += 2) {
        uint32_t c = unit(p + i, len - i, big_endian);

        if (c >= 0xd800 && c < 0xdc00) {
            uint32_t low = unit(p + i + 2, len - i - 2, big_endian);

            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            } else {
                c = 0xfffd;
            }
        } else if (c >= 0xdc00 && c < 0xe000) {
            c = 0xfffd;
        }
        n += put_utf8(text + n, c);
    }
    *out_len = n;
    return text;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "[2001:db8::1]:443" begins like a JSON array. */
static bool begins_with_address(const char *s)
{
    size_t n = strspn(s + 1, "0123456789abcdefABCDEF:.");

    return s[0] == '[' && s[1 + n] == ']' && memchr(s + 1, ':', n) != NULL;
}

static bool is_json(const char *text)
{
    while (is_blank(*text))
        text++;
    return *text == '{' || *text == '"' || (*text == '[' && !begins_with_address(text));
}

static int refuse_empty(struct endpoint_file *file, const char *text, struct fault *f)
{
    if (text[strspn(text, " \t\r\n")] == '\0')
        return fault_set(f, "%s: is empty; give a list with at least one endpoint", file->label);
    if (strstr(text, "\"addressPrefixes\"") != NULL)
        return fault_set(f,
                         "%s: names no endpoint; it looks like Azure's service tags, which belong "
                         "to --service-tags",
                         file->label);
    if (file->doubtful > 0)
        return fault_set(f,
                         "%s: names no endpoint (%s is none that is known to be one); write hosts "
                         "as HOST:PORT or https://HOST",
                         file->label, file->doubtful_example);
    return fault_set(f,
                     "%s: names no endpoint; give the portal's endpoint details file, or one host "
                     "a line",
                     file->label);
}

static void note_doubts(struct endpoint_file *file)
{
    if (file->doubtful == 0)
        return;
    endpoints_note(file->list,
                   arena_printf(file->arena,
                                "%s: %zu string%s that could be a host name %s left out, the first "
                                "is %s; write HOST:PORT where one is meant",
                                file->label, file->doubtful, file->doubtful == 1 ? "" : "s",
                                file->doubtful == 1 ? "was" : "were", file->doubtful_example));
}

int endpoint_file_read(struct endpoint_file *file, const char *bytes, size_t len, struct fault *f)
{
    const char *text = bytes;
    int rc;

    if (len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
        text = from_utf16(file->arena, bytes, len, bytes[0] == '\xfe', &len);
    else if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        text = arena_strndup(file->arena, bytes + 3, len -= 3);
    else
        text = arena_strndup(file->arena, bytes, len);
    if (len >= 4 && memcmp(text, "PK\x03\x04", 4) == 0)
        return fault_set(f, "%s: is a ZIP or Excel file; save the list as CSV or text",
                         file->label);
    if (memchr(text, '\0', len) != NULL)
        return fault_set(f, "%s: holds binary data; give JSON, CSV or plain text", file->label);
    if (is_json(text))
        rc = endpoint_json_read(file, text, f);
    else if (endpoint_csv_separator(text) != '\0')
        rc = endpoint_csv_read(file, text, f);
    else
        rc = endpoint_text_read(file, text, f);
    if (rc != 0)
        return -1;
    if (file->found == 0)
        return refuse_empty(file, text, f);
    note_doubts(file);
    return 0;
}

int endpoint_file_add(struct endpoint_file *file, unsigned long line, const char *text, size_t len,
                      const struct endpoint_facts *facts, struct fault *f)
{
    char source[512];
    struct fault why;

    snprintf(source, sizeof source, "%s:%lu", file->label, line);
    if (endpoints_add(file->list, text, len, facts, source, &why) != 0)
        return fault_at(f, file->label, line, "%s", why.text);
    file->found++;
    return 0;
}

void endpoint_file_doubt(struct endpoint_file *file, const char *text, size_t len)
{
    if (file->doubtful++ == 0)
        file->doubtful_example =
            arena_printf(file->arena, "\"%s\"", text_printable(file->arena, text, len, 80));
}
