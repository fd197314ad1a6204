/*
 * cmd_analyze: the same verdicts from a capture that somebody else recorded: read it, recognise
 * what it is about, tell its connections as steps, join, judge, write the reports.
 */
#include "capture/wire.h"
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/commands.h"
#include "diag/join.h"
#include "diag/judge/judge.h"
#include "diag/options.h"
#include "diag/output.h"
#include "diag/packets.h"
#include "diag/plan.h"
#include "diag/reenact.h"
#include "diag/sighting.h"
#include "diag/tagging.h"
#include "probes/trust.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int read_capture(const struct options *o, struct wire_file **file, struct fault *f)
{
    struct wire_options options = {0};
    uint16_t *ports = NULL;

    for (size_t i = 0; i < o->site->n_resolvers; i++)
        list_push(o->arena, ports, options.n_dns_ports, o->site->resolvers[i]->addr.port);
    options.dns_ports = ports;
    return wire_read(o->args[0], &options, file, f);
}

/* The run is what the capture shows, from its first packet to its last. */
static void set_time(struct report *r, const struct wire_file *file)
{
    char text[40];

    r->run->command = COMMAND_ANALYZE;
    clock_rfc3339(file->first_us, text, sizeof text);
    r->run->started = arena_strdup(r->arena, text);
    clock_rfc3339(file->last_us, text, sizeof text);
    r->run->finished = arena_strdup(r->arena, text);
    r->run->duration_us = file->last_us - file->first_us;
}

static void set_capture(struct report *r, const struct wire_file *file, const char *path)
{
    r->capture->file = arena_strdup(r->arena, path);
    r->capture->own = file->own;
    if (file->n_interfaces > 1) /* all were meant: none of them is the wrong one */
        r->capture->interface = "any";
}

static void note_limits(struct report *r, const struct sighting *s, const struct reenact *e)
{
    if (r->n_results == 0) {
        r->run->complete = false;
        report_note(r, "the capture shows no connection to any endpoint; name them with --site or "
                       "--endpoints, or record from before the first connection");
    }
    if (e->file->redacted)
        report_note(r, "the capture was redacted: names and addresses are pseudonyms, and "
                       "certificates are not judged, because their signatures no longer hold");
    if (e->hidden > 0)
        report_note(r,
                    "TLS 1.3 hides certificates: of %zu %s it cannot be told whose they were and "
                    "whether they convince",
                    e->hidden, e->hidden == 1 ? "handshake" : "handshakes");
    if (e->refused_hidden > 0)
        report_note(r,
                    "in %zu of them the client ended right after the certificate, which most often "
                    "means that it did not accept it",
                    e->refused_hidden);
    sighting_note(s, r);
}

/*
 * The capture once more, for the bundle; -1 when there is none any more. A named pipe that was read
 * to its end would wait for another writer (fifo(7)): it is opened without waiting, and cannot be
 * read again, as standard input.
 */
static int open_again(const char *path)
{
    return strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static int analyze(struct options *o, struct report *r, const struct wire_file *file)
{
    struct sighting *sighting = sighting_new(o->site, o->arena, file);
    struct packets packets = {.wire = file};
    struct reenact reenact = {.report = r, .file = file, .ca_file = o->site->ca_file};
    struct service_tags *tags;
    struct fault f;
    int status;

    if (plan_make(o->site, r, &f) != 0 || tagging_read(o->site, o->arena, r, &tags, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        return STATUS_USAGE;
    }
    set_time(r, file);
    set_capture(r, file, o->args[0]);
    reenact.epoch_us = join_epoch(r);
    sighting_reenact(sighting, &reenact);
    sighting_clocks(sighting, &reenact);
    note_limits(r, sighting, &reenact);
    join_report(r, file);
    tagging_apply(tags, r);
    tagging_note_private_links(r);
    judge_report(r);
    trust_free(reenact.trust);
    packets.file = open_again(o->args[0]);
    status = output_report(o, r, &packets);
    if (packets.file > STDIN_FILENO)
        close(packets.file);
    return status;
}

int cmd_analyze(struct options *o)
{
    struct wire_file *file;
    struct report *r;
    struct fault f;
    int status;

    if (read_capture(o, &file, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        return STATUS_USAGE;
    }
    r = report_new();
    status = analyze(o, r, file);
    report_free(r);
    wire_file_free(file);
    return status;
}
