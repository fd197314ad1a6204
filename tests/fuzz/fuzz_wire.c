/* Capture files: whatever comes in, reading ends, and what is counted adds up. */
#include "capture/wire.h"
#include "tests/fuzz/fuzz.h"

static void check_flow(const struct wire_file *file, const struct wire_flow *f)
{
    MUST(f->reading == NULL);
    MUST(f->older <= file->n_flows);
    MUST(f->side[0].packets + f->side[1].packets > 0);
    MUST(f->closed_by >= -1 && f->closed_by <= 1 && f->reset_by >= -1 && f->reset_by <= 1);
    for (int d = 0; d < 2; d++) {
        MUST(f->side[d].needless <= f->side[d].retransmits);
        MUST(f->side[d].packets == 0 || f->side[d].iface < file->n_interfaces);
    }
    if (f->talk != NULL) {
        int n = 0;

        for (const struct wire_tunnel *t = f->talk->tunnels; t != NULL; t = t->next, n++)
            MUST(t->target != NULL);
        MUST(n <= 1000000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct wire_options options = {.max_flows = 1000};
    struct wire_file *file = NULL;
    uint64_t packets = 0;

    if (wire_read_memory(data, size, &options, &file, NULL) != 0)
        return 0;
    MUST(file->n_flows <= 1000);
    for (size_t i = 0; i < file->n_flows; i++) {
        const struct wire_flow *f = wire_flow_at(file, i);
        struct addr src = wire_src(f), dst = wire_dst(f);

        check_flow(file, f);
        packets += f->side[0].packets + f->side[1].packets;
        MUST(wire_find(file, f->protocol, &src, &dst) != NULL);
    }
    MUST(packets <= file->packets);
    for (size_t i = 0; i < file->n_secrets; i++)
        MUST(file->secrets[i].len > 0 && file->secrets[i].len <= 65536);
    wire_file_free(file);
    return 0;
}
