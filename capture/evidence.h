/*
 * evidence: a capture written again for people: commented, with names, without credentials, on
 * request without anything that names somebody.
 */
#ifndef HOPPROOF_CAPTURE_EVIDENCE_H
#define HOPPROOF_CAPTURE_EVIDENCE_H

#include "capture/disguise.h"
#include "capture/pcapng_write.h"
#include "capture/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

struct evidence_comment {
    uint32_t frame;
    const char *text;
};

struct evidence {
    const struct wire_file *file;            /* made of the same capture: knows where secrets are */
    const char *about;                       /* comment of the whole file, or NULL */
    const struct evidence_comment *comments; /* by frame, ascending; several may share one */
    size_t n_comments;
    const struct pcapng_name *names;
    size_t n_names;
    bool keep_secrets;
    const char *keylog; /* TLS secrets to add, in the NSS key log format; NULL: none */
    size_t keylog_len;
    /* NULL: as it is. Else comments are fit to be shown already; names and interfaces are not. */
    const struct disguise_names *disguise;
};

/*
 * Read the capture from the beginning of descriptor `from` (it is moved there), write it to `to`
 * as pcapng. A packet keeps its number. 0, or -1 with a fault; `to` is then incomplete.
 */
int evidence_write(int from, int to, const struct evidence *e, struct fault *f);

#endif
