/* pcapng_write: see pcapng_write.h. */
#include "capture/pcapng_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER = 256 * 1024,
    BLOCK_INTERFACE = 1,
    BLOCK_SIMPLE = 3,
    BLOCK_NAMES = 4,
    BLOCK_STATISTICS = 5,
    BLOCK_ENHANCED = 6,
    BLOCK_SECRETS = 10,
    BLOCK_SECTION = 0x0a0d0d0a,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SHB_USERAPPL = 4,
    IF_NAME = 2,
    IF_TSRESOL = 9,
    IF_FILTER = 11,
    ISB_START = 2,
    ISB_END = 3,
    ISB_RECEIVED = 4,
    ISB_IFDROP = 5,
    ISB_OSDROP = 7,
    NAME_V4 = 1,
    NAME_V6 = 2,
    TLS_KEY_LOG = 0x544c534b,
    TEXT_MAX = 65000, /* an option's length has 16 bits */
};

int pcapng_writer_init(struct pcapng_writer *w, int fd)
{
    *w = (struct pcapng_writer){.fd = fd, .room = BUFFER, .buffer = malloc(BUFFER)};
    return w->buffer == NULL ? -1 : 0;
}

void pcapng_writer_free(struct pcapng_writer *w)
{
    free(w->buffer);
    w->buffer = NULL;
}

static void write_all(struct pcapng_writer *w, const uint8_t *p, size_t len)
{
    while (len > 0 && w->error == 0) { /* ends: each turn writes, or fails */
        ssize_t n = write(w->fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            w->error = n == 0 ? ENOSPC : errno;
            return;
        }
        p += n;
        len -= (size_t)n;
    }
}

static void empty_buffer(struct pcapng_writer *w)
{
    write_all(w, w->buffer, w->len);
    w->len = 0;
}

int pcapng_flush(struct pcapng_writer *w)
{
    empty_buffer(w);
    if (w->error != 0)
        return -1;
    w->kept = w->written;
    w->kept_packets = w->packets;
    return 0;
}

static void put(struct pcapng_writer *w, const void *bytes, size_t len)
{
    if (w->error != 0 || len == 0)
        return;
    w->written += len;
    if (len > w->room - w->len)
        empty_buffer(w);
    if (len > w->room) {
        write_all(w, bytes, len);
        return;
    }
    memcpy(w->buffer + w->len, bytes, len);
    w->len += len;
}

static void put_u16(struct pcapng_writer *w, uint16_t v)
{
    put(w, &v, 2);
}

static void put_u32(struct pcapng_writer *w, uint32_t v)
{
    put(w, &v, 4);
}

static size_t padded(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

static void put_padded(struct pcapng_writer *w, const void *bytes, size_t len)
{
    static const uint8_t zero[4];

    put(w, bytes, len);
    put(w, zero, padded(len) - len);
}

/* Head and tail of a block; `body` octets stand between them. */
static void head(struct pcapng_writer *w, uint32_t type, size_t body)
{
    put_u32(w, type);
    put_u32(w, (uint32_t)(body + 12));
}

static void tail(struct pcapng_writer *w, size_t body)
{
    put_u32(w, (uint32_t)(body + 12));
}

static size_t text_len(const char *s)
{
    size_t len = s == NULL ? 0 : strlen(s);

    return len > TEXT_MAX ? TEXT_MAX : len;
}

/* Room that an option takes; none for an empty text. */
static size_t option_room(const char *s)
{
    size_t len = text_len(s);

    return len == 0 ? 0 : 4 + padded(len);
}

static void put_option(struct pcapng_writer *w, uint16_t code, const void *value, size_t len)
{
    put_u16(w, code);
    put_u16(w, (uint16_t)len);
    put_padded(w, value, len);
}

static void put_text(struct pcapng_writer *w, uint16_t code, const char *s)
{
    if (text_len(s) > 0)
        put_option(w, code, s, text_len(s));
}

static void put_end(struct pcapng_writer *w)
{
    put_u32(w, OPTION_END);
}

void pcapng_section(struct pcapng_writer *w, const char *comment, bool redacted)
{
    const char *program =
        redacted ? "hopproof " HOPPROOF_VERSION " (redacted)" : "hopproof " HOPPROOF_VERSION;
    static const uint64_t unknown_length = UINT64_MAX;
    size_t body = 16 + option_room(comment) + option_room(program) + 4;

    head(w, BLOCK_SECTION, body);
    put_u32(w, 0x1a2b3c4d);
    put_u16(w, 1);
    put_u16(w, 0);
    put(w, &unknown_length, 8);
    put_text(w, OPTION_COMMENT, comment);
    put_text(w, SHB_USERAPPL, program);
    put_end(w);
    tail(w, body);
}

/* secrets type 4 | length 4 | secrets, padded */
void pcapng_secrets(struct pcapng_writer *w, const char *keylog, size_t len)
{
    static const uint8_t zero[4];
    size_t body = 8 + padded(len);

    head(w, BLOCK_SECRETS, body);
    put_u32(w, TLS_KEY_LOG);
    put_u32(w, (uint32_t)len);
    empty_buffer(w);
    write_all(w, (const uint8_t *)keylog, len); /* not through the buffer: no copy is left there */
    w->written += len;
    put(w, zero, padded(len) - len);
    tail(w, body);
}

void pcapng_interface(struct pcapng_writer *w, const char *name, uint16_t linktype,
                      uint32_t snaplen, const char *filter)
{
    static const uint8_t microseconds = 6;
    /* The filter's value begins with an octet that says that it is text. */
    size_t filter_len = text_len(filter),
           filter_room = filter_len == 0 ? 0 : 4 + padded(filter_len + 1);
    size_t body = 8 + option_room(name) + 8 + filter_room + 4;

    head(w, BLOCK_INTERFACE, body);
    put_u16(w, linktype);
    put_u16(w, 0);
    put_u32(w, snaplen);
    put_text(w, IF_NAME, name);
    put_option(w, IF_TSRESOL, &microseconds, 1);
    if (filter_len > 0) {
        static const uint8_t zero[4];

        put_u16(w, IF_FILTER);
        put_u16(w, (uint16_t)(filter_len + 1));
        put(w, zero, 1);
        put(w, filter, filter_len);
        put(w, zero, padded(filter_len + 1) - filter_len - 1);
    }
    put_end(w);
    tail(w, body);
}

/*
 * original length 4 | data, padded: whole, and of the first interface. It has no room for comments;
 * the report says the same with the frame's number, while a made-up time would be false evidence.
 */
static bool write_simple(struct pcapng_writer *w, const struct pcapng_packet *p)
{
    const size_t body = 4 + padded(p->len);

    if (!p->undated || p->iface != 0 || p->len != p->wire_len)
        return false;
    head(w, BLOCK_SIMPLE, body);
    put_u32(w, p->wire_len);
    put_padded(w, p->data, p->len);
    tail(w, body);
    return true;
}

void pcapng_packet(struct pcapng_writer *w, const struct pcapng_packet *p)
{
    size_t options = 0, body;
    uint64_t time = (uint64_t)p->time_us;

    if (p->len > w->room - w->len)
        pcapng_flush(w); /* what is kept ends with a whole block */
    w->packets++;
    if (write_simple(w, p))
        return;
    for (size_t i = 0; i < p->n_comments; i++)
        options += option_room(p->comments[i]);
    if (options > 0)
        options += 4;
    body = 20 + padded(p->len) + options;
    head(w, BLOCK_ENHANCED, body);
    put_u32(w, p->iface);
    put_u32(w, (uint32_t)(time >> 32));
    put_u32(w, (uint32_t)time);
    put_u32(w, p->len);
    put_u32(w, p->wire_len);
    put_padded(w, p->data, p->len);
    for (size_t i = 0; i < p->n_comments; i++)
        put_text(w, OPTION_COMMENT, p->comments[i]);
    if (options > 0)
        put_end(w);
    tail(w, body);
}

static size_t name_len(const char *name)
{
    size_t len = strlen(name);

    return len > 255 ? 255 : len;
}

void pcapng_names(struct pcapng_writer *w, const struct pcapng_name *names, size_t n)
{
    size_t body = 4;

    for (size_t i = 0; i < n; i++)
        body +=
            4 + padded((names[i].addr.family == AF_INET ? 4 : 16) + name_len(names[i].name) + 1);
    if (n == 0)
        return;
    head(w, BLOCK_NAMES, body);
    for (size_t i = 0; i < n; i++) {
        bool v4 = names[i].addr.family == AF_INET;
        uint8_t value[16 + 256 + 4] = {0};
        size_t ip = v4 ? 4 : 16, len = name_len(names[i].name);

        memcpy(value, names[i].addr.ip, ip);
        memcpy(value + ip, names[i].name, len); /* a NUL stands behind */
        put_option(w, v4 ? NAME_V4 : NAME_V6, value, ip + len + 1);
    }
    put_end(w);
    tail(w, body);
}

static void put_time(struct pcapng_writer *w, uint16_t code, int64_t time_us)
{
    uint32_t value[2] = {(uint32_t)((uint64_t)time_us >> 32), (uint32_t)(uint64_t)time_us};

    put_option(w, code, value, sizeof value);
}

void pcapng_statistics(struct pcapng_writer *w, uint32_t iface, const struct pcapng_counts *c)
{
    uint64_t end = (uint64_t)c->end_us;
    size_t body = 12 + 5 * 12 + 4;

    head(w, BLOCK_STATISTICS, body);
    put_u32(w, iface);
    put_u32(w, (uint32_t)(end >> 32));
    put_u32(w, (uint32_t)end);
    put_time(w, ISB_START, c->start_us);
    put_time(w, ISB_END, c->end_us);
    put_option(w, ISB_RECEIVED, &c->received, 8);
    put_option(w, ISB_IFDROP, &c->dropped_interface, 8);
    put_option(w, ISB_OSDROP, &c->dropped_kernel, 8);
    put_end(w);
    tail(w, body);
}
