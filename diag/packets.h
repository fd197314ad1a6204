/*
 * packets: the recording as it is handed to people: with the report's words on the packets that
 * decided something and the names of the addresses; without credentials, and on request without
 * anything that names somebody (capture/disguise.h, by the pseudonyms of reports/redact.h).
 */
#ifndef HOPPROOF_PACKETS_H
#define HOPPROOF_PACKETS_H

#include "capture/wire.h"
#include "diag/model/report.h"

#include <stdbool.h>

struct fault;
struct redactor;
struct vault;

struct packets {
    const struct wire_file *wire; /* what wire_read made of the capture */
    int file;                     /* the capture itself, to be read from its beginning; -1: none */
    /* Where nothing else is hidden: */
    bool credentials;           /* leave those of the proxies readable */
    const struct vault *keylog; /* TLS secrets that the file is to hold, or NULL */
};

/*
 * Write them as pcapng to descriptor `to`. join_report has been called for `r`, which has its
 * pseudonyms already where `redactor` is not NULL. 0, or -1 with a fault.
 */
int packets_write(const struct packets *p, struct report *r, struct redactor *redactor, int to,
                  struct fault *f);

/* The same to a file of that name (reports/save.h). */
int packets_save(const struct packets *p, struct report *r, struct redactor *redactor,
                 const char *path, struct fault *f);

#endif
