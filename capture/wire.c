/* wire: see wire.h. This file: reading a whole capture, and finding in what was read. */
#include "capture/wire.h"

#include "capture/wire_ear.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/pages.h"
#include "diag/model/shape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_all(struct ear *e)
{
    struct wire_file *file = e->file;

    if (e->reader.source.ahead != NULL) /* of a large file much is kept, too */
        pages_stock();
    while (wire_take_batch(e)) /* ends with the file */
        continue;
    pages_stock_end();
    if (e->reader.trouble[0] != '\0') {
        file->trouble = arena_strdup(file->arena, e->reader.trouble);
        file->trouble_at = e->reader.trouble_at;
    }
    file->undated = e->reader.undated;
    file->own = e->reader.own;
    file->redacted = e->reader.redacted;
    file->fragments_lost = fragments_lost(e->fragments);
    wire_take_interfaces(e);
    file->chunks = e->table->chunks;
    file->n_flows = e->table->n;
    for (size_t i = 0; i < file->n_flows; i++) {
        struct wire_flow *f = wire_flow_at(file, i);

        talk_over(&e->talks, f);
        track_finish(f);
    }
}

static int begin(struct ear *e, const struct wire_options *options)
{
    static const struct wire_options defaults;

    e->options = options != NULL ? options : &defaults;
    e->file = calloc(1, sizeof *e->file);
    e->table = calloc(1, sizeof *e->table);
    e->fragments = fragments_new();
    if (e->file == NULL || e->table == NULL || e->fragments == NULL)
        return -1;
    e->file->arena = arena_new();
    if (flow_table_init(e->table, e->options->max_flows) != 0)
        return -1;
    words_init(&e->words, e->file->arena, e->table->secret);
    return lookups_init(&e->lookups, e->file, &e->words, e->table->secret) != 0 ||
                   talks_init(&e->talks, e->file, &e->lookups, &e->words, e->table->secret) != 0
               ? -1
               : 0;
}

/* `status` is that of opening the reader. */
static int read_whole(struct ear *e, int status, const struct wire_options *options,
                      struct wire_file **out, struct fault *f)
{
    if (status == 0 && begin(e, options) != 0)
        status = fault_set(f, "out of memory");
    if (status == 0) {
        read_all(e);
        e->file->table = e->table;
        *out = e->file;
    } else {
        if (e->file != NULL)
            arena_free(e->file->arena);
        if (e->table != NULL)
            flow_table_free(e->table);
        free(e->table);
        free(e->file);
    }
    lookups_free(&e->lookups);
    talks_free(&e->talks);
    fragments_free(e->fragments);
    reader_free(&e->reader);
    return status;
}

int wire_read_fd(int fd, const struct wire_options *options, struct wire_file **out,
                 struct fault *f)
{
    struct ear e = {0};

    return read_whole(&e, reader_open_fd(&e.reader, fd, f), options, out, f);
}

int wire_read_memory(const void *bytes, size_t len, const struct wire_options *options,
                     struct wire_file **out, struct fault *f)
{
    struct ear e = {0};

    return read_whole(&e, reader_open_memory(&e.reader, bytes, len, f), options, out, f);
}

int wire_read(const char *path, const struct wire_options *options, struct wire_file **out,
              struct fault *f)
{
    struct fault inner = {""};
    int fd, status;

    if (strcmp(path, "-") == 0)
        return wire_read_fd(STDIN_FILENO, options, out, f);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(f, "%s: cannot be opened: %s; %s", path, strerror(errno),
                         file_todo(errno));
    status = wire_read_fd(fd, options, out, &inner);
    close(fd);
    return status == 0 ? 0 : fault_set(f, "%s: %s", path, inner.text);
}

void wire_file_free(struct wire_file *file)
{
    if (file == NULL)
        return;
    flow_table_free(file->table);
    free(file->table);
    arena_free(file->arena);
    free(file);
}

struct addr wire_src(const struct wire_flow *f)
{
    return addr_from_ip(f->is_v6 ? AF_INET6 : AF_INET, f->src, f->src_port);
}

struct addr wire_dst(const struct wire_flow *f)
{
    return addr_from_ip(f->is_v6 ? AF_INET6 : AF_INET, f->dst, f->dst_port);
}

struct wire_flow *wire_find(const struct wire_file *file, uint8_t protocol, const struct addr *a,
                            const struct addr *b)
{
    struct flow_key key;

    if (a->family != b->family)
        return NULL;
    flow_key_of(&key, a->family == AF_INET6, protocol, a->ip, a->port, b->ip, b->port);
    return flow_find(file->table, &key, flow_hash(file->table, &key));
}

struct wire_flow *wire_older(const struct wire_file *file, const struct wire_flow *f)
{
    return f->older == 0 ? NULL : wire_flow_at(file, f->older - 1);
}

const char *wire_state_name(enum wire_state state)
{
    static const char *const names[] = {"syn-sent", "syn-answered", "established", "midstream",
                                        "closing",  "closed",       "reset",       "datagrams"};

    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

int wire_reset_foreign(const struct wire_flow *f, int direction)
{
    const struct wire_side *side = &f->side[direction];

    if (side->resets == 0 || side->ttl_max == 0)
        return TRI_UNKNOWN; /* nothing to compare it with */
    if (side->reset_ttl < side->ttl_min || side->reset_ttl > side->ttl_max || side->after_reset)
        return TRI_YES;
    return TRI_NO;
}
