/*
 * Capture files, redacted: whatever comes in, no frame shows more than it had, and an address or a
 * name that is in the file's own facts does not come out (pseudonyms here are one octet over and
 * over, so that everything that was let through by mistake stands out).
 */
#include "capture/disguise.h"
#include "capture/reader.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct addr address(void *context, const struct addr *a)
{
    struct addr to = *a;

    (void)context;
    memset(to.ip, 0xf5, a->family == AF_INET ? 4 : 16);
    return to;
}

static void mac(void *context, const uint8_t in[6], uint8_t to[6])
{
    (void)context;
    (void)in;
    memset(to, 0xf4, 6);
}

static const char *host(void *context, const char *name)
{
    char *to = context;

    MUST(strlen(name) < 256);
    for (size_t i = 0; i <= strlen(name); i++)
        to[i] = name[i] == '.' || name[i] == '\0' ? name[i] : 'q';
    return to;
}

static const char *interface(void *context, const char *name)
{
    (void)context;
    return name;
}

/* A long name that the capture's own reader found must not be in a frame any more. */
static void must_hide(const struct wire_file *file, const struct packet *p)
{
    for (size_t i = 0; i < file->n_dns && p->len > 0; i++) {
        const char *name = file->dns[i]->name;
        const size_t label = strcspn(name, ".\\");

        MUST(label < 12 || memmem(p->data, p->len, name, label) == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[512];
    const struct disguise_names names = {name, address, mac, host, interface};
    const struct wire_options options = {.max_flows = 1000};
    struct wire_file *file = NULL;
    struct disguise *d;
    struct reader r;
    struct packet p;

    if (wire_read_memory(data, size, &options, &file, NULL) != 0)
        return 0;
    d = disguise_new(file, &names);
    MUST(d != NULL);
    MUST(reader_open_memory(&r, data, size, NULL) == 0);
    while (reader_next(&r, &p)) /* ends with the file */
        disguise_learn(d, &p);
    reader_free(&r);
    MUST(reader_open_memory(&r, data, size, NULL) == 0);
    while (reader_next(&r, &p)) { /* ends with the file */
        uint32_t len = p.len;

        MUST(disguise_packet(d, &p) == 0);
        MUST(p.len <= len);
        must_hide(file, &p);
    }
    reader_free(&r);
    disguise_free(d);
    wire_file_free(file);
    return 0;
}
