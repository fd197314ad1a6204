/* packets: see packets.h. */
#include "diag/packets.h"

#include "capture/evidence.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/vault.h"
#include "reports/redact.h"
#include "reports/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENTS_MAX = 200000, NAMES_MAX = 20000 };

/* A comment, and which one it is: qsort(3) promises nothing for those of one packet. */
struct numbered {
    struct evidence_comment comment;
    size_t number;
};

struct remarks {
    struct report *report;
    struct numbered *numbered;
    struct evidence_comment *comments;
    size_t n_comments;
    struct pcapng_name *names;
    size_t n_names;
};

/* "resolve ok, connect ok, tls timeout: tls-timeout": the steps that a flow carried. */
static const char *steps_of(struct report *r, const struct result *result, int64_t flow)
{
    const char *text = NULL;

    for (size_t i = 0; i < result->n_steps; i++) {
        const struct step *s = result->steps[i];

        if (s->flow != flow)
            continue;
        text = arena_printf(
            r->arena, "%s%s%s %s%s%s", text == NULL ? "" : text, text == NULL ? "" : ", ",
            names_word(&step_kind_names, (int)s->step), names_word(&outcome_names, (int)s->outcome),
            s->experiment != EXPERIMENT_NONE ? " in the experiment " : "",
            s->experiment != EXPERIMENT_NONE ? names_word(&experiment_names, (int)s->experiment)
                                             : "");
    }
    if (text == NULL) /* a further question of one resolve step */
        text = arena_printf(r->arena, "%s %s", result->wire->flows[flow]->proto,
                            result->wire->flows[flow]->state);
    return text;
}

static void remark(struct remarks *m, int64_t frame, const char *text)
{
    struct numbered c = {{.frame = (uint32_t)frame, .text = text}, m->n_comments};

    if (m->n_comments < COMMENTS_MAX && frame > 0)
        list_push(m->report->arena, m->numbered, m->n_comments, c);
}

/* Every result on the first packet of each of its flows, what the packet is on the decisive ones.
 */
static void remark_result(struct remarks *m, size_t index, const struct result *result)
{
    struct report *r = m->report;
    const struct wire *wire = result->wire;

    for (size_t i = 0; wire != NULL && i < wire->n_flows; i++) {
        const struct flow *f = wire->flows[i];

        if (f->n_frames > 0)
            remark(
                m, f->frames[0],
                arena_printf(
                    r->arena, "result %zu: %s over %s: %s%s%s: %s", index, result->endpoint,
                    result->route, names_word(&verdict_names, (int)result->verdict),
                    result->cause != CAUSE_NONE ? ", " : "",
                    result->cause != CAUSE_NONE ? names_word(&cause_names, (int)result->cause) : "",
                    steps_of(r, result, (int64_t)i)));
        for (size_t k = 0; k < f->n_ladder; k++)
            remark(m, f->ladder[k]->number,
                   arena_printf(r->arena, "result %zu: %s", index, f->ladder[k]->what));
    }
}

static int by_frame(const void *a, const void *b)
{
    const struct numbered *x = a, *y = b;
    uint32_t fx = x->comment.frame, fy = y->comment.frame;

    return fx != fy ? (fx > fy) - (fx < fy) : (x->number > y->number) - (x->number < y->number);
}

/* By packet; those of one packet stay in the order of the report. */
static void sort_comments(struct remarks *m)
{
    if (m->n_comments == 0)
        return;
    qsort(m->numbered, m->n_comments, sizeof *m->numbered, by_frame);
    m->comments = arena_alloc(m->report->arena, m->n_comments * sizeof *m->comments);
    for (size_t i = 0; i < m->n_comments; i++)
        m->comments[i] = m->numbered[i].comment;
}

/* Names that Wireshark can show: what the resolvers said. */
static void collect_names(struct remarks *m, const struct wire_file *file)
{
    for (size_t i = 0; i < file->n_dns; i++) {
        const struct wire_dns *d = file->dns[i];

        for (size_t k = 0; k < d->n_addresses && m->n_names < NAMES_MAX; k++) {
            struct pcapng_name name = {.addr = d->addresses[k], .name = d->name};

            list_push(m->report->arena, m->names, m->n_names, name);
        }
    }
}

/* --- the redactor as capture/disguise.h wants to ask it --- */

static struct addr pseudo_address(void *redactor, const struct addr *a)
{
    return redact_addr(redactor, a);
}

static void pseudo_mac(void *redactor, const uint8_t mac[6], uint8_t to[6])
{
    redact_mac_octets(redactor, mac, to);
}

static const char *pseudo_host(void *redactor, const char *name)
{
    return redact_name(redactor, name);
}

static const char *pseudo_interface(void *redactor, const char *name)
{
    return redact_interface(redactor, name);
}

/* --- writing --- */

/* What a reader of the file must know of it, in its own comment. */
static const char *about(const struct packets *p, struct report *r, bool redacted)
{
    const char *credentials = p->wire->n_secrets == 0 ? ""
                              : p->credentials        ? "; holds credentials in the clear"
                                                      : "; credentials are overwritten with x";

    return arena_printf(r->arena, "run %s of %s%s%s", r->run->id != NULL ? r->run->id : "-",
                        r->run->started != NULL ? r->run->started : "-",
                        redacted ? "; redacted: names and addresses are pseudonyms, what could not "
                                   "be given any is cut off or overwritten"
                                 : credentials,
                        p->keylog != NULL && !redacted ? "; holds the TLS secrets of the run" : "");
}

int packets_write(const struct packets *p, struct report *r, struct redactor *redactor, int to,
                  struct fault *f)
{
    const struct disguise_names names = {.context = redactor,
                                         .address = pseudo_address,
                                         .mac = pseudo_mac,
                                         .host = pseudo_host,
                                         .interface = pseudo_interface};
    struct remarks m = {.report = r};
    struct evidence e = {.file = p->wire,
                         .keep_secrets = p->credentials,
                         .disguise = redactor == NULL ? NULL : &names};

    for (size_t i = 0; i < r->n_results; i++)
        remark_result(&m, i, r->results[i]);
    collect_names(&m, p->wire);
    sort_comments(&m);
    e.about = about(p, r, redactor != NULL);
    e.comments = m.comments;
    e.n_comments = m.n_comments;
    e.names = m.names;
    e.n_names = m.n_names;
    if (p->keylog != NULL && redactor == NULL) {
        e.keylog = vault_text(p->keylog);
        e.keylog_len = vault_len(p->keylog);
    }
    return evidence_write(p->file, to, &e, f);
}

struct keeping {
    const struct packets *packets;
    struct report *report;
    struct redactor *redactor;
    struct fault why;
};

static int write_kept(void *context, FILE *out)
{
    struct keeping *k = context;

    return packets_write(k->packets, k->report, k->redactor, fileno(out), &k->why);
}

int packets_save(const struct packets *p, struct report *r, struct redactor *redactor,
                 const char *path, struct fault *f)
{
    struct keeping k = {.packets = p, .report = r, .redactor = redactor};

    if (save(path, write_kept, &k, f) == 0)
        return 0;
    return k.why.text[0] == '\0' ? -1 : fault_set(f, "%s: %s", path, k.why.text);
}
