/* story_tls: see story_tls.h. RFC 8446 sections 4 and 5, RFC 5246 section 7. */
#include "tests/wire/story_tls.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void be16(struct buf *b, size_t v)
{
    uint8_t p[2] = {(uint8_t)(v >> 8), (uint8_t)v};

    buf_add(b, p, 2);
}

static void be24(struct buf *b, size_t v)
{
    buf_char(b, (char)(v >> 16));
    be16(b, v & 0xffff);
}

static void fill(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_char(b, (char)(i * 7));
}

/* A handshake message in records of at most 16 KiB. */
static void handshake(struct buf *out, uint8_t type, const struct buf *body)
{
    struct buf message;

    buf_init(&message, 256 * 1024);
    buf_char(&message, (char)type);
    be24(&message, body->len);
    buf_add(&message, body->data, body->len);
    for (size_t at = 0; at < message.len; at += 16384) {
        size_t part = message.len - at < 16384 ? message.len - at : 16384;

        buf_add(out, "\x16\x03\x03", 3);
        be16(out, part);
        buf_add(out, message.data + at, part);
    }
    buf_free(&message);
}

static void client_hello(struct buf *out, const char *arg)
{
    size_t name = strcspn(arg, "/"),
           wanted = arg[name] == '/' ? strtoul(arg + name + 1, NULL, 10) : 0;
    struct buf body, ext;

    buf_init(&body, 65535);
    buf_init(&ext, 65535);
    be16(&body, 0x0303);
    fill(&body, 32);
    buf_char(&body, 0);
    be16(&body, 4);
    be16(&body, 0x1301);
    be16(&body, 0xc02f);
    buf_add(&body, "\x01\x00", 2);
    if (name > 0) {
        be16(&ext, 0);
        be16(&ext, name + 5);
        be16(&ext, name + 3);
        buf_char(&ext, 0);
        be16(&ext, name);
        buf_add(&ext, arg, name);
    }
    be16(&ext, 43);
    be16(&ext, 5);
    buf_add(&ext, "\x04\x03\x04\x03\x03", 5);
    if (wanted > 4 + body.len + 2 + ext.len + 4) {
        size_t padding = wanted - (4 + body.len + 2 + ext.len + 4);

        be16(&ext, 21);
        be16(&ext, padding);
        for (size_t i = 0; i < padding; i++)
            buf_char(&ext, 0);
    }
    be16(&body, ext.len);
    buf_add(&body, ext.data, ext.len);
    handshake(out, 1, &body);
    buf_free(&body);
    buf_free(&ext);
}

static void server_hello(struct buf *out, const char *arg)
{
    struct buf body;

    buf_init(&body, 1024);
    be16(&body, 0x0303);
    fill(&body, 32);
    buf_char(&body, 0);
    if (strcmp(arg, "1.3") == 0) {
        be16(&body, 0x1301);
        buf_char(&body, 0);
        be16(&body, 6);
        be16(&body, 43);
        be16(&body, 2);
        be16(&body, 0x0304);
    } else {
        be16(&body, 0xc02f);
        buf_char(&body, 0);
    }
    handshake(out, 2, &body);
    buf_free(&body);
}

/* One real certificate, in DER, from the folder of stories. */
static void certificate_file(struct buf *out, const char *name)
{
    char path[400];
    uint8_t der[4096];
    struct buf body;
    size_t len;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", STORIES, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    len = fread(der, 1, sizeof der, file);
    fclose(file);
    buf_init(&body, 65535);
    be24(&body, len + 3);
    be24(&body, len);
    buf_add(&body, der, len);
    handshake(out, 11, &body);
    buf_free(&body);
}

static void certificates(struct buf *out, size_t n)
{
    struct buf list, body;

    buf_init(&list, 65535);
    buf_init(&body, 65535);
    for (size_t i = 0; i < n; i++) {
        be24(&list, 900 + i);
        fill(&list, 900 + i);
    }
    be24(&body, list.len);
    buf_add(&body, list.data, list.len);
    handshake(out, 11, &body);
    buf_free(&list);
    buf_free(&body);
}

static void record(struct buf *out, uint8_t type, const char *bytes, size_t len)
{
    buf_char(out, (char)type);
    be16(out, 0x0303);
    be16(out, len);
    if (bytes != NULL)
        buf_add(out, bytes, len);
    else
        fill(out, len);
}

bool story_tls(struct buf *out, const char *word)
{
    const char *colon = strchr(word, ':'), *arg = colon != NULL ? colon + 1 : "";
    size_t len = colon != NULL ? (size_t)(colon - word) : strlen(word);
    struct buf empty;
    char alert[2] = {2, 0};

#define IS(name) (len == strlen(name) && memcmp(word, name, len) == 0)
    buf_init(&empty, 64);
    if (IS("hello")) {
        client_hello(out, arg);
    } else if (IS("server-hello")) {
        server_hello(out, arg);
    } else if (IS("cert")) {
        certificates(out, strtoul(arg, NULL, 10));
    } else if (IS("cert-file")) {
        certificate_file(out, arg);
    } else if (IS("cert-request")) {
        buf_add(&empty, "\x01\x01\x00\x02\x04\x01\x00\x00", 8);
        handshake(out, 13, &empty);
    } else if (IS("hello-done")) {
        handshake(out, 14, &empty);
    } else if (IS("ccs")) {
        record(out, 20, "\x01", 1);
    } else if (IS("alert")) {
        alert[1] = (char)strtoul(arg, NULL, 10);
        record(out, 21, alert, 2);
    } else if (IS("finished")) {
        record(out, 22, NULL, 40);
    } else if (IS("data")) {
        record(out, 23, NULL, strtoul(arg, NULL, 10));
    } else {
        buf_free(&empty);
        return false;
    }
#undef IS
    buf_free(&empty);
    return true;
}
